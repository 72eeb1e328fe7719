//! A healthy server, and what is said when one thing about it is changed.

use super::{Level, findings};
use crate::doctor::facts::{
    Certificate, Datagrams, Facts, Files, Front, Health, JoinFailure, Listening, Machine, Port, Reach,
    Redirect, Refusal, Refused, RelayFailure, RelayProbe, RelayReason, RelayStep, Relayed, StunProbe, Target,
    Transport, Verdict, WelcomeFacts,
};
use std::net::{IpAddr, SocketAddr};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::new(ip("203.0.113.5"), port)
}

fn stun(port: u16, second: bool) -> StunProbe {
    let url = format!("stun:call.example.org:{port}");
    StunProbe { url, server: at(port), mapped: Ok("198.51.100.7:50000".parse().unwrap()), second }
}

fn relay(transport: Transport) -> RelayProbe {
    let (url, port) = match transport {
        Transport::Udp => ("turn:call.example.org:3478?transport=udp", 3478),
        Transport::Tcp => ("turn:call.example.org:3478?transport=tcp", 3478),
        Transport::Tls => ("turns:call.example.org:443?transport=tcp", 443),
    };
    let mapped = "198.51.100.7:50001".parse().unwrap();
    let worked = Relayed { relayed: at(49160), mapped, echo_milliseconds: 3 };
    RelayProbe { url: url.to_owned(), transport, server: at(port), outcome: Ok(worked) }
}

/// `https://call.example.org`, seen from another machine, in perfect health.
fn from_elsewhere() -> Facts {
    let front = Front {
        address: at(443),
        reach: Reach::Open,
        certificate: Some(Certificate {
            verdict: Verdict::Trusted,
            chain_length: 2,
            self_signed: false,
            issuer: "C=US, O=Example CA, CN=E7".to_owned(),
            names: vec!["call.example.org".to_owned()],
            days_left: 60,
        }),
        tls_error: None,
        health: Some(Ok(Health { status: 200, is_eyeline: true, server: None, clock_ahead: Some(0) })),
        joined: Some(Ok(())),
    };
    let ice_urls = [
        "stun:call.example.org:3478",
        "turn:call.example.org:3478?transport=udp",
        "turn:call.example.org:3478?transport=tcp",
        "turns:call.example.org:443?transport=tcp",
    ];
    Facts {
        target: Target { secure: true, host: "call.example.org".to_owned(), port: 443 },
        on_server: false,
        version: "0.0.0",
        names: Ok(vec![ip("203.0.113.5")]),
        fronts: vec![front],
        redirect: Some(Redirect::ToTarget),
        welcome: Some(WelcomeFacts {
            build: "0.0.0".to_owned(),
            ice_urls: ice_urls.map(str::to_owned).to_vec(),
            mapping_check: "stun:call.example.org:3479".to_owned(),
            credential_seconds_left: Some(600),
        }),
        stun: vec![stun(3478, false), stun(3479, true)],
        relay: vec![relay(Transport::Udp), relay(Transport::Tcp), relay(Transport::Tls)],
        refusals: vec![
            Refusal { of: Refused::Inside(ip("169.254.169.254")), code: Ok(Some(403)) },
            Refusal { of: Refused::Inside(ip("64:ff9b::7f00:1")), code: Ok(Some(443)) },
            Refusal { of: Refused::Outside(ip("198.51.100.7")), code: Ok(Some(403)) },
            Refusal { of: Refused::WrongPassword, code: Ok(Some(401)) },
        ],
        machine: None,
    }
}

const PORTS: [Port; 4] = [
    Port { number: 443, udp: false },
    Port { number: 3478, udp: false },
    Port { number: 3478, udp: true },
    Port { number: 3479, udp: true },
];

/// The same, seen from the server's machine.
fn on_server() -> Facts {
    let machine = Machine {
        own: vec![ip("203.0.113.5")],
        public_addresses: Vec::new(),
        source: vec![ip("203.0.113.5")],
        observed: Vec::new(),
        container: false,
        listening: Some(Listening(PORTS.to_vec())),
        wanted: PORTS.to_vec(),
        files: Some(Files { limit: 8192, connections: 4096 }),
        receive_buffer_most: Some(4 * 1024 * 1024),
        datagrams: Some(Datagrams { received: 1_000_000, lost_for_want_of_buffer: 0 }),
        connection_tracking: Some((100, 65_536)),
        unreadable: Vec::new(),
        same_server: None,
        relay_ports: None,
    };
    Facts { on_server: true, machine: Some(machine), ..from_elsewhere() }
}

