//! The counters as plain text, on a listener of their own that is off unless asked for, and on loopback only.
//!
//! Any connection gets them and is closed: `curl http://127.0.0.1:PORT/` or `nc`. The form is Prometheus's text
//! format, version 0.0.4.

use crate::accept::Gate;
use crate::http::Site;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(2);

pub(crate) struct Status {
    pub(crate) site: Arc<Site>,
    pub(crate) gate: Arc<Gate>,
}

impl Status {
    /// Answers one connection at a time until it is dropped.
    pub(crate) async fn run(self, listener: TcpListener) {
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                let _late = tokio::time::timeout(DEADLINE, self.answer(stream)).await;
            } else {
                tokio::time::sleep(DEADLINE).await;
            }
        }
    }

    async fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        // The request is not looked at, but must be read, or the end would be a reset.
        let mut head = [0; 4096];
        let _whatever = stream.read(&mut head).await?;
        let body = self.text();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await
    }

    fn text(&self) -> String {
        let counters = &self.site.counters;
        let census = self.site.hub.census();
        let figures = self.site.relay.as_ref().map(|relay| relay.figures()).unwrap_or_default();
        let (stun, relay) = (figures.stun, &figures.relay);
        let mut text = String::new();
        for (name, value) in [
            ("connections_open", self.gate.open() as u64),
            ("connections_total", counters.connections.get()),
            ("connections_refused_total", counters.connections_refused.get()),
            ("tls_handshakes_total", counters.handshakes.get()),
            ("tls_handshakes_failed_total", counters.handshakes_failed.get()),
            ("http_responses_total", counters.responses.get()),
            ("http_response_bytes_total", counters.response_bytes.get()),
            ("websockets_open", census.connections as u64),
            ("websockets_total", counters.sockets.get()),
            ("rooms", census.rooms as u64),
            ("members_in_call", census.members_in_call as u64),
            ("members_in_lobby", census.members_in_lobby as u64),
            ("addresses_remembered", census.addresses as u64),
            ("signaling_messages_in_total", counters.messages_in.get()),
            ("signaling_bytes_in_total", counters.message_bytes_in.get()),
            ("signaling_messages_out_total", counters.messages_out.get()),
            ("signaling_bytes_out_total", counters.message_bytes_out.get()),
            ("stun_datagrams_in_total", counters.stun_in.get()),
            ("stun_bytes_in_total", counters.stun_bytes_in.get()),
            ("stun_datagrams_out_total", counters.stun_out.get()),
            ("stun_bytes_out_total", counters.stun_bytes_out.get()),
            ("relay_streams_open", figures.census.streams as u64),
            ("relay_streams_total", counters.relay_streams.get()),
            ("relay_streams_refused_total", relay.streams_refused),
            ("relay_stream_bytes_in_total", counters.relay_stream_bytes_in.get()),
            ("relay_stream_bytes_out_total", counters.relay_stream_bytes_out.get()),
            ("relay_peer_sockets_open", figures.census.sockets as u64),
            ("relay_peer_bytes_in_total", counters.relay_peer_bytes_in.get()),
            ("relay_peer_bytes_out_total", counters.relay_peer_bytes_out.get()),
            ("relay_allocations", figures.census.allocations as u64),
            ("relay_allocations_total", relay.allocations_created),
            ("relay_rooms", figures.census.rooms as u64),
            ("relay_authentication_failures_total", relay.authentication_failures),
            ("relay_limited_total", relay.limited),
            ("relay_ignored_total", relay.ignored),
            ("relay_denied_peers_total", relay.denied_peers),
            ("relay_packets_total", relay.relayed_packets),
            ("relay_bytes_total", relay.relayed_bytes),
            ("relay_defects_total", counters.relay_defects.get()),
            ("stun_answered_total", stun.answered),
            ("stun_refused_total", stun.refused),
            ("stun_limited_total", stun.limited),
            ("stun_ignored_total", stun.ignored),
        ] {
            line(&mut text, format_args!("eyeline_{name} {value}"));
        }
        for (code, count) in &relay.refused {
            line(&mut text, format_args!("eyeline_relay_refused_total{{code=\"{code}\"}} {count}"));
        }
        for (reason, count) in &relay.dropped {
            let reason = reason.name();
            line(&mut text, format_args!("eyeline_relay_dropped_total{{reason=\"{reason}\"}} {count}"));
        }
        let unsent = counters.relay_unsent.get();
        line(&mut text, format_args!("eyeline_relay_dropped_total{{reason=\"not_sent\"}} {unsent}"));
        for (code, count) in counters.closes() {
            line(&mut text, format_args!("eyeline_websockets_closed_total{{code=\"{code}\"}} {count}"));
        }
        text
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _written = writeln!(text, "{content}");
}
