//! The page's own DTLS certificate, and the hash of the one that the other end really used.

use crate::js;
use crate::webrtc_ext::{DtlsTransport, ModernPeerConnection, WithTransport};
use eyeline_protocol::ids::CertificateHash;
use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use web_sys::{RtcCertificate, RtcConfiguration, RtcPeerConnection, RtcRtpReceiver};

/// One certificate for all connections of this page, and its hash.
pub(crate) struct OwnCertificate {
    pub(crate) certificate: RtcCertificate,
    pub(crate) hash: CertificateHash,
}

impl OwnCertificate {
    /// Draws one: ECDSA with P-256, which every browser must offer (RFC 8827, 6.5).
    pub(crate) async fn generate() -> Result<Self, JsValue> {
        let algorithm = js::object([("name", "ECDSA".into()), ("namedCurve", "P-256".into())]);
        let promise = RtcPeerConnection::generate_certificate_with_object(algorithm.unchecked_ref())?;
        let certificate: RtcCertificate = js::settled(promise.unchecked_into()).await?.unchecked_into();
        let hash = match fingerprint(&certificate) {
            Some(hash) => hash,
            None => fingerprint_from_offer(&certificate).await?,
        };
        Ok(Self { certificate, hash })
    }
}

/// `RTCCertificate.getFingerprints()`, which Firefox lacks.
fn fingerprint(certificate: &RtcCertificate) -> Option<CertificateHash> {
    let function = js::get(certificate, "getFingerprints").dyn_into::<js_sys::Function>().ok()?;
    let list: Array = function.call0(certificate).ok()?.dyn_into().ok()?;
    let sha256 = list.iter().find(|entry| {
        js::get(entry, "algorithm").as_string().is_some_and(|name| name.eq_ignore_ascii_case("sha-256"))
    })?;
    parse(&js::get(&sha256, "value").as_string()?)
}

/// The same from the `a=fingerprint` line (RFC 8122, 5) of a description made with it.
async fn fingerprint_from_offer(certificate: &RtcCertificate) -> Result<CertificateHash, JsValue> {
    let configuration = RtcConfiguration::new();
    configuration.set_certificates(&Array::of1(certificate));
    let connection = RtcPeerConnection::new_with_configuration(&configuration)?;
    connection.create_data_channel("");
    let offer = js::settled(connection.create_offer().unchecked_into()).await;
    connection.close();
    let sdp = js::get(&offer?, "sdp").as_string().unwrap_or_default();
    sdp.lines()
        .find_map(|line| line.strip_prefix("a=fingerprint:sha-256 "))
        .and_then(parse)
        .ok_or_else(|| JsValue::from_str("the browser does not tell its certificate's fingerprint"))
}

/// Pairs of hexadecimal digits with colons between them.
fn parse(fingerprint: &str) -> Option<CertificateHash> {
    let pairs = fingerprint.trim().split(':').map(|pair| u8::from_str_radix(pair, 16).ok());
    CertificateHash::try_from(pairs.collect::<Option<Vec<u8>>>()?.as_slice()).ok()
}

/// The hash of the certificate that the other end showed; `Ok(None)` where the browser lacks
/// `getRemoteCertificates`, an error where it has it and tells nothing.
///
/// Chromium 156 may say `connected` a moment before it lists the certificate (seen with Firefox at the other end), so
/// an empty list is looked at again for a while.
pub(crate) async fn remote(
    connection: &RtcPeerConnection,
    receiver: Option<RtcRtpReceiver>,
) -> Result<Option<CertificateHash>, JsValue> {
    let mut tries = 0;
    loop {
        match listed(connection, receiver.clone()) {
            Err(_) if tries < LOOKS => js::sleep(LOOK_AGAIN_MILLISECONDS).await,
            result => return result,
        }
        tries += 1;
    }
}

/// Two seconds in all: then the connection is of no use, and the engine makes another.
const LOOKS: u32 = 40;
const LOOK_AGAIN_MILLISECONDS: i32 = 50;

fn listed(
    connection: &RtcPeerConnection,
    receiver: Option<RtcRtpReceiver>,
) -> Result<Option<CertificateHash>, JsValue> {
    // All m-lines are bundled, so every transport is the same one. Firefox may have none at a receiver that has not
    // been used yet.
    let transport: Option<DtlsTransport> = receiver
        .and_then(|receiver| receiver.unchecked_ref::<WithTransport>().transport())
        .or_else(|| connection.unchecked_ref::<ModernPeerConnection>().sctp()?.transport());
    let Some(transport) = transport else { return Ok(None) };
    if !js::get(transport.as_ref(), "getRemoteCertificates").is_function() {
        return Ok(None);
    }
    let certificate = transport.remote_certificates().get(0);
    if certificate.is_undefined() {
        return Err(JsValue::from_str("a connected transport has no remote certificate"));
    }
    let hash: [u8; 32] = Sha256::digest(Uint8Array::new(&certificate).to_vec()).into();
    Ok(Some(CertificateHash(hash)))
}
