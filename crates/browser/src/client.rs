//! [`Client`]: drives the call engine in a browser.

use crate::capture::{self, Capture};
use crate::certificate::OwnCertificate;
use crate::connection::{Connection, Report};
use crate::devices::{self, Device, Kind, Share, Sound, SpeakerChoice};
use crate::js;
use crate::level::{self, Level};
use crate::socket::Socket;
use crate::statistics::Reading;
use crate::timer::Timer;
use eyeline_call::effect::{Command, Effect};
use eyeline_call::input::{Action, ConnectionEvent, Input};
use eyeline_call::story::Story;
use eyeline_call::talking::Talking;
use eyeline_call::view::{self, DeviceNews, View};
use eyeline_call::{Call, Config};
use eyeline_protocol::ids::{Generation, PeerId};
use eyeline_protocol::inner::Slot;
use eyeline_protocol::link::Link;
use eyeline_protocol::outer::IceServer;
use eyeline_seal::entropy::OperatingSystem;
use eyeline_seal::keys::Identity;
use eyeline_seal::noise::NoiseSeal;
use litemap::LiteMap;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
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
    /// Something to be told in passing.
    News(DeviceNews),
    /// Another speaker: [`Client::route`] every element that sounds. `lost`: the chosen one has been unplugged, and sound
    /// comes from what the system prefers.
    Speaker {
        /// Whether the person is to be told.
        lost: bool,
    },
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
    connections: RefCell<LiteMap<PeerId, Rc<Connection>>>,
    /// Inputs that came while the engine was at work.
    inputs: RefCell<VecDeque<Input>>,
    at_work: Cell<bool>,
    /// Captures asked for in one go, so that the person is asked one question.
    wanted: RefCell<Vec<Slot>>,
    /// What the last look at the devices showed; nothing before the first.
    devices: RefCell<Option<Vec<Device>>>,
    /// The device of each kind that was plugged in last.
    appeared: RefCell<LiteMap<Slot, Device>>,
    /// Where sound is played; empty: where the system prefers.
    speaker: RefCell<String>,
    level: OnceCell<Option<Level>>,
    talking: Cell<Talking>,
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
            devices: RefCell::default(),
            appeared: RefCell::default(),
            speaker: RefCell::default(),
            level: OnceCell::new(),
            talking: Cell::default(),
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
        shell.list_devices(false);
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
}

/// Devices.
impl Client {
    /// From now on, the slot shall be captured with this device: at once if it is captured now. If the device cannot be
    /// had, the one before stays, and [`DeviceNews::NotTaken`] says so.
    pub fn choose_device(&self, slot: Slot, id: &str) {
        self.prefer_device(slot, id);
        self.act(Action::DeviceChosen(slot));
    }

    /// The slot's next capture shall prefer this device: for what was chosen on an earlier day. Changes nothing that is
    /// captured now.
    pub fn prefer_device(&self, slot: Slot, id: &str) {
        self.0.capture.choose(slot, id.to_owned());
    }

    /// The id of the device that captures the slot now, for a picker to show; `None` while nothing is captured.
    pub fn current_device(&self, slot: Slot) -> Option<String> {
        self.0.capture.device(slot)
    }

    /// The device that [`DeviceNews::Appeared`] tells of.
    pub fn appeared_device(&self, slot: Slot) -> Option<Device> {
        self.0.appeared.borrow().get(&slot).cloned()
    }

    /// "Use it": takes the device that appeared, and with a headset's microphone its speaker.
    pub fn use_appeared_device(&self, slot: Slot) {
        let Some(device) = self.0.appeared.borrow_mut().remove(&slot) else { return };
        self.choose_device(slot, &device.id);
        let list = self.0.devices.borrow();
        let speaker = list.iter().flatten().find(|other| {
            other.kind == Kind::Speaker && !device.group.is_empty() && other.group == device.group
        });
        let speaker = speaker.map(|speaker| speaker.id.clone());
        drop(list);
        if let Some(speaker) = speaker.filter(|_| devices::speaker_choice() != SpeakerChoice::System) {
            self.choose_speaker(&speaker);
        }
    }

    /// Whether there is a second camera on the other side of this device: on telephones.
    pub fn can_flip_camera(&self) -> bool {
        let list = self.0.devices.borrow();
        let cameras = list.iter().flatten().filter(|device| device.kind == Kind::Camera).count();
        cameras > 1 && self.0.capture.knows_facing()
    }

    /// From the front camera to the one at the back, or the other way.
    pub fn flip_camera(&self) {
        self.0.capture.turn_around();
        self.act(Action::DeviceSwapped(Slot::Camera));
    }

    /// What the browser does to the microphone's sound.
    pub fn sound(&self) -> Sound {
        self.0.capture.sound()
    }

    /// Changes it: at once if the microphone is captured now, else for the next time.
    pub fn set_sound(&self, sound: Sound) {
        if self.sound() == sound {
            return;
        }
        self.0.capture.set_sound(sound);
        // Chromium gives a device that is captured already as it is.
        self.act(Action::DeviceSwapped(Slot::Microphone));
    }

    /// How the person can choose where sound is played.
    pub fn speaker_choice(&self) -> SpeakerChoice {
        devices::speaker_choice()
    }

