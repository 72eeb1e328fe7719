//! Symbolic browsers: peer connections without ICE, DTLS and SCTP, but with their promises and their faults.

use super::description::{Mark, fragment_of, read, write};
use super::{Event, World};
use eyeline_call::Input;
use eyeline_call::effect::Command;
use eyeline_call::input::{
    ConnectionEvent, ConnectionState, Outgoing, Path, Picture, RelayTransport, Traffic,
};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::candidate;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId};
use eyeline_protocol::inner::{Candidate, Slot, Slots};
use eyeline_protocol::outer::IceServer;
use eyeline_seal::Seal;

/// A peer connection's name in the world: the owner, the peer, the generation.
pub(crate) type Key = (usize, PeerId, Generation);

/// One `RTCPeerConnection`.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// Never used twice.
    pub(crate) number: u64,
    pub offers: bool,
    /// `iceTransportPolicy` is `relay`. These browsers do not keep to it, so that it is seen whether the engine does.
    relay_only: bool,
    /// What it would find paths with.
    pub ice_servers: Vec<IceServer>,
    /// When the last operation in its queue is done.
    busy_until: u64,
    /// The ICE generation of the local description, rising with each restart.
    round: u64,
    local: Option<Mark>,
    remote: Option<Mark>,
    /// The last `Mark`s that are in force at both ends.
    pending_local: Option<Mark>,
    candidates: u32,
    pub state: ConnectionState,
    pub channel_open: bool,
    outgoing: Vec<Vec<u8>>,
    channel_at: u64,
    /// Set by each change of circumstances; a state change planned before is void.
    stamp: u64,
    planned: Option<ConnectionState>,
    /// The link's count of changes when the path was found.
    path_of: Option<u64>,
    path: Option<Path>,
    /// DTLS is broken: only a new connection helps.
    pub broken: bool,
    /// The certificate was read and is right, or cannot be read.
    pub checked: bool,
    pub sends: Option<Slots>,
    pub shown: bool,
    /// Bytes that have arrived, as its statistics say, and the camera's part of them.
    received: u64,
    camera: Picture,
    /// Nothing of the camera's picture can be decoded.
    pub black: bool,
    /// Packets of media that came, and those that did not.
    packets: u64,
    lost: u64,
    /// How many of a thousand do not come.
    pub lossy: u64,
    /// How often it was asked to begin its pictures anew.
    pub refreshed: u32,
    closed: bool,
}

impl Browser {
    /// Whether nothing is under way that will end the connection.
    pub(crate) fn stays_connected(&self) -> bool {
        self.planned == Some(ConnectionState::Connected)
    }

    /// Whether it was made to hide its owner's address.
    pub(crate) fn hides(&self) -> bool {
        self.relay_only
    }

    /// Whether the path that a person is told of is the one in use, and none that gives away who hides.
    pub(crate) fn travels_by(&self, told: Option<Path>) -> bool {
        told.is_some() && told == self.path && !(self.relay_only && told == Some(Path::Direct))
    }
}

/// The network between two pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub up: bool,
    /// Counts changes after which old paths are dead for ever (another interface, another NAT mapping).
    pub changes: u64,
    pub delay: u64,
}

impl<S: Seal> World<S> {
    pub(crate) fn link(&mut self, one: usize, other: usize) -> &mut Link {
        let (low, high) = self.delays.media;
        let delay = self.random.between(low, high);
        self.links.entry((one.min(other), one.max(other))).or_insert(Link { up: true, changes: 0, delay })
    }

    /// Something about the link has changed: the connections over it notice sooner or later.
    pub(crate) fn link_changed(&mut self, one: usize, other: usize) {
        let (id_one, id_other) = (self.pages[one].id, self.pages[other].id);
        let keys: Vec<Key> = self
            .browsers
            .keys()
            .filter(|(owner, peer, _)| {
                (*owner == one && *peer == id_other) || (*owner == other && *peer == id_one)
            })
            .copied()
            .collect();
        for key in keys {
            self.reconsider(key);
        }
    }

