//! What each path answers.

use crate::accept::{Entrance, Visit};
use crate::counters::Counters;
use crate::forwarded::TrustedProxies;
use crate::headers::{self, Circumstances};
use crate::host::{self, Host};
use crate::hub::Hub;
use crate::relay::Relay;
use crate::stream::Stream;
use crate::tls::Tls;
use crate::{assets, redirect, socket};
use bytes::Bytes;
use eyeline_protocol::outer::{IceServer, SUBPROTOCOL};
use eyeline_rooms::AddressGroup;
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// What every request needs.
pub(crate) struct Site {
    pub(crate) hub: Hub,
    /// STUN and TURN, which are also spoken on the port of HTTPS.
    pub(crate) relay: Option<Arc<Relay>>,
    pub(crate) counters: Arc<Counters>,
    /// Origins that may open a WebSocket, besides the one of the request's `Host`.
    pub(crate) allowed_origins: Vec<String>,
    /// Origins that may show the page in a frame.
    pub(crate) embedders: Vec<String>,
    pub(crate) proxies: TrustedProxies,
    /// With HTTPS.
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) ice: IceAdvertisement,
    /// Tasks of WebSockets, waited for at the end.
    pub(crate) tasks: TaskTracker,
}

/// Which ICE servers a client is told.
pub(crate) struct IceAdvertisement {
    /// Our own STUN's port.
    pub(crate) stun_port: Option<u16>,
    /// Our own second STUN port.
    pub(crate) second_stun_port: Option<u16>,
    /// The relay's port for TCP; `None` if there is no relay.
    pub(crate) relay_tcp_port: Option<u16>,
    /// The host of our own STUN and relay, if not that by which the page was reached.
    pub(crate) stun_host: Option<String>,
    /// Other servers.
    pub(crate) others: Vec<String>,
}

pub(crate) type Body = Full<Bytes>;

/// Answers one request.
pub(crate) fn respond(site: &Arc<Site>, visit: &Visit, mut request: Request<Incoming>) -> Response<Body> {
    let host = Host::of(request.headers());
    let client = site.proxies.client(visit.source.ip(), request.headers());
    let is_https = visit.entrance == Entrance::Tls || client.is_https;
    let mut response = match route(site, visit, host.as_ref(), is_https, &request) {
        Route::Answer(response) => response,
        Route::WebSocket { host, accept } => {
            open_web_socket(site, client.address.into(), visit, &host, &mut request);
            switching_protocols(&accept)
        }
    };
    let is_vouched_for = site.tls.as_ref().is_some_and(|tls| tls.is_vouched_for());
    let host = host.map(|host| host.to_string());
    let circumstances = Circumstances {
        host: host.as_deref(),
        is_https,
        hsts: visit.entrance == Entrance::Tls && is_vouched_for,
        embedders: &site.embedders,
    };
    headers::add(response.headers_mut(), &circumstances);
    site.counters.responses.add(1);
    if request.method() != Method::HEAD {
        site.counters.response_bytes.add(length(&response));
    }
    response
}

enum Route {
    Answer(Response<Body>),
    WebSocket { host: Host, accept: String },
}

fn route(
    site: &Site,
    visit: &Visit,
    host: Option<&Host>,
    is_https: bool,
    request: &Request<Incoming>,
) -> Route {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Route::Answer(response);
    }
    // Whether the process lives does not depend on how it was reached.
    if path == "/healthz" {
        return Route::Answer(text(StatusCode::OK, "ok"));
    }
    // Who comes through a proxy that has ended TLS is where they should be.
    if let (Some(tls), Entrance::Redirect { port }, false) = (&site.tls, visit.entrance, is_https) {
        return Route::Answer(redirect::answer(tls, port, host, request.uri()));
    }
    let Some(host) = host else {
        return Route::Answer(text(StatusCode::BAD_REQUEST, "the Host header is missing or invalid\n"));
    };
    if path == "/signal" {
        return match check_handshake(site, host, is_https, request) {
            Ok(accept) => Route::WebSocket { host: host.clone(), accept },
            Err(response) => Route::Answer(*response),
        };
    }
    Route::Answer(match assets::find(path) {
        Some(asset) => file(asset, request.headers()),
        None => text(StatusCode::NOT_FOUND, "there is nothing here\n"),
    })
}

