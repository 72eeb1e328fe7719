//! A small world: pages with a real engine each, one real `Rooms`, a seeded network, symbolic browsers. One thread,
//! virtual time, everything from one seed.

pub(crate) mod browser;
pub(crate) mod check;
pub(crate) mod description;
pub(crate) mod evil;
pub(crate) mod look;
pub(crate) mod random;
pub(crate) mod scenario;

use browser::{Browser, Key, Link};
use bytes::BytesMut;
use evil::Evil;
use eyeline_call::input::{Action, CaptureError, ConnectionEvent, ConnectionState, Path};
use eyeline_call::{Call, Config, Effect, Input, View};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, PeerId, RoomSecret};
use eyeline_protocol::inner::Slot;
use eyeline_protocol::outer::{CloseCode, IceServer};
use eyeline_rooms::{AddressGroup, Output, Rooms, Settings, SocketId};
use eyeline_seal::Seal;
use eyeline_seal::symbolic::SymbolicSeal;
use random::Random;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const SECRET: RoomSecret = RoomSecret([7; 16]);

/// More than the events of any world: numbers beyond it are those of events that happen at their own time.
const IN_TIME: u64 = 1 << 48;

/// The whole simulated world.
pub(crate) struct World<S: Seal> {
    pub now: u64,
    pub random: Random,
    queue: BTreeMap<(u64, u64), Event>,
    queued: u64,
    pub pages: Vec<Page<S>>,
    pub index: BTreeMap<PeerId, usize>,
    pub server: Server,
    pub browsers: BTreeMap<Key, Browser>,
    pub links: BTreeMap<(usize, usize), Link>,
    pub evil: Option<Evil>,
    /// Until then what members send each other over the server is lost, repeated and late.
    pub rough_until: u64,
    /// Pages whose line carries sound, and no picture beside it.
    pub narrow: BTreeSet<usize>,
    rough: Evil,
    /// People who will have opened their page for the first time in the end.
    pub expected: usize,
    /// Pages that will be opened again after a crash.
    pub reloads: usize,
    /// How media travels where nothing hides it; drawn anew by each ICE restart if not said.
    pub path: Option<Path>,
    /// An ICE restart leaves a browser without a path, and it says nothing.
    pub restarts_lose_the_path: bool,
    pub delays: Delays,
    make: fn(u64, CertificateHash) -> S,
    pub failure: Option<String>,
    pub events: u64,
    pub log: bool,
    /// All that passes the server, if wanted.
    pub recorded: Option<Vec<u8>>,
}

/// One page: one engine and what its shell would hold.
pub(crate) struct Page<S: Seal> {
    pub id: PeerId,
    pub call: Call<S>,
    pub alive: bool,
    pub killed_at: Option<u64>,
    /// Its program does not run before this: a closed lid. What happens meanwhile waits.
    pub asleep_until: u64,
    /// No socket can be opened before this.
    pub cut_off_until: u64,
    /// How far its clock is ahead of the world's: no two pages' clocks have anything to do with each other.
    pub clock: u64,
    pub certificate: CertificateHash,
    /// What this page's browser finds instead of the others' true certificates.
    pub intercepted: Option<CertificateHash>,
    /// Whether its browser can read certificates.
    pub reads_certificates: bool,
    pub broken_devices: bool,
    /// How many there are of each kind.
    pub devices: u32,
    /// Whether its browser answers what captures are asked of it.
    pub answers: bool,
    pub tracks: BTreeSet<Slot>,
    socket: Option<u64>,
    tick_at: Option<u64>,
    ticks_now: (u64, u32),
    /// Everything the engine has asked for, if wanted.
    pub effects: Option<Vec<Effect>>,
}

/// The server and the sockets to it.
pub(crate) struct Server {
    pub rooms: Rooms,
    pub up: bool,
    sockets: BTreeMap<u64, Socket>,
    next_socket: u64,
    tick_at: Option<u64>,
}

