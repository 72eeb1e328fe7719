//! Each rule of the outer layer.

mod common;

use common::{Got, Page, World, send};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::Phase::{Call, Lobby};
use eyeline_protocol::outer::{ClientRecord, CloseCode, ErrorCode, GoneReason, LeaveReason, NackCode};
use eyeline_rooms::{AddressGroup, Census, Input, SocketId};

const AT_ONCE: Milliseconds = Milliseconds(0);

#[test]
fn the_roster_is_in_order_of_arrival_and_everybody_hears_of_newcomers() {
    let mut world = World::new();
    let pages = [Page::new(1, 3, Lobby), Page::new(1, 1, Call), Page::new(1, 2, Lobby)];
    let first = world.join(&pages[0]);
    let second = world.try_join(&pages[1]);
    assert_eq!(world.welcome(second).roster, [(pages[0].id(), Lobby)]);
    let third = world.try_join(&pages[2]);
    let welcome = world.welcome(third);
    assert_eq!(welcome.roster, [(pages[0].id(), Lobby), (pages[1].id(), Call)]);
    assert_eq!((welcome.members_in_call, &*welcome.build), (8, "test"));
    assert_eq!(welcome.ice_servers[0].url, "stun:example.org");
    assert_eq!(welcome.mapping_check, "stun:example.org:3479");
    let newcomers = [Got::Joined(pages[1].id(), Call), Got::Joined(pages[2].id(), Lobby)];
    assert_eq!(world.take(first), newcomers);
    assert_eq!(world.take(second), newcomers[1..]);
}

#[test]
fn rooms_know_nothing_of_each_other() {
    let mut world = World::new();
    let (here, there) = (Page::new(1, 1, Call), Page::new(2, 2, Call));
    let first = world.join(&here);
    let second = world.try_join(&there);
    assert_eq!(world.welcome(second).roster, []);
    assert_eq!(world.take(first), []);
    world.send(first, &[send(&there, 4, b"sealed")]);
    assert_eq!(world.take(first), [Got::Nack(there.id(), 4, NackCode::NotPresent)]);
    assert_eq!(world.take(second), []);
}

#[test]
fn a_send_arrives_unchanged_but_for_its_sender() {
    let mut world = World::new();
    let (anna, ben) = (Page::new(1, 1, Lobby), Page::new(1, 2, Call));
    let (first, second) = (world.join(&anna), world.join(&ben));
    world.take(first);
    // Whatever flags the sender sets, and whatever ignorable records stand around it.
    let mut message = vec![0x70, 1, 0, 1, 9];
    let start = message.len();
    send(&ben, 7, b"sealed").write(&mut message);
    message[start + 1] = 0xff;
    message.extend([0x71, 1, 0, 0]);
    send(&ben, 8, b"").write(&mut message);
    world.message(first, &message);
    assert_eq!(
        world.take(second),
        [Got::Receive(anna.id(), 7, b"sealed".to_vec()), Got::Receive(anna.id(), 8, Vec::new())]
    );
    assert_eq!(world.take(first), []);
}

#[test]
fn going_from_the_lobby_to_the_call_is_told_once() {
    let mut world = World::new();
    let (anna, ben) = (Page::new(1, 1, Lobby), Page::new(1, 2, Call));
    let (first, second) = (world.join(&anna), world.join(&ben));
    world.take(first);
    world.send(first, &[ClientRecord::Phase(Lobby), ClientRecord::Phase(Call), ClientRecord::Phase(Call)]);
    assert_eq!(world.take(second), [Got::Joined(anna.id(), Call)]);
    assert_eq!(world.take(first), []);
    let census = Census { connections: 2, rooms: 1, members_in_call: 2, members_in_lobby: 0, addresses: 2 };
    assert_eq!(world.rooms.census(), census);
}

