//! Everything that can happen to a call. Shells translate; they leave nothing out and add nothing.

use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId};
use eyeline_protocol::inner::{Candidate, Slot};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The deadline the engine asked for has come (or any other moment: harmless).
    Tick,
    /// The WebSocket is open.
    SocketOpened,
    /// A binary WebSocket message.
    SocketMessage(Vec<u8>),
    /// The WebSocket is closed, or could not be opened; the close code (RFC 6455, 7.4), 1006 for none.
    SocketClosed(u16),
    /// The browser says the network is back, or the page woke up: do not wait for the next retry.
    NetworkChanged,
    /// The browser says that there is no network any more.
    NetworkLost,
    /// The machine slept for about so long, and nothing ran meanwhile.
    Slept(Milliseconds),
    /// The person did something.
    Person(Action),
    /// A capture device delivers: the shell holds a live local track for the slot.
    Captured(Slot),
    /// A capture device could not be had.
    CaptureFailed(Slot, CaptureError),
    /// A local track ended by itself: unplugged, permission withdrawn, sharing stopped from the browser's bar.
    CaptureEnded(Slot),
    /// The system has taken a device that is captured (a phone call, a switch on the machine), or gives it back: `mute`
    /// and `unmute` of the local track (W3C Media Capture 4.3.1). Nobody else switches it.
    CaptureMuted(Slot, bool),
    /// What is shared is the call's own page, or no longer is: another tab can be chosen in the browser's bar while the share
    /// goes on. Whose sound comes with it, then, is everybody's voice.
    SharesItself(bool),
    /// The person has allowed or forbidden the slot's device in the browser's settings.
    Permission(Slot, bool),
    /// Another device for the slot has been plugged in.
    DeviceAppeared(Slot),
    /// Something happened to the peer connection of that generation with that peer.
    Connection(PeerId, Generation, ConnectionEvent),
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Enter the call: a click on this page, never anything else.
    Join,
    /// Leave the call.
    Leave,
    /// The page is going away (`pagehide`).
    ClosePage,
    /// Change the display name.
    SetName(String),
    /// Switch microphone, camera or screen on or off (`ScreenSound` follows `Screen`).
    Switch(Slot, bool),
    /// Another device was chosen for the slot: acquire it anew if it is on.
    DeviceChosen(Slot),
    /// The same, but the old device is let go first: telephones open one camera at a time.
    DeviceSwapped(Slot),
    /// Let the shared screen rest: the others keep its last picture. Or go on with it.
    PauseShare(bool),
    /// Raise a hand in the call, so that the others see who would like to say something. Or lower it.
    RaiseHand(bool),
    /// Hide the own address from the others: everything goes through a relay, whatever that costs. In a call, its
    /// connections are built anew.
    AlwaysRelay(bool),
    /// Try to reach the server again (after a full room, an error).
    Retry,
}

/// Why a capture failed (W3C Media Capture, `getUserMedia` errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaptureError {
    /// `NotAllowedError`: the person or the browser said no. For a screen: the person changed their mind.
    Denied,
    /// `NotFoundError`, `OverconstrainedError`: there is no such device.
    NotFound,
    /// `NotReadableError`, `AbortError`: another program has it, or it is broken.
    Busy,
    /// The browser has no such function (no `getDisplayMedia` on phones), or the page is not served over HTTPS.
    Unsupported,
}

/// What happens to a peer connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionEvent {
    /// `SetLocalDescription` is done; the description in force, as SDP text.
    LocalDescription(String),
    /// `SetRemoteDescription` is done.
    RemoteDescriptionSet,
    /// A local candidate was found.
    Candidate(Candidate),
    /// No more local candidates in this ICE generation.
    CandidatesComplete,
    /// `connectionState` changed.
    State(ConnectionState),
    /// The answer to `ReadRemoteCertificate`; `None` where the browser lacks the function.
    RemoteCertificate(Option<CertificateHash>),
    /// The negotiated data channel (id 0) is open.
    ChannelOpened,
    /// A binary message on the data channel.
    ChannelMessage(Vec<u8>),
    /// The data channel is closed.
    ChannelClosed,
    /// The selected candidate pair is known or has changed; also once after each description of the other end, even
    /// if it is as before.
    Path(Path),
    /// ICE as such is connected or not (`iceConnectionState` is `connected` or `completed`).
    IceConnected(bool),
    /// The answer to `ReadTraffic`.
    Traffic(Traffic),
    /// An operation failed (a rejected promise): the connection is of no more use.
    Failed,
}

/// What has arrived over one connection, counted from its beginning, and how the other way is (W3C WebRTC statistics).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traffic {
    /// Bytes of media and data over all candidate pairs; connectivity checks do not count.
    pub received: u64,
    /// The camera's picture and the screen's.
    pub pictures: [Picture; 2],
    /// `packetsReceived` of all media.
    pub packets: u64,
    /// `packetsLost` of all media.
    pub lost: u64,
    /// `currentRoundTripTime` of the path in use, as of now; zero where the browser cannot say.
    pub round_trip: Milliseconds,
    /// `jitter` of the sound, as of now.
    pub jitter: Milliseconds,
    /// `totalFreezesDuration` of the pictures; zero where the browser cannot say.
    pub frozen: Milliseconds,
    /// How what this end sends gets through.
    pub outgoing: Outgoing,
}

/// What the other end last reported of the media that it receives (`remote-inbound-rtp`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outgoing {
    /// `fractionLost` of the stream that loses most, of a thousand.
    pub lost: u64,
    /// `roundTripTime` of the newest report; zero as long as it is not known.
    pub round_trip: Milliseconds,
}

/// One received picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Picture {
    /// `bytesReceived`.
    pub bytes: u64,
    /// `framesDecoded`.
    pub frames: u64,
}

/// `RTCPeerConnectionState` (W3C WebRTC 4.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionState {
    /// Nothing has happened yet.
    New,
    /// ICE or DTLS is at work.
    Connecting,
    /// Media can flow.
    Connected,
    /// No answer for some seconds; may heal by itself.
    Disconnected,
    /// Given up by the browser.
    Failed,
    /// Closed.
    Closed,
}

/// How media travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// From one to the other.
    Direct,
    /// Through a TURN server.
    Relayed(RelayTransport),
}

/// What carries media to the TURN server (RFC 8656, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelayTransport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// The relay is the other end's, and reached from here like any address.
    TheOthers,
}