#[derive(Debug)]
struct Socket {
    page: usize,
    /// Nothing gets through any more, and nobody is told.
    black_hole: bool,
    /// Times of the last arrival in each direction: sockets keep the order.
    server_at: u64,
    page_at: u64,
}

/// One-way delays in milliseconds, lowest and highest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub socket: (u64, u64),
    pub media: (u64, u64),
    pub browser: (u64, u64),
}

#[derive(Debug)]
pub(crate) enum Event {
    Tick(usize),
    ServerTick,
    ServerConnected(u64),
    ServerMessage(u64, Vec<u8>),
    ServerClosed(u64),
    ServerControl(u64),
    PageHears(u64, Input),
    Page(usize, Input),
    /// The connection's number goes with it: a later one may have the same key.
    Operation(Key, u64, eyeline_call::effect::Command),
    Happens(Key, u64, ConnectionEvent),
    Changes(Key, u64, ConnectionState),
    Scenario(scenario::Step),
    Open(String),
}

impl World<SymbolicSeal> {
    /// A world of symbolic seals.
    pub(crate) fn symbolic(seed: u64) -> Self {
        Self::new(seed, |number, certificate| SymbolicSeal::new(&SECRET, number, certificate))
    }
}

impl<S: Seal> World<S> {
    pub(crate) fn new(seed: u64, make: fn(u64, CertificateHash) -> S) -> Self {
        Self {
            now: 1000,
            random: Random::new(seed),
            queue: BTreeMap::new(),
            queued: 0,
            pages: Vec::new(),
            index: BTreeMap::new(),
            server: Server {
                rooms: Rooms::new(Settings::default()),
                up: true,
                sockets: BTreeMap::new(),
                next_socket: 1,
                tick_at: None,
            },
            browsers: BTreeMap::new(),
            links: BTreeMap::new(),
            evil: None,
            rough_until: 0,
            narrow: BTreeSet::new(),
            rough: Evil { drops: 20, replays: 20, holds: 20, ..Evil::default() },
            expected: 0,
            reloads: 0,
            path: None,
            restarts_lose_the_path: false,
            delays: Delays { socket: (5, 80), media: (5, 80), browser: (0, 10) },
            make,
            failure: None,
            events: 0,
            log: false,
            recorded: None,
        }
    }

    // --- Pages ------------------------------------------------------------------------------------------------------

