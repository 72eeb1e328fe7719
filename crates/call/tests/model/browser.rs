//! Abstract browsers: peer connections that do what an operation promises at once, and say so later, in order. What
//! ICE, DTLS and SCTP would do in between is one step: both ends have each other's description, so there is a path.

use crate::description::{Mark, fragment_of, read, write};
use crate::world::{Key, Rule, World};
use eyeline_call::effect::Command;
use eyeline_call::input::{ConnectionEvent, ConnectionState, Path, Traffic};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::CertificateHash;
use eyeline_protocol::inner::{Candidate, Envelope, Slots};
use std::collections::VecDeque;

/// Candidates of one description.
const CANDIDATES: u32 = 2;

/// The certificate of somebody in between.
const ANOTHER_CERTIFICATE: CertificateHash = CertificateHash([0xee; 32]);

/// After this long without a path a browser says so (measured: 6 to 9 s) …
const DISCONNECTED_AFTER: Milliseconds = Milliseconds(6000);

/// … and after this long it gives up (measured: 17 to 29 s).
const FAILED_AFTER: Milliseconds = Milliseconds(18_000);

/// Where offer and answer stand (W3C WebRTC, `RTCSignalingState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Negotiation {
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
}

/// One `RTCPeerConnection`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Browser {
    /// Never used twice.
    number: u64,
    offers: bool,
    negotiation: Negotiation,
    round: u64,
    local: Option<Mark>,
    remote: Option<Mark>,
    /// The other's candidates for `remote` so far.
    candidates: u32,
    /// The own description for which a path was found last, and the link's count of changes then.
    path_for: Option<Mark>,
    path_of: u64,
    pub(crate) state: ConnectionState,
    channel_open: bool,
    /// The engine knows that it is: messages follow.
    channel_told: bool,
    /// DTLS is broken: only a new connection helps.
    pub(crate) broken: bool,
    /// The engine has been told its certificate, and it is the right one.
    pub(crate) checked: bool,
    pub(crate) shown: bool,
    sends: Option<Slots>,
    received: u64,
    /// What the engine will be told, in order.
    events: VecDeque<ConnectionEvent>,
    /// Messages that have arrived on the data channel, and those that wait for a path.
    inbox: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
    /// When the state will change, if no path comes.
    disconnected_at: Option<Milliseconds>,
    failed_at: Option<Milliseconds>,
}

impl Browser {
    fn new(number: u64, offers: bool) -> Self {
        Self {
            number,
            offers,
            negotiation: Negotiation::Stable,
            round: 0,
            local: None,
            remote: None,
            candidates: 0,
            path_for: None,
            path_of: 0,
            state: ConnectionState::New,
            channel_open: false,
            channel_told: false,
            broken: false,
            checked: false,
            shown: false,
            sends: None,
            received: 0,
            events: VecDeque::new(),
            inbox: VecDeque::new(),
            outgoing: VecDeque::new(),
            disconnected_at: None,
            failed_at: None,
        }
    }

