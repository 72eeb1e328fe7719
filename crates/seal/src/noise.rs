//! The real seal: Noise `IXpsk0_25519_ChaChaPoly_SHA256` (The Noise Protocol Framework, revision 34) over `snow`.
//!
//! # Records
//! | kind | bytes |
//! |---|---|
//! | first | `1 ‖ Noise message 1` |
//! | second | `2 ‖ Noise message 2` |
//! | message | `3 ‖ tag (4) ‖ nonce u64 (big-endian) ‖ ciphertext ‖ authenticator (16)` |
//!
//! The prologue is `"eyeline seal 1" ‖ room id ‖ initiator's peer id ‖ responder's peer id`; the pre-shared key is the
//! room's seal key; the payload of both handshake messages is a padded `Hello`; the tag is the beginning of the
//! handshake hash, and tells sessions apart cheaply. A message's header is not associated data: kind and tag are
//! compared, and the nonce enters the cipher, so none of them can be altered unnoticed.
//!
//! The first message has no forward secrecy, and whoever holds the link can read it; the second and all that follow
//! are secret to the two ends.

mod primitives;

use crate::entropy::{Entropy, OperatingSystem};
use crate::keys::{Identity, RoomKeys};
use crate::replay::ReplayWindow;
use crate::{Accepted, Established, RecordKind, Seal, SealError, padding};
use core::fmt;
use eyeline_protocol::ids::{CertificateHash, PeerId, PeerToken, PublicKey, RoomId, RoomSecret, RoomToken};
use eyeline_protocol::inner::Hello;
use eyeline_protocol::limits;
use primitives::Primitives;
use snow::params::{
    BaseChoice, CipherChoice, DHChoice, HandshakeChoice, HandshakeModifier, HandshakeModifierList,
    HandshakePattern, HashChoice, NoiseParams,
};
use snow::{Builder, HandshakeState, StatelessTransportState};

/// The Noise protocol that both ends run.
pub const PROTOCOL: &str = "Noise_IXpsk0_25519_ChaChaPoly_SHA256";

/// The beginning of the prologue. Changes with anything that makes two versions unable to talk.
pub const PROLOGUE_LABEL: &[u8] = b"eyeline seal 1";

const TAG_BYTES: usize = 4;
const HEADER_BYTES: usize = 1 + TAG_BYTES + 8;
const AUTHENTICATOR_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// One participant's end of all its sealed sessions in one room.
pub struct NoiseSeal<E = OperatingSystem> {
    room: RoomKeys,
    room_id: RoomId,
    identity: Identity,
    peer_id: PeerId,
    hello: Hello,
    entropy: E,
}

impl<E> fmt::Debug for NoiseSeal<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoiseSeal").field("peer_id", &self.peer_id).finish_non_exhaustive()
    }
}

impl NoiseSeal {
    /// The seal of `identity` in the room of `secret`, with keys from the operating system's generator. `certificate`
    /// is the hash of the one DTLS certificate that this page uses; `capabilities` are told to the others.
    pub fn new(
        secret: &RoomSecret,
        identity: Identity,
        certificate: CertificateHash,
        capabilities: u32,
    ) -> Self {
        Self::with_entropy(secret, identity, certificate, capabilities, OperatingSystem)
    }
}

impl<E: Entropy> NoiseSeal<E> {
    /// The same, with ephemeral keys from `entropy`.
    pub fn with_entropy(
        secret: &RoomSecret,
        identity: Identity,
        certificate: CertificateHash,
        capabilities: u32,
        entropy: E,
    ) -> Self {
        let room = RoomKeys::derive(secret);
        Self {
            room_id: room.room_id(),
            room,
            peer_id: identity.peer_id(),
            hello: Hello { peer_token_hash: identity.peer_token().hash(), certificate, capabilities },
            identity,
            entropy,
        }
    }

    /// The state of a handshake before its first message.
    fn handshake(
        &self,
        initiator: PeerId,
        responder: PeerId,
        ephemeral: [u8; KEY_BYTES],
    ) -> Result<HandshakeState, snow::Error> {
        let prologue = [PROLOGUE_LABEL, &self.room_id.0, &initiator.0, &responder.0].concat();
        let builder = Builder::with_resolver(parameters(), Box::new(Primitives { ephemeral }))
            .psk(0, &self.room.seal.0)?
            .local_private_key(self.identity.private_key())?
            .prologue(&prologue)?;
        if initiator == self.peer_id { builder.build_initiator() } else { builder.build_responder() }
    }

