//! Small helpers around JavaScript values.

use eyeline_protocol::Milliseconds;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

/// The window: this program runs nowhere else.
pub(crate) fn window() -> Result<Window, JsValue> {
    web_sys::window().ok_or(JsValue::NULL)
}

/// Milliseconds since the page was opened; never goes back.
pub(crate) fn now() -> Milliseconds {
    let milliseconds = window().ok().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
    // Saturates; a page that is open for long enough to matter is not a page.
    Milliseconds(milliseconds as u64)
}

/// Notices that the machine slept: on most systems the clock behind [`now`] stands still meanwhile, the wall clock goes
/// on. It may also be set by hand, which costs a look at what still lives.
#[derive(Default)]
pub(crate) struct Slept(std::cell::Cell<Option<f64>>);

/// A wall clock this far ahead of the other was not set by a time server in the ordinary way.
const SLEPT_MILLISECONDS: f64 = 5000.0;

impl Slept {
    /// For how long the machine slept since the last look; `None` if it did not.
    pub(crate) fn look(&self) -> Option<Milliseconds> {
        let ahead = js_sys::Date::now() - now().0 as f64;
        let before = self.0.replace(Some(ahead));
        let slept = before.map(|before| ahead - before).filter(|slept| *slept > SLEPT_MILLISECONDS)?;
        Some(Milliseconds(slept as u64))
    }
}

/// Puts a named point on the browser's own timeline, so that a slow join can be read and not guessed.
pub fn mark(name: &str) {
    if let Some(performance) = window().ok().and_then(|window| window.performance()) {
        // Fails for names the browser reserves; none of ours is.
        let _ = performance.mark(&["eyeline:", name].concat());
    }
}

/// Awaits a promise.
pub(crate) async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

/// Waits so many milliseconds; not at all where there are no timers.
pub(crate) async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = window().and_then(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
        });
        if timer.is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = settled(promise).await;
}

/// A property, or `undefined`.
pub(crate) fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of an object of our own making, or one that a browser may not know.
pub(crate) fn set(target: &JsValue, name: &str, value: impl Into<JsValue>) {
    // Fails on frozen objects only.
    let _ = Reflect::set(target, &JsValue::from_str(name), &value.into());
}

/// An object with these properties.
pub(crate) fn object<const N: usize>(properties: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object.into()
}

/// Does `work` once, after so many milliseconds.
pub(crate) fn after(milliseconds: i32, work: impl FnOnce() + 'static) {
    wasm_bindgen_futures::spawn_local(async move {
        sleep(milliseconds).await;
        work();
    });
}