#[test]
fn who_leaves_has_left_and_who_breaks_is_lost() {
    let mut world = World::new();
    let pages = [1, 2, 3].map(|number| Page::new(1, number, Call));
    let sockets = pages.each_ref().map(|page| world.join(page));
    world.inboxes.clear();
    // What stands behind a leave is not read.
    world.send(sockets[0], &[ClientRecord::Leave(LeaveReason::PageClosed), ClientRecord::Probe(1)]);
    assert_eq!(world.take(sockets[0]), [Got::Closed(CloseCode::Normal)]);
    assert_eq!(world.take(sockets[2]), [Got::Gone(pages[0].id(), GoneReason::Left)]);
    world.handle(Input::Closed { socket: sockets[0] });
    world.handle(Input::Closed { socket: sockets[1] });
    world.handle(Input::Closed { socket: sockets[1] });
    assert_eq!(world.take(sockets[2]), [Got::Gone(pages[1].id(), GoneReason::Lost)]);
}

#[test]
fn a_page_whose_browser_says_that_it_went_has_left() {
    let mut world = World::new();
    let pages = [1, 2].map(|number| Page::new(1, number, Call));
    let sockets = pages.each_ref().map(|page| world.join(page));
    world.inboxes.clear();
    world.handle(Input::PageClosed { socket: sockets[0] });
    world.handle(Input::Closed { socket: sockets[0] });
    assert_eq!(world.take(sockets[1]), [Got::Gone(pages[0].id(), GoneReason::Left)]);
}

#[test]
fn an_empty_room_and_an_address_at_rest_leave_nothing_behind() {
    let mut world = World::new();
    let socket = world.join(&Page::new(1, 1, Call));
    world.send(socket, &[ClientRecord::Leave(LeaveReason::HungUp)]);
    assert_eq!(world.rooms.census(), Census { addresses: 1, ..Census::default() });
    world.wait(Milliseconds::seconds(60));
    assert_eq!(world.rooms.census(), Census::default());
    assert_eq!(world.rooms.next_deadline(), None);
    assert_eq!(world.rooms, World::new().rooms);
}

#[test]
fn a_higher_counter_takes_over_in_place_and_nobody_sees_it() {
    let mut world = World::new();
    let pages = [1, 2, 3].map(|number| Page::new(1, number, Call));
    let sockets = pages.each_ref().map(|page| world.join(page));
    world.inboxes.clear();

    let new = world.try_join(&pages[0].again());
    assert_eq!(world.welcome(new).roster, [(pages[1].id(), Call), (pages[2].id(), Call)]);
    assert_eq!(world.take(sockets[0]), [Got::Closed(CloseCode::Replaced)]);
    world.handle(Input::Closed { socket: sockets[0] });
    assert_eq!((world.take(sockets[1]), world.take(sockets[2])), (vec![], vec![]));
    world.send(sockets[1], &[send(&pages[0], 1, b"sealed")]);
    assert_eq!(world.take(new), [Got::Receive(pages[1].id(), 1, b"sealed".to_vec())]);

    // It kept its place: newcomers see it first.
    let fourth = world.try_join(&Page::new(1, 4, Lobby));
    assert_eq!(world.welcome(fourth).roster[0], (pages[0].id(), Call));
}

#[test]
fn a_counter_that_is_not_higher_is_turned_away() {
    let mut world = World::new();
    let page = Page::new(1, 1, Call).again();
    let socket = world.join(&page);
    for counter in [page.counter, page.counter - 1] {
        let late = world.try_join(&Page { counter, ..page.clone() });
        assert_eq!(world.take(late), [Got::Closed(CloseCode::Replaced)]);
    }
    assert_eq!(world.take(socket), []);
}

#[test]
fn a_page_that_comes_back_in_another_phase_changes_it_only() {
    let mut world = World::new();
    let (anna, ben) = (Page::new(1, 1, Lobby), Page::new(1, 2, Call));
    let (_, second) = (world.join(&anna), world.join(&ben));
    world.try_join(&Page { phase: Call, ..anna.again() });
    assert_eq!(world.take(second), [Got::Joined(anna.id(), Call)]);
}

