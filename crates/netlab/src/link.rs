//! A bad link: a router in user space between two TUN devices, for kernels without `netem`.
//!
//! All decisions are [`condition`](crate::condition)'s; this only reads, waits and writes.

use crate::condition::{Condition, Direction};
use crate::network::Network;
use anyhow::{Context as _, Result};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{ErrorKind, PipeReader, PipeWriter};
use std::os::fd::AsFd as _;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tun_rs::{DeviceBuilder, SyncDevice};

/// Packets under way in one direction at most: 6 MB, more than two seconds at 20 Mbit/s. More are dropped.
const UNDER_WAY: usize = 4096;
/// The longest packet: the devices have Ethernet's usual 1500 bytes.
const LONGEST: usize = 1500;

/// A link between two networks. Dropping it takes it down, its two interfaces included.
pub struct Link {
    /// Closing it ends the thread.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    /// Puts an interface into each of two networks; what is sent into one comes out of the other. They carry bare IP
    /// packets and no neighbour discovery, and are not up yet when this returns.
    pub fn between(one: (&Network, &str), other: (&Network, &str), condition: Condition) -> Result<Self> {
        let devices = [device(one)?, device(other)?];
        let directions = [0, 1].map(|number| Direction::new(condition, number));
        let (stopped, stop) = std::io::pipe()?;
        let thread = thread::Builder::new()
            .name("link".into())
            .spawn(move || carry(&devices, directions, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell but a panic, which has been printed.
            let _ = thread.join();
        }
    }
}

/// A TUN device belongs to the network of the thread that opens it, and stays there.
fn device((network, name): (&Network, &str)) -> Result<SyncDevice> {
    let owned = name.to_owned();
    network
        .run(move || {
            let device = DeviceBuilder::new().name(owned).mtu(1500).enable(false).build_sync()?;
            device.set_nonblocking(true)?;
            std::io::Result::Ok(device)
        })?
        .with_context(|| format!("opening the TUN device {name} (needs root and /dev/net/tun)"))
}

/// A packet under way: when it arrives, its number among those that arrive at the same time, its bytes.
type UnderWay = Reverse<(Duration, u64, Vec<u8>)>;

fn carry(devices: &[SyncDevice; 2], mut directions: [Direction; 2], stopped: &PipeReader) {
    let start = Instant::now();
    let mut under_way: [BinaryHeap<UnderWay>; 2] = Default::default();
    let mut number = 0;
    let mut buffer = [0; LONGEST];
    let [near, far] = devices;
    loop {
        let next = under_way.iter().filter_map(|packets| packets.peek()).map(|Reverse((at, _, _))| *at).min();
        let patience = next.map(|at| TimeSpec::from_duration(at.saturating_sub(start.elapsed())));
        let mut watched =
            [near.as_fd(), far.as_fd(), stopped.as_fd()].map(|file| PollFd::new(file, PollFlags::POLLIN));
        match ppoll(&mut watched, patience, None) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return,
        }
        if watched.last().is_some_and(|stop| stop.any().unwrap_or(true)) {
            return;
        }
        for ((from, to), (direction, packets)) in
            [(near, far), (far, near)].into_iter().zip(directions.iter_mut().zip(&mut under_way))
        {
            loop {
                let length = match from.recv(&mut buffer) {
                    Ok(length) => length,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    // The device went with its network.
                    Err(_) => return,
                };
                let Some(at) = direction.fate(start.elapsed(), length) else { continue };
                if packets.len() < UNDER_WAY {
                    number += 1;
                    packets.push(Reverse((at, number, buffer.get(..length).unwrap_or_default().to_vec())));
                }
            }
            let now = start.elapsed();
            while packets.peek().is_some_and(|Reverse((at, _, _))| *at <= now) {
                if let Some(Reverse((_, _, packet))) = packets.pop() {
                    // An interface that is down or full loses packets, like any other.
                    let _ = to.send(&packet);
                }
            }
        }
    }
}