    /// The engine asks for an operation: they are done one after the other.
    pub(crate) fn command(&mut self, key: Key, command: Command) {
        let (low, high) = self.delays.browser;
        let delay = self.random.between(low, high);
        match command {
            Command::Create { ice_servers, relay_only, offers } => {
                self.create(key, ice_servers, relay_only, offers);
            }
            Command::Close => self.vanish(key, true),
            command => {
                let Some(browser) = self.browsers.get_mut(&key) else {
                    return self.fail(format!("{command:?} for a connection that does not exist: {key:?}"));
                };
                match &command {
                    Command::Send(slots) => {
                        if !browser.checked {
                            self.fail(format!("media sent before the certificate check: {key:?}"));
                            return;
                        }
                        browser.sends = Some(*slots);
                    }
                    Command::Show(show) => {
                        if *show && !browser.checked {
                            self.fail(format!("media shown before the certificate check: {key:?}"));
                            return;
                        }
                        browser.shown = *show;
                    }
                    _ => {}
                }
                browser.busy_until = browser.busy_until.max(self.now) + delay;
                let at = browser.busy_until;
                let number = browser.number;
                self.schedule_at(at, Event::Operation(key, number, command));
            }
        }
    }

    fn create(&mut self, key: Key, ice_servers: Vec<IceServer>, relay_only: bool, offers: bool) {
        let (owner, peer, _) = key;
        if self.browsers.keys().any(|(other, other_peer, _)| *other == owner && *other_peer == peer) {
            self.fail(format!("a second connection with the same peer: {key:?}"));
        }
        let number = self.random.next();
        self.browsers.insert(
            key,
            Browser {
                number,
                offers,
                relay_only,
                ice_servers,
                busy_until: self.now,
                round: 0,
                local: None,
                remote: None,
                pending_local: None,
                candidates: 0,
                state: ConnectionState::New,
                channel_open: false,
                outgoing: Vec::new(),
                channel_at: 0,
                // Unique, so that no plan for an earlier connection of the same key is taken for one of this.
                stamp: number & !0xffff,
                planned: None,
                path_of: None,
                path: None,
                broken: false,
                checked: false,
                sends: None,
                shown: false,
                received: 0,
                camera: Picture::default(),
                black: false,
                packets: 0,
                lost: 0,
                lossy: 0,
                refreshed: 0,
                closed: false,
            },
        );
    }

    /// A connection is closed; `politely`: the other end's data channel may notice.
    pub(crate) fn vanish(&mut self, key: Key, politely: bool) {
        let Some(mut browser) = self.browsers.remove(&key) else { return };
        browser.closed = true;
        let Some(other) = self.counterpart(key) else { return };
        let (one, two) = (key.0, other.0);
        let link = *self.link(one, two);
        if politely && link.up && browser.channel_open && self.browsers.contains_key(&other) {
            // What was sent right before the end may be lost with it.
            let lucky = self.random.chance(50);
            let delay = link.delay;
            if lucky {
                for message in browser.outgoing {
                    self.tell(delay, other, ConnectionEvent::ChannelMessage(message));
                }
            }
            if self.random.chance(70) {
                self.tell(delay + 1, other, ConnectionEvent::ChannelClosed);
            }
        }
        self.reconsider(other);
    }

    /// The engine will be told of an event, if the connection still exists.
    fn tell(&mut self, delay: u64, key: Key, event: ConnectionEvent) {
        if let Some(browser) = self.browsers.get(&key) {
            let number = browser.number;
            self.schedule(delay, Event::Happens(key, number, event));
        }
    }

    fn counterpart(&self, (owner, peer, generation): Key) -> Option<Key> {
        let other = *self.index.get(&peer)?;
        Some((other, self.pages[owner].id, generation))
    }

