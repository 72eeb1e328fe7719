//! The page after a call.

use crate::dom::{Element, button, el};
use crate::room::Room;
use crate::{browser, icons, words};

/// Offers the way back.
pub(crate) fn left(room: Room) -> Element {
    el("main")
        .class("start")
        .child(el("p").class("brand").child(icons::mark()).text(words::app_name()))
        .child(el("h1").text(words::left_title()).child(el("span").class("subtitle").text(&how_it_was(room))))
        .child(
            el("div")
                .class("start-actions")
                .child(
                    button("primary", move || room.rejoin())
                        .attribute("data-testid", "rejoin")
                        .text(words::rejoin()),
                )
                .child(button("quiet", browser::go_to_start).text(words::new_call())),
        )
}

/// One quiet line.
fn how_it_was(room: Room) -> String {
    let way = match room.ways() {
        (false, false) => "",
        (true, false) => words::left_direct(),
        (false, true) => words::left_relayed(),
        (true, true) => words::left_both(),
    };
    [&words::left_after(room.stayed()), " ", way].concat()
}
