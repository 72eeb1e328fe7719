//! Two participants of a room, for every implementation of the seal.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test program uses its part")]

use eyeline_protocol::ids::{CertificateHash, RoomSecret};
use eyeline_seal::entropy::Predictable;
use eyeline_seal::keys::Identity;
use eyeline_seal::noise::NoiseSeal;
use eyeline_seal::symbolic::SymbolicSeal;
use eyeline_seal::{Accepted, Established, Seal};

pub const ROOM: u8 = 1;
pub const OTHER_ROOM: u8 = 2;

/// Makes the participant `number` of the room `room`.
pub trait Participant: Seal + Sized
where
    Self::Session: std::fmt::Debug,
{
    fn participant(room: u8, number: u8) -> Self;
}

impl Participant for NoiseSeal<Predictable> {
    fn participant(room: u8, number: u8) -> Self {
        let mut entropy = Predictable::new([number; 32]);
        let identity = Identity::draw(&mut entropy).unwrap();
        let certificate = CertificateHash([number; 32]);
        NoiseSeal::with_entropy(&RoomSecret([room; 16]), identity, certificate, 0, entropy)
    }
}

impl Participant for SymbolicSeal {
    fn participant(room: u8, number: u8) -> Self {
        SymbolicSeal::new(&RoomSecret([room; 16]), number.into(), CertificateHash([number; 32]))
    }
}

/// Two participants with a session between them; the first began it.
pub struct Pair<S: Seal> {
    pub alice: S,
    pub bob: S,
    pub alices: S::Session,
    pub bobs: S::Session,
}

impl<S: Participant> Pair<S>
where
    S::Session: std::fmt::Debug,
{
    pub fn connected() -> Self {
        let mut alice = S::participant(ROOM, 1);
        let mut bob = S::participant(ROOM, 2);
        let (mut handshake, first) = alice.begin(bob.peer_id()).unwrap();
        let Accepted { session: bobs, hello, second } = bob.respond(alice.peer_id(), &first).unwrap();
        assert_eq!(hello.certificate, CertificateHash([1; 32]));
        let Established { session: alices, hello } = alice.finish(&mut handshake, &second).unwrap();
        assert_eq!(hello.certificate, CertificateHash([2; 32]));
        Self { alice, bob, alices, bobs }
    }

    pub fn alice_seals(&mut self, message: &[u8]) -> Vec<u8> {
        self.alice.seal(&mut self.alices, message).unwrap()
    }

    pub fn bob_opens(&mut self, record: &[u8]) -> Result<Vec<u8>, eyeline_seal::SealError> {
        self.bob.open(&mut self.bobs, record)
    }
}
