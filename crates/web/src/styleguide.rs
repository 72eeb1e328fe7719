//! The styleguide: every component in every state, for whoever works on the looks. In debug builds only.
//!
//! A pointer is over one thing at a time; here all states are to be seen at once. So the style sheets' rules are copied
//! with `:hover` and its like turned into classes, which makes the states shown the real ones.

use crate::dom::{Element, button, el};
use crate::{browser, icons, settings, tile, words};
use wasm_bindgen::JsCast;
use web_sys::CssStyleSheet;

/// The address at which the page is shown.
pub(crate) const ADDRESS: &str = "#styleguide";

/// Pseudo-classes, and the classes that stand for them here.
const STATES: [(&str, &str, &str); 4] = [
    ("as it is", "", ""),
    ("hover", ":hover", "is-hover"),
    ("focus", ":focus-visible", "is-focus"),
    ("active", ":active", "is-active"),
];

const COLOURS: [&str; 22] = [
    "ground",
    "surface",
    "raised",
    "raised-more",
    "ink",
    "ink-soft",
    "line",
    "edge",
    "accent",
    "accent-strong",
    "accent-ink",
    "danger",
    "danger-strong",
    "danger-ink",
    "danger-soft",
    "warn",
    "empty",
    "scrim",
    "scrim-ink",
    "scrim-danger",
    "tint-0",
    "tint-own",
];

/// The whole page.
pub(crate) fn styleguide() -> Element {
    show_states_when_loaded();
    el("main")
        .class("styleguide")
        .attribute("data-testid", "styleguide")
        .child(el("h1").text("Styleguide"))
        .child(colours())
        .child(type_scale())
        .child(buttons())
        .child(round_buttons())
        .child(fields())
        .child(switches())
        .child(tiles())
        .child(news())
        .child(signs())
}

/// As soon as all style sheets are there: one of them is loaded late.
fn show_states_when_loaded() {
    let Some(document) = browser::document() else { return };
    let links = document.query_selector_all("link[rel=stylesheet]").map_or(0, |links| links.length());
    if document.style_sheets().length() < links {
        browser::later(50, show_states_when_loaded);
    } else {
        show_states();
    }
}

/// Adds to each style sheet a copy of its rules in which states are classes.
fn show_states() {
    let Some(document) = browser::document() else { return };
    let sheets = document.style_sheets();
    for sheet in (0..sheets.length()).filter_map(|place| sheets.item(place)) {
        let sheet: CssStyleSheet = sheet.unchecked_into();
        let Ok(rules) = sheet.css_rules() else { continue };
        let texts: Vec<_> =
            (0..rules.length()).filter_map(|place| rules.item(place)).map(|rule| rule.css_text()).collect();
        for text in texts {
            let stated = STATES
                .iter()
                .skip(1)
                .fold(text.clone(), |text, (_, pseudo, class)| text.replace(pseudo, &[".", class].concat()));
            // Layers keep their order; within one, copies stand behind what they are copies of.
            let _ =
                sheet.insert_rule_with_index(&stated, sheet.css_rules().map_or(0, |rules| rules.length()));
        }
    }
}

fn section(title: &str) -> Element {
    el("section").child(el("h2").text(title))
}

/// One thing and what it is called.
fn sample(name: &str, element: Element) -> Element {
    el("div").class("sample").child(element).child(el("span").class("hint").text(name))
}

fn row() -> Element {
    el("div").class("samples")
}

fn colours() -> Element {
    let swatches = COLOURS.into_iter().fold(row(), |row, name| {
        row.child(sample(name, el("span").class(&["swatch swatch-", name].concat())))
    });
    section("Colours").child(swatches)
}

fn type_scale() -> Element {
    section("Type")
        .child(el("p").class("type-display").text("Display: Talk face to face."))
        .child(el("h1").text("Title: Ready to join?"))
        .child(el("h2").text("Lead: Send this to whoever should join"))
        .child(el("p").text("Text: Ben and Chloé are in the call"))
        .child(el("p").class("hint").text("Small: The others will not see your network address."))
}

/// A button in each of its states, and disabled and busy.
fn in_each_state(make: impl Fn(&str) -> Element) -> Element {
    let states = STATES.into_iter().fold(row(), |row, (name, _, class)| row.child(sample(name, make(class))));
    states
        .child(sample("disabled", make("").attribute("disabled", "")))
        .child(sample("busy", make("").attribute("aria-busy", "true")))
}

fn buttons() -> Element {
    let of = |classes: &'static str, text: &'static str| {
        in_each_state(move |state| button(&[classes, " ", state].concat(), || {}).text(text))
    };
    section("Buttons")
        .child(of("primary", "Start a call"))
        .child(of("primary small", "Copy"))
        .child(of("quiet", "Back to the start"))
        .child(of("quiet small", "Test"))
        .child(of("plain-link", "Check my connection"))
}

fn round_buttons() -> Element {
    let of = |classes: &'static str, icon: fn() -> Element| {
        let make = move |state: &str| {
            button(&[classes, " ", state].concat(), || {}).attribute("aria-label", classes).child(icon())
        };
        let states =
            STATES.into_iter().fold(row(), |row, (name, _, class)| row.child(sample(name, make(class))));
        states.child(sample("disabled", make("").attribute("disabled", "")))
    };
    section("Round buttons")
        .child(of("round", icons::microphone))
        .child(of("round off", icons::microphone_off))
        .child(of("round active", icons::screen))
        .child(of("round leave", icons::leave))
}