    /// An operation is done.
    pub(crate) fn operation(&mut self, key: Key, command: Command) {
        let certificate = self.pages[key.0].certificate;
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        match command {
            Command::SetLocalOffer { ice_restart } => {
                if !browser.offers {
                    return self.fail(format!("the answering end offers: {key:?}"));
                }
                if ice_restart || browser.round == 0 {
                    browser.round += 1;
                }
                self.local_description(key, certificate);
            }
            Command::SetLocalAnswer => {
                if browser.offers || browser.remote.is_none() {
                    return self.fail(format!("an answer without an offer: {key:?}"));
                }
                self.local_description(key, certificate);
            }
            Command::SetRemoteOffer(sdp) | Command::SetRemoteAnswer(sdp) => {
                let Some(mark) = read(&sdp) else {
                    return self.tell(0, key, ConnectionEvent::Failed);
                };
                if browser.remote.is_none_or(|remote| remote.round != mark.round) {
                    browser.candidates = 0;
                    if !browser.offers {
                        browser.round += 1;
                    }
                }
                browser.remote = Some(mark);
                self.tell(0, key, ConnectionEvent::RemoteDescriptionSet);
                self.reconsider(key);
                self.reconsider_other(key);
            }
            Command::SetConfiguration { ice_servers, relay_only } => {
                if relay_only != browser.relay_only {
                    return self.fail(format!("the policy of a connection changes: {key:?}"));
                }
                browser.ice_servers = ice_servers;
            }
            Command::AddIceCandidate(candidate) => {
                let remote_hides = self.counterpart(key).and_then(|other| self.browsers.get(&other));
                let line = &candidate.candidate;
                if remote_hides.is_some_and(|remote| remote.relay_only)
                    && candidate::hidden(line).as_ref() != Some(line)
                {
                    return self
                        .fail(format!("somebody who hides is told by {line} where they are: {key:?}"));
                }
                let Some(browser) = self.browsers.get_mut(&key) else { return };
                let Some(remote) = browser.remote else {
                    return self.fail(format!("a candidate before the remote description: {key:?}"));
                };
                let fragment = candidate.username_fragment.unwrap_or_default();
                if fragment == fragment_of(remote) {
                    browser.candidates += 1;
                    self.reconsider(key);
                    self.reconsider_other(key);
                }
            }
            Command::ReadRemoteCertificate => self.read_certificate(key),
            Command::SendChannel(message) => self.send_channel(key, message),
            Command::ReadTraffic => self.read_traffic(key),
            Command::Refresh(_) => browser.refreshed += 1,
            Command::AddEndOfCandidates | Command::Send(_) | Command::Show(_) => {}
            Command::Create { .. } | Command::Close => {}
        }
    }

    fn local_description(&mut self, key: Key, certificate: CertificateHash) {
        let gathering = self.random.between(1, 120);
        let count = self.random.between(1, 5);
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let mark = Mark { number: browser.number, round: browser.round };
        browser.local = Some(mark);
        let sdp = write(mark, certificate, browser.offers);
        self.tell(0, key, ConnectionEvent::LocalDescription(sdp));
        for found in 0..=count {
            let owner = key.0 + 1;
            let line = if found < count {
                format!("candidate:{found} 1 udp 2122260223 192.0.2.{owner} 5000{found} typ host")
            } else {
                format!(
                    "candidate:9 1 udp 9 203.0.113.1 4000{owner} typ relay raddr 192.0.2.{owner} rport 50000"
                )
            };
            let candidate =
                Candidate { candidate: line, line_index: 0, username_fragment: Some(fragment_of(mark)) };
            let event = ConnectionEvent::Candidate(candidate);
            self.tell(gathering * found, key, event);
        }
        self.tell(gathering * (count + 1), key, ConnectionEvent::CandidatesComplete);
        self.reconsider(key);
        self.reconsider_other(key);
    }

