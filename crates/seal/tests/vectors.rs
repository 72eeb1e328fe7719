//! Published test vectors: `docs/vectors/link-and-keys.txt`, by which another implementation can check itself.
//!
//! `EYELINE_WRITE_VECTORS=1 cargo test -p eyeline-seal --test vectors` writes the file anew; do that only when the
//! protocol's version changes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use data_encoding::HEXLOWER;
use eyeline_protocol::ids::{CertificateHash, HostHash, PeerToken, RoomSecret};
use eyeline_protocol::link::Link;
use eyeline_seal::entropy::Entropy;
use eyeline_seal::keys::{Identity, RoomKeys};
use eyeline_seal::noise::{NoiseSeal, PROLOGUE_LABEL, PROTOCOL};
use eyeline_seal::{Accepted, Established, Seal, SealError};
use std::fmt::Write;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/vectors/link-and-keys.txt");

// Computed by an independent implementation (Python, with X25519 after RFC 7748).
const LINK: &str = "#1AAECAwQFBgcICQoLDA0ODwiY";
const ROOM_TOKEN: &str = "105bbbd5338b4fdc4b31046d1b31212e49d92a22e1120fef8cbd5cdd5a667278";
const SEAL_KEY: &str = "00aaa4831a1d3517b9ff77c4c6f74ac4e1dd5cf34e6e5ae1d40763ae184fc0ab";
const CODE_KEY: &str = "0d3262a3d8e415cda329830dc8b84b2ded25344ad3ff80339e9ab1e20fef8619";
const ROOM_ID: &str = "0349cef4a78e24a8bfbda011494ba783";
const PUBLIC_KEY: &str = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254";
const PEER_ID: &str = "ce99f7fbed6706fb5b31a2e273d0b7d0";

/// Gives the one ephemeral key that the vectors name.
struct Ephemeral([u8; 32]);

impl Entropy for Ephemeral {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SealError> {
        bytes.copy_from_slice(&self.0);
        Ok(())
    }
}

#[test]
fn the_published_vectors_are_what_the_code_does() {
    let computed = vectors();
    if std::env::var_os("EYELINE_WRITE_VECTORS").is_some() {
        std::fs::write(FILE, &computed).unwrap();
    }
    let published = std::fs::read_to_string(FILE).unwrap();
    for (published, computed) in published.lines().zip(computed.lines()) {
        assert_eq!(published, computed);
    }
    assert_eq!(published.lines().count(), computed.lines().count());
}

/// The same in constants, so that a change of the file cannot hide a change of the protocol.
#[test]
fn link_keys_and_ids_are_these() {
    let secret = RoomSecret(counting(0x00));
    let link = Link { secret, host: None };
    assert_eq!(link.to_string(), LINK);
    assert_eq!(Link::parse(LINK), Ok(link));
    let keys = RoomKeys::derive(&secret);
    assert_eq!(hex(&keys.token.0), ROOM_TOKEN);
    assert_eq!(hex(&keys.seal.0), SEAL_KEY);
    assert_eq!(hex(&keys.code.0), CODE_KEY);
    assert_eq!(hex(&keys.room_id().0), ROOM_ID);
    let identity = Identity::from_parts(counting(0x20), PeerToken(counting(0x40)));
    assert_eq!(hex(&identity.public_key().0), PUBLIC_KEY);
    assert_eq!(hex(&identity.peer_id().0), PEER_ID);
}

fn counting<const N: usize>(first: u8) -> [u8; N] {
    core::array::from_fn(|index| first + u8::try_from(index).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn vectors() -> String {
    let mut text = String::from(
        "# Test vectors for Eyeline's links, keys and seals, version 1. Bytes in hexadecimal.\n\
         # Made and checked by crates/seal/tests/vectors.rs; explained in PROTOCOL.md.\n",
    );
    let mut line = |name: &str, bytes: &[u8]| writeln!(text, "{name} = {}", hex(bytes)).unwrap();

    let secret = RoomSecret(counting(0x00));
    let keys = RoomKeys::derive(&secret);
    line("secret", &secret.0);
    line("room_token", &keys.token.0);
    line("room_id", &keys.room_id().0);
    line("seal_key", &keys.seal.0);
    line("code_key", &keys.code.0);
    let host = HostHash(counting(0x10));
    line("host", &host.0);
    let identities = [("initiator", 0x20, 0x40, 0x60), ("responder", 0x80, 0xa0, 0xc0)].map(
        |(name, private, token, ephemeral)| {
            let identity = Identity::from_parts(counting(private), PeerToken(counting(token)));
            line(&format!("{name}_private_key"), &counting::<32>(private));
            line(&format!("{name}_public_key"), &identity.public_key().0);
            line(&format!("{name}_peer_token"), &identity.peer_token().0);
            line(&format!("{name}_peer_token_hash"), &identity.peer_token().hash().0);
            line(&format!("{name}_peer_id"), &identity.peer_id().0);
            line(&format!("{name}_ephemeral_private_key"), &counting::<32>(ephemeral));
            (identity, Ephemeral(counting(ephemeral)))
        },
    );
    let [(initiator, first_key), (responder, second_key)] = identities;
    let (initiator_id, responder_id) = (initiator.peer_id(), responder.peer_id());
    line("prologue", &[PROLOGUE_LABEL, &keys.room_id().0, &initiator_id.0, &responder_id.0].concat());

    let certificates = [CertificateHash([0xe1; 32]), CertificateHash([0xe2; 32])];
    line("initiator_certificate", &certificates[0].0);
    line("responder_certificate", &certificates[1].0);
    let mut alice = NoiseSeal::with_entropy(&secret, initiator, certificates[0], 0, first_key);
    let mut bob = NoiseSeal::with_entropy(&secret, responder, certificates[1], 1, second_key);
    let (mut handshake, first) = alice.begin(responder_id).unwrap();
    let Accepted { session: mut bobs, hello, second } = bob.respond(initiator_id, &first).unwrap();
    line("initiator_hello", &hello.encode());
    line("first", &first);
    let Established { session: mut alices, hello } = alice.finish(&mut handshake, &second).unwrap();
    line("responder_hello", &hello.encode());
    line("second", &second);
    for (name, message) in [("0", &b"hello"[..]), ("1", &[0xab; 300])] {
        line(&format!("initiator_message_{name}"), message);
        let record = alice.seal(&mut alices, message).unwrap();
        line(&format!("initiator_record_{name}"), &record);
        assert_eq!(bob.open(&mut bobs, &record).unwrap(), message);
    }
    line("responder_message_0", b"hello to you");
    let record = bob.seal(&mut bobs, b"hello to you").unwrap();
    line("responder_record_0", &record);
    assert_eq!(alice.open(&mut alices, &record).unwrap(), b"hello to you");

    writeln!(text, "noise = {PROTOCOL}").unwrap();
    writeln!(text, "link = {}", Link { secret, host: None }).unwrap();
    writeln!(text, "link_with_host = {}", Link { secret, host: Some(host) }).unwrap();
    text
}