/// One change to a healthy server, the check that must notice it, and how bad that is.
type Case = (&'static str, fn(&mut Facts), &'static str, Level);

fn front(facts: &mut Facts) -> &mut Front {
    &mut facts.fronts[0]
}

fn certificate(facts: &mut Facts) -> &mut Certificate {
    front(facts).certificate.as_mut().unwrap()
}

fn health(facts: &mut Facts, change: impl Fn(&mut Health)) {
    if let Some(Ok(health)) = &mut front(facts).health {
        change(health);
    }
}

fn welcome(facts: &mut Facts) -> &mut WelcomeFacts {
    facts.welcome.as_mut().unwrap()
}

fn machine(facts: &mut Facts) -> &mut Machine {
    facts.machine.as_mut().unwrap()
}

fn without(facts: &mut Facts, transport: Transport, step: RelayStep, reason: RelayReason) {
    let probe = facts.relay.iter_mut().find(|probe| probe.transport == transport).unwrap();
    probe.outcome = Err(RelayFailure { step, reason });
}

/// Nobody could come by this address: nothing behind it was asked.
fn cut(facts: &mut Facts, reach: Reach) {
    *front(facts) = Front { reach, certificate: None, health: None, joined: None, ..front(facts).clone() };
    (facts.welcome, facts.stun, facts.relay, facts.refusals) = (None, vec![], vec![], vec![]);
}

const SILENT: RelayReason = RelayReason::Reach(Reach::Silent);

