//! Whatever the server does to the records that pass through it, nobody is deceived; and once it stops, the call
//! comes right by itself.

use crate::world::World;
use crate::world::evil::Evil;
use crate::world::scenario::settle;
use eyeline_call::input::Action;
use eyeline_call::view::PersonState;
use eyeline_protocol::inner::Slot;
use eyeline_seal::symbolic::SymbolicSeal;

/// Three people, two of them connected before the server turns evil and one after; then it is honest again.
fn survive(seed: u64, evil: &Evil) {
    let mut world = World::symbolic(seed);
    for page in 0..3 {
        if page == 2 {
            world.run(3000);
            world.evil = Some(evil.clone());
        }
        world.open(&format!("person {page}"));
        world.act(page, Action::Switch(Slot::Camera, true));
        world.act(page, Action::Join);
    }
    for step in 0..60 {
        world.run(500);
        nobody_is_deceived(&world, seed);
        if step == 20 {
            world.act(0, Action::SetName("renamed".to_owned()));
            world.cut_socket(0, false);
        }
    }
    world.evil = None;
    // Those who were made up vanish with the next roster.
    for page in 0..3 {
        world.cut_socket(page, false);
    }
    settle(&mut world).unwrap_or_else(|why| panic!("seed {seed}, {evil:?}: {why}"));
}

/// Names and connections belong to those whose they are; who was made up has neither.
fn nobody_is_deceived(world: &World<SymbolicSeal>, seed: u64) {
    assert_eq!(world.failure, None, "seed {seed}");
    for page in 0..world.pages.len() {
        for person in world.view(page).people {
            match world.index.get(&person.peer) {
                None => {
                    assert_eq!(
                        (person.name.as_str(), person.show),
                        ("", None),
                        "seed {seed}: a ghost speaks"
                    );
                    assert_ne!(person.state, PersonState::Connected, "seed {seed}");
                }
                Some(&other) => {
                    let names = [String::new(), format!("person {other}"), "renamed".to_owned()];
                    assert!(names.contains(&person.name), "seed {seed}: {person:?}");
                    assert!(person.name != "renamed" || other == 0, "seed {seed}: a swapped name");
                }
            }
        }
        for (_, peer, _) in world.browsers.keys() {
            assert!(world.index.contains_key(peer), "seed {seed}: a connection with a ghost");
        }
    }
}

fn survive_many(evil: &Evil) {
    for seed in 0..40 {
        survive(seed, evil);
    }
}

#[test]
fn dropped_records_are_sent_again() {
    survive_many(&Evil { drops: 40, ..Evil::default() });
}

#[test]
fn replayed_records_change_nothing() {
    survive_many(&Evil { replays: 40, ..Evil::default() });
}

#[test]
fn altered_records_are_not_believed() {
    survive_many(&Evil { alters: 30, ..Evil::default() });
}

#[test]
fn records_with_a_forged_sender_are_not_believed() {
    survive_many(&Evil { forges_sender: 30, ..Evil::default() });
}

#[test]
fn records_given_to_the_wrong_peer_are_not_believed() {
    survive_many(&Evil { misdelivers: 30, ..Evil::default() });
}

#[test]
fn invented_members_are_never_connected() {
    survive_many(&Evil { ghosts: 50, ..Evil::default() });
}

#[test]
fn members_that_are_denied_are_found_again() {
    survive_many(&Evil { denies: 50, ..Evil::default() });
}

#[test]
fn all_of_it_together_deceives_nobody() {
    survive_many(&Evil {
        drops: 10,
        replays: 20,
        alters: 10,
        forges_sender: 10,
        misdelivers: 10,
        ghosts: 20,
        denies: 20,
        ..Evil::default()
    });
}

#[test]
fn those_who_are_connected_stay_so_whatever_the_server_says() {
    for seed in 0..20 {
        let mut world = World::symbolic(seed);
        for page in 0..2 {
            world.open("somebody");
            world.act(page, Action::Join);
        }
        settle(&mut world).unwrap();
        let before = world.view(0).people[0].show;
        world.evil = Some(Evil {
            drops: 30,
            replays: 50,
            alters: 30,
            forges_sender: 30,
            ghosts: 50,
            denies: 80,
            ..Evil::default()
        });
        for _ in 0..60 {
            world.run(1000);
            world.cut_socket(0, false);
            let view = world.view(0);
            let other = view.people.iter().find(|person| world.index.contains_key(&person.peer)).unwrap();
            assert_eq!((other.state, other.show), (PersonState::Connected, before), "seed {seed}");
        }
    }
}
