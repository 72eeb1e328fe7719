//! The lobby: a look at oneself before anybody else has one.

use crate::room::{Room, name_of};
use crate::{browser, controls, icons, picture, tile, words};
use eyeline_browser::devices::{Device as Choice, Kind};
use eyeline_browser::level::Level;
use eyeline_browser::view::Device;
use eyeline_browser::{Action, CaptureError, NAME_CHARACTERS, Phase, Slot};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::time::Duration;

/// The meter moves about sixteen times a second: enough to look alive, and little to do.
const METER_EVERY: Duration = Duration::from_millis(60);

/// The page before a call.
pub(crate) fn lobby(room: Room) -> impl IntoView {
    html::main().class("lobby").child((
        own_picture(room),
        html::section().class("lobby-side").child((
            html::h1().child(words::lobby_title()),
            name(room),
            html::div().class("devices").child((
                choice(room, Kind::Camera, Slot::Camera, words::lobby_camera()),
                choice(room, Kind::Microphone, Slot::Microphone, words::lobby_microphone()),
                microphone_matter(room),
            )),
            html::div().class("lobby-end").child((
                inside(room),
                html::button()
                    .r#type("button")
                    .class("primary wide")
                    .attr("data-testid", "join")
                    .on(ev::click, move |_| room.act(Action::Join))
                    .child(words::lobby_join()),
            )),
        )),
    ))
}

fn own_picture(room: Room) -> impl IntoView {
    let camera = room.me(Device::Off, |me| me.camera);
    let name = room.me(String::new(), |me| me.name.clone());
    html::section().class("mirror").class(("no-picture", move || camera.get() != Device::On)).child((
        html::div().class("mirrored").child(picture::own(room, Slot::Camera, words::own_picture())),
        html::div().class("mirror-words").child((
            html::div()
                .class("initials")
                .attr("aria-hidden", "true")
                .child(move || name.with(|name| tile::initials(name))),
            html::p().attr("role", "status").child(move || camera_words(camera.get())),
        )),
        html::div().class("mirror-controls").child((controls::microphone(room), controls::camera(room))),
    ))
}

fn camera_words(camera: Device) -> Option<&'static str> {
    Some(match camera {
        Device::On => return None,
        Device::Off => words::camera_off(),
        Device::Starting => words::camera_starting(),
        Device::Failed(CaptureError::Denied) => words::camera_denied(),
        Device::Failed(CaptureError::NotFound) => words::camera_missing(),
        Device::Failed(CaptureError::Busy) => words::camera_busy(),
        Device::Failed(CaptureError::Unsupported) => words::camera_unsupported(),
    })
}

fn microphone_matter(room: Room) -> impl IntoView {
    let microphone = room.me(Device::Off, |me| me.microphone);
    html::p().class("trouble").attr("role", "status").child(move || {
        Some(match microphone.get() {
            Device::On | Device::Off | Device::Starting => return None,
            Device::Failed(CaptureError::Denied) => words::microphone_denied(),
            Device::Failed(CaptureError::NotFound) => words::microphone_missing(),
            Device::Failed(CaptureError::Busy) => words::microphone_busy(),
            Device::Failed(CaptureError::Unsupported) => words::microphone_unsupported(),
        })
    })
}

fn name(room: Room) -> impl IntoView {
    html::label().class("field").child((
        html::span().child(words::lobby_name()),
        html::input()
            .r#type("text")
            .attr("data-testid", "name")
            .attr("placeholder", words::lobby_name_hint())
            .attr("maxlength", NAME_CHARACTERS.to_string())
            .attr("autocomplete", "given-name")
            .attr("enterkeyhint", "done")
            .prop("value", browser::remembered_name())
            .on(ev::input, move |event| {
                let name = event_target_value(&event);
                browser::remember_name(&name);
                room.act(Action::SetName(name));
            }),
    ))
}

/// A row with a device's sign and what there is to choose from.
fn choice(room: Room, kind: Kind, slot: Slot, label: &'static str) -> impl IntoView {
    let choices = Memo::new(move |_| {
        let named = |choice: &&Choice| choice.kind == kind && !choice.label.is_empty();
        room.devices.with(|devices| devices.iter().filter(named).cloned().collect::<Vec<_>>())
    });
    html::label().class("field device").class(("unknown", move || choices.with(Vec::is_empty))).child((
        html::span().child((
            if kind == Kind::Camera { icons::camera().into_any() } else { icons::microphone().into_any() },
            label,
            (kind == Kind::Microphone).then(|| meter(room)),
        )),
        html::select()
            .on(ev::change, move |event| {
                let id = event_target_value(&event);
                room.client(|client| client.choose_device(slot, &id));
            })
            .child(move || {
                choices
                    .get()
                    .into_iter()
                    .map(|choice| html::option().attr("value", choice.id).child(choice.label))
                    .collect::<Vec<_>>()
            }),
    ))
}

/// How loud the microphone is, so that a silent one is noticed here and not by the others.
fn meter(room: Room) -> impl IntoView {
    let bar = NodeRef::<html::Span>::new();
    let level = StoredValue::new_local(None::<Level>);
    Effect::new(move |_| {
        room.follow_tracks();
        // The old one first: browsers allow only few of them.
        level.set_value(None);
        level.set_value(room.client(eyeline_browser::Client::microphone_level).flatten());
    });
    let draw = move || {
        let loudness = level.with_value(|level| level.as_ref().map_or(0.0, Level::now));
        if let Some(bar) = bar.get_untracked() {
            // Whole percents: printing fractions would cost the module some kilobytes.
            let percent = (loudness * 100.0) as u8;
            let _ = web_sys::HtmlElement::style(&bar).set_property("--level", &percent.to_string());
        }
    };
    if let Ok(timer) = set_interval_with_handle(draw, METER_EVERY) {
        on_cleanup(move || timer.clear());
    }
    html::span()
        .node_ref(bar)
        .class("meter")
        .attr("data-testid", "microphone-level")
        .attr("role", "img")
        .attr("aria-label", words::lobby_level())
}

fn inside(room: Room) -> impl IntoView {
    let names = Memo::new(move |_| room.people(Phase::Call).iter().map(name_of).collect::<Vec<_>>());
    html::p().class("inside").attr("role", "status").child((
        icons::mark(),
        html::span().child(move || {
            names.with(|names| match names.as_slice() {
                [] => words::lobby_nobody().to_owned(),
                [one] => words::lobby_one_inside(one),
                more => words::lobby_more_inside(&words::list(more)),
            })
        }),
    ))
}