fn fields() -> Element {
    let input = |state: &str| {
        el("label").class("field").child(el("span").text("Your name")).child(
            el("input")
                .attribute("type", "text")
                .class(state)
                .attribute("placeholder", "What the others will see"),
        )
    };
    let select = |state: &str| {
        el("label")
            .class("field")
            .child(el("span").child(icons::microphone()).child(el("span").text("Microphone")).child(meter()))
            .child(el("select").class(state).child(el("option").text("Headset")))
    };
    let inputs =
        STATES.into_iter().fold(row(), |row, (name, _, class)| row.child(sample(name, input(class))));
    let selects =
        STATES.into_iter().fold(row(), |row, (name, _, class)| row.child(sample(name, select(class))));
    section("Fields").child(inputs).child(selects).child(
        el("button")
            .attribute("type", "button")
            .class("more-devices shown")
            .child(icons::sliders())
            .child(el("span").text("Sound and camera"))
            .child(meter())
            .child(icons::further()),
    )
}

fn meter() -> Element {
    el("span").class("meter full").attribute("role", "img").attribute("aria-label", "Loudness")
}

fn switches() -> Element {
    let of = |on: bool| {
        settings::switch(
            "sample",
            "Reduce noise",
            "Takes away fans, keyboards and streets.",
            move || on,
            |_| {},
        )
    };
    section("Switches")
        .child(of(false))
        .child(of(true))
        .child(of(true).class("toggle is-hover"))
        .child(of(true).attribute("inert", ""))
        .child(settings::theme())
}

/// Faces without a picture: it would hide nothing but the letters.
fn tiles() -> Element {
    // With all signs beside the name or none, a mark behind it, and something over the face.
    let tile = |classes: &str, signs: bool, mark: Option<Element>, over: Option<Element>| {
        let label = tile::label(el("span").text("Ben Okri"), move || signs, move || signs, move || signs);
        let face = el("div")
            .class("face no-picture")
            .attribute("data-place", if classes.starts_with("strip") { "strip" } else { "grid" })
            .child(tile::initials_of(|| "BO".to_owned()))
            .child(el("button").class("tile-menu").attribute("aria-label", "More").child(icons::more()))
            .child(mark.into_iter().fold(label, Element::child));
        let face = over.into_iter().fold(face, Element::child);
        el("div").class(&["sample-tile tint-1 ", classes].concat()).child(face)
    };
    let weak = |class: &str| {
        Some(
            el("span")
                .class(class)
                .attribute("role", "img")
                .attribute("aria-label", "Weak")
                .child(icons::weak()),
        )
    };
    let matter =
        |words: &str| Some(el("div").class("matter-place").child(el("p").class("matter").text(words)));
    let relayed = || Some(el("p").class("path").child(icons::relayed()).text(words::path_relayed()));
    let rows = ["", "narrow", "strip"].into_iter().map(|shape| {
        row()
            .child(sample("as it is", tile(shape, false, None, None)))
            .child(sample("speaks", tile(&[shape, " speaks"].concat(), false, None, None)))
            .child(sample("hand, muted, no camera", tile(shape, true, None, None)))
            .child(sample("weak", tile(shape, false, weak("quality"), None)))
            .child(sample("bad", tile(shape, false, weak("quality bad"), None)))
            .child(sample("waits", tile(shape, false, None, matter(&words::state_reconnecting("Ben Okri")))))
            .child(sample("rests", tile(shape, false, None, matter(&words::pictures_spared("Ben Okri")))))
    });
    rows.fold(section("Faces"), Element::child)
        .child(row().child(sample("relayed", tile("", false, None, relayed()))))
}

fn news() -> Element {
    section("News")
        .child(
            el("div")
                .class("bar")
                .child(el("span").text("The server cannot be reached. Trying again…"))
                .child(button("quiet", || {}).text("Try again")),
        )
        .child(
            row().child(el("p").class("toast").text("Link copied")).child(
                el("p")
                    .class("toast")
                    .child(el("span").text("Headset is plugged in."))
                    .child(button("quiet", || {}).text("Use it")),
            ),
        )
        .child(
            el("p")
                .class("trouble")
                .text("This link is incomplete or mistyped. Copy it whole, or ask for it again."),
        )
        .child(el("div").class("card").text("A card"))
}

fn signs() -> Element {
    let all: [(&str, fn() -> Element); 20] = [
        ("mark", icons::mark),
        ("relayed", icons::relayed),
        ("microphone", icons::microphone),
        ("muted", icons::microphone_off),
        ("camera", icons::camera),
        ("camera off", icons::camera_off),
        ("speaker", icons::speaker),
        ("flip", icons::flip),
        ("sliders", icons::sliders),
        ("further", icons::further),
        ("screen", icons::screen),
        ("link", icons::link),
        ("arrow", icons::arrow),
        ("close", icons::close),
        ("good", icons::good),
        ("warning", icons::warning),
        ("open", icons::open),
        ("leave", icons::leave),
        ("tune", icons::tune),
        ("page", icons::page),
    ];
    let signs = all.into_iter().fold(row(), |row, (name, icon)| row.child(sample(name, icon())));
    section("Signs").child(signs)
}
