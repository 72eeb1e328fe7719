//! What members are told of the relay, and what the relay is told of them.

#![allow(
    clippy::expect_used,
    reason = "clippy.toml allows it in test functions only, not in the helpers beside them"
)]

mod common;

use common::{Got, Page, World};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{RoomId, RoomToken};
use eyeline_protocol::limits::ROOM_GRACE;
use eyeline_protocol::outer::Phase::{Call, Lobby};
use eyeline_protocol::outer::{ClientRecord, IceServer, LeaveReason};
use eyeline_rooms::{AddressGroup, Input, Output, SocketId};

const LIFETIME: Milliseconds = Milliseconds::seconds(600);
const HALF: Milliseconds = Milliseconds::seconds(300);
const LEAVE: ClientRecord<'static> = ClientRecord::Leave(LeaveReason::HungUp);

fn room(number: u8) -> RoomId {
    RoomToken([number; 32]).room_id()
}

fn address(last: u8) -> AddressGroup {
    AddressGroup::V4([192, 0, 2, last])
}

/// The rooms' ends among what the relay was told.
fn ended(world: &mut World) -> Vec<RoomId> {
    let rooms = world.take_for_relay().into_iter().filter_map(|output| match output {
        Output::RoomEnded(room) => Some(room),
        _ => None,
    });
    rooms.collect()
}

/// Goes on in time with a connection that gives signs of life.
fn live(world: &mut World, socket: SocketId, time: Milliseconds) {
    for _ in 0..time.0 / 10_000 {
        world.wait(Milliseconds::seconds(10));
        world.handle(Input::Control { socket, answer_bytes: 0 });
    }
}

fn turn(servers: &[IceServer]) -> &IceServer {
    servers.iter().find(|server| server.url.starts_with("turn")).expect("a relay")
}

#[test]
fn a_welcome_brings_credentials_for_this_member_only_where_they_are_needed() {
    let mut world = World::with_relay(LIFETIME);
    let page = Page::new(1, 1, Lobby);
    let socket = world.try_join(&page);
    let welcome = world.welcome(socket);
    let relay = turn(&welcome.ice_servers);
    assert_eq!(relay.username, format!("{}.{}", room(1), page.id()));
    assert_eq!(relay.credential, "made at 1000");
    let stun = &welcome.ice_servers[0];
    assert_eq!((&*stun.url, &*stun.username, &*stun.credential), ("stun:example.org", "", ""));
}

#[test]
fn fresh_credentials_come_in_half_of_the_lifetime_again_and_again() {
    let mut world = World::with_relay(LIFETIME);
    let socket = world.join(&Page::new(1, 1, Call));
    for made_at in [301_000, 601_000, 901_000] {
        live(&mut world, socket, HALF);
        let got = world.take(socket);
        let [Got::Credentials(servers)] = &got[..] else { panic!("expected credentials only, got {got:?}") };
        assert_eq!(turn(servers).credential, format!("made at {made_at}"));
    }
}

#[test]
fn without_a_relay_nothing_is_made_anew() {
    let mut world = World::new();
    let socket = world.join(&Page::new(1, 1, Call));
    live(&mut world, socket, LIFETIME);
    assert_eq!(world.take(socket), []);
}

#[test]
fn the_room_ends_at_once_when_the_last_member_leaves() {
    let mut world = World::with_relay(LIFETIME);
    let (first, second) = (world.join(&Page::new(1, 1, Call)), world.join(&Page::new(1, 2, Call)));
    world.send(first, &[LEAVE]);
    assert_eq!(ended(&mut world), []);
    world.send(second, &[LEAVE]);
    assert_eq!(ended(&mut world), [room(1)]);
    world.wait(ROOM_GRACE + ROOM_GRACE);
    assert_eq!(ended(&mut world), []);
}

#[test]
fn a_room_is_opened_once_and_anew_after_its_end() {
    let mut world = World::with_relay(LIFETIME);
    let opened = |world: &mut World| world.take_for_relay().contains(&Output::RoomOpened(room(1)));
    let page = Page::new(1, 1, Call);
    let first = world.join(&page);
    assert!(opened(&mut world));
    let second = world.join(&Page::new(1, 2, Call));
    assert!(!opened(&mut world));
    world.handle(Input::Closed { socket: first });
    world.handle(Input::Closed { socket: second });
    let again = world.join(&page.again());
    assert!(!opened(&mut world), "it had not ended");
    world.send(again, &[LEAVE]);
    world.wait(ROOM_GRACE);
    assert_eq!(ended(&mut world), [room(1)]);
    world.join(&page.again().again());
    assert!(opened(&mut world));
}

