//! The accept loop: who may connect, and for how long without saying anything.
//!
//! Not `axum::serve`: hyper-util's builder for both HTTP versions has no timer while it waits for the first bytes
//! (hyperium/hyper#3756), so that silent connections would stay for ever. HTTP/1.1 alone has one.

use crate::http::{Site, respond};
use eyeline_rooms::AddressGroup;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// What TCP connections may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Open connections, WebSockets included.
    pub total: usize,
    /// Open connections of one address (IPv4, or IPv6 /64). More than its WebSockets: pages load beside them.
    pub per_address: usize,
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
            per_address: 128,
            head_deadline: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            http_lifetime: Duration::from_secs(120),
        }
    }
}

/// Fields of a request's head; browsers send some 15.
const HEAD_FIELDS: usize = 64;

/// The pause after the system could not accept a connection (no descriptors left): time for others to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until `stop`. Every connection is a task of `site.tasks`.
pub(crate) async fn accept(
    listener: TcpListener,
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
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                site.counters.connections_refused.add(1);
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let group = AddressGroup::from(address.ip());
        match gate.admit(group, &limits) {
            Some(admission) => {
                site.counters.connections.add(1);
                let connection =
                    serve(stream, group, Arc::clone(&site), admission, Arc::clone(&limits), stop.clone());
                site.tasks.spawn(connection);
            }
            None => {
                site.counters.connections_refused.add(1);
                tracing::debug!("a connection was refused: too many are open");
            }
        }
    }
}

/// Speaks HTTP/1.1 until the connection ends or becomes a WebSocket.
async fn serve(
    stream: TcpStream,
    group: AddressGroup,
    site: Arc<Site>,
    admission: Arc<Admission>,
    limits: Arc<ConnectionLimits>,
    stop: CancellationToken,
) {
    // Records are small and wait for each other: without delay (RFC 896). A failure only costs time.
    let _without = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let response = respond(&site, group, &admission, request);
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
    address: AddressGroup,
}

impl Gate {
    /// Gives a connection a place, if there is one.
    pub(crate) fn admit(self: &Arc<Self>, address: AddressGroup, limits: &ConnectionLimits) -> Option<Arc<Admission>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.by_address.get(&address).copied().unwrap_or_default();
        if open.total >= limits.total || here >= limits.per_address {
            return None;
        }
        open.total += 1;
        open.by_address.insert(address, here + 1);
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
        if let Some(here) = open.by_address.get_mut(&self.address) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// Binds a TCP listener; names the address in the error.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, crate::Error> {
    TcpListener::bind(address).await.map_err(|error| crate::Error::Listen { address, error })
}
