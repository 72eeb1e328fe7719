//! Whether the browser allows a device, as the person changes it in the browser's settings (W3C Permissions).

use crate::js;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The leave for one kind of device, watched as long as this lives.
pub(crate) struct Permission {
    status: JsValue,
    /// It was given at some time. (Firefox says `prompt` of a leave that ends with the page.)
    was_granted: Rc<Cell<bool>>,
    _changed: Closure<dyn FnMut()>,
}

const CHANGED: &str = "onchange";
const GRANTED: &str = "granted";

impl Permission {
    /// Watches the permission of this name; `None` where the browser does not tell.
    pub(crate) async fn watch(name: &str, changed: impl Fn(&str) + 'static) -> Option<Self> {
        let permissions = js::get(&js::window().ok()?.navigator(), "permissions");
        let query = js::get(&permissions, "query").dyn_into::<js_sys::Function>().ok()?;
        let promise = query.call1(&permissions, &js::object([("name", name.into())])).ok()?;
        let status = js::settled(promise.unchecked_into()).await.ok()?;
        let was_granted = Rc::new(Cell::new(state(&status) == GRANTED));
        let closure = {
            let (status, was_granted) = (status.clone(), Rc::clone(&was_granted));
            Closure::<dyn FnMut()>::new(move || {
                let state = state(&status);
                was_granted.set(was_granted.get() || state == GRANTED);
                changed(&state);
            })
        };
        js::set(&status, CHANGED, closure.as_ref());
        Some(Self { status, was_granted, _changed: closure })
    }

    /// Whether it was given once and is no more.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.was_granted.get() && state(&self.status) != GRANTED
    }
}

impl Drop for Permission {
    fn drop(&mut self) {
        js::set(&self.status, CHANGED, JsValue::NULL);
    }
}

fn state(status: &JsValue) -> String {
    js::get(status, "state").as_string().unwrap_or_default()
}