#[test]
fn a_call_whose_connections_to_the_server_are_lost_keeps_its_room_for_a_minute() {
    let mut world = World::with_relay(LIFETIME);
    let (first, second) = (world.join(&Page::new(1, 1, Call)), world.join(&Page::new(1, 2, Call)));
    world.handle(Input::Closed { socket: first });
    world.wait(Milliseconds::seconds(5));
    world.handle(Input::Closed { socket: second });
    world.wait(Milliseconds(ROOM_GRACE.0 - 1));
    assert_eq!(ended(&mut world), []);
    world.wait(Milliseconds(1));
    assert_eq!(ended(&mut world), [room(1)]);
}

#[test]
fn who_leaves_does_not_end_the_call_of_those_who_lost_their_connection() {
    let mut world = World::with_relay(LIFETIME);
    let sockets = [1, 2, 3].map(|number| world.join(&Page::new(1, number, Call)));
    world.handle(Input::Closed { socket: sockets[0] });
    world.handle(Input::Closed { socket: sockets[1] });
    world.wait(Milliseconds::seconds(10));
    world.send(sockets[2], &[LEAVE]);
    world.wait(Milliseconds::seconds(49));
    assert_eq!(ended(&mut world), []);
    world.wait(Milliseconds::seconds(1));
    assert_eq!(ended(&mut world), [room(1)]);
}

#[test]
fn who_comes_back_keeps_the_room_and_its_memory_of_who_was_lost() {
    let mut world = World::with_relay(LIFETIME);
    let pages = [1, 2, 3].map(|number| Page::new(1, number, Call));
    for page in &pages {
        let socket = world.join(page);
        world.handle(Input::Closed { socket });
    }
    world.wait(Milliseconds::seconds(30));
    let back = world.join(&pages[0].again());
    world.send(back, &[LEAVE]);
    world.wait(Milliseconds::seconds(29));
    assert_eq!(ended(&mut world), [], "the other two may be in their call still");
    let back = world.join(&pages[1].again());
    world.wait(Milliseconds::seconds(20));
    assert_eq!(ended(&mut world), [], "somebody is there");
    world.send(back, &[LEAVE]);
    assert_eq!(ended(&mut world), [room(1)], "nobody was lost within the last minute");
}

#[test]
fn a_member_that_goes_to_another_room_has_left_the_first() {
    let mut world = World::with_relay(LIFETIME);
    world.join(&Page::new(1, 1, Call));
    world.join(&Page::new(2, 1, Call).again());
    assert_eq!(ended(&mut world), [room(1)]);
}

#[test]
fn an_address_is_present_from_its_first_member_to_its_last() {
    let mut world = World::with_relay(LIFETIME);
    let told = |world: &mut World| {
        let mut told = world.take_for_relay();
        told.retain(|output| matches!(output, Output::Present(_) | Output::Absent(_)));
        told
    };
    let connect = |world: &mut World, page: &Page| {
        let socket = world.connect_from(7);
        assert_eq!(told(world), [], "a connection alone is nobody");
        world.send(socket, &[page.join()]);
        socket
    };
    let (anna, ben) = (Page::new(1, 1, Lobby), Page::new(2, 2, Lobby));
    let first = connect(&mut world, &anna);
    assert_eq!(told(&mut world), [Output::Present(address(7))]);
    let second = connect(&mut world, &ben);
    // The same page on its next connection, from the same address.
    let first_again = connect(&mut world, &anna.again());
    assert_eq!(world.take(first).last(), Some(&Got::Closed(eyeline_protocol::outer::CloseCode::Replaced)));
    world.send(second, &[LEAVE]);
    assert_eq!(told(&mut world), []);
    world.handle(Input::Closed { socket: first_again });
    assert_eq!(told(&mut world), [Output::Absent(address(7))]);
}
