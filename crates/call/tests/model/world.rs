//! The state that is explored: pages with a real engine each, one real `Rooms`, everything that is under way between
//! them, and what may still go wrong. No dice: whatever can happen next is an [`Step`], and the checker tries each.

use crate::browser::Browser;
use bytes::BytesMut;
use eyeline_call::input::{Action, ConnectionEvent};
use eyeline_call::{Call, Config, Effect, Input};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId, RoomSecret};
use eyeline_rooms::{AddressGroup, Output, Rooms, Settings, SocketId};
use eyeline_seal::Seal;
use eyeline_seal::symbolic::SymbolicSeal;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A peer connection's name: the owner, the other page, the generation.
pub(crate) type Key = (usize, usize, u32);

/// What must hold in every state. The first breach is kept in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// No media before proof.
    Proven,
    /// One connection of a pair.
    One,
    /// Once and in order.
    Once,
    /// A living connection stays.
    Living,
    /// Every operation is possible.
    Operations,
    /// No ticks without end.
    Quiet,
    /// The rooms add up.
    Rooms,
}

/// What may still go wrong, by kind: how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Faults {
    /// The server dies, and every socket with it. It comes back at any later moment.
    pub(crate) crashes: u8,
    /// A socket breaks, with what is under way on it. The server may learn of it much later than the page.
    pub(crate) cuts: u8,
    /// Time passes although something is under way: it is late.
    pub(crate) late: u8,
    /// Two pages' path is dead for ever; new ones can be found.
    pub(crate) lost_paths: u8,
    /// DTLS between two pages is dead: only a new connection helps.
    pub(crate) broken: u8,
    /// A page is told that its network is another.
    pub(crate) networks: u8,
    /// A person takes another name.
    pub(crate) renames: u8,
    /// A person leaves.
    pub(crate) leaves: u8,
}

/// How the pages start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Start {
    /// Just opened; they stay in the lobby.
    Lobby,
    /// Just opened, and everybody has clicked on Join.
    Joining,
    /// In the call, connected, at rest.
    Connected,
}

/// What is delivered at once, so that its order is not explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Prompt {
    pub(crate) to_server: bool,
    pub(crate) to_page: bool,
    pub(crate) events: bool,
    pub(crate) channels: bool,
}

/// A small instance to explore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Instance {
    pub(crate) people: usize,
    pub(crate) start: Start,
    pub(crate) prompt: Prompt,
    /// Page 0 finds another certificate than the one whose hash came sealed: somebody is in between.
    pub(crate) intercepted: bool,
    /// What is due in the same moment at several pages may come before what is under way.
    pub(crate) at_once: bool,
    pub(crate) faults: Faults,
    /// Faults happen within this time from the start.
    pub(crate) faults_within: Milliseconds,
    /// Exploration ends this long after the start; from there each state must heal by itself.
    pub(crate) explored: Milliseconds,
}

/// Something that can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// The next of a socket's words reach the server.
    ToServer(u64),
    /// The next of a socket's words reach its page.
    ToPage(u64),
    /// A browser tells what happened next.
    Event(Key),
    /// A browser hands over the next message of the data channel.
    Channel(Key),
    /// Time passes until the next thing that is due.
    Time,
    Crash,
    Restart,
    Cut(usize),
    LosePath(usize, usize),
    Break(usize, usize),
    Network(usize),
    Rename(usize),
    Leave(usize),
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) instance: Instance,
    pub(crate) now: Milliseconds,
    pub(crate) pages: Vec<Arc<Page>>,
    /// `None` while the server is down.
    pub(crate) rooms: Option<Arc<Rooms>>,
    sockets: BTreeMap<u64, Arc<Socket>>,
    last_socket: u64,
    pub(crate) browsers: BTreeMap<Key, Browser>,
    pub(crate) last_browser: u64,
    /// Counts changes after which old paths are dead.
    pub(crate) links: BTreeMap<(usize, usize), u64>,
    left: Faults,
    /// Until when something may go wrong, and until when everything is explored.
    faults_until: Milliseconds,
    pub(crate) explored_until: Milliseconds,
    /// Something happened after which a connection may be closed.
    pub(crate) harmed: bool,
    pub(crate) breach: Option<(Rule, String)>,
    /// Print what happens.
    pub(crate) log: bool,
}

