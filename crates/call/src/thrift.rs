//! Whether pictures rest on one connection, so that sound stays: at 100 kbit/s a browser goes on sending a
//! picture of its least size, and both lose packets (Chromium 156: every sixth of the sound, 1.2 s late).
//!
//! A line that is too narrow is told from one that merely loses packets by its queue: what waits in it makes the way
//! longer than it was. On the other a picture that rests would help nobody. Nothing says beforehand whether the line has
//! become wider, so after a pause pictures are tried again, and after growing ones if they do not fit.

use crate::input::Outgoing;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::inner::{Slot, Slots};

/// How far above its least the way there and back is when a queue stands in it.
const QUEUE: Milliseconds = Milliseconds(150);

/// The same for a queue so long that nobody can talk through it, whether it loses anything or not.
const LONG_QUEUE: Milliseconds = Milliseconds(800);

/// Packets lost, of a thousand, from where on a queue overflows. A little is lost to every browser that finds out how much
/// a line carries.
const LOST: u64 = 50;

/// So long a line must be poor before pictures rest: browsers need two seconds to adapt to a narrower one that carries both
/// (Chromium 156, from 3500 to 300 kbit/s).
const PATIENCE: Milliseconds = Milliseconds::seconds(3);

/// The same for pictures that are being tried again, and for as long as they are.
const PATIENCE_ON_TRIAL: Milliseconds = Milliseconds::seconds(2);
const TRIAL: Milliseconds = Milliseconds::seconds(20);

/// How long pictures rest: the first time, the second, the last and each one after it.
const PAUSES: [Milliseconds; 4] = [
    Milliseconds::seconds(10),
    Milliseconds::seconds(20),
    Milliseconds::seconds(40),
    Milliseconds::seconds(60),
];

/// Pictures that have flowed for so long have proven that they fit: the next pause is the first again.
const PROVEN: Milliseconds = Milliseconds::seconds(60);

/// Readings come every second. After a longer silence it is not known what was between.
const GAP: Milliseconds = Milliseconds::seconds(5);

/// What rests on one connection, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Thrift {
    /// What rests.
    spared: Slots,
    /// What did until a moment ago.
    back: Slots,
    /// Since when, or since when not any more.
    since: Milliseconds,
    /// Rests so far, without proof in between that pictures fit.
    rests: usize,
    /// Since when each reading was poor.
    poor_since: Option<Milliseconds>,
    read_at: Milliseconds,
    /// The shortest way there and back so far.
    shortest: Option<Milliseconds>,
}

impl Thrift {
    /// What rests.
    pub(crate) fn spared(&self) -> Slots {
        self.spared
    }

    /// What rested and does not any more, told once.
    pub(crate) fn take_back(&mut self) -> Slots {
        core::mem::take(&mut self.back)
    }

    /// Another path: what was found out about the old one is void.
    pub(crate) fn start_over(&mut self) {
        *self = Self { spared: self.spared, back: self.back, ..Self::default() };
    }

    /// A reading of how what this end sends gets through, and which slots it sends.
    pub(crate) fn look(&mut self, now: Milliseconds, outgoing: &Outgoing, flowing: Slots) {
        if outgoing.round_trip == Milliseconds(0) && self.spared == Slots::NONE {
            // Nothing is known yet.
            return;
        }
        let gap = now.since(self.read_at) >= GAP;
        self.read_at = now;
        if gap || !self.is_poor(outgoing) {
            self.poor_since = None;
        } else {
            self.poor_since.get_or_insert(now);
        }
        let poor = self.poor_since.map(|since| now.since(since));
        let in_place = now.since(self.since);
        if self.spared == Slots::NONE && in_place >= PROVEN {
            self.rests = 0;
        }
        let patience = if self.rests > 0 && in_place < TRIAL { PATIENCE_ON_TRIAL } else { PATIENCE };
        if poor.is_some_and(|poor| poor >= patience) {
            // The face before the screen: who shows something wants it seen.
            if let Some(slot) = [Slot::Camera, Slot::Screen].into_iter().find(|slot| flowing.has(*slot)) {
                self.turn(now, slot, true);
                self.rests += 1;
            }
        } else if poor.is_none() && self.spared != Slots::NONE && in_place >= self.pause() {
            let slot = if self.spared.has(Slot::Screen) { Slot::Screen } else { Slot::Camera };
            self.turn(now, slot, false);
        }
    }

    fn turn(&mut self, now: Milliseconds, slot: Slot, spare: bool) {
        self.spared = self.spared.with(slot, spare);
        self.back = self.back.with(slot, !spare);
        self.since = now;
        self.poor_since = None;
    }

    fn pause(&self) -> Milliseconds {
        let [.., longest] = PAUSES;
        PAUSES.get(self.rests.saturating_sub(1)).copied().unwrap_or(longest)
    }

