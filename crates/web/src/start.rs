//! The start page.

use crate::room::Room;
use crate::{browser, icons, words};
use eyeline_browser::room::draw_link;
use eyeline_browser::{Link, LinkError};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// `wrong` says what is wrong with the link in the address; `enter` goes to a call's lobby.
pub(crate) fn start(
    wrong: Option<LinkError>,
    enter: impl Fn(Link) -> Room + Copy + 'static,
) -> impl IntoView {
    let trouble = RwSignal::new(wrong.map(words::link_error));
    let new_call = move || {
        let link = draw_link();
        if link.is_none() {
            trouble.set(Some(words::no_randomness()));
        }
        link
    };
    html::main().class("start").child((
        html::p().class("brand").child((icons::mark(), words::app_name())),
        html::h1()
            .child((words::start_title(), html::span().class("subtitle").child(words::start_subtitle()))),
        html::div().class("start-actions").child((
            html::button()
                .r#type("button")
                .class("primary")
                .attr("data-testid", "start")
                .on(ev::click, move |_| {
                    if let Some(link) = new_call() {
                        enter(link).copy_link(words::toast_copied_start());
                    }
                })
                .child(words::start_call()),
            paste(trouble, enter),
        )),
        html::p().class("trouble").attr("role", "alert").child(move || trouble.get()),
        html::p().class("soft").child((
            html::button()
                .r#type("button")
                .class("plain-link")
                .attr("data-testid", "try-it")
                .on(ev::click, move |_| {
                    if let Some(link) = new_call() {
                        browser::open_tab(&browser::address(&link.to_string()));
                        enter(link);
                    }
                })
                .child(words::start_try()),
            html::span().child((" · ", words::start_try_hint())),
        )),
        html::p().class("soft privacy").child(words::start_privacy()),
    ))
}

fn paste(
    trouble: RwSignal<Option<&'static str>>,
    enter: impl Fn(Link) -> Room + Copy + 'static,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    html::form()
        .class("paste")
        .on(ev::submit, move |event| {
            event.prevent_default();
            match text.with_untracked(|text| Link::parse(text)) {
                Ok(link) => {
                    enter(link);
                }
                Err(error) => trouble.set(Some(words::link_error(error))),
            }
        })
        .child((
            html::input()
                .r#type("text")
                .attr("data-testid", "paste-link")
                .attr("aria-label", words::start_paste_label())
                .attr("placeholder", words::start_or_paste())
                .attr("autocomplete", "off")
                .attr("autocapitalize", "off")
                .attr("spellcheck", "false")
                .attr("enterkeyhint", "go")
                .on(ev::input, move |event| {
                    text.set(event_target_value(&event));
                    trouble.set(None);
                }),
            html::button()
                .r#type("submit")
                .class("quiet")
                .attr("aria-label", words::start_go())
                .attr("title", words::start_go())
                .child(icons::arrow()),
        ))
}