#[test]
fn a_page_that_goes_to_another_room_has_left_the_first() {
    let mut world = World::new();
    let (anna, ben) = (Page::new(1, 1, Call), Page::new(1, 2, Call));
    let (first, second) = (world.join(&anna), world.join(&ben));
    world.take(first);
    world.join(&Page { room: 2, ..anna.again() });
    assert_eq!(world.take(first), [Got::Closed(CloseCode::Replaced)]);
    assert_eq!(world.take(second), [Got::Gone(anna.id(), GoneReason::Left)]);
    assert_eq!(world.rooms.census().rooms, 2);
}

#[test]
fn a_full_call_takes_only_those_who_come_back_and_only_so_many() {
    let mut world = World::new();
    let limits = Limits::default();
    let seated = u8::try_from(limits.members_in_call).unwrap();
    let most = u8::try_from(limits.members_in_call_returning).unwrap();
    let pages: Vec<_> = (0..=most).map(|number| Page::new(1, number, Call)).collect();
    for page in &pages[..seated.into()] {
        world.join(page);
    }

    let refused = [Got::Error(ErrorCode::RoomFull, AT_ONCE), Got::Closed(CloseCode::Full)];
    let stranger = world.try_join(&pages[usize::from(seated)]);
    assert_eq!(world.take(stranger), refused);
    // Who names only itself, a stranger, or somebody in the lobby was not in this call.
    let waiting = Page::new(1, 200, Lobby);
    world.join(&waiting);
    for named in [&pages[usize::from(seated)], &Page::new(9, 99, Call), &waiting] {
        let socket = world.try_join(&pages[usize::from(seated)].connected_to(named));
        assert_eq!(world.take(socket), refused);
    }
    for page in &pages[seated.into()..most.into()] {
        world.join(&page.connected_to(&pages[0]));
    }
    let one_more = world.try_join(&pages[usize::from(most)].connected_to(&pages[0]));
    assert_eq!(world.take(one_more), refused);
    // Who has a seat keeps it when its connection changes.
    world.join(&pages[0].again());
}

#[test]
fn a_full_call_leaves_who_asks_for_it_in_the_lobby() {
    let mut world = World::new();
    let waiting = world.join(&Page::new(1, 100, Lobby));
    let members: Vec<_> = (0..8).map(|number| world.join(&Page::new(1, number, Call))).collect();
    world.take(waiting);
    world.send(waiting, &[ClientRecord::Phase(Call), ClientRecord::Probe(5)]);
    assert_eq!(world.take(waiting), [Got::Error(ErrorCode::RoomFull, AT_ONCE), Got::Probed(5)]);
    world.handle(Input::Closed { socket: members[0] });
    world.take(waiting);
    world.send(waiting, &[ClientRecord::Phase(Call), ClientRecord::Probe(6)]);
    assert_eq!(world.take(waiting), [Got::Probed(6)]);
    assert_eq!(world.rooms.census().members_in_call, 8);
}

#[test]
fn a_full_lobby_says_so_and_keeps_nobody_from_the_call() {
    let mut world = World::new();
    for number in 0..16 {
        world.join(&Page::new(1, number, Lobby));
    }
    let one_more = world.try_join(&Page::new(1, 16, Lobby));
    assert_eq!(
        world.take(one_more),
        [Got::Error(ErrorCode::LobbyFull, AT_ONCE), Got::Closed(CloseCode::Full)]
    );
    world.join(&Page::new(1, 17, Call));
}

#[test]
fn who_does_not_join_in_time_is_closed() {
    let mut world = World::new();
    let socket = world.connect();
    world.wait(Milliseconds(9_999));
    assert_eq!(world.take(socket), []);
    world.wait(Milliseconds(1));
    assert_eq!(world.take(socket), [Got::Closed(CloseCode::JoinTimeout)]);
}

#[test]
fn the_lobby_is_left_after_its_time_and_the_call_is_not() {
    let mut world = World::with(|limits| limits.ping_after_silence = Milliseconds::seconds(100_000));
    let (anna, ben) = (Page::new(1, 1, Lobby), Page::new(1, 2, Call));
    let (waiting, in_call) = (world.join(&anna), world.join(&ben));
    world.take(waiting);
    world.wait(Milliseconds::seconds(30 * 60));
    assert_eq!(
        world.take(waiting),
        [Got::Error(ErrorCode::LobbyTimeout, AT_ONCE), Got::Closed(CloseCode::LobbyTimeout)]
    );
    assert_eq!(world.take(in_call), [Got::Gone(anna.id(), GoneReason::Lost)]);
}

