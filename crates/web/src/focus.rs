//! Where the keyboard is: a page that comes takes it to its heading, a panel that goes gives it back.

use crate::browser;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement};

thread_local! {
    /// What had the focus when a panel was opened.
    static OPENER: RefCell<Option<HtmlElement>> = const { RefCell::new(None) };
}

/// Goes to the page that is about to be shown: to its heading, so that a screen reader says where one is, and the next
/// Tab leads to its first control.
pub(crate) fn to_the_page() {
    wasm_bindgen_futures::spawn_local(async { on_heading() });
}

/// What has the focus.
pub(crate) fn now() -> Option<web_sys::Element> {
    browser::document().and_then(|document| document.active_element())
}

/// Remembers who has the focus.
pub(crate) fn remember() {
    let element = browser::document().and_then(|document| document.active_element());
    OPENER.set(element.and_then(|element| element.dyn_into().ok()));
}

/// Gives the focus back; if what had it is gone or hidden, it goes to the page.
pub(crate) fn give_back() {
    if let Some(opener) = OPENER.take() {
        let _ = opener.focus();
    }
    let lost = |document: Document| document.active_element().is_none_or(|at| at.tag_name() == "BODY");
    if browser::document().is_some_and(lost) {
        on_heading();
    }
}

fn on_heading() {
    let Some(document) = browser::document() else { return };
    let find = |selector| document.query_selector(selector).ok().flatten();
    if let Some(place) = find("main h1").or_else(|| find("main"))
        && let Some(place) = place.dyn_ref::<HtmlElement>()
    {
        // By script only, not by Tab.
        place.set_tab_index(-1);
        let _ = place.focus();
    }
}
