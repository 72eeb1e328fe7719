//! The state that follows one call.

use crate::dom::{Text, changed};
use crate::{browser, late, notices, shortcuts, words};
use eyeline_browser::devices::{Device as Choice, Kind, Sound};
use eyeline_browser::view::{Device, DeviceNews, Person, Stage, View};
use eyeline_browser::{Action, Change, Client, Link, OpenError, Path, PeerId, Phase, Slot};
use std::cell::{Cell, RefCell};

/// How long a toast stays: long enough to read two short lines twice.
const TOAST_MILLISECONDS: i32 = 5000;

/// The same for one that offers something: long enough to decide.
const OFFER_MILLISECONDS: i32 = 12_000;

/// Words that go by themselves.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) text: Text,
    /// A device to take with one click.
    pub(crate) offers: Option<Slot>,
}

/// What this device remembers of a choice, by the device's kind.
fn choice_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Microphone => "eyeline-microphone",
        Kind::Camera => "eyeline-camera",
        Kind::Speaker => "eyeline-speaker",
    }
}

/// What this device remembers of what the browser shall do to the microphone's sound: `m` for music, `n` for noise left
/// in, `e` for echo left in.
const SOUND: &str = "eyeline-sound";

/// What this tab remembers of its call: the room's public name, and which of microphone and camera were off.
const SWITCHED: &str = "eyeline-switched";

