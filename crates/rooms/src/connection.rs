//! One WebSocket, before and after its `Join`.

use crate::{AddressGroup, SocketId};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{ConnectionCounter, PeerId, RoomId};
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{IceServer, Phase};
use eyeline_protocol::rate::{Bucket, Rate};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Connection {
    pub(crate) address: AddressGroup,
    pub(crate) stage: Stage,
    /// What everybody is told; kept while it will be needed.
    pub(crate) advertised: Vec<IceServer>,
    /// Bytes sent by us that have not left yet.
    pub(crate) queued_bytes: usize,
    records: Bucket,
    bytes: Bucket,
    last_sign_of_life: Milliseconds,
    pinged: Option<Milliseconds>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// Until `Join`.
    Waiting { since: Milliseconds, mapping_check: String },
    /// After it.
    Joined(Membership),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Membership {
    pub(crate) room: RoomId,
    pub(crate) peer: PeerId,
    pub(crate) counter: ConnectionCounter,
    pub(crate) phase: Phase,
    /// For the lobby's stay.
    pub(crate) since: Milliseconds,
}

/// What is due for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    JoinTimeout,
    LobbyTimeout,
    Ping,
    /// No answer to a ping.
    Dead,
}

impl Connection {
    pub(crate) fn new(
        address: AddressGroup,
        advertised: Vec<IceServer>,
        mapping_check: String,
        limits: &Limits,
        now: Milliseconds,
    ) -> Self {
        Self {
            address,
            stage: Stage::Waiting { since: now, mapping_check },
            advertised,
            queued_bytes: 0,
            records: Bucket::new(&records_rate(limits, Phase::Lobby), now),
            bytes: Bucket::new(&bytes_rate(limits, Phase::Lobby), now),
            last_sign_of_life: now,
            pinged: None,
        }
    }

    pub(crate) fn membership(&self) -> Option<&Membership> {
        match &self.stage {
            Stage::Waiting { .. } => None,
            Stage::Joined(membership) => Some(membership),
        }
    }

    /// A place in the call comes with the call's full burst: what was spent in the lobby is forgiven once.
    pub(crate) fn enter_phase(&mut self, phase: Phase, limits: &Limits, now: Milliseconds) {
        if let Stage::Joined(membership) = &mut self.stage {
            membership.phase = phase;
        }
        if phase == Phase::Call {
            self.records = Bucket::new(&records_rate(limits, phase), now);
            self.bytes = Bucket::new(&bytes_rate(limits, phase), now);
        }
    }

    pub(crate) fn sign_of_life(&mut self, now: Milliseconds) {
        self.last_sign_of_life = now;
        self.pinged = None;
    }

    pub(crate) fn pinged(&mut self, now: Milliseconds) {
        self.pinged = Some(now);
    }

    pub(crate) fn pay_bytes(
        &mut self,
        limits: &Limits,
        now: Milliseconds,
        bytes: usize,
    ) -> Result<(), Milliseconds> {
        let amount = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.bytes.take(&bytes_rate(limits, self.phase()), now, amount)
    }

    pub(crate) fn pay_record(&mut self, limits: &Limits, now: Milliseconds) -> Result<(), Milliseconds> {
        self.records.take(&records_rate(limits, self.phase()), now, 1)
    }

    /// The first thing that will be due, and when.
    pub(crate) fn due(&self, socket: SocketId, limits: &Limits) -> (Milliseconds, Due) {
        let membership = match &self.stage {
            Stage::Waiting { since, .. } => return (*since + limits.join_deadline, Due::JoinTimeout),
            Stage::Joined(membership) => membership,
        };
        let alive = match self.pinged {
            Some(at) => (at + limits.pong_deadline, Due::Dead),
            None => (self.last_sign_of_life + silence(socket, limits), Due::Ping),
        };
        let lobby = (membership.since + limits.lobby_stay, Due::LobbyTimeout);
        match membership.phase {
            Phase::Lobby if lobby.0 <= alive.0 => lobby,
            _ => alive,
        }
    }

    fn phase(&self) -> Phase {
        self.membership().map_or(Phase::Lobby, |membership| membership.phase)
    }
}

fn records_rate(limits: &Limits, phase: Phase) -> Rate {
    match phase {
        Phase::Lobby => Rate::per_second(limits.lobby_records_per_second, limits.lobby_records_burst),
        Phase::Call => Rate::per_second(limits.records_per_second, limits.records_burst),
    }
}

fn bytes_rate(limits: &Limits, phase: Phase) -> Rate {
    match phase {
        Phase::Lobby => Rate::per_second(limits.lobby_bytes_per_second, limits.lobby_bytes_burst),
        Phase::Call => Rate::per_second(limits.bytes_per_second, limits.bytes_burst),
    }
}

/// The silence before a ping, ± 20 %, so that the members of a room that came together are not all pinged
/// together. Taken from the socket's number: a core has no randomness, and nothing hangs on guessing it.
fn silence(socket: SocketId, limits: &Limits) -> Milliseconds {
    let base = limits.ping_after_silence.0;
    let spread = base / 5 * 2 + 1;
    // SplitMix64: well mixed even for numbers in a row.
    let mut mixed = socket.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    Milliseconds(base - base / 5 + mixed % spread)
}
