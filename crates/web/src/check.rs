//! "Check my connection": a panel over whatever page is there.

use crate::dom::{Element, Key, button, changed, el};
use crate::room::Room;
use crate::{browser, icons, lobby, panels, words};
use eyeline_browser::attach;
use eyeline_browser::check::Check;
use eyeline_browser::diagnosis::{Finding, RelayTransport, Sentence, Subject, Verdict};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;

/// The address at which the page opens with its panel, for whoever looks after a server.
pub(crate) const ADDRESS: &str = "#check";

/// How long the button says that the report was copied.
const COPIED_MILLISECONDS: i32 = 3000;

thread_local! {
    static PANEL: RefCell<Option<Panel>> = const { RefCell::new(None) };
}

/// The open panel.
struct Panel {
    room: Option<Room>,
    check: Check,
    /// As of the last change.
    findings: Vec<Finding>,
    copied: Cell<bool>,
}

/// Words that open the panel; `room` is the call that goes on, if one does.
pub(crate) fn link(room: Option<Room>) -> Element {
    button("plain-link", move || panels::open(panels::Panel::Check, room))
        .attribute("data-testid", "check")
        .text(words::check_title())
}

/// The panel's content; begins to check.
pub(crate) fn content(room: Option<Room>) -> Element {
    start(room);
    el("div")
        .class("check")
        // First of all bindings: the others read what this one finds.
        .follow(|_| {
            PANEL.with_borrow_mut(|panel| {
                if let Some(panel) = panel {
                    panel.findings = panel.check.findings();
                }
            });
        })
        .follow({
            // Dropped with the panel: devices are let go of.
            let running = Running;
            move |_| {
                let _ = &running;
            }
        })
        .child(finding(el("p").class("summary").attribute("role", "status"), Subject::Summary))
        .child(el("ul").keyed(subjects, row))
        .child(
            el("footer")
                .child(
                    button("quiet", || start(with(|panel| panel.room)))
                        .attribute("data-testid", "check-again")
                        .text(words::check_again()),
                )
                .child(button("quiet", copy).attribute("data-testid", "copy-report").text_of(|| {
                    if with(|panel| panel.copied.get()) { words::check_copied() } else { words::check_copy() }
                })),
        )
}

/// Begins to check, anew if it must be.
fn start(room: Option<Room>) {
    // The one before lets go of its devices first.
    drop(PANEL.take());
    let client = room.and_then(|room| room.client(Clone::clone));
    let check = Check::start(client, changed);
    let findings = check.findings();
    PANEL.set(Some(Panel { room, check, findings, copied: Cell::new(false) }));
    changed();
}

/// The check goes on as long as this.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        drop(PANEL.take());
    }
}

fn with<T: Default>(look: impl FnOnce(&Panel) -> T) -> T {
    PANEL.with_borrow(|panel| panel.as_ref().map(look).unwrap_or_default())
}

fn find<T: Default>(subject: Subject, look: impl FnOnce(&Finding) -> T) -> T {
    with(|panel| {
        let found = panel.findings.iter().find(|finding| finding.subject == subject);
        found.map(look).unwrap_or_default()
    })
}

fn says(subject: Subject, sentence: Sentence) -> bool {
    find(subject, |finding| finding.sentence == sentence)
}

/// Every subject but the summary.
fn subjects() -> Vec<Key> {
    with(|panel| panel.findings.iter().skip(1).map(|finding| finding.subject as Key).collect())
}

const SUBJECTS: [Subject; 10] = [
    Subject::Camera,
    Subject::Microphone,
    Subject::Speaker,
    Subject::Server,
    Subject::Direct,
    Subject::Router,
    Subject::Addresses,
    Subject::Relay,
    Subject::RelayTcp,
    Subject::RelayTls,
];

fn row(key: Key) -> Element {
    let Some(subject) = SUBJECTS.into_iter().find(|subject| *subject as Key == key) else { return el("li") };
    let row = finding(el("li"), subject);
    match subject {
        Subject::Camera => row.child(try_devices()).child(picture()),
        Subject::Microphone => row.child(meter()),
        Subject::Speaker => row.child(speaker()),
        _ => row,
    }
}

/// A sign and a sentence, and before it what it is about.
fn finding(element: Element, subject: Subject) -> Element {
    let name = if subject == Subject::Summary { "" } else { words::subject(subject) };
    element
        .attribute("data-check", hook(subject))
        .attribute_of("data-result", move || result(find(subject, |finding| Some(finding.verdict))))
        .child(el("span").class("sign").choose(
            move || find(subject, |finding| finding.verdict as Key),
            |verdict| match verdict {
                GOOD => icons::good(),
                WARNING => icons::warning(),
                BAD => icons::close(),
                _ => icons::open(),
            },
        ))
        .child(
            el("span").class("said").child(el("span").class("about").text(name)).child(
                el("span").text_of(move || find(subject, |finding| words::sentence(finding.sentence))),
            ),
        )
}

