//! What the browser's tab says of the call, for who looks elsewhere; and that the screen stays on meanwhile. Loaded late.

use crate::dom::{Element, changed, el};
use crate::room::{Room, name_of};
use crate::{browser, words};
use eyeline_browser::view::{Person, PersonState};
use eyeline_browser::{PeerId, Phase, Slot};
use js_sys::{Array, Function, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

/// What the sign in the tab shows besides the mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plain,
    /// A red dot: nobody hears you.
    Muted,
    /// The line is broken: a connection is being repaired.
    Broken,
    /// A bright dot: somebody has come while nobody looked.
    News,
}

/// What of the call matters to the tab.
struct Call {
    names: Vec<String>,
    muted: bool,
    reconnecting: bool,
    /// Came while the tab was hidden.
    came: Option<String>,
}

/// Follows the call as long as this element is on the page; then the tab is as it was.
pub(crate) fn follow(room: Room) -> Element {
    let lamp = Rc::new(Lamp::default());
    let tab = Tab::new(Rc::clone(&lamp));
    lamp.light();
    let mut known: Vec<PeerId> = room.people(Phase::Call, |person| person.peer);
    let mut newcomer = None;
    el("span").follow(move |_| {
        let here = room.people(Phase::Call, |person| person.peer);
        if is_hidden() {
            newcomer = here.iter().copied().find(|peer| !known.contains(peer)).or(newcomer);
        } else {
            newcomer = None;
        }
        known = here;
        let all = |holds: fn(&Person) -> bool| {
            let people = room.people(Phase::Call, holds);
            !people.is_empty() && people.into_iter().all(|holds| holds)
        };
        tab.show(&Call {
            names: room.people(Phase::Call, name_of),
            muted: room.view(|view| !view.me.sending.has(Slot::Microphone)).unwrap_or(false),
            reconnecting: all(|person| person.state == PersonState::Reconnecting),
            came: newcomer.and_then(|peer| room.person(peer, name_of)),
        });
    })
}

fn title(call: &Call) -> String {
    let app = words::app_name();
    if call.reconnecting {
        return words::tab_reconnecting(app);
    }
    match (&call.came, call.names.as_slice()) {
        (Some(name), _) => words::tab_came(name, app),
        (None, []) => words::tab_alone(app),
        (None, names) if call.muted => words::tab_muted(&names.join(", "), app),
        (None, names) => words::tab_with(&names.join(", "), app),
    }
}

fn sign(call: &Call) -> Sign {
    match call {
        Call { reconnecting: true, .. } => Sign::Broken,
        Call { came: Some(_), .. } => Sign::News,
        Call { muted: true, .. } => Sign::Muted,
        _ => Sign::Plain,
    }
}

/// The sign as an SVG document: the mark, and what is to be said.
fn drawing(sign: Sign) -> String {
    let line = if sign == Sign::Broken { "<path d=\"M9 16h2m3 0h4m3 0h2\"" } else { "<path d=\"M9 16h14\"" };
    let dot = match sign {
        Sign::Plain | Sign::Broken => "",
        Sign::Muted => {
            "<circle cx=\"25\" cy=\"7\" r=\"6.5\" fill=\"#f0786a\" stroke=\"#101316\" stroke-width=\"2\"/>"
        }
        Sign::News => {
            "<circle cx=\"25\" cy=\"7\" r=\"6.5\" fill=\"#f2efe9\" stroke=\"#101316\" stroke-width=\"2\"/>"
        }
    };
    let parts = [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"8\" ",
        "fill=\"#101316\"/>",
        line,
        " stroke=\"#7cc4a8\" stroke-width=\"2\"/><circle cx=\"8.5\" cy=\"16\" r=\"4.5\" fill=\"#7cc4a8\"/>",
        "<circle cx=\"23.5\" cy=\"16\" r=\"4.5\" fill=\"#7cc4a8\"/>",
        dot,
        "</svg>",
    ];
    parts.concat()
}

/// The browser's tab. Dropped, it is as it was.
struct Tab {
    icon: Option<web_sys::Element>,
    /// The icon's address at first.
    usual: String,
    title: RefCell<String>,
    sign: Cell<Sign>,
    lamp: Rc<Lamp>,
    looked: Closure<dyn FnMut()>,
}

