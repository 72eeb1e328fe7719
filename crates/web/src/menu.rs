//! Menus: what is wanted now and then, a click away. One is open at a time.
//!
//! The frame is here; what can be chosen is a table, loaded late. Keys as in the ARIA Authoring Practices' menu button.

use crate::dom::{Element, Key, Text, button, changed, el};
use crate::room::{Room, name_of};
use crate::stage::{self, ONESELF, Part, Role};
use crate::{browser, focus, icons, late, lobby, panels, words};
use eyeline_browser::devices::{Kind, SpeakerChoice};
use eyeline_browser::{Client, PeerId};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent};

/// What can be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Menu {
    /// Of the control bar.
    More,
    /// Beside the microphone's button: microphones and speakers.
    Sound,
    /// Beside the camera's button: cameras.
    Camera,
    /// Of a tile.
    Person(Key),
}

/// What is open.
struct Open {
    menu: Menu,
    /// Where: the side from which it opens, as a style.
    at: String,
    opener: HtmlElement,
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
    static LISTENS: Cell<bool> = const { Cell::new(false) };
}

/// From the button to its menu, and from there to the window's edge, in pixels.
const GAP: f64 = 8.0;

/// A button that opens a menu.
pub(crate) fn opener(class: &str, menu: Menu) -> Element {
    let is_open = move || OPEN.with_borrow(|open| open.as_ref().is_some_and(|open| open.menu == menu));
    el("button")
        .class(class)
        .attribute("type", "button")
        .attribute("aria-haspopup", "menu")
        .attribute_of("aria-expanded", move || if is_open() { "true" } else { "false" })
        .on("click", move |event| open(menu, &event))
}

/// Whether one is open.
pub(crate) fn is_open() -> bool {
    OPEN.with_borrow(Option::is_some)
}

/// The place of menus: a click beside one closes it.
pub(crate) fn place(room: Room) -> Element {
    let which = || OPEN.with_borrow(|open| open.iter().map(|open| number(open.menu)).collect());
    if !LISTENS.replace(true) {
        // It stands where its button was: a phone that is turned has it elsewhere.
        browser::listen("resize", |_| close());
    }
    // A landmark of its own: whoever goes from one to the next by ear finds it.
    el("aside").attribute("aria-label", words::more()).keyed(which, move |_| {
        let open = OPEN.with_borrow(|open| open.as_ref().map(|open| (open.menu, open.at.clone())));
        let Some((menu, at)) = open else { return el("div") };
        let content = late::place(late::Part::Menu(menu), Some(room)).attribute("class", "menu-place");
        el("div").class("menu-back").on("click", |_| close()).child(content.follow(move |node| {
            node.unchecked_ref::<HtmlElement>().style().set_css_text(&at);
        }))
    })
}

/// Closes it; the keyboard is where it was before.
pub(crate) fn close() {
    if let Some(open) = OPEN.take() {
        let _ = open.opener.focus();
        changed();
    }
}

fn number(menu: Menu) -> Key {
    match menu {
        Menu::More => Key::MAX,
        Menu::Sound => Key::MAX - 1,
        Menu::Camera => Key::MAX - 2,
        Menu::Person(key) => key,
    }
}

/// Opens towards the middle of the window.
fn open(menu: Menu, event: &Event) {
    let opener = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let (Some(opener), Some(window)) = (opener, web_sys::window()) else { return };
    let length = |length: Result<wasm_bindgen::JsValue, _>| length.ok().and_then(|length| length.as_f64());
    let (width, height) =
        (length(window.inner_width()).unwrap_or(0.0), length(window.inner_height()).unwrap_or(0.0));
    let at = opener.get_bounding_client_rect();
    let pixels = |length: f64| (length.max(GAP) as i32).to_string();
    let side = |name: &str, length: f64| [name, &pixels(length), "px;"].concat();
    let upwards = at.y() > height / 2.0;
    let leftwards = at.x() + at.width() / 2.0 > width / 2.0;
    let (name, length) =
        if upwards { ("bottom:", height - at.y() + GAP) } else { ("top:", at.y() + at.height() + GAP) };
    // What does not fit is scrolled.
    let vertical = [&side(name, length), "max-height:calc(100dvh - ", &pixels(length + GAP), "px);"].concat();
    let horizontal =
        if leftwards { side("right:", width - at.x() - at.width()) } else { side("left:", at.x()) };
    OPEN.replace(Some(Open { menu, at: [vertical, horizontal].concat(), opener }));
    changed();
}

/// Something to choose.
struct Entry {
    hook: &'static str,
    shows: fn(Room, Key) -> bool,
    words: fn(Room, Key) -> &'static str,
    act: fn(Room, Key),
}

fn always(_: Room, _: Key) -> bool {
    true
}

