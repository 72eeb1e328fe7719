//! Records between a client and the server.
//!
//! One binary WebSocket message (subprotocol [`SUBPROTOCOL`]) is a batch of records. A record is
//! `type u8 ‖ flags u8 ‖ length u16 ‖ body`, numbers big-endian, `length` counting the body only. A record of
//! unknown type is skipped when its flags have [`IGNORABLE`], and ends the connection when not. Parsing is by
//! hand and borrows from the message: forwarding a `Send` as a `Receive` rewrites the type and the address in
//! place, since both have the same shape.

use crate::Milliseconds;
use crate::ids::{ConnectionCounter, PeerId, PeerToken, PublicKey, RoomToken};
use core::fmt;

/// The WebSocket subprotocol both ends must name (RFC 6455, 1.9).
pub const SUBPROTOCOL: &str = "eyeline.1";

/// Flag of a record that a reader who does not know its type skips.
pub const IGNORABLE: u8 = 0b0000_0001;

/// Bytes of a record's header.
pub const HEADER_BYTES: usize = 4;

/// The most peers one `Join` may name as connected, and the most members in one `Welcome`.
pub const PEERS_IN_LIST: usize = 64;

/// The most ICE servers in one record.
pub const ICE_SERVERS: usize = 8;

/// The longest URL, user name or credential of an ICE server.
pub const ICE_TEXT_BYTES: usize = 512;

/// Where a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// The page is open, nobody has clicked Join: no seat, no media.
    Lobby = 0,
    /// In the call.
    Call = 1,
}

/// Why a client leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LeaveReason {
    /// The person pressed Leave.
    HungUp = 0,
    /// The page is being closed or reloaded.
    PageClosed = 1,
}

/// Why a member is no longer in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GoneReason {
    /// It said so.
    Left = 0,
    /// Its connection to the server broke: says nothing of the media, which may well go on.
    Lost = 1,
}

/// What went wrong, in an `Error` record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum ErrorCode {
    /// As many as may be in the call are in it.
    RoomFull = 1,
    /// As many as may wait in the lobby are waiting.
    LobbyFull = 2,
    /// Too many joins from this address; `retry_after` says when to come back.
    TooManyJoins = 3,
    /// Too many records or bytes.
    RateExceeded = 4,
    /// The stay in the lobby was too long.
    LobbyTimeout = 5,
}

/// Why a `Send` was not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NackCode {
    /// No such member in this room, as far as the server knows.
    NotPresent = 1,
    /// The other end reads too slowly.
    QueueFull = 2,
}

/// WebSocket close codes (RFC 6455, 7.4; 4000–4999 are ours) and what a client does on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// Answer to `Leave`. Done.
    Normal = 1000,
    /// The server is going down. Retry with jitter.
    GoingAway = 1001,
    /// The WebSocket protocol was broken. A defect of the client: reload.
    ProtocolError = 1002,
    /// A text message came. A defect of the client: reload.
    UnsupportedData = 1003,
    /// A text or a close reason was not UTF-8. A defect of the client: reload.
    InvalidPayload = 1007,
    /// A message was longer than the limit. A defect of the client: reload.
    MessageTooBig = 1009,
    /// A record could not be read. A defect of the client: reload.
    MalformedRecord = 4400,
    /// A record other than `Join` came first, or a second `Join`. A defect of the client: reload.
    OutOfOrder = 4401,
    /// No `Join` in time. Retry.
    JoinTimeout = 4408,
    /// A newer connection of the same page has taken over, or this one is older than that. Give up.
    Replaced = 4409,
    /// This connection read too slowly. Retry.
    TooSlow = 4413,
    /// The room or its lobby is full. Say so; retry on request.
    Full = 4423,
    /// Too many records, bytes or joins. Retry after the time in the `Error` record before.
    TooMany = 4429,
    /// The stay in the lobby was too long. Retry on the next sign of life.
    LobbyTimeout = 4440,
}

