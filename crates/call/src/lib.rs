//! The call engine: one state machine for a participant's whole call.
//!
//! Knows: who is here, the sealed session and the peer connection with each, what is switched on, what a person
//! should be told. Decides everything a shell could be tempted to decide.
//! Must not know: browsers, sockets, clocks, tasks, the user interface. Time and events come in through
//! [`Call::handle`]; what shall be done goes out through an [`Outbox`]; what a person sees is [`Call::view`], a pure
//! function of the state.
//!
//! # Layout
//! - [`input`]: everything that can happen to a call.
//! - [`effect`]: everything a call can ask its shell to do, named after the browser's operations.
//! - [`view`]: what a person sees. [`quality`]: how well media comes. [`story`]: what happened when, for bug reports.
//! - [`call`]: the engine; [`config`]: the times it goes by; `pace`: the clock that it has, as far as the page keeps up.
//! - `signaling`: the connection to the server.
//! - `peer`: one other peer, made of `handshake` (making sessions), `session` and `delivery` (reliable messages in
//!   one), `pair` (the connection over all its generations), `connection` (one generation), `liveness` (the watch
//!   over it) and `thrift` (pictures that rest on a narrow line).
//! - [`diagnosis`]: "Check my connection": what was measured, and what to say of it.
//! - `media`: own devices. [`talking`]: into a muted microphone. `description`: what descriptions and candidates must be like.

pub mod call;
pub mod config;
mod connection;
mod delivery;
mod description;
pub mod diagnosis;
pub mod effect;
mod handshake;
pub mod input;
mod liveness;
mod media;
mod pace;
mod pair;
mod peer;
pub mod quality;
mod session;
mod signaling;
pub mod story;
pub mod talking;
mod thrift;
pub mod view;

pub use call::Call;
pub use config::Config;
pub use effect::{Effect, Outbox};
pub use input::Input;
pub use view::View;
