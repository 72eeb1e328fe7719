//! Any sequence of well-formed and damaged inputs, read from bytes: for proptest and for the fuzzer.
//!
//! Eight clients of two rooms over all transports do what the bytes say. After each input the relay's own invariants
//! must hold, and what came out must be something that the client it goes to may get.

use super::{End, RELAY, UNIX_START, World, channel_data, closed, credential, open, room, settings, udp};
use bytes::BytesMut;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Rate;
use eyeline_relay::address::judge;
use eyeline_relay::{Client, Family, Input, Outbox, Output, PeerSocket, RelayCounters, Transport};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce};
use stun_types::message::{Message, MessageClass};
use turn_types::AddressFamily;
use turn_types::attribute::{
    AdditionalAddressFamily, ChannelNumber, EvenPort, Lifetime, RequestedAddressFamily, ReservationToken,
    XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH};

/// Steps of one sequence. More only repeat what fewer found.
const LONGEST_SEQUENCE: usize = 200;

struct Driver {
    world: World,
    is_open: bool,
    ends: Vec<End>,
    /// Which allocation a client believes to have; shared between all so that they try each other's.
    relayed: Vec<SocketAddr>,
    token: u64,
    opening: Vec<PeerSocket>,
    /// Sockets that the shell has open.
    open_sockets: BTreeSet<PeerSocket>,
    last_packet: Vec<u8>,
}

/// Runs the sequence in `bytes`. The first byte chooses the mode. Returns what the relay counted.
pub(crate) fn run(bytes: &[u8]) -> RelayCounters {
    let (mode, steps) = bytes.split_first().unwrap_or((&0, &[]));
    let mut driver = Driver::new(mode & 1 == 1);
    for step in steps.chunks_exact(3).take(LONGEST_SEQUENCE) {
        driver.step(step[0], usize::from(step[1]), step[2]);
    }
    driver.world.relay.counters().clone()
}

impl Driver {
    fn new(is_open: bool) -> Self {
        let mut settings = settings(if is_open { open() } else { closed() });
        let limits = &mut settings.limits;
        // Small, so that they are met.
        limits.allocations_per_peer = 2;
        limits.allocations_per_room = 4;
        limits.allocations_per_source = 5;
        limits.allocations = 6;
        limits.permissions = 2;
        limits.channels = 2;
        limits.streams = 4;
        limits.streams_per_source = 3;
        limits.ended_rooms = 1;
        limits.sources.known_sources = 1;
        limits.sources.known = Rate::per_second(1000, 1000);
        limits.sources.stranger = Rate::per_second(1000, 1000);
        let over = [Transport::Udp, Transport::Udp, Transport::Tcp, Transport::Tls];
        let ends = (0..8)
            .map(|number| {
                let (room, peer) = (1 + number / 4, 1 + number % 2);
                let transport = over[usize::from(number % 4)];
                End::over(
                    transport,
                    room,
                    peer,
                    &format!("192.0.2.{}:{}", 1 + number % 3, 1000 + u16::from(number)),
                )
            })
            .collect();
        Self {
            world: World::with(settings),
            is_open,
            ends,
            relayed: vec![SocketAddr::new(RELAY.parse().unwrap(), 50_000)],
            token: 0,
            opening: Vec::new(),
            open_sockets: BTreeSet::new(),
            last_packet: Vec::new(),
        }
    }

