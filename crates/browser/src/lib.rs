//! The browser shell of the call engine: no user interface, no decisions.
//!
//! Knows: the browser's WebSocket, RTCPeerConnection, capture devices, timers and clock; how each effect of the
//! engine is carried out, and which event of the browser is which input.
//! Must not know: any user interface, the protocol's details, what should happen next in a call.
//!
//! # Layout
//! - [`client`]: [`Client`], which drives the engine; where effects become operations and events become inputs.
//! - [`room`]: links as a page needs them.
//! - `socket`: the WebSocket. `connection`: one peer connection and its queue of commands; `certificate` and `path`
//!   are what it reads from the browser, `traffic` too. `timer`: one that is not slowed down in the background.
//! - `capture`: own tracks. [`devices`]: what there is to choose from. `level`: how loud the microphone is, and the tone
//!   that tries a speaker. `permission`: what the person allows in the browser's settings.
//! - [`check`]: "Check my connection": measures what the engine's diagnosis judges.
//! - [`statistics`]: what a connection carries, in figures for people.
//! - `webrtc_ext`: what web-sys does not know yet. `js`: small helpers.

mod capture;
mod certificate;
pub mod check;
pub mod client;
mod connection;
pub mod devices;
mod js;
mod level;
mod movement;
mod path;
mod permission;
pub mod room;
mod socket;
pub mod statistics;
mod timer;
mod traffic;
mod webrtc_ext;

pub use client::{Change, Client, OpenError, attach};
pub use eyeline_call::diagnosis;
pub use eyeline_call::input::{Action, CaptureError, Path, RelayTransport};
pub use eyeline_call::quality::Quality;
pub use eyeline_call::story::{self, Story};
pub use eyeline_call::view;
pub use eyeline_protocol::ids::{Generation, PeerId};
pub use eyeline_protocol::inner::{Slot, Slots};
pub use eyeline_protocol::limits::NAME_CHARACTERS;
pub use eyeline_protocol::link::{Link, LinkError};
pub use eyeline_protocol::outer::Phase;
pub use js::mark;
