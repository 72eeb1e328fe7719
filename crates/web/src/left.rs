//! The page after a call.

use crate::dom::{Element, button, el};
use crate::room::{Room, Stay};
use crate::{browser, icons, words};

/// Offers the way back.
pub(crate) fn left(room: Room) -> Element {
    el("main")
        .class("start")
        .child(el("p").class("brand").child(icons::mark()).text(words::app_name()))
        .child(
            el("h1")
                .text(words::left_title())
                .child(el("span").class("subtitle").text_of(move || how_it_was(room.stay()))),
        )
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
fn how_it_was(stay: Stay) -> String {
    let time = time(stay.milliseconds);
    match (stay.direct, stay.relayed) {
        (false, false) => words::left_alone(&time),
        (true, false) => words::left_direct(&time),
        (false, true) => words::left_relayed(&time),
        (true, true) => words::left_both(&time),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "minutes of a call, and never negative"
)]
fn time(milliseconds: f64) -> String {
    let minutes = (milliseconds / 60_000.0) as u32;
    match (minutes / 60, minutes % 60) {
        (0, 0) => words::time_short().to_owned(),
        (0, minutes) => words::time_minutes(&minutes.to_string()),
        (hours, minutes) => words::time_hours(&hours.to_string(), &minutes.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_hours_and_minutes() {
        assert_eq!(time(59_000.0), "less than a minute");
        assert_eq!(time(60_000.0), "1 min");
        assert_eq!(time(3_725_000.0), "1 h 2 min");
    }
}
