//! "Check my connection": from what was measured to what is the matter. A pure function; the shell measures, the page
//! has the words.

use crate::input::CaptureError;
pub use crate::input::RelayTransport;
use core::net::IpAddr;
use eyeline_protocol::Milliseconds;

/// What was measured, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The page came over HTTPS (or from this machine): without, browsers give no camera.
    pub secure: bool,
    /// The browser makes peer connections.
    pub web_rtc: bool,
    /// Whether a picture came.
    pub camera: Capture<()>,
    /// Whether sound came, and whether it was more than silence.
    pub microphone: Capture<Sound>,
    /// Whether the person hears us.
    pub speaker: Speaker,
    /// The WebSocket.
    pub server: Server,
    /// What the first STUN port showed.
    pub first: Probe,
    /// What the second STUN port showed, asked from another socket.
    pub second: Probe,
    /// What both together showed, asked from one socket: how the NAT maps.
    pub both: Probe,
    /// Each way to the relay, tried alone; empty if the server has none.
    pub relays: Vec<Relay>,
}

/// A capture device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture<T> {
    /// The person has not asked for it yet.
    #[default]
    Waiting,
    /// Switched off by the person: that is how it shall be.
    Off,
    /// The browser asks, or starts it.
    Starting,
    /// It delivers.
    On(T),
    /// It cannot be had.
    Failed(CaptureError),
}

/// What the microphone hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// Nothing yet; the person is asked to speak.
    Listening,
    /// Something.
    Heard,
    /// Nothing at all, for long enough to say so.
    Silent,
}

/// The loudspeaker, which only the person can judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaker {
    /// No tone was played yet.
    #[default]
    Waiting,
    /// A tone was played, and the person is asked whether they heard it.
    Played,
    /// They did.
    Heard,
    /// They did not.
    NotHeard,
}

/// The WebSocket to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Server {
    /// Under way.
    #[default]
    Trying,
    /// It answered.
    Online,
    /// The server answers plain requests, but no WebSocket can be opened.
    NoWebSocket,
    /// The server turned us away: too many came from here.
    Busy,
    /// Nothing answers.
    Unreachable,
}

/// What one set of STUN servers showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// The server named none, so nothing was tried.
    pub skipped: bool,
    /// How long gathering took; `None` as long as it goes on.
    pub took: Option<Milliseconds>,
    /// Addresses of this machine that the browser named (or hid behind a name).
    pub hosts: usize,
    /// Addresses and ports that the servers saw, each once.
    pub mapped: Vec<(IpAddr, u16)>,
    /// Error codes of `icecandidateerror`.
    pub errors: Vec<u16>,
}

/// One way to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
    /// How the relay is reached.
    pub transport: RelayTransport,
    /// What came of it; `None` as long as it goes on.
    pub outcome: Option<Result<Milliseconds, RelayFault>>,
}

/// Why a way to the relay does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayFault {
    /// Nobody answered, or nobody listens there.
    NoAnswer,
    /// The relay's host name was not found.
    NameUnknown,
    /// The credentials were refused (401, or 403 for all they ask for).
    Refused,
    /// The relay gives this person no more allocations (486).
    Quota,
    /// The relay is full, or mixed two sockets up (508, 437): later it may work.
    TryLater,
    /// The relay gave what was asked for, and yet nothing came through.
    NothingThrough,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// All together.
    Summary,
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// The loudspeaker.
    Speaker,
    /// The WebSocket.
    Server,
    /// Packets straight to others (UDP).
    Direct,
    /// The NAT's mapping.
    Router,
    /// Which addresses the browser names.
    Addresses,
    /// The relay by UDP, or as a whole when the server has none.
    Relay,
    /// The relay by TCP.
    RelayTcp,
    /// The relay by TLS.
    RelayTls,
}

/// How good or bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Not looked at: it needs the person, or is switched off.
    Waiting,
    /// Under way.
    Running,
    /// Calls work, or may, with less.
    Warning,
    /// Calls will suffer.
    Bad,
}

/// One thing that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub subject: Subject,
    /// How good or bad it is.
    pub verdict: Verdict,
    /// What to say.
    pub sentence: Sentence,
}

