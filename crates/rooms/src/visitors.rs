//! What each address has open and has used up.

use crate::AddressGroup;
use crate::timers::{Timer, Timers};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::limits::Limits;
use eyeline_protocol::rate::{Bucket, Rate};
use std::collections::BTreeMap;

/// Addresses that are remembered after their last connection, for their joins a minute. Some 10 MB at most; above
/// it, none is remembered: an attacker with that many networks is not stopped by counting joins.
const REMEMBERED: usize = 65_536;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Visitors(BTreeMap<AddressGroup, Visitor>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Visitor {
    sockets: usize,
    /// Those of the sockets that have joined.
    members: usize,
    joins: Bucket,
}

impl Visitors {
    /// Counts a connection, or tells that the address has too many.
    pub(crate) fn connect(
        &mut self,
        address: AddressGroup,
        limits: &Limits,
        now: Milliseconds,
        timers: &mut Timers,
    ) -> bool {
        let joins = || Bucket::new(&joins(limits), now);
        let visitor =
            self.0.entry(address).or_insert_with(|| Visitor { sockets: 0, members: 0, joins: joins() });
        if visitor.sockets >= limits.sockets_per_address {
            return false;
        }
        visitor.sockets += 1;
        timers.clear(Timer::Visitor(address));
        true
    }

    /// Counts a join, or tells when the next one is possible.
    pub(crate) fn join(
        &mut self,
        address: AddressGroup,
        limits: &Limits,
        now: Milliseconds,
    ) -> Result<(), Milliseconds> {
        match self.0.get_mut(&address) {
            Some(visitor) => visitor.joins.take(&joins(limits), now, 1),
            None => Ok(()),
        }
    }

    /// A connection has become a member; tells whether it is the only one of its address.
    pub(crate) fn enter(&mut self, address: AddressGroup) -> bool {
        self.0.get_mut(&address).is_some_and(|visitor| {
            visitor.members += 1;
            visitor.members == 1
        })
    }

    /// A member's connection is about to end; tells whether it was the last of its address.
    pub(crate) fn leave(&mut self, address: AddressGroup) -> bool {
        self.0.get_mut(&address).is_some_and(|visitor| {
            visitor.members = visitor.members.saturating_sub(1);
            visitor.members == 0
        })
    }

    /// A connection has ended. The address is remembered until its joins have come back.
    pub(crate) fn disconnect(&mut self, address: AddressGroup, limits: &Limits, timers: &mut Timers) {
        let remembered = self.0.len();
        let Some(visitor) = self.0.get_mut(&address) else { return };
        visitor.sockets = visitor.sockets.saturating_sub(1);
        if visitor.sockets > 0 {
            return;
        }
        if remembered > REMEMBERED {
            self.0.remove(&address);
        } else {
            timers.set(Timer::Visitor(address), visitor.joins.full_at(&joins(limits)));
        }
    }

    pub(crate) fn forget(&mut self, address: AddressGroup) {
        self.0.remove(&address);
    }

    pub(crate) fn sockets(&self) -> usize {
        self.0.values().map(|visitor| visitor.sockets).sum()
    }

    pub(crate) fn members(&self) -> usize {
        self.0.values().map(|visitor| visitor.members).sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

fn joins(limits: &Limits) -> Rate {
    Rate::per_minute(limits.joins_per_minute)
}