const MORE: &[Entry] = &[
    Entry {
        hook: "copy-link",
        shows: always,
        words: |_, _| words::copy_link(),
        act: |room, _| room.copy_link(words::toast_copied()),
    },
    Entry {
        hook: "hand",
        shows: |room, _| !stage::others(room).is_empty(),
        words: |room, _| match room.view(|view| view.me.hand) {
            Some(true) => words::hand_lower(),
            _ => words::hand_raise(),
        },
        act: |room, _| room.turn_hand(),
    },
    Entry {
        hook: "view",
        shows: |room, _| stage::others(room).len() > 1,
        words: |_, _| if stage::is_speaker_view() { words::view_grid() } else { words::view_speaker() },
        act: |_, _| stage::toggle_speaker_view(),
    },
    Entry {
        hook: "self-view",
        shows: |room, _| !stage::others(room).is_empty(),
        words: |_, _| if stage::hides_self() { words::self_show() } else { words::self_hide() },
        act: |_, _| stage::toggle_self(),
    },
    Entry {
        hook: "full-screen",
        shows: |_, _| browser::can_be_full_screen(),
        words: |_, _| if browser::is_full_screen() { words::full_screen_end() } else { words::full_screen() },
        act: |_, _| browser::toggle_full_screen(),
    },
    Entry {
        hook: "picture-in-picture",
        shows: |room, _| can_be_in_picture() && !stage::others(room).is_empty(),
        words: |_, _| if in_picture().is_some() { words::in_picture_end() } else { words::in_picture() },
        act: |room, _| toggle_in_picture(room, LARGEST),
    },
    OF_SETTINGS,
    Entry {
        hook: "connection",
        shows: always,
        words: |_, _| words::connection_title(),
        act: |room, _| panels::open(panels::Panel::Connection, Some(room)),
    },
    Entry {
        hook: "check",
        shows: always,
        words: |_, _| words::check_title(),
        act: |room, _| panels::open(panels::Panel::Check, Some(room)),
    },
    Entry {
        hook: "keys",
        shows: always,
        words: |_, _| words::keys_title(),
        act: |room, _| panels::open(panels::Panel::Shortcuts, Some(room)),
    },
];

const OF_SETTINGS: Entry = Entry {
    hook: "settings",
    shows: always,
    words: |_, _| words::settings(),
    act: |room, _| panels::open(panels::Panel::Settings, Some(room)),
};

const SETTINGS: &[Entry] = &[OF_SETTINGS];

const PERSON: &[Entry] = &[
    Entry {
        hook: "swap",
        shows: |_, key| stage::role(key, Part::Face) == Some(Role::Floating),
        words: |_, _| words::swap(),
        act: |_, _| stage::swap(),
    },
    Entry {
        hook: "pin",
        shows: always,
        words: |_, key| if stage::is_pinned(key) { words::unpin() } else { words::pin() },
        act: |_, key| stage::toggle_pin(key),
    },
    Entry {
        hook: "self-view",
        shows: |room, key| key == ONESELF && !stage::others(room).is_empty(),
        words: |_, _| words::self_hide(),
        act: |_, _| stage::toggle_self(),
    },
    Entry {
        hook: "picture-in-picture",
        shows: |_, key| key != ONESELF && can_be_in_picture(),
        words: |_, _| words::in_picture(),
        act: |room, key| {
            let peer = PeerId(key.to_be_bytes()).to_string();
            toggle_in_picture(room, &["[data-peer=\"", &peer, "\"] video[data-slot=camera]"].concat());
        },
    },
];

/// What can be chosen.
pub(crate) fn content(menu: Menu, room: Room) -> Element {
    let (entries, key, name): (_, _, Text) = match menu {
        Menu::More => (MORE, ONESELF, words::more().into()),
        Menu::Sound => (SETTINGS, ONESELF, words::devices_sound().into()),
        Menu::Camera => (SETTINGS, ONESELF, words::devices_camera().into()),
        Menu::Person(ONESELF) => (PERSON, ONESELF, words::menu_of(words::you()).into()),
        Menu::Person(key) => {
            let name = room.person(PeerId(key.to_be_bytes()), name_of).unwrap_or_default();
            (PERSON, key, words::menu_of(&name).into())
        }
    };
    let mut begun = false;
    let frame = el("div")
        .class("menu")
        .attribute("role", "menu")
        .attribute("aria-label", &name)
        .on("keydown", |event| pressed(&event))
        // Only what is in the document can have the focus: look again when it is.
        .follow(move |node| {
            if !node.is_connected() {
                changed();
            } else if !begun {
                begun = true;
                step(node, true, None);
            }
        });
    let frame = match menu {
        Menu::Sound => frame.child(devices(room, Kind::Microphone)).child(devices(room, Kind::Speaker)),
        Menu::Camera => frame.child(devices(room, Kind::Camera)),
        Menu::More | Menu::Person(_) => frame,
    };
    entries.iter().filter(|entry| (entry.shows)(room, key)).fold(frame, |frame, entry| {
        let act = entry.act;
        frame.child(
            item("menuitem", move || act(room, key))
                .attribute("data-testid", entry.hook)
                .text((entry.words)(room, key)),
        )
    })
}

