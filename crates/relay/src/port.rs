//! Relayed ports: which are taken, and by whom.

use crate::io::{Client, Family};
use crate::source::mix;
use core::ops::RangeInclusive;
use std::collections::BTreeMap;

/// Who has a relayed port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Allocation(Client),
    /// Kept for who shows this token.
    Reservation(u64),
}

/// What an allocation asks of its port (RFC 8656, 7.2: EVEN-PORT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PortWish {
    Any,
    Even,
    /// An even one, and the next one free.
    EvenOfPair,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ports {
    range: RangeInclusive<u16>,
    /// At most one for each allocation's relayed address, and for each reservation.
    holders: BTreeMap<(Family, u16), Holder>,
    secret: u64,
    draws: u64,
}

impl Ports {
    pub(crate) fn new(range: RangeInclusive<u16>, secret: u64) -> Self {
        Self { range, holders: BTreeMap::new(), secret, draws: 0 }
    }

    /// A free port. Where the search begins cannot be foreseen (RFC 8656, 7.2: so that ports are hard to guess).
    pub(crate) fn find(&mut self, family: Family, wish: PortWish) -> Option<u16> {
        let (low, high) = (u64::from(*self.range.start()), u64::from(*self.range.end()));
        let count = (high + 1).checked_sub(low).filter(|count| *count > 0)?;
        self.draws += 1;
        let start = mix(self.secret ^ mix(self.draws)) % count;
        let candidates = (0..count).map(|offset| low + (start + offset) % count);
        candidates.filter_map(|port| u16::try_from(port).ok()).find(|port| self.suits(family, *port, wish))
    }

    fn suits(&self, family: Family, port: u16, wish: PortWish) -> bool {
        let free = |port: u16| self.range.contains(&port) && self.holder(family, port).is_none();
        free(port)
            && match wish {
                PortWish::Any => true,
                PortWish::Even => port.is_multiple_of(2),
                PortWish::EvenOfPair => port.is_multiple_of(2) && port.checked_add(1).is_some_and(free),
            }
    }

    pub(crate) fn holder(&self, family: Family, port: u16) -> Option<Holder> {
        self.holders.get(&(family, port)).copied()
    }

    pub(crate) fn take(&mut self, family: Family, port: u16, holder: Holder) {
        self.holders.insert((family, port), holder);
    }

    pub(crate) fn release(&mut self, family: Family, port: u16) {
        self.holders.remove(&(family, port));
    }

    pub(crate) fn len(&self) -> usize {
        self.holders.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(ports: &mut Ports, wish: PortWish) -> Vec<u16> {
        let mut taken = Vec::new();
        while let Some(port) = ports.find(Family::V4, wish) {
            ports.take(Family::V4, port, Holder::Reservation(0));
            taken.push(port);
        }
        taken.sort_unstable();
        taken
    }

    #[test]
    fn every_port_of_the_range_is_found_once() {
        let mut ports = Ports::new(50_000..=50_009, 7);
        assert_eq!(fill(&mut ports, PortWish::Any), (50_000..=50_009).collect::<Vec<u16>>());
        assert!(ports.find(Family::V6, PortWish::Any).is_some(), "each family has its own");
        ports.release(Family::V4, 50_004);
        assert_eq!(ports.find(Family::V4, PortWish::Any), Some(50_004));
    }

    #[test]
    fn even_ports_are_even_and_pairs_are_free() {
        assert_eq!(fill(&mut Ports::new(65_531..=65_535, 7), PortWish::Even), [65_532, 65_534]);
        let mut ports = Ports::new(65_530..=65_535, 7);
        ports.take(Family::V4, 65_533, Holder::Reservation(0));
        let mut pairs = [ports.find(Family::V4, PortWish::EvenOfPair).unwrap(); 2];
        ports.take(Family::V4, pairs[0], Holder::Reservation(0));
        pairs[1] = ports.find(Family::V4, PortWish::EvenOfPair).unwrap();
        pairs.sort_unstable();
        assert_eq!(pairs, [65_530, 65_534]);
        ports.take(Family::V4, pairs[0], Holder::Reservation(0));
        ports.take(Family::V4, pairs[1], Holder::Reservation(0));
        assert_eq!(ports.find(Family::V4, PortWish::EvenOfPair), None, "65532 is free, 65533 is not");
    }

    #[test]
    fn an_empty_range_has_no_port() {
        #[allow(clippy::reversed_empty_ranges, reason = "that is the case")]
        let mut ports = Ports::new(9..=8, 7);
        assert_eq!(ports.find(Family::V4, PortWish::Any), None);
    }
}
