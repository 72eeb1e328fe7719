//! One room: its members in order of arrival.

use crate::SocketId;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::PeerId;
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{ErrorCode, Phase};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Room {
    /// At most `members_in_call_returning + members_in_lobby`, so that searching it is cheap.
    members: Vec<Member>,
    /// When a member's connection was last lost: its call may go on.
    lost: Option<Milliseconds>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    pub(crate) peer: PeerId,
    pub(crate) phase: Phase,
    pub(crate) socket: SocketId,
}

impl Room {
    /// A room that somebody comes back to.
    pub(crate) fn after_loss(lost: Option<Milliseconds>) -> Self {
        Self { members: Vec::new(), lost }
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn member(&self, peer: PeerId) -> Option<&Member> {
        self.members.iter().find(|member| member.peer == peer)
    }

    pub(crate) fn others(&self, peer: PeerId) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.peer != peer)
    }

    pub(crate) fn count(&self, phase: Phase) -> usize {
        self.members.iter().filter(|member| member.phase == phase).count()
    }

    /// Whether `peer` finds a place in `phase`. Who already has one there keeps it.
    pub(crate) fn check_place(
        &self,
        peer: PeerId,
        phase: Phase,
        returning: bool,
        limits: &Limits,
    ) -> Result<(), ErrorCode> {
        let taken = self.others(peer).filter(|member| member.phase == phase).count();
        let keeps_its_place = self.member(peer).is_some_and(|member| member.phase == phase);
        let (places, full) = match phase {
            Phase::Lobby => (limits.members_in_lobby, ErrorCode::LobbyFull),
            Phase::Call if returning => (limits.members_in_call_returning, ErrorCode::RoomFull),
            Phase::Call => (limits.members_in_call, ErrorCode::RoomFull),
        };
        if keeps_its_place || taken < places { Ok(()) } else { Err(full) }
    }

    /// Enters a member at the end, or replaces the one of the same peer in its old place, which is returned.
    pub(crate) fn enter(&mut self, member: Member) -> Option<Member> {
        match self.members.iter_mut().find(|other| other.peer == member.peer) {
            Some(place) => Some(core::mem::replace(place, member)),
            None => {
                self.members.push(member);
                None
            }
        }
    }

    pub(crate) fn set_phase(&mut self, peer: PeerId, phase: Phase) {
        for member in self.members.iter_mut().filter(|member| member.peer == peer) {
            member.phase = phase;
        }
    }

    pub(crate) fn remove(&mut self, peer: PeerId) {
        self.members.retain(|member| member.peer != peer);
    }

    pub(crate) fn note_loss(&mut self, now: Milliseconds) {
        self.lost = Some(now);
    }

    pub(crate) fn last_loss(&self) -> Option<Milliseconds> {
        self.lost
    }
}
