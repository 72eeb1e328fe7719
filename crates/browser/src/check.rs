//! "Check my connection": measures what [`diagnosis`](eyeline_call::diagnosis) judges.
//!
//! It has a private room of its own on the server, so that whoever is asked for an ICE server or a relay is asked as in a
//! call; a call that goes on meanwhile is not touched.

use crate::capture::Capture;
use crate::client::Client;
use crate::connection::{Connection, Report};
use crate::js;
use crate::level::{self, Level};
use crate::socket::Socket;
use eyeline_call::diagnosis::{
    self, Capture as Device, Facts, Finding, Probe, Relay, RelayFault, Server, Sound, Speaker,
};
use eyeline_call::effect::Command;
use eyeline_call::input::{ConnectionEvent, Input, RelayTransport};
use eyeline_call::view;
use eyeline_protocol::ids::{ConnectionCounter, Generation, RoomSecret};
use eyeline_protocol::inner::Slot;
use eyeline_protocol::outer::{ClientRecord, IceServer, Join, Phase, ServerRecord, Welcome};
use eyeline_seal::entropy::{Entropy, OperatingSystem};
use eyeline_seal::keys::{Identity, RoomKeys};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

/// How long the server may take.
const SERVER_MILLISECONDS: i32 = 15_000;
/// How long a probe or a way to the relay may take: browsers repeat a request that is not answered for 8 to 10 s.
const PROBE_MILLISECONDS: i32 = 12_000;
/// How often something is looked at again.
const STEP_MILLISECONDS: i32 = 100;
/// Silence for so long is said to be silence: time to read the words and say some.
const SILENCE_MILLISECONDS: i32 = 7000;
/// Louder than this (of 1) is not silence: about -57 dB, the rustle of a quiet room.
const SILENCE: f32 = 0.06;

/// A check under way, or done. Dropped, it stops and lets go of everything.
pub struct Check(Rc<State>);

struct State {
    facts: RefCell<Facts>,
    changed: Box<dyn Fn()>,
    /// The call from which it was started: its devices are looked at, and no others asked for.
    client: Option<Client>,
    capture: Rc<Capture>,
    socket: RefCell<Option<Socket>>,
    level: RefCell<Option<Level>>,
    loudness: Cell<f32>,
    stopped: Cell<bool>,
    this: Weak<Self>,
}

impl Check {
    /// Begins. `changed` is called whenever there is something new to find. `client`: the call that goes on.
    pub fn start(client: Option<Client>, changed: impl Fn() + 'static) -> Self {
        let has = |name| js::window().is_ok_and(|window| js::get(&window, name).is_truthy());
        let (secure, web_rtc) = (has("isSecureContext"), has("RTCPeerConnection"));
        let facts = Facts { secure, web_rtc, ..Facts::default() };
        let state = Rc::new_cyclic(|this| State {
            facts: RefCell::new(facts),
            changed: Box::new(changed),
            client,
            capture: Rc::default(),
            socket: RefCell::default(),
            level: RefCell::default(),
            loudness: Cell::new(0.0),
            stopped: Cell::new(false),
            this: this.clone(),
        });
        wasm_bindgen_futures::spawn_local(Rc::clone(&state).measure());
        wasm_bindgen_futures::spawn_local(Rc::clone(&state).listen());
        Self(state)
    }

    /// What was found so far.
    pub fn findings(&self) -> Vec<Finding> {
        let mut facts = self.0.facts.borrow().clone();
        if let Some(client) = &self.0.client {
            let me = client.view().me;
            facts.camera = device(me.camera, ());
            let sound = match facts.microphone {
                Device::On(sound) => sound,
                _ => Sound::Listening,
            };
            facts.microphone = device(me.microphone, sound);
        }
        diagnosis::findings(&facts)
    }

    /// How long the way to the relay and back takes, for each that works.
    pub fn relays(&self) -> Vec<Relay> {
        self.0.facts.borrow().relays.clone()
    }

