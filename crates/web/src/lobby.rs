//! The lobby: a look at oneself before anybody else has one.

use crate::dom::{Element, Key, button, el, entered};
use crate::room::{Room, name_of};
use crate::{browser, check, controls, icons, picture, tile, words};
use eyeline_browser::devices::{Device as Choice, Kind};
use eyeline_browser::view::{Device, Server, View};
use eyeline_browser::{Action, CaptureError, NAME_CHARACTERS, Phase, Slot};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The meter moves about sixteen times a second: enough to look alive, and little to do.
pub(crate) const METER_EVERY_MILLISECONDS: i32 = 60;

/// The page before a call.
pub(crate) fn lobby(room: Room) -> Element {
    let join = button("primary wide", move || room.act(Action::Join))
        .attribute("data-testid", "join")
        .text(words::lobby_join());
    el("main").class("lobby").child(own_picture(room)).child(
        el("section")
            .class("lobby-side")
            .child(el("h1").text(words::lobby_title()))
            .child(name(room))
            .child(
                el("div")
                    .class("devices")
                    .child(choice(room, Kind::Camera))
                    .child(choice(room, Kind::Microphone))
                    .child(
                        el("p")
                            .class("trouble")
                            .attribute("role", "status")
                            .text_of(move || microphone_words(room.device(Slot::Microphone))),
                    ),
            )
            .child(hiding(room))
            .child(
                el("div")
                    .class("lobby-end")
                    .child(inside(room))
                    .child(join)
                    .child(el("p").class("soft").child(check::link(Some(room)))),
            ),
    )
}

/// Whoever wants to hide their address may, where the server has a relay. Where it has none, who wanted to once is told:
/// a wish is not dropped in silence.
fn hiding(room: Room) -> Element {
    let of = move |look: fn(&View) -> bool| room.view(look).unwrap_or(false);
    let alone = move || of(|view| view.server == Server::Online && !view.me.relay_offered);
    let words = move || if alone() { words::always_relay_alone() } else { words::always_relay_hint() };
    el("div").class("hiding").when(
        move || of(|view| view.me.relay_offered || view.me.always_relay),
        move || {
            el("label")
                .class("choice")
                .child(
                    el("input")
                        .attribute("type", "checkbox")
                        .attribute("data-testid", "always-relay")
                        .property("checked", &of(|view| view.me.always_relay).into())
                        .on("change", move |_| {
                            let hides = !of(|view| view.me.always_relay);
                            browser::remember_hiding(hides);
                            room.act(Action::AlwaysRelay(hides));
                        }),
                )
                .child(
                    el("span")
                        .text(words::always_relay())
                        .child(el("span").class("hint").class_if("trouble", alone).text_of(words)),
                )
        },
    )
}

fn own_picture(room: Room) -> Element {
    let words = move || camera_words(room.device(Slot::Camera));
    el("section")
        .class("mirror")
        .class_if("no-picture", move || room.device(Slot::Camera) != Device::On)
        .child(el("div").class("mirrored").child(picture::own(room, Slot::Camera, words::own_picture())))
        .child(
            el("div")
                .class("mirror-words")
                .child(tile::own_initials(room))
                .child(el("p").attribute("role", "status").text_of(words)),
        )
        .child(
            el("div")
                .class("mirror-controls")
                .child(controls::microphone(room))
                .child(controls::camera(room)),
        )
}

/// Why there is no picture; empty if there is one.
fn camera_words(camera: Device) -> &'static str {
    match camera {
        Device::On => "",
        Device::Off => words::camera_off(),
        Device::Starting => words::camera_starting(),
        Device::Failed(CaptureError::Denied) => words::camera_denied(),
        Device::Failed(CaptureError::NotFound) => words::camera_missing(),
        Device::Failed(CaptureError::Busy) => words::camera_busy(),
        Device::Failed(CaptureError::Unsupported) => words::camera_unsupported(),
    }
}

