//! STUN, and later TURN: how a browser learns its public address, without the server ever carrying media.
//!
//! Knows: STUN messages (RFC 8489), who asks how often.
//! Must not know: sockets, clocks, rooms, HTTP.
//!
//! # Layout
//! - [`stun`]: the Binding server.

pub mod stun;

pub use stun::{Counters, Stun, StunLimits};
