//! Keys from the link, and sealed sessions between two peers.
//!
//! Knows: the key schedule (HKDF labels), Noise `IXpsk0_25519_ChaChaPoly_SHA256`, padding, the replay window.
//! Must not know: how sealed bytes travel, when to send again, what the messages inside mean.
//!
//! [`Seal`] is what the call engine uses; it has two implementations: the real one, [`noise::NoiseSeal`] over `snow`,
//! and behind the feature `symbolic` the one for simulation and model checking, whose values can be cloned, compared
//! and hashed.
//!
//! # Layout
//! - [`keys`]: what is derived from the link; a page's own keys.
//! - [`entropy`]: where randomness comes from; always passed in, so that tests can repeat a run.
//! - [`noise`]: the real seal.
//! - [`padding`]: hides lengths.
//! - [`replay`]: tells records that come a second time.

pub mod entropy;
pub mod keys;
pub mod noise;
pub mod padding;
pub mod replay;
#[cfg(feature = "symbolic")]
pub mod symbolic;

use core::fmt;
use eyeline_protocol::ids::{PeerId, PeerToken, PublicKey, RoomToken};
use eyeline_protocol::inner::Hello;

/// Sealed sessions as the call engine sees them: one participant's keys, in one room.
pub trait Seal {
    /// A handshake that this end has begun and that awaits the second message.
    type Handshake;
    /// A finished session.
    type Session;

    /// This participant's id in the room.
    fn peer_id(&self) -> PeerId;
    /// What to show the server: opens the room.
    fn room_token(&self) -> RoomToken;
    /// What to show the server: with the key, makes the peer id.
    fn peer_token(&self) -> PeerToken;
    /// This participant's static public key.
    fn public_key(&self) -> PublicKey;

    /// Begins a handshake with `peer`. Returns the sealed bytes of the first message; repeat them as they are.
    fn begin(&mut self, peer: PeerId) -> Result<(Self::Handshake, Vec<u8>), SealError>;

    /// Reads a first message said to come from `peer`, and answers it. The session is of use for *receiving* at
    /// once, but must not replace a living one until its first record has been opened: the first message may be a
    /// replay.
    ///
    /// Fails unless key and token hash in it make `peer`.
    fn respond(&mut self, peer: PeerId, first: &[u8]) -> Result<Accepted<Self::Session>, SealError>;

    /// Reads the second message. On failure the handshake stays as it was: anybody may inject junk.
    fn finish(
        &mut self,
        handshake: &mut Self::Handshake,
        second: &[u8],
    ) -> Result<Established<Self::Session>, SealError>;

    /// Seals one message: pads it to a bucket, encrypts it under a nonce that is never used again.
    fn seal(&mut self, session: &mut Self::Session, message: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Opens one sealed record of this session: authenticates, then applies the replay window, then removes the
    /// padding.
    fn open(&mut self, session: &mut Self::Session, record: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Whether `record` carries this session's tag: cheap, no proof.
    fn belongs(&self, session: &Self::Session, record: &[u8]) -> bool;
}

/// What the responding end gets from a first message.
#[derive(Debug)]
pub struct Accepted<S> {
    /// The session.
    pub session: S,
    /// What the other end said of itself.
    pub hello: Hello,
    /// The sealed bytes of the second message.
    pub second: Vec<u8>,
}

/// What the beginning end gets from the second message.
#[derive(Debug)]
pub struct Established<S> {
    /// The session.
    pub session: S,
    /// What the other end said of itself.
    pub hello: Hello,
}

/// What a sealed record is, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// First handshake message.
    First,
    /// Second handshake message.
    Second,
    /// A message of a session.
    Message,
}

impl RecordKind {
    /// Tells the kind of a sealed record; `None` for anything else.
    pub fn of(record: &[u8]) -> Option<Self> {
        match record.first()? {
            1 => Some(Self::First),
            2 => Some(Self::Second),
            3 => Some(Self::Message),
            _ => None,
        }
    }

    /// The first byte of such a record.
    pub const fn byte(self) -> u8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Message => 3,
        }
    }
}

/// Why sealing or opening failed. Deliberately coarse: whoever sends junk learns nothing from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// Wrong key, wrong room, wrong peer, or altered on the way.
    NotAuthentic,
    /// Opened before.
    Replayed,
    /// Longer than a record may be.
    TooLong,
    /// The session has used up its nonces.
    Exhausted,
    /// The operating system or browser gave no random bytes.
    NoRandomness,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAuthentic => "a sealed record is not authentic",
            Self::Replayed => "a sealed record came a second time",
            Self::TooLong => "a message is too long to be sealed",
            Self::Exhausted => "a session has used up its nonces",
            Self::NoRandomness => "this system gives no random numbers",
        })
    }
}

impl core::error::Error for SealError {}