/// One page: a real engine and what its shell would hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Page {
    pub(crate) id: PeerId,
    pub(crate) certificate: CertificateHash,
    pub(crate) call: Call<SymbolicSeal>,
    socket: Option<u64>,
    /// How often the person took another name.
    renamed: u32,
    /// The newest name this page was told by each other.
    heard: BTreeMap<PeerId, u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Socket {
    page: usize,
    to_server: VecDeque<ToServer>,
    to_page: VecDeque<Input>,
    /// Nothing is added any more.
    dead: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum ToServer {
    Connected,
    Message(Vec<u8>),
    Pong,
    Closed,
}

/// Who is due next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Page(usize),
    Server,
    Browser(Key),
}

const SECRET: RoomSecret = RoomSecret([7; 16]);

impl World {
    pub(crate) fn new(instance: Instance) -> Self {
        let mut world = Self {
            instance,
            now: Milliseconds(1000),
            pages: Vec::new(),
            rooms: Some(Arc::new(Rooms::new(Settings::default()))),
            sockets: BTreeMap::new(),
            last_socket: 0,
            browsers: BTreeMap::new(),
            // A user name fragment has four characters at least (RFC 8839, 5.4): numbers are made large enough.
            last_browser: 0x1000,
            links: BTreeMap::new(),
            left: Faults::default(),
            faults_until: Milliseconds(0),
            explored_until: Milliseconds(0),
            harmed: false,
            breach: None,
            log: false,
        };
        for number in 0..instance.people {
            let certificate = CertificateHash([number as u8 + 1; 32]);
            let seal = SymbolicSeal::new(&SECRET, number as u64, certificate);
            world.pages.push(Arc::new(Page {
                id: seal.peer_id(),
                certificate,
                call: Call::new(seal, &name(number, 0), Config::default()),
                socket: None,
                renamed: 0,
                heard: BTreeMap::new(),
            }));
        }
        for page in 0..instance.people {
            world.input(page, Input::Tick);
            if instance.start != Start::Lobby {
                world.input(page, Input::Person(Action::Join));
            }
        }
        if instance.start == Start::Connected {
            world.rest(Milliseconds::seconds(8));
            // The pages' heartbeats have nothing to do with each other: 8 s are enough for all else.
            assert_eq!(world.settled(), Ok(()), "a call without faults settles");
        }
        world.left = instance.faults;
        world.faults_until = world.now + instance.faults_within;
        world.explored_until = world.now + instance.explored;
        world.after();
        world
    }

    // --- What can happen next ---------------------------------------------------------------------------------------

    /// Everything that can happen next.
    pub(crate) fn steps(&self, steps: &mut Vec<Step>) {
        if self.breach.is_some() || self.now >= self.explored_until {
            return;
        }
        self.under_way(steps);
        let idle = steps.is_empty();
        if self.now <= self.faults_until {
            self.faults(steps);
        }
        if self.rooms.is_none() {
            steps.push(Step::Restart);
        }
        let due = self.next_due();
        // What is under way is not late if something else of this very moment comes before it.
        let due_now = self.instance.at_once && due.is_some_and(|(at, _)| at <= self.now);
        if due.is_some() && (idle || due_now || self.left.late > 0) {
            steps.push(Step::Time);
        }
    }

    /// What is under way and can arrive.
    fn under_way(&self, steps: &mut Vec<Step>) {
        for (number, socket) in &self.sockets {
            if !socket.to_server.is_empty() {
                steps.push(Step::ToServer(*number));
            }
            if !socket.to_page.is_empty() {
                steps.push(Step::ToPage(*number));
            }
        }
        for (key, browser) in &self.browsers {
            if browser.has_event() {
                steps.push(Step::Event(*key));
            }
            if browser.has_message() {
                steps.push(Step::Channel(*key));
            }
        }
    }

    fn faults(&self, steps: &mut Vec<Step>) {
        let people = self.instance.people;
        if self.left.crashes > 0 && self.rooms.is_some() {
            steps.push(Step::Crash);
        }
        for page in 0..people {
            let has_socket = self.pages[page].socket.is_some_and(|socket| !self.sockets[&socket].dead);
            if self.left.cuts > 0 && has_socket {
                steps.push(Step::Cut(page));
            }
            if self.left.networks > 0 {
                steps.push(Step::Network(page));
            }
            if self.left.renames > 0 && page == 0 {
                steps.push(Step::Rename(page));
            }
            if self.left.leaves > 0 && page == 0 {
                steps.push(Step::Leave(page));
            }
            for other in page + 1..people {
                let connected = self.browsers.keys().any(|(one, two, _)| (*one, *two) == (page, other));
                if self.left.lost_paths > 0 && connected {
                    steps.push(Step::LosePath(page, other));
                }
                if self.left.broken > 0 && connected {
                    steps.push(Step::Break(page, other));
                }
            }
        }
    }