/// What a client should do after a connection was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterClose {
    /// Connect again, with growing pauses.
    Retry,
    /// Connect again when the person asks for it.
    RetryOnRequest,
    /// The client is broken or outdated: the person should reload the page.
    Reload,
    /// Do nothing: finished, or another connection has taken over.
    GiveUp,
}

impl AfterClose {
    /// What `code` asks for; unknown codes (and 1006, no close frame at all) ask for a retry.
    pub fn of(code: u16) -> Self {
        match code {
            c if c == CloseCode::Normal as u16 || c == CloseCode::Replaced as u16 => Self::GiveUp,
            c if c == CloseCode::Full as u16 || c == CloseCode::LobbyTimeout as u16 => Self::RetryOnRequest,
            c if c == CloseCode::ProtocolError as u16
                || c == CloseCode::InvalidPayload as u16
                || c == CloseCode::UnsupportedData as u16
                || c == CloseCode::MessageTooBig as u16
                || c == CloseCode::MalformedRecord as u16
                || c == CloseCode::OutOfOrder as u16 =>
            {
                Self::Reload
            }
            _ => Self::Retry,
        }
    }
}

/// The first record of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Where to enter.
    pub phase: Phase,
    /// Bits for what this client can do; none is defined yet.
    pub capabilities: u32,
    /// Higher than in every earlier connection of this page.
    pub counter: ConnectionCounter,
    /// Opens the room.
    pub room_token: RoomToken,
    /// With the key, makes the peer id.
    pub peer_token: PeerToken,
    /// The peer's static key.
    pub public_key: PublicKey,
    /// Peers this one has a living media connection with. A member who names someone present was in the call
    /// before, and is let in even when the room is full.
    pub connected: Vec<PeerId>,
}

/// A record from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientRecord<'a> {
    /// Enter a room.
    Join(Join),
    /// Go from the lobby to the call.
    Phase(Phase),
    /// Carry `sealed` to another member.
    Send {
        /// The member to carry it to.
        to: PeerId,
        /// The client's own number for it, echoed in a `Nack`.
        sequence: u32,
        /// Opaque to the server.
        sealed: &'a [u8],
    },
    /// Leave the room; the server closes the connection.
    Leave(LeaveReason),
    /// Ask for a sign of life: echoed as `Probed`.
    Probe(u64),
}

/// A STUN or TURN server for the client to use (W3C WebRTC, RTCIceServer).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IceServer {
    /// `stun:host:port`, `turn:…` or `turns:…` (RFC 7064, RFC 7065).
    pub url: String,
    /// Empty for STUN.
    pub username: String,
    /// Empty for STUN.
    pub credential: String,
}

/// The server's answer to `Join`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The other members, in the order they came. For display and for finding them; nothing else is trusted.
    pub roster: Vec<(PeerId, Phase)>,
    /// What to use for finding a path.
    pub ice_servers: Vec<IceServer>,
    /// This server's second STUN port, as `stun:host:port`; empty if it has none. Not for connections: whoever sees
    /// another mapped port here than at the first one is behind a NAT whose mapping depends on the destination
    /// (RFC 5780, 4.3).
    pub mapping_check: String,
    /// Members the call may have.
    pub members_in_call: u8,
    /// Version of the server.
    pub build: String,
}

/// A record from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerRecord<'a> {
    /// The answer to `Join`.
    Welcome(Welcome),
    /// A member has come, or has changed its phase.
    Joined(PeerId, Phase),
    /// Another member's `Send`.
    Receive {
        /// Who sent it: true as far as the server can be trusted; the seal proves it.
        from: PeerId,
        /// The sender's number.
        sequence: u32,
        /// Opaque to the server.
        sealed: &'a [u8],
    },
    /// A member's connection to the server has ended.
    Gone(PeerId, GoneReason),
    /// A `Send` was not delivered.
    Nack {
        /// The member it was for.
        to: PeerId,
        /// The number of that `Send`.
        sequence: u32,
        /// Why.
        code: NackCode,
    },
    /// Fresh credentials for the relay.
    Credentials(Vec<IceServer>),
    /// The server will close all connections `within` that time; come back after a random part of `spread`.
    Drain {
        /// When.
        within: Milliseconds,
        /// The time over which clients should spread.
        spread: Milliseconds,
    },
    /// Something was refused.
    Error {
        /// What.
        code: ErrorCode,
        /// When a new try makes sense; zero if at once.
        retry_after: Milliseconds,
    },
    /// The answer to `Probe`.
    Probed(u64),
}

