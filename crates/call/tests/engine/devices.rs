//! Capture devices that are lost, forbidden, taken, plugged in; shares that rest. One behaviour each.

use crate::world::look::{Symbolic, call_of, person};
use crate::world::scenario::settle;
use eyeline_call::effect::Command;
use eyeline_call::input::{Action, CaptureError};
use eyeline_call::view::{Device, DeviceNews};
use eyeline_call::{Effect, Input};
use eyeline_protocol::inner::{Slot, Slots};

/// Two people in a call, the first with microphone and camera on; what its engine asks for is kept from then on.
fn call_with_devices() -> Symbolic {
    let mut world = call_of(2);
    world.act(0, Action::Switch(Slot::Microphone, true));
    world.act(0, Action::Switch(Slot::Camera, true));
    world.run(5000);
    settle(&mut world).unwrap();
    world.pages[0].effects = Some(Vec::new());
    world
}

fn sharing() -> Symbolic {
    let mut world = call_of(2);
    world.act(0, Action::Switch(Slot::Screen, true));
    world.run(5000);
    settle(&mut world).unwrap();
    world.pages[0].effects = Some(Vec::new());
    world
}

fn effects(world: &Symbolic) -> &[Effect] {
    world.pages[0].effects.as_deref().unwrap()
}

fn news(world: &Symbolic) -> Vec<DeviceNews> {
    let news = |effect: &Effect| if let Effect::Tell(news) = effect { Some(*news) } else { None };
    effects(world).iter().filter_map(news).collect()
}

/// How the other sees what the first sends: what is on, and what of it rests.
fn seen(world: &Symbolic, slot: Slot) -> (bool, bool) {
    let first = person(world, 1, 0).unwrap();
    (first.sending.has(slot), first.paused.has(slot))
}

#[test]
fn an_unplugged_microphone_is_replaced_by_another_and_the_person_is_told() {
    let mut world = call_with_devices();
    world.device(0, Input::CaptureEnded(Slot::Microphone));
    assert_eq!(world.view(0).me.microphone, Device::Starting);
    assert!(effects(&world).contains(&Effect::CaptureAnother(Slot::Microphone)));
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!(world.view(0).me.microphone, Device::On);
    assert_eq!(news(&world), [DeviceNews::FellBack(Slot::Microphone)]);
    assert_eq!(seen(&world, Slot::Microphone), (true, false));
}

#[test]
fn while_a_lost_camera_is_replaced_the_others_are_told_that_it_rests() {
    let mut world = call_with_devices();
    // The successor takes its time.
    world.pages[0].answers = false;
    world.device(0, Input::CaptureEnded(Slot::Camera));
    world.run(1000);
    assert_eq!(seen(&world, Slot::Camera), (true, true));
    world.pages[0].answers = true;
    world.input(0, Input::Captured(Slot::Camera));
    world.run(1000);
    assert_eq!(seen(&world, Slot::Camera), (true, false));
}

#[test]
fn without_another_camera_it_is_off_and_the_person_is_told_why() {
    let mut world = call_with_devices();
    world.pages[0].devices = 1;
    world.device(0, Input::CaptureEnded(Slot::Camera));
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!(world.view(0).me.camera, Device::Failed(CaptureError::NotFound));
    assert_eq!(news(&world), [DeviceNews::Lost(Slot::Camera)]);
    assert_eq!(seen(&world, Slot::Camera), (false, false));
}

#[test]
fn a_muted_microphone_that_is_lost_is_replaced_and_stays_muted() {
    let mut world = call_with_devices();
    world.act(0, Action::Switch(Slot::Microphone, false));
    world.device(0, Input::CaptureEnded(Slot::Microphone));
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!(world.view(0).me.microphone, Device::Off);
    assert!(!person(&world, 1, 0).unwrap().sending.has(Slot::Microphone));
    assert!(world.pages[0].tracks.contains(&Slot::Microphone), "it comes back at once");
}

#[test]
fn three_microphones_of_a_dock_are_replaced_in_turn_and_one_that_dies_again_and_again_is_not() {
    let mut world = call_with_devices();
    world.pages[0].devices = 100;
    for _ in 0..3 {
        world.device(0, Input::CaptureEnded(Slot::Microphone));
        world.run(2100);
        assert_eq!(world.view(0).me.microphone, Device::On);
    }
    world.device(0, Input::CaptureEnded(Slot::Microphone));
    assert_eq!(world.view(0).me.microphone, Device::Failed(CaptureError::NotFound));
    assert_eq!(news(&world).last(), Some(&DeviceNews::Lost(Slot::Microphone)));
    // A while later it is worth a try again.
    world.act(0, Action::Switch(Slot::Microphone, true));
    world.run(20_000);
    world.device(0, Input::CaptureEnded(Slot::Microphone));
    world.run(2100);
    assert_eq!(world.view(0).me.microphone, Device::On);
}

