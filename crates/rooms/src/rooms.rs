//! The machine: every rule of the outer layer.

use crate::connection::{Connection, Due, Membership, Stage};
use crate::room::{Member, Room};
use crate::timers::{Timer, Timers};
use crate::visitors::Visitors;
use crate::{AddressGroup, AsAdvertised, IceServers, Input, Outbox, Output, SocketId};
use bytes::{Buf, Bytes, BytesMut};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{PeerId, RoomId};
use eyeline_protocol::limits::{self, Limits};
use eyeline_protocol::outer::{
    self, ClientRecord, CloseCode, ErrorCode, GoneReason, IceServer, Join, LeaveReason, NackCode, Phase,
    ServerRecord, Welcome,
};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Rooms that are remembered after their last connection was lost. Some 10 MB at most; above it, a room ends with
/// that connection: there cannot be that many calls.
const VACANT_ROOMS: usize = 65_536;

/// What does not change while the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// What one connection, one room and one address may use.
    pub limits: Limits,
    /// The server's version, told in `Welcome`.
    pub build: String,
}

/// All rooms of one server. `I` makes the members' ICE servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rooms<I = AsAdvertised> {
    settings: Settings,
    ice: I,
    connections: BTreeMap<SocketId, Connection>,
    rooms: BTreeMap<RoomId, Room>,
    /// Rooms that nobody is in any more, and when their last connection was lost.
    vacant: BTreeMap<RoomId, Milliseconds>,
    /// Where each peer is: in one room at a time, on one connection.
    peers: BTreeMap<PeerId, SocketId>,
    visitors: Visitors,
    timers: Timers,
    draining: bool,
    /// Connections to end before `handle` returns. A list and not recursion: one that is ended has others told,
    /// which can be too much for one of those in turn.
    ending: Vec<(SocketId, CloseCode)>,
}

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Open connections, joined or not.
    pub connections: usize,
    /// Rooms with somebody in them.
    pub rooms: usize,
    /// Members in a call.
    pub members_in_call: usize,
    /// Members in a lobby.
    pub members_in_lobby: usize,
    /// Addresses that are remembered for their limits.
    pub addresses: usize,
}

/// One record, its sealed part left where it is in the message.
enum Record {
    Send { to: PeerId, sequence: u32, bytes: BytesMut },
    Join(Join),
    Phase(Phase),
    Leave(LeaveReason),
    Probe(u64),
}

impl Rooms {
    /// An empty server without a relay.
    pub fn new(settings: Settings) -> Self {
        Self::with_ice_servers(settings, AsAdvertised)
    }
}

impl<I: IceServers> Rooms<I> {
    /// An empty server.
    pub fn with_ice_servers(settings: Settings, ice: I) -> Self {
        Self {
            settings,
            ice,
            connections: BTreeMap::new(),
            rooms: BTreeMap::new(),
            vacant: BTreeMap::new(),
            peers: BTreeMap::new(),
            visitors: Visitors::default(),
            timers: Timers::default(),
            draining: false,
            ending: Vec::new(),
        }
    }

    /// Takes one input and appends what is to be done. `now` must not go back.
    pub fn handle(&mut self, now: Milliseconds, input: Input, out: &mut Outbox) {
        match input {
            Input::Connected { socket, address, ice_servers, mapping_check } => {
                self.connected(now, socket, address, ice_servers, mapping_check, out);
            }
            Input::Message { socket, bytes } => self.message(now, socket, bytes, out),
            Input::Text { socket } => self.end(socket, CloseCode::UnsupportedData),
            Input::TooBig { socket } => self.end(socket, CloseCode::MessageTooBig),
            Input::Control { socket, answer_bytes } => self.control(now, socket, answer_bytes, out),
            Input::Written { socket, bytes } => {
                if let Some(connection) = self.connections.get_mut(&socket) {
                    connection.queued_bytes = connection.queued_bytes.saturating_sub(bytes);
                }
            }
            Input::PageClosed { socket } => self.forget(now, socket, GoneReason::Left, out),
            Input::Closed { socket } => self.forget(now, socket, GoneReason::Lost, out),
            Input::Tick => self.tick(now, out),
            Input::Drain { spread } => self.drain(spread, out),
        }
        self.end_all(now, out);
    }

