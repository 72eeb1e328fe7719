//! The call: everybody's tiles, the control bar, and the link as long as one is alone.

use crate::dom::{Element, button, changed, el};
use crate::room::{Room, name_of};
use crate::{browser, controls, icons, late, menu, stage, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Client, Phase, Slot};
use std::cell::Cell;
use std::rc::Rc;

/// Ten looks a second at who speaks: a ring that comes later than the word looks like somebody else's.
const LOOK_MILLISECONDS: i32 = 100;

/// The page of a call.
pub(crate) fn call(room: Room) -> Element {
    late::fetch();
    controls::listen_for_life();
    let talks_muted = Rc::new(Cell::new(false));
    let hint = Rc::clone(&talks_muted);
    let mut looks = None;
    el("div")
        .class("call")
        .class_if("idle", controls::are_hidden)
        .follow(move |call| {
            if looks.is_none() {
                let (call, talks_muted) = (call.clone(), Rc::clone(&talks_muted));
                looks = Some(browser::Interval::new(LOOK_MILLISECONDS, move || {
                    let speaks = stage::listen(room);
                    let talks = room.client(Client::is_talking_while_muted).unwrap_or(false);
                    let hides = controls::look(&call, !stage::others(room).is_empty());
                    if speaks || hides || talks_muted.replace(talks) != talks {
                        changed();
                    }
                }));
            }
        })
        .when(
            move || room.device(Slot::Screen) == Device::On,
            move || late::quiet(late::Part::Presenting, room).attribute("class", "presenting"),
        )
        .child(
            el("div")
                .class("stage-place")
                .child(stage::stage(room))
                .when(move || stage::others(room).is_empty(), move || alone(room))
                .child(el("div").class("hint-place").attribute("role", "status").when(
                    move || hint.get(),
                    || {
                        el("p")
                            .class("toast")
                            .attribute("data-testid", "muted-hint")
                            .text(words::muted_talking())
                    },
                ))
                .child(controls::bar(room)),
        )
        .child(menu::place(room))
        .child(late::quiet(late::Part::Tab, room))
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
