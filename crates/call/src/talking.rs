//! Does somebody talk although their microphone is muted?

use eyeline_protocol::Milliseconds;

/// Follows the loudness of a muted microphone. A cough or a key stroke is no talk; the pauses between words do not end it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Talking {
    /// Loud time that counts: grows while it is loud, shrinks half as fast while it is not.
    loud: Milliseconds,
    looked_at: Option<Milliseconds>,
    talks: bool,
}

/// On the scale of a microphone's meter, where 0 is −60 and 1 is −12 decibels of full scale: about −36, between a quiet
/// room and a quiet voice.
const LOUD: f32 = 0.5;
/// Longer than a cough.
const TALK: Milliseconds = Milliseconds(600);
/// A long sentence is forgotten as soon as a short one.
const MOST: Milliseconds = Milliseconds(1500);
/// Looks further apart say nothing of what was between them.
const GAP: Milliseconds = Milliseconds(500);

impl Talking {
    /// Takes one look at the loudness (0 to 1); a few a second are wanted. Says whether somebody talks to nobody.
    pub fn look(&mut self, now: Milliseconds, muted: bool, loudness: f32) -> bool {
        let passed = self.looked_at.replace(now).map_or(Milliseconds(0), |before| now.since(before));
        if !muted {
            *self = Self { looked_at: self.looked_at, ..Self::default() };
            return false;
        }
        let passed = passed.min(GAP);
        self.loud = if loudness > LOUD {
            (self.loud + passed).min(MOST)
        } else {
            self.loud.since(Milliseconds(passed.0 / 2))
        };
        self.talks = if self.talks { self.loud > Milliseconds(0) } else { self.loud >= TALK };
        self.talks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer after looks every 100 ms.
    fn after(talking: &mut Talking, from: u64, looks: &[(bool, f32)]) -> bool {
        let mut last = false;
        for (index, (muted, loudness)) in looks.iter().enumerate() {
            last = talking.look(Milliseconds(from + 100 * index as u64), *muted, *loudness);
        }
        last
    }

    #[test]
    fn a_sentence_is_talk_and_a_cough_is_none() {
        let mut talking = Talking::default();
        assert!(!after(&mut talking, 0, &[(true, 0.9), (true, 0.9), (true, 0.9), (true, 0.1), (true, 0.1)]));
        assert!(after(&mut Talking::default(), 0, &[(true, 0.7); 8]));
    }

    #[test]
    fn pauses_between_words_do_not_end_it_and_silence_does() {
        let mut talking = Talking::default();
        assert!(after(&mut talking, 0, &[(true, 0.7); 10]));
        assert!(after(&mut talking, 1000, &[(true, 0.0); 5]));
        assert!(!after(&mut talking, 1500, &[(true, 0.0); 20]));
    }

    #[test]
    fn who_is_not_muted_is_never_told() {
        let mut talking = Talking::default();
        assert!(!after(&mut talking, 0, &[(false, 1.0); 30]));
        assert!(!talking.look(Milliseconds(3000), true, 1.0), "what was said before does not count");
    }

    #[test]
    fn one_look_after_a_long_time_is_not_a_long_talk() {
        let mut talking = Talking::default();
        talking.look(Milliseconds(0), true, 1.0);
        assert!(!talking.look(Milliseconds(60_000), true, 1.0));
    }
}
