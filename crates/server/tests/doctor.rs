//! `eyeline doctor` against real faults: real sockets, processes, proxies, certificates.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::tls::{Authority, Folder, on_loopback};
use common::{PATIENCE, TestServer, free_port, loopback, program, start_binary};
use eyeline_server::{CertificateSource, FileSettings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use time::Duration;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::{Child, Command};

/// What the doctor said.
struct Examination {
    code: Option<i32>,
    report: Value,
    errors: String,
}

impl Examination {
    /// Runs the real command. `authority`: a file with the certificates that this machine trusts.
    async fn of(words: &[&str], authority: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eyeline"));
        command.arg("doctor").arg("--json").args(words).kill_on_drop(true);
        if let Some(authority) = authority {
            command.env("SSL_CERT_FILE", authority);
        }
        Self::by(&mut command).await
    }

    async fn by(command: &mut Command) -> Self {
        let output = tokio::time::timeout(PATIENCE * 3, command.stdin(Stdio::null()).output());
        let output = output.await.expect("the doctor does not end").unwrap();
        Self {
            code: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.report["findings"].as_array().into_iter().flatten().map(|finding| {
            let field = |name: &str| finding[name].as_str().unwrap();
            (field("level"), field("check"), field("seen"))
        })
    }

    /// Checks that found a problem, each once.
    fn problems(&self) -> Vec<&str> {
        let mut checks: Vec<&str> =
            self.all().filter(|(level, ..)| *level == "problem").map(|(_, check, _)| check).collect();
        checks.dedup();
        checks
    }

    /// That this one problem was found, and no other; and its sentence.
    fn only_problem(&self, check: &str) -> &str {
        assert_eq!(self.problems(), [check], "{:#}{}", self.report, self.errors);
        assert_eq!(self.code, Some(1));
        self.seen(check)
    }

    /// The sentence of a check.
    fn seen(&self, check: &str) -> &str {
        let found = self.all().find(|(_, name, _)| *name == check);
        found.unwrap_or_else(|| panic!("no {check} in {:#}{}", self.report, self.errors)).2
    }

    fn level(&self, check: &str) -> &str {
        let found = self.all().find(|(_, name, _)| *name == check);
        found.unwrap_or_else(|| panic!("no {check} in {:#}{}", self.report, self.errors)).0
    }
}

/// A server with this certificate, and what the doctor says of it when `authority` is trusted.
async fn with_certificate(certificate: &str, key: &str, authority: &str) -> Examination {
    let folder = Folder::new();
    for (file, content) in [("certificate.pem", certificate), ("key.pem", key), ("authority.pem", authority)]
    {
        folder.write(file, content);
    }
    let files = FileSettings::new(folder.file("certificate.pem"), folder.file("key.pem"));
    let server = TestServer::start_with(|configuration| {
        configuration.tls = Some(on_loopback(CertificateSource::Files(files)));
    })
    .await;
    let url = format!("https://{}", server.addresses.https[0]);
    let examination = Examination::of(&[&url], Some(&folder.file("authority.pem"))).await;
    server.stop().await;
    examination
}

#[tokio::test]
async fn of_a_healthy_server_no_problem_is_found() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["127.0.0.1"], Duration::days(90));
    let examination = with_certificate(&certificate, &key, &authority.root()).await;
    assert_eq!(examination.problems(), [""; 0], "{:#}", examination.report);
    assert_eq!(examination.code, Some(0));
    for check in ["certificate", "page", "websocket", "stun", "stun-second", "relay-refuses", "listening"] {
        assert_eq!(examination.level(check), "good", "{check}");
    }
    let relay: Vec<&str> =
        examination.all().filter(|(_, check, _)| *check == "relay").map(|(.., seen)| seen).collect();
    for transport in ["UDP", "TCP", "TLS"] {
        let works = format!("The relay works over {transport} at 127.0.0.1:");
        assert!(relay.iter().any(|seen| seen.starts_with(&works)), "{transport}: {relay:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["127.0.0.1"], Duration::days(-3));
    let examination = with_certificate(&certificate, &key, &authority.root()).await;
    assert!(examination.only_problem("certificate-expired").starts_with("The certificate ended "));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["www.example.test"], Duration::days(90));
    let examination = with_certificate(&certificate, &key, &authority.root()).await;
    let seen = examination.only_problem("certificate-name");
    assert_eq!(seen, "The certificate is for www.example.test, not for 127.0.0.1.");
}

#[tokio::test]
async fn a_certificate_without_its_issuers_is_named() {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = root.self_signed(&root_key).unwrap();
    let between_key = KeyPair::generate().unwrap();
    let mut between = CertificateParams::new(Vec::new()).unwrap();
    between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    between.distinguished_name.push(rcgen::DnType::CommonName, "In Between");
    let between = between.signed_by(&between_key, &root, &root_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &between, &between_key).unwrap();

    let examination = with_certificate(&leaf.pem(), &key.serialize_pem(), &root.pem()).await;
    assert!(examination.only_problem("certificate-chain").contains("In Between"));
    let chain = leaf.pem() + &between.pem();
    let examination = with_certificate(&chain, &key.serialize_pem(), &root.pem()).await;
    assert_eq!(examination.problems(), [""; 0], "{:#}", examination.report);
}

#[tokio::test]
async fn a_self_signed_certificate_is_named() {
    let server = TestServer::start_with(|configuration| {
        configuration.tls = Some(on_loopback(CertificateSource::SelfSigned));
    })
    .await;
    let url = format!("https://{}", server.addresses.https[0]);
    let examination = Examination::of(&[&url], None).await;
    // For a try on one's own machine it is right.
    assert_eq!(examination.level("certificate-self-signed"), "warning");
    assert_eq!(examination.code, Some(0));
}

#[tokio::test]
async fn a_page_without_tls_is_named() {
    let server = TestServer::start().await;
    let url = format!("https://{}", server.http());
    let examination = Examination::of(&[&url], None).await;
    assert!(examination.problems().contains(&"no-tls"), "{:#}", examination.report);
    assert_eq!(examination.code, Some(1));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    // Reserved for names that never resolve (RFC 6761, 6.4).
    let examination = Examination::of(&["https://call.invalid"], None).await;
    let seen = examination.only_problem("name-unresolved");
    assert!(seen.starts_with("The name call.invalid could not be looked up: "), "{seen}");
}

#[tokio::test]
async fn a_closed_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let examination = Examination::of(&[&format!("http://{address}")], None).await;
    assert!(examination.problems().contains(&"port-refused"), "{:#}", examination.report);
    assert_eq!(
        examination.seen("port-refused"),
        format!("Nothing listens on TCP {} of 127.0.0.1.", address.port())
    );
    assert_eq!(examination.code, Some(1));
}

