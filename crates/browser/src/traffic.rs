//! What has arrived over a connection, and what of the own media at the other end, read from `getStats` (W3C WebRTC Statistics).

use crate::js;
use eyeline_call::input::{Picture, Traffic};
use eyeline_protocol::Milliseconds;
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
    let mut reported_at = 0.0;
    report.for_each(&mut |entry, _| match js::get(&entry, "type").as_string().as_deref() {
        Some("candidate-pair") => {
            traffic.received += count(&entry, "bytesReceived");
            if js::get(&entry, "nominated").is_truthy() {
                traffic.round_trip = traffic.round_trip.max(milliseconds(&entry, "currentRoundTripTime"));
            }
        }
        Some("inbound-rtp") => {
            traffic.packets += count(&entry, "packetsReceived");
            traffic.lost += count(&entry, "packetsLost");
            traffic.frozen = traffic.frozen + milliseconds(&entry, "totalFreezesDuration");
            if js::get(&entry, "kind").as_string().as_deref() == Some("audio") {
                traffic.jitter = traffic.jitter.max(milliseconds(&entry, "jitter"));
            }
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
        Some("remote-inbound-rtp") => {
            let outgoing = &mut traffic.outgoing;
            let lost = js::get(&entry, "fractionLost").as_f64().unwrap_or_default() * 1000.0;
            outgoing.lost = outgoing.lost.max(lost as u64);
            // Of sound comes a report every few seconds only.
            let at = js::get(&entry, "timestamp").as_f64().unwrap_or_default();
            if at >= reported_at {
                reported_at = at;
                outgoing.round_trip = milliseconds(&entry, "roundTripTime");
            }
        }
        _ => {}
    });
    Some(traffic)
}

pub(crate) fn count(entry: &JsValue, name: &str) -> u64 {
    // Saturates at zero for what is missing, and for packets that came twice and so make less than none lost.
    js::get(entry, name).as_f64().unwrap_or_default() as u64
}

/// What the browser counts in seconds.
pub(crate) fn milliseconds(entry: &JsValue, name: &str) -> Milliseconds {
    Milliseconds((js::get(entry, name).as_f64().unwrap_or_default() * 1000.0) as u64)
}