    fn next_due(&self) -> Option<(Milliseconds, Due)> {
        let pages = self.pages.iter().enumerate();
        let pages = pages.filter_map(|(page, it)| Some((it.call.next_deadline()?, Due::Page(page))));
        let server = self.rooms.iter().filter_map(|rooms| Some((rooms.next_deadline()?, Due::Server)));
        let browsers = self.browsers.iter();
        let browsers = browsers.filter_map(|(key, browser)| Some((browser.deadline()?, Due::Browser(*key))));
        pages.chain(server).chain(browsers).min()
    }

    // --- What happens -----------------------------------------------------------------------------------------------

    /// One step, and whatever is prompt after it.
    pub(crate) fn step(&mut self, step: Step) {
        if self.log {
            println!("{:>7} {step:?}", self.now.0);
        }
        let left = &mut self.left;
        match step {
            Step::ToServer(_) | Step::ToPage(_) | Step::Event(_) | Step::Channel(_) => self.arrive(step),
            Step::Time => self.time(),
            Step::Restart => self.rooms = Some(Arc::new(Rooms::new(Settings::default()))),
            Step::Crash => {
                left.crashes -= 1;
                self.crash();
            }
            Step::Cut(page) => {
                left.cuts -= 1;
                self.cut(page);
            }
            Step::LosePath(one, other) => {
                left.lost_paths -= 1;
                self.harmed = true;
                *self.links.entry((one, other)).or_default() += 1;
                self.reconsider_pair(one, other);
            }
            Step::Break(one, other) => {
                left.broken -= 1;
                self.harmed = true;
                for (key, browser) in &mut self.browsers {
                    browser.broken |= (key.0, key.1) == (one, other);
                }
                self.reconsider_pair(one, other);
            }
            Step::Network(page) => {
                left.networks -= 1;
                self.input(page, Input::NetworkChanged);
            }
            Step::Rename(page) => {
                left.renames -= 1;
                let it = Arc::make_mut(&mut self.pages[page]);
                it.renamed += 1;
                let name = name(page, it.renamed);
                self.input(page, Input::Person(Action::SetName(name)));
            }
            Step::Leave(page) => {
                left.leaves -= 1;
                self.harmed = true;
                self.input(page, Input::Person(Action::Leave));
            }
        }
        self.after();
    }

    fn arrive(&mut self, step: Step) {
        match step {
            Step::ToServer(socket) => self.server_hears(socket),
            Step::ToPage(socket) => self.page_hears(socket),
            Step::Event(key) => self.happens(key),
            Step::Channel(key) => self.hears(key),
            _ => {}
        }
    }

    /// Delivers what is prompt, forgets sockets that are over, and looks whether everything is as it must be.
    fn after(&mut self) {
        let prompt = self.instance.prompt;
        let mut steps = Vec::new();
        loop {
            self.sockets.retain(|number, socket| {
                let held = self.pages[socket.page].socket == Some(*number);
                held || !socket.to_server.is_empty()
            });
            steps.clear();
            self.under_way(&mut steps);
            let next = steps.iter().find(|step| match step {
                Step::ToServer(_) => prompt.to_server,
                Step::ToPage(_) => prompt.to_page,
                // Signs of life come every second and say little: their order would make the space many times larger.
                Step::Event(key) => prompt.events || self.browsers[key].counts_next(),
                Step::Channel(key) => prompt.channels || self.browsers[key].beats_next(),
                _ => false,
            });
            match next {
                Some(step) => self.arrive(*step),
                None => break,
            }
        }
        if let Some(rooms) = &self.rooms
            && let Err(text) = rooms.check_invariants()
        {
            self.fail(Rule::Rooms, text.to_owned());
        }
    }

    /// Lets `time` pass; everything arrives at once and nothing goes wrong.
    pub(crate) fn rest(&mut self, time: Milliseconds) {
        let end = self.now + time;
        let mut steps = Vec::new();
        for _ in 0..1_000_000 {
            steps.clear();
            self.under_way(&mut steps);
            let due = self.next_due().is_some_and(|(at, _)| at <= end);
            match steps.first() {
                Some(step) => self.step(*step),
                None if due => self.step(Step::Time),
                None => {
                    self.now = end;
                    return;
                }
            }
            if self.breach.is_some() {
                return;
            }
        }
        self.fail(Rule::Quiet, "no end of it in no time".to_owned());
    }

