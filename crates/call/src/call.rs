//! The engine itself: takes inputs, lets each part do what is due, and shows the whole as a [`View`].

use crate::config::{Config, earlier};
use crate::effect::{Command, Effect, Outbox};
use crate::input::{Action, Input};
use crate::media::Media;
use crate::pace::{Lateness, Pace};
use crate::peer::{Carrier, Context, Peer};
use crate::signaling::Signaling;
use crate::story::{Event, Story};
use crate::view::{Device, Me, Stage, View};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::PeerId;
use eyeline_protocol::inner::{Carried, Envelope, Message, Slot, Slots};
use eyeline_protocol::name;
use eyeline_protocol::outer::{
    ClientRecord, ErrorCode, GoneReason, Join, LeaveReason, NackCode, PEERS_IN_LIST, Phase, ServerRecord,
};
use eyeline_seal::{RecordKind, Seal};
use litemap::LiteMap;

/// One participant's whole call.
///
/// Contract: the shell hands every input to [`handle`](Self::handle) with a time that never goes back, carries out
/// the effects in order, and calls `handle` with [`Input::Tick`] at [`next_deadline`](Self::next_deadline). Earlier is
/// harmless; later counts as a page that has more to do than it can, whose clock stood still meanwhile. The first input
/// of all is a `Tick`. Nothing here panics, whatever comes in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call<S: Seal> {
    seal: S,
    config: Config,
    stage: Stage,
    name: String,
    /// The person hides their address.
    always_relay: bool,
    /// The person has raised a hand.
    hand: bool,
    signaling: Signaling,
    media: Media,
    peers: LiteMap<PeerId, Peer<S::Handshake, S::Session>>,
    /// Numbers the peers in the order they came.
    arrivals: u64,
    /// The view as of the last `ViewChanged`.
    shown: Option<View>,
    story: Story,
    /// The browser has said that there is no network, and nothing has come since.
    network_lost: bool,
    pace: Pace,
}

impl<S: Seal> Call<S> {
    /// A participant who has just opened the page; `name` is what it wants to be called.
    pub fn new(seal: S, name: &str, config: Config) -> Self {
        let me = seal.peer_id();
        Self {
            seal,
            config,
            stage: Stage::Lobby,
            name: name::clean(name),
            always_relay: false,
            hand: false,
            signaling: Signaling::new(me),
            media: Media::default(),
            peers: LiteMap::new(),
            arrivals: 0,
            shown: None,
            story: Story::default(),
            network_lost: false,
            pace: Pace::default(),
        }
    }

    /// Takes one input in and appends what shall be done to `out`.
    pub fn handle(&mut self, now: Milliseconds, input: Input, out: &mut Outbox) {
        let earlier = out.len();
        self.story.turn_to(now);
        let (now, lateness) = self.pace.keep(now, &self.config);
        match lateness {
            Lateness::HeldUp(time) if time >= self.config.say_held_up_after => {
                self.story.held_up(time);
            }
            Lateness::HeldUp(_) | Lateness::None => {}
            Lateness::Asleep(time) => self.slept(now, time, out),
        }
        match input {
            Input::Tick => {}
            Input::SocketOpened => self.socket_opened(now, out),
            Input::SocketMessage(message) => self.socket_message(now, &message, out),
            Input::SocketClosed(code) => self.socket_closed(now, code),
            Input::NetworkChanged => {
                self.story.note(Event::NetworkChanged);
                self.network_changed(now, out);
            }
            Input::NetworkLost => {
                self.story.note(Event::NetworkLost);
                self.network_changed(now, out);
                self.network_lost = true;
            }
            Input::Slept(time) => self.slept(now, time, out),
            Input::Person(action) => self.person(now, action, out),
            Input::Captured(slot) => {
                self.media.captured(slot, out);
                if self.stage == Stage::Left {
                    self.media.stop_all(out);
                }
            }
            Input::CaptureFailed(slot, error) => self.media.failed(slot, error, out),
            Input::CaptureEnded(slot) => self.media.ended(now, slot, out),
            Input::CaptureMuted(slot, muted) => self.media.muted(slot, muted, out),
            Input::SharesItself(itself) => self.media.shares_itself(itself, out),
            Input::Permission(slot, granted) => self.media.permission(slot, granted, out),
            Input::DeviceAppeared(slot) if self.stage != Stage::Left => {
                self.media.appeared(slot, self.stage == Stage::Lobby, out);
            }
            Input::DeviceAppeared(_) => {}
            Input::Connection(peer, generation, event) => {
                self.with_peer(now, peer, out, |peer, context| peer.connection(generation, event, context));
            }
        }
        for effect in out.iter().skip(earlier) {
            if let Effect::Tell(news) = effect {
                self.story.note(Event::DeviceNews(*news));
            }
        }
        self.tend(now, out);
        self.pace.wait(now, self.deadline());
    }

