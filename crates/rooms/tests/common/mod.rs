//! Rooms with a clock in the hand, and pages that join them.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "shared by several test crates, each using a part; clippy.toml allows the rest in test functions only"
)]

use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{ConnectionCounter, PeerId, PeerToken, PublicKey, RoomId, RoomToken};
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{
    ClientRecord, CloseCode, ErrorCode, GoneReason, IceServer, Join, NackCode, Phase, ServerRecord, Welcome,
};
use eyeline_rooms::{AddressGroup, IceServers, Input, Output, Rooms, Settings, SocketId};
use std::collections::BTreeMap;

/// What a socket got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Welcome(Welcome),
    Joined(PeerId, Phase),
    Receive(PeerId, u32, Vec<u8>),
    Gone(PeerId, GoneReason),
    Nack(PeerId, u32, NackCode),
    Error(ErrorCode, Milliseconds),
    Credentials(Vec<IceServer>),
    Drain(Milliseconds),
    Probed(u64),
    Ping,
    Closed(CloseCode),
}

/// One page load in one room.
#[derive(Clone, Debug)]
pub struct Page {
    pub room: u8,
    pub number: u8,
    pub counter: u64,
    pub phase: Phase,
    pub connected: Vec<PeerId>,
}

impl Page {
    pub fn new(room: u8, number: u8, phase: Phase) -> Self {
        Self { room, number, counter: 1, phase, connected: Vec::new() }
    }

    pub fn id(&self) -> PeerId {
        PeerId::derive(&PublicKey([self.number; 32]), &PeerToken([7; 32]).hash())
    }

    pub fn join(&self) -> ClientRecord<'static> {
        ClientRecord::Join(Join {
            phase: self.phase,
            capabilities: 0,
            counter: ConnectionCounter(self.counter),
            room_token: RoomToken([self.room; 32]),
            peer_token: PeerToken([7; 32]),
            public_key: PublicKey([self.number; 32]),
            connected: self.connected.clone(),
        })
    }

    /// The same page on its next connection.
    pub fn again(&self) -> Self {
        Self { counter: self.counter + 1, ..self.clone() }
    }

    pub fn connected_to(&self, other: &Page) -> Self {
        Self { connected: vec![other.id()], ..self.clone() }
    }
}

/// Credentials that tell for whom and when they were made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TestIceServers {
    pub lifetime: Option<Milliseconds>,
}

impl IceServers for TestIceServers {
    fn for_member(
        &self,
        now: Milliseconds,
        advertised: &[IceServer],
        room: RoomId,
        peer: PeerId,
    ) -> Vec<IceServer> {
        let mut servers = advertised.to_vec();
        for server in servers.iter_mut().filter(|server| server.url.starts_with("turn")) {
            server.username = format!("{room}.{peer}");
            server.credential = format!("made at {}", now.0);
        }
        servers
    }

    fn lifetime(&self) -> Option<Milliseconds> {
        self.lifetime
    }
}

