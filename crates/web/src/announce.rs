//! What is said to those who do not see the page: who came, who left, whose connection was lost, who
//! shares, who has raised a hand.
//!
//! All of it in one polite live region, so that nothing interrupts and nothing is said twice. A panel has its own copy
//! of the region: what lies behind an open dialog is not read.

use crate::dom::{Element, Key, changed, el};
use crate::room::{Room, name_of};
use crate::{browser, words};
use eyeline_browser::view::{Person, PersonState, Server, Stage, View};
use eyeline_browser::{PeerId, Phase, Slot};
use std::cell::{Cell, RefCell};

/// How long a line stays in the region: screen readers take it when it comes.
const LINE_MILLISECONDS: i32 = 10_000;

/// Lines at once. Whoever is behind by more wants the present, not the past.
const LINES: usize = 8;

thread_local! {
    static SAID: RefCell<Vec<(Key, String)>> = const { RefCell::new(Vec::new()) };
    static COUNT: Cell<Key> = const { Cell::new(0) };
}

/// Says a sentence.
pub(crate) fn say(words: String) {
    let number = COUNT.get();
    COUNT.set(number + 1);
    SAID.with_borrow_mut(|said| {
        said.push((number, words));
        if said.len() > LINES {
            said.remove(0);
        }
    });
    changed();
    browser::later(LINE_MILLISECONDS, move || {
        SAID.with_borrow_mut(|said| said.retain(|(other, _)| *other != number));
        changed();
    });
}

/// Where it is said. Each line is an element of its own: the same words twice are said twice.
pub(crate) fn region() -> Element {
    el("div").class("unseen").attribute("role", "log").attribute("aria-live", "polite").keyed(
        || SAID.with_borrow(|said| said.iter().map(|(number, _)| *number).collect()),
        |number| {
            let words = SAID.with_borrow(|said| {
                said.iter().find(|(other, _)| *other == number).map(|(_, words)| words.clone())
            });
            el("p").text(&words.unwrap_or_default())
        },
    )
}

/// The region of a call: says what changes about people.
pub(crate) fn people(room: Room) -> Element {
    let mut before: Option<Vec<Known>> = None;
    let mut raised = false;
    region().follow(move |_| {
        // By key, by menu, or by leaving.
        let raises = room.view(|view| view.me.hand).unwrap_or(false);
        if core::mem::replace(&mut raised, raises) != raises && room.stage() == Stage::Call {
            say(if raises { words::said_own_hand() } else { words::said_own_hand_down() }.to_owned());
        }
        let Some((now, complete)) = room.view(known).flatten() else {
            before = None;
            return;
        };
        match &before {
            // Who is here becomes known one after the other.
            None if !complete => return,
            None => say(welcome(&now)),
            Some(before) => news(before, &now).into_iter().for_each(say),
        }
        before = Some(now);
    })
}

/// What was last known of somebody in the call.
struct Known {
    peer: PeerId,
    name: String,
    state: PersonState,
    shares: bool,
    hand: bool,
}

/// Everybody in the call with a name, and whoever is connected without one; and whether that is everybody. `None` outside
/// of the call.
fn known(view: &View) -> Option<(Vec<Known>, bool)> {
    let is_known = |person: &Person| !(person.name.is_empty() && person.state == PersonState::Connecting);
    let known = |person: &Person| Known {
        peer: person.peer,
        name: name_of(person),
        state: person.state,
        shares: person.show.is_some() && person.sending.has(Slot::Screen),
        hand: person.hand,
    };
    if view.stage != Stage::Call {
        return None;
    }
    let (mut list, mut complete) = (Vec::new(), view.server != Server::Connecting);
    for person in view.people.iter().filter(|person| person.phase == Phase::Call) {
        if is_known(person) {
            list.push(known(person));
        } else {
            complete = false;
        }
    }
    Some((list, complete))
}