const GOOD: Key = Verdict::Good as Key;
const WARNING: Key = Verdict::Warning as Key;
const BAD: Key = Verdict::Bad as Key;

fn result(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Good) => "good",
        Some(Verdict::Warning) => "warning",
        Some(Verdict::Bad) => "bad",
        Some(Verdict::Running) => "running",
        Some(Verdict::Waiting) | None => "waiting",
    }
}

fn hook(subject: Subject) -> &'static str {
    match subject {
        Subject::Summary => "summary",
        Subject::Camera => "camera",
        Subject::Microphone => "microphone",
        Subject::Speaker => "speaker",
        Subject::Server => "server",
        Subject::Direct => "direct",
        Subject::Router => "router",
        Subject::Addresses => "addresses",
        Subject::Relay => "relay-udp",
        Subject::RelayTcp => "relay-tcp",
        Subject::RelayTls => "relay-tls",
    }
}

fn try_devices() -> Element {
    el("span").class("act").when(
        || {
            says(Subject::Camera, Sentence::CameraWaiting)
                || says(Subject::Microphone, Sentence::MicrophoneWaiting)
        },
        || {
            button("quiet", || with(|panel| panel.check.capture()))
                .attribute("data-testid", "check-devices")
                .text(words::check_try())
        },
    )
}

fn picture() -> Element {
    el("span").class("act").when(
        || says(Subject::Camera, Sentence::CameraFine),
        || {
            let mut playing = false;
            el("video")
                .attribute("autoplay", "")
                .attribute("playsinline", "")
                .attribute("aria-label", words::own_picture())
                .property("muted", &true.into())
                .follow(move |video| {
                    if !playing {
                        playing = true;
                        attach(video.unchecked_ref(), with(|panel| panel.check.picture()).as_ref());
                    }
                })
        },
    )
}

fn meter() -> Element {
    el("span").class("act").when(
        || {
            find(Subject::Microphone, |finding| {
                use Sentence::{MicrophoneFine, MicrophoneListening, MicrophoneSilent};
                matches!(finding.sentence, MicrophoneListening | MicrophoneFine | MicrophoneSilent)
            })
        },
        || {
            let mut timer = None;
            el("span")
                .class("meter")
                .attribute("role", "img")
                .attribute("aria-label", words::lobby_level())
                .follow(move |bar| {
                    if timer.is_none() {
                        let bar = bar.clone();
                        timer = Some(browser::Interval::new(lobby::METER_EVERY_MILLISECONDS, move || {
                            lobby::show_level(with(|panel| panel.check.loudness()), &bar);
                        }));
                    }
                })
        },
    )
}

fn speaker() -> Element {
    let answer = |heard, words| button("quiet", move || with(|panel| panel.check.heard(heard))).text(words);
    el("span")
        .class("act")
        .when(
            || says(Subject::Speaker, Sentence::SpeakerPlayed),
            move || answer(true, words::check_heard()).attribute("data-testid", "check-heard"),
        )
        .when(
            || says(Subject::Speaker, Sentence::SpeakerPlayed),
            move || answer(false, words::check_not_heard()).attribute("data-testid", "check-not-heard"),
        )
        .when(
            || !says(Subject::Speaker, Sentence::SpeakerPlayed),
            || {
                button("quiet", || with(|panel| panel.check.play_tone()))
                    .attribute("data-testid", "check-play")
                    .text(words::check_play())
            },
        )
}

fn copy() {
    let text = report();
    wasm_bindgen_futures::spawn_local(async move {
        if browser::copy(&text).await {
            with(|panel| panel.copied.set(true));
            changed();
            browser::later(COPIED_MILLISECONDS, || {
                with(|panel| panel.copied.set(false));
                changed();
            });
        }
    });
}

/// For whoever helps: what the panel says, which server and which browser. No address of this person, and not the link.
fn report() -> String {
    let (host, agent) = browser::host_and_browser();
    let mut text = [words::app_name(), ", ", &host, "\n", &agent, "\n"].concat();
    with(|panel| {
        for finding in &panel.findings {
            let line = [
                "[",
                result(Some(finding.verdict)),
                "] ",
                words::subject(finding.subject),
                ": ",
                words::sentence(finding.sentence),
                &took(panel, finding.subject),
                "\n",
            ];
            text.push_str(&line.concat());
        }
    });
    text
}

/// How long the echo through the relay took, if that was tried and it came.
fn took(panel: &Panel, subject: Subject) -> String {
    let transport = match subject {
        Subject::Relay => RelayTransport::Udp,
        Subject::RelayTcp => RelayTransport::Tcp,
        Subject::RelayTls => RelayTransport::Tls,
        _ => return String::new(),
    };
    let relays = panel.check.relays();
    let outcome =
        relays.into_iter().find(|relay| relay.transport == transport).and_then(|relay| relay.outcome);
    match outcome {
        Some(Ok(milliseconds)) => [" (", &milliseconds.0.to_string(), " ms)"].concat(),
        _ => String::new(),
    }
}
