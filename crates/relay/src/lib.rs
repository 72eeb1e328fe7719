//! STUN and TURN: how a browser learns its public address, and how two that cannot reach each other directly do so
//! through the server.
//!
//! Knows: STUN and TURN messages (RFC 8489, RFC 8656), who asks how often, who may reach whom.
//! Must not know: sockets, clocks, room and peer ids (it sees handles only), HTTP, what is inside the packets.
//!
//! # Layout
//! - [`io`]: what goes into the relay and what comes out.
//! - [`settings`]: modes, quotas, lifetimes, rates.
//! - [`credential`]: short-lived user names and passwords, and the handles in them.
//! - [`framing`]: packets in a stream.
//! - [`stun`]: the Binding server.

pub mod credential;
pub mod framing;
pub mod io;
pub mod settings;
pub mod stun;

pub use io::{Client, Family, Input, LocalSocket, Outbox, Output, PeerSocket, Transport};
pub use settings::{Mode, RelayLimits, Settings};
pub use stun::{Counters, Stun, StunLimits};
