//! The relay and any packet, from a client with an allocation, from one without, from a stream and from a peer: no
//! panic, no reply longer than it may be, no reply that would be answered, and nothing granted to who has no
//! credential.
#![no_main]

use bytes::BytesMut;
use eyeline_protocol::Milliseconds;
use eyeline_relay::credential::Key;
use eyeline_relay::{Client, Input, LocalSocket, Mode, Outbox, Output, Relay, Settings, Transport};
use libfuzzer_sys::fuzz_target;

/// A reply to a stranger: a challenge or a mapped address over IPv6, or 420 with four attributes, with fingerprint.
const LONGEST_REPLY_BYTES: usize = 96;

fuzz_target!(|packet: &[u8]| {
    let now = Milliseconds(0);
    let closed = Mode::Closed { address: [198, 51, 100, 1].into() };
    let mut relay = Relay::new(Settings::new(closed, Key::new(b"key"), [7; 32]), now);
    let mut handle = |input| {
        let mut outbox = Outbox::new();
        relay.handle(now, input, &mut outbox);
        outbox
    };
    handle(Input::Clock { unix_seconds: 1 });
    for (transport, address) in [
        (Transport::Udp, "192.0.2.1:1"),
        (Transport::Udp, "[2001:db8::1]:65535"),
        (Transport::Tcp, "[::ffff:192.0.2.1]:3478"),
    ] {
        let address = address.parse().expect("an address");
        let client = Client { transport, local: LocalSocket(0), address };
        handle(Input::StreamOpened { client });
        let outbox = handle(Input::Packet { client, bytes: BytesMut::from(packet) });
        let reply = match &outbox[..] {
            [] => continue,
            [Output::Send { client: to, bytes }] if *to == client => bytes.clone(),
            other => panic!("{other:?}"),
        };
        assert!(reply.len() <= LONGEST_REPLY_BYTES, "a reply of {} bytes", reply.len());
        assert_eq!(
            handle(Input::Packet { client, bytes: BytesMut::from(&reply[..]) }),
            [],
            "a reply was answered"
        );
    }
    relay.check_invariants().expect("the invariants hold");
    assert_eq!(relay.census().allocations, 0, "nobody has a credential");
});
