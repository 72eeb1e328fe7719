//! What is said of each fault, as a table: the fault, put into a person's otherwise good situation, and the findings that
//! change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails should panic")]

use eyeline_call::diagnosis::{
    Capture, Facts, Finding, Probe, Relay, RelayFault, Sentence, Server, Sound, Speaker, Subject, Verdict,
    findings,
};
use eyeline_call::input::{CaptureError, RelayTransport};
use eyeline_protocol::Milliseconds;

const HOST: &str = "candidate:1 1 udp 2122194687 192.168.1.20 40389 typ host generation 0";
const HIDDEN_HOST: &str =
    "candidate:1 1 UDP 2122252543 7b0f3f1a-41e5-4e0c-9be3-6a7d7cfb9b5e.local 45111 typ host";
const TCP_HOST: &str = "candidate:3 1 tcp 1518214911 192.168.1.20 9 typ host tcptype active";

fn mapped(address: &str, port: u16) -> String {
    format!("candidate:4 1 udp 1677729535 {address} {port} typ srflx raddr 0.0.0.0 rport 0")
}

fn probe(lines: &[&str], errors: &[u16], took: u64) -> Probe {
    let mut probe = Probe { took: Some(Milliseconds(took)), errors: errors.to_vec(), ..Probe::default() };
    for line in lines {
        probe.candidate(line);
    }
    probe
}

fn skipped() -> Probe {
    Probe { skipped: true, took: Some(Milliseconds(0)), ..Probe::default() }
}

fn relay(transport: RelayTransport, outcome: Result<Milliseconds, RelayFault>) -> Relay {
    Relay { transport, outcome: Some(outcome) }
}

/// Behind an ordinary home router, everything works.
fn good() -> Facts {
    let seen = |port| mapped("198.51.100.7", port);
    Facts {
        secure: true,
        web_rtc: true,
        camera: Capture::On(()),
        microphone: Capture::On(Sound::Heard),
        speaker: Speaker::Heard,
        server: Server::Online,
        first: probe(&[HOST, TCP_HOST, &seen(50_001)], &[], 90),
        second: probe(&[HOST, TCP_HOST, &seen(50_002)], &[], 90),
        both: probe(&[HOST, TCP_HOST, &seen(50_003), &seen(50_003)], &[], 90),
        relays: [RelayTransport::Udp, RelayTransport::Tcp, RelayTransport::Tls]
            .map(|transport| relay(transport, Ok(Milliseconds(80))))
            .to_vec(),
    }
}

/// UDP comes to nothing.
fn no_udp(facts: &mut Facts) {
    for probe_ in [&mut facts.first, &mut facts.second, &mut facts.both] {
        *probe_ = probe(&[HOST, TCP_HOST], &[701], 9_600);
    }
    set_relay(facts, RelayTransport::Udp, RelayFault::NoAnswer);
}

fn set_relay(facts: &mut Facts, transport: RelayTransport, fault: RelayFault) {
    for relay in facts.relays.iter_mut().filter(|relay| relay.transport == transport) {
        relay.outcome = Some(Err(fault));
    }
}

fn hard(facts: &mut Facts) {
    facts.both = probe(&[HOST, &mapped("198.51.100.7", 50_003), &mapped("198.51.100.7", 50_004)], &[], 90);
}

type Fault = (&'static str, fn(&mut Facts), &'static [(Subject, Verdict, Sentence)]);

