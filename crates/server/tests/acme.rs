//! Certificates by ACME, from Let's Encrypt's own test server: asked for, served, renewed in the middle of a call.
//!
//! `cargo xtask setup` brings Pebble and its name server. Both listen on loopback only.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::tls::{
    Authority, Folder, Log, NAME, connect, on_loopback, open, raw, trusting, trusting_anybody, try_connect,
};
use common::{Got, PATIENCE, Page, TestServer, free_port, loopback};
use eyeline_protocol::outer::{ClientRecord, Phase};
use eyeline_server::{AcmeSettings, CertificateSource, Configuration};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running authority, and its name server, to which every name is this machine.
struct Pebble {
    directory: SocketAddr,
    management: SocketAddr,
    _processes: [Child; 2],
}

/// Where it looks for its proofs.
struct Ports {
    http: u16,
    https: u16,
}

impl Pebble {
    async fn start(folder: &Folder, proofs: &Ports, validity: Duration) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.issue(&["127.0.0.1"], time::Duration::days(1));
        folder.write("pebble.pem", &certificate);
        folder.write("pebble.key", &key);
        folder.write("pebble-root.pem", &authority.root());
        let [directory, management, names] = [(); 3].map(|()| SocketAddr::from((loopback(1), free_port())));
        let configuration = format!(
            r#"{{"pebble": {{"listenAddress": "{directory}", "managementListenAddress": "{management}",
                "certificate": "{path}/pebble.pem", "privateKey": "{path}/pebble.key",
                "httpPort": {http}, "tlsPort": {https}, "certificateValidityPeriod": {validity}}}}}"#,
            path = folder.path().display(),
            http = proofs.http,
            https = proofs.https,
            validity = validity.as_secs(),
        );
        folder.write("pebble.json", &configuration);
        let mut name_server = Command::new("pebble-challtestsrv");
        name_server.args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", ""]);
        name_server.args(["-tlsalpn01", "", "-management", &format!("127.0.0.1:{}", free_port())]);
        name_server.args(["-dns01", &names.to_string()]);
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(folder.file("pebble.json")).args(["-dnsserver", &names.to_string()]);
        // Without its random delays, refusals and short cuts: they would make every run another one.
        pebble.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0").env("PEBBLE_AUTHZREUSE", "0");
        let processes = [name_server, pebble].map(|mut command| {
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}: cargo xtask setup"))
        });
        for address in [directory, management] {
            tokio::time::timeout(PATIENCE, async {
                while TcpStream::connect(address).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
            .await
            .expect("Pebble does not start");
        }
        Self { directory, management, _processes: processes }
    }

    /// How to ask it.
    fn settings(&self, folder: &Folder) -> AcmeSettings {
        AcmeSettings {
            domains: vec![NAME.to_owned(), format!("www.{NAME}")],
            directory: format!("https://{}/dir", self.directory),
            email: Some("somebody@example.org".to_owned()),
            ca_file: Some(folder.file("pebble-root.pem")),
        }
    }

    /// A client that trusts the certificates that it gives.
    async fn client(&self) -> ClientConfig {
        let stream = try_connect(250, self.management, "127.0.0.1", trusting_anybody()).await.unwrap();
        let response = raw(stream, b"GET /roots/0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        trusting(&response[response.find("-----BEGIN").unwrap()..])
    }
}

fn serve(folder: &Folder, acme: AcmeSettings, ports: &Ports) -> impl FnOnce(&mut Configuration) {
    let (state, listen, https) = (folder.file("state"), ports.http, ports.https);
    move |configuration| {
        configuration.listen = vec![(loopback(1), listen).into()];
        let mut tls = on_loopback(CertificateSource::Acme(acme));
        tls.listen = vec![(loopback(1), https).into()];
        configuration.tls = Some(tls);
        configuration.state_directory = Some(state);
    }
}

async fn shown(to: SocketAddr, client: ClientConfig) -> Vec<u8> {
    connect(250, to, client).await.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_certificate_is_asked_for_served_and_renewed_in_the_middle_of_a_call() {
    let folder = Folder::new();
    let ports = Ports { http: free_port(), https: free_port() };
    // Renewed when a third is left: after 14 seconds.
    let pebble = Pebble::start(&folder, &ports, Duration::from_secs(21)).await;
    let mut log = Log::listen();
    let server = TestServer::start_with(serve(&folder, pebble.settings(&folder), &ports)).await;

    // While there is none, people are told so.
    let https = server.addresses.https[0];
    let early = server.request("GET", "/", "").await;
    assert!(early.starts_with("HTTP/1.1 503") && early.contains("no certificate yet"), "{early}");
    assert!(server.request("GET", "/healthz", "").await.starts_with("HTTP/1.1 200"));
    assert!(try_connect(2, https, NAME, trusting_anybody()).await.is_err());

    log.wait_for("is in use").await;
    let client = pebble.client().await;
    let first = shown(https, client.clone()).await;
    assert!(try_connect(2, https, &format!("www.{NAME}"), client.clone()).await.is_ok());
    let redirect = server.request("GET", "/x", "").await;
    assert!(redirect.contains(&format!("location: https://{NAME}:{}/x", https.port())), "{redirect}");

    let (anna, ben) = (Page::new(1, 1), Page::new(1, 2));
    let mut one = open(2, https, client.clone()).await;
    one.send(&[anna.join(Phase::Call)]).await;
    one.welcome().await;
    let mut other = open(3, https, client.clone()).await;
    other.send(&[ben.join(Phase::Call)]).await;
    other.welcome().await;
    assert_eq!(one.next().await, Got::Joined(ben.id(), Phase::Call));

    log.wait_for("is in use").await;
    assert_ne!(shown(https, client.clone()).await, first);
    one.send(&[ClientRecord::Send { to: ben.id(), sequence: 1, sealed: b"still here" }]).await;
    assert_eq!(other.next().await, Got::Receive(anna.id(), 1, b"still here".to_vec()));

    // What was got is kept, for its owner only, and served at once after a restart, without the authority.
    drop((one, other));
    server.stop().await;
    let kept = std::fs::read_dir(folder.file("state/acme")).unwrap();
    let mut names = Vec::new();
    for entry in kept.map(Result::unwrap) {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert!(
        matches!(&names[..], [account, certificate]
        if account.starts_with("account-") && certificate.starts_with("certificate-")),
        "{names:?}"
    );
    let settings = pebble.settings(&folder);
    drop(pebble);
    let server = TestServer::start_with(serve(&folder, settings, &ports)).await;
    assert!(try_connect(2, server.addresses.https[0], NAME, trusting_anybody()).await.is_ok());
}

#[tokio::test]
async fn an_authority_that_cannot_reach_the_one_port_is_shown_the_proof_on_the_other() {
    let folder = Folder::new();
    let ports = Ports { http: free_port(), https: free_port() };
    // Nobody listens where it looks for the proof by TLS.
    let wrong = Ports { http: ports.http, https: free_port() };
    let pebble = Pebble::start(&folder, &wrong, Duration::from_secs(3600)).await;
    let mut log = Log::listen();
    let server = TestServer::start_with(serve(&folder, pebble.settings(&folder), &ports)).await;
    let line = log.wait_for("no certificate for").await;
    for part in [NAME, "could not check that", "ports 443 and 80", "next try in 5 s"] {
        assert!(line.contains(part), "{part} is missing in {line}");
    }
    log.wait_for("is in use").await;
    let client = pebble.client().await;
    assert!(try_connect(2, server.addresses.https[0], NAME, client).await.is_ok());
}

#[tokio::test]
async fn an_authority_that_is_not_there_or_not_trusted_is_said_and_the_server_goes_on() {
    let folder = Folder::new();
    let ports = Ports { http: free_port(), https: free_port() };
    let pebble = Pebble::start(&folder, &ports, Duration::from_secs(3600)).await;
    folder.write("another-root.pem", &Authority::new().root());
    let absent = AcmeSettings {
        directory: format!("https://127.0.0.1:{}/dir", free_port()),
        ..pebble.settings(&folder)
    };
    let not_trusted =
        AcmeSettings { ca_file: Some(folder.file("another-root.pem")), ..pebble.settings(&folder) };
    for (settings, reason) in
        [(absent, "cannot be reached"), (not_trusted, "its own certificate is not known here")]
    {
        let mut log = Log::listen();
        let server = TestServer::start_with(serve(&folder, settings, &ports)).await;
        let line = log.wait_for("no certificate for").await;
        assert!(line.contains(reason), "{reason} is missing in {line}");
        assert!(server.request("GET", "/", "").await.starts_with("HTTP/1.1 503"));
        server.stop().await;
    }
}