/// Why a message could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// It ends in the middle of a record, or a record has more or fewer bytes than its fields.
    Length,
    /// A type that is not known and not ignorable.
    UnknownType(u8),
    /// A field has a value that is not defined.
    Value,
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => f.write_str("a record's length does not fit its content"),
            Self::UnknownType(kind) => write!(f, "records of type {kind:#04x} are not known here"),
            Self::Value => f.write_str("a field of a record has an undefined value"),
        }
    }
}

impl core::error::Error for RecordError {}

mod kind {
    pub(super) const JOIN: u8 = 0x01;
    pub(super) const PHASE: u8 = 0x02;
    pub(super) const SEND: u8 = 0x03;
    pub(super) const LEAVE: u8 = 0x04;
    pub(super) const PROBE: u8 = 0x05;
    pub(super) const WELCOME: u8 = 0x81;
    pub(super) const JOINED: u8 = 0x82;
    pub(super) const RECEIVE: u8 = 0x83;
    pub(super) const GONE: u8 = 0x84;
    pub(super) const NACK: u8 = 0x85;
    pub(super) const CREDENTIALS: u8 = 0x86;
    pub(super) const DRAIN: u8 = 0x87;
    pub(super) const ERROR: u8 = 0x88;
    pub(super) const PROBED: u8 = 0x89;
}

/// The records of one message, one after the other; ends after the first error.
#[derive(Clone, Debug)]
pub struct Records<'a, R> {
    rest: Reader<'a>,
    parse: fn(u8, Reader<'a>) -> Result<Option<R>, RecordError>,
}