const FAULTS: &[Fault] = {
    use Sentence as S;
    use Subject as O;
    use Verdict::{Bad, Good, Running, Waiting, Warning};
    &[
        (
            "UDP is blocked, the relay works",
            no_udp,
            &[
                (O::Summary, Warning, S::SummaryFineByRelay),
                (O::Direct, Warning, S::DirectBlocked),
                (O::Relay, Warning, S::RelayNoAnswer),
            ],
        ),
        (
            "UDP is blocked and no relay is reached",
            |facts| {
                no_udp(facts);
                set_relay(facts, RelayTransport::Tcp, RelayFault::NoAnswer);
                set_relay(facts, RelayTransport::Tls, RelayFault::NoAnswer);
            },
            &[
                (O::Summary, Bad, S::SummaryNobodyReachable),
                (O::Direct, Bad, S::DirectBlocked),
                (O::Relay, Bad, S::RelayNoAnswer),
                (O::RelayTcp, Bad, S::RelayNoAnswer),
                (O::RelayTls, Bad, S::RelayNoAnswer),
            ],
        ),
        (
            "the STUN port is closed on the server, the relay by UDP works",
            |facts| {
                facts.first = probe(&[HOST], &[701], 9_600);
            },
            &[],
        ),
        ("the relay is switched off", |facts| facts.relays.clear(), &[(O::Relay, Warning, S::RelayNone)]),
        ("a symmetric NAT, the relay works", hard, &[(O::Router, Warning, S::RouterHard)]),
        (
            "a symmetric NAT without a relay",
            |facts| {
                hard(facts);
                facts.relays.clear();
            },
            &[
                (O::Summary, Warning, S::SummarySomeUnreachable),
                (O::Router, Bad, S::RouterHardNoRelay),
                (O::Relay, Warning, S::RelayNone),
            ],
        ),
        (
            "no NAT at all",
            |facts| {
                for one in [&mut facts.first, &mut facts.second, &mut facts.both] {
                    *one = probe(&[HOST, TCP_HOST], &[], 60);
                }
            },
            &[(O::Router, Good, S::RouterNone)],
        ),
        (
            "no NAT, host addresses behind names",
            |facts| {
                for one in [&mut facts.first, &mut facts.second, &mut facts.both] {
                    *one = probe(&[HIDDEN_HOST, &mapped("198.51.100.7", 45_111)], &[], 60);
                }
            },
            &[],
        ),
        (
            "the server has one STUN port",
            |facts| {
                facts.second = skipped();
                facts.both = skipped();
            },
            &[(O::Router, Waiting, S::RouterUnknown)],
        ),
        (
            "the second STUN port is closed",
            |facts| {
                facts.second = probe(&[HOST], &[701], 9_600);
            },
            &[(O::Router, Waiting, S::RouterUnknown)],
        ),
        (
            "the server has neither STUN nor a relay",
            |facts| {
                for one in [&mut facts.first, &mut facts.second, &mut facts.both] {
                    *one = skipped();
                }
                facts.relays.clear();
            },
            &[
                (O::Summary, Warning, S::SummarySomeUnreachable),
                (O::Direct, Waiting, S::DirectUnknown),
                (O::Relay, Warning, S::RelayNone),
            ],
        ),
        (
            "the relay's name is not found",
            |facts| {
                for transport in [RelayTransport::Udp, RelayTransport::Tcp, RelayTransport::Tls] {
                    set_relay(facts, transport, RelayFault::of(701, "TURN host lookup received error."));
                }
            },
            &[
                (O::Relay, Bad, S::RelayNameUnknown),
                (O::RelayTcp, Bad, S::RelayNameUnknown),
                (O::RelayTls, Bad, S::RelayNameUnknown),
            ],
        ),
        (
            "the relay's TCP port is closed",
            |facts| {
                set_relay(facts, RelayTransport::Tcp, RelayFault::of(701, "TURN server connection failed."));
            },
            &[(O::RelayTcp, Warning, S::RelayNoAnswer)],
        ),
        (
            "the relay refuses the credentials (clock, key)",
            |facts| {
                for transport in [RelayTransport::Udp, RelayTransport::Tcp, RelayTransport::Tls] {
                    set_relay(facts, transport, RelayFault::of(401, "Unauthorized"));
                }
            },
            &[
                (O::Relay, Bad, S::RelayRefused),
                (O::RelayTcp, Bad, S::RelayRefused),
                (O::RelayTls, Bad, S::RelayRefused),
            ],
        ),
        (
            "too many allocations",
            |facts| {
                set_relay(facts, RelayTransport::Udp, RelayFault::of(486, "Allocation Quota Reached"));
            },
            &[(O::Relay, Warning, S::RelayQuota)],
        ),
        (
            "the relay mixed two sockets up",
            |facts| {
                set_relay(facts, RelayTransport::Udp, RelayFault::of(437, "Allocation Mismatch"));
            },
            &[(O::Relay, Warning, S::RelayTryLater)],
        ),
        (
            "the relay advertises an address that leads nowhere",
            |facts| {
                set_relay(facts, RelayTransport::Udp, RelayFault::NothingThrough);
            },
            &[(O::Relay, Warning, S::RelayNothingThrough)],
        ),
        (
            "a proxy without WebSocket upgrade",
            |facts| facts.server = Server::NoWebSocket,
            &[(O::Summary, Bad, S::SummaryNoServer), (O::Server, Bad, S::ServerNoWebSocket)],
        ),
        (
            "the server cannot be reached",
            |facts| facts.server = Server::Unreachable,
            &[(O::Summary, Bad, S::SummaryNoServer), (O::Server, Bad, S::ServerUnreachable)],
        ),
        (
            "the server turns this network away",
            |facts| facts.server = Server::Busy,
            &[(O::Summary, Bad, S::SummaryNoServer), (O::Server, Bad, S::ServerBusy)],
        ),
        (
            "a silent microphone",
            |facts| facts.microphone = Capture::On(Sound::Silent),
            &[(O::Summary, Warning, S::SummaryDevices), (O::Microphone, Bad, S::MicrophoneSilent)],
        ),
        (
            "no camera",
            |facts| facts.camera = Capture::Failed(CaptureError::NotFound),
            &[(O::Summary, Warning, S::SummaryDevices), (O::Camera, Warning, S::CameraMissing)],
        ),
        (
            "camera and microphone denied",
            |facts| {
                facts.camera = Capture::Failed(CaptureError::Denied);
                facts.microphone = Capture::Failed(CaptureError::Denied);
            },
            &[
                (O::Summary, Warning, S::SummaryDevices),
                (O::Camera, Bad, S::CameraDenied),
                (O::Microphone, Bad, S::MicrophoneDenied),
            ],
        ),
        (
            "another program has the camera",
            |facts| facts.camera = Capture::Failed(CaptureError::Busy),
            &[(O::Summary, Warning, S::SummaryDevices), (O::Camera, Bad, S::CameraBusy)],
        ),
        (
            "the page did not come over HTTPS",
            |facts| {
                facts.secure = false;
                facts.camera = Capture::Waiting;
                facts.microphone = Capture::Waiting;
            },
            &[
                (O::Summary, Warning, S::SummaryDevices),
                (O::Camera, Bad, S::NotSecure),
                (O::Microphone, Bad, S::NotSecure),
            ],
        ),
        (
            "the speaker is not heard",
            |facts| facts.speaker = Speaker::NotHeard,
            &[(O::Summary, Warning, S::SummaryDevices), (O::Speaker, Bad, S::SpeakerNotHeard)],
        ),
        (
            "WebRTC is switched off",
            |facts| facts.web_rtc = false,
            &[(O::Summary, Bad, S::SummaryNoWebRtc), (O::Direct, Bad, S::NoWebRtc)],
        ),
        (
            "the browser names no address (a VPN, a setting)",
            |facts| {
                for one in [&mut facts.first, &mut facts.second, &mut facts.both] {
                    *one = probe(&[TCP_HOST], &[], 60);
                }
            },
            &[
                (O::Summary, Warning, S::SummaryFineByRelay),
                (O::Direct, Warning, S::DirectBlocked),
                (O::Addresses, Warning, S::AddressesHidden),
            ],
        ),
        (
            "two ways out (a VPN beside the network)",
            |facts| {
                facts.first.candidate(&mapped("203.0.113.80", 40_000));
                facts.second.candidate(&mapped("203.0.113.80", 40_001));
                facts.both.candidate(&mapped("203.0.113.80", 40_002));
            },
            &[(O::Addresses, Warning, S::AddressesSeveral)],
        ),
        (
            "nothing was looked at yet",
            |facts| *facts = Facts { secure: true, web_rtc: true, ..Facts::default() },
            &[
                (O::Summary, Running, S::SummaryRunning),
                (O::Camera, Waiting, S::CameraWaiting),
                (O::Microphone, Waiting, S::MicrophoneWaiting),
                (O::Speaker, Waiting, S::SpeakerWaiting),
                (O::Server, Running, S::ServerTrying),
                (O::Direct, Running, S::DirectRunning),
                (O::Router, Running, S::RouterRunning),
                (O::Relay, Running, S::RelayRunning),
            ],
        ),
        (
            "the person has not tried the devices",
            |facts| {
                facts.camera = Capture::Waiting;
                facts.microphone = Capture::Off;
                facts.speaker = Speaker::Played;
            },
            &[
                (O::Camera, Waiting, S::CameraWaiting),
                (O::Microphone, Waiting, S::MicrophoneOff),
                (O::Speaker, Waiting, S::SpeakerPlayed),
            ],
        ),
    ]
};

