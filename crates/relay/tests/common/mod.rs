//! A relay and clients that talk to it in real messages.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "each test file uses some of it; clippy.toml allows the rest in test functions only"
)]

pub(crate) mod sequence;

use bytes::BytesMut;
use eyeline_protocol::Milliseconds;
use eyeline_relay::credential::{self, Credential, Key, PeerHandle, RoomHandle};
use eyeline_relay::{Client, Input, LocalSocket, Mode, Outbox, Output, Relay, Settings, Transport};
use std::net::{IpAddr, SocketAddr};
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageType, MessageWrite, MessageWriteExt, MessageWriteVec, Method,
};
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH, SEND};

pub(crate) const START: Milliseconds = Milliseconds(1000);
/// What people's clocks show at [`START`].
pub(crate) const UNIX_START: u64 = 1_800_000_000;
/// The closed relay's address, and the open one's over IPv4.
pub(crate) const RELAY: &str = "198.51.100.1";
pub(crate) const REALM: &str = "eyeline";

pub(crate) fn key() -> Key {
    Key::new(b"the key of these tests")
}

pub(crate) fn closed() -> Mode {
    Mode::Closed { address: RELAY.parse().unwrap() }
}

/// With a small port range, and 127.0.0.0/8 as an exception.
pub(crate) fn open() -> Mode {
    Mode::Open {
        ipv4: Some(RELAY.parse().unwrap()),
        ipv6: Some("2001:db8:5::1".parse().unwrap()),
        ports: 50_000..=50_099,
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
    }
}

pub(crate) fn settings(mode: Mode) -> Settings {
    Settings::new(mode, key(), [42; 32])
}

pub(crate) fn room(number: u8) -> RoomHandle {
    RoomHandle([number; 8])
}

pub(crate) fn credential(room_number: u8, peer: u8, expiry: u64) -> Credential {
    credential::mint(&key(), room(room_number), PeerHandle([peer; 8]), expiry)
}

/// A relay and the time.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) relay: Relay,
    pub(crate) now: Milliseconds,
}

impl World {
    pub(crate) fn new(mode: Mode) -> Self {
        Self::with(settings(mode))
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let mut world = Self { relay: Relay::new(settings, START), now: START };
        world.input(Input::Clock { unix_seconds: UNIX_START });
        world
    }

    /// A closed relay whose limits are changed.
    pub(crate) fn limited(change: impl FnOnce(&mut eyeline_relay::RelayLimits)) -> Self {
        let mut settings = settings(closed());
        change(&mut settings.limits);
        Self::with(settings)
    }

    pub(crate) fn input(&mut self, input: Input) -> Outbox {
        let mut outbox = Outbox::new();
        self.relay.handle(self.now, input, &mut outbox);
        self.relay.check_invariants().unwrap();
        outbox
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> Outbox {
        self.now = self.now + Milliseconds::seconds(seconds);
        self.input(Input::Tick)
    }

    pub(crate) fn packet(&mut self, client: Client, bytes: &[u8]) -> Outbox {
        self.input(Input::Packet { client, bytes: BytesMut::from(bytes) })
    }

    /// The one reply to the client itself.
    pub(crate) fn ask(&mut self, client: Client, bytes: &[u8]) -> Answer {
        let outbox = self.packet(client, bytes);
        match &outbox[..] {
            [Output::Send { client: to, bytes }] if *to == client => Answer::new(bytes),
            other => panic!("one reply to {client:?} expected, got {other:?}"),
        }
    }

    pub(crate) fn open_stream(&mut self, end: &End) {
        assert_eq!(self.input(Input::StreamOpened { client: end.client }), []);
    }

    pub(crate) fn end_room(&mut self, number: u8) -> Outbox {
        self.input(Input::RoomEnded { room: room(number) })
    }
}

/// A reply, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let answer = Self { bytes: bytes.to_vec() };
        assert!(answer.message().is_response(), "no reply: {bytes:02x?}");
        answer
    }

    pub(crate) fn message(&self) -> Message<'_> {
        Message::from_bytes(&self.bytes).unwrap()
    }

    /// 0 for success.
    pub(crate) fn code(&self) -> u16 {
        let message = self.message();
        match message.class() {
            MessageClass::Success => 0,
            _ => message.attribute::<ErrorCode>().unwrap().code(),
        }
    }

    pub(crate) fn nonce(&self) -> String {
        self.message().attribute::<Nonce>().unwrap().nonce().to_owned()
    }

    pub(crate) fn relayed(&self) -> SocketAddr {
        let message = self.message();
        message.attribute::<XorRelayedAddress>().unwrap().addr(message.transaction_id())
    }

    pub(crate) fn all_relayed(&self) -> Vec<SocketAddr> {
        let message = self.message();
        message
            .iter_attributes()
            .filter_map(|(_, raw)| XorRelayedAddress::try_from(&raw).ok())
            .map(|relayed| relayed.addr(message.transaction_id()))
            .collect()
    }

    pub(crate) fn lifetime(&self) -> u32 {
        self.message().attribute::<Lifetime>().unwrap().seconds()
    }
}

