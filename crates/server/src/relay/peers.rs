//! Open mode: the sockets towards peers, one for each allocation.

use crate::relay::Relay;
use crate::relay::address::PublicAddresses;
use eyeline_relay::{Family, Input, PeerSocket};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::net::UdpSocket;
use tokio_util::task::AbortOnDropHandle;

/// The longest datagram there is.
const LONGEST_DATAGRAM_BYTES: usize = 65_535;

thread_local! {
    /// Shared by all sockets of a thread: each only needs it between two waits.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; LONGEST_DATAGRAM_BYTES]);
}

/// All sockets towards peers. As many as the relay's machine has asked for, which its port range bounds.
#[derive(Debug)]
pub(crate) struct Peers {
    ipv4: IpAddr,
    ipv6: IpAddr,
    open: Mutex<BTreeMap<PeerSocket, Open>>,
}

#[derive(Debug)]
struct Open {
    socket: Arc<UdpSocket>,
    _reader: AbortOnDropHandle<()>,
}

impl Peers {
    /// Sockets are bound to the public addresses where this machine has them, so that what leaves comes from there;
    /// behind a router that translates one to one they are not ours, and all addresses are bound.
    pub(crate) fn new(public: PublicAddresses) -> Self {
        let own = |address: IpAddr| std::net::UdpSocket::bind((address, 0)).is_ok();
        let ipv4 = public.ipv4.map(IpAddr::V4).filter(|address| own(*address));
        let ipv6 = public.ipv6.map(IpAddr::V6).filter(|address| own(*address));
        Self {
            ipv4: ipv4.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            ipv6: ipv6.unwrap_or(Ipv6Addr::UNSPECIFIED.into()),
            open: Mutex::new(BTreeMap::new()),
        }
    }

    /// Binds a socket and reads from it until it is closed. False if that is not possible.
    pub(crate) fn open(&self, relay: &Arc<Relay>, number: PeerSocket, family: Family, port: u16) -> bool {
        let address = match family {
            Family::V4 => self.ipv4,
            Family::V6 => self.ipv6,
        };
        let socket = match bind(SocketAddr::new(address, port)) {
            Ok(socket) => Arc::new(socket),
            Err(error) => {
                tracing::debug!(%error, "a relay port could not be opened");
                return false;
            }
        };
        let reader = tokio::spawn(read(Arc::downgrade(relay), Arc::clone(&socket), number));
        self.lock().insert(number, Open { socket, _reader: AbortOnDropHandle::new(reader) });
        true
    }

    pub(crate) fn close(&self, number: PeerSocket) {
        self.lock().remove(&number);
    }

    pub(crate) fn close_all(&self) {
        self.lock().clear();
    }

    /// False if it was lost.
    pub(crate) fn send(&self, number: PeerSocket, peer: SocketAddr, bytes: &[u8]) -> bool {
        let socket = self.lock().get(&number).map(|open| Arc::clone(&open.socket));
        // Not by Tokio, which does not know a new socket as writable until its event has come: the first packets
        // would be lost.
        socket.is_some_and(|socket| SockRef::from(&*socket).send_to(bytes, &peer.into()).is_ok())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PeerSocket, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

async fn read(relay: Weak<Relay>, socket: Arc<UdpSocket>, number: PeerSocket) {
    loop {
        let ready = socket.readable().await;
        let Some(relay) = relay.upgrade() else { return };
        let input = ready.and_then(|()| BUFFER.with_borrow_mut(|buffer| receive(&socket, number, buffer)));
        match input {
            Ok(input) => relay.handle(input),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // Mostly an ICMP error for an earlier datagram. Never a reason to stop: an allocation lives on. Others
            // shall run in between, should the error stay.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

fn receive(socket: &UdpSocket, number: PeerSocket, buffer: &mut [u8]) -> io::Result<Input> {
    let (length, peer) = socket.try_recv_from(buffer)?;
    let bytes = buffer.get(..length).unwrap_or_default().into();
    Ok(Input::FromPeer { socket: number, peer, bytes })
}
