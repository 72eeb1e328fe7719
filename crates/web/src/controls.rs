//! The buttons for one's own devices, and the bar they stand in.

use crate::dom::{self, Element, Key, el};
use crate::room::Room;
use crate::{icons, panels, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Action, Client, Slot};

/// The bar at the bottom of a call: what people look for, in the order they expect, and leaving at a distance.
pub(crate) fn bar(room: Room) -> Element {
    el("nav")
        .class("controls")
        .attribute("aria-label", words::controls())
        .child(microphone(room))
        .child(camera(room))
        .child(
            switch(room, Slot::Screen, "share-screen", words::share_stop, move || share_words(room))
                .attribute_of("aria-disabled", move || if can_share(room) { "" } else { "true" })
                .class_if("active", move || is_on(room, Slot::Screen))
                .child(icons::screen()),
        )
        .child(
            named(dom::button("round", move || room.copy_link(words::toast_copied())), words::copy_link())
                .attribute("data-testid", "copy-link")
                .child(icons::link()),
        )
        .child(
            named(
                dom::button("round", move || panels::open(panels::Panel::Check, Some(room))),
                words::check_title(),
            )
            .attribute("data-testid", "check")
            .child(icons::mark()),
        )
        .child(
            named(
                dom::button("round", move || panels::open(panels::Panel::Settings, Some(room))),
                words::settings(),
            )
            .attribute("data-testid", "settings")
            .child(icons::sliders()),
        )
        .child(
            named(
                dom::button("round", move || panels::open(panels::Panel::Shortcuts, Some(room))),
                words::keys_title(),
            )
            .attribute("data-testid", "keys")
            .child(el("span").attribute("aria-hidden", "true").text("?")),
        )
        .child(
            named(dom::button("round leave", move || room.leave()), words::leave())
                .attribute("data-testid", "leave")
                .child(icons::leave()),
        )
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
    let click = move || match slot == Slot::Screen && !can_share(room) {
        true => room.say(words::share_impossible()),
        false => room.act(Action::Switch(slot, !is_on(room, slot))),
    };
    dom::button("round", click)
        .attribute("data-testid", hook)
        .attribute_of("aria-label", name)
        .attribute_of("title", name)
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
fn is_on(room: Room, slot: Slot) -> bool {
    matches!(room.device(slot), Device::Starting | Device::On)
}
