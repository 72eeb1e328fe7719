//! The call: everybody's tiles, the control bar, and the link as long as one is alone.

use crate::dom::{Element, Key, button, el};
use crate::room::{Room, name_of};
use crate::{controls, icons, speaking, tile, words};
use eyeline_browser::view::{Device, View};
use eyeline_browser::{PeerId, Phase, Slot};

/// Oneself has no peer identifier here. Another's being all zeros happens once in 2¹²⁸ draws.
const ONESELF: Key = 0;

/// The page of a call.
pub(crate) fn call(room: Room) -> Element {
    el("div")
        .class("call")
        .child(
            el("main")
                .class("stage")
                .class_if("presenting", move || room.view(somebody_shares).unwrap_or(false))
                .class_if("presenting-self", move || room.device(Slot::Screen) == Device::On)
                .attribute_of("data-count", move || (others(room).len() + 1).min(9).to_string())
                .attribute("aria-label", words::people())
                .keyed(
                    // Oneself comes last.
                    move || others(room).into_iter().chain([ONESELF]).collect(),
                    move |key| match key {
                        ONESELF => tile::own(room),
                        peer => tile::person(room, PeerId(peer.to_be_bytes())),
                    },
                ),
        )
        .when(move || others(room).is_empty(), move || alone(room))
        .child(speaking::muted_hint(room))
        .child(controls::bar(room))
}

fn others(room: Room) -> Vec<Key> {
    room.people(Phase::Call, |person| Key::from_be_bytes(person.peer.0))
}

/// Own share does not take the stage: a hall of mirrors helps nobody.
fn somebody_shares(view: &View) -> bool {
    view.people.iter().any(|person| {
        person.phase == Phase::Call && person.sending.has(Slot::Screen) && person.show.is_some()
    })
}

/// Nobody else is here: the link, large.
fn alone(room: Room) -> Element {
    let waiting = move || room.people(Phase::Lobby, name_of);
    el("section")
        .class("card alone")
        .child(el("h2").text(words::solo_title()))
        .child(
            el("div").class("address").child(el("output").text(room.address())).child(
                button("primary small", move || room.copy_link(words::toast_copied()))
                    .child(icons::link())
                    .text(words::solo_copy()),
            ),
        )
        .when(
            move || !waiting().is_empty(),
            move || el("p").class("soft").text_of(move || words::solo_waiting(&words::list(&waiting()))),
        )
}