#[tokio::test]
async fn a_stun_port_that_a_firewall_drops_is_named() {
    // Receives and says nothing, as a port behind a firewall seems to.
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let server = TestServer::start_with(|configuration| {
        configuration.stun_servers = vec![format!("stun:127.0.0.1:{port}")];
    })
    .await;
    let examination = Examination::of(&[&format!("http://{}", server.http())], None).await;
    let seen = examination.only_problem("stun-silent");
    assert_eq!(seen, format!("STUN does not answer at UDP {port} of 127.0.0.1."));
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_ahead_is_named() {
    // Not by the command `faketime`: that stays in front of what it starts, which then outlives the test.
    let mut ahead = Command::new(env!("CARGO_BIN_EXE_eyeline"));
    ahead.env("LD_PRELOAD", libfaketime()).env("FAKETIME", "+10m");
    let server = Process::eyeline(ahead, &[]).await;
    let examination = Examination::of(&[&server.url()], None).await;
    assert_eq!(examination.problems()[0], "clock", "{:#}", examination.report);
    assert!(examination.seen("clock").starts_with("The server's clock is 10 minutes ahead of"));
    assert_eq!(examination.code, Some(1));
}

#[tokio::test]
async fn a_server_with_few_open_files_is_named() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 1000; exec \"$0\" \"$@\""]).arg(env!("CARGO_BIN_EXE_eyeline"));
    let server = Process::eyeline(few, &[]).await;
    let examination = Examination::of(&[&server.url()], None).await;
    assert_eq!(examination.level("files"), "warning");
    let seen = examination.seen("files");
    assert_eq!(seen, "The server may open only 1000 files, but accepts 4096 connections.");
    assert_eq!(examination.code, Some(0), "a warning is no problem");
}

/// Runs the doctor beside a server, both in a network of their own, which `before` and `between` arrange.
async fn in_a_network(before: &str, serve: &str, between: &str, examine: &str) -> Examination {
    let script = format!(
        "set -e\n\
         ip link set lo up\n\
         {before}\n\
         \"$0\" {serve} --log off >server.out & server=$!\n\
         trap 'kill -KILL $server' EXIT\n\
         until grep -q STUN server.out; do :; done\n\
         {between}\n\
         \"$0\" doctor --json {examine}\n"
    );
    let folder = Folder::new();
    let mut command = Command::new("unshare");
    command.args(["--net", "--map-root-user", "bash", "-c", &script]).arg(env!("CARGO_BIN_EXE_eyeline"));
    Examination::by(command.current_dir(folder.path()).kill_on_drop(true)).await
}