#[test]
fn only_silence_is_pinged_and_only_silence_after_that_is_closed() {
    let mut world = World::new();
    let socket = world.join(&Page::new(1, 1, Call));
    // Someone who says something every 20 s is never pinged.
    for _ in 0..10 {
        world.wait(Milliseconds::seconds(20));
        world.send(socket, &[ClientRecord::Probe(0)]);
    }
    assert!(!world.take(socket).contains(&Got::Ping));
    world.wait(Milliseconds::seconds(36));
    assert_eq!(world.take(socket), [Got::Ping]);
    // An answer is enough.
    world.handle(Input::Control { socket, answer_bytes: 0 });
    world.wait(Milliseconds::seconds(20));
    assert_eq!(world.take(socket), []);
    world.wait(Milliseconds::seconds(16 + 10));
    assert_eq!(world.take(socket), [Got::Ping, Got::Closed(CloseCode::TooSlow)]);
}

#[test]
fn pings_come_20_percent_around_the_time_and_not_all_together() {
    let mut world = World::new();
    let sockets: Vec<_> = (0..8).map(|number| world.join(&Page::new(1, number, Call))).collect();
    let mut times = std::collections::BTreeSet::new();
    for _ in 0..36 {
        world.wait(Milliseconds::seconds(1));
        for socket in &sockets {
            if world.take(*socket).contains(&Got::Ping) {
                times.insert(world.now.0 - 1000);
                world.handle(Input::Control { socket: *socket, answer_bytes: 0 });
            }
        }
    }
    assert!(times.first() >= Some(&24_000) && times.last() <= Some(&36_000), "{times:?}");
    assert!(times.len() >= 4, "{times:?}");
}

#[test]
fn a_rate_that_is_exceeded_closes_with_the_time_to_come_back() {
    let mut world = World::new();
    let limits = Limits::default();
    let socket = world.join(&Page::new(1, 1, Call));
    let probes = vec![ClientRecord::Probe(0); limits.records_burst as usize];
    world.send(socket, &probes);
    assert_eq!(world.take(socket).len(), probes.len());
    world.wait(Milliseconds::seconds(1));
    world.send(socket, &probes[..30]);
    assert_eq!(world.take(socket).len(), 30);
    world.send(socket, &probes[..1]);
    assert_eq!(
        world.take(socket),
        [Got::Error(ErrorCode::RateExceeded, Milliseconds(34)), Got::Closed(CloseCode::TooMany)]
    );
}

#[test]
fn somebody_in_the_lobby_may_send_less_and_gets_the_calls_burst_with_a_seat() {
    let mut world = World::new();
    let limits = Limits::default();
    let lobby = vec![ClientRecord::Probe(0); limits.lobby_records_burst as usize - 2];
    let socket = world.join(&Page::new(1, 1, Lobby));
    world.send(socket, &lobby);
    assert_eq!(world.take(socket).len(), lobby.len());
    world.send(socket, &[ClientRecord::Phase(Call)]);
    let call = vec![ClientRecord::Probe(0); limits.records_burst as usize];
    world.send(socket, &call);
    assert_eq!(world.take(socket).len(), call.len());

    let other = world.join(&Page::new(2, 2, Lobby));
    world.send(other, &lobby);
    world.take(other);
    world.send(other, &[ClientRecord::Probe(1), ClientRecord::Probe(2)]);
    assert!(matches!(
        world.take(other)[..],
        [Got::Probed(1), Got::Error(ErrorCode::RateExceeded, _), Got::Closed(CloseCode::TooMany)]
    ));
}

