//! One other peer: whether it is present, the sealed session with it, what it said, and the pair's connection.

use crate::config::Config;
use crate::connection::Turn;
use crate::effect::{Command, Effect, Outbox};
use crate::handshake::Handshakes;
use crate::input::ConnectionEvent;
use crate::media::Sending;
use crate::pair::{Pair, Wish};
use crate::session::Session;
use crate::signaling::{Signaling, earliest};
use crate::view::{Person, PersonState};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId};
use eyeline_protocol::inner::{Carried, Envelope, Message, State};
use eyeline_protocol::outer::Phase;
use eyeline_protocol::rate::{Bucket, Rate};
use eyeline_seal::{RecordKind, Seal};

/// One other peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Peer<H, N> {
    id: PeerId,
    /// Place in the order of arrival.
    arrived: u64,
    since: Milliseconds,
    /// What the server says: a hint. `None` when it does not know the peer.
    at_server: Option<Phase>,
    absent_since: Option<Milliseconds>,
    /// The server says that it left.
    left: bool,
    handshakes: Handshakes<H, N>,
    session: Option<Session<N>>,
    name: String,
    state: State,
    /// The other has said where it is. Before that, the server knows better.
    told_state: bool,
    pair: Pair,
    /// How the last envelope came: answers go the same way, since whoever asks in another than the usual one has found
    /// that dead, sooner than this end perhaps.
    heard_by: Way,
    carrying: Bucket,
    /// No handshake was answered for so long that the person should be told.
    silent: bool,
    over: bool,
}

/// Somebody who may carry records to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carrier {
    pub(crate) peer: PeerId,
    pub(crate) generation: Generation,
}

/// How an envelope came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    /// In a sealed record: over the server, or over a third peer.
    Sealed,
    /// On the channel of a checked connection. Only here may something be asked to be carried: one hop, no loops.
    Channel,
}

/// Carriers that one envelope is given to: the second, should the first not reach the other end either.
const CARRIERS_AT_ONCE: usize = 2;

/// What a peer may ask to be carried: the descriptions and candidates of a few repairs, no stream of anything.
const CARRYING: Rate = Rate::per_second(10, 60);

/// What a peer's machinery works with.
#[derive(Debug)]
pub(crate) struct Context<'a, S> {
    pub(crate) now: Milliseconds,
    pub(crate) config: &'a Config,
    pub(crate) seal: &'a mut S,
    pub(crate) signaling: &'a mut Signaling,
    pub(crate) name: &'a str,
    pub(crate) in_call: bool,
    /// The person hides their address.
    pub(crate) always_relay: bool,
    pub(crate) sending: Sending,
    /// The person has raised a hand.
    pub(crate) hand: bool,
    /// Those who can carry a record to somebody who is reached in no other way.
    pub(crate) carriers: &'a [Carrier],
    /// What this peer asks for, or has carried: the engine passes it on.
    pub(crate) carried: Vec<Message>,
    pub(crate) out: &'a mut Outbox,
}

impl<H, N> Peer<H, N> {
    pub(crate) fn new(id: PeerId, arrived: u64, now: Milliseconds) -> Self {
        Self {
            id,
            arrived,
            since: now,
            at_server: None,
            absent_since: None,
            left: false,
            handshakes: Handshakes::default(),
            session: None,
            name: String::new(),
            state: State::default(),
            told_state: false,
            pair: Pair::new(id),
            heard_by: Way::Sealed,
            carrying: Bucket::new(&CARRYING, now),
            silent: false,
            over: false,
        }
    }

    /// The server sees the peer. `newcomer`: it was there before us, so that the handshake is ours to begin.
    pub(crate) fn present(&mut self, now: Milliseconds, phase: Phase, newcomer: bool, config: &Config) {
        self.at_server = Some(phase);
        self.left = false;
        self.pair.doubt(false, now, config);
        self.handshakes.path_changed(now);
        match &mut self.session {
            Some(session) => session.delivery().path_changed(now),
            None if newcomer => self.handshakes.plan(now, config),
            None => self.handshakes.plan(now + config.handshake_courtesy, config),
        }
    }

    /// The server does not see the peer (any more). `left`: it said goodbye there. A server can say so of anybody: a
    /// connection that lives goes on. But a goodbye to us may have been lost, so one that falls silent is at its end.
    pub(crate) fn absent(&mut self, now: Milliseconds, left: bool, config: &Config) {
        self.at_server = None;
        self.left = left;
        self.pair.doubt(left, now, config);
    }

