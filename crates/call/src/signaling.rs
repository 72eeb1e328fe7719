//! The connection to the server: opening, joining, retrying, probing, and the batch of records on its way out.

use crate::config::{Config, earlier};
use crate::effect::{Effect, Outbox};
use crate::view::Server;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{ConnectionCounter, PeerId};
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{
    AfterClose, ClientRecord, CloseCode, ErrorCode, HEADER_BYTES, IceServer, Join, Phase, Welcome,
};
use eyeline_protocol::rate::{Bucket, Rate};

/// Milliseconds before each try to reach the server again. Most outages are a moment's: the first tries come soon.
const PAUSES: [u64; 8] = [0, 300, 500, 1000, 1500, 2500, 4000, 7000];

/// What a record adds to the sealed bytes it carries: header, address, number.
const SEND_OVERHEAD: usize = HEADER_BYTES + PeerId::LENGTH + 4;

/// The connection to the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Signaling {
    socket: Socket,
    counter: ConnectionCounter,
    /// Connections that failed in a row.
    failures: u32,
    /// When the connection was lost that worked last.
    lost_at: Option<Milliseconds>,
    /// It has been away for so long that the person should be told, or there never was one.
    missed: bool,
    /// What the server said against us.
    refusal: Option<Refusal>,
    /// Do not come back before this: the server said so.
    not_before: Milliseconds,
    /// The server is about to go down: spread the return over this time.
    spread: Milliseconds,
    /// Which phase the server has been told.
    announced: Phase,
    /// When the server was heard last.
    heard_at: Milliseconds,
    /// How long it may be silent.
    silence: Milliseconds,
    /// An answer to a probe is due at this moment.
    probe_until: Option<Milliseconds>,
    /// The last socket was left because nothing came through it.
    black_holed: bool,
    /// When the last `Join` was sent, and how long its answer took.
    join_sent_at: Milliseconds,
    answered_after: Milliseconds,
    ice_servers: Vec<IceServer>,
    /// Counts changes of the servers, so that living connections notice.
    ice_edition: u32,
    /// Records for the next message.
    outgoing: Vec<u8>,
    /// Numbers our `Send` records.
    sent: u32,
    /// Records and bytes we may still send.
    records: Bucket,
    bytes: Bucket,
    /// What the jitter is drawn from: different for each peer, the same in each run.
    seed: u64,
}

/// What a connection finds paths with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ice<'a> {
    pub(crate) servers: &'a [IceServer],
    /// Another number after each change of the servers.
    pub(crate) edition: u32,
    /// Through a relay or not at all.
    pub(crate) relay_only: bool,
}

/// Where the WebSocket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Socket {
    /// Not open; the next try, if any.
    Closed(Option<Milliseconds>),
    /// `OpenSocket` awaits its answer, until.
    Opening(Milliseconds),
    /// `Join` awaits its answer, until.
    Joining(Milliseconds),
    /// Welcomed, since.
    Online(Milliseconds),
}

/// What the server said against us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Refusal {
    CallFull,
    LobbyFull,
    LobbyTimeout,
    TooManyJoins,
    Outdated,
    Replaced,
}

impl Signaling {
    /// Not connected; the first try is due at once.
    pub(crate) fn new(me: PeerId) -> Self {
        Self {
            socket: Socket::Closed(Some(Milliseconds(0))),
            counter: ConnectionCounter(0),
            failures: 0,
            lost_at: None,
            missed: true,
            refusal: None,
            not_before: Milliseconds(0),
            spread: Milliseconds(0),
            announced: Phase::Lobby,
            heard_at: Milliseconds(0),
            silence: Milliseconds(0),
            probe_until: None,
            black_holed: false,
            join_sent_at: Milliseconds(0),
            answered_after: Milliseconds(0),
            ice_servers: Vec::new(),
            ice_edition: 0,
            outgoing: Vec::new(),
            sent: 0,
            records: Bucket::new(&rates(Phase::Lobby).0, Milliseconds(0)),
            bytes: Bucket::new(&rates(Phase::Lobby).1, Milliseconds(0)),
            seed: me.0.iter().fold(0, |seed: u64, byte| seed.rotate_left(8) ^ u64::from(*byte)),
        }
    }

    /// Whether the server has welcomed us and the socket is open.
    pub(crate) fn is_online(&self) -> bool {
        matches!(self.socket, Socket::Online(_))
    }

    /// Whether the server is not there, and not only for the moment that a new socket takes.
    pub(crate) fn is_away(&self) -> bool {
        !self.is_online() && (self.failures > 1 || self.missed)
    }