    /// Replaces what makes the ICE servers, for the members that ask from now on: the shell may have learned what
    /// time it is.
    pub fn set_ice_servers(&mut self, ice: I) {
        self.ice = ice;
    }

    /// When [`Input::Tick`] is wanted next.
    pub fn next_deadline(&self) -> Option<Milliseconds> {
        self.timers.next()
    }

    /// The longest message this connection may send now, in bytes.
    pub fn longest_message(&self, socket: SocketId) -> usize {
        match self.connections.get(&socket).map(|connection| &connection.stage) {
            Some(Stage::Joined(_)) => self.settings.limits.message_bytes,
            Some(Stage::Waiting { .. }) | None => self.settings.limits.message_bytes_before_join,
        }
    }

    /// Counts what is there; takes time in proportion to it.
    pub fn census(&self) -> Census {
        let count = |phase| self.rooms.values().map(|room| room.count(phase)).sum();
        Census {
            connections: self.connections.len(),
            rooms: self.rooms.len(),
            members_in_call: count(Phase::Call),
            members_in_lobby: count(Phase::Lobby),
            addresses: self.visitors.len(),
        }
    }

    // --- Inputs -------------------------------------------------------------------------------------------------

    fn connected(
        &mut self,
        now: Milliseconds,
        socket: SocketId,
        address: AddressGroup,
        ice_servers: Vec<IceServer>,
        mapping_check: String,
        out: &mut Outbox,
    ) {
        if self.draining {
            out.push(Output::Close { socket, code: CloseCode::GoingAway });
            return;
        }
        let limits = &self.settings.limits;
        if !self.visitors.connect(address, limits, now, &mut self.timers) {
            // The connection never becomes known: it needs no forgetting.
            let retry_after = limits.join_deadline;
            let error = ServerRecord::Error { code: ErrorCode::TooManyJoins, retry_after };
            out.push(Output::Send { socket, bytes: encode(&error) });
            out.push(Output::Close { socket, code: CloseCode::TooMany });
            return;
        }
        let connection = Connection::new(address, ice_servers, mapping_check, limits, now);
        self.connections.insert(socket, connection);
        self.reschedule(socket);
    }

    fn message(&mut self, now: Milliseconds, socket: SocketId, mut bytes: BytesMut, out: &mut Outbox) {
        let longest = self.longest_message(socket);
        let limits = &self.settings.limits;
        let Some(connection) = self.connections.get_mut(&socket) else { return };
        connection.sign_of_life(now);
        if bytes.len() > longest {
            return self.end(socket, CloseCode::MessageTooBig);
        }
        // A message without any record still costs one.
        let paid = match connection.pay_bytes(limits, now, bytes.len()) {
            Ok(()) if bytes.is_empty() => connection.pay_record(limits, now),
            paid => paid,
        };
        if let Err(retry_after) = paid {
            return self.end_with_error(
                socket,
                ErrorCode::RateExceeded,
                retry_after,
                CloseCode::TooMany,
                out,
            );
        }
        while !bytes.is_empty() && self.is_open(socket) {
            let limits = &self.settings.limits;
            let Some(connection) = self.connections.get_mut(&socket) else { return };
            if let Err(retry_after) = connection.pay_record(limits, now) {
                let (code, close) = (ErrorCode::RateExceeded, CloseCode::TooMany);
                return self.end_with_error(socket, code, retry_after, close, out);
            }
            match take_record(&mut bytes) {
                Ok(Some(record)) => self.record(now, socket, record, out),
                // Only ignorable records were left.
                Ok(None) => return,
                Err(_) => {
                    return self.end(socket, CloseCode::MalformedRecord);
                }
            }
        }
    }

