//! What has arrived over a connection, read from `getStats` (W3C WebRTC Statistics).

use crate::js;
use eyeline_call::input::{Picture, Traffic};
use eyeline_protocol::inner::Slot;
use js_sys::Map;
use wasm_bindgen::prelude::*;
use web_sys::{RtcPeerConnection, RtcRtpTransceiver};

/// The slots of [`Traffic::pictures`].
const PICTURES: [Slot; 2] = [Slot::Camera, Slot::Screen];

/// Counts; `None` where the browser gives no statistics.
pub(crate) async fn read(
    connection: &RtcPeerConnection,
    transceivers: Vec<RtcRtpTransceiver>,
) -> Option<Traffic> {
    let report: Map = js::settled(connection.get_stats().unchecked_into()).await.ok()?.unchecked_into();
    let mids = PICTURES.map(|slot| transceivers.get(slot as usize).and_then(RtcRtpTransceiver::mid));
    let mut traffic = Traffic::default();
    report.for_each(&mut |entry, _| match js::get(&entry, "type").as_string().as_deref() {
        Some("candidate-pair") => traffic.received += count(&entry, "bytesReceived"),
        Some("inbound-rtp") => {
            let mid = js::get(&entry, "mid").as_string();
            for (picture, of) in traffic.pictures.iter_mut().zip(&mids) {
                if mid.is_some() && mid == *of {
                    *picture = Picture {
                        bytes: count(&entry, "bytesReceived"),
                        frames: count(&entry, "framesDecoded"),
                    };
                }
            }
        }
        _ => {}
    });
    Some(traffic)
}

fn count(entry: &JsValue, name: &str) -> u64 {
    // Saturates at zero for what is missing.
    js::get(entry, name).as_f64().unwrap_or_default() as u64
}
