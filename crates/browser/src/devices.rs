//! Which cameras and microphones there are to choose from.

use crate::js;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{MediaDeviceInfo, MediaDeviceKind};

/// A camera or a microphone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it captures.
    pub kind: Kind,
    /// What `getUserMedia` calls it; changes from site to site.
    pub id: String,
    /// What the person calls it; empty before permission is given.
    pub label: String,
}

/// What a device captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Microphone,
    /// A picture.
    Camera,
}

/// All cameras and microphones, in the browser's order; none where the browser does not tell.
pub(crate) async fn list() -> Vec<Device> {
    let promise = js::window()
        .and_then(|window| window.navigator().media_devices())
        .and_then(|devices| devices.enumerate_devices());
    let Ok(promise) = promise else { return Vec::new() };
    let Ok(list) = js::settled(promise.unchecked_into()).await else { return Vec::new() };
    Array::from(&list).iter().filter_map(|entry| device(entry.unchecked_ref())).collect()
}

fn device(info: &MediaDeviceInfo) -> Option<Device> {
    let kind = match info.kind() {
        MediaDeviceKind::Audioinput => Kind::Microphone,
        MediaDeviceKind::Videoinput => Kind::Camera,
        _ => return None,
    };
    Some(Device { kind, id: info.device_id(), label: info.label() })
}
