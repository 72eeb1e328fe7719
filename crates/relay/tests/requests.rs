//! Allocate, Refresh, CreatePermission and ChannelBind: what is granted, what is refused, and with which code.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{End, RELAY, START, UNIX_START, World, channel_data, closed, key, open, udp};
use eyeline_protocol::Milliseconds;
use eyeline_relay::credential::Credential;
use eyeline_relay::{Client, Input, LocalSocket, Mode, Output, Transport};
use std::net::{IpAddr, SocketAddr};
use stun_types::attribute::{
    AttributeStaticType, AttributeType, AttributeWrite, Fingerprint, Nonce, RawAttribute, Realm,
    UnknownAttributes, Username, XorMappedAddress,
};
use stun_types::message::{BINDING, IntegrityAlgorithm, MessageWrite, MessageWriteExt};
use turn_types::AddressFamily;
use turn_types::attribute::{
    AdditionalAddressFamily, AddressErrorCode, ChannelNumber, DontFragment, EvenPort, Lifetime,
    RequestedAddressFamily, RequestedTransport, ReservationToken, XorPeerAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

fn end() -> End {
    End::new(1, 1, "192.0.2.7:40000")
}

/// A client that knows its nonce.
fn challenged(world: &mut World) -> End {
    let mut end = end();
    end.challenge(world);
    end
}

fn allocated(world: &mut World) -> End {
    let mut end = end();
    end.allocate(world);
    end
}

#[test]
fn the_challenge_is_no_amplifier() {
    let mut world = World::new(closed());
    let mut end = end();
    let request = end.plain(ALLOCATE, &[&udp()]);
    assert_eq!(request.len(), 28);
    let answer = world.ask(end.client, &request);
    assert_eq!(answer.code(), 401);
    assert!(answer.bytes.len() <= 72, "{} bytes", answer.bytes.len());
    let binding = world.ask(end.client, &end.clone().plain(BINDING, &[]));
    assert_eq!(binding.bytes.len(), 32);
}

#[test]
fn an_allocation_has_a_virtual_port_on_the_relays_address() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    let answer = end.ask(&mut world, ALLOCATE, &[&udp()]);
    assert_eq!(answer.code(), 0);
    assert_eq!(answer.relayed().ip(), RELAY.parse::<IpAddr>().unwrap());
    assert!(answer.relayed().port() >= 1024);
    assert_eq!(answer.lifetime(), 600);
    let message = answer.message();
    let mapped = message.attribute::<XorMappedAddress>().unwrap().addr(message.transaction_id());
    assert_eq!(mapped, end.client.address);
    assert_eq!(world.relay.census().allocations, 1);
    assert_eq!(world.relay.census().sockets, 0);
}

#[test]
fn clients_of_either_family_get_the_one_canonical_address() {
    let mut world = World::new(closed());
    let relayed = End::new(1, 2, "[2001:db8:9::1]:4000").allocate(&mut world);
    assert_eq!(relayed.ip(), RELAY.parse::<IpAddr>().unwrap());
    let mut only_ipv6 = World::new(Mode::Closed { address: "2001:db8:5::1".parse().unwrap() });
    let relayed = End::new(1, 2, "192.0.2.9:4000").allocate(&mut only_ipv6);
    assert_eq!(relayed.ip(), "2001:db8:5::1".parse::<IpAddr>().unwrap());
}

#[test]
fn a_retransmitted_allocate_gets_the_same_success() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    let request = end.signed(ALLOCATE, &[&udp()]);
    let first = world.ask(end.client, &request);
    world.pass(1);
    let second = world.ask(end.client, &request);
    assert_eq!(second.relayed(), first.relayed());
    assert_eq!(second.lifetime(), 599);
    assert_eq!(world.relay.census().allocations, 1);
    assert_eq!(world.relay.counters().allocations_created, 1);
}

#[test]
fn a_second_allocate_is_a_mismatch() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 437);
}

#[test]
fn a_fingerprint_is_answered_with_a_fingerprint() {
    let mut world = World::new(closed());
    let end = challenged(&mut world);
    let mut writer = stun_types::message::MessageWriteVec::new();
    writer.push_data(&end.signed_again(ALLOCATE, &[&udp()]));
    // What the writer does not know it has written before is rewritten by hand: only the fingerprint is new.
    writer.add_fingerprint().unwrap();
    let answer = world.ask(end.client, &writer.finish());
    assert_eq!(answer.code(), 0);
    assert!(answer.message().has_attribute(Fingerprint::TYPE));
}