    fn is_poor(&mut self, outgoing: &Outgoing) -> bool {
        let way = outgoing.round_trip;
        let shortest = self.shortest.map_or(way, |shortest| shortest.min(way));
        self.shortest = Some(shortest);
        let waits = way.since(shortest);
        // What is poor already is so until it is clearly better.
        let times = if self.poor_since.is_some() { 2 } else { 3 };
        let passes = |value: u64, limit: u64| value * 3 >= limit * times;
        passes(waits.0, LONG_QUEUE.0) || (passes(waits.0, QUEUE.0) && passes(outgoing.lost, LOST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: (u64, u64) = (0, 40);
    const NARROW: (u64, u64) = (200, 340);
    const CAMERA: Slots = Slots::NONE.with(Slot::Microphone, true).with(Slot::Camera, true);

    /// A line that is read every second.
    struct Line {
        thrift: Thrift,
        second: u64,
        wanted: Slots,
    }

    impl Line {
        fn of(wanted: Slots) -> Self {
            Self { thrift: Thrift::default(), second: 100, wanted }
        }

        /// The same reading for some seconds; in which of them, counted from 1, what rests changed.
        fn reads(&mut self, (lost, round_trip): (u64, u64), seconds: u64) -> Vec<u64> {
            let mut changes = Vec::new();
            for count in 1..=seconds {
                self.second += 1;
                let before = self.thrift.spared();
                let outgoing = Outgoing { lost, round_trip: Milliseconds(round_trip) };
                let flowing = self.wanted.without(before);
                self.thrift.look(Milliseconds::seconds(self.second), &outgoing, flowing);
                if self.thrift.spared() != before {
                    changes.push(count);
                }
            }
            changes
        }

        /// The line carries sound only: how many seconds pictures rested and flowed in turn.
        fn carries_sound_only(&mut self, seconds: u64) -> Vec<u64> {
            let (mut turns, mut before) = (Vec::new(), 0);
            for second in 1..=seconds {
                let rests = self.thrift.spared().has(Slot::Camera);
                if !self.reads(if rests { FINE } else { NARROW }, 1).is_empty() {
                    turns.push(second - before);
                    before = second;
                }
            }
            turns
        }
    }

    #[test]
    fn what_is_no_narrow_line_rests_nothing() {
        for (what, reading) in [
            ("fine", FINE),
            ("a tenth is lost at random", (100, 40)),
            ("a third is lost at random", (330, 60)),
            ("a queue in which nothing is lost", (0, 300)),
            ("a queue that hardly overflows", (30, 300)),
            ("nothing is known", (1000, 0)),
        ] {
            let mut line = Line::of(CAMERA);
            line.reads(FINE, 10);
            assert_eq!(line.reads(reading, 120), [], "{what}");
        }
        // A far end is no queue.
        assert_eq!(Line::of(CAMERA).reads((100, 900), 120), []);
    }

    #[test]
    fn a_narrow_line_rests_the_picture_after_three_seconds() {
        for reading in [NARROW, (60, 200), (1000, 2000), (0, 900)] {
            let mut line = Line::of(CAMERA);
            line.reads(FINE, 10);
            assert_eq!(line.reads(reading, 6), [4], "{reading:?}");
            assert!(line.thrift.spared().has(Slot::Camera));
        }
    }

    #[test]
    fn a_few_bad_seconds_rest_nothing() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        for _ in 0..20 {
            assert_eq!(line.reads(NARROW, 3), []);
            assert_eq!(line.reads(FINE, 1), []);
        }
    }

    #[test]
    fn what_is_poor_is_so_until_it_is_clearly_better() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        line.reads(NARROW, 2);
        assert_eq!(line.reads((40, 150), 4), [2], "two thirds of the limits");
    }

    #[test]
    fn a_line_that_stays_narrow_is_tried_after_growing_pauses_and_briefly() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        assert_eq!(line.carries_sound_only(270), [4, 10, 3, 20, 3, 40, 3, 60, 3, 60, 3, 60]);
    }

    #[test]
    fn a_line_that_has_recovered_gets_its_picture_back_and_begins_anew_when_it_is_proven() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        line.carries_sound_only(17 + 20);
        assert!(line.thrift.spared() == Slots::NONE);
        assert!(line.thrift.take_back().has(Slot::Camera), "its picture begins anew");
        assert_eq!(line.thrift.take_back(), Slots::NONE);
        assert_eq!(line.reads(FINE, 60), []);
        assert_eq!(line.carries_sound_only(30), [4, 10, 3]);
    }

    #[test]
    fn what_was_not_proven_for_a_minute_waits_longer_the_next_time() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        assert_eq!(line.carries_sound_only(14), [4, 10]);
        line.reads(FINE, 40);
        assert_eq!(line.carries_sound_only(24), [4, 20], "no trial any more, but no proof either");
    }

    #[test]
    fn pictures_are_not_tried_where_even_sound_does_not_fit() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        assert_eq!(line.reads(NARROW, 60), [4]);
        assert_eq!(line.reads(FINE, 2), [1]);
    }

    #[test]
    fn the_face_rests_before_the_screen_and_comes_back_after_it() {
        let mut line = Line::of(CAMERA.with(Slot::Screen, true));
        line.reads(FINE, 10);
        assert_eq!(line.reads(NARROW, 4), [4]);
        assert_eq!(line.thrift.spared(), Slots::NONE.with(Slot::Camera, true));
        assert_eq!(line.reads(NARROW, 3), [3]);
        assert_eq!(line.thrift.spared(), Slots::NONE.with(Slot::Camera, true).with(Slot::Screen, true));
        assert_eq!(line.reads(FINE, 20), [20]);
        assert_eq!(line.thrift.spared(), Slots::NONE.with(Slot::Camera, true));
        assert_eq!(line.reads(FINE, 20), [20]);
        assert_eq!(line.thrift.spared(), Slots::NONE);
    }

    #[test]
    fn another_path_is_judged_by_itself() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        line.carries_sound_only(17 + 19);
        line.thrift.start_over();
        assert_eq!(line.reads((100, 400), 30), [1], "tried at once, and a longer way is no queue");
        assert_eq!(line.thrift.spared(), Slots::NONE);
    }

    #[test]
    fn what_was_before_a_sleep_says_nothing() {
        let mut line = Line::of(CAMERA);
        line.reads(FINE, 10);
        line.reads(NARROW, 2);
        line.second += 60;
        assert_eq!(line.reads(NARROW, 3), []);
    }
}
