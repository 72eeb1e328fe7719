//! The page: what a person sees and touches.
//!
//! Knows: views and words, and how they follow the engine's view. It holds no truth about a call of its own.
//! Must not know: WebRTC, the protocol's details, how anything is connected.
//!
//! Everything is built through [`dom`], which never parses HTML: see `clippy.toml`.
//!
//! # Layout
//! - [`app`]: which page is shown; [`start`], [`lobby`], [`call`], [`left`]: the pages.
//! - [`panels`]: what lies over any of them, loaded when it is wanted ([`late`]); [`check`]: "Check my connection";
//!   [`settings`]; [`connection`]: "Connection", of a call. Loaded late, too: [`recent`] calls, [`permission`] help.
//! - [`dom`]: elements, and how they follow the state.
//! - [`room`]: the state that follows one call.
//! - [`shortcuts`]: keys, explained by [`help`]; [`announce`]: what is said to those who do not see it; [`focus`]: where
//!   the keyboard is.
//! - [`stage`]: who is shown where ([`layout`] says where exactly, [`speaker`] who speaks); [`hands`] move it, and
//!   [`attendant`] looks after it; [`tab`]: what the browser's tab says. [`menu`]s; [`screen`] and [`presenting`]: what can
//!   be done with a screen that is shared.
//! - [`tile`]: one person; [`controls`]: the buttons; [`notices`]: bars and toasts; [`picture`]: media elements.
//! - [`languages`]: the choice of a language.
//! - [`words`], [`icons`], [`browser`]: words, signs, and the browser's small services.

mod announce;
mod app;
mod attendant;
mod browser;
mod call;
mod check;
mod connection;
mod controls;
mod dom;
mod focus;
mod hands;
mod help;
mod icons;
mod languages;
mod late;
mod layout;
mod left;
mod lobby;
mod menu;
mod notices;
mod panels;
mod permission;
mod picture;
mod presenting;
mod recent;
mod room;
mod screen;
mod settings;
mod shortcuts;
mod speaker;
mod stage;
mod start;
#[cfg(feature = "styleguide")]
mod styleguide;
mod tab;
mod tile;
mod words;

use wasm_bindgen::prelude::*;

/// The browser calls this once the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(crashed));
}

/// The boot script calls this with a language's words, and again with those of another one and the words of what is loaded
/// late. Without words, the language that was chosen could not be loaded.
#[wasm_bindgen]
pub fn show(words: Option<String>, late: Option<String>) {
    if words::speak(words, late) {
        dom::show(app::app);
    } else {
        dom::changed();
    }
}

/// A defect must not leave a white page. The details go to the console; they hold no secret.
fn crashed(panic: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&panic.to_string().into());
    let Some(document) = browser::document() else { return };
    let (Some(body), Ok(sentence)) = (document.body(), document.create_element("p")) else { return };
    sentence.set_class_name("plain");
    // Failing here changes nothing for the better.
    let _ = sentence.set_attribute("role", "alert");
    sentence.set_text_content(Some(words::crashed()));
    body.set_text_content(None);
    let _ = body.append_child(&sentence);
}