    /// Whether the peer is to be forgotten.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether a person should see the peer: it is here, or its connection was and may come back.
    pub(crate) fn is_visible(&self) -> bool {
        self.at_server.is_some() || self.pair.was_connected()
    }

    /// Whether media can flow.
    pub(crate) fn is_up(&self) -> bool {
        self.pair.is_up()
    }

    /// Whether there is, or was a moment ago, a media connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.pair.was_connected()
    }

    pub(crate) fn arrived(&self) -> u64 {
        self.arrived
    }

    /// The browser's network is back or has changed, or the page slept.
    pub(crate) fn hurry(&mut self, now: Milliseconds, config: &Config) {
        self.pair.hurry(now, config);
    }

    /// The socket was dead and another one works.
    pub(crate) fn moved(&mut self, now: Milliseconds) {
        self.pair.moved(now);
    }

    /// The connection over which this peer may carry records to others: a living one.
    pub(crate) fn carrier(&self) -> Option<Carrier> {
        let connection = self.pair.channel().filter(|_| self.pair.is_up())?;
        Some(Carrier { peer: self.id, generation: connection.generation() })
    }

    /// Takes from what this peer may ask to be carried. False if it asks for too much.
    pub(crate) fn may_ask_to_carry(&mut self, now: Milliseconds) -> bool {
        self.carrying.take(&CARRYING, now, 1).is_ok()
    }

    /// Says goodbye on every path.
    pub(crate) fn say_goodbye<S: Seal<Handshake = H, Session = N>>(&mut self, context: &mut Context<'_, S>) {
        if let Some(session) = &mut self.session {
            session.delivery().say(Message::Bye);
            self.send(context, true);
        }
    }

    /// Closes what is open without a word.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        self.pair.stop(out);
    }

    /// A sealed record came from the server in this peer's name.
    pub(crate) fn sealed<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        record: &[u8],
        context: &mut Context<'_, S>,
    ) {
        match RecordKind::of(record) {
            Some(RecordKind::First) => {
                let has_session = self.session.is_some();
                let (now, config) = (context.now, context.config);
                let second = self.handshakes.first(now, self.id, record, context.seal, config, has_session);
                if let Some(second) = second {
                    context.signaling.send(context.now, self.id, &second, context.out);
                }
            }
            Some(RecordKind::Second) => {
                if let Some(session) = self.handshakes.second(context.now, record, context.seal) {
                    self.install(session, context);
                }
            }
            Some(RecordKind::Message) => self.record(record, context),
            None => {}
        }
    }

    fn install<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        session: Session<N>,
        context: &mut Context<'_, S>,
    ) {
        self.pair.start_over(context.out);
        self.session = Some(session);
        self.silent = false;
    }

    fn record<S: Seal<Handshake = H, Session = N>>(&mut self, record: &[u8], context: &mut Context<'_, S>) {
        let current = self.session.as_mut().filter(|session| context.seal.belongs(session.keys(), record));
        if let Some(session) = current {
            if let Some(message) = session.open(record, context.seal) {
                self.envelope(&message, Way::Sealed, context);
            }
        } else if let Some((session, message)) = self.handshakes.proven(record, context.seal) {
            // Handshakes go through the server: whatever it has said, it sees the other end.
            self.at_server.get_or_insert(Phase::Lobby);
            self.install(session, context);
            self.envelope(&message, Way::Sealed, context);
        } else {
            self.unknown_session(context);
        }
    }

    /// The peer uses a session that we do not know (any more). It may also be a replay, so a session that lives
    /// is not given up for it.
    fn unknown_session<S>(&mut self, context: &Context<'_, S>) {
        let (now, config) = (context.now, context.config);
        let alive = self.pair.is_up()
            || self
                .session
                .as_ref()
                .is_some_and(|session| now.since(session.heard_at()) < config.session_silence);
        if !alive {
            self.handshakes.plan(now, config);
        }
    }

    /// Something authentic came: from the session, or on the channel of a checked connection.
    fn envelope<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        bytes: &[u8],
        way: Way,
        context: &mut Context<'_, S>,
    ) {
        let Some(session) = &mut self.session else { return };
        session.heard(context.now);
        let Ok(envelope) = Envelope::decode(bytes) else { return };
        self.heard_by = way;
        // A goodbye needs no order: whatever came before it does not matter any more.
        if envelope.messages.contains(&Message::Bye) {
            self.goes(context);
            return;
        }
        if envelope.sequence == 0 && way == Way::Channel {
            let carried = |message: &Message| matches!(message, Message::Carry(_) | Message::Carried(_));
            context.carried.extend(envelope.messages.iter().filter(|message| carried(message)).cloned());
        }
        for message in session.delivery().receive(context.now, envelope, context.config) {
            self.message(message, context);
        }
    }

    /// The other end says goodbye. If the server still names it, it may have come back already, with this goodbye overtaken
    /// by its return: nobody sees it any more, but should it begin a session, or have begun one, it is here.
    fn goes<S>(&mut self, context: &mut Context<'_, S>) {
        if self.at_server.is_none() {
            self.over = true;
            return;
        }
        self.close(context.out);
        let handshakes = core::mem::take(&mut self.handshakes);
        *self = Self { handshakes, ..Self::new(self.id, self.arrived, context.now) };
    }

    fn message<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        message: Message,
        context: &mut Context<'_, S>,
    ) {
        let mut say = Vec::new();
        match message {
            Message::Profile(profile) => self.name = eyeline_protocol::name::clean(&profile.name),
            Message::State(state) => {
                self.state = state;
                self.told_state = true;
            }
            Message::Offer(offer) => {
                // Whoever offers is in the call.
                self.state.in_call = true;
                self.told_state = true;
                self.with_wish(context, |pair, wish, out| pair.offered(offer, wish, &mut say, out));
            }
            Message::Answer(answer) => {
                self.with_wish(context, |pair, wish, out| pair.answered(&answer, wish, out));
            }
            Message::Candidates(list) => self.pair.candidates(list, context.out),
            Message::RestartWanted(wanted) => {
                self.with_wish(context, |pair, wish, out| pair.restart_wanted(wanted, wish, out));
            }
            Message::PictureWanted(wanted) => self.pair.refresh(wanted.slots, context.out),
            // Taken out of unnumbered envelopes only: nothing that is carried is worth waiting for.
            Message::Carry(_) | Message::Carried(_) | Message::Bye | Message::Unknown(_) => {}
        }
        self.say(say);
    }

    /// Something happened to a connection with this peer.
    pub(crate) fn connection<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        generation: Generation,
        event: ConnectionEvent,
        context: &mut Context<'_, S>,
    ) {
        let (mut say, mut heard) = (Vec::new(), Vec::new());
        let turn = self.with_wish(context, |pair, wish, out| {
            pair.event(generation, event, wish, &mut say, &mut heard, out)
        });
        self.say(say);
        for message in heard {
            self.envelope(&message, Way::Channel, context);
        }
        match turn {
            // What was said while nothing came through need not wait for the session's timer. Before there is a channel,
            // nothing but the server carries anything: no path has come. And something may be heard on the channel a
            // moment before the browser calls the connection a living one: what would be said again by then is that it
            // needs a repair, and the other end would make one.
            Turn::Connected if self.pair.channel().is_none() || !self.pair.is_up() => {}
            Turn::Checked | Turn::ChannelChanged | Turn::Connected => {
                if let Some(session) = &mut self.session {
                    session.delivery().path_changed(context.now);
                }
            }
            // Perhaps the whole network is gone: see whether the server still answers.
            Turn::Disconnected | Turn::GivenUp => {
                context.signaling.doubt(context.now, context.config, context.out);
            }
            Turn::None | Turn::Mismatch | Turn::Broken | Turn::Doubtful => {}
        }
    }

    fn with_wish<S, T>(
        &mut self,
        context: &mut Context<'_, S>,
        work: impl FnOnce(&mut Pair, &Wish<'_>, &mut Outbox) -> T,
    ) -> T {
        let session = self.session.as_ref();
        let wish = Wish {
            now: context.now,
            config: context.config,
            wanted: context.in_call && self.state.in_call && session.is_some(),
            offers: session.is_some_and(Session::is_initiator),
            reachable: self.is_reachable(context.signaling, context.carriers),
            certificate: session.map_or(CertificateHash([0; 32]), Session::certificate),
            server: context.signaling.is_online(),
            ice: context.signaling.ice(context.always_relay),
            sending: context.sending,
            expected: self.state.sending.without(self.state.paused),
        };
        work(&mut self.pair, &wish, context.out)
    }

    fn say(&mut self, messages: Vec<Message>) {
        if let Some(session) = &mut self.session {
            for message in messages {
                session.delivery().say(message);
            }
        }
    }

    fn is_reachable(&self, signaling: &Signaling, carriers: &[Carrier]) -> bool {
        self.has_socket_path(signaling)
            || (self.pair.is_up() && self.pair.channel().is_some())
            || self.has_carrier(carriers)
    }

    /// Carriers carry records of sessions that stand, never handshakes.
    fn has_carrier(&self, carriers: &[Carrier]) -> bool {
        self.session.is_some() && carriers.iter().any(|carrier| carrier.peer != self.id)
    }

    fn has_socket_path(&self, signaling: &Signaling) -> bool {
        signaling.is_online() && self.at_server.is_some()
    }

    /// Does what is due.
    pub(crate) fn tend<S: Seal<Handshake = H, Session = N>>(&mut self, context: &mut Context<'_, S>) {
        if self.over {
            return;
        }
        self.shake_hands(context);
        self.give_sign_of_life(context);
        let mut say = Vec::new();
        self.with_wish(context, |pair, wish, out| pair.tend(wish, &mut say, out));
        self.say(say);
        if let Some(session) = &mut self.session {
            let pair = &self.pair;
            session.delivery().forget(|message| pair.is_outdated(message));
            let in_call = context.in_call;
            let (sending, rests) = match in_call {
                true => (context.sending.slots, context.sending.paused),
                false => Default::default(),
            };
            // What rests for another reason is told with that.
            let spared = pair.spared().within(sending).without(rests);
            let (paused, hand) = (rests.and(spared), context.hand);
            session.tell(context.name, State { in_call, sending, paused, spared, hand });
            if session.delivery().overflown() {
                // The other end has taken nothing for very long: whatever it holds, it is not our session.
                self.session = None;
                self.pair.start_over(context.out);
                self.handshakes.plan(context.now, context.config);
            }
        }
    }

    /// Sends what is to be said. After all peers have been tended: a connection that closes carries nothing more.
    pub(crate) fn speak<S: Seal<Handshake = H, Session = N>>(&mut self, context: &mut Context<'_, S>) {
        // What is left of a page that went is an open connection, perhaps, but not an open channel that speaks.
        self.over |= self.left && (!self.pair.is_up() || self.pair.channel().is_none());
        if !self.over {
            self.send(context, false);
            self.count_absence(context);
        }
    }

    /// Watches over the connection, and lets the other end know that this one lives.
    fn give_sign_of_life<S>(&mut self, context: &mut Context<'_, S>) {
        let (beat, silent) = self.pair.watch(context.now, context.config, context.out);
        if beat && let (Some(session), Some(channel)) = (&mut self.session, self.pair.channel()) {
            channel.send(session.delivery().unnumbered(Vec::new()).encode(), context.out);
        }
        if silent {
            // Perhaps the whole network is gone or another one, and the socket with it: the repair needs one that works.
            context.signaling.doubt(context.now, context.config, context.out);
        }
    }

    fn shake_hands<S: Seal<Handshake = H, Session = N>>(&mut self, context: &mut Context<'_, S>) {
        if self.session.is_none() {
            self.silent = context.now.since(self.since) >= context.config.say_gone_after;
            if !self.handshakes.is_active() {
                let courtesy = context.now + context.config.handshake_courtesy;
                self.handshakes.plan(courtesy, context.config);
            }
        }
        if self.session.is_some() && self.pair.is_up() {
            // What was begun while nothing came through would now end a connection that lives.
            self.handshakes.abandon();
        }
        if self.has_socket_path(context.signaling) {
            let first = self.handshakes.tend(context.now, self.id, context.seal, context.config);
            if let Some(first) = first {
                context.signaling.send(context.now, self.id, &first, context.out);
            }
        }
    }

    /// Sends what the session has to say: on the data channel of a checked connection, else through the server, and
    /// on both when something seems to have been lost.
    fn send<S: Seal<Handshake = H, Session = N>>(&mut self, context: &mut Context<'_, S>, every_path: bool) {
        let socket = self.has_socket_path(context.signaling);
        let carried = !socket && self.has_carrier(context.carriers);
        let channel = self.pair.channel();
        let Some(session) = &mut self.session else { return };
        if !socket && !carried && channel.is_none() {
            return;
        }
        let channel_works = channel.is_some() && self.pair.is_up() && self.heard_by == Way::Channel;
        let batch = session.delivery().outgoing(context.now, context.config);
        let every_path = every_path || batch.every_path;
        for envelope in &batch.envelopes {
            let bytes = envelope.encode();
            if (socket || carried) && (every_path || !channel_works) {
                match session.seal(&bytes, context.seal) {
                    Ok(sealed) if socket => {
                        context.signaling.send(context.now, self.id, &sealed, context.out);
                    }
                    Ok(sealed) => {
                        let turn = session.delivery().resends() as usize;
                        carry(self.id, sealed, context.carriers, turn, context.out);
                    }
                    Err(_) => {
                        // Nonces used up, or no randomness: another session.
                        self.handshakes.plan(context.now, context.config);
                    }
                }
            }
            if let Some(channel) = channel.filter(|_| every_path || channel_works || !socket) {
                channel.send(bytes, context.out);
            }
        }
        if socket && batch.every_path && session.delivery().resends() > 1 {
            // Nothing is acknowledged of what the server should have brought: is its connection black-holed?
            context.signaling.doubt(context.now, context.config, context.out);
        }
    }

    fn count_absence<S>(&mut self, context: &Context<'_, S>) {
        if self.has_socket_path(context.signaling) || self.pair.is_up() {
            self.absent_since = None;
        } else {
            self.absent_since.get_or_insert(context.now);
            self.over |= self.forget_at(context.config).is_some_and(|at| at <= context.now);
        }
    }

    /// When a peer that no path reaches is to be forgotten. What comes over a third peer keeps it.
    fn forget_at(&self, config: &Config) -> Option<Milliseconds> {
        let heard_at = self.session.as_ref().map_or(Milliseconds(0), Session::heard_at);
        self.absent_since.map(|since| since.max(heard_at) + config.forget_after)
    }

    /// When something is due.
    pub(crate) fn deadline(
        &self,
        signaling: &Signaling,
        carriers: &[Carrier],
        config: &Config,
    ) -> Option<Milliseconds> {
        let socket = self.has_socket_path(signaling);
        let path = socket || self.pair.channel().is_some() || self.has_carrier(carriers);
        earliest([
            self.handshakes.deadline().filter(|_| socket),
            self.session.as_ref().and_then(Session::deadline).filter(|_| path),
            self.pair.deadline(self.is_reachable(signaling, carriers), config),
            self.forget_at(config),
            (self.session.is_none() && !self.silent).then(|| self.since + config.say_gone_after),
        ])
    }

    /// The peer as a person sees it.
    pub(crate) fn person(&self) -> Person {
        let is_told = self.session.is_some() && self.told_state;
        let told = is_told.then_some(if self.state.in_call { Phase::Call } else { Phase::Lobby });
        let state = if self.session.is_none() && self.silent { PersonState::Gone } else { self.pair.state() };
        Person {
            peer: self.id,
            name: self.name.clone(),
            phase: told.or(self.at_server).unwrap_or(Phase::Lobby),
            state,
            sealed: self.session.is_some(),
            was_connected: self.pair.was_connected(),
            repair: self.pair.repair(),
            path: self.pair.path(),
            quality: self.pair.quality(),
            sending: self.state.sending,
            paused: self.state.paused.within(self.state.sending),
            spared: self.state.spared.within(self.state.sending),
            sparing: self.pair.spared(),
            hand: self.state.hand,
            certificate: self.pair.certificate(),
            show: self.pair.show(),
        }
    }
}

/// Asks third peers to pass a record on to `to`; others each time it is sent again.
fn carry(to: PeerId, sealed: Vec<u8>, carriers: &[Carrier], turn: usize, out: &mut Outbox) {
    let others: Vec<_> = carriers.iter().filter(|carrier| carrier.peer != to).collect();
    let message = Message::Carry(Carried { peer: to, sealed });
    let envelope = Envelope { messages: vec![message], ..Envelope::default() }.encode();
    for carrier in others.iter().cycle().skip(turn).take(CARRIERS_AT_ONCE.min(others.len())) {
        let command = Command::SendChannel(envelope.clone());
        out.push(Effect::Connection(carrier.peer, carrier.generation, command));
    }
}