/// One client of the relay: a browser's port for one relay URL.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) client: Client,
    pub(crate) credential: Credential,
    pub(crate) nonce: String,
    pub(crate) transaction: u128,
    /// After a successful Allocate.
    pub(crate) relayed: Option<SocketAddr>,
}

impl End {
    /// Peer `peer` of room `room` at `address`, with a credential for ten minutes.
    pub(crate) fn new(room: u8, peer: u8, address: &str) -> Self {
        Self::over(Transport::Udp, room, peer, address)
    }

    pub(crate) fn over(transport: Transport, room: u8, peer: u8, address: &str) -> Self {
        let client = Client { transport, local: LocalSocket(0), address: address.parse().unwrap() };
        let start = (u128::from(room) << 16) + (u128::from(peer) << 8);
        Self {
            client,
            credential: credential(room, peer, UNIX_START + 600),
            nonce: String::new(),
            transaction: start << 32,
            relayed: None,
        }
    }

    /// A request that is not signed.
    pub(crate) fn plain(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        self.transaction += 1;
        self.write(MessageClass::Request, method, attributes).finish()
    }

    /// A signed request.
    pub(crate) fn signed(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        self.transaction += 1;
        self.signed_again(method, attributes)
    }

    /// With the transaction id of the last.
    pub(crate) fn signed_again(&self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let mut request = self.write(MessageClass::Request, method, attributes);
        request.add_attribute(&Username::new(&self.credential.username).unwrap()).unwrap();
        request.add_attribute(&Realm::new(REALM).unwrap()).unwrap();
        request.add_attribute(&Nonce::new(&self.nonce).unwrap()).unwrap();
        request.add_message_integrity(&self.integrity(), IntegrityAlgorithm::Sha1).unwrap();
        request.finish()
    }

    pub(crate) fn integrity(&self) -> MessageIntegrityCredentials {
        let Credential { username, password } = self.credential.clone();
        LongTermKeyCredentials::new(username, password, REALM.to_owned()).into()
    }

