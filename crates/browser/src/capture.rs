//! Own tracks: camera, microphone, screen.

use crate::js;
use eyeline_call::Input;
use eyeline_call::input::CaptureError;
use eyeline_protocol::inner::Slot;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// Own tracks, and which devices they shall come from.
#[derive(Default)]
pub(crate) struct Capture {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    tracks: BTreeMap<Slot, LocalTrack>,
    chosen: BTreeMap<Slot, String>,
    /// Counts what was asked of each slot: an answer to anything but the last question is thrown away.
    questions: BTreeMap<Slot, u32>,
}

struct LocalTrack {
    track: MediaStreamTrack,
    _ended: Closure<dyn FnMut()>,
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.track.set_onended(None);
        self.track.stop();
    }
}

impl Capture {
    /// The local track of a slot.
    pub(crate) fn track(&self, slot: Slot) -> Option<MediaStreamTrack> {
        self.state.borrow().tracks.get(&slot).map(|local| local.track.clone())
    }

    /// The local track of a slot in a stream of its own.
    pub(crate) fn stream(&self, slot: Slot) -> Option<MediaStream> {
        let track = self.track(slot)?;
        let stream = MediaStream::new().ok()?;
        stream.add_track(&track);
        Some(stream)
    }

    /// Which device the slot's next capture shall prefer.
    pub(crate) fn choose(&self, slot: Slot, device: String) {
        self.state.borrow_mut().chosen.insert(slot, device);
    }

    /// Stops the slot's track, and forgets what was asked for it.
    pub(crate) fn stop(&self, slot: Slot) {
        self.ask(slot);
        // Dropped outside of the borrow: stopping a track may call back.
        let stopped = self.state.borrow_mut().tracks.remove(&slot);
        drop(stopped);
    }

    /// Acquires devices. Microphone and camera asked for at the same moment become one question to the person.
    pub(crate) fn acquire(self: Rc<Self>, slots: &[Slot], input: Rc<dyn Fn(Input)>) {
        let has = |slot| slots.contains(&slot);
        if has(Slot::Screen) {
            let asked = self.ask(Slot::Screen);
            wasm_bindgen_futures::spawn_local(Rc::clone(&self).screen(asked, Rc::clone(&input)));
        }
        if has(Slot::Microphone) && has(Slot::Camera) {
            let asked = (self.ask(Slot::Microphone), self.ask(Slot::Camera));
            wasm_bindgen_futures::spawn_local(self.both(asked, input));
            return;
        }
        for slot in [Slot::Microphone, Slot::Camera] {
            if has(slot) {
                let asked = self.ask(slot);
                wasm_bindgen_futures::spawn_local(Rc::clone(&self).one(slot, asked, Rc::clone(&input)));
            }
        }
    }

    async fn both(self: Rc<Self>, asked: (u32, u32), input: Rc<dyn Fn(Input)>) {
        match self.user_media(&[Slot::Microphone, Slot::Camera]).await {
            Ok(stream) => {
                self.keep(Slot::Microphone, asked.0, &stream.get_audio_tracks(), &input);
                self.keep(Slot::Camera, asked.1, &stream.get_video_tracks(), &input);
            }
            // One answer for both: asking again would be nagging.
            Err(CaptureError::Denied) => {
                for (slot, asked) in [(Slot::Microphone, asked.0), (Slot::Camera, asked.1)] {
                    self.fail(slot, asked, CaptureError::Denied, &input);
                }
            }
            // One of the two is missing or broken; the other is not to suffer.
            Err(_) => {
                Rc::clone(&self).one(Slot::Microphone, asked.0, Rc::clone(&input)).await;
                self.one(Slot::Camera, asked.1, input).await;
            }
        }
    }

    async fn one(self: Rc<Self>, slot: Slot, asked: u32, input: Rc<dyn Fn(Input)>) {
        match self.user_media(&[slot]).await {
            Ok(stream) => self.keep(slot, asked, &stream.get_tracks(), &input),
            Err(error) => self.fail(slot, asked, error, &input),
        }
    }

    async fn screen(self: Rc<Self>, asked: u32, input: Rc<dyn Fn(Input)>) {
        match display_media().await {
            Ok(stream) => {
                self.keep(Slot::Screen, asked, &stream.get_video_tracks(), &input);
                if stream.get_audio_tracks().length() > 0 {
                    let asked = self.ask(Slot::ScreenSound);
                    self.keep(Slot::ScreenSound, asked, &stream.get_audio_tracks(), &input);
                }
            }
            Err(error) => self.fail(Slot::Screen, asked, error, &input),
        }
    }