const CASES: &[Case] = &[
    (
        "the name does not resolve",
        |facts| {
            facts.names = Err("Name or service not known".to_owned());
            facts.fronts.clear();
            (facts.redirect, facts.welcome) = (None, None);
        },
        "name-unresolved",
        Level::Problem,
    ),
    (
        "the name leads to carrier NAT",
        |facts| facts.names = Ok(vec![ip("100.64.3.4")]),
        "name-carrier-nat",
        Level::Problem,
    ),
    (
        "the name leads to loopback",
        |facts| facts.names = Ok(vec![ip("127.0.1.1")]),
        "name-loopback",
        Level::Problem,
    ),
    (
        "the name leads to a private address",
        |facts| facts.names = Ok(vec![ip("192.168.1.5")]),
        "name-private",
        Level::Warning,
    ),
    (
        "the name leads to another machine",
        |facts| (machine(facts).own, machine(facts).source) = (vec![], vec![ip("192.0.2.9")]),
        "address-elsewhere",
        Level::Warning,
    ),
    (
        "the public address has changed",
        |facts| machine(facts).observed = vec![ip("203.0.113.77")],
        "address-observed",
        Level::Problem,
    ),
    (
        "the server is behind carrier NAT",
        |facts| machine(facts).source = vec![ip("100.72.0.9")],
        "carrier-nat",
        Level::Problem,
    ),
    (
        "the server is in a container behind a bridge",
        |facts| (machine(facts).container, machine(facts).source) = (true, vec![ip("172.17.0.2")]),
        "container-bridge",
        Level::Note,
    ),
    (
        "plain HTTP",
        |facts| facts.target = Target { secure: false, port: 80, ..facts.target.clone() },
        "no-https",
        Level::Problem,
    ),
    ("the page's port is closed", |facts| cut(facts, Reach::Refused), "port-refused", Level::Problem),
    ("a firewall drops the page's port", |facts| cut(facts, Reach::Silent), "port-silent", Level::Problem),
    (
        "no IPv6 here",
        |facts| {
            facts.names = Ok(vec![ip("2001:db8::5")]);
            machine(facts).own = vec![ip("2001:db8::5")];
            front(facts).address = "[2001:db8::5]:443".parse().unwrap();
            cut(facts, Reach::NoRoute);
        },
        "no-route",
        Level::Note,
    ),
    (
        "the public address does not answer from inside",
        |facts| {
            machine(facts).own = vec![];
            machine(facts).public_addresses = vec![ip("203.0.113.5")];
            cut(facts, Reach::Silent);
        },
        "hairpin",
        Level::Problem,
    ),
    ("no TLS", |facts| front(facts).tls_error = Some("it speaks HTTP".to_owned()), "no-tls", Level::Problem),
    (
        "the certificate has expired",
        |facts| (certificate(facts).verdict, certificate(facts).days_left) = (Verdict::Expired, -3),
        "certificate-expired",
        Level::Problem,
    ),
    (
        "the certificate is not valid yet",
        |facts| certificate(facts).verdict = Verdict::NotYetValid,
        "certificate-not-yet-valid",
        Level::Problem,
    ),
    (
        "the certificate is for another name",
        |facts| {
            (certificate(facts).verdict, certificate(facts).names) =
                (Verdict::WrongName, vec!["www.example.org".to_owned()])
        },
        "certificate-name",
        Level::Problem,
    ),
    (
        "the certificate is self-signed",
        |facts| (certificate(facts).verdict, certificate(facts).self_signed) = (Verdict::Unknown, true),
        "certificate-self-signed",
        Level::Problem,
    ),
    (
        "the certificate is self-signed, in a local network",
        |facts| {
            let local = "192.168.1.5:443".parse().unwrap();
            facts.names = Ok(vec![ip("192.168.1.5")]);
            (front(facts).address, facts.target.host) = (local, "192.168.1.5".to_owned());
            machine(facts).own = vec![ip("192.168.1.5")];
            (certificate(facts).verdict, certificate(facts).self_signed) = (Verdict::Unknown, true);
        },
        "certificate-self-signed",
        Level::Warning,
    ),
    (
        "the chain is incomplete",
        |facts| (certificate(facts).verdict, certificate(facts).chain_length) = (Verdict::Unknown, 1),
        "certificate-chain",
        Level::Problem,
    ),
    (
        "the issuer is unknown",
        |facts| certificate(facts).verdict = Verdict::Unknown,
        "certificate-issuer",
        Level::Problem,
    ),
    (
        "no authorities here",
        |facts| certificate(facts).verdict = Verdict::NotChecked,
        "certificate-not-checked",
        Level::Note,
    ),
    (
        "the certificate is unusable",
        |facts| certificate(facts).verdict = Verdict::Other("bad signature".to_owned()),
        "certificate-other",
        Level::Problem,
    ),
    (
        "the certificate ends soon",
        |facts| certificate(facts).days_left = 9,
        "certificate-ends-soon",
        Level::Warning,
    ),
    (
        "the server's clock is 10 minutes ahead",
        |facts| health(facts, |health| health.clock_ahead = Some(600)),
        "clock",
        Level::Problem,
    ),
    (
        "the server's clock is 2 minutes behind",
        |facts| health(facts, |health| health.clock_ahead = Some(-120)),
        "clock",
        Level::Warning,
    ),
    (
        "another server answers",
        |facts| {
            health(facts, |health| {
                (health.is_eyeline, health.status, health.server) = (false, 404, Some("nginx".to_owned()))
            })
        },
        "not-eyeline",
        Level::Problem,
    ),
    (
        "the proxy does not reach Eyeline",
        |facts| health(facts, |health| (health.is_eyeline, health.status) = (false, 502)),
        "proxy-without-server",
        Level::Problem,
    ),
    ("no HTTP", |facts| front(facts).health = Some(Err("no answer".to_owned())), "no-http", Level::Problem),
    (
        "the proxy passes no WebSocket on",
        |facts| front(facts).joined = Some(Err(JoinFailure::NoUpgrade(426))),
        "no-websocket",
        Level::Problem,
    ),
    (
        "the proxy changes the host",
        |facts| front(facts).joined = Some(Err(JoinFailure::NoUpgrade(403))),
        "origin-refused",
        Level::Problem,
    ),
    (
        "asked too often",
        |facts| front(facts).joined = Some(Err(JoinFailure::Closed(4429))),
        "asked-too-often",
        Level::Note,
    ),
    (
        "the server closes",
        |facts| front(facts).joined = Some(Err(JoinFailure::Closed(4400))),
        "join-closed",
        Level::Problem,
    ),
    (
        "the proxy holds messages back",
        |facts| front(facts).joined = Some(Err(JoinFailure::Silent)),
        "join-silent",
        Level::Problem,
    ),
    (
        "port 80 leads elsewhere",
        |facts| facts.redirect = Some(Redirect::Other { status: 200, location: None }),
        "redirect",
        Level::Warning,
    ),
    (
        "port 80 is closed",
        |facts| facts.redirect = Some(Redirect::Unreachable(Reach::Refused)),
        "redirect",
        Level::Note,
    ),
    (
        "no STUN server",
        |facts| {
            welcome(facts).ice_urls.remove(0);
        },
        "stun-off",
        Level::Problem,
    ),
    (
        "UDP 3478 is closed to STUN",
        |facts| facts.stun[0].mapped = Err(Reach::Silent),
        "stun-silent",
        Level::Problem,
    ),
    (
        "UDP 3479 is closed",
        |facts| facts.stun[1].mapped = Err(Reach::Refused),
        "stun-second-silent",
        Level::Warning,
    ),
    (
        "the relay is off",
        |facts| {
            welcome(facts).ice_urls.truncate(1);
            facts.relay.clear();
            facts.refusals.clear();
        },
        "relay-off",
        Level::Warning,
    ),
    (
        "no relay over TLS",
        |facts| {
            welcome(facts).ice_urls.truncate(3);
            facts.relay.truncate(2);
        },
        "relay-without-tls",
        Level::Warning,
    ),
    (
        "the credential has expired",
        |facts| welcome(facts).credential_seconds_left = Some(-30),
        "credential-expired",
        Level::Problem,
    ),
    (
        "UDP 3478 is closed to the relay",
        |facts| without(facts, Transport::Udp, RelayStep::Challenge, SILENT),
        "relay-udp",
        Level::Problem,
    ),
    (
        "TCP 3478 is closed",
        |facts| without(facts, Transport::Tcp, RelayStep::Connect, RelayReason::Reach(Reach::Refused)),
        "relay-tcp",
        Level::Problem,
    ),
    (
        "a proxy that ends TLS where the relay should be",
        |facts| {
            without(facts, Transport::Tls, RelayStep::Challenge, RelayReason::Nonsense("HTTP".to_owned()))
        },
        "relay-tls",
        Level::Problem,
    ),
    (
        "another TURN server on the port",
        |facts| without(facts, Transport::Udp, RelayStep::Allocate, RelayReason::Code(401)),
        "relay-udp",
        Level::Problem,
    ),
    (
        "the relay is full",
        |facts| without(facts, Transport::Udp, RelayStep::Allocate, RelayReason::Code(486)),
        "relay-udp",
        Level::Problem,
    ),
    (
        "the relay refuses itself",
        |facts| without(facts, Transport::Udp, RelayStep::Permission, RelayReason::Code(403)),
        "relay-udp",
        Level::Problem,
    ),
    (
        "relayed datagrams are lost",
        |facts| without(facts, Transport::Udp, RelayStep::Echo, SILENT),
        "relay-udp",
        Level::Problem,
    ),
    (
        "the relay fails in another way",
        |facts| without(facts, Transport::Udp, RelayStep::Channel, RelayReason::Code(400)),
        "relay-udp",
        Level::Problem,
    ),
    (
        "wrong public address",
        |facts| {
            for probe in &mut facts.relay {
                probe.outcome.as_mut().unwrap().relayed = "10.0.0.4:49160".parse().unwrap();
            }
        },
        "relay-address",
        Level::Warning,
    ),
    (
        "wrong public address of an open relay",
        |facts| {
            for probe in &mut facts.relay {
                probe.outcome.as_mut().unwrap().relayed = "10.0.0.4:49160".parse().unwrap();
            }
            facts.refusals[2].code = Ok(None);
        },
        "relay-address",
        Level::Problem,
    ),
    (
        "the relay reaches inside",
        |facts| facts.refusals[0].code = Ok(None),
        "relay-reaches-inside",
        Level::Problem,
    ),
    ("the relay is open", |facts| facts.refusals[2].code = Ok(None), "relay-open", Level::Note),
    (
        "any password is accepted",
        |facts| facts.refusals[3].code = Ok(None),
        "relay-wrong-password",
        Level::Problem,
    ),
    (
        "an expired credential is accepted",
        |facts| facts.refusals.push(Refusal { of: Refused::Expired, code: Ok(None) }),
        "relay-expired-accepted",
        Level::Problem,
    ),
    (
        "nothing listens on UDP 3478",
        |facts| machine(facts).listening = Some(Listening(PORTS[..2].to_vec())),
        "not-listening",
        Level::Problem,
    ),
    (
        "few open files",
        |facts| machine(facts).files = Some(Files { limit: 1024, connections: 4096 }),
        "files",
        Level::Warning,
    ),
    (
        "small buffers",
        |facts| machine(facts).receive_buffer_most = Some(212_992),
        "receive-buffer",
        Level::Note,
    ),
    (
        "datagrams thrown away",
        |facts| {
            machine(facts).datagrams =
                Some(Datagrams { received: 1_000_000, lost_for_want_of_buffer: 5_000 });
        },
        "receive-buffer-losses",
        Level::Warning,
    ),
    (
        "the firewall's table is full",
        |facts| machine(facts).connection_tracking = Some((60_000, 65_536)),
        "connection-tracking",
        Level::Warning,
    ),
    (
        "a key cannot be read",
        |facts| {
            machine(facts).unreadable =
                vec![("/etc/eyeline/key.pem".to_owned(), "permission denied".to_owned())]
        },
        "unreadable-file",
        Level::Problem,
    ),
    (
        "few relay ports",
        |facts| machine(facts).relay_ports = Some((50_000, 50_099)),
        "relay-ports",
        Level::Warning,
    ),
    (
        "many relay ports",
        |facts| machine(facts).relay_ports = Some((50_000, 50_999)),
        "relay-ports",
        Level::Note,
    ),
];

