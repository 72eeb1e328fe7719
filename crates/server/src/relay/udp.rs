//! The UDP ports: datagrams of clients in, datagrams for clients out.
//!
//! `quinn-udp` tells to which of the machine's addresses a datagram came, and lets the answer leave from the same
//! one: a browser drops what comes from elsewhere. It also takes what the kernel has put together (GRO).

use crate::Error;
use crate::relay::Relay;
use eyeline_relay::{Client, Input, LocalSocket, Transport};
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// The pause after a receive error that is not about one datagram.
const RECEIVE_PAUSE: Duration = Duration::from_millis(10);

/// Buffers filled with one system call, as many as `quinn-udp` takes, each as long as what the kernel may put together:
/// after a pause, what has piled up must be fetched before the kernel's own buffer is full.
const BUFFERS: usize = quinn_udp::BATCH_SIZE;
const BUFFER_BYTES: usize = 64 * 1024;

/// What a browser sends in a tenth of a second at 30 Mbit/s: the kernel's default is a tenth of it and drops bursts.
/// It gives less if `net.core.rmem_max` is less.
const KERNEL_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// One bound port.
#[derive(Debug)]
pub(crate) struct Port {
    socket: UdpSocket,
    state: UdpSocketState,
}

/// Binds a port. An unspecified IPv6 address takes IPv4 too, and where there is no IPv6 at all, IPv4 alone.
pub(crate) fn bind(address: SocketAddr) -> Result<Port, Error> {
    let failed = |error| Error::StunListen { address, error };
    match open(address) {
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && is_without_ipv6(&error) => {
            tracing::warn!("this machine has no IPv6: STUN answers over IPv4 only");
            open(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))
        }
        opened => opened,
    }
    .map_err(failed)
}

fn open(address: SocketAddr) -> io::Result<Port> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    // As much as the system allows; less is slower, not wrong.
    let _less = socket.set_recv_buffer_size(KERNEL_BUFFER_BYTES);
    let _less = socket.set_send_buffer_size(KERNEL_BUFFER_BYTES);
    socket.bind(&address.into())?;
    let socket = UdpSocket::from_std(socket.into())?;
    let state = UdpSocketState::new((&socket).into())?;
    Ok(Port { socket, state })
}

/// No such address family, or it is switched off.
pub(crate) fn is_without_ipv6(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, Unsupported};
    // Linux says EAFNOSUPPORT, 97, for which there is no stable kind everywhere.
    matches!(error.kind(), AddrNotAvailable | Unsupported) || error.raw_os_error() == Some(97)
}

impl Port {
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        self.socket.local_addr().ok()
    }

    /// Sends one datagram from one of the machine's addresses. Not waited for: a full send buffer loses it, as the
    /// network may. False if it was lost.
    pub(crate) fn send(&self, from: Option<IpAddr>, to: SocketAddr, bytes: &[u8]) -> bool {
        let transmit =
            Transmit { destination: to, ecn: None, contents: bytes, segment_size: None, src_ip: from };
        self.state.try_send((&self.socket).into(), &transmit).is_ok()
    }

    /// Takes what is there, or says that nothing is.
    fn receive(&self, buffers: &mut [u8], metas: &mut [RecvMeta; BUFFERS]) -> io::Result<usize> {
        let mut slices = [const { None::<IoSliceMut<'_>> }; BUFFERS];
        for (slice, buffer) in slices.iter_mut().zip(buffers.chunks_exact_mut(BUFFER_BYTES)) {
            *slice = Some(IoSliceMut::new(buffer));
        }
        let mut slices: Vec<IoSliceMut<'_>> = slices.into_iter().flatten().collect();
        self.socket.try_io(Interest::READABLE, || self.state.recv((&self.socket).into(), &mut slices, metas))
    }
}

/// Hands every datagram of one port to the relay, until it is dropped.
pub(crate) async fn run(relay: Arc<Relay>, port: usize) {
    let Some(socket) = relay.port(port) else { return };
    let mut buffers = vec![0; BUFFERS * BUFFER_BYTES];
    let mut metas = [RecvMeta::default(); BUFFERS];
    loop {
        let received = match socket.socket.readable().await {
            Ok(()) => socket.receive(&mut buffers, &mut metas),
            Err(error) => Err(error),
        };
        match received {
            Ok(count) => {
                let filled = buffers.chunks_exact(BUFFER_BYTES).zip(metas.iter().take(count));
                relay.handle_all(filled.flat_map(|(buffer, meta)| datagrams(&relay, port, buffer, meta)));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                // Mostly an ICMP error for an earlier datagram. Never a reason to stop.
                tracing::debug!(%error, "the STUN port could not receive");
                tokio::time::sleep(RECEIVE_PAUSE).await;
            }
        }
    }
}

/// The datagrams in one buffer; more than one if the kernel has put together what came from one client.
fn datagrams<'a>(
    relay: &Relay,
    port: usize,
    buffer: &'a [u8],
    meta: &RecvMeta,
) -> impl Iterator<Item = Input> + 'a {
    let local = relay.local(Local::Udp { port, address: meta.dst_ip });
    let client = Client { transport: Transport::Udp, local, address: meta.addr };
    let bytes = buffer.get(..meta.len).unwrap_or_default();
    bytes.chunks(meta.stride.max(1)).map(move |datagram| Input::Packet { client, bytes: datagram.into() })
}

