//! The page after a call.

use crate::room::Room;
use crate::{browser, icons, words};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// Offers the way back.
pub(crate) fn left(room: Room) -> impl IntoView {
    html::main().class("start").child((
        html::p().class("brand").child((icons::mark(), words::app_name())),
        html::h1().child(words::left_title()),
        html::div().class("start-actions").child((
            html::button()
                .r#type("button")
                .class("primary")
                .attr("data-testid", "rejoin")
                .on(ev::click, move |_| room.rejoin())
                .child(words::rejoin()),
            html::button()
                .r#type("button")
                .class("quiet")
                .on(ev::click, |_| browser::go_to_start())
                .child(words::new_call()),
        )),
    ))
}
