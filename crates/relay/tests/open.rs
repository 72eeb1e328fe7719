//! The open relay: sockets towards peers, both families, permissions by address, and what is never reached.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use bytes::BytesMut;
use common::{Answer, End, Got, RELAY, World, channel_data, got, open, udp};
use eyeline_relay::{DropReason, Family, Input, Mode, Output, PeerSocket};
use std::net::SocketAddr;
use stun_types::attribute::AttributeWrite;
use turn_types::AddressFamily;
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, EvenPort, Lifetime, RequestedAddressFamily, ReservationToken,
};
use turn_types::message::{ALLOCATE, REFRESH};

const PEER: &str = "8.8.8.8:5000";

fn peer() -> SocketAddr {
    PEER.parse().unwrap()
}

/// Asks for an allocation and returns the sockets that shall be opened.
fn begin(
    world: &mut World,
    end: &mut End,
    attributes: &[&dyn AttributeWrite],
) -> Vec<(PeerSocket, Family, u16)> {
    end.challenge(world);
    let request = end.signed(ALLOCATE, attributes);
    let outbox = world.packet(end.client, &request);
    opening(&outbox)
}

fn opening(outbox: &[Output]) -> Vec<(PeerSocket, Family, u16)> {
    outbox
        .iter()
        .map(|output| match output {
            Output::OpenSocket { socket, family, port } => (*socket, *family, *port),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn answer(outbox: &[Output], end: &End) -> Answer {
    match outbox {
        [Output::Send { client, bytes }] if *client == end.client => Answer::new(bytes),
        other => panic!("one reply expected, got {other:?}"),
    }
}

fn opened(world: &mut World, socket: PeerSocket, opened: bool) -> Vec<Output> {
    world.input(Input::SocketOpened { socket, opened })
}

/// An allocation for IPv4, and its socket.
fn allocated(world: &mut World, end: &mut End) -> PeerSocket {
    let sockets = begin(world, end, &[&udp()]);
    let [(socket, Family::V4, port)] = sockets[..] else { panic!("{sockets:?}") };
    let outbox = opened(world, socket, true);
    let answer = answer(&outbox, end);
    assert_eq!(answer.code(), 0);
    assert_eq!(answer.relayed(), SocketAddr::new(RELAY.parse().unwrap(), port));
    end.relayed = Some(answer.relayed());
    socket
}

fn end() -> End {
    End::new(1, 1, "192.0.2.1:1")
}

fn from_peer(world: &mut World, socket: PeerSocket, peer: SocketAddr, payload: &[u8]) -> Vec<Output> {
    world.input(Input::FromPeer { socket, peer, bytes: BytesMut::from(payload) })
}

#[test]
fn an_allocate_is_answered_when_its_socket_is_open() {
    let mut world = World::new(open());
    let mut end = end();
    let sockets = begin(&mut world, &mut end, &[&udp()]);
    let again = end.signed_again(ALLOCATE, &[&udp()]);
    assert_eq!(world.packet(end.client, &again), [], "a retransmission waits, too");
    assert_eq!(world.relay.counters().allocations_created, 0);
    let outbox = opened(&mut world, sockets[0].0, true);
    assert_eq!(answer(&outbox, &end).code(), 0);
    assert_eq!(world.ask(end.client, &again).code(), 0, "and now it is answered");
    assert_eq!(world.relay.counters().allocations_created, 1);
    assert!((50_000..=50_099).contains(&sockets[0].2));
}

#[test]
fn a_port_that_is_taken_is_replaced_a_few_times() {
    let mut world = World::new(open());
    let mut end = end();
    let mut sockets = begin(&mut world, &mut end, &[&udp()]);
    let mut ports = vec![sockets[0].2];
    for _ in 0..4 {
        let outbox = opened(&mut world, sockets[0].0, false);
        sockets = opening(&outbox);
        assert!(!ports.contains(&sockets[0].2), "the same port again");
        ports.push(sockets[0].2);
    }
    let outbox = opened(&mut world, sockets[0].0, false);
    assert_eq!(answer(&outbox, &end).code(), 508);
    assert_eq!(world.relay.census().allocations, 0);
    assert_eq!(opened(&mut world, sockets[0].0, true), [], "nobody waits for it any more");
    allocated(&mut world, &mut end);
}

#[test]
fn a_full_range_has_no_capacity() {
    let Mode::Open { ipv4, ipv6, allowed, .. } = open() else { unreachable!() };
    let mut world = World::new(Mode::Open { ipv4, ipv6, allowed, ports: 50_000..=50_001 });
    for port in 1..=2 {
        allocated(&mut world, &mut End::new(1, 1, &format!("192.0.2.1:{port}")));
    }
    assert_eq!(End::new(1, 1, "192.0.2.1:3").try_allocate(&mut world).code(), 508);
}

#[test]
fn packets_go_to_permitted_peers_and_come_back() {
    let mut world = World::new(open());
    let mut end = end();
    let socket = allocated(&mut world, &mut end);
    assert_eq!(from_peer(&mut world, socket, peer(), b"too early"), []);
    let sent = end.send_indication(peer(), b"hello");
    assert_eq!(world.packet(end.client, &sent), []);
    assert_eq!(end.permit(&mut world, "8.8.8.8"), 0);
    let expected = Output::SendPeer { socket, peer: peer(), bytes: b"hello"[..].into() };
    assert_eq!(world.packet(end.client, &sent), std::slice::from_ref(&expected));
    let outbox = from_peer(&mut world, socket, peer(), b"back");
    assert_eq!(got(&outbox, &end), Got::data(peer(), b"back"));
    let other_port = "8.8.8.8:1".parse().unwrap();
    let outbox = from_peer(&mut world, socket, other_port, b"back");
    assert_eq!(got(&outbox, &end), Got::data(other_port, b"back"), "permissions are by address");
    assert_eq!(from_peer(&mut world, socket, "8.8.4.4:5000".parse().unwrap(), b"x"), []);
    assert_eq!(end.bind(&mut world, 0x4000, peer()), 0);
    assert_eq!(world.packet(end.client, &channel_data(0x4000, b"hello")), [expected]);
    let outbox = from_peer(&mut world, socket, "[::ffff:8.8.8.8]:5000".parse().unwrap(), b"back");
    assert_eq!(got(&outbox, &end), Got::channel(0x4000, b"back"));
    world.pass(300);
    assert_eq!(from_peer(&mut world, socket, peer(), b"late"), []);
    assert_eq!(from_peer(&mut world, PeerSocket(77), peer(), b"nobody's"), []);
    assert_eq!(world.relay.counters().relayed_packets, 5);
}

#[test]
fn both_families_can_be_had_at_once_and_ended_one_by_one() {
    let mut world = World::new(open());
    let mut end = end();
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let sockets = begin(&mut world, &mut end, &[&udp(), &both]);
    let [(v4, Family::V4, _), (v6, Family::V6, _)] = sockets[..] else { panic!("{sockets:?}") };
    assert_eq!(opened(&mut world, v6, true), []);
    let outbox = opened(&mut world, v4, true);
    let answer = answer(&outbox, &end);
    assert_eq!(answer.all_relayed().len(), 2);
    let global: SocketAddr = "[2606:4700::1111]:53".parse().unwrap();
    assert_eq!(end.permit(&mut world, "2606:4700::1111"), 0);
    assert_eq!(end.permit(&mut world, "8.8.8.8"), 0);
    let sent = end.send_indication(global, b"six");
    let expected = Output::SendPeer { socket: v6, peer: global, bytes: b"six"[..].into() };
    assert_eq!(world.packet(end.client, &sent), [expected]);
    let family = RequestedAddressFamily::new(AddressFamily::IPV4);
    let request = end.signed(REFRESH, &[&Lifetime::new(0), &family]);
    let outbox = world.packet(end.client, &request);
    assert_eq!(outbox[0], Output::CloseSocket { socket: v4 });
    assert_eq!(end.permit(&mut world, "8.8.8.8"), 443);
    let sent = end.send_indication(peer(), b"four");
    assert_eq!(world.packet(end.client, &sent), []);
    assert_eq!(world.relay.counters().dropped.get(&DropReason::OtherFamily), Some(&1));
    let sent = end.send_indication(global, b"six");
    assert_eq!(world.packet(end.client, &sent).len(), 1);
    let again = end.ask(&mut world, REFRESH, &[&Lifetime::new(600), &family]);
    assert_eq!(again.code(), 443);
}

#[test]
fn a_family_whose_port_cannot_be_had_is_missing_and_the_other_is_there() {
    let mut world = World::new(open());
    let mut end = end();
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let mut sockets = begin(&mut world, &mut end, &[&udp(), &both]);
    assert_eq!(opened(&mut world, sockets[0].0, true), []);
    sockets.remove(0);
    for _ in 0..4 {
        let outbox = opened(&mut world, sockets[0].0, false);
        sockets = opening(&outbox);
    }
    let outbox = opened(&mut world, sockets[0].0, false);
    let answer = answer(&outbox, &end);
    assert_eq!(answer.code(), 0);
    assert_eq!(answer.all_relayed().len(), 1);
    let message = answer.message();
    let error = message.attribute::<AddressErrorCode>().unwrap();
    assert_eq!((error.family(), error.error().code()), (AddressFamily::IPV6, 508));
}

/// What the server has, whether that includes IPv6, what is asked for, and the families or the code in answer.
type Case<'a> = (&'a str, bool, Vec<&'a dyn AttributeWrite>, Result<Vec<Family>, u16>);

#[test]
fn families_are_granted_as_the_server_has_them() {
    let v4 = RequestedAddressFamily::new(AddressFamily::IPV4);
    let v6 = RequestedAddressFamily::new(AddressFamily::IPV6);
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let cases: [Case<'_>; 6] = [
        ("both", true, vec![&v6], Ok(vec![Family::V6])),
        ("both", true, vec![&v4], Ok(vec![Family::V4])),
        ("both", true, vec![], Ok(vec![Family::V4])),
        ("IPv4", false, vec![&v6], Err(440)),
        ("IPv4", false, vec![&both], Ok(vec![Family::V4])),
        ("IPv4", false, vec![&v4], Ok(vec![Family::V4])),
    ];
    for (name, has_ipv6, wishes, expected) in cases {
        let Mode::Open { ipv4, ipv6, allowed, ports } = open() else { unreachable!() };
        let ipv6 = ipv6.filter(|_| has_ipv6);
        let mut world = World::new(Mode::Open { ipv4, ipv6, allowed, ports });
        let mut end = end();
        end.challenge(&mut world);
        let transport = udp();
        let attributes: Vec<&dyn AttributeWrite> =
            [&transport as &dyn AttributeWrite].into_iter().chain(wishes).collect();
        let request = end.signed(ALLOCATE, &attributes);
        let outbox = world.packet(end.client, &request);
        match expected {
            Ok(families) => {
                let opened: Vec<_> = opening(&outbox).iter().map(|(_, family, _)| *family).collect();
                assert_eq!(opened, families, "{name}");
            }
            Err(code) => assert_eq!(answer(&outbox, &end).code(), code, "{name}"),
        }
    }
}

#[test]
fn an_even_port_and_its_neighbour_are_bound() {
    let mut world = World::new(open());
    let mut first = end();
    let sockets = begin(&mut world, &mut first, &[&udp(), &EvenPort::new(true)]);
    assert_eq!(sockets[0].2 % 2, 0);
    let outbox = opened(&mut world, sockets[0].0, true);
    let token = answer(&outbox, &first).message().attribute::<ReservationToken>().unwrap();
    let mut second = End::new(1, 1, "192.0.2.1:2");
    let paired = begin(&mut world, &mut second, &[&udp(), &token]);
    assert_eq!(paired[0].2, sockets[0].2 + 1);
    let outbox = opened(&mut world, paired[0].0, false);
    assert_eq!(answer(&outbox, &second).code(), 508, "no other port would do");
    assert_eq!(world.relay.census().allocations, 1);
}

#[test]
fn peers_inside_networks_are_refused_in_every_spelling() {
    let mut world = World::new(open());
    let mut end = end();
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    for (socket, ..) in begin(&mut world, &mut end, &[&udp(), &both]) {
        opened(&mut world, socket, true);
    }
    for inside in [
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "fe80::1",
    ] {
        world.pass(1);
        assert_eq!(end.permit(&mut world, inside), 403, "{inside}");
        let address = SocketAddr::new(inside.parse().unwrap(), 80);
        assert_eq!(end.bind(&mut world, 0x4000, address), 403, "{inside}");
        let sent = end.send_indication(address, b"GET /");
        assert_eq!(world.packet(end.client, &sent), [], "{inside}");
    }
    assert_eq!(end.permit(&mut world, "127.0.0.1"), 0, "the exception of these tests");
    assert_eq!(end.permit(&mut world, "::ffff:127.0.0.2"), 0, "the same in another spelling");
}

#[test]
fn the_relays_own_address_leads_to_live_allocations_only_and_without_a_socket() {
    let mut world = World::new(open());
    let (mut left, mut right) = (end(), End::new(2, 2, "192.0.2.2:2"));
    allocated(&mut world, &mut left);
    allocated(&mut world, &mut right);
    assert_eq!(left.permit(&mut world, RELAY), 0);
    let (at_left, at_right) = (left.relayed.unwrap(), right.relayed.unwrap());
    let sent = left.send_indication(at_right, b"hello");
    assert_eq!(world.packet(left.client, &sent), [], "the other has not permitted it");
    assert_eq!(right.permit(&mut world, RELAY), 0);
    let outbox = world.packet(left.client, &sent);
    assert_eq!(got(&outbox, &right), Got::data(at_left, b"hello"), "an open relay knows no rooms");
    let ssh = SocketAddr::new(RELAY.parse().unwrap(), 22);
    let sent = left.send_indication(ssh, b"hello");
    assert_eq!(world.packet(left.client, &sent), []);
    assert_eq!(world.relay.counters().dropped.get(&DropReason::NoSuchPeer), Some(&1));
}

#[test]
fn what_ends_an_allocation_closes_its_socket() {
    let mut world = World::new(open());
    let mut end = end();
    let socket = allocated(&mut world, &mut end);
    assert_eq!(world.pass(600), [Output::CloseSocket { socket }]);
    end.credential = common::credential(1, 1, common::UNIX_START + 1200);
    let socket = allocated(&mut world, &mut end);
    assert_eq!(world.end_room(1), [Output::CloseSocket { socket }]);
    let mut other = End::new(2, 1, "192.0.2.1:1");
    other.credential = common::credential(2, 1, common::UNIX_START + 1200);
    let sockets = begin(&mut world, &mut other, &[&udp()]);
    let closing = [Output::CloseSocket { socket: sockets[0].0 }];
    assert_eq!(world.end_room(2), closing, "one that is being opened as well");
    assert_eq!(opened(&mut world, sockets[0].0, true), []);
    assert_eq!(world.relay.census().sockets, 0);
}
