//! One behaviour each: what a person may rely on.

use crate::world::look::{call_of, generation, person, state};
use crate::world::scenario::{Step, settle};
use crate::world::{SECRET, World};
use eyeline_call::effect::Command;
use eyeline_call::input::{Action, CaptureError, ConnectionEvent};
use eyeline_call::view::{Certificate, Device, PersonState, Server, Stage};
use eyeline_call::{Call, Config, Effect, Input};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation};
use eyeline_protocol::inner::{Slot, Slots};
use eyeline_protocol::outer::{CloseCode, Phase};
use eyeline_seal::symbolic::SymbolicSeal;

#[test]
fn the_first_thing_a_page_does_is_to_open_a_socket() {
    let seal = SymbolicSeal::new(&SECRET, 1, CertificateHash([0; 32]));
    let mut call = Call::new(seal, "me", Config::default());
    let mut out = Vec::new();
    call.handle(Milliseconds(5), Input::Tick, &mut out);
    assert_eq!(out, [Effect::OpenSocket, Effect::ViewChanged]);
    assert_eq!(call.view().server, Server::Connecting);
}

#[test]
fn names_are_known_in_the_lobby() {
    let mut world = World::symbolic(1);
    world.open("Ada");
    world.open("  Grace \u{202e}Hopper ");
    settle(&mut world).unwrap();
    let seen = person(&world, 0, 1).unwrap();
    assert_eq!((seen.name.as_str(), seen.phase), ("Grace Hopper", Phase::Lobby));
    assert!(world.browsers.is_empty(), "nobody has clicked Join");
}

#[test]
fn two_people_connect_within_a_second_of_the_click() {
    let mut world = World::symbolic(7);
    world.delays.socket = (50, 50);
    world.delays.media = (100, 100);
    world.open("Ada");
    world.act(0, Action::Join);
    world.run(3000);
    world.open("Grace");
    world.run(3000);
    world.act(1, Action::Join);
    let connected = world.run_until(1000, |world| state(world, 1, 0) == Some(PersonState::Connected));
    assert!(connected, "{:?}", world.view(1));
}

#[test]
fn people_stand_in_the_order_in_which_they_came() {
    let mut world = call_of(4);
    world.act(1, Action::Leave);
    world.open("late");
    world.run(200);
    world.act(4, Action::Join);
    settle(&mut world).unwrap();
    let order: Vec<_> = world.view(0).people.iter().map(|person| world.index[&person.peer]).collect();
    assert_eq!(order, [2, 3, 4]);
}

#[test]
fn eight_people_are_all_connected_with_each_other() {
    let world = call_of(8);
    assert_eq!(world.browsers.len(), 8 * 7);
}

#[test]
fn a_ninth_person_is_told_that_the_call_is_full_and_stays_in_the_lobby() {
    let mut world = call_of(8);
    world.open("ninth");
    world.run(2000);
    world.act(8, Action::Join);
    assert!(world.run_until(3000, |world| world.view(8).server == Server::CallFull));
    assert_eq!(world.view(8).stage, Stage::Lobby);
    world.run(3000);
    assert!(world.browsers.keys().all(|(owner, ..)| *owner != 8), "no connection without a seat");
    world.act(3, Action::Leave);
    world.run(1000);
    world.act(8, Action::Join);
    settle(&mut world).unwrap();
    assert_eq!(world.view(8).stage, Stage::Call);
}

#[test]
fn nothing_is_sent_or_shown_before_the_certificate_is_checked() {
    let mut world = World::symbolic(3);
    for page in 0..2 {
        world.open("somebody");
        world.pages[page].effects = Some(Vec::new());
        world.act(page, Action::Switch(Slot::Camera, true));
        world.act(page, Action::Join);
    }
    settle(&mut world).unwrap();
    for page in &world.pages {
        let effects = page.effects.as_ref().unwrap();
        let place = |wanted: fn(&Command) -> bool| {
            effects
                .iter()
                .position(|effect| matches!(effect, Effect::Connection(_, _, command) if wanted(command)))
        };
        let read = place(|command| *command == Command::ReadRemoteCertificate).unwrap();
        let sent = place(|command| matches!(command, Command::Send(_))).unwrap();
        let shown = place(|command| matches!(command, Command::Show(true))).unwrap();
        assert!(read < sent && read < shown);
    }
}

