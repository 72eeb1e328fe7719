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
//! - [`view`]: what a person sees.

pub mod effect;
pub mod input;
pub mod view;

pub use effect::{Effect, Outbox};
pub use input::Input;
pub use view::View;