    /// The person wants camera and microphone tried. Does nothing in a call, whose devices are its own.
    pub fn capture(&self) {
        if self.0.client.is_some() {
            return;
        }
        self.0.note(|facts| (facts.camera, facts.microphone) = (Device::Starting, Device::Starting));
        let this = self.0.this.clone();
        let input = Rc::new(move |input| {
            if let Some(state) = this.upgrade() {
                state.captured(&input);
            }
        });
        Rc::clone(&self.0.capture).acquire(&[Slot::Microphone, Slot::Camera], input);
    }

    /// The camera's picture.
    pub fn picture(&self) -> Option<MediaStream> {
        self.0.stream(Slot::Camera)
    }

    /// How loud the microphone is, from 0 to 1.
    pub fn loudness(&self) -> f32 {
        self.0.loudness.get()
    }

    /// Plays a short tone. The person's click must have led here: browsers ask for it.
    pub fn play_tone(&self) {
        let this = self.0.this.clone();
        let speaker = self.0.client.as_ref().map(Client::speaker).unwrap_or_default();
        wasm_bindgen_futures::spawn_local(async move {
            if level::play_tone(speaker).await.is_ok()
                && let Some(state) = this.upgrade()
            {
                state.note(|facts| facts.speaker = Speaker::Played);
            }
        });
    }

    /// The person says whether they heard the tone.
    pub fn heard(&self, heard: bool) {
        self.0.note(|facts| facts.speaker = if heard { Speaker::Heard } else { Speaker::NotHeard });
    }
}

impl Drop for Check {
    fn drop(&mut self) {
        self.0.stopped.set(true);
        drop(self.0.socket.take());
        drop(self.0.level.take());
        self.0.capture.stop(Slot::Microphone);
        self.0.capture.stop(Slot::Camera);
    }
}

fn device<T>(device: view::Device, on: T) -> Device<T> {
    match device {
        view::Device::Off => Device::Off,
        view::Device::Starting => Device::Starting,
        view::Device::On => Device::On(on),
        view::Device::Failed(error) => Device::Failed(error),
    }
}

impl State {
    fn note(&self, change: impl FnOnce(&mut Facts)) {
        if !self.stopped.get() {
            change(&mut self.facts.borrow_mut());
            (self.changed)();
        }
    }

    /// Waits until something holds, the time is over, or nobody wants to know any more.
    async fn wait(&self, milliseconds: i32, holds: impl Fn(&mut Facts) -> bool) {
        for _ in 0..milliseconds / STEP_MILLISECONDS {
            if self.stopped.get() || holds(&mut self.facts.borrow_mut()) {
                return;
            }
            js::sleep(STEP_MILLISECONDS).await;
        }
    }

    // --- Devices ----------------------------------------------------------------------------------------------------

    fn captured(&self, input: &Input) {
        self.note(|facts| match *input {
            Input::Captured(Slot::Camera) => facts.camera = Device::On(()),
            Input::Captured(Slot::Microphone) => facts.microphone = Device::On(Sound::Listening),
            Input::CaptureFailed(Slot::Camera, error) => facts.camera = Device::Failed(error),
            Input::CaptureFailed(Slot::Microphone, error) => facts.microphone = Device::Failed(error),
            Input::CaptureEnded(Slot::Camera) => facts.camera = Device::Waiting,
            Input::CaptureEnded(Slot::Microphone) => facts.microphone = Device::Waiting,
            _ => {}
        });
    }

    fn stream(&self, slot: Slot) -> Option<MediaStream> {
        match &self.client {
            Some(client) => client.local_stream(slot),
            None => self.capture.stream(slot),
        }
    }

    /// How loud the microphone is at this moment, if it can be told.
    fn hear(&self) -> Option<f32> {
        if let Some(client) = &self.client {
            return client.heard();
        }
        let mut level = self.level.borrow_mut();
        if level.is_none() {
            *level = Level::new();
        }
        let level = level.as_ref()?;
        level.follow(self.capture.track(Slot::Microphone));
        level.heard()
    }