    /// Opens a page; its engine's first input is a tick.
    pub(crate) fn open(&mut self, name: &str) -> usize {
        let number = self.pages.len();
        // The number is mixed, so that the order of ids is not the order of arrival.
        let identity = self.random.next();
        let mut certificate = [0; 32];
        certificate[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        let certificate = CertificateHash(certificate);
        let seal = (self.make)(identity, certificate);
        let id = seal.peer_id();
        self.index.insert(id, number);
        self.pages.push(Page {
            id,
            call: Call::new(seal, name, Config::default()),
            alive: true,
            killed_at: None,
            asleep_until: 0,
            cut_off_until: 0,
            clock: 100_000 * (number as u64 + 1),
            certificate,
            intercepted: None,
            reads_certificates: true,
            broken_devices: false,
            devices: 2,
            answers: true,
            tracks: BTreeSet::new(),
            socket: None,
            tick_at: None,
            ticks_now: (0, 0),
            effects: None,
        });
        self.input(number, Input::Tick);
        number
    }

    /// The person does something.
    pub(crate) fn act(&mut self, page: usize, action: Action) {
        self.input(page, Input::Person(action));
    }

    pub(crate) fn view(&self, page: usize) -> View {
        self.pages[page].call.view()
    }

    /// A page goes, and nothing that it says at its end arrives: only its browser tells the server.
    pub(crate) fn go_without_a_word(&mut self, page: usize) {
        if let Some(socket) = self.pages[page].socket {
            self.server_input(eyeline_rooms::Input::PageClosed { socket: SocketId(socket) });
        }
        self.kill(page);
    }

    /// The browser is killed: nobody is told anything but by silence, or by the socket's end.
    pub(crate) fn kill(&mut self, page: usize) {
        self.pages[page].alive = false;
        self.pages[page].killed_at = Some(self.now);
        self.cut_socket(page, true);
        let gone: Vec<_> = self.browsers.keys().filter(|(owner, ..)| *owner == page).copied().collect();
        for key in gone {
            self.vanish(key, false);
        }
    }

    /// Hands one input to a page's engine and does what it asks for.
    pub(crate) fn input(&mut self, page: usize, input: Input) {
        if !self.pages[page].alive {
            return;
        }
        if self.log {
            println!("{:>7} page {page} <- {}", self.now, shortened(&input));
        }
        let mut out = Vec::new();
        let now = Milliseconds(self.now + self.pages[page].clock);
        self.pages[page].call.handle(now, input, &mut out);
        if let Some(kept) = &mut self.pages[page].effects {
            kept.extend(out.iter().cloned());
        }
        for effect in out {
            if self.log && effect != Effect::ViewChanged {
                println!("{:>7} page {page} -> {}", self.now, shortened(&effect));
            }
            self.effect(page, effect);
        }
        self.set_timer(page);
    }

    fn set_timer(&mut self, page: usize) {
        let it = &self.pages[page];
        let deadline = it.call.next_deadline().map(|at| at.0.saturating_sub(it.clock).max(self.now));
        if deadline != self.pages[page].tick_at {
            self.pages[page].tick_at = deadline;
            if let Some(at) = deadline {
                self.schedule_at(at, Event::Tick(page));
            }
        }
    }

    fn effect(&mut self, page: usize, effect: Effect) {
        match effect {
            Effect::OpenSocket => self.open_socket(page),
            Effect::SendSocket(message) => self.send_to_server(page, message),
            Effect::CloseSocket => self.close_socket(page),
            Effect::Capture(slot) => self.capture(page, slot, self.pages[page].broken_devices),
            Effect::CaptureAnother(slot) => {
                let devices = &mut self.pages[page].devices;
                *devices = devices.saturating_sub(1);
                let none = *devices == 0;
                self.capture(page, slot, none);
            }
            Effect::StopCapture(slot) => {
                self.pages[page].tracks.remove(&slot);
            }
            Effect::Connection(peer, generation, command) => {
                self.command((page, peer, generation), command);
            }
            Effect::Tell(_) | Effect::ViewChanged => {}
        }
    }

    /// Something happens to a device. A browser speaks of the end of a track only if there was one.
    pub(crate) fn device(&mut self, page: usize, input: Input) {
        let lost = match input {
            Input::CaptureEnded(slot) | Input::CaptureMuted(slot, _) => Some(slot),
            _ => None,
        };
        let tracks = &mut self.pages[page].tracks;
        if lost.is_some_and(|slot| !tracks.contains(&slot)) {
            return;
        }
        if let Input::CaptureEnded(slot) = input {
            tracks.remove(&slot);
        }
        self.input(page, input);
    }

    fn capture(&mut self, page: usize, slot: Slot, broken: bool) {
        if !self.pages[page].answers {
            return;
        }
        let delay = self.random.between(10, 2000);
        let answer =
            if broken { Input::CaptureFailed(slot, CaptureError::NotFound) } else { Input::Captured(slot) };
        self.schedule(delay, Event::Page(page, answer));
        if slot == Slot::Screen && !broken && self.random.chance(50) {
            self.schedule(delay, Event::Page(page, Input::Captured(Slot::ScreenSound)));
        }
    }

    // --- Sockets ----------------------------------------------------------------------------------------------------

    fn open_socket(&mut self, page: usize) {
        self.close_socket(page);
        let socket = self.server.next_socket;
        self.server.next_socket += 1;
        let at = self.now;
        self.server.sockets.insert(socket, Socket { page, black_hole: false, server_at: at, page_at: at });
        self.pages[page].socket = Some(socket);
        if self.pages[page].cut_off_until > self.now {
            self.toward_page(socket, Input::SocketClosed(1006));
        } else {
            self.toward_server(socket, Event::ServerConnected(socket));
        }
    }

    fn close_socket(&mut self, page: usize) {
        if let Some(socket) = self.pages[page].socket.take() {
            self.toward_server(socket, Event::ServerClosed(socket));
        }
    }

    fn send_to_server(&mut self, page: usize, message: Vec<u8>) {
        if let Some(socket) = self.pages[page].socket {
            self.toward_server(socket, Event::ServerMessage(socket, message));
        }
    }

    /// Cuts a page's socket. `silently`: the server learns of it at once, the page does not exist any more.
    pub(crate) fn cut_socket(&mut self, page: usize, silently: bool) {
        let Some(socket) = self.pages[page].socket else { return };
        if silently {
            self.pages[page].socket = None;
        } else {
            self.toward_page(socket, Input::SocketClosed(1006));
        }
        // The server may learn of it later than the page.
        let delay = self.random.between(0, 3000);
        if let Some(socket) = self.server.sockets.get_mut(&socket) {
            socket.black_hole = true;
        }
        self.schedule(delay, Event::ServerClosed(socket));
    }

    /// From now on nothing gets through a page's socket, and nobody is told.
    pub(crate) fn black_hole(&mut self, page: usize) {
        let Some(socket) = self.pages[page].socket else { return };
        if let Some(socket) = self.server.sockets.get_mut(&socket) {
            socket.black_hole = true;
        }
    }

    /// What is said over a page's socket, either way, arrives after this time and not before: all of it at once.
    pub(crate) fn stall_socket(&mut self, page: usize, time: u64) {
        let Some(socket) = self.pages[page].socket else { return };
        if let Some(socket) = self.server.sockets.get_mut(&socket) {
            socket.server_at = self.now + time;
            socket.page_at = self.now + time;
        }
    }

    pub(crate) fn is_black_holed(&self, page: usize) -> bool {
        let socket = self.pages[page].socket.and_then(|socket| self.server.sockets.get(&socket));
        socket.is_none_or(|socket| socket.black_hole)
    }

    fn toward_server(&mut self, socket: u64, event: Event) {
        let delay = self.socket_delay();
        let at = self.now + delay;
        let Some(info) = self.server.sockets.get_mut(&socket).filter(|socket| !socket.black_hole) else {
            return;
        };
        info.server_at = info.server_at.max(at);
        let at = info.server_at;
        self.schedule_at(at, event);
    }

    fn toward_page(&mut self, socket: u64, input: Input) {
        let delay = self.socket_delay();
        let at = self.now + delay;
        let Some(info) = self.server.sockets.get_mut(&socket).filter(|socket| !socket.black_hole) else {
            return;
        };
        info.page_at = info.page_at.max(at);
        let at = info.page_at;
        self.schedule_at(at, Event::PageHears(socket, input));
    }

    fn socket_delay(&mut self) -> u64 {
        let (low, high) = self.delays.socket;
        self.random.between(low, high)
    }

    // --- Server -----------------------------------------------------------------------------------------------------

    fn server_input(&mut self, input: eyeline_rooms::Input) {
        let mut out = Vec::new();
        self.server.rooms.handle(Milliseconds(self.now), input, &mut out);
        for output in out {
            match output {
                Output::Send { socket: SocketId(socket), bytes } => {
                    let written =
                        eyeline_rooms::Input::Written { socket: SocketId(socket), bytes: bytes.len() };
                    self.server.rooms.handle(Milliseconds(self.now), written, &mut Vec::new());
                    let page = self.server.sockets.get(&socket).map(|socket| socket.page);
                    let messages = match (&mut self.evil, page) {
                        (Some(evil), Some(page)) => evil.twist(page, &bytes, &mut self.random),
                        (None, Some(page)) if self.now < self.rough_until => {
                            self.rough.twist(page, &bytes, &mut self.random)
                        }
                        _ => vec![bytes.to_vec()],
                    };
                    for message in messages {
                        self.toward_page(socket, Input::SocketMessage(message));
                    }
                }
                Output::Ping { socket: SocketId(socket) } => {
                    self.toward_server(socket, Event::ServerControl(socket));
                }
                Output::Close { socket: SocketId(socket), code } => {
                    if !matches!(code, CloseCode::Normal | CloseCode::Replaced | CloseCode::Full)
                        && !matches!(code, CloseCode::GoingAway | CloseCode::TooSlow | CloseCode::JoinTimeout)
                    {
                        self.fail(format!("the server closed a connection with {code:?}"));
                    }
                    self.toward_page(socket, Input::SocketClosed(code as u16));
                }
                // For the relay, which this world does not have.
                Output::Present(_) | Output::Absent(_) | Output::RoomOpened(_) | Output::RoomEnded(_) => {}
            }
        }
        let deadline = self.server.rooms.next_deadline().map(|at| at.0.max(self.now));
        if deadline != self.server.tick_at {
            self.server.tick_at = deadline;
            if let Some(at) = deadline {
                self.schedule_at(at, Event::ServerTick);
            }
        }
    }

    /// `kill -9` of the server: every socket breaks.
    pub(crate) fn crash_server(&mut self) {
        self.server.up = false;
        self.server.rooms = Rooms::new(Settings::default());
        self.server.tick_at = None;
        let sockets: Vec<_> = self.server.sockets.keys().copied().collect();
        for socket in sockets {
            self.toward_page(socket, Input::SocketClosed(1006));
            if let Some(socket) = self.server.sockets.get_mut(&socket) {
                socket.black_hole = true;
            }
        }
    }

    pub(crate) fn start_server(&mut self) {
        self.server.up = true;
    }

    /// SIGTERM: everybody is asked to come back.
    pub(crate) fn drain_server(&mut self) {
        self.server_input(eyeline_rooms::Input::Drain { spread: Milliseconds(1000) });
        self.server.rooms = Rooms::new(Settings::default());
        self.server.tick_at = None;
    }

    // --- Time -------------------------------------------------------------------------------------------------------

    pub(crate) fn schedule(&mut self, delay: u64, event: Event) {
        self.schedule_at(self.now + delay, event);
    }

    pub(crate) fn schedule_at(&mut self, at: u64, event: Event) {
        self.queued += 1;
        self.queue.insert((at, IN_TIME + self.queued), event);
    }

    /// What waits until then comes before whatever happens then.
    fn postpone(&mut self, at: u64, event: Event) {
        self.queued += 1;
        self.queue.insert((at, self.queued), event);
    }

    /// Lets `milliseconds` pass.
    pub(crate) fn run(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while let Some(entry) = self.queue.first_entry() {
            let (at, _) = *entry.key();
            if at > end || self.failure.is_some() {
                break;
            }
            let event = entry.remove();
            self.now = at;
            self.events += 1;
            self.event(event);
        }
        self.now = end;
    }

    /// Lets time pass until `condition` holds, at most `milliseconds`; whether it does.
    pub(crate) fn run_until(&mut self, milliseconds: u64, condition: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + milliseconds;
        while self.now < end && self.failure.is_none() {
            if condition(self) {
                return true;
            }
            self.run(50);
        }
        condition(self)
    }

    /// The page whose program an event runs.
    fn page_of(&self, event: &Event) -> Option<usize> {
        match event {
            Event::Tick(page) | Event::Page(page, _) => Some(*page),
            Event::Operation(key, ..) | Event::Happens(key, ..) | Event::Changes(key, ..) => Some(key.0),
            Event::PageHears(socket, _) => self.pages.iter().position(|page| page.socket == Some(*socket)),
            _ => None,
        }
    }

    fn event(&mut self, event: Event) {
        let wakes = self.page_of(&event).map_or(0, |page| self.pages[page].asleep_until);
        if wakes > self.now {
            if let Event::Tick(page) = event
                && self.pages[page].tick_at == Some(self.now)
            {
                self.pages[page].tick_at = Some(wakes);
            }
            return self.postpone(wakes, event);
        }
        match event {
            Event::Tick(page) => {
                if self.pages[page].tick_at == Some(self.now) {
                    self.pages[page].tick_at = None;
                    self.count_ticks(page);
                    self.input(page, Input::Tick);
                }
            }
            Event::ServerTick => {
                if self.server.tick_at == Some(self.now) {
                    self.server.tick_at = None;
                    self.server_input(eyeline_rooms::Input::Tick);
                }
            }
            Event::ServerConnected(socket) => self.server_connected(socket),
            Event::ServerMessage(socket, message) => {
                if let Some(recorded) = &mut self.recorded {
                    recorded.extend_from_slice(&message);
                }
                let bytes = BytesMut::from(message.as_slice());
                self.server_input(eyeline_rooms::Input::Message { socket: SocketId(socket), bytes });
            }
            Event::ServerClosed(socket) => {
                self.server.sockets.remove(&socket);
                self.server_input(eyeline_rooms::Input::Closed { socket: SocketId(socket) });
            }
            Event::ServerControl(socket) => {
                self.server_input(eyeline_rooms::Input::Control {
                    socket: SocketId(socket),
                    answer_bytes: 0,
                });
            }
            Event::PageHears(socket, input) => {
                if let Some(page) = self.pages.iter().position(|page| page.socket == Some(socket)) {
                    if matches!(input, Input::SocketClosed(_)) {
                        self.pages[page].socket = None;
                    }
                    self.input(page, input);
                }
            }
            Event::Page(page, input) => {
                if let Input::Captured(slot) = input {
                    self.pages[page].tracks.insert(slot);
                }
                self.input(page, input);
            }
            Event::Operation(key, number, command) => {
                if self.browsers.get(&key).is_some_and(|browser| browser.number == number) {
                    self.operation(key, command);
                }
            }
            Event::Happens(key, number, event) => {
                if self.browsers.get(&key).is_some_and(|browser| browser.number == number) {
                    self.happens(key, event);
                }
            }
            Event::Changes(key, stamp, state) => self.changes(key, stamp, state),
            Event::Scenario(step) => self.step(step),
            Event::Open(name) => {
                self.open(&name);
            }
        }
    }

    fn count_ticks(&mut self, page: usize) {
        let (at, count) = self.pages[page].ticks_now;
        self.pages[page].ticks_now = if at == self.now { (at, count + 1) } else { (self.now, 1) };
        if self.pages[page].ticks_now.1 > 10 {
            self.fail(format!("page {page} asks for one tick after the other in the same moment"));
        }
    }

    fn server_connected(&mut self, socket: u64) {
        let Some(page) = self.server.sockets.get(&socket).map(|socket| socket.page) else { return };
        if !self.server.up {
            self.toward_page(socket, Input::SocketClosed(1006));
            return;
        }
        let address = AddressGroup::V4((page as u32).to_be_bytes());
        let ice_servers = ["stun:server.example:3478", "turn:server.example:3478?transport=udp"]
            .map(|url| IceServer { url: url.to_owned(), username: String::new(), credential: String::new() });
        self.server_input(eyeline_rooms::Input::Connected {
            socket: SocketId(socket),
            address,
            ice_servers: ice_servers.to_vec(),
            mapping_check: String::new(),
        });
        self.toward_page(socket, Input::SocketOpened);
    }

    /// Notes the first thing that must not happen.
    pub(crate) fn fail(&mut self, text: String) {
        if self.failure.is_none() {
            self.failure = Some(format!("at {} ms: {text}", self.now));
        }
    }
}

fn shortened(what: &impl core::fmt::Debug) -> String {
    let text = format!("{what:?}");
    if text.len() > 160 { format!("{}…", text.chars().take(160).collect::<String>()) } else { text }
}
