//! HTTPS: the page and calls over TLS, certificates that change, connections that say nothing or something else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::tls::{Authority, Folder, Log, NAME, connect, get, host, on_loopback, open, raw, try_connect};
use common::{Client, Got, PATIENCE, Page, TestServer, tls};
use eyeline_protocol::outer::{ClientRecord, Phase};
use eyeline_server::{CertificateSource, Configuration, QrCode, Server};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

type TlsClient = Client<TlsStream<TcpStream>>;

fn https(server: &TestServer) -> SocketAddr {
    server.addresses.https[0]
}

/// Two in a call over TLS.
struct Call {
    pages: [Page; 2],
    clients: [TlsClient; 2],
    sequence: u32,
}

impl Call {
    async fn join(authority: &Authority, server: &TestServer) -> Self {
        let pages = [Page::new(1, 1), Page::new(1, 2)];
        let mut clients = [
            open(2, https(server), authority.client()).await,
            open(3, https(server), authority.client()).await,
        ];
        for (client, page) in clients.iter_mut().zip(&pages) {
            client.send(&[page.join(Phase::Call)]).await;
            client.welcome().await;
        }
        assert_eq!(clients[0].next().await, Got::Joined(pages[1].id(), Phase::Call));
        Self { pages, clients, sequence: 0 }
    }

    /// A long message each way arrives, and nothing else has come.
    async fn goes_on(&mut self) {
        self.sequence += 1;
        let sealed = vec![7; 15 * 1024];
        for (from, to) in [(0, 1), (1, 0)] {
            let (to_id, sequence) = (self.pages[to].id(), self.sequence);
            self.clients[from].send(&[ClientRecord::Send { to: to_id, sequence, sealed: &sealed }]).await;
            let expected = Got::Receive(self.pages[from].id(), sequence, sealed.clone());
            assert_eq!(self.clients[to].next().await, expected);
        }
    }
}

/// The certificate that a new connection is shown.
async fn shown(to: SocketAddr) -> Vec<u8> {
    let stream = connect(250, to, tls::trusting_anybody()).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

fn has(response: &str, line: &str) -> bool {
    response.lines().any(|got| got == line)
}

#[tokio::test]
async fn the_page_comes_over_tls_and_says_to_come_so_for_two_years() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    for path in ["/", "/healthz", "/nothing"] {
        let response = get(https(&server), authority.client(), path).await;
        assert!(has(&response, "strict-transport-security: max-age=63072000"), "{path}: {response}");
        let policy = format!("connect-src 'self' wss://{}; worker-src", host(https(&server)));
        assert!(response.contains(&policy), "{path}: {response}");
    }
    let page = get(https(&server), authority.client(), "/").await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("<!doctype html>"), "{page}");
}

#[tokio::test]
async fn two_join_a_call_over_tls() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let mut call = Call::join(&authority, &server).await;
    call.goes_on().await;
    let begun = Instant::now();
    let [mut first, mut second] = call.clients;
    let (first, second, ()) = tokio::join!(first.rest(), second.rest(), server.stop());
    assert_eq!((first, second), (vec![Got::Drain, Got::Closed(1001)], vec![Got::Drain, Got::Closed(1001)]));
    assert!(begun.elapsed().as_secs() < 3, "took {:?}", begun.elapsed());
}

#[tokio::test]
async fn over_tls_a_page_without_it_is_another_origin() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let host = host(https(&server));
    for (scheme, expected) in [("http", "HTTP/1.1 403"), ("https", "HTTP/1.1 101")] {
        let mut stream = connect(2, https(&server), authority.client()).await;
        let request = format!(
            "GET /signal HTTP/1.1\r\nHost: {host}\r\nOrigin: {scheme}://{host}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: eyeline.1\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut status = vec![0; expected.len()];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(String::from_utf8(status).unwrap(), expected, "{scheme}");
    }
}

#[tokio::test]
async fn http_1_1_is_agreed_on_and_no_protocol_is_accepted_too() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    for (offered, agreed) in [
        (&[][..], Some(None)),
        (&["http/1.1"], Some(Some("http/1.1"))),
        (&["h2", "http/1.1"], Some(Some("http/1.1"))),
        (&["h2"], None),
    ] {
        let mut config = authority.client();
        config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
        let connected = try_connect(2, https(&server), NAME, config).await;
        let got = connected.ok().map(|stream| {
            stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned())
        });
        assert_eq!(got, agreed.map(|name| name.map(str::to_owned)), "{offered:?}");
    }
}