    fn time(&mut self) {
        let mut under_way = Vec::new();
        self.under_way(&mut under_way);
        let Some((at, due)) = self.next_due() else { return };
        if !under_way.is_empty() && at > self.now {
            self.left.late -= 1;
        }
        self.now = self.now.max(at);
        match due {
            Due::Page(page) => self.tick(page),
            Due::Server => self.server(eyeline_rooms::Input::Tick),
            Due::Browser(key) => self.browser_due(key),
        }
    }

    /// What is due becomes due again at most a few times in one moment: a socket given up is opened anew, …
    fn tick(&mut self, page: usize) {
        for _ in 0..4 {
            self.input(page, Input::Tick);
            if self.pages[page].call.next_deadline().is_none_or(|next| next > self.now) {
                return;
            }
        }
        self.fail(Rule::Quiet, format!("page {page} asks for one tick after the other"));
    }

    fn reconsider_pair(&mut self, one: usize, other: usize) {
        let keys: Vec<_> =
            self.browsers.keys().filter(|key| (key.0, key.1) == (one, other)).copied().collect();
        for key in keys {
            self.reconsider(key);
        }
    }

    pub(crate) fn connection_input(&mut self, (owner, other, generation): Key, event: ConnectionEvent) {
        let peer = self.pages[other].id;
        self.input(owner, Input::Connection(peer, Generation(generation), event));
    }

    fn input(&mut self, page: usize, input: Input) {
        if self.log {
            println!("{:>7} page {page} <- {}", self.now.0, shortened(&input));
        }
        let mut out = Vec::new();
        Arc::make_mut(&mut self.pages[page]).call.handle(self.now, input, &mut out);
        for effect in out {
            if self.log && effect != Effect::ViewChanged {
                println!("{:>7} page {page} -> {}", self.now.0, shortened(&effect));
            }
            self.effect(page, effect);
        }
    }

    fn effect(&mut self, page: usize, effect: Effect) {
        match effect {
            Effect::OpenSocket => {
                self.close_socket(page);
                self.last_socket += 1;
                let to_server = VecDeque::from([ToServer::Connected]);
                let socket = Socket { page, to_server, to_page: VecDeque::new(), dead: false };
                self.sockets.insert(self.last_socket, Arc::new(socket));
                Arc::make_mut(&mut self.pages[page]).socket = Some(self.last_socket);
            }
            Effect::SendSocket(message) => {
                if let Some(socket) = self.pages[page].socket {
                    self.say_to_server(socket, ToServer::Message(message));
                }
            }
            Effect::CloseSocket => self.close_socket(page),
            Effect::Capture(_) | Effect::CaptureAnother(_) | Effect::StopCapture(_) | Effect::Tell(_) => {}
            Effect::Connection(peer, generation, command) => {
                if let Some(other) = self.pages.iter().position(|page| page.id == peer) {
                    self.command((page, other, generation.0), command);
                }
            }
            Effect::ViewChanged => self.look(page),
        }
    }

    /// Names are numbered: whoever hears them in another order was told something twice or too late.
    fn look(&mut self, page: usize) {
        let view = self.pages[page].call.view();
        for person in view.people {
            let Some(number) = person.name.rsplit(' ').next().and_then(|text| text.parse::<u32>().ok())
            else {
                continue;
            };
            let heard = Arc::make_mut(&mut self.pages[page]).heard.entry(person.peer).or_default();
            if number < *heard {
                self.fail(Rule::Once, format!("page {page} is told an old name again: {}", person.name));
            } else {
                *heard = number;
            }
        }
    }

    // --- Sockets and the server -------------------------------------------------------------------------------------

    fn close_socket(&mut self, page: usize) {
        if let Some(socket) = Arc::make_mut(&mut self.pages[page]).socket.take() {
            self.say_to_server(socket, ToServer::Closed);
        }
    }

    fn say_to_server(&mut self, socket: u64, what: ToServer) {
        if let Some(socket) = self.sockets.get_mut(&socket).filter(|socket| !socket.dead) {
            Arc::make_mut(socket).to_server.push_back(what);
        }
    }

