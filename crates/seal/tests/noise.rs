//! What only the real seal promises: lengths, keys of low order, padding, randomness.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod common;

use common::{Pair, Participant, ROOM};
use eyeline_protocol::ids::{CertificateHash, PeerId, PeerToken, PublicKey, RoomSecret};
use eyeline_protocol::inner::Hello;
use eyeline_seal::entropy::{Entropy, OperatingSystem, Predictable};
use eyeline_seal::keys::{Identity, RoomKeys};
use eyeline_seal::noise::{NoiseSeal, PROLOGUE_LABEL, PROTOCOL};
use eyeline_seal::replay::{ReplayWindow, WIDTH};
use eyeline_seal::{Seal, SealError, padding};
use proptest::prelude::*;

type Noise = NoiseSeal<Predictable>;

#[test]
fn the_length_of_a_record_tells_its_bucket_only() {
    let mut pair = Pair::<Noise>::connected();
    let lengths: std::collections::BTreeSet<usize> = (0..=padding::LONGEST_MESSAGE)
        .step_by(97)
        .map(|length| pair.alice_seals(&vec![1; length]).len())
        .collect();
    assert_eq!(lengths, padding::BUCKETS.map(|bucket| bucket + 13 + 16).into());
}

#[test]
fn handshake_messages_are_padded_too() {
    let mut alice = Noise::participant(ROOM, 1);
    let bob = Noise::participant(ROOM, 2);
    let (_, first) = alice.begin(bob.peer_id()).unwrap();
    // Kind, ephemeral key, static key and hello, the latter two with an authenticator each.
    assert_eq!(first.len(), 1 + 32 + (32 + 16) + (256 + 16));
}

#[test]
fn the_same_message_never_makes_the_same_record() {
    let mut pair = Pair::<Noise>::connected();
    assert_ne!(pair.alice_seals(b"x"), pair.alice_seals(b"x"));
}

#[test]
fn identities_and_handshakes_differ_with_the_randomness_of_the_system() {
    let secret = RoomSecret(OperatingSystem.draw().unwrap());
    let mut ends = [(); 2].map(|()| {
        let identity = Identity::draw(&mut OperatingSystem).unwrap();
        NoiseSeal::new(&secret, identity, CertificateHash([0; 32]), 0)
    });
    let other = ends[1].peer_id();
    assert_ne!(ends[0].peer_id(), other);
    let (_, one) = ends[0].begin(other).unwrap();
    let (mut handshake, two) = ends[0].begin(other).unwrap();
    assert_ne!(one, two);
    let peer = ends[0].peer_id();
    let accepted = ends[1].respond(peer, &two).unwrap();
    ends[0].finish(&mut handshake, &accepted.second).unwrap();
}

#[test]
fn a_system_without_randomness_is_told() {
    struct Broken;
    impl Entropy for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), SealError> {
            Err(SealError::NoRandomness)
        }
    }
    let identity = Identity::from_parts([1; 32], PeerToken([1; 32]));
    let secret = RoomSecret([ROOM; 16]);
    let mut seal = NoiseSeal::with_entropy(&secret, identity, CertificateHash([0; 32]), 0, Broken);
    assert_eq!(seal.begin(PeerId([9; 16])).unwrap_err(), SealError::NoRandomness);
    assert!(matches!(Identity::draw(&mut Broken), Err(SealError::NoRandomness)));
}

fn respond_to_static_key(public_key: [u8; 32]) -> Result<(), SealError> {
    let token = PeerToken([5; 32]);
    let peer = PeerId::derive(&PublicKey(public_key), &token.hash());
    respond_to(public_key, peer, token)
}

/// What Bob says to somebody with the link, who follows the protocol but for the key and the id that it shows.
fn respond_to(public_key: [u8; 32], peer: PeerId, token: PeerToken) -> Result<(), SealError> {
    let mut bob = Noise::participant(ROOM, 2);
    let keys = RoomKeys::derive(&RoomSecret([ROOM; 16]));
    let prologue = [PROLOGUE_LABEL, &keys.room_id().0, &peer.0, &bob.peer_id().0].concat();
    let builder = snow::Builder::with_resolver(PROTOCOL.parse().unwrap(), Box::new(Shows(public_key)));
    let mut state = builder
        .psk(0, &keys.seal.0)
        .unwrap()
        .local_private_key(&[6; 32])
        .unwrap()
        .prologue(&prologue)
        .unwrap()
        .build_initiator()
        .unwrap();
    let hello =
        Hello { peer_token_hash: token.hash(), certificate: CertificateHash([0; 32]), capabilities: 0 };
    let mut record = vec![1; 1000];
    let length = state.write_message(&padding::pad(&hello.encode()).unwrap(), &mut record[1..]).unwrap();
    bob.respond(peer, &record[..=length]).map(|_| ())
}

