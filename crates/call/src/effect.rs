//! Everything a call can ask its shell to do, named after the browser's operations.
//!
//! Commands for one connection are carried out in the order given, each after the one before is done (a browser's
//! operations are asynchronous; the shell keeps a queue for each connection).

use crate::view::DeviceNews;
use eyeline_protocol::ids::{Generation, PeerId};
use eyeline_protocol::inner::{Candidate, Slot, Slots};
use eyeline_protocol::outer::IceServer;

/// Effects in order.
pub type Outbox = Vec<Effect>;

/// Something the shell must do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Open a WebSocket to the server, replacing any earlier one. Answer: `SocketOpened` or `SocketClosed`.
    OpenSocket,
    /// Send one binary message on the open WebSocket.
    SendSocket(Vec<u8>),
    /// Close the WebSocket normally. No `SocketClosed` follows.
    CloseSocket,
    /// Acquire a capture device (`getUserMedia`, `getDisplayMedia`), replacing the track in the slot.
    /// `Screen` asks for the screen with its sound, and answers for `ScreenSound` too if there is any.
    Capture(Slot),
    /// The same for a microphone or camera, but with another device than the one tried last, whatever the person
    /// prefers. `CaptureFailed` with `NotFound` if there is no other.
    CaptureAnother(Slot),
    /// Stop the slot's local track, so that the camera's light goes out.
    StopCapture(Slot),
    /// Do something with the peer connection of that generation with that peer.
    Connection(PeerId, Generation, Command),
    /// Tell the person something in passing.
    Tell(DeviceNews),
    /// The view has changed.
    ViewChanged,
}

/// An operation on one peer connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// `new RTCPeerConnection` with the page's certificate, and the negotiated data channel with id 0. The offering
    /// end also adds the four transceivers of [`Slot::ALL`] in order, `sendrecv`, without tracks; the answering end
    /// adopts those that the offer makes.
    Create {
        /// What to find paths with.
        ice_servers: Vec<IceServer>,
        /// `iceTransportPolicy`: `relay` instead of `all`, so that the other end never sees this one's address.
        relay_only: bool,
        /// Whether this end offers.
        offers: bool,
    },
    /// `setConfiguration` with other ICE servers: the next ICE restart uses them. Everything else stays.
    SetConfiguration {
        /// What to find paths with.
        ice_servers: Vec<IceServer>,
        /// As in `Create`.
        relay_only: bool,
    },
    /// `createOffer` and `setLocalDescription`. Answer: `LocalDescription`.
    SetLocalOffer {
        /// Whether to restart ICE (RFC 8445, 9).
        ice_restart: bool,
    },
    /// On the answering end, after the remote offer: set every transceiver to `sendrecv` with its stream, then
    /// `createAnswer` and `setLocalDescription`. Answer: `LocalDescription`.
    SetLocalAnswer,
    /// `setRemoteDescription` with an offer. Answer: `RemoteDescriptionSet`.
    SetRemoteOffer(String),
    /// `setRemoteDescription` with an answer. Answer: `RemoteDescriptionSet`.
    SetRemoteAnswer(String),
    /// `addIceCandidate`. A failure is not reported: one bad candidate does not end a connection.
    AddIceCandidate(Candidate),
    /// `addIceCandidate` with the empty end-of-candidates indication.
    AddEndOfCandidates,
    /// SHA-256 of `RTCDtlsTransport.getRemoteCertificates()[0]`. Answer: `RemoteCertificate`.
    ReadRemoteCertificate,
    /// `replaceTrack`: the sender of each slot in the set gets the local track, every other one none. Again whenever
    /// a local track was replaced.
    Send(Slots),
    /// Begin these slots' pictures anew (a key frame): the other end cannot decode what comes.
    Refresh(Slots),
    /// Count what has arrived (`getStats`). Answer: `Traffic`, or none where the browser cannot say.
    ReadTraffic,
    /// Whether the remote tracks may be shown and heard. Never before the certificate is checked.
    Show(bool),
    /// Send one binary message on the data channel.
    SendChannel(Vec<u8>),
    /// Close the connection and forget it.
    Close,
}