    fn say_to_page(&mut self, socket: u64, what: Input) {
        if let Some(socket) = self.sockets.get_mut(&socket).filter(|socket| !socket.dead) {
            Arc::make_mut(socket).to_page.push_back(what);
        }
    }

    fn cut(&mut self, page: usize) {
        let Some(number) = self.pages[page].socket else { return };
        let Some(socket) = self.sockets.get_mut(&number).map(Arc::make_mut) else { return };
        let known = socket.to_server.front() != Some(&ToServer::Connected);
        socket.to_server.clear();
        if known {
            socket.to_server.push_back(ToServer::Closed);
        }
        socket.to_page = VecDeque::from([Input::SocketClosed(1006)]);
        socket.dead = true;
    }

    fn crash(&mut self) {
        self.rooms = None;
        for socket in self.sockets.values_mut().map(Arc::make_mut) {
            socket.to_server.clear();
            socket.to_page = VecDeque::from([Input::SocketClosed(1006)]);
            socket.dead = true;
        }
    }

    fn server_hears(&mut self, number: u64) {
        let Some(socket) = self.sockets.get_mut(&number).map(Arc::make_mut) else { return };
        let page = socket.page;
        let Some(what) = socket.to_server.pop_front() else { return };
        if self.rooms.is_none() {
            if what == ToServer::Connected {
                socket.to_server.clear();
                socket.to_page = VecDeque::from([Input::SocketClosed(1006)]);
                socket.dead = true;
            }
            return;
        }
        let socket = SocketId(number);
        match what {
            ToServer::Connected => {
                self.server(eyeline_rooms::Input::Connected {
                    socket,
                    address: AddressGroup::V4((page as u32).to_be_bytes()),
                    ice_servers: Vec::new(),
                    mapping_check: String::new(),
                });
                self.say_to_page(number, Input::SocketOpened);
            }
            ToServer::Message(message) => {
                let bytes = BytesMut::from(message.as_slice());
                self.server(eyeline_rooms::Input::Message { socket, bytes });
            }
            ToServer::Pong => self.server(eyeline_rooms::Input::Control { socket, answer_bytes: 0 }),
            ToServer::Closed => self.server(eyeline_rooms::Input::Closed { socket }),
        }
    }

    fn page_hears(&mut self, number: u64) {
        let Some(socket) = self.sockets.get_mut(&number).map(Arc::make_mut) else { return };
        let page = socket.page;
        let Some(input) = socket.to_page.pop_front() else { return };
        if self.pages[page].socket != Some(number) {
            // The page has another, or none: nothing of this one reaches it.
            socket.to_page.clear();
            return;
        }
        if matches!(input, Input::SocketClosed(_)) {
            Arc::make_mut(&mut self.pages[page]).socket = None;
        }
        self.input(page, input);
    }

    fn server(&mut self, input: eyeline_rooms::Input) {
        let Some(rooms) = self.rooms.as_mut().map(Arc::make_mut) else { return };
        let mut out = Vec::new();
        rooms.handle(self.now, input, &mut out);
        for output in &out {
            if let Output::Send { socket, bytes } = output {
                let written = eyeline_rooms::Input::Written { socket: *socket, bytes: bytes.len() };
                rooms.handle(self.now, written, &mut Vec::new());
            }
        }
        for output in out {
            match output {
                Output::Send { socket, bytes } => {
                    self.say_to_page(socket.0, Input::SocketMessage(bytes.to_vec()));
                }
                Output::Ping { socket } => self.say_to_server(socket.0, ToServer::Pong),
                Output::Close { socket, code } => {
                    self.say_to_page(socket.0, Input::SocketClosed(code as u16));
                }
                Output::Present(_) | Output::Absent(_) | Output::RoomOpened(_) | Output::RoomEnded(_) => {}
            }
        }
    }

    /// Notes the first breach of a rule.
    pub(crate) fn fail(&mut self, rule: Rule, text: String) {
        if self.breach.is_none() {
            self.breach = Some((rule, text));
        }
    }
}

/// A name that says how many there were before it.
pub(crate) fn name(page: usize, renamed: u32) -> String {
    format!("person {page} {renamed}")
}

impl Page {
    /// The name its person took last.
    pub(crate) fn name(&self, number: usize) -> String {
        name(number, self.renamed)
    }
}

fn shortened(what: &impl core::fmt::Debug) -> String {
    let text = format!("{what:?}");
    if text.len() > 200 { format!("{}…", text.chars().take(200).collect::<String>()) } else { text }
}