/// What to say; the page has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a key of `locales/en.ftl`, where it says what it says")]
pub enum Sentence {
    SummaryRunning,
    SummaryFine,
    SummaryFineByRelay,
    SummarySomeUnreachable,
    SummaryNobodyReachable,
    SummaryNoServer,
    SummaryNoWebRtc,
    SummaryDevices,
    CameraWaiting,
    CameraOff,
    CameraStarting,
    CameraFine,
    MicrophoneWaiting,
    MicrophoneOff,
    MicrophoneStarting,
    MicrophoneListening,
    MicrophoneFine,
    MicrophoneSilent,
    CameraDenied,
    CameraMissing,
    CameraBusy,
    MicrophoneDenied,
    MicrophoneMissing,
    MicrophoneBusy,
    NotSecure,
    SpeakerWaiting,
    SpeakerPlayed,
    SpeakerFine,
    SpeakerNotHeard,
    ServerTrying,
    ServerFine,
    ServerNoWebSocket,
    ServerBusy,
    ServerUnreachable,
    DirectRunning,
    DirectFine,
    DirectBlocked,
    DirectUnknown,
    NoWebRtc,
    RouterRunning,
    RouterNone,
    RouterEasy,
    RouterHard,
    RouterHardNoRelay,
    RouterUnknown,
    AddressesHidden,
    AddressesSeveral,
    RelayNone,
    RelayRunning,
    RelayFine,
    RelayNoAnswer,
    RelayNameUnknown,
    RelayRefused,
    RelayQuota,
    RelayTryLater,
    RelayNothingThrough,
}

/// STUN is answered within a second or not at all; without an answer, browsers try for 7 s and more.
const ANSWERED_WITHIN: Milliseconds = Milliseconds(4000);

/// What there is to say: the summary first, then each subject in the order of [`Subject`].
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut list = vec![camera(facts), microphone(facts), speaker(facts), server(facts)];
    if facts.web_rtc {
        // Without the server nothing is known of the rest.
        if facts.server == Server::Online || facts.server == Server::Trying {
            list.push(direct(facts));
            list.extend(router(facts));
            list.extend(addresses(facts));
            list.extend(relays(facts));
        }
    } else {
        list.push(finding(Subject::Direct, Verdict::Bad, Sentence::NoWebRtc));
    }
    list.insert(0, summary(facts, &list));
    list
}

fn finding(subject: Subject, verdict: Verdict, sentence: Sentence) -> Finding {
    Finding { subject, verdict, sentence }
}

fn summary(facts: &Facts, list: &[Finding]) -> Finding {
    let (verdict, sentence) = summary_of(facts, list);
    finding(Subject::Summary, verdict, sentence)
}

fn summary_of(facts: &Facts, list: &[Finding]) -> (Verdict, Sentence) {
    let of = |wanted: fn(Subject) -> bool| {
        list.iter().filter(move |finding| wanted(finding.subject)).map(|finding| finding.verdict)
    };
    let is_device = |subject| matches!(subject, Subject::Camera | Subject::Microphone | Subject::Speaker);
    if !facts.web_rtc {
        return (Verdict::Bad, Sentence::SummaryNoWebRtc);
    }
    if matches!(facts.server, Server::NoWebSocket | Server::Busy | Server::Unreachable) {
        return (Verdict::Bad, Sentence::SummaryNoServer);
    }
    if list.iter().any(|finding| finding.verdict == Verdict::Running && !is_device(finding.subject)) {
        return (Verdict::Running, Sentence::SummaryRunning);
    }
    match (reaches_directly(facts), relay_works(facts), is_hard(facts)) {
        // A server without STUN and relay is for one network: there is nothing to measure.
        (false, false, _) if facts.first.skipped && facts.relays.is_empty() => {
            return (Verdict::Warning, Sentence::SummarySomeUnreachable);
        }
        (false, false, _) => return (Verdict::Bad, Sentence::SummaryNobodyReachable),
        (true, false, true) => return (Verdict::Warning, Sentence::SummarySomeUnreachable),
        _ => {}
    }
    if of(is_device).any(|verdict| verdict > Verdict::Running) {
        return (Verdict::Warning, Sentence::SummaryDevices);
    }
    if of(is_device).any(|verdict| verdict == Verdict::Running) {
        return (Verdict::Running, Sentence::SummaryRunning);
    }
    if reaches_directly(facts) {
        (Verdict::Good, Sentence::SummaryFine)
    } else {
        (Verdict::Warning, Sentence::SummaryFineByRelay)
    }
}

fn camera(facts: &Facts) -> Finding {
    let (verdict, sentence) = match facts.camera {
        Capture::Waiting if !facts.secure => (Verdict::Bad, Sentence::NotSecure),
        Capture::Waiting => (Verdict::Waiting, Sentence::CameraWaiting),
        Capture::Off => (Verdict::Waiting, Sentence::CameraOff),
        Capture::Starting => (Verdict::Running, Sentence::CameraStarting),
        Capture::On(()) => (Verdict::Good, Sentence::CameraFine),
        Capture::Failed(CaptureError::Denied) => (Verdict::Bad, Sentence::CameraDenied),
        Capture::Failed(CaptureError::NotFound) => (Verdict::Warning, Sentence::CameraMissing),
        Capture::Failed(CaptureError::Busy) => (Verdict::Bad, Sentence::CameraBusy),
        Capture::Failed(CaptureError::Unsupported) => (Verdict::Bad, Sentence::NotSecure),
    };
    finding(Subject::Camera, verdict, sentence)
}

