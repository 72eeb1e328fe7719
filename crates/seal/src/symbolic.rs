//! A seal without cryptography, for simulations and model checking: fast, and made of values that can be cloned,
//! compared and hashed.
//!
//! It promises what the real seal promises, as long as nobody *makes up* records on purpose: wrong room, wrong peer,
//! altered or reflected records are not authentic; records come through once. Secrecy it does not give: content
//! travels in the open. Lengths are not padded.

use crate::keys::RoomKeys;
use crate::replay::ReplayWindow;
use crate::{Accepted, Established, RecordKind, Seal, SealError};
use core::hash::{Hash, Hasher};
use eyeline_protocol::ids::{CertificateHash, PeerId, PeerToken, PublicKey, RoomSecret, RoomToken};
use eyeline_protocol::inner::Hello;
use std::hash::DefaultHasher;

const CHECK_BYTES: usize = 8;

/// One participant's end of all its symbolic sessions in one room.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SymbolicSeal {
    room_token: RoomToken,
    /// Stands for the seal key.
    room: u64,
    peer_token: PeerToken,
    public_key: PublicKey,
    peer_id: PeerId,
    certificate: CertificateHash,
    /// Stands for ephemeral keys: counts the handshakes begun and answered.
    handshakes: u64,
}

/// A handshake that this end has begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SymbolicHandshake {
    peer: PeerId,
    number: u64,
    finished: bool,
}

/// A finished session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SymbolicSession {
    room: u64,
    name: SessionName,
    initiator: bool,
    next_nonce: u64,
    window: ReplayWindow,
}

/// What both ends agree on: stands for the handshake hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SessionName {
    initiator: (PeerId, u64),
    responder: (PeerId, u64),
}

impl SymbolicSeal {
    /// The participant `number` in the room of `secret`; equal numbers make equal participants.
    pub fn new(secret: &RoomSecret, number: u64, certificate: CertificateHash) -> Self {
        let mut bytes = [0; 32];
        for (byte, value) in bytes.iter_mut().zip(number.to_be_bytes()) {
            *byte = value;
        }
        let (public_key, peer_token) = (PublicKey(bytes), PeerToken(bytes));
        Self {
            room_token: RoomKeys::derive(secret).token,
            room: hash(secret),
            peer_token,
            public_key,
            peer_id: PeerId::derive(&public_key, &peer_token.hash()),
            certificate,
            handshakes: 0,
        }
    }

    /// Body of a handshake message: who it is for, which handshake, what this end says of itself.
    fn handshake_record(&self, kind: RecordKind, peer: PeerId, answered: u64, number: u64) -> Vec<u8> {
        let hello =
            Hello { peer_token_hash: self.peer_token.hash(), certificate: self.certificate, capabilities: 0 };
        let body = [
            self.peer_id.0.as_slice(),
            &peer.0,
            &answered.to_be_bytes(),
            &number.to_be_bytes(),
            &self.public_key.0,
            &hello.encode(),
        ]
        .concat();
        checked_record(self.room, kind, &body)
    }

    /// The two numbers and the `Hello` of a handshake message from `peer` to this end.
    fn read_handshake(&self, kind: RecordKind, peer: PeerId, record: &[u8]) -> Option<(u64, u64, Hello)> {
        let mut body = checked_body(self.room, kind, record)?;
        let from = PeerId(take(&mut body)?);
        let to = PeerId(take(&mut body)?);
        let answered = u64::from_be_bytes(take(&mut body)?);
        let number = u64::from_be_bytes(take(&mut body)?);
        let key = PublicKey(take(&mut body)?);
        let hello = Hello::decode(body).ok()?;
        let genuine = from == peer
            && to == self.peer_id
            && from != to
            && PeerId::derive(&key, &hello.peer_token_hash) == peer;
        genuine.then_some((answered, number, hello))
    }

    fn next_number(&mut self) -> u64 {
        self.handshakes += 1;
        self.handshakes
    }
}

impl Seal for SymbolicSeal {
    type Handshake = SymbolicHandshake;
    type Session = SymbolicSession;

    fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    fn room_token(&self) -> RoomToken {
        self.room_token
    }

    fn peer_token(&self) -> PeerToken {
        self.peer_token
    }

    fn public_key(&self) -> PublicKey {
        self.public_key
    }