    /// The state of a handshake begun with `ephemeral`, and the record of its first message: always the same.
    fn first(
        &self,
        peer: PeerId,
        ephemeral: [u8; KEY_BYTES],
    ) -> Result<(HandshakeState, Vec<u8>), SealError> {
        let mut state = self.handshake(self.peer_id, peer, ephemeral).map_err(not_authentic)?;
        let record = write(&mut state, RecordKind::First, &self.hello)?;
        Ok((state, record))
    }
}

/// What [`PROTOCOL`] says, said so that nothing has to read it: `snow`'s reader of names knows all there are.
fn parameters() -> NoiseParams {
    let modifiers = HandshakeModifierList { list: vec![HandshakeModifier::Psk(0)] };
    NoiseParams::new(
        PROTOCOL.to_owned(),
        BaseChoice::Noise,
        HandshakeChoice { pattern: HandshakePattern::IX, modifiers },
        DHChoice::Curve25519,
        CipherChoice::ChaChaPoly,
        HashChoice::SHA256,
    )
}

impl<E: Entropy> Seal for NoiseSeal<E> {
    type Handshake = Handshake;
    type Session = Session;

    fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    fn room_token(&self) -> RoomToken {
        self.room.token
    }

    fn peer_token(&self) -> PeerToken {
        self.identity.peer_token()
    }

    fn public_key(&self) -> PublicKey {
        self.identity.public_key()
    }

    fn begin(&mut self, peer: PeerId) -> Result<(Handshake, Vec<u8>), SealError> {
        if peer == self.peer_id {
            return Err(SealError::NotAuthentic);
        }
        let ephemeral = self.entropy.draw()?;
        let (_, first) = self.first(peer, ephemeral)?;
        Ok((Handshake { peer, ephemeral, finished: false }, first))
    }

    fn respond(&mut self, peer: PeerId, first: &[u8]) -> Result<Accepted<Session>, SealError> {
        if peer == self.peer_id {
            return Err(SealError::NotAuthentic);
        }
        let ephemeral = self.entropy.draw()?;
        let mut state = self.handshake(peer, self.peer_id, ephemeral).map_err(not_authentic)?;
        let hello = read(&mut state, RecordKind::First, first, peer)?;
        let second = write(&mut state, RecordKind::Second, &self.hello)?;
        Ok(Accepted { session: Session::new(state, peer)?, hello, second })
    }

    fn finish(
        &mut self,
        handshake: &mut Handshake,
        second: &[u8],
    ) -> Result<Established<Session>, SealError> {
        // A second session from the same ephemeral keys would use the first one's nonces again.
        if handshake.finished {
            return Err(SealError::NotAuthentic);
        }
        // Built anew for each try: `snow` gets over a message that is not authentic, but not over one that is, and
        // comes from another holder of the link than the one expected.
        let (mut state, _) = self.first(handshake.peer, handshake.ephemeral)?;
        let hello = read(&mut state, RecordKind::Second, second, handshake.peer)?;
        let session = Session::new(state, handshake.peer)?;
        handshake.finished = true;
        Ok(Established { session, hello })
    }

    fn seal(&mut self, session: &mut Session, message: &[u8]) -> Result<Vec<u8>, SealError> {
        session.seal(message)
    }

    fn open(&mut self, session: &mut Session, record: &[u8]) -> Result<Vec<u8>, SealError> {
        session.open(record)
    }

    fn belongs(&self, session: &Session, record: &[u8]) -> bool {
        session.split(record).is_some()
    }
}