    fn control(&mut self, now: Milliseconds, socket: SocketId, answer_bytes: usize, out: &mut Outbox) {
        let limits = &self.settings.limits;
        let Some(connection) = self.connections.get_mut(&socket) else { return };
        connection.sign_of_life(now);
        if connection.queued_bytes + answer_bytes > limits.outgoing_queue_bytes {
            return self.end(socket, CloseCode::TooSlow);
        }
        connection.queued_bytes += answer_bytes;
        if let Err(retry_after) = connection.pay_record(limits, now) {
            self.end_with_error(socket, ErrorCode::RateExceeded, retry_after, CloseCode::TooMany, out);
        }
    }

    fn tick(&mut self, now: Milliseconds, out: &mut Outbox) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Visitor(address) => self.visitors.forget(address),
                Timer::Connection(socket) => self.connection_due(now, socket, out),
                Timer::IceServers(socket) => self.refresh_ice_servers(now, socket, out),
                Timer::Room(id) => {
                    self.vacant.remove(&id);
                    out.push(Output::RoomEnded(id));
                }
            }
            // An end may leave an address that can be forgotten at once.
            self.end_all(now, out);
        }
    }

    fn connection_due(&mut self, now: Milliseconds, socket: SocketId, out: &mut Outbox) {
        let limits = &self.settings.limits;
        let Some(connection) = self.connections.get_mut(&socket) else { return };
        // The timer may have been set before a later sign of life: ask again what is due.
        match connection.due(socket, limits) {
            (at, Due::Ping) if at <= now => {
                connection.pinged(now);
                out.push(Output::Ping { socket });
            }
            (at, due) if at <= now => return self.overdue(socket, due, out),
            _ => {}
        }
        self.reschedule(socket);
    }

    fn overdue(&mut self, socket: SocketId, due: Due, out: &mut Outbox) {
        match due {
            Due::JoinTimeout => self.end(socket, CloseCode::JoinTimeout),
            Due::LobbyTimeout => {
                let (code, close) = (ErrorCode::LobbyTimeout, CloseCode::LobbyTimeout);
                self.end_with_error(socket, code, Milliseconds(0), close, out);
            }
            Due::Ping | Due::Dead => self.end(socket, CloseCode::TooSlow),
        }
    }

    /// Tells a member its ICE servers anew, long before the old credentials end.
    fn refresh_ice_servers(&mut self, now: Milliseconds, socket: SocketId, out: &mut Outbox) {
        let Some(connection) = self.connections.get(&socket) else { return };
        let Some(&Membership { room, peer, .. }) = connection.membership() else { return };
        let servers = self.ice.for_member(now, &connection.advertised, room, peer);
        self.schedule_ice_servers(now, socket);
        self.tell(socket, &ServerRecord::Credentials(servers), out);
    }

    fn schedule_ice_servers(&mut self, now: Milliseconds, socket: SocketId) {
        if let Some(lifetime) = self.ice.lifetime() {
            // However short a lifetime may be: not more than once a second.
            let pause = Milliseconds((lifetime.0 / 2).max(1000));
            self.timers.set(Timer::IceServers(socket), now + pause);
        }
    }

    fn drain(&mut self, spread: Milliseconds, out: &mut Outbox) {
        self.draining = true;
        let notice = encode(&ServerRecord::Drain { within: Milliseconds(0), spread });
        for (socket, connection) in core::mem::take(&mut self.connections) {
            if connection.membership().is_some() {
                out.push(Output::Send { socket, bytes: notice.clone() });
            }
            out.push(Output::Close { socket, code: CloseCode::GoingAway });
        }
        // Nobody is told that the others have gone: everybody goes.
        self.rooms.clear();
        self.vacant.clear();
        self.peers.clear();
        self.visitors = Visitors::default();
        self.timers = Timers::default();
        self.ending.clear();
    }

    // --- Records ------------------------------------------------------------------------------------------------

    fn record(&mut self, now: Milliseconds, socket: SocketId, record: Record, out: &mut Outbox) {
        let Some(connection) = self.connections.get_mut(&socket) else { return };
        match (&mut connection.stage, record) {
            (Stage::Waiting { mapping_check, .. }, Record::Join(join)) => {
                let mapping_check = core::mem::take(mapping_check);
                self.join(now, socket, &join, mapping_check, out);
            }
            (Stage::Waiting { .. }, _) | (Stage::Joined(_), Record::Join(_)) => {
                self.end(socket, CloseCode::OutOfOrder);
            }
            (Stage::Joined(membership), record) => {
                let membership = *membership;
                match record {
                    Record::Send { to, sequence, bytes } => {
                        self.send(socket, &membership, to, sequence, bytes, out);
                    }
                    Record::Phase(phase) => self.phase(now, socket, &membership, phase, out),
                    Record::Leave(LeaveReason::HungUp | LeaveReason::PageClosed) => {
                        self.forget(now, socket, GoneReason::Left, out);
                        out.push(Output::Close { socket, code: CloseCode::Normal });
                    }
                    Record::Probe(value) => self.tell(socket, &ServerRecord::Probed(value), out),
                    Record::Join(_) => {}
                }
            }
        }
    }

    fn join(
        &mut self,
        now: Milliseconds,
        socket: SocketId,
        join: &Join,
        mapping_check: String,
        out: &mut Outbox,
    ) {
        let limits = &self.settings.limits;
        let Some(connection) = self.connections.get(&socket) else { return };
        let address = connection.address;
        if let Err(retry_after) = self.visitors.join(address, limits, now) {
            let code = ErrorCode::TooManyJoins;
            return self.end_with_error(socket, code, retry_after, CloseCode::TooMany, out);
        }

        let peer = PeerId::derive(&join.public_key, &join.peer_token.hash());
        let id = join.room_token.room_id();
        let earlier = self.earlier(peer);
        if earlier.is_some_and(|(_, earlier)| earlier.counter >= join.counter) {
            return self.end(socket, CloseCode::Replaced);
        }

        let room = self.rooms.get(&id);
        let returning = room.is_some_and(|room| {
            room.others(peer).any(|other| other.phase == Phase::Call && join.connected.contains(&other.peer))
        });
        let place = room.map_or_else(
            || Room::default().check_place(peer, join.phase, returning, limits),
            |room| room.check_place(peer, join.phase, returning, limits),
        );
        if let Err(code) = place {
            return self.end_with_error(socket, code, Milliseconds(0), CloseCode::Full, out);
        }

        // Before the older connection goes: the address is not absent in between.
        if self.visitors.enter(address) {
            out.push(Output::Present(address));
        }

        // The older connection of the same page. In this room it is replaced without a word to the others; in
        // another room the peer has left that one.
        if let Some((old_socket, old)) = earlier {
            if old.room == id {
                self.peers.remove(&peer);
                self.drop_connection(old_socket, out);
            } else {
                self.forget(now, old_socket, GoneReason::Left, out);
            }
            out.push(Output::Close { socket: old_socket, code: CloseCode::Replaced });
        }

        let vacant = self.vacant.remove(&id);
        self.timers.clear(Timer::Room(id));
        let room = self.rooms.entry(id).or_insert_with(|| {
            if vacant.is_none() {
                out.push(Output::RoomOpened(id));
            }
            Room::after_loss(vacant)
        });
        let before = room.enter(Member { peer, phase: join.phase, socket });
        let roster = room.others(peer).map(|member| (member.peer, member.phase)).collect();
        self.peers.insert(peer, socket);
        let mut ice_servers = Vec::new();
        if let Some(connection) = self.connections.get_mut(&socket) {
            let (counter, phase) = (join.counter, join.phase);
            connection.stage = Stage::Joined(Membership { room: id, peer, counter, phase, since: now });
            connection.enter_phase(phase, &self.settings.limits, now);
            ice_servers = self.ice.for_member(now, &connection.advertised, id, peer);
            if self.ice.lifetime().is_none() {
                connection.advertised = Vec::new();
            }
        }
        self.reschedule(socket);
        self.schedule_ice_servers(now, socket);

        let welcome = ServerRecord::Welcome(Welcome {
            roster,
            ice_servers,
            mapping_check,
            members_in_call: u8::try_from(self.settings.limits.members_in_call).unwrap_or(u8::MAX),
            build: self.settings.build.clone(),
        });
        self.tell(socket, &welcome, out);
        if before.is_none_or(|before| before.phase != join.phase) {
            self.tell_others(id, peer, &ServerRecord::Joined(peer, join.phase), out);
        }
    }

    /// The connection and membership a peer has now.
    fn earlier(&self, peer: PeerId) -> Option<(SocketId, Membership)> {
        let socket = *self.peers.get(&peer)?;
        let membership = self.connections.get(&socket)?.membership()?;
        Some((socket, *membership))
    }

    fn phase(
        &mut self,
        now: Milliseconds,
        socket: SocketId,
        membership: &Membership,
        phase: Phase,
        out: &mut Outbox,
    ) {
        let Membership { room: id, peer, phase: before, .. } = *membership;
        match (before, phase) {
            (Phase::Lobby, Phase::Lobby) | (Phase::Call, Phase::Call) => {}
            // The way back to the lobby is a new connection.
            (Phase::Call, Phase::Lobby) => self.end(socket, CloseCode::OutOfOrder),
            (Phase::Lobby, Phase::Call) => {
                let limits = &self.settings.limits;
                let Some(room) = self.rooms.get_mut(&id) else { return };
                if let Err(code) = room.check_place(peer, phase, false, limits) {
                    let error = ServerRecord::Error { code, retry_after: Milliseconds(0) };
                    return self.tell(socket, &error, out);
                }
                room.set_phase(peer, phase);
                if let Some(connection) = self.connections.get_mut(&socket) {
                    connection.enter_phase(phase, limits, now);
                }
                self.reschedule(socket);
                self.tell_others(id, peer, &ServerRecord::Joined(peer, phase), out);
            }
        }
    }

    fn send(
        &mut self,
        socket: SocketId,
        membership: &Membership,
        to: PeerId,
        sequence: u32,
        mut bytes: BytesMut,
        out: &mut Outbox,
    ) {
        let member = self.rooms.get(&membership.room).and_then(|room| room.member(to));
        let Some(receiver) = member.filter(|_| to != membership.peer).map(|member| member.socket) else {
            let nack = ServerRecord::Nack { to, sequence, code: NackCode::NotPresent };
            return self.tell(socket, &nack, out);
        };
        if outer::forward(&mut bytes, membership.peer).is_err() {
            return self.end(socket, CloseCode::MalformedRecord);
        }
        if !self.deliver(receiver, bytes.freeze(), out) {
            let nack = ServerRecord::Nack { to, sequence, code: NackCode::QueueFull };
            self.tell(socket, &nack, out);
        }
    }

    // --- Telling ------------------------------------------------------------------------------------------------

    fn tell(&mut self, socket: SocketId, record: &ServerRecord<'_>, out: &mut Outbox) {
        self.deliver(socket, encode(record), out);
    }

    fn tell_others(&mut self, room: RoomId, peer: PeerId, record: &ServerRecord<'_>, out: &mut Outbox) {
        let Some(room) = self.rooms.get(&room) else { return };
        let sockets: Vec<_> = room.others(peer).map(|member| member.socket).collect();
        let bytes = encode(record);
        for socket in sockets {
            self.deliver(socket, bytes.clone(), out);
        }
    }

    /// Queues bytes for a connection, or ends it when it reads too slowly.
    fn deliver(&mut self, socket: SocketId, bytes: Bytes, out: &mut Outbox) -> bool {
        let Some(connection) = self.connections.get_mut(&socket).filter(|_| !is_ending(&self.ending, socket))
        else {
            return false;
        };
        if connection.queued_bytes + bytes.len() > self.settings.limits.outgoing_queue_bytes {
            self.end(socket, CloseCode::TooSlow);
            return false;
        }
        connection.queued_bytes += bytes.len();
        out.push(Output::Send { socket, bytes });
        true
    }

    // --- Ending -------------------------------------------------------------------------------------------------

    fn end_with_error(
        &mut self,
        socket: SocketId,
        code: ErrorCode,
        retry_after: Milliseconds,
        close: CloseCode,
        out: &mut Outbox,
    ) {
        self.tell(socket, &ServerRecord::Error { code, retry_after }, out);
        self.end(socket, close);
    }

    /// Ends a connection before `handle` returns. The first reason counts.
    fn end(&mut self, socket: SocketId, code: CloseCode) {
        if self.is_open(socket) {
            self.ending.push((socket, code));
        }
    }

    fn is_open(&self, socket: SocketId) -> bool {
        self.connections.contains_key(&socket) && !is_ending(&self.ending, socket)
    }

    fn end_all(&mut self, now: Milliseconds, out: &mut Outbox) {
        while let Some(&(socket, code)) = self.ending.first() {
            // Forgotten first, so that telling the others cannot reach it; still listed while they are told.
            self.forget(now, socket, GoneReason::Lost, out);
            out.push(Output::Close { socket, code });
            self.ending.retain(|(ended, _)| *ended != socket);
        }
    }

    /// Takes a connection out of everything and tells the others of its room.
    fn forget(&mut self, now: Milliseconds, socket: SocketId, reason: GoneReason, out: &mut Outbox) {
        let Some(connection) = self.drop_connection(socket, out) else { return };
        let Some(&Membership { room: id, peer, .. }) = connection.membership() else { return };
        self.peers.remove(&peer);
        if let Entry::Occupied(mut entry) = self.rooms.entry(id) {
            let room = entry.get_mut();
            room.remove(peer);
            if reason == GoneReason::Lost {
                room.note_loss(now);
            }
            if room.is_empty() {
                let lost = room.last_loss();
                entry.remove();
                self.vacate(now, id, lost, out);
            }
        }
        self.tell_others(id, peer, &ServerRecord::Gone(peer, reason), out);
    }

    /// Nobody is in the room any more. Those whose connection was lost may be in a call still.
    fn vacate(&mut self, now: Milliseconds, id: RoomId, lost: Option<Milliseconds>, out: &mut Outbox) {
        let goes_on = lost.filter(|lost| *lost + limits::ROOM_GRACE > now);
        match goes_on {
            Some(lost) if self.vacant.len() < VACANT_ROOMS => {
                self.vacant.insert(id, lost);
                self.timers.set(Timer::Room(id), lost + limits::ROOM_GRACE);
            }
            _ => out.push(Output::RoomEnded(id)),
        }
    }

    fn drop_connection(&mut self, socket: SocketId, out: &mut Outbox) -> Option<Connection> {
        let connection = self.connections.remove(&socket)?;
        self.timers.clear(Timer::Connection(socket));
        self.timers.clear(Timer::IceServers(socket));
        if connection.membership().is_some() && self.visitors.leave(connection.address) {
            out.push(Output::Absent(connection.address));
        }
        self.visitors.disconnect(connection.address, &self.settings.limits, &mut self.timers);
        Some(connection)
    }

    fn reschedule(&mut self, socket: SocketId) {
        if let Some(connection) = self.connections.get(&socket) {
            let (at, _) = connection.due(socket, &self.settings.limits);
            self.timers.set(Timer::Connection(socket), at);
        }
    }

    /// Whether every count and index agrees with every other: for tests and simulations.
    ///
    /// # Errors
    /// What does not agree.
    pub fn check_invariants(&self) -> Result<(), &'static str> {
        let limits = &self.settings.limits;
        let rule = |holds: bool, text| if holds { Ok(()) } else { Err(text) };
        rule(self.ending.is_empty(), "a connection was not ended")?;
        rule(self.visitors.sockets() == self.connections.len(), "sockets by address do not add up")?;
        let members: usize = self.rooms.values().map(|room| room.members().len()).sum();
        rule(members == self.peers.len(), "members and peers differ")?;
        let joined = self.connections.values().filter(|connection| connection.membership().is_some()).count();
        rule(joined == members, "joined connections and members differ")?;
        rule(self.visitors.members() == members, "members by address do not add up")?;
        rule(self.vacant.len() <= VACANT_ROOMS, "too many rooms are remembered")?;
        let occupied = self.vacant.keys().any(|id| self.rooms.contains_key(id));
        rule(!occupied, "a room with somebody in it will be ended")?;
        for (id, room) in &self.rooms {
            rule(!room.is_empty(), "an empty room was kept")?;
            rule(room.count(Phase::Call) <= limits.members_in_call_returning, "a call is over its limit")?;
            rule(room.count(Phase::Lobby) <= limits.members_in_lobby, "a lobby is over its limit")?;
            for member in room.members() {
                let connection = self.connections.get(&member.socket);
                let membership = connection.and_then(Connection::membership);
                let agrees = membership.is_some_and(|membership| {
                    membership.room == *id
                        && membership.peer == member.peer
                        && membership.phase == member.phase
                        && self.peers.get(&member.peer) == Some(&member.socket)
                });
                rule(agrees, "a member's connection does not know its place")?;
            }
        }
        let within = |connection: &Connection| connection.queued_bytes <= limits.outgoing_queue_bytes;
        rule(self.connections.values().all(within), "a queue is over its limit")
    }
}

