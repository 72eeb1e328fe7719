//! One peer connection of one generation: negotiation, candidates, the certificate check, what is sent and shown.

use crate::config::{Config, earlier};
use crate::effect::{Command, Effect, Outbox};
use crate::input::{ConnectionEvent, ConnectionState, Path};
use crate::liveness::Liveness;
use crate::media::Sending;
use crate::quality::{Meter, Quality};
use crate::signaling::Ice;
use crate::thrift::Thrift;
use crate::view::Certificate;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId};
use eyeline_protocol::inner::{Candidate, Candidates, Description, Message, Slot, Slots};
use eyeline_protocol::{candidate, limits};

/// The most candidates of either end that one connection takes: five m-lines are bundled into one, so a machine
/// with many addresses finds some dozens; each ICE restart finds them again.
const CANDIDATES: usize = 256;

/// Channel messages kept until the certificate is checked. What does not fit is sent again by the other end.
const EARLY_MESSAGES: usize = 32;

/// The longest data-channel message: an envelope as long as one that is sealed.
const CHANNEL_MESSAGE_BYTES: usize = limits::SEALED_BYTES;

/// One peer connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection {
    peer: PeerId,
    generation: Generation,
    offers: bool,
    /// The other end is not to learn our address.
    relay_only: bool,
    /// Which edition of the ICE servers the browser has.
    ice_edition: u32,
    negotiation: Negotiation,
    state: ConnectionState,
    was_connected: bool,
    check: Check,
    channel_open: bool,
    early_messages: Vec<Vec<u8>>,
    path: Option<Path>,
    ice_connected: bool,
    liveness: Liveness,
    meter: Meter,
    thrift: Thrift,
    /// Nothing got through for a while: what the other end has of our pictures may not be whole.
    interrupted: bool,
    /// Own candidates not yet sent, and whether they are all.
    found: Vec<Candidate>,
    found_complete: bool,
    found_count: usize,
    batch_at: Option<Milliseconds>,
    /// Whether the other end has our description (or will have it before anything sent now).
    described: bool,
    /// Whether the other's description has been handed to the browser.
    remote_described: bool,
    /// The other's candidates that came before its description.
    early_candidates: Vec<Candidate>,
    early_complete: bool,
    remote_count: usize,
    /// The other end has named an address that is no relay's.
    remote_in_the_open: bool,
    sent: Option<Sending>,
    shown: bool,
}

/// Where offer and answer stand (RFC 8829, 3.2, without rollback: only one end ever offers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Negotiation {
    Stable,
    /// The browser makes our offer.
    Offering,
    /// The other end has our offer.
    Offered,
    /// The browser makes our answer.
    Answering,
}

/// Where the certificate check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Check {
    NotYet,
    Asked,
    Verified,
    NotPossible,
}

/// What an event means for the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing.
    None,
    /// Media can flow.
    Connected,
    /// It cannot at the moment.
    Disconnected,
    /// ICE or DTLS has given up.
    GivenUp,
    /// The data channel has come or gone.
    ChannelChanged,
    /// The certificate is the right one (or cannot be read).
    Checked,
    /// The certificate is another one.
    Mismatch,
    /// The connection is of no more use.
    Broken,
    /// The same, unless it says otherwise in a moment.
    Doubtful,
}

impl Connection {
    /// A new connection that this end offers.
    pub(crate) fn offer(peer: PeerId, generation: Generation, ice: &Ice<'_>, out: &mut Outbox) -> Self {
        let mut connection = Self::create(peer, generation, true, ice, out);
        connection.negotiation = Negotiation::Offering;
        connection.command(Command::SetLocalOffer { ice_restart: false }, out);
        connection
    }

    /// A new connection for the other's offer, which has been checked.
    pub(crate) fn answer(peer: PeerId, offer: Description, ice: &Ice<'_>, out: &mut Outbox) -> Self {
        let mut connection = Self::create(peer, offer.generation, false, ice, out);
        connection.reoffered(offer.sdp, out);
        connection
    }