/// Why there is no sound; empty if there is, or none is wanted.
fn microphone_words(microphone: Device) -> &'static str {
    match microphone {
        Device::On | Device::Off | Device::Starting => "",
        Device::Failed(CaptureError::Denied) => words::microphone_denied(),
        Device::Failed(CaptureError::NotFound) => words::microphone_missing(),
        Device::Failed(CaptureError::Busy) => words::microphone_busy(),
        Device::Failed(CaptureError::Unsupported) => words::microphone_unsupported(),
    }
}

fn name(room: Room) -> Element {
    el("label").class("field").child(el("span").text(words::lobby_name())).child(
        el("input")
            .attribute("type", "text")
            .attribute("data-testid", "name")
            .attribute("placeholder", words::lobby_name_hint())
            .attribute("maxlength", &NAME_CHARACTERS.to_string())
            .attribute("autocomplete", "given-name")
            .attribute("enterkeyhint", "done")
            .property("value", &browser::remembered_name().into())
            .on("input", move |event| {
                let name = entered(&event);
                browser::remember_name(&name);
                room.act(Action::SetName(name));
            }),
    )
}

/// A row with a device's sign and what there is to choose from.
fn choice(room: Room, kind: Kind) -> Element {
    let what = match kind {
        Kind::Camera => el("span").child(icons::camera()).text(words::lobby_camera()),
        Kind::Microphone => {
            let sign = el("span").child(icons::microphone());
            sign.text(words::lobby_microphone()).child(meter(room))
        }
        Kind::Speaker => el("span").text(words::check_speaker()),
    };
    let option = move |place: Key| {
        let read = move |read: fn(&Choice) -> &String| {
            room.devices(|devices| {
                named(devices, kind).nth(place as usize).map(read).cloned().unwrap_or_default()
            })
        };
        el("option")
            .attribute_of("value", move || read(|choice| &choice.id))
            .text_of(move || read(|choice| &choice.label))
    };
    let count = move || room.devices(|devices| named(devices, kind).count());
    el("label").class("field device").class_if("unknown", move || count() == 0).child(what).child(
        el("select")
            .on("change", move |event| {
                room.choose_device(kind, &entered(&event));
            })
            .keyed(move || (0..count() as Key).collect(), option),
    )
}

/// The devices of a kind that the person can tell apart.
fn named(devices: &[Choice], kind: Kind) -> impl Iterator<Item = &Choice> {
    devices.iter().filter(move |choice| choice.kind == kind && !choice.label.is_empty())
}

/// How loud the microphone is, so that a silent one is noticed here and not by the others.
fn meter(room: Room) -> Element {
    let mut timer = None;
    el("span")
        .class("meter")
        .attribute("data-testid", "microphone-level")
        .attribute("role", "img")
        .attribute("aria-label", words::lobby_level())
        .follow(move |bar| {
            if timer.is_none() {
                let bar = bar.clone();
                timer = Some(browser::Interval::new(METER_EVERY_MILLISECONDS, move || {
                    show_level(room.client(eyeline_browser::Client::own_level).unwrap_or_default(), &bar);
                }));
            }
        })
}

/// Draws a loudness from 0 to 1 on a meter.
pub(crate) fn show_level(loudness: f32, bar: &web_sys::Element) {
    // Whole percents: printing fractions would cost the module some kilobytes.
    let percent = (loudness * 100.0) as u8;
    let style = bar.unchecked_ref::<HtmlElement>().style();
    let _ = style.set_property("--level", &percent.to_string());
}

fn inside(room: Room) -> Element {
    let names = move || match room.people(Phase::Call, name_of).as_slice() {
        [] => words::lobby_nobody().into(),
        [one] => words::lobby_one_inside(one),
        more => words::lobby_more_inside(&words::list(more)),
    };
    el("p").class("inside").attribute("role", "status").child(icons::mark()).child(el("span").text_of(names))
}
