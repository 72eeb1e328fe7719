//! What each path answers, header by header.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{TestServer, loopback};

/// The whole response but for what changes with each run.
fn normal(server: &TestServer, response: &str) -> String {
    let host = server.http().to_string();
    let (head, _) = response.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head
        .replace(&host, "HOST")
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.starts_with("date:"))
        .collect();
    lines[1..].sort();
    lines.join("\n")
}

/// In every response, whatever it is.
const SECURITY: &str = "\
content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self' ws://HOST wss://HOST; \
worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
trusted-types eyeline-timer; require-trusted-types-for 'script'
cross-origin-embedder-policy: require-corp
cross-origin-opener-policy: same-origin
cross-origin-resource-policy: same-origin
permissions-policy: camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
picture-in-picture=(self), screen-wake-lock=(self), speaker-selection=(self), autoplay=(self), \
clipboard-write=(self), accelerometer=(), browsing-topics=(), clipboard-read=(), \
encrypted-media=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
midi=(), payment=(), publickey-credentials-get=(), serial=(), storage-access=(), usb=(), \
xr-spatial-tracking=()
referrer-policy: no-referrer
x-content-type-options: nosniff
x-frame-options: DENY
x-robots-tag: noindex";

fn expected(status: &str, others: &[&str]) -> String {
    let mut lines: Vec<_> =
        SECURITY.lines().chain(others.iter().copied()).chain(["connection: close"]).collect();
    lines.sort_unstable();
    format!("HTTP/1.1 {status}\n{}", lines.join("\n"))
}

#[tokio::test]
async fn every_route_answers_with_exactly_its_headers() {
    let server = TestServer::start().await;
    let text = "content-type: text/plain; charset=utf-8";
    let no_store = "cache-control: no-store";
    for (method, path, status, others) in [
        ("GET", "/healthz", "200 OK", vec![text, no_store, "content-length: 2"]),
        ("GET", "/nothing", "404 Not Found", vec![text, no_store, "content-length: 22"]),
        ("GET", "/index.html", "404 Not Found", vec![text, no_store, "content-length: 22"]),
        ("GET", "/assets/", "404 Not Found", vec![text, no_store, "content-length: 22"]),
        ("GET", "/assets/../", "404 Not Found", vec![text, no_store, "content-length: 22"]),
        ("GET", "/%2e%2e/etc/passwd", "404 Not Found", vec![text, no_store, "content-length: 22"]),
        ("HEAD", "/healthz", "200 OK", vec![text, no_store, "content-length: 2"]),
        (
            "POST",
            "/",
            "405 Method Not Allowed",
            vec![text, no_store, "allow: GET, HEAD", "content-length: 36"],
        ),
        (
            "OPTIONS",
            "/signal",
            "405 Method Not Allowed",
            vec![text, no_store, "allow: GET, HEAD", "content-length: 36"],
        ),
    ] {
        let response = server.request(method, path, "").await;
        assert_eq!(normal(&server, &response), expected(status, &others), "{method} {path}");
    }

    let response = server.request("GET", "/signal", "").await;
    let mut upgrade = normal(&server, &response);
    upgrade.retain(|character| character != '\r');
    for line in ["HTTP/1.1 426 Upgrade Required", "upgrade: websocket", "sec-websocket-version: 13"] {
        assert!(upgrade.lines().any(|got| got == line), "{line} is missing in {upgrade}");
    }
}

#[tokio::test]
async fn only_the_origins_that_are_named_may_show_the_page_in_a_frame() {
    let origins = ["https://example.org", "https://intranet.example:8443"];
    let server = TestServer::start_with(|configuration| {
        configuration.embedders = origins.map(str::to_owned).to_vec();
    })
    .await;
    let head = normal(&server, &server.request("GET", "/", "").await);
    let named = format!("frame-ancestors {};", origins.join(" "));
    let expected = SECURITY.replace("frame-ancestors 'none';", &named);
    for line in expected.lines().filter(|line| !line.starts_with("x-frame-options")) {
        assert!(head.lines().any(|got| got == line), "{line} is missing in {head}");
    }
    // It would forbid what the policy allows.
    assert!(!head.contains("x-frame-options"), "{head}");
}

#[tokio::test]
async fn the_page_is_never_stored_and_comes_in_the_encoding_that_is_asked_for() {
    let server = TestServer::start().await;
    for (accepted, coding) in [("gzip, deflate, br, zstd", Some("br")), ("gzip", Some("gzip")), ("", None)] {
        let response = server.request("GET", "/", &format!("Accept-Encoding: {accepted}\r\n")).await;
        let head = normal(&server, &response);
        let has = |line: &str| head.lines().any(|got| got == line);
        assert!(head.starts_with("HTTP/1.1 200 OK\n"), "{head}");
        assert!(has("cache-control: no-store") && has("vary: accept-encoding"), "{head}");
        assert!(has("content-type: text/html; charset=utf-8"), "{head}");
        match coding {
            Some(coding) => assert!(has(&format!("content-encoding: {coding}")), "{accepted}: {head}"),
            None => {
                assert!(!head.contains("content-encoding") && response.contains("<!doctype html>"), "{head}")
            }
        }
        assert!(SECURITY.lines().all(has), "{head}");
        assert!(!head.contains("set-cookie") && !head.contains("access-control"), "{head}");
    }
}

#[tokio::test]
async fn head_answers_like_get_but_without_the_content() {
    let server = TestServer::start().await;
    let get = server.request("GET", "/", "").await;
    let head = server.request("HEAD", "/", "").await;
    assert_eq!(normal(&server, &get), normal(&server, &head));
    assert_eq!(head.split_once("\r\n\r\n").unwrap().1, "");
}

#[tokio::test]
async fn a_host_that_is_none_never_reaches_the_policy() {
    let server = TestServer::start().await;
    for host in ["evil.example; script-src *", "a b", "user@host", "", "evil.example/x"] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let response = server.raw(2, request.as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 400"), "{host:?}: {response}");
        assert!(!response.contains("evil") && !response.contains("ws://"), "{host:?}: {response}");
    }
}

#[tokio::test]
async fn the_counters_show_what_has_passed_on_a_listener_of_their_own() {
    let server = TestServer::start_with(|configuration| {
        configuration.status_listen = Some((loopback(1), 0).into());
    })
    .await;
    server.request("GET", "/healthz", "").await;
    let page = common::Page::new(1, 1);
    let (_client, _) = server.join(2, &page, eyeline_protocol::outer::Phase::Call).await;
    let status = server.addresses.status.unwrap();
    let response = {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(status).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    };
    for line in [
        "eyeline_connections_total 2",
        "eyeline_websockets_open 1",
        "eyeline_rooms 1",
        "eyeline_members_in_call 1",
        "eyeline_members_in_lobby 0",
        "eyeline_signaling_messages_in_total 1",
        "eyeline_stun_answered_total 0",
    ] {
        assert!(response.lines().any(|got| got == line), "{line} is missing in {response}");
    }
    let mentions = |secret: &dyn std::fmt::Display| response.contains(&secret.to_string());
    assert!(!mentions(&page.id()) && !mentions(&page.room.room_id()) && !response.contains("127.0.0"));
    // The page's listener knows nothing of it.
    assert!(server.request("GET", "/metrics", "").await.starts_with("HTTP/1.1 404"));
}
