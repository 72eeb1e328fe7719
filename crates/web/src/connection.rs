//! "Connection": a panel over a call. What comes from each person and goes to them, and what happened when.

use crate::dom::{Element, Key, button, changed, el};
use crate::room::{Room, name_of};
use crate::{browser, words};
use eyeline_browser::statistics::{Figures, Flow, Reading};
use eyeline_browser::view::Person;
use eyeline_browser::{Path, PeerId, Phase, Quality, RelayTransport, Slot, story};
use std::cell::{Cell, RefCell};

/// How often the browser is asked, as long as the panel is open: rates over less than that jump too much to be read.
const READ_EVERY_MILLISECONDS: i32 = 2000;

/// How long the button says that the report was copied.
const COPIED_MILLISECONDS: i32 = 3000;

thread_local! {
    static PANEL: RefCell<Option<Panel>> = const { RefCell::new(None) };
}

/// The open panel.
struct Panel {
    readings: Vec<(PeerId, Reading, Option<Figures>)>,
    copied: Cell<Copied>,
    _timer: browser::Interval,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Done,
    Forbidden,
}

/// Asks the browser about everybody in the call.
fn read(room: Room) {
    let people = people(room);
    with_panel(|panel| panel.readings.retain(|(peer, ..)| people.contains(peer)));
    for peer in people {
        let Some(client) = room.client(Clone::clone) else { return };
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(reading) = client.statistics(peer).await {
                with_panel(|panel| panel.take(peer, reading));
                changed();
            }
        });
    }
}

fn people(room: Room) -> Vec<PeerId> {
    room.people(Phase::Call, |person| person.peer)
}

fn with_panel(work: impl FnOnce(&mut Panel)) {
    PANEL.with_borrow_mut(|panel| {
        if let Some(panel) = panel {
            work(panel);
        }
    });
}

impl Panel {
    fn take(&mut self, peer: PeerId, reading: Reading) {
        match self.readings.iter_mut().find(|(of, ..)| *of == peer) {
            Some((_, last, figures)) => {
                *figures = Some(reading.since(last));
                *last = reading;
            }
            None => self.readings.push((peer, reading, None)),
        }
    }
}

/// Looks at somebody's figures, once there are some.
fn figures<T: Default>(peer: PeerId, look: impl FnOnce(&Figures) -> T) -> T {
    PANEL.with_borrow(|panel| {
        let readings = panel.as_ref().map_or(&[][..], |panel| &panel.readings);
        let found = readings.iter().find(|(of, ..)| *of == peer);
        found.and_then(|(_, _, figures)| figures.as_ref()).map(look).unwrap_or_default()
    })
}

/// The panel's content; begins to read.
pub(crate) fn content(room: Room) -> Element {
    let timer = browser::Interval::new(READ_EVERY_MILLISECONDS, move || read(room));
    PANEL.set(Some(Panel { readings: Vec::new(), copied: Cell::new(Copied::NotYet), _timer: timer }));
    read(room);
    // Dropped with the panel: nothing is read any more.
    let running = Running;
    el("div")
        .class("connection")
        .follow(move |_| {
            let _ = &running;
        })
        .when(move || people(room).is_empty(), || el("p").class("soft").text(words::connection_alone()))
        .keyed(
            move || people(room).into_iter().map(|peer| Key::from_be_bytes(peer.0)).collect(),
            move |key| person(room, PeerId(key.to_be_bytes())),
        )
        .child(
            el("section")
                .child(el("h2").attribute("id", "connection-story").text(words::connection_story()))
                .child(el("p").class("hint").text(words::connection_story_hint()))
                .child(
                    el("pre")
                        .attribute("data-testid", "story")
                        .attribute("aria-labelledby", "connection-story")
                        .attribute("role", "region")
                        // English in every language, and scrolled with the keyboard, too.
                        .attribute("lang", "en")
                        .attribute("dir", "ltr")
                        .attribute("tabindex", "0")
                        .text_of(move || story_of(room)),
                ),
        )
        .child(el("footer").child(
            button("quiet", move || copy(room)).attribute("data-testid", "copy-story").text_of(|| {
                match PANEL.with_borrow(|panel| panel.as_ref().map(|panel| panel.copied.get())) {
                    Some(Copied::Done) => words::connection_copied(),
                    Some(Copied::Forbidden) => words::connection_copy_by_hand(),
                    Some(Copied::NotYet) | None => words::connection_copy(),
                }
            }),
        ))
}

