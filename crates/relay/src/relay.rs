//! The machine: what comes in, and to which part of it.

use crate::allocation::Allocation;
use crate::counters::{RelayCensus, RelayCounters};
use crate::credential::{RoomHandle, keyed};
use crate::io::{Client, Family, Input, Outbox, Output, PeerSocket};
use crate::message::{self};
use crate::nonce::Nonces;
use crate::port::{Holder, Ports};
use crate::quota::{Owner, Quotas};
use crate::room::{EndedRooms, Rooms};
use crate::settings::{Mode, Settings};
use crate::source::SourceGroup;
use crate::stun::{Counters, Stun};
use crate::timers::{Due, Timers};
use bytes::BytesMut;
use core::net::IpAddr;
use eyeline_protocol::Milliseconds;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};

/// Virtual ports of the closed relay. Chromium refuses candidates with ports below 1024.
const VIRTUAL_PORTS: core::ops::RangeInclusive<u16> = 1024..=65535;

/// STUN and TURN for any number of local sockets and streams.
///
/// Memory is bounded by [`RelayLimits`](crate::RelayLimits): nothing is stored for who has not shown a genuine
/// credential, except streams, which are counted and have [`stream_patience`](crate::RelayLimits::stream_patience).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Relay {
    pub(crate) settings: Settings,
    pub(crate) stun: Stun,
    pub(crate) nonces: Nonces,
    /// At most `limits.allocations`, as all that belongs to them.
    pub(crate) allocations: BTreeMap<Client, Allocation>,
    pub(crate) ports: Ports,
    pub(crate) reservations: BTreeMap<u64, Reservation>,
    pub(crate) reservations_made: u64,
    /// At most two for each allocation.
    pub(crate) sockets: BTreeMap<PeerSocket, (Client, Family)>,
    pub(crate) sockets_made: u64,
    pub(crate) quotas: Quotas,
    pub(crate) rooms: Rooms,
    /// At most `limits.ended_rooms`.
    ended: EndedRooms,
    /// At most `limits.streams`.
    streams: BTreeSet<Client>,
    streams_by_source: BTreeMap<SourceGroup, usize>,
    pub(crate) timers: Timers,
    /// When the shell told the time, and which.
    clock: Option<(Milliseconds, u64)>,
    /// Data indications sent: their transaction ids, which nobody answers.
    pub(crate) indications: u64,
    pub(crate) counters: RelayCounters,
}

/// A port that is kept for a second allocation (RFC 8656, 7.2: EVEN-PORT with the R bit).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reservation {
    pub(crate) owner: Owner,
    pub(crate) family: Family,
    pub(crate) port: u16,
}

impl Relay {
    /// A fresh relay.
    pub fn new(settings: Settings, now: Milliseconds) -> Self {
        let ports = match &settings.mode {
            Mode::Open { ports, .. } => ports.clone(),
            Mode::Off | Mode::Closed { .. } => VIRTUAL_PORTS,
        };
        let sources = settings.limits.sources.clone();
        Self {
            stun: Stun::new(sources, secret_number(&settings.secret, b"eyeline relay sources", 0), now),
            nonces: Nonces::new(settings.secret),
            allocations: BTreeMap::new(),
            ports: Ports::new(ports, secret_number(&settings.secret, b"eyeline relay ports", 0)),
            reservations: BTreeMap::new(),
            reservations_made: 0,
            sockets: BTreeMap::new(),
            sockets_made: 0,
            quotas: Quotas::default(),
            rooms: Rooms::default(),
            ended: EndedRooms::default(),
            streams: BTreeSet::new(),
            streams_by_source: BTreeMap::new(),
            timers: Timers::default(),
            clock: None,
            indications: 0,
            counters: RelayCounters::default(),
            settings,
        }
    }

    /// Takes one input. What shall be done comes out in order.
    pub fn handle(&mut self, now: Milliseconds, input: Input, outbox: &mut Outbox) {
        self.expire(now, outbox);
        self.ended.forget(now);
        match input {
            Input::Packet { client, bytes } => self.packet(now, client, bytes, outbox),
            Input::StreamOpened { client } => self.stream_opened(now, client, outbox),
            Input::StreamClosed { client } => self.stream_closed(now, &client, outbox),
            Input::FromPeer { socket, peer, bytes } => self.peer_data(now, socket, peer, bytes, outbox),
            Input::SocketOpened { socket, opened } => self.socket_opened(now, socket, opened, outbox),
            Input::SessionOpened { address } => self.stun.sources().session_opened(address, now),
            Input::SessionClosed { address } => self.stun.sources().session_closed(address),
            Input::RoomOpened { room } => self.ended.remove(room),
            Input::RoomEnded { room } => self.room_ended(now, room, outbox),
            Input::Clock { unix_seconds } => self.clock = Some((now, unix_seconds)),
            Input::Tick => {}
        }
    }

    /// When to come back with [`Input::Tick`], at the latest.
    pub fn next_deadline(&self) -> Option<Milliseconds> {
        self.timers.next()
    }

    /// What TURN has done since the start.
    pub fn counters(&self) -> &RelayCounters {
        &self.counters
    }

