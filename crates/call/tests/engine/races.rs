//! What comes late: words and handshakes from before something that has changed everything meanwhile.

use crate::world::evil::Evil;
use crate::world::look::{Symbolic, call_with, generation, state};
use crate::world::scenario::{Step, settle};
use eyeline_call::input::Action;
use eyeline_call::view::PersonState;
use eyeline_call::{Effect, Input};
use eyeline_protocol::ids::Generation;
use eyeline_protocol::outer::{ClientRecord, ServerRecord};

/// The server brings page `to` a record from page `from`.
fn receive(world: &mut Symbolic, from: usize, to: usize, sealed: &[u8]) {
    let mut message = Vec::new();
    ServerRecord::Receive { from: world.pages[from].id, sequence: 1, sealed }.write(&mut message);
    world.input(to, Input::SocketMessage(message));
}

/// Page 1 hangs up, and nothing of its goodbye arrives. Returns the record in which it was.
fn goodbye_that_is_late(world: &mut Symbolic) -> Vec<u8> {
    world.step(Step::LinkDown(0, 1));
    world.evil = Some(Evil { drops: 100, ..Evil::default() });
    world.pages[1].effects = Some(Vec::new());
    world.act(1, Action::Leave);
    let effects = world.pages[1].effects.take().unwrap();
    let sent = effects.iter().find_map(|effect| match effect {
        Effect::SendSocket(message) => {
            ClientRecord::parse(message).flatten().find_map(|record| match record {
                ClientRecord::Send { sealed, .. } => Some(sealed.to_vec()),
                _ => None,
            })
        }
        _ => None,
    });
    world.run(100);
    world.evil = None;
    world.step(Step::LinkUp(0, 1));
    sent.unwrap()
}

#[test]
fn who_comes_back_before_their_goodbye_arrives_is_here() {
    for wait in (0..1500).step_by(15) {
        let mut world = call_with(2, wait);
        let goodbye = goodbye_that_is_late(&mut world);
        world.act(1, Action::Join);
        world.run(wait);
        receive(&mut world, 1, 0, &goodbye);
        settle(&mut world).unwrap_or_else(|why| panic!("a goodbye {wait} ms after the return: {why}"));
        assert_eq!(state(&world, 0, 1), Some(PersonState::Connected));
        assert_eq!(state(&world, 1, 0), Some(PersonState::Connected));
    }
}

#[test]
fn a_handshake_begun_during_an_outage_replaces_no_connection_that_has_healed() {
    for seed in 0..10 {
        let mut world = call_with(2, seed);
        // Page 1 is cut off from everything; the server has not noticed.
        world.step(Step::LinkDown(0, 1));
        world.black_hole(1);
        world.pages[1].cut_off_until = world.now + 12_000;
        world.run(6000);
        // Whatever it is, it is of no session that page 0 knows: perhaps the other end has another one now.
        world.pages[0].effects = Some(Vec::new());
        receive(&mut world, 1, 0, &[3; 60]);
        let effects = world.pages[0].effects.take().unwrap();
        assert!(effects.iter().any(|effect| matches!(effect, Effect::SendSocket(_))), "a handshake is begun");
        world.run(1000);
        world.step(Step::LinkUp(0, 1));
        let healed = |world: &Symbolic| state(world, 0, 1) == Some(PersonState::Connected);
        assert!(world.run_until(3000, healed), "seed {seed}");
        settle(&mut world).unwrap();
        world.run(20_000);
        assert_eq!(generation(&world, 0, 1), Some(Generation(1)), "seed {seed}: the old connection lives");
    }
}

/// A full call in which everything must be said again, while the network holds back for seconds what is said.
#[test]
fn what_a_stalled_socket_delivers_all_at_once_is_not_too_much_for_the_server() {
    for stalled_after in (0..3000).step_by(250) {
        for stall in [1000, 3000, 6000, 12_000] {
            let mut world = call_with(8, stalled_after);
            world.crash_server();
            world.run(1000);
            for other in 1..8 {
                world.step(Step::LinkChange(0, other));
            }
            world.run(1000);
            world.start_server();
            world.run(stalled_after);
            for page in 0..8 {
                world.stall_socket(page, stall);
            }
            settle(&mut world).unwrap_or_else(|why| panic!("{stall} ms, {stalled_after} ms later: {why}"));
        }
    }
}
