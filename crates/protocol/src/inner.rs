//! Messages between two peers: always sealed, or on the data channel of a connection whose certificate has been
//! checked. CBOR (RFC 8949) with integer keys: keys and message kinds that a reader does not know are skipped,
//! so that a page opened before an upgrade keeps working with one opened after it.

use crate::ids::{CertificateHash, Generation, PeerId, PeerTokenHash};
use crate::limits;
use core::fmt;
use minicbor::data::Type;
use minicbor::decode::Error as CborError;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// The five fixed m-lines, in this order from the first offer on; the index is the m-line's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Slot {
    /// Sound of the microphone.
    Microphone = 0,
    /// Picture of the camera.
    Camera = 1,
    /// Picture of a shared screen, window or tab.
    Screen = 2,
    /// Sound of a shared screen or tab.
    ScreenSound = 3,
}

impl Slot {
    /// All four media m-lines, in order; the fifth m-line is data.
    pub const ALL: [Self; 4] = [Self::Microphone, Self::Camera, Self::Screen, Self::ScreenSound];
}

/// A subset of the slots: what somebody sends, or has switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Slots(#[n(0)] u8);

impl Slots {
    /// No slot.
    pub const NONE: Self = Self(0);

    /// Whether `slot` is in it.
    pub const fn has(self, slot: Slot) -> bool {
        self.0 & (1 << slot as u8) != 0
    }

    /// The same with `slot` in it or not.
    #[must_use]
    pub const fn with(self, slot: Slot, present: bool) -> Self {
        let bit = 1 << slot as u8;
        Self(if present { self.0 | bit } else { self.0 & !bit })
    }

