//! What web-sys 0.3.107 does not know yet. Functions that some browser lacks are looked up before they are called.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{MediaStream, RtcPeerConnection, RtcRtpReceiver, RtcRtpSender};

#[wasm_bindgen]
extern "C" {
    /// `RTCPeerConnection` with the operations of W3C WebRTC that came after web-sys' interface description.
    #[wasm_bindgen(extends = RtcPeerConnection)]
    pub(crate) type ModernPeerConnection;

    /// `setLocalDescription()` without argument: makes the offer or answer that is due (W3C WebRTC 4.4.1.5).
    #[wasm_bindgen(method, js_name = setLocalDescription)]
    pub(crate) fn set_local_description_due(this: &ModernPeerConnection) -> Promise;

    #[wasm_bindgen(method, js_name = restartIce)]
    pub(crate) fn restart_ice(this: &ModernPeerConnection);

    /// `addIceCandidate` with a plain dictionary.
    #[wasm_bindgen(method, js_name = addIceCandidate)]
    pub(crate) fn add_candidate(this: &ModernPeerConnection, candidate: &JsValue) -> Promise;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn sctp(this: &ModernPeerConnection) -> Option<WithTransport>;

    /// `RTCRtpSender` with `setStreams`.
    #[wasm_bindgen(extends = RtcRtpSender)]
    pub(crate) type ModernSender;

    #[wasm_bindgen(method, catch, js_name = setStreams)]
    pub(crate) fn set_streams(this: &ModernSender, stream: &MediaStream) -> Result<(), JsValue>;

    /// `RTCRtpReceiver` or `RTCSctpTransport`: both have a DTLS transport.
    #[wasm_bindgen(extends = RtcRtpReceiver)]
    pub(crate) type WithTransport;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn transport(this: &WithTransport) -> Option<DtlsTransport>;

    /// `RTCDtlsTransport`.
    pub(crate) type DtlsTransport;

    /// DER of the certificates that the other end showed (`ArrayBuffer`s), its own first.
    #[wasm_bindgen(method, js_name = getRemoteCertificates)]
    pub(crate) fn remote_certificates(this: &DtlsTransport) -> Array;
}
