//! What is loaded when it is wanted: a second WebAssembly module, cut out of this one after compilation.
//!
//! `wasm_split` marks the one function where the cut goes; whatever only it reaches is left out of the first module
//! (see `web-build`). The second one shares the first one's memory: to the code it is a call that takes a while.

use crate::dom::{Element, changed, el};
use crate::menu::{self, Menu};
use crate::panels::{self, Panel};
use crate::room::Room;
use crate::{announce, attendant, browser, permission, presenting, recent, screen, words};
use eyeline_browser::PeerId;
use eyeline_browser::view::DeviceNews;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Between two tries to load what nobody waits for.
const AGAIN_MILLISECONDS: i32 = 4000;

/// What is loaded late.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// What a panel says.
    Panel(Panel),
    /// What can be chosen in a menu.
    Menu(Menu),
    /// What stands beside the button of a device: another one.
    Others(Menu),
    /// What can be done with somebody's screen.
    Screen(PeerId),
    /// What can be done while one shares.
    Presenting,
    /// What goes on beside a call without being asked for.
    Attendant,
    /// What is said to those who do not see the page.
    Announcements,
    /// The recent calls, on the start page of those who keep them.
    RecentCalls,
    /// What notes a call for them.
    NoteCall,
    /// What to do where the browser blocks camera or microphone.
    PermissionHelp,
    /// Every component in every state.
    #[cfg(feature = "styleguide")]
    Styleguide,
}

/// How far it is.
enum State {
    Loading,
    /// Loaded, not yet on the page.
    Here(Element),
    /// On the page.
    Shown,
    Failed,
}

/// The place where something appears that a person waits for.
pub(crate) fn place(part: Part, room: Option<Room>) -> Element {
    arriving(part, room, true)
}

/// The place of something that nobody misses until it is there.
pub(crate) fn quiet(part: Part, room: Room) -> Element {
    arriving(part, Some(room), false)
}

fn arriving(part: Part, room: Option<Room>, awaited: bool) -> Element {
    style();
    let state = Rc::new(RefCell::new(State::Loading));
    bring(part, room, awaited, Rc::clone(&state));
    let which = {
        let state = Rc::clone(&state);
        move || match *state.borrow() {
            State::Loading => 0,
            State::Here(_) | State::Shown => 1,
            State::Failed => 2,
        }
    };
    el("div").class("late").choose(which, move |which| match (which, state.replace(State::Shown)) {
        (1, State::Here(element)) => {
            // Whatever in it waits to be on the page looks again.
            changed();
            element
        }
        (2, _) => {
            state.replace(State::Failed);
            says(awaited, "trouble", "alert", words::panel_not_loaded)
        }
        _ => {
            state.replace(State::Loading);
            says(awaited, "soft", "status", words::panel_loading)
        }
    })
}

/// Loads it. What nobody waits for has time: after a failure it is tried again, as long as its place is there.
fn bring(part: Part, room: Option<Room>, awaited: bool, state: Rc<RefCell<State>>) {
    let words = words::late();
    wasm_bindgen_futures::spawn_local(async move {
        // A failure is not kept by the loaders: the next one who asks tries anew.
        let can_be_said = fetch_module().await.is_ok() && words.await;
        let content = if can_be_said { content(part, room).await.ok() } else { None };
        match content {
            Some(content) => drop(state.replace(State::Here(content))),
            None if awaited => drop(state.replace(State::Failed)),
            None if Rc::strong_count(&state) > 1 => {
                browser::later(AGAIN_MILLISECONDS, move || bring(part, room, awaited, state));
            }
            None => {}
        }
        changed();
    });
}

fn says(awaited: bool, class: &str, role: &str, words: fn() -> &'static str) -> Element {
    if awaited { el("p").class(class).attribute("role", role).text(words()) } else { el("span") }
}

/// Loads the late module before it is wanted: once the server is gone it could not be had any more.
pub(crate) fn fetch() {
    style();
    let words = words::late();
    wasm_bindgen_futures::spawn_local(async {
        // Whoever wants it then is told.
        let _ = (fetch_module().await, words.await);
    });
}

/// Its style sheet stands in the page switched off, so that it does not hold up the first picture.
fn style() {
    let document = browser::document();
    if let Some(sheet) = document.and_then(|document| document.get_element_by_id("late-style")) {
        let _ = sheet.remove_attribute("disabled");
    }
}

#[allow(unsafe_code, improper_ctypes, improper_ctypes_definitions)] // What the macro writes; both ends are this very compilation.
#[wasm_split(late, fallible, preload(fetch_module))]
fn content(part: Part, room: Option<Room>) -> Result<Element, SplitLoaderError> {
    Ok(match (part, room) {
        (Part::Panel(panel), room) => panels::content(panel, room),
        (Part::RecentCalls, _) => recent::list(),
        #[cfg(feature = "styleguide")]
        (Part::Styleguide, _) => crate::styleguide::styleguide(),
        (Part::NoteCall, Some(room)) => recent::noting(room),
        (Part::PermissionHelp, Some(room)) => permission::help(room),
        (Part::Menu(menu), Some(room)) => menu::content(menu, room),
        (Part::Others(menu), Some(room)) => menu::others(menu, room),
        (Part::Screen(peer), Some(room)) => screen::tools(room, peer),
        (Part::Presenting, Some(room)) => presenting::bar(room),
        (Part::Attendant, Some(room)) => attendant::attend(room),
        (Part::Announcements, Some(room)) => announce::people(room),
        (_, None) => el("span"),
    })
}

/// Tells what has happened to a device. Where the late module cannot be had, the buttons tell the most of it.
pub(crate) fn tell(room: Room, news: DeviceNews) {
    let words = words::late();
    wasm_bindgen_futures::spawn_local(async move {
        if fetch_module().await.is_ok() && words.await {
            let _ = device_news(room, news).await;
        }
    });
}

#[allow(unsafe_code, improper_ctypes, improper_ctypes_definitions)] // As above.
#[wasm_split(late, fallible)]
fn device_news(room: Room, news: DeviceNews) -> Result<(), SplitLoaderError> {
    room.tell(news);
    Ok(())
}