#[test]
fn of_a_healthy_server_nothing_bad_is_said() {
    for facts in [from_elsewhere(), on_server()] {
        for finding in findings(&facts) {
            assert_eq!(finding.level, Level::Good, "{finding:?}");
            assert_eq!((finding.meaning.as_str(), finding.remedy.as_str()), ("", ""), "{finding:?}");
        }
    }
}

#[test]
fn each_fault_is_named_once_and_nothing_else_is() {
    for (fault, change, check, level) in CASES {
        let mut facts = on_server();
        change(&mut facts);
        let bad: Vec<_> =
            findings(&facts).into_iter().filter(|finding| finding.level != Level::Good).collect();
        let seen: Vec<_> = bad.iter().map(|finding| (finding.check, finding.level)).collect();
        assert_eq!(seen, expected(check, *level), "{fault}: {bad:#?}");
    }
}

/// Names that lead elsewhere are noticed in several ways, all of them true.
fn expected(check: &'static str, level: Level) -> Vec<(&'static str, Level)> {
    let elsewhere = ("address-elsewhere", Level::Warning);
    let relayed = ("relay-address", Level::Warning);
    match check {
        "name-loopback" => vec![(check, level), elsewhere],
        "name-carrier-nat" | "name-private" => vec![(check, level), elsewhere, relayed],
        "certificate-self-signed" if level == Level::Warning => {
            vec![("name-private", Level::Warning), (check, level), relayed]
        }
        "relay-address" if level == Level::Problem => vec![(check, level), ("relay-open", Level::Note)],
        _ => vec![(check, level)],
    }
}