    /// When the engine wants a `Tick`; `None` if never.
    pub fn next_deadline(&self) -> Option<Milliseconds> {
        self.pace.deadline()
    }

    /// The same on the engine's own clock.
    fn deadline(&self) -> Option<Milliseconds> {
        if self.stage == Stage::Left {
            return None;
        }
        let carriers = self.carriers();
        self.peers
            .values()
            .map(|peer| peer.deadline(&self.signaling, &carriers, &self.config))
            .fold(self.signaling.deadline(&self.config), earlier)
    }

    /// What happened when.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// What a person sees.
    pub fn view(&self) -> View {
        let mut people: Vec<&Peer<_, _>> = Vec::new();
        for peer in self.peers.values().filter(|peer| peer.is_visible()) {
            // No two arrive at once. A sort of the library would be 5 KB of the page, for a handful of people.
            let place = people.partition_point(|earlier| earlier.arrived() < peer.arrived());
            people.insert(place, peer);
        }
        View {
            stage: self.stage,
            server: self.signaling.view(),
            offline: self.is_offline(),
            overworked: self.pace.is_overworked(),
            me: Me {
                name: self.name.clone(),
                microphone: self.media.device(Slot::Microphone),
                camera: self.media.device(Slot::Camera),
                screen: self.media.device(Slot::Screen),
                sending: match self.stage {
                    Stage::Call => self.media.sending().slots,
                    Stage::Lobby | Stage::Left => Slots::NONE,
                },
                paused: self.media.sending().paused,
                hand: self.hand,
                always_relay: self.always_relay,
                relay_offered: self.signaling.has_relay(),
            },
            people: people.into_iter().map(Peer::person).collect(),
        }
    }

    /// An own device as a person sees it: as in [`view`](Self::view), and cheaper.
    pub fn device(&self, slot: Slot) -> Device {
        self.media.device(slot)
    }

    /// When nobody can be reached any more, and the server neither, it is not everybody else who is gone.
    fn is_offline(&self) -> bool {
        let lonely = self.peers.values().any(Peer::is_connected) && self.signaling.is_away();
        self.stage != Stage::Left && (self.network_lost || lonely) && !self.peers.values().any(Peer::is_up)
    }

    fn phase(&self) -> Phase {
        match self.stage {
            Stage::Call => Phase::Call,
            Stage::Lobby | Stage::Left => Phase::Lobby,
        }
    }

    /// Does everything that is due and sends what has been gathered.
    fn tend(&mut self, now: Milliseconds, out: &mut Outbox) {
        if self.stage != Stage::Left {
            self.signaling.announce(now, self.phase(), out);
            self.signaling.tend(now, &self.config, out);
            self.each_peer(now, out, |peer, context| peer.tend(context));
            self.each_peer(now, out, |peer, context| peer.speak(context));
            for (_, peer) in self.peers.iter_mut().filter(|(_, peer)| peer.is_over()) {
                peer.close(out);
            }
            self.peers.retain(|_, peer| !peer.is_over());
            self.signaling.flush(out);
        }
        let view = self.view();
        if self.shown.as_ref() != Some(&view) {
            self.story.follow(self.shown.as_ref(), &view);
            self.shown = Some(view);
            out.push(Effect::ViewChanged);
        }
    }

    fn person(&mut self, now: Milliseconds, action: Action, out: &mut Outbox) {
        if self.signaling.is_timed_out() {
            // Any sign of life ends the pause.
            self.signaling.retry(now);
        }
        match action {
            Action::Join => self.join(now),
            Action::Leave => self.leave(now, LeaveReason::HungUp, out),
            Action::ClosePage => self.leave(now, LeaveReason::PageClosed, out),
            Action::SetName(name) => self.name = name::clean(&name),
            Action::AlwaysRelay(always) => self.always_relay = always,
            Action::Switch(slot, on) if self.stage != Stage::Left => self.media.switch(slot, on, out),
            Action::DeviceChosen(slot) => self.media.device_chosen(slot, out),
            Action::DeviceSwapped(slot) => self.media.device_swapped(slot, out),
            Action::PauseShare(paused) => self.media.pause_share(paused),
            Action::RaiseHand(raised) => self.hand = raised && self.stage == Stage::Call,
            Action::Switch(..) => {}
            Action::Retry => self.signaling.retry(now),
        }
    }