/// A request and the error code it deserves.
type Case<'a> = (&'a str, Vec<&'a dyn AttributeWrite>, u16);

#[test]
fn what_cannot_be_allocated_is_refused_with_the_right_code() {
    let (udp, tcp) = (udp(), RequestedTransport::new(RequestedTransport::TCP));
    let (v4, v6) =
        (RequestedAddressFamily::new(AddressFamily::IPV4), RequestedAddressFamily::new(AddressFamily::IPV6));
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let additional_v4 = RawAttribute::new(AttributeType::new(0x8000), &[1, 0, 0, 0]);
    let unknown_family = RawAttribute::new(AttributeType::new(0x0017), &[3, 0, 0, 0]);
    let short_family = RawAttribute::new(AttributeType::new(0x0017), &[1, 0]);
    let short_transport = RawAttribute::new(AttributeType::new(0x0019), &[17]);
    let short_lifetime = RawAttribute::new(AttributeType::new(0x000d), &[1]);
    let unknown = RawAttribute::new(AttributeType::new(0x7f00), &[1, 2, 3, 4]);
    let optional = RawAttribute::new(AttributeType::new(0xff00), &[1, 2, 3, 4]);
    let (even, pair) = (EvenPort::new(false), EvenPort::new(true));
    let (fragment, token) = (DontFragment::new(), ReservationToken::new(5));
    let cases: Vec<Case<'_>> = vec![
        ("no transport", vec![], 400),
        ("a damaged transport", vec![&short_transport], 400),
        ("TCP", vec![&tcp], 442),
        ("IPv4", vec![&udp, &v4], 0),
        ("IPv6, which a closed relay of IPv4 has not", vec![&udp, &v6], 440),
        ("a family that does not exist", vec![&udp, &unknown_family], 440),
        ("a damaged family", vec![&udp, &short_family], 400),
        ("IPv4 and IPv6", vec![&udp, &both], 0),
        ("IPv4 as the additional family", vec![&udp, &additional_v4], 400),
        ("a family and an additional one", vec![&udp, &v4, &both], 400),
        ("an even port", vec![&udp, &even], 0),
        ("an even port and the next", vec![&udp, &pair], 0),
        ("two ports of two families", vec![&udp, &pair, &both], 400),
        ("an unknown token", vec![&udp, &token], 508),
        ("a token and an even port", vec![&udp, &token, &even], 400),
        ("a token and a family", vec![&udp, &token, &v4], 400),
        ("a token and an additional family", vec![&udp, &token, &both], 400),
        ("the bit against fragments", vec![&udp, &fragment], 420),
        ("an attribute that must be understood", vec![&udp, &unknown], 420),
        ("an attribute that need not be understood", vec![&udp, &optional], 0),
        ("a damaged lifetime", vec![&udp, &short_lifetime], 400),
    ];
    for (name, attributes, code) in cases {
        let mut world = World::new(closed());
        let mut end = challenged(&mut world);
        let answer = end.ask(&mut world, ALLOCATE, &attributes);
        assert_eq!(answer.code(), code, "{name}");
        assert_eq!(world.relay.census().allocations, usize::from(code == 0), "{name}");
        if code != 0 {
            assert_eq!(world.relay.counters().refused.get(&code), Some(&1), "{name}");
        }
    }
}

#[test]
fn a_family_that_is_missing_is_named() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
    let answer = end.ask(&mut world, ALLOCATE, &[&udp(), &both]);
    let message = answer.message();
    let error = message.attribute::<AddressErrorCode>().unwrap();
    assert_eq!((error.family(), error.error().code()), (AddressFamily::IPV6, 440));
    assert_eq!(answer.all_relayed().len(), 1);
}

#[test]
fn what_is_unknown_is_named() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    let answer = end.ask(&mut world, ALLOCATE, &[&udp(), &DontFragment::new()]);
    let message = answer.message();
    let unknown = message.attribute::<UnknownAttributes>().unwrap();
    assert!(unknown.has_attribute(AttributeType::new(0x001a)));
}

