//! coturn's own clients against our server (Debian's package `coturn`), and the real binary with real credentials.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::relay::free_ports;
use common::tls::Folder;
use common::{PATIENCE, loopback};
use eyeline_turn_client::{Client, Link};
use std::net::{IpAddr, SocketAddr};
use std::process::{Output, Stdio};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Longer than everything else: `turnutils_uclient` waits for seconds at its end.
async fn output(program: &str, arguments: &[&str]) -> Output {
    let running = command(program, arguments).output();
    let output = tokio::time::timeout(PATIENCE * 3, running).await.expect("it did not end");
    output.unwrap_or_else(|error| panic!("{program}: {error} (`cargo xtask setup` installs it)"))
}

/// The real binary, serving on free ports.
struct Eyeline {
    folder: Folder,
    stun: SocketAddr,
    tcp: SocketAddr,
    https: SocketAddr,
    _process: Child,
}

impl Eyeline {
    /// With its key in a folder of its own.
    async fn start(flags: &[&str]) -> Self {
        let folder = Folder::new();
        let state = folder.path().to_str().unwrap();
        let usual = [
            "serve",
            "--self-signed",
            "--https-listen=127.0.0.1:0",
            "--listen=127.0.0.1:0",
            "--stun-listen=127.0.0.1:0",
            "--state-directory",
            state,
        ];
        let mut process =
            command(env!("CARGO_BIN_EXE_eyeline"), &[&usual[..], flags].concat()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (mut https, mut stun, mut tcp) = (None, None, None);
        while stun.is_none() || tcp.is_none() {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it says nothing");
            let line = line.unwrap().expect("it ended");
            if let Some(address) = line.strip_prefix("Eyeline is ready: https://") {
                https = Some(address.trim_end_matches('/').parse().unwrap());
            }
            if let Some(rest) = line.strip_prefix("Relay: udp ") {
                let (udp, rest) = rest.split_once(", tcp ").unwrap();
                stun = Some(udp.parse().unwrap());
                tcp = Some(rest.split(',').next().unwrap().parse().unwrap());
            }
        }
        let (https, stun, tcp) = (https.unwrap(), stun.unwrap(), tcp.unwrap());
        Self { folder, stun, tcp, https, _process: process }
    }

    async fn open(flags: &[&str]) -> Self {
        let ports = free_ports();
        let ports = format!("--relay-ports={}-{}", ports.start(), ports.end());
        Self::start(&[&["--relay=open", &ports], flags].concat()).await
    }

    /// `eyeline relay-credential`, as a person would type it.
    async fn credential(&self, flags: &[&str]) -> (String, String) {
        let state = self.folder.path().to_str().unwrap();
        let arguments = [&["relay-credential", "--state-directory", state], flags].concat();
        let output = output(env!("CARGO_BIN_EXE_eyeline"), &arguments).await;
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text.lines();
        let mut value = |name| lines.next().unwrap().strip_prefix(name).unwrap().to_owned();
        (value("username: "), value("password: "))
    }

    async fn client(&self, flags: &[&str]) -> Client {
        let (username, password) = self.credential(flags).await;
        Client::new(Link::udp(loopback(1), self.stun).await.unwrap(), username, password)
    }

    /// Runs `turnutils_uclient` with clients that talk to each other through their relayed addresses, and expects
    /// that nothing is lost.
    async fn uclient(&self, port: u16, flags: &[&str]) {
        let (username, password) = self.credential(&[]).await;
        let port = port.to_string();
        let count = ["-n", "20", "-m", "2", "-l", "170"];
        let usual = ["-y", "-u", &username, "-w", &password, "-p", &port];
        let arguments = [&count[..], &usual, flags, &["127.0.0.1"]].concat();
        let output = output("turnutils_uclient", &arguments).await;
        let said = String::from_utf8_lossy(&output.stdout);
        let totals = said.lines().rfind(|line| line.contains("tot_send_msgs=")).unwrap_or_default();
        let number = |name: &str| -> u32 {
            let rest = totals.split(name).nth(1).unwrap_or_else(|| panic!("no {name} in {said}"));
            rest.split(|character: char| !character.is_ascii_digit()).next().unwrap().parse().unwrap()
        };
        assert!(output.status.success(), "{flags:?}: {}\n{said}", output.status);
        let (sent, received) = (number("tot_send_msgs="), number("tot_recv_msgs="));
        assert!(sent >= 40 && received == sent, "{flags:?}: {received} of {sent} came back\n{said}");
    }
}

#[tokio::test]
async fn turnutils_stunclient_learns_its_address() {
    let eyeline = Eyeline::start(&[]).await;
    let port = eyeline.stun.port().to_string();
    let output = output("turnutils_stunclient", &["-p", &port, "127.0.0.1"]).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("UDP reflexive addr: 127.0.0.1:"), "{said}");
}

