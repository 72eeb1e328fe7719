//! [`Client`]: drives the call engine in a browser.

use crate::capture::Capture;
use crate::certificate::OwnCertificate;
use crate::connection::{Connection, Report};
use crate::devices::{self, Device};
use crate::js;
use crate::level::Level;
use crate::socket::Socket;
use crate::statistics::Reading;
use crate::timer::Timer;
use eyeline_call::effect::{Command, Effect};
use eyeline_call::input::{Action, ConnectionEvent, Input};
use eyeline_call::story::Story;
use eyeline_call::view::View;
use eyeline_call::{Call, Config};
use eyeline_protocol::ids::{Generation, PeerId};
use eyeline_protocol::inner::Slot;
use eyeline_protocol::link::Link;
use eyeline_protocol::outer::IceServer;
use eyeline_seal::entropy::OperatingSystem;
use eyeline_seal::keys::Identity;
use eyeline_seal::noise::NoiseSeal;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlMediaElement, MediaStream, VisibilityState};

/// How often the selected paths are read again: not every browser raises an event for a change.
const PATHS_EVERY_MILLISECONDS: i32 = 3000;

/// A participant in a browser: the engine, and everything it moves. Clones are the same participant.
#[derive(Clone)]
pub struct Client(Rc<Shell>);

/// What a user interface must draw anew.
#[derive(Clone, Debug)]
pub enum Change {
    /// The view.
    View(Box<View>),
    /// An own track has come, gone, or been replaced: attach the own pictures again.
    LocalTracks,
    /// What there is to choose from.
    Devices(Vec<Device>),
}

/// Why a client cannot work in this browser at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// It has no WebRTC, or it is switched off.
    NoWebRtc,
    /// It gives no randomness.
    NoRandomness,
}

struct Shell {
    call: RefCell<Call<NoiseSeal>>,
    certificate: OwnCertificate,
    capture: Rc<Capture>,
    socket: RefCell<Option<Socket>>,
    connections: RefCell<BTreeMap<PeerId, Rc<Connection>>>,
    /// Inputs that came while the engine was at work.
    inputs: RefCell<VecDeque<Input>>,
    at_work: Cell<bool>,
    /// Captures asked for in one go, so that the person is asked one question.
    wanted: RefCell<Vec<Slot>>,
    changed: Box<dyn Fn(Change)>,
    this: Weak<Self>,
    /// Live as long as the page: there is one client a page.
    handlers: RefCell<Vec<Closure<dyn FnMut()>>>,
    timer: Timer,
    slept: js::Slept,
}

impl Client {
    /// Opens the room of `link`: connects to the server and waits in the lobby. Everything that changes from then on
    /// goes to `changed`, which is never called while another call of it is under way.
    pub async fn open(
        link: &Link,
        name: &str,
        changed: impl Fn(Change) + 'static,
    ) -> Result<Self, OpenError> {
        let certificate = OwnCertificate::generate().await.map_err(|error| {
            web_sys::console::error_1(&error);
            OpenError::NoWebRtc
        })?;
        let identity = Identity::draw(&mut OperatingSystem).map_err(|_| OpenError::NoRandomness)?;
        let seal = NoiseSeal::new(&link.secret, identity, certificate.hash, 0);
        let shell = Rc::new_cyclic(|this: &Weak<Shell>| Shell {
            call: RefCell::new(Call::new(seal, name, Config::default())),
            certificate,
            capture: Rc::default(),
            socket: RefCell::default(),
            connections: RefCell::default(),
            inputs: RefCell::default(),
            at_work: Cell::new(false),
            wanted: RefCell::default(),
            changed: Box::new(changed),
            this: this.clone(),
            handlers: RefCell::default(),
            slept: js::Slept::default(),
            timer: Timer::new(Shell::handler(this, |shell| {
                shell.timer.rang();
                shell.input(shell.slept.look().map_or(Input::Tick, Input::Slept));
            })),
        });
        shell.listen();
        shell.input(Input::Tick);
        shell.list_devices();
        Ok(Self(shell))
    }

    /// The person did something.
    pub fn act(&self, action: Action) {
        self.act_at_once([action]);
    }

