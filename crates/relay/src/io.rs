//! What goes into the relay and what comes out.

use crate::credential::RoomHandle;
use bytes::{Bytes, BytesMut};
use core::net::{IpAddr, SocketAddr};

/// One of the server's own sockets: a UDP socket, or a listener whose streams the shell serves. The shell numbers
/// them as it likes; the relay only hands the number back, to say from where a packet must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalSocket(pub u16);

/// How a client reaches the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream in the clear.
    Tcp,
    /// A stream inside TLS.
    Tls,
}

impl Transport {
    /// Whether packets come as frames of a stream (RFC 8656, 12.5: `ChannelData` is padded there).
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Tcp | Self::Tls)
    }
}

/// One client: what tells its 5-tuple (RFC 8656, 3.2) from every other.
///
/// A page is many clients: a browser makes one for each relay address and each peer connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// How it came.
    pub transport: Transport,
    /// Where it came in.
    pub local: LocalSocket,
    /// Its address as the server sees it. IPv4 inside IPv6 (`::ffff:a.b.c.d`, as dual-stack sockets report it) may
    /// stay so: the relay answers as to IPv4 and hands the same address back in [`Output::Send`].
    pub address: SocketAddr,
}

/// One socket towards peers, in open mode. Counted up, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerSocket(pub u64);

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl From<IpAddr> for Family {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// Something that has happened. Inputs about clients, sockets and rooms that are not known (any more) are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A client sent one datagram, or one whole frame of its stream (see [`framing`](crate::framing)).
    Packet {
        /// Who.
        client: Client,
        /// All of it. It is rewritten and sent on in place where that is possible.
        bytes: BytesMut,
    },
    /// A stream began to speak STUN. Until then its packets are ignored; a stream that may not stay is ended with
    /// [`Output::CloseStream`].
    StreamOpened {
        /// Which.
        client: Client,
    },
    /// A stream has ended, from the other end or by a failure. Not needed after [`Output::CloseStream`].
    StreamClosed {
        /// Which.
        client: Client,
    },
    /// Open mode: a datagram came to a socket towards peers.
    FromPeer {
        /// To which.
        socket: PeerSocket,
        /// From where.
        peer: SocketAddr,
        /// All of it.
        bytes: BytesMut,
    },
    /// Open mode: what became of an [`Output::OpenSocket`].
    SocketOpened {
        /// Which.
        socket: PeerSocket,
        /// `false`: the port was taken, or there are no more sockets. Another port is tried.
        opened: bool,
    },
    /// Somebody with this address has opened a signaling session: its requests are answered generously. Counted:
    /// each needs its [`Input::SessionClosed`].
    SessionOpened {
        /// The address that the WebSocket came from.
        address: IpAddr,
    },
    /// The end of one [`Input::SessionOpened`].
    SessionClosed {
        /// The same address.
        address: IpAddr,
    },
    /// A room has come to life: its credentials count (again). Rooms that were never mentioned count too, so that
    /// a restarted server serves those who have not come back to signaling yet.
    RoomOpened {
        /// Which.
        room: RoomHandle,
    },
    /// A room has ended: its allocations go, its credentials count no more.
    RoomEnded {
        /// Which.
        room: RoomHandle,
    },
    /// What time people's clocks show, for the expiry of credentials. Before the first one no credential is valid;
    /// the shell repeats it now and then, since clocks are corrected.
    Clock {
        /// Seconds since 1970-01-01 UTC.
        unix_seconds: u64,
    },
    /// A deadline may have passed.
    Tick,
}

/// Something to do. An attempt that fails needs no report, with one exception: [`Output::OpenSocket`]. A packet that
/// cannot leave (no route, a full buffer, a firewall) is lost, as on any network; it never ends an allocation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// Send one datagram, or write these bytes to a stream (they are framed and padded already).
    Send {
        /// To whom.
        client: Client,
        /// All of it.
        bytes: Bytes,
    },
    /// Open mode: send one datagram from a socket towards peers.
    SendPeer {
        /// From where.
        socket: PeerSocket,
        /// To whom. Never an address that [`address`](crate::address) refuses.
        peer: SocketAddr,
        /// All of it.
        bytes: Bytes,
    },
    /// Open mode: bind a UDP socket on the relay's address of this family, then say how it went with
    /// [`Input::SocketOpened`].
    OpenSocket {
        /// Its number.
        socket: PeerSocket,
        /// Which address to bind.
        family: Family,
        /// Which port.
        port: u16,
    },
    /// Open mode: close a socket, or forget about one that is being opened. Its number is not used again.
    CloseSocket {
        /// Which.
        socket: PeerSocket,
    },
    /// End a stream. What was sent before may be lost.
    CloseStream {
        /// Which.
        client: Client,
    },
}

/// Outputs in order.
pub type Outbox = Vec<Output>;