#[test]
fn a_slow_reader_is_closed_its_sender_is_told_and_reading_gives_room_back() {
    let mut world = World::with(|limits| {
        limits.outgoing_queue_bytes = 4000;
    });
    let (anna, ben, third) = (Page::new(1, 1, Call), Page::new(1, 2, Call), Page::new(1, 3, Call));
    let (first, second, other) = (world.join(&anna), world.join(&ben), world.join(&third));
    world.inboxes.clear();
    world.network_takes_everything = false;
    let sealed = [0; 976];
    for sequence in 0..4 {
        world.send(first, &[send(&ben, sequence, &sealed)]);
    }
    assert_eq!(world.take(second).len(), 4);
    world.handle(Input::Written { socket: second, bytes: 1000 });
    world.send(first, &[send(&ben, 4, &sealed)]);
    assert_eq!((world.take(second).len(), world.take(first)), (1, vec![]));

    world.send(first, &[send(&ben, 5, &sealed), send(&ben, 6, &sealed)]);
    // The second one: it is on its way out already.
    let full = |sequence| Got::Nack(ben.id(), sequence, NackCode::QueueFull);
    assert_eq!(world.take(first), [full(5), full(6), Got::Gone(ben.id(), GoneReason::Lost)]);
    assert_eq!(world.take(second), [Got::Closed(CloseCode::TooSlow)]);
    assert_eq!(world.take(other), [Got::Gone(ben.id(), GoneReason::Lost)]);
}

#[test]
fn the_answers_to_pings_wait_like_everything_else() {
    let mut world = World::with(|limits| {
        limits.outgoing_queue_bytes = 1000;
    });
    let socket = world.join(&Page::new(1, 1, Call));
    for _ in 0..8 {
        world.handle(Input::Control { socket, answer_bytes: 125 });
    }
    assert_eq!(world.take(socket), []);
    world.handle(Input::Control { socket, answer_bytes: 125 });
    assert_eq!(world.take(socket), [Got::Closed(CloseCode::TooSlow)]);
}

#[test]
fn one_that_is_too_slow_for_the_news_of_another_goes_too() {
    let mut world = World::with(|limits| {
        limits.outgoing_queue_bytes = 500;
    });
    let pages = [1, 2, 3, 4].map(|number| Page::new(1, number, Call));
    let sockets = pages.each_ref().map(|page| world.join(page));
    world.inboxes.clear();
    world.network_takes_everything = false;
    // Fill the second and the third to the brim: 490 of 500 bytes.
    for to in [&pages[1], &pages[2]] {
        world.send(sockets[3], &[send(to, 1, &[0; 466])]);
    }
    world.handle(Input::Closed { socket: sockets[0] });
    let is_closed = |got: &[Got]| got.last() == Some(&Got::Closed(CloseCode::TooSlow));
    assert!(is_closed(&world.take(sockets[1])) && is_closed(&world.take(sockets[2])));
    let gone = |page: &Page| Got::Gone(page.id(), GoneReason::Lost);
    assert_eq!(world.take(sockets[3]), [gone(&pages[0]), gone(&pages[1]), gone(&pages[2])]);
}

#[test]
fn one_address_opens_only_so_many_sockets_and_gets_their_places_back() {
    let mut world = World::with(|limits| limits.sockets_per_address = 3);
    let sockets = [(); 3].map(|()| world.connect_from(1));
    let refused =
        [Got::Error(ErrorCode::TooManyJoins, Milliseconds::seconds(10)), Got::Closed(CloseCode::TooMany)];
    let one_more = world.connect_from(1);
    assert_eq!(world.take(one_more), refused);
    world.handle(Input::Closed { socket: one_more });
    let elsewhere = world.connect_from(2);
    assert_eq!(world.take(elsewhere), []);
    world.handle(Input::Closed { socket: sockets[0] });
    let again = world.connect_from(1);
    assert_eq!(world.take(again), []);
    let one_more = world.connect_from(1);
    assert_eq!(world.take(one_more), refused);
}

