//! What has happened since the start, for the metrics page.

use std::collections::BTreeMap;

/// Counts of what the relay did. What there is at the moment is in [`RelayCensus`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RelayCounters {
    /// Allocations that were granted.
    pub allocations_created: u64,
    /// Requests that were refused, by STUN error code. A 401 to the first request of a client is part of the protocol
    /// (RFC 8489, 9.2.3).
    pub refused: BTreeMap<u16, u64>,
    /// Requests with a wrong password, an unknown user name or an expired credential.
    pub authentication_failures: u64,
    /// Requests over a rate: not answered.
    pub limited: u64,
    /// Packets that are nothing the relay takes: not answered.
    pub ignored: u64,
    /// Peers that an open relay was asked to reach and may not.
    pub denied_peers: u64,
    /// Streams that were ended since there were too many.
    pub streams_refused: u64,
    /// Packets of clients and peers that were passed on.
    pub relayed_packets: u64,
    /// Their payload.
    pub relayed_bytes: u64,
    /// Packets that were to be passed on and were not, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
}

/// Why a packet was not passed on. The sender is told nothing (RFC 8656, 11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// The sender has no allocation (any more).
    NoAllocation,
    /// It is no correct Send indication or `ChannelData`.
    Malformed,
    /// The sender has not bound this channel.
    NoChannel,
    /// The sender has no permission for the peer.
    NoPermission,
    /// The receiver has no permission for the sender.
    NotPermittedByReceiver,
    /// The peer's address is the relay's, but there is no allocation at its port.
    NoSuchPeer,
    /// The peer is an allocation of another room.
    OtherRoom,
    /// The sender has no relayed address of the peer's family.
    OtherFamily,
    /// The room has used up its rate.
    OverRate,
    /// It does not fit in one packet any more with what goes around it.
    TooLong,
}

impl DropReason {
    /// A name for metrics, in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAllocation => "no_allocation",
            Self::Malformed => "malformed",
            Self::NoChannel => "no_channel",
            Self::NoPermission => "no_permission",
            Self::NotPermittedByReceiver => "not_permitted_by_receiver",
            Self::NoSuchPeer => "no_such_peer",
            Self::OtherRoom => "other_room",
            Self::OtherFamily => "other_family",
            Self::OverRate => "over_rate",
            Self::TooLong => "too_long",
        }
    }
}

/// What there is at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RelayCensus {
    /// Live allocations.
    pub allocations: usize,
    /// Ports that are reserved for a second allocation (EVEN-PORT).
    pub reservations: usize,
    /// Rooms with an allocation.
    pub rooms: usize,
    /// Streams.
    pub streams: usize,
    /// Sockets towards peers.
    pub sockets: usize,
}
