//! The story of a connection: what happened when, for whoever looks into what went wrong in a call.
//!
//! Most of it is what changed in the [`View`]; a few things that nobody sees are told by the engine. It holds no
//! address, no name and no secret: people are numbers, in the order of their appearance. Its words are plain English, the
//! same in every language of the page, since they are read by whoever gets the report.

use crate::input::{CaptureError, Path, RelayTransport};
use crate::quality::Quality;
use crate::view::{Certificate, Device, DeviceNews, Person, PersonState, Repair, Server, Stage, View};
use core::hash::{Hash, Hasher};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{Generation, PeerId};
use eyeline_protocol::inner::{Slot, Slots};
use eyeline_protocol::outer::{GoneReason, Phase};

/// A call of some hours on a bad line, in less than 10 KB. Beyond it the oldest make room.
const ENTRIES: usize = 200;

/// People whose numbers are remembered: several times as many as a call holds. Who comes again later gets a new one.
const PEOPLE: usize = 64;

/// What happened since the page was opened.
///
/// Nothing is ever decided by it. So two stories are always equal, and none has a hash: two states of a call that differ
/// only in what happened before are the same to a model checker, which would otherwise never see a state twice.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// By the shell's clock: the engine's stands still while a page is held up.
    now: Milliseconds,
    // Not a `VecDeque`: its code would be a part of the page that everybody waits for, and moving a few entries is not.
    entries: Vec<Entry>,
    dropped: u64,
    people: Vec<(PeerId, u32)>,
    /// Numbers given so far.
    numbers: u32,
    /// The server was reached at some time.
    reached: bool,
}

impl PartialEq for Story {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Story {}

impl Hash for Story {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Since the page was opened.
    pub at: Milliseconds,
    /// What it was.
    pub event: Event,
}

/// What can happen. People are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// This page went to the lobby, into the call, out of it.
    Stage(Stage),
    /// The server was reached for the first time.
    ServerReached,
    /// The server could not be reached the first time.
    ServerMissing,
    /// The connection to the server was lost.
    ServerLost,
    /// The server has taken this page back, as the one that it was.
    ServerResumed,
    /// The server said that it would go away for a while.
    ServerDrains,
    /// The server, or this page, says why there is no connection to it.
    ServerRefused(Server),
    /// Nothing reached this page any more, or something does again.
    Offline(bool),
    /// The network has changed, or somebody came back to the page.
    NetworkChanged,
    /// The browser had no network any more.
    NetworkLost,
    /// Nothing ran for so long: a closed lid, a suspended tab.
    Slept(Milliseconds),
    /// This page did not get to what had arrived: for so long in all, and how many times since what was noted before it.
    HeldUp(Milliseconds, u32),
    /// An own device was switched, failed, or works again.
    Device(Slot, Device),
    /// What a person was told in passing of an own device.
    DeviceNews(DeviceNews),
    /// Everything goes through a relay from now on, or not any more.
    AlwaysRelay(bool),
    /// Somebody is there.
    Came(u32, Phase),
    /// The keys with somebody are agreed.
    Sealed(u32),
    /// Somebody is in the call.
    Joined(u32),
    /// The server does not see somebody any more.
    GoneFromServer(u32, GoneReason),
    /// Media can flow over the connection of this generation.
    Connected(u32, Generation),
    /// The certificate at the other end: only what is news (read and right is the rule).
    Certificate(u32, Certificate),
    /// How media travels.
    Path(u32, Path),
    /// How well media comes.
    Quality(u32, Quality),
    /// The own pictures rest for somebody, so that the sound gets through, or do not any more.
    Spares(u32, bool),
    /// Something is being done about a connection.
    Repair(u32, Repair),
    /// A connection that had fallen silent is heard again, the same as before.
    HeardAgain(u32),
    /// A connection could not be made or repaired for so long that the person was told.
    GivenUp(u32),
    /// Somebody left, or was away for too long.
    Left(u32),
}

impl Story {
    /// What happened, the oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many older entries had to make room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The number that somebody has here.
    pub fn number(&self, peer: PeerId) -> Option<u32> {
        self.people.iter().find(|(known, _)| *known == peer).map(|(_, number)| *number)
    }

