//! RFC 5769: the vectors verify, and no cut or damaged one is ever taken for genuine.
//!
//! The same is tried with requests that the relay grants: an Allocate and a CreatePermission, signed as the vector of
//! section 2.4 is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{End, World, udp};
use eyeline_protocol::rate::Rate;
use eyeline_relay::{Input, Output};
use stun_types::message::{
    LongTermKeyCredentials, Message, MessageIntegrityCredentials, ShortTermCredentials,
};
use turn_types::message::{ALLOCATE, CREATE_PERMISSION};

#[path = "common/rfc5769.rs"]
mod rfc5769;

use rfc5769::{RFC_5769_LONG_TERM, RFC_5769_REQUEST, RFC_5769_RESPONSE_IPV4, RFC_5769_RESPONSE_IPV6};

fn short_term() -> MessageIntegrityCredentials {
    ShortTermCredentials::new("VOkJxbRl1RmTxUk/WvJxBt".to_owned()).into()
}

fn long_term() -> MessageIntegrityCredentials {
    // The user name in katakana, "The\u{ad}M\u{aa}tr\u{2168}" after SASLprep is "TheMatrIX" (RFC 5769, 2.4).
    let username = "\u{30de}\u{30c8}\u{30ea}\u{30c3}\u{30af}\u{30b9}".to_owned();
    LongTermKeyCredentials::new(username, "TheMatrIX".to_owned(), "example.org".to_owned()).into()
}

fn is_genuine(bytes: &[u8], credentials: &MessageIntegrityCredentials) -> bool {
    Message::from_bytes(bytes).is_ok_and(|message| {
        // The relay takes no bytes behind a message, see `message::parse`.
        usize::from(u16::from_be_bytes([bytes[2], bytes[3]])) + 20 == bytes.len()
            && message.validate_integrity(credentials).is_ok()
    })
}

#[test]
fn the_vectors_verify() {
    for (vector, credentials) in vectors() {
        assert!(is_genuine(vector, &credentials), "{vector:02x?}");
    }
}

fn vectors() -> [(&'static [u8], MessageIntegrityCredentials); 4] {
    [
        (RFC_5769_REQUEST, short_term()),
        (RFC_5769_RESPONSE_IPV4, short_term()),
        (RFC_5769_RESPONSE_IPV6, short_term()),
        (RFC_5769_LONG_TERM, long_term()),
    ]
}

#[test]
fn no_truncated_vector_is_genuine() {
    for (vector, credentials) in vectors() {
        for length in 0..vector.len() {
            assert!(!is_genuine(&vector[..length], &credentials), "{length} bytes of {vector:02x?}");
        }
    }
}

#[test]
fn no_vector_with_a_flipped_bit_is_genuine() {
    for (vector, credentials) in vectors() {
        for bit in 0..vector.len() * 8 {
            let mut flipped = vector.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // The type of FINGERPRINT: then something unknown stands behind the signature, which counts as if it
            // were not there (RFC 8489, 14.5).
            let type_of_fingerprint = vector.len() - 8..vector.len() - 6;
            let ignored = vector != RFC_5769_LONG_TERM && type_of_fingerprint.contains(&(bit / 8));
            assert_eq!(is_genuine(&flipped, &credentials), ignored, "bit {bit} of {vector:02x?}");
        }
    }
}

/// A relay that does not limit, and a client that knows its nonce.
fn unlimited() -> (World, End) {
    let mut world = World::limited(|limits| {
        let all = Rate::per_second(u32::MAX, u32::MAX);
        limits.sources.stranger = all;
        limits.sources.strangers = all;
        limits.allocation_requests = all;
    });
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.challenge(&mut world);
    (world, end)
}

/// Whether the relay, as it is, grants a request.
fn is_granted(world: &World, end: &End, bytes: &[u8]) -> bool {
    let mut world = world.clone();
    let outbox = world.packet(end.client, bytes);
    let [Output::Send { bytes: reply, .. }] = &outbox[..] else {
        assert_eq!(outbox, []);
        return false;
    };
    let reply = Message::from_bytes(reply).unwrap();
    reply.has_class(stun_types::message::MessageClass::Success)
}

#[test]
fn no_cut_or_damaged_request_is_granted() {
    let (mut world, mut end) = unlimited();
    let allocate = end.signed(ALLOCATE, &[&udp()]);
    try_all(&world, &end, &allocate);
    end.allocate(&mut world);
    let peer = std::net::SocketAddr::new(common::RELAY.parse().unwrap(), 7);
    let peer = turn_types::attribute::XorPeerAddress::new(peer, (end.transaction + 1).into());
    let permission = end.signed(CREATE_PERMISSION, &[&peer]);
    try_all(&world, &end, &permission);
}

fn try_all(world: &World, end: &End, request: &[u8]) {
    assert!(is_granted(world, end, request));
    for length in 0..request.len() {
        assert!(!is_granted(world, end, &request[..length]), "{length} bytes");
    }
    for bit in 0..request.len() * 8 {
        let mut flipped = request.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A request for another method is refused or ignored as well: the method is signed.
        assert!(!is_granted(world, end, &flipped), "bit {bit}");
    }
}

#[test]
fn no_vector_cut_or_damaged_moves_the_relay() {
    let (world, end) = unlimited();
    let before = world.relay.census();
    let mut world = world;
    for (vector, _) in vectors() {
        for bit in 0..vector.len() * 8 {
            let mut flipped = vector.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            for length in [flipped.len(), flipped.len() - 1, flipped.len() - 4, 20, 7] {
                let bytes = bytes::BytesMut::from(&flipped[..length]);
                let mut outbox = Vec::new();
                world.relay.handle(world.now, Input::Packet { client: end.client, bytes }, &mut outbox);
                assert!(outbox.len() <= 1);
            }
        }
    }
    world.relay.check_invariants().unwrap();
    assert_eq!(world.relay.census(), before);
}
