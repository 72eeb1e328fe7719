//! The media connection with one other person over all its generations: when it is built, repaired, given up.
//!
//! The end that began the session offers; the other answers and asks (`RestartWanted`). Repair goes up a ladder: the
//! browser's own healing, an ICE restart, a new connection of the next generation, again with growing pauses.

use crate::config::{Config, earlier};
use crate::connection::{Connection, Turn};
use crate::description::{self, Refused};
use crate::effect::Outbox;
use crate::input::{ConnectionEvent, Path};
use crate::media::Sending;
use crate::quality::Quality;
use crate::signaling::Ice;
use crate::view::{Certificate, PersonState, Repair};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{CertificateHash, Generation, PeerId};
use eyeline_protocol::inner::{
    Candidate, Candidates, Description, Message, PictureWanted, RestartWanted, Slots,
};

/// How far ahead of ours the other end's count of generations may be: it grows by a rebuild every few seconds at
/// most, so this is hours of them. Beyond it somebody is playing with us.
const GENERATIONS_AHEAD: u32 = 10_000;

/// Each further attempt may take this much longer, up to five times: a slow or crowded network needs time, not
/// more attempts.
const MORE_PATIENCE: Milliseconds = Milliseconds(4000);

/// ICE restarts before a new connection: the second has fresh relay credentials, and finds what an interface that
/// came up late has to offer.
const RESTARTS: u32 = 2;

/// The media connection with one other person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pair {
    peer: PeerId,
    /// The highest generation used or seen.
    generation: Generation,
    connection: Option<Connection>,
    /// The newest offer, while this end is not in the call.
    held_offer: Option<Description>,
    was_connected: bool,
    mismatch: bool,
    /// When to climb the next step of the ladder.
    repair_at: Option<Milliseconds>,
    /// Steps climbed since media could flow last.
    steps: u32,
    /// When this end restarted ICE last.
    restarted_at: Option<Milliseconds>,
    /// The last of them, as long as media cannot flow.
    repair: Option<Repair>,
    /// The other end was asked for a restart that has not come yet.
    asked: bool,
    /// Messages reach the other end.
    reachable: bool,
    /// The next step is a new connection, even if this one looks well here.
    rebuild_wanted: bool,
    built_at: Option<Milliseconds>,
    /// How the search for a direct path goes while media is relayed.
    upgrade: Upgrade,
    /// When ICE was restarted although media could flow, as long as no path is known to have come of it. Firefox 153 is
    /// left without one, and says nothing, when Chromium 156 mixes its new ports with the other's old ones.
    unproven_since: Option<Milliseconds>,
    troubled_since: Option<Milliseconds>,
    /// Troubled for so long that the person should be told.
    given_up: bool,
}

/// The search for a direct path while media is relayed: an ICE restart after growing pauses, and after each change of the
/// network. Media should stay on the old path until a new one works (RFC 8445, 9); that it may pause all the same is
/// [`Pair::expect_path`]'s business, and why the tries are few.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Upgrade {
    /// When to try next.
    at: Option<Milliseconds>,
    /// Tries so far.
    tries: usize,
    tried_at: Option<Milliseconds>,
}

/// What a pair must know to do its work.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) now: Milliseconds,
    pub(crate) config: &'a Config,
    /// Both ends are in the call.
    pub(crate) wanted: bool,
    /// This end offers.
    pub(crate) offers: bool,
    /// Messages reach the other end.
    pub(crate) reachable: bool,
    pub(crate) certificate: CertificateHash,
    /// The server is there, and what it gave to find paths with is good.
    pub(crate) server: bool,
    pub(crate) ice: Ice<'a>,
    pub(crate) sending: Sending,
    /// What the other end says it sends.
    pub(crate) expected: Slots,
}

impl Pair {
    pub(crate) fn new(peer: PeerId) -> Self {
        Self {
            peer,
            generation: Generation(0),
            connection: None,
            held_offer: None,
            was_connected: false,
            mismatch: false,
            repair_at: None,
            steps: 0,
            restarted_at: None,
            repair: None,
            asked: false,
            reachable: true,
            rebuild_wanted: false,
            built_at: None,
            upgrade: Upgrade::default(),
            unproven_since: None,
            troubled_since: None,
            given_up: false,
        }
    }