pub struct World {
    pub rooms: Rooms<TestIceServers>,
    pub now: Milliseconds,
    pub inboxes: BTreeMap<SocketId, Vec<Got>>,
    /// What the relay is to know.
    pub for_relay: Vec<Output>,
    next_socket: u64,
    /// Whether what is sent leaves at once.
    pub network_takes_everything: bool,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Limits)) -> Self {
        Self::with_ice_servers(change, TestIceServers { lifetime: None })
    }

    pub fn with_relay(lifetime: Milliseconds) -> Self {
        Self::with_ice_servers(|_| {}, TestIceServers { lifetime: Some(lifetime) })
    }

    fn with_ice_servers(change: impl FnOnce(&mut Limits), ice: TestIceServers) -> Self {
        let mut limits = Limits { joins_per_minute: 1000, ..Limits::default() };
        change(&mut limits);
        Self {
            rooms: Rooms::with_ice_servers(Settings { limits, build: "test".to_owned() }, ice),
            now: Milliseconds(1000),
            inboxes: BTreeMap::new(),
            for_relay: Vec::new(),
            next_socket: 1,
            network_takes_everything: true,
        }
    }

    pub fn handle(&mut self, input: Input) {
        let mut out = Vec::new();
        self.rooms.handle(self.now, input, &mut out);
        for output in out {
            let (socket, got) = match output {
                Output::Send { socket, bytes } => {
                    if self.network_takes_everything {
                        let written = Input::Written { socket, bytes: bytes.len() };
                        self.rooms.handle(self.now, written, &mut Vec::new());
                    }
                    (socket, ServerRecord::parse(&bytes).map(|record| got(record.unwrap())).collect())
                }
                Output::Ping { socket } => (socket, vec![Got::Ping]),
                Output::Close { socket, code } => (socket, vec![Got::Closed(code)]),
                for_relay => {
                    self.for_relay.push(for_relay);
                    continue;
                }
            };
            self.inboxes.entry(socket).or_default().extend(got);
        }
        self.rooms.check_invariants().unwrap();
    }

    pub fn connect_from(&mut self, address: u8) -> SocketId {
        let socket = SocketId(self.next_socket);
        self.next_socket += 1;
        let ice_servers = ["stun:example.org", "turn:example.org"].map(|url| IceServer {
            url: url.to_owned(),
            username: String::new(),
            credential: String::new(),
        });
        self.handle(Input::Connected {
            socket,
            address: AddressGroup::V4([192, 0, 2, address]),
            ice_servers: ice_servers.to_vec(),
            mapping_check: "stun:example.org:3479".to_owned(),
        });
        socket
    }

    pub fn connect(&mut self) -> SocketId {
        // Far more addresses than any test has sockets.
        let address = u8::try_from(self.next_socket % 250).unwrap();
        self.connect_from(address)
    }

    pub fn message(&mut self, socket: SocketId, bytes: &[u8]) {
        self.handle(Input::Message { socket, bytes: bytes.into() });
    }

    pub fn send(&mut self, socket: SocketId, records: &[ClientRecord<'_>]) {
        let mut message = Vec::new();
        records.iter().for_each(|record| record.write(&mut message));
        self.message(socket, &message);
    }

    /// Connects and joins; what the page got stays in its inbox.
    pub fn try_join(&mut self, page: &Page) -> SocketId {
        let socket = self.connect();
        self.send(socket, &[page.join()]);
        socket
    }

    /// Connects and joins, and expects to be welcomed.
    pub fn join(&mut self, page: &Page) -> SocketId {
        let socket = self.try_join(page);
        self.welcome(socket);
        socket
    }

    pub fn welcome(&mut self, socket: SocketId) -> Welcome {
        let mut got = self.take(socket);
        match (got.pop(), got.is_empty()) {
            (Some(Got::Welcome(welcome)), true) => welcome,
            (last, _) => panic!("expected a welcome only, got {got:?} and {last:?}"),
        }
    }

    /// What the relay was told since the last time.
    pub fn take_for_relay(&mut self) -> Vec<Output> {
        core::mem::take(&mut self.for_relay)
    }

    /// What the socket got since the last time.
    pub fn take(&mut self, socket: SocketId) -> Vec<Got> {
        self.inboxes.remove(&socket).unwrap_or_default()
    }

    /// Goes on in time, stopping at every deadline.
    pub fn wait(&mut self, time: Milliseconds) {
        let end = self.now + time;
        while let Some(deadline) = self.rooms.next_deadline().filter(|deadline| *deadline <= end) {
            assert!(deadline >= self.now || self.rooms.next_deadline() == Some(deadline));
            self.now = self.now.max(deadline);
            self.handle(Input::Tick);
            let next = self.rooms.next_deadline();
            assert!(next.is_none_or(|next| next > self.now), "a deadline that stays is a busy loop");
        }
        self.now = end;
    }
}

pub fn send<'a>(to: &Page, sequence: u32, sealed: &'a [u8]) -> ClientRecord<'a> {
    ClientRecord::Send { to: to.id(), sequence, sealed }
}

fn got(record: ServerRecord<'_>) -> Got {
    match record {
        ServerRecord::Welcome(welcome) => Got::Welcome(welcome),
        ServerRecord::Joined(peer, phase) => Got::Joined(peer, phase),
        ServerRecord::Receive { from, sequence, sealed } => Got::Receive(from, sequence, sealed.to_vec()),
        ServerRecord::Gone(peer, reason) => Got::Gone(peer, reason),
        ServerRecord::Nack { to, sequence, code } => Got::Nack(to, sequence, code),
        ServerRecord::Error { code, retry_after } => Got::Error(code, retry_after),
        ServerRecord::Drain { spread, .. } => Got::Drain(spread),
        ServerRecord::Probed(value) => Got::Probed(value),
        ServerRecord::Credentials(servers) => Got::Credentials(servers),
    }
}
