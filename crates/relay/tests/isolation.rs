//! In a closed relay nothing but a live allocation of the same room is reachable.

mod common;

use common::{End, Got, RELAY, UNIX_START, World, channel_data, closed, credential, got, pair, room, udp};
use eyeline_relay::{DropReason, Input, Output, Transport};
use turn_types::message::ALLOCATE;

#[test]
fn another_room_is_not_reachable_in_any_form() {
    let mut world = World::new(closed());
    let (left, right) = pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:2"));
    let (mut spy, _) = pair(&mut world, End::new(2, 1, "192.0.2.3:3"), End::new(2, 2, "192.0.2.4:4"));
    for (index, target) in [&left, &right].into_iter().enumerate() {
        let peer = target.relayed.unwrap();
        let sent = spy.send_indication(peer, b"hello");
        assert_eq!(world.packet(spy.client, &sent), []);
        let channel = 0x4000 + u16::try_from(index).unwrap();
        assert_eq!(spy.bind(&mut world, channel, peer), 0, "the relay does not tell what is behind a port");
        assert_eq!(world.packet(spy.client, &channel_data(channel, b"hello")), []);
    }
    assert_eq!(world.relay.counters().dropped.get(&DropReason::OtherRoom), Some(&4));
    assert_eq!(world.relay.counters().relayed_packets, 0);
}

#[test]
fn who_binds_a_channel_to_another_room_hears_nothing_from_it() {
    let mut world = World::new(closed());
    let (mut left, right) = pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:2"));
    let (mut spy, _) = pair(&mut world, End::new(2, 1, "192.0.2.3:3"), End::new(2, 2, "192.0.2.4:4"));
    assert_eq!(spy.bind(&mut world, 0x4000, left.relayed.unwrap()), 0);
    let sent = left.send_indication(right.relayed.unwrap(), b"hello");
    let outbox = world.packet(left.client, &sent);
    assert_eq!(got(&outbox, &right), Got::data(left.relayed.unwrap(), b"hello"));
}

#[test]
fn an_expired_credential_opens_nothing() {
    let mut world = World::new(closed());
    let mut late = End::new(1, 1, "192.0.2.1:1");
    late.challenge(&mut world);
    world.pass(599);
    let mut in_time = late.clone();
    in_time.client.address.set_port(2);
    assert_eq!(in_time.try_allocate(&mut world).code(), 0);
    world.pass(1);
    let answer = late.ask(&mut world, ALLOCATE, &[&udp()]);
    assert_eq!(answer.code(), 401);
    assert_eq!(world.relay.counters().authentication_failures, 1);
}

#[test]
fn the_clock_that_counts_is_the_one_last_told() {
    let mut world = World::new(closed());
    let mut end = End::new(1, 1, "192.0.2.1:1");
    world.input(Input::Clock { unix_seconds: UNIX_START + 601 });
    assert_eq!(end.try_allocate(&mut world).code(), 401);
    world.input(Input::Clock { unix_seconds: UNIX_START });
    assert_eq!(end.try_allocate(&mut world).code(), 0);
}

#[test]
fn a_forged_nonce_opens_nothing() {
    let mut world = World::new(closed());
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.nonce = "AAAAAAAAAAAAAAAA".to_owned();
    assert_eq!(end.ask(&mut world, ALLOCATE, &[&udp()]).code(), 438);
    assert_eq!(world.relay.census().allocations, 0);
}

#[test]
fn a_captured_request_is_worth_nothing_from_elsewhere() {
    let mut world = World::new(closed());
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.challenge(&mut world);
    let captured = end.signed(ALLOCATE, &[&udp()]);
    let thief = End::new(1, 1, "203.0.113.66:1");
    assert_eq!(world.ask(thief.client, &captured).code(), 438);
    assert_eq!(world.relay.census().allocations, 0);
    assert_eq!(world.ask(end.client, &captured).code(), 0);
}

#[test]
fn the_end_of_a_room_is_the_end_of_its_allocations() {
    let mut world = World::new(closed());
    let (mut left, right) =
        pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::over(Transport::Tls, 1, 2, "192.0.2.2:2"));
    let (mut other, other_right) =
        pair(&mut world, End::new(2, 1, "192.0.2.3:3"), End::new(2, 2, "192.0.2.4:4"));
    assert_eq!(world.end_room(1), [Output::CloseStream { client: right.client }]);
    assert_eq!(world.relay.census().allocations, 2);
    assert_eq!(world.relay.census().streams, 0);
    let sent = left.send_indication(right.relayed.unwrap(), b"hello");
    assert_eq!(world.packet(left.client, &sent), []);
    assert_eq!(left.permit(&mut world, RELAY), 401);
    let sent = other.send_indication(other_right.relayed.unwrap(), b"hello");
    assert_eq!(world.packet(other.client, &sent).len(), 1, "the other room goes on");
}

#[test]
fn a_stolen_credential_of_an_ended_room_opens_nothing() {
    let mut world = World::new(closed());
    let (left, _) = pair(&mut world, End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:2"));
    world.end_room(1);
    let mut thief = End { credential: left.credential.clone(), ..End::new(1, 1, "203.0.113.66:1") };
    assert_eq!(thief.try_allocate(&mut world).code(), 401);
    // One that is made for a room that never had an allocation is refused just the same.
    world.end_room(3);
    assert_eq!(End::new(3, 1, "203.0.113.66:2").try_allocate(&mut world).code(), 401);
    world.input(Input::RoomOpened { room: room(1) });
    assert_eq!(thief.try_allocate(&mut world).code(), 0, "the room has come to life again");
}

#[test]
fn ended_rooms_are_remembered_as_long_as_any_credential_of_theirs_may_count() {
    let mut world = World::limited(|limits| limits.ended_rooms = 3);
    world.end_room(1);
    world.pass(3599);
    let mut end = End::new(1, 1, "192.0.2.1:1");
    end.credential = credential(1, 1, UNIX_START + 3600);
    assert_eq!(end.try_allocate(&mut world).code(), 401);
    world.pass(1);
    assert_eq!(end.try_allocate(&mut world).code(), 401, "now it has expired");
    // The memory of it is bounded.
    for number in 0..200 {
        world.end_room(number);
    }
}