    fn join(&mut self, now: Milliseconds) {
        if self.stage == Stage::Left {
            self.signaling.come_back(now);
        }
        self.stage = Stage::Call;
        self.signaling.retry(now);
    }

    fn leave(&mut self, now: Milliseconds, reason: LeaveReason, out: &mut Outbox) {
        if self.stage == Stage::Left {
            return;
        }
        self.each_peer(now, out, |peer, context| peer.say_goodbye(context));
        self.each_peer(now, out, |peer, context| peer.close(context.out));
        self.signaling.leave(&ClientRecord::Leave(reason), out);
        self.media.stop_all(out);
        self.peers.clear();
        self.hand = false;
        self.stage = Stage::Left;
    }

    /// Who knows what the network did meanwhile.
    fn slept(&mut self, now: Milliseconds, time: Milliseconds, out: &mut Outbox) {
        self.story.note(Event::Slept(time));
        self.network_changed(now, out);
    }

    fn network_changed(&mut self, now: Milliseconds, out: &mut Outbox) {
        self.network_lost = false;
        if self.signaling.is_timed_out() {
            self.signaling.retry(now);
        }
        self.signaling.hurry(now);
        self.signaling.doubt(now, &self.config, out);
        for (_, peer) in self.peers.iter_mut() {
            peer.hurry(now, &self.config);
        }
    }

    fn socket_opened(&mut self, now: Milliseconds, out: &mut Outbox) {
        let phase = self.phase();
        let connected = self.peers.iter().filter(|(_, peer)| peer.is_connected()).map(|(id, _)| *id);
        let connected: Vec<_> = connected.take(PEERS_IN_LIST).collect();
        let seal = &self.seal;
        self.signaling.opened(now, &self.config, phase, out, |counter| Join {
            phase,
            capabilities: 0,
            counter,
            room_token: seal.room_token(),
            peer_token: seal.peer_token(),
            public_key: seal.public_key(),
            connected,
        });
    }

    fn socket_closed(&mut self, now: Milliseconds, code: u16) {
        let call_goes_on = self.peers.values().any(Peer::is_connected);
        self.signaling.closed(now, code, call_goes_on, &self.config);
        self.back_to_lobby_if_full();
    }

    /// Without a seat and without anybody connected there is no call to be in.
    fn back_to_lobby_if_full(&mut self) {
        let alone = !self.peers.values().any(Peer::is_connected);
        if self.stage == Stage::Call && self.signaling.is_call_full() && alone {
            self.stage = Stage::Lobby;
            self.hand = false;
        }
    }

    fn socket_message(&mut self, now: Milliseconds, message: &[u8], out: &mut Outbox) {
        if self.stage == Stage::Left {
            return;
        }
        self.signaling.heard(now);
        self.network_lost = false;
        for record in ServerRecord::parse(message) {
            // A server that sends what we cannot read is newer or evil: what was readable counts.
            let Ok(record) = record else { return };
            self.server_record(now, record, out);
        }
    }

