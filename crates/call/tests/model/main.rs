//! Model check: the engine and the rooms themselves, in small calls, explored to the end by `stateright`.
//!
//! The simulator draws long stories at random; here every story is told, of short calls: each order in which what is
//! under way can arrive, and each moment at which something can go wrong. Nothing is a model of the engine: a state *is*
//! two or three `Call<SymbolicSeal>`, one `Rooms`, and what is on the way between them.
//!
//! # What is explored
//! - *Signaling*: each socket is two queues, one each way. Any queue's first word may arrive next. The server may die at
//!   any moment, with every socket and all rooms, and start again at any later one; sockets break at any moment, and the
//!   server learns of it at any later one; people take other names and leave. Browsers answer at once.
//! - *Negotiation*: each browser is two queues, what it tells and what came on its data channel, and each page has its
//!   socket. Any queue's first word may arrive next. Paths die for ever, DTLS dies, pages hear of another network, both
//!   in the same moment too. What pages send is with the server at once.
//!
//! Sockets and data channels keep their order and lose nothing but by breaking, as the real ones do; so nothing is lost
//! or overtaken *within* a queue. Every second's signs of life arrive at once, since their order says nothing.
//!
//! # Time
//! Deadlines come in their order, and only when nothing is under way (or, with [`Instance::at_once`], in the moment in
//! which others have just come); `late` counts how often one may come all the same, which makes everything under way
//! late. Browsers say `disconnected` and `failed` after fixed times. Faults fall into the
//! first seconds ([`Instance::faults_within`]); exploration ends some seconds later ([`Instance::explored`]), long enough
//! for most repairs. So the space is finite, and states need not be compared across different moments.
//!
//! # What must hold
//! In every state, safety:
//! - *no media before proof*: nothing is sent or shown on a connection before its certificate was found to be the one
//!   whose hash came sealed;
//! - *one connection of a pair*: no page ever has two connections with one other;
//! - *once and in order*: no description, no candidate and no name is taken twice or after a newer one;
//! - *a living connection stays*: while no path is harmed and nobody leaves, no connection over which media flows is
//!   closed, whatever the server does or says (`Gone`, an empty `Welcome`, its death);
//! - *every operation is possible*: no browser is asked for what it would reject: an answer without an offer, an offer
//!   against an offer, a candidate before a description, anything on a connection that is not there;
//! - *no ticks without end*: no engine asks for one tick after the other in the same moment;
//! - *the rooms add up*: `Rooms::check_invariants`;
//! - nothing panics.
//!
//! Liveness, *what is left alone heals*: from each state at which exploration ends, the call is run on with everything
//! arriving at once and nothing going wrong (and the server started), and must come to rest: everybody sees exactly those
//! who are here, by their newest names, and each pair in the call has one living connection, of the same generation at both
//! ends, shown. Since that way of running on is one of those explored, the same holds for each state on the way: from
//! wherever it is, a call that is left alone heals.
//!
//! Reachability, so that none of this holds only because nothing happened: each instance names what must be seen
//! ([`Seen`]).
//!
//! # Every rule can be broken
//! A rule that no defect breaks says nothing. Each of these defects was planted by hand; the seconds are those until the
//! check had failed, beside other work on two cores. It stops at the first breach.
//!
//! | rule | planted defect | instance | s |
//! |---|---|---|---|
//! | no media before proof | a certificate counts as checked once the browser was asked for it | joining | 0.1 |
//! | | another certificate than the sealed one is taken too | wrong certificate | 0.1 |
//! | one connection of a pair | a new connection is built without closing the old one | dead DTLS | 0.1 |
//! | once and in order | what comes a second time is taken a second time | call | 0.1, while the two meet |
//! | a living connection stays | whom the server does not name any more is forgotten | call | 0.1 |
//! | every operation is possible | ICE is restarted although an offer is under way | both restart | 0.4 |
//! | no ticks without end | a repair that is not needed any more stays due | both restart | 2.4 |
//! | the rooms add up | the older connection of a page that returns is kept | call | 0.4 |
//! | | who leaves stays in the room's list | leaving | 0.3 |
//! | nothing panics | a goodbye from somebody whom the server still names panics | leaving | 0.3 |
//! | what is left alone heals | of two who begin a handshake at once, both wait for the other | lobby | 1.2 |
//! | an ICE restart is seen | the ladder begins with a new connection | lost path | 4.2, at the end |
//!
//! Not found where it was tried (call): unacknowledged messages are never sent again. Sockets and channels lose nothing
//! here but by breaking. Of what must be seen ([`Seen`]), only the ICE restart was tried.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    reason = "a test that fails should panic, and one that takes long should say how long"
)]

mod browser;
#[path = "../engine/world/description.rs"]
mod description;
mod heal;
mod instances;
mod world;

use stateright::{Checker, Expectation, HasDiscoveries, Model, Property};
use std::time::Instant;
use world::{Instance, Rule, Step, World};

/// Something that an instance must come across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Media flows while the server is away.
    CallWithoutServer,
    /// ICE was restarted, and media flows.
    IceRestart,
    /// A connection of a later generation, over which media flows.
    NewConnection,
    /// A certificate was found to be another one.
    Mismatch,
    /// A person took another name, and everybody knows it.
    NewName,
}

impl Seen {
    /// As a property.
    const fn name(self) -> &'static str {
        match self {
            Self::CallWithoutServer => "a call without a server",
            Self::IceRestart => "an ICE restart",
            Self::NewConnection => "a new connection",
            Self::Mismatch => "a wrong certificate",
            Self::NewName => "a new name",
        }
    }
}

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
            Property::sometimes(Seen::CallWithoutServer.name(), |_, world: &World| {
                world.rooms.is_none() && world.has_living()
            }),
            Property::sometimes(Seen::IceRestart.name(), |_, world: &World| world.has_restarted()),
            Property::sometimes(Seen::NewConnection.name(), |_, world: &World| world.has_rebuilt()),
            Property::sometimes(Seen::Mismatch.name(), |_, world: &World| world.has_mismatch()),
            Property::sometimes(Seen::NewName.name(), |_, world: &World| world.knows_new_name()),
        ]
    }
}

/// Explores an instance to its end.
fn check(what: &str, instance: Instance, seen: &[Seen]) {
    let threads = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    let start = Instant::now();
    let checker =
        instance.checker().threads(threads).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    println!(
        "{what}: {} states, {} steps, {} deep, {:.1} s",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        start.elapsed().as_secs_f64()
    );
    let discoveries = checker.discoveries();
    let properties = instance.properties();
    let failed = properties.iter().find(|property| {
        property.expectation == Expectation::Always && discoveries.contains_key(property.name)
    });
    if let Some(property) = failed {
        let mut world = World::new(instance);
        world.log = true;
        for step in discoveries[property.name].clone().into_actions() {
            world.step(step);
        }
        panic!("{what}: {} does not hold: {:?}, {:?}", property.name, world.breach, world.heals());
    }
    assert!(checker.is_done(), "{what}: not everything was explored");
    for seen in seen {
        assert!(discoveries.contains_key(seen.name()), "{what}: {} was never seen", seen.name());
    }
}