#[test]
fn a_pair_of_ports_is_allocated_by_its_token() {
    let mut world = World::new(closed());
    let mut first = challenged(&mut world);
    let answer = first.ask(&mut world, ALLOCATE, &[&udp(), &EvenPort::new(true)]);
    assert_eq!(answer.relayed().port() % 2, 0);
    let token = answer.message().attribute::<ReservationToken>().unwrap();
    assert_eq!(world.relay.census().reservations, 1);

    let mut stranger = End::new(1, 2, "192.0.2.8:1");
    stranger.challenge(&mut world);
    assert_eq!(stranger.ask(&mut world, ALLOCATE, &[&udp(), &token]).code(), 508, "another peer's token");
    let mut second = End::new(1, 1, "192.0.2.7:40001");
    second.challenge(&mut world);
    let paired = second.ask(&mut world, ALLOCATE, &[&udp(), &token]);
    assert_eq!(paired.relayed().port(), answer.relayed().port() + 1);
    assert_eq!(world.relay.census().reservations, 0);
    let mut third = End::new(1, 1, "192.0.2.7:40002");
    third.challenge(&mut world);
    assert_eq!(third.ask(&mut world, ALLOCATE, &[&udp(), &token]).code(), 508, "used once");
}

#[test]
fn a_token_that_nobody_uses_is_forgotten() {
    let mut world = World::new(closed());
    let mut first = challenged(&mut world);
    let answer = first.ask(&mut world, ALLOCATE, &[&udp(), &EvenPort::new(true)]);
    let token = answer.message().attribute::<ReservationToken>().unwrap();
    world.pass(30);
    assert_eq!(world.relay.census().reservations, 0);
    let mut second = End::new(1, 1, "192.0.2.7:40001");
    second.challenge(&mut world);
    assert_eq!(second.ask(&mut world, ALLOCATE, &[&udp(), &token]).code(), 508);
}

#[test]
fn lifetimes_are_kept_within_bounds() {
    for (asked, granted) in
        [(0, 600), (1, 600), (600, 600), (601, 601), (3600, 3600), (3601, 3600), (u32::MAX, 3600)]
    {
        let mut world = World::new(closed());
        let mut end = challenged(&mut world);
        let answer = end.ask(&mut world, ALLOCATE, &[&udp(), &Lifetime::new(asked)]);
        assert_eq!(answer.lifetime(), granted, "Allocate for {asked} s");
        if asked > 0 {
            assert_eq!(end.refresh(&mut world, asked).lifetime(), granted, "Refresh for {asked} s");
        }
    }
}

#[test]
fn an_allocation_lives_as_long_as_it_is_refreshed() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    for _ in 0..20 {
        world.pass(599);
        let mut answer = end.refresh(&mut world, 600);
        if answer.code() == 438 {
            // A nonce lives for an hour.
            end.nonce = answer.nonce();
            answer = end.refresh(&mut world, 600);
        }
        assert_eq!(answer.code(), 0, "long after the credential's end");
    }
    assert_eq!(world.relay.next_deadline(), Some(world.now + Milliseconds::seconds(600)));
    world.pass(599);
    assert_eq!(world.relay.census().allocations, 1);
    world.pass(1);
    assert_eq!(world.relay.census().allocations, 0);
    assert_eq!(world.relay.next_deadline(), None);
}

#[test]
fn a_refresh_of_zero_ends_the_allocation() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    let answer = end.refresh(&mut world, 0);
    assert_eq!((answer.code(), answer.lifetime()), (0, 0));
    assert_eq!(world.relay.census().allocations, 0);
    assert_eq!(end.refresh(&mut world, 0).code(), 437);
    assert_eq!(end.try_allocate(&mut world).code(), 0, "the client may allocate again");
}

#[test]
fn requests_without_an_allocation_are_a_mismatch() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    assert_eq!(end.refresh(&mut world, 600).code(), 437);
    assert_eq!(end.permit(&mut world, RELAY), 437);
    assert_eq!(end.bind(&mut world, 0x4000, "198.51.100.1:5000".parse().unwrap()), 437);
}