#[test]
fn a_wrong_certificate_ends_red_and_shows_nothing_and_is_never_tried_again() {
    let mut world = World::symbolic(3);
    for page in 0..2 {
        world.open("somebody");
        world.pages[page].effects = Some(Vec::new());
        world.act(page, Action::Switch(Slot::Camera, true));
    }
    world.pages[1].intercepted = Some(CertificateHash([0xbb; 32]));
    world.act(0, Action::Join);
    world.act(1, Action::Join);
    assert!(world.run_until(5000, |world| {
        person(world, 1, 0).is_some_and(|person| person.certificate == Certificate::Mismatch)
    }));
    let seen = person(&world, 1, 0).unwrap();
    assert_eq!((seen.state, seen.show), (PersonState::Gone, None));
    world.run(120_000);
    assert_eq!(person(&world, 1, 0).unwrap().certificate, Certificate::Mismatch);
    assert!(world.browsers.keys().all(|(owner, ..)| *owner != 1));
    assert_eq!(world.failure, None);
    let effects = world.pages[1].effects.as_ref().unwrap();
    let created =
        effects.iter().filter(|effect| matches!(effect, Effect::Connection(_, _, Command::Create { .. })));
    assert_eq!(created.count(), 1);
    let sent = |effect: &Effect| {
        matches!(
            effect,
            Effect::Connection(_, _, Command::Send(_) | Command::Show(true) | Command::SendChannel(_))
        )
    };
    assert!(!effects.iter().any(sent));
}

#[test]
fn a_description_with_another_fingerprint_than_the_sealed_one_is_refused() {
    let mut world = World::symbolic(3);
    for _ in 0..2 {
        world.open("somebody");
    }
    // Its browser uses another certificate than it said in the handshake.
    world.run(1000);
    world.pages[0].certificate = CertificateHash([0xbb; 32]);
    world.act(0, Action::Join);
    world.act(1, Action::Join);
    world.run(5000);
    assert_eq!(person(&world, 1, 0).unwrap().certificate, Certificate::Mismatch);
    assert!(world.browsers.keys().all(|(owner, ..)| *owner != 1));
}

#[test]
fn a_browser_that_cannot_read_certificates_is_let_in_and_the_view_says_so() {
    let mut world = World::symbolic(3);
    world.open("new");
    world.open("old");
    world.pages[1].reads_certificates = false;
    world.act(0, Action::Join);
    world.act(1, Action::Join);
    settle(&mut world).unwrap();
    assert_eq!(person(&world, 1, 0).unwrap().certificate, Certificate::NotDoubleChecked);
    assert_eq!(person(&world, 0, 1).unwrap().certificate, Certificate::Verified);
}

#[test]
fn a_muted_microphone_stays_captured_and_a_camera_that_is_off_does_not() {
    let mut world = call_of(2);
    world.act(0, Action::Switch(Slot::Microphone, true));
    world.act(0, Action::Switch(Slot::Camera, true));
    assert_eq!(world.view(0).me.camera, Device::Starting);
    settle(&mut world).unwrap();
    world.run(3000);
    let both = Slots::NONE.with(Slot::Microphone, true).with(Slot::Camera, true);
    assert_eq!(person(&world, 1, 0).unwrap().sending, both);
    world.act(0, Action::Switch(Slot::Microphone, false));
    world.act(0, Action::Switch(Slot::Camera, false));
    settle(&mut world).unwrap();
    assert_eq!(world.pages[0].tracks.iter().collect::<Vec<_>>(), [&Slot::Microphone]);
    assert_eq!(person(&world, 1, 0).unwrap().sending, Slots::NONE);
    assert_eq!((world.view(0).me.microphone, world.view(0).me.camera), (Device::Off, Device::Off));
    world.pages[0].effects = Some(Vec::new());
    world.act(0, Action::Switch(Slot::Microphone, true));
    let effects = world.pages[0].effects.clone().unwrap();
    assert!(!effects.contains(&Effect::Capture(Slot::Microphone)), "it is captured already: {effects:?}");
    assert_eq!(world.view(0).me.microphone, Device::On);
}

