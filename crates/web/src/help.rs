//! The sheet of keys: a panel.

use crate::dom::{Element, el};
use crate::{settings, shortcuts, words};

/// Words in the language of the moment.
type Words = fn() -> &'static str;

/// What can be done, and by which key.
const KEYS: [(Words, Words); 11] = [
    (words::keys_microphone, || "M"),
    (words::keys_speak, words::key_space),
    (words::keys_camera, || "V"),
    (words::keys_share, || "S"),
    (words::keys_hand, || "R"),
    (words::keys_copy_link, || "L"),
    (words::keys_own_picture, || "H"),
    (words::keys_view, || "P"),
    (words::keys_full_screen, || "F"),
    (words::keys_help, || "?"),
    (words::keys_close, words::key_escape),
];

/// The panel's content.
pub(crate) fn content() -> Element {
    let row = |(what, key): &(Words, Words)| {
        el("tr")
            .child(el("th").attribute("scope", "row").text(what()))
            .child(el("td").child(el("kbd").text(key())))
    };
    let body = KEYS.iter().fold(el("tbody"), |body, key| body.child(row(key)));
    let head = el("tr")
        .child(el("th").attribute("scope", "col").text(words::keys_what()))
        .child(el("th").attribute("scope", "col").text(words::keys_key()));
    el("div")
        .class("keys")
        .child(el("table").child(el("thead").class("unseen").child(head)).child(body))
        .child(switch(words::keys_on()))
}

/// Whoever speaks to the computer, or leans on the keyboard, switches all of it off.
pub(crate) fn switch(name: &str) -> Element {
    settings::switch("shortcuts", name, words::keys_on_hint(), shortcuts::enabled, shortcuts::set_enabled)
}
