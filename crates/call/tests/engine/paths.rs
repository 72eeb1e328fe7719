//! How media travels, and who may know from where.

use crate::world::World;
use crate::world::scenario::{Step, settle};
use eyeline_call::effect::{Command, Effect};
use eyeline_call::input::{Action, ConnectionEvent, Input, Path, RelayTransport};
use eyeline_call::view::PersonState;
use eyeline_protocol::inner::Slot;
use eyeline_protocol::outer::{IceServer, ServerRecord};
use eyeline_seal::symbolic::SymbolicSeal;

type Symbolic = World<SymbolicSeal>;

const RELAYED: Path = Path::Relayed(RelayTransport::Udp);
const MINUTES: u64 = 60_000;

/// Two pages in the call, settled. The second began, so it offers.
fn call_over(path: Path) -> Symbolic {
    let mut world = World::symbolic(42);
    world.path = Some(path);
    for page in 0..2 {
        world.open(&format!("person {page}"));
        world.run(300);
        world.act(page, Action::Join);
    }
    settle(&mut world).unwrap();
    for page in &mut world.pages {
        page.effects = Some(Vec::new());
    }
    world
}

/// The offering page of the only pair.
fn offering(world: &Symbolic) -> usize {
    (0..2).find(|page| created(world, *page).is_some_and(|offers| offers)).unwrap()
}

fn created(world: &Symbolic, page: usize) -> Option<bool> {
    world.browsers.iter().find(|((owner, ..), _)| *owner == page).map(|(_, browser)| browser.offers)
}

fn path(world: &Symbolic, page: usize) -> Option<Path> {
    world.view(page).people.first().and_then(|person| person.path)
}

/// ICE restarts that both engines have asked for since the last look.
fn restarts(world: &mut Symbolic) -> usize {
    let is_restart = |effect: &&Effect| {
        matches!(effect, Effect::Connection(_, _, Command::SetLocalOffer { ice_restart: true }))
    };
    let effects = world.pages.iter_mut().filter_map(|page| page.effects.replace(Vec::new()));
    effects.map(|effects| effects.iter().filter(is_restart).count()).sum()
}

/// Lets time pass in which nobody may see anything but a connected person.
fn run_connected(world: &mut Symbolic, milliseconds: u64) {
    let end = world.now + milliseconds;
    while world.now < end {
        world.run(500.min(end - world.now));
        for page in 0..2 {
            let person = world.view(page).people.first().cloned().unwrap();
            assert_eq!(person.state, PersonState::Connected, "at {}", world.now);
        }
    }
}

#[test]
fn a_relayed_call_becomes_direct_when_a_direct_path_appears() {
    let mut world = call_over(RELAYED);
    assert_eq!([path(&world, 0), path(&world, 1)], [Some(RELAYED); 2]);
    world.path = Some(Path::Direct);
    run_connected(&mut world, 40_000);
    assert_eq!([path(&world, 0), path(&world, 1)], [Some(Path::Direct); 2]);
    assert_eq!(restarts(&mut world), 1);
    run_connected(&mut world, 30 * MINUTES);
    assert_eq!(restarts(&mut world), 0, "direct is what was wanted");
}

#[test]
fn a_call_that_stays_relayed_is_left_in_peace_after_three_tries() {
    let mut world = call_over(RELAYED);
    for (minutes, expected) in [(1, 1), (2, 1), (12, 1), (120, 0)] {
        run_connected(&mut world, minutes * MINUTES);
        assert_eq!(restarts(&mut world), expected, "in the next {minutes} minutes");
    }
    assert_eq!(path(&world, 0), Some(RELAYED));
}

#[test]
fn a_change_of_network_at_either_end_makes_a_relayed_call_look_again_soon_but_not_often() {
    for offers in [true, false] {
        let mut world = call_over(RELAYED);
        run_connected(&mut world, 20 * MINUTES);
        restarts(&mut world);
        let page = if offers { offering(&world) } else { 1 - offering(&world) };
        world.path = Some(Path::Direct);
        world.input(page, Input::NetworkChanged);
        run_connected(&mut world, 5_000);
        assert_eq!((restarts(&mut world), path(&world, 0)), (1, Some(Path::Direct)), "offers: {offers}");

        let mut world = call_over(RELAYED);
        run_connected(&mut world, 20 * MINUTES);
        restarts(&mut world);
        for _ in 0..120 {
            world.input(page, Input::NetworkChanged);
            run_connected(&mut world, 500);
        }
        let count = restarts(&mut world);
        assert!((2..=3).contains(&count), "{count} restarts in a minute, offers: {offers}");
    }
}

#[test]
fn a_restart_of_which_no_path_comes_ends_in_a_new_connection() {
    let mut world = call_over(RELAYED);
    let before = world.view(0).people[0].show;
    world.restarts_lose_the_path = true;
    run_connected(&mut world, 35_000);
    assert_eq!(restarts(&mut world), 1);
    world.restarts_lose_the_path = false;
    world.path = Some(Path::Direct);
    world.run(15_000);
    settle(&mut world).unwrap();
    assert!(world.view(0).people[0].show > before, "the connection was built anew");
    assert_eq!(path(&world, 0), Some(Path::Direct));
}

