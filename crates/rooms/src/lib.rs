//! The server's rooms: who is in which, in what phase, and what is carried from one to another.
//!
//! Knows: connections by number, members, seats, rates, deadlines; the outer records of `eyeline-protocol`.
//! Must not know: sockets, WebSocket frames, HTTP, tasks, clocks, and what is sealed.
//!
//! Everything goes through [`Rooms::handle`]: one [`Input`] with the time, and what shall be done comes out in an
//! [`Outbox`], in order. [`Rooms::next_deadline`] says when to come back with [`Input::Tick`]. The state is
//! deterministic and can be cloned, compared and hashed, for simulation and model checking.
//!
//! All of it is soft: after a restart the members' next `Join`s rebuild it.
//!
//! # Layout
//! - [`io`]: what goes in and what comes out.
//! - [`address`]: what counts as one address; [`ice`]: who makes the members' credentials.
//! - `rooms`: the machine itself.
//! - `connection`, `room`, `visitors`, `timers`: its parts; each keeps one kind of fact and decides nothing else.

pub mod address;
pub mod ice;
pub mod io;

mod connection;
mod room;
mod rooms;
mod timers;
mod visitors;

pub use address::AddressGroup;
pub use ice::{AsAdvertised, IceServers};
pub use io::{Input, Outbox, Output, SocketId};
pub use rooms::{Census, Rooms, Settings};