fn file(asset: &assets::Asset, request: &HeaderMap) -> Response<Body> {
    let accepted = request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (coding, bytes) = asset.encoded(accepted);
    let mut response = Response::new(Full::new(Bytes::from_static(bytes)));
    let caching = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn length(response: &Response<Body>) -> usize {
    let exact = hyper::body::Body::size_hint(response.body()).exact();
    exact.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default()
}

// --- The WebSocket handshake (RFC 6455, 4.2) ----------------------------------------------------------------------

/// The accept key, or why not: 426 for what is no WebSocket handshake of version 13, 403 for another or no origin,
/// 400 for a broken key or a missing subprotocol. A page cannot see which, but its author can.
fn check_handshake(
    site: &Site,
    host: &Host,
    is_https: bool,
    request: &Request<Incoming>,
) -> Result<String, Box<Response<Body>>> {
    let headers = request.headers();
    let refuse = |status, reason: &'static str| Err(Box::new(text(status, reason)));
    if request.method() != Method::GET
        || !names(headers, CONNECTION, "upgrade")
        || !names(headers, UPGRADE, "websocket")
        || !names(headers, SEC_WEBSOCKET_VERSION, "13")
    {
        let mut response = text(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket, version 13\n");
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return Err(Box::new(response));
    }
    // Browsers always send one with WebSockets: without this check, any page anywhere could use its visitors'
    // addresses and networks to come here.
    let origin = host::origin(headers);
    let is_allowed = |origin: &str| {
        host.is_origin(origin, is_https)
            || site.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    };
    if !origin.is_some_and(is_allowed) {
        return refuse(StatusCode::FORBIDDEN, "this origin may not connect here\n");
    }
    if !names(headers, SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return refuse(StatusCode::BAD_REQUEST, "the subprotocol eyeline.1 is missing\n");
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
    match key.and_then(socket::accept_key) {
        Some(accept) => Ok(accept),
        None => refuse(StatusCode::BAD_REQUEST, "the WebSocket key is missing or broken\n"),
    }
}

/// Whether a list header names `wanted` (RFC 9110, 5.6.1).
fn names(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(wanted))
}

fn switching_protocols(accept: &str) -> Response<Body> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// Starts the WebSocket's task, which waits for the response to have been sent.
fn open_web_socket(
    site: &Arc<Site>,
    address: AddressGroup,
    visit: &Visit,
    host: &Host,
    request: &mut Request<Incoming>,
) {
    let upgrade = hyper::upgrade::on(request);
    let ice_servers = site.ice.servers(host, visit.entrance == Entrance::Tls);
    let mapping_check = site.ice.mapping_check(host);
    let (site, admission) = (Arc::clone(site), Arc::clone(&visit.admission));
    site.tasks.clone().spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            // The stream itself, so that nothing of HTTP stays in memory.
            if let Ok(parts) = upgraded.downcast::<TokioIo<Stream>>() {
                let (stream, read_ahead) = (parts.io.into_inner(), parts.read_buf);
                socket::run(stream, read_ahead, &site.hub, address, ice_servers, mapping_check).await;
            }
        }
        drop(admission);
    });
}

impl IceAdvertisement {
    /// As everybody is told them, without credentials. `over_tls`: the page came over our own TLS, where the relay
    /// answers too; not so behind a proxy that ends TLS.
    fn servers(&self, host: &Host, over_tls: bool) -> Vec<IceServer> {
        let name = self.stun_host.as_deref().unwrap_or(host.name());
        let stun = self.stun_port.map(|port| format!("stun:{name}:{port}"));
        let udp = self.stun_port.filter(|_| self.relay_tcp_port.is_some());
        let udp = udp.map(|port| format!("turn:{name}:{port}?transport=udp"));
        let tcp = self.relay_tcp_port.map(|port| format!("turn:{name}:{port}?transport=tcp"));
        // Under the page's own name: the certificate is for that.
        let tls = (self.relay_tcp_port.is_some() && over_tls)
            .then(|| format!("turns:{}:{}?transport=tcp", host.name(), host.port().unwrap_or(443)));
        let own = [stun, udp, tcp, tls].into_iter().flatten();
        own.chain(self.others.iter().cloned()).map(without_credential).collect()
    }

    /// The second STUN port, or nothing.
    fn mapping_check(&self, host: &Host) -> String {
        let name = self.stun_host.as_deref().unwrap_or(host.name());
        self.second_stun_port.map(|port| format!("stun:{name}:{port}")).unwrap_or_default()
    }
}

fn without_credential(url: String) -> IceServer {
    IceServer { url, username: String::new(), credential: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advertisement() -> IceAdvertisement {
        IceAdvertisement {
            stun_port: Some(3478),
            second_stun_port: Some(3479),
            relay_tcp_port: Some(3478),
            stun_host: None,
            others: vec!["stun:stun.example.org".to_owned()],
        }
    }

    fn urls(advertisement: &IceAdvertisement, host: &str, over_tls: bool) -> Vec<String> {
        let servers = advertisement.servers(&Host::parse(host).unwrap(), over_tls);
        servers.into_iter().map(|server| server.url).collect()
    }

    #[test]
    fn everything_is_named_by_the_host_of_the_page() {
        let advertisement = advertisement();
        let plain = [
            "stun:call.example:3478",
            "turn:call.example:3478?transport=udp",
            "turn:call.example:3478?transport=tcp",
            "stun:stun.example.org",
        ];
        assert_eq!(urls(&advertisement, "call.example:8080", false), plain);
        let secure = urls(&advertisement, "call.example", true);
        assert_eq!(secure[3], "turns:call.example:443?transport=tcp");
        let secure = urls(&advertisement, "[2001:db8::1]:8443", true);
        assert_eq!(secure[0], "stun:[2001:db8::1]:3478");
        assert_eq!(secure[3], "turns:[2001:db8::1]:8443?transport=tcp");
        let host = Host::parse("call.example:8080").unwrap();
        assert_eq!(advertisement.mapping_check(&host), "stun:call.example:3479");
    }

    #[test]
    fn another_host_for_stun_is_not_one_for_tls() {
        let advertisement =
            IceAdvertisement { stun_host: Some("stun.example".to_owned()), ..advertisement() };
        let urls = urls(&advertisement, "call.example", true);
        assert_eq!(urls[1], "turn:stun.example:3478?transport=udp");
        assert_eq!(urls[3], "turns:call.example:443?transport=tcp");
    }

    #[test]
    fn what_is_not_there_is_not_named() {
        let without_relay = IceAdvertisement { relay_tcp_port: None, ..advertisement() };
        assert_eq!(
            urls(&without_relay, "call.example", true),
            ["stun:call.example:3478", "stun:stun.example.org"]
        );
        let others_only = IceAdvertisement { stun_port: None, second_stun_port: None, ..without_relay };
        assert_eq!(urls(&others_only, "call.example", false), ["stun:stun.example.org"]);
        assert_eq!(others_only.mapping_check(&Host::parse("call.example").unwrap()), "");
    }
}
