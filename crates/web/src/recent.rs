//! Recent calls: kept on this device only, and only if the person turns that on. Their links hold their secrets.
//!
//! All but [`are_kept`] is loaded late.

use crate::dom::{Element, Key, button, changed, el};
use crate::room::{Room, name_of};
use crate::{browser, icons, words};
use eyeline_browser::Phase;
use eyeline_browser::view::Stage;
use js_sys::{Date, Object, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// Where they are kept. Absent as long as they are not to be.
const RECENT: &str = "eyeline-recent";

/// The first line, so that what is kept is never empty.
const HEADER: &str = "1";

/// Enough to find last week's call again.
const MOST: usize = 8;

/// How often the names of those who are there are noted.
const NOTE_EVERY_MILLISECONDS: i32 = 3000;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The link from `#` on.
    link: String,
    /// When it was used last, in milliseconds since 1970.
    at: u64,
    /// Who was there; empty if nobody else was.
    names: String,
}

/// Whether the person wants them kept.
pub(crate) fn are_kept() -> bool {
    !browser::remembered(RECENT).is_empty()
}

/// From now on they are kept, or all are forgotten.
pub(crate) fn set_kept(kept: bool) {
    if kept { write(&[]) } else { browser::forget(RECENT) }
}

/// Forgets all, and goes on keeping new ones.
pub(crate) fn forget_all() {
    write(&[]);
}

/// Whether there is anything to forget.
pub(crate) fn is_empty() -> bool {
    read().is_empty()
}

/// Notes the call, and from time to time who is there, as long as this is on the page.
pub(crate) fn noting(room: Room) -> Element {
    note(room);
    let timer = browser::Interval::new(NOTE_EVERY_MILLISECONDS, move || note(room));
    el("span").attribute("hidden", "").follow(move |_| {
        let _ = &timer;
    })
}

fn note(room: Room) {
    if room.stage() != Stage::Call || !are_kept() {
        return;
    }
    let Some((_, fragment)) = room.address().split_once('#') else { return };
    let link = ["#", fragment].concat();
    let mut names = words::list(&room.people(Phase::Call, name_of));
    let mut entries = read();
    let place = entries.iter().position(|entry| entry.link == link);
    let known = place.map(|place| entries.remove(place));
    if names.is_empty() {
        // Who was there before says more than that nobody is there now.
        names = known.as_ref().map(|known| known.names.clone()).unwrap_or_default();
    }
    if place == Some(0) && known.is_some_and(|known| known.names == names && now() < known.at + 60_000) {
        return;
    }
    entries.insert(0, Entry { link, at: now(), names });
    write(&entries);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole milliseconds since 1970")]
fn now() -> u64 {
    Date::now() as u64
}

fn read() -> Vec<Entry> {
    parse(&browser::remembered(RECENT))
}

fn write(entries: &[Entry]) {
    browser::remember(RECENT, &print(entries));
}

/// A line each. What is no entry is passed over.
fn parse(text: &str) -> Vec<Entry> {
    let entry = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (link, at, names) = (parts.next()?, parts.next()?, parts.next()?);
        let is_link = link.starts_with('#');
        Some(Entry { link: link.to_owned(), at: at.parse().ok()?, names: names.to_owned() })
            .filter(|_| is_link)
    };
    text.lines().skip(1).filter_map(entry).take(MOST).collect()
}

fn print(entries: &[Entry]) -> String {
    let mut text = HEADER.to_owned();
    for entry in entries.iter().take(MOST) {
        // Names hold no tabs and no line ends: the call engine takes none in.
        let names: String = entry.names.chars().filter(|character| !character.is_control()).collect();
        text.push_str(&["\n", &entry.link, "\t", &entry.at.to_string(), "\t", &names].concat());
    }
    text
}

/// The list on the start page.
pub(crate) fn list() -> Element {
    let entries = Rc::new(RefCell::new(Vec::new()));
    let (latest, rows) = (Rc::clone(&entries), Rc::clone(&entries));
    let look =
        move |key: Key| rows.borrow().iter().find(|entry: &&Entry| Key::from(entry.at) == key).cloned();
    let keys = {
        let entries = Rc::clone(&entries);
        move || entries.borrow().iter().map(|entry| Key::from(entry.at)).collect()
    };
    el("section")
        .class("recent")
        .attribute("aria-label", words::recent())
        // First of all bindings: the settings may have forgotten them.
        .follow(move |_| drop(latest.replace(read())))
        .when(
            move || !entries.borrow().is_empty(),
            || {
                el("header").child(el("h2").text(words::recent())).child(
                    button("plain-link", || {
                        forget_all();
                        changed();
                    })
                    .text(words::recent_forget_all()),
                )
            },
        )
        .child(el("ul").keyed(keys, move |key| look(key).map_or_else(|| el("li"), row)))
}

fn row(entry: Entry) -> Element {
    let names = if entry.names.is_empty() { words::recent_alone().to_owned() } else { entry.names };
    let forget = words::recent_forget(&names);
    let link = entry.link.clone();
    el("li")
        .child(
            el("a")
                .attribute("href", &["/", &entry.link].concat())
                .child(el("span").class("name").text(&names))
                .child(el("span").class("hint").text(&when(entry.at))),
        )
        .child(
            button("round", move || {
                let mut entries = read();
                entries.retain(|entry| entry.link != link);
                write(&entries);
                changed();
            })
            .attribute("aria-label", &forget)
            .attribute("title", &forget)
            .child(icons::close()),
        )
}

/// A moment, as the person's language says it.
fn when(at: u64) -> String {
    let options = Object::new();
    for (part, style) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        let _ = Reflect::set(&options, &part.into(), &style.into());
    }
    #[expect(clippy::cast_precision_loss, reason = "exact for some hundred thousand years")]
    let date = Date::new(&JsValue::from_f64(at as f64));
    date.to_locale_string(&browser::language(), &options).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> Entry {
        Entry {
            link: format!("#1link{number}"),
            at: 1_700_000_000_000 + number,
            names: "Ben and Chloé".to_owned(),
        }
    }

    #[test]
    fn what_is_kept_is_read_again_as_it_was() {
        let entries: Vec<_> = (0..3).map(entry).collect();
        assert_eq!(parse(&print(&entries)), entries);
        // Turned on, with nothing in it yet, is not the same as turned off.
        assert!(!print(&[]).is_empty());
        assert_eq!(parse(&print(&[])), []);
    }

    #[test]
    fn no_more_than_eight_are_kept_the_newest_first() {
        let entries: Vec<_> = (0..20).map(entry).collect();
        assert_eq!(parse(&print(&entries)), entries[..MOST]);
    }

    #[test]
    fn a_name_cannot_forge_an_entry_and_nonsense_is_passed_over() {
        let names = "Mal\n#1other\t5\tEve".to_owned();
        let kept = parse(&print(&[Entry { names, ..entry(0) }]));
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].names, "Mal#1other5Eve");
        assert_eq!(
            parse("1\nno entry\n#1a\tnot a time\tx\nhttps://evil.example\t5\tx\n#1b\t5\t"),
            [Entry { link: "#1b".to_owned(), at: 5, names: String::new() }]
        );
    }
}
