//! What goes on beside a call without being asked for: who speaks is marked, who talks although muted is told, and the
//! bar goes out of the way of those who only look. Loaded late.

use crate::dom::{Element, changed, el};
use crate::menu;
use crate::room::Room;
use crate::{browser, controls, hands, panels, stage, tab, words};
use eyeline_browser::Client;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::PointerEvent;

/// Ten looks a second at who speaks: a ring that comes later than the word looks like somebody else's.
const LOOK_MILLISECONDS: i32 = 100;

/// Without any input for so long, the bar goes out of the way.
const HIDES_AFTER_MILLISECONDS: f64 = 3000.0;

#[derive(Default)]
struct Input {
    listens: Cell<bool>,
    /// When the last one came, in milliseconds since 1970.
    last: Cell<f64>,
    /// By a pointer that stays over what it points at, as a finger does not.
    hovers: Cell<bool>,
}

thread_local! {
    static INPUT: Input = Input::default();
}

/// Attends to a call as long as this element is on the page.
pub(crate) fn attend(room: Room) -> Element {
    hands::listen();
    listen();
    awake();
    let talks_muted = Rc::new(Cell::new(false));
    let hint = Rc::clone(&talks_muted);
    let looks = browser::Interval::new(LOOK_MILLISECONDS, move || {
        let speaks = stage::listen(room);
        let talks = room.client(Client::is_talking_while_muted).unwrap_or(false);
        let hides = is_to_hide(room) && controls::hide(true);
        if speaks || hides || talks_muted.replace(talks) != talks {
            changed();
        }
    });
    el("div")
        .class("hint-place")
        .attribute("role", "status")
        .follow(move |_| {
            // Lives as long as the element.
            let _ = &looks;
        })
        .when(
            move || hint.get(),
            || el("p").class("toast").attribute("data-testid", "muted-hint").text(words::muted_talking()),
        )
        .child(tab::follow(room))
}

/// Hears every input on the page, as long as that lives.
fn listen() {
    if INPUT.with(|input| input.listens.replace(true)) {
        return;
    }
    for event in ["pointermove", "pointerdown", "keydown", "focusin", "wheel"] {
        browser::listen(event, |event| {
            if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
                INPUT.with(|input| input.hovers.set(pointer.pointer_type() == "mouse"));
            }
            awake();
        });
    }
}

/// There was an input.
fn awake() {
    INPUT.with(|input| input.last.set(js_sys::Date::now()));
    if controls::hide(false) {
        changed();
    }
}

/// Whether the bar is to go. Never while somebody is at it, and not while one is alone: there is nobody to look at.
fn is_to_hide(room: Room) -> bool {
    let (last, hovers) = INPUT.with(|input| (input.last.get(), input.hovers.get()));
    // Both ways: a clock can be set back.
    if controls::are_hidden() || (js_sys::Date::now() - last).abs() < HIDES_AFTER_MILLISECONDS {
        return false;
    }
    let is_held = stage::others(room).is_empty()
        || menu::is_open()
        || panels::is_open()
        || at_it(".controls :focus-visible")
        || (hovers && at_it(".controls:hover"));
    !is_held
}

/// Whether there is such an element on the page now.
fn at_it(selector: &str) -> bool {
    let document = browser::document();
    document.is_some_and(|document| matches!(document.query_selector(selector), Ok(Some(_))))
}
