//! The lobby: a look at oneself before anybody else has one.

use crate::dom::{Element, Key, button, el, entered};
use crate::room::{Room, name_of};
use crate::{browser, check, controls, icons, late, panels, picture, settings, tile, words};
use eyeline_browser::devices::{Device as Choice, Kind};
use eyeline_browser::view::{Device, Server, View};
use eyeline_browser::{Action, CaptureError, Client, NAME_CHARACTERS, Phase, Slot};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The meter moves about sixteen times a second: enough to look alive, and little to do.
pub(crate) const METER_EVERY_MILLISECONDS: i32 = 60;

/// The page before a call.
pub(crate) fn lobby(room: Room) -> Element {
    let join = button("primary wide", move || room.act(Action::Join))
        .attribute("data-testid", "join")
        .text(words::lobby_join());
    let view = el("div").class("lobby-view").child(own_picture(room)).child(inside(room));
    el("main").class("lobby").child(view).child(
        el("section")
            .class("lobby-side")
            .child(el("h1").text(words::lobby_title()))
            .child(name(room))
            .child(
                el("div")
                    .class("devices")
                    .child(choice(room, Kind::Camera))
                    .child(choice(room, Kind::Microphone))
                    .child(choice(room, Kind::Speaker)),
            )
            .child(more_devices(room))
            .child(
                el("p")
                    .class("trouble")
                    .attribute("role", "status")
                    .text_of(move || microphone_words(room.device(Slot::Microphone))),
            )
            .child(
                el("p")
                    .class("trouble")
                    .attribute("role", "status")
                    .text_of(move || if hides_in_vain(room) { words::always_relay_alone() } else { "" }),
            )
            .child(el("div").class("lobby-end").child(join).child(
                el("div").class("links").child(check::link(Some(room))).child(settings::link(Some(room))),
            )),
    )
}

/// Whoever wants to hide where there is no relay reaches nobody: a wish is not dropped in silence.
pub(crate) fn hides_in_vain(room: Room) -> bool {
    let in_vain =
        |view: &View| view.me.always_relay && view.server == Server::Online && !view.me.relay_offered;
    room.view(in_vain).unwrap_or(false)
}

/// On a phone, in place of the pickers.
fn more_devices(room: Room) -> Element {
    button("more-devices", move || panels::open(panels::Panel::Settings, Some(room)))
        .attribute("data-testid", "devices")
        .child(icons::sliders())
        .child(el("span").text(words::lobby_devices()))
        .child(meter(room))
        .child(icons::further())
}

/// What the browser blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocked {
    Nothing,
    Camera,
    Microphone,
    Both,
}

fn blocked(room: Room) -> Blocked {
    let is_blocked = |slot| room.device(slot) == Device::Failed(CaptureError::Denied);
    match (is_blocked(Slot::Camera), is_blocked(Slot::Microphone)) {
        (false, false) => Blocked::Nothing,
        (true, false) => Blocked::Camera,
        (false, true) => Blocked::Microphone,
        (true, true) => Blocked::Both,
    }
}

fn own_picture(room: Room) -> Element {
    let words = move || camera_words(room.device(Slot::Camera));
    // While the browser is asked once more, what was said stays.
    let was = Cell::new(Blocked::Nothing);
    let blocked = move || {
        if [Slot::Camera, Slot::Microphone].into_iter().all(|slot| room.device(slot) != Device::Starting) {
            was.set(blocked(room));
        }
        was.get()
    };
    el("section")
        .class("mirror")
        .class_if("no-picture", move || room.device(Slot::Camera) != Device::On)
        .child(el("div").class("mirrored").child(picture::own(room, Slot::Camera, words::own_picture())))
        .choose(
            move || blocked() as Key,
            move |which| {
                let sentence = match which {
                    NOTHING_BLOCKED => {
                        return el("div")
                            .class("mirror-words")
                            .child(tile::own_initials(room))
                            .child(el("p").attribute("role", "status").text_of(words));
                    }
                    CAMERA_BLOCKED => words::blocked_camera(),
                    MICROPHONE_BLOCKED => words::blocked_microphone(),
                    _ => words::blocked_both(),
                };
                el("div")
                    .class("blocked")
                    .child(el("h2").attribute("role", "alert").text(sentence))
                    .child(late::place(late::Part::PermissionHelp, Some(room)))
            },
        )
        .child(
            el("div")
                .class("mirror-controls")
                .child(controls::microphone(room))
                .child(controls::camera(room)),
        )
}