fn microphone(facts: &Facts) -> Finding {
    let (verdict, sentence) = match facts.microphone {
        Capture::Waiting if !facts.secure => (Verdict::Bad, Sentence::NotSecure),
        Capture::Waiting => (Verdict::Waiting, Sentence::MicrophoneWaiting),
        Capture::Off => (Verdict::Waiting, Sentence::MicrophoneOff),
        Capture::Starting => (Verdict::Running, Sentence::MicrophoneStarting),
        Capture::On(Sound::Listening) => (Verdict::Running, Sentence::MicrophoneListening),
        Capture::On(Sound::Heard) => (Verdict::Good, Sentence::MicrophoneFine),
        Capture::On(Sound::Silent) => (Verdict::Bad, Sentence::MicrophoneSilent),
        Capture::Failed(CaptureError::Denied) => (Verdict::Bad, Sentence::MicrophoneDenied),
        Capture::Failed(CaptureError::NotFound) => (Verdict::Bad, Sentence::MicrophoneMissing),
        Capture::Failed(CaptureError::Busy) => (Verdict::Bad, Sentence::MicrophoneBusy),
        Capture::Failed(CaptureError::Unsupported) => (Verdict::Bad, Sentence::NotSecure),
    };
    finding(Subject::Microphone, verdict, sentence)
}

fn speaker(facts: &Facts) -> Finding {
    let (verdict, sentence) = match facts.speaker {
        Speaker::Waiting => (Verdict::Waiting, Sentence::SpeakerWaiting),
        Speaker::Played => (Verdict::Waiting, Sentence::SpeakerPlayed),
        Speaker::Heard => (Verdict::Good, Sentence::SpeakerFine),
        Speaker::NotHeard => (Verdict::Bad, Sentence::SpeakerNotHeard),
    };
    finding(Subject::Speaker, verdict, sentence)
}

fn server(facts: &Facts) -> Finding {
    let (verdict, sentence) = match facts.server {
        Server::Trying => (Verdict::Running, Sentence::ServerTrying),
        Server::Online => (Verdict::Good, Sentence::ServerFine),
        Server::NoWebSocket => (Verdict::Bad, Sentence::ServerNoWebSocket),
        Server::Busy => (Verdict::Bad, Sentence::ServerBusy),
        Server::Unreachable => (Verdict::Bad, Sentence::ServerUnreachable),
    };
    finding(Subject::Server, verdict, sentence)
}

fn direct(facts: &Facts) -> Finding {
    let (verdict, sentence) = if reaches_directly(facts) {
        (Verdict::Good, Sentence::DirectFine)
    } else if facts.first.skipped && facts.first.took.is_some() {
        (Verdict::Waiting, Sentence::DirectUnknown)
    } else if facts.first.took.is_none() || relay_runs(facts, RelayTransport::Udp) {
        (Verdict::Running, Sentence::DirectRunning)
    } else if relay_works(facts) {
        (Verdict::Warning, Sentence::DirectBlocked)
    } else {
        (Verdict::Bad, Sentence::DirectBlocked)
    };
    finding(Subject::Direct, verdict, sentence)
}

/// How the NAT maps (RFC 5780, 4.3). One with one address for each destination can be crossed only to those who can be
/// reached without crossing another.
fn router(facts: &Facts) -> Option<Finding> {
    let probes = [&facts.first, &facts.second, &facts.both];
    let (verdict, sentence) = if probes.iter().any(|probe| probe.took.is_none()) {
        (Verdict::Running, Sentence::RouterRunning)
    } else if is_hidden(facts) || !facts.first.answered() {
        // Said already, in other words.
        return None;
    } else if !(facts.second.answered() && facts.both.answered()) {
        (Verdict::Waiting, Sentence::RouterUnknown)
    } else if is_hard(facts) {
        if relay_works(facts) {
            (Verdict::Warning, Sentence::RouterHard)
        } else if facts.relays.iter().any(|relay| relay.outcome.is_none()) {
            (Verdict::Running, Sentence::RouterRunning)
        } else {
            (Verdict::Bad, Sentence::RouterHardNoRelay)
        }
    } else if facts.both.mapped.is_empty() {
        (Verdict::Good, Sentence::RouterNone)
    } else {
        (Verdict::Good, Sentence::RouterEasy)
    };
    Some(finding(Subject::Router, verdict, sentence))
}

/// Something between the browser and the network.
fn addresses(facts: &Facts) -> Option<Finding> {
    if is_hidden(facts) {
        return Some(finding(Subject::Addresses, Verdict::Warning, Sentence::AddressesHidden));
    }
    let mut seen = facts.first.mapped.iter().map(|(address, _)| address).filter(|address| address.is_ipv4());
    let one = seen.next();
    seen.any(|other| Some(other) != one)
        .then(|| finding(Subject::Addresses, Verdict::Warning, Sentence::AddressesSeveral))
}