#[test]
fn a_closed_relay_permits_its_own_address_and_answers_403_to_all_else() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    assert_eq!(end.permit(&mut world, RELAY), 0);
    assert_eq!(end.permit(&mut world, "::ffff:198.51.100.1"), 0, "the same address");
    let others =
        ["198.51.100.2", "192.168.1.7", "8.8.8.8", "127.0.0.1", "2001:db8::1", "fe80::1", "::1", "0.0.0.0"];
    for other in others {
        assert_eq!(end.permit(&mut world, other), 403, "{other}");
        let peer = SocketAddr::new(other.parse().unwrap(), 5000);
        assert_eq!(end.bind(&mut world, 0x4001, peer), 403, "{other}");
    }
    assert_eq!(world.relay.counters().denied_peers, 2 * others.len() as u64);
}

#[test]
fn permissions_come_all_together_or_not_at_all() {
    let mut world = World::new(closed());
    let (mut left, mut right) =
        common::pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:1"));
    world.pass(300);
    let transaction = (left.transaction + 1).into();
    let own = XorPeerAddress::new(SocketAddr::new(RELAY.parse().unwrap(), 1), transaction);
    let other = XorPeerAddress::new("192.0.2.9:1".parse().unwrap(), transaction);
    assert_eq!(left.ask(&mut world, CREATE_PERMISSION, &[&own, &other]).code(), 403);
    assert_eq!(right.permit(&mut world, RELAY), 0);
    let packet = left.send_indication(right.relayed.unwrap(), b"hello");
    assert_eq!(world.packet(left.client, &packet), [], "no permission was installed");
    assert_eq!(left.ask(&mut world, CREATE_PERMISSION, &[]).code(), 400);
    let damaged = RawAttribute::new(AttributeType::new(0x0012), &[0, 3, 1, 2, 3, 4, 5, 6]);
    assert_eq!(left.ask(&mut world, CREATE_PERMISSION, &[&damaged]).code(), 400);
}

#[test]
fn channels_are_bound_once_each_way() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    let peer = |port: u16| SocketAddr::new(RELAY.parse().unwrap(), port);
    for (channel, port, code, why) in [
        (0x4000, 5000, 0, "the first"),
        (0x4000, 5000, 0, "a refresh"),
        (0x4000, 5001, 400, "a number with a peer"),
        (0x4001, 5000, 400, "a peer with a number"),
        (0x4001, 5001, 0, "another pair"),
        (0x5000, 5002, 0, "a number of RFC 5766 that RFC 8656 does not have any more"),
        (0x7fff, 5003, 0, "the last"),
        (0x8000, 5004, 400, "above the last"),
        (0x3fff, 5005, 400, "below the first"),
    ] {
        assert_eq!(end.bind(&mut world, channel, peer(port)), code, "{why}");
    }
    let number = ChannelNumber::new(0x4009);
    assert_eq!(end.ask(&mut world, CHANNEL_BIND, &[&number]).code(), 400, "no peer");
    let transaction = (end.transaction + 1).into();
    let attribute = XorPeerAddress::new(peer(5009), transaction);
    assert_eq!(end.ask(&mut world, CHANNEL_BIND, &[&attribute]).code(), 400, "no number");
    world.pass(599);
    assert_eq!(end.refresh(&mut world, 600).code(), 0);
    assert_eq!(end.bind(&mut world, 0x4000, peer(5001)), 400, "not yet");
    world.pass(1);
    assert_eq!(end.bind(&mut world, 0x4000, peer(5001)), 0, "ten minutes later both are free");
}

#[test]
fn permissions_and_channels_are_bounded() {
    let mut settings = common::settings(open());
    settings.limits.permissions = 3;
    settings.limits.channels = 2;
    settings.limits.allocation_requests = eyeline_protocol::rate::Rate::per_second(1000, 1000);
    let mut world = World::with(settings);
    let mut end = allocated_open(&mut world);
    for (host, code) in [(1, 0), (2, 0), (3, 0), (3, 0), (4, 508)] {
        assert_eq!(end.permit(&mut world, &format!("8.8.8.{host}")), code, "{host}");
    }
    for (channel, host, code) in [(0x4001, 1, 0), (0x4002, 2, 0), (0x4003, 3, 508), (0x4001, 1, 0)] {
        let peer = format!("8.8.8.{host}:7").parse().unwrap();
        assert_eq!(end.bind(&mut world, channel, peer), code, "{channel:x}");
    }
    world.pass(300);
    assert_eq!(end.permit(&mut world, "8.8.8.4"), 0, "the old ones are gone");
}