    fn create(peer: PeerId, generation: Generation, offers: bool, ice: &Ice<'_>, out: &mut Outbox) -> Self {
        let connection = Self {
            peer,
            generation,
            offers,
            relay_only: ice.relay_only,
            ice_edition: ice.edition,
            negotiation: Negotiation::Stable,
            state: ConnectionState::New,
            was_connected: false,
            check: Check::NotYet,
            channel_open: false,
            early_messages: Vec::new(),
            path: None,
            ice_connected: false,
            liveness: Liveness::default(),
            meter: Meter::default(),
            thrift: Thrift::default(),
            interrupted: false,
            found: Vec::new(),
            found_complete: false,
            found_count: 0,
            batch_at: None,
            described: false,
            remote_described: false,
            early_candidates: Vec::new(),
            early_complete: false,
            remote_count: 0,
            remote_in_the_open: false,
            sent: None,
            shown: false,
        };
        let ice_servers = ice.servers.to_vec();
        connection.command(Command::Create { ice_servers, relay_only: ice.relay_only, offers }, out);
        connection
    }

    fn command(&self, command: Command, out: &mut Outbox) {
        out.push(Effect::Connection(self.peer, self.generation, command));
    }

    pub(crate) fn generation(&self) -> Generation {
        self.generation
    }

    /// The selected path, while connected.
    pub(crate) fn path(&self) -> Option<Path> {
        self.path.filter(|_| self.is_up())
    }

    /// Media can flow, does as far as can be seen, and the certificate is no wrong one.
    pub(crate) fn is_up(&self) -> bool {
        let connected = match self.state {
            ConnectionState::Connected => !self.liveness.is_stalled(),
            // Where every third packet is lost a browser misses a few answers in a row now and then, and says so for a
            // tenth of a second while everything goes on (Chromium 156).
            ConnectionState::Disconnected => self.liveness.is_well(),
            _ => false,
        };
        connected && self.is_checked()
    }

    /// How well media comes, while it does.
    pub(crate) fn quality(&self) -> Option<Quality> {
        self.meter.quality().filter(|_| self.is_up())
    }

    /// The pictures that this end does not send here, so that its sound gets through.
    pub(crate) fn spared(&self) -> Slots {
        self.thrift.spared()
    }

    /// Media could flow at some time.
    pub(crate) fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// The certificate has been checked, as far as the browser lets us.
    pub(crate) fn is_checked(&self) -> bool {
        matches!(self.check, Check::Verified | Check::NotPossible)
    }

    /// What is proven of the certificate.
    pub(crate) fn certificate(&self) -> Certificate {
        match self.check {
            Check::NotYet | Check::Asked => Certificate::Unknown,
            Check::Verified => Certificate::Verified,
            Check::NotPossible => Certificate::NotDoubleChecked,
        }
    }

    /// Whether the data channel may carry messages.
    pub(crate) fn has_channel(&self) -> bool {
        self.channel_open && self.is_checked()
    }

    /// Whether the data channel is open.
    pub(crate) fn is_open(&self) -> bool {
        self.channel_open
    }

    /// Sends bytes on the data channel.
    pub(crate) fn send(&self, message: Vec<u8>, out: &mut Outbox) {
        self.command(Command::SendChannel(message), out);
    }

    /// Whether the connection was made to hide our address.
    pub(crate) fn is_relay_only(&self) -> bool {
        self.relay_only
    }

    /// Whether media is relayed although there may be a direct path.
    pub(crate) fn may_become_direct(&self) -> bool {
        matches!(self.path(), Some(Path::Relayed(_))) && !self.relay_only && self.remote_in_the_open
    }

    /// Hands newer ICE servers to the browser: an ICE restart needs credentials that are still good.
    pub(crate) fn refresh(&mut self, ice: &Ice<'_>, out: &mut Outbox) {
        if self.ice_edition != ice.edition {
            self.ice_edition = ice.edition;
            let ice_servers = ice.servers.to_vec();
            self.command(Command::SetConfiguration { ice_servers, relay_only: self.relay_only }, out);
        }
    }

    /// Takes back the connection; the shell forgets it.
    pub(crate) fn close(self, out: &mut Outbox) {
        if self.shown {
            self.command(Command::Show(false), out);
        }
        self.command(Command::Close, out);
    }

