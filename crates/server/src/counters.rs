//! What has passed, in numbers only: no ids, no names, no addresses.

use eyeline_protocol::outer::CloseCode;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts up from the start of the server.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// TCP connections accepted.
    pub(crate) connections: Counter,
    /// TCP connections refused by a cap, or because the system could not accept them.
    pub(crate) connections_refused: Counter,
    /// TLS handshakes that succeeded, and that did not or not in time.
    pub(crate) handshakes: Counter,
    pub(crate) handshakes_failed: Counter,
    /// HTTP responses.
    pub(crate) responses: Counter,
    /// Bytes of HTTP bodies sent.
    pub(crate) response_bytes: Counter,
    /// WebSockets opened.
    pub(crate) sockets: Counter,
    /// WebSocket messages and their bytes, without framing.
    pub(crate) messages_in: Counter,
    pub(crate) message_bytes_in: Counter,
    pub(crate) messages_out: Counter,
    pub(crate) message_bytes_out: Counter,
    /// Datagrams of STUN and TURN clients, and their bytes.
    pub(crate) stun_in: Counter,
    pub(crate) stun_bytes_in: Counter,
    pub(crate) stun_out: Counter,
    pub(crate) stun_bytes_out: Counter,
    /// Streams of STUN and TURN clients that have begun, and bytes of what came and went on them.
    pub(crate) relay_streams: Counter,
    pub(crate) relay_stream_bytes_in: Counter,
    pub(crate) relay_stream_bytes_out: Counter,
    /// Bytes from and to peers, in open mode.
    pub(crate) relay_peer_bytes_in: Counter,
    pub(crate) relay_peer_bytes_out: Counter,
    /// Packets of the relay that could not be sent, or were too late.
    pub(crate) relay_unsent: Counter,
    /// Packets on which the relay's machine has panicked: a defect of ours, each of them.
    pub(crate) relay_defects: Counter,
    closes: Mutex<BTreeMap<u16, u64>>,
}

/// One number.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: usize) {
        // Relaxed: the numbers are only read to be shown.
        self.0.fetch_add(amount as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// Counts a WebSocket that the server closes.
    pub(crate) fn closed(&self, code: CloseCode) {
        let mut closes = self.closes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *closes.entry(code as u16).or_default() += 1;
    }

    /// WebSockets closed by the server, by close code.
    pub(crate) fn closes(&self) -> BTreeMap<u16, u64> {
        self.closes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
