//! The one timer: in a worker, because browsers slow down the timers of a page that nobody looks at.

use crate::js;
use eyeline_protocol::Milliseconds;
use js_sys::Function;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use web_sys::Worker;

/// Where the page leaves the worker, before this program runs: its address needs a Trusted Types policy, which only a
/// script can have.
const WORKER: &str = "eyelineTimer";

/// Rings once, some time after it was last set.
pub(crate) struct Timer {
    ring: Closure<dyn FnMut()>,
    worker: Option<Worker>,
    /// When it will ring.
    due: Cell<Option<Milliseconds>>,
    /// What waits where there is no worker.
    waiting: Cell<Option<i32>>,
}

impl Timer {
    /// A timer that is not set.
    pub(crate) fn new(ring: Closure<dyn FnMut()>) -> Self {
        let worker: Option<Worker> =
            js::window().ok().and_then(|window| js::get(&window, WORKER).dyn_into().ok());
        if let Some(worker) = &worker {
            worker.set_onmessage(Some(ring.as_ref().unchecked_ref()));
        }
        Self { ring, worker, due: Cell::new(None), waiting: Cell::new(None) }
    }

    /// To be called first of all when it rings.
    pub(crate) fn rang(&self) {
        self.due.set(None);
    }

    /// Rings at `due` (or soon after it), and not when it was to ring before; `None`: not at all.
    pub(crate) fn set(&self, due: Option<Milliseconds>) {
        if self.due.replace(due) == due {
            return;
        }
        // One more, because browsers round clock readings down; their longest delay is 2³¹ − 1.
        let milliseconds =
            due.map(|due| i32::try_from(due.since(js::now()).0.saturating_add(1)).unwrap_or(i32::MAX));
        if let Some(worker) = &self.worker {
            // Fails only for what cannot be copied to a worker.
            let _ = worker.post_message(&milliseconds.unwrap_or(-1).into());
            return;
        }
        let Ok(window) = js::window() else { return };
        if let Some(waiting) = self.waiting.take() {
            window.clear_timeout_with_handle(waiting);
        }
        if let Some(milliseconds) = milliseconds {
            let ring: &Function = self.ring.as_ref().unchecked_ref();
            let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(ring, milliseconds);
            self.waiting.set(set.ok());
        }
    }
}