/// What leads to another device: a menu of them, or on a telephone the other camera at once.
pub(crate) fn others(menu: Menu, room: Room) -> Element {
    let name = if menu == Menu::Camera { words::devices_camera() } else { words::devices_sound() };
    let flips = move || menu == Menu::Camera && room.client(Client::can_flip_camera).unwrap_or(false);
    el("div").class("others").choose(
        move || Key::from(flips()),
        move |flips| {
            if flips == 0 {
                opener("unfold", menu)
                    .attribute("aria-label", name)
                    .attribute("title", name)
                    .attribute("data-testid", if menu == Menu::Camera { "cameras" } else { "sound" })
                    .child(icons::unfold())
            } else {
                button("round", move || {
                    room.client(Client::flip_camera);
                })
                .attribute("aria-label", words::camera_flip())
                .attribute("title", words::camera_flip())
                .attribute("data-testid", "flip-camera")
                .child(icons::flip())
            }
        },
    )
}

/// The devices of a kind; the one in use is marked.
fn devices(room: Room, kind: Kind) -> Element {
    let name = match kind {
        Kind::Camera => words::lobby_camera(),
        Kind::Microphone => words::lobby_microphone(),
        Kind::Speaker => words::check_speaker(),
    };
    let choice = room.client(Client::speaker_choice);
    if kind == Kind::Speaker && choice == Some(SpeakerChoice::System) {
        return el("p").class("hint").text(words::speaker_by_system());
    }
    let current = lobby::in_use(room, kind);
    let group = el("div")
        .attribute("role", "group")
        .attribute("aria-label", name)
        .child(el("p").class("hint").attribute("aria-hidden", "true").text(name));
    let choices = room.devices(|devices| lobby::choices(devices, kind));
    let group = choices.into_iter().fold(group, |group, (id, label)| {
        let is_current = current.as_deref() == Some(id.as_str());
        let entry = item("menuitemradio", move || room.choose_device(kind, &id))
            .attribute("aria-checked", if is_current { "true" } else { "false" })
            .child(icons::good());
        group.child(entry.child(el("span").text(&label)))
    });
    if kind != Kind::Speaker || choice != Some(SpeakerChoice::Ask) {
        return group;
    }
    group.child(
        item("menuitem", move || {
            room.client(Client::ask_for_speaker);
        })
        .text(words::speaker_ask()),
    )
}

/// Something that can be chosen: the menu closes, and it is done.
fn item(role: &str, act: impl Fn() + 'static) -> Element {
    el("button").attribute("type", "button").attribute("role", role).attribute("tabindex", "-1").on(
        "click",
        move |event| {
            event.stop_propagation();
            close();
            act();
        },
    )
}

fn pressed(event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let Some(menu) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return;
    };
    let at = focus::now();
    match event.key().as_str() {
        "ArrowDown" => step(&menu, true, at),
        "ArrowUp" => step(&menu, false, at),
        "Home" => step(&menu, true, None),
        "End" => step(&menu, false, None),
        "Escape" | "Tab" => close(),
        _ => return,
    }
    event.prevent_default();
}

/// To the next or the previous entry; behind the last one comes the first.
fn step(menu: &web_sys::Element, forwards: bool, from: Option<web_sys::Element>) {
    let Ok(entries) = menu.query_selector_all("button") else { return };
    let count = entries.length();
    let at = from.and_then(|from| {
        (0..count).find(|place| entries.get(*place).is_some_and(|entry| entry.is_same_node(Some(&from))))
    });
    let next = match (at, forwards) {
        (Some(at), true) if at + 1 < count => at + 1,
        (Some(at), false) if at > 0 => at - 1,
        (_, true) => 0,
        (_, false) => count.saturating_sub(1),
    };
    if let Some(entry) = entries.get(next) {
        let _ = entry.unchecked_ref::<HtmlElement>().focus();
    }
}

/// The picture that is looked at most, or another one.
const LARGEST: &str = ".tile:not(.own) [data-place=large] video";
const ANY: &str = ".tile:not(.own) video";

/// W3C Picture-in-Picture. Firefox has a button of its own for it, and lets no page ask.
fn can_be_in_picture() -> bool {
    browser::document().is_some_and(|document| property(&document, "pictureInPictureEnabled").is_truthy())
}

fn in_picture() -> Option<wasm_bindgen::JsValue> {
    browser::document()
        .map(|document| property(&document, "pictureInPictureElement"))
        .filter(|element| element.is_truthy())
}

fn property(object: &wasm_bindgen::JsValue, name: &str) -> wasm_bindgen::JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A picture in a small window above all others, or back.
fn toggle_in_picture(room: Room, selector: &str) {
    let Some(document) = browser::document() else { return };
    let (target, method) = match in_picture() {
        Some(_) => (Some(document.into()), "exitPictureInPicture"),
        None => {
            let find = |selector| document.query_selector(selector).ok().flatten();
            (find(selector).or_else(|| find(ANY)).map(wasm_bindgen::JsValue::from), "requestPictureInPicture")
        }
    };
    let Some(target) = target else { return };
    let Ok(method) = property(&target, method).dyn_into::<js_sys::Function>() else { return };
    let Ok(promise) = method.call0(&target) else { return };
    wasm_bindgen_futures::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await.is_err() {
            room.say(words::in_picture_failed());
        }
    });
}