    /// Those that are in `others` too.
    #[must_use]
    pub const fn within(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Those that are not in `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

/// The payload of both handshake messages. Open to whoever holds the link, and without forward secrecy in the
/// first message: nothing personal stands here.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// Hash of the sender's peer token: with the key from the handshake, makes the peer id.
    #[n(0)]
    #[cbor(with = "bytes32")]
    pub peer_token_hash: PeerTokenHash,
    /// Hash of the one DTLS certificate the sender uses for all its connections.
    #[n(1)]
    #[cbor(with = "bytes32")]
    pub certificate: CertificateHash,
    /// Bits for what the sender can do; none is defined yet.
    #[n(2)]
    pub capabilities: u32,
}

/// What travels in one sealed record, or in one data-channel message.
///
/// Sequence numbers and acknowledgements belong to the pair's session, not to a path: what was lost with one path
/// is sent again on another, and arrives once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Counts the sender's envelopes that carry messages, from 1; 0 for a bare acknowledgement.
    pub sequence: u32,
    /// The highest number up to which the sender has seen everything of the receiver's.
    pub acknowledged: u32,
    /// In order.
    pub messages: Vec<Message>,
}

/// One message to a peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// How the sender wants to be called.
    Profile(Profile),
    /// What the sender has switched on, and whether it is in the call.
    State(State),
    /// An offer; of the Noise initiator only.
    Offer(Description),
    /// The answer to the offer of the same generation.
    Answer(Description),
    /// Candidates for the connection of a generation.
    Candidates(Candidates),
    /// Asks the other end, which always offers, for an ICE restart or a new connection.
    RestartWanted(RestartWanted),
    /// The sender leaves the call.
    Bye,
    /// On a data channel: please pass this sealed record on to another peer, whom the sender cannot reach itself.
    Carry(Carried),
    /// On a data channel: a sealed record that another peer asked the sender to pass on. Never passed on again.
    Carried(Carried),
    /// Bytes of these pictures arrive, but nothing can be made of them: please begin them anew.
    PictureWanted(PictureWanted),
    /// A kind that this version does not know: skipped.
    Unknown(u32),
}

/// How somebody wants to be called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Profile {
    /// Display name as typed; whoever shows it cleans it first.
    #[n(0)]
    pub name: String,
}

/// What somebody has switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct State {
    /// Whether the sender is in the call (else in the lobby).
    #[n(0)]
    pub in_call: bool,
    /// What it sends.
    #[n(1)]
    pub sending: Slots,
    /// Of these, what rests for a moment: a share that was paused, a device that the system has taken, one that is
    /// being replaced. A page opened before there was this key skips it, and sees a picture that stands still.
    #[n(2)]
    #[cbor(default)]
    pub paused: Slots,
}

/// An offer or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Description {
    /// The connection it belongs to.
    #[n(0)]
    #[cbor(with = "generation")]
    pub generation: Generation,
    /// RFC 8866 text, without candidates.
    #[n(1)]
    pub sdp: String,
}

/// Candidates found since the last message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Candidates {
    /// The connection they belong to.
    #[n(0)]
    #[cbor(with = "generation")]
    pub generation: Generation,
    /// In the order they were found.
    #[n(1)]
    pub candidates: Vec<Candidate>,
    /// No more will come (RFC 8838, end-of-candidates).
    #[n(2)]
    pub complete: bool,
}

/// One candidate (RFC 8839, `candidate-attribute`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Candidate {
    /// `candidate:…`, without `a=`.
    #[n(0)]
    pub candidate: String,
    /// The m-line it was found for.
    #[n(1)]
    pub line_index: u16,
    /// The user fragment of the ICE generation it belongs to (RFC 8838, 4.).
    #[n(2)]
    pub username_fragment: Option<String>,
}

/// A wish to the end that offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct RestartWanted {
    /// The connection that needs it.
    #[n(0)]
    #[cbor(with = "generation")]
    pub generation: Generation,
    /// Not an ICE restart but a new connection.
    #[n(1)]
    pub rebuild: bool,
    /// Nothing is broken: the sender only hopes for a path without a relay.
    #[n(2)]
    #[cbor(default)]
    pub upgrade: bool,
}

/// A sealed record that takes the way over a third peer. It belongs to a session that stands already, so that who
/// carries it learns its length and nothing else, and can lose it, but not change it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct Carried {
    /// In [`Message::Carry`] for whom it is, in [`Message::Carried`] from whom.
    #[n(0)]
    #[cbor(with = "bytes16")]
    pub peer: PeerId,
    /// The record.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

/// Pictures that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(map)]
pub struct PictureWanted {
    /// Which.
    #[n(0)]
    pub slots: Slots,
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageError {
    /// Not CBOR of the expected shape.
    Shape,
    /// Something is longer than its limit.
    TooLong,
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "a peer's message has an unknown shape",
            Self::TooLong => "a part of a peer's message is longer than allowed",
        })
    }
}

impl core::error::Error for MessageError {}

impl Hello {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads it; bytes after it are an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        decode(bytes)
    }
}

impl Envelope {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads it and checks every limit; bytes after it are an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        // First of all: bounds what the decoder can be made to allocate, on the data channel too.
        if bytes.len() > limits::SEALED_BYTES {
            return Err(MessageError::TooLong);
        }
        let envelope: Self = decode(bytes)?;
        let within_limits = envelope.messages.len() <= MESSAGES_IN_ENVELOPE
            && envelope.messages.iter().all(Message::within_limits);
        if within_limits { Ok(envelope) } else { Err(MessageError::TooLong) }
    }
}

/// More than any sender of ours puts in one envelope.
const MESSAGES_IN_ENVELOPE: usize = 32;

impl Message {
    fn within_limits(&self) -> bool {
        match self {
            // A character has at most four bytes; the exact limit is applied when the name is cleaned.
            Self::Profile(profile) => profile.name.len() <= limits::NAME_CHARACTERS * 4,
            Self::Offer(description) | Self::Answer(description) => {
                description.sdp.len() <= limits::DESCRIPTION_BYTES
            }
            Self::Candidates(list) => {
                list.candidates.len() <= limits::CANDIDATES_IN_MESSAGE
                    && list.candidates.iter().all(|candidate| {
                        candidate.candidate.len() <= limits::CANDIDATE_BYTES
                            && candidate.username_fragment.as_ref().is_none_or(|text| text.len() <= 256)
                    })
            }
            Self::Carry(carried) | Self::Carried(carried) => carried.sealed.len() <= limits::SEALED_BYTES,
            Self::State(_)
            | Self::RestartWanted(_)
            | Self::Bye
            | Self::PictureWanted(_)
            | Self::Unknown(_) => true,
        }
    }
}

impl<C> Encode<C> for Envelope {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.map(3)?.u32(0)?.u32(self.sequence)?.u32(1)?.u32(self.acknowledged)?.u32(2)?;
        self.messages.encode(e, ctx)
    }
}

impl<'b, C> Decode<'b, C> for Envelope {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, CborError> {
        let mut envelope = Self::default();
        let fields = d.map()?.ok_or_else(|| CborError::message("indefinite length"))?;
        for _ in 0..fields {
            match d.u32()? {
                0 => envelope.sequence = d.u32()?,
                1 => envelope.acknowledged = d.u32()?,
                2 => envelope.messages = Vec::decode(d, ctx)?,
                _ => d.skip()?,
            }
        }
        Ok(envelope)
    }
}

/// A message is an array of its kind and its body, so that an unknown kind can be skipped.
impl<C> Encode<C> for Message {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Self::Profile(body) => body.encode(e.u32(1)?, ctx),
            Self::State(body) => body.encode(e.u32(2)?, ctx),
            Self::Offer(body) => body.encode(e.u32(3)?, ctx),
            Self::Answer(body) => body.encode(e.u32(4)?, ctx),
            Self::Candidates(body) => body.encode(e.u32(5)?, ctx),
            Self::RestartWanted(body) => body.encode(e.u32(6)?, ctx),
            Self::Bye => e.u32(7)?.map(0)?.ok(),
            Self::Carry(body) => body.encode(e.u32(8)?, ctx),
            Self::Carried(body) => body.encode(e.u32(9)?, ctx),
            Self::PictureWanted(body) => body.encode(e.u32(10)?, ctx),
            Self::Unknown(kind) => e.u32(*kind)?.map(0)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Message {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, CborError> {
        if d.array()? != Some(2) {
            return Err(CborError::message("a message has two parts"));
        }
        Ok(match d.u32()? {
            1 => Self::Profile(Decode::decode(d, ctx)?),
            2 => Self::State(Decode::decode(d, ctx)?),
            3 => Self::Offer(Decode::decode(d, ctx)?),
            4 => Self::Answer(Decode::decode(d, ctx)?),
            5 => Self::Candidates(Decode::decode(d, ctx)?),
            6 => Self::RestartWanted(Decode::decode(d, ctx)?),
            7 => {
                d.skip()?;
                Self::Bye
            }
            8 => Self::Carry(Decode::decode(d, ctx)?),
            9 => Self::Carried(Decode::decode(d, ctx)?),
            10 => Self::PictureWanted(Decode::decode(d, ctx)?),
            unknown => {
                d.skip()?;
                Self::Unknown(unknown)
            }
        })
    }
}

fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a `Vec` cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes
}

fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, MessageError> {
    let mut decoder = Decoder::new(bytes);
    // Nothing we write has indefinite lengths; refusing them up front bounds what a decoder may be made to do.
    if !matches!(decoder.datatype(), Ok(Type::Map)) {
        return Err(MessageError::Shape);
    }
    let value = decoder.decode().map_err(|_| MessageError::Shape)?;
    if decoder.position() == bytes.len() { Ok(value) } else { Err(MessageError::Shape) }
}

mod bytes32 {
    use super::{CborError, Decoder, Encoder};

    pub(super) fn encode<C, T, W>(
        value: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>>
    where
        T: Copy + Into<[u8; 32]>,
        W: minicbor::encode::Write,
    {
        let bytes: [u8; 32] = (*value).into();
        e.bytes(&bytes)?.ok()
    }

    pub(super) fn decode<'b, C, T: From<[u8; 32]>>(d: &mut Decoder<'b>, _: &mut C) -> Result<T, CborError> {
        let bytes: [u8; 32] = d.bytes()?.try_into().map_err(|_| CborError::message("32 bytes expected"))?;
        Ok(T::from(bytes))
    }
}

mod bytes16 {
    use super::{CborError, Decoder, Encoder, PeerId};

    pub(super) fn encode<C, W: minicbor::encode::Write>(
        value: &PeerId,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&value.0)?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<PeerId, CborError> {
        let bytes = d.bytes()?.try_into().map_err(|_| CborError::message("16 bytes expected"))?;
        Ok(PeerId(bytes))
    }
}

mod generation {
    use super::{CborError, Decoder, Encoder, Generation};

    pub(super) fn encode<C, W: minicbor::encode::Write>(
        value: &Generation,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u32(value.0)?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Generation, CborError> {
        Ok(Generation(d.u32()?))
    }
}
