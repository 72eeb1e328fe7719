//! The sample configurations in `docs/proxies`, run by the real nginx and Caddy: the page, a call, whose address counts.
//!
//! `cargo xtask setup` brings both. They run on free ports, under a folder of their own.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::tls::{Authority, Folder, raw, trusting, try_connect};
use common::{Client, Got, PATIENCE, Page, TestServer, free_port, program};
use eyeline_protocol::outer::{ClientRecord, Phase};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_rustls::client::TlsStream;

/// The name in the samples.
const NAME: &str = "call.example.org";

/// A running proxy; killed when dropped.
struct Proxy {
    https: SocketAddr,
    http: SocketAddr,
    client: ClientConfig,
    _process: Child,
}

#[tokio::test]
async fn nginx_carries_the_page_and_calls_and_tells_whose_they_are() {
    let folder = Folder::new();
    let server = server().await;
    let proxy = nginx(&folder, server.http()).await;
    check(&proxy).await;
}

#[tokio::test]
async fn caddy_carries_the_page_and_calls_and_tells_whose_they_are() {
    let folder = Folder::new();
    let server = server().await;
    let proxy = caddy(&folder, server.http()).await;
    check(&proxy).await;
}

/// One WebSocket to an address, so that it shows which address counts.
async fn server() -> TestServer {
    TestServer::start_with(|configuration| {
        configuration.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        configuration.limits.sockets_per_address = 1;
    })
    .await
}

async fn check(proxy: &Proxy) {
    let port = proxy.https.port();
    let request = format!("GET / HTTP/1.1\r\nHost: {NAME}:{port}\r\nConnection: close\r\n\r\n");
    let page = raw(connect(proxy, 2).await, request.as_bytes()).await;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("<!doctype html>"), "{page}");
    let lower = page.to_ascii_lowercase();
    assert_eq!(lower.matches("strict-transport-security: max-age=63072000").count(), 1, "{page}");
    // The trusted word that it came over TLS.
    assert!(lower.contains(&format!("connect-src 'self' wss://{NAME}:{port}; ")), "{page}");

    // Two people at two addresses, and what one of them claims besides does not count.
    let pages = [Page::new(1, 1), Page::new(1, 2)];
    let mut anna = open(proxy, 2, &[]).await;
    anna.send(&[pages[0].join(Phase::Call)]).await;
    anna.welcome().await;
    let claims = [("x-forwarded-for", "127.0.0.2"), ("forwarded", "for=127.0.0.2")];
    let mut ben = open(proxy, 3, &claims).await;
    ben.send(&[pages[1].join(Phase::Call)]).await;
    ben.welcome().await;
    assert_eq!(anna.next().await, Got::Joined(pages[1].id(), Phase::Call));
    let sealed = vec![7; 15 * 1024];
    anna.send(&[ClientRecord::Send { to: pages[1].id(), sequence: 1, sealed: &sealed }]).await;
    assert_eq!(ben.next().await, Got::Receive(pages[0].id(), 1, sealed));

    // A second one of the first address, whoever it claims to be.
    let mut again = open(proxy, 2, &[("x-forwarded-for", "198.51.100.1")]).await;
    assert_eq!(again.close_code().await, Got::Closed(4429));

    let mut stream = common::tcp(2, proxy.http).await;
    let request = format!("GET /x?y HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut redirect = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut redirect).await.unwrap();
    assert!(redirect.starts_with("HTTP/1.1 308"), "{redirect}");
    assert!(redirect.to_ascii_lowercase().contains(&format!("location: https://{NAME}")), "{redirect}");
}

async fn connect(proxy: &Proxy, from: u8) -> TlsStream<TcpStream> {
    try_connect(from, proxy.https, NAME, proxy.client.clone()).await.unwrap()
}

async fn open(proxy: &Proxy, from: u8, headers: &[(&'static str, &str)]) -> Client<TlsStream<TcpStream>> {
    let host = format!("{NAME}:{}", proxy.https.port());
    Client::with_headers(connect(proxy, from).await, &host, &format!("https://{host}"), headers).await
}

async fn nginx(folder: &Folder, upstream: SocketAddr) -> Proxy {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&[NAME], time::Duration::days(1));
    folder.write("fullchain.pem", &certificate);
    folder.write("privkey.pem", &key);
    let (http, https) = (free_port(), free_port());
    let sample = sample("nginx.conf", upstream);
    let sample = replace(&sample, "listen 80;", &format!("listen {http};"));
    let sample = replace(&sample, "listen 443 ssl", &format!("listen {https} ssl"));
    // This machine may have no IPv6, and the port would have to be free there, too.
    let sample = replace(&sample, "    listen [::]:80;\n", "");
    let sample = replace(&sample, "    listen [::]:443 ssl http2;\n", "");
    let here = folder.path().display();
    let sample = replace(&sample, "/etc/letsencrypt/live/call.example.org/", &format!("{here}/"));
    folder.write("eyeline.conf", &sample);
    // What Debian's own nginx.conf has around a site, as far as it matters, without its folders.
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {here}/{what};"))
        .join(" ");
    folder.write(
        "nginx.conf",
        &format!(
            "daemon off; worker_processes 1; pid {here}/nginx.pid; error_log stderr;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; {temporary} include {here}/eyeline.conf; }}\n"
        ),
    );
    let mut command = Command::new(program("usr/sbin/nginx"));
    command.arg("-e").arg("stderr").arg("-p").arg(folder.path()).arg("-c").arg(folder.file("nginx.conf"));
    start(command, http, https, || Some(authority.client())).await
}

async fn caddy(folder: &Folder, upstream: SocketAddr) -> Proxy {
    let (http, https) = (free_port(), free_port());
    let sample = sample("Caddyfile", upstream);
    // Its own local authority in place of Let's Encrypt, and free ports.
    let options = format!(
        "{{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port {http}\n\thttps_port {https}\n\
         \tdefault_bind 127.0.0.1\n}}\n"
    );
    folder.write("Caddyfile", &(options + &sample));
    let mut command = Command::new(program("usr/bin/caddy"));
    command.arg("run").arg("--adapter").arg("caddyfile").arg("--config").arg(folder.file("Caddyfile"));
    command
        .env("XDG_DATA_HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .env("HOME", folder.path());
    let root = folder.file("caddy/pki/authorities/local/root.crt");
    start(command, http, https, || Some(trusting(&std::fs::read_to_string(&root).ok()?))).await
}

/// Starts it and waits until it serves: a TLS handshake succeeds.
async fn start(
    mut command: Command,
    http: u16,
    https: u16,
    client: impl Fn() -> Option<ClientConfig>,
) -> Proxy {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().unwrap();
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let (http, https) = (address(http), address(https));
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(client) = client()
            && TcpStream::connect(https).await.is_ok()
            && try_connect(250, https, NAME, client.clone()).await.is_ok()
        {
            return Proxy { https, http, client, _process: process };
        }
        let has_ended = process.try_wait().unwrap().is_some();
        if has_ended || tokio::time::Instant::now() > deadline {
            let _ended = process.start_kill();
            let output = process.wait_with_output().await.unwrap();
            panic!("{command:?} does not serve: {}", String::from_utf8_lossy(&output.stderr));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The sample, with the test's server in place of the usual one.
fn sample(name: &str, upstream: SocketAddr) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/proxies").join(name);
    replace(&std::fs::read_to_string(path).unwrap(), "127.0.0.1:8080", &upstream.to_string())
}

fn replace(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the sample has no {from:?} any more");
    text.replace(from, to)
}
