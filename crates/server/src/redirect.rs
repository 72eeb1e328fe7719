//! The plain HTTP listener of a server that has HTTPS: leads people there, and answers the authority's questions.

use crate::host::Host;
use crate::http::{Body, text};
use crate::tls::Tls;
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode, Uri};

/// Where a certificate's authority looks for its proof over HTTP (RFC 8555, 8.3).
const CHALLENGE_PATH: &str = "/.well-known/acme-challenge/";

/// Seconds after which a certificate that is being asked for may be there.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("10");

/// Answers a GET. `port` is that of HTTPS.
pub(crate) fn answer(tls: &Tls, port: u16, host: Option<&Host>, uri: &Uri) -> Response<Body> {
    if let Some(token) = uri.path().strip_prefix(CHALLENGE_PATH) {
        return match tls.http_challenge(token) {
            Some(proof) => text(StatusCode::OK, proof),
            None => text(StatusCode::NOT_FOUND, "nobody has asked for this proof\n"),
        };
    }
    let Some(host) = host else {
        return text(StatusCode::BAD_REQUEST, "the Host header is missing or invalid\n");
    };
    if tls.certificate().is_none() {
        let mut response = text(
            StatusCode::SERVICE_UNAVAILABLE,
            "This Eyeline server has no certificate yet. It is asking for one: come again in a minute.\nIf this \
             stays, the server's log says why.\n",
        );
        response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
        return response;
    }
    let location = tls.name_for(host).and_then(|name| {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let port = if port == 443 { String::new() } else { format!(":{port}") };
        HeaderValue::try_from(format!("https://{name}{port}{path}")).ok()
    });
    match location {
        Some(location) => {
            let mut response = text(StatusCode::PERMANENT_REDIRECT, "this page is served over HTTPS only\n");
            response.headers_mut().insert(LOCATION, location);
            response
        }
        None => text(StatusCode::MISDIRECTED_REQUEST, "this server has no certificate for this name\n"),
    }
}
