//! STUN and TURN: how a browser learns its public address, and how two that cannot reach each other directly do so
//! through the server.
//!
//! Knows: STUN and TURN messages (RFC 8489, RFC 8656), who asks how often, who may reach whom.
//! Must not know: sockets, clocks, room and peer ids (it sees handles only), HTTP, what is inside the packets.
//!
//! Everything goes through [`Relay::handle`]: one [`Input`] with the time, and what shall be done comes out in an
//! [`Outbox`], in order. [`Relay::next_deadline`] says when to come back with [`Input::Tick`].
//!
//! # Layout
//! - [`io`]: what goes into the relay and what comes out; [`settings`]: modes, quotas, lifetimes, rates;
//!   [`counters`]: what has happened.
//! - [`credential`]: short-lived user names and passwords, and the handles in them. For those who make them, too.
//! - [`address`]: which peers an open relay may reach.
//! - [`framing`]: packets in a stream. For the shell.
//! - [`stun`]: the Binding server; [`source`]: who asks how often.
//! - `relay`: the machine; `request`: Refresh, CreatePermission, ChannelBind; `allocate`: Allocate; `forward`: packets
//!   that are passed on.
//! - `allocation`, `port`, `quota`, `room`, `timers`: its parts; each keeps one kind of fact and decides nothing else.
//! - `message`, `nonce`, `authentication`: what requests say, and who sent them.

pub mod address;
pub mod counters;
pub mod credential;
pub mod framing;
pub mod io;
pub mod settings;
pub mod source;
pub mod stun;

mod allocate;
mod allocation;
mod authentication;
mod forward;
mod message;
mod nonce;
mod port;
mod quota;
mod relay;
mod request;
mod room;
mod timers;

pub use counters::{DropReason, RelayCensus, RelayCounters};
pub use io::{Client, Family, Input, LocalSocket, Outbox, Output, PeerSocket, Transport};
pub use relay::Relay;
pub use settings::{Mode, RelayLimits, Settings};
pub use source::{SourceGroup, SourceLimits};
pub use stun::{Counters, Stun};