#[test]
fn one_address_joins_only_so_often_also_after_it_was_away() {
    let mut world = World::with(|limits| limits.joins_per_minute = 2);
    let join = |world: &mut World, address| {
        let socket = world.connect_from(address);
        world.send(socket, &[Page::new(1, 1, Lobby).join()]);
        let got = world.take(socket);
        world.handle(Input::Closed { socket });
        got
    };
    let is_welcome = |got: &[Got]| matches!(got, [Got::Welcome(_)]);
    assert!(is_welcome(&join(&mut world, 1)) && is_welcome(&join(&mut world, 1)));
    let refused = |after| [Got::Error(ErrorCode::TooManyJoins, after), Got::Closed(CloseCode::TooMany)];
    assert_eq!(join(&mut world, 1), refused(Milliseconds::seconds(30)));
    assert!(is_welcome(&join(&mut world, 2)));
    world.wait(Milliseconds::seconds(20));
    assert_eq!(join(&mut world, 1), refused(Milliseconds::seconds(10)));
    world.wait(Milliseconds::seconds(10));
    assert!(is_welcome(&join(&mut world, 1)));
}

#[test]
fn messages_are_short_before_the_join_and_longer_after() {
    let mut world = World::new();
    let socket = world.connect();
    assert_eq!(world.rooms.longest_message(socket), 8 * 1024);
    world.send(socket, &[Page::new(1, 1, Call).join()]);
    assert_eq!(world.rooms.longest_message(socket), 64 * 1024);
    world.message(socket, &vec![0; 64 * 1024 + 1]);
    assert_eq!(world.take(socket).last(), Some(&Got::Closed(CloseCode::MessageTooBig)));
    let other = world.connect();
    world.message(other, &vec![0; 8 * 1024 + 1]);
    assert_eq!(world.take(other), [Got::Closed(CloseCode::MessageTooBig)]);
}

#[test]
fn text_and_what_the_shell_found_too_long_close_with_their_codes() {
    let mut world = World::new();
    let (first, second) = (world.connect(), world.connect());
    world.handle(Input::Text { socket: first });
    world.handle(Input::TooBig { socket: second });
    assert_eq!(world.take(first), [Got::Closed(CloseCode::UnsupportedData)]);
    assert_eq!(world.take(second), [Got::Closed(CloseCode::MessageTooBig)]);
}

#[test]
fn draining_closes_everybody_and_lets_nobody_in() {
    let mut world = World::new();
    let member = world.join(&Page::new(1, 1, Call));
    let waiting = world.connect();
    world.handle(Input::Drain { spread: Milliseconds::seconds(3) });
    assert_eq!(world.take(member), [Got::Drain(Milliseconds::seconds(3)), Got::Closed(CloseCode::GoingAway)]);
    assert_eq!(world.take(waiting), [Got::Closed(CloseCode::GoingAway)]);
    let late = world.connect();
    assert_eq!(world.take(late), [Got::Closed(CloseCode::GoingAway)]);
    assert_eq!(world.rooms.census(), Census::default());
}

#[test]
fn inputs_about_sockets_that_are_not_known_are_ignored() {
    let mut world = World::new();
    let before = world.rooms.clone();
    let socket = SocketId(77);
    for input in [
        Input::Message { socket, bytes: b"anything"[..].into() },
        Input::Text { socket },
        Input::TooBig { socket },
        Input::Control { socket, answer_bytes: 5 },
        Input::Written { socket, bytes: 5 },
        Input::Closed { socket },
        Input::Tick,
    ] {
        world.handle(input);
    }
    assert_eq!(world.rooms, before);
    assert!(world.inboxes.is_empty());
}

#[test]
fn ten_thousand_addresses_are_forgotten_after_a_minute() {
    let mut world = World::new();
    for number in 0..10_000_u32 {
        let socket = SocketId(u64::from(number) + 1_000_000);
        let address = AddressGroup::V4(number.to_be_bytes());
        let (ice_servers, mapping_check) = (Vec::new(), String::new());
        let connected = Input::Connected { socket, address, ice_servers, mapping_check };
        world.rooms.handle(world.now, connected, &mut vec![]);
        world.rooms.handle(world.now, Input::Closed { socket }, &mut vec![]);
    }
    assert_eq!(world.rooms.census().addresses, 10_000);
    world.wait(Milliseconds::seconds(60));
    assert_eq!(world.rooms.census(), Census::default());
}