fn allocated_open(world: &mut World) -> End {
    let mut end = end();
    end.challenge(world);
    let request = end.signed(ALLOCATE, &[&udp()]);
    let outbox = world.packet(end.client, &request);
    let [Output::OpenSocket { socket, .. }] = outbox[..] else { panic!("{outbox:?}") };
    let outbox = world.input(Input::SocketOpened { socket, opened: true });
    assert_eq!(outbox.len(), 1);
    end
}

#[test]
fn another_users_allocation_cannot_be_changed() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    end.credential = common::credential(1, 2, UNIX_START + 600);
    assert_eq!(end.refresh(&mut world, 0).code(), 441);
    assert_eq!(end.permit(&mut world, RELAY), 441);
    assert_eq!(end.bind(&mut world, 0x4000, "198.51.100.1:5000".parse().unwrap()), 441);
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 437);
}

#[test]
fn authentication_fails_with_the_codes_of_rfc_8489() {
    let mut world = World::new(closed());
    let end = challenged(&mut world);
    let wrong_password = {
        let password = "d3Jvbmc=".to_owned();
        End { credential: Credential { password, ..end.credential.clone() }, ..end.clone() }
    };
    let unknown_user = {
        let username = "somebody".to_owned();
        let password = eyeline_relay::credential::password(&key(), &username);
        End { credential: Credential { username, password }, ..end.clone() }
    };
    let forged_nonce = End { nonce: "AAAAAAAAAAAAAAAA".to_owned(), ..end.clone() };
    let empty_nonce = End { nonce: String::new(), ..end.clone() };
    let mut elsewhere = End::new(1, 1, "192.0.2.7:40001");
    elsewhere.challenge(&mut world);
    let anothers_nonce = End { nonce: elsewhere.nonce, ..end.clone() };
    let expired = End { credential: common::credential(1, 1, UNIX_START), ..end.clone() };
    let too_long = End { credential: common::credential(1, 1, UNIX_START + 3601), ..end.clone() };
    let other_key = {
        let key = eyeline_relay::credential::Key::new(b"another");
        let peer = eyeline_relay::credential::PeerHandle([1; 8]);
        let credential = eyeline_relay::credential::mint(&key, common::room(1), peer, UNIX_START + 600);
        End { credential, ..end.clone() }
    };
    for (name, mut end, code) in [
        ("wrong password", wrong_password, 401),
        ("unknown user", unknown_user, 401),
        ("forged nonce", forged_nonce, 438),
        ("no nonce to speak of", empty_nonce, 438),
        ("another client's nonce", anothers_nonce, 438),
        ("expired credential", expired, 401),
        ("a credential that is valid for too long", too_long, 401),
        ("a credential of another server", other_key, 401),
    ] {
        let answer = end.ask(&mut world, ALLOCATE, &[&udp()]);
        assert_eq!(answer.code(), code, "{name}");
        assert!(!answer.nonce().is_empty(), "{name}");
        assert_eq!(world.relay.census().allocations, 0, "{name}");
    }
    assert_eq!(world.relay.counters().authentication_failures, 5);
}

#[test]
fn a_signed_request_without_a_part_is_a_bad_request() {
    let mut world = World::new(closed());
    let end = challenged(&mut world);
    let username = Username::new(&end.credential.username).unwrap();
    let (realm, nonce) = (Realm::new("eyeline").unwrap(), Nonce::new(&end.nonce).unwrap());
    let all: [&dyn AttributeWrite; 3] = [&username, &realm, &nonce];
    for missing in 0..3 {
        let kept: Vec<_> = (0..3).filter(|part| *part != missing).map(|part| all[part]).collect();
        let plain = end.clone().plain(ALLOCATE, &kept);
        let mut writer = stun_types::message::MessageWriteVec::new();
        writer.push_data(&plain);
        writer.add_message_integrity(&end.integrity(), IntegrityAlgorithm::Sha1).unwrap();
        assert_eq!(world.ask(end.client, &writer.finish()).code(), 400, "without part {missing}");
    }
}

