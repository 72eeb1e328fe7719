//! Reliable, ordered, deduplicated messages inside one session, whatever path carries them.
//!
//! Envelopes are numbered from 1. What is not acknowledged is kept and sent again on every path there is; what
//! comes twice is dropped; what comes early waits. An acknowledgement travels with the next envelope, or alone after
//! a moment; it is never acknowledged itself.

use crate::config::{Config, earlier};
use eyeline_protocol::inner::{Candidates, Envelope, Message};
use eyeline_protocol::{Milliseconds, limits};
use litemap::LiteMap;

/// An envelope is filled up to this size, so that the sealed record stays within its largest padding bucket
/// (16 KiB). One description may fill it alone.
const ENVELOPE_BYTES: usize = limits::DESCRIPTION_BYTES + 512;

/// Messages in one envelope: as many as a reader accepts.
const ENVELOPE_MESSAGES: usize = 32;

/// From this many unacknowledged envelopes on, news of name and state wait: only the newest counts, and the rest
/// of the room is kept for what must not be lost.
const CONGESTED: usize = 16;

/// Both directions of one session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Delivery {
    /// The number of the newest envelope sent.
    last_sent: u32,
    /// Sent and not acknowledged, by number.
    unacknowledged: LiteMap<u32, Vec<Message>>,
    /// To be sent with the next envelope.
    waiting: Vec<Message>,
    /// When to send the unacknowledged again, and when anything of it was sent last.
    resend_at: Option<Milliseconds>,
    sent_at: Milliseconds,
    /// How often they were sent again since the last acknowledgement.
    resends: u32,
    /// How long to wait for an acknowledgement: twice what the last one took, or longer while none comes in time
    /// (Karn's algorithm, RFC 6298, 3 and 5.5). Nothing is measured yet while it is zero.
    patience: Milliseconds,
    /// The shortest time that an acknowledgement took; nothing is measured yet while it is zero.
    quickest: Milliseconds,
    /// Nothing was acknowledged since news made us send again.
    hastened: bool,
    /// The envelope by which the next acknowledgement is timed, and when it was sent; it was sent only once.
    timed: Option<(u32, Milliseconds)>,
    /// All envelopes up to this number have come.
    received: u32,
    /// Came early.
    early: LiteMap<u32, Vec<Message>>,
    /// When the acknowledgement must go, if nothing else carries it.
    acknowledge_at: Option<Milliseconds>,
    /// Something came a second time: the acknowledgement may have been lost with its path.
    repeated: bool,
}

/// Envelopes to send now.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The envelopes in order.
    pub(crate) envelopes: Vec<Envelope>,
    /// Whether to send them on every path rather than on the best one.
    pub(crate) every_path: bool,
}

impl Delivery {
    /// Queues a message.
    pub(crate) fn say(&mut self, message: Message) {
        self.waiting.push(message);
    }

    /// Whether messages that a newer one makes worthless should wait.
    pub(crate) fn congested(&self) -> bool {
        self.unacknowledged.len() >= CONGESTED
    }

    /// Whether more is unacknowledged than may be kept: the other end takes nothing any more.
    pub(crate) fn overflown(&self) -> bool {
        self.unacknowledged.len() + self.waiting.len() > limits::UNACKNOWLEDGED_RECORDS
            || self.unacknowledged.values().flatten().chain(&self.waiting).map(size).sum::<usize>()
                > limits::UNACKNOWLEDGED_BYTES
    }

    /// How often the oldest unacknowledged envelope was sent again.
    pub(crate) fn resends(&self) -> u32 {
        self.resends
    }

    /// Forgets what `outdated` says is of no use any more. The numbers stay: the receiver waits for each.
    pub(crate) fn forget(&mut self, outdated: impl Fn(&Message) -> bool) {
        self.waiting.retain(|message| !outdated(message));
        for (_, messages) in self.unacknowledged.iter_mut() {
            messages.retain(|message| !outdated(message));
        }
    }

    /// An envelope with messages that need no order and no second try, or none at all: a sign of life.
    pub(crate) fn unnumbered(&self, messages: Vec<Message>) -> Envelope {
        Envelope { sequence: 0, acknowledged: self.received, messages }
    }

