//! Clients over streams: TCP on the STUN port, and whatever else carries bytes, such as TLS on the port of the page.

use crate::accept::{ConnectionLimits, Gate};
use crate::relay::Relay;
use crate::relay::queue::{Queue, is_media};
use crate::relay::udp::Local;
use bytes::{Bytes, BytesMut};
use eyeline_protocol::Milliseconds;
use eyeline_relay::framing;
use eyeline_relay::{Client, Input, Transport};
use eyeline_rooms::AddressGroup;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What the kernel may hold unsent. The rest waits in our queue, where it can still be dropped.
const UNSENT_BYTES: u32 = 16 * 1024;

/// Bytes that may wait for all streams together. A thousand of them have a tenth of a second of a good picture each;
/// what is above it is media for people who do not read.
const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// Bytes that are read at once: two packets of a picture.
const READ_BYTES: usize = 3 * 1024;

/// How long a stream may take to send its last bytes.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// The pause after the system could not accept a connection (no descriptors left): time for others to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The streams there are, for what the relay sends.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: Mutex<BTreeMap<Client, Arc<Outgoing>>>,
    /// Bytes that wait for all of them.
    waiting: Arc<AtomicUsize>,
}

/// What waits for one stream.
#[derive(Debug)]
struct Outgoing {
    queue: Mutex<Queue>,
    /// Bytes that wait for all streams.
    waiting: Arc<AtomicUsize>,
    /// Something waits.
    filled: Notify,
    /// The relay, or a client that does not read, has ended the stream.
    ended: CancellationToken,
}

impl Streams {
    /// Queues bytes; returns how many packets had to be dropped.
    pub(crate) fn send(&self, now: Milliseconds, client: &Client, bytes: Bytes) -> u64 {
        let Some(outgoing) = self.lock().get(client).map(Arc::clone) else { return 1 };
        // Relaxed: a little more or less does not matter.
        if is_media(&bytes) && self.waiting.load(Ordering::Relaxed) >= WAITING_BYTES {
            return 1;
        }
        let (pushed, dropped) = outgoing.with_queue(|queue| (queue.push(now, bytes), queue.take_dropped()));
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
        let outgoing = Arc::new(Outgoing {
            queue: Mutex::default(),
            waiting: Arc::clone(&self.waiting),
            filled: Notify::new(),
            ended: CancellationToken::new(),
        });
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
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outgoing {
    /// Does something with the queue, and counts what waits for all.
    fn with_queue<T>(&self, act: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let before = queue.bytes();
        let done = act(&mut queue);
        let after = queue.bytes();
        self.waiting.fetch_add(after.saturating_sub(before), Ordering::Relaxed);
        self.waiting.fetch_sub(before.saturating_sub(after), Ordering::Relaxed);
        done
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.with_queue(|queue| *queue = Queue::default());
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
        // Given back by the frames before, once they have been sent on.
        buffer.reserve(READ_BYTES);
        if stream.read_buf(buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// Writes what waits until the stream breaks. Each packet by itself: it leaves at once, and in TLS has a record of its
/// own, beyond which simple clients do not look (coturn's `turnutils_uclient` 4.6 is one).
async fn write(relay: &Relay, outgoing: &Outgoing, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    loop {
        let (packet, dropped) = outgoing.with_queue(|queue| (queue.pop(relay.now()), queue.take_dropped()));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn client(port: u16) -> Client {
        let address = SocketAddr::from(([192, 0, 2, 1], port));
        Client { transport: Transport::Tcp, local: eyeline_relay::LocalSocket(0), address }
    }

    fn media() -> Bytes {
        let mut packet = vec![0; 1024];
        packet[0] = 0x40;
        packet.into()
    }

    #[test]
    fn those_who_do_not_read_fill_only_so_much_memory_together() {
        let streams = Streams::default();
        let now = Milliseconds(0);
        // One more than fit, a quarter of a megabyte each.
        let clients: Vec<Client> = (1..=257).map(client).collect();
        let outgoing: Vec<_> = clients.iter().map(|client| streams.open(*client)).collect();
        for client in &clients {
            for _ in 0..256 {
                streams.send(now, client, media());
            }
        }
        assert_eq!(streams.waiting.load(Ordering::Relaxed), WAITING_BYTES);
        assert_eq!(streams.send(now, &client(257), media()), 1, "dropped");
        // An answer has a place still.
        assert_eq!(streams.send(now, &client(257), vec![1, 1, 0, 0].into()), 0);
        // And all of it is given back.
        outgoing[0].with_queue(|queue| queue.pop(now));
        assert_eq!(streams.send(now, &client(257), media()), 0);
        for (client, outgoing) in clients.iter().zip(outgoing) {
            assert!(streams.forget(client, &outgoing));
        }
        assert_eq!(streams.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_stream_that_has_taken_the_name_of_a_dead_one_is_not_forgotten_with_it() {
        let streams = Streams::default();
        let dead = streams.open(client(1));
        let living = streams.open(client(1));
        assert!(dead.ended.is_cancelled() && !living.ended.is_cancelled());
        assert!(!streams.forget(&client(1), &dead));
        assert_eq!(streams.send(Milliseconds(0), &client(1), media()), 0);
        assert!(streams.forget(&client(1), &living));
    }
}
