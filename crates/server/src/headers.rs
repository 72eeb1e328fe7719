//! What every response tells the browser to forbid.

use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The page's Content Security Policy (W3C CSP 3). `{HOST}` becomes the host by which the page was reached: `'self'`
/// alone covers WebSockets of the same origin only in newer browsers (Safari since 15.4).
///
/// No inline code, no third party, no frame, no form. The page makes no HTML from text, and the browser holds it to
/// that: the one Trusted Types policy it may have makes the address of its worker.
pub const CONTENT_SECURITY_POLICY_TEMPLATE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; \
    connect-src 'self' ws://{HOST} wss://{HOST}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; trusted-types eyeline-timer; require-trusted-types-for 'script'";

/// What the page may ask the person for: what a call needs, and nothing else.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
    picture-in-picture=(self), screen-wake-lock=(self), speaker-selection=(self), autoplay=(self), \
    clipboard-write=(self), accelerometer=(), browsing-topics=(), clipboard-read=(), \
    encrypted-media=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), \
    magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), storage-access=(), usb=(), \
    xr-spatial-tracking=()";

/// Headers that are the same in every response. No `Strict-Transport-Security`: this server has no TLS yet, and a
/// browser ignores it over plain HTTP (RFC 6797, 8.1). No cookies, and no cross-origin sharing.
const FIXED: [(HeaderName, &str); 8] = [
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// Adds them all. `host` is a valid `Host`, or none where the request had none.
pub(crate) fn add(headers: &mut HeaderMap, host: Option<&str>) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = match host {
        Some(host) => CONTENT_SECURITY_POLICY_TEMPLATE.replace("{HOST}", host),
        None => CONTENT_SECURITY_POLICY_TEMPLATE.replace(" ws://{HOST} wss://{HOST}", ""),
    };
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}
