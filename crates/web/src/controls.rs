//! The buttons for one's own devices, and the bar they stand in.

use crate::room::Room;
use crate::{icons, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Action, Slot};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// The bar at the bottom of a call: what people look for, in the order they expect, and leaving at a distance.
pub(crate) fn bar(room: Room) -> impl IntoView {
    html::nav().class("controls").attr("aria-label", words::controls()).child((
        microphone(room),
        camera(room),
        share(room),
        button("copy-link", words::copy_link(), icons::link().into_any(), move || {
            room.copy_link(words::toast_copied());
        }),
        html::button()
            .r#type("button")
            .class("round leave")
            .attr("data-testid", "leave")
            .attr("aria-label", words::leave())
            .attr("title", words::leave())
            .on(ev::click, move |_| room.leave())
            .child(icons::leave()),
    ))
}

/// Mutes and unmutes.
pub(crate) fn microphone(room: Room) -> impl IntoView {
    let device = room.me(Device::Off, |me| me.microphone);
    let on = move || is_on(device.get());
    html::button()
        .r#type("button")
        .class("round")
        .class(("off", move || !on()))
        .attr("data-testid", "toggle-microphone")
        .attr("aria-label", move || if on() { words::mute() } else { words::unmute() })
        .attr("title", move || if on() { words::mute() } else { words::unmute() })
        .on(ev::click, move |_| room.act(Action::Switch(Slot::Microphone, !is_on(device.get_untracked()))))
        .child(move || if on() { icons::microphone().into_any() } else { icons::microphone_off().into_any() })
}

/// Switches the camera on and off, its light with it.
pub(crate) fn camera(room: Room) -> impl IntoView {
    let device = room.me(Device::Off, |me| me.camera);
    let on = move || is_on(device.get());
    html::button()
        .r#type("button")
        .class("round")
        .class(("off", move || !on()))
        .attr("data-testid", "toggle-camera")
        .attr("aria-label", move || if on() { words::camera_stop() } else { words::camera_start() })
        .attr("title", move || if on() { words::camera_stop() } else { words::camera_start() })
        .on(ev::click, move |_| room.act(Action::Switch(Slot::Camera, !is_on(device.get_untracked()))))
        .child(move || if on() { icons::camera().into_any() } else { icons::camera_off().into_any() })
}

fn share(room: Room) -> impl IntoView {
    let device = room.me(Device::Off, |me| me.screen);
    let on = move || is_on(device.get());
    html::button()
        .r#type("button")
        .class("round")
        .class(("active", on))
        .attr("data-testid", "share-screen")
        .attr("aria-label", move || if on() { words::share_stop() } else { words::share_screen() })
        .attr("title", move || if on() { words::share_stop() } else { words::share_screen() })
        .on(ev::click, move |_| room.act(Action::Switch(Slot::Screen, !is_on(device.get_untracked()))))
        .child(icons::screen())
}

fn button(hook: &'static str, name: &'static str, icon: AnyView, act: impl Fn() + 'static) -> impl IntoView {
    html::button()
        .r#type("button")
        .class("round")
        .attr("data-testid", hook)
        .attr("aria-label", name)
        .attr("title", name)
        .on(ev::click, move |_| act())
        .child(icon)
}

/// Switched on as far as the person is concerned, even if the browser is still asking.
fn is_on(device: Device) -> bool {
    matches!(device, Device::Starting | Device::On)
}