    fn write(
        &self,
        class: MessageClass,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> MessageWriteVec {
        let kind = MessageType::from_class_method(class, method);
        let mut message = Message::builder(kind, self.transaction.into(), MessageWriteVec::new());
        for attribute in attributes {
            message.add_attribute(*attribute).unwrap();
        }
        message
    }

    /// Learns the nonce by an unsigned request, as every client does.
    pub(crate) fn challenge(&mut self, world: &mut World) -> Answer {
        let request = self.plain(ALLOCATE, &[&udp()]);
        let answer = world.ask(self.client, &request);
        assert_eq!(answer.code(), 401);
        self.nonce = answer.nonce();
        answer
    }

    /// A signed request and its reply, whose signature is checked.
    pub(crate) fn ask(
        &mut self,
        world: &mut World,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> Answer {
        let request = self.signed(method, attributes);
        let answer = world.ask(self.client, &request);
        if !matches!(answer.code(), 401 | 438) {
            answer.message().validate_integrity(&self.integrity()).unwrap();
        }
        answer
    }

    /// Challenge and Allocate.
    pub(crate) fn try_allocate(&mut self, world: &mut World) -> Answer {
        self.challenge(world);
        let answer = self.ask(world, ALLOCATE, &[&udp()]);
        if answer.code() == 0 {
            self.relayed = Some(answer.relayed());
        }
        answer
    }

    /// The same where it must succeed.
    pub(crate) fn allocate(&mut self, world: &mut World) -> SocketAddr {
        let answer = self.try_allocate(world);
        assert_eq!(answer.code(), 0, "Allocate");
        answer.relayed()
    }

    pub(crate) fn permit(&mut self, world: &mut World, address: &str) -> u16 {
        let peer = SocketAddr::new(address.parse::<IpAddr>().unwrap(), 9);
        let request = [XorPeerAddress::new(peer, (self.transaction + 1).into())];
        self.ask(world, CREATE_PERMISSION, &[&request[0]]).code()
    }

    pub(crate) fn bind(&mut self, world: &mut World, channel: u16, peer: SocketAddr) -> u16 {
        let peer = XorPeerAddress::new(peer, (self.transaction + 1).into());
        self.ask(world, CHANNEL_BIND, &[&ChannelNumber::new(channel), &peer]).code()
    }

    pub(crate) fn refresh(&mut self, world: &mut World, seconds: u32) -> Answer {
        self.ask(world, REFRESH, &[&Lifetime::new(seconds)])
    }

    pub(crate) fn send_indication(&mut self, peer: SocketAddr, payload: &[u8]) -> Vec<u8> {
        self.transaction += 1;
        let peer = XorPeerAddress::new(peer, self.transaction.into());
        self.write(MessageClass::Indication, SEND, &[&peer, &Data::new(payload)]).finish()
    }

    pub(crate) fn indication(&mut self, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        self.write(MessageClass::Indication, SEND, attributes).finish()
    }
}

pub(crate) fn udp() -> RequestedTransport {
    RequestedTransport::new(RequestedTransport::UDP)
}

pub(crate) fn channel_data(channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = channel.to_be_bytes().to_vec();
    bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// What a client got from the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Data { from: SocketAddr, payload: Vec<u8> },
    Channel { channel: u16, payload: Vec<u8> },
}

impl Got {
    pub(crate) fn data(from: SocketAddr, payload: &[u8]) -> Self {
        Self::Data { from, payload: payload.to_vec() }
    }

    pub(crate) fn channel(channel: u16, payload: &[u8]) -> Self {
        Self::Channel { channel, payload: payload.to_vec() }
    }
}

/// Takes apart what goes to `end`, as a client would: strictly, and with the padding that its transport needs.
pub(crate) fn got(outbox: &Outbox, end: &End) -> Got {
    let [Output::Send { client, bytes }] = &outbox[..] else { panic!("one packet expected, got {outbox:?}") };
    assert_eq!(*client, end.client);
    if bytes[0] >> 6 == 1 {
        let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        let wire = if client.transport.is_stream() { (4 + length).next_multiple_of(4) } else { 4 + length };
        assert_eq!(bytes.len(), wire, "the length of ChannelData over {:?}", client.transport);
        let channel = u16::from_be_bytes([bytes[0], bytes[1]]);
        return Got::Channel { channel, payload: bytes[4..4 + length].to_vec() };
    }
    let message = Message::from_bytes(bytes).unwrap();
    assert!(message.has_class(MessageClass::Indication) && message.has_method(DATA));
    let from = message.attribute::<XorPeerAddress>().unwrap().addr(message.transaction_id());
    Got::Data { from, payload: message.attribute::<Data<'_>>().unwrap().data().to_vec() }
}

/// Two that have allocated and permitted each other, in a closed relay.
pub(crate) fn pair(world: &mut World, mut left: End, mut right: End) -> (End, End) {
    for end in [&mut left, &mut right] {
        if end.client.transport.is_stream() {
            world.open_stream(end);
        }
        end.allocate(world);
        assert_eq!(end.permit(world, RELAY), 0);
    }
    (left, right)
}