    /// Restarts ICE, if this end offers and no negotiation is under way.
    pub(crate) fn restart_ice(&mut self, out: &mut Outbox) -> bool {
        let possible = self.offers && self.negotiation == Negotiation::Stable;
        if possible {
            self.negotiation = Negotiation::Offering;
            self.described = false;
            self.found_complete = false;
            self.command(Command::SetLocalOffer { ice_restart: true }, out);
        }
        possible
    }

    /// Whether an offer or answer of a negotiation is still to come.
    pub(crate) fn is_negotiating(&self) -> bool {
        self.negotiation != Negotiation::Stable
    }

    /// Another offer for this connection came: the other end restarts ICE.
    pub(crate) fn reoffered(&mut self, sdp: String, out: &mut Outbox) {
        self.negotiation = Negotiation::Answering;
        self.described = false;
        self.found_complete = false;
        self.command(Command::SetRemoteOffer(sdp), out);
        self.remote_described(out);
        self.command(Command::SetLocalAnswer, out);
    }

    /// The answer came; it has been checked.
    pub(crate) fn answered(&mut self, sdp: String, out: &mut Outbox) {
        if self.negotiation != Negotiation::Offered {
            return;
        }
        self.negotiation = Negotiation::Stable;
        self.command(Command::SetRemoteAnswer(sdp), out);
        self.remote_described(out);
    }

    /// The browser has the other's description: now it can take candidates.
    fn remote_described(&mut self, out: &mut Outbox) {
        self.remote_described = true;
        for candidate in core::mem::take(&mut self.early_candidates) {
            self.command(Command::AddIceCandidate(candidate), out);
        }
        if core::mem::take(&mut self.early_complete) {
            self.command(Command::AddEndOfCandidates, out);
        }
    }

    /// Candidates of the other end came; they have been checked.
    pub(crate) fn remote_candidates(&mut self, list: Vec<Candidate>, complete: bool, out: &mut Outbox) {
        for candidate in list {
            if self.remote_count >= CANDIDATES {
                break;
            }
            self.remote_count += 1;
            self.remote_in_the_open |= !candidate::is_relayed(&candidate.candidate);
            if self.remote_described {
                self.command(Command::AddIceCandidate(candidate), out);
            } else {
                self.early_candidates.push(candidate);
            }
        }
        if complete && self.remote_described {
            self.command(Command::AddEndOfCandidates, out);
        } else {
            self.early_complete |= complete;
        }
    }

    /// Something happened in the browser. Messages for the other end go to `say`, channel messages that may be
    /// believed to `heard`.
    pub(crate) fn event(
        &mut self,
        now: Milliseconds,
        event: ConnectionEvent,
        certificate: CertificateHash,
        say: &mut Vec<Message>,
        heard: &mut Vec<Vec<u8>>,
        out: &mut Outbox,
    ) -> Turn {
        match event {
            ConnectionEvent::LocalDescription(sdp) => self.local_description(sdp, say),
            ConnectionEvent::Candidate(candidate) => {
                self.found(candidate);
                Turn::None
            }
            ConnectionEvent::CandidatesComplete => {
                self.found_complete = true;
                Turn::None
            }
            ConnectionEvent::State(state) => self.state_changed(now, state, out),
            ConnectionEvent::IceConnected(connected) => {
                self.ice_connected = connected;
                if self.is_dead() { Turn::Doubtful } else { Turn::None }
            }
            ConnectionEvent::Traffic(traffic) => {
                self.meter.look(now, &traffic);
                let flowing = self.sent.map_or(Slots::NONE, |sent| sent.flowing);
                self.thrift.look(now, &traffic.outgoing, flowing);
                Self::revived(self.liveness.traffic(now, &traffic))
            }
            ConnectionEvent::RemoteCertificate(found) => {
                if self.check != Check::Asked {
                    return Turn::None;
                }
                self.check = match found {
                    Some(found) if found == certificate => Check::Verified,
                    Some(_) => return Turn::Mismatch,
                    None => Check::NotPossible,
                };
                heard.append(&mut self.early_messages);
                self.watch_if_ready(now);
                Turn::Checked
            }
            ConnectionEvent::ChannelOpened => {
                self.channel_open = true;
                self.watch_if_ready(now);
                Turn::ChannelChanged
            }
            ConnectionEvent::ChannelClosed => {
                self.channel_open = false;
                self.liveness.stop();
                Turn::ChannelChanged
            }
            ConnectionEvent::ChannelMessage(message) => {
                if message.len() > CHANNEL_MESSAGE_BYTES {
                    return Turn::None;
                }
                if self.is_checked() {
                    heard.push(message);
                } else if self.early_messages.len() < EARLY_MESSAGES {
                    self.early_messages.push(message);
                }
                Self::revived(self.liveness.heard(now))
            }
            ConnectionEvent::Path(path) => {
                self.path = Some(path);
                self.thrift.start_over();
                Turn::None
            }
            ConnectionEvent::Failed => Turn::Broken,
            ConnectionEvent::RemoteDescriptionSet => Turn::None,
        }
    }

