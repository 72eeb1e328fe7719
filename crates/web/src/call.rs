//! The call: everybody's tiles, the control bar, and the link as long as one is alone.

use crate::dom::{Element, button, el};
use crate::room::{Room, name_of};
use crate::{controls, icons, late, menu, stage, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Phase, Slot};

/// The page of a call.
pub(crate) fn call(room: Room) -> Element {
    late::fetch();
    el("div")
        .class("call")
        .class_if("idle", controls::are_hidden)
        .when(
            move || room.device(Slot::Screen) == Device::On,
            move || late::quiet(late::Part::Presenting, room).attribute("class", "presenting"),
        )
        .child(
            el("div")
                .class("stage-place")
                .child(stage::stage(room))
                .when(move || stage::others(room).is_empty(), move || alone(room))
                .child(controls::bar(room)),
        )
        .child(menu::place(room))
        .child(late::quiet(late::Part::Attendant, room))
}

/// Nobody else is here: the link, large.
fn alone(room: Room) -> Element {
    let waiting = move || room.people(Phase::Lobby, name_of);
    el("section")
        .class("card alone")
        .attribute("aria-labelledby", "alone")
        .child(el("h2").attribute("id", "alone").text(words::solo_title()))
        .child(
            el("div").class("address").child(el("output").text(room.address())).child(
                button("primary small", move || room.copy_link(words::toast_copied()))
                    .attribute("data-testid", "copy-link")
                    .child(icons::link())
                    .text(words::solo_copy()),
            ),
        )
        .when(
            move || !waiting().is_empty(),
            move || el("p").class("soft").text_of(move || words::solo_waiting(&words::list(&waiting()))),
        )
}
