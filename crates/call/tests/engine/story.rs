//! What a person is told while a connection is repaired, and the story of it afterwards.

use crate::world::look::{Symbolic, call_of, person, state};
use crate::world::scenario::{Step, settle};
use eyeline_call::Input;
use eyeline_call::input::{Action, CaptureError, Path};
use eyeline_call::quality::Quality;
use eyeline_call::view::{PersonState, Repair, Server};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::Generation;
use eyeline_protocol::inner::Slot;

/// What page 0 sees being done about its connection to page 1, each once, as long as `milliseconds` last; with the
/// second of its beginning.
fn rungs(world: &mut Symbolic, milliseconds: u64) -> Vec<(u64, Option<Repair>)> {
    let start = world.now;
    let mut rungs = Vec::new();
    while world.now < start + milliseconds {
        world.run(100);
        let rung = person(world, 0, 1).and_then(|person| person.repair);
        if rungs.last().map(|(_, last)| *last) != Some(rung) {
            rungs.push(((world.now - start) / 1000, rung));
        }
    }
    rungs
}

#[test]
fn each_rung_of_the_ladder_is_seen_in_its_time() {
    let mut world = call_of(3);
    world.step(Step::LinkDown(0, 1));
    let (times, rungs): (Vec<_>, Vec<_>) = rungs(&mut world, 25_000).into_iter().unzip();
    let expected = [
        None,
        Some(Repair::Waiting),
        Some(Repair::Restart(1)),
        Some(Repair::Restart(2)),
        Some(Repair::NewConnection(Generation(2))),
    ];
    assert_eq!(rungs, expected);
    for (time, bound) in times.iter().zip([0..1, 1..4, 2..5, 9..13, 12..21]) {
        assert!(bound.contains(time), "{times:?}");
    }
    world.step(Step::LinkUp(0, 1));
    settle(&mut world).unwrap();
    assert_eq!(person(&world, 0, 1).unwrap().repair, None);
}

#[test]
fn whoever_is_gone_is_unreachable_once_the_server_does_not_see_them_either() {
    let mut world = call_of(2);
    world.step(Step::Kill(1));
    let unreachable = |world: &Symbolic| {
        person(world, 0, 1).is_some_and(|person| person.repair == Some(Repair::Unreachable))
    };
    assert!(world.run_until(30_000, unreachable));
    let seen = person(&world, 0, 1).unwrap();
    assert_eq!((seen.state, seen.was_connected), (PersonState::Reconnecting, true));
    assert!(!world.view(0).offline, "the server is there: it is the other who is gone");
}

#[test]
fn whoever_reaches_neither_the_others_nor_the_server_is_offline() {
    let mut world = call_of(3);
    world.crash_server();
    world.run(20_000);
    assert!(!world.view(0).offline, "the others are there");
    world.step(Step::LinkDown(0, 1));
    world.run(10_000);
    assert!(!world.view(0).offline, "one of them is");
    world.step(Step::LinkDown(0, 2));
    assert!(world.run_until(3600, |world| world.view(0).offline));
    assert!(!world.view(1).offline);
    world.step(Step::LinkUp(0, 2));
    assert!(world.run_until(3600, |world| !world.view(0).offline));
}

#[test]
fn a_browser_without_a_network_is_offline_as_soon_as_nothing_comes() {
    let mut world = call_of(2);
    world.step(Step::LinkDown(0, 1));
    world.black_hole(0);
    world.input(0, Input::NetworkLost);
    assert!(!world.view(0).offline, "it may be another network that was lost");
    assert!(world.run_until(1600, |world| world.view(0).offline));
    world.step(Step::LinkUp(0, 1));
    world.input(0, Input::NetworkChanged);
    assert!(!world.view(0).offline, "until it is known better");
    settle(&mut world).unwrap();
}

#[test]
fn a_server_is_missed_only_when_it_stays_away() {
    let mut world = call_of(2);
    let missed = |world: &Symbolic| world.view(0).server == Server::Offline;
    world.cut_socket(0, false);
    assert!(!world.run_until(5000, missed), "a new socket is there at once");
    world.crash_server();
    world.run(5000);
    world.start_server();
    assert!(!world.run_until(15_000, missed), "it was restarted");
    world.crash_server();
    assert!(!world.run_until(11_000, missed));
    assert!(world.run_until(4000, missed));
    // In a lobby that never saw its server, there is nothing to wait for.
    let page = world.open("latecomer");
    assert!(world.run_until(1000, |world| world.view(page).server == Server::Offline));
}