const NOTHING_BLOCKED: Key = Blocked::Nothing as Key;
const CAMERA_BLOCKED: Key = Blocked::Camera as Key;
const MICROPHONE_BLOCKED: Key = Blocked::Microphone as Key;

/// Why there is no picture; empty if there is one.
pub(crate) fn camera_words(camera: Device) -> &'static str {
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
        // What is blocked, the picture's place tells.
        Device::On | Device::Off | Device::Starting | Device::Failed(CaptureError::Denied) => "",
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

/// A device's sign, and what there is to choose from.
pub(crate) fn choice(room: Room, kind: Kind) -> Element {
    let (sign, name) = match kind {
        Kind::Camera => (icons::camera(), words::lobby_camera()),
        Kind::Microphone => (icons::microphone(), words::lobby_microphone()),
        Kind::Speaker => (icons::speaker(), words::check_speaker()),
    };
    let title = el("span").child(sign).child(el("span").text(name));
    let title = if kind == Kind::Microphone { title.child(meter(room)) } else { title };
    let choices = move || room.devices(|devices| choices(devices, kind));
    let option = move |place: Key| {
        let read = move |read: fn(&(String, String)) -> &String| {
            choices().get(place as usize).map(read).cloned().unwrap_or_default()
        };
        el("option")
            // Not `attribute_of`: an option without the attribute has its words for a value.
            .follow(move |option| {
                let _ = option.set_attribute("value", &read(|(id, _)| id));
            })
            .text_of(move || read(|(_, label)| label))
    };
    let mut shown = None;
    let select = el("select")
        .on("change", move |event| room.choose_device(kind, &entered(&event)))
        .keyed(move || (0..choices().len() as Key).collect(), option)
        .follow(move |select| {
            // What is in use, unless the person is just choosing.
            let current = Some((in_use(room, kind), choices()));
            if current != shown {
                if let Some((Some(id), _)) = &current {
                    let _ = js_sys::Reflect::set(select, &"value".into(), &id.into());
                }
                shown = current;
            }
        });
    let field = el("label").class("field").class_if("unknown", move || choices().is_empty()).child(title);
    if kind != Kind::Speaker {
        return field.child(select);
    }
    el("div").class("with-button").child(field.child(select)).child(
        button("quiet small", move || {
            room.client(Client::play_tone);
        })
        .attribute("data-testid", "test-sound")
        .attribute("aria-label", words::speaker_test_label())
        .text(words::speaker_test()),
    )
}

/// The id of the device that is in use; empty for what the system plays sound with.
pub(crate) fn in_use(room: Room, kind: Kind) -> Option<String> {
    room.client(|client| match kind.slot() {
        Some(slot) => client.current_device(slot).unwrap_or_default(),
        None => client.speaker(),
    })
}

/// Ids and names of the devices of a kind that the person can tell apart. A speaker can always be left to the system.
pub(crate) fn choices(devices: &[Choice], kind: Kind) -> Vec<(String, String)> {
    let usual = (kind == Kind::Speaker).then(|| (String::new(), words::speaker_usual().to_owned()));
    let named = devices.iter().filter(|choice| {
        let is_usual = kind == Kind::Speaker && choice.id == "default";
        choice.kind == kind && !choice.label.is_empty() && !is_usual
    });
    usual.into_iter().chain(named.map(|choice| (choice.id.clone(), choice.label.clone()))).collect()
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
                    // There is one for a wide page and one for a narrow one.
                    if bar.client_width() == 0 {
                        return;
                    }
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
