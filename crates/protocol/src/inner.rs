//! Messages between two peers: always sealed, or on the data channel of a connection whose certificate has been
//! checked. CBOR (RFC 8949) with integer keys: keys and message kinds that a reader does not know are skipped,
//! so that a page opened before an upgrade keeps working with one opened after it.

use crate::cbor::{Malformed, Reader, Writer};
use crate::ids::{CertificateHash, Generation, PeerId, PeerTokenHash};
use crate::limits;
use core::fmt;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slots(u8);

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

    /// Those, and the ones in `others`.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Those that are not in `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

/// The payload of both handshake messages. Open to whoever holds the link, and without forward secrecy in the
/// first message: nothing personal stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Hash of the sender's peer token: with the key from the handshake, makes the peer id.
    pub peer_token_hash: PeerTokenHash,
    /// Hash of the one DTLS certificate the sender uses for all its connections.
    pub certificate: CertificateHash,
    /// Bits for what the sender can do; none is defined yet.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Display name as typed; whoever shows it cleans it first.
    pub name: String,
}

/// What somebody has switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// Whether the sender is in the call (else in the lobby).
    pub in_call: bool,
    /// What it sends.
    pub sending: Slots,
    /// Of these, what rests for a moment: a share that was paused, a device that the system has taken, one that is
    /// being replaced. A page opened before there was this key skips it, and sees a picture that stands still.
    pub paused: Slots,
    /// Of the paused ones, the pictures that rest because the connection with the receiver does not carry them beside the
    /// sound. A page opened before there was this key skips it, and says only that they rest.
    pub spared: Slots,
    /// Whether the sender has raised a hand: it would like to say something, or is asked to. A page opened before there
    /// was this key skips it.
    pub hand: bool,
}

/// An offer or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Description {
    /// The connection it belongs to.
    pub generation: Generation,
    /// RFC 8866 text, without candidates.
    pub sdp: String,
}

/// Candidates found since the last message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidates {
    /// The connection they belong to.
    pub generation: Generation,
    /// In the order they were found.
    pub candidates: Vec<Candidate>,
    /// No more will come (RFC 8838, end-of-candidates).
    pub complete: bool,
}

/// One candidate (RFC 8839, `candidate-attribute`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// `candidate:…`, without `a=`.
    pub candidate: String,
    /// The m-line it was found for.
    pub line_index: u16,
    /// The user fragment of the ICE generation it belongs to (RFC 8838, 4.).
    pub username_fragment: Option<String>,
}

/// A wish to the end that offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RestartWanted {
    /// The connection that needs it.
    pub generation: Generation,
    /// Not an ICE restart but a new connection.
    pub rebuild: bool,
    /// Nothing is broken: the sender only hopes for a path without a relay.
    pub upgrade: bool,
}

/// A sealed record that takes the way over a third peer. It belongs to a session that stands already, so that who
/// carries it learns its length and nothing else, and can lose it, but not change it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Carried {
    /// In [`Message::Carry`] for whom it is, in [`Message::Carried`] from whom.
    pub peer: PeerId,
    /// The record.
    pub sealed: Vec<u8>,
}

/// Pictures that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PictureWanted {
    /// Which.
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
        let mut writer = Writer::default();
        writer.map(3).number(0).bytes(&self.peer_token_hash.0);
        writer.number(1).bytes(&self.certificate.0).number(2).number(self.capabilities);
        writer.into_bytes()
    }

    /// Reads it; bytes after it are an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        whole(bytes, Self::read)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut peer_token_hash, mut certificate, mut capabilities) = (None, None, None);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => peer_token_hash = Some(PeerTokenHash(reader.array()?)),
                1 => certificate = Some(CertificateHash(reader.array()?)),
                2 => capabilities = Some(reader.number(u32::MAX)?),
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            peer_token_hash: peer_token_hash.ok_or(Malformed)?,
            certificate: certificate.ok_or(Malformed)?,
            capabilities: capabilities.ok_or(Malformed)?,
        })
    }
}