#[tokio::test]
async fn a_renewal_in_the_middle_of_a_call_disturbs_nothing() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let mut log = Log::listen();
    let mut call = Call::join(&authority, &server).await;
    let first = shown(https(&server)).await;

    authority.renew(&folder);
    log.wait_for("a new certificate is in use; it expires in 89 days").await;
    let second = shown(https(&server)).await;
    assert_ne!(first, second);
    call.goes_on().await;
    assert!(get(https(&server), authority.client(), "/healthz").await.ends_with("\r\n\r\nok"));

    // Nor does a renewal that goes wrong.
    let (expired, its_key) = authority.issue(&[NAME], time::Duration::days(-1));
    let (_, other_key) = authority.issue(&[NAME], time::Duration::days(90));
    let good = [folder.file("certificate.pem"), folder.file("key.pem")]
        .map(|file| std::fs::read_to_string(file).unwrap());
    for (certificate, key, reason) in [
        (Some("nonsense"), None, "no certificate in PEM form"),
        (
            Some(good[0].as_str()),
            Some(other_key.as_str()),
            "the private key is not that of the first certificate",
        ),
        (Some(expired.as_str()), Some(its_key.as_str()), "it has expired"),
        (None, None, "No such file"),
    ] {
        // In this order no two that fit are ever there together.
        if let Some(key) = key {
            folder.write("key.pem", key);
        }
        match certificate {
            Some(certificate) => folder.write("certificate.pem", certificate),
            None => std::fs::remove_file(folder.file("certificate.pem")).unwrap(),
        }
        let line = log.wait_for(reason).await;
        assert!(line.contains("the old certificate stays in use"), "{line}");
        assert_eq!(shown(https(&server)).await, second, "{reason}");
    }
    authority.renew(&folder);
    log.wait_for("a new certificate is in use").await;
    assert_ne!(shown(https(&server)).await, second);
    call.goes_on().await;
}

#[tokio::test]
async fn a_silent_tls_client_is_dropped_in_time_and_nobody_else_notices() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority
        .serve(&folder, |configuration| {
            configuration.connection_limits.handshake_deadline = Duration::from_secs(1);
            configuration.connection_limits.head_deadline = Duration::from_millis(1500);
        })
        .await;
    let mut others = Call::join(&authority, &server).await;
    let begun = Instant::now();
    // One says nothing at all, one begins a handshake, one says nothing after it, and two say half a beginning.
    let silent = common::tcp(2, https(&server)).await;
    let mut half = common::tcp(2, https(&server)).await;
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    let idle = connect(2, https(&server), authority.client()).await;
    let mut stun = connect(2, https(&server), authority.client()).await;
    stun.write_all(b"\x00\x01\x00").await.unwrap();
    let mut http = connect(2, https(&server), authority.client()).await;
    http.write_all(b"GET / HT").await.unwrap();
    async fn end(mut stream: impl tokio::io::AsyncRead + Unpin) -> Duration {
        let begun = Instant::now();
        let mut dropped = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut dropped)).await;
        let _reset = read.expect("it was not dropped");
        assert!(!dropped.starts_with(b"HTTP/1.1 200"), "{dropped:?}");
        begun.elapsed()
    }
    tokio::join!(end(silent), end(half), end(idle), end(stun), end(http));
    assert!(begun.elapsed() < PATIENCE / 2, "took {:?}", begun.elapsed());
    others.goes_on().await;
    let page = get(https(&server), authority.client(), "/healthz").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

#[tokio::test]
async fn what_is_no_tls_is_refused_and_nobody_else_notices() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let mut others = Call::join(&authority, &server).await;
    for bytes in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &[0; 4096], &[0xff; 70_000]] {
        let mut stream = common::tcp(2, https(&server)).await;
        let _closed_early = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let _reset = read.expect("it was not refused");
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    others.goes_on().await;
}

