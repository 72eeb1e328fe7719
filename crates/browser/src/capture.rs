//! Own tracks: camera, microphone, screen.

use crate::devices::{self, Kind, Share, Sound};
use crate::js;
use crate::movement::Movement;
use crate::permission::Permission;
use eyeline_call::Input;
use eyeline_call::input::CaptureError;
use eyeline_protocol::inner::Slot;
use litemap::LiteMap;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState};

/// Where captures report to.
type Inlet = Rc<dyn Fn(Input)>;

/// Scrolling that can be followed, with three times the bits for each picture as at 30.
pub(crate) const SHARP_PICTURES: u32 = 10;

/// Films have 24.
const SMOOTH_PICTURES: u32 = 30;

/// Own tracks, and which devices they shall come from.
#[derive(Default)]
pub(crate) struct Capture {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    tracks: LiteMap<Slot, LocalTrack>,
    chosen: LiteMap<Slot, String>,
    /// The device that was tried last, and shall not be tried again when another one is wanted.
    tried: LiteMap<Slot, String>,
    /// Which way the camera shall look (W3C Media Capture, `VideoFacingModeEnum`).
    facing: Facing,
    sound: Sound,
    share: Share,
    /// Whether the shared screen moves.
    movement: Movement,
    /// Counts what was asked of each slot: an answer to anything but the last question is thrown away.
    questions: LiteMap<Slot, u32>,
    permissions: LiteMap<Slot, Permission>,
    /// What this page is called by its own captures (W3C Capture Handle); empty until a screen is shared.
    handle: JsValue,
}

impl State {
    /// What is at rest is encoded as sharp text whatever the person wants: nothing is lost, it becomes finer, and what is
    /// dropped is sent again. As motion, a page that is turned once may never arrive (Chromium 156 repeats nothing then).
    fn style(&self) -> Share {
        if self.movement.rests() { Share::SharpText } else { self.share }
    }
}

/// Which way a camera looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Facing {
    #[default]
    User,
    Environment,
}

struct LocalTrack {
    track: MediaStreamTrack,
    _ended: Closure<dyn FnMut()>,
    _muted: Closure<dyn FnMut()>,
    _turned: Closure<dyn FnMut()>,
}

impl Drop for LocalTrack {
    fn drop(&mut self) {
        self.track.set_onended(None);
        self.track.set_onmute(None);
        self.track.set_onunmute(None);
        js::set(&self.track, HANDLE_CHANGED, JsValue::NULL);
        self.track.stop();
    }
}

/// A screen track's event handler: another tab is shared, or the same one is called otherwise.
const HANDLE_CHANGED: &str = "oncapturehandlechange";

/// Which device is asked for.
enum Pick {
    /// The one that the person has chosen, or else the browser's choice.
    Preferred,
    /// This one.
    Exactly(String),
}

impl Capture {
    /// The local track of a slot: another handle to it, not a copy. (`track.clone()` would be the browser's, whose copy is to be
    /// stopped for itself.)
    pub(crate) fn track(&self, slot: Slot) -> Option<MediaStreamTrack> {
        self.state.borrow().tracks.get(&slot).map(|local| Clone::clone(&local.track))
    }

    /// The local track of a slot in a stream of its own.
    pub(crate) fn stream(&self, slot: Slot) -> Option<MediaStream> {
        let track = self.track(slot)?;
        let stream = MediaStream::new().ok()?;
        stream.add_track(&track);
        Some(stream)
    }

    /// Which device the slot is captured with now.
    pub(crate) fn device(&self, slot: Slot) -> Option<String> {
        setting(&self.track(slot)?, "deviceId")
    }

    /// Which device the slot's next capture shall prefer.
    pub(crate) fn choose(&self, slot: Slot, device: String) {
        let mut state = self.state.borrow_mut();
        state.facing = Facing::default();
        state.chosen.insert(slot, device);
    }

    /// Which way the camera looks, if it knows: those of telephones do.
    pub(crate) fn knows_facing(&self) -> bool {
        self.track(Slot::Camera).is_some_and(|track| setting(&track, "facingMode").is_some())
    }