#[test]
fn a_signature_with_sha_256_alone_is_not_taken() {
    let mut world = World::new(closed());
    let end = challenged(&mut world);
    let username = Username::new(&end.credential.username).unwrap();
    let (realm, nonce) = (Realm::new("eyeline").unwrap(), Nonce::new(&end.nonce).unwrap());
    let plain = end.clone().plain(ALLOCATE, &[&udp(), &username, &realm, &nonce]);
    let mut writer = stun_types::message::MessageWriteVec::new();
    writer.push_data(&plain);
    writer.add_message_integrity(&end.integrity(), IntegrityAlgorithm::Sha256).unwrap();
    assert_eq!(world.ask(end.client, &writer.finish()).code(), 401);
}

#[test]
fn attributes_behind_the_signature_count_for_nothing() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    let mut request = end.signed(REFRESH, &[]);
    // LIFETIME 0, appended by somebody on the way.
    request.extend([0x00, 0x0d, 0x00, 0x04, 0, 0, 0, 0]);
    let length = u16::try_from(request.len() - 20).unwrap();
    request[2..4].copy_from_slice(&length.to_be_bytes());
    let answer = world.ask(end.client, &request);
    assert_eq!((answer.code(), answer.lifetime()), (0, 600));
    assert_eq!(world.relay.census().allocations, 1);
}

#[test]
fn a_stale_nonce_is_replaced_and_nothing_else_happens() {
    let mut world = World::new(closed());
    let mut end = challenged(&mut world);
    end.credential = common::credential(1, 1, UNIX_START + 3602 + 600);
    world.pass(3602);
    let stale = end.ask(&mut world, ALLOCATE, &[&udp()]);
    assert_eq!(stale.code(), 438);
    end.nonce = stale.nonce();
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 0);
}

#[test]
fn before_the_clock_is_known_no_credential_counts() {
    let mut world = World { relay: eyeline_relay::Relay::new(common::settings(closed()), START), now: START };
    let mut end = challenged(&mut world);
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 401);
    world.input(Input::Clock { unix_seconds: UNIX_START });
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 0);
}

#[test]
fn a_relay_that_is_off_answers_binding_only() {
    let mut world = World::new(Mode::Off);
    let mut end = end();
    let request = end.plain(ALLOCATE, &[&udp()]);
    assert_eq!(world.packet(end.client, &request), []);
    assert_eq!(world.packet(end.client, &channel_data(0x4000, b"hello")), []);
    let indication = end.send_indication("198.51.100.1:5000".parse().unwrap(), b"hello");
    assert_eq!(world.packet(end.client, &indication), []);
    assert_eq!(world.ask(end.client, &end.clone().plain(BINDING, &[])).code(), 0);
    assert_eq!(world.relay.stun_counters().answered, 1);
}

#[test]
fn each_local_socket_has_clients_of_its_own() {
    let mut world = World::new(closed());
    let mut first = allocated(&mut world);
    let mut second = first.clone();
    second.client = Client { local: LocalSocket(1), ..first.client };
    assert_eq!(second.refresh(&mut world, 600).code(), 438, "the nonce is the first one's");
    second.allocate(&mut world);
    assert_eq!(world.relay.census().allocations, 2);
    assert_eq!(first.refresh(&mut world, 0).code(), 0);
    assert_eq!(second.refresh(&mut world, 600).code(), 0);
}

#[test]
fn packets_that_are_nothing_are_ignored() {
    let mut world = World::new(closed());
    let mut end = allocated(&mut world);
    let success = {
        let request = end.plain(BINDING, &[]);
        world.ask(end.client, &request).bytes
    };
    let mut connect = end.signed(turn_types::message::CONNECT, &[]);
    for (name, bytes) in [
        ("nothing", vec![]),
        ("one byte", vec![0]),
        ("RTP", vec![0x80; 50]),
        ("DTLS", vec![0x16; 50]),
        ("a reply", success),
        ("another method", connect.clone()),
    ] {
        assert_eq!(world.packet(end.client, &bytes), [], "{name}");
    }
    connect.truncate(19);
    assert_eq!(world.packet(end.client, &connect), []);
    assert_eq!(world.relay.counters().ignored, 7);
    let tcp = Client { transport: Transport::Tcp, ..end.client };
    let request = end.plain(ALLOCATE, &[&udp()]);
    assert_eq!(world.packet(tcp, &request), [], "a stream that was not opened");
}
