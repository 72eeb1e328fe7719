//! The buttons for one's own devices, and the bar they stand in.

use crate::dom::{self, Element, Key, el};
use crate::late::Part;
use crate::menu::{self, Menu};
use crate::room::Room;
use crate::{icons, late, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Action, Client, Slot};
use std::cell::Cell;

thread_local! {
    /// Whether the bar, and whatever else stands over faces, is out of the way.
    static HIDDEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether it is.
pub(crate) fn are_hidden() -> bool {
    HIDDEN.get()
}

/// Gets it out of the way, or back. Says whether that is news.
pub(crate) fn hide(hidden: bool) -> bool {
    HIDDEN.replace(hidden) != hidden
}

/// The bar at the bottom of a call: what people look for, in the order they expect, and leaving at a distance.
pub(crate) fn bar(room: Room) -> Element {
    el("nav")
        .class("controls")
        .attribute("aria-label", words::controls())
        .child(with_others(microphone(room), Menu::Sound, room))
        .child(with_others(camera(room), Menu::Camera, room))
        .child(
            switch(room, Slot::Screen, "share-screen", words::share_stop, move || share_words(room))
                .attribute_of("aria-disabled", move || if can_share(room) { "" } else { "true" })
                .class_if("active", move || is_on(room, Slot::Screen))
                .child(icons::screen()),
        )
        .child(
            named(menu::opener("round", Menu::More), words::more())
                .attribute("data-testid", "more")
                .child(icons::more()),
        )
        .child(
            named(dom::button("round leave", move || room.leave()), words::leave())
                .attribute("data-testid", "leave")
                .child(icons::leave()),
        )
}

/// A device's button, and beside it what leads to another device.
fn with_others(button: Element, menu: Menu, room: Room) -> Element {
    el("div").class("split").child(button).child(late::quiet(Part::Others(menu), room))
}

/// Mutes and unmutes.
pub(crate) fn microphone(room: Room) -> Element {
    let button = switch(room, Slot::Microphone, "toggle-microphone", words::mute, words::unmute);
    signs(button, room, Slot::Microphone, icons::microphone, icons::microphone_off)
}

/// Switches the camera on and off, its light with it.
pub(crate) fn camera(room: Room) -> Element {
    let button = switch(room, Slot::Camera, "toggle-camera", words::camera_stop, words::camera_start);
    signs(button, room, Slot::Camera, icons::camera, icons::camera_off)
}

/// A button whose name says what a click does.
fn switch(
    room: Room,
    slot: Slot,
    hook: &str,
    stop: fn() -> &'static str,
    start: impl Fn() -> &'static str + Copy + 'static,
) -> Element {
    let name = move || if is_on(room, slot) { stop() } else { start() };
    dom::button("round", move || turn(room, slot))
        .attribute("data-testid", hook)
        .attribute_of("aria-label", name)
        .attribute_of("title", name)
}

/// Switches on or off, by button or by key.
pub(crate) fn turn(room: Room, slot: Slot) {
    match slot == Slot::Screen && !can_share(room) {
        true => room.say(words::share_impossible()),
        false => room.act(Action::Switch(slot, !is_on(room, slot))),
    }
}

/// Shows on the button what is.
fn signs(button: Element, room: Room, slot: Slot, on: fn() -> Element, off: fn() -> Element) -> Element {
    button
        .class_if("off", move || !is_on(room, slot))
        .choose(move || Key::from(is_on(room, slot)), move |is_on| if is_on == 0 { off() } else { on() })
}

/// What a click shares; where nothing can be shared, that.
fn share_words(room: Room) -> &'static str {
    if can_share(room) { words::share_screen() } else { words::share_impossible() }
}

fn can_share(room: Room) -> bool {
    room.client(Client::can_share).unwrap_or(true)
}

fn named(button: Element, name: &str) -> Element {
    button.attribute("aria-label", name).attribute("title", name)
}

/// Switched on as far as the person is concerned, even if the browser is still asking.
pub(crate) fn is_on(room: Room, slot: Slot) -> bool {
    matches!(room.device(slot), Device::Starting | Device::On)
}
