//! How well media comes from another: good, weak or bad, and nothing that flickers.
//!
//! Judged every four seconds by what came since ([`Sample`]), each measure by limits of its own; the worst one counts.
//! Two things keep the mark still: a limit once passed is left only well below it, and one sample decides nothing.

use crate::input::Traffic;
use eyeline_protocol::Milliseconds;

/// How well media comes from another. A worse one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Nothing to be noticed.
    Good,
    /// Pictures stutter, or answers come late; one can talk.
    Weak,
    /// Words are lost, or the picture stands still.
    Bad,
}

/// What came in a few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sample {
    /// Packets of media that did not come, of a thousand.
    pub lost: u64,
    /// There and back.
    pub round_trip: Milliseconds,
    /// How unevenly packets of sound come (RFC 3550, 6.4.1).
    pub jitter: Milliseconds,
    /// How long a picture stood still, of a thousand.
    pub frozen: u64,
}

/// From where on a measure is weak, and from where on bad.
struct Limits {
    weak: u64,
    bad: u64,
}

/// Opus hides the loss of every twentieth packet well, that of every eighth no more; video repeats what is lost.
const LOST: Limits = Limits { weak: 50, bad: 125 };

/// ITU-T G.114: up to 150 ms one way nobody minds, from 400 ms on people talk at the same time. Capturing, coding and
/// buffering take about 100 ms of it, which no network measures.
const ROUND_TRIP: Limits = Limits { weak: 300, bad: 700 };

/// Buffers for sound hold some 60 ms of it without being noticed; browsers stretch them to 200 ms at the cost of delay.
const JITTER: Limits = Limits { weak: 60, bad: 200 };

/// One freeze in four seconds that is seen as such, and a picture that stands more than it moves.
const FROZEN: Limits = Limits { weak: 100, bad: 500 };

/// How often it is judged: long enough for a share of lost packets to mean something.
const EVERY: Milliseconds = Milliseconds::seconds(4);

/// Counters that are so old say nothing about now: the page slept.
const OUTDATED: Milliseconds = Milliseconds::seconds(20);

/// Sound alone is 200 packets in that time. Of fewer than these (somebody is silent, and no picture comes), one lost
/// packet would be a large share.
const PACKETS_TO_JUDGE: u64 = 50;

/// Samples in a row that make it worse. One may be a page that was loading, or a wall.
const WORSE_AFTER: u32 = 2;

/// Samples in a row that make it better: what is weak now and then is weak.
const BETTER_AFTER: u32 = 3;

/// The quality of one sample, if it has been `held` so far: a limit that has been passed counts a third lower.
pub fn judge(sample: &Sample, held: Quality) -> Quality {
    let measures = [
        (sample.lost, LOST),
        (sample.round_trip.0, ROUND_TRIP),
        (sample.jitter.0, JITTER),
        (sample.frozen, FROZEN),
    ];
    let passes = |quality: Quality, value: u64, limit: u64| {
        let limit = if held >= quality { limit * 2 / 3 } else { limit };
        value >= limit
    };
    let of = |(value, limits): &(u64, Limits)| {
        if passes(Quality::Bad, *value, limits.bad) {
            Quality::Bad
        } else if passes(Quality::Weak, *value, limits.weak) {
            Quality::Weak
        } else {
            Quality::Good
        }
    };
    measures.iter().map(of).max().unwrap_or(Quality::Good)
}

/// What came between two readings of the counters.
pub fn between(before: &Traffic, after: &Traffic, time: Milliseconds) -> Sample {
    let lost = after.lost.saturating_sub(before.lost);
    let packets = after.packets.saturating_sub(before.packets).saturating_add(lost);
    let frozen = after.frozen.since(before.frozen).0.min(time.0);
    Sample {
        lost: if packets < PACKETS_TO_JUDGE { 0 } else { share(lost, packets) },
        round_trip: after.round_trip,
        jitter: after.jitter,
        frozen: share(frozen, time.0),
    }
}

/// `part` of `whole`, in thousandths.
fn share(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or_default()
}

/// Follows one connection's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Meter {
    /// The counters at the last sample.
    last: Option<(Milliseconds, Traffic)>,
    quality: Option<Quality>,
    /// Samples in a row that were worse than `quality`, or better: how many, and what all of them agree on.
    others: u32,
    agreed: Option<Quality>,
}

impl Meter {
    /// How it is; `None` as long as it is not known.
    pub(crate) fn quality(&self) -> Option<Quality> {
        self.quality
    }

    /// The counters as of now.
    pub(crate) fn look(&mut self, now: Milliseconds, traffic: &Traffic) {
        let Some((at, before)) = self.last else {
            self.last = Some((now, *traffic));
            return;
        };
        let time = now.since(at);
        if time < EVERY {
            return;
        }
        self.last = Some((now, *traffic));
        if time < OUTDATED {
            self.sample(&between(&before, traffic, time));
        }
    }

