//! The real binary: what it prints, how it ends.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{Client, Got, PATIENCE, Page, start_binary};
use eyeline_protocol::link::Link;
use eyeline_protocol::outer::Phase;
use rustix::process::{Pid, Signal, kill_process};
use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

fn eyeline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyeline"));
    command
        .args(arguments)
        // And not where a server of this machine has its keys.
        .env("EYELINE_STATE_DIRECTORY", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> Output {
    tokio::time::timeout(PATIENCE, eyeline(arguments).output()).await.expect("it did not end").unwrap()
}

async fn start(arguments: &[&str]) -> (Child, SocketAddr, Lines<BufReader<ChildStdout>>) {
    start_binary(eyeline(arguments)).await
}

#[tokio::test]
async fn sigterm_and_sigint_close_every_socket_and_end_with_0_in_time() {
    for signal in [Signal::TERM, Signal::INT] {
        let (mut child, address, _lines) = start(&["serve"]).await;
        let stream = TcpStream::connect(address).await.unwrap();
        let mut client = Client::over(stream, &format!("http://{address}")).await;
        client.send(&[Page::new(1, 1).join(Phase::Call)]).await;
        client.welcome().await;
        // And one that will not go by itself.
        let silent = TcpStream::connect(address).await.unwrap();

        let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let begun = Instant::now();
        assert_eq!(client.rest().await, [Got::Drain, Got::Closed(1001)], "{signal:?}");
        let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it did not end").unwrap();
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{signal:?}: it took {:?}", begun.elapsed());
        drop(silent);
    }
}

#[tokio::test]
async fn without_a_command_it_serves() {
    let (_child, address, mut lines) = start(&[]).await;
    let line = lines.next_line().await.unwrap().unwrap();
    assert!(line.starts_with("STUN: udp 127.0.0.1:"), "{line}");
    assert!(TcpStream::connect(address).await.is_ok());
}

#[tokio::test]
async fn a_port_in_use_is_said_plainly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(&["--listen", &address, "--no-stun"]).await;
    assert_eq!(output.status.code(), Some(1));
    let message = format!("eyeline: cannot listen on {address}: another program uses this port\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
    assert_eq!(output.stdout, b"");
}

#[tokio::test]
async fn a_stun_port_in_use_is_said_with_the_way_out() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = output(&["--listen", "127.0.0.1:0", "--stun-listen", &address]).await;
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains(&address) && message.contains("--stun-listen"), "{message}");
}

#[tokio::test]
async fn nonsense_on_the_command_line_is_refused() {
    for (arguments, code, part) in [
        (&["--listen", "everywhere"][..], 2, "--listen"),
        (&["--members-in-call", "1"], 1, "--members-in-call"),
        (&["--https-listen", "127.0.0.1:0"], 1, "--https-listen: needs a certificate"),
        (&["--self-signed", "--domain", "call.example.org"], 1, "only one of them"),
        (&["--trusted-proxy", "10.0.0.0/33"], 2, "ADDRESS/LENGTH"),
        (
            &["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key", "--https-listen", "127.0.0.1:0"],
            1,
            "/nowhere.pem",
        ),
        (&["fly"], 2, "fly"),
    ] {
        let output = output(arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

/// What `--self-signed` is for: somebody reads the terminal, compares the fingerprint and points a phone at it.
#[tokio::test]
async fn a_self_signed_server_says_its_address_its_fingerprint_and_draws_its_code() {
    let folder = common::tls::Folder::new();
    let state = folder.file("state").display().to_string();
    let arguments = ["--self-signed", "--qr", "--listen", "127.0.0.1:0", "--https-listen", "127.0.0.1:0"];
    let mut fingerprints = Vec::new();
    for _ in 0..2 {
        let mut child = eyeline(&arguments).args(["--no-stun", "--state-directory", &state]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        // The code's last line is blank, but for its colours.
        while !said.iter().any(|line: &String| line.contains('█'))
            || !said.last().unwrap().contains("▀▀▀▀▀▀▀▀▀▀▀▀")
        {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("that was all");
            said.push(line.unwrap().unwrap_or_else(|| panic!("it ended after {said:#?}")));
        }
        let address =
            said[0].strip_prefix("Eyeline is ready: https://").and_then(|rest| rest.strip_suffix('/'));
        let address: SocketAddr = address.unwrap_or_else(|| panic!("{said:#?}")).parse().unwrap();
        assert!(said[1].starts_with("Certificate: self-signed"), "{said:#?}");
        fingerprints.push(said[2].trim().to_owned());
        let stream = common::tls::connect(2, address, common::tls::trusting_anybody()).await;
        let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert!(common::tls::raw(stream, request).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(fingerprints[0], fingerprints[1], "a new certificate at each start: browsers warn anew");
}

#[tokio::test]
async fn link_prints_a_fresh_link_each_time() {
    let link = async || {
        let output = output(&["link"]).await;
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("#1") && text.ends_with('\n'), "{text:?}");
        Link::parse(&text).unwrap()
    };
    assert_ne!(link().await, link().await);
}

#[tokio::test]
async fn version_and_help_tell_what_they_should() {
    let version = String::from_utf8(output(&["--version"]).await.stdout).unwrap();
    assert_eq!(version, format!("eyeline {}\n", env!("CARGO_PKG_VERSION")));
    let help = String::from_utf8(output(&["--help"]).await.stdout).unwrap();
    for part in [
        "serve",
        "link",
        "--listen",
        "EYELINE_LISTEN",
        "127.0.0.1:8080",
        "--stun-listen",
        "--log",
        "--domain",
        "--self-signed",
    ] {
        assert!(help.contains(part), "{part} is missing in {help}");
    }
}

/// The log tells at `debug`, the most that anyone would run with, neither ids nor addresses of clients.
#[tokio::test]
async fn the_log_has_no_ids_and_no_addresses_of_clients() {
    let (mut child, address, _lines) = start(&["--log", "debug"]).await;
    let page = Page::new(0x5a, 1);
    let stream = TcpStream::connect(address).await.unwrap();
    let client_port = stream.local_addr().unwrap().port();
    let mut client = Client::over(stream, &format!("http://{address}")).await;
    client.send(&[page.join(Phase::Call)]).await;
    client.welcome().await;
    client.send_message(tokio_websockets::Message::text("bad")).await;
    assert_eq!(client.close_code().await, Got::Closed(1003));
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let mut log = String::new();
    let mut errors = child.stderr.take().unwrap();
    tokio::io::AsyncReadExt::read_to_string(&mut errors, &mut log).await.unwrap();
    let port = format!(":{client_port}");
    for secret in [&page.id().to_string(), &page.room.room_id().to_string(), &port, "5a5a5a5a"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