    /// Takes the first track and reports it, unless something else was asked since.
    fn keep(&self, slot: Slot, asked: u32, tracks: &js_sys::Array, input: &Rc<dyn Fn(Input)>) {
        let Ok(track) = tracks.get(0).dyn_into::<MediaStreamTrack>() else {
            self.fail(slot, asked, CaptureError::NotFound, input);
            return;
        };
        if !self.is_current(slot, asked) {
            track.stop();
            return;
        }
        // What an encoder should favour (W3C MST Content Hints): text that can be read, faces that move.
        let hint = match slot {
            Slot::Microphone => "speech",
            Slot::Camera => "motion",
            Slot::Screen => "detail",
            Slot::ScreenSound => "music",
        };
        js::set(&track, "contentHint", hint);
        let ended = {
            let input = Rc::clone(input);
            Closure::<dyn FnMut()>::new(move || input(Input::CaptureEnded(slot)))
        };
        track.set_onended(Some(ended.as_ref().unchecked_ref()));
        let replaced = self.state.borrow_mut().tracks.insert(slot, LocalTrack { track, _ended: ended });
        drop(replaced);
        input(Input::Captured(slot));
    }

    fn fail(&self, slot: Slot, asked: u32, error: CaptureError, input: &Rc<dyn Fn(Input)>) {
        if self.is_current(slot, asked) {
            input(Input::CaptureFailed(slot, error));
        }
    }

    fn ask(&self, slot: Slot) -> u32 {
        let mut state = self.state.borrow_mut();
        let count = state.questions.entry(slot).or_default();
        *count = count.wrapping_add(1);
        *count
    }

    fn is_current(&self, slot: Slot, asked: u32) -> bool {
        self.state.borrow().questions.get(&slot) == Some(&asked)
    }

    async fn user_media(&self, slots: &[Slot]) -> Result<MediaStream, CaptureError> {
        let constraints = MediaStreamConstraints::new();
        for slot in slots {
            // A wish, not a condition: a device that was chosen once may be gone now.
            let device = self.state.borrow().chosen.get(slot).map_or(JsValue::UNDEFINED, JsValue::from);
            let device = js::object([("ideal", device)]);
            match slot {
                Slot::Microphone => constraints.set_audio(&js::object([
                    ("deviceId", device),
                    ("echoCancellation", true.into()),
                    ("noiseSuppression", true.into()),
                    ("autoGainControl", true.into()),
                ])),
                _ => constraints.set_video(&js::object([
                    ("deviceId", device),
                    ("width", js::object([("ideal", 1280.into())])),
                    ("height", js::object([("ideal", 720.into())])),
                    ("frameRate", js::object([("ideal", 30.into())])),
                    ("facingMode", "user".into()),
                ])),
            }
        }
        let promise =
            media_devices()?.get_user_media_with_constraints(&constraints).map_err(|error| reason(&error))?;
        let stream = js::settled(promise.unchecked_into()).await.map_err(|error| reason(&error))?;
        Ok(stream.unchecked_into())
    }
}

async fn display_media() -> Result<MediaStream, CaptureError> {
    let devices = media_devices()?;
    let function = js::get(&devices, "getDisplayMedia")
        .dyn_into::<js_sys::Function>()
        .map_err(|_| CaptureError::Unsupported)?;
    // Sharing this very page would be a hall of mirrors; sharing a tab brings its sound along where browsers can.
    let options = js::object([
        ("video", js::object([("frameRate", js::object([("ideal", 30.into())]))])),
        ("audio", true.into()),
        ("selfBrowserSurface", "exclude".into()),
        ("surfaceSwitching", "include".into()),
    ]);
    let promise = function.call1(&devices, &options).map_err(|error| reason(&error))?;
    let stream = js::settled(promise.unchecked_into()).await.map_err(|error| reason(&error))?;
    Ok(stream.unchecked_into())
}

/// Absent where the page is not served over HTTPS (nor from localhost).
fn media_devices() -> Result<MediaDevices, CaptureError> {
    let navigator = js::window().map_err(|_| CaptureError::Unsupported)?.navigator();
    let devices = navigator.media_devices().map_err(|_| CaptureError::Unsupported)?;
    if devices.is_undefined() { Err(CaptureError::Unsupported) } else { Ok(devices) }
}

/// `getUserMedia`'s errors (W3C Media Capture 10.2).
fn reason(error: &JsValue) -> CaptureError {
    match js::get(error, "name").as_string().as_deref() {
        Some("NotAllowedError" | "SecurityError") => CaptureError::Denied,
        Some("NotFoundError" | "OverconstrainedError") => CaptureError::NotFound,
        Some("TypeError" | "NotSupportedError") => CaptureError::Unsupported,
        _ => CaptureError::Busy,
    }
}