#[test]
fn a_lossy_connection_is_marked_and_the_mark_goes_when_it_is_well_again() {
    let mut world = call_of(2);
    let lossy = |world: &mut Symbolic, share| {
        for ((owner, ..), end) in &mut world.browsers {
            if *owner == 0 {
                end.lossy = share;
            }
        }
    };
    let quality = |world: &Symbolic| person(world, 0, 1).and_then(|person| person.quality);
    assert!(world.run_until(10_000, |world| quality(world) == Some(Quality::Good)));
    lossy(&mut world, 80);
    assert!(world.run_until(15_000, |world| quality(world) == Some(Quality::Weak)));
    lossy(&mut world, 300);
    assert!(world.run_until(15_000, |world| quality(world) == Some(Quality::Bad)));
    lossy(&mut world, 0);
    assert!(world.run_until(20_000, |world| quality(world) == Some(Quality::Good)));
    assert_eq!(person(&world, 1, 0).and_then(|person| person.quality), Some(Quality::Good));
    world.step(Step::LinkDown(0, 1));
    assert!(world.run_until(4000, |world| state(world, 0, 1) == Some(PersonState::Reconnecting)));
    assert_eq!(quality(&world), None, "nothing comes, neither well nor badly");
}

/// The lines of page 0's story from `start` on, without their times.
fn lines(world: &Symbolic, start: u64) -> Vec<String> {
    let story = world.pages[0].call.story().text();
    let since = |line: &&str| {
        let time = line.split("  ").find(|part| !part.is_empty()).unwrap_or_default();
        let time: f64 = time.trim().parse().unwrap();
        // The page's own clock tells the time of its story.
        time * 1000.0 >= (start + world.pages[0].clock) as f64
    };
    story.lines().filter(since).map(|line| line[11..].to_owned()).collect()
}

#[test]
fn the_story_of_an_ordinary_beginning() {
    let world = call_of(2);
    let told = lines(&world, 0);
    let place = |line: &str| told.iter().position(|told| told.contains(line)).unwrap_or(usize::MAX);
    // Which of them is known first, the keys or that somebody is in the call, is nobody's business.
    for (first, second) in [
        ("in the lobby", "server: reached"),
        ("server: reached", "person 1: here, in the "),
        ("person 1: here, in the ", "person 1: keys agreed"),
        ("person 1: keys agreed", "person 1: connected (connection 1)"),
        ("person 1: connected (connection 1)", "person 1: direct"),
    ] {
        assert!(place(first) < place(second), "{first}, {second}: {told:#?}");
    }
    assert_eq!(told.iter().filter(|line| *line == "in the call").count(), 1);
}

#[test]
fn the_story_of_a_server_that_dies_and_comes_back() {
    let mut world = call_of(2);
    let start = world.now;
    world.crash_server();
    world.run(60_000);
    world.start_server();
    settle(&mut world).unwrap();
    assert_eq!(lines(&world, start), ["server: connection lost", "server: back"]);
}

#[test]
fn the_story_of_a_repair() {
    let mut world = call_of(2);
    world.path = Some(Path::Direct);
    let start = world.now;
    world.step(Step::LinkDown(0, 1));
    world.run(4000);
    world.step(Step::LinkUp(0, 1));
    settle(&mut world).unwrap();
    world.step(Step::BreakConnections(0, 1));
    settle(&mut world).unwrap();
    let story = [
        "person 1: silent",
        "person 1: looking for another path (restart 1)",
        "person 1: heard again",
        "person 1: direct",
        "person 1: silent",
        "person 1: looking for another path (restart 1)",
        "person 1: looking for another path (restart 2)",
        "person 1: making a new connection (2)",
        "person 1: connected (connection 2)",
        "person 1: direct",
    ];
    assert_eq!(lines(&world, start), story);
}

#[test]
fn the_story_of_a_page_that_slept_and_lost_its_camera() {
    let mut world = call_of(2);
    let start = world.now;
    world.act(0, Action::Switch(Slot::Camera, true));
    // There is no second one either.
    world.input(0, Input::CaptureFailed(Slot::Camera, CaptureError::Busy));
    world.input(0, Input::CaptureFailed(Slot::Camera, CaptureError::NotFound));
    world.input(0, Input::NetworkChanged);
    world.input(0, Input::Slept(Milliseconds(90_500)));
    let story = [
        "camera: busy or broken",
        "the network changed, or somebody came back to the page",
        "slept for 90.500 s",
    ];
    assert_eq!(lines(&world, start), story);
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = || {
        let mut world = call_of(4);
        world.crash_server();
        world.step(Step::LinkChange(0, 2));
        world.run(30_000);
        world.start_server();
        settle(&mut world).unwrap();
        world.pages[0].call.story().text()
    };
    let told = story();
    assert_eq!(told, story());
    assert!(told.lines().count() > 15, "{told}");
}

#[test]
fn no_story_names_anybody_or_tells_an_address() {
    let mut world = call_of(3);
    for page in 0..3 {
        world.act(page, Action::SetName(["Ada", "Ben", "Cleo"][page].to_owned()));
    }
    world.step(Step::BreakConnections(0, 1));
    world.crash_server();
    world.run(30_000);
    world.start_server();
    settle(&mut world).unwrap();
    let told = world.pages[0].call.story().text();
    for page in 0..3 {
        let id = world.pages[page].id.to_string();
        assert!(!told.contains(&id) && !told.contains(&world.view(page).me.name), "{told}");
    }
    // Whatever looks like an address has three dots or two colons.
    for word in told.split_whitespace() {
        assert!(word.matches('.').count() < 2 && word.matches(':').count() < 2, "{word} in {told}");
    }
}