/// The first bytes after the handshake are looked at, and nothing of STUN reaches the HTTP parser, which would
/// answer 400.
#[tokio::test]
async fn stun_over_tls_is_answered_and_not_taken_for_http() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let binding = b"\x00\x01\x00\x00\x21\x12\xA4\x42transactioni";
    let mut stream = connect(2, https(&server), authority.client()).await;
    stream.write_all(binding).await.unwrap();
    let mut answer = [0; 32];
    let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await;
    read.expect("no answer").unwrap();
    assert_eq!(answer[..4], [1, 1, 0, 12], "the answer to a Binding request");
    let junk = b"\x00\x01\x00\x00\x21\x12\xA4\x43transactioni";
    let answer = raw(connect(2, https(&server), authority.client()).await, junk).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn plain_http_leads_to_https_and_nowhere_else() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority.serve(&folder, |_| {}).await;
    let port = https(&server).port();
    let ask = async |host: &str, path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        server.raw(2, request.as_bytes()).await
    };
    for (host, path, status, location) in [
        (NAME, "/", 308, Some("/")),
        ("CALL.example.test.:8080", "/assets/x?a=b", 308, Some("/assets/x?a=b")),
        (NAME, "//evil.example/", 308, Some("//evil.example/")),
        (NAME, "/signal", 308, Some("/signal")),
        ("evil.example", "/", 421, None),
        ("127.0.0.1", "/", 421, None),
        ("evil.example/", "/", 400, None),
        (NAME, "/healthz", 200, None),
        ("evil.example", "/healthz", 200, None),
        (NAME, "/.well-known/acme-challenge/token", 404, None),
    ] {
        let response = ask(host, path).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{host}{path}: {response}");
        let got = response.lines().find_map(|line| line.strip_prefix("location: "));
        let expected = location.map(|path| format!("https://{NAME}:{port}{path}"));
        assert_eq!(got, expected.as_deref(), "{host}{path}");
        // It would be ignored, and is a promise that plain HTTP cannot make.
        assert!(!response.contains("strict-transport-security"), "{response}");
        assert!(!response.contains("<!doctype html>"), "{response}");
    }
    assert!(server.request("POST", "/", "").await.starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn who_comes_through_a_trusted_proxy_with_tls_is_not_led_in_a_circle() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let server = authority
        .serve(&folder, |configuration| {
            configuration.trusted_proxies = vec!["127.0.0.250/32".parse().unwrap()];
        })
        .await;
    let forwarded = "X-Forwarded-Proto: https\r\n";
    let response = server.request("GET", "/", forwarded).await;
    assert!(response.starts_with("HTTP/1.1 200 OK") && response.contains("<!doctype html>"), "{response}");
    let request = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n{forwarded}\r\n");
    let response = server.raw(249, request.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 308"), "{response}");
}

#[tokio::test]
async fn a_self_signed_certificate_is_announced_kept_and_never_pinned() {
    let folder = Folder::new();
    let configuration = Configuration {
        tls: Some(on_loopback(CertificateSource::SelfSigned)),
        state_directory: Some(folder.file("state")),
        ..Configuration::default()
    };
    let announced = Server::bind(configuration.clone()).await.unwrap().announcement(QrCode::Never);
    let server = TestServer::start_with(|theirs| *theirs = configuration).await;
    let certificate = shown(https(&server)).await;
    let fingerprint: Vec<_> = Sha256::digest(&certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    assert!(announced.contains(&fingerprint.join(":")), "{announced}");
    assert!(announced.contains("Accept the Risk and Continue"), "{announced}");

    let page = get(https(&server), tls::trusting_anybody(), "/").await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    assert!(!page.to_ascii_lowercase().contains("strict-transport-security"), "{page}");
    let port = https(&server).port();
    let request = "GET /a HTTP/1.1\r\nHost: my-laptop.local:8080\r\nConnection: close\r\n\r\n";
    let response = server.raw(2, request.as_bytes()).await;
    assert!(has(&response, &format!("location: https://my-laptop.local:{port}/a")), "{response}");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_said_plainly() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let settings = eyeline_server::FileSettings::new(folder.file("none.pem"), folder.file("none.key"));
    let configuration = Configuration {
        tls: Some(on_loopback(CertificateSource::Files(settings))),
        ..Configuration::default()
    };
    let Err(error) = Server::bind(configuration.clone()).await else { panic!("it started") };
    let error = error.to_string();
    assert!(error.starts_with("cannot serve HTTPS: ") && error.contains("none.pem"), "{error}");

    // An expired one is served: from outside, it shows what is wrong.
    let (certificate, key) = authority.issue(&[NAME], time::Duration::days(-1));
    folder.write("none.pem", &certificate);
    folder.write("none.key", &key);
    let mut log = Log::listen();
    let server = TestServer::start_with(|theirs| *theirs = configuration).await;
    log.wait_for("has expired: browsers refuse it").await;
    let error = try_connect(2, https(&server), NAME, authority.client()).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("expired"), "{error}");
}

#[tokio::test]
async fn forwarded_addresses_count_from_a_trusted_proxy_only() {
    for (trusted, expected) in [("127.0.0.2/32", 2), ("127.0.0.9/32", 1)] {
        let server = TestServer::start_with(|configuration| {
            configuration.trusted_proxies = vec![trusted.parse().unwrap()];
            configuration.limits.sockets_per_address = 1;
        })
        .await;
        let mut welcomed = 0;
        let mut kept = Vec::new();
        for (number, address) in [(1, "198.51.100.1"), (2, "198.51.100.2"), (3, "198.51.100.2")] {
            let mut client = common::forwarded(&server, 2, address).await;
            client.send(&[Page::new(1, number).join(Phase::Call)]).await;
            if matches!(client.next().await, Got::Welcome(_)) {
                welcomed += 1;
                kept.push(client);
            }
        }
        assert_eq!(welcomed, expected, "{trusted}");
    }
}
