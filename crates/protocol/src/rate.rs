//! Token buckets: how every limit over time is counted, in whole numbers and without a clock of its own.

use crate::Milliseconds;

/// How much may be used over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// What comes back in each `per`.
    pub amount: u32,
    /// The time in which `amount` comes back. Not zero.
    pub per: Milliseconds,
    /// What may be used at once, after a long rest.
    pub burst: u32,
}

/// What is left of a [`Rate`] for one user of it.
///
/// Over any span of time no more is used than `amount` for each `per` of it, plus `burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Tokens times `per` in milliseconds, so that nothing is lost to rounding.
    level: u64,
    /// When `level` was right.
    at: Milliseconds,
}

impl Rate {
    /// `amount` each second, `burst` at once.
    pub const fn per_second(amount: u32, burst: u32) -> Self {
        Self { amount, per: Milliseconds::seconds(1), burst }
    }

    /// `amount` each minute, and as many at once.
    pub const fn per_minute(amount: u32) -> Self {
        Self { amount, per: Milliseconds::seconds(60), burst: amount }
    }

    fn full(&self) -> u64 {
        u64::from(self.burst) * self.per.0
    }
}

impl Bucket {
    /// A full one.
    pub fn new(rate: &Rate, now: Milliseconds) -> Self {
        Self { level: rate.full(), at: now }
    }

    /// Takes `amount` if it is there, else takes nothing and tells how long it takes to come back. An amount above
    /// the burst never does; the answer is then the time to a full bucket.
    pub fn take(&mut self, rate: &Rate, now: Milliseconds, amount: u32) -> Result<(), Milliseconds> {
        self.refill(rate, now);
        let wanted = u64::from(amount) * rate.per.0;
        match self.level.checked_sub(wanted) {
            Some(left) => {
                self.level = left;
                Ok(())
            }
            None => Err(self.time_to(rate, wanted.min(rate.full()))),
        }
    }

    /// When the bucket will be full again, and so need not be remembered.
    pub fn full_at(&self, rate: &Rate) -> Milliseconds {
        self.at + self.time_to(rate, rate.full())
    }

    fn refill(&mut self, rate: &Rate, now: Milliseconds) {
        let gained = now.since(self.at).0.saturating_mul(rate.amount.into());
        self.level = self.level.saturating_add(gained).min(rate.full());
        self.at = self.at.max(now);
    }

    fn time_to(&self, rate: &Rate, level: u64) -> Milliseconds {
        Milliseconds(level.saturating_sub(self.level).div_ceil(u64::from(rate.amount).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_SECOND: Rate = Rate::per_second(2, 3);

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::new(&TWO_A_SECOND, Milliseconds(0));
        for _ in 0..3 {
            assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(0), 1), Ok(()));
        }
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(0), 1), Err(Milliseconds(500)));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(499), 1), Err(Milliseconds(1)));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(500), 1), Ok(()));
        assert_eq!(bucket.full_at(&TWO_A_SECOND), Milliseconds(2000));
    }

    #[test]
    fn a_long_rest_gives_no_more_than_the_burst() {
        let mut bucket = Bucket::new(&TWO_A_SECOND, Milliseconds(0));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds::seconds(3600), 4), Err(Milliseconds(0)));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(u64::MAX), 3), Ok(()));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_and_takes_nothing() {
        let mut bucket = Bucket::new(&TWO_A_SECOND, Milliseconds(1000));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(1000), 3), Ok(()));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(0), 1), Err(Milliseconds(500)));
        assert_eq!(bucket.take(&TWO_A_SECOND, Milliseconds(1500), 1), Ok(()));
    }
}