    /// The person did several things with one gesture.
    pub fn act_at_once<const N: usize>(&self, actions: [Action; N]) {
        if actions.contains(&Action::Join) {
            js::mark("join");
        }
        self.0.inputs.borrow_mut().extend(actions.map(Input::Person));
        self.0.work();
    }

    /// From now on, the slot shall be captured with this device.
    pub fn choose_device(&self, slot: Slot, id: &str) {
        self.0.capture.choose(slot, id.to_owned());
        self.act(Action::DeviceChosen(slot));
    }

    /// The own track of a slot, for showing it to its owner.
    pub fn local_stream(&self, slot: Slot) -> Option<MediaStream> {
        self.0.capture.stream(slot)
    }

    /// What a person sees.
    pub fn view(&self) -> View {
        self.0.call.borrow().view()
    }

    /// The track that `peer` sends in `slot`, if the engine lets it be shown.
    pub fn remote_stream(&self, peer: PeerId, generation: Generation, slot: Slot) -> Option<MediaStream> {
        let connection = self.0.connections.borrow().get(&peer).cloned()?;
        if connection.generation == generation { connection.remote_stream(slot) } else { None }
    }

    /// The counters of the connection with `peer`; `None` if there is none.
    pub async fn statistics(&self, peer: PeerId) -> Option<Reading> {
        let connection = self.0.connections.borrow().get(&peer).cloned()?;
        connection.read_statistics().await
    }

    /// What happened when.
    pub fn story(&self) -> Story {
        self.0.call.borrow().story().clone()
    }

    /// A meter for the own microphone; `None` while there is no track.
    pub fn microphone_level(&self) -> Option<Level> {
        Level::new(&self.local_stream(Slot::Microphone)?)
    }
}

/// Lets an element play a stream, or nothing. Plays at once where the browser allows it.
pub fn attach(element: &HtmlMediaElement, stream: Option<&MediaStream>) {
    element.set_src_object(stream);
    if stream.is_some()
        && let Ok(promise) = element.play()
    {
        wasm_bindgen_futures::spawn_local(async move {
            // Rejected when the stream is replaced before it plays, and where a gesture is wanted first.
            let _ = js::settled(promise.unchecked_into()).await;
        });
    }
}

impl Shell {
    fn handler(this: &Weak<Self>, handle: impl Fn(&Rc<Self>) + 'static) -> Closure<dyn FnMut()> {
        let this = this.clone();
        Closure::new(move || {
            if let Some(shell) = this.upgrade() {
                handle(&shell);
            }
        })
    }

    fn input(&self, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        self.work();
    }

    /// A way in for parts that live shorter or longer than the shell.
    fn inlet(&self) -> Rc<dyn Fn(Input)> {
        let this = self.this.clone();
        Rc::new(move |input| {
            if let Some(shell) = this.upgrade() {
                shell.input(input);
            }
        })
    }

    /// Hands inputs to the engine one by one and carries out what it asks for. Operations may raise events at once;
    /// those wait in the row.
    fn work(&self) {
        if self.at_work.replace(true) {
            return;
        }
        let mut changed = false;
        while let Some(input) = self.next_input() {
            let tracks = matches!(input, Input::Captured(_) | Input::CaptureEnded(_));
            let mut effects = Vec::new();
            self.call.borrow_mut().handle(js::now(), input, &mut effects);
            let stopped = effects.iter().any(|effect| matches!(effect, Effect::StopCapture(_)));
            for effect in effects {
                changed |= effect == Effect::ViewChanged;
                self.carry_out(effect);
            }
            if tracks || stopped {
                (self.changed)(Change::LocalTracks);
            }
            if tracks {
                // Names of devices are told only after permission was given.
                self.list_devices();
            }
        }
        let wanted = self.wanted.take();
        if !wanted.is_empty() {
            Rc::clone(&self.capture).acquire(&wanted, self.inlet());
        }
        self.timer.set(self.call.borrow().next_deadline());
        self.at_work.set(false);
        if changed {
            let view = self.call.borrow().view();
            (self.changed)(Change::View(Box::new(view)));
        }
    }

