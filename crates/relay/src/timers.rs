//! What ends when.

use crate::io::Client;
use eyeline_protocol::Milliseconds;
use std::collections::{BTreeMap, BTreeSet};

/// Something that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Due {
    Allocation(Client),
    /// A reserved port, by its token.
    Reservation(u64),
    /// The patience with a stream that has no allocation.
    Stream(Client),
}

/// At most one for each allocation, reservation and stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Timers {
    at: BTreeMap<Due, Milliseconds>,
    order: BTreeSet<(Milliseconds, Due)>,
}

impl Timers {
    /// Replaces an earlier time for the same thing.
    pub(crate) fn set(&mut self, due: Due, at: Milliseconds) {
        self.clear(due);
        self.at.insert(due, at);
        self.order.insert((at, due));
    }

    pub(crate) fn clear(&mut self, due: Due) {
        if let Some(at) = self.at.remove(&due) {
            self.order.remove(&(at, due));
        }
    }

    pub(crate) fn next(&self) -> Option<Milliseconds> {
        self.order.first().map(|(at, _)| *at)
    }

    pub(crate) fn pop(&mut self, now: Milliseconds) -> Option<Due> {
        let (at, due) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.clear(due);
        Some(due)
    }

    pub(crate) fn is_set(&self, due: Due) -> bool {
        self.at.contains_key(&due)
    }

    pub(crate) fn len(&self) -> usize {
        self.at.len()
    }
}
