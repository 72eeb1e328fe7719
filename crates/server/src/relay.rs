//! The shell around the relay: its ports and streams, its clock, and what the rooms tell it.
//!
//! One machine behind one lock. An input takes microseconds; what it makes is sent after the lock is free, by whoever
//! brought the input. So the way of a packet is: a port's task → [`Relay::handle_all`] → the machine → a port, a
//! stream's queue or a socket towards a peer. Several machines, each with ports of its own (SO_REUSEPORT), would be
//! several of these.

pub(crate) mod credentials;
pub(crate) mod key;
pub(crate) mod settings;
pub(crate) mod streams;
pub(crate) mod udp;

mod address;
mod peers;
mod queue;

pub(crate) use address::PublicAddresses;

use crate::clock::{Alarm, Clock};
use crate::counters::Counters;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::RoomId;
use eyeline_relay::credential::{Key, RoomHandle};
use eyeline_relay::{Client, Input, LocalSocket, Mode, Outbox, Output, Settings, Transport};
use eyeline_rooms::AddressGroup;
use peers::Peers;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use streams::Streams;
use udp::{Local, Locals, Port};

/// The relay of a server, or its STUN alone.
pub(crate) struct Relay {
    clock: Clock,
    counters: Arc<Counters>,
    /// `None`: STUN only.
    key: Option<Key>,
    machine: Mutex<Machine>,
    alarm: Alarm,
    ports: Vec<Port>,
    locals: RwLock<Locals>,
    streams: Streams,
    peers: Peers,
}

/// What the machine has counted, and what there is.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) stun: eyeline_relay::Counters,
    pub(crate) relay: eyeline_relay::RelayCounters,
    pub(crate) census: eyeline_relay::RelayCensus,
}

struct Machine {
    relay: eyeline_relay::Relay,
    /// What [`Relay::run_timers`] waits for.
    awaited: Option<Milliseconds>,
}

impl Relay {
    pub(crate) fn new(
        settings: Settings,
        public: PublicAddresses,
        ports: Vec<Port>,
        clock: Clock,
        counters: Arc<Counters>,
    ) -> Self {
        let key = (settings.mode != Mode::Off).then(|| settings.credential_key.clone());
        Self {
            clock,
            counters,
            key,
            machine: Mutex::new(Machine {
                relay: eyeline_relay::Relay::new(settings, clock.now()),
                awaited: None,
            }),
            alarm: Alarm::default(),
            locals: RwLock::new(Locals::new(ports.len())),
            ports,
            streams: Streams::default(),
            peers: Peers::new(public),
        }
    }

    /// Whether there is more than STUN.
    pub(crate) fn is_on(&self) -> bool {
        self.key.is_some()
    }

    /// Takes one input and does what comes of it.
    pub(crate) fn handle(self: &Arc<Self>, input: Input) {
        self.handle_all(std::iter::once(input));
    }

    /// Takes inputs in order and does what comes of them.
    pub(crate) fn handle_all(self: &Arc<Self>, inputs: impl IntoIterator<Item = Input>) {
        let mut outbox = Outbox::new();
        {
            let mut machine = self.lock();
            for input in inputs {
                self.count_in(&input);
                self.handle_locked(&mut machine, input, &mut outbox);
            }
            self.alarm.adjust(machine.relay.next_deadline(), machine.awaited);
        }
        for output in outbox {
            self.send(output);
        }
    }

    /// Somebody from this address has joined.
    pub(crate) fn present(self: &Arc<Self>, address: AddressGroup) {
        self.handle(Input::SessionOpened { address: first_address(address) });
    }

    /// Nobody from this address is there any more.
    pub(crate) fn absent(self: &Arc<Self>, address: AddressGroup) {
        self.handle(Input::SessionClosed { address: first_address(address) });
    }

    pub(crate) fn room_opened(self: &Arc<Self>, room: RoomId) {
        if let Some(key) = &self.key {
            self.handle(Input::RoomOpened { room: RoomHandle::derive(key, &room) });
        }
    }

    pub(crate) fn room_ended(self: &Arc<Self>, room: RoomId) {
        if let Some(key) = &self.key {
            self.handle(Input::RoomEnded { room: RoomHandle::derive(key, &room) });
        }
    }

    /// Tells the machine what time it is, by which credentials end.
    pub(crate) fn tell_time(self: &Arc<Self>) {
        self.handle(Input::Clock { unix_seconds: crate::unix_seconds() });
    }

    /// How many UDP ports there are.
    pub(crate) fn ports(&self) -> usize {
        self.ports.len()
    }

