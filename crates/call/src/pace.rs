//! Whether this page keeps up with what arrives, and the engine's own clock, which stands still when it does not.
//!
//! A timer that is late has waited in the same queue as everything else: what the others have said meanwhile has not
//! been read. If that time counted, the others would seem silent, and repairs of what works would give a machine more to
//! do that has too much already.

use crate::config::Config;
use eyeline_protocol::Milliseconds;

/// What has gathered after which a page counts as overworked, and the most that is remembered.
const OVERWORKED: Milliseconds = Milliseconds::seconds(8);
const MOST: Milliseconds = Milliseconds::seconds(12);

/// The engine's clock is the shell's, less the time in which the page was held up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pace {
    /// For how long in all.
    held_up: Milliseconds,
    /// The engine's deadline as of the last input, never before that input.
    awaited: Option<Milliseconds>,
    /// Grows while the page is held up, shrinks as fast while it is not.
    arrears: Milliseconds,
    /// As of then; zero as long as there is nothing to shrink.
    arrears_at: Milliseconds,
    overworked: bool,
}

/// How late an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// In time, as far as timers of browsers go.
    None,
    /// The page had too much to do. This did not count.
    HeldUp(Milliseconds),
    /// Nothing ran: a closed lid, a suspended tab. This counts.
    Asleep(Milliseconds),
}

impl Pace {
    /// An input comes at `outside`, by the shell's clock. Returns the time by the engine's.
    pub(crate) fn keep(&mut self, outside: Milliseconds, config: &Config) -> (Milliseconds, Lateness) {
        let late = self.awaited.map_or(Milliseconds(0), |at| self.inside(outside).since(at));
        let lateness = if late >= config.asleep_after {
            Lateness::Asleep(late)
        } else if late >= config.held_up_after {
            self.held_up = self.held_up + late;
            Lateness::HeldUp(late)
        } else {
            Lateness::None
        };
        let now = self.inside(outside);
        self.arrears = self.arrears.since(now.since(self.arrears_at));
        if let Lateness::HeldUp(late) = lateness {
            self.arrears = (self.arrears + late).min(MOST);
        }
        self.arrears_at = if self.arrears == Milliseconds(0) { Milliseconds(0) } else { now };
        self.overworked = self.arrears >= if self.overworked { Milliseconds(1) } else { OVERWORKED };
        (now, lateness)
    }

    /// When the engine wants to hear of the time again, by its own clock, on which it is `now`.
    pub(crate) fn wait(&mut self, now: Milliseconds, until: Option<Milliseconds>) {
        // A deadline in the past would turn the clock back.
        self.awaited = until.map(|at| at.max(now));
    }

    /// The same by the shell's clock.
    pub(crate) fn deadline(&self) -> Option<Milliseconds> {
        self.awaited.map(|at| at + self.held_up)
    }

    fn inside(&self, outside: Milliseconds) -> Milliseconds {
        outside.since(self.held_up)
    }

    /// For some time by now, the page has been held up for more than half of it.
    pub(crate) fn is_overworked(&self) -> bool {
        self.overworked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Milliseconds = Milliseconds(1000);

    /// Inputs a second after each other by the engine's clock, each so late.
    fn after(pace: &mut Pace, outside: &mut Milliseconds, inputs: usize, late: Milliseconds) {
        for _ in 0..inputs {
            let (now, _) = pace.keep(*outside, &Config::default());
            pace.wait(now, Some(now + SECOND));
            *outside = *outside + SECOND + late;
        }
    }

    #[test]
    fn time_in_which_a_page_is_held_up_does_not_count_and_a_little_lateness_does() {
        let (mut pace, config) = (Pace::default(), Config::default());
        assert_eq!(pace.keep(Milliseconds(5000), &config), (Milliseconds(5000), Lateness::None));
        pace.wait(Milliseconds(5000), Some(Milliseconds(6000)));
        assert_eq!(pace.keep(Milliseconds(6099), &config), (Milliseconds(6099), Lateness::None));
        pace.wait(Milliseconds(6099), Some(Milliseconds(7000)));
        let late = Milliseconds(1500);
        assert_eq!(pace.keep(Milliseconds(8500), &config), (Milliseconds(7000), Lateness::HeldUp(late)));
        pace.wait(Milliseconds(7000), Some(Milliseconds(7250)));
        assert_eq!(pace.deadline(), Some(Milliseconds(8750)));
        assert_eq!(pace.keep(Milliseconds(8750), &config), (Milliseconds(7250), Lateness::None));
    }

    #[test]
    fn sleep_counts() {
        let (mut pace, config) = (Pace::default(), Config::default());
        pace.wait(Milliseconds(0), Some(SECOND));
        let (now, lateness) = pace.keep(Milliseconds(61_000), &config);
        assert_eq!((now, lateness), (Milliseconds(61_000), Lateness::Asleep(Milliseconds(60_000))));
    }

    #[test]
    fn a_deadline_that_has_passed_turns_no_clock_back() {
        let (mut pace, config) = (Pace::default(), Config::default());
        pace.keep(Milliseconds(5000), &config);
        pace.wait(Milliseconds(5000), Some(SECOND));
        assert_eq!(pace.keep(Milliseconds(5000), &config), (Milliseconds(5000), Lateness::None));
    }

    #[test]
    fn who_is_held_up_for_most_of_the_time_is_overworked_until_it_is_well_again() {
        let (mut pace, mut outside) = (Pace::default(), SECOND);
        after(&mut pace, &mut outside, 60, Milliseconds(900));
        assert!(!pace.is_overworked(), "slow, and no more");
        after(&mut pace, &mut outside, 8, Milliseconds(1900));
        assert!(!pace.is_overworked(), "a heavy moment");
        after(&mut pace, &mut outside, 8, Milliseconds(1900));
        assert!(pace.is_overworked());
        after(&mut pace, &mut outside, 8, Milliseconds(0));
        assert!(pace.is_overworked(), "a light moment");
        after(&mut pace, &mut outside, 8, Milliseconds(0));
        assert!(!pace.is_overworked());
    }
}