    /// Listens to the microphone as long as the check is open.
    async fn listen(self: Rc<Self>) {
        let mut silence = 0;
        while !self.stopped.get() {
            js::sleep(STEP_MILLISECONDS).await;
            let on = match &self.client {
                Some(client) => client.view().me.microphone == view::Device::On,
                None => matches!(self.facts.borrow().microphone, Device::On(_)),
            };
            if !on || self.stopped.get() {
                drop(self.level.take());
                self.loudness.set(0.0);
                silence = 0;
                continue;
            }
            let Some(loudness) = self.hear() else { continue };
            self.loudness.set(loudness);
            silence += STEP_MILLISECONDS;
            let sound = match self.facts.borrow().microphone {
                Device::On(Sound::Heard) => Sound::Heard,
                _ if loudness > SILENCE => Sound::Heard,
                _ if silence > SILENCE_MILLISECONDS => Sound::Silent,
                _ => Sound::Listening,
            };
            if self.facts.borrow().microphone != Device::On(sound) {
                self.note(|facts| facts.microphone = Device::On(sound));
            }
        }
    }

    // --- Server and network -----------------------------------------------------------------------------------------

    async fn measure(self: Rc<Self>) {
        if let Some(welcome) = self.join().await
            && self.facts.borrow().web_rtc
        {
            self.measure_network(&welcome);
        }
    }

    /// Joins the lobby of a room that nobody else knows.
    async fn join(&self) -> Option<Welcome> {
        let join = private_join()?;
        let welcome = Rc::new(RefCell::new(None));
        let this = self.this.clone();
        let place = Rc::clone(&welcome);
        let opened = Socket::open(Rc::new(move |input| {
            if let Some(state) = this.upgrade() {
                state.socket_input(input, &join, &place);
            }
        }));
        match opened {
            Ok(socket) => drop(self.socket.replace(Some(socket))),
            Err(_) => self.note(|facts| facts.server = Server::Unreachable),
        }
        self.wait(SERVER_MILLISECONDS, |facts| facts.server != Server::Trying).await;
        if matches!(self.facts.borrow().server, Server::Trying | Server::NoWebSocket) {
            // A page can load where a socket cannot: some proxies and filters do not know WebSocket.
            let answer = js::window().map(|window| window.fetch_with_str(PLAIN));
            let answered = match answer {
                Ok(promise) => js::settled(promise.unchecked_into()).await.is_ok(),
                Err(_) => false,
            };
            let server = if answered { Server::NoWebSocket } else { Server::Unreachable };
            self.note(|facts| facts.server = server);
        }
        welcome.take()
    }

