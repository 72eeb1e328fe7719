//! How bad a link is. No clocks and no randomness of its own: the same seed and the same packets at the same times give
//! the same fates.

use rand::{RngExt as _, SeedableRng as _};
use rand_xorshift::XorShiftRng;
use std::time::Duration;

/// How long packets wait for a slow link before they are dropped: what cheap routers hold.
const QUEUE: Duration = Duration::from_millis(300);
/// How much later a packet arrives that is to be overtaken: longer than the gap between two packets of a video.
const HELD_BACK: Duration = Duration::from_millis(15);

/// What happens to packets on a link, the same in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition {
    /// How long each packet takes.
    pub delay: Duration,
    /// How much longer it takes at most, evenly spread. Packets stay in their order all the same, as on most real
    /// links.
    pub jitter: Duration,
    /// Which part of the packets is lost, from 0 to 1, each by itself.
    pub loss: f64,
    /// Which part of the packets is overtaken by those behind, from 0 to 1.
    pub reordering: f64,
    /// Bits a second, if limited. What waits longer than 300 ms is dropped.
    pub rate: Option<u32>,
    /// Where the dice start.
    pub seed: u64,
}

/// One direction of a link.
#[derive(Debug)]
pub struct Direction {
    condition: Condition,
    dice: XorShiftRng,
    /// Until when the link is busy with earlier packets.
    busy: Duration,
    /// When the latest packet in order arrives.
    latest: Duration,
}

impl Direction {
    /// One direction; `number` (0 or 1) tells the two apart, which throw different dice.
    pub fn new(condition: Condition, number: u64) -> Self {
        let dice = XorShiftRng::seed_from_u64(condition.seed.wrapping_mul(2).wrapping_add(number));
        Self { condition, dice, busy: Duration::ZERO, latest: Duration::ZERO }
    }

    /// When a packet of `length` bytes that enters at `now` arrives; `None`: it is lost. Times count from any
    /// beginning.
    pub fn fate(&mut self, now: Duration, length: usize) -> Option<Duration> {
        // All dice are thrown for each packet: the fate of one does not change the dice of the next.
        let [lost, overtaken, late] = [(); 3].map(|()| self.dice.random::<f64>());
        let sent = match self.condition.rate {
            None => now,
            Some(rate) => {
                let start = self.busy.max(now);
                if start - now > QUEUE {
                    return None;
                }
                let bits = u64::try_from(length).unwrap_or(u64::MAX).saturating_mul(8);
                let nanoseconds = bits.saturating_mul(1_000_000_000) / u64::from(rate.max(1));
                self.busy = start + Duration::from_nanos(nanoseconds);
                self.busy
            }
        };
        if lost < self.condition.loss {
            return None;
        }
        let arrival = sent + self.condition.delay + self.condition.jitter.mul_f64(late);
        if overtaken < self.condition.reordering {
            return Some(arrival.max(self.latest) + HELD_BACK);
        }
        self.latest = arrival.max(self.latest);
        Some(self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fates of `count` packets of 1000 bytes, one each millisecond.
    fn fates(condition: Condition, count: u64) -> Vec<Option<Duration>> {
        let mut direction = Direction::new(condition, 0);
        (0..count).map(|at| direction.fate(Duration::from_millis(at), 1000)).collect()
    }

    const BAD: Condition = Condition {
        delay: Duration::from_millis(40),
        jitter: Duration::from_millis(20),
        loss: 0.1,
        reordering: 0.05,
        rate: None,
        seed: 7,
    };

    #[test]
    fn the_same_seed_gives_the_same_fates_and_another_seed_others() {
        assert_eq!(fates(BAD, 1000), fates(BAD, 1000));
        assert_ne!(fates(BAD, 1000), fates(Condition { seed: 8, ..BAD }, 1000));
        let mut back = Direction::new(BAD, 1);
        let back: Vec<_> = (0..1000).map(|at| back.fate(Duration::from_millis(at), 1000)).collect();
        assert_ne!(fates(BAD, 1000), back, "the two directions must not lose the same packets");
    }

    #[test]
    fn packets_take_the_delay_and_at_most_the_jitter_more() {
        for (at, arrival) in fates(Condition { loss: 0.0, reordering: 0.0, ..BAD }, 1000).iter().enumerate() {
            let took =
                arrival.unwrap_or_default() - Duration::from_millis(u64::try_from(at).unwrap_or_default());
            assert!((40..=60).contains(&took.as_millis()), "packet {at} took {took:?}");
        }
    }

    #[test]
    fn the_wished_part_is_lost_and_overtaken() {
        let arrivals = fates(BAD, 10_000);
        let lost = arrivals.iter().filter(|arrival| arrival.is_none()).count();
        assert!((850..1150).contains(&lost), "{lost} of 10000 were lost, not about 1000");
        let arrived: Vec<Duration> = arrivals.into_iter().flatten().collect();
        let overtaken =
            arrived.windows(2).filter(|pair| matches!(pair, [first, second] if first > second)).count();
        assert!((300..600).contains(&overtaken), "{overtaken} were overtaken, not about 450");
    }

    #[test]
    fn without_reordering_the_order_stays() {
        let arrived: Vec<Duration> =
            fates(Condition { reordering: 0.0, ..BAD }, 10_000).into_iter().flatten().collect();
        assert!(arrived.is_sorted());
    }

    #[test]
    fn a_slow_link_passes_what_it_can_and_drops_the_rest() {
        // One packet of 8000 bits each millisecond is 8 Mbit/s.
        let arrived: Vec<Duration> = fates(Condition { rate: Some(1_000_000), ..Condition::default() }, 4000)
            .into_iter()
            .flatten()
            .collect();
        assert!((500..550).contains(&arrived.len()), "{} of 4000 arrived", arrived.len());
        assert!(arrived.is_sorted());
        let longest = arrived.last().copied().unwrap_or_default();
        assert!(longest < Duration::from_millis(4000) + QUEUE + Duration::from_millis(8), "{longest:?}");
    }
}
