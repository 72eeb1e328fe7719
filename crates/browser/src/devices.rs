//! Which cameras, microphones and speakers there are to choose from, and what can be asked of them.

use crate::js;
use eyeline_protocol::inner::Slot;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{MediaDeviceInfo, MediaDeviceKind, MediaDevices};

/// A camera, a microphone or a speaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is for.
    pub kind: Kind,
    /// What `getUserMedia` and `setSinkId` call it; changes from site to site. Empty before permission is given.
    pub id: String,
    /// What the person calls it; empty before permission is given.
    pub label: String,
    /// Devices of one group are one thing to hold: a headset's microphone and its speaker. May be empty.
    pub group: String,
}

/// What a device is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Captures sound.
    Microphone,
    /// Captures a picture.
    Camera,
    /// Plays sound. Some browsers name none.
    Speaker,
}

impl Kind {
    /// The slot that a device of this kind captures for; none for a speaker.
    pub fn slot(self) -> Option<Slot> {
        match self {
            Self::Microphone => Some(Slot::Microphone),
            Self::Camera => Some(Slot::Camera),
            Self::Speaker => None,
        }
    }

    /// The kind of device that captures for this slot; none for a screen.
    pub(crate) fn of(slot: Slot) -> Option<Self> {
        match slot {
            Slot::Microphone => Some(Self::Microphone),
            Slot::Camera => Some(Self::Camera),
            Slot::Screen | Slot::ScreenSound => None,
        }
    }
}

impl Device {
    /// Whether it stands for another one of the list (Chromium: whatever the system prefers at the moment).
    fn is_alias(&self) -> bool {
        matches!(self.id.as_str(), "default" | "communications")
    }
}

/// Nobody waits for more of them to fail.
const DEVICES_TRIED: usize = 4;

/// What the browser does to a microphone's sound before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Takes away what the own speaker plays. Off only with headphones.
    pub echo_cancellation: bool,
    /// Takes away what is no voice.
    pub noise_suppression: bool,
    /// For instruments and song: all of the above off, loudness left as it is, two channels where the microphone has
    /// them, and more bits a second. Wants headphones.
    pub music: bool,
}

impl Default for Sound {
    fn default() -> Self {
        Self { echo_cancellation: true, noise_suppression: true, music: false }
    }
}

/// What a shared screen is to be good at when it cannot be good at everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// Every letter can be read; what moves may do so in steps.
    #[default]
    SharpText,
    /// Films and games move smoothly; letters may blur.
    SmoothMotion,
}

/// How the person can choose where sound is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeakerChoice {
    /// Only in the system's own settings.
    System,
    /// Among the listed devices of [`Kind::Speaker`].
    List,
    /// The same; and the browser names further ones if asked by [`Client::ask_for_speaker`].
    ///
    /// [`Client::ask_for_speaker`]: crate::Client::ask_for_speaker
    Ask,
}

/// All devices, in the browser's order; none where the browser does not tell.
pub(crate) async fn list() -> Vec<Device> {
    let Some(devices) = media_devices() else { return Vec::new() };
    let Ok(promise) = devices.enumerate_devices() else { return Vec::new() };
    let Ok(list) = js::settled(promise.unchecked_into()).await else { return Vec::new() };
    Array::from(&list).iter().filter_map(|entry| device(entry.unchecked_ref())).collect()
}

/// Absent where the page is not served over HTTPS (nor from localhost).
pub(crate) fn media_devices() -> Option<MediaDevices> {
    let devices = js::window().ok()?.navigator().media_devices().ok()?;
    (!devices.is_undefined()).then_some(devices)
}

fn device(info: &MediaDeviceInfo) -> Option<Device> {
    let kind = match info.kind() {
        MediaDeviceKind::Audioinput => Kind::Microphone,
        MediaDeviceKind::Videoinput => Kind::Camera,
        MediaDeviceKind::Audiooutput => Kind::Speaker,
        _ => return None,
    };
    Some(Device { kind, id: info.device_id(), label: info.label(), group: info.group_id() })
}

/// Those of `now` that were not there `before`. Browsers hide names, and some also the number of devices, as long as the
/// person has not allowed them: what becomes known then has not appeared.
pub(crate) fn appeared(before: &[Device], now: &[Device]) -> Vec<Device> {
    let is_new = |device: &&Device| {
        let mut known =
            before.iter().filter(|other| other.kind == device.kind && !other.is_alias()).peekable();
        let comparable = known.peek().is_none_or(|other| !other.id.is_empty() && !device.id.is_empty());
        !device.is_alias() && comparable && known.all(|other| other.id != device.id)
    };
    now.iter().filter(is_new).cloned().collect()
}

/// Whether `list` tells of its kind's devices, and this one is not among them.
pub(crate) fn is_gone(list: &[Device], kind: Kind, id: &str) -> bool {
    let mut known = list.iter().filter(|device| device.kind == kind && !device.id.is_empty()).peekable();
    let told = known.peek().is_some() || (!list.is_empty() && list.iter().all(|device| device.kind != kind));
    !id.is_empty() && told && known.all(|device| device.id != id)
}

/// The devices of the kind that can be tried in place of `not`: those that are no other's alias, in the browser's order.
pub(crate) fn others(list: Vec<Device>, kind: Kind, not: &str) -> Vec<String> {
    let is_other = |device: &Device| {
        device.kind == kind && !device.is_alias() && !device.id.is_empty() && device.id != not
    };
    list.into_iter().filter(is_other).map(|device| device.id).take(DEVICES_TRIED).collect()
}

/// How the person can choose where sound is played.
pub(crate) fn speaker_choice() -> SpeakerChoice {
    let element = js::get(&js_sys::global(), "HTMLMediaElement");
    if !js::get(&js::get(&element, "prototype"), "setSinkId").is_function() {
        SpeakerChoice::System
    } else if media_devices().is_some_and(|devices| js::get(&devices, "selectAudioOutput").is_function()) {
        SpeakerChoice::Ask
    } else {
        SpeakerChoice::List
    }
}

/// Lets the browser ask the person for a speaker.
pub(crate) async fn ask_for_speaker() -> Option<String> {
    let devices = media_devices()?;
    let ask = js::get(&devices, "selectAudioOutput").dyn_into::<js_sys::Function>().ok()?;
    let picked = js::settled(ask.call0(&devices).ok()?.unchecked_into()).await.ok()?;
    js::get(&picked, "deviceId").as_string()
}