#[test]
fn public_keys_of_low_order_are_refused() {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    for low in [[0; 32], one, minus_one] {
        assert_eq!(respond_to_static_key(low), Err(SealError::NotAuthentic), "{low:x?}");
    }
    // The same with a proper key is accepted: it is the order that matters. The responder cannot tell yet that the
    // initiator does not know the private half; the first record would show it.
    assert_eq!(respond_to_static_key([9; 32]), Ok(()));
}

#[test]
fn a_member_who_claims_the_id_and_token_hash_of_another_is_refused() {
    let carol = Noise::participant(ROOM, 3);
    // All of it but Carol's private key is known to every member of the room.
    assert_eq!(respond_to([9; 32], carol.peer_id(), carol.peer_token()), Err(SealError::NotAuthentic));
    assert_eq!(
        respond_to(carol.public_key().0, carol.peer_id(), PeerToken([0; 32])),
        Err(SealError::NotAuthentic)
    );
    assert_eq!(respond_to(carol.public_key().0, carol.peer_id(), carol.peer_token()), Ok(()));
}

/// Computes like `snow`, but shows another static key than the one it has.
struct Shows([u8; 32]);

impl snow::resolvers::CryptoResolver for Shows {
    fn resolve_rng(&self) -> Option<Box<dyn snow::types::Random>> {
        Some(Box::new(Sevens))
    }
    fn resolve_dh(&self, choice: &snow::params::DHChoice) -> Option<Box<dyn snow::types::Dh>> {
        let real = snow::resolvers::DefaultResolver.resolve_dh(choice)?;
        Some(Box::new(ShowsKey { real, shown: self.0, set: false }))
    }
    fn resolve_hash(&self, choice: &snow::params::HashChoice) -> Option<Box<dyn snow::types::Hash>> {
        snow::resolvers::DefaultResolver.resolve_hash(choice)
    }
    fn resolve_cipher(&self, choice: &snow::params::CipherChoice) -> Option<Box<dyn snow::types::Cipher>> {
        snow::resolvers::DefaultResolver.resolve_cipher(choice)
    }
}

struct Sevens;

impl snow::types::Random for Sevens {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), snow::Error> {
        bytes.fill(7);
        Ok(())
    }
}

struct ShowsKey {
    real: Box<dyn snow::types::Dh>,
    shown: [u8; 32],
    /// The static key is set, the ephemeral one drawn.
    set: bool,
}

impl snow::types::Dh for ShowsKey {
    fn name(&self) -> &'static str {
        self.real.name()
    }
    fn pub_len(&self) -> usize {
        32
    }
    fn priv_len(&self) -> usize {
        32
    }
    fn set(&mut self, private_key: &[u8]) {
        self.set = true;
        self.real.set(private_key);
    }
    fn generate(&mut self, random: &mut dyn snow::types::Random) -> Result<(), snow::Error> {
        self.real.generate(random)
    }
    fn pubkey(&self) -> &[u8] {
        if self.set { &self.shown } else { self.real.pubkey() }
    }
    fn privkey(&self) -> &[u8] {
        self.real.privkey()
    }
    fn dh(&self, public_key: &[u8], shared: &mut [u8]) -> Result<(), snow::Error> {
        self.real.dh(public_key, shared)
    }
}

#[test]
fn nothing_secret_is_printed() {
    let identity = Identity::from_parts([0x11; 32], PeerToken([0x22; 32]));
    let keys = RoomKeys::derive(&RoomSecret([ROOM; 16]));
    let pair = Pair::<Noise>::connected();
    let printed = format!("{identity:?} {keys:?} {:?} {:?}", pair.alice, pair.alices);
    for secret in ["17, 17", "1111", "34, 34", "2222"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("SealKey(…)") && printed.contains("CodeKey(…)"));
}

proptest! {
    #[test]
    fn padding_is_removed_again(message in prop::collection::vec(any::<u8>(), 0..2000)) {
        let padded = padding::pad(&message).unwrap();
        prop_assert!(padding::BUCKETS.contains(&padded.len()));
        prop_assert_eq!(padding::unpad(&padded).unwrap(), message);
    }

    #[test]
    fn no_junk_is_mistaken_for_padding_or_panics(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(message) = padding::unpad(&bytes) {
            prop_assert!(bytes[2..].starts_with(&message));
            prop_assert!(bytes[2 + message.len()..].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn the_window_says_what_a_plain_set_says(
        start in prop_oneof![Just(0), Just(u64::MAX - 5000), any::<u64>()],
        steps in prop::collection::vec(prop_oneof![0_u64..8, 0_u64..2500], 1..300),
    ) {
        let mut window = ReplayWindow::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut base = start;
        for (index, step) in steps.into_iter().enumerate() {
            // Forwards and backwards in turns.
            base = if index % 2 == 0 { base.saturating_add(step) } else { base.saturating_sub(step) };
            let nonce = base.min(u64::MAX - 1);
            let highest = seen.last().copied().unwrap_or(0_u64);
            let expected = nonce.saturating_add(WIDTH) > highest && !seen.contains(&nonce);
            prop_assert_eq!(window.accept(nonce), expected, "nonce {} after {}", nonce, highest);
            if expected {
                seen.insert(nonce);
            }
        }
    }
}