const SERVE: &str = "--listen 127.0.0.1:8080 --stun-listen 127.0.0.1:3478";

/// The network's counters are its own, too: a server that does not come to read its datagrams.
#[tokio::test]
async fn datagrams_lost_for_want_of_buffer_are_named() {
    let flood = "\
        kill -STOP $server\n\
        exec 3>/dev/udp/127.0.0.1/3478\n\
        for _ in {1..20000}; do echo flood >&3; done\n\
        kill -CONT $server";
    let examination = in_a_network("", SERVE, flood, "http://127.0.0.1:8080").await;
    assert_eq!(examination.level("receive-buffer-losses"), "warning", "{}", examination.errors);
    assert!(examination.seen("receive-buffer-losses").starts_with("This machine has thrown away "));
}

#[tokio::test]
async fn udp_that_a_firewall_drops_is_named() {
    let wall = "\
        nft 'add table inet wall; add chain inet wall in { type filter hook input priority 0; }'\n\
        nft add rule inet wall in udp dport 3478 drop";
    let examination = in_a_network(wall, SERVE, "", "http://127.0.0.1:8080").await;
    assert_eq!(
        examination.problems(),
        ["stun-silent", "relay-udp"],
        "{:#}{}",
        examination.report,
        examination.errors
    );
    assert_eq!(examination.seen("relay-udp"), "The relay does not answer at UDP 3478 of 127.0.0.1.");
    assert!(examination.seen("relay").starts_with("The relay works over TCP at "));
}

#[tokio::test]
async fn a_server_is_examined_over_ipv6_as_over_ipv4() {
    let serve = "--listen [::1]:8080 --stun-listen [::]:3478";
    let examination = in_a_network("", serve, "", "http://[::1]:8080").await;
    assert_eq!(examination.problems(), [""; 0], "{:#}{}", examination.report, examination.errors);
    let relay: Vec<&str> =
        examination.all().filter(|(_, check, _)| *check == "relay").map(|(.., seen)| seen).collect();
    assert_eq!(relay.len(), 2, "{relay:?}");
    for (transport, seen) in ["UDP", "TCP"].iter().zip(relay) {
        assert!(seen.starts_with(&format!("The relay works over {transport} at [::1]:3478: ")), "{seen}");
    }
}

/// The public address is a router's, which leads to the server, from inside too.
const ROUTER: &str = "\
    ip route add 203.0.113.5 dev lo src 127.0.0.1\n\
    nft 'add table ip router; add chain ip router out { type nat hook output priority -100; }'";
const BEHIND_IT: &str = "http://203.0.113.5:8080 --public-address 203.0.113.5";

#[tokio::test]
async fn a_server_behind_a_router_is_recognised_by_its_public_address() {
    let before = format!("{ROUTER}\nnft add rule ip router out ip daddr 203.0.113.5 dnat to 127.0.0.1");
    let serve = "--listen 127.0.0.1:8080 --stun-listen 127.0.0.1:3478 --public-address 203.0.113.5";
    let examination = in_a_network(&before, serve, "", BEHIND_IT).await;
    // Plain HTTP is what is wrong with it, and nothing else.
    assert_eq!(examination.only_problem("no-https"), "http://203.0.113.5:8080 is plain HTTP.");
    assert_eq!(examination.report["facts"]["machine"]["same_server"], true, "{:#}", examination.report);
    assert_eq!(examination.report["warnings"], 0, "{:#}", examination.report);
}

#[tokio::test]
async fn a_router_that_leads_nobody_back_is_named() {
    let examination = in_a_network(ROUTER, SERVE, "", BEHIND_IT).await;
    assert!(examination.problems().contains(&"hairpin"), "{:#}{}", examination.report, examination.errors);
    let seen = examination.seen("hairpin");
    assert_eq!(seen, "TCP 8080 of 203.0.113.5 cannot be reached from the server's own network.");
}

#[tokio::test]
async fn a_server_without_a_relay_is_named() {
    let server = Process::eyeline(Command::new(env!("CARGO_BIN_EXE_eyeline")), &["--relay", "off"]).await;
    let examination = Examination::of(&[&server.url()], None).await;
    assert_eq!(examination.level("relay-off"), "warning");
    assert_eq!(examination.problems(), [""; 0], "{:#}", examination.report);
}