impl Envelope {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.map(3).number(0).number(self.sequence).number(1).number(self.acknowledged);
        writer.number(2).list(self.messages.len());
        for message in &self.messages {
            message.write(&mut writer);
        }
        writer.into_bytes()
    }

    /// Reads it and checks every limit; bytes after it are an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        // First of all: bounds what the decoder can be made to allocate, on the data channel too.
        if bytes.len() > limits::SEALED_BYTES {
            return Err(MessageError::TooLong);
        }
        let envelope = whole(bytes, Self::read)?;
        let within_limits = envelope.messages.len() <= MESSAGES_IN_ENVELOPE
            && envelope.messages.iter().all(Message::within_limits);
        if within_limits { Ok(envelope) } else { Err(MessageError::TooLong) }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut envelope = Self::default();
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => envelope.sequence = reader.number(u32::MAX)?,
                1 => envelope.acknowledged = reader.number(u32::MAX)?,
                2 => envelope.messages = items(reader, Message::read)?,
                _ => reader.skip()?,
            }
        }
        Ok(envelope)
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

/// A message is a list of its kind and its body, so that an unknown kind can be skipped.
impl Message {
    fn write(&self, writer: &mut Writer) {
        writer.list(2);
        match self {
            Self::Profile(body) => {
                writer.number(1).map(1).number(0).text(&body.name);
            }
            Self::State(body) => {
                writer.number(2).map(5).number(0).truth(body.in_call);
                writer.number(1).number(body.sending.0.into()).number(2).number(body.paused.0.into());
                writer.number(3).number(body.spared.0.into()).number(4).truth(body.hand);
            }
            Self::Offer(body) => body.write(writer.number(3)),
            Self::Answer(body) => body.write(writer.number(4)),
            Self::Candidates(body) => body.write(writer.number(5)),
            Self::RestartWanted(body) => {
                writer.number(6).map(3).number(0).number(body.generation.0);
                writer.number(1).truth(body.rebuild).number(2).truth(body.upgrade);
            }
            Self::Bye => {
                writer.number(7).map(0);
            }
            Self::Carry(body) => body.write(writer.number(8)),
            Self::Carried(body) => body.write(writer.number(9)),
            Self::PictureWanted(body) => {
                writer.number(10).map(1).number(0).number(body.slots.0.into());
            }
            Self::Unknown(kind) => {
                writer.number(*kind).map(0);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        if reader.list()? != 2 {
            return Err(Malformed);
        }
        Ok(match reader.number(u32::MAX)? {
            1 => Self::Profile(Profile::read(reader)?),
            2 => Self::State(State::read(reader)?),
            3 => Self::Offer(Description::read(reader)?),
            4 => Self::Answer(Description::read(reader)?),
            5 => Self::Candidates(Candidates::read(reader)?),
            6 => Self::RestartWanted(RestartWanted::read(reader)?),
            7 => {
                reader.skip()?;
                Self::Bye
            }
            8 => Self::Carry(Carried::read(reader)?),
            9 => Self::Carried(Carried::read(reader)?),
            10 => Self::PictureWanted(PictureWanted::read(reader)?),
            unknown => {
                reader.skip()?;
                Self::Unknown(unknown)
            }
        })
    }
}

// Each body is a map of the fields above, by their place, from 0. Unknown fields are skipped.

impl Slots {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        // The limit makes it fit.
        Ok(Self(reader.number(u8::MAX.into())? as u8))
    }
}

impl Profile {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut name = None;
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => name = Some(reader.text()?),
                _ => reader.skip()?,
            }
        }
        Ok(Self { name: name.ok_or(Malformed)? })
    }
}

impl State {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut in_call, mut sending, mut paused, mut spared) = (None, None, Slots::NONE, Slots::NONE);
        let mut hand = false;
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => in_call = Some(reader.truth()?),
                1 => sending = Some(Slots::read(reader)?),
                2 => paused = Slots::read(reader)?,
                3 => spared = Slots::read(reader)?,
                4 => hand = reader.truth()?,
                _ => reader.skip()?,
            }
        }
        let (in_call, sending) = (in_call.ok_or(Malformed)?, sending.ok_or(Malformed)?);
        Ok(Self { in_call, sending, paused, spared, hand })
    }
}