    fn found(&mut self, mut candidate: Candidate) {
        if self.relay_only {
            // The browser has been told already. Whoever hides relies on it, so it is seen to here once more.
            let Some(hidden) = candidate::hidden(&candidate.candidate) else { return };
            candidate.candidate = hidden;
        }
        // What the other end would not take is not sent; an empty one only says that there are no more.
        if self.found_count < CANDIDATES && crate::description::is_acceptable(&candidate) {
            self.found_count += 1;
            self.found.push(candidate);
        }
    }

    fn local_description(&mut self, sdp: String, say: &mut Vec<Message>) -> Turn {
        let Some(sdp) = crate::description::outgoing(&sdp) else { return Turn::Broken };
        let description = Description { generation: self.generation, sdp };
        match self.negotiation {
            Negotiation::Offering => {
                self.negotiation = Negotiation::Offered;
                say.push(Message::Offer(description));
            }
            Negotiation::Answering => {
                self.negotiation = Negotiation::Stable;
                say.push(Message::Answer(description));
            }
            Negotiation::Stable | Negotiation::Offered => return Turn::None,
        }
        self.described = true;
        Turn::None
    }

    /// A trap of Firefox's: DTLS has failed, ICE has not (any more), and no ICE restart helps. Firefox 153 ends DTLS
    /// when its network goes, while ICE comes back with another one.
    pub(crate) fn is_dead(&self) -> bool {
        self.state == ConnectionState::Failed && self.ice_connected
    }

    fn watch_if_ready(&mut self, now: Milliseconds) {
        if self.has_channel() {
            self.liveness.start(now);
        }
    }

    fn revived(revived: bool) -> Turn {
        if revived { Turn::Connected } else { Turn::None }
    }

    fn state_changed(&mut self, now: Milliseconds, state: ConnectionState, out: &mut Outbox) -> Turn {
        if state == self.state {
            return Turn::None;
        }
        self.state = state;
        match state {
            ConnectionState::Connected => {
                self.was_connected = true;
                // ICE has just heard the other end.
                self.liveness.heard(now);
                if self.check == Check::NotYet {
                    self.check = Check::Asked;
                    self.command(Command::ReadRemoteCertificate, out);
                }
                Turn::Connected
            }
            ConnectionState::Disconnected => {
                self.interrupted = true;
                Turn::Disconnected
            }
            ConnectionState::Failed if self.is_dead() => Turn::Broken,
            ConnectionState::Failed => Turn::GivenUp,
            ConnectionState::Closed => Turn::Broken,
            ConnectionState::New | ConnectionState::Connecting => Turn::None,
        }
    }