impl Tab {
    fn new(lamp: Rc<Lamp>) -> Self {
        let icon =
            browser::document().and_then(|document| document.query_selector("link[rel=icon]").ok().flatten());
        let usual = icon.as_ref().and_then(|icon| icon.get_attribute("href")).unwrap_or_default();
        let relight = Rc::clone(&lamp);
        let looked = Closure::<dyn FnMut()>::new(move || {
            if !is_hidden() {
                // Browsers take it back whenever the page is hidden.
                relight.light();
            }
            changed();
        });
        if let Some(document) = browser::document() {
            let target: &EventTarget = &document;
            let _ =
                target.add_event_listener_with_callback("visibilitychange", looked.as_ref().unchecked_ref());
        }
        Self { icon, usual, title: RefCell::default(), sign: Cell::new(Sign::Plain), lamp, looked }
    }

    fn show(&self, call: &Call) {
        let title = title(call);
        if *self.title.borrow() != title {
            if let Some(document) = browser::document() {
                document.set_title(&title);
            }
            self.title.replace(title);
        }
        let sign = sign(call);
        if self.sign.replace(sign) != sign {
            self.put(if sign == Sign::Plain { None } else { blob(&drawing(sign)) });
        }
    }

    fn put(&self, address: Option<String>) {
        let Some(icon) = &self.icon else { return };
        let before = icon.get_attribute("href").unwrap_or_default();
        let _ = icon.set_attribute("href", address.as_deref().unwrap_or(&self.usual));
        if before != self.usual {
            let _ = web_sys::Url::revoke_object_url(&before);
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.put(None);
        self.lamp.let_go();
        if let Some(document) = browser::document() {
            document.set_title(words::app_name());
            let target: &EventTarget = &document;
            let _ = target.remove_event_listener_with_callback(
                "visibilitychange",
                self.looked.as_ref().unchecked_ref(),
            );
        }
    }
}

/// An address for a drawing that works without the server.
fn blob(drawing: &str) -> Option<String> {
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("image/svg+xml");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&Array::of1(&drawing.into()), &kind).ok()?;
    web_sys::Url::create_object_url_with_blob(&blob).ok()
}

/// Keeps the screen on (W3C Screen Wake Lock), where the browser can and the battery allows.
#[derive(Default)]
struct Lamp {
    sentinel: RefCell<Option<JsValue>>,
    gone: Cell<bool>,
}

impl Lamp {
    fn light(self: &Rc<Self>) {
        let this = Rc::clone(self);
        let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return };
        let lock = get(&navigator, "wakeLock");
        let Ok(request) = get(&lock, "request").dyn_into::<Function>() else { return };
        let Ok(promise) = request.call1(&lock, &"screen".into()) else { return };
        wasm_bindgen_futures::spawn_local(async move {
            let answer = wasm_bindgen_futures::JsFuture::from(promise.unchecked_into::<Promise>()).await;
            if let Ok(sentinel) = answer {
                let earlier = this.sentinel.replace(Some(sentinel));
                release(earlier);
                if this.gone.get() {
                    this.let_go();
                }
            }
        });
    }

    fn let_go(&self) {
        self.gone.set(true);
        release(self.sentinel.take());
    }
}

fn release(sentinel: Option<JsValue>) {
    if let Some(sentinel) = sentinel
        && let Ok(release) = get(&sentinel, "release").dyn_into::<Function>()
    {
        let _ = release.call0(&sentinel);
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

fn is_hidden() -> bool {
    browser::document().is_some_and(|document| document.hidden())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(names: &[&str]) -> Call {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Call { names, muted: false, reconnecting: false, came: None }
    }

    #[test]
    fn the_tab_says_who_is_there_and_what_is_the_matter() {
        words::tests::speak_in("en");
        let both = call(&["Ben", "Chloé"]);
        assert_eq!((title(&both), sign(&both)), ("Ben, Chloé – Eyeline".into(), Sign::Plain));
        let muted = Call { muted: true, ..call(&["Ben"]) };
        assert_eq!((title(&muted), sign(&muted)), ("Ben (you’re muted) – Eyeline".into(), Sign::Muted));
        let lost = Call { reconnecting: true, ..muted };
        assert_eq!((title(&lost), sign(&lost)), ("Reconnecting… – Eyeline".into(), Sign::Broken));
        let came = Call { came: Some("Ben".into()), muted: true, ..call(&["Ben"]) };
        assert_eq!((title(&came), sign(&came)), ("Ben is here – Eyeline".into(), Sign::News));
        assert_eq!(title(&call(&[])), "Nobody else here yet – Eyeline");
    }

    #[test]
    fn each_sign_is_another_drawing_of_one_document() {
        let signs = [Sign::Plain, Sign::Muted, Sign::Broken, Sign::News].map(drawing);
        for (index, sign) in signs.iter().enumerate() {
            assert!(sign.starts_with("<svg ") && sign.ends_with("</svg>"));
            assert!(!signs[..index].contains(sign));
        }
    }
}
