//! The choice of a language.

use crate::dom::{Element, changed, el, entered};
use crate::words;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

thread_local! {
    /// Where the language was chosen, if it just was: in a dialog, or on the page. All is made anew then, and whoever
    /// chose goes on where they were.
    static CHOSEN: Cell<Option<bool>> = const { Cell::new(None) };
}

/// All languages, each in its own words.
pub(crate) fn choice() -> Element {
    let mut returns = CHOSEN.get().is_some();
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
                        if CHOSEN.get() == Some(is_in_dialog(select)) {
                            CHOSEN.set(None);
                            let _ = select.unchecked_ref::<HtmlElement>().focus();
                        }
                    } else if returns {
                        // Only what is in the document can have the focus: look again when it is.
                        changed();
                    }
                })
                .on("change", |event| {
                    let select = event.target().and_then(|target| target.dyn_into().ok());
                    CHOSEN.set(select.as_ref().map(is_in_dialog));
                    words::choose(&entered(&event));
                }),
        )
        .child(el("p").class("trouble").attribute("role", "alert").text_of(words::failure))
}

fn is_in_dialog(select: &web_sys::Element) -> bool {
    // Fails for selectors that are none.
    matches!(select.closest("dialog"), Ok(Some(_)))
}