#[test]
fn every_bad_finding_says_what_it_means_and_what_to_do() {
    for (fault, change, ..) in CASES {
        let mut facts = on_server();
        change(&mut facts);
        for finding in findings(&facts).iter().filter(|finding| finding.level != Level::Good) {
            for (part, text) in
                [("seen", &finding.seen), ("meaning", &finding.meaning), ("remedy", &finding.remedy)]
            {
                assert!(text.len() > 10 && !text.contains("  "), "{fault}: {part}: {text:?}");
                assert!(text.ends_with(['.', '`', '?']), "{fault}: {part} is no sentence: {text:?}");
            }
        }
    }
}

/// `docs/faults.md` is for people who have the sentence and look for the fault.
#[test]
fn the_document_lists_every_fault_with_its_sentence() {
    let document = include_str!("../../../../../docs/faults.md");
    let mut table = String::new();
    for (fault, change, check, level) in CASES {
        let mut facts = on_server();
        change(&mut facts);
        let all = findings(&facts);
        let finding = all.iter().find(|finding| finding.check == *check).unwrap();
        let level = match level {
            Level::Good | Level::Note => "note",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        let row = format!("| {fault} | {level} | {} | {} |", finding.seen, finding.meaning);
        table.push_str(&row);
        table.push('\n');
    }
    assert!(document.contains(&table), "docs/faults.md should have this table:\n{table}");
}