    fn server_record(&mut self, now: Milliseconds, record: ServerRecord<'_>, out: &mut Outbox) {
        match record {
            ServerRecord::Welcome(welcome) => {
                let Some(moved) = self.signaling.welcomed(now, &welcome) else { return };
                for (id, peer) in &mut self.peers {
                    if !welcome.roster.iter().any(|(present, _)| present == id) {
                        peer.absent(now, false, &self.config);
                    }
                }
                for (id, phase) in welcome.roster {
                    self.present(now, id, phase, true);
                }
                if moved {
                    for (_, peer) in self.peers.iter_mut() {
                        peer.moved(now);
                    }
                }
            }
            ServerRecord::Joined(id, phase) => self.present(now, id, phase, false),
            ServerRecord::Receive { from, sealed, .. } => {
                self.with_peer(now, from, out, |peer, context| peer.sealed(sealed, context));
            }
            ServerRecord::Gone(id, reason) => {
                self.story.gone_from_server(id, reason);
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.absent(now, reason == GoneReason::Left, &self.config);
                }
            }
            ServerRecord::Nack { to, code: NackCode::NotPresent, .. } => {
                if let Some(peer) = self.peers.get_mut(&to) {
                    peer.absent(now, false, &self.config);
                }
            }
            // What a slow reader did not take is sent again by the session's own timer.
            ServerRecord::Nack { code: NackCode::QueueFull, .. } | ServerRecord::Probed(_) => {}
            ServerRecord::Credentials(servers) => self.signaling.set_ice_servers(&servers),
            ServerRecord::Drain { spread, .. } => {
                self.story.note(Event::ServerDrains);
                self.signaling.drained(spread);
            }
            ServerRecord::Error { code, retry_after } => self.refused(now, code, retry_after, out),
        }
    }

    fn refused(&mut self, now: Milliseconds, code: ErrorCode, retry_after: Milliseconds, out: &mut Outbox) {
        self.signaling.refused(now, code, retry_after);
        self.back_to_lobby_if_full();
        if code == ErrorCode::RoomFull && self.stage == Stage::Call {
            self.signaling.ask_again_for_seat(now, &self.config, out);
        }
    }

    /// The server sees somebody.
    fn present(&mut self, now: Milliseconds, id: PeerId, phase: Phase, newcomer: bool) {
        if id == self.seal.peer_id() {
            return;
        }
        if !self.peers.contains_key(&id) && self.peers.len() >= PEERS_IN_LIST {
            // A server that names more than it may hold is not to be followed; those nobody sees make room.
            let Some(hidden) = self.peers.iter().find(|(_, peer)| !peer.is_visible()).map(|(id, _)| *id)
            else {
                return;
            };
            self.peers.remove(&hidden);
        }
        let arrived = self.arrivals;
        self.arrivals += 1;
        self.peers.entry(id).or_insert_with(|| Peer::new(id, arrived, now)).present(
            now,
            phase,
            newcomer,
            &self.config,
        );
    }

    /// Those over whom records can be carried, at most as many as a call has members.
    fn carriers(&self) -> Vec<Carrier> {
        self.peers.values().filter_map(Peer::carrier).take(PEERS_IN_LIST).collect()
    }

    /// Passes on what `asking` wants carried to others, and takes in what it carried to us. One hop: what was carried
    /// is never carried on. Who asks is told by the channel it came on.
    fn pass_on(&mut self, now: Milliseconds, asking: PeerId, carried: Vec<Message>, out: &mut Outbox) {
        for message in carried {
            match message {
                Message::Carry(Carried { peer: to, sealed }) if to != asking => {
                    let allowed = self.peers.get_mut(&asking).is_some_and(|peer| peer.may_ask_to_carry(now));
                    if let Some(carrier) = self.peers.get(&to).and_then(Peer::carrier).filter(|_| allowed) {
                        let message = Message::Carried(Carried { peer: asking, sealed });
                        let envelope = Envelope { messages: vec![message], ..Envelope::default() };
                        let command = Command::SendChannel(envelope.encode());
                        out.push(Effect::Connection(carrier.peer, carrier.generation, command));
                    }
                }
                // Sessions are made through the server only.
                Message::Carried(Carried { peer: from, sealed })
                    if RecordKind::of(&sealed) == Some(RecordKind::Message) =>
                {
                    self.with_peer(now, from, out, |peer, context| peer.sealed(&sealed, context));
                }
                _ => {}
            }
        }
    }

    fn with_peer(
        &mut self,
        now: Milliseconds,
        id: PeerId,
        out: &mut Outbox,
        work: impl FnOnce(&mut Peer<S::Handshake, S::Session>, &mut Context<'_, S>),
    ) {
        let in_call = self.stage == Stage::Call;
        let carriers = self.carriers();
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut context = Context {
            now,
            config: &self.config,
            seal: &mut self.seal,
            signaling: &mut self.signaling,
            name: &self.name,
            in_call,
            always_relay: self.always_relay,
            sending: self.media.sending(),
            hand: self.hand,
            carriers: &carriers,
            carried: Vec::new(),
            out,
        };
        work(peer, &mut context);
        let carried = context.carried;
        self.pass_on(now, id, carried, out);
    }

    fn each_peer(
        &mut self,
        now: Milliseconds,
        out: &mut Outbox,
        mut work: impl FnMut(&mut Peer<S::Handshake, S::Session>, &mut Context<'_, S>),
    ) {
        let carriers = self.carriers();
        let mut context = Context {
            now,
            config: &self.config,
            seal: &mut self.seal,
            signaling: &mut self.signaling,
            name: &self.name,
            in_call: self.stage == Stage::Call,
            always_relay: self.always_relay,
            sending: self.media.sending(),
            hand: self.hand,
            carriers: &carriers,
            carried: Vec::new(),
            out,
        };
        for (_, peer) in self.peers.iter_mut() {
            work(peer, &mut context);
        }
    }
}
