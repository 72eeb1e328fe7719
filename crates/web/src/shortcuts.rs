//! Single keys for what the buttons do, and a key that lets one speak as long as it is held.
//!
//! They answer only where a key means nothing else: not while something is typed or chosen, not together with Control,
//! Alt or the like, and in a panel only those for microphone and camera, which may be urgent. All of them can be
//! switched off, as whoever dictates to the computer needs (WCAG 2.2, 2.1.4 "Character Key Shortcuts").
//!
//! The sheet that explains them is [`help`](crate::help).

use crate::room::Room;
use crate::{announce, browser, controls, panels, stage, words};
use eyeline_browser::view::{Device, Stage};
use eyeline_browser::{Action, Slot};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// The note on this device that the person wants none of this.
const OFF_NOTE: &str = "eyeline-no-shortcuts";

/// Where a key is text, or chooses something.
const TYPING: &str = "input,select,textarea,[contenteditable],[role=menu],[role=listbox]";

/// What the space bar presses.
const PRESSED_BY_SPACE: &str = "button,a,summary,dialog,[role=button]";

/// A key by its lower-case letter, whether it also works in the lobby and over a panel, and what it does.
type Shortcut = (u8, bool, fn(Room));

const KEYS: [Shortcut; 8] = [
    (b'm', true, microphone),
    (b'v', true, camera),
    (b's', false, |room| controls::turn(room, Slot::Screen)),
    (b'r', false, Room::turn_hand),
    (b'l', false, copy_link),
    (b'h', false, own_picture),
    (b'p', false, |_| stage::toggle_speaker_view()),
    (b'f', false, |_| browser::toggle_full_screen()),
];

thread_local! {
    static OFF: Cell<bool> = const { Cell::new(false) };
    /// The call in which a muted person speaks as long as the space bar is held.
    static SPEAKING: RefCell<Option<Room>> = const { RefCell::new(None) };
}

/// Hears keys as long as the page lives.
pub(crate) fn listen(room: Rc<Cell<Option<Room>>>) {
    OFF.set(browser::has_note(OFF_NOTE));
    browser::listen("keydown", move |event| {
        if let Some(event) = event.dyn_ref()
            && enabled()
        {
            pressed(event, room.get());
        }
    });
    browser::listen("keyup", |event| {
        if event.dyn_ref().is_some_and(|event: &KeyboardEvent| event.key() == " ") {
            release();
        }
    });
    // Whoever looks elsewhere does not hold the key here any more: its release would never be heard.
    for event in ["blur", "visibilitychange"] {
        browser::listen(event, |_| release());
    }
}

/// Whether keys do anything.
pub(crate) fn enabled() -> bool {
    !OFF.get()
}

/// Switches all of them on or off, and remembers it on this device.
pub(crate) fn set_enabled(enabled: bool) {
    OFF.set(!enabled);
    browser::set_note(OFF_NOTE, !enabled);
    crate::dom::changed();
}

/// Ends what the space bar began.
pub(crate) fn release() {
    if let Some(room) = SPEAKING.take() {
        room.act(Action::Switch(Slot::Microphone, false));
    }
}

fn pressed(event: &KeyboardEvent, room: Option<Room>) {
    let held = event.repeat();
    if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector| target.as_ref().is_some_and(|target| matches!(target.closest(selector), Ok(Some(_))));
    if within(TYPING) {
        return;
    }
    let key = event.key();
    if key == "?" && !held {
        panels::open(panels::Panel::Shortcuts, room);
        return;
    }
    let Some(room) = room else { return };
    let stage = room.stage();
    if key == " " {
        if stage == Stage::Call && !within(PRESSED_BY_SPACE) {
            // It would scroll.
            event.prevent_default();
            speak(room);
        }
        return;
    }
    if held || event.shift_key() {
        return;
    }
    let letter = letter(&key, &event.code());
    let urgent_only = stage == Stage::Lobby || panels::is_open();
    if stage != Stage::Left
        && let Some((_, urgent, act)) = KEYS.iter().find(|(key, _, _)| *key == letter)
        && (*urgent || !urgent_only)
    {
        act(room);
    }
}

/// The letter on the key, in lower case; where people write with other letters than Latin ones, the Latin one at that
/// place of the keyboard. 0 if it has none.
fn letter(key: &str, code: &str) -> u8 {
    match (key.as_bytes(), code.as_bytes()) {
        ([letter], _) => letter.to_ascii_lowercase(),
        // Longer ones that begin with a Latin letter are names: "Tab".
        ([first, ..], [b'K', b'e', b'y', letter]) if !first.is_ascii() => letter.to_ascii_lowercase(),
        _ => 0,
    }
}

/// Only somebody muted needs the key; whoever speaks goes on.
fn speak(room: Room) {
    if room.device(Slot::Microphone) == Device::Off {
        SPEAKING.replace(Some(room));
        room.act(Action::Switch(Slot::Microphone, true));
    }
}

fn microphone(room: Room) {
    // Held down as well: then it stays on.
    SPEAKING.take();
    switch(room, Slot::Microphone, words::said_unmuted, words::said_muted);
}

fn camera(room: Room) {
    switch(room, Slot::Camera, words::said_camera_on, words::said_camera_off);
}

/// A button says by its name how it stands; a key says it aloud.
fn switch(room: Room, slot: Slot, on: fn() -> &'static str, off: fn() -> &'static str) {
    let was_on = controls::is_on(room, slot);
    controls::turn(room, slot);
    announce::say(if was_on { off() } else { on() }.to_owned());
}

/// Nothing to hide as long as there is nothing else to see.
fn own_picture(room: Room) {
    if !stage::others(room).is_empty() {
        stage::toggle_self();
    }
}

fn copy_link(room: Room) {
    room.copy_link(words::toast_copied());
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn a_letter_is_found_on_keyboards_of_other_alphabets() {
        assert_eq!(letter("m", "KeyM"), b'm');
        assert_eq!(letter("M", "KeyM"), b'm', "caps lock");
        assert_eq!(letter("m", "Semicolon"), b'm', "a French keyboard has it beside the L");
        assert_eq!(letter("ь", "KeyM"), b'm', "a Russian keyboard");
        assert_eq!(letter("Tab", "Tab"), 0);
        assert_eq!(letter("Dead", "KeyM"), 0, "the first half of an accent");
        assert_eq!(letter("é", "Digit2"), 0);
    }
}