    /// As text: a line for each entry, with the seconds since the page was opened.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.dropped > 0 {
            text.push_str(&["(", &self.dropped.to_string(), " earlier lines are not kept)\n"].concat());
        }
        for entry in &self.entries {
            let line = [&seconds(entry.at), "  ", &sentence(entry.event), "\n"].concat();
            text.push_str(&line);
        }
        text
    }

    /// What follows happens at `now`.
    pub(crate) fn turn_to(&mut self, now: Milliseconds) {
        self.now = now;
    }

    /// Something that no person sees happened.
    pub(crate) fn note(&mut self, event: Event) {
        if self.entries.len() >= ENTRIES {
            self.entries.remove(0);
            self.dropped += 1;
        }
        self.entries.push(Entry { at: self.now, event });
    }

    /// This page did not get to what had arrived. One entry for all of it, until something else happens.
    pub(crate) fn held_up(&mut self, time: Milliseconds) {
        if let Some(Entry { event: Event::HeldUp(whole, times), .. }) = self.entries.last_mut() {
            *whole = *whole + time;
            *times = times.saturating_add(1);
        } else {
            self.note(Event::HeldUp(time, 1));
        }
    }

    /// The server does not see somebody any more.
    pub(crate) fn gone_from_server(&mut self, peer: PeerId, reason: GoneReason) {
        if let Some(number) = self.number(peer) {
            self.note(Event::GoneFromServer(number, reason));
        }
    }

    /// A person sees something else than before.
    pub(crate) fn follow(&mut self, before: Option<&View>, view: &View) {
        if before.map(|before| before.stage) != Some(view.stage) {
            self.note(Event::Stage(view.stage));
        }
        self.follow_server(before.map_or(Server::Connecting, |before| before.server), view.server);
        if before.is_some_and(|before| before.offline) != view.offline {
            self.note(Event::Offline(view.offline));
        }
        if before.is_some_and(|before| before.me.always_relay) != view.me.always_relay {
            self.note(Event::AlwaysRelay(view.me.always_relay));
        }
        let device = |view: &View, slot| match slot {
            Slot::Camera => view.me.camera,
            Slot::Microphone => view.me.microphone,
            Slot::Screen | Slot::ScreenSound => view.me.screen,
        };
        for slot in [Slot::Camera, Slot::Microphone, Slot::Screen] {
            let then = before.map_or(Device::Off, |before| device(before, slot));
            self.follow_device(slot, then, device(view, slot));
        }
        let people = before.map_or(&[][..], |before| &before.people);
        for gone in people.iter().filter(|gone| view.people.iter().all(|person| person.peer != gone.peer)) {
            let number = self.number_of(gone.peer);
            self.note(Event::Left(number));
        }
        for person in &view.people {
            self.follow_person(people.iter().find(|then| then.peer == person.peer), person);
        }
    }

    fn follow_server(&mut self, before: Server, server: Server) {
        if before == server {
            return;
        }
        match server {
            Server::Online if self.reached => self.note(Event::ServerResumed),
            Server::Online => {
                self.reached = true;
                self.note(Event::ServerReached);
            }
            Server::Connecting | Server::Offline if before == Server::Online => {
                self.note(Event::ServerLost);
            }
            Server::Offline if !self.reached => self.note(Event::ServerMissing),
            Server::Connecting | Server::Offline => {}
            refused => self.note(Event::ServerRefused(refused)),
        }
    }

    /// Who mutes and unmutes themselves all the time would fill the story with it.
    fn follow_device(&mut self, slot: Slot, before: Device, device: Device) {
        let failed = |device| matches!(device, Device::Failed(_));
        let told = failed(device)
            || (failed(before) && device == Device::On)
            || (slot != Slot::Microphone && device != Device::Starting);
        if before != device && told {
            self.note(Event::Device(slot, device));
        }
    }

    fn follow_person(&mut self, before: Option<&Person>, person: &Person) {
        let number = self.number_of(person.peer);
        match before {
            None => self.note(Event::Came(number, person.phase)),
            Some(before) if before.phase == Phase::Lobby && person.phase == Phase::Call => {
                self.note(Event::Joined(number));
            }
            Some(_) => {}
        }
        if person.sealed && !before.is_some_and(|before| before.sealed) {
            self.note(Event::Sealed(number));
        }
        let state = before.map_or(PersonState::Connecting, |before| before.state);
        if person.state != state {
            match (person.state, person.show) {
                (PersonState::Connected, Some(show)) => {
                    let same = before.is_some_and(|before| before.was_connected && before.show == Some(show));
                    let heard = Event::HeardAgain(number);
                    self.note(if same { heard } else { Event::Connected(number, show) });
                }
                (PersonState::Gone, _) => self.note(Event::GivenUp(number)),
                _ => {}
            }
        }
        let certificate = before.map_or(Certificate::Unknown, |before| before.certificate);
        let news = matches!(person.certificate, Certificate::Mismatch | Certificate::NotDoubleChecked);
        if news && person.certificate != certificate {
            self.note(Event::Certificate(number, person.certificate));
        }
        if let Some(path) = person.path.filter(|path| before.and_then(|before| before.path) != Some(*path)) {
            self.note(Event::Path(number, path));
        }
        let told = before.and_then(|before| before.quality).unwrap_or(Quality::Good);
        if let Some(quality) = person.quality.filter(|quality| *quality != told) {
            self.note(Event::Quality(number, quality));
        }
        let spares = person.sparing != Slots::NONE;
        if spares != before.is_some_and(|before| before.sparing != Slots::NONE) {
            self.note(Event::Spares(number, spares));
        }
        let repair = before.and_then(|before| before.repair);
        if let Some(now) = person.repair.filter(|now| repair != Some(*now)) {
            self.note(Event::Repair(number, now));
        }
    }

    /// The number of somebody; the next one, if they have none yet.
    fn number_of(&mut self, peer: PeerId) -> u32 {
        if let Some(number) = self.number(peer) {
            return number;
        }
        if self.people.len() >= PEOPLE {
            self.people.remove(0);
        }
        self.numbers = self.numbers.saturating_add(1);
        self.people.push((peer, self.numbers));
        self.numbers
    }
}