#[tokio::test]
async fn a_wrong_public_address_is_named() {
    let wrong = ["--public-address", "192.0.2.77"];
    let server = Process::eyeline(Command::new(env!("CARGO_BIN_EXE_eyeline")), &wrong).await;
    let examination = Examination::of(&[&server.url()], None).await;
    assert_eq!(examination.level("relay-address"), "warning");
    let seen = examination.seen("relay-address");
    assert_eq!(seen, "The relay gives out the address 192.0.2.77, but 127.0.0.1 leads to 127.0.0.1.");
}

/// On the server, where the doctor may read the relay's key, it makes a credential that has ended, too.
#[tokio::test]
async fn what_the_relay_must_refuse_is_asked_for_and_refused() {
    let folder = Folder::new();
    // Another address than that of the test's own machine, which a relay there would have to take.
    let flags = ["--state-directory", folder.path().to_str().unwrap(), "--public-address", "192.0.2.77"];
    let server = Process::eyeline(Command::new(env!("CARGO_BIN_EXE_eyeline")), &flags).await;
    let examination = Examination::of(&[&[&*server.url()][..], &flags].concat(), None).await;
    assert_eq!(examination.level("relay-refuses"), "good");
    let refusals = examination.report["facts"]["refusals"].as_array().unwrap();
    let code_of = |refused: &Value| {
        refusals.iter().find(|refusal| refusal["of"] == *refused).unwrap()["code"]["Ok"].clone()
    };
    assert_eq!(code_of(&"Expired".into()), 401);
    assert_eq!(code_of(&"WrongPassword".into()), 401);
    for inside in ["169.254.169.254", "127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
        assert_eq!(code_of(&serde_json::json!({ "Inside": inside })), 403, "{inside}");
    }
}

#[tokio::test]
async fn a_proxy_without_websockets_is_named() {
    let server = TestServer::start().await;
    let upstream = format!("proxy_pass http://{}; proxy_set_header Host $http_host;", server.http());
    let proxy = Process::nginx(&upstream).await;
    let examination = Examination::of(&[&proxy.url()], None).await;
    let seen = examination.only_problem("no-websocket");
    assert!(seen.starts_with("The request for a WebSocket is answered with 4"), "{seen}");
    assert_eq!(examination.level("page"), "good");
}

#[tokio::test]
async fn a_proxy_that_changes_the_host_is_named() {
    let server = TestServer::start().await;
    let upstream = format!(
        "proxy_pass http://{}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
         proxy_set_header Connection upgrade;",
        server.http()
    );
    let proxy = Process::nginx(&upstream).await;
    let examination = Examination::of(&[&proxy.url()], None).await;
    examination.only_problem("origin-refused");
}

#[tokio::test]
async fn a_proxy_without_a_server_behind_it_is_named() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let proxy = Process::nginx(&format!("proxy_pass http://{address};")).await;
    let examination = Examination::of(&[&proxy.url()], None).await;
    assert!(examination.problems().contains(&"proxy-without-server"), "{:#}", examination.report);
}

/// A proxy with TLS and everything else in order: what is behind it cannot offer the relay over TLS.
#[tokio::test]
async fn a_proxy_that_ends_tls_leaves_no_relay_over_tls() {
    let folder = Folder::new();
    let authority = Authority::new();
    let (certificate, key) = authority.issue(&["127.0.0.1"], Duration::days(90));
    for (file, content) in
        [("certificate.pem", &certificate), ("key.pem", &key), ("authority.pem", &authority.root())]
    {
        folder.write(file, content);
    }
    let server = TestServer::start().await;
    let location = format!(
        "proxy_pass http://{}; proxy_http_version 1.1; proxy_set_header Host $http_host; \
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;",
        server.http()
    );
    let (certificate, key) = (folder.file("certificate.pem"), folder.file("key.pem"));
    let tls = format!("ssl_certificate {}; ssl_certificate_key {};", certificate.display(), key.display());
    let proxy = Process::nginx_with("ssl", &tls, &location).await;
    let url = format!("https://{}", proxy.address);
    let examination = Examination::of(&[&url], Some(&folder.file("authority.pem"))).await;
    assert_eq!(examination.problems(), [""; 0], "{:#}", examination.report);
    assert_eq!(examination.level("relay-without-tls"), "warning");
}