    fn read_certificate(&mut self, key: Key) {
        let Some(other) = self.counterpart(key) else { return };
        let page = &self.pages[key.0];
        let truth = self.pages[other.0].certificate;
        let found = page.intercepted.unwrap_or(truth);
        let answer = page.reads_certificates.then_some(found);
        if let Some(browser) = self.browsers.get_mut(&key) {
            browser.checked = answer.is_none_or(|found| found == truth);
        }
        self.tell(1, key, ConnectionEvent::RemoteCertificate(answer));
    }

    /// Sound comes all the time, as long as there is a path.
    fn read_traffic(&mut self, key: Key) {
        let Some(other) = self.counterpart(key) else { return };
        let flows = self.path_works(key, other) && self.browsers.contains_key(&other);
        let narrow = self.narrow.contains(&key.0);
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        if flows {
            browser.received += 5000;
            browser.camera.bytes += 4000;
            browser.packets += 1000 - browser.lossy;
            browser.lost += browser.lossy;
            browser.camera.frames += if browser.black { 0 } else { 30 };
        }
        let pictures = [Slot::Camera, Slot::Screen];
        let sends_pictures = browser.sends.is_some_and(|sends| pictures.iter().any(|slot| sends.has(*slot)));
        let outgoing = if narrow && sends_pictures {
            Outgoing { lost: 160, round_trip: Milliseconds(600) }
        } else {
            Outgoing { lost: 0, round_trip: Milliseconds(40) }
        };
        let traffic = Traffic {
            outgoing,
            received: browser.received,
            pictures: [browser.camera, Picture::default()],
            packets: browser.packets,
            lost: browser.lost,
            ..Traffic::default()
        };
        self.tell(1, key, ConnectionEvent::Traffic(traffic));
    }