    /// What to find paths with; `relay_only` is what the person wants.
    pub(crate) fn ice(&self, relay_only: bool) -> Ice<'_> {
        Ice { servers: &self.ice_servers, edition: self.ice_edition, relay_only }
    }

    /// Whether the server has a relay.
    pub(crate) fn has_relay(&self) -> bool {
        // Schemes are case-insensitive (RFC 3986, 3.1), but our servers write them so.
        self.ice_servers.iter().any(|server| server.url.starts_with("turn"))
    }

    /// Fresh credentials came.
    pub(crate) fn set_ice_servers(&mut self, servers: &[IceServer]) {
        if self.ice_servers != servers {
            self.ice_servers = servers.to_vec();
            self.ice_edition = self.ice_edition.wrapping_add(1);
        }
    }

    /// Does what is due.
    pub(crate) fn tend(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) {
        if let Some(lost_at) = self.lost_at {
            self.missed |= now.since(lost_at) >= config.say_offline_after;
        }
        match self.socket {
            Socket::Closed(Some(at)) if at <= now => self.open(now, config, out),
            Socket::Opening(until) | Socket::Joining(until) if until <= now => {
                out.push(Effect::CloseSocket);
                self.lost(now);
            }
            Socket::Online(_) if self.probe_until.is_some_and(|until| until <= now) => {
                // Black-holed: a new socket at once, nobody has refused anything.
                self.black_holed = true;
                self.open(now, config, out);
            }
            Socket::Online(_) => {
                self.silence = match self.announced {
                    Phase::Call => config.probe_after_in_call,
                    Phase::Lobby => config.probe_after_in_lobby,
                };
                if now.since(self.heard_at) >= self.silence {
                    self.probe(now, config.probe_within, out);
                }
            }
            _ => {}
        }
    }

    /// When something is due.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Milliseconds> {
        let missed = self.lost_at.filter(|_| !self.missed).map(|lost_at| lost_at + config.say_offline_after);
        let socket = match self.socket {
            Socket::Closed(at) => at,
            Socket::Opening(until) | Socket::Joining(until) => Some(until),
            Socket::Online(_) => self.probe_until.or(Some(self.heard_at + self.silence)),
        };
        earlier(missed, socket)
    }

    fn open(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) {
        self.miss(now);
        self.socket = Socket::Opening(now + config.socket_open_within);
        self.outgoing.clear();
        self.probe_until = None;
        out.push(Effect::OpenSocket);
    }

    /// Counts the time without a connection, if there was one.
    fn miss(&mut self, now: Milliseconds) {
        if self.is_online() {
            self.lost_at = Some(now);
        }
    }

    /// The socket is open: join. `join` makes the record for the next counter.
    pub(crate) fn opened(
        &mut self,
        now: Milliseconds,
        config: &Config,
        phase: Phase,
        out: &mut Outbox,
        join: impl FnOnce(ConnectionCounter) -> Join,
    ) {
        if !matches!(self.socket, Socket::Opening(_)) {
            return;
        }
        self.counter.0 = self.counter.0.saturating_add(1);
        self.socket = Socket::Joining(now + config.welcome_within);
        self.join_sent_at = now;
        self.announced = phase;
        self.fill_buckets(now);
        // The join travels alone: before it, messages are held to a tighter limit.
        let mut message = Vec::new();
        ClientRecord::Join(join(self.counter)).write(&mut message);
        out.push(Effect::SendSocket(message));
    }

    /// The server has answered the join. `None` if nobody asked, else whether this socket is in the place of one that was
    /// dead without anybody having said so.
    pub(crate) fn welcomed(&mut self, now: Milliseconds, welcome: &Welcome) -> Option<bool> {
        if !matches!(self.socket, Socket::Joining(_)) {
            return None;
        }
        self.socket = Socket::Online(now);
        self.lost_at = None;
        self.missed = false;
        self.answered_after = now.since(self.join_sent_at);
        self.refusal = None;
        self.not_before = Milliseconds(0);
        self.set_ice_servers(&welcome.ice_servers);
        Some(core::mem::take(&mut self.black_holed))
    }

    /// Tells the server where we are, if it does not know.
    pub(crate) fn announce(&mut self, now: Milliseconds, phase: Phase, out: &mut Outbox) {
        // There is no way back but a new connection.
        if self.is_online() && self.announced == Phase::Lobby && phase == Phase::Call {
            self.announced = phase;
            self.write(&ClientRecord::Phase(phase), out);
            self.fill_buckets(now);
        }
    }

    fn fill_buckets(&mut self, now: Milliseconds) {
        let (records, bytes) = rates(self.announced);
        self.records = Bucket::new(&records, now);
        self.bytes = Bucket::new(&bytes, now);
    }

    /// Anything came from the server: it lives.
    pub(crate) fn heard(&mut self, now: Milliseconds) {
        self.heard_at = now;
        self.probe_until = None;
    }

    /// There is reason to think that the socket is dead: asks the server for a sign of life, and soon.
    pub(crate) fn doubt(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) {
        let Socket::Online(since) = self.socket else { return };
        if now.since(self.heard_at) < config.heartbeat {
            // It has just shown that it lives.
            return;
        }
        let patience = if now.since(since) < config.socket_proven_after {
            // One socket after the other would help nobody.
            config.probe_within
        } else {
            // Four times what it took before: a slow way is no dead one.
            Milliseconds(self.answered_after.0.saturating_mul(4)).max(config.probe_in_doubt_within)
        };
        self.probe(now, patience.min(config.probe_within), out);
    }

    /// Asks the server for a sign of life within so long, unless that is under way.
    fn probe(&mut self, now: Milliseconds, patience: Milliseconds, out: &mut Outbox) {
        if !self.is_online() {
            return;
        }
        if self.probe_until.is_none() {
            self.write(&ClientRecord::Probe(now.0), out);
        }
        self.probe_until = earlier(self.probe_until, Some(now + patience));
    }

    /// The server said no.
    pub(crate) fn refused(&mut self, now: Milliseconds, code: ErrorCode, retry_after: Milliseconds) {
        if code == ErrorCode::RoomFull {
            // The answer to `Phase`: we are in the lobby still.
            self.announced = Phase::Lobby;
        }
        self.not_before = now + retry_after;
        self.refusal = match code {
            ErrorCode::RoomFull => Some(Refusal::CallFull),
            ErrorCode::LobbyFull => Some(Refusal::LobbyFull),
            ErrorCode::TooManyJoins => Some(Refusal::TooManyJoins),
            ErrorCode::LobbyTimeout => Some(Refusal::LobbyTimeout),
            ErrorCode::RateExceeded => self.refusal,
        };
    }

    /// The server will go down soon.
    pub(crate) fn drained(&mut self, spread: Milliseconds) {
        self.spread = spread;
    }

    /// The socket was closed, or could not be opened. `call_goes_on`: somebody is connected, so that the server is
    /// asked again even when it is full.
    pub(crate) fn closed(&mut self, now: Milliseconds, code: u16, call_goes_on: bool, config: &Config) {
        if matches!(self.socket, Socket::Closed(_)) {
            return;
        }
        if let Socket::Online(since) = self.socket
            && now.since(since) >= config.socket_proven_after
        {
            self.failures = 0;
        }
        self.lost(now);
        match AfterClose::of(code) {
            AfterClose::Retry => {}
            // A server answers `Leave` so, and we have not left: somebody in between closed it. Come back.
            AfterClose::GiveUp if code == CloseCode::Normal as u16 => {}
            AfterClose::GiveUp => {
                self.socket = Socket::Closed(None);
                self.refusal = Some(Refusal::Replaced);
            }
            AfterClose::Reload => {
                self.socket = Socket::Closed(None);
                self.refusal = Some(Refusal::Outdated);
            }
            AfterClose::RetryOnRequest => {
                if code == CloseCode::LobbyTimeout as u16 {
                    self.refusal = Some(Refusal::LobbyTimeout);
                }
                self.refusal.get_or_insert(Refusal::CallFull);
                self.socket = Socket::Closed(call_goes_on.then_some(now + config.full_retry));
            }
        }
    }

    /// Counts a failure and sets the next try.
    fn lost(&mut self, now: Milliseconds) {
        self.miss(now);
        self.outgoing.clear();
        self.probe_until = None;
        // Up to a quarter more: many clients of one server must not come back in the same moment.
        let [.., longest] = PAUSES;
        let pause = PAUSES.get(self.failures as usize).copied().unwrap_or(longest);
        let pause = pause + self.jitter(pause / 4) + self.jitter(self.spread.0);
        self.spread = Milliseconds(0);
        self.failures = self.failures.saturating_add(1);
        self.socket = Socket::Closed(Some((now + Milliseconds(pause)).max(self.not_before)));
    }

    /// A number up to `most`, from the peer id and the counts so far (the last step of SplitMix64).
    fn jitter(&self, most: u64) -> u64 {
        let mut bits = self.seed ^ self.counter.0.rotate_left(32) ^ u64::from(self.failures);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % most.saturating_add(1)
    }

    /// Do not wait for the next retry: the network is back, or the person asks.
    pub(crate) fn hurry(&mut self, now: Milliseconds) {
        if let Socket::Closed(Some(_)) = self.socket {
            self.failures = 0;
            self.socket = Socket::Closed(Some(now.max(self.not_before)));
        }
    }

    /// The person asks for another try: comes back even after a refusal, unless another page took over or this
    /// one is outdated.
    pub(crate) fn retry(&mut self, now: Milliseconds) {
        match self.refusal {
            Some(Refusal::Replaced | Refusal::Outdated) => return,
            Some(_) => self.refusal = None,
            None => {}
        }
        if let Socket::Closed(None) = self.socket {
            self.socket = Socket::Closed(Some(now));
        }
        self.hurry(now);
    }

    /// Whether the lobby was left for lack of signs of life.
    pub(crate) fn is_timed_out(&self) -> bool {
        self.refusal == Some(Refusal::LobbyTimeout) && matches!(self.socket, Socket::Closed(_))
    }

    /// Whether a place in the call was refused.
    pub(crate) fn is_call_full(&self) -> bool {
        self.refusal == Some(Refusal::CallFull)
    }

    /// A call that goes on without a seat: ask for one again with a new connection, which can name those we are
    /// connected with.
    pub(crate) fn ask_again_for_seat(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) {
        if self.is_online() {
            out.push(Effect::CloseSocket);
            self.lost(now);
            self.socket = Socket::Closed(Some(now + config.full_retry));
        }
    }

    /// Closes the socket for good, after what is still to be said.
    pub(crate) fn leave(&mut self, last: &ClientRecord<'_>, out: &mut Outbox) {
        if self.is_online() {
            self.write(last, out);
            self.flush(out);
        }
        if !matches!(self.socket, Socket::Closed(_)) {
            out.push(Effect::CloseSocket);
        }
        self.socket = Socket::Closed(None);
        self.lost_at = None;
        self.missed = true;
        self.refusal = None;
        self.announced = Phase::Lobby;
    }

    /// Comes back after `leave`.
    pub(crate) fn come_back(&mut self, now: Milliseconds) {
        self.failures = 0;
        self.socket = Socket::Closed(Some(now));
    }

    /// Queues sealed bytes for another member. Without a connection to the server, or beyond what the server takes,
    /// they are dropped: whoever sends repeats what is not answered.
    pub(crate) fn send(&mut self, now: Milliseconds, to: PeerId, sealed: &[u8], out: &mut Outbox) {
        let (records, bytes) = rates(self.announced);
        let length = u32::try_from(sealed.len() + SEND_OVERHEAD).unwrap_or(u32::MAX);
        if !self.is_online()
            || self.records.take(&records, now, 1).is_err()
            || self.bytes.take(&bytes, now, length).is_err()
        {
            return;
        }
        self.sent = self.sent.wrapping_add(1);
        let sequence = self.sent;
        self.write(&ClientRecord::Send { to, sequence, sealed }, out);
    }

    fn write(&mut self, record: &ClientRecord<'_>, out: &mut Outbox) {
        let more = match record {
            ClientRecord::Send { sealed, .. } => sealed.len() + SEND_OVERHEAD,
            _ => HEADER_BYTES + 8,
        };
        if self.outgoing.len() + more > Limits::default().message_bytes {
            self.flush(out);
        }
        record.write(&mut self.outgoing);
    }

    /// Sends what is queued as one message.
    pub(crate) fn flush(&mut self, out: &mut Outbox) {
        if !self.outgoing.is_empty() {
            out.push(Effect::SendSocket(core::mem::take(&mut self.outgoing)));
        }
    }

    /// The connection as a person sees it.
    pub(crate) fn view(&self) -> Server {
        match (self.refusal, self.socket) {
            (Some(Refusal::CallFull), _) => Server::CallFull,
            (Some(Refusal::LobbyFull), _) => Server::LobbyFull,
            (Some(Refusal::LobbyTimeout), _) => Server::LobbyTimeout,
            (Some(Refusal::TooManyJoins), _) => Server::TooManyJoins,
            (Some(Refusal::Outdated), _) => Server::Outdated,
            (Some(Refusal::Replaced), _) => Server::Replaced,
            (None, Socket::Online(_)) => Server::Online,
            (None, _) if !self.missed || (self.failures == 0 && self.lost_at.is_none()) => Server::Connecting,
            (None, _) => Server::Offline,
        }
    }
}

/// The records and bytes we allow ourselves: three quarters of what the server does, since what was sent evenly may
/// arrive in a bunch, and other records count as well.
fn rates(phase: Phase) -> (Rate, Rate) {
    let limits = Limits::default();
    let part = |amount: u32, burst: u32| Rate::per_second(amount / 4 * 3, burst / 4 * 3);
    match phase {
        Phase::Lobby => (
            part(limits.lobby_records_per_second, limits.lobby_records_burst),
            part(limits.lobby_bytes_per_second, limits.lobby_bytes_burst),
        ),
        Phase::Call => (
            part(limits.records_per_second, limits.records_burst),
            part(limits.bytes_per_second, limits.bytes_burst),
        ),
    }
}

/// The earliest of a component's deadlines and another.
pub(crate) fn earliest(deadlines: impl IntoIterator<Item = Option<Milliseconds>>) -> Option<Milliseconds> {
    deadlines.into_iter().fold(None, earlier)
}