    /// Wakes the machine whenever it asked for it. Never returns.
    pub(crate) async fn run_timers(self: Arc<Self>) {
        let next = || {
            let mut machine = self.lock();
            machine.awaited = machine.relay.next_deadline();
            machine.awaited
        };
        self.alarm.run(self.clock, next, || self.handle(Input::Tick)).await;
    }

    /// Ends every stream and closes every socket towards peers.
    pub(crate) fn stop(&self) {
        self.streams.close_all();
        self.peers.close_all();
    }

    pub(crate) fn now(&self) -> Milliseconds {
        self.clock.now()
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What the machine has counted.
    pub(crate) fn figures(&self) -> Figures {
        let machine = self.lock();
        Figures {
            stun: machine.relay.stun_counters(),
            relay: machine.relay.counters().clone(),
            census: machine.relay.census(),
        }
    }

    fn port(&self, number: usize) -> Option<&Port> {
        self.ports.get(number)
    }

    fn streams(&self) -> &Streams {
        &self.streams
    }

    /// The number of a way in.
    fn local(&self, local: Local) -> LocalSocket {
        let known = self.locals.read().unwrap_or_else(PoisonError::into_inner).find(local);
        known.unwrap_or_else(|| self.locals.write().unwrap_or_else(PoisonError::into_inner).enter(local))
    }

    /// Sockets are opened and closed here and not with what is sent, so that no two tasks can do so in another order
    /// than the machine said.
    fn handle_locked(self: &Arc<Self>, machine: &mut Machine, input: Input, outbox: &mut Outbox) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let start = outbox.len();
            let now = self.clock.now();
            // A packet that hits a defect hurts nobody else (str0m#709, litep2p#107 were such).
            let handled = catch_unwind(AssertUnwindSafe(|| machine.relay.handle(now, input, outbox)));
            if handled.is_err() {
                self.counters.relay_defects.add(1);
            }
            let made = outbox.split_off(start.min(outbox.len()));
            for output in made {
                match output {
                    Output::OpenSocket { socket, family, port } => {
                        let opened = self.peers.open(self, socket, family, port);
                        inputs.push_back(Input::SocketOpened { socket, opened });
                    }
                    Output::CloseSocket { socket } => self.peers.close(socket),
                    Output::CloseStream { client } => self.streams.close(&client),
                    sending => outbox.push(sending),
                }
            }
        }
    }

    fn send(&self, output: Output) {
        let lost = match output {
            Output::Send { client, bytes } if client.transport == Transport::Udp => {
                self.counters.stun_out.add(1);
                self.counters.stun_bytes_out.add(bytes.len());
                u64::from(!self.send_datagram(&client, &bytes))
            }
            Output::Send { client, bytes } => {
                self.counters.relay_stream_bytes_out.add(bytes.len());
                self.streams.send(self.clock.now(), &client, bytes)
            }
            Output::SendPeer { socket, peer, bytes } => {
                self.counters.relay_peer_bytes_out.add(bytes.len());
                u64::from(!self.peers.send(socket, peer, &bytes))
            }
            Output::OpenSocket { .. } | Output::CloseSocket { .. } | Output::CloseStream { .. } => 0,
        };
        self.counters.relay_unsent.add(usize::try_from(lost).unwrap_or_default());
    }

    fn send_datagram(&self, client: &Client, bytes: &[u8]) -> bool {
        let local = self.locals.read().unwrap_or_else(PoisonError::into_inner).get(client.local);
        let Some(Local::Udp { port, address }) = local else { return false };
        self.ports.get(port).is_some_and(|port| port.send(address, client.address, bytes))
    }

    fn count_in(&self, input: &Input) {
        match input {
            Input::Packet { client, bytes } if client.transport == Transport::Udp => {
                self.counters.stun_in.add(1);
                self.counters.stun_bytes_in.add(bytes.len());
            }
            Input::Packet { bytes, .. } => self.counters.relay_stream_bytes_in.add(bytes.len()),
            Input::FromPeer { bytes, .. } => self.counters.relay_peer_bytes_in.add(bytes.len()),
            _ => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address that stands for its group.
fn first_address(group: AddressGroup) -> IpAddr {
    match group {
        AddressGroup::V4(octets) => Ipv4Addr::from(octets).into(),
        AddressGroup::V6(network) => {
            let mut octets = [0; 16];
            octets.iter_mut().zip(network).for_each(|(octet, value)| *octet = value);
            Ipv6Addr::from(octets).into()
        }
    }
}