    /// What the Binding server has done since the start.
    pub fn stun_counters(&self) -> Counters {
        self.stun.counters()
    }

    /// What there is at the moment.
    pub fn census(&self) -> RelayCensus {
        RelayCensus {
            allocations: self.allocations.len(),
            reservations: self.reservations.len(),
            rooms: self.rooms.len(),
            streams: self.streams.len(),
            sockets: self.sockets.len(),
        }
    }

    fn packet(&mut self, now: Milliseconds, client: Client, bytes: BytesMut, outbox: &mut Outbox) {
        if client.transport.is_stream() && !self.streams.contains(&client) {
            return;
        }
        let relays = self.settings.mode != Mode::Off;
        match bytes.first() {
            Some(kind) if kind >> 6 == 0b01 && relays => self.channel_data(now, client, bytes, outbox),
            Some(kind) if kind >> 6 == 0b00 => match message::parse(&bytes) {
                message::Stun::Binding => {
                    if let Some(reply) = self.stun.handle(now, client.address, &bytes) {
                        outbox.push(Output::Send { client, bytes: reply.into() });
                    }
                }
                message::Stun::Request(operation, message) if relays => {
                    self.request(now, client, operation, &message, outbox);
                }
                message::Stun::Send(message) if relays => match self.read_send(&message) {
                    Some(send) => self.send(now, client, send, bytes, outbox),
                    None => self.dropped(crate::DropReason::Malformed),
                },
                _ => self.counters.ignored += 1,
            },
            _ => self.counters.ignored += 1,
        }
    }

    fn expire(&mut self, now: Milliseconds, outbox: &mut Outbox) {
        while let Some(due) = self.timers.pop(now) {
            match due {
                Due::Allocation(client) => self.remove_allocation(now, &client, outbox),
                Due::Reservation(token) => self.remove_reservation(token),
                Due::Stream(client) => self.end_stream(client, outbox),
            }
        }
    }

    fn stream_opened(&mut self, now: Milliseconds, client: Client, outbox: &mut Outbox) {
        if !client.transport.is_stream() || self.streams.contains(&client) {
            return;
        }
        let source = SourceGroup::from(client.address.ip());
        let of_source = self.streams_by_source.get(&source).copied().unwrap_or_default();
        let limits = &self.settings.limits;
        if self.streams.len() >= limits.streams || of_source >= limits.streams_per_source {
            self.counters.streams_refused += 1;
            outbox.push(Output::CloseStream { client });
            return;
        }
        self.streams.insert(client);
        self.streams_by_source.insert(source, of_source + 1);
        self.timers.set(Due::Stream(client), now + limits.stream_patience);
    }

    fn stream_closed(&mut self, now: Milliseconds, client: &Client, outbox: &mut Outbox) {
        self.remove_allocation(now, client, outbox);
        self.forget_stream(client);
    }

    fn end_stream(&mut self, client: Client, outbox: &mut Outbox) {
        if self.forget_stream(&client) {
            outbox.push(Output::CloseStream { client });
        }
    }

