//! What hands do on the stage: move what floats, by dragging and by arrow keys, and enlarge by double clicks. Loaded late.
//!
//! Heard for the whole page, as long as it lives: tiles come and go.

use crate::layout::Corner;
use crate::stage::{self, ONESELF};
use crate::{browser, dom::Key};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

/// From here on it is dragging and no click, in pixels.
const DRAGGED: i32 = 5;

/// A tile that is being dragged, and where it was taken hold of.
struct Drag {
    tile: HtmlElement,
    from: (i32, i32),
}

thread_local! {
    static LISTENS: Cell<bool> = const { Cell::new(false) };
    static DRAG: RefCell<Option<Drag>> = const { RefCell::new(None) };
}

/// From now on they do.
pub(crate) fn listen() {
    if LISTENS.replace(true) {
        return;
    }
    browser::listen("keydown", |event| pressed(&event));
    browser::listen("dblclick", |event| {
        if let Some(key) = within(&event, ".face").and_then(|face| key_of(&face)) {
            stage::enlarge(key);
        }
    });
    browser::listen("pointerdown", |event| taken(&event));
    browser::listen("pointermove", |event| dragged(&event));
    for event in ["pointerup", "pointercancel"] {
        browser::listen(event, |_| dropped());
    }
}

fn pressed(event: &Event) {
    // Not what is in it: a button hears its own keys.
    let floats = |target: &Element| target.matches("[data-place=floating]").unwrap_or(false);
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(event) = event.dyn_ref::<KeyboardEvent>().filter(|_| target.as_ref().is_some_and(floats)) else {
        return;
    };
    let corner = stage::corner();
    match event.key().as_str() {
        "ArrowUp" => stage::set_corner(Corner { bottom: false, ..corner }),
        "ArrowDown" => stage::set_corner(Corner { bottom: true, ..corner }),
        "ArrowLeft" => stage::set_corner(Corner { end: browser::is_right_to_left(), ..corner }),
        "ArrowRight" => stage::set_corner(Corner { end: !browser::is_right_to_left(), ..corner }),
        "Enter" => stage::swap(),
        _ => return,
    }
    event.prevent_default();
}

fn taken(event: &Event) {
    let Some(tile) = within(event, "[data-place=floating]") else { return };
    let Some(pointer) = event.dyn_ref::<PointerEvent>().filter(|pointer| pointer.button() == 0) else {
        return;
    };
    let _ = tile.set_pointer_capture(pointer.pointer_id());
    DRAG.set(Some(Drag { tile, from: (pointer.client_x(), pointer.client_y()) }));
}

fn dragged(event: &Event) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    DRAG.with_borrow(|drag| {
        let Some(Drag { tile, from }) = drag else { return };
        let (x, y) = (pointer.client_x() - from.0, pointer.client_y() - from.1);
        if x.abs() > DRAGGED || y.abs() > DRAGGED || tile.class_list().contains("dragging") {
            let _ = tile.class_list().add_1("dragging");
            let moved = [&x.to_string(), "px ", &y.to_string(), "px"].concat();
            let _ = tile.style().set_property("translate", &moved);
        }
    });
}

/// It goes to the nearest corner.
fn dropped() {
    let Some(Drag { tile, .. }) = DRAG.take() else { return };
    let (Some(stage), true) = (tile.closest(".stage").ok().flatten(), tile.class_list().contains("dragging"))
    else {
        return;
    };
    let (at, all) = (tile.get_bounding_client_rect(), stage.get_bounding_client_rect());
    let right = at.x() + at.width() / 2.0 > all.x() + all.width() / 2.0;
    let bottom = at.y() + at.height() / 2.0 > all.y() + all.height() / 2.0;
    let _ = tile.class_list().remove_1("dragging");
    let _ = tile.style().remove_property("translate");
    stage::set_corner(Corner { bottom, end: right != browser::is_right_to_left() });
}

/// The part of the page around what the event is about; none if it is about a button in it.
fn within(event: &Event, selector: &str) -> Option<HtmlElement> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let on_button = matches!(target.closest("button"), Ok(Some(_)));
    target.closest(selector).ok()?.filter(|_| !on_button)?.dyn_into().ok()
}

/// Whose face it is.
fn key_of(face: &HtmlElement) -> Option<Key> {
    let peer = face.closest("[data-peer]").ok()??.get_attribute("data-peer")?;
    if peer.is_empty() { Some(ONESELF) } else { Key::from_str_radix(&peer, 16).ok() }
}