/// One call, as the page follows it. Copies are the same one. It stays as long as the page, which has one at most:
/// another link is another page load.
#[derive(Clone, Copy)]
pub(crate) struct Room(&'static State);

struct State {
    client: RefCell<Option<Client>>,
    view: RefCell<Option<View>>,
    /// Counts changes of own tracks.
    tracks: Cell<u32>,
    /// What there is to choose from.
    devices: RefCell<Vec<Choice>>,
    /// Why there can be no call in this browser.
    hopeless: Cell<Option<fn() -> &'static str>>,
    /// Counts choices of a speaker.
    speakers: Cell<u32>,
    /// Words that go by themselves.
    toast: RefCell<Option<Toast>>,
    /// Counts toasts: the end of an earlier one is not that of a later one.
    toasts: Cell<u32>,
    address: String,
    /// The name under which this tab remembers what was on, without the room's secret.
    public_name: String,
    /// Devices have been switched as they were: from here on it is worth remembering what is on.
    remembers: Cell<bool>,
    /// What is switched on, after the call what was: microphone and camera.
    remembered: Cell<(bool, bool)>,
    /// When the present stage began, in milliseconds since 1970, and for how many seconds the one before lasted.
    since: Cell<f64>,
    stayed: Cell<u32>,
    /// The person has talked to somebody straight, and to somebody through a relay.
    ways: Cell<(bool, bool)>,
}

impl Room {
    /// Opens the call of `link`. Camera and microphone are asked for; nothing leaves the browser before Join.
    pub(crate) fn open(link: Link) -> Self {
        let room = Self(Box::leak(Box::new(State {
            client: RefCell::new(None),
            view: RefCell::new(None),
            tracks: Cell::new(0),
            devices: RefCell::new(Vec::new()),
            hopeless: Cell::new(None),
            speakers: Cell::new(0),
            toast: RefCell::new(None),
            toasts: Cell::new(0),
            address: browser::address(&link.to_string()),
            public_name: eyeline_browser::room::public_name(&link),
            remembers: Cell::new(false),
            remembered: Cell::new((true, true)),
            since: Cell::new(0.0),
            stayed: Cell::new(0),
            ways: Cell::default(),
        })));
        wasm_bindgen_futures::spawn_local(async move {
            let opened =
                Client::open(&link, &browser::remembered_name(), move |change| room.follow(change)).await;
            match opened {
                Ok(client) => {
                    room.0.client.replace(Some(client.clone()));
                    room.recall_devices(&client);
                    let (microphone, camera) = room.recall_switches();
                    room.0.remembered.set((microphone, camera));
                    client.act_at_once([
                        Action::AlwaysRelay(browser::remembered_hiding()),
                        Action::Switch(Slot::Microphone, microphone),
                        Action::Switch(Slot::Camera, camera),
                    ]);
                    room.0.remembers.set(true);
                }
                Err(OpenError::NoWebRtc) => room.0.hopeless.set(Some(words::no_calls)),
                Err(OpenError::NoRandomness) => room.0.hopeless.set(Some(words::no_randomness)),
            }
            changed();
        });
        room
    }

    fn follow(self, change: Change) {
        match change {
            Change::View(view) => {
                self.count_time(view.stage);
                self.note_ways(&view);
                let news = self.view(|before| notices::good_news(before, &view)).flatten();
                drop(self.0.view.replace(Some(*view)));
                self.remember_switches();
                if let Some(news) = news {
                    self.say(news);
                }
            }
            Change::LocalTracks => self.0.tracks.set(self.0.tracks.get().wrapping_add(1)),
            Change::Devices(devices) => drop(self.0.devices.replace(devices)),
            Change::News(news) => late::tell(self, news),
            Change::Speaker { lost } => {
                self.0.speakers.set(self.0.speakers.get().wrapping_add(1));
                if lost {
                    self.say(words::speaker_lost());
                }
            }
        }
        changed();
    }

    fn count_time(self, stage: Stage) {
        if stage != self.stage() {
            let now = js_sys::Date::now();
            // Milliseconds fit for longer than browsers run; negative after the clock was set back becomes 0.
            self.0.stayed.set(((now - self.0.since.replace(now)) / 1000.0) as u32);
        }
    }

    /// For how many seconds the person was in the call that they have left.
    pub(crate) fn stayed(self) -> u32 {
        self.0.stayed.get()
    }

    fn note_ways(self, view: &View) {
        if view.stage != Stage::Call {
            return;
        }
        let (mut direct, mut relayed) =
            if self.stage() == Stage::Call { self.0.ways.get() } else { Default::default() };
        for person in view.people.iter().filter(|person| person.phase == Phase::Call) {
            direct |= person.path == Some(Path::Direct);
            relayed |= matches!(person.path, Some(Path::Relayed(_)));
        }
        self.0.ways.set((direct, relayed));
    }

    /// Whether the person talked to somebody straight, and to somebody through a relay, in the call that they have left.
    pub(crate) fn ways(self) -> (bool, bool) {
        self.0.ways.get()
    }

    /// The devices chosen on an earlier day.
    fn recall_devices(self, client: &Client) {
        for kind in [Kind::Microphone, Kind::Camera] {
            if let (Some(slot), id) = (kind.slot(), browser::remembered(choice_of(kind))) {
                client.prefer_device(slot, &id);
            }
        }
        client.choose_speaker(&browser::remembered(choice_of(Kind::Speaker)));
        let sound = browser::remembered(SOUND);
        client.set_sound(Sound {
            echo_cancellation: !sound.contains('e'),
            noise_suppression: !sound.contains('n'),
            music: sound.contains('m'),
        });
    }

    /// The person chooses what the browser shall do to the microphone's sound; it is remembered on this device.
    pub(crate) fn set_sound(self, sound: Sound) {
        let letters = [
            if sound.music { "m" } else { "" },
            if sound.noise_suppression { "" } else { "n" },
            if sound.echo_cancellation { "" } else { "e" },
        ];
        browser::remember(SOUND, &letters.concat());
        self.client(|client| client.set_sound(sound));
    }

    /// The person chooses a device; it is remembered on this device.
    pub(crate) fn choose_device(self, kind: Kind, id: &str) {
        browser::remember(choice_of(kind), id);
        self.client(|client| match kind.slot() {
            Some(slot) => client.choose_device(slot, id),
            None => client.choose_speaker(id),
        });
    }

    /// Takes the device that was offered.
    pub(crate) fn use_appeared_device(self, slot: Slot) {
        self.0.toast.replace(None);
        self.client(|client| {
            if let Some(device) = client.appeared_device(slot) {
                browser::remember(choice_of(device.kind), &device.id);
            }
            client.use_appeared_device(slot);
        });
        changed();
    }

    /// Which of microphone and camera are to be on: as they were in this tab, if it comes back to the same call.
    fn recall_switches(self) -> (bool, bool) {
        let remembered = browser::remembered_in_tab(SWITCHED);
        let off = remembered.strip_prefix(&self.0.public_name).unwrap_or_default();
        (!off.contains('m'), !off.contains('c'))
    }

    fn remember_switches(self) {
        let on = |slot| self.device(slot) != Device::Off;
        let switched = (on(Slot::Microphone), on(Slot::Camera));
        if !self.0.remembers.get()
            || self.stage() == Stage::Left
            || self.0.remembered.replace(switched) == switched
        {
            return;
        }
        let (microphone, camera) = switched;
        let off = [if microphone { "" } else { "m" }, if camera { "" } else { "c" }];
        browser::remember_in_tab(SWITCHED, &[&self.0.public_name, " ", off[0], off[1]].concat());
    }

    /// Says what has happened to a device. Called from the late module only.
    pub(crate) fn tell(self, news: DeviceNews) {
        use DeviceNews::{
            Appeared, Back, FellBack, Interrupted, Lost, NotTaken, ShareEnded, SharesItself, Withdrawn,
        };
        let text: Text = match news {
            FellBack(Slot::Microphone) => {
                words::microphone_fell_back(&self.name_of_device(Slot::Microphone)).into()
            }
            FellBack(slot) => words::camera_fell_back(&self.name_of_device(slot)).into(),
            Lost(Slot::Microphone) => words::microphone_lost().into(),
            Lost(_) => words::camera_lost().into(),
            NotTaken(Slot::Microphone) => words::microphone_not_taken().into(),
            NotTaken(Slot::Camera) => words::camera_not_taken().into(),
            NotTaken(_) => words::screen_not_taken().into(),
            Withdrawn(Slot::Microphone) => words::microphone_withdrawn().into(),
            Withdrawn(_) => words::camera_withdrawn().into(),
            Interrupted(Slot::Microphone) => words::microphone_interrupted().into(),
            Interrupted(_) => words::camera_interrupted().into(),
            Back(Slot::Microphone) => words::microphone_back().into(),
            Back(_) => words::camera_back().into(),
            ShareEnded => words::share_ended().into(),
            SharesItself => words::shares_itself().into(),
            Appeared(slot) => {
                let device = self.client(|client| client.appeared_device(slot)).flatten();
                let label = device.map(|device| device.label).unwrap_or_default();
                let text = match label.as_str() {
                    "" => words::device_appeared_unnamed().into(),
                    label => words::device_appeared(label).into(),
                };
                self.show_toast(Toast { text, offers: Some(slot) }, OFFER_MILLISECONDS);
                return;
            }
        };
        self.say(text);
    }

    /// What the person calls the device that captures a slot now.
    fn name_of_device(self, slot: Slot) -> String {
        let id = self.client(|client| client.current_device(slot)).flatten().unwrap_or_default();
        self.devices(|devices| {
            let device = devices.iter().find(|device| device.id == id && !device.label.is_empty());
            device.map_or_else(|| words::device_another().to_owned(), |device| device.label.clone())
        })
    }

    /// Another number after each choice of a speaker.
    pub(crate) fn speakers(self) -> u32 {
        self.0.speakers.get()
    }

    /// Does something with the client, once there is one.
    pub(crate) fn client<T>(self, work: impl FnOnce(&Client) -> T) -> Option<T> {
        // Cloned first: what is done may lead back here.
        let client = self.0.client.borrow().clone()?;
        Some(work(&client))
    }

    /// The person did something.
    pub(crate) fn act(self, action: Action) {
        self.client(|client| client.act(action));
    }

    /// Raises a hand, or lowers it.
    pub(crate) fn turn_hand(self) {
        let raised = self.view(|view| view.me.hand).unwrap_or(false);
        self.act(Action::RaiseHand(!raised));
    }

    /// Another number after each change of an own track.
    pub(crate) fn tracks(self) -> u32 {
        self.0.tracks.get()
    }

    /// Looks at the view, once there is one.
    pub(crate) fn view<T>(self, look: impl FnOnce(&View) -> T) -> Option<T> {
        self.0.view.borrow().as_ref().map(look)
    }

    /// Where this person is.
    pub(crate) fn stage(self) -> Stage {
        self.view(|view| view.stage).unwrap_or(Stage::Lobby)
    }

    /// An own device.
    pub(crate) fn device(self, slot: Slot) -> Device {
        let device = self.view(|view| match slot {
            Slot::Microphone => view.me.microphone,
            Slot::Camera => view.me.camera,
            Slot::Screen | Slot::ScreenSound => view.me.screen,
        });
        device.unwrap_or(Device::Off)
    }

    /// Looks at the devices there are to choose from.
    pub(crate) fn devices<T>(self, look: impl FnOnce(&[Choice]) -> T) -> T {
        look(&self.0.devices.borrow())
    }

    /// Looks at one of the others.
    pub(crate) fn person<T>(self, peer: PeerId, look: impl FnOnce(&Person) -> T) -> Option<T> {
        self.view(|view| view.people.iter().find(|person| person.peer == peer).map(look)).flatten()
    }

    /// Looks at the others in a phase.
    pub(crate) fn people<T>(self, phase: Phase, look: fn(&Person) -> T) -> Vec<T> {
        let in_phase =
            |view: &View| view.people.iter().filter(|person| person.phase == phase).map(look).collect();
        self.view(in_phase).unwrap_or_default()
    }

    /// Why there can be no call in this browser.
    pub(crate) fn hopeless(self) -> Option<&'static str> {
        self.0.hopeless.get().map(|words| words())
    }

    /// Words that go by themselves.
    pub(crate) fn toast(self) -> Option<Toast> {
        self.0.toast.borrow().clone()
    }

    /// Shows a toast for a while.
    pub(crate) fn say(self, text: impl Into<Text>) {
        self.show_toast(Toast { text: text.into(), offers: None }, TOAST_MILLISECONDS);
    }

    fn show_toast(self, toast: Toast, milliseconds: i32) {
        let number = self.0.toasts.get().wrapping_add(1);
        self.0.toasts.set(number);
        self.0.toast.replace(Some(toast));
        changed();
        browser::later(milliseconds, move || {
            if self.0.toasts.get() == number {
                self.0.toast.replace(None);
                changed();
            }
        });
    }

    /// Copies the link and says so.
    pub(crate) fn copy_link(self, copied: &'static str) {
        wasm_bindgen_futures::spawn_local(async move {
            let done = browser::copy(self.address()).await;
            self.say(if done { copied } else { words::toast_copy_by_hand() });
        });
    }

    /// The whole address of this call.
    pub(crate) fn address(self) -> &'static str {
        &self.0.address
    }

    /// Leaves.
    pub(crate) fn leave(self) {
        shortcuts::release();
        self.act(Action::Leave);
    }

    /// Comes back as the person left.
    pub(crate) fn rejoin(self) {
        let (microphone, camera) = self.0.remembered.get();
        self.client(|client| {
            client.act_at_once([
                Action::Join,
                Action::Switch(Slot::Microphone, microphone),
                Action::Switch(Slot::Camera, camera),
            ]);
        });
    }
}

/// How somebody is called here.
pub(crate) fn name_of(person: &Person) -> String {
    if person.name.is_empty() { words::someone().to_owned() } else { person.name.clone() }
}
