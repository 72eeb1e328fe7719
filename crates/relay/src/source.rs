//! Who asks how often: rates by address, in fixed memory.

use core::net::{IpAddr, Ipv6Addr};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::{Bucket, Rate};
use std::collections::BTreeMap;

/// Slots for strangers. Two that fall in one slot share its rate; which ones do depends on a secret number, so
/// nobody can choose to take another's. Fixed memory (64 KiB), nothing to evict, whatever is spoofed.
const STRANGER_SLOTS: usize = 4096;

/// One IPv4 address, or one IPv6 /56: what a single subscriber usually has, so that limits cannot be passed by
/// counting through a network. An IPv4 address inside IPv6 counts as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceGroup {
    /// One address.
    V4([u8; 4]),
    /// The first 56 bits of an address.
    V6([u8; 7]),
}

impl From<IpAddr> for SourceGroup {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => Self::V6(network(address)),
        }
    }
}

fn network(address: Ipv6Addr) -> [u8; 7] {
    let [a, b, c, d, e, f, g, ..] = address.octets();
    [a, b, c, d, e, f, g]
}

/// How often sources are answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceLimits {
    /// For one source (IPv4, or IPv6 /56) with a live signaling session. A page with seven connections and three
    /// relay URLs on two interfaces makes 42 allocations at once, of two requests each, and some 50 Binding requests;
    /// an office behind one address is a few such pages.
    pub known: Rate,
    /// For one source without: enough for a page whose signaling goes over the other address family, useless for
    /// reflection.
    pub stranger: Rate,
    /// For all sources without together. The others are not part of it, so that no flood takes from them.
    pub strangers: Rate,
    /// Sources with a session that are kept. Those above it count as strangers.
    pub known_sources: usize,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self {
            known: Rate::per_second(200, 3000),
            stranger: Rate::per_second(20, 200),
            strangers: Rate::per_second(10_000, 20_000),
            known_sources: 100_000,
        }
    }
}

/// The rates of all sources.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sources {
    limits: SourceLimits,
    secret: u64,
    /// At most `known_sources`.
    known: BTreeMap<SourceGroup, Known>,
    strangers: Vec<Bucket>,
    all_strangers: Bucket,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Known {
    sessions: u32,
    requests: Bucket,
}

impl Sources {
    pub(crate) fn new(limits: SourceLimits, secret: u64, now: Milliseconds) -> Self {
        Self {
            secret,
            known: BTreeMap::new(),
            strangers: vec![Bucket::new(&limits.stranger, now); STRANGER_SLOTS],
            all_strangers: Bucket::new(&limits.strangers, now),
            limits,
        }
    }

    pub(crate) fn session_opened(&mut self, address: IpAddr, now: Milliseconds) {
        let source = SourceGroup::from(address);
        let full = self.known.len() >= self.limits.known_sources;
        match self.known.get_mut(&source) {
            Some(known) => known.sessions = known.sessions.saturating_add(1),
            None if full => {}
            None => {
                let requests = Bucket::new(&self.limits.known, now);
                self.known.insert(source, Known { sessions: 1, requests });
            }
        }
    }

    pub(crate) fn session_closed(&mut self, address: IpAddr) {
        let source = SourceGroup::from(address);
        let Some(known) = self.known.get_mut(&source) else { return };
        known.sessions = known.sessions.saturating_sub(1);
        if known.sessions == 0 {
            self.known.remove(&source);
        }
    }

    /// Whether a request from this address may be answered. It is counted.
    pub(crate) fn admit(&mut self, now: Milliseconds, address: IpAddr) -> bool {
        let source = SourceGroup::from(address);
        if let Some(known) = self.known.get_mut(&source) {
            return known.requests.take(&self.limits.known, now, 1).is_ok();
        }
        let slot = slot(self.secret, source);
        let Some(bucket) = self.strangers.get_mut(slot) else { return false };
        bucket.take(&self.limits.stranger, now, 1).is_ok()
            && self.all_strangers.take(&self.limits.strangers, now, 1).is_ok()
    }

    /// Whether the bound on memory holds.
    pub(crate) fn check_invariants(&self) -> Result<(), &'static str> {
        let within = self.known.len() <= self.limits.known_sources;
        let counted = self.known.values().all(|known| known.sessions > 0);
        (within && counted).then_some(()).ok_or("a source is kept without a session, or there are too many")
    }
}

fn slot(secret: u64, source: SourceGroup) -> usize {
    let number = match source {
        SourceGroup::V4([a, b, c, d]) => u64::from(u32::from_be_bytes([a, b, c, d])),
        // Never equal to an IPv4 number, as `2000::/3` is where IPv6 addresses are.
        SourceGroup::V6([a, b, c, d, e, f, g]) => u64::from_be_bytes([a, b, c, d, e, f, g, 0]),
    };
    // Not a cryptographic hash, but what an attacker could learn is only by losing replies, and what could be won is
    // one source's rate.
    usize::try_from(mix(secret ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % STRANGER_SLOTS as u64)
        .unwrap_or_default()
}

/// SplitMix64's finaliser.
pub(crate) fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Milliseconds = Milliseconds(1000);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn sources() -> Sources {
        let limits = SourceLimits {
            known: Rate::per_second(1, 5),
            stranger: Rate::per_second(1, 2),
            strangers: Rate::per_second(1, 3),
            known_sources: 2,
        };
        Sources::new(limits, 7, NOW)
    }

    fn admitted(sources: &mut Sources, text: &str) -> usize {
        (0..10).filter(|_| sources.admit(NOW, address(text))).count()
    }

    #[test]
    fn a_source_with_a_session_gets_more_and_nothing_from_the_strangers_share() {
        let mut sources = sources();
        sources.session_opened(address("192.0.2.1"), NOW);
        assert_eq!(admitted(&mut sources, "192.0.2.2"), 2);
        assert_eq!(admitted(&mut sources, "192.0.2.3"), 1, "what is left for all strangers");
        assert_eq!(admitted(&mut sources, "192.0.2.4"), 0);
        assert_eq!(admitted(&mut sources, "192.0.2.1"), 5);
        assert_eq!(admitted(&mut sources, "::ffff:192.0.2.1"), 0, "the same source");
    }

    #[test]
    fn a_source_is_known_as_long_as_one_of_its_sessions_lives() {
        let mut sources = sources();
        for _ in 0..2 {
            sources.session_opened(address("2001:db8:0:ff00::1"), NOW);
        }
        sources.session_closed(address("2001:db8:0:ffff::2"));
        assert_eq!(admitted(&mut sources, "2001:db8:0:ff77::3"), 5, "the same /56");
        sources.session_closed(address("2001:db8:0:ff00::1"));
        sources.session_closed(address("2001:db8:0:ff00::1"));
        assert_eq!(admitted(&mut sources, "2001:db8:0:ff00::1"), 2);
        sources.check_invariants().unwrap();
    }

    #[test]
    fn no_more_sources_are_kept_than_the_bound() {
        let mut sources = sources();
        for host in 1..=9 {
            sources.session_opened(IpAddr::from([192, 0, 2, host]), NOW);
            sources.check_invariants().unwrap();
        }
        assert_eq!(sources.known.len(), 2);
    }
}
