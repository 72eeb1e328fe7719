//! Making the sealed session with one other peer: begun by the newcomer, repeated until answered, answered again
//! from a cache, and proven before it replaces anything.

use crate::config::{Config, doubled, earlier};
use crate::session::Session;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::PeerId;
use eyeline_seal::{Accepted, Seal};

/// Handshakes with one other peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Handshakes<H, N> {
    begun: Option<Begun<H>>,
    /// When to begin, if nothing comes before.
    begin_at: Option<Milliseconds>,
    /// When we began last: the pause between handshakes counts from here.
    began_at: Option<Milliseconds>,
    answered: Option<Answered<N>>,
}

/// A handshake of ours that awaits the second message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Begun<H> {
    state: H,
    first: Vec<u8>,
    repeat_at: Milliseconds,
    repeats: u32,
}

/// A handshake of the other end that we have answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Answered<N> {
    first: Vec<u8>,
    second: Vec<u8>,
    /// Until its first record opens it may be a replay. `None` once it is in use.
    unproven: Option<Session<N>>,
}

impl<H, N> Default for Handshakes<H, N> {
    fn default() -> Self {
        Self { begun: None, begin_at: None, began_at: None, answered: None }
    }
}

impl<H, N> Handshakes<H, N> {
    /// Whether something is under way or planned.
    pub(crate) fn is_active(&self) -> bool {
        self.begun.is_some() || self.begin_at.is_some()
    }

    /// Begin at `at`, or after the pause between two handshakes, unless it is planned already.
    pub(crate) fn plan(&mut self, at: Milliseconds, config: &Config) {
        if self.begun.is_none() {
            let at = self.began_at.map_or(at, |began| at.max(began + config.handshake_courtesy));
            self.begin_at = earlier(self.begin_at, Some(at));
        }
    }

    /// The path to the other end has come back: what was said last may be lost.
    pub(crate) fn path_changed(&mut self, now: Milliseconds) {
        if let Some(begun) = &mut self.begun {
            begun.repeat_at = now;
            begun.repeats = 0;
        }
    }

    /// A session is in use: nothing else is needed.
    fn settle(&mut self) {
        self.begun = None;
        self.begin_at = None;
    }

    /// The session in use is a good one after all: no other is needed.
    pub(crate) fn abandon(&mut self) {
        self.settle();
    }