    /// A path has come (or come back): what is unacknowledged goes out at once.
    pub(crate) fn path_changed(&mut self, now: Milliseconds) {
        self.hastened = false;
        if !self.unacknowledged.is_empty() {
            self.resend_at = Some(now);
            self.resends = 0;
        }
    }

    /// Takes an envelope in; returns the messages that are due, in order, each exactly once.
    pub(crate) fn receive(&mut self, now: Milliseconds, envelope: Envelope, config: &Config) -> Vec<Message> {
        self.acknowledged(now, envelope.acknowledged, config);
        let number = envelope.sequence;
        if number == 0 {
            return Vec::new();
        }
        let mut due = Vec::new();
        if number <= self.received {
            self.repeated = true;
        } else if number <= self.received.saturating_add(limits::UNACKNOWLEDGED_RECORDS as u32) {
            self.heard_news(now, config);
            self.early.insert(number, envelope.messages);
            while let Some(messages) = self.early.remove(&self.received.saturating_add(1)) {
                self.received += 1;
                due.extend(messages);
            }
        }
        self.acknowledge_at = earlier(self.acknowledge_at, Some(now + config.acknowledge_within));
        due
    }

    /// Something new came from one who has acknowledged nothing for long: the path is there again. What it has not got
    /// goes out soon, and not when a pause ends that has grown while there was no path.
    fn heard_news(&mut self, now: Milliseconds, config: &Config) {
        if self.unacknowledged.is_empty() || core::mem::replace(&mut self.hastened, true) {
            return;
        }
        // What was just sent may be on its way, or its acknowledgement, which waits a moment for company.
        let soon = self.sent_at + self.quickest + config.acknowledge_within;
        self.resend_at = earlier(self.resend_at, Some(soon.max(now)));
    }

    fn acknowledged(&mut self, now: Milliseconds, number: u32, config: &Config) {
        if let Some((_, sent_at)) = self.timed.filter(|(timed, _)| *timed <= number) {
            self.timed = None;
            let took = now.since(sent_at);
            self.quickest = if self.quickest.0 == 0 { took } else { self.quickest.min(took) };
            self.patience = Milliseconds(took.0 * 2).min(config.resend_most);
        }
        let before = self.unacknowledged.len();
        self.unacknowledged.retain(|sent, _| *sent > number);
        self.hastened &= self.unacknowledged.len() == before;
        if self.unacknowledged.is_empty() {
            self.resend_at = None;
            self.resends = 0;
        } else if self.unacknowledged.len() < before {
            self.resend_at = Some(now + self.patience.max(config.resend_after));
            self.resends = 0;
        }
    }

    /// What is to be sent now, given that there is a path.
    pub(crate) fn outgoing(&mut self, now: Milliseconds, config: &Config) -> Batch {
        let again = self.resend_at.is_some_and(|at| at <= now);
        let first_new = self.last_sent.saturating_add(1);
        self.pack();
        let from = if again { 0 } else { first_new };
        let mut batch = Batch { envelopes: Vec::new(), every_path: again || self.repeated };
        for (sequence, messages) in self.unacknowledged.iter().filter(|(sequence, _)| **sequence >= from) {
            batch.envelopes.push(Envelope {
                sequence: *sequence,
                acknowledged: self.received,
                messages: messages.clone(),
            });
        }
        if !batch.envelopes.is_empty() {
            self.sent_at = now;
        }
        if again {
            let patience = self.patience.max(config.resend_after);
            self.resend_at = Some(now + patience);
            self.patience = Milliseconds(patience.0 * 2).min(config.resend_most);
            self.resends = self.resends.saturating_add(1);
            self.timed = None;
        } else if !batch.envelopes.is_empty() {
            self.timed.get_or_insert((self.last_sent, now));
            self.resend_at.get_or_insert(now + self.patience.max(config.resend_after));
        }
        if batch.envelopes.is_empty() && self.acknowledge_at.is_some_and(|at| at <= now) {
            batch.envelopes.push(self.unnumbered(Vec::new()));
        }
        if !batch.envelopes.is_empty() {
            self.acknowledge_at = None;
            self.repeated = false;
        }
        batch
    }

