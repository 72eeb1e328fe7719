//! `cargo xtask bench relay-flood`: Allocate requests from a hundred thousand addresses that nobody has ever heard of,
//! against the real binary, while a relayed call goes on beside them.
//!
//! What must hold: the server's memory does not grow with the flood, since nothing is stored for who has not shown a
//! credential; and the call keeps its packets, since live allocations do not share the strangers' account.
//!
//! The addresses are those of loopback, 127.0.0.0/8, which are all ours: each request comes from a socket of its own
//! that is closed at once, so that its answer finds nobody, as with a spoofed one.

use anyhow::{Context as _, Result, ensure};
use eyeline_benches::{Figures, Server};
use eyeline_turn_client::{Client, Link, Packet};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Requests of the flood, and how many a second, if nobody says.
const REQUESTS: u32 = 100_000;
const REQUESTS_PER_SECOND: u32 = 20_000;

/// The call: what a picture of 2 Mbit/s sends one way.
const CALL_PACKETS_PER_SECOND: u32 = 250;
const CALL_PAYLOAD_BYTES: usize = 1000;
const CALL_CHANNEL: u16 = 0x4000;

/// How long the call goes on before and after the flood.
const QUIET: Duration = Duration::from_secs(2);

/// How long the last packets may take.
const LINGER: Duration = Duration::from_secs(1);

/// What may be lost at most, in hundredths of the call's packets.
const LOSS_PERCENT: f64 = 1.0;

/// What the memory may grow by, in KiB: the allocator's own moods, not a byte for each request (100 KiB would be one).
const GROWTH_KIB: u64 = 1024;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay-flood: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let (requests, per_second) = arguments()?;
    let server = Server::start(&["--log=warn"]).await?;
    let call = Call::begin(&server).await?;
    let length = QUIET + Duration::from_secs_f64(f64::from(requests) / f64::from(per_second)) + QUIET;
    let call = tokio::spawn(call.carry(length));

    tokio::time::sleep(QUIET).await;
    let start = server.figures()?;
    // In two halves: what grows with the flood grows in both.
    let target = server.stun;
    let half = async |from, to| -> Result<(Duration, Figures)> {
        let taken = tokio::task::spawn_blocking(move || flood(target, from..to, per_second)).await??;
        Ok((taken, server.figures()?))
    };
    let (first_taken, middle) = half(0, requests / 2).await?;
    let (second_taken, end) = half(requests / 2, requests).await?;
    let outcome = call.await??;
    let counters = server.counters().await?;

    let taken = first_taken + second_taken;
    let processor = end.processor - start.processor;
    println!("Allocate requests     {requests}, each from another address, in {:.1} s", taken.as_secs_f64());
    println!("  answered with 401   {}", counter(&counters, "eyeline_relay_refused_total{code=\"401\"}"));
    println!("  over the rate       {}", counter(&counters, "eyeline_relay_limited_total"));
    println!("  not received        {}", i64::from(requests) - received(&counters));
    println!("server's processor    {:.1} s for flood and call", processor.as_secs_f64());
    println!(
        "server's memory       {} KiB before, {} KiB after half, {} KiB after all of it",
        start.resident_kib, middle.resident_kib, end.resident_kib
    );
    println!(
        "the call beside       {} packets sent, {} lost ({:.2} %), longest gap {} ms",
        outcome.sent,
        outcome.lost(),
        outcome.loss_percent(),
        outcome.longest_gap.as_millis()
    );
    let grown = end.resident_kib.saturating_sub(middle.resident_kib);
    ensure!(
        grown <= GROWTH_KIB,
        "the memory grew by {grown} KiB in the second half: {GROWTH_KIB} are allowed"
    );
    ensure!(
        outcome.loss_percent() <= LOSS_PERCENT,
        "the call lost {:.2} % of its packets: {LOSS_PERCENT} % are allowed",
        outcome.loss_percent()
    );
    Ok(())
}

/// `--requests N --per-second N`.
fn arguments() -> Result<(u32, u32)> {
    let (mut requests, mut per_second) = (REQUESTS, REQUESTS_PER_SECOND);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().with_context(|| format!("{word} takes a number"))?.parse()?;
        match &*word {
            "--requests" => requests = number,
            "--per-second" => per_second = number,
            _ => anyhow::bail!("no such flag: {word}; there are --requests and --per-second"),
        }
    }
    ensure!((2..=2_000_000).contains(&requests) && per_second > 0, "at most two million requests");
    Ok((requests, per_second))
}