    fn step(&mut self, action: u8, who: usize, detail: u8) {
        let index = who % self.ends.len();
        match action % 16 {
            0 => {
                let request = self.ends[index].plain(ALLOCATE, &[&udp()]);
                self.packet(index, &request);
            }
            1 | 2 => self.allocate(index, detail),
            3 => {
                let seconds = [0, 1, 600, u32::MAX][usize::from(detail % 4)];
                let family = RequestedAddressFamily::new(AddressFamily::IPV4);
                let lifetime = Lifetime::new(seconds);
                let wishes: [&dyn AttributeWrite; 2] = [&lifetime, &family];
                let request = self.ends[index].signed(REFRESH, &wishes[..1 + usize::from(detail >> 7)]);
                self.packet(index, &request);
            }
            4 => {
                let peer = self.peer(detail);
                let transaction = (self.ends[index].transaction + 1).into();
                let peer = XorPeerAddress::new(peer, transaction);
                let request = self.ends[index].signed(CREATE_PERMISSION, &[&peer]);
                self.packet(index, &request);
            }
            5 => {
                let peer = self.peer(detail);
                let transaction = (self.ends[index].transaction + 1).into();
                let peer = XorPeerAddress::new(peer, transaction);
                let number = ChannelNumber::new(0x3fff + u16::from(detail % 4));
                let request = self.ends[index].signed(CHANNEL_BIND, &[&number, &peer]);
                self.packet(index, &request);
            }
            6 => {
                let peer = self.peer(detail);
                let packet = self.ends[index].send_indication(peer, &vec![7; usize::from(detail)]);
                self.packet(index, &packet);
            }
            7 => {
                let packet = channel_data(0x4000 + u16::from(detail % 3), &vec![7; usize::from(detail)]);
                self.packet(index, &packet);
            }
            8 => {
                let client = self.ends[index].client;
                let opens = detail & 1 == 0;
                let input =
                    if opens { Input::StreamOpened { client } } else { Input::StreamClosed { client } };
                self.input(input);
            }
            9 => {
                let room = room(1 + detail % 3);
                let ends = detail & 0x80 == 0;
                self.input(if ends { Input::RoomEnded { room } } else { Input::RoomOpened { room } });
            }
            10 => {
                self.world.now = self.world.now + Milliseconds(u64::from(detail) * 1500);
                self.input(Input::Tick);
            }
            11 => {
                if let Some(socket) = self.opening.pop() {
                    let opened = !detail.is_multiple_of(3);
                    if opened {
                        self.open_sockets.insert(socket);
                    }
                    self.input(Input::SocketOpened { socket, opened });
                }
            }
            12 => {
                let socket = self.open_sockets.iter().nth(who % self.open_sockets.len().max(1)).copied();
                let socket = socket.unwrap_or(PeerSocket(u64::from(detail)));
                let bytes = BytesMut::from(&vec![9; usize::from(detail)][..]);
                let peer = self.peer(detail);
                self.input(Input::FromPeer { socket, peer, bytes });
            }
            13 => {
                let mut packet = std::mem::take(&mut self.last_packet);
                damage(&mut packet, who, detail);
                self.packet(index, &packet);
            }
            14 => {
                let address = self.ends[index].client.address.ip();
                let opens = detail & 1 == 0;
                self.input(if opens {
                    Input::SessionOpened { address }
                } else {
                    Input::SessionClosed { address }
                });
            }
            _ => {
                let passed = self.world.now.0 / 1000;
                self.input(Input::Clock { unix_seconds: UNIX_START + passed + u64::from(detail / 128) });
            }
        }
    }

    fn allocate(&mut self, index: usize, detail: u8) {
        let now = self.world.now.0 / 1000;
        let room_number = u8::try_from(1 + index / 4).unwrap();
        let peer = u8::try_from(1 + index % 2).unwrap();
        let expiry = UNIX_START + now + if detail & 0x40 == 0 { 600 } else { 0 };
        let end = &mut self.ends[index];
        end.credential = credential(room_number, peer, expiry);
        let is_forged = detail & 0x80 != 0;
        if is_forged {
            end.credential.password = "Zm9yZ2Vk".to_owned();
        }
        let (udp, even, pair) = (udp(), EvenPort::new(false), EvenPort::new(true));
        let both = AdditionalAddressFamily::new(AddressFamily::IPV6);
        let v6 = RequestedAddressFamily::new(AddressFamily::IPV6);
        let token = ReservationToken::new(self.token);
        let mut attributes: Vec<&dyn AttributeWrite> = vec![&udp];
        match detail % 8 {
            1 => attributes.push(&even),
            2 => attributes.push(&pair),
            3 => attributes.push(&both),
            4 => attributes.push(&v6),
            5 => attributes.push(&token),
            _ => {}
        }
        let request = end.signed(ALLOCATE, &attributes);
        let outbox = self.packet(index, &request);
        if is_forged {
            assert!(outbox.iter().all(|output| !is_success(output)), "a forged password opens a relay");
        }
    }

    /// Some peer: an allocation of anybody, or an address that a closed relay must not and an open one may not reach.
    fn peer(&self, detail: u8) -> SocketAddr {
        let others =
            ["8.8.8.8:53", "10.0.0.1:80", "[2606:4700::1]:53", "[::ffff:127.0.0.1]:22", "[64:ff9b::a00:1]:1"];
        let choice = usize::from(detail) / 4;
        match others.get(choice % 16) {
            Some(other) if choice >= 16 => other.parse().unwrap(),
            _ => self.relayed[choice % self.relayed.len()],
        }
    }