#[test]
fn a_camera_switched_off_while_it_starts_is_stopped_when_it_comes() {
    let mut world = call_of(1);
    world.act(0, Action::Switch(Slot::Camera, true));
    world.act(0, Action::Switch(Slot::Camera, false));
    world.run(5000);
    assert!(world.pages[0].tracks.is_empty());
    assert_eq!(world.view(0).me.camera, Device::Off);
}

#[test]
fn a_refused_camera_is_told_and_the_call_goes_on_without_it() {
    let mut world = call_of(2);
    world.pages[0].broken_devices = true;
    world.act(0, Action::Switch(Slot::Camera, true));
    world.run(5000);
    assert_eq!(world.view(0).me.camera, Device::Failed(CaptureError::NotFound));
    assert_eq!(state(&world, 1, 0), Some(PersonState::Connected));
}

#[test]
fn closing_the_screen_picker_is_no_failure_and_stopping_from_the_browsers_bar_neither() {
    let mut world = call_of(1);
    world.act(0, Action::Switch(Slot::Screen, true));
    world.input(0, Input::CaptureFailed(Slot::Screen, CaptureError::Denied));
    assert_eq!(world.view(0).me.screen, Device::Off);
    world.run(5000);
    world.act(0, Action::Switch(Slot::Screen, true));
    world.run(5000);
    assert_eq!(world.view(0).me.screen, Device::On);
    world.input(0, Input::CaptureEnded(Slot::Screen));
    assert_eq!(world.view(0).me.screen, Device::Off);
}

#[test]
fn another_camera_is_handed_to_every_connection() {
    let mut world = call_of(3);
    world.act(0, Action::Switch(Slot::Camera, true));
    world.run(5000);
    world.pages[0].effects = Some(Vec::new());
    world.act(0, Action::DeviceChosen(Slot::Camera));
    world.run(5000);
    let effects = world.pages[0].effects.as_ref().unwrap();
    assert!(effects.contains(&Effect::Capture(Slot::Camera)));
    let sends = effects.iter().filter(|effect| matches!(effect, Effect::Connection(_, _, Command::Send(_))));
    assert_eq!(sends.count(), 2);
}

#[test]
fn who_leaves_is_gone_at_once_and_everything_of_theirs_is_closed() {
    let mut world = call_of(3);
    world.act(0, Action::Switch(Slot::Camera, true));
    world.run(3000);
    world.act(0, Action::Leave);
    assert_eq!(world.view(0).stage, Stage::Left);
    assert!(world.pages[0].tracks.is_empty(), "the light is out");
    assert!(world.browsers.keys().all(|(owner, ..)| *owner != 0));
    world.run(1000);
    assert_eq!(person(&world, 1, 0), None);
    assert_eq!(person(&world, 2, 0), None);
    assert_eq!(state(&world, 1, 2), Some(PersonState::Connected));
}

#[test]
fn a_closed_page_leaves_even_when_the_server_is_dead() {
    let mut world = call_of(2);
    world.crash_server();
    world.run(500);
    let id = world.pages[0].id;
    // The goodbye may be lost with the connection it was sent on; then it takes the minute of a lost person.
    world.act(0, Action::ClosePage);
    let gone = world.run_until(90_000, |world| world.view(1).people.iter().all(|person| person.peer != id));
    assert!(gone);
}

#[test]
fn who_has_left_can_come_back_on_the_same_page() {
    let mut world = call_of(2);
    world.act(0, Action::Leave);
    world.run(2000);
    world.act(0, Action::Join);
    settle(&mut world).unwrap();
    assert_eq!(state(&world, 1, 0), Some(PersonState::Connected));
}

