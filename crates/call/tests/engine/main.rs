//! The engine as a whole, against a real `Rooms`, in a simulated world.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should panic"
)]

mod behaviour;
mod devices;
mod evil_server;
mod paths;
mod races;
mod simulation;
mod story;
mod survival;
#[allow(dead_code, reason = "shared with the example, each uses a part")]
mod world;
