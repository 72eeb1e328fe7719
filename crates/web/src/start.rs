//! The start page.

use crate::dom::{Element, button, changed, el, entered};
use crate::room::Room;
use crate::{browser, check, icons, languages, late, recent, settings, words};
use eyeline_browser::room::draw_link;
use eyeline_browser::{Link, LinkError};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Goes to a call's lobby.
type Enter = Rc<dyn Fn(Link) -> Room>;

/// What is wrong with the link, or with this browser; empty if nothing is.
type Trouble = Rc<Cell<&'static str>>;

/// `wrong` says what is wrong with the link in the address; `enter` goes to a call's lobby.
pub(crate) fn start(wrong: Option<LinkError>, enter: Enter) -> Element {
    let trouble = Trouble::new(Cell::new(wrong.map_or("", words::link_error)));
    el("main")
        .class("start")
        .child(el("p").class("brand").child(icons::mark()).text(words::app_name()))
        .child(
            el("h1")
                .text(words::start_title())
                .child(el("span").class("subtitle").text(words::start_subtitle())),
        )
        .child(
            el("div")
                .class("start-actions")
                .child(new_call(Rc::clone(&trouble), Rc::clone(&enter)))
                .child(paste(Rc::clone(&trouble), Rc::clone(&enter))),
        )
        .child({
            let trouble = Rc::clone(&trouble);
            el("p").class("trouble").attribute("role", "alert").text_of(move || trouble.get())
        })
        .when(recent::are_kept, || late::place(late::Part::RecentCalls, None))
        .child(
            el("div")
                .class("soft foot")
                .child(el("p").text(words::start_privacy()))
                .child(
                    el("details").child(el("summary").class("plain-link").text(words::start_how())).child(
                        el("ul")
                            .class("how")
                            .child(el("li").text(words::start_how_paths()))
                            .child(el("li").text(words::start_how_secret()))
                            .child(el("li").text(words::start_how_limit())),
                    ),
                )
                .child(
                    el("div")
                        .class("links")
                        .child(check::link(None))
                        .child(try_it(trouble, enter))
                        .child(settings::link(None)),
                )
                .child(languages::choice()),
        )
}

fn new_call(trouble: Trouble, enter: Enter) -> Element {
    button("primary", move || {
        if let Some(link) = draw(&trouble) {
            enter(link).copy_link(words::toast_copied_start());
        }
    })
    .attribute("data-testid", "start")
    .text(words::start_call())
}

fn try_it(trouble: Trouble, enter: Enter) -> Element {
    button("plain-link", move || {
        if let Some(link) = draw(&trouble) {
            browser::open_tab(&browser::address(&link.to_string()));
            enter(link);
        }
    })
    .attribute("data-testid", "try-it")
    .attribute("title", words::start_try_hint())
    .text(words::start_try())
}

fn draw(trouble: &Trouble) -> Option<Link> {
    let link = draw_link();
    if link.is_none() {
        say(trouble, words::no_randomness());
    }
    link
}

fn paste(trouble: Trouble, enter: Enter) -> Element {
    let text = Rc::new(RefCell::new(String::new()));
    let typed = Rc::clone(&text);
    let trouble_typed = Rc::clone(&trouble);
    el("form")
        .class("paste")
        .on("submit", move |event| {
            event.prevent_default();
            let link = Link::parse(&text.borrow());
            match link {
                Ok(link) => {
                    enter(link);
                }
                Err(error) => say(&trouble, words::link_error(error)),
            }
        })
        .child(
            el("input")
                .attribute("type", "text")
                .attribute("data-testid", "paste-link")
                .attribute("aria-label", words::start_paste_label())
                .attribute("placeholder", words::start_or_paste())
                .attribute("autocomplete", "off")
                .attribute("autocapitalize", "off")
                .attribute("spellcheck", "false")
                .attribute("enterkeyhint", "go")
                .on("input", move |event| {
                    typed.replace(entered(&event));
                    say(&trouble_typed, "");
                }),
        )
        .child(
            el("button")
                .attribute("type", "submit")
                .class("quiet")
                .attribute("aria-label", words::start_go())
                .attribute("title", words::start_go())
                .child(icons::arrow()),
        )
}

fn say(trouble: &Trouble, words: &'static str) {
    trouble.set(words);
    changed();
}
