//! Who speaks: rings around faces, and a word to who talks into a muted microphone.

use crate::dom::{Element, changed, el};
use crate::room::Room;
use crate::{browser, lobby, words};
use eyeline_browser::{Client, PeerId};
use std::cell::Cell;
use std::rc::Rc;

/// Ten looks a second: a ring that comes later than the word looks like another's.
const LOOK_MILLISECONDS: i32 = 100;
/// The ring stays through the pauses between words.
const LINGER_LOOKS: u8 = 8;
/// Louder than a quiet room, on the scale of the meters.
const LOUD: f32 = 0.4;
/// Four looks a second are enough to see that somebody talks.
const HINT_MILLISECONDS: i32 = 250;

/// Marks a tile as long as its person speaks (class `speaks`), and how loud (`--level`, as on a meter). Without a peer: own.
pub(crate) fn ring(tile: Element, room: Room, peer: Option<PeerId>) -> Element {
    let mut timer = None;
    tile.follow(move |tile| {
        if timer.is_some() {
            return;
        }
        let tile = tile.clone();
        let mut left = 0;
        timer = Some(browser::Interval::new(LOOK_MILLISECONDS, move || {
            let level = room.client(|client| match peer {
                Some(peer) => client.level_of(peer),
                None => client.own_level(),
            });
            let muted = peer.is_none() && room.is_muted();
            let level = level.filter(|_| !muted).unwrap_or_default();
            lobby::show_level(level, &tile);
            let before = left > 0;
            left = if level > LOUD { LINGER_LOOKS } else { u8::saturating_sub(left, 1) };
            if before != (left > 0) {
                let _ = tile.class_list().toggle_with_force("speaks", left > 0);
            }
        }));
    })
}

/// "You're muted", while the person talks to nobody.
pub(crate) fn muted_hint(room: Room) -> Element {
    let talks = Rc::new(Cell::new(false));
    let shown = Rc::clone(&talks);
    let mut timer = None;
    el("div")
        .class("hint-place")
        .attribute("role", "status")
        .follow(move |_| {
            if timer.is_some() {
                return;
            }
            let talks = Rc::clone(&talks);
            timer = Some(browser::Interval::new(HINT_MILLISECONDS, move || {
                let now = room.client(Client::is_talking_while_muted).unwrap_or(false);
                if talks.replace(now) != now {
                    changed();
                }
            }));
        })
        .when(
            move || shown.get(),
            || el("p").class("toast").attribute("data-testid", "muted-hint").text(words::muted_talking()),
        )
}
