//! Clients over streams: TCP on the STUN port, and whatever else carries bytes, such as TLS on the port of the page.

use crate::accept::{ConnectionLimits, Gate};
use crate::relay::Relay;
use crate::relay::queue::Queue;
use crate::relay::udp::Local;
use bytes::{Bytes, BytesMut};
use eyeline_protocol::Milliseconds;
use eyeline_relay::framing;
use eyeline_relay::{Client, Input, Transport};
use eyeline_rooms::AddressGroup;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What the kernel may hold unsent. The rest waits in our queue, where it can still be dropped.
const UNSENT_BYTES: u32 = 16 * 1024;

/// How long a stream may take to send its last bytes.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// The pause after the system could not accept a connection (no descriptors left): time for others to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The streams there are, for what the relay sends.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<BTreeMap<Client, Arc<Outgoing>>>);

/// What waits for one stream.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    queue: Mutex<Queue>,
    /// Something waits.
    filled: Notify,
    /// The relay, or a client that does not read, has ended the stream.
    ended: CancellationToken,
}

impl Streams {
    /// Queues bytes; returns how many packets had to be dropped.
    pub(crate) fn send(&self, now: Milliseconds, client: &Client, bytes: Bytes) -> u64 {
        let Some(outgoing) = self.lock().get(client).map(Arc::clone) else { return 1 };
        let mut queue = outgoing.lock();
        let pushed = queue.push(now, bytes);
        let dropped = queue.take_dropped();
        drop(queue);
        match pushed {
            Ok(()) => outgoing.filled.notify_one(),
            Err(_overflow) => outgoing.ended.cancel(),
        }
        dropped
    }

    pub(crate) fn close(&self, client: &Client) {
        if let Some(outgoing) = self.lock().remove(client) {
            outgoing.ended.cancel();
        }
    }

    pub(crate) fn close_all(&self) {
        for (_, outgoing) in std::mem::take(&mut *self.lock()) {
            outgoing.ended.cancel();
        }
    }

    /// Enters a stream. One that has the same name is dead, whether that was noticed or not.
    fn open(&self, client: Client) -> Arc<Outgoing> {
        let outgoing = Arc::new(Outgoing::default());
        if let Some(dead) = self.lock().insert(client, Arc::clone(&outgoing)) {
            dead.ended.cancel();
        }
        outgoing
    }

    /// Forgets a stream, unless another has taken its name. True if it was there.
    fn forget(&self, client: &Client, outgoing: &Arc<Outgoing>) -> bool {
        let mut streams = self.lock();
        let is_there = streams.get(client).is_some_and(|there| Arc::ptr_eq(there, outgoing));
        if is_there {
            streams.remove(client);
        }
        is_there
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Client, Arc<Outgoing>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts TURN over TCP until `stop`; then drops every stream.
pub(crate) async fn accept(
    listener: TcpListener,
    relay: Arc<Relay>,
    gate: Arc<Gate>,
    limits: Arc<ConnectionLimits>,
    stop: CancellationToken,
) {
    let mut streams = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            Some(_ended) = streams.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, source) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                relay.counters().connections_refused.add(1);
                tracing::warn!(%error, "a connection to the relay could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(admission) = gate.admit(Some(AddressGroup::from(source.ip())), &limits) else {
            relay.counters().connections_refused.add(1);
            continue;
        };
        relay.counters().connections.add(1);
        let relay = Arc::clone(&relay);
        let patience = limits.head_deadline;
        streams.spawn(async move {
            tune(&stream);
            if let Ok(local) = stream.local_addr() {
                let ends = Ends { local, source, transport: Transport::Tcp };
                serve_stream(&relay, stream, ends, patience).await;
            }
            drop(admission);
        });
    }
}

/// Prepares a TCP connection, which may come to carry records or media: nothing waits for company (RFC 896), and
/// little waits where it can be dropped no more. What fails only costs time.
pub(crate) fn tune(stream: &TcpStream) {
    let _slower = stream.set_nodelay(true);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _later = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES);
}

/// Between whom a stream is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// The address that it came to.
    pub(crate) local: SocketAddr,
    /// The one that it came from.
    pub(crate) source: SocketAddr,
    pub(crate) transport: Transport,
}

/// Serves STUN and TURN on a stream until it ends. Returns at once if the relay is off.
///
/// The bytes may have been looked at before, but must all be in `stream`, from the first one on. `patience` is for
/// those that tell what it speaks; how long a stream may stay without an allocation is the relay's own limit.
pub(crate) async fn serve_stream(
    relay: &Arc<Relay>,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    ends: Ends,
    patience: Duration,
) {
    if !relay.is_on() {
        return;
    }
    let mut buffer = BytesMut::new();
    let told = tokio::time::timeout(patience, first_bytes(&mut stream, &mut buffer)).await;
    if !matches!(told, Ok(Ok(true))) {
        return;
    }
    let Ends { local, source, transport } = ends;
    let client = Client { transport, local: relay.local(Local::Stream(local)), address: source };
    let guard = Registered { relay, client, outgoing: relay.streams().open(client) };
    relay.handle(Input::StreamOpened { client });
    relay.counters().relay_streams.add(1);
    let (mut incoming, mut outgoing) = tokio::io::split(stream);
    tokio::select! {
        () = guard.outgoing.ended.cancelled() => {}
        _ended = read(relay, client, &mut incoming, &mut buffer) => {}
        _broken = write(relay, &guard.outgoing, &mut outgoing) => {}
    }
    drop(guard);
    // Whether this succeeds or not, the stream is over.
    let _late = tokio::time::timeout(CLOSE_DEADLINE, outgoing.shutdown()).await;
}

/// A stream that is known to the relay; forgotten when dropped, also with its task.
struct Registered<'a> {
    relay: &'a Arc<Relay>,
    client: Client,
    outgoing: Arc<Outgoing>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if self.relay.streams().forget(&self.client, &self.outgoing) {
            self.relay.handle(Input::StreamClosed { client: self.client });
        }
    }
}

/// Reads until it is clear whether this is STUN.
async fn first_bytes(stream: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> io::Result<bool> {
    loop {
        if let Some(is_stun) = framing::looks_like_stun(buffer) {
            return Ok(is_stun);
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(false);
        }
    }
}

/// Hands every frame to the relay until the stream ends or breaks the rules.
async fn read(
    relay: &Arc<Relay>,
    client: Client,
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> io::Result<()> {
    loop {
        // What is left is less than one frame, so the buffer is bounded.
        loop {
            match framing::next_frame(buffer) {
                Ok(Some(bytes)) => relay.handle(Input::Packet { client, bytes }),
                Ok(None) => break,
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// Writes what waits until the stream breaks. Each packet by itself: it leaves at once, and in TLS has a record of its
/// own, beyond which simple clients do not look (coturn's `turnutils_uclient` 4.6 is one).
async fn write(relay: &Relay, outgoing: &Outgoing, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    loop {
        let (packet, dropped) = {
            let mut queue = outgoing.lock();
            (queue.pop(relay.now()), queue.take_dropped())
        };
        relay.counters().relay_unsent.add(usize::try_from(dropped).unwrap_or_default());
        match packet {
            Some(packet) => stream.write_all(&packet).await?,
            None => {
                // TLS may keep the end of what it was given.
                stream.flush().await?;
                outgoing.filled.notified().await;
            }
        }
    }
}