impl<'a, R> Iterator for Records<'a, R> {
    type Item = Result<R, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.0.is_empty() {
            match self.record() {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(error) => {
                    self.rest = Reader(&[]);
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl<'a, R> Records<'a, R> {
    /// Bytes of the message behind the last record that was read.
    pub fn unread(&self) -> usize {
        self.rest.0.len()
    }

    fn record(&mut self) -> Result<Option<R>, RecordError> {
        let kind = self.rest.u8()?;
        let flags = self.rest.u8()?;
        let length = usize::from(self.rest.u16()?);
        let body = Reader(self.rest.take(length)?);
        match (self.parse)(kind, body) {
            Err(RecordError::UnknownType(_)) if flags & IGNORABLE != 0 => Ok(None),
            parsed => parsed,
        }
    }
}

impl<'a> ClientRecord<'a> {
    /// The records in one WebSocket message from a client.
    pub fn parse(message: &'a [u8]) -> Records<'a, Self> {
        Records { rest: Reader(message), parse: Self::body }
    }

    fn body(kind: u8, mut body: Reader<'a>) -> Result<Option<Self>, RecordError> {
        let record = match kind {
            kind::JOIN => Self::Join(Join {
                phase: body.phase()?,
                capabilities: body.u32()?,
                counter: ConnectionCounter(body.u64()?),
                room_token: body.id()?,
                peer_token: body.id()?,
                public_key: body.id()?,
                connected: body.list(PEERS_IN_LIST, |body| body.id())?,
            }),
            kind::PHASE => Self::Phase(body.phase()?),
            kind::SEND => Self::Send { to: body.id()?, sequence: body.u32()?, sealed: body.rest() },
            kind::LEAVE => Self::Leave(match body.u8()? {
                0 => LeaveReason::HungUp,
                1 => LeaveReason::PageClosed,
                _ => return Err(RecordError::Value),
            }),
            kind::PROBE => Self::Probe(body.u64()?),
            other => return Err(RecordError::UnknownType(other)),
        };
        body.end()?;
        Ok(Some(record))
    }

    /// Appends this record to a message.
    pub fn write(&self, message: &mut Vec<u8>) {
        let mut record = match self {
            Self::Join(join) => {
                let mut record = Writer::new(message, kind::JOIN);
                record.u8(join.phase as u8).u32(join.capabilities).u64(join.counter.0);
                record.bytes(&join.room_token.0).bytes(&join.peer_token.0).bytes(&join.public_key.0);
                record.list(PEERS_IN_LIST, &join.connected, |record, peer| {
                    record.bytes(&peer.0);
                });
                record
            }
            Self::Phase(phase) => {
                let mut record = Writer::new(message, kind::PHASE);
                record.u8(*phase as u8);
                record
            }
            Self::Send { to, sequence, sealed } => {
                let mut record = Writer::new(message, kind::SEND);
                record.bytes(&to.0).u32(*sequence).bytes(sealed);
                record
            }
            Self::Leave(reason) => {
                let mut record = Writer::new(message, kind::LEAVE);
                record.u8(*reason as u8);
                record
            }
            Self::Probe(value) => {
                let mut record = Writer::new(message, kind::PROBE);
                record.u64(*value);
                record
            }
        };
        record.finish();
    }
}

impl<'a> ServerRecord<'a> {
    /// The records in one WebSocket message from the server.
    pub fn parse(message: &'a [u8]) -> Records<'a, Self> {
        Records { rest: Reader(message), parse: Self::body }
    }

    fn body(kind: u8, mut body: Reader<'a>) -> Result<Option<Self>, RecordError> {
        let record = match kind {
            kind::WELCOME => Self::Welcome(Welcome {
                members_in_call: body.u8()?,
                roster: body.list(PEERS_IN_LIST, |body| Ok((body.id()?, body.phase()?)))?,
                ice_servers: body.ice_servers()?,
                mapping_check: body.text(ICE_TEXT_BYTES)?,
                build: body.text(ICE_TEXT_BYTES)?,
            }),
            kind::JOINED => Self::Joined(body.id()?, body.phase()?),
            kind::RECEIVE => Self::Receive { from: body.id()?, sequence: body.u32()?, sealed: body.rest() },
            kind::GONE => Self::Gone(
                body.id()?,
                match body.u8()? {
                    0 => GoneReason::Left,
                    1 => GoneReason::Lost,
                    _ => return Err(RecordError::Value),
                },
            ),
            kind::NACK => Self::Nack {
                to: body.id()?,
                sequence: body.u32()?,
                code: match body.u8()? {
                    1 => NackCode::NotPresent,
                    2 => NackCode::QueueFull,
                    _ => return Err(RecordError::Value),
                },
            },
            kind::CREDENTIALS => Self::Credentials(body.ice_servers()?),
            kind::DRAIN => Self::Drain { within: body.milliseconds()?, spread: body.milliseconds()? },
            kind::ERROR => Self::Error {
                code: match body.u16()? {
                    1 => ErrorCode::RoomFull,
                    2 => ErrorCode::LobbyFull,
                    3 => ErrorCode::TooManyJoins,
                    4 => ErrorCode::RateExceeded,
                    5 => ErrorCode::LobbyTimeout,
                    _ => return Err(RecordError::Value),
                },
                retry_after: body.milliseconds()?,
            },
            kind::PROBED => Self::Probed(body.u64()?),
            other => return Err(RecordError::UnknownType(other)),
        };
        body.end()?;
        Ok(Some(record))
    }

    /// Appends this record to a message.
    pub fn write(&self, message: &mut Vec<u8>) {
        let mut record = match self {
            Self::Welcome(welcome) => {
                let mut record = Writer::new(message, kind::WELCOME);
                record.u8(welcome.members_in_call);
                record.list(PEERS_IN_LIST, &welcome.roster, |record, (peer, phase)| {
                    record.bytes(&peer.0).u8(*phase as u8);
                });
                record.ice_servers(&welcome.ice_servers).text(&welcome.mapping_check).text(&welcome.build);
                record
            }
            Self::Joined(peer, phase) => {
                let mut record = Writer::new(message, kind::JOINED);
                record.bytes(&peer.0).u8(*phase as u8);
                record
            }
            Self::Receive { from, sequence, sealed } => {
                let mut record = Writer::new(message, kind::RECEIVE);
                record.bytes(&from.0).u32(*sequence).bytes(sealed);
                record
            }
            Self::Gone(peer, reason) => {
                let mut record = Writer::new(message, kind::GONE);
                record.bytes(&peer.0).u8(*reason as u8);
                record
            }
            Self::Nack { to, sequence, code } => {
                let mut record = Writer::new(message, kind::NACK);
                record.bytes(&to.0).u32(*sequence).u8(*code as u8);
                record
            }
            Self::Credentials(servers) => {
                let mut record = Writer::new(message, kind::CREDENTIALS);
                record.ice_servers(servers);
                record
            }
            Self::Drain { within, spread } => {
                let mut record = Writer::new(message, kind::DRAIN);
                record.milliseconds(*within).milliseconds(*spread);
                record
            }
            Self::Error { code, retry_after } => {
                let mut record = Writer::new(message, kind::ERROR);
                record.u16(*code as u16).milliseconds(*retry_after);
                record
            }
            Self::Probed(value) => {
                let mut record = Writer::new(message, kind::PROBED);
                record.u64(*value);
                record
            }
        };
        record.finish();
    }
}

/// Bytes of a whole `Send` or `Receive` record before its sealed part: header, address, sequence.
pub const SEND_OVERHEAD_BYTES: usize = HEADER_BYTES + PeerId::LENGTH + 4;

/// Turns one whole `Send` record into the `Receive` record for the member it is addressed to, in place: sequence,
/// length and the sealed part stay where they are. Flags are cleared: they were the sender's word.
///
/// # Errors
/// The bytes are not one whole `Send` record; they are unchanged.
pub fn forward(record: &mut [u8], from: PeerId) -> Result<(), RecordError> {
    match ClientRecord::parse(record).next() {
        Some(Ok(ClientRecord::Send { sealed, .. })) if SEND_OVERHEAD_BYTES + sealed.len() == record.len() => {
        }
        Some(Err(error)) => return Err(error),
        _ => return Err(RecordError::Length),
    }
    let (header, body) = record.split_first_chunk_mut::<HEADER_BYTES>().ok_or(RecordError::Length)?;
    let (address, _) = body.split_first_chunk_mut::<{ PeerId::LENGTH }>().ok_or(RecordError::Length)?;
    let [kind, flags, ..] = header;
    (*kind, *flags, *address) = (kind::RECEIVE, 0, from.0);
    Ok(())
}

/// Takes fields off the front of a slice; every read checks the length.
#[derive(Clone, Debug)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(RecordError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(RecordError::Length)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, RecordError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u16(&mut self) -> Result<u16, RecordError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, RecordError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, RecordError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    fn milliseconds(&mut self) -> Result<Milliseconds, RecordError> {
        Ok(Milliseconds(self.u32()?.into()))
    }

    fn id<const N: usize, T: From<[u8; N]>>(&mut self) -> Result<T, RecordError> {
        Ok(T::from(self.array()?))
    }

    fn phase(&mut self) -> Result<Phase, RecordError> {
        match self.u8()? {
            0 => Ok(Phase::Lobby),
            1 => Ok(Phase::Call),
            _ => Err(RecordError::Value),
        }
    }

    fn text(&mut self, longest: usize) -> Result<String, RecordError> {
        let length = usize::from(self.u16()?);
        if length > longest {
            return Err(RecordError::Value);
        }
        let bytes = self.take(length)?;
        core::str::from_utf8(bytes).map(str::to_owned).map_err(|_| RecordError::Value)
    }

    fn list<T>(
        &mut self,
        most: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, RecordError>,
    ) -> Result<Vec<T>, RecordError> {
        let count = usize::from(self.u8()?);
        if count > most {
            return Err(RecordError::Value);
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn ice_servers(&mut self) -> Result<Vec<IceServer>, RecordError> {
        self.list(ICE_SERVERS, |body| {
            Ok(IceServer {
                url: body.text(ICE_TEXT_BYTES)?,
                username: body.text(ICE_TEXT_BYTES)?,
                credential: body.text(ICE_TEXT_BYTES)?,
            })
        })
    }

    fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    fn end(&self) -> Result<(), RecordError> {
        if self.0.is_empty() { Ok(()) } else { Err(RecordError::Length) }
    }
}

/// Appends one record to a message; the length is filled in at the end.
struct Writer<'a> {
    message: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Writer<'a> {
    fn new(message: &'a mut Vec<u8>, kind: u8) -> Self {
        let start = message.len();
        message.extend_from_slice(&[kind, 0, 0, 0]);
        Self { message, start }
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.message.extend_from_slice(bytes);
        self
    }

    fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    fn milliseconds(&mut self, value: Milliseconds) -> &mut Self {
        self.u32(u32::try_from(value.0).unwrap_or(u32::MAX))
    }

    /// Texts longer than a reader accepts are cut at a character: only configuration can be that long.
    fn text(&mut self, text: &str) -> &mut Self {
        let mut end = text.len().min(ICE_TEXT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        self.u16(u16::try_from(bytes.len()).unwrap_or(0)).bytes(bytes)
    }

    fn list<T>(&mut self, most: usize, items: &[T], mut write: impl FnMut(&mut Self, &T)) -> &mut Self {
        let items = items.get(..items.len().min(most)).unwrap_or_default();
        self.u8(u8::try_from(items.len()).unwrap_or(0));
        for item in items {
            write(self, item);
        }
        self
    }

    fn ice_servers(&mut self, servers: &[IceServer]) -> &mut Self {
        self.list(ICE_SERVERS, servers, |record, server| {
            record.text(&server.url).text(&server.username).text(&server.credential);
        })
    }

    /// A body longer than a length can tell is a defect of the caller; the record is dropped rather than sent
    /// broken, which would end the connection.
    fn finish(&mut self) {
        let length = self.message.len() - self.start - HEADER_BYTES;
        match u16::try_from(length) {
            Ok(length) => {
                if let Some(field) = self.message.get_mut(self.start + 2..self.start + HEADER_BYTES) {
                    field.copy_from_slice(&length.to_be_bytes());
                }
            }
            Err(_) => self.message.truncate(self.start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(sealed: &[u8]) -> Vec<u8> {
        let mut record = Vec::new();
        ClientRecord::Send { to: PeerId([1; 16]), sequence: 7, sealed }.write(&mut record);
        record
    }

    #[test]
    fn a_forwarded_send_is_a_receive_from_the_true_sender() {
        let mut record = send(b"sealed");
        let expected = ServerRecord::Receive { from: PeerId([2; 16]), sequence: 7, sealed: b"sealed" };
        forward(&mut record, PeerId([2; 16])).unwrap();
        assert_eq!(ServerRecord::parse(&record).collect::<Vec<_>>(), [Ok(expected)]);
    }

    #[test]
    fn anything_but_one_whole_send_is_not_forwarded() {
        let whole = send(b"sealed");
        let mut leave = Vec::new();
        ClientRecord::Leave(LeaveReason::HungUp).write(&mut leave);
        let two = [whole.clone(), whole.clone()].concat();
        for wrong in [&whole[..whole.len() - 1], &leave, &two, &[]] {
            let mut bytes = wrong.to_vec();
            assert!(forward(&mut bytes, PeerId([2; 16])).is_err(), "{wrong:02x?}");
            assert_eq!(bytes, wrong);
        }
    }

    #[test]
    fn the_unread_part_of_a_message_starts_behind_the_last_record() {
        let message = [send(b"first"), send(b"second")].concat();
        let mut records = ClientRecord::parse(&message);
        assert_eq!(records.unread(), message.len());
        records.next();
        assert_eq!(records.unread(), send(b"second").len());
    }
}
