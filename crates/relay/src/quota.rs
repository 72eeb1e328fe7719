//! How many allocations a peer, a room, a source and all together have.

use crate::credential::{PeerHandle, RoomHandle};
use crate::settings::RelayLimits;
use crate::source::SourceGroup;
use std::collections::BTreeMap;

/// Whose an allocation or a reservation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner {
    pub(crate) room: RoomHandle,
    pub(crate) peer: PeerHandle,
    pub(crate) source: SourceGroup,
}

/// Which quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// One of the owner's.
    Owner,
    /// That of all together.
    Relay,
}

/// Only what has an allocation is in here, so each map is bounded by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Quotas {
    peers: BTreeMap<(RoomHandle, PeerHandle), usize>,
    rooms: BTreeMap<RoomHandle, usize>,
    sources: BTreeMap<SourceGroup, usize>,
    total: usize,
}

impl Quotas {
    /// Whether all quotas allow `count` more.
    pub(crate) fn check(&self, owner: &Owner, count: usize, limits: &RelayLimits) -> Result<(), Exhausted> {
        let used = |used: Option<&usize>| used.copied().unwrap_or_default() + count;
        if self.total + count > limits.allocations {
            return Err(Exhausted::Relay);
        }
        let within = used(self.peers.get(&(owner.room, owner.peer))) <= limits.allocations_per_peer
            && used(self.rooms.get(&owner.room)) <= limits.allocations_per_room
            && used(self.sources.get(&owner.source)) <= limits.allocations_per_source;
        if within { Ok(()) } else { Err(Exhausted::Owner) }
    }

    pub(crate) fn enter(&mut self, owner: &Owner) {
        *self.peers.entry((owner.room, owner.peer)).or_default() += 1;
        *self.rooms.entry(owner.room).or_default() += 1;
        *self.sources.entry(owner.source).or_default() += 1;
        self.total += 1;
    }

    pub(crate) fn leave(&mut self, owner: &Owner) {
        decrement(&mut self.peers, &(owner.room, owner.peer));
        decrement(&mut self.rooms, &owner.room);
        decrement(&mut self.sources, &owner.source);
        self.total = self.total.saturating_sub(1);
    }

    pub(crate) fn total(&self) -> usize {
        self.total
    }
}

fn decrement<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    let Some(count) = counts.get_mut(key) else { return };
    *count = count.saturating_sub(1);
    if *count == 0 {
        counts.remove(key);
    }
}
