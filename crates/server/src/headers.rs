//! What every response tells the browser to forbid.

use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// The page's Content Security Policy (W3C CSP 3). `{HOST}` becomes the host by which the page was reached: `'self'`
/// alone covers WebSockets of the same origin only in newer browsers (Safari since 15.4).
///
/// `{EMBEDDERS}` becomes the origins that may show the page in a frame.
///
/// No inline code, no third party, no frame in it, no form. The page makes no HTML from text, and the browser holds it to
/// that: the one Trusted Types policy it may have makes the address of its worker.
pub const CONTENT_SECURITY_POLICY_TEMPLATE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; \
    connect-src 'self' ws://{HOST} wss://{HOST}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors {EMBEDDERS}; trusted-types eyeline-timer; require-trusted-types-for 'script'";

/// What the page may ask the person for: what a call needs, and nothing else. `self` is this page's own origin, in a frame
/// too: there the embedding page must hand each of these on (`<iframe allow="camera; microphone; …">`), and nothing said
/// here could do it in its place (W3C Permissions Policy, 9.7).
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
    picture-in-picture=(self), screen-wake-lock=(self), speaker-selection=(self), autoplay=(self), \
    clipboard-write=(self), accelerometer=(), browsing-topics=(), clipboard-read=(), \
    encrypted-media=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), \
    magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), storage-access=(), usb=(), \
    xr-spatial-tracking=()";

/// Two years of nothing but HTTPS (RFC 6797). Not for subdomains: they may be somebody else's.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Headers that are the same in every response. No cookies, and no cross-origin sharing.
const FIXED: [(HeaderName, &str); 7] = [
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// What decides about the rest.
pub(crate) struct Circumstances<'a> {
    /// A valid `Host`, or none where the request had none.
    pub(crate) host: Option<&'a str>,
    /// The browser came over TLS: the page needs no WebSocket without it.
    pub(crate) is_https: bool,
    /// It may be told to come over TLS only. A browser ignores that over plain HTTP (RFC 6797, 8.1), and a proxy in
    /// front of this server must say it itself: whether its certificate is good is not known here.
    pub(crate) hsts: bool,
    /// Origins that may show the page in a frame; usually none.
    pub(crate) embedders: &'a [String],
}

/// Adds them all.
pub(crate) fn add(headers: &mut HeaderMap, circumstances: &Circumstances<'_>) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if circumstances.hsts {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    let embedders = match circumstances.embedders {
        [] => {
            // For browsers that know no `frame-ancestors`. It can name no origins, so with some it must be silent.
            headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
            "'none'".to_owned()
        }
        origins => origins.join(" "),
    };
    let template = CONTENT_SECURITY_POLICY_TEMPLATE.replace("{EMBEDDERS}", &embedders);
    let policy = match circumstances.host {
        Some(host) if circumstances.is_https => template.replace("ws://{HOST} ", "").replace("{HOST}", host),
        Some(host) => template.replace("{HOST}", host),
        None => template.replace(" ws://{HOST} wss://{HOST}", ""),
    };
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}
