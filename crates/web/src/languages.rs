//! The choice of a language.

use crate::dom::{Element, changed, el, entered};
use crate::words;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

thread_local! {
    /// The page is made anew with another language, and whoever chose it goes on where they were.
    static CHOSEN: Cell<bool> = const { Cell::new(false) };
}

/// All languages, each in its own words.
pub(crate) fn choice() -> Element {
    let mut returns = CHOSEN.take();
    let mut failed = false;
    let select = el("select").attribute("data-testid", "language").attribute("aria-label", words::language());
    let select = words::languages().iter().fold(select, |select, (tag, name)| {
        select.child(el("option").attribute("value", tag).attribute("lang", tag).text(name))
    });
    el("div")
        .class("languages")
        .child(
            select
                .property("value", &words::spoken().into())
                .follow(move |select| {
                    // What was chosen is not what is spoken.
                    let fails = !words::failure().is_empty();
                    if fails && !failed {
                        let _ = js_sys::Reflect::set(select, &"value".into(), &words::spoken().into());
                    }
                    failed = fails;
                    if returns && select.is_connected() {
                        returns = false;
                        let _ = select.unchecked_ref::<HtmlElement>().focus();
                    } else if returns {
                        // Only what is in the document can have it: look again when it is.
                        changed();
                    }
                })
                .on("change", |event| {
                    CHOSEN.set(true);
                    words::choose(&entered(&event));
                }),
        )
        .child(el("p").class("trouble").attribute("role", "alert").text_of(words::failure))
}
