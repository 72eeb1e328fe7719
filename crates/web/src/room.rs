//! The signals that follow one call.

use crate::{browser, words};
use eyeline_browser::devices::Device;
use eyeline_browser::view::{Me, Person, Stage, View};
use eyeline_browser::{Action, Change, Client, Link, OpenError, Phase, Slot};
use leptos::prelude::*;
use std::time::Duration;

/// How long a toast stays: long enough to read two short lines twice.
const TOAST: Duration = Duration::from_secs(5);

/// One call, as the page follows it. Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    client: StoredValue<Option<Client>, LocalStorage>,
    view: RwSignal<Option<View>>,
    /// Counts changes of own tracks.
    tracks: RwSignal<u32>,
    /// What there is to choose from.
    pub(crate) devices: RwSignal<Vec<Device>>,
    /// Why there can be no call in this browser.
    pub(crate) hopeless: RwSignal<Option<&'static str>>,
    /// A word that goes by itself.
    pub(crate) toast: RwSignal<Option<&'static str>>,
    address: StoredValue<String>,
    /// What was switched on when the person left.
    left_with: StoredValue<(bool, bool)>,
}

impl Room {
    /// Opens the call of `link`. Camera and microphone are asked for; nothing leaves the browser before Join.
    pub(crate) fn open(link: Link) -> Self {
        let room = Self {
            client: StoredValue::new_local(None),
            view: RwSignal::new(None),
            tracks: RwSignal::new(0),
            devices: RwSignal::new(Vec::new()),
            hopeless: RwSignal::new(None),
            toast: RwSignal::new(None),
            address: StoredValue::new(browser::address(&link.to_string())),
            left_with: StoredValue::new((true, true)),
        };
        wasm_bindgen_futures::spawn_local(async move {
            let changed = move |change| room.follow(change);
            match Client::open(&link, &browser::remembered_name(), changed).await {
                Ok(client) => {
                    room.client.set_value(Some(client.clone()));
                    client.act_at_once([
                        Action::Switch(Slot::Microphone, true),
                        Action::Switch(Slot::Camera, true),
                    ]);
                }
                Err(OpenError::NoWebRtc) => room.hopeless.set(Some(words::no_webrtc())),
                Err(OpenError::NoRandomness) => room.hopeless.set(Some(words::no_randomness())),
            }
        });
        room
    }

    fn follow(self, change: Change) {
        match change {
            Change::View(view) => self.view.set(Some(*view)),
            Change::LocalTracks => self.tracks.update(|count| *count = count.wrapping_add(1)),
            Change::Devices(devices) => self.devices.set(devices),
        }
    }

    /// Does something with the client, once there is one.
    pub(crate) fn client<T>(self, work: impl FnOnce(&Client) -> T) -> Option<T> {
        // Cloned first: what is done may lead back here.
        let client = self.client.with_value(Clone::clone)?;
        Some(work(&client))
    }

    /// The person did something.
    pub(crate) fn act(self, action: Action) {
        self.client(|client| client.act(action));
    }

    /// Follows own tracks: whoever reads this is run again when one changes.
    pub(crate) fn follow_tracks(self) {
        self.tracks.track();
    }

    /// Looks at the view, once there is one.
    pub(crate) fn view<T>(self, look: impl FnOnce(&View) -> T) -> Option<T> {
        self.view.with(|view| view.as_ref().map(look))
    }

    /// Where this person is.
    pub(crate) fn stage(self) -> Memo<Stage> {
        Memo::new(move |_| self.view(|view| view.stage).unwrap_or(Stage::Lobby))
    }

    /// Something of oneself.
    pub(crate) fn me<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        absent: T,
        look: impl Fn(&Me) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.view(|view| look(&view.me)).unwrap_or_else(|| absent.clone()))
    }

    /// The others in a phase.
    pub(crate) fn people(self, phase: Phase) -> Vec<Person> {
        let in_phase =
            |view: &View| view.people.iter().filter(|person| person.phase == phase).cloned().collect();
        self.view(in_phase).unwrap_or_default()
    }

    /// Shows a toast for a while.
    pub(crate) fn say(self, text: &'static str) {
        self.toast.set(Some(text));
        set_timeout(move || self.toast.set(None), TOAST);
    }

    /// Copies the link and says so.
    pub(crate) fn copy_link(self, copied: &'static str) {
        wasm_bindgen_futures::spawn_local(async move {
            let done = browser::copy(self.address()).await;
            self.say(if done { copied } else { words::toast_copy_by_hand() });
        });
    }

    /// The whole address of this call.
    pub(crate) fn address(self) -> String {
        self.address.get_value()
    }

    /// Leaves, and remembers what was on.
    pub(crate) fn leave(self) {
        let on = |device: eyeline_browser::view::Device| device != eyeline_browser::view::Device::Off;
        if let Some(left_with) = self
            .view
            .with_untracked(|view| view.as_ref().map(|view| (on(view.me.microphone), on(view.me.camera))))
        {
            self.left_with.set_value(left_with);
        }
        self.act(Action::Leave);
    }

    /// Comes back as the person left.
    pub(crate) fn rejoin(self) {
        let (microphone, camera) = self.left_with.get_value();
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
