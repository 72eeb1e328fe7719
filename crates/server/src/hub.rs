//! The shell around the rooms: gives them time and inputs, and each WebSocket its outputs.
//!
//! One lock around the whole machine: an input takes microseconds, and outputs reach the queues in the order in
//! which the machine made them.

use crate::clock::{Alarm, Clock};
use crate::counters::Counters;
use crate::relay::Relay;
use crate::relay::credentials::RelayCredentials;
use bytes::{Bytes, BytesMut};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::outer::{CloseCode, IceServer};
use eyeline_rooms::{AddressGroup, Census, Input, Outbox, Output, Rooms, Settings, SocketId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a WebSocket's task shall do.
#[derive(Debug)]
pub(crate) enum Command {
    Send(Bytes),
    Ping,
    Close(CloseCode),
}

pub(crate) struct Hub {
    clock: Clock,
    counters: Arc<Counters>,
    /// Told who is there; locked after us.
    relay: Option<Arc<Relay>>,
    state: Mutex<State>,
    alarm: Alarm,
}

struct State {
    rooms: Rooms<Option<RelayCredentials>>,
    /// Unbounded channels: the rooms count what waits in each and end the connection above the limit.
    sockets: BTreeMap<SocketId, UnboundedSender<Command>>,
    next_socket: u64,
    outbox: Outbox,
    /// What [`Hub::run_timers`] waits for.
    awaited: Option<Milliseconds>,
}

impl Hub {
    pub(crate) fn new(
        settings: Settings,
        clock: Clock,
        counters: Arc<Counters>,
        relay: Option<Arc<Relay>>,
        credentials: Option<RelayCredentials>,
    ) -> Self {
        let state = State {
            rooms: Rooms::with_ice_servers(settings, credentials),
            sockets: BTreeMap::new(),
            next_socket: 0,
            outbox: Outbox::new(),
            awaited: None,
        };
        Self { clock, counters, relay, state: Mutex::new(state), alarm: Alarm::default() }
    }

    /// Replaces what makes the members' credentials.
    pub(crate) fn set_credentials(&self, credentials: Option<RelayCredentials>) {
        self.lock().rooms.set_ice_servers(credentials);
    }

    /// Enters a new WebSocket.
    pub(crate) fn connect(
        &self,
        address: AddressGroup,
        ice_servers: Vec<IceServer>,
        mapping_check: String,
    ) -> (SocketId, UnboundedReceiver<Command>) {
        let (sender, receiver) = unbounded_channel();
        let mut state = self.lock();
        let socket = SocketId(state.next_socket);
        state.next_socket += 1;
        state.sockets.insert(socket, sender);
        self.counters.sockets.add(1);
        self.handle_locked(&mut state, Input::Connected { socket, address, ice_servers, mapping_check });
        (socket, receiver)
    }

    /// Hands over a binary message; returns how long the next one may be.
    pub(crate) fn message(&self, socket: SocketId, bytes: BytesMut) -> usize {
        self.counters.messages_in.add(1);
        self.counters.message_bytes_in.add(bytes.len());
        let mut state = self.lock();
        self.handle_locked(&mut state, Input::Message { socket, bytes });
        state.rooms.longest_message(socket)
    }

    /// How long the next message may be.
    pub(crate) fn longest_message(&self, socket: SocketId) -> usize {
        self.lock().rooms.longest_message(socket)
    }

    pub(crate) fn handle(&self, input: Input) {
        self.handle_locked(&mut self.lock(), input);
    }

    /// The WebSocket's task has ended.
    pub(crate) fn disconnect(&self, socket: SocketId) {
        let mut state = self.lock();
        state.sockets.remove(&socket);
        self.handle_locked(&mut state, Input::Closed { socket });
    }

    pub(crate) fn census(&self) -> Census {
        self.lock().rooms.census()
    }

    /// Wakes the machine whenever it asked for it. Never returns.
    pub(crate) async fn run_timers(&self) {
        let next = || {
            let mut state = self.lock();
            state.awaited = state.rooms.next_deadline();
            state.awaited
        };
        self.alarm.run(self.clock, next, || self.handle(Input::Tick)).await;
    }

    fn handle_locked(&self, state: &mut State, input: Input) {
        let State { rooms, sockets, outbox, .. } = state;
        rooms.handle(self.clock.now(), input, outbox);
        for output in outbox.drain(..) {
            self.dispatch(sockets, output);
        }
        self.alarm.adjust(state.rooms.next_deadline(), state.awaited);
    }

    /// A task that has ended already does not take its commands any more: nothing is lost by that.
    fn dispatch(&self, sockets: &mut BTreeMap<SocketId, UnboundedSender<Command>>, output: Output) {
        let (socket, command) = match output {
            Output::Send { socket, bytes } => {
                self.counters.messages_out.add(1);
                self.counters.message_bytes_out.add(bytes.len());
                (socket, Command::Send(bytes))
            }
            Output::Ping { socket } => (socket, Command::Ping),
            Output::Close { socket, code } => {
                self.counters.closed(code);
                if let Some(sender) = sockets.remove(&socket) {
                    let _ended = sender.send(Command::Close(code));
                }
                return;
            }
            Output::Present(address) => return self.tell_relay(|relay| relay.present(address)),
            Output::Absent(address) => return self.tell_relay(|relay| relay.absent(address)),
            Output::RoomOpened(room) => return self.tell_relay(|relay| relay.room_opened(room)),
            Output::RoomEnded(room) => return self.tell_relay(|relay| relay.room_ended(room)),
        };
        if let Some(sender) = sockets.get(&socket) {
            let _ended = sender.send(command);
        }
    }

    fn tell_relay(&self, tell: impl FnOnce(&Arc<Relay>)) {
        if let Some(relay) = &self.relay {
            tell(relay);
        }
    }

    /// A panic while the lock was held is a defect, but no reason to end everybody's call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
