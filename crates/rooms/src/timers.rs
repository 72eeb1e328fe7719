//! When to look at whom again.

use crate::{AddressGroup, SocketId};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::RoomId;
use std::collections::{BTreeMap, BTreeSet};

/// Whom a timer is for. Each has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Timer {
    Connection(SocketId),
    /// A member, until it needs fresh ICE servers.
    IceServers(SocketId),
    /// A room that nobody is in, until its calls cannot go on any more.
    Room(RoomId),
    /// An address that has no connection, until it may be forgotten.
    Visitor(AddressGroup),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Milliseconds, Timer)>,
    by_timer: BTreeMap<Timer, Milliseconds>,
}

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Milliseconds) {
        self.clear(timer);
        self.by_timer.insert(timer, at);
        self.by_time.insert((at, timer));
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.by_timer.remove(&timer) {
            self.by_time.remove(&(at, timer));
        }
    }

    pub(crate) fn next(&self) -> Option<Milliseconds> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the earliest timer if its time has come.
    pub(crate) fn pop_due(&mut self, now: Milliseconds) -> Option<Timer> {
        let (_, timer) = *self.by_time.first().filter(|(at, _)| *at <= now)?;
        self.clear(timer);
        Some(timer)
    }
}