    fn begin(&mut self, peer: PeerId) -> Result<(SymbolicHandshake, Vec<u8>), SealError> {
        if peer == self.peer_id {
            return Err(SealError::NotAuthentic);
        }
        let number = self.next_number();
        let first = self.handshake_record(RecordKind::First, peer, 0, number);
        Ok((SymbolicHandshake { peer, number, finished: false }, first))
    }

    fn respond(&mut self, peer: PeerId, first: &[u8]) -> Result<Accepted<SymbolicSession>, SealError> {
        let (_, theirs, hello) =
            self.read_handshake(RecordKind::First, peer, first).ok_or(SealError::NotAuthentic)?;
        let ours = self.next_number();
        let second = self.handshake_record(RecordKind::Second, peer, theirs, ours);
        let name = SessionName { initiator: (peer, theirs), responder: (self.peer_id, ours) };
        Ok(Accepted { session: SymbolicSession::new(self.room, name, false), hello, second })
    }

    fn finish(
        &mut self,
        handshake: &mut SymbolicHandshake,
        second: &[u8],
    ) -> Result<Established<SymbolicSession>, SealError> {
        let (answered, theirs, hello) =
            self.read_handshake(RecordKind::Second, handshake.peer, second).ok_or(SealError::NotAuthentic)?;
        if handshake.finished || answered != handshake.number {
            return Err(SealError::NotAuthentic);
        }
        handshake.finished = true;
        let name =
            SessionName { initiator: (self.peer_id, handshake.number), responder: (handshake.peer, theirs) };
        Ok(Established { session: SymbolicSession::new(self.room, name, true), hello })
    }

    fn seal(&mut self, session: &mut SymbolicSession, message: &[u8]) -> Result<Vec<u8>, SealError> {
        session.seal(message)
    }

    fn open(&mut self, session: &mut SymbolicSession, record: &[u8]) -> Result<Vec<u8>, SealError> {
        session.open(record)
    }

    fn belongs(&self, session: &SymbolicSession, record: &[u8]) -> bool {
        session.split(record).is_some()
    }
}

impl SymbolicSession {
    fn new(room: u64, name: SessionName, initiator: bool) -> Self {
        Self { room, name, initiator, next_nonce: 0, window: ReplayWindow::default() }
    }

    /// Stands for the key of one direction.
    fn key(&self, from_initiator: bool) -> u64 {
        hash(&(self.room, self.name, from_initiator))
    }

    /// Stands for the tag.
    fn tag(&self) -> [u8; 8] {
        hash(&self.name).to_be_bytes()
    }

    fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        if message.len() > crate::padding::LONGEST_MESSAGE {
            return Err(SealError::TooLong);
        }
        let body = [self.tag().as_slice(), &self.next_nonce.to_be_bytes(), message].concat();
        self.next_nonce += 1;
        Ok(checked_record(self.key(self.initiator), RecordKind::Message, &body))
    }

    fn open(&mut self, record: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, message) = self
            .split(record)
            .filter(|_| checked_body(self.key(!self.initiator), RecordKind::Message, record).is_some())
            .ok_or(SealError::NotAuthentic)?;
        if self.window.accept(nonce) { Ok(message.to_vec()) } else { Err(SealError::Replayed) }
    }

    /// Nonce and message of a record with this session's tag.
    fn split<'a>(&self, record: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let (kind, mut rest) = record.split_first()?;
        let _check: [u8; CHECK_BYTES] = take(&mut rest)?;
        let tag: [u8; 8] = take(&mut rest)?;
        let nonce = u64::from_be_bytes(take(&mut rest)?);
        (*kind == RecordKind::Message.byte() && tag == self.tag()).then_some((nonce, rest))
    }
}

/// `kind ‖ check ‖ body`; the check stands for the authenticator.
fn checked_record(key: u64, kind: RecordKind, body: &[u8]) -> Vec<u8> {
    let check = hash(&(key, kind.byte(), body));
    [&[kind.byte()], check.to_be_bytes().as_slice(), body].concat()
}

/// The body of a record whose kind and check are right.
fn checked_body(key: u64, kind: RecordKind, record: &[u8]) -> Option<&[u8]> {
    let (first, mut body) = record.split_first()?;
    let check = u64::from_be_bytes(take(&mut body)?);
    (*first == kind.byte() && check == hash(&(key, *first, body))).then_some(body)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

/// The same within one build of the program, which is as long as any of these values lives.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