/// A handshake that this end has begun. Not to be cloned: it makes one session at most.
pub struct Handshake {
    peer: PeerId,
    ephemeral: [u8; KEY_BYTES],
    finished: bool,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// A finished session: two keys, the next nonce of ours, and which of the other end's have been seen. Not to be
/// cloned: the copies would use the same nonces.
pub struct Session {
    peer: PeerId,
    tag: [u8; TAG_BYTES],
    transport: StatelessTransportState,
    next_nonce: u64,
    window: ReplayWindow,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("peer", &self.peer).field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl Session {
    fn new(state: HandshakeState, peer: PeerId) -> Result<Self, SealError> {
        let tag = *state.get_handshake_hash().first_chunk().ok_or(SealError::NotAuthentic)?;
        let transport = state.into_stateless_transport_mode().map_err(not_authentic)?;
        Ok(Self { peer, tag, transport, next_nonce: 0, window: ReplayWindow::default() })
    }

    fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = self.next_nonce;
        // The highest one is reserved (Noise, 5.1).
        if nonce == u64::MAX {
            return Err(SealError::Exhausted);
        }
        let padded = padding::pad(message)?;
        let mut record = vec![0; HEADER_BYTES + padded.len() + AUTHENTICATOR_BYTES];
        let (header, ciphertext) = record.split_at_mut(HEADER_BYTES);
        header.copy_from_slice(&self.header(nonce));
        self.next_nonce += 1;
        self.transport.write_message(nonce, &padded, ciphertext).map_err(not_authentic)?;
        Ok(record)
    }

    fn open(&mut self, record: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, ciphertext) = self.split(record).ok_or(SealError::NotAuthentic)?;
        let mut padded = vec![0; ciphertext.len()];
        let length = self.transport.read_message(nonce, ciphertext, &mut padded).map_err(not_authentic)?;
        if !self.window.accept(nonce) {
            return Err(SealError::Replayed);
        }
        padding::unpad(padded.get(..length).unwrap_or_default())
    }

    fn header(&self, nonce: u64) -> [u8; HEADER_BYTES] {
        let mut header = [RecordKind::Message.byte(); HEADER_BYTES];
        for (byte, value) in header.iter_mut().skip(1).zip(self.tag.into_iter().chain(nonce.to_be_bytes())) {
            *byte = value;
        }
        header
    }

    /// Nonce and ciphertext of a record that carries this session's tag and is not too long.
    fn split<'a>(&self, record: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let (kind, rest) = record.split_first()?;
        let (tag, rest) = rest.split_first_chunk()?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        let ours = *kind == RecordKind::Message.byte()
            && *tag == self.tag
            && ciphertext.len() >= AUTHENTICATOR_BYTES
            && record.len() <= limits::SEALED_BYTES;
        ours.then(|| (u64::from_be_bytes(*nonce), ciphertext))
    }
}

/// Writes a handshake message with `hello` in it.
fn write(state: &mut HandshakeState, kind: RecordKind, hello: &Hello) -> Result<Vec<u8>, SealError> {
    let payload = padding::pad(&hello.encode())?;
    let longest = 1 + KEY_BYTES + KEY_BYTES + AUTHENTICATOR_BYTES + payload.len() + AUTHENTICATOR_BYTES;
    let mut record = vec![kind.byte(); longest];
    let length = match record.split_first_mut() {
        Some((_, message)) => state.write_message(&payload, message).map_err(not_authentic)?,
        None => 0,
    };
    record.truncate(1 + length);
    Ok(record)
}

/// Reads a handshake message that must come from `peer`.
fn read(
    state: &mut HandshakeState,
    kind: RecordKind,
    record: &[u8],
    peer: PeerId,
) -> Result<Hello, SealError> {
    let (first, message) = record.split_first().ok_or(SealError::NotAuthentic)?;
    if *first != kind.byte() || record.len() > limits::SEALED_BYTES {
        return Err(SealError::NotAuthentic);
    }
    let mut payload = vec![0; message.len()];
    let length = state.read_message(message, &mut payload).map_err(not_authentic)?;
    let payload = padding::unpad(payload.get(..length).unwrap_or_default())?;
    let hello = Hello::decode(&payload).map_err(|_| SealError::NotAuthentic)?;
    let key = state.get_remote_static().and_then(|key| PublicKey::try_from(key).ok());
    let key = key.ok_or(SealError::NotAuthentic)?;
    if PeerId::derive(&key, &hello.peer_token_hash) == peer {
        Ok(hello)
    } else {
        Err(SealError::NotAuthentic)
    }
}

/// `snow` tells many failures apart; whoever sends junk learns none of it, and none of them is ours to repair.
fn not_authentic(_: snow::Error) -> SealError {
    SealError::NotAuthentic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_of_the_name() {
        assert_eq!(parameters(), PROTOCOL.parse().unwrap());
    }
}
