//! What travels between two Eyelines, and what the link holds.
//!
//! Knows: the link, ids, the outer records (client and server), the inner messages (peer and peer, sealed),
//! session descriptions and candidates as far as they must be checked, limits and defaults.
//! Must not know: sockets, browsers, clocks, tasks, encryption (that is `eyeline-seal`).
//!
//! # Layout
//! - [`ids`]: one type for each kind of id, secret and counter; how ids are derived.
//! - [`link`]: the part of the link behind the `#`.
//! - [`outer`]: records between a client and the server, hand-parsed, zero-copy.
//! - [`inner`]: messages between two peers, CBOR ([`cbor`]), always sealed or on a verified data
//!   channel.
//! - [`rate`]: the token bucket in which every limit over time is counted.
//! - [`sdp`], [`candidate`], [`name`]: what peers say, checked and cleaned before a browser or a person gets it.
//! - [`limits`]: every limit and default of the signaling service.
//!
//! The whole protocol in prose: `PROTOCOL.md` at the root of the repository.

pub mod candidate;
mod cbor;
pub mod ids;
pub mod inner;
pub mod limits;
pub mod link;
pub mod name;
pub mod outer;
pub mod rate;
pub mod sdp;

/// A point in time, or a length of time, in milliseconds.
///
/// The zero point is the shell's choice (page load, process start); it only has to be monotonic. The cores use
/// this instead of `std::time::Instant`, which panics in WebAssembly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Milliseconds(pub u64);

impl Milliseconds {
    /// A length of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds * 1000)
    }

    /// The time that has passed since `earlier`; zero when `earlier` lies ahead.
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

impl core::ops::Add for Milliseconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