/// Where clients come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Local {
    /// One of the UDP ports, under one of the machine's addresses.
    Udp {
        /// Its place among the ports.
        port: usize,
        /// The address, where the system tells it.
        address: Option<IpAddr>,
    },
    /// A listener for streams, under one of the machine's addresses.
    Stream(SocketAddr),
}

/// The most ways in. A machine may have whole networks of addresses; those above it are answered from whatever
/// address the system chooses.
const MOST_LOCALS: usize = 4096;

/// Numbers the ways in, as the relay's machine wants it.
#[derive(Debug)]
pub(crate) struct Locals {
    known: Vec<Local>,
    numbers: std::collections::BTreeMap<Local, LocalSocket>,
}

impl Locals {
    /// The first numbers are those of the ports themselves, without an address.
    pub(crate) fn new(ports: usize) -> Self {
        let mut locals = Self { known: Vec::new(), numbers: std::collections::BTreeMap::new() };
        for port in 0..ports {
            locals.enter(Local::Udp { port, address: None });
        }
        locals
    }

    pub(crate) fn find(&self, local: Local) -> Option<LocalSocket> {
        self.numbers.get(&local).copied()
    }

    pub(crate) fn get(&self, number: LocalSocket) -> Option<Local> {
        self.known.get(usize::from(number.0)).copied()
    }

    /// Gives a number to a way in.
    pub(crate) fn enter(&mut self, local: Local) -> LocalSocket {
        if let Some(number) = self.find(local) {
            return number;
        }
        let without_address = match local {
            Local::Udp { port, .. } => u16::try_from(port).ok(),
            Local::Stream(_) => None,
        };
        match u16::try_from(self.known.len()) {
            Ok(number) if self.known.len() < MOST_LOCALS => {
                self.known.push(local);
                self.numbers.insert(local, LocalSocket(number));
                LocalSocket(number)
            }
            // Streams are told apart by their source alone then.
            _ => LocalSocket(without_address.unwrap_or(u16::MAX)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_in_has_one_number() {
        let mut locals = Locals::new(2);
        let udp = |port, last| Local::Udp { port, address: Some(IpAddr::from([127, 0, 0, last])) };
        let stream = Local::Stream(([127, 0, 0, 1], 3478).into());
        let numbers = [udp(0, 1), udp(0, 2), udp(1, 1), stream].map(|local| locals.enter(local));
        assert_eq!(numbers, [2, 3, 4, 5].map(LocalSocket));
        assert_eq!(locals.enter(udp(1, 1)), LocalSocket(4));
        assert_eq!(locals.get(LocalSocket(4)), Some(udp(1, 1)));
        assert_eq!(locals.get(LocalSocket(1)), Some(Local::Udp { port: 1, address: None }));
        assert_eq!(locals.get(LocalSocket(6)), None);
    }

    #[test]
    fn a_machine_with_a_whole_network_of_addresses_fills_no_memory() {
        let mut locals = Locals::new(2);
        for number in 0..10_000_u32 {
            let address = Some(IpAddr::from(number.to_be_bytes()));
            locals.enter(Local::Udp { port: 1, address });
        }
        assert_eq!(locals.known.len(), MOST_LOCALS);
        assert_eq!(locals.enter(Local::Udp { port: 1, address: Some([1, 2, 3, 4].into()) }), LocalSocket(1));
    }
}
