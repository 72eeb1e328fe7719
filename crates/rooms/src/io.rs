//! What goes into the rooms and what comes out.

use crate::AddressGroup;
use bytes::{Bytes, BytesMut};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::RoomId;
use eyeline_protocol::outer::{CloseCode, IceServer};

/// One WebSocket. The shell counts them up and never uses a number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// Something that has happened. Inputs about a socket that is not known (any more) are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A WebSocket handshake was completed.
    Connected {
        /// Its number.
        socket: SocketId,
        /// Where it comes from, for the limits by address.
        address: AddressGroup,
        /// The ICE servers as everybody is told them; [`IceServers`](crate::IceServers) adds what is the member's.
        ice_servers: Vec<IceServer>,
        /// What to tell it in `Welcome` as the second STUN port.
        mapping_check: String,
    },
    /// A binary message came.
    Message {
        /// From where.
        socket: SocketId,
        /// All of it. It is cut up and sent on without copying.
        bytes: BytesMut,
    },
    /// A text message came.
    Text {
        /// From where.
        socket: SocketId,
    },
    /// A message came that is longer than [`Rooms::longest_message`](crate::Rooms::longest_message).
    TooBig {
        /// From where.
        socket: SocketId,
    },
    /// A ping or pong came: a sign of life, and something that costs.
    Control {
        /// From where.
        socket: SocketId,
        /// Bytes that the shell has queued as the answer; they wait like those of a [`Output::Send`].
        answer_bytes: usize,
    },
    /// Bytes of earlier [`Output::Send`]s and answers have left for the network.
    Written {
        /// To where.
        socket: SocketId,
        /// How many, without framing.
        bytes: usize,
    },
    /// The other end has closed the WebSocket as browsers do when a page goes away (RFC 6455, 7.4.1: 1001). What the
    /// page itself wanted to say at its end may not have left any more (seen with Firefox 153).
    PageClosed {
        /// Which.
        socket: SocketId,
    },
    /// The connection has ended, from the other end or by a failure. Not needed after [`Output::Close`].
    Closed {
        /// Which.
        socket: SocketId,
    },
    /// A deadline may have passed.
    Tick,
    /// The server is going down: everybody is asked to come back, and no one is let in.
    Drain {
        /// The time over which clients should spread when they come back.
        spread: Milliseconds,
    },
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// Send one binary message.
    Send {
        /// To where.
        socket: SocketId,
        /// All of it.
        bytes: Bytes,
    },
    /// Send a WebSocket ping.
    Ping {
        /// To where.
        socket: SocketId,
    },
    /// Send what is waiting (but not for a reader that is too slow), then close. The socket is forgotten here.
    Close {
        /// Which.
        socket: SocketId,
        /// The code for the close frame.
        code: CloseCode,
    },
    /// The first member of this address has joined: whoever asks for a path from there is no stranger.
    Present(AddressGroup),
    /// The last member of this address has gone. Not told on [`Input::Drain`], which ends everything.
    Absent(AddressGroup),
    /// Somebody has come into a room that was not there; told before its `Welcome`.
    RoomOpened(RoomId),
    /// Nobody is in the room any more, and nobody's call goes on without us: all have left, or
    /// [`ROOM_GRACE`](eyeline_protocol::limits::ROOM_GRACE) has passed since the last connection was lost.
    /// Not told on [`Input::Drain`], which ends everything.
    RoomEnded(RoomId),
}

/// Outputs in order.
pub type Outbox = Vec<Output>;