impl Description {
    fn write(&self, writer: &mut Writer) {
        writer.map(2).number(0).number(self.generation.0).number(1).text(&self.sdp);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut generation, mut sdp) = (None, None);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => generation = Some(Generation(reader.number(u32::MAX)?)),
                1 => sdp = Some(reader.text()?),
                _ => reader.skip()?,
            }
        }
        Ok(Self { generation: generation.ok_or(Malformed)?, sdp: sdp.ok_or(Malformed)? })
    }
}

impl Candidates {
    fn write(&self, writer: &mut Writer) {
        writer.map(3).number(0).number(self.generation.0).number(1).list(self.candidates.len());
        for candidate in &self.candidates {
            candidate.write(writer);
        }
        writer.number(2).truth(self.complete);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut generation, mut candidates, mut complete) = (None, None, None);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => generation = Some(Generation(reader.number(u32::MAX)?)),
                1 => candidates = Some(items(reader, Candidate::read)?),
                2 => complete = Some(reader.truth()?),
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            generation: generation.ok_or(Malformed)?,
            candidates: candidates.ok_or(Malformed)?,
            complete: complete.ok_or(Malformed)?,
        })
    }
}

impl Candidate {
    /// Without a user fragment, its field is left out.
    fn write(&self, writer: &mut Writer) {
        writer.map(if self.username_fragment.is_some() { 3 } else { 2 });
        writer.number(0).text(&self.candidate).number(1).number(self.line_index.into());
        if let Some(fragment) = &self.username_fragment {
            writer.number(2).text(fragment);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut candidate, mut line_index, mut username_fragment) = (None, None, None);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => candidate = Some(reader.text()?),
                // The limit makes it fit.
                1 => line_index = Some(reader.number(u16::MAX.into())? as u16),
                2 => username_fragment = reader.text_or_null()?,
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            candidate: candidate.ok_or(Malformed)?,
            line_index: line_index.ok_or(Malformed)?,
            username_fragment,
        })
    }
}

impl RestartWanted {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut generation, mut rebuild, mut upgrade) = (None, None, false);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => generation = Some(Generation(reader.number(u32::MAX)?)),
                1 => rebuild = Some(reader.truth()?),
                2 => upgrade = reader.truth()?,
                _ => reader.skip()?,
            }
        }
        Ok(Self { generation: generation.ok_or(Malformed)?, rebuild: rebuild.ok_or(Malformed)?, upgrade })
    }
}

impl Carried {
    fn write(&self, writer: &mut Writer) {
        writer.map(2).number(0).bytes(&self.peer.0).number(1).bytes(&self.sealed);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut peer, mut sealed) = (None, None);
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => peer = Some(PeerId(reader.array()?)),
                1 => sealed = Some(reader.bytes()?.to_owned()),
                _ => reader.skip()?,
            }
        }
        Ok(Self { peer: peer.ok_or(Malformed)?, sealed: sealed.ok_or(Malformed)? })
    }
}

impl PictureWanted {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut slots = None;
        for _ in 0..reader.map()? {
            match reader.key()? {
                0 => slots = Some(Slots::read(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(Self { slots: slots.ok_or(Malformed)? })
    }
}

fn items<'a, T>(
    reader: &mut Reader<'a>,
    read: fn(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut items = Vec::new();
    for _ in 0..reader.list()? {
        items.push(read(reader)?);
    }
    Ok(items)
}

/// Reads something that the bytes are, from the first to the last.
fn whole<'a, T>(
    bytes: &'a [u8],
    read: fn(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<T, MessageError> {
    let mut reader = Reader::new(bytes);
    match read(&mut reader) {
        Ok(value) if reader.is_at_end() => Ok(value),
        _ => Err(MessageError::Shape),
    }
}
