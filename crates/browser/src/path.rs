//! How media travels, read from `getStats` (W3C WebRTC Statistics).

use crate::js;
use eyeline_call::input::Path;
use js_sys::Map;
use wasm_bindgen::prelude::*;
use web_sys::RtcPeerConnection;

/// The selected pair's kind; `None` as long as none is selected.
pub(crate) async fn selected(connection: &RtcPeerConnection) -> Option<Path> {
    let report: Map = js::settled(connection.get_stats().unchecked_into()).await.ok()?.unchecked_into();
    let mut by_transport = None;
    let mut by_pair = None;
    report.for_each(&mut |entry, _| match js::get(&entry, "type").as_string().as_deref() {
        Some("transport") => {
            by_transport = by_transport.take().or(js::get(&entry, "selectedCandidatePairId").as_string());
        }
        // Firefox marks the pair itself.
        Some("candidate-pair") if js::get(&entry, "selected").is_truthy() => {
            by_pair = js::get(&entry, "id").as_string();
        }
        _ => {}
    });
    let pair = report.get(&by_transport.or(by_pair)?.into());
    let relayed = ["localCandidateId", "remoteCandidateId"].iter().any(|end| {
        let candidate = report.get(&js::get(&pair, end));
        js::get(&candidate, "candidateType").as_string().as_deref() == Some("relay")
    });
    if pair.is_undefined() {
        return None;
    }
    Some(if relayed { Path::Relayed } else { Path::Direct })
}