    /// The next camera shall look the other way.
    pub(crate) fn turn_around(&self) {
        let facing = self.track(Slot::Camera).and_then(|track| setting(&track, "facingMode"));
        let mut state = self.state.borrow_mut();
        state.chosen.remove(&Slot::Camera);
        state.facing = match facing.as_deref() {
            Some("environment") => Facing::User,
            Some(_) => Facing::Environment,
            None if state.facing == Facing::User => Facing::Environment,
            None => Facing::User,
        };
    }

    /// What the browser shall do to the microphone's sound.
    pub(crate) fn sound(&self) -> Sound {
        self.state.borrow().sound
    }

    /// Sets it for the next capture.
    pub(crate) fn set_sound(&self, sound: Sound) {
        self.state.borrow_mut().sound = sound;
    }

    /// What a shared screen is to be good at, as the person wants it.
    pub(crate) fn share(&self) -> Share {
        self.state.borrow().share
    }

    /// How it is encoded at this moment.
    pub(crate) fn style(&self) -> Share {
        self.state.borrow().style()
    }

    /// Looks whether the shared screen moves, and lets its track know if that changes how it is encoded.
    pub(crate) fn look_at_screen(&self) {
        let Some(track) = self.track(Slot::Screen) else { return };
        let before = self.style();
        // Chromium 156 counts (W3C Media Capture Extensions, `MediaStreamTrackVideoStats`), Firefox 153 does not.
        if let Some(pictures) = js::get(&js::get(&track, "stats"), "deliveredFrames").as_f64() {
            self.state.borrow_mut().movement.look(js::now(), pictures as u64);
        }
        if self.style() != before {
            self.hint(Slot::Screen, &track);
        }
    }

    /// Sets it, for a screen that is shared already too.
    pub(crate) fn set_share(&self, share: Share) {
        self.state.borrow_mut().share = share;
        if let Some(track) = self.track(Slot::Screen) {
            self.hint(Slot::Screen, &track);
        }
    }

    /// Stops the slot's track, and forgets what was asked for it.
    pub(crate) fn stop(&self, slot: Slot) {
        self.ask(slot);
        // Dropped outside of the borrow: stopping a track may call back.
        let stopped = self.state.borrow_mut().tracks.remove(&slot);
        drop(stopped);
    }

