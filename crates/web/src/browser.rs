//! The browser's small services: address, storage, clipboard, tabs.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Event;

const NAME: &str = "eyeline-name";
const HIDING: &str = "eyeline-always-relay";

/// The part of the address behind the path, `#` included; empty if there is none.
pub(crate) fn fragment() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The whole address of a call.
pub(crate) fn address(fragment: &str) -> String {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    [&origin, "/", fragment].concat()
}

/// The server's host name and port, and what the browser says it is.
pub(crate) fn host_and_browser() -> (String, String) {
    let Some(window) = web_sys::window() else { return Default::default() };
    (window.location().host().unwrap_or_default(), window.navigator().user_agent().unwrap_or_default())
}

/// The language of the page, as BCP 47 has it.
pub(crate) fn language() -> String {
    let document = document();
    let page = document.and_then(|document| document.document_element());
    page.and_then(|page| page.get_attribute("lang")).unwrap_or_default()
}

/// Shows the call's address in the address bar, as a page of its own for the back button.
pub(crate) fn show_address(fragment: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&["/", fragment].concat()));
    }
}

/// A link pasted over another one, or the back button: a new page load is a new participant.
pub(crate) fn reload_when_the_link_changes() {
    listen("hashchange", |_| reload());
}

/// Hears an event of the window, and those that come up to it, as long as the page lives.
pub(crate) fn listen(event: &str, handle: impl FnMut(Event) + 'static) {
    let Some(window) = web_sys::window() else { return };
    let handle = Closure::<dyn FnMut(Event)>::new(handle);
    let _ = window.add_event_listener_with_callback(event, handle.as_ref().unchecked_ref());
    handle.forget();
}

/// The page on the whole screen, and back. Where the browser cannot, as on many phones, nothing happens.
pub(crate) fn toggle_full_screen() {
    let Some(document) = document() else { return };
    match (document.fullscreen_element(), document.document_element()) {
        (Some(_), _) => document.exit_fullscreen(),
        (None, Some(page)) => drop(page.request_fullscreen()),
        _ => {}
    }
}

/// The document that the page is.
pub(crate) fn document() -> Option<web_sys::Document> {
    web_sys::window().and_then(|window| window.document())
}

/// Whether the browser lets a page fill the screen.
pub(crate) fn can_be_full_screen() -> bool {
    document().is_some_and(|document| document.fullscreen_enabled())
}

/// Whether the page fills the screen now.
pub(crate) fn is_full_screen() -> bool {
    let document = document();
    document.is_some_and(|document| document.fullscreen_element().is_some())
}

/// Whether the page's language is written from right to left.
pub(crate) fn is_right_to_left() -> bool {
    let document = document();
    document.is_some_and(|document| document.dir() == "rtl")
}

/// Loads the page anew.
pub(crate) fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Leaves the call's address.
pub(crate) fn go_to_start() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().assign("/");
    }
}

/// Opens an address in a second tab that cannot reach back into this one.
pub(crate) fn open_tab(address: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.open_with_url_and_target_and_features(address, "_blank", "noopener");
    }
}

/// Copies a text; `false` where the browser does not let us.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let clipboard = window.navigator().clipboard();
    // Absent where the page is not served over HTTPS.
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// The name used last time on this device.
pub(crate) fn remembered_name() -> String {
    remembered(NAME)
}

/// Remembers the name on this device.
pub(crate) fn remember_name(name: &str) {
    remember(NAME, name);
}

/// Whether the person hides their address, as chosen last time on this device.
pub(crate) fn remembered_hiding() -> bool {
    has_note(HIDING)
}

/// Remembers that choice on this device.
pub(crate) fn remember_hiding(hides: bool) {
    set_note(HIDING, hides);
}

/// Whether a note was left on this device.
pub(crate) fn has_note(note: &str) -> bool {
    storage().is_some_and(|storage| storage.get_item(note).ok().flatten().is_some())
}

/// Leaves a note on this device, or removes it.
pub(crate) fn set_note(note: &str, is_there: bool) {
    if is_there { remember(note, "") } else { forget(note) }
}

/// A choice made on this device earlier; empty if there was none.
pub(crate) fn remembered(choice: &str) -> String {
    storage().and_then(|storage| storage.get_item(choice).ok().flatten()).unwrap_or_default()
}

/// Remembers a choice on this device.
pub(crate) fn remember(choice: &str, value: &str) {
    if let Some(storage) = storage() {
        // Full or forbidden: then it is chosen again next time.
        let _ = storage.set_item(choice, value);
    }
}

/// Forgets a choice on this device.
pub(crate) fn forget(choice: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(choice);
    }
}

#[wasm_bindgen]
extern "C" {
    /// How the page looks follows what this device remembers (boot.js does it, before anything is drawn).
    #[wasm_bindgen(js_name = eyelineLook)]
    pub(crate) fn follow_look();
}

/// What this tab remembers until it is closed, a reload included; empty if nothing.
pub(crate) fn remembered_in_tab(what: &str) -> String {
    tab_storage().and_then(|storage| storage.get_item(what).ok().flatten()).unwrap_or_default()
}

/// Remembers something in this tab.
pub(crate) fn remember_in_tab(what: &str, value: &str) {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(what, value);
    }
}

fn tab_storage() -> Option<web_sys::Storage> {
    web_sys::window().and_then(|window| window.session_storage().ok().flatten())
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window().and_then(|window| window.local_storage().ok().flatten())
}

/// Does something once, after so many milliseconds.
pub(crate) fn later(milliseconds: i32, act: impl FnOnce() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let act = Closure::once_into_js(act);
    let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), milliseconds);
}

/// Does something again and again until it is dropped.
pub(crate) struct Interval {
    handle: Option<i32>,
    _act: Closure<dyn FnMut()>,
}

impl Interval {
    /// Every so many milliseconds.
    pub(crate) fn new(milliseconds: i32, act: impl FnMut() + 'static) -> Self {
        let act = Closure::<dyn FnMut()>::new(act);
        let handle = web_sys::window().and_then(|window| {
            let callback = act.as_ref().unchecked_ref();
            window.set_interval_with_callback_and_timeout_and_arguments_0(callback, milliseconds).ok()
        });
        Self { handle, _act: act }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.handle) {
            window.clear_interval_with_handle(handle);
        }
    }
}
