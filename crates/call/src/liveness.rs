//! Signs of life of one connection: its own watch over it, since browsers take 6 to 9 s to say `disconnected` and
//! 17 to 29 s to say `failed` (measured with Chromium 156 and Firefox 153), and a person notices after two.
//!
//! Life is anything that arrives: a message on the data channel, of which each end sends one a second, or bytes of
//! media. The channel alone would not do: after some loss its retransmissions wait for seconds while sound still
//! comes through.

use crate::config::{Config, earlier};
use crate::input::{Picture, Traffic};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::inner::{Slot, Slots};

/// The slots whose pictures are watched, in the order of [`Traffic::pictures`].
const PICTURES: [Slot; 2] = [Slot::Camera, Slot::Screen];

/// The watch over one connection; it sleeps until the data channel is open and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Liveness {
    /// When something arrived last; `None` while nothing is watched.
    alive_at: Option<Milliseconds>,
    /// When the next sign of life of our own is due.
    beat_at: Milliseconds,
    /// Only what comes on the channel counts: a page's program speaks there, and no browser of a page that is gone.
    channel_only: bool,
    /// Silence before this is no stall.
    patient_until: Milliseconds,
    /// Bytes received in all, as the browser last said.
    received: u64,
    stalled: bool,
    worried: bool,
    /// When to look again whether anything arrives, while nothing does.
    look_at: Milliseconds,
    pictures: [Watch; PICTURES.len()],
}

/// Whether one picture's bytes become frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Watch {
    seen: Picture,
    /// Bytes came and no frame did, since.
    stuck_since: Option<Milliseconds>,
}

impl Liveness {
    /// From now on the other end's signs of life are expected.
    pub(crate) fn start(&mut self, now: Milliseconds) {
        if self.alive_at.is_none() {
            *self = Self { alive_at: Some(now), beat_at: now, ..Self::default() };
        }
    }