#[tokio::test]
async fn turnutils_uclient_completes_over_udp() {
    let eyeline = Eyeline::open(&[]).await;
    eyeline.uclient(eyeline.stun.port(), &[]).await;
    // By Send and Data instead of channels.
    eyeline.uclient(eyeline.stun.port(), &["-s"]).await;
}

#[tokio::test]
async fn turnutils_uclient_completes_over_tcp() {
    let eyeline = Eyeline::open(&[]).await;
    eyeline.uclient(eyeline.tcp.port(), &["-t"]).await;
    eyeline.uclient(eyeline.tcp.port(), &["-t", "-s"]).await;
}

#[tokio::test]
async fn turnutils_uclient_completes_over_tls_on_the_port_of_the_page() {
    let eyeline = Eyeline::open(&[]).await;
    eyeline.uclient(eyeline.https.port(), &["-t", "-S"]).await;
}

#[tokio::test]
async fn turnutils_uclient_completes_in_closed_mode_too() {
    let eyeline = Eyeline::start(&[]).await;
    eyeline.uclient(eyeline.stun.port(), &[]).await;
    eyeline.uclient(eyeline.https.port(), &["-t", "-S"]).await;
}

#[tokio::test]
async fn credentials_for_people_count_for_their_room_and_time() {
    let eyeline = Eyeline::start(&[]).await;
    let mut client = eyeline.client(&["--room", "look", "--lifetime", "30"]).await;
    let address = client.start().await.unwrap();
    let mut friend = eyeline.client(&["--room", "look"]).await;
    let friend_address = friend.start().await.unwrap();
    assert_ne!(client.username, friend.username);
    assert_eq!(client.bind(0x4000, friend_address).await.unwrap().code().unwrap(), 0);
    assert_eq!(friend.bind(0x4000, address).await.unwrap().code().unwrap(), 0);
    client.send_channel(0x4000, b"hello").await.unwrap();
    assert_eq!(friend.receive().await.unwrap(), common::relay::on_channel(b"hello"));
}

#[tokio::test]
async fn without_a_key_there_is_no_credential_and_it_is_said_why() {
    let folder = Folder::new();
    let state = folder.path().to_str().unwrap();
    let output =
        output(env!("CARGO_BIN_EXE_eyeline"), &["relay-credential", "--state-directory", state]).await;
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("relay-key") && message.contains("--relay-key-file"), "{message}");
    assert!(!folder.file("relay-key").exists(), "only a server makes one");
}

/// Every way to write an address that is not of the Internet: the machine itself, its network, the metadata service
/// of clouds, and those hidden in other families (CVE-2020-26262, CVE-2026-27624).
#[tokio::test]
async fn an_open_relay_refuses_what_is_not_of_the_internet() {
    // Another than the one that is listened on, which is to be refused too.
    let eyeline = Eyeline::open(&["--public-address=198.51.100.1"]).await;
    let mut client = eyeline.client(&[]).await;
    client.start().await.unwrap();
    let mut refused = 0;
    for address in [
        "0.0.0.0",
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2002:7f00:1::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00::1",
        "fe80::5efe:127.0.0.1",
        "ff02::1",
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(client.permit(address).await.unwrap().code().unwrap(), 403, "{address}");
        refused += 1;
    }
    assert_eq!(refused, 29);
    // And what is, is not refused: the code would be 403 for everything otherwise.
    assert_eq!(client.permit("1.1.1.1".parse().unwrap()).await.unwrap().code().unwrap(), 0);
}
