//! The page: what a person sees and touches.
//!
//! Knows: views and words, and how they follow the engine's view. It holds no truth about a call of its own.
//! Must not know: WebRTC, the protocol's details, how anything is connected.
//!
//! Everything is built through [`dom`], which never parses HTML: see `clippy.toml`.
//!
//! # Layout
//! - [`app`]: which page is shown; [`start`], [`lobby`], [`call`], [`left`]: the pages.
//! - [`check`]: the panel "Check my connection", over any of them.
//! - [`dom`]: elements, and how they follow the state.
//! - [`room`]: the state that follows one call.
//! - [`tile`]: one person; [`speaking`]: who speaks; [`controls`]: the buttons; [`notices`]: bars and toasts; [`picture`]: media elements.
//! - [`words`], [`icons`], [`browser`]: words, signs, and the browser's small services.

mod app;
mod browser;
mod call;
mod check;
mod controls;
mod dom;
mod icons;
mod left;
mod lobby;
mod notices;
mod picture;
mod room;
mod speaking;
mod start;
mod tile;
mod words;

use wasm_bindgen::prelude::*;

/// The browser calls this once the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(crashed));
    dom::mount(app::app);
}

/// A defect must not leave a white page. The details go to the console; they hold no secret.
fn crashed(panic: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&panic.to_string().into());
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let (Some(body), Ok(sentence)) = (document.body(), document.create_element("p")) else { return };
    sentence.set_class_name("plain");
    // Failing here changes nothing for the better.
    let _ = sentence.set_attribute("role", "alert");
    sentence.set_text_content(Some(words::crashed()));
    body.set_text_content(None);
    let _ = body.append_child(&sentence);
}