    /// There is nothing to watch any more.
    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }

    /// Nothing has arrived for too long.
    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// Something is watched, and there has not been nothing for long enough to worry.
    pub(crate) fn is_well(&self) -> bool {
        self.alive_at.is_some() && !self.worried && !self.stalled && !self.channel_only
    }

    /// Something arrived. True if nothing had for too long.
    pub(crate) fn heard(&mut self, now: Milliseconds) -> bool {
        let Some(alive_at) = &mut self.alive_at else { return false };
        *alive_at = now.max(*alive_at);
        self.worried = false;
        core::mem::take(&mut self.stalled)
    }

    /// The browser's counters. True if bytes have come after nothing had for too long.
    pub(crate) fn traffic(&mut self, now: Milliseconds, traffic: &Traffic) -> bool {
        for (watch, picture) in self.pictures.iter_mut().zip(traffic.pictures) {
            watch.look(now, picture);
        }
        let more = traffic.received > self.received;
        self.received = traffic.received;
        more && !self.channel_only && self.heard(now)
    }

    /// The other page is said to be gone: it has a moment to prove the contrary. Its browser may send reports for many
    /// seconds after it (Firefox 153).
    pub(crate) fn doubt(&mut self, now: Milliseconds, config: &Config) {
        if let Some(alive_at) = &mut self.alive_at {
            let patience = config.stalled_after.since(config.doubted_for);
            *alive_at = Milliseconds(now.0.saturating_sub(patience.0));
            self.patient_until = Milliseconds(0);
            self.channel_only = true;
        }
    }

    /// Nobody says so any more.
    pub(crate) fn believe(&mut self) {
        self.channel_only = false;
    }

    /// The network has changed, or this page slept: a second is enough now to tell whether the connection lives.
    pub(crate) fn suspect(&mut self, now: Milliseconds, config: &Config) {
        if let Some(alive_at) = &mut self.alive_at {
            let patience = config.stalled_after.since(config.heartbeat);
            *alive_at = Milliseconds(now.0.saturating_sub(patience.0));
            self.beat_at = now;
        }
    }

    /// The network is another one, and nothing has arrived for long enough to worry: that does not end by itself. True if
    /// nothing had said so before.
    pub(crate) fn despair(&mut self, now: Milliseconds) -> bool {
        let newly = self.worried && !self.stalled && now >= self.patient_until;
        self.stalled |= newly;
        newly
    }

    /// Silence is nothing before `until`.
    pub(crate) fn be_patient(&mut self, until: Milliseconds) {
        self.patient_until = until;
    }

    /// Whether a sign of life of our own is due; the next one is due a heartbeat later.
    pub(crate) fn beat(&mut self, now: Milliseconds, config: &Config) -> bool {
        let due = self.alive_at.is_some() && self.beat_at <= now;
        if due {
            self.beat_at = now + config.heartbeat;
        }
        due
    }

    /// Whether there has been nothing for long enough to worry, found out just now.
    pub(crate) fn worries(&mut self, now: Milliseconds, config: &Config) -> bool {
        let silent = self.alive_at.is_some_and(|at| now >= at + config.worried_after);
        silent && !core::mem::replace(&mut self.worried, silent)
    }

    /// Whether it is time to look whether anything arrives again.
    pub(crate) fn look(&mut self, now: Milliseconds, config: &Config) -> bool {
        let due = self.stalled && self.look_at <= now;
        if due {
            self.look_at = now + config.look_for_life;
        }
        due
    }

    /// Whether nothing has arrived for too long, found out just now.
    pub(crate) fn stalls(&mut self, now: Milliseconds, config: &Config) -> bool {
        let silent = self.alive_at.is_some_and(|at| now >= self.silent_at(at, config));
        let newly = silent && !self.stalled;
        self.stalled |= silent;
        self.worried |= silent;
        newly
    }

    /// The pictures of which bytes arrive but no frames come, out of those in `expected`, each told again only after
    /// another while.
    pub(crate) fn stuck(&mut self, now: Milliseconds, expected: Slots, config: &Config) -> Slots {
        let mut stuck = Slots::NONE;
        for (watch, slot) in self.pictures.iter_mut().zip(PICTURES) {
            if watch.stuck_since.is_some_and(|since| now.since(since) >= config.picture_stuck_after) {
                watch.stuck_since = Some(now);
                stuck = stuck.with(slot, expected.has(slot));
            }
        }
        stuck
    }

    /// When something is due.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Milliseconds> {
        let alive_at = self.alive_at?;
        let other = if self.stalled { self.look_at } else { self.silent_at(alive_at, config) };
        let worried = (!self.worried).then_some(alive_at + config.worried_after);
        earlier(worried, earlier(Some(self.beat_at), Some(other)))
    }

    fn silent_at(&self, alive_at: Milliseconds, config: &Config) -> Milliseconds {
        (alive_at + config.stalled_after).max(self.patient_until)
    }
}