    /// Where sound is played: the id of a [`Kind::Speaker`]; empty: where the system prefers.
    pub fn speaker(&self) -> String {
        self.0.speaker.borrow().clone()
    }

    /// From now on, sound is played there; `Change::Speaker` follows.
    pub fn choose_speaker(&self, id: &str) {
        self.0.set_speaker(id, false);
    }

    /// Lets the browser ask the person for a speaker that it does not name by itself ([`SpeakerChoice::Ask`]); wants a
    /// click. What they pick is used and listed from then on.
    pub fn ask_for_speaker(&self) {
        let this = self.0.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let picked = devices::ask_for_speaker().await;
            if let (Some(shell), Some(id)) = (this.upgrade(), picked) {
                shell.set_speaker(&id, false);
                shell.list_devices(false);
            }
        });
    }

    /// Lets an element play on the chosen speaker: when it is made, and after each `Change::Speaker`.
    pub fn route(&self, element: &HtmlMediaElement) {
        let (element, speaker) = (element.clone(), self.speaker());
        wasm_bindgen_futures::spawn_local(async move { level::set_speaker(&element, &speaker).await });
    }

    /// Plays two soft notes on the chosen speaker; wants a click.
    pub fn play_tone(&self) {
        let speaker = self.speaker();
        wasm_bindgen_futures::spawn_local(async move {
            let _ = level::play_tone(speaker).await;
        });
    }

    /// Whether this device can share a screen at all. Telephones cannot: say so, and let the button stay.
    pub fn can_share(&self) -> bool {
        capture::can_share()
    }

    /// What a shared screen is to be good at.
    pub fn share(&self) -> Share {
        self.0.capture.share()
    }

    /// Changes it, in the middle of sharing too. Pausing is [`Action::PauseShare`].
    pub fn set_share(&self, share: Share) {
        self.0.capture.set_share(share);
        for connection in self.0.connections.borrow().values() {
            let connection = Rc::clone(connection);
            wasm_bindgen_futures::spawn_local(async move { connection.tune(Slot::Screen).await });
        }
    }

    /// How loud the own microphone is at this moment, muted or not: from 0 (silence) to 1 (loud). 0 while nothing is
    /// captured, and in some browsers before the first click on the page. Cheap: ask it for every picture of a meter.
    pub fn own_level(&self) -> f32 {
        self.heard().unwrap_or_default()
    }

    /// The same; `None` while it cannot be told.
    pub(crate) fn heard(&self) -> Option<f32> {
        let track = self.0.capture.track(Slot::Microphone);
        if track.is_none() && self.0.level.get().is_none() {
            return None;
        }
        let level = self.0.level.get_or_init(Level::new).as_ref()?;
        level.follow(track);
        level.heard()
    }

    /// How loud a person's voice is at this moment, from 0 (silence) to 1 (loud), on the same scale. Cheap: ask it for
    /// everybody ten times a second.
    pub fn level_of(&self, peer: PeerId) -> f32 {
        let connection = self.0.connections.borrow().get(&peer).cloned();
        connection.map_or(0.0, |connection| connection.level())
    }

    /// Whether the person talks although the microphone is muted. Ask it four to ten times a second in a call: each
    /// asking takes one look at the microphone.
    pub fn is_talking_while_muted(&self) -> bool {
        let muted = self.0.call.borrow().device(Slot::Microphone) == view::Device::Off;
        let mut talking = self.0.talking.get();
        let talks = talking.look(js::now(), muted, if muted { self.own_level() } else { 0.0 });
        self.0.talking.set(talking);
        talks
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
                self.list_devices(false);
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
            Effect::CaptureAnother(slot) => {
                Rc::clone(&self.capture).acquire_another(slot, self.inlet());
            }
            Effect::Tell(news) => (self.changed)(Change::News(news)),
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

    fn set_speaker(&self, id: &str, lost: bool) {
        if *self.speaker.borrow() != id {
            id.clone_into(&mut self.speaker.borrow_mut());
            (self.changed)(Change::Speaker { lost });
        }
    }

    /// Looks what devices there are. `changed`: because the browser says that there are others than before.
    fn list_devices(&self, changed: bool) {
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let list = devices::list().await;
            if let Some(shell) = this.upgrade() {
                shell.devices_are(list, changed);
            }
        });
    }

    fn devices_are(&self, list: Vec<Device>, changed: bool) {
        let before = self.devices.replace(Some(list.clone()));
        (self.changed)(Change::Devices(list.clone()));
        if !changed {
            return;
        }
        for kind in [Kind::Microphone, Kind::Camera] {
            // Not every browser ends the track of a device that is no more.
            if let Some(slot) = kind.slot()
                && self.capture.device(slot).is_some_and(|id| devices::is_gone(&list, kind, &id))
            {
                self.input(Input::CaptureEnded(slot));
            }
        }
        if devices::is_gone(&list, Kind::Speaker, &self.speaker.borrow().clone()) {
            self.set_speaker("", true);
        }
        for device in before.map(|before| devices::appeared(&before, &list)).unwrap_or_default() {
            if let Some(slot) = device.kind.slot() {
                self.appeared.borrow_mut().insert(slot, device);
                self.input(Input::DeviceAppeared(slot));
            }
        }
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
            keep(&devices, "devicechange", Self::handler(&self.this, |shell| shell.list_devices(true)));
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
