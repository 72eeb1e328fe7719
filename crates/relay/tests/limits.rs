//! Quotas, rates and streams: what one peer, room or source can use up, and what it cannot.

mod common;

use common::{End, RELAY, World, closed, udp};
use eyeline_protocol::rate::Rate;
use eyeline_relay::{Input, LocalSocket, Output, Transport};
use std::net::SocketAddr;
use stun_types::message::BINDING;
use turn_types::attribute::EvenPort;
use turn_types::message::ALLOCATE;

/// The reply's code to Allocates of (room, peer, address) one after the other.
fn codes(world: &mut World, ends: &[(u8, u8, &str)]) -> Vec<u16> {
    ends.iter()
        .map(|(room, peer, address)| End::new(*room, *peer, address).try_allocate(world).code())
        .collect()
}

#[test]
fn each_quota_has_its_code() {
    let mut world = World::limited(|limits| limits.allocations_per_peer = 2);
    let ends = [(1, 1, "192.0.2.1:1"), (1, 1, "192.0.2.1:2"), (1, 1, "192.0.2.9:3"), (1, 2, "192.0.2.1:4")];
    assert_eq!(codes(&mut world, &ends), [0, 0, 486, 0], "of a peer");

    let mut world = World::limited(|limits| limits.allocations_per_room = 2);
    let ends = [(1, 1, "192.0.2.1:1"), (1, 2, "192.0.2.2:1"), (1, 3, "192.0.2.3:1"), (2, 1, "192.0.2.1:2")];
    assert_eq!(codes(&mut world, &ends), [0, 0, 486, 0], "of a room");

    let mut world = World::limited(|limits| limits.allocations_per_source = 2);
    let ends = [
        (1, 1, "[2001:db8:0:1100::1]:1"),
        (2, 2, "[2001:db8:0:11ff::2]:1"),
        (3, 3, "[2001:db8:0:1101::3]:1"),
        (4, 4, "[2001:db8:0:1200::1]:1"),
    ];
    assert_eq!(codes(&mut world, &ends), [0, 0, 486, 0], "of a source");

    let mut world = World::limited(|limits| limits.allocations = 2);
    let ends = [(1, 1, "192.0.2.1:1"), (2, 2, "192.0.2.2:1"), (3, 3, "192.0.2.3:1")];
    assert_eq!(codes(&mut world, &ends), [0, 0, 508], "of the relay");
}

#[test]
fn what_is_given_back_can_be_had_again() {
    let mut world = World::limited(|limits| limits.allocations_per_peer = 1);
    let mut end = End::new(1, 1, "192.0.2.1:1");
    for _ in 0..3 {
        end.allocate(&mut world);
        assert_eq!(End::new(1, 1, "192.0.2.1:2").try_allocate(&mut world).code(), 486);
        assert_eq!(end.refresh(&mut world, 0).code(), 0);
    }
    end.allocate(&mut world);
    world.pass(600);
    end.credential = common::credential(1, 1, common::UNIX_START + 1000);
    end.allocate(&mut world);
}

#[test]
fn a_reserved_port_counts_as_an_allocation() {
    let mut world = World::limited(|limits| limits.allocations_per_peer = 2);
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.challenge(&mut world);
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp(), &EvenPort::new(true)]).code(), 0);
    let mut second = End::new(1, 1, "192.0.2.1:2");
    assert_eq!(second.try_allocate(&mut world).code(), 486);
    world.pass(30);
    assert_eq!(second.try_allocate(&mut world).code(), 0);
    let mut third = End::new(1, 2, "192.0.2.1:3");
    third.challenge(&mut world);
    third.allocate(&mut world);
    let mut fourth = End::new(1, 2, "192.0.2.1:4");
    fourth.challenge(&mut world);
    assert_eq!(
        fourth.ask(&mut world, ALLOCATE, &[&udp(), &EvenPort::new(true)]).code(),
        486,
        "one left of two"
    );
}

#[test]
fn strangers_are_answered_a_little_and_then_not_at_all() {
    let mut world = World::limited(|limits| limits.sources.stranger = Rate::per_second(1, 4));
    let mut end = End::new(1, 1, "192.0.2.1:1");
    let mut answered = 0;
    for _ in 0..4 {
        let request = end.plain(ALLOCATE, &[&udp()]);
        answered += world.packet(end.client, &request).len();
        let binding = end.plain(BINDING, &[]);
        answered += world.packet(end.client, &binding).len();
    }
    assert_eq!(answered, 4, "Binding and Allocate share the rate");
    assert_eq!(world.relay.counters().limited + world.relay.stun_counters().limited, 4);
}