#[test]
fn a_raised_hand_is_seen_until_it_is_lowered_or_its_owner_leaves() {
    let mut world = call_of(2);
    let seen = |world: &World<SymbolicSeal>| person(world, 0, 1).map(|person| person.hand);
    for (raised, last) in [(true, false), (false, false), (true, true)] {
        world.act(1, Action::RaiseHand(raised));
        settle(&mut world).unwrap();
        assert_eq!((world.view(1).me.hand, seen(&world)), (raised, Some(raised)));
        if last {
            world.act(1, Action::Leave);
            world.act(1, Action::Join);
            settle(&mut world).unwrap();
            assert_eq!((world.view(1).me.hand, seen(&world)), (false, Some(false)));
        }
    }
    // There is nobody to see it before the call.
    world.open("Grace");
    world.act(2, Action::RaiseHand(true));
    assert!(!world.view(2).me.hand);
}

#[test]
fn the_call_goes_on_when_the_server_dies_and_heals_when_it_comes_back() {
    let mut world = call_of(3);
    let before = generation(&world, 0, 1);
    world.crash_server();
    for _ in 0..600 {
        world.run(1000);
        assert_eq!(state(&world, 0, 1), Some(PersonState::Connected));
        assert_eq!(state(&world, 2, 1), Some(PersonState::Connected));
    }
    assert!(world.view(0).server == Server::Offline);
    world.act(1, Action::SetName("Ada".to_owned()));
    world.act(1, Action::Switch(Slot::Microphone, true));
    world.run(5000);
    let seen = person(&world, 0, 1).unwrap();
    assert_eq!((seen.name.as_str(), seen.sending.has(Slot::Microphone)), ("Ada", true));
    world.start_server();
    world.open("newcomer");
    world.act(3, Action::Join);
    settle(&mut world).unwrap();
    assert_eq!(generation(&world, 0, 1), before, "the old connection never changed");
}

#[test]
fn a_lost_socket_is_replaced_and_nobody_sees_anything() {
    let mut world = call_of(2);
    world.cut_socket(0, false);
    assert!(world.run_until(2000, |world| world.view(0).server != Server::Online));
    for _ in 0..20 {
        world.run(100);
        assert_eq!(state(&world, 1, 0), Some(PersonState::Connected));
    }
    assert_eq!(world.view(0).server, Server::Online);
}

#[test]
fn a_socket_that_swallows_everything_is_noticed_within_fifteen_seconds() {
    let mut world = call_of(2);
    world.black_hole(0);
    world.run(15_500);
    assert!(!world.is_black_holed(0));
}

#[test]
fn a_short_hiccup_is_shown_and_heals_without_a_new_connection() {
    let mut world = call_of(2);
    let before = generation(&world, 0, 1);
    world.step(Step::LinkChange(0, 1));
    assert!(world.run_until(10_000, |world| state(world, 0, 1) == Some(PersonState::Reconnecting)));
    assert_eq!(generation(&world, 0, 1), before, "the last picture stays");
    settle(&mut world).unwrap();
    assert_eq!(generation(&world, 0, 1), before, "an ICE restart was enough");
}

#[test]
fn a_connection_that_ice_cannot_heal_is_built_anew() {
    let mut world = call_of(2);
    let before = generation(&world, 0, 1).unwrap();
    world.step(Step::BreakConnections(0, 1));
    settle(&mut world).unwrap();
    assert!(generation(&world, 0, 1).unwrap() > before);
}

#[test]
fn a_failed_browser_operation_leads_to_a_new_connection() {
    for (one, other) in [(0, 1), (1, 0)] {
        let mut world = call_of(2);
        let before = generation(&world, 0, 1).unwrap();
        world.step(Step::FailOperation(one, other));
        // Sooner than the other end's browser would notice by itself: whoever answers has asked for it.
        let healed = world.run_until(4000, |world| {
            generation(world, 0, 1).is_some_and(|now| now > before) && world.settled().is_ok()
        });
        assert!(healed, "{:?}", world.settled());
    }
}