    /// Whether it has something to tell.
    pub(crate) fn has_event(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether it has a message to hand over.
    pub(crate) fn has_message(&self) -> bool {
        self.channel_told && !self.inbox.is_empty()
    }

    /// Whether what comes next is only a count of what has arrived.
    pub(crate) fn counts_next(&self) -> bool {
        matches!(self.events.front(), Some(ConnectionEvent::Traffic(_)))
    }

    /// Whether the message that comes next is only a sign of life.
    pub(crate) fn beats_next(&self) -> bool {
        let next = self.inbox.front().filter(|_| self.channel_told);
        let envelope = next.and_then(|message| Envelope::decode(message).ok());
        envelope.is_some_and(|envelope| envelope.sequence == 0 && envelope.messages.is_empty())
    }

    /// Whether a path was found after an ICE restart.
    pub(crate) fn has_restarted(&self) -> bool {
        self.path_for.is_some_and(|mark| mark.round > 1)
    }

    /// When something will happen by itself.
    pub(crate) fn deadline(&self) -> Option<Milliseconds> {
        self.disconnected_at.into_iter().chain(self.failed_at).min()
    }

    fn sees_path(&mut self, first: bool) {
        self.disconnected_at = None;
        self.failed_at = None;
        if self.state == ConnectionState::Connected && !first {
            return;
        }
        if self.state != ConnectionState::Connected {
            self.state = ConnectionState::Connected;
            self.events.push_back(ConnectionEvent::IceConnected(true));
            self.events.push_back(ConnectionEvent::State(ConnectionState::Connected));
        }
        self.events.push_back(ConnectionEvent::Path(Path::Direct));
        if !self.channel_open {
            self.channel_open = true;
            self.events.push_back(ConnectionEvent::ChannelOpened);
        }
    }

    fn sees_no_path(&mut self, now: Milliseconds) {
        if self.local.is_none() || self.remote.is_none() || self.state == ConnectionState::Failed {
            return;
        }
        if self.state == ConnectionState::Connected {
            self.disconnected_at.get_or_insert(now + DISCONNECTED_AFTER);
        }
        self.failed_at.get_or_insert(now + FAILED_AFTER);
    }
}

impl World {
    /// The engine asks for an operation.
    pub(crate) fn command(&mut self, key: Key, command: Command) {
        match command {
            Command::Create { offers, .. } => return self.create(key, offers),
            Command::Close => return self.close(key),
            _ => {}
        }
        let certificate = self.pages[key.0].certificate;
        let works = self.path_works(key);
        let Some(browser) = self.browsers.get_mut(&key) else {
            return self.fail(Rule::Operations, format!("{command:?} for no connection: {key:?}"));
        };
        match command {
            Command::SetLocalOffer { ice_restart } => {
                if browser.negotiation != Negotiation::Stable || !browser.offers {
                    return self.fail(Rule::Operations, format!("an offer in the wrong state: {key:?}"));
                }
                browser.negotiation = Negotiation::HaveLocalOffer;
                browser.round += u64::from(ice_restart || browser.round == 0);
                self.local_description(key, certificate);
            }
            Command::SetLocalAnswer => {
                if browser.negotiation != Negotiation::HaveRemoteOffer {
                    return self.fail(Rule::Operations, format!("an answer without an offer: {key:?}"));
                }
                browser.negotiation = Negotiation::Stable;
                self.local_description(key, certificate);
            }
            Command::SetRemoteOffer(sdp) => {
                if browser.negotiation == Negotiation::HaveLocalOffer || browser.offers {
                    return self.fail(Rule::Operations, format!("offers from both ends: {key:?}"));
                }
                browser.negotiation = Negotiation::HaveRemoteOffer;
                browser.round += 1;
                self.remote_description(key, &sdp);
            }
            Command::SetRemoteAnswer(sdp) => {
                if browser.negotiation != Negotiation::HaveLocalOffer {
                    return self.fail(Rule::Once, format!("an answer to no offer: {key:?}"));
                }
                browser.negotiation = Negotiation::Stable;
                self.remote_description(key, &sdp);
            }
            Command::AddIceCandidate(candidate) => self.candidate(key, &candidate),
            Command::ReadRemoteCertificate => {
                let intercepted = self.instance.intercepted && key.0 == 0;
                let found = if intercepted { ANOTHER_CERTIFICATE } else { self.pages[key.1].certificate };
                browser.events.push_back(ConnectionEvent::RemoteCertificate(Some(found)));
            }
            Command::SendChannel(message) => {
                if browser.channel_open {
                    browser.outgoing.push_back(message);
                    self.reconsider(key);
                }
            }
            Command::ReadTraffic => {
                browser.received += if works { 5000 } else { 0 };
                let traffic = Traffic { received: browser.received, ..Traffic::default() };
                browser.events.push_back(ConnectionEvent::Traffic(traffic));
            }
            Command::Send(slots) => {
                browser.sends = Some(slots);
                if !browser.checked {
                    self.fail(Rule::Proven, format!("media sent before the certificate check: {key:?}"));
                }
            }
            Command::Show(show) => {
                browser.shown = show;
                if show && !browser.checked {
                    self.fail(Rule::Proven, format!("media shown before the certificate check: {key:?}"));
                }
            }
            Command::SetConfiguration { .. } | Command::Refresh(_) | Command::AddEndOfCandidates => {}
            Command::Create { .. } | Command::Close => {}
        }
    }