#[test]
fn a_wish_for_a_direct_path_is_not_followed_where_it_is_fulfilled() {
    let mut world = call_over(RELAYED);
    let answering = 1 - offering(&world);
    world.run(1000);
    // The offering end's browser has found a direct path, and the other does not know yet.
    let (peer, generation) =
        world.view(1 - answering).people.first().map(|person| (person.peer, person.show.unwrap())).unwrap();
    let found = ConnectionEvent::Path(Path::Direct);
    world.input(1 - answering, Input::Connection(peer, generation, found));
    world.input(answering, Input::NetworkChanged);
    run_connected(&mut world, 10_000);
    assert_eq!(restarts(&mut world), 0);
}

#[test]
fn a_direct_call_is_not_disturbed_by_a_change_of_network_that_it_survives() {
    let mut world = call_over(Path::Direct);
    for page in 0..2 {
        world.input(page, Input::NetworkChanged);
    }
    run_connected(&mut world, MINUTES);
    assert_eq!(restarts(&mut world), 0);
}

#[test]
fn nobody_looks_for_a_direct_path_while_the_server_cannot_be_reached() {
    let mut world = call_over(RELAYED);
    world.crash_server();
    run_connected(&mut world, 5 * MINUTES);
    assert_eq!(restarts(&mut world), 0);
    world.start_server();
    run_connected(&mut world, MINUTES);
    assert_eq!(restarts(&mut world), 1);
}

#[test]
fn who_hides_is_reached_through_the_relay_only_and_nobody_looks_for_more() {
    for hider in 0..2 {
        let mut world = World::symbolic(7);
        world.path = Some(Path::Direct);
        for page in 0..2 {
            world.open("somebody");
            world.pages[page].effects = Some(Vec::new());
        }
        world.act(hider, Action::AlwaysRelay(true));
        world.run(1000);
        assert!(world.view(hider).me.always_relay && world.view(hider).me.relay_offered);
        world.act(0, Action::Join);
        world.act(1, Action::Join);
        settle(&mut world).unwrap();
        assert_eq!([path(&world, 0), path(&world, 1)], [Some(RELAYED); 2]);
        run_connected(&mut world, 20 * MINUTES);
        world.input(hider, Input::NetworkChanged);
        run_connected(&mut world, MINUTES);
        assert_eq!(restarts(&mut world), 0);
        assert_eq!(world.failure, None, "the world itself looks at every candidate");
    }
}

#[test]
fn hiding_and_showing_in_the_call_builds_the_connection_anew() {
    let mut world = call_over(Path::Direct);
    world.act(0, Action::Switch(Slot::Camera, true));
    for (page, always, expected) in
        [(0, true, RELAYED), (1, true, RELAYED), (0, false, RELAYED), (1, false, Path::Direct)]
    {
        world.act(page, Action::AlwaysRelay(always));
        settle(&mut world).unwrap();
        assert_eq!(path(&world, 0), Some(expected), "page {page}: {always}");
    }
    assert_eq!(world.failure, None);
}

#[test]
fn living_connections_get_fresh_credentials_before_they_restart() {
    let mut world = call_over(RELAYED);
    let fresh = vec![IceServer {
        url: "turn:server.example:3478?transport=udp".to_owned(),
        username: "later".to_owned(),
        credential: "secret".to_owned(),
    }];
    for page in 0..2 {
        let mut message = Vec::new();
        ServerRecord::Credentials(fresh.clone()).write(&mut message);
        world.input(page, Input::SocketMessage(message.clone()));
        // Said twice, done once.
        world.input(page, Input::SocketMessage(message));
    }
    world.run(1000);
    assert!(world.browsers.values().all(|browser| browser.ice_servers == fresh));
    run_connected(&mut world, MINUTES);
    let kinds: Vec<_> = world.pages[offering(&world)]
        .effects
        .iter()
        .flatten()
        .filter_map(|effect| match effect {
            Effect::Connection(_, _, Command::SetConfiguration { relay_only: false, .. }) => Some("servers"),
            Effect::Connection(_, _, Command::SetLocalOffer { ice_restart: true }) => Some("restart"),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["servers", "restart"]);
}

#[test]
fn a_connection_made_after_fresh_credentials_has_them() {
    let mut world = call_over(Path::Direct);
    let mut message = Vec::new();
    ServerRecord::Credentials(Vec::new()).write(&mut message);
    world.input(0, Input::SocketMessage(message));
    world.step(Step::BreakConnections(0, 1));
    settle(&mut world).unwrap();
    let mine = world.browsers.iter().find(|((owner, ..), _)| *owner == 0).unwrap().1;
    assert_eq!(mine.ice_servers, []);
    assert!(!world.view(0).me.relay_offered);
}