fn relays(facts: &Facts) -> Vec<Finding> {
    if facts.relays.is_empty() {
        let running = facts.server == Server::Trying;
        let verdict = if running { Verdict::Running } else { Verdict::Warning };
        let sentence = if running { Sentence::RelayRunning } else { Sentence::RelayNone };
        return vec![finding(Subject::Relay, verdict, sentence)];
    }
    // Where another way works, one that does not is no disaster.
    let failed = if relay_works(facts) { Verdict::Warning } else { Verdict::Bad };
    facts.relays.iter().map(|relay| relay_finding(relay, failed)).collect()
}

fn relay_finding(relay: &Relay, failed: Verdict) -> Finding {
    let subject = match relay.transport {
        RelayTransport::Udp | RelayTransport::TheOthers => Subject::Relay,
        RelayTransport::Tcp => Subject::RelayTcp,
        RelayTransport::Tls => Subject::RelayTls,
    };
    let (verdict, sentence) = match relay.outcome {
        None => (Verdict::Running, Sentence::RelayRunning),
        Some(Ok(_)) => (Verdict::Good, Sentence::RelayFine),
        Some(Err(fault)) => (
            failed,
            match fault {
                RelayFault::NoAnswer => Sentence::RelayNoAnswer,
                RelayFault::NameUnknown => Sentence::RelayNameUnknown,
                RelayFault::Refused => Sentence::RelayRefused,
                RelayFault::Quota => Sentence::RelayQuota,
                RelayFault::TryLater => Sentence::RelayTryLater,
                RelayFault::NothingThrough => Sentence::RelayNothingThrough,
            },
        ),
    };
    finding(subject, verdict, sentence)
}

/// Whether packets leave this network by UDP and answers come back.
fn reaches_directly(facts: &Facts) -> bool {
    !is_hidden(facts)
        && (facts.first.answered()
            || facts
                .relays
                .iter()
                .any(|relay| relay.transport == RelayTransport::Udp && matches!(relay.outcome, Some(Ok(_)))))
}

fn relay_works(facts: &Facts) -> bool {
    facts.relays.iter().any(|relay| matches!(relay.outcome, Some(Ok(_))))
}

fn relay_runs(facts: &Facts, transport: RelayTransport) -> bool {
    facts.relays.iter().any(|relay| relay.transport == transport && relay.outcome.is_none())
}

/// One socket was seen at more places by two servers than by either alone.
fn is_hard(facts: &Facts) -> bool {
    facts.second.answered()
        && facts.both.mapped.len() > facts.first.mapped.len().max(facts.second.mapped.len())
}

/// The browser names no address at all, not even one that a server saw.
fn is_hidden(facts: &Facts) -> bool {
    let first = &facts.first;
    first.took.is_some() && !first.skipped && first.hosts == 0 && first.mapped.is_empty()
}

impl Probe {
    /// Takes in a line of `icecandidate`. Lines that are none say nothing.
    pub fn candidate(&mut self, line: &str) {
        let mut fields = line.split(' ').skip(2);
        let mut next = || fields.next().unwrap_or_default();
        let (transport, _, address, port, _, kind) = (next(), next(), next(), next(), next(), next());
        // Those for TCP are there however UDP fares.
        if !transport.eq_ignore_ascii_case("udp") {
            return;
        }
        match (kind, address.parse(), port.parse()) {
            ("srflx", Ok(address), Ok(port)) if !self.mapped.contains(&(address, port)) => {
                self.mapped.push((address, port));
            }
            ("host", ..) => self.hosts += 1,
            _ => {}
        }
    }

    /// Whether a server answered. A machine without a NAT is seen under an address that it has, and browsers name none
    /// twice: then only that nothing went wrong tells it, and that it went fast.
    fn answered(&self) -> bool {
        let quiet = self.hosts > 0 && self.errors.is_empty();
        !self.skipped
            && (!self.mapped.is_empty() || (quiet && self.took.is_some_and(|took| took <= ANSWERED_WITHIN)))
    }
}

impl RelayFault {
    /// What an error of `icecandidateerror` (W3C WebRTC 4.8.3) means: its code, and its text where the code is 701, the
    /// browser's own for a server that was not reached.
    pub fn of(code: u16, text: &str) -> Self {
        match code {
            401 | 403 | 438 => Self::Refused,
            437 | 508 => Self::TryLater,
            486 => Self::Quota,
            // Chromium's words for a name that is not found.
            _ if text.split(' ').any(|word| word == "lookup") => Self::NameUnknown,
            _ => Self::NoAnswer,
        }
    }
}