#[tokio::test]
async fn another_server_is_named() {
    let proxy = Process::nginx("return 404;").await;
    let examination = Examination::of(&[&proxy.url()], None).await;
    assert!(examination.seen("not-eyeline").contains("nginx"));
    assert_eq!(examination.code, Some(1));
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_named() {
    let server = TestServer::start().await;
    let folder = Folder::new();
    folder.write("certificate.pem", "");
    let (certificate, key) = (folder.file("certificate.pem"), folder.file("no-key.pem"));
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let url = format!("http://{}", server.http());
    let examination = Examination::of(&[&url, "--tls-cert", certificate, "--tls-key", key], None).await;
    assert!(examination.only_problem("unreadable-file").starts_with(key));
}

#[tokio::test]
async fn without_an_address_the_server_of_the_flags_is_examined() {
    let server = TestServer::start().await;
    let listen = server.http().to_string();
    let examination = Examination::of(&["--listen", &listen], None).await;
    assert_eq!(examination.report["target"], format!("http://{listen}"));
    assert_eq!(examination.code, Some(0), "{:#}", examination.report);

    let folder = Folder::new();
    let (certificate, key) = Authority::new().issue(&["call.invalid"], Duration::days(90));
    folder.write("certificate.pem", &certificate);
    folder.write("key.pem", &key);
    let (certificate, key) = (folder.file("certificate.pem"), folder.file("key.pem"));
    let flags = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let examination = Examination::of(&flags, None).await;
    assert_eq!(examination.report["target"], "https://call.invalid");
    let examination = Examination::of(&["--domain", "name.invalid"], None).await;
    assert_eq!(examination.report["target"], "https://name.invalid");
}

#[tokio::test]
async fn what_cannot_be_examined_ends_with_2() {
    for words in
        [&["ftp://call.example.org"][..], &["https://a b"], &["--members-in-call", "1"], &["--nonsense"]]
    {
        let examination = Examination::of(words, None).await;
        assert_eq!(examination.code, Some(2), "{words:?}");
        assert_eq!(examination.report, Value::Null, "{words:?}");
        assert_ne!(examination.errors, "", "{words:?}");
    }
}

#[tokio::test]
async fn a_person_reads_sentences_and_is_sent_to_look_from_outside() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyeline"));
    let output = command.args(["doctor", "https://call.invalid"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let parts = [
        "PROBLEM  The name",
        "What it means: ",
        "What to do: ",
        "1 problem, no warnings.",
        "https://call.invalid/#check",
    ];
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(80), "{longest:?} columns in\n{text}");
}

/// A program that serves, and is stopped with the test.
struct Process {
    child: Child,
    address: SocketAddr,
    _folder: Folder,
}

impl Process {
    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `command` runs Eyeline in some way; says where.
    async fn eyeline(mut command: Command, flags: &[&str]) -> Self {
        command.args(flags);
        let (child, address, _) = start_binary(command).await;
        Self { child, address, _folder: Folder::new() }
    }

    /// A real nginx whose one location has this content.
    async fn nginx(location: &str) -> Self {
        Self::nginx_with("", "", location).await
    }

    async fn nginx_with(listen: &str, settings: &str, location: &str) -> Self {
        let free = SocketAddr::from((loopback(1), free_port()));
        let folder = Folder::new();
        let here = folder.path().display();
        let configuration = format!(
            "daemon off; master_process off; pid {here}/pid; error_log stderr;\n\
             events {{ }}\n\
             http {{\n\
               access_log off;\n\
               client_body_temp_path {here}; proxy_temp_path {here}; fastcgi_temp_path {here};\n\
               uwsgi_temp_path {here}; scgi_temp_path {here};\n\
               server {{ listen {free} {listen}; {settings} location / {{ {location} }} }}\n\
             }}\n"
        );
        folder.write("nginx.conf", &configuration);
        let mut command = Command::new(program("usr/sbin/nginx"));
        command.args(["-e", "stderr", "-c"]).arg(folder.file("nginx.conf")).arg("-p").arg(folder.path());
        let child = command.stderr(Stdio::null()).kill_on_drop(true).spawn().expect("`cargo xtask setup`?");
        let started = async {
            while TcpStream::connect(free).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, started).await.expect("nginx does not listen");
        Self { child, address: free, _folder: folder }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A shell in front has become the server itself.
        let _ended = self.child.start_kill();
    }
}

/// Debian's package of this name puts it in a folder named after the kind of machine.
fn libfaketime() -> std::path::PathBuf {
    let kinds = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let library = kinds.map(|kind| kind.path().join("faketime/libfaketime.so.1")).find(|file| file.exists());
    library.expect("libfaketime is missing: `cargo xtask setup`")
}