/// "   12.345": aligned up to a day.
fn seconds(time: Milliseconds) -> String {
    let (whole, rest) = ((time.0 / 1000).to_string(), (1000 + time.0 % 1000).to_string());
    let indent = "     ".get(whole.len()..).unwrap_or_default();
    [indent, &whole, ".", rest.get(1..).unwrap_or_default()].concat()
}

fn sentence(event: Event) -> String {
    let who = |number: u32, what: &str| ["person ", &number.to_string(), what].concat();
    match event {
        Event::Stage(Stage::Lobby) => "in the lobby".into(),
        Event::Stage(Stage::Call) => "in the call".into(),
        Event::Stage(Stage::Left) => "left the call".into(),
        Event::ServerReached => "server: reached".into(),
        Event::ServerMissing => "server: not reached".into(),
        Event::ServerLost => "server: connection lost".into(),
        Event::ServerResumed => "server: back".into(),
        Event::ServerDrains => "server: says it will restart".into(),
        Event::ServerRefused(server) => ["server: ", refusal(server)].concat(),
        Event::Offline(true) => "offline: neither the others nor the server can be reached".into(),
        Event::Offline(false) => "not offline any more".into(),
        Event::NetworkChanged => "the network changed, or somebody came back to the page".into(),
        Event::NetworkLost => "the browser has no network".into(),
        Event::HeldUp(time, times) => {
            let times =
                if times == 1 { String::new() } else { [", ", &times.to_string(), " times"].concat() };
            ["this page was held up for ", seconds(time).trim_start(), " s", &times].concat()
        }
        Event::Slept(time) => ["slept for ", seconds(time).trim_start(), " s"].concat(),
        Event::Device(slot, device) => [slot_name(slot), ": ", device_state(device)].concat(),
        Event::DeviceNews(news) => {
            let (slot, what) = device_news(news);
            [slot_name(slot), ": ", what].concat()
        }
        Event::AlwaysRelay(true) => "own address hidden: everything goes through a relay".into(),
        Event::AlwaysRelay(false) => "own address not hidden any more".into(),
        Event::Came(number, Phase::Lobby) => who(number, ": here, in the lobby"),
        Event::Came(number, Phase::Call) => who(number, ": here, in the call"),
        Event::Sealed(number) => who(number, ": keys agreed"),
        Event::Joined(number) => who(number, ": in the call"),
        Event::GoneFromServer(number, GoneReason::Left) => who(number, ": left, says the server"),
        Event::GoneFromServer(number, GoneReason::Lost) => who(number, ": lost by the server"),
        Event::Connected(number, Generation(count)) => {
            [&who(number, ": connected (connection "), count.to_string().as_str(), ")"].concat()
        }
        Event::Certificate(number, Certificate::Mismatch) => {
            who(number, ": WRONG CERTIFICATE, connection closed")
        }
        Event::Certificate(number, _) => who(number, ": certificate not readable by this browser"),
        Event::Path(number, path) => who(number, [": ", path_name(path)].concat().as_str()),
        Event::Quality(number, Quality::Good) => who(number, ": quality is good again"),
        Event::Quality(number, Quality::Weak) => who(number, ": quality is weak"),
        Event::Quality(number, Quality::Bad) => who(number, ": quality is bad"),
        Event::Repair(number, Repair::Waiting) => who(number, ": silent"),
        Event::Repair(number, Repair::Restart(count)) => {
            [&who(number, ": looking for another path (restart "), count.to_string().as_str(), ")"].concat()
        }
        Event::Repair(number, Repair::NewConnection(Generation(count))) => {
            [&who(number, ": making a new connection ("), count.to_string().as_str(), ")"].concat()
        }
        Event::Repair(number, Repair::Unreachable) => who(number, ": no way to reach their page"),
        Event::Spares(number, true) => who(number, ": the own picture rests: the line is too narrow for it"),
        Event::Spares(number, false) => who(number, ": the own picture is tried again"),
        Event::HeardAgain(number) => who(number, ": heard again"),
        Event::GivenUp(number) => who(number, ": said to be unreachable, still trying"),
        Event::Left(number) => who(number, ": not here any more"),
    }
}

