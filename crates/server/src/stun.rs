//! The STUN shell: one UDP socket in front of `eyeline-relay`.

use crate::Error;
use crate::counters::Counters;
use crate::hub::Clock;
use eyeline_relay::Stun;
use eyeline_relay::stun::LONGEST_REQUEST_BYTES;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;

/// The pause after a receive error that is not about one datagram.
const RECEIVE_PAUSE: Duration = Duration::from_millis(10);

/// Binds the UDP socket. An unspecified IPv6 address takes IPv4 too, and where there is no IPv6 at all, IPv4 alone.
pub(crate) fn bind(address: SocketAddr) -> Result<UdpSocket, Error> {
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

fn open(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// No such address family, or it is switched off.
pub(crate) fn is_without_ipv6(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, Unsupported};
    // Linux says EAFNOSUPPORT, 97, for which there is no stable kind everywhere.
    matches!(error.kind(), AddrNotAvailable | Unsupported) || error.raw_os_error() == Some(97)
}

/// Answers until it is dropped. The state is shared with the counters' page only.
pub(crate) async fn run(socket: UdpSocket, stun: Arc<Mutex<Stun>>, clock: Clock, counters: Arc<Counters>) {
    // One byte more than is read, to tell what is too long.
    let mut buffer = [0; LONGEST_REQUEST_BYTES + 1];
    loop {
        let (length, source) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(error) => {
                // Mostly an ICMP error for an earlier reply. Never a reason to stop.
                tracing::debug!(%error, "STUN could not receive");
                tokio::time::sleep(RECEIVE_PAUSE).await;
                continue;
            }
        };
        let datagram = buffer.get(..length).unwrap_or_default();
        counters.stun_in.add(1);
        counters.stun_bytes_in.add(length);
        let reply = catch_unwind(AssertUnwindSafe(|| {
            // A datagram that hits a defect in the parser hurts nobody else (str0m#709, litep2p#107 were such).
            stun.lock().unwrap_or_else(PoisonError::into_inner).handle(clock.now(), source, datagram)
        }));
        let Ok(Some(reply)) = reply else { continue };
        counters.stun_out.add(1);
        counters.stun_bytes_out.add(reply.len());
        // Not waited for: a full send buffer loses the reply, as the network may, and the client asks again.
        let _lost = socket.try_send_to(&reply, source);
    }
}