    /// Brings the browser to what it should send and show, and sends candidates that are due.
    pub(crate) fn tend(
        &mut self,
        now: Milliseconds,
        batch: Milliseconds,
        sending: Sending,
        say: &mut Vec<Message>,
        out: &mut Outbox,
    ) {
        if self.is_checked() {
            let sending = sending.sparing(self.thrift.spared());
            if self.sent.map(Sending::flow) != Some(sending.flow()) {
                self.sent = Some(sending);
                self.command(Command::Send(sending.flowing), out);
            }
            let back = self.thrift.take_back().within(sending.flowing);
            if back != Slots::NONE {
                // What got lost before the rest is nowhere any more.
                self.begin_pictures_anew(back, out);
            }
            if !self.shown {
                self.shown = true;
                self.command(Command::Show(true), out);
            }
            if self.is_up() && core::mem::take(&mut self.interrupted) {
                // A decoder that lacks a part of a picture waits: Chromium 156 for three seconds before it asks.
                let pictures =
                    [Slot::Camera, Slot::Screen].into_iter().filter(|slot| sending.slots.has(*slot));
                let pictures = pictures.fold(Slots::NONE, |slots, slot| slots.with(slot, true));
                if pictures != Slots::NONE {
                    self.begin_pictures_anew(pictures, out);
                }
            }
        }
        self.send_candidates(now, batch, say);
    }

    /// The first candidates go with the description or at once after it; later ones are collected for a moment.
    fn send_candidates(&mut self, now: Milliseconds, batch: Milliseconds, say: &mut Vec<Message>) {
        if !self.described || (self.found.is_empty() && !self.found_complete) {
            return;
        }
        match self.batch_at {
            Some(at) if at > now => return,
            _ => self.batch_at = Some(now + batch),
        }
        let complete = core::mem::take(&mut self.found_complete);
        let mut found = core::mem::take(&mut self.found).into_iter();
        loop {
            let candidates: Vec<_> = found.by_ref().take(limits::CANDIDATES_IN_MESSAGE).collect();
            let last = found.len() == 0;
            say.push(Message::Candidates(Candidates {
                generation: self.generation,
                candidates,
                complete: complete && last,
            }));
            if last {
                return;
            }
        }
    }

    /// Whether nothing has arrived for long enough to worry, found out just now.
    pub(crate) fn worries(&mut self, now: Milliseconds, config: &Config) -> bool {
        self.liveness.worries(now, config)
    }

    /// Whether nothing has arrived for too long, found out just now.
    pub(crate) fn stalls(&mut self, now: Milliseconds, config: &Config) -> bool {
        let stalls = self.liveness.stalls(now, config);
        self.interrupted |= stalls;
        stalls
    }

    /// The network is another one. True if what had been silent for a while counts as broken from now on.
    pub(crate) fn despair(&mut self, now: Milliseconds) -> bool {
        let despairs = self.liveness.despair(now);
        self.interrupted |= despairs;
        despairs
    }

    /// Whether a sign of life is due on the channel. With each one, the browser is asked what has arrived.
    pub(crate) fn beat(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) -> bool {
        let due = self.liveness.beat(now, config);
        if self.liveness.look(now, config) || due {
            self.command(Command::ReadTraffic, out);
        }
        due
    }

    /// Expected pictures that arrive and cannot be decoded.
    pub(crate) fn stuck_pictures(&mut self, now: Milliseconds, expected: Slots, config: &Config) -> Slots {
        self.liveness.stuck(now, expected, config)
    }

    /// Begins pictures anew.
    pub(crate) fn begin_pictures_anew(&self, slots: Slots, out: &mut Outbox) {
        self.command(Command::Refresh(slots), out);
    }

    /// Silence is nothing before `until`.
    pub(crate) fn be_patient(&mut self, until: Milliseconds) {
        self.liveness.be_patient(until);
    }

    /// The other page is said to be gone, or nobody says so any more.
    pub(crate) fn doubt(&mut self, doubted: bool, now: Milliseconds, config: &Config) {
        if doubted {
            self.liveness.doubt(now, config);
        } else {
            self.liveness.believe();
        }
    }

    /// The network has changed, or the page slept.
    pub(crate) fn suspect(&mut self, now: Milliseconds, config: &Config) {
        self.liveness.suspect(now, config);
    }

    /// When candidates are to be sent, or a sign of life is due or missing.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Milliseconds> {
        let candidates =
            self.batch_at.filter(|_| self.described && (!self.found.is_empty() || self.found_complete));
        earlier(candidates, self.liveness.deadline(config))
    }
}