    fn create(&mut self, key: Key, offers: bool) {
        if self.browsers.keys().any(|(owner, other, _)| (*owner, *other) == (key.0, key.1)) {
            self.fail(Rule::One, format!("a second connection of a pair: {key:?}"));
        }
        self.last_browser += 1;
        self.browsers.insert(key, Browser::new(self.last_browser, offers));
    }

    fn close(&mut self, key: Key) {
        let lives = self.lives(key);
        if lives && !self.harmed {
            self.fail(Rule::Living, format!("a living connection is closed: {key:?}"));
        }
        if self.browsers.remove(&key).is_none() {
            return self.fail(Rule::Operations, format!("no connection to close: {key:?}"));
        }
        if let Some(other) = self.browsers.get_mut(&counterpart(key)) {
            if lives && other.channel_open {
                other.channel_open = false;
                other.events.push_back(ConnectionEvent::ChannelClosed);
            }
            other.sees_no_path(self.now);
        }
    }

    /// Whether media flows both ways, and both ends know that they may show it.
    pub(crate) fn lives(&self, key: Key) -> bool {
        let good = |key: Key| {
            let browser = self.browsers.get(&key);
            browser.is_some_and(|browser| browser.state == ConnectionState::Connected && browser.checked)
        };
        good(key) && good(counterpart(key)) && self.path_works(key)
    }

    fn local_description(&mut self, key: Key, certificate: CertificateHash) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let mark = Mark { number: browser.number, round: browser.round };
        browser.local = Some(mark);
        let sdp = write(mark, certificate, browser.offers);
        browser.events.push_back(ConnectionEvent::LocalDescription(sdp));
        for number in 0..CANDIDATES {
            let candidate = format!("candidate:{number} 1 udp 2122260223 192.0.2.1 5000{number} typ host");
            let username_fragment = Some(fragment_of(mark));
            browser.events.push_back(ConnectionEvent::Candidate(Candidate {
                candidate,
                line_index: 0,
                username_fragment,
            }));
        }
        browser.events.push_back(ConnectionEvent::CandidatesComplete);
        self.reconsider(key);
    }

