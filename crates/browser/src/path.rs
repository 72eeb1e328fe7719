//! How media travels, read from `getStats` (W3C WebRTC Statistics).

use crate::js;
use eyeline_call::input::{Path, RelayTransport};
use js_sys::Map;
use wasm_bindgen::prelude::*;
use web_sys::RtcPeerConnection;

/// The selected pair's kind; `None` as long as none is selected, or it is not certain.
///
/// `complete`: all candidates of the other end are known. Before that, an address from which the other end's packets
/// come (a peer-reflexive candidate) may still turn out to be that of a relay.
pub(crate) async fn selected(connection: &RtcPeerConnection, complete: bool) -> Option<Path> {
    let report: Map = js::settled(connection.get_stats().unchecked_into()).await.ok()?.unchecked_into();
    let mut by_transport = None;
    let mut by_pair = None;
    // The addresses of the other end's relays.
    let mut relays = Vec::new();
    report.for_each(&mut |entry, _| match text(&entry, "type").as_str() {
        "transport" => {
            by_transport = by_transport.take().or(js::get(&entry, "selectedCandidatePairId").as_string());
        }
        // Firefox marks the pair itself.
        "candidate-pair" if js::get(&entry, "selected").is_truthy() => {
            by_pair = js::get(&entry, "id").as_string();
        }
        "remote-candidate" if text(&entry, "candidateType") == "relay" => relays.push(place(&entry)),
        _ => {}
    });
    let pair = report.get(&by_transport.or(by_pair)?.into());
    let local = report.get(&js::get(&pair, "localCandidateId"));
    let remote = report.get(&js::get(&pair, "remoteCandidateId"));
    let (from, to) = (text(&local, "candidateType"), text(&remote, "candidateType"));
    if from == "relay" {
        return Some(Path::Relayed(transport(&local)));
    }
    match to.as_str() {
        "relay" => Some(Path::Relayed(RelayTransport::TheOthers)),
        "prflx" if relays.contains(&place(&remote)) => Some(Path::Relayed(RelayTransport::TheOthers)),
        "prflx" if !complete => None,
        "" => None,
        _ => Some(Path::Direct),
    }
}

/// Address and port of a candidate. Chromium keeps an address to itself that nobody has named; then no relay's equals it.
fn place(candidate: &JsValue) -> (String, Option<f64>) {
    (text(candidate, "address"), js::get(candidate, "port").as_f64())
}

/// By what an own candidate reaches its relay.
fn transport(candidate: &JsValue) -> RelayTransport {
    match text(candidate, "relayProtocol").as_str() {
        "tcp" => RelayTransport::Tcp,
        "tls" => RelayTransport::Tls,
        _ => RelayTransport::Udp,
    }
}

fn text(entry: &JsValue, name: &str) -> String {
    js::get(entry, name).as_string().unwrap_or_default()
}