    /// Acquires devices. Microphone and camera asked for at the same moment become one question to the person.
    pub(crate) fn acquire(self: Rc<Self>, slots: &[Slot], input: Inlet) {
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
                let one = Rc::clone(&self).one(slot, asked, Rc::clone(&input));
                wasm_bindgen_futures::spawn_local(one);
            }
        }
    }

    /// Acquires another device for the slot than the one that was tried last.
    pub(crate) fn acquire_another(self: Rc<Self>, slot: Slot, input: Inlet) {
        let asked = self.ask(slot);
        wasm_bindgen_futures::spawn_local(async move {
            let list = devices::list().await;
            let Some(kind) = Kind::of(slot) else { return };
            let not = self.state.borrow().tried.get(&slot).cloned().unwrap_or_default();
            let mut reason = CaptureError::NotFound;
            for id in devices::others(list, kind, &not) {
                match self.user_media(&[slot], &Pick::Exactly(id)).await {
                    Ok(stream) => {
                        self.keep(slot, asked, &stream.get_tracks(), &input);
                        return;
                    }
                    Err(error) => reason = error,
                }
                if reason == CaptureError::Denied {
                    break;
                }
            }
            self.fail(slot, asked, reason, &input);
        });
    }

    async fn both(self: Rc<Self>, asked: (u32, u32), input: Inlet) {
        match self.user_media(&[Slot::Microphone, Slot::Camera], &Pick::Preferred).await {
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

    async fn one(self: Rc<Self>, slot: Slot, asked: u32, input: Inlet) {
        match self.user_media(&[slot], &Pick::Preferred).await {
            Ok(stream) => self.keep(slot, asked, &stream.get_tracks(), &input),
            Err(error) => self.fail(slot, asked, error, &input),
        }
    }

    async fn screen(self: Rc<Self>, asked: u32, input: Inlet) {
        self.name_this_page();
        match display_media().await {
            Ok(stream) => {
                // Before its sound: not a word of it is to be sent back.
                self.keep(Slot::Screen, asked, &stream.get_video_tracks(), &input);
                if stream.get_audio_tracks().length() > 0 {
                    let asked = self.ask(Slot::ScreenSound);
                    self.keep(Slot::ScreenSound, asked, &stream.get_audio_tracks(), &input);
                }
            }
            Err(error) => self.fail(Slot::Screen, asked, error, &input),
        }
    }

    /// Gives this page a name that only pages of its origin can read, and no other page has (W3C Capture Handle, Chromium): if
    /// its own tab is shared, the track has the same.
    fn name_this_page(&self) {
        let Ok(devices) = media_devices() else { return };
        let Ok(function) = js::get(&devices, "setCaptureHandleConfig").dyn_into::<js_sys::Function>() else {
            return;
        };
        let origin = js::window().and_then(|window| window.location().origin()).unwrap_or_default();
        let name = js_sys::Number::from(js_sys::Math::random()).to_string_with_radix(36).unwrap_or_default();
        let config = js::object([
            ("handle", (&name).into()),
            ("permittedOrigins", js_sys::Array::of1(&origin.into()).into()),
        ]);
        // Not allowed to a page within another one, which is nobody's tab.
        let _ = function.call1(&devices, &config);
        self.state.borrow_mut().handle = name.into();
    }

    /// Whether what a screen track shows is this page.
    fn is_this_page(&self, track: &MediaStreamTrack) -> bool {
        let Ok(function) = js::get(track, "getCaptureHandle").dyn_into::<js_sys::Function>() else {
            return false;
        };
        let handle = js::get(&function.call0(track).unwrap_or_default(), "handle");
        handle.is_string() && handle == self.state.borrow().handle
    }

    /// Takes the first track and reports it, unless something else was asked since.
    fn keep(self: &Rc<Self>, slot: Slot, asked: u32, tracks: &js_sys::Array, input: &Inlet) {
        let Ok(track) = tracks.get(0).dyn_into::<MediaStreamTrack>() else {
            self.fail(slot, asked, CaptureError::NotFound, input);
            return;
        };
        if !self.is_current(slot, asked) {
            track.stop();
            return;
        }
        if slot == Slot::Screen {
            self.state.borrow_mut().movement = Movement::default();
        }
        self.hint(slot, &track);
        let ended = {
            let (this, input) = (Rc::downgrade(self), Rc::clone(input));
            Closure::<dyn FnMut()>::new(move || {
                let withdrawn = this.upgrade().is_some_and(|this| this.is_withdrawn(slot));
                input(if withdrawn { Input::Permission(slot, false) } else { Input::CaptureEnded(slot) });
            })
        };
        let muted = {
            let (track, input) = (Clone::clone(&track), Rc::clone(input));
            Closure::<dyn FnMut()>::new(move || input(Input::CaptureMuted(slot, track.muted())))
        };
        let turned = {
            let (this, track, input) = (Rc::downgrade(self), Clone::clone(&track), Rc::clone(input));
            Closure::<dyn FnMut()>::new(move || {
                let itself = this.upgrade().is_some_and(|this| this.is_this_page(&track));
                input(Input::SharesItself(itself));
            })
        };
        if slot == Slot::Screen {
            js::set(&track, HANDLE_CHANGED, turned.as_ref());
            input(Input::SharesItself(self.is_this_page(&track)));
        }
        track.set_onended(Some(ended.as_ref().unchecked_ref()));
        track.set_onmute(Some(muted.as_ref().unchecked_ref()));
        track.set_onunmute(Some(muted.as_ref().unchecked_ref()));
        if let Some(id) = setting(&track, "deviceId") {
            self.state.borrow_mut().tried.insert(slot, id);
        }
        let local = LocalTrack { track, _ended: ended, _muted: muted, _turned: turned };
        let replaced = self.state.borrow_mut().tracks.insert(slot, local);
        drop(replaced);
        self.watch_permission(slot, input);
        input(Input::Captured(slot));
    }

    fn fail(self: &Rc<Self>, slot: Slot, asked: u32, error: CaptureError, input: &Inlet) {
        if self.is_current(slot, asked) {
            self.watch_permission(slot, input);
            input(Input::CaptureFailed(slot, error));
        }
    }

    /// From the first answer on, hears of what the person allows and forbids in the browser's settings.
    fn watch_permission(self: &Rc<Self>, slot: Slot, input: &Inlet) {
        let name = match slot {
            Slot::Microphone => "microphone",
            Slot::Camera => "camera",
            Slot::Screen | Slot::ScreenSound => return,
        };
        if self.state.borrow().permissions.contains_key(&slot) {
            return;
        }
        let (this, input) = (Rc::clone(self), Rc::clone(input));
        wasm_bindgen_futures::spawn_local(async move {
            let weak = Rc::downgrade(&this);
            let changed = move |state: &str| {
                let lives = || weak.upgrade().is_some_and(|this| this.is_live(slot));
                match state {
                    "granted" => input(Input::Permission(slot, true)),
                    // To be asked again next time: what is captured may go on, if the browser lets it.
                    "prompt" if lives() => {}
                    _ => input(Input::Permission(slot, false)),
                }
            };
            if let Some(permission) = Permission::watch(name, changed).await {
                this.state.borrow_mut().permissions.insert(slot, permission);
            }
        });
    }

    /// Whether the browser has taken back its leave.
    fn is_withdrawn(&self, slot: Slot) -> bool {
        self.state.borrow().permissions.get(&slot).is_some_and(Permission::is_withdrawn)
    }

    fn is_live(&self, slot: Slot) -> bool {
        self.track(slot).is_some_and(|track| track.ready_state() == MediaStreamTrackState::Live)
    }

    /// What an encoder should favour (W3C MST Content Hints): text that can be read, faces that move.
    fn hint(&self, slot: Slot, track: &MediaStreamTrack) {
        let state = self.state.borrow();
        if slot == Slot::Screen {
            pace(track, state.style());
        }
        let hint = match slot {
            Slot::Microphone if state.sound.music => "music",
            Slot::Microphone => "speech",
            Slot::Camera => "motion",
            Slot::Screen if state.style() == Share::SmoothMotion => "motion",
            Slot::Screen => "text",
            Slot::ScreenSound => "music",
        };
        js::set(track, "contentHint", hint);
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

    async fn user_media(&self, slots: &[Slot], pick: &Pick) -> Result<MediaStream, CaptureError> {
        let constraints = MediaStreamConstraints::new();
        let list = devices::list().await;
        for slot in slots {
            let device = self.wanted_device(*slot, pick, &list);
            match slot {
                Slot::Microphone => constraints.set_audio(&self.microphone(device)),
                _ => constraints.set_video(&self.camera(device)),
            }
        }
        let promise =
            media_devices()?.get_user_media_with_constraints(&constraints).map_err(|error| reason(&error))?;
        let stream = js::settled(promise.unchecked_into()).await.map_err(|error| reason(&error))?;
        Ok(stream.unchecked_into())
    }

    /// The constraint on the device; what is tried is remembered.
    fn wanted_device(&self, slot: Slot, pick: &Pick, list: &[devices::Device]) -> JsValue {
        let mut state = self.state.borrow_mut();
        let id = match pick {
            Pick::Preferred => state.chosen.get(&slot).cloned(),
            Pick::Exactly(id) => Some(id.clone()),
        };
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            // Whatever the browser prefers.
            state.tried.remove(&slot);
            return JsValue::UNDEFINED;
        };
        // A device that was chosen once may be gone now: then it is a wish. One that is there is a condition, as Chromium
        // follows no wishes since 126 (crbug.com/438606278, "won't fix").
        let is_there = list.iter().any(|device| device.id == id && device.kind.slot() == Some(slot));
        let how = if is_there { "exact" } else { "ideal" };
        let constraint = js::object([(how, id.as_str().into())]);
        state.tried.insert(slot, id);
        constraint
    }

    fn microphone(&self, device: JsValue) -> JsValue {
        let sound = self.sound();
        let channels = if sound.music { js::object([("ideal", 2.into())]) } else { JsValue::UNDEFINED };
        js::object([
            ("deviceId", device),
            ("echoCancellation", (sound.echo_cancellation && !sound.music).into()),
            ("noiseSuppression", (sound.noise_suppression && !sound.music).into()),
            ("autoGainControl", (!sound.music).into()),
            ("channelCount", channels),
        ])
    }

    fn camera(&self, device: JsValue) -> JsValue {
        let facing = match self.state.borrow().facing {
            Facing::User => "user",
            Facing::Environment => "environment",
        };
        js::object([
            ("deviceId", device),
            ("width", js::object([("ideal", 1280.into())])),
            ("height", js::object([("ideal", 720.into())])),
            ("frameRate", js::object([("ideal", 30.into())])),
            ("facingMode", facing.into()),
        ])
    }
}

/// How often a screen is looked at. Chromium sends a page of text that stands still again and again, finer each time, until it
/// is as good as its encoder can make it, but only of a track that may also give no pictures at all: `min` says that it may
/// (libwebrtc, `FrameCadenceAdapter`, zero-hertz mode; `getDisplayMedia` itself takes no `min`). For motion there is no such
/// mode.
fn pace(track: &MediaStreamTrack, share: Share) {
    let (fewest, most) = match share {
        Share::SharpText => (0.into(), SHARP_PICTURES),
        Share::SmoothMotion => (JsValue::UNDEFINED, SMOOTH_PICTURES),
    };
    let rate = js::object([("min", fewest), ("max", most.into())]);
    let constraints = js::object([("frameRate", rate)]);
    if let Ok(promise) = track.apply_constraints_with_constraints(constraints.unchecked_ref()) {
        wasm_bindgen_futures::spawn_local(async move {
            // A browser that will not goes on as before.
            let _ = js::settled(promise.unchecked_into()).await;
        });
    }
}

/// Whether this device can share a screen: telephones cannot.
pub(crate) fn can_share() -> bool {
    get_display_media().is_ok()
}

fn get_display_media() -> Result<(MediaDevices, js_sys::Function), CaptureError> {
    let devices = media_devices()?;
    let function = js::get(&devices, "getDisplayMedia").dyn_into().map_err(|_| CaptureError::Unsupported)?;
    Ok((devices, function))
}

async fn display_media() -> Result<MediaStream, CaptureError> {
    let (devices, function) = get_display_media()?;
    // Whole screens and windows sound of this call too, which would send everybody's voice back to them: their sound is
    // taken only where the browser can leave out what this page plays.
    let leaves_out = js::get(&devices.get_supported_constraints(), "restrictOwnAudio").is_truthy();
    let more_sound = if leaves_out { "include" } else { "exclude" };
    let sound = js::object([
        ("restrictOwnAudio", true.into()),
        // What comes out of a program is no voice in a room.
        ("echoCancellation", false.into()),
        ("noiseSuppression", false.into()),
        ("autoGainControl", false.into()),
        ("channelCount", js::object([("ideal", 2.into())])),
    ]);
    let options = js::object([
        ("video", js::object([("frameRate", js::object([("ideal", SMOOTH_PICTURES.into())]))])),
        // What is shared goes on sounding where it did (no `suppressLocalAudioPlayback`): this page plays it to the
        // others only, so that the person hears it once.
        ("audio", sound),
        // Sharing this very page would be a hall of mirrors; sharing a tab brings its sound along where browsers can.
        ("selfBrowserSurface", "exclude".into()),
        ("surfaceSwitching", "include".into()),
        ("systemAudio", more_sound.into()),
        ("windowAudio", if leaves_out { "window" } else { "exclude" }.into()),
    ]);
    let promise = function.call1(&devices, &options).map_err(|error| reason(&error))?;
    let stream = js::settled(promise.unchecked_into()).await.map_err(|error| reason(&error))?;
    Ok(stream.unchecked_into())
}

fn media_devices() -> Result<MediaDevices, CaptureError> {
    devices::media_devices().ok_or(CaptureError::Unsupported)
}

/// A setting of a track, if it is a text that is not empty.
fn setting(track: &MediaStreamTrack, name: &str) -> Option<String> {
    js::get(&track.get_settings(), name).as_string().filter(|value| !value.is_empty())
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