impl Watch {
    fn look(&mut self, now: Milliseconds, picture: Picture) {
        if picture.frames != self.seen.frames {
            self.stuck_since = None;
        } else if picture.bytes > self.seen.bytes {
            self.stuck_since.get_or_insert(now);
        }
        self.seen = picture;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> (Liveness, Config) {
        let mut liveness = Liveness::default();
        liveness.start(Milliseconds(1000));
        (liveness, Config::default())
    }

    fn traffic(received: u64, bytes: u64, frames: u64) -> Traffic {
        Traffic { received, pictures: [Picture { bytes, frames }, Picture::default()], ..Traffic::default() }
    }

    #[test]
    fn silence_of_two_and_a_half_seconds_is_a_stall_and_is_told_once() {
        let (mut liveness, config) = watched();
        assert!(!liveness.stalls(Milliseconds(3499), &config));
        assert!(liveness.stalls(Milliseconds(3500), &config));
        assert!(!liveness.stalls(Milliseconds(3501), &config));
        assert!(liveness.is_stalled());
        assert!(liveness.heard(Milliseconds(4000)), "it lives again");
        assert!(!liveness.is_stalled());
    }

    #[test]
    fn a_second_and_a_half_of_silence_are_worrying_and_it_is_said_once() {
        let (mut liveness, config) = watched();
        liveness.beat(Milliseconds(2400), &config);
        assert!(!liveness.worries(Milliseconds(2499), &config));
        assert_eq!(liveness.deadline(&config), Some(Milliseconds(2500)));
        assert!(liveness.worries(Milliseconds(2500), &config));
        assert!(!liveness.worries(Milliseconds(2600), &config));
        liveness.heard(Milliseconds(2700));
        assert!(liveness.worries(Milliseconds(4200), &config));
    }

    #[test]
    fn after_a_stall_is_looked_more_often_than_the_other_end_gives_signs_of_life() {
        let (mut liveness, config) = watched();
        assert!(!liveness.look(Milliseconds(3499), &config));
        assert!(liveness.stalls(Milliseconds(3500), &config));
        assert!(liveness.look(Milliseconds(3500), &config));
        assert!(!liveness.look(Milliseconds(3749), &config));
        liveness.beat(Milliseconds(3749), &config);
        assert_eq!(liveness.deadline(&config), Some(Milliseconds(3750)));
        assert!(liveness.look(Milliseconds(3750), &config));
        liveness.heard(Milliseconds(3800));
        assert!(!liveness.look(Milliseconds(4100), &config));
    }

    #[test]
    fn bytes_of_media_are_life_and_the_same_count_twice_is_not() {
        let (mut liveness, config) = watched();
        liveness.traffic(Milliseconds(3000), &traffic(10, 0, 0));
        assert!(!liveness.stalls(Milliseconds(5000), &config));
        liveness.traffic(Milliseconds(5000), &traffic(10, 0, 0));
        assert!(liveness.stalls(Milliseconds(5500), &config));
        assert!(liveness.traffic(Milliseconds(6000), &traffic(11, 0, 0)));
    }

    #[test]
    fn after_a_change_of_network_one_second_tells() {
        let (mut liveness, config) = watched();
        liveness.suspect(Milliseconds(2000), &config);
        assert!(liveness.beat(Milliseconds(2000), &config), "it asks for a sign of life at once");
        assert!(!liveness.stalls(Milliseconds(2999), &config));
        assert!(liveness.stalls(Milliseconds(3000), &config));
    }

    #[test]
    fn a_picture_whose_bytes_become_no_frames_is_stuck() {
        let (mut liveness, config) = watched();
        let camera = Slots::NONE.with(Slot::Camera, true);
        liveness.traffic(Milliseconds(1000), &traffic(1, 100, 5));
        liveness.traffic(Milliseconds(2000), &traffic(2, 200, 5));
        assert_eq!(liveness.stuck(Milliseconds(5999), camera, &config), Slots::NONE);
        assert_eq!(liveness.stuck(Milliseconds(6000), Slots::NONE, &config), Slots::NONE, "it is off");
        assert_eq!(liveness.stuck(Milliseconds(10_000), camera, &config), camera);
        liveness.traffic(Milliseconds(11_000), &traffic(3, 300, 6));
        assert_eq!(liveness.stuck(Milliseconds(20_000), camera, &config), Slots::NONE);
    }

    #[test]
    fn who_is_said_to_be_gone_must_speak_on_the_channel() {
        let (mut liveness, config) = watched();
        liveness.doubt(Milliseconds(2000), &config);
        liveness.traffic(Milliseconds(3000), &traffic(10, 0, 0));
        assert!(!liveness.stalls(Milliseconds(3699), &config));
        assert!(liveness.stalls(Milliseconds(3700), &config), "reports of its browser prove nothing");
        assert!(liveness.heard(Milliseconds(3800)));
        assert!(!liveness.stalls(Milliseconds(5000), &config));
    }

    #[test]
    fn while_ice_restarts_silence_is_nothing() {
        let (mut liveness, config) = watched();
        liveness.be_patient(Milliseconds(7000));
        assert!(!liveness.stalls(Milliseconds(6999), &config));
        assert_eq!(liveness.deadline(&config), Some(Milliseconds(1000)), "its own sign of life");
        assert!(liveness.stalls(Milliseconds(7000), &config));
    }

    #[test]
    fn without_a_channel_nothing_is_watched() {
        let mut liveness = Liveness::default();
        let config = Config::default();
        assert!(!liveness.stalls(Milliseconds(1_000_000), &config));
        assert!(!liveness.beat(Milliseconds(1_000_000), &config));
        assert_eq!(liveness.deadline(&config), None);
    }
}