    fn remote_description(&mut self, key: Key, sdp: &str) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let mark = read(sdp);
        if mark.is_none() || browser.remote == mark {
            return self.fail(Rule::Once, format!("the same description twice: {key:?}"));
        }
        if let (Some(before), Some(mark)) = (browser.remote, mark)
            && mark.number == before.number
            && mark.round < before.round
        {
            return self.fail(Rule::Once, format!("an older description after a newer one: {key:?}"));
        }
        browser.remote = mark;
        browser.candidates = 0;
        browser.events.push_back(ConnectionEvent::RemoteDescriptionSet);
        self.reconsider(key);
    }

    fn candidate(&mut self, key: Key, candidate: &Candidate) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let Some(remote) = browser.remote else {
            return self.fail(Rule::Operations, format!("a candidate before the description: {key:?}"));
        };
        if candidate.username_fragment != Some(fragment_of(remote)) {
            // Of an ICE generation that is over, or that of an offer that has been overtaken.
            return;
        }
        let expected = format!("candidate:{} ", browser.candidates);
        if !candidate.candidate.starts_with(&expected) {
            let text = format!("{} instead of {expected}: {key:?}", candidate.candidate);
            return self.fail(Rule::Once, text);
        }
        browser.candidates += 1;
        self.reconsider(key);
    }

    /// Both ends have each other's newest description, and a candidate.
    fn is_matched(&self, key: Key) -> bool {
        let (Some(one), Some(two)) = (self.browsers.get(&key), self.browsers.get(&counterpart(key))) else {
            return false;
        };
        one.local.is_some()
            && one.local == two.remote
            && one.remote == two.local
            && one.candidates + two.candidates > 0
    }

    /// Whether what was found last still carries.
    pub(crate) fn path_works(&self, key: Key) -> bool {
        let changes = self.changes(key);
        let fine = |key: Key| {
            let browser = self.browsers.get(&key);
            browser.is_some_and(|browser| {
                !browser.broken && browser.path_for.is_some() && browser.path_of == changes
            })
        };
        fine(key) && fine(counterpart(key))
    }

    fn changes(&self, key: Key) -> u64 {
        self.links.get(&(key.0.min(key.1), key.0.max(key.1))).copied().unwrap_or(0)
    }

    /// What both browsers notice, given how things are now.
    pub(crate) fn reconsider(&mut self, key: Key) {
        let (now, changes) = (self.now, self.changes(key));
        let ends = [key, counterpart(key)];
        let mut first = false;
        if self.is_matched(key) {
            for end in ends {
                if let Some(browser) = self.browsers.get_mut(&end)
                    && browser.path_for != browser.local
                {
                    browser.path_for = browser.local;
                    browser.path_of = changes;
                    first = true;
                }
            }
        }
        let works = self.path_works(key);
        for end in ends {
            let Some(browser) = self.browsers.get_mut(&end) else { continue };
            if works { browser.sees_path(first) } else { browser.sees_no_path(now) }
        }
        if works {
            for (from, to) in [(ends[0], ends[1]), (ends[1], ends[0])] {
                let Some(browser) = self.browsers.get_mut(&from) else { continue };
                let messages = core::mem::take(&mut browser.outgoing);
                if let Some(receiver) = self.browsers.get_mut(&to).filter(|receiver| receiver.channel_open) {
                    receiver.inbox.extend(messages);
                }
            }
        }
    }

    /// The next event reaches the engine.
    pub(crate) fn happens(&mut self, key: Key) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let Some(event) = browser.events.pop_front() else { return };
        match event {
            ConnectionEvent::ChannelOpened => browser.channel_told = true,
            ConnectionEvent::ChannelClosed => browser.channel_told = false,
            ConnectionEvent::RemoteCertificate(Some(found)) => {
                browser.checked = found == self.pages[key.1].certificate;
            }
            _ => {}
        }
        self.connection_input(key, event);
    }

    /// The next message on the data channel reaches the engine.
    pub(crate) fn hears(&mut self, key: Key) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        if let Some(message) = browser.inbox.pop_front() {
            self.connection_input(key, ConnectionEvent::ChannelMessage(message));
        }
    }

    /// The browser has waited for a path long enough.
    pub(crate) fn browser_due(&mut self, key: Key) {
        let now = self.now;
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        if browser.disconnected_at.is_some_and(|at| at <= now) {
            browser.disconnected_at = None;
            browser.state = ConnectionState::Disconnected;
            browser.events.push_back(ConnectionEvent::IceConnected(false));
            browser.events.push_back(ConnectionEvent::State(ConnectionState::Disconnected));
        } else if browser.failed_at.is_some_and(|at| at <= now) {
            browser.failed_at = None;
            browser.state = ConnectionState::Failed;
            browser.events.push_back(ConnectionEvent::State(ConnectionState::Failed));
        }
    }
}

/// The other end of a connection.
pub(crate) fn counterpart((owner, other, generation): Key) -> Key {
    (other, owner, generation)
}
