//! Calls between real browsers. Each test has a network, a server and browsers of its own.
//!
//! `cargo xtask test e2e` builds the server and runs them one after the other; what a failed test saw (consoles,
//! screenshots, statistics, logs) is in `target/e2e-logs`.

mod accessible;
mod call_screen;
mod certificate;
mod check;
mod connection;
mod cut_off;
mod devices;
mod embedding;
mod installable;
mod keyboard;
mod languages;
mod listener;
mod lobby;
mod measuring;
mod names;
mod pairs;
mod relay;
mod renewal;
mod rooms;
mod server_killed;
mod settings;
mod sharing;
mod stun;