    fn sample(&mut self, sample: &Sample) {
        let held = self.quality.unwrap_or(Quality::Good);
        let found = judge(sample, held);
        if found == held {
            self.quality = Some(held);
            self.others = 0;
            self.agreed = None;
            return;
        }
        let worse = found > held;
        match self.agreed {
            // As far as all of them go.
            Some(agreed) if (agreed > held) == worse => {
                self.others += 1;
                self.agreed = Some(if worse { agreed.min(found) } else { agreed.max(found) });
            }
            _ => {
                self.others = 1;
                self.agreed = Some(found);
            }
        }
        if self.others >= if worse { WORSE_AFTER } else { BETTER_AFTER } {
            self.quality = self.agreed.take();
            self.others = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quality::{Bad, Good, Weak};

    fn lost(lost: u64) -> Sample {
        Sample { lost, ..Sample::default() }
    }

    #[test]
    fn the_worst_measure_counts() {
        let fine = Sample { lost: 10, round_trip: Milliseconds(80), jitter: Milliseconds(20), frozen: 0 };
        assert_eq!(judge(&fine, Good), Good);
        assert_eq!(judge(&Sample { round_trip: Milliseconds(350), ..fine }, Good), Weak);
        assert_eq!(judge(&Sample { jitter: Milliseconds(250), ..fine }, Good), Bad);
        assert_eq!(judge(&Sample { frozen: 120, lost: 300, ..fine }, Good), Bad);
        assert_eq!(judge(&Sample { frozen: 120, ..fine }, Good), Weak);
    }

    #[test]
    fn a_limit_once_passed_is_left_only_well_below_it() {
        assert_eq!(judge(&lost(49), Good), Good);
        assert_eq!(judge(&lost(50), Good), Weak);
        assert_eq!(judge(&lost(40), Weak), Weak);
        assert_eq!(judge(&lost(32), Weak), Good);
        assert_eq!(judge(&lost(100), Weak), Weak);
        assert_eq!(judge(&lost(100), Bad), Bad);
        assert_eq!(judge(&lost(40), Bad), Weak);
    }

    #[test]
    fn samples_are_the_difference_of_two_readings() {
        let before = Traffic { packets: 1000, lost: 10, frozen: Milliseconds(500), ..Traffic::default() };
        let after = Traffic {
            packets: 1900,
            lost: 110,
            frozen: Milliseconds(900),
            jitter: Milliseconds(12),
            round_trip: Milliseconds(34),
            ..before
        };
        let sample = between(&before, &after, Milliseconds(4000));
        let expected =
            Sample { lost: 100, round_trip: Milliseconds(34), jitter: Milliseconds(12), frozen: 100 };
        assert_eq!(sample, expected);
        // Counters that begin anew, and a freeze that is counted when it ends, however long ago it began.
        assert_eq!(between(&after, &before, Milliseconds(4000)).lost, 0);
        let thawed = Traffic { frozen: Milliseconds(90_000), ..before };
        assert_eq!(between(&before, &thawed, Milliseconds(4000)).frozen, 1000);
        assert_eq!(between(&before, &after, Milliseconds(0)).frozen, 0);
    }

    #[test]
    fn few_packets_prove_nothing() {
        let after = Traffic { packets: 8, lost: 3, ..Traffic::default() };
        assert_eq!(between(&Traffic::default(), &after, Milliseconds(4000)).lost, 0);
    }

    /// What the meter says after each of these shares of lost packets, four seconds apart.
    fn said(shares: &[u64]) -> Vec<Option<Quality>> {
        let mut meter = Meter::default();
        let mut traffic = Traffic::default();
        meter.look(Milliseconds(0), &traffic);
        let readings = shares.iter().zip(1..).map(|(share, count)| {
            traffic.packets += 1000 - share;
            traffic.lost += share;
            // Readings between samples change nothing.
            meter.look(Milliseconds(count * 4000 - 3000), &traffic);
            meter.look(Milliseconds(count * 4000), &traffic);
            meter.quality()
        });
        readings.collect()
    }

    #[test]
    fn one_bad_sample_changes_nothing_and_two_do() {
        assert_eq!(said(&[0, 400, 0, 400, 0]), [Some(Good); 5]);
        assert_eq!(said(&[0, 400, 400]), [Some(Good), Some(Good), Some(Bad)]);
        assert_eq!(said(&[0, 400, 60]), [Some(Good), Some(Good), Some(Weak)], "as far as both go");
    }

    #[test]
    fn it_is_better_after_three_good_samples_in_a_row() {
        let shares = [0, 400, 400, 0, 0, 400, 0, 0, 0];
        let bad = Some(Bad);
        assert_eq!(said(&shares)[2..], [bad, bad, bad, bad, bad, bad, Some(Good)]);
        assert_eq!(said(&[0, 400, 400, 0, 60, 0])[5], Some(Weak), "as far as all three go");
    }

    #[test]
    fn a_bad_beginning_is_not_told_before_it_is_certain() {
        assert_eq!(said(&[400, 0]), [None, Some(Good)]);
        assert_eq!(said(&[400, 400]), [None, Some(Bad)]);
    }

    #[test]
    fn whoever_slept_begins_anew() {
        let mut meter = Meter::default();
        meter.look(Milliseconds(0), &Traffic::default());
        let worse = Traffic { packets: 100, lost: 900, ..Traffic::default() };
        meter.look(Milliseconds(60_000), &worse);
        assert_eq!(meter.quality(), None);
        meter.look(Milliseconds(64_000), &Traffic { packets: 1100, ..worse });
        assert_eq!(meter.quality(), Some(Good));
    }
}
