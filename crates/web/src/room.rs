//! The state that follows one call.

use crate::dom::changed;
use crate::{browser, shortcuts, words};
use eyeline_browser::devices::Device as Choice;
use eyeline_browser::view::{Device, Person, Stage, View};
use eyeline_browser::{Action, Change, Client, Link, OpenError, PeerId, Phase, Slot};
use std::cell::{Cell, RefCell};

/// How long a toast stays: long enough to read two short lines twice.
const TOAST_MILLISECONDS: i32 = 5000;

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
    hopeless: Cell<Option<&'static str>>,
    /// Words that go by themselves.
    toast: Cell<Option<&'static str>>,
    address: String,
    /// What was switched on when the person left: microphone and camera.
    left_with: Cell<(bool, bool)>,
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
            toast: Cell::new(None),
            address: browser::address(&link.to_string()),
            left_with: Cell::new((true, true)),
        })));
        wasm_bindgen_futures::spawn_local(async move {
            let opened =
                Client::open(&link, &browser::remembered_name(), move |change| room.follow(change)).await;
            match opened {
                Ok(client) => {
                    room.0.client.replace(Some(client.clone()));
                    client.act_at_once([
                        Action::AlwaysRelay(browser::remembered_hiding()),
                        Action::Switch(Slot::Microphone, true),
                        Action::Switch(Slot::Camera, true),
                    ]);
                }
                Err(OpenError::NoWebRtc) => room.0.hopeless.set(Some(words::no_calls())),
                Err(OpenError::NoRandomness) => room.0.hopeless.set(Some(words::no_randomness())),
            }
            changed();
        });
        room
    }

    fn follow(self, change: Change) {
        match change {
            Change::View(view) => drop(self.0.view.replace(Some(*view))),
            Change::LocalTracks => self.0.tracks.set(self.0.tracks.get().wrapping_add(1)),
            Change::Devices(devices) => drop(self.0.devices.replace(devices)),
        }
        changed();
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
        self.0.hopeless.get()
    }

    /// Words that go by themselves.
    pub(crate) fn toast(self) -> Option<&'static str> {
        self.0.toast.get()
    }

    /// Shows a toast for a while.
    fn say(self, text: &'static str) {
        self.0.toast.set(Some(text));
        changed();
        browser::later(TOAST_MILLISECONDS, move || {
            self.0.toast.set(None);
            changed();
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

    /// Leaves, and remembers what was on.
    pub(crate) fn leave(self) {
        shortcuts::release();
        let on = |slot| self.device(slot) != Device::Off;
        self.0.left_with.set((on(Slot::Microphone), on(Slot::Camera)));
        self.act(Action::Leave);
    }

    /// Comes back as the person left.
    pub(crate) fn rejoin(self) {
        let (microphone, camera) = self.0.left_with.get();
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
