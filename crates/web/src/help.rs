//! The sheet of keys: a panel.

use crate::dom::{Element, el};
use crate::{shortcuts, words};

/// What can be done, and by which key.
const KEYS: [(fn() -> &'static str, fn() -> &'static str); 10] = [
    (words::keys_microphone, || "M"),
    (words::keys_speak, words::key_space),
    (words::keys_camera, || "V"),
    (words::keys_share, || "S"),
    (words::keys_copy_link, || "L"),
    (words::keys_own_picture, || "H"),
    (words::keys_view, || "P"),
    (words::keys_full_screen, || "F"),
    (words::keys_help, || "?"),
    (words::keys_close, words::key_escape),
];

/// The panel's content.
pub(crate) fn content() -> Element {
    let row = |(what, key): &(fn() -> &'static str, fn() -> &'static str)| {
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
        .child(switch())
}

/// Whoever speaks to the computer, or leans on the keyboard, switches all of it off.
fn switch() -> Element {
    el("label")
        .class("choice")
        .child(
            el("input")
                .attribute("type", "checkbox")
                .attribute("data-testid", "shortcuts")
                .property("checked", &shortcuts::enabled().into())
                .on("change", |_| shortcuts::set_enabled(!shortcuts::enabled())),
        )
        .child(el("span").text(words::keys_on()).child(el("span").class("hint").text(words::keys_on_hint())))
}