#[test]
fn a_killed_browser_leaves_within_the_promised_time() {
    let mut world = call_of(2);
    world.kill(0);
    world.run(9000);
    assert_eq!(state(&world, 1, 0), Some(PersonState::Reconnecting));
    world.run(60_000);
    assert_eq!(person(&world, 1, 0), None);
}

#[test]
fn five_minutes_without_any_network_end_in_the_same_call() {
    let mut world = call_of(3);
    for other in 1..3 {
        world.step(Step::LinkDown(0, other));
    }
    world.black_hole(0);
    world.crash_server();
    world.run(300_000);
    assert_eq!(person(&world, 1, 0), None, "gone for the others by now");
    world.start_server();
    for other in 1..3 {
        world.step(Step::LinkUp(0, other));
    }
    world.input(0, Input::NetworkChanged);
    settle(&mut world).unwrap();
}

#[test]
fn a_connection_that_cannot_be_made_is_said_to_be_and_still_tried() {
    let mut world = World::symbolic(5);
    world.open("one");
    world.open("two");
    world.run(1000);
    world.step(Step::LinkDown(0, 1));
    world.act(0, Action::Join);
    world.act(1, Action::Join);
    world.run(20_000);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Connecting));
    world.run(40_000);
    assert_eq!(state(&world, 0, 1), Some(PersonState::Gone));
    world.step(Step::LinkUp(0, 1));
    settle(&mut world).unwrap();
}

#[test]
fn close_codes_are_followed() {
    let cases = [
        (CloseCode::Replaced, Server::Replaced, false),
        (CloseCode::MalformedRecord, Server::Outdated, false),
        (CloseCode::LobbyTimeout, Server::LobbyTimeout, true),
    ];
    for (code, expected, comes_back) in cases {
        let mut world = World::symbolic(9);
        world.open("somebody");
        world.run(1000);
        assert_eq!(world.view(0).server, Server::Online);
        world.input(0, Input::SocketClosed(code as u16));
        world.run(60_000);
        assert_eq!(world.view(0).server, expected);
        world.pages[0].effects = Some(Vec::new());
        world.act(0, Action::Switch(Slot::Microphone, true));
        let opened = world.pages[0].effects.as_ref().unwrap().contains(&Effect::OpenSocket);
        assert_eq!(opened, comes_back, "{code:?}");
    }
}

#[test]
fn retries_come_after_growing_pauses_and_never_end() {
    let mut world = World::symbolic(9);
    world.server.up = false;
    world.open("somebody");
    world.pages[0].effects = Some(Vec::new());
    let mut opened = Vec::new();
    for _ in 0..3000 {
        world.run(10);
        if world.pages[0].effects.replace(Vec::new()).unwrap().contains(&Effect::OpenSocket) {
            opened.push(world.now);
        }
    }
    let pauses: Vec<_> = opened.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.len() >= 6, "{pauses:?}");
    assert!(pauses[0] < 700 && pauses[1] < pauses[2] && pauses[3] < pauses[4], "{pauses:?}");
    world.run(600_000);
    world.server.up = true;
    world.run(10_000);
    assert_eq!(world.view(0).server, Server::Online);
}

#[test]
fn equal_inputs_make_equal_engines() {
    let (one, other) = (call_of(3), call_of(3));
    assert_eq!(one.pages[1].call, other.pages[1].call);
    let mut copy = one.pages[1].call.clone();
    copy.handle(Milliseconds(one.now), Input::Person(Action::SetName("other".to_owned())), &mut Vec::new());
    assert_ne!(copy, other.pages[1].call);
}

#[test]
fn events_of_a_connection_that_is_no_more_are_ignored() {
    let mut world = call_of(2);
    let (peer, before) = (world.pages[1].id, world.view(0));
    world.input(0, Input::Connection(peer, Generation(99), ConnectionEvent::Failed));
    world.input(0, Input::Connection(peer, Generation(0), ConnectionEvent::ChannelMessage(vec![1, 2, 3])));
    assert_eq!(world.view(0), before);
}