    fn forget_stream(&mut self, client: &Client) -> bool {
        self.timers.clear(Due::Stream(*client));
        if !self.streams.remove(client) {
            return false;
        }
        let source = SourceGroup::from(client.address.ip());
        if let Some(count) = self.streams_by_source.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.streams_by_source.remove(&source);
            }
        }
        true
    }

    fn room_ended(&mut self, now: Milliseconds, room: RoomHandle, outbox: &mut Outbox) {
        for client in self.rooms.clients(room) {
            self.remove_allocation(now, &client, outbox);
            self.end_stream(client, outbox);
        }
        let reserved = |(token, kept): (&u64, &Reservation)| (kept.owner.room == room).then_some(*token);
        let tokens: Vec<_> = self.reservations.iter().filter_map(reserved).collect();
        for token in tokens {
            self.remove_reservation(token);
        }
        let limits = &self.settings.limits;
        self.ended.insert(room, now + limits.longest_credential, limits.ended_rooms);
    }

    /// Ends an allocation, if there is one. A stream stays for a while: a client may allocate again on it.
    pub(crate) fn remove_allocation(&mut self, now: Milliseconds, client: &Client, outbox: &mut Outbox) {
        let Some(allocation) = self.allocations.remove(client) else { return };
        for relayed in &allocation.relayed {
            self.ports.release(relayed.family(), relayed.address.port());
            self.close_socket(relayed.socket, outbox);
        }
        self.quotas.leave(&allocation.owner);
        self.rooms.leave(allocation.owner.room, client);
        self.timers.clear(Due::Allocation(*client));
        if self.streams.contains(client) {
            self.timers.set(Due::Stream(*client), now + self.settings.limits.stream_patience);
        }
    }

    pub(crate) fn close_socket(&mut self, socket: Option<PeerSocket>, outbox: &mut Outbox) {
        if let Some(socket) = socket
            && self.sockets.remove(&socket).is_some()
        {
            outbox.push(Output::CloseSocket { socket });
        }
    }

    fn remove_reservation(&mut self, token: u64) {
        if let Some(reservation) = self.take_reservation(token) {
            self.ports.release(reservation.family, reservation.port);
        }
    }

    /// Takes a reservation out and leaves its port taken.
    pub(crate) fn take_reservation(&mut self, token: u64) -> Option<Reservation> {
        let reservation = self.reservations.remove(&token)?;
        self.quotas.leave(&reservation.owner);
        self.timers.clear(Due::Reservation(token));
        Some(reservation)
    }

    /// The relay's own address of a family.
    pub(crate) fn own_address(&self, family: Family) -> Option<IpAddr> {
        match &self.settings.mode {
            Mode::Off => None,
            Mode::Closed { address } => Some(*address).filter(|address| Family::from(*address) == family),
            Mode::Open { ipv4, ipv6, .. } => match family {
                Family::V4 => ipv4.map(IpAddr::V4),
                Family::V6 => ipv6.map(IpAddr::V6),
            },
        }
    }

    pub(crate) fn is_own(&self, address: IpAddr) -> bool {
        self.own_address(Family::from(address)) == Some(address)
    }

    /// Whether a genuine credential counts for a new allocation now.
    pub(crate) fn is_current(&self, now: Milliseconds, expiry: u64, room: RoomHandle) -> bool {
        let Some((at, unix_seconds)) = self.clock else { return false };
        let unix_seconds = unix_seconds.saturating_add(now.since(at).0 / 1000);
        let latest = unix_seconds.saturating_add(self.settings.limits.longest_credential.0 / 1000);
        (unix_seconds.saturating_add(1)..=latest).contains(&expiry) && !self.ended.contains(room)
    }

    /// Checks what must hold between any two inputs. For tests: it looks at everything.
    pub fn check_invariants(&self) -> Result<(), &'static str> {
        self.stun.check_invariants()?;
        self.rooms.check_invariants()?;
        let limits = &self.settings.limits;
        let require = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
        let held = self.allocations.len() + self.reservations.len();
        require(held <= limits.allocations, "more allocations than allowed")?;
        require(held == self.quotas.total(), "the quotas have lost count")?;
        require(self.streams.len() <= limits.streams, "more streams than allowed")?;
        require(self.ended.len() <= limits.ended_rooms, "more ended rooms than allowed")?;
        let mut recounted = Quotas::default();
        let mut ports = self.reservations.len();
        let mut sockets = 0;
        let mut rooms = BTreeSet::new();
        for (client, allocation) in &self.allocations {
            recounted.enter(&allocation.owner);
            rooms.insert(allocation.owner.room);
            ports += allocation.relayed.len();
            require(!allocation.relayed.is_empty(), "an allocation without a relayed address")?;
            require(self.timers.is_set(Due::Allocation(*client)), "an allocation without an end")?;
            require(
                !client.transport.is_stream() || self.streams.contains(client),
                "an allocation whose stream is gone",
            )?;
            require(self.rooms.clients(allocation.owner.room).contains(client), "a room misses a client")?;
            require(!self.ended.contains(allocation.owner.room), "an allocation of an ended room")?;
            for relayed in &allocation.relayed {
                let holder = self.ports.holder(relayed.family(), relayed.address.port());
                require(holder == Some(Holder::Allocation(*client)), "a relayed port of somebody else")?;
                if let Some(socket) = relayed.socket {
                    sockets += 1;
                    let known = self.sockets.get(&socket) == Some(&(*client, relayed.family()));
                    require(known, "a socket of nobody")?;
                }
            }
            require(allocation.permissions.len() <= limits.permissions, "too many permissions")?;
            require(allocation.channels.len() <= limits.channels, "too many channels")?;
            require(
                allocation.channels.is_consistent(),
                "a channel with two peers or a peer with two channels",
            )?;
        }
        for (token, reservation) in &self.reservations {
            recounted.enter(&reservation.owner);
            require(self.timers.is_set(Due::Reservation(*token)), "a reservation without an end")?;
            let holder = self.ports.holder(reservation.family, reservation.port);
            require(holder == Some(Holder::Reservation(*token)), "a reserved port of somebody else")?;
        }
        require(recounted == self.quotas, "the quotas count something else")?;
        require(ports == self.ports.len(), "a port is taken for nobody")?;
        require(sockets == self.sockets.len(), "a socket is open for nobody")?;
        require(rooms.len() == self.rooms.len(), "a room is kept for nobody")?;
        let waiting = self.streams.iter().filter(|client| !self.allocations.contains_key(client));
        let mut patience = 0;
        for client in waiting {
            patience += 1;
            require(self.timers.is_set(Due::Stream(*client)), "a stream without an end")?;
        }
        require(self.timers.len() == held + patience, "a timer for nothing")?;
        let streams: usize = self.streams_by_source.values().sum();
        require(streams == self.streams.len(), "streams are counted wrongly")
    }
}

/// A number that only who knows the secret can foresee.
pub(crate) fn secret_number(secret: &[u8; 32], label: &[u8], count: u64) -> u64 {
    let mut mac = keyed::<Hmac<Sha256>>(secret);
    mac.update(label);
    mac.update(&count.to_be_bytes());
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = mac.finalize().into_bytes().into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
