//! What tests start from and look at: people in a call, and what one page sees of another.

use super::World;
use super::scenario::settle;
use eyeline_call::input::Action;
use eyeline_call::view::{Person, PersonState};
use eyeline_protocol::ids::Generation;
use eyeline_seal::symbolic::SymbolicSeal;

pub(crate) type Symbolic = World<SymbolicSeal>;

/// Pages in the call, settled.
pub(crate) fn call_of(people: usize) -> Symbolic {
    call_with(people, 42)
}

/// The same from another seed.
#[allow(clippy::unwrap_used, reason = "this is how a test fails")]
pub(crate) fn call_with(people: usize, seed: u64) -> Symbolic {
    let mut world = World::symbolic(seed);
    for page in 0..people {
        world.open(&format!("person {page}"));
        world.run(300);
        world.act(page, Action::Join);
    }
    settle(&mut world).unwrap();
    world
}

/// What page `page` sees of page `other`.
pub(crate) fn person(world: &Symbolic, page: usize, other: usize) -> Option<Person> {
    let id = world.pages[other].id;
    world.view(page).people.into_iter().find(|person| person.peer == id)
}

pub(crate) fn state(world: &Symbolic, page: usize, other: usize) -> Option<PersonState> {
    person(world, page, other).map(|person| person.state)
}

pub(crate) fn generation(world: &Symbolic, page: usize, other: usize) -> Option<Generation> {
    person(world, page, other).and_then(|person| person.show)
}