/// Sends one request from each of these addresses, evenly; returns how long it took.
fn flood(target: SocketAddr, numbers: std::ops::Range<u32>, per_second: u32) -> Result<Duration> {
    let start = Instant::now();
    let pause = Duration::from_secs(1) / per_second;
    for (sent, number) in (0_u32..).zip(numbers) {
        let socket = UdpSocket::bind((source(number), 0)).context("no socket for the flood")?;
        // A send buffer that is full, or a refusal by the system: a request less.
        let _unsent = socket.send_to(&allocate(number), target);
        let due = start + pause * sent;
        // Sleeping is coarser than the pause: only when far ahead.
        if due > Instant::now() + Duration::from_millis(2) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(start.elapsed())
}

/// One of 127.1.0.0 and above, where nobody is.
fn source(number: u32) -> Ipv4Addr {
    let [_, a, b, c] = number.to_be_bytes();
    Ipv4Addr::new(127, a + 1, b, c)
}

/// An Allocate request as short as it gets (RFC 8656, 7.1), with a transaction of its own.
fn allocate(number: u32) -> Vec<u8> {
    let mut request = vec![0x00, 0x03, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42];
    request.extend([0x5e; 8]);
    request.extend(number.to_be_bytes());
    // REQUESTED-TRANSPORT: UDP.
    request.extend([0x00, 0x19, 0x00, 0x04, 17, 0, 0, 0]);
    request
}

fn counter(counters: &BTreeMap<String, u64>, name: &str) -> u64 {
    counters.get(name).copied().unwrap_or_default()
}

/// How many of the flood's requests the server has seen: those of the call's two clients are answered 401 as well.
fn received(counters: &BTreeMap<String, u64>) -> i64 {
    let seen = counter(counters, "eyeline_relay_refused_total{code=\"401\"}")
        + counter(counters, "eyeline_relay_limited_total");
    i64::try_from(seen).unwrap_or(i64::MAX) - 2
}

/// Two in one room, of whom one sends.
struct Call {
    sender: Client,
    receiver: Client,
}

/// How the call went.
struct Outcome {
    sent: u32,
    received: u32,
    longest_gap: Duration,
}

impl Outcome {
    fn lost(&self) -> u32 {
        self.sent.saturating_sub(self.received)
    }

    fn loss_percent(&self) -> f64 {
        100.0 * f64::from(self.lost()) / f64::from(self.sent.max(1))
    }
}

impl Call {
    async fn begin(server: &Server) -> Result<Self> {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut clients = Vec::new();
        for _ in 0..2 {
            let (username, password) = server.credential().await?;
            clients.push(Client::new(Link::udp(here, server.stun).await?, username, password));
        }
        let (Some(mut receiver), Some(mut sender)) = (clients.pop(), clients.pop()) else {
            anyhow::bail!("no clients")
        };
        let (from, to) = (sender.start().await?, receiver.start().await?);
        ensure!(sender.bind(CALL_CHANNEL, to).await?.code()? == 0, "the channel was refused");
        ensure!(receiver.bind(CALL_CHANNEL, from).await?.code()? == 0, "the channel was refused");
        Ok(Self { sender, receiver })
    }

    /// Sends evenly for so long, and counts what arrives.
    async fn carry(self, length: Duration) -> Result<Outcome> {
        let Self { mut sender, mut receiver } = self;
        let end = tokio::time::Instant::now() + length;
        let sending = tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_secs(1) / CALL_PACKETS_PER_SECOND);
            let mut sent = 0_u32;
            while tokio::time::Instant::now() < end {
                pace.tick().await;
                sender.send_channel(CALL_CHANNEL, &[7; CALL_PAYLOAD_BYTES]).await?;
                sent += 1;
            }
            // Its socket lives until everything has been received.
            anyhow::Ok((sent, sender))
        });
        let mut received = 0_u32;
        let mut longest_gap = Duration::ZERO;
        let mut last = Instant::now();
        while let Ok(packet) = tokio::time::timeout_at(end + LINGER, receiver.receive()).await {
            if let Packet::Channel { channel: CALL_CHANNEL, .. } = packet? {
                received += 1;
                longest_gap = longest_gap.max(last.elapsed());
                last = Instant::now();
            }
        }
        let (sent, _sender) = sending.await??;
        Ok(Outcome { sent, received, longest_gap })
    }
}