    fn socket_input(&self, input: Input, join: &[u8], welcome: &RefCell<Option<Welcome>>) {
        match input {
            Input::SocketOpened => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(join);
                }
            }
            Input::SocketMessage(message) => {
                for record in ServerRecord::parse(&message).flatten() {
                    match record {
                        ServerRecord::Welcome(found) => {
                            *welcome.borrow_mut() = Some(found);
                            self.note(|facts| facts.server = Server::Online);
                        }
                        ServerRecord::Error { .. } => self.note(|facts| facts.server = Server::Busy),
                        _ => {}
                    }
                }
            }
            // After `Error` or `Welcome` it is known already.
            Input::SocketClosed(_) if self.facts.borrow().server == Server::Trying => {
                self.note(|facts| facts.server = Server::NoWebSocket);
            }
            _ => {}
        }
    }

    /// Starts everything that needs what the server named; each part ends by itself.
    fn measure_network(&self, welcome: &Welcome) {
        let Some(this) = self.this.upgrade() else { return };
        let first: Vec<_> =
            welcome.ice_servers.iter().filter(|server| is_stun(&server.url)).cloned().collect();
        let second: Vec<_> = Some(IceServer {
            url: welcome.mapping_check.clone(),
            username: String::new(),
            credential: String::new(),
        })
        .filter(|server| !server.url.is_empty())
        .into_iter()
        .collect();
        let both =
            if first.is_empty() || second.is_empty() { Vec::new() } else { [&*first, &second].concat() };
        let probes: [(Which, Vec<IceServer>); 3] = [
            (|facts| &mut facts.first, first),
            (|facts| &mut facts.second, second),
            (|facts| &mut facts.both, both),
        ];
        for (which, servers) in probes {
            wasm_bindgen_futures::spawn_local(Rc::clone(&this).probe(which, servers));
        }
        let relays: Vec<_> = welcome.ice_servers.iter().filter(|server| !is_stun(&server.url)).collect();
        self.note(|facts| {
            facts.relays = relays
                .iter()
                .map(|server| Relay { transport: transport(&server.url), outcome: None })
                .collect();
        });
        for (place, server) in relays.into_iter().enumerate() {
            let relay = Rc::clone(&this).relay(place, server.clone());
            wasm_bindgen_futures::spawn_local(relay);
        }
    }

    /// What a set of STUN servers shows.
    async fn probe(self: Rc<Self>, which: Which, servers: Vec<IceServer>) {
        let begun = js::now();
        if servers.is_empty() {
            let took = Some(eyeline_protocol::Milliseconds(0));
            self.note(|facts| *which(facts) = Probe { skipped: true, took, ..Probe::default() });
            return;
        }
        let this = self.this.clone();
        let report: Report = Rc::new(move |event| {
            let Some(state) = this.upgrade() else { return };
            state.note(|facts| match event {
                ConnectionEvent::Candidate(found) => which(facts).candidate(&found.candidate),
                ConnectionEvent::CandidatesComplete => which(facts).took = Some(js::now().since(begun)),
                _ => {}
            });
        });
        let capture = Rc::clone(&self.capture);
        let made = Connection::create(Generation(0), &servers, false, true, None, capture, report);
        if let Ok(connection) = made {
            let this = self.this.clone();
            let _errors = Errors::hear(&connection, move |code, _| {
                if let Some(state) = this.upgrade() {
                    state.note(|facts| which(facts).errors.push(code));
                }
            });
            connection.command(Command::SetLocalOffer { ice_restart: false });
            self.wait(PROBE_MILLISECONDS, |facts| which(facts).took.is_some()).await;
            connection.command(Command::Close);
        }
        self.note(|facts| {
            let probe = which(facts);
            probe.took = probe.took.or(Some(js::now().since(begun)));
        });
    }

    /// Tries one way to the relay: two connections in this page that may use nothing else, and an echo between them.
    async fn relay(self: Rc<Self>, place: usize, server: IceServer) {
        let trial = Rc::new(Trial::default());
        let servers = [server];
        let mut errors = Vec::new();
        for offers in [true, false] {
            let weak = Rc::downgrade(&trial);
            let report: Report = Rc::new(move |event| {
                if let Some(trial) = weak.upgrade() {
                    trial.event(offers, event);
                }
            });
            let capture = Rc::clone(&self.capture);
            let made = Connection::create(Generation(0), &servers, true, offers, None, capture, report);
            let Ok(connection) = made else { break };
            let weak = Rc::downgrade(&trial);
            errors.push(Errors::hear(&connection, move |code, text| {
                if let Some(trial) = weak.upgrade() {
                    trial.failed(RelayFault::of(code, text));
                }
            }));
            trial.ends.borrow_mut().push(connection);
        }
        trial.command(true, Command::SetLocalOffer { ice_restart: false });
        self.wait(PROBE_MILLISECONDS, |_| trial.is_over()).await;
        for end in trial.ends.take() {
            end.command(Command::Close);
        }
        let outcome = match trial.echo.get() {
            Some(took) => Ok(took),
            None if trial.found.get() => Err(RelayFault::NothingThrough),
            None => Err(trial.fault.get().unwrap_or(RelayFault::NoAnswer)),
        };
        self.note(|facts| {
            if let Some(relay) = facts.relays.get_mut(place) {
                relay.outcome = Some(outcome);
            }
        });
    }
}

/// Which probe of the facts.
type Which = fn(&mut Facts) -> &mut Probe;

/// What the server answers without any ado, and proxies pass on.
const PLAIN: &str = "/healthz";

