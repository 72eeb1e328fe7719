//! Whatever happens in whatever order: the promises hold.
//!
//! Random events go to the rooms and to a model that knows only what the outputs said; after each event the two must
//! agree.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{Page, TestIceServers};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{PeerId, RoomId, RoomToken};
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{ClientRecord, LeaveReason, Phase, ServerRecord};
use eyeline_rooms::{AddressGroup, Input, Output, Rooms, Settings, SocketId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Few of everything, so that events meet.
const ROOMS: u8 = 2;
const PAGES: u8 = 7;
const SOCKETS: u64 = 12;

#[derive(Clone, Debug)]
enum Event {
    Connect { socket: u64, address: u8 },
    Join { socket: u64, room: u8, page: u8, counter: u64, call: bool, connected: Option<u8> },
    Send { socket: u64, to: u8, length: usize },
    Phase { socket: u64, call: bool },
    Leave { socket: u64 },
    Probe { socket: u64 },
    Junk { socket: u64, bytes: Vec<u8> },
    Control { socket: u64, answer_bytes: usize },
    Text { socket: u64 },
    TooBig { socket: u64 },
    Written { socket: u64, bytes: usize },
    Closed { socket: u64 },
    Wait { milliseconds: u64 },
    Drain,
}

fn event() -> impl Strategy<Value = Event> {
    let socket = || 0..SOCKETS;
    let join = (socket(), 0..ROOMS, 0..PAGES, 0..4_u64, any::<bool>(), proptest::option::of(0..PAGES));
    prop_oneof![
        6 => (socket(), 0..3_u8).prop_map(|(socket, address)| Event::Connect { socket, address }),
        8 => join.prop_map(|(socket, room, page, counter, call, connected)| {
            Event::Join { socket, room, page, counter, call, connected }
        }),
        8 => (socket(), 0..PAGES, 0..400_usize).prop_map(|(socket, to, length)| Event::Send { socket, to, length }),
        3 => (socket(), any::<bool>()).prop_map(|(socket, call)| Event::Phase { socket, call }),
        2 => socket().prop_map(|socket| Event::Leave { socket }),
        2 => socket().prop_map(|socket| Event::Probe { socket }),
        1 => (socket(), proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(socket, bytes)| Event::Junk { socket, bytes }),
        1 => (socket(), 0..126_usize).prop_map(|(socket, answer_bytes)| Event::Control { socket, answer_bytes }),
        1 => socket().prop_map(|socket| Event::Text { socket }),
        1 => socket().prop_map(|socket| Event::TooBig { socket }),
        6 => (socket(), 0..2000_usize).prop_map(|(socket, bytes)| Event::Written { socket, bytes }),
        2 => socket().prop_map(|socket| Event::Closed { socket }),
        3 => (0..40_000_u64).prop_map(|milliseconds| Event::Wait { milliseconds }),
        1 => proptest::bool::weighted(0.05).prop_map(|really| {
            if really { Event::Drain } else { Event::Wait { milliseconds: 1 } }
        }),
    ]
}

/// What a socket may know, from what it was told.
#[derive(Clone, Debug, Default)]
struct Seen {
    address: Option<AddressGroup>,
    /// The peer that its `Join` was for, once welcomed, and the room.
    own: Option<(PeerId, u8)>,
    roster: BTreeMap<PeerId, Phase>,
    queued: usize,
}

struct Checked {
    rooms: Rooms<TestIceServers>,
    limits: Limits,
    now: Milliseconds,
    /// Real socket numbers are never used twice: each of the few slots holds the latest.
    slots: BTreeMap<u64, SocketId>,
    next_socket: u64,
    open: BTreeMap<SocketId, Seen>,
    /// Addresses and rooms that the relay was told of, and not yet of their end.
    present: BTreeSet<AddressGroup>,
    live: BTreeSet<RoomId>,
    /// What a socket last asked to join.
    asked: BTreeMap<SocketId, (PeerId, u8)>,
}

impl Checked {
    fn new() -> Self {
        let limits = Limits {
            outgoing_queue_bytes: 2000,
            members_in_call: 3,
            members_in_call_returning: 4,
            members_in_lobby: 2,
            sockets_per_address: 5,
            joins_per_minute: 30,
            records_burst: 40,
            lobby_records_burst: 20,
            lobby_stay: Milliseconds::seconds(60),
            ..Limits::default()
        };
        Self {
            rooms: Rooms::with_ice_servers(
                Settings { limits: limits.clone(), build: String::new() },
                TestIceServers { lifetime: Some(Milliseconds::seconds(20)) },
            ),
            present: BTreeSet::new(),
            live: BTreeSet::new(),
            limits,
            now: Milliseconds(0),
            slots: BTreeMap::new(),
            next_socket: 0,
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    fn apply(&mut self, event: Event) {
        let slot = |socket: u64| self.slots.get(&socket).copied().unwrap_or(SocketId(u64::MAX));
        let records = |socket, record: ClientRecord<'_>| {
            let mut bytes = Vec::new();
            record.write(&mut bytes);
            Input::Message { socket, bytes: bytes[..].into() }
        };
        let phase = |call| if call { Phase::Call } else { Phase::Lobby };
        let input = match event {
            Event::Connect { socket, address } => {
                // The shell closes a socket before it uses its slot again; here that is forgetting, as by a crash.
                let closed = slot(socket);
                self.handle(Input::Closed { socket: closed });
                self.open.remove(&closed);
                let new = SocketId(self.next_socket);
                self.next_socket += 1;
                self.slots.insert(socket, new);
                let address = AddressGroup::V4([address; 4]);
                self.open.insert(new, Seen { address: Some(address), ..Seen::default() });
                Input::Connected {
                    socket: new,
                    address,
                    ice_servers: Vec::new(),
                    mapping_check: String::new(),
                }
            }
            Event::Join { socket, room, page, counter, call, connected } => {
                let connected = connected.map(|page| Page::new(0, page, Phase::Call).id());
                let page = Page {
                    counter,
                    connected: connected.into_iter().collect(),
                    ..Page::new(room, page, phase(call))
                };
                let socket = slot(socket);
                self.asked.entry(socket).or_insert((page.id(), room));
                records(socket, page.join())
            }
            Event::Send { socket, to, length } => {
                // The seal names the true sender, which the model compares with the one the receiver is told.
                let socket = slot(socket);
                let own = self.open.get(&socket).and_then(|seen| seen.own);
                let mut sealed = own.map(|(peer, _)| peer.0.to_vec()).unwrap_or_default();
                sealed.resize(16 + length, 0);
                let to = Page::new(0, to, Phase::Call).id();
                records(socket, ClientRecord::Send { to, sequence: 1, sealed: &sealed })
            }
            Event::Phase { socket, call } => records(slot(socket), ClientRecord::Phase(phase(call))),
            Event::Leave { socket } => records(slot(socket), ClientRecord::Leave(LeaveReason::HungUp)),
            Event::Probe { socket } => records(slot(socket), ClientRecord::Probe(1)),
            Event::Junk { socket, bytes } => Input::Message { socket: slot(socket), bytes: bytes[..].into() },
            Event::Control { socket, answer_bytes } => {
                let socket = slot(socket);
                if let Some(seen) = self.open.get_mut(&socket) {
                    seen.queued += answer_bytes;
                }
                Input::Control { socket, answer_bytes }
            }
            Event::Text { socket } => Input::Text { socket: slot(socket) },
            Event::TooBig { socket } => Input::TooBig { socket: slot(socket) },
            Event::Written { socket, bytes } => {
                let socket = slot(socket);
                let bytes = self.open.get_mut(&socket).map_or(0, |seen| {
                    let bytes = bytes.min(seen.queued);
                    seen.queued -= bytes;
                    bytes
                });
                Input::Written { socket, bytes }
            }
            Event::Closed { socket } => {
                self.open.remove(&slot(socket));
                Input::Closed { socket: slot(socket) }
            }
            Event::Wait { milliseconds } => {
                let end = self.now + Milliseconds(milliseconds);
                while let Some(deadline) = self.rooms.next_deadline().filter(|deadline| *deadline <= end) {
                    self.now = self.now.max(deadline);
                    self.handle(Input::Tick);
                    assert!(
                        self.rooms.next_deadline() > Some(self.now) || self.rooms.next_deadline().is_none()
                    );
                }
                self.now = end;
                Input::Tick
            }
            Event::Drain => {
                // Ends everything, the relay included.
                self.present.clear();
                self.live.clear();
                Input::Drain { spread: Milliseconds(0) }
            }
        };
        self.handle(input);
        self.compare();
    }

    fn handle(&mut self, input: Input) {
        // The same state and input give the same result.
        let mut twin = self.rooms.clone();
        let (mut out, mut twin_out) = (Vec::new(), Vec::new());
        twin.handle(self.now, input.clone(), &mut twin_out);
        self.rooms.handle(self.now, input, &mut out);
        assert_eq!((&out, &self.rooms), (&twin_out, &twin));
        out.into_iter().for_each(|output| self.observe(output));
        self.rooms.check_invariants().unwrap();
    }

    fn observe(&mut self, output: Output) {
        match output {
            Output::Close { socket, .. } => {
                assert!(self.open.remove(&socket).is_some(), "{socket:?} was closed twice, or after its end");
            }
            Output::Present(address) => assert!(self.present.insert(address), "present twice"),
            Output::Absent(address) => assert!(self.present.remove(&address), "absent, but never present"),
            Output::RoomOpened(room) => assert!(self.live.insert(room), "a room was opened twice"),
            Output::RoomEnded(room) => {
                assert!(self.live.remove(&room), "the end of a room that nobody was in")
            }
            Output::Ping { socket } => assert!(self.open.contains_key(&socket), "a ping to a closed socket"),
            Output::Send { socket, bytes } => {
                let seen = self.open.get_mut(&socket).expect("something was sent to a closed socket");
                seen.queued += bytes.len();
                assert!(seen.queued <= self.limits.outgoing_queue_bytes, "the queue is too long");
                let asked = self.asked.get(&socket).copied();
                for record in ServerRecord::parse(&bytes) {
                    seen.take(record.unwrap(), asked);
                }
            }
        }
    }

    /// What each member was told is what is true for all.
    fn compare(&self) {
        let mut rooms: BTreeMap<u8, BTreeSet<PeerId>> = BTreeMap::new();
        let mut peers = BTreeSet::new();
        for (peer, room) in self.open.values().filter_map(|seen| seen.own) {
            assert!(peers.insert(peer), "a peer is in two places");
            rooms.entry(room).or_default().insert(peer);
        }
        for seen in self.open.values() {
            let Some((own, room)) = seen.own else { continue };
            let others: BTreeSet<_> = rooms[&room].iter().copied().filter(|peer| *peer != own).collect();
            assert_eq!(seen.roster.keys().copied().collect::<BTreeSet<_>>(), others, "a roster is wrong");
            let in_call = seen.roster.values().filter(|phase| **phase == Phase::Call).count();
            assert!(in_call <= self.limits.members_in_call_returning);
        }
        let present: BTreeSet<_> =
            self.open.values().filter(|seen| seen.own.is_some()).filter_map(|seen| seen.address).collect();
        assert_eq!(self.present, present, "the relay knows other addresses than those of the members");
        assert!(
            rooms.keys().all(|room| self.live.contains(&room_id(*room))),
            "a room was ended with people in it"
        );
        let census = self.rooms.census();
        assert_eq!(census.rooms, rooms.len(), "an empty room was kept, or a full one lost");
        assert_eq!(census.members_in_call + census.members_in_lobby, peers.len());
        assert_eq!(census.connections, self.open.len());
    }
}

fn room_id(room: u8) -> RoomId {
    RoomToken([room; 32]).room_id()
}

impl Seen {
    fn take(&mut self, record: ServerRecord<'_>, asked: Option<(PeerId, u8)>) {
        match record {
            ServerRecord::Welcome(welcome) => {
                assert!(self.own.is_none(), "welcomed twice");
                self.own = asked;
                self.roster = welcome.roster.into_iter().collect();
                assert!(
                    !self.roster.contains_key(&asked.expect("welcomed without asking").0),
                    "in its own roster"
                );
            }
            ServerRecord::Error { .. } | ServerRecord::Drain { .. } => {}
            record => {
                let (own, _) = self.own.unwrap_or_else(|| panic!("{record:?} before the welcome"));
                match record {
                    ServerRecord::Joined(peer, phase) => {
                        assert_ne!(peer, own);
                        assert_ne!(self.roster.insert(peer, phase), Some(phase), "joined without any change");
                    }
                    ServerRecord::Gone(peer, _) => {
                        assert!(self.roster.remove(&peer).is_some(), "gone twice, or never there");
                    }
                    ServerRecord::Receive { from, sealed, .. } => {
                        assert!(self.roster.contains_key(&from), "a message from outside of the room");
                        assert_eq!(sealed[..16], from.0, "not the true sender");
                    }
                    ServerRecord::Nack { .. } | ServerRecord::Probed(_) | ServerRecord::Credentials(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_events_keeps_every_promise(events in proptest::collection::vec(event(), 1..250)) {
        let mut checked = Checked::new();
        for event in events {
            checked.apply(event);
        }
        // And everybody's end leaves nothing behind.
        let open: Vec<_> = checked.open.keys().copied().collect();
        for socket in open {
            checked.open.remove(&socket);
            checked.handle(Input::Closed { socket });
        }
        checked.apply(Event::Wait { milliseconds: 60_000 });
        prop_assert_eq!(checked.rooms.census(), eyeline_rooms::Census::default());
        prop_assert_eq!(checked.rooms.next_deadline(), None);
        prop_assert!(checked.live.is_empty(), "rooms were never ended: {:?}", checked.live);
    }
}
