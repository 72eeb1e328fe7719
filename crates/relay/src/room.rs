//! Rooms, as far as the relay knows them: their allocations, their rate, and which have ended.

use crate::credential::RoomHandle;
use crate::io::Client;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::{Bucket, Rate};
use std::collections::{BTreeMap, BTreeSet};

/// Rooms with an allocation. What is used up of a room's rate is forgotten with its last allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Rooms {
    rooms: BTreeMap<RoomHandle, Room>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Room {
    clients: BTreeSet<Client>,
    bytes: Bucket,
}

impl Rooms {
    pub(crate) fn enter(&mut self, room: RoomHandle, client: Client, rate: &Rate, now: Milliseconds) {
        let fresh = || Room { clients: BTreeSet::new(), bytes: Bucket::new(rate, now) };
        self.rooms.entry(room).or_insert_with(fresh).clients.insert(client);
    }

    pub(crate) fn leave(&mut self, room: RoomHandle, client: &Client) {
        let Some(entry) = self.rooms.get_mut(&room) else { return };
        entry.clients.remove(client);
        if entry.clients.is_empty() {
            self.rooms.remove(&room);
        }
    }

    pub(crate) fn clients(&self, room: RoomHandle) -> Vec<Client> {
        self.rooms.get(&room).map(|room| room.clients.iter().copied().collect()).unwrap_or_default()
    }

    /// Whether the room may relay so many bytes now. They are counted.
    pub(crate) fn pay(&mut self, room: RoomHandle, rate: &Rate, now: Milliseconds, bytes: usize) -> bool {
        let Some(room) = self.rooms.get_mut(&room) else { return false };
        let amount = u32::try_from(bytes).unwrap_or(u32::MAX);
        room.bytes.take(rate, now, amount).is_ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.rooms.len()
    }

    pub(crate) fn check_invariants(&self) -> Result<(), &'static str> {
        let inhabited = self.rooms.values().all(|room| !room.clients.is_empty());
        inhabited.then_some(()).ok_or("a room is kept without an allocation")
    }
}

/// Rooms that have ended, for as long as one of their credentials may be valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct EndedRooms {
    until: BTreeMap<RoomHandle, Milliseconds>,
    order: BTreeSet<(Milliseconds, RoomHandle)>,
}

impl EndedRooms {
    /// Keeps at most `most`; those that ended first go first.
    pub(crate) fn insert(&mut self, room: RoomHandle, until: Milliseconds, most: usize) {
        self.remove(room);
        self.until.insert(room, until);
        self.order.insert((until, room));
        while self.order.len() > most
            && let Some((_, first)) = self.order.first().copied()
        {
            self.remove(first);
        }
    }

    /// Forgets those none of whose credentials can be valid any more.
    pub(crate) fn forget(&mut self, now: Milliseconds) {
        while let Some((until, first)) = self.order.first().copied()
            && until <= now
        {
            self.remove(first);
        }
    }

    pub(crate) fn remove(&mut self, room: RoomHandle) {
        if let Some(until) = self.until.remove(&room) {
            self.order.remove(&(until, room));
        }
    }

    pub(crate) fn contains(&self, room: RoomHandle) -> bool {
        self.until.contains_key(&room)
    }

    pub(crate) fn len(&self) -> usize {
        self.until.len()
    }
}
