//! Panels: what lies over a page and can be closed again. Their contents are loaded when they are wanted.
//!
//! One is open at a time. This file is the frame; the contents stand in files of their own, listed in [`content`], and
//! form a second WebAssembly module (see [`late`](crate::late)).

use crate::dom::{Element, Key, changed, el};
use crate::room::Room;
use crate::{announce, browser, check, connection, focus, help, icons, late, settings, words};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDialogElement};

/// What can be opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// "Check my connection".
    Check,
    /// Devices, looks, and what this device remembers.
    Settings,
    /// The keys and what they do.
    Shortcuts,
    /// "Connection": what a call's connections carry, and their story.
    Connection,
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

/// What is open.
struct Open {
    panel: Panel,
    /// The call that goes on behind it, if one does.
    room: Option<Room>,
    /// Counts openings: opened again, a panel begins anew.
    count: Key,
}

/// Opens a panel, in place of any other.
pub(crate) fn open(panel: Panel, room: Option<Room>) {
    if !is_open() {
        focus::remember();
    }
    OPEN.with_borrow_mut(|open| {
        let count = open.as_ref().map_or(0, |open| open.count + 1);
        *open = Some(Open { panel, room, count });
    });
    changed();
}

/// Closes what is open. The keyboard is where it was before.
pub(crate) fn close() {
    if let Some(open) = OPEN.take()
        && open.panel == Panel::Check
        && browser::fragment() == check::ADDRESS
    {
        browser::show_address("");
    }
    focus::give_back();
    changed();
}

/// Whether one is open.
pub(crate) fn is_open() -> bool {
    OPEN.with_borrow(Option::is_some)
}

/// The place of the panels on the page.
pub(crate) fn place() -> Element {
    let which = || OPEN.with_borrow(|open| open.iter().map(|open| open.count).collect());
    el("div").keyed(which, |_| {
        let open = OPEN.with_borrow(|open| open.as_ref().map(|open| (open.panel, open.room)));
        open.map_or_else(|| el("div"), |(panel, room)| frame(panel, room))
    })
}

/// The frame around a panel: its title, and the ways out of it.
fn frame(panel: Panel, room: Option<Room>) -> Element {
    let title = match panel {
        Panel::Check => words::check_title(),
        Panel::Settings => words::settings(),
        Panel::Shortcuts => words::keys_title(),
        Panel::Connection => words::connection_title(),
    };
    let mut shown = false;
    el("dialog")
        .class("panel")
        .attribute("aria-labelledby", "panel-title")
        // Firefox would stop at it on the way round, since it can be scrolled; the keyboard scrolls it from anywhere in it.
        .attribute("tabindex", "-1")
        .follow(move |dialog| {
            if !dialog.is_connected() {
                // Only what is in the document can be opened: look again when it is.
                changed();
            } else if !shown {
                shown = true;
                let _ = dialog.unchecked_ref::<HtmlDialogElement>().show_modal();
            }
        })
        // By the button and by Escape: as long as it is open, nothing behind it can take the focus.
        .on("close", |_| close())
        .child(
            el("header").child(el("h1").attribute("id", "panel-title").text(title)).child(
                el("button")
                    .attribute("type", "button")
                    .class("round")
                    .on("click", close_dialog)
                    .attribute("data-testid", "panel-close")
                    .attribute("aria-label", words::panel_close())
                    .attribute("title", words::panel_close())
                    .child(icons::close()),
            ),
        )
        .child(late::place(late::Part::Panel(panel), room))
        .child(announce::region())
}

fn close_dialog(click: Event) {
    let button = click.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(dialog) = button.and_then(|button| button.closest("dialog").ok().flatten()) {
        dialog.unchecked_ref::<HtmlDialogElement>().close();
    }
}

/// What a panel says. Called from the late module only: whatever is reached from here alone is loaded late.
pub(crate) fn content(panel: Panel, room: Option<Room>) -> Element {
    match panel {
        Panel::Check => check::content(room),
        Panel::Settings => settings::content(room),
        Panel::Shortcuts => help::content(),
        Panel::Connection => room.map_or_else(|| el("div"), connection::content),
    }
}