fn is_ending(ending: &[(SocketId, CloseCode)], socket: SocketId) -> bool {
    ending.iter().any(|(ended, _)| *ended == socket)
}

/// Takes the next known record off the front of a message; what is forwarded is cut out, not copied.
fn take_record(message: &mut BytesMut) -> Result<Option<Record>, outer::RecordError> {
    let mut records = ClientRecord::parse(message);
    let Some(record) = records.next() else { return Ok(None) };
    let end = message.len() - records.unread();
    match record? {
        ClientRecord::Send { sealed, .. } if sealed.len() > limits::SEALED_BYTES => {
            Err(outer::RecordError::Length)
        }
        ClientRecord::Send { to, sequence, sealed } => {
            let start = end.saturating_sub(outer::SEND_OVERHEAD_BYTES + sealed.len());
            let mut bytes = message.split_to(end);
            // Ignorable records that stood before it.
            bytes.advance(start);
            Ok(Some(Record::Send { to, sequence, bytes }))
        }
        ClientRecord::Join(join) => advance(message, end, Record::Join(join)),
        ClientRecord::Phase(phase) => advance(message, end, Record::Phase(phase)),
        ClientRecord::Leave(reason) => advance(message, end, Record::Leave(reason)),
        ClientRecord::Probe(value) => advance(message, end, Record::Probe(value)),
    }
}

fn advance(message: &mut BytesMut, end: usize, record: Record) -> Result<Option<Record>, outer::RecordError> {
    message.advance(end);
    Ok(Some(record))
}

fn encode(record: &ServerRecord<'_>) -> Bytes {
    let mut bytes = Vec::new();
    record.write(&mut bytes);
    bytes.into()
}
