//! Which ICE servers a member is told, and with what credential.

use core::fmt::Debug;
use core::hash::Hash;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{PeerId, RoomId};
use eyeline_protocol::outer::IceServer;

/// Turns the servers that are advertised to everybody into those of one member. The rooms know when a member needs
/// them; how a credential is made is not their business.
///
/// An implementation is part of the rooms' state: deterministic, and only what `now` and its own value say.
pub trait IceServers: Clone + Debug + Eq + Hash {
    /// `advertised` with what this member needs to use them.
    fn for_member(
        &self,
        now: Milliseconds,
        advertised: &[IceServer],
        room: RoomId,
        peer: PeerId,
    ) -> Vec<IceServer>;

    /// How long the answer of [`Self::for_member`] may be used for a new connection; the member gets fresh ones in
    /// half that time. `None`: for ever.
    fn lifetime(&self) -> Option<Milliseconds>;
}

/// As they are advertised: no server needs a credential, since there is no relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AsAdvertised;

impl IceServers for AsAdvertised {
    fn for_member(
        &self,
        _now: Milliseconds,
        advertised: &[IceServer],
        _room: RoomId,
        _peer: PeerId,
    ) -> Vec<IceServer> {
        advertised.to_vec()
    }

    fn lifetime(&self) -> Option<Milliseconds> {
        None
    }
}

/// Perhaps somebody: `None` is [`AsAdvertised`].
impl<I: IceServers> IceServers for Option<I> {
    fn for_member(
        &self,
        now: Milliseconds,
        advertised: &[IceServer],
        room: RoomId,
        peer: PeerId,
    ) -> Vec<IceServer> {
        match self {
            Some(ice) => ice.for_member(now, advertised, room, peer),
            None => AsAdvertised.for_member(now, advertised, room, peer),
        }
    }

    fn lifetime(&self) -> Option<Milliseconds> {
        self.as_ref().and_then(I::lifetime)
    }
}