/// What comes and goes is read as long as this.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        drop(PANEL.take());
    }
}

fn story_of(room: Room) -> String {
    room.client(|client| client.story().text()).unwrap_or_default()
}

/// The number that somebody has in the story; empty if none.
fn number(room: Room, peer: PeerId) -> String {
    let number = room.client(|client| client.story().number(peer)).flatten();
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn person(room: Room, peer: PeerId) -> Element {
    let head = |words| el("th").attribute("scope", "col").text(words);
    el("section")
        .attribute("data-testid", "connection-person")
        .attribute("data-peer", &peer.to_string())
        .child(
            el("h2").text_of(move || room.person(peer, name_of).unwrap_or_default()).text(" ").child(
                el("span").class("hint").text_of(move || words::connection_number(&number(room, peer))),
            ),
        )
        .child(el("p").text_of(move || {
            let round_trip = figures(peer, |figures| figures.round_trip);
            room.person(peer, |person| summary(person, round_trip)).unwrap_or_default()
        }))
        .when(
            move || figures(peer, |figures| !figures.flows.is_empty()),
            move || {
                el("table")
                    .child(
                        el("thead").child(
                            el("tr")
                                .child(el("td"))
                                .child(head(words::connection_received()))
                                .child(head(words::connection_sent())),
                        ),
                    )
                    .child(el("tbody").keyed(move || slots(peer), move |key| row(peer, key)))
            },
        )
}

/// "Direct · 23 ms there and back · good".
fn summary(person: &Person, round_trip: u64) -> String {
    let path = match person.path {
        None => return words::connection_none().to_owned(),
        Some(Path::Direct) => words::connection_direct(),
        Some(Path::Relayed(RelayTransport::Udp)) => words::connection_relayed_udp(),
        Some(Path::Relayed(RelayTransport::Tcp)) => words::connection_relayed_tcp(),
        Some(Path::Relayed(RelayTransport::Tls)) => words::connection_relayed_tls(),
        Some(Path::Relayed(RelayTransport::TheOthers)) => words::connection_relayed_theirs(),
    };
    let mut parts = vec![path.to_owned()];
    if round_trip > 0 {
        parts.push(words::connection_round_trip(&round_trip.to_string()));
    }
    if let Some(quality) = person.quality {
        let quality = match quality {
            Quality::Good => words::connection_good(),
            Quality::Weak => words::connection_weak(),
            Quality::Bad => words::connection_bad(),
        };
        parts.push(quality.to_owned());
    }
    parts.join(" · ")
}

/// The slots in which anything flows, either way.
fn slots(peer: PeerId) -> Vec<Key> {
    let flows = |slot: &Slot| figures(peer, |figures| figures.flows.iter().any(|flow| flow.slot == *slot));
    Slot::ALL.into_iter().filter(flows).map(|slot| slot as Key).collect()
}

fn row(peer: PeerId, key: Key) -> Element {
    let Some(slot) = Slot::ALL.into_iter().find(|slot| *slot as Key == key) else { return el("tr") };
    let name = match slot {
        Slot::Microphone => words::connection_voice(),
        Slot::Camera => words::connection_picture(),
        Slot::Screen => words::connection_screen(),
        Slot::ScreenSound => words::connection_screen_sound(),
    };
    let cell = |sent: bool| {
        el("td").text_of(move || {
            figures(peer, |figures| {
                let flow = figures.flows.iter().find(|flow| flow.slot == slot && flow.sent == sent);
                flow.map(told).unwrap_or_default()
            })
        })
    };
    el("tr").child(el("th").attribute("scope", "row").text(name)).child(cell(false)).child(cell(true))
}

/// "640 × 360, 30 fps, 812 kbit/s, 1 % lost, VP8".
fn told(flow: &Flow) -> String {
    let mut parts = Vec::new();
    if flow.width > 0 {
        parts.push(words::connection_pixels(&flow.width.to_string(), &flow.height.to_string()));
        parts.push(words::connection_frames(&flow.frames.to_string()));
    }
    parts.push(words::connection_kilobits(&flow.kilobits.to_string()));
    // To the nearest whole one.
    parts.push(words::connection_lost(&((flow.lost + 5) / 10).to_string()));
    if !flow.codec.is_empty() {
        parts.push(flow.codec.clone());
    }
    if flow.red {
        parts.push("RED".to_owned());
    }
    if flow.fec {
        parts.push("FEC".to_owned());
    }
    parts.join(", ")
}

fn copy(room: Room) {
    let text = report(room);
    wasm_bindgen_futures::spawn_local(async move {
        let done = if browser::copy(&text).await { Copied::Done } else { Copied::Forbidden };
        with_panel(|panel| panel.copied.set(done));
        changed();
        if done == Copied::Done {
            browser::later(COPIED_MILLISECONDS, || {
                with_panel(|panel| panel.copied.set(Copied::NotYet));
                changed();
            });
        }
    });
}

/// For whoever looks into a fault, in English: versions, figures, story. Nobody is named in it, no address, no server, and
/// not the link.
fn report(room: Room) -> String {
    let (_, agent) = browser::host_and_browser();
    let mut text =
        [words::app_name(), " ", env!("CARGO_PKG_VERSION"), ", ", &name_of_browser(&agent), "\n"].concat();
    for peer in people(room) {
        text.push_str("person ");
        text.push_str(&number(room, peer));
        let path = room.person(peer, |person| person.path).flatten();
        text.push_str(path.map_or(": not connected", |_| ": "));
        text.push_str(path.map_or("", story::path_name));
        let figures = figures(peer, |figures| {
            let round_trip = match figures.round_trip {
                0 => String::new(),
                some => [", ", &some.to_string(), " ms there and back"].concat(),
            };
            [&round_trip, "\n", &figures.text()].concat()
        });
        text.push_str(if figures.is_empty() { "\n" } else { &figures });
    }
    text.push_str(&story_of(room));
    text
}

/// Name and version of a browser, and its system, out of what it says it is: all that a fault may depend on. (The whole
/// of it has numbers that look like addresses.)
fn name_of_browser(agent: &str) -> String {
    // Each names all those whose engine it has, too: the special ones come first.
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg/", "Edge "),
        ("OPR/", "Opera "),
        ("SamsungBrowser/", "Samsung Internet "),
        ("FxiOS/", "Firefox for iOS "),
        ("CriOS/", "Chrome for iOS "),
        ("Firefox/", "Firefox "),
        ("Chrome/", "Chromium "),
        ("Version/", "Safari "),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let found = BROWSERS.iter().find_map(|(mark, name)| Some((name, after(agent, mark)?)));
    let (name, rest) = found.unwrap_or((&"unknown browser", ""));
    let version = rest.split(|digit: char| !digit.is_ascii_digit()).next().unwrap_or_default();
    let system = SYSTEMS.iter().find(|(mark, _)| after(agent, mark).is_some());
    let system = system.map_or("unknown system", |(_, name)| name);
    [*name, version, ", ", system].concat()
}

/// What follows `mark` in a text. (The library's search is made for long texts, and its code is long, too.)
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    (0..text.len()).find_map(|at| text.get(at..)?.strip_prefix(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_with_its_version_and_system_only() {
        let agents = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                "Chromium 156, Linux",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox 153, Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 \
                 Safari/537.36 Edg/156.0.0.0",
                "Edge 156, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari 19, iOS",
            ),
            ("", "unknown browser, unknown system"),
        ];
        for (agent, name) in agents {
            assert_eq!(name_of_browser(agent), name);
        }
    }

    #[test]
    fn figures_are_told_in_one_line() {
        crate::words::tests::speak_in("en");
        let mut flow = Flow {
            slot: Slot::Camera,
            sent: false,
            kilobits: 812,
            lost: 14,
            frames: 30,
            width: 640,
            height: 360,
            codec: "VP8".to_owned(),
            red: false,
            fec: false,
        };
        assert_eq!(told(&flow), "640 × 360, 30 fps, 812 kbit/s, 1 % lost, VP8");
        flow =
            Flow { slot: Slot::Microphone, width: 0, lost: 0, codec: "opus".to_owned(), fec: true, ..flow };
        assert_eq!(told(&flow), "812 kbit/s, 0 % lost, opus, FEC");
    }
}
