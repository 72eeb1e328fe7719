//! The times the engine goes by, each with its reason.

use eyeline_protocol::Milliseconds;

/// The times the engine goes by. The defaults are meant for people; tests may hurry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How long a connection may be `Disconnected` before ICE is restarted: most hiccups heal sooner by themselves.
    pub restart_after: Milliseconds,
    /// Each end of a connection gives a sign of life this often.
    pub heartbeat: Milliseconds,
    /// How often is looked whether anything arrives again, once nothing did.
    pub look_for_life: Milliseconds,
    /// Without any sign of life for this long a tile says so: two lost heartbeats and half a second for their way.
    pub stalled_after: Milliseconds,
    /// After so much silence the server is asked for a sign of life, so that a dead socket is replaced by the time that
    /// the repair needs one.
    pub worried_after: Milliseconds,
    /// The same for somebody of whom the server says that they left: one heartbeat, and time for its way.
    pub doubted_for: Milliseconds,
    /// From there to the ICE restart: many a hiccup ends here.
    pub restart_after_stall: Milliseconds,
    /// After an ICE restart of a living connection, silence of this long is nothing yet.
    pub restart_pauses: Milliseconds,
    /// A picture whose bytes arrive for this long without becoming frames is asked for anew.
    pub picture_stuck_after: Milliseconds,
    /// A timer this late means that the page has more to do than it can: what has arrived waits, too. Ordinary timers of
    /// browsers are late by some milliseconds.
    pub held_up_after: Milliseconds,
    /// From this on it is of interest to whoever looks into a call.
    pub say_held_up_after: Milliseconds,
    /// A timer this late means that the page slept (a closed lid, a suspended tab).
    pub asleep_after: Milliseconds,
    /// How long an ICE restart may take before the next step.
    pub rebuild_after: Milliseconds,
    /// How long a new connection may take. ICE alone may need some seconds when the first candidates are dead.
    pub connect_within: Milliseconds,
    /// The least time between two new connections of a pair, whatever the other end asks for.
    pub rebuild_pause: Milliseconds,
    /// How long a person neither connected nor known to the server stays.
    pub forget_after: Milliseconds,
    /// After this long without success a tile says so; the engine goes on trying.
    pub say_gone_after: Milliseconds,
    /// The first repetition of an unanswered handshake; each later one waits twice as long.
    pub handshake_repeat: Milliseconds,
    /// The longest pause between repetitions of a handshake.
    pub handshake_repeat_most: Milliseconds,
    /// How long to leave the handshake to the other end when it is the newcomer.
    pub handshake_courtesy: Milliseconds,
    /// How long a session must have been silent before a record of an unknown session makes us begin another.
    pub session_silence: Milliseconds,
    /// The first repetition of unacknowledged messages; each later one waits twice as long.
    pub resend_after: Milliseconds,
    /// The longest pause between repetitions of messages.
    pub resend_most: Milliseconds,
    /// How long an acknowledgement may wait for a message to travel with.
    pub acknowledge_within: Milliseconds,
    /// How long candidates are collected before they are sent: browsers find most of them within a moment.
    pub candidate_batch: Milliseconds,
    /// How long opening the WebSocket may take: a little longer than browsers take to give up on a dead address.
    pub socket_open_within: Milliseconds,
    /// How long the server may take to answer a `Join`.
    pub welcome_within: Milliseconds,
    /// How long the server may take to answer a `Probe`.
    pub probe_within: Milliseconds,
    /// The same when there is reason to think that the socket is dead with everything else (a connection has fallen
    /// silent, the network has changed), unless the server was slower before: the repair waits for a socket that works.
    pub probe_in_doubt_within: Milliseconds,
    /// Silence from the server after which a person in the call asks it for a sign of life: a dead connection that
    /// nobody closed is noticed within 15 s. (Its pings are not seen by a page.)
    pub probe_after_in_call: Milliseconds,
    /// The same in the lobby, where little is lost by noticing later.
    pub probe_after_in_lobby: Milliseconds,
    /// How long the server may be away before a person needs to know: one that is restarted within five seconds is
    /// reached by the try after that, the fifth, at most 11.3 s after it went.
    pub say_offline_after: Milliseconds,
    /// A connection to the server that lasted this long starts the row of retries from the front again.
    pub socket_proven_after: Milliseconds,
    /// How long a relayed connection waits before it looks for a direct path again, by an ICE restart: the first, the
    /// second, the last time. (Of the browsers, only Chromium goes on looking by itself, and only for a while.) Each
    /// costs both ends a round of gathering.
    pub upgrade_after: [Milliseconds; 3],
    /// The same after the network has changed: long enough for the new one to be there.
    pub upgrade_after_change: Milliseconds,
    /// The pause between retries when the server is full and the call goes on without it.
    pub full_retry: Milliseconds,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            restart_after: Milliseconds::seconds(3),
            heartbeat: Milliseconds::seconds(1),
            look_for_life: Milliseconds(250),
            stalled_after: Milliseconds(2500),
            worried_after: Milliseconds(1500),
            doubted_for: Milliseconds(1700),
            restart_after_stall: Milliseconds(500),
            restart_pauses: Milliseconds::seconds(6),
            picture_stuck_after: Milliseconds::seconds(4),
            held_up_after: Milliseconds(100),
            say_held_up_after: Milliseconds::seconds(1),
            asleep_after: Milliseconds::seconds(5),
            rebuild_after: Milliseconds::seconds(8),
            connect_within: Milliseconds::seconds(12),
            rebuild_pause: Milliseconds::seconds(2),
            forget_after: Milliseconds::seconds(60),
            say_gone_after: Milliseconds::seconds(45),
            handshake_repeat: Milliseconds::seconds(1),
            handshake_repeat_most: Milliseconds::seconds(16),
            handshake_courtesy: Milliseconds::seconds(3),
            session_silence: Milliseconds::seconds(5),
            resend_after: Milliseconds::seconds(1),
            resend_most: Milliseconds::seconds(8),
            acknowledge_within: Milliseconds(200),
            candidate_batch: Milliseconds(50),
            socket_open_within: Milliseconds::seconds(15),
            welcome_within: Milliseconds::seconds(10),
            probe_within: Milliseconds::seconds(3),
            probe_in_doubt_within: Milliseconds(600),
            probe_after_in_call: Milliseconds::seconds(12),
            probe_after_in_lobby: Milliseconds::seconds(30),
            say_offline_after: Milliseconds::seconds(12),
            socket_proven_after: Milliseconds::seconds(5),
            upgrade_after: [30, 120, 600].map(Milliseconds::seconds),
            upgrade_after_change: Milliseconds::seconds(2),
            full_retry: Milliseconds::seconds(30),
        }
    }
}

/// `first` doubled `times` times, at most `most`.
pub(crate) fn doubled(first: Milliseconds, times: u32, most: Milliseconds) -> Milliseconds {
    Milliseconds(first.0.saturating_mul(1 << times.min(16)).min(most.0))
}

/// The earlier of two moments, where `None` is never.
pub(crate) fn earlier(one: Option<Milliseconds>, other: Option<Milliseconds>) -> Option<Milliseconds> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
