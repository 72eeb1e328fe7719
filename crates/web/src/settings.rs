//! Settings: devices, looks, and what this device remembers. A panel over the start page, the lobby or a call.
//!
//! Loaded when it is wanted. Every choice acts at once and is remembered on this device; there is nothing to save.

use crate::dom::{Element, button, changed, el};
use crate::room::Room;
use crate::{browser, help, icons, languages, lobby, panels, picture, recent, words};
use eyeline_browser::devices::{Kind, Sound, SpeakerChoice};
use eyeline_browser::view::Device;
use eyeline_browser::{Action, Client, Slot};
use std::rc::Rc;

/// Dark or light, by name; absent: as the system has it. boot.js reads both.
const THEME: &str = "eyeline-theme";
/// Present where the person wants to see themselves as the others do.
const UNMIRRORED: &str = "eyeline-unmirrored";

/// Words that open the panel; `room` is the call that goes on, if one does.
pub(crate) fn link(room: Option<Room>) -> Element {
    button("plain-link", move || panels::open(panels::Panel::Settings, room))
        .attribute("data-testid", "settings")
        .text(words::settings())
}

/// The panel's content; without a call only what concerns the page.
pub(crate) fn content(room: Option<Room>) -> Element {
    let panel = el("div").class("settings");
    let panel = match room {
        Some(room) => panel.child(camera(room)).child(sound(room)),
        None => panel,
    };
    panel.child(looks()).child(privacy(room))
}

fn section(title: &str) -> Element {
    el("section").child(el("h2").text(title))
}

// --- Devices ------------------------------------------------------------------------------------------------------

fn camera(room: Room) -> Element {
    let is_on = move || room.device(Slot::Camera) == Device::On;
    section(words::lobby_camera())
        .child(
            el("div")
                .class("beside")
                .child(
                    el("div")
                        .class("small-mirror")
                        .class_if("no-picture", move || !is_on())
                        .child(el("div").class("mirrored").child(picture::own(
                            room,
                            Slot::Camera,
                            words::own_picture(),
                        )))
                        .when(
                            move || !is_on(),
                            move || {
                                el("p")
                                    .class("hint")
                                    .text_of(move || lobby::camera_words(room.device(Slot::Camera)))
                            },
                        ),
                )
                .child(el("div").class("stack").child(lobby::choice(room, Kind::Camera)).when(
                    move || room.client(Client::can_flip_camera).unwrap_or(false),
                    move || {
                        button("quiet small", move || {
                            room.client(Client::flip_camera);
                        })
                        .child(icons::flip())
                        .text(words::camera_flip())
                    },
                )),
        )
        .child(switch(
            "mirror",
            words::mirror_own(),
            words::mirror_own_hint(),
            || browser::remembered(UNMIRRORED).is_empty(),
            |on| {
                if on {
                    browser::forget(UNMIRRORED);
                } else {
                    browser::remember(UNMIRRORED, "1");
                }
                browser::follow_look();
            },
        ))
}

fn sound(room: Room) -> Element {
    let sound = move || room.client(Client::sound).unwrap_or_default();
    let set = move |change: fn(&mut Sound, bool), on: bool| {
        let mut wanted = sound();
        change(&mut wanted, on);
        room.set_sound(wanted);
    };
    let cleaned = move || !sound().music;
    section(words::settings_sound())
        .child(lobby::choice(room, Kind::Microphone))
        .child(lobby::choice(room, Kind::Speaker))
        .child(match room.client(Client::speaker_choice) {
            Some(SpeakerChoice::System) => el("p").class("hint").text(words::speaker_by_system()),
            Some(SpeakerChoice::Ask) => button("quiet small", move || {
                room.client(Client::ask_for_speaker);
            })
            .text(words::speaker_ask()),
            Some(SpeakerChoice::List) | None => el("span").attribute("hidden", ""),
        })
        .child(
            switch(
                "noise",
                words::sound_noise(),
                words::sound_noise_hint(),
                move || cleaned() && sound().noise_suppression,
                move |on| {
                    set(|sound, on| sound.noise_suppression = on, on);
                },
            )
            .attribute_of("inert", move || if cleaned() { "" } else { "true" }),
        )
        .child(
            switch(
                "echo",
                words::sound_echo(),
                words::sound_echo_hint(),
                move || cleaned() && sound().echo_cancellation,
                move |on| {
                    set(|sound, on| sound.echo_cancellation = on, on);
                },
            )
            .attribute_of("inert", move || if cleaned() { "" } else { "true" }),
        )
        .child(switch(
            "music",
            words::sound_music(),
            words::sound_music_hint(),
            move || sound().music,
            move |on| {
                set(|sound, on| sound.music = on, on);
            },
        ))
}

