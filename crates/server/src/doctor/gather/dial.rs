//! Names to addresses, addresses to connections.

use super::PATIENCE;
use crate::doctor::facts::Reach;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The addresses behind a name, each once, IPv4 first; by the system's resolver, as browsers ask.
pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let looked_up = timeout(PATIENCE, tokio::net::lookup_host((host, port))).await;
    let mut addresses: Vec<SocketAddr> =
        looked_up.map_err(|_| io::Error::other("the resolver does not answer"))??.collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

/// A TCP connection.
pub(super) async fn dial(address: SocketAddr) -> Result<TcpStream, Reach> {
    match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(reach(&error)),
        Err(_) => Err(Reach::Silent),
    }
}

/// What an error says about an address.
pub(super) fn reach(error: &io::Error) -> Reach {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut, Unsupported,
    };
    match error.kind() {
        ConnectionRefused => Reach::Refused,
        TimedOut => Reach::Silent,
        NetworkUnreachable | HostUnreachable | AddrNotAvailable | Unsupported => Reach::NoRoute,
        _ => Reach::Failed(error.to_string()),
    }
}