#[test]
fn a_camera_that_another_program_has_is_replaced_by_a_second_one() {
    let mut world = call_of(1);
    world.pages[0].effects = Some(Vec::new());
    world.pages[0].answers = false;
    world.act(0, Action::Switch(Slot::Camera, true));
    world.pages[0].answers = true;
    world.input(0, Input::CaptureFailed(Slot::Camera, CaptureError::Busy));
    world.run(3000);
    assert_eq!(world.view(0).me.camera, Device::On);
    assert_eq!(news(&world), [DeviceNews::FellBack(Slot::Camera)]);
}

#[test]
fn a_camera_that_another_program_has_and_no_second_one_is_said_to_be_busy() {
    let mut world = call_of(1);
    world.pages[0].devices = 1;
    world.pages[0].answers = false;
    world.act(0, Action::Switch(Slot::Camera, true));
    world.pages[0].answers = true;
    world.input(0, Input::CaptureFailed(Slot::Camera, CaptureError::Busy));
    world.run(3000);
    assert_eq!(world.view(0).me.camera, Device::Failed(CaptureError::Busy));
}

#[test]
fn a_chosen_device_that_cannot_be_had_leaves_the_one_before() {
    let mut world = call_with_devices();
    world.pages[0].broken_devices = true;
    world.act(0, Action::DeviceChosen(Slot::Camera));
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!(world.view(0).me.camera, Device::On);
    assert_eq!(news(&world), [DeviceNews::NotTaken(Slot::Camera)]);
    assert!(!effects(&world).contains(&Effect::StopCapture(Slot::Camera)));
}

#[test]
fn a_camera_that_is_flipped_is_let_go_before_the_other_is_opened() {
    let mut world = call_with_devices();
    world.act(0, Action::DeviceSwapped(Slot::Camera));
    let own = |effect: &&Effect| matches!(effect, Effect::Capture(_) | Effect::StopCapture(_));
    let order: Vec<_> = effects(&world).iter().filter(own).cloned().collect();
    assert_eq!(order, [Effect::StopCapture(Slot::Camera), Effect::Capture(Slot::Camera)]);
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!((world.view(0).me.camera, seen(&world, Slot::Camera)), (Device::On, (true, false)));
}

#[test]
fn a_flipped_camera_that_does_not_come_falls_back_to_another() {
    let mut world = call_with_devices();
    world.pages[0].answers = false;
    world.act(0, Action::DeviceSwapped(Slot::Camera));
    world.pages[0].answers = true;
    world.input(0, Input::CaptureFailed(Slot::Camera, CaptureError::Busy));
    world.run(3000);
    assert_eq!(world.view(0).me.camera, Device::On);
}

#[test]
fn withdrawn_permission_stops_the_device_and_given_again_it_comes_back_by_itself() {
    let mut world = call_with_devices();
    world.device(0, Input::Permission(Slot::Camera, false));
    assert_eq!(world.view(0).me.camera, Device::Failed(CaptureError::Denied));
    assert!(!world.pages[0].tracks.contains(&Slot::Camera));
    assert_eq!(news(&world), [DeviceNews::Withdrawn(Slot::Camera)]);
    world.device(0, Input::Permission(Slot::Camera, true));
    world.run(3000);
    settle(&mut world).unwrap();
    assert_eq!(world.view(0).me.camera, Device::On);
}

#[test]
fn permission_for_a_device_that_is_off_switches_nothing_on() {
    let mut world = call_of(1);
    world.device(0, Input::Permission(Slot::Camera, true));
    world.device(0, Input::Permission(Slot::Camera, false));
    world.device(0, Input::Permission(Slot::Camera, true));
    world.run(3000);
    assert_eq!(world.view(0).me.camera, Device::Off);
    assert!(world.pages[0].tracks.is_empty());
}

#[test]
fn a_microphone_that_the_system_takes_is_told_to_all_and_comes_back_by_itself() {
    let mut world = call_with_devices();
    world.device(0, Input::CaptureMuted(Slot::Microphone, true));
    world.run(1000);
    assert_eq!(world.view(0).me.microphone, Device::On);
    assert!(world.view(0).me.paused.has(Slot::Microphone));
    assert_eq!(seen(&world, Slot::Microphone), (true, true));
    world.device(0, Input::CaptureMuted(Slot::Microphone, false));
    world.run(1000);
    assert_eq!(seen(&world, Slot::Microphone), (true, false));
    assert_eq!(news(&world), [DeviceNews::Interrupted(Slot::Microphone), DeviceNews::Back(Slot::Microphone)]);
    let sends =
        effects(&world).iter().filter(|effect| matches!(effect, Effect::Connection(_, _, Command::Send(_))));
    assert_eq!(sends.count(), 0, "the track stays where it is");
}

#[test]
fn a_new_device_is_offered_in_a_call_and_changes_nothing_by_itself() {
    let mut world = call_with_devices();
    world.device(0, Input::DeviceAppeared(Slot::Microphone));
    world.run(3000);
    assert_eq!(news(&world), [DeviceNews::Appeared(Slot::Microphone)]);
    assert!(!effects(&world).iter().any(|effect| matches!(effect, Effect::Capture(_))));
}