fn welcome(now: &[Known]) -> String {
    let names: Vec<String> = now.iter().map(|person| person.name.clone()).collect();
    if names.is_empty() { words::said_alone().to_owned() } else { words::said_with(&words::list(&names)) }
}

/// What to say of the difference.
fn news(before: &[Known], now: &[Known]) -> Vec<String> {
    let find = |list: &'_ [Known], peer| list.iter().position(|known| known.peer == peer);
    let mut said = Vec::new();
    for gone in before.iter().filter(|gone| find(now, gone.peer).is_none()) {
        // Of whom it was said that they could not be reached, it is not said that they left.
        if gone.state != PersonState::Gone {
            said.push(words::said_left(&gone.name));
        }
    }
    for person in now {
        let name = &person.name;
        let earlier = find(before, person.peer).and_then(|at| before.get(at));
        let Some(earlier) = earlier else {
            said.push(words::said_came(name));
            continue;
        };
        match (earlier.state, person.state) {
            (was, is) if was == is => {}
            (_, PersonState::Reconnecting) => said.push(words::state_reconnecting(name)),
            (_, PersonState::Gone) => said.push(words::state_gone(name)),
            (PersonState::Reconnecting | PersonState::Gone, PersonState::Connected) => {
                said.push(words::said_back(name));
            }
            _ => {}
        }
        if person.shares && !earlier.shares {
            said.push(words::said_shares(name));
        } else if earlier.shares && !person.shares && person.state == PersonState::Connected {
            said.push(words::said_share_ended(name));
        }
        if person.hand && !earlier.hand {
            said.push(words::said_hand(name));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::speak_in;
    use PersonState::{Connected, Connecting, Gone, Reconnecting};

    fn ben(state: PersonState, shares: bool) -> Vec<Known> {
        vec![Known { peer: PeerId([1; 16]), name: "Ben".into(), state, shares, hand: false }]
    }

    #[test]
    fn coming_and_going_is_said_once() {
        speak_in("en");
        assert_eq!(news(&[], &ben(Connecting, false)), ["Ben has come"]);
        assert!(news(&ben(Connecting, false), &ben(Connected, false)).is_empty());
        assert!(news(&ben(Connected, false), &ben(Connected, false)).is_empty());
        assert_eq!(news(&ben(Connected, false), &[]), ["Ben has left"]);
    }

    #[test]
    fn a_lost_connection_and_its_return_are_said() {
        speak_in("en");
        assert_eq!(news(&ben(Connected, false), &ben(Reconnecting, false)), ["Reconnecting to Ben…"]);
        assert_eq!(news(&ben(Reconnecting, false), &ben(Connected, false)), ["Ben is back"]);
        assert_eq!(news(&ben(Reconnecting, false), &ben(Gone, false)), [words::state_gone("Ben")]);
        assert!(news(&ben(Gone, false), &[]).is_empty());
    }

    #[test]
    fn a_share_is_said_when_it_begins_and_when_it_ends() {
        speak_in("en");
        assert_eq!(news(&ben(Connected, false), &ben(Connected, true)), ["Ben is sharing a screen"]);
        assert_eq!(news(&ben(Connected, true), &ben(Connected, false)), ["Ben has stopped sharing"]);
        // That the connection is lost says enough.
        assert_eq!(news(&ben(Connected, true), &ben(Reconnecting, false)), ["Reconnecting to Ben…"]);
    }

    #[test]
    fn a_hand_is_said_when_it_goes_up() {
        speak_in("en");
        let mut raised = ben(Connected, false);
        raised.iter_mut().for_each(|ben| ben.hand = true);
        assert_eq!(news(&ben(Connected, false), &raised), ["Ben raised a hand"]);
        assert!(news(&raised, &ben(Connected, false)).is_empty());
    }

    #[test]
    fn who_is_inside_is_said_on_coming_in() {
        speak_in("en");
        assert_eq!(welcome(&[]), "You are in the call. Nobody else is here yet.");
        assert_eq!(welcome(&ben(Connected, false)), "You are in the call with Ben.");
    }
}
