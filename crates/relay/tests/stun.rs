//! What the STUN server answers, and to whom it does not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Rate;
use eyeline_relay::{Counters, SourceLimits, Stun};
use std::net::SocketAddr;
use stun_types::attribute::{Attribute, AttributeStaticType, AttributeType, MessageIntegrity};
use stun_types::attribute::{ErrorCode, Fingerprint, Software, UnknownAttributes, XorMappedAddress};
use stun_types::message::{
    BINDING, Message, MessageClass, MessageType, MessageWrite, MessageWriteExt, MessageWriteVec,
};

#[path = "common/rfc5769.rs"]
mod rfc5769;

use rfc5769::{RFC_5769_REQUEST, RFC_5769_RESPONSE_IPV4, RFC_5769_RESPONSE_IPV6};

const NOW: Milliseconds = Milliseconds(1000);

fn server() -> Stun {
    Stun::new(SourceLimits::default(), 0x1234_5678_9abc_def0, NOW)
}

fn limits(stranger: Rate, strangers: Rate) -> SourceLimits {
    SourceLimits { stranger, strangers, ..SourceLimits::default() }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A request without attributes.
fn request() -> MessageWriteVec {
    let transaction = 0x0102_0304_0506_0708_090a_0b0c_u128.into();
    let kind = MessageType::from_class_method(MessageClass::Request, BINDING);
    Message::builder(kind, transaction, MessageWriteVec::new())
}

fn reply(source: &str, datagram: &[u8]) -> Option<Vec<u8>> {
    server().handle(NOW, address(source), datagram)
}

fn mapped(reply: &[u8]) -> SocketAddr {
    let reply = Message::from_bytes(reply).unwrap();
    assert!(reply.has_class(MessageClass::Success) && reply.has_method(BINDING));
    reply.attribute::<XorMappedAddress>().unwrap().addr(reply.transaction_id())
}

/// The request of RFC 5769 without what is not understood here: its SOFTWARE, USERNAME and so on stay.
fn rfc_5769_request_without_priority() -> Vec<u8> {
    let whole = Message::from_bytes(RFC_5769_REQUEST).unwrap();
    let kind = MessageType::from_class_method(MessageClass::Request, BINDING);
    let mut request = Message::builder(kind, whole.transaction_id(), MessageWriteVec::new());
    request.add_attribute(&whole.attribute::<Software>().unwrap()).unwrap();
    request.add_fingerprint().unwrap();
    request.finish()
}

#[test]
fn the_shortest_request_over_ipv4_gets_32_bytes() {
    let request = request().finish();
    assert_eq!(request.len(), 20);
    let reply = reply("192.0.2.1:32853", &request).unwrap();
    assert_eq!(reply.len(), 32);
    assert_eq!(mapped(&reply), address("192.0.2.1:32853"));
    assert_eq!(reply[4..20], request[4..20], "another transaction");
}

#[test]
fn the_shortest_request_over_ipv6_gets_44_bytes() {
    let reply = reply("[2001:db8:1234:5678:11:2233:4455:6677]:32853", &request().finish()).unwrap();
    assert_eq!(reply.len(), 44);
    assert_eq!(mapped(&reply), address("[2001:db8:1234:5678:11:2233:4455:6677]:32853"));
}

#[test]
fn an_ipv4_address_inside_ipv6_is_answered_as_ipv4() {
    let reply = reply("[::ffff:192.0.2.1]:32853", &request().finish()).unwrap();
    assert_eq!(reply.len(), 32);
    assert_eq!(mapped(&reply), address("192.0.2.1:32853"));
}

#[test]
fn mapped_addresses_are_written_as_in_rfc_5769() {
    let request = rfc_5769_request_without_priority();
    let attribute = |message: &[u8]| {
        let message = Message::from_bytes(message).unwrap();
        message.raw_attribute(XorMappedAddress::TYPE).unwrap().to_bytes()
    };
    for (source, vector) in [
        ("192.0.2.1:32853", RFC_5769_RESPONSE_IPV4),
        ("[2001:db8:1234:5678:11:2233:4455:6677]:32853", RFC_5769_RESPONSE_IPV6),
    ] {
        assert_eq!(attribute(&reply(source, &request).unwrap()), attribute(vector), "{source}");
    }
}

#[test]
fn a_fingerprint_is_sent_to_who_sent_one_and_nothing_else() {
    let reply = reply("192.0.2.1:32853", &rfc_5769_request_without_priority()).unwrap();
    assert_eq!(reply.len(), 40);
    let reply = Message::from_bytes(&reply).unwrap();
    let kinds: Vec<_> = reply.iter_attributes().map(|(_, attribute)| attribute.get_type()).collect();
    assert_eq!(kinds, [XorMappedAddress::TYPE, Fingerprint::TYPE]);
}

#[test]
fn attributes_that_must_be_understood_and_are_not_get_420() {
    // PRIORITY belongs to ICE between peers.
    let reply = reply("192.0.2.1:32853", RFC_5769_REQUEST).unwrap();
    let reply = Message::from_bytes(&reply).unwrap();
    assert!(reply.has_class(MessageClass::Error));
    let error = reply.attribute::<ErrorCode>().unwrap();
    assert_eq!((error.code(), error.reason()), (420, ""));
    assert!(reply.attribute::<UnknownAttributes>().unwrap().has_attribute(AttributeType::new(0x0024)));
    assert!(!reply.has_attribute(Software::TYPE) && !reply.has_attribute(MessageIntegrity::TYPE));
}

#[test]
fn an_error_lists_a_few_unknown_attributes_however_many_there_are() {
    let mut request = request().finish();
    for kind in 0x4000_u16..0x4060 {
        request.extend_from_slice(&kind.to_be_bytes());
        request.extend_from_slice(&[0, 0]);
    }
    let length = u16::try_from(request.len() - 20).unwrap();
    request[2..4].copy_from_slice(&length.to_be_bytes());
    let reply = reply("192.0.2.1:1", &request).unwrap();
    assert_eq!(reply.len(), 40, "ERROR-CODE and four attributes");
}

#[test]
fn what_is_no_binding_request_is_ignored() {
    let transaction = 1_u128.into();
    let of = |class, method: u16| {
        let kind = MessageType::from_class_method(class, stun_types::message::Method::new(method));
        Message::builder(kind, transaction, MessageWriteVec::new()).finish()
    };
    let classic = {
        let mut request = request().finish();
        request[4..8].fill(7);
        request
    };
    let mut with_tail = request().finish();
    with_tail.push(0);
    let mut damaged = rfc_5769_request_without_priority();
    *damaged.last_mut().unwrap() ^= 1;
    for (name, datagram) in [
        ("nothing", Vec::new()),
        ("a DTLS handshake", vec![22; 64]),
        ("an RTP packet", vec![0x80; 64]),
        ("an indication", of(MessageClass::Indication, 1)),
        ("a response", of(MessageClass::Success, 1)),
        ("an error", of(MessageClass::Error, 1)),
        ("an Allocate request", of(MessageClass::Request, 3)),
        ("a request without the magic cookie (RFC 3489)", classic),
        ("bytes behind the message", with_tail),
        ("a wrong fingerprint", damaged),
        ("the response of RFC 5769", RFC_5769_RESPONSE_IPV4.to_vec()),
    ] {
        assert_eq!(reply("192.0.2.1:1", &datagram), None, "{name}");
    }
}

#[test]
fn every_truncation_of_every_vector_is_ignored() {
    let without_priority = rfc_5769_request_without_priority();
    for vector in [RFC_5769_REQUEST, RFC_5769_RESPONSE_IPV4, RFC_5769_RESPONSE_IPV6, &without_priority] {
        for length in 0..vector.len() {
            assert_eq!(reply("192.0.2.1:1", &vector[..length]), None, "{length} bytes of {vector:02x?}");
        }
    }
}

#[test]
fn no_truncation_and_bit_flip_panics_or_amplifies() {
    let without_priority = rfc_5769_request_without_priority();
    let shortest = request().finish();
    let vectors =
        [RFC_5769_REQUEST, RFC_5769_RESPONSE_IPV4, RFC_5769_RESPONSE_IPV6, &without_priority, &shortest];
    // One server for all: a fresh one for each of some 30,000 datagrams would only test the allocator.
    let unlimited = Rate::per_second(u32::MAX, u32::MAX);
    let mut server = Stun::new(limits(unlimited, unlimited), 0, NOW);
    for vector in vectors {
        for bit in 0..vector.len() * 8 {
            let mut flipped = vector.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            for length in [flipped.len(), flipped.len() - 1, flipped.len() - 4, 20] {
                let reply = server.handle(NOW, address("192.0.2.1:1"), &flipped[..length]);
                assert!(reply.is_none_or(|reply| reply.len() <= 52));
            }
        }
    }
}

#[test]
fn a_source_over_its_rate_is_not_answered_and_others_are() {
    let limits = limits(Rate::per_second(2, 3), Rate::per_second(1000, 1000));
    let mut server = Stun::new(limits, 0, NOW);
    let request = request().finish();
    let mut ask =
        |source: &str, at: u64| server.handle(Milliseconds(at), address(source), &request).is_some();
    assert!((0..3).all(|_| ask("[2001:db8::1]:1", 1000)));
    assert!(!ask("[2001:db8::1]:1", 1000));
    assert!(!ask("[2001:db8::2]:2", 1000), "the same /56 is the same source");
    assert!(ask("[2001:db8:0:100::1]:1", 1000));
    assert!(ask("192.0.2.1:1", 1000));
    assert!(ask("[2001:db8::1]:1", 1500), "half a second gives one of two back");
}

#[test]
fn all_sources_together_are_limited_and_everything_is_counted() {
    let limits = limits(Rate::per_second(10, 10), Rate::per_second(5, 5));
    let mut server = Stun::new(limits, 0, NOW);
    let request = request().finish();
    for host in 1..=8 {
        server.handle(NOW, SocketAddr::from(([192, 0, 2, host], 1)), &request);
    }
    server.handle(NOW, address("192.0.2.9:1"), b"junk");
    server.handle(NOW + Milliseconds::seconds(1), address("192.0.2.9:1"), RFC_5769_REQUEST);
    assert_eq!(server.counters(), Counters { answered: 5, refused: 1, limited: 3, ignored: 1 });
}