    /// Begins or repeats what is due, given that there is a path. Returns the record to send.
    pub(crate) fn tend<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        now: Milliseconds,
        peer: PeerId,
        seal: &mut S,
        config: &Config,
    ) -> Option<Vec<u8>> {
        if let Some(begun) = self.begun.as_mut().filter(|begun| begun.repeat_at <= now) {
            let pause = doubled(config.handshake_repeat, begun.repeats, config.handshake_repeat_most);
            begun.repeat_at = now + pause;
            begun.repeats = begun.repeats.saturating_add(1);
            return Some(begun.first.clone());
        }
        if self.begun.is_some() || self.begin_at.is_none_or(|at| at > now) {
            return None;
        }
        self.begin_at = None;
        self.began_at = Some(now);
        let Ok((state, first)) = seal.begin(peer) else {
            self.begin_at = Some(now + config.handshake_repeat_most);
            return None;
        };
        let repeat_at = now + config.handshake_repeat;
        self.begun = Some(Begun { state, first: first.clone(), repeat_at, repeats: 1 });
        Some(first)
    }

    /// When something is due, given that there is a path.
    pub(crate) fn deadline(&self) -> Option<Milliseconds> {
        earlier(self.begin_at, self.begun.as_ref().map(|begun| begun.repeat_at))
    }

    /// A first message came. Returns the second one to send, if any.
    pub(crate) fn first<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        now: Milliseconds,
        peer: PeerId,
        record: &[u8],
        seal: &mut S,
        config: &Config,
        has_session: bool,
    ) -> Option<Vec<u8>> {
        if let Some(answered) = self.answered.as_ref().filter(|answered| answered.first == record) {
            return Some(answered.second.clone());
        }
        if self.begun.is_some() && seal.peer_id() < peer {
            // Both began at the same moment: the lower id's handshake counts, and is repeated until it is answered.
            return None;
        }
        let Accepted { session, hello, second } = seal.respond(peer, record).ok()?;
        self.begun = None;
        if !has_session {
            // Should this have been a replay, our own try comes later.
            self.begin_at = Some(now + config.handshake_courtesy);
        }
        let unproven = Some(Session::new(now, session, false, hello.certificate));
        self.answered = Some(Answered { first: record.to_vec(), second: second.clone(), unproven });
        Some(second)
    }

    /// A second message came. Returns the session if it is the answer to ours.
    pub(crate) fn second<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        now: Milliseconds,
        record: &[u8],
        seal: &mut S,
    ) -> Option<Session<N>> {
        let begun = self.begun.as_mut()?;
        let established = seal.finish(&mut begun.state, record).ok()?;
        self.settle();
        // An answer of ours to an older handshake of theirs is void: this one is newer at both ends.
        self.answered = None;
        Some(Session::new(now, established.session, true, established.hello.certificate))
    }

    /// A record came that the session in use does not open. Returns the session that it proves, and what was in it.
    pub(crate) fn proven<S: Seal<Handshake = H, Session = N>>(
        &mut self,
        record: &[u8],
        seal: &mut S,
    ) -> Option<(Session<N>, Vec<u8>)> {
        let answered = self.answered.as_mut()?;
        let unproven = answered.unproven.as_mut()?;
        if !seal.belongs(unproven.keys(), record) {
            return None;
        }
        let message = unproven.open(record, seal)?;
        let session = answered.unproven.take()?;
        self.settle();
        Some((session, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eyeline_protocol::ids::{CertificateHash, RoomSecret};
    use eyeline_seal::symbolic::{SymbolicHandshake, SymbolicSeal, SymbolicSession};

    type Symbolic = Handshakes<SymbolicHandshake, SymbolicSession>;

    /// Two seals, the lower id first.
    fn seals() -> (SymbolicSeal, SymbolicSeal) {
        let seal = |number| SymbolicSeal::new(&RoomSecret([1; 16]), number, CertificateHash([0; 32]));
        let (one, other) = (seal(1), seal(2));
        if one.peer_id() < other.peer_id() { (one, other) } else { (other, one) }
    }

    #[test]
    fn when_both_begin_at_once_the_lower_ids_handshake_counts() {
        let config = Config::default();
        let (now, (mut low, mut high)) = (Milliseconds(0), seals());
        let (low_id, high_id) = (low.peer_id(), high.peer_id());
        let (mut of_low, mut of_high) = (Symbolic::default(), Symbolic::default());
        of_low.plan(now, &config);
        of_high.plan(now, &config);
        let first_of_low = of_low.tend(now, high_id, &mut low, &config).unwrap();
        let first_of_high = of_high.tend(now, low_id, &mut high, &config).unwrap();
        assert_eq!(of_low.first(now, high_id, &first_of_high, &mut low, &config, false), None);
        let second = of_high.first(now, low_id, &first_of_low, &mut high, &config, false).unwrap();
        let mut session = of_low.second(now, &second, &mut low).unwrap();
        assert!(session.is_initiator());
        assert!(of_high.second(now, &second, &mut high).is_none(), "given up");
        let record = session.seal(b"hello", &mut low).unwrap();
        let (proven, message) = of_high.proven(&record, &mut high).unwrap();
        assert!(!proven.is_initiator());
        assert_eq!(message, b"hello");
        assert!(!of_low.is_active() && !of_high.is_active());
    }

    #[test]
    fn a_repeated_first_message_gets_the_same_answer() {
        let config = Config::default();
        let (now, (mut low, mut high)) = (Milliseconds(0), seals());
        let (low_id, high_id) = (low.peer_id(), high.peer_id());
        let (mut of_low, mut of_high) = (Symbolic::default(), Symbolic::default());
        of_low.plan(now, &config);
        let first = of_low.tend(now, high_id, &mut low, &config).unwrap();
        assert_eq!(of_low.tend(Milliseconds(999), high_id, &mut low, &config), None);
        assert_eq!(of_low.tend(Milliseconds(1000), high_id, &mut low, &config), Some(first.clone()));
        let second = of_high.first(now, low_id, &first, &mut high, &config, false);
        assert_eq!(of_high.first(now, low_id, &first, &mut high, &config, false), second);
    }
}
