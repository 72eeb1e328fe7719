//! The accept loop: who may connect, and for how long without saying anything; and what a connection then speaks.
//!
//! Not `axum::serve`: hyper-util's builder for both HTTP versions has no timer while it waits for the first bytes
//! (hyperium/hyper#3756), so that silent connections would stay for ever. HTTP/1.1 alone has one.

use crate::first_bytes::{self, Spoken};
use crate::http::{Site, respond};
use crate::relay::streams::{self, Ends};
use crate::stream::{Secured, Stream};
use crate::tls::ACME_PROTOCOL;
use eyeline_relay::Transport;
use eyeline_rooms::AddressGroup;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What TCP connections may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Open connections, WebSockets included.
    pub total: usize,
    /// Open connections of one address (IPv4, or IPv6 /64). More than its WebSockets: pages load beside them, and a
    /// browser opens two to the relay for each of up to seven others; three full rooms behind one router are 336.
    /// Trusted proxies, through which everybody comes, have only the total.
    pub per_address: usize,
    /// From the connection to the end of the TLS handshake, which takes two round trips.
    pub handshake_deadline: Duration,
    /// From the connection, or from the end of the request before, to the end of the request's head; so also to its
    /// first byte.
    pub head_deadline: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// How long a connection may be used for HTTP: bounds who reads a response byte by byte.
    pub http_lifetime: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            total: 4096,
            per_address: 512,
            handshake_deadline: Duration::from_secs(5),
            head_deadline: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            http_lifetime: Duration::from_secs(120),
        }
    }
}

/// Connections that the system holds until they are accepted. Tokio's own value.
const BACKLOG: i32 = 1024;

/// Fields of a request's head; browsers send some 15.
const HEAD_FIELDS: usize = 64;

/// The pause after the system could not accept a connection (no descriptors left): time for others to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What stands behind a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// The page, over HTTP.
    Plain,
    /// HTTP that leads to HTTPS, on this port.
    Redirect { port: u16 },
    /// The page over HTTPS, and TURN.
    Tls,
}

/// What is known of a connection before its first request.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) source: SocketAddr,
    pub(crate) entrance: Entrance,
    /// Holds the connection's place until it ends, also as a WebSocket.
    pub(crate) admission: Arc<Admission>,
}

/// Accepts until `stop`. Every connection is a task of `site.tasks`.
pub(crate) async fn accept(
    listener: TcpListener,
    entrance: Entrance,
    site: Arc<Site>,
    gate: Arc<Gate>,
    limits: Arc<ConnectionLimits>,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, source) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                site.counters.connections_refused.add(1);
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let group = (!site.proxies.contains(source.ip())).then(|| AddressGroup::from(source.ip()));
        match gate.admit(group, &limits) {
            Some(admission) => {
                site.counters.connections.add(1);
                let visit = Visit { source, entrance, admission };
                site.tasks.spawn(serve(stream, visit, Arc::clone(&site), Arc::clone(&limits), stop.clone()));
            }
            None => {
                site.counters.connections_refused.add(1);
                tracing::debug!("a connection was refused: too many are open");
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    visit: Visit,
    site: Arc<Site>,
    limits: Arc<ConnectionLimits>,
    stop: CancellationToken,
) {
    streams::tune(&stream);
    let local = stream.local_addr();
    if visit.entrance != Entrance::Tls {
        return speak_http(Stream::Plain(stream), visit, site, limits, stop).await;
    }
    let secured = tokio::select! {
        () = stop.cancelled() => return,
        secured = secure(stream, &site, &limits) => secured,
    };
    match secured {
        Some((Spoken::Http, stream)) => {
            speak_http(Stream::Tls(Box::new(stream)), visit, site, limits, stop).await;
        }
        Some((Spoken::Stun, stream)) => {
            if let (Some(relay), Ok(local)) = (&site.relay, local) {
                let ends = Ends { local, source: visit.source, transport: Transport::Tls };
                streams::serve_stream(relay, stream, ends, limits.head_deadline).await;
            }
        }
        None => {}
    }
}

/// The TLS handshake, and the first bytes after it.
async fn secure(stream: TcpStream, site: &Site, limits: &ConnectionLimits) -> Option<(Spoken, Secured)> {
    let handshake = site.tls.as_ref()?.acceptor().accept(stream);
    let mut stream = match tokio::time::timeout(limits.handshake_deadline, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            site.counters.handshakes_failed.add(1);
            tracing::debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => {
            site.counters.handshakes_failed.add(1);
            tracing::debug!("a TLS handshake took too long");
            return None;
        }
    };
    site.counters.handshakes.add(1);
    // The authority wants to see the handshake, and nothing after it (RFC 8737, 3).
    if stream.get_ref().1.alpn_protocol() == Some(ACME_PROTOCOL) {
        let _broken = tokio::time::timeout(limits.handshake_deadline, stream.shutdown()).await;
        return None;
    }
    tokio::time::timeout(limits.head_deadline, first_bytes::look(stream)).await.ok()?.ok()
}

/// Speaks HTTP/1.1 until the connection ends or becomes a WebSocket.
async fn speak_http(
    stream: Stream,
    visit: Visit,
    site: Arc<Site>,
    limits: Arc<ConnectionLimits>,
    stop: CancellationToken,
) {
    let service = service_fn(|request| {
        let response = respond(&site, &visit, request);
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_deadline)
        .max_buf_size(limits.head_bytes)
        .max_headers(HEAD_FIELDS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::time::timeout(limits.http_lifetime, async {
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    });
    if let Ok(Err(error)) = ended.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Counts open connections.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: BTreeMap<AddressGroup, usize>,
}

/// One open connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Admission {
    gate: Arc<Gate>,
    address: Option<AddressGroup>,
}

impl Gate {
    /// Gives a connection a place, if there is one. Without an address only the total counts.
    pub(crate) fn admit(
        self: &Arc<Self>,
        address: Option<AddressGroup>,
        limits: &ConnectionLimits,
    ) -> Option<Arc<Admission>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= limits.total {
            return None;
        }
        if let Some(address) = address {
            let here = open.by_address.get(&address).copied().unwrap_or_default();
            if here >= limits.per_address {
                return None;
            }
            open.by_address.insert(address, here + 1);
        }
        open.total += 1;
        Some(Arc::new(Admission { gate: Arc::clone(self), address }))
    }

    /// Open connections, WebSockets included.
    pub(crate) fn open(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.gate.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        let Some(address) = self.address else { return };
        if let Some(here) = open.by_address.get_mut(&address) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

/// Binds a TCP listener; names the address in the error. All IPv6 addresses mean IPv4 too, and where there is no
/// IPv6 at all, IPv4 alone.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, crate::Error> {
    let failed = |error| crate::Error::Listen { address, error };
    if address.ip() != Ipv6Addr::UNSPECIFIED {
        return TcpListener::bind(address).await.map_err(failed);
    }
    match open_for_both(address) {
        Err(error) if crate::relay::udp::is_without_ipv6(&error) => {
            tracing::warn!("this machine has no IPv6: port {} listens over IPv4 only", address.port());
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        opened => opened,
    }
    .map_err(failed)
}

/// What systems do by themselves with `[::]` differs, and can be set.
fn open_for_both(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_only_v6(false)?;
    // As Tokio does: a restart need not wait for connections of the last run to be forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
