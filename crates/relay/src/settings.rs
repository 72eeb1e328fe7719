//! What does not change while the relay runs.

use crate::credential::Key;
use crate::source::SourceLimits;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::RangeInclusive;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Rate;
use ipnet::IpNet;

/// Whom allocations may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// No relay: STUN only. TURN requests are not answered.
    #[default]
    Off,
    /// Relayed addresses are virtual ports on one address, without sockets. Allocations reach other live allocations
    /// of their room and nothing else.
    Closed {
        /// The address that all relayed addresses have. IPv4 where the server has it, for clients of either family:
        /// then any two can talk. Nothing is ever sent to it.
        address: IpAddr,
    },
    /// As RFC 8656 has it: each allocation has a socket and reaches every global address.
    Open {
        /// The relay's IPv4 address as the world sees it.
        ipv4: Option<Ipv4Addr>,
        /// The relay's IPv6 address as the world sees it.
        ipv6: Option<Ipv6Addr>,
        /// The ports that sockets towards peers may have.
        ports: RangeInclusive<u16>,
        /// Networks that may be reached although they are not global.
        allowed: Vec<IpNet>,
    },
}

/// What a relay needs to know at its start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Whom allocations may reach.
    pub mode: Mode,
    /// The secret behind all credentials.
    pub credential_key: Key,
    /// 32 random bytes, new at each start: nonces, ports and the sharing of rates depend on them.
    pub secret: [u8; 32],
    /// How much of everything.
    pub limits: RelayLimits,
}

impl Settings {
    /// Settings with default limits.
    pub fn new(mode: Mode, credential_key: Key, secret: [u8; 32]) -> Self {
        Self { mode, credential_key, secret, limits: RelayLimits::default() }
    }
}

/// Quotas, lifetimes and rates. The counts are ceilings on memory as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelayLimits {
    /// Requests without an allocation: STUN, and TURN up to a successful Allocate. Live allocations have an account
    /// of their own.
    pub sources: SourceLimits,
    /// Requests of one live allocation: permissions and channels for each candidate of one peer connection.
    pub allocation_requests: Rate,
    /// Bytes of payload that may be relayed for one room, per second and at once; what is above is dropped. This is
    /// what a call costs at most: two people at 720p use 0.5 MB/s both ways, eight at thumbnail size about 1 MB/s.
    pub room_bytes: Rate,
    /// Allocations of one peer: 3 URLs × 2 interfaces × 7 others.
    pub allocations_per_peer: usize,
    /// Allocations of one room: 8 peers at their limit.
    pub allocations_per_room: usize,
    /// Allocations from one address (IPv4, or IPv6 /56): three full rooms in one building.
    pub allocations_per_source: usize,
    /// All allocations. In closed mode, each takes one of 64,512 virtual ports.
    pub allocations: usize,
    /// Permissions of one allocation.
    pub permissions: usize,
    /// Channels of one allocation.
    pub channels: usize,
    /// Streams from one address (IPv4, or IPv6 /56).
    pub streams_per_source: usize,
    /// All streams.
    pub streams: usize,
    /// How long a stream may be without an allocation.
    pub stream_patience: Milliseconds,
    /// An allocation's lifetime if the client asks for none or for less (RFC 8656, 3.2).
    pub default_lifetime: Milliseconds,
    /// The longest that a client gets (RFC 8656, 7.2 recommends an hour).
    pub longest_lifetime: Milliseconds,
    /// Credentials that expire later than this from now are refused: so the relay need not remember for longer which
    /// rooms have ended.
    pub longest_credential: Milliseconds,
    /// Ended rooms that are remembered; the oldest are forgotten first.
    pub ended_rooms: usize,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self {
            sources: SourceLimits::default(),
            allocation_requests: Rate::per_second(20, 200),
            room_bytes: Rate::per_second(2_500_000, 5_000_000),
            allocations_per_peer: 42,
            allocations_per_room: 8 * 42,
            allocations_per_source: 3 * 8 * 42,
            allocations: 50_000,
            permissions: 64,
            channels: 64,
            streams_per_source: 2 * 8 * 42,
            streams: 20_000,
            stream_patience: Milliseconds::seconds(30),
            default_lifetime: Milliseconds::seconds(600),
            longest_lifetime: Milliseconds::seconds(3600),
            longest_credential: Milliseconds::seconds(3600),
            ended_rooms: 50_000,
        }
    }
}
