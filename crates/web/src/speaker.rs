//! Who speaks: a pure function of how loud everybody is, with inertia, so that a cough, a pause for breath or two people
//! at once do not make the page flicker.

use crate::dom::Key;

/// On the scale of meters (0 is −60, 1 is −12 decibels of full scale): about −36, between a quiet room and a quiet voice.
const LOUD: f32 = 0.5;

/// The mark stays for so long after somebody has fallen silent: a pause between two sentences.
const LINGERS: u64 = 800;

/// Somebody else must be the loudest for so long, while the one marked is talking, and while they pause.
const INTERRUPTS_AFTER: u64 = 600;
const FOLLOWS_AFTER: u64 = 200;

/// Who has been marked for so long gets the large picture: it is too much movement for an interjection.
const LARGE_AFTER: u64 = 1500;

/// Follows who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Speaker {
    marked: Option<Key>,
    marked_at: u64,
    heard_at: u64,
    /// Louder than the one marked, and since when.
    rival: Option<(Key, u64)>,
    large: Option<Key>,
}

impl Speaker {
    /// Whose tile has the ring.
    pub(crate) fn marked(&self) -> Option<Key> {
        self.marked
    }

    /// Who has spoken last for more than a moment, of those who may be shown large.
    pub(crate) fn large(&self) -> Option<Key> {
        self.large
    }

    /// Takes one look, some ten a second, at the loudness (0 to 1) of everybody who can be heard. `now` is in
    /// milliseconds. `never_large` is oneself.
    pub(crate) fn listen(&mut self, now: u64, levels: &[(Key, f32)], never_large: Key) {
        let is_loud = |who: Key| levels.iter().any(|(key, level)| *key == who && *level > LOUD);
        if self.marked.is_some_and(is_loud) {
            self.heard_at = now;
        }
        let loudest = levels.iter().filter(|(_, level)| *level > LOUD).max_by(|a, b| a.1.total_cmp(&b.1));
        let rival = loudest.map(|(key, _)| *key).filter(|key| Some(*key) != self.marked);
        self.rival = rival.map(|key| match self.rival {
            Some((same, since)) if same == key => (key, since),
            _ => (key, now),
        });
        if let Some((key, since)) = self.rival {
            let silent = now.saturating_sub(self.heard_at);
            let wait = match self.marked {
                None => 0,
                Some(_) if silent > FOLLOWS_AFTER => FOLLOWS_AFTER,
                Some(_) => INTERRUPTS_AFTER,
            };
            if now.saturating_sub(since) >= wait {
                *self =
                    Self { marked: Some(key), marked_at: now, heard_at: now, rival: None, large: self.large };
            }
        }
        let is_here = |who: &Key| levels.iter().any(|(key, _)| key == who);
        self.marked = self.marked.filter(|key| is_here(key) && now.saturating_sub(self.heard_at) < LINGERS);
        self.large = self.large.filter(is_here);
        let lasts = now.saturating_sub(self.marked_at) >= LARGE_AFTER || self.large.is_none();
        if let Some(key) = self.marked.filter(|key| lasts && *key != never_large) {
            self.large = Some(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Key = 0;
    const ANA: Key = 1;
    const BEN: Key = 2;

    /// Listens from `from` to `to`, ten times a second.
    fn listen(speaker: &mut Speaker, from: u64, to: u64, ana: f32, ben: f32) {
        for now in (from..to).step_by(100) {
            speaker.listen(now, &[(ME, 0.0), (ANA, ana), (BEN, ben)], ME);
        }
    }

    #[test]
    fn whoever_begins_is_marked_at_once_and_a_little_longer_than_heard() {
        let mut speaker = Speaker::default();
        listen(&mut speaker, 0, 500, 0.1, 0.2);
        assert_eq!(speaker.marked(), None, "a quiet room");
        listen(&mut speaker, 500, 600, 0.8, 0.2);
        assert_eq!(speaker.marked(), Some(ANA));
        listen(&mut speaker, 600, 1300, 0.1, 0.2);
        assert_eq!(speaker.marked(), Some(ANA), "700 ms after her last word");
        listen(&mut speaker, 1300, 1500, 0.1, 0.2);
        assert_eq!(speaker.marked(), None);
    }

    #[test]
    fn a_cough_does_not_take_the_mark_from_somebody_who_talks_and_a_sentence_does() {
        let mut speaker = Speaker::default();
        listen(&mut speaker, 0, 1000, 0.7, 0.0);
        listen(&mut speaker, 1000, 1400, 0.7, 0.9);
        assert_eq!(speaker.marked(), Some(ANA));
        listen(&mut speaker, 1400, 1500, 0.7, 0.0);
        listen(&mut speaker, 1500, 2300, 0.7, 0.9);
        assert_eq!(speaker.marked(), Some(BEN));
    }

    #[test]
    fn an_answer_takes_the_mark_soon() {
        let mut speaker = Speaker::default();
        listen(&mut speaker, 0, 1000, 0.7, 0.0);
        listen(&mut speaker, 1000, 1600, 0.0, 0.7);
        assert_eq!(speaker.marked(), Some(BEN));
    }

    #[test]
    fn the_large_picture_changes_only_for_who_goes_on_and_never_to_oneself() {
        let mut speaker = Speaker::default();
        listen(&mut speaker, 0, 3000, 0.7, 0.0);
        assert_eq!(speaker.large(), Some(ANA));
        listen(&mut speaker, 3000, 4000, 0.0, 0.7);
        assert_eq!((speaker.marked(), speaker.large()), (Some(BEN), Some(ANA)), "an interjection");
        listen(&mut speaker, 4000, 6000, 0.0, 0.7);
        assert_eq!(speaker.large(), Some(BEN));
        for now in (6000..10_000).step_by(100) {
            speaker.listen(now, &[(ME, 0.9), (ANA, 0.0), (BEN, 0.0)], ME);
        }
        assert_eq!((speaker.marked(), speaker.large()), (Some(ME), Some(BEN)));
    }

    #[test]
    fn who_has_left_has_no_mark_and_no_large_picture() {
        let mut speaker = Speaker::default();
        listen(&mut speaker, 0, 3000, 0.7, 0.0);
        speaker.listen(3000, &[(ME, 0.0), (BEN, 0.0)], ME);
        assert_eq!((speaker.marked(), speaker.large()), (None, None));
    }
}