fn of(list: &[Finding], subject: Subject) -> Option<(Subject, Verdict, Sentence)> {
    let mut found = list.iter().filter(|finding| finding.subject == subject);
    let first = found.next().map(|finding| (finding.subject, finding.verdict, finding.sentence));
    assert!(found.next().is_none(), "{subject:?} is judged twice: {list:?}");
    first
}

#[test]
fn when_all_is_well_everything_is_good() {
    let list = findings(&good());
    assert!(list.iter().all(|finding| finding.verdict == Verdict::Good), "{list:#?}");
    assert_eq!(of(&list, Subject::Summary), Some((Subject::Summary, Verdict::Good, Sentence::SummaryFine)));
    assert!(list.is_sorted_by_key(|finding| finding.subject), "{list:#?}");
}

#[test]
fn each_fault_is_said_in_its_own_words_and_nothing_else_changes() {
    for (fault, inject, expected) in FAULTS {
        let mut facts = good();
        inject(&mut facts);
        let list = findings(&facts);
        for expected in *expected {
            assert_eq!(of(&list, expected.0).as_ref(), Some(expected), "{fault}: {list:#?}");
        }
        for finding in &list {
            let told = expected.iter().any(|(subject, ..)| *subject == finding.subject);
            assert!(told || finding.verdict == Verdict::Good, "{fault}: {finding:?}");
        }
        assert!(list.is_sorted_by_key(|finding| finding.subject), "{fault}: {list:#?}");
    }
}

#[test]
fn the_first_port_alone_is_enough_to_know_that_packets_get_out() {
    let mut facts = good();
    facts.first.took = None;
    assert_eq!(of(&findings(&facts), Subject::Direct).unwrap().2, Sentence::DirectFine);
    facts.first.mapped.clear();
    facts.relays.clear();
    assert_eq!(of(&findings(&facts), Subject::Direct).unwrap().1, Verdict::Running);
}