/// Two connections in one page.
#[derive(Default)]
struct Trial {
    /// The offering end, the answering end.
    ends: RefCell<Vec<Rc<Connection>>>,
    /// The offering end has an address at the relay.
    found: Cell<bool>,
    /// The offering end looks for no more.
    complete: Cell<bool>,
    fault: Cell<Option<RelayFault>>,
    sent_at: Cell<eyeline_protocol::Milliseconds>,
    echo: Cell<Option<eyeline_protocol::Milliseconds>>,
}

impl Trial {
    fn command(&self, offers: bool, command: Command) {
        let end = self.ends.borrow().get(usize::from(!offers)).cloned();
        if let Some(end) = end {
            end.command(command);
        }
    }

    fn event(&self, offers: bool, event: ConnectionEvent) {
        match event {
            ConnectionEvent::LocalDescription(sdp) if offers => {
                self.command(false, Command::SetRemoteOffer(sdp));
                self.command(false, Command::SetLocalAnswer);
            }
            ConnectionEvent::LocalDescription(sdp) => self.command(true, Command::SetRemoteAnswer(sdp)),
            ConnectionEvent::Candidate(candidate) => {
                self.found.set(self.found.get() || offers);
                self.command(!offers, Command::AddIceCandidate(candidate));
            }
            ConnectionEvent::CandidatesComplete => self.complete.set(self.complete.get() || offers),
            ConnectionEvent::ChannelOpened if offers => {
                self.sent_at.set(js::now());
                self.command(true, Command::SendChannel(vec![0]));
            }
            ConnectionEvent::ChannelMessage(_) if offers => {
                self.echo.set(Some(js::now().since(self.sent_at.get())));
            }
            ConnectionEvent::ChannelMessage(message) => self.command(false, Command::SendChannel(message)),
            _ => {}
        }
    }

    /// What a server said counts more than that another path to it was silent.
    fn failed(&self, fault: RelayFault) {
        if self.fault.get().is_none_or(|known| known == RelayFault::NoAnswer) {
            self.fault.set(Some(fault));
        }
    }

    fn is_over(&self) -> bool {
        self.echo.get().is_some() || (self.complete.get() && !self.found.get())
    }
}

/// A `Join` for the lobby of a room of one's own.
fn private_join() -> Option<Vec<u8>> {
    let secret = RoomSecret(OperatingSystem.draw().ok()?);
    let identity = Identity::draw(&mut OperatingSystem).ok()?;
    let mut message = Vec::new();
    ClientRecord::Join(Join {
        phase: Phase::Lobby,
        capabilities: 0,
        counter: ConnectionCounter(1),
        room_token: RoomKeys::derive(&secret).token,
        peer_token: identity.peer_token(),
        public_key: identity.public_key(),
        connected: Vec::new(),
    })
    .write(&mut message);
    Some(message)
}

fn is_stun(url: &str) -> bool {
    url.starts_with("stun")
}

/// How a TURN URL (RFC 7065) is reached.
fn transport(url: &str) -> RelayTransport {
    if url.starts_with("turns:") {
        RelayTransport::Tls
    } else if url.ends_with("transport=tcp") {
        RelayTransport::Tcp
    } else {
        RelayTransport::Udp
    }
}

/// Hears `icecandidateerror` as long as it lives; Firefox has none.
struct Errors {
    connection: Rc<Connection>,
    _hear: Closure<dyn FnMut(JsValue)>,
}

/// `RTCPeerConnection`'s event handler.
const CANDIDATE_ERROR: &str = "onicecandidateerror";

impl Errors {
    fn hear(connection: &Rc<Connection>, hear: impl Fn(u16, &str) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let code = js::get(&event, "errorCode").as_f64().unwrap_or_default();
            hear(code as u16, &js::get(&event, "errorText").as_string().unwrap_or_default());
        });
        js::set(connection.native(), CANDIDATE_ERROR, closure.as_ref());
        Self { connection: Rc::clone(connection), _hear: closure }
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        js::set(self.connection.native(), CANDIDATE_ERROR, JsValue::NULL);
    }
}