#[test]
fn a_source_with_a_signaling_session_is_answered_generously() {
    let mut world = World::limited(|limits| limits.sources.stranger = Rate::per_second(1, 4));
    let mut end = End::new(1, 1, "192.0.2.1:1");
    world.input(Input::SessionOpened { address: end.client.address.ip() });
    for _ in 0..1000 {
        let request = end.plain(ALLOCATE, &[&udp()]);
        assert_eq!(world.packet(end.client, &request).len(), 1);
    }
    world.input(Input::SessionClosed { address: end.client.address.ip() });
    let request = end.plain(ALLOCATE, &[&udp()]);
    assert_eq!((0..10).map(|_| world.packet(end.client, &request).len()).sum::<usize>(), 4);
}

#[test]
fn a_flood_of_strangers_takes_nothing_from_a_live_call_and_no_memory() {
    let mut world = World::new(closed());
    let (mut left, right) =
        common::pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:2"));
    let before = world.relay.census();
    let mut flood = End::new(9, 9, "192.0.2.9:1");
    let mut answers = 0;
    for number in 0..100_000u32 {
        let [a, b, c, _] = number.to_le_bytes();
        flood.client.address = SocketAddr::from(([10 + (c & 3), a, b, 7], 1000));
        let request = flood.plain(ALLOCATE, &[&udp()]);
        let mut outbox = Vec::new();
        let bytes = bytes::BytesMut::from(&request[..]);
        world.relay.handle(world.now, Input::Packet { client: flood.client, bytes }, &mut outbox);
        answers += outbox.len();
        if number % 10_000 == 0 {
            let sent = left.send_indication(right.relayed.unwrap(), b"hello");
            assert_eq!(world.packet(left.client, &sent).len(), 1);
            assert_eq!(left.permit(&mut world, RELAY), 0, "requests of the call are answered, too");
        }
    }
    // The two of the call asked twice each, before they had an allocation.
    assert_eq!(answers, 20_000 - 4, "the burst of all strangers, in one moment");
    assert_eq!(world.relay.census(), before);
}

#[test]
fn a_live_allocation_has_a_rate_of_its_own() {
    let mut world = World::limited(|limits| limits.allocation_requests = Rate::per_second(1, 3));
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.allocate(&mut world);
    for _ in 0..3 {
        assert_eq!(end.permit(&mut world, RELAY), 0);
    }
    let request = end.signed(turn_types::message::REFRESH, &[]);
    assert_eq!(world.packet(end.client, &request), []);
    world.pass(1);
    assert_eq!(end.permit(&mut world, RELAY), 0);
}

#[test]
fn a_stream_without_an_allocation_is_ended() {
    let mut world = World::new(closed());
    let idle = End::over(Transport::Tcp, 1, 1, "192.0.2.1:1");
    let mut busy = End::over(Transport::Tcp, 1, 2, "192.0.2.2:2");
    world.open_stream(&idle);
    world.open_stream(&busy);
    busy.allocate(&mut world);
    assert_eq!(world.pass(29), []);
    assert_eq!(world.pass(1), [Output::CloseStream { client: idle.client }]);
    assert_eq!(world.relay.census().streams, 1);
    assert_eq!(world.pass(500), []);
    // Without a refresh the allocation ends, and after a while the stream.
    assert_eq!(world.pass(70), []);
    assert_eq!(world.relay.census().allocations, 0);
    assert_eq!(world.pass(30), [Output::CloseStream { client: busy.client }]);
    assert_eq!(world.relay.next_deadline(), None);
}

#[test]
fn the_end_of_a_stream_is_the_end_of_its_allocation() {
    let mut world = World::new(closed());
    let mut end = End::over(Transport::Tls, 1, 1, "192.0.2.1:1");
    world.open_stream(&end);
    end.allocate(&mut world);
    assert_eq!(world.input(Input::StreamClosed { client: end.client }), []);
    assert_eq!(world.relay.census(), eyeline_relay::RelayCensus::default());
    assert_eq!(world.input(Input::StreamClosed { client: end.client }), [], "said twice");
}

#[test]
fn streams_are_bounded() {
    let mut world = World::limited(|limits| {
        limits.streams_per_source = 2;
        limits.streams = 3;
    });
    let mut open = |host: u8, port: u16| {
        let address = SocketAddr::from(([192, 0, 2, host], port));
        let client = eyeline_relay::Client { transport: Transport::Tcp, local: LocalSocket(0), address };
        match &world.input(Input::StreamOpened { client })[..] {
            [] => true,
            [Output::CloseStream { client: ended }] if *ended == client => false,
            other => panic!("{other:?}"),
        }
    };
    assert!(open(1, 1) && open(1, 2));
    assert!(!open(1, 3), "of one source");
    assert!(open(2, 1));
    assert!(!open(3, 1), "of all");
    assert_eq!(world.relay.counters().streams_refused, 2);
}