// --- The page -----------------------------------------------------------------------------------------------------

fn looks() -> Element {
    section(words::settings_page())
        .child(theme())
        .child(el("div").class("row").child(el("span").text(words::language())).child(languages::choice()))
        .child(help::switch(words::keys_title()))
}

/// Dark, light, or as the system has it.
pub(crate) fn theme() -> Element {
    let choices =
        [("", words::theme_system()), ("dark", words::theme_dark()), ("light", words::theme_light())];
    let theme = browser::remembered(THEME);
    let segments = choices.into_iter().fold(el("div"), |segments, (name, words)| {
        segments.child(
            el("label")
                .child(
                    el("input")
                        .attribute("type", "radio")
                        .attribute("name", "theme")
                        .property("checked", &(theme == name).into())
                        .on("change", move |_| {
                            if name.is_empty() {
                                browser::forget(THEME);
                            } else {
                                browser::remember(THEME, name);
                            }
                            browser::follow_look();
                        }),
                )
                .child(el("span").text(words)),
        )
    });
    el("fieldset").class("segments").child(el("legend").text(words::theme())).child(segments)
}

fn privacy(room: Option<Room>) -> Element {
    section(words::settings_privacy())
        .child(switch(
            "always-relay",
            words::always_relay(),
            words::always_relay_hint(),
            move || hides(room),
            move |hides| {
                browser::remember_hiding(hides);
                if let Some(room) = room {
                    room.act(Action::AlwaysRelay(hides));
                }
            },
        ))
        .when(
            move || room.is_some_and(lobby::hides_in_vain),
            || el("p").class("hint trouble").attribute("role", "status").text(words::always_relay_alone()),
        )
        .child(switch(
            "keep-recent",
            words::recent_keep(),
            words::recent_keep_hint(),
            recent::are_kept,
            recent::set_kept,
        ))
        .when(
            || recent::are_kept() && !recent::is_empty(),
            || {
                button("quiet small", || {
                    recent::forget_all();
                    changed();
                })
                .text(words::recent_forget_all())
            },
        )
}

fn hides(room: Option<Room>) -> bool {
    let of_call = room.and_then(|room| room.view(|view| view.me.always_relay));
    of_call.unwrap_or_else(browser::remembered_hiding)
}

/// Something that is on or off, with a line that explains it. `hook` is what tests know it by.
pub(crate) fn switch(
    hook: &str,
    name: &str,
    hint: &str,
    is_on: impl Fn() -> bool + 'static,
    set: impl Fn(bool) + 'static,
) -> Element {
    let is_on = Rc::new(is_on);
    let shown = Rc::clone(&is_on);
    let (name_id, hint_id) = ([hook, "-name"].concat(), [hook, "-hint"].concat());
    el("label")
        .class("toggle")
        .child(
            el("span")
                .child(el("span").attribute("id", &name_id).text(name))
                .child(el("span").class("hint").attribute("id", &hint_id).text(hint)),
        )
        .child(
            el("input")
                .attribute("type", "checkbox")
                .attribute("role", "switch")
                .attribute("data-testid", hook)
                .attribute("aria-labelledby", &name_id)
                .attribute("aria-describedby", &hint_id)
                .follow(move |input| {
                    let _ = js_sys::Reflect::set(input, &"checked".into(), &shown().into());
                })
                .on("change", move |_| {
                    set(!is_on());
                    changed();
                }),
        )
}