#[test]
fn a_missing_microphone_that_is_plugged_in_is_taken_in_the_lobby_and_offered_in_a_call() {
    let mut world = Symbolic::symbolic(1);
    world.open("Ada");
    world.pages[0].broken_devices = true;
    world.act(0, Action::Switch(Slot::Microphone, true));
    world.run(3000);
    assert_eq!(world.view(0).me.microphone, Device::Failed(CaptureError::NotFound));
    world.pages[0].broken_devices = false;
    world.device(0, Input::DeviceAppeared(Slot::Microphone));
    world.run(3000);
    assert_eq!(world.view(0).me.microphone, Device::On);

    world.act(0, Action::Join);
    world.run(3000);
    world.pages[0].devices = 1;
    world.device(0, Input::CaptureEnded(Slot::Microphone));
    world.run(3000);
    world.device(0, Input::DeviceAppeared(Slot::Microphone));
    world.run(3000);
    assert!(matches!(world.view(0).me.microphone, Device::Failed(_)), "nobody is heard again unasked");
    world.act(0, Action::Switch(Slot::Microphone, true));
    world.run(3000);
    assert_eq!(world.view(0).me.microphone, Device::On);
}

#[test]
fn a_paused_share_sends_nothing_and_the_others_keep_its_last_picture() {
    let mut world = sharing();
    world.act(0, Action::PauseShare(true));
    world.run(1000);
    assert_eq!(seen(&world, Slot::Screen), (true, true));
    let sends =
        |world: &Symbolic| world.browsers.iter().find(|((owner, ..), _)| *owner == 0).unwrap().1.sends;
    assert_eq!(sends(&world), Some(Slots::NONE));
    assert!(world.pages[0].tracks.contains(&Slot::Screen));
    world.act(0, Action::PauseShare(false));
    world.run(1000);
    assert_eq!(seen(&world, Slot::Screen), (true, false));
    assert!(sends(&world).unwrap().has(Slot::Screen));
}

#[test]
fn a_share_that_ended_while_it_was_paused_begins_anew_without_a_pause() {
    let mut world = sharing();
    world.act(0, Action::PauseShare(true));
    world.device(0, Input::CaptureEnded(Slot::Screen));
    assert_eq!((world.view(0).me.screen, news(&world)), (Device::Off, vec![DeviceNews::ShareEnded]));
    world.act(0, Action::Switch(Slot::Screen, true));
    world.run(5000);
    settle(&mut world).unwrap();
    assert_eq!(seen(&world, Slot::Screen), (true, false));
}

#[test]
fn the_calls_own_page_is_shared_without_its_sound_and_another_with_it() {
    let mut world = sharing();
    world.input(0, Input::Captured(Slot::ScreenSound));
    world.run(1000);
    assert!(seen(&world, Slot::ScreenSound).0);
    let sends = |world: &Symbolic| {
        world.browsers.iter().find(|((owner, ..), _)| *owner == 0).unwrap().1.sends.unwrap()
    };
    assert!(sends(&world).has(Slot::ScreenSound));
    for _ in 0..2 {
        world.input(0, Input::SharesItself(true));
        world.run(1000);
        assert!(!seen(&world, Slot::ScreenSound).0 && seen(&world, Slot::Screen).0);
        assert!(!sends(&world).has(Slot::ScreenSound) && sends(&world).has(Slot::Screen));
    }
    assert_eq!(news(&world), [DeviceNews::SharesItself], "once is enough");
    world.input(0, Input::SharesItself(false));
    world.run(1000);
    assert!(seen(&world, Slot::ScreenSound).0 && sends(&world).has(Slot::ScreenSound));
    // It ends with the share.
    world.input(0, Input::SharesItself(true));
    world.act(0, Action::Switch(Slot::Screen, false));
    world.act(0, Action::Switch(Slot::Screen, true));
    world.run(5000);
    world.input(0, Input::Captured(Slot::ScreenSound));
    world.run(1000);
    assert!(seen(&world, Slot::ScreenSound).0);
}

#[test]
fn nothing_that_happens_to_devices_reaches_who_has_left() {
    let mut world = call_with_devices();
    world.act(0, Action::Leave);
    world.pages[0].effects = Some(Vec::new());
    for slot in Slot::ALL {
        for input in [
            Input::CaptureEnded(slot),
            Input::CaptureMuted(slot, true),
            Input::Permission(slot, true),
            Input::Permission(slot, false),
            Input::DeviceAppeared(slot),
            Input::SharesItself(true),
            Input::Person(Action::DeviceSwapped(slot)),
            Input::Person(Action::DeviceChosen(slot)),
        ] {
            world.input(0, input);
        }
    }
    let asked =
        |effect: &Effect| matches!(effect, Effect::Tell(_) | Effect::Capture(_) | Effect::CaptureAnother(_));
    assert!(!effects(&world).iter().any(asked), "{:?}", effects(&world));
}
