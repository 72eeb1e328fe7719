//! Model check: the engine and the rooms themselves, explored exhaustively in small instances by `stateright`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should panic"
)]

mod browser;
#[path = "../engine/world/description.rs"]
mod description;
mod heal;
mod world;

use eyeline_protocol::Milliseconds;
use stateright::{Checker, Model, Property};
use world::{Faults, Instance, Prompt, Rule, Start, Step, World};

impl Model for Instance {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(*self)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        world.steps(steps);
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        next.step(step);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        fn holds(world: &World, rule: Rule) -> bool {
            world.breach.as_ref().is_none_or(|(broken, _)| *broken != rule)
        }
        vec![
            Property::always("no media before proof", |_, world| holds(world, Rule::Proven)),
            Property::always("one connection of a pair", |_, world| holds(world, Rule::One)),
            Property::always("once and in order", |_, world| holds(world, Rule::Once)),
            Property::always("a living connection stays", |_, world| holds(world, Rule::Living)),
            Property::always("every operation is possible", |_, world| holds(world, Rule::Operations)),
            Property::always("no ticks without end", |_, world| holds(world, Rule::Quiet)),
            Property::always("the rooms add up", |_, world| holds(world, Rule::Rooms)),
            Property::always("what is left alone heals", |_, world: &World| {
                world.breach.is_some() || world.now < world.explored_until || world.heals().is_ok()
            }),
        ]
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Explores an instance to its end.
fn check(what: &str, instance: Instance) {
    let threads = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    let start = std::time::Instant::now();
    let checker = instance.checker().threads(threads);
    let limit = number("LIMIT", 0) as usize;
    let checker = if limit > 0 { checker.target_state_count(limit) } else { checker };
    let checker = checker.spawn_bfs().join();
    println!(
        "{what}: {} states, {} steps, depth {}, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        start.elapsed().as_secs_f64()
    );
    let discoveries = checker.discoveries();
    for (name, path) in &discoveries {
        println!("--- {name} does not hold:");
        let mut world = World::new(instance);
        world.log = true;
        let steps = path.clone().into_actions();
        for step in &steps {
            world.step(*step);
        }
        world.log = number("HEAL_LOG", 0) > 0;
        println!("{:?}; heals: {:?}", world.breach, world.heals());
    }
    assert!(discoveries.is_empty(), "{what}: {:?}", discoveries.keys());
}

const SIGNALING: Prompt = Prompt { to_server: false, to_page: false, events: true, channels: true };

const NEGOTIATION: Prompt = Prompt { to_server: true, to_page: false, events: false, channels: false };

fn seconds(name: &str, otherwise: u64) -> Milliseconds {
    Milliseconds(number(name, otherwise * 1000))
}

#[test]
fn two_meet_in_the_lobby_of_a_server_that_crashes() {
    check(
        "lobby",
        Instance {
            people: 2,
            start: Start::Lobby,
            prompt: SIGNALING,
            faults: Faults { crashes: 1, cuts: number("CUTS", 0) as u8, late: number("LATE", 0) as u8, ..Faults::default() },
            faults_within: seconds("WITHIN", 2),
            explored: seconds("EXPLORED", 6),
        },
    );
}

#[test]
fn two_join_while_the_server_crashes() {
    check(
        "joining",
        Instance {
            people: 2,
            start: Start::Joining,
            prompt: SIGNALING,
            faults: Faults { crashes: 1, cuts: number("CUTS", 0) as u8, late: number("LATE", 0) as u8, ..Faults::default() },
            faults_within: seconds("WITHIN", 2),
            explored: seconds("EXPLORED", 6),
        },
    );
}

#[test]
fn a_call_goes_on_while_the_server_crashes() {
    check(
        "call",
        Instance {
            people: 2,
            start: Start::Connected,
            prompt: SIGNALING,
            faults: Faults {
                crashes: 1,
                cuts: number("CUTS", 0) as u8,
                late: number("LATE", 0) as u8,
                renames: 1,
                ..Faults::default()
            },
            faults_within: seconds("WITHIN", 2),
            explored: seconds("EXPLORED", 6),
        },
    );
}

#[test]
fn a_pair_repairs_its_connection() {
    check(
        "negotiation",
        Instance {
            people: 2,
            start: Start::Connected,
            prompt: NEGOTIATION,
            faults: Faults {
                lost_paths: number("LOST", 1) as u8,
                broken: number("BROKEN", 0) as u8,
                networks: number("NETWORKS", 0) as u8,
                late: number("LATE", 0) as u8,
                ..Faults::default()
            },
            faults_within: seconds("WITHIN", 2),
            explored: seconds("EXPLORED", 6),
        },
    );
}