    fn packet(&mut self, index: usize, packet: &[u8]) -> Outbox {
        self.last_packet = packet.to_vec();
        let client = self.ends[index].client;
        let outbox = self.input(Input::Packet { client, bytes: BytesMut::from(packet) });
        let replies = outbox.iter().filter(|output| is_reply_to(output, client)).count();
        assert!(replies <= 1, "{replies} replies to one packet");
        for output in &outbox {
            self.check_forwarded(index, output);
        }
        outbox
    }

    /// In a closed relay, what one client sends reaches clients of its own room only.
    fn check_forwarded(&self, from: usize, output: &Output) {
        let Output::Send { client, bytes } = output else { return };
        if is_reply_to(output, self.ends[from].client) {
            return;
        }
        let to = self.ends.iter().position(|end| end.client == *client).expect("a client that exists");
        assert!(self.is_open || from / 4 == to / 4, "from {from} to {to}: another room");
        if bytes[0] >> 6 == 0 {
            let message = Message::from_bytes(bytes).expect("a whole message");
            assert!(message.has_class(MessageClass::Indication) && message.has_method(DATA));
        }
    }

    fn input(&mut self, input: Input) -> Outbox {
        // It checks the invariants.
        let outbox = self.world.input(input);
        for output in &outbox {
            self.note(output);
        }
        let census = self.world.relay.census();
        assert!(self.is_open || census.sockets == 0);
        assert_eq!(
            census.sockets,
            self.open_sockets.len() + self.opening.len(),
            "the shell has other sockets"
        );
        let deadline = self.world.relay.next_deadline();
        assert!(deadline.is_none_or(|deadline| deadline > self.world.now), "a deadline that has passed");
        outbox
    }

    fn note(&mut self, output: &Output) {
        match output {
            Output::Send { client, bytes } => self.note_reply(*client, bytes),
            Output::SendPeer { socket, peer, .. } => {
                assert!(self.is_open && self.open_sockets.contains(socket));
                let allowed = ["127.0.0.0/8".parse().unwrap()];
                assert!(judge(peer.ip(), &allowed).is_ok(), "{peer} is reached");
                assert_ne!(peer.ip().to_string(), RELAY, "the relay's own address over a socket");
            }
            Output::OpenSocket { socket, port, family } => {
                assert!(self.is_open && (50_000..=50_099).contains(port));
                assert!(matches!(family, Family::V4 | Family::V6));
                self.opening.push(*socket);
            }
            Output::CloseSocket { socket } => {
                let known = self.open_sockets.remove(socket);
                let opening = self.opening.len();
                self.opening.retain(|other| other != socket);
                assert!(known || self.opening.len() < opening, "{socket:?} was never opened");
            }
            Output::CloseStream { client } => assert!(client.transport.is_stream()),
        }
    }

    /// Learns from a reply what a client would.
    fn note_reply(&mut self, client: Client, bytes: &[u8]) {
        let Ok(message) = Message::from_bytes(bytes) else { return };
        let Some(end) = self.ends.iter_mut().find(|end| end.client == client) else { return };
        if let Ok(nonce) = message.attribute::<Nonce>() {
            end.nonce = nonce.nonce().to_owned();
            assert!(message.attribute::<ErrorCode>().is_ok_and(|error| matches!(error.code(), 401 | 438)));
        }
        if let Ok(relayed) = message.attribute::<XorRelayedAddress>() {
            let relayed = relayed.addr(message.transaction_id());
            if self.relayed.len() < 16 && !self.relayed.contains(&relayed) {
                self.relayed.push(relayed);
            }
        }
        if let Ok(token) = message.attribute::<ReservationToken>() {
            self.token = token.token();
        }
    }
}

fn is_reply_to(output: &Output, client: Client) -> bool {
    match output {
        Output::Send { client: to, bytes } => {
            *to == client && Message::from_bytes(bytes).is_ok_and(|message| message.is_response())
        }
        _ => false,
    }
}

fn is_success(output: &Output) -> bool {
    match output {
        Output::Send { bytes, .. } => {
            Message::from_bytes(bytes).is_ok_and(|message| message.has_class(MessageClass::Success))
        }
        _ => false,
    }
}

fn damage(packet: &mut Vec<u8>, how: usize, detail: u8) {
    let length = packet.len();
    match how % 4 {
        _ if length == 0 => packet.push(detail),
        0 | 1 => packet[usize::from(detail) % length] ^= 1 << (how / 4 % 8),
        2 => packet.truncate(usize::from(detail) % length),
        _ => packet.push(detail),
    }
}