    /// Numbers what waits.
    fn pack(&mut self) {
        let mut envelope = Vec::new();
        let mut bytes = 0;
        for message in core::mem::take(&mut self.waiting) {
            let more = size(&message);
            if !envelope.is_empty() && (bytes + more > ENVELOPE_BYTES || envelope.len() == ENVELOPE_MESSAGES)
            {
                self.number(core::mem::take(&mut envelope));
                bytes = 0;
            }
            bytes += more;
            envelope.push(message);
        }
        if !envelope.is_empty() {
            self.number(envelope);
        }
    }

    fn number(&mut self, messages: Vec<Message>) {
        self.last_sent = self.last_sent.saturating_add(1);
        self.unacknowledged.insert(self.last_sent, messages);
    }

    /// When something is to be sent again or acknowledged, given that there is a path.
    pub(crate) fn deadline(&self) -> Option<Milliseconds> {
        earlier(self.resend_at, self.acknowledge_at)
    }
}

/// About how many bytes a message takes, never less than it does.
fn size(message: &Message) -> usize {
    match message {
        Message::Profile(profile) => profile.name.len() + 16,
        Message::Offer(description) | Message::Answer(description) => description.sdp.len() + 32,
        Message::Candidates(Candidates { candidates, .. }) => {
            let each = candidates.iter().map(|candidate| {
                candidate.candidate.len() + candidate.username_fragment.as_ref().map_or(0, String::len) + 24
            });
            32 + each.sum::<usize>()
        }
        Message::Carry(carried) | Message::Carried(carried) => carried.sealed.len() + 40,
        Message::State(_)
        | Message::RestartWanted(_)
        | Message::Bye
        | Message::PictureWanted(_)
        | Message::Unknown(_) => 32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eyeline_protocol::inner::Profile;

    /// A path that loses, repeats and reorders, by SplitMix64.
    fn dice(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn numbered(number: u64) -> Message {
        Message::Profile(Profile { name: number.to_string() })
    }

    #[test]
    fn every_message_arrives_once_and_in_order_over_a_path_that_loses_repeats_and_reorders() {
        let config = Config::default();
        for seed in 0..200 {
            let mut state = seed;
            let (mut one, mut other) = (Delivery::default(), Delivery::default());
            let mut on_the_way: Vec<(bool, Envelope)> = Vec::new();
            let mut arrived = Vec::new();
            for step in 0..4000_u64 {
                let now = Milliseconds(step * 100);
                if step < 300 && step % 10 == 0 {
                    one.say(numbered(step / 10));
                }
                for (to_other, end) in [(true, &mut one), (false, &mut other)] {
                    for envelope in end.outgoing(now, &config).envelopes {
                        for _ in 0..dice(&mut state) % 3 {
                            on_the_way.push((to_other, envelope.clone()));
                        }
                    }
                }
                while !on_the_way.is_empty() && !dice(&mut state).is_multiple_of(3) {
                    let place = dice(&mut state) as usize % on_the_way.len();
                    let (to_other, envelope) = on_the_way.swap_remove(place);
                    let end = if to_other { &mut other } else { &mut one };
                    arrived.extend(end.receive(now, envelope, &config));
                }
            }
            assert_eq!(arrived, (0..30).map(numbered).collect::<Vec<_>>(), "seed {seed}");
            assert!(one.unacknowledged.is_empty(), "seed {seed}");
            assert_eq!(
                (one.deadline(), other.deadline()),
                (None, None),
                "seed {seed}: no acknowledgement of one"
            );
        }
    }

    #[test]
    fn what_can_never_be_acknowledged_is_bounded() {
        let mut delivery = Delivery::default();
        for number in 0..1000 {
            if !delivery.overflown() {
                delivery.say(numbered(number));
                delivery.outgoing(Milliseconds(number), &Config::default());
            }
        }
        assert!(delivery.overflown());
        assert!(delivery.unacknowledged.len() <= limits::UNACKNOWLEDGED_RECORDS + 1);
    }
}