    fn next_input(&self) -> Option<Input> {
        self.inputs.borrow_mut().pop_front()
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::OpenSocket => self.open_socket(),
            Effect::SendSocket(message) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(&message);
                }
            }
            Effect::CloseSocket => drop(self.socket.take()),
            Effect::Capture(slot) => self.wanted.borrow_mut().push(slot),
            Effect::StopCapture(slot) => {
                self.wanted.borrow_mut().retain(|wanted| *wanted != slot);
                self.capture.stop(slot);
            }
            Effect::Connection(peer, generation, command) => self.command(peer, generation, command),
            Effect::ViewChanged => {}
        }
    }

    fn open_socket(&self) {
        drop(self.socket.take());
        match Socket::open(self.inlet()) {
            Ok(socket) => *self.socket.borrow_mut() = Some(socket),
            // 1006: what a socket that could not be opened reports (RFC 6455, 7.1.5).
            Err(_) => self.inputs.borrow_mut().push_back(Input::SocketClosed(1006)),
        }
    }

    fn command(&self, peer: PeerId, generation: Generation, command: Command) {
        if let Command::Create { ice_servers, relay_only, offers } = &command {
            self.create(peer, generation, ice_servers, *relay_only, *offers);
            return;
        }
        let connection = self.connections.borrow().get(&peer).cloned();
        let Some(connection) = connection.filter(|connection| connection.generation == generation) else {
            return;
        };
        if command == Command::Close {
            self.connections.borrow_mut().remove(&peer);
        }
        connection.command(command);
    }

    fn create(
        &self,
        peer: PeerId,
        generation: Generation,
        ice_servers: &[IceServer],
        relay_only: bool,
        offers: bool,
    ) {
        let inlet = self.inlet();
        let report: Report = Rc::new(move |event| inlet(Input::Connection(peer, generation, event)));
        let certificate = Some(&self.certificate.certificate);
        let capture = Rc::clone(&self.capture);
        let made =
            Connection::create(generation, ice_servers, relay_only, offers, certificate, capture, report);
        match made {
            Ok(connection) => {
                let earlier = self.connections.borrow_mut().insert(peer, connection);
                drop(earlier);
            }
            Err(error) => {
                web_sys::console::warn_2(&"A connection could not be made:".into(), &error);
                let failed = Input::Connection(peer, generation, ConnectionEvent::Failed);
                self.inputs.borrow_mut().push_back(failed);
            }
        }
    }

    fn list_devices(&self) {
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let list = devices::list().await;
            if let Some(shell) = this.upgrade() {
                (shell.changed)(Change::Devices(list));
            }
        });
    }

    /// Everything the page as a whole can tell.
    fn listen(&self) {
        let Ok(window) = js::window() else { return };
        let keep = |target: &web_sys::EventTarget, event: &str, closure: Closure<dyn FnMut()>| {
            let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
            self.handlers.borrow_mut().push(closure);
        };
        keep(
            &window,
            "pagehide",
            Self::handler(&self.this, |shell| shell.input(Input::Person(Action::ClosePage))),
        );
        for event in ["online", "pageshow"] {
            keep(&window, event, Self::handler(&self.this, |shell| shell.input(Input::NetworkChanged)));
        }
        keep(&window, "offline", Self::handler(&self.this, |shell| shell.input(Input::NetworkLost)));
        // Network Information API (Chromium): from Wi-Fi to mobile, from one cable to another.
        if let Ok(network) = js::get(&window.navigator(), "connection").dyn_into::<web_sys::EventTarget>() {
            keep(&network, "change", Self::handler(&self.this, |shell| shell.input(Input::NetworkChanged)));
        }
        if let Some(document) = window.document() {
            let visible = Self::handler(&self.this, |shell| {
                let document = js::window().ok().and_then(|window| window.document());
                if document.is_some_and(|document| document.visibility_state() == VisibilityState::Visible) {
                    shell.input(Input::NetworkChanged);
                }
            });
            keep(&document, "visibilitychange", visible);
        }
        if let Ok(devices) = window.navigator().media_devices()
            && !devices.is_undefined()
        {
            keep(&devices, "devicechange", Self::handler(&self.this, |shell| shell.list_devices()));
        }
        let paths = Self::handler(&self.this, |shell| {
            for connection in shell.connections.borrow().values() {
                wasm_bindgen_futures::spawn_local(Rc::clone(connection).read_path());
            }
        });
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(
            paths.as_ref().unchecked_ref(),
            PATHS_EVERY_MILLISECONDS,
        );
        self.handlers.borrow_mut().push(paths);
    }
}