    /// Media can flow both ways, checked.
    pub(crate) fn is_up(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_up)
    }

    /// Media could flow at some time, with whatever generation.
    pub(crate) fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// The connection whose data channel may be used.
    pub(crate) fn channel(&self) -> Option<&Connection> {
        self.connection.as_ref().filter(|connection| connection.has_channel())
    }

    /// Does what is due.
    pub(crate) fn tend(&mut self, wish: &Wish<'_>, say: &mut Vec<Message>, out: &mut Outbox) {
        if !wish.wanted || self.mismatch {
            self.stop(out);
            return;
        }
        if self.connection.is_none() {
            self.begin(wish, say, out);
        }
        self.follow_ice(wish, out);
        if wish.reachable && self.repair_at.is_some_and(|at| at <= wish.now) {
            self.climb(wish, say, out);
        }
        self.demand_path(wish);
        self.look_for_direct_path(wish, say, out);
        self.reachable = wish.reachable;
        if self.is_up() {
            self.repair = None;
            self.troubled_since = None;
            self.given_up = false;
        } else {
            let since = *self.troubled_since.get_or_insert(wish.now);
            self.given_up = wish.now.since(since) >= wish.config.say_gone_after;
        }
        if let Some(connection) = &mut self.connection {
            connection.tend(wish.now, wish.config.candidate_batch, wish.sending, say, out);
            let stuck = connection.stuck_pictures(wish.now, wish.expected, wish.config);
            if stuck != Slots::NONE {
                say.push(Message::PictureWanted(PictureWanted { slots: stuck }));
            }
        }
    }

    /// Watches over the connection: whether a sign of life is due on its channel, and whether its silence
    /// has just become worrying or too long.
    pub(crate) fn watch(&mut self, now: Milliseconds, config: &Config, out: &mut Outbox) -> (bool, bool) {
        let Some(connection) = &mut self.connection else { return (false, false) };
        let worries = connection.worries(now, config);
        let stalls = connection.stalls(now, config);
        let beat = connection.beat(now, config, out);
        if stalls {
            self.repair_by(now + config.restart_after_stall);
        }
        (beat, worries || stalls)
    }

    /// The other page is said to be gone, or nobody says so any more.
    pub(crate) fn doubt(&mut self, doubted: bool, now: Milliseconds, config: &Config) {
        if let Some(connection) = &mut self.connection {
            connection.doubt(doubted, now, config);
        }
    }

    /// The other end cannot decode what comes.
    pub(crate) fn refresh(&mut self, slots: Slots, out: &mut Outbox) {
        if let Some(connection) = self.connection.as_ref().filter(|connection| connection.is_checked()) {
            connection.begin_pictures_anew(slots, out);
        }
    }

    /// When something is due, given whether messages reach the other end.
    pub(crate) fn deadline(&self, reachable: bool, config: &Config) -> Option<Milliseconds> {
        let given_up =
            self.troubled_since.filter(|_| !self.given_up).map(|since| since + config.say_gone_after);
        let repair = self.repair_at.filter(|_| reachable);
        let connection = self.connection.as_ref().and_then(|connection| connection.deadline(config));
        let unproven = self.unproven_since.map(|since| since + config.connect_within);
        let improvement = earlier(unproven, self.upgrade.at);
        earlier(given_up, earlier(improvement, earlier(repair, connection)))
    }

    /// Brings a living connection up to what paths shall be found with.
    fn follow_ice(&mut self, wish: &Wish<'_>, out: &mut Outbox) {
        let Some(connection) = &mut self.connection else { return };
        connection.refresh(&wish.ice, out);
        if connection.is_relay_only() != wish.ice.relay_only && !self.rebuild_wanted {
            self.rebuild_wanted = true;
            self.repair_by(wish.now);
        }
    }

    /// ICE is restarted. Where media flows it may pause a little: Firefox 153 was seen to be silent for three seconds
    /// when Chromium 156 restarts.
    fn expect_path(&mut self, wish: &Wish<'_>) {
        self.unproven_since = Some(wish.now);
        if let Some(connection) = self.connection.as_mut().filter(|connection| connection.is_up()) {
            connection.be_patient(wish.now + wish.config.restart_pauses);
        }
    }

    /// A restart that a connection seems to survive, and of which no path comes, is no restart.
    fn demand_path(&mut self, wish: &Wish<'_>) {
        if self.unproven_since.is_some_and(|since| wish.now.since(since) >= wish.config.connect_within) {
            self.unproven_since = None;
            // What is known to be broken is being repaired already.
            if self.is_up() {
                self.rebuild_wanted = true;
                self.repair_by(wish.now);
            }
        }
    }

    /// Tries to get from a relay to a direct path.
    fn look_for_direct_path(&mut self, wish: &Wish<'_>, say: &mut Vec<Message>, out: &mut Outbox) {
        let connection = self.connection.as_mut().filter(|connection| connection.is_up());
        let Some(connection) = connection.filter(|_| !self.rebuild_wanted) else {
            self.upgrade.at = None;
            return;
        };
        if connection.path() == Some(Path::Direct) {
            self.upgrade = Upgrade::default();
        }
        // Without the server a restart might end with nothing: credentials for its relay grow old.
        if !connection.may_become_direct() || !wish.server {
            self.upgrade.at = None;
            return;
        }
        match self.upgrade.at {
            None if wish.offers => {
                let pause = wish.config.upgrade_after.get(self.upgrade.tries);
                self.upgrade.at = pause.map(|pause| wish.now + *pause);
            }
            Some(at) if at <= wish.now => {
                self.upgrade.at = None;
                self.upgrade.tries += 1;
                self.upgrade.tried_at = Some(wish.now);
                if wish.offers {
                    if self.restart_ice(wish.now, out) {
                        self.expect_path(wish);
                    }
                } else {
                    say.push(Message::RestartWanted(RestartWanted {
                        generation: self.generation,
                        rebuild: false,
                        upgrade: true,
                    }));
                }
            }
            None | Some(_) => {}
        }
    }

    /// There is no connection and there should be one.
    fn begin(&mut self, wish: &Wish<'_>, say: &mut Vec<Message>, out: &mut Outbox) {
        if let Some(offer) = self.held_offer.take() {
            self.accept(offer, wish, say, out);
        } else if self.repair_at.is_none() {
            if !wish.offers {
                // Should the offer not come, ask for it.
                self.repair_at = Some(wish.now + wish.config.connect_within);
            } else if wish.reachable {
                self.build(wish, out);
            }
        }
    }

    /// The next step of the ladder.
    fn climb(&mut self, wish: &Wish<'_>, say: &mut Vec<Message>, out: &mut Outbox) {
        if self.is_up() && !self.rebuild_wanted {
            self.repair_at = None;
            self.steps = 0;
            return;
        }
        let restart = self.steps < RESTARTS
            && !self.rebuild_wanted
            && self.connection.as_ref().is_some_and(|it| it.was_connected() && !it.is_dead());
        if restart {
            self.repair = Some(Repair::Restart(self.steps + 1));
        }
        self.asked = !wish.offers;
        if !wish.offers {
            say.push(Message::RestartWanted(RestartWanted {
                generation: self.generation,
                rebuild: !restart,
                upgrade: false,
            }));
            self.repair_at = Some(wish.now + wish.config.rebuild_after + self.patience());
        } else if restart && self.restart_ice(wish.now, out) {
            self.repair_at = Some(wish.now + wish.config.rebuild_after);
        } else if let Some(at) = self
            .restarted_at
            .filter(|at| restart && self.is_negotiating() && wish.now.since(*at) < wish.config.rebuild_after)
        {
            // Both ends have found the same, one after the other: what is under way may well help.
            self.repair_at = Some(at + wish.config.rebuild_after);
            return;
        } else {
            self.build(wish, out);
        }
        self.steps = self.steps.saturating_add(1);
    }

    /// Restarts ICE, if this end can.
    fn restart_ice(&mut self, now: Milliseconds, out: &mut Outbox) -> bool {
        let restarts = self.connection.as_mut().is_some_and(|connection| connection.restart_ice(out));
        if restarts {
            self.restarted_at = Some(now);
        }
        restarts
    }

    fn is_negotiating(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_negotiating)
    }

    fn patience(&self) -> Milliseconds {
        Milliseconds(MORE_PATIENCE.0 * u64::from(self.steps.min(5)))
    }

    /// Offers a new connection of the next generation.
    fn build(&mut self, wish: &Wish<'_>, out: &mut Outbox) {
        if let Some(built_at) = self.built_at
            && wish.now.since(built_at) < wish.config.rebuild_pause
        {
            self.repair_at = Some(built_at + wish.config.rebuild_pause);
            return;
        }
        self.drop_connection(out);
        self.generation.0 = self.generation.0.saturating_add(1);
        self.built(wish);
        self.connection = Some(Connection::offer(self.peer, self.generation, &wish.ice, out));
    }

    fn built(&mut self, wish: &Wish<'_>) {
        // The first one repairs nothing.
        if self.built_at.is_some() {
            self.repair = Some(Repair::NewConnection(self.generation));
        }
        self.rebuild_wanted = false;
        self.built_at = Some(wish.now);
        self.repair_at = Some(wish.now + wish.config.connect_within + self.patience());
    }

    /// An offer came.
    pub(crate) fn offered(
        &mut self,
        offer: Description,
        wish: &Wish<'_>,
        say: &mut Vec<Message>,
        out: &mut Outbox,
    ) {
        if self.mismatch || wish.offers {
            return;
        }
        let current = self.connection.as_ref().map(Connection::generation);
        if current == Some(offer.generation) {
            self.accept_again(offer, wish, out);
        } else if offer.generation <= self.generation {
            // The other end has forgotten how far we were: tell it.
            say.push(Message::RestartWanted(RestartWanted {
                generation: self.generation,
                rebuild: true,
                upgrade: false,
            }));
        } else if wish.wanted {
            self.accept(offer, wish, say, out);
        } else {
            self.held_offer = Some(offer);
        }
    }

    /// Takes an offer of a new connection.
    fn accept(&mut self, offer: Description, wish: &Wish<'_>, say: &mut Vec<Message>, out: &mut Outbox) {
        self.drop_connection(out);
        self.generation = offer.generation;
        self.built(wish);
        match description::incoming(&offer.sdp, wish.certificate) {
            Ok(sdp) => {
                let offer = Description { sdp, ..offer };
                self.connection = Some(Connection::answer(self.peer, offer, &wish.ice, out));
            }
            Err(Refused::Certificate) => self.mismatch = true,
            Err(Refused::Malformed) => {
                say.push(Message::RestartWanted(RestartWanted {
                    generation: self.generation,
                    rebuild: true,
                    upgrade: false,
                }));
            }
        }
    }

    /// Takes an offer that restarts ICE.
    fn accept_again(&mut self, offer: Description, wish: &Wish<'_>, out: &mut Outbox) {
        match description::incoming(&offer.sdp, wish.certificate) {
            Ok(sdp) => {
                if let Some(connection) = &mut self.connection {
                    connection.reoffered(sdp, out);
                    self.expect_path(wish);
                }
                let asked = core::mem::take(&mut self.asked);
                if !self.is_up() {
                    match self.repair {
                        Some(Repair::Restart(_)) if asked => {}
                        Some(Repair::Restart(count)) => {
                            self.repair = Some(Repair::Restart(count.saturating_add(1)));
                        }
                        _ => self.repair = Some(Repair::Restart(1)),
                    }
                    self.repair_at = Some(wish.now + wish.config.rebuild_after);
                }
            }
            Err(Refused::Certificate) => self.found_mismatch(out),
            Err(Refused::Malformed) => {}
        }
    }

    /// An answer came.
    pub(crate) fn answered(&mut self, answer: &Description, wish: &Wish<'_>, out: &mut Outbox) {
        let Some(connection) = &mut self.connection else { return };
        if connection.generation() != answer.generation || !wish.offers {
            return;
        }
        match description::incoming(&answer.sdp, wish.certificate) {
            Ok(sdp) => connection.answered(sdp, out),
            Err(Refused::Certificate) => self.found_mismatch(out),
            // The ladder goes on to a new connection.
            Err(Refused::Malformed) => {}
        }
    }

    /// Candidates of the other end came.
    pub(crate) fn candidates(&mut self, list: Candidates, out: &mut Outbox) {
        let Some(connection) = &mut self.connection else { return };
        if connection.generation() == list.generation {
            let acceptable: Vec<Candidate> =
                list.candidates.into_iter().filter(description::is_acceptable).collect();
            connection.remote_candidates(acceptable, list.complete, out);
        }
    }

    /// The other end, which does not offer, asks for a repair.
    pub(crate) fn restart_wanted(&mut self, wanted: RestartWanted, wish: &Wish<'_>, out: &mut Outbox) {
        let ahead = wanted.generation.0.saturating_sub(self.generation.0);
        if !wish.offers || wanted.generation < self.generation || ahead > GENERATIONS_AHEAD {
            return;
        }
        if ahead > 0 || wanted.rebuild || self.connection.is_none() {
            self.generation = wanted.generation;
            self.rebuild_wanted = true;
            self.repair_at = Some(wish.now);
        } else if let Some(connection) = &mut self.connection
            // Who asks may not know yet that the path has become direct by itself.
            && (!wanted.upgrade || connection.may_become_direct())
            && self.restart_ice(wish.now, out)
        {
            self.expect_path(wish);
            self.repair_at = Some(wish.now + wish.config.rebuild_after);
            self.steps = self.steps.max(1);
            self.repair = Some(Repair::Restart(self.steps));
        }
    }

    /// Something happened to a connection in the browser.
    pub(crate) fn event(
        &mut self,
        generation: Generation,
        event: ConnectionEvent,
        wish: &Wish<'_>,
        say: &mut Vec<Message>,
        heard: &mut Vec<Vec<u8>>,
        out: &mut Outbox,
    ) -> Turn {
        let Some(connection) = &mut self.connection else { return Turn::None };
        if connection.generation() != generation {
            return Turn::None;
        }
        if matches!(event, ConnectionEvent::Path(_)) {
            self.unproven_since = None;
        }
        let turn = connection.event(wish.now, event, wish.certificate, say, heard, out);
        let again = connection.was_connected();
        match turn {
            Turn::None => {}
            Turn::Connected => {
                self.steps = 0;
                // A new connection may be wanted for another reason than this one's state.
                if !self.rebuild_wanted {
                    self.repair_at = None;
                }
            }
            Turn::Checked => self.was_connected = true,
            Turn::Disconnected => self.repair_by(wish.now + wish.config.restart_after),
            // A connection that never worked is not helped by doing the same at once.
            Turn::GivenUp if again => self.repair_by(wish.now),
            Turn::GivenUp => self.repair_by(wish.now + wish.config.rebuild_pause + self.patience()),
            Turn::ChannelChanged => {
                if again && self.connection.as_ref().is_some_and(|connection| !connection.is_open()) {
                    // Nothing but a new connection brings back a closed channel.
                    self.rebuild_wanted = true;
                    self.repair_by(wish.now + wish.config.rebuild_pause);
                }
            }
            Turn::Mismatch => self.found_mismatch(out),
            Turn::Doubtful => self.repair_by(wish.now + wish.config.restart_after_stall),
            Turn::Broken => {
                self.drop_connection(out);
                self.rebuild_wanted = true;
                self.steps = self.steps.saturating_add(1);
                self.repair_at = Some(wish.now + wish.config.rebuild_pause + self.patience());
            }
        }
        turn
    }

    fn repair_by(&mut self, at: Milliseconds) {
        self.repair_at = earlier(self.repair_at, Some(at));
    }

    /// The network is back, or another one: repair at once what needs repair, look closely at the rest, and soon see
    /// whether a relay is still needed.
    pub(crate) fn hurry(&mut self, now: Milliseconds, config: &Config) {
        let Some(connection) = &mut self.connection else { return };
        connection.suspect(now, config);
        if connection.may_become_direct() {
            // Pages hear of the network also whenever somebody comes back to them, which may be often.
            let [pause, ..] = config.upgrade_after;
            let at = self.upgrade.tried_at.map_or(now, |tried_at| tried_at + pause);
            self.upgrade.at = earlier(self.upgrade.at, Some(at.max(now + config.upgrade_after_change)));
        } else if !connection.is_up() && connection.was_connected() {
            self.repair_by(now);
        }
    }

    /// The socket was dead and another one works: the network is another one. What was silent with the socket is repaired
    /// at once.
    pub(crate) fn moved(&mut self, now: Milliseconds) {
        if self.connection.as_mut().is_some_and(|connection| connection.despair(now)) {
            self.repair_by(now);
        }
    }

    fn found_mismatch(&mut self, out: &mut Outbox) {
        self.mismatch = true;
        self.stop(out);
    }

    fn drop_connection(&mut self, out: &mut Outbox) {
        self.unproven_since = None;
        self.restarted_at = None;
        if let Some(connection) = self.connection.take() {
            connection.close(out);
        }
    }

    /// Closes what there is; the count of generations and what was found out stay.
    pub(crate) fn stop(&mut self, out: &mut Outbox) {
        self.drop_connection(out);
        self.repair_at = None;
        self.rebuild_wanted = false;
        self.steps = 0;
        self.repair = None;
        self.upgrade = Upgrade::default();
        self.troubled_since = None;
        self.given_up = false;
    }

    /// A new session: whatever was agreed in the old one is void.
    pub(crate) fn start_over(&mut self, out: &mut Outbox) {
        self.stop(out);
        self.held_offer = None;
        self.built_at = None;
    }

    /// How a person sees the connection.
    pub(crate) fn state(&self) -> PersonState {
        match (self.is_up(), self.was_connected) {
            _ if self.mismatch || self.given_up => PersonState::Gone,
            (true, _) => PersonState::Connected,
            (false, true) => PersonState::Reconnecting,
            (false, false) => PersonState::Connecting,
        }
    }

    /// What is being done about it.
    pub(crate) fn repair(&self) -> Option<Repair> {
        match self.state() {
            PersonState::Connected => None,
            _ if self.mismatch => None,
            PersonState::Reconnecting | PersonState::Gone if !self.reachable => Some(Repair::Unreachable),
            PersonState::Reconnecting => self.repair.or(Some(Repair::Waiting)),
            PersonState::Connecting | PersonState::Gone => self.repair,
        }
    }

    /// The pictures that this end does not send to the other, so that its sound gets through.
    pub(crate) fn spared(&self) -> Slots {
        self.connection.as_ref().map_or(Slots::NONE, Connection::spared)
    }

    /// How well media comes.
    pub(crate) fn quality(&self) -> Option<Quality> {
        self.connection.as_ref().and_then(Connection::quality)
    }

    pub(crate) fn certificate(&self) -> Certificate {
        match &self.connection {
            _ if self.mismatch => Certificate::Mismatch,
            Some(connection) => connection.certificate(),
            None => Certificate::Unknown,
        }
    }

    /// The connection whose remote tracks may be shown.
    pub(crate) fn show(&self) -> Option<Generation> {
        self.connection.as_ref().filter(|connection| connection.is_checked()).map(Connection::generation)
    }

    pub(crate) fn path(&self) -> Option<Path> {
        self.connection.as_ref().and_then(Connection::path)
    }

    /// Whether a message of ours that is still to arrive is of no use any more: it speaks of an older connection, or
    /// wants a repair of one that has healed meanwhile.
    pub(crate) fn is_outdated(&self, message: &Message) -> bool {
        let generation = self.generation;
        match message {
            Message::Offer(description) | Message::Answer(description) => description.generation < generation,
            Message::Candidates(list) => list.generation < generation,
            Message::RestartWanted(wanted) => {
                let healed = self.is_up() && !self.rebuild_wanted && !wanted.upgrade;
                wanted.generation < generation || healed
            }
            Message::Profile(_)
            | Message::State(_)
            | Message::Bye
            | Message::Carry(_)
            | Message::Carried(_)
            | Message::PictureWanted(_)
            | Message::Unknown(_) => false,
        }
    }
}
