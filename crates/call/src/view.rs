//! What a person sees: a pure function of the engine's state. The user interface holds no truth of its own.

use crate::input::{CaptureError, Path};
use crate::quality::Quality;
use eyeline_protocol::ids::{Generation, PeerId};
use eyeline_protocol::inner::{Slot, Slots};
use eyeline_protocol::outer::Phase;

/// The whole call as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Where this person is.
    pub stage: Stage,
    /// How it stands with the server.
    pub server: Server,
    /// Nothing reaches this page, neither the others nor the server: the trouble is most likely at this end.
    pub offline: bool,
    /// This page does not keep up with what arrives: the machine has more to do than it can.
    pub overworked: bool,
    /// Oneself.
    pub me: Me,
    /// The others, in a stable order: those longest here first.
    pub people: Vec<Person>,
}

/// Where a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Before the click on Join.
    Lobby,
    /// In the call.
    Call,
    /// After it.
    Left,
}

/// The connection to the server, as far as it matters to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// Not yet reached, or lost a moment ago: most losses are over before anybody needs to know.
    Connecting,
    /// Reached.
    Online,
    /// Lost, or not reachable: nobody new can come in; the call itself goes on.
    Offline,
    /// As many as fit are in the call.
    CallFull,
    /// As many as fit wait in the lobby.
    LobbyFull,
    /// The wait in the lobby was too long; any sign of life comes back.
    LobbyTimeout,
    /// Too many people came from this network at once.
    TooManyJoins,
    /// This page's program does not fit the server: reload.
    Outdated,
    /// Another connection of this page took over.
    Replaced,
}

/// Oneself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Me {
    /// Display name, cleaned.
    pub name: String,
    /// Own microphone.
    pub microphone: Device,
    /// Own camera.
    pub camera: Device,
    /// Own screen.
    pub screen: Device,
    /// Slots that others receive now (if they are connected).
    pub sending: Slots,
    /// Of what is on, what rests: a share that was paused, a microphone or camera that the system has taken (a phone
    /// call), a device that is being replaced. Each comes back by itself but the share.
    pub paused: Slots,
    /// Whether the person has raised a hand.
    pub hand: bool,
    /// Whether everything goes through a relay, to hide the own address.
    pub always_relay: bool,
    /// Whether the server has a relay. Without one, who wants to hide reaches nobody: a wish is not dropped in silence.
    pub relay_offered: bool,
}

/// A capture device as a person sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Device {
    /// Switched off; nothing is captured. (A muted microphone stays captured, so that it comes back at once.)
    #[default]
    Off,
    /// Switched on, and the browser is asking or starting it.
    Starting,
    /// Captured.
    On,
    /// Could not be had, or was lost.
    Failed(CaptureError),
}

/// What happened to a device, to be told once in passing. What is so for longer stands in [`Me`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceNews {
    /// The device was lost or is in use elsewhere; another one of its kind took over.
    FellBack(Slot),
    /// The device was lost, and there is no other of its kind.
    Lost(Slot),
    /// The person has chosen a device that cannot be had; the one before stays.
    NotTaken(Slot),
    /// The browser does not allow the device any more.
    Withdrawn(Slot),
    /// The system has taken the device for a while.
    Interrupted(Slot),
    /// The device is back: the system has let go of it, or the browser allows it again.
    Back(Slot),
    /// The sharing of the screen was ended outside of the page, or what was shared is gone.
    ShareEnded,
    /// The call's own page is shared: without its sound, which would send everybody's voice back to them.
    SharesItself,
    /// A new device has been plugged in; the one in use stays until the person says otherwise.
    Appeared(Slot),
}

/// Another person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Who: one page load.
    pub peer: PeerId,
    /// Display name, cleaned; empty until it is known.
    pub name: String,
    /// In the lobby or in the call.
    pub phase: Phase,
    /// How it stands with the media connection.
    pub state: PersonState,
    /// The keys with the other are agreed: whatever is said is sealed, and named by its sender.
    pub sealed: bool,
    /// Media could flow at some time, so that a connection that does not work now is a lost one.
    pub was_connected: bool,
    /// What is being done about a connection that does not work; `None` while it works, and while the first one is made.
    pub repair: Option<Repair>,
    /// How media travels, once connected.
    pub path: Option<Path>,
    /// How well media comes from the other, once it is known.
    pub quality: Option<Quality>,
    /// What the other says it sends.
    pub sending: Slots,
    /// Of that, what rests for a moment: show the last picture, and say so.
    pub paused: Slots,
    /// Of that, what rests because the connection does not carry pictures beside the sound: show no picture, and say so.
    pub spared: Slots,
    /// What of the own pictures rests for this person, for the same reason.
    pub sparing: Slots,
    /// Whether the other has raised a hand.
    pub hand: bool,
    /// What is proven of the other's certificate.
    pub certificate: Certificate,
    /// The connection whose remote tracks may be shown now: only after the certificate check.
    pub show: Option<Generation>,
}

/// A media connection as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonState {
    /// Not yet connected (or still in the lobby).
    Connecting,
    /// Media can flow.
    Connected,
    /// Was connected, and is being repaired.
    Reconnecting,
    /// Could not be connected or repaired; the tile says so for a while.
    Gone,
}

/// The rungs of the ladder on which a connection is repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repair {
    /// Nothing yet: many a hiccup is over before anything would help.
    Waiting,
    /// Another path is looked for (an ICE restart), for the so-many-th time since media could flow.
    Restart(u32),
    /// A new connection takes the place of the old one.
    NewConnection(Generation),
    /// Nothing that this page says reaches the other: not over the server, and not over anybody else.
    Unreachable,
}

/// What is proven of the other's DTLS certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certificate {
    /// Nothing yet.
    Unknown,
    /// It is the one whose hash came sealed.
    Verified,
    /// This browser cannot read it; the sealed description with its single fingerprint vouches for it.
    NotDoubleChecked,
    /// It is another one: somebody sits in the middle. The connection was closed, nothing was shown.
    Mismatch,
}
