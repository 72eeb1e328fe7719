//! Whether what a shared screen shows moves, judged by how often the browser captures another picture of it.

use eyeline_protocol::Milliseconds;

/// Pictures a second from which on something moves: more than of somebody who types.
const MOVING: u64 = 6;

/// Below this it has come to rest. A cursor that blinks makes two.
const RESTING: u64 = 3;

/// The shortest time that a judgement is made of.
const TIME: Milliseconds = Milliseconds(900);

/// What has been seen of one captured screen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Movement {
    seen: Option<(Milliseconds, u64)>,
    rests: bool,
}

impl Movement {
    /// `pictures` have been captured so far.
    pub(crate) fn look(&mut self, now: Milliseconds, pictures: u64) {
        let (then, before) = *self.seen.get_or_insert((now, pictures));
        let time = now.since(then);
        if time < TIME {
            return;
        }
        let in_a_second = pictures.saturating_sub(before).saturating_mul(1000) / time.0.max(1);
        self.rests = in_a_second < if self.rests { MOVING } else { RESTING };
        self.seen = Some((now, pictures));
    }

    /// Whether nothing much moves, as far as is known.
    pub(crate) fn rests(&self) -> bool {
        self.rests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of so many pictures in each of some seconds.
    fn found(seconds: &[u64]) -> Vec<bool> {
        let mut movement = Movement::default();
        movement.look(Milliseconds(0), 100);
        let (mut now, mut pictures) = (0, 100);
        let look = |more: &u64| {
            now += 1000;
            pictures += more;
            movement.look(Milliseconds(now), pictures);
            movement.rests()
        };
        seconds.iter().map(look).collect()
    }

    #[test]
    fn a_film_moves_and_a_page_rests_whoever_types_in_it() {
        assert_eq!(found(&[30, 25, 0, 0]), [false, false, true, true]);
        assert_eq!(
            found(&[0, 2, 5, 5, 0]),
            [true, true, true, true, true],
            "a cursor, and somebody who types"
        );
        assert_eq!(
            found(&[0, 10, 4, 4, 2]),
            [true, false, false, false, true],
            "neither here nor there: as before"
        );
    }

    #[test]
    fn looks_that_follow_each_other_closely_are_one() {
        let mut movement = Movement::default();
        for (now, pictures) in [(0, 0), (10, 0), (500, 0), (899, 0)] {
            movement.look(Milliseconds(now), pictures);
            assert!(!movement.rests(), "not known yet");
        }
        movement.look(Milliseconds(950), 1);
        assert!(movement.rests());
        movement.look(Milliseconds(960), 2);
        assert!(movement.rests(), "not a hundred pictures a second");
    }
}