    fn send_channel(&mut self, key: Key, message: Vec<u8>) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        if browser.channel_open {
            browser.outgoing.push(message);
            self.flush_channel(key);
        }
    }

    fn flush_channel(&mut self, key: Key) {
        let Some(other) = self.counterpart(key) else { return };
        // While an ICE restart is under way, the old path carries on.
        let connected = [key, other].iter().all(|end| {
            self.browsers.get(end).is_some_and(|browser| browser.state == ConnectionState::Connected)
        });
        if !(connected || self.is_matched(key, other)) || !self.path_works(key, other) {
            return;
        }
        let delay = self.link(key.0, other.0).delay;
        let now = self.now;
        let Some(receiver) = self.browsers.get_mut(&other).filter(|receiver| receiver.channel_open) else {
            return;
        };
        let at = receiver.channel_at.max(now + delay);
        receiver.channel_at = at;
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        for message in core::mem::take(&mut browser.outgoing) {
            self.tell(at - now, other, ConnectionEvent::ChannelMessage(message));
        }
    }

    /// Both ends have each other's newest description.
    fn is_matched(&self, key: Key, other: Key) -> bool {
        let (Some(one), Some(two)) = (self.browsers.get(&key), self.browsers.get(&other)) else {
            return false;
        };
        one.local.is_some()
            && one.local == two.remote
            && one.remote == two.local
            && one.candidates + two.candidates > 0
    }

    fn path_works(&mut self, key: Key, other: Key) -> bool {
        let link = *self.link(key.0, other.0);
        let path = |browser: Option<&Browser>| {
            browser
                .is_some_and(|browser| !browser.broken && browser.path_of.is_none_or(|at| at == link.changes))
        };
        link.up && path(self.browsers.get(&key)) && path(self.browsers.get(&other))
    }

    fn reconsider_other(&mut self, key: Key) {
        if let Some(other) = self.counterpart(key) {
            self.reconsider(other);
        }
    }

    /// Plans what the browser will notice, given how things are now.
    fn reconsider(&mut self, key: Key) {
        let Some(other) = self.counterpart(key) else { return };
        let matched = self.is_matched(key, other);
        if matched {
            // ICE has found paths over the link as it is now if a restart made new credentials.
            let changes = self.link(key.0, other.0).changes;
            let mut found = false;
            for end in [key, other] {
                if let Some(browser) = self.browsers.get_mut(&end) {
                    let fresh = browser.pending_local != browser.local;
                    if fresh {
                        browser.pending_local = browser.local;
                        browser.path_of = Some(changes);
                        found = true;
                    }
                }
            }
            if found {
                self.choose_path(key, other);
            }
        }
        // A restart under way leaves the old path in use until the new one is found.
        let works = self.path_works(key, other) && self.browsers.contains_key(&other);
        let (up_in, down_in, failed_in) =
            (self.random.between(5, 200), self.random.between(4000, 8000), self.random.between(9000, 20000));
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        let connected = browser.state == ConnectionState::Connected;
        if works && (matched || connected) {
            if browser.planned != Some(ConnectionState::Connected) {
                browser.stamp += 1;
                browser.planned = Some(ConnectionState::Connected);
                let stamp = browser.stamp;
                if !connected {
                    self.schedule(up_in, Event::Changes(key, stamp, ConnectionState::Connected));
                }
            }
            self.flush_channel(key);
            self.flush_channel(other);
        } else if !works && browser.planned != Some(ConnectionState::Failed) {
            let described = browser.local.is_some() && browser.remote.is_some();
            if !described && !connected {
                return;
            }
            browser.stamp += 1;
            browser.planned = Some(ConnectionState::Failed);
            let stamp = browser.stamp;
            if connected {
                self.schedule(down_in, Event::Changes(key, stamp, ConnectionState::Disconnected));
            }
            self.schedule(failed_in, Event::Changes(key, stamp, ConnectionState::Failed));
        }
    }

    /// ICE has selected a pair.
    fn choose_path(&mut self, key: Key, other: Key) {
        let hides = [key, other].iter().any(|end| self.browsers.get(end).is_some_and(|end| end.relay_only));
        let relayed = Path::Relayed(RelayTransport::Udp);
        let path = match self.path {
            _ if hides => relayed,
            Some(path) => path,
            None if self.random.chance(80) => Path::Direct,
            None => relayed,
        };
        for end in [key, other] {
            if let Some(browser) = self.browsers.get_mut(&end) {
                browser.path = Some(path);
                if browser.state == ConnectionState::Connected && !self.restarts_lose_the_path {
                    // At once: what a person is told is compared with it.
                    self.tell(0, end, ConnectionEvent::Path(path));
                }
            }
        }
    }

    /// A planned state change comes true, unless things have changed since.
    pub(crate) fn changes(&mut self, key: Key, stamp: u64, state: ConnectionState) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        if browser.stamp != stamp || browser.state == state {
            return;
        }
        browser.state = state;
        let path = browser.path;
        let first = state == ConnectionState::Connected && !browser.channel_open;
        self.input(key.0, Input::Connection(key.1, key.2, ConnectionEvent::State(state)));
        if state == ConnectionState::Connected && self.browsers.contains_key(&key) {
            if let Some(path) = path {
                self.tell(0, key, ConnectionEvent::Path(path));
            }
            if first {
                let delay = self.random.between(1, 150);
                self.tell(delay, key, ConnectionEvent::ChannelOpened);
            }
        }
    }

    /// An event reaches the engine, if the connection still exists.
    pub(crate) fn happens(&mut self, key: Key, event: ConnectionEvent) {
        let Some(browser) = self.browsers.get_mut(&key) else { return };
        match event {
            ConnectionEvent::ChannelOpened => browser.channel_open = true,
            ConnectionEvent::ChannelClosed => browser.channel_open = false,
            _ => {}
        }
        let opened = event == ConnectionEvent::ChannelOpened;
        self.input(key.0, Input::Connection(key.1, key.2, event));
        if opened && let Some(other) = self.counterpart(key) {
            self.flush_channel(other);
        }
    }
}