fn refusal(server: Server) -> &'static str {
    match server {
        Server::CallFull => "call full",
        Server::LobbyFull => "lobby full",
        Server::LobbyTimeout => "waited in the lobby for too long",
        Server::TooManyJoins => "too many came from this network",
        Server::Outdated => "this page is outdated",
        Server::Replaced => "another tab took over",
        Server::Connecting | Server::Online | Server::Offline => "",
    }
}

fn slot_name(slot: Slot) -> &'static str {
    match slot {
        Slot::Microphone => "microphone",
        Slot::Camera => "camera",
        Slot::Screen => "screen",
        Slot::ScreenSound => "sound of the screen",
    }
}

fn device_state(device: Device) -> &'static str {
    match device {
        Device::Off => "off",
        Device::Starting => "starting",
        Device::On => "on",
        Device::Failed(CaptureError::Denied) => "denied by the person or the browser",
        Device::Failed(CaptureError::NotFound) => "not found, or lost",
        Device::Failed(CaptureError::Busy) => "busy or broken",
        Device::Failed(CaptureError::Unsupported) => "not possible in this browser",
    }
}

fn device_news(news: DeviceNews) -> (Slot, &'static str) {
    match news {
        DeviceNews::FellBack(slot) => (slot, "lost, another one took over"),
        DeviceNews::Lost(slot) => (slot, "lost, and there is no other"),
        DeviceNews::NotTaken(slot) => (slot, "the one chosen cannot be had"),
        DeviceNews::Withdrawn(slot) => (slot, "not allowed any more"),
        DeviceNews::Interrupted(slot) => (slot, "taken by the system"),
        DeviceNews::Back(slot) => (slot, "back"),
        DeviceNews::ShareEnded => (Slot::Screen, "ended outside of the page"),
        DeviceNews::SharesItself => (Slot::ScreenSound, "left out: the call's own page is shared"),
        DeviceNews::Appeared(slot) => (slot, "a new one was plugged in"),
    }
}

/// How media travels, in the words of the story.
pub fn path_name(path: Path) -> &'static str {
    match path {
        Path::Direct => "direct",
        Path::Relayed(RelayTransport::Udp) => "relayed, over UDP",
        Path::Relayed(RelayTransport::Tcp) => "relayed, over TCP",
        Path::Relayed(RelayTransport::Tls) => "relayed, over TLS",
        Path::Relayed(RelayTransport::TheOthers) => "relayed, by the other's relay",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_are_counted() {
        let mut story = Story::default();
        for at in 0..250 {
            story.turn_to(Milliseconds(at));
            story.note(Event::NetworkChanged);
        }
        assert_eq!((story.entries().count(), story.dropped()), (200, 50));
        assert_eq!(story.entries().next().map(|entry| entry.at), Some(Milliseconds(50)));
        let text = story.text();
        assert!(
            text.starts_with("(50 earlier lines are not kept)\n    0.050  the network changed"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 201);
    }

    #[test]
    fn numbers_are_given_in_the_order_of_appearance_and_are_kept_for_many() {
        let mut story = Story::default();
        let peer = |number: u8| PeerId([number; 16]);
        assert_eq!([story.number_of(peer(9)), story.number_of(peer(3)), story.number_of(peer(9))], [1, 2, 1]);
        for other in 10..200 {
            story.number_of(peer(other));
        }
        assert_eq!(story.people.len(), PEOPLE);
        assert_eq!(story.number(peer(199)), Some(192));
        assert_eq!(story.number_of(peer(9)), 193, "forgotten, and never somebody else's");
    }

    #[test]
    fn a_whole_story_is_small() {
        assert!(ENTRIES * size_of::<Entry>() < 10_000);
    }

    #[test]
    fn times_are_aligned() {
        assert_eq!(seconds(Milliseconds(7)), "    0.007");
        assert_eq!(seconds(Milliseconds(12_345)), "   12.345");
        assert_eq!(seconds(Milliseconds(86_400_000)), "86400.000");
        assert_eq!(seconds(Milliseconds(864_000_010)), "864000.010");
    }

    #[test]
    fn no_story_differs_from_another_for_a_model_checker() {
        let mut story = Story::default();
        story.turn_to(Milliseconds(1));
        story.note(Event::NetworkLost);
        assert_eq!(story, Story::default());
    }
}
