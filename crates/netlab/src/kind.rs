//! The kinds of home, and what their routers do to packets.
//!
//! The words are RFC 4787's: *mapping* is which public port a packet leaves from, *filtering* is who may answer. Each
//! rule below was verified on Linux 6.18 with nftables 1.0.6 by the tests of this crate, which send real datagrams.
//!
//! A plain `masquerade`, which many take for a cone, is none. Linux keeps the port of a packet that leaves, as long as
//! no connection it knows of would be answered by the same packets. A datagram from outside to a port of the router
//! makes such a connection, unless a rule drops it: after it the next packet to that sender leaves from another port.
//! That is just what happens when two people punch holes at the same time. So each router here drops what it does not
//! pass on: a dropped packet leaves no trace in the kernel's table of connections.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// How a home is connected to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A public IPv4 address, and nothing in between.
    Open,
    /// A full cone: whoever knows the public port may send to it.
    Cone,
    /// Only addresses that were sent to may answer, from any port.
    AddressRestricted,
    /// Only the very address and port that was sent to may answer. What most homes have.
    PortRestricted,
    /// Another public port towards each address and port, and only that one may answer. Company networks, and many
    /// mobile networks.
    Symmetric,
    /// Two routers in a row: that of the home, and that of a carrier that shares one public address among many.
    Double,
    /// A router that drops all UDP.
    UdpBlocked,
    /// A router that drops everything but TCP to port 443.
    Only443,
    /// No IPv4 at all: IPv6 behind a router that lets in only answers (RFC 6092).
    Ipv6Only,
}

/// Which public port a datagram leaves from (RFC 4787 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// There is no translation.
    None,
    /// The same one, wherever the datagram goes.
    EndpointIndependent,
    /// Another one for each address and port it goes to.
    AddressAndPortDependent,
}

/// Whose datagrams are let in to a public port (RFC 4787 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filtering {
    /// Everybody's.
    EndpointIndependent,
    /// Those of addresses that were sent to.
    AddressDependent,
    /// Those of addresses and ports that were sent to.
    AddressAndPortDependent,
}

/// What is let out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// All of it.
    Everything,
    /// All but UDP.
    NoUdp,
    /// TCP to port 443 and nothing else.
    OnlyTcp443,
}

/// What a kind means, for those who predict who can reach whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Mapping of UDP.
    pub mapping: Mapping,
    /// Filtering of UDP.
    pub filtering: Filtering,
    /// What is let out.
    pub passes: Passes,
    /// Whether the home has IPv6, and then nothing else; otherwise it has IPv4 and nothing else. Homes with both would
    /// find each other over IPv6, whatever the router does to IPv4.
    pub ipv6: bool,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::Cone,
        Self::AddressRestricted,
        Self::PortRestricted,
        Self::Symmetric,
        Self::Double,
        Self::UdpBlocked,
        Self::Only443,
        Self::Ipv6Only,
    ];

    /// As in commands and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cone => "cone",
            Self::AddressRestricted => "address-restricted",
            Self::PortRestricted => "port-restricted",
            Self::Symmetric => "symmetric",
            Self::Double => "double",
            Self::UdpBlocked => "udp-blocked",
            Self::Only443 => "only-443",
            Self::Ipv6Only => "ipv6-only",
        }
    }

    /// What it does, all routers together.
    pub fn behaviour(self) -> Behaviour {
        let of = |mapping, filtering, passes| Behaviour { mapping, filtering, passes, ipv6: false };
        let (dependent, everything) = (Filtering::AddressAndPortDependent, Passes::Everything);
        match self {
            Self::Open => of(Mapping::None, Filtering::EndpointIndependent, everything),
            Self::Cone => of(Mapping::EndpointIndependent, Filtering::EndpointIndependent, everything),
            Self::AddressRestricted => {
                of(Mapping::EndpointIndependent, Filtering::AddressDependent, everything)
            }
            // The carrier's router is a full cone, as RFC 6888 wishes (REQ-7), so the home's decides.
            Self::PortRestricted | Self::Double => of(Mapping::EndpointIndependent, dependent, everything),
            Self::Symmetric => of(Mapping::AddressAndPortDependent, dependent, everything),
            Self::UdpBlocked => of(Mapping::EndpointIndependent, dependent, Passes::NoUdp),
            Self::Only443 => of(Mapping::EndpointIndependent, dependent, Passes::OnlyTcp443),
            Self::Ipv6Only => Behaviour { ipv6: true, ..of(Mapping::None, dependent, everything) },
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            format!("no such kind of home: {name}; there are {all}")
        })
    }
}

impl Behaviour {
    /// The nftables rules of an IPv4 router between the interfaces `lan` and `wan`, whose address outside is
    /// `outside`.
    ///
    /// There is no hairpin: what comes from `lan` for the outside address is for the router itself, which drops it, as
    /// many home routers do. Nobody behind them reaches a neighbour by their common public address.
    pub(crate) fn ipv4_rules(self, outside: Ipv4Addr) -> String {
        let mut prerouting = String::new();
        let mut leaving = String::new();
        let mut entering = String::new();
        // Conntrack finds the mapping of a packet that leaves by where it goes, never by where it comes from. That is
        // a symmetric NAT; `fully-random` takes away the ports that happen to be the same.
        let mut source = "masquerade fully-random".to_owned();
        if self.mapping == Mapping::EndpointIndependent {
            // An explicit address keeps the port, which is free: a home has one computer. The map remembers for each
            // port who has it; RFC 4787 REQ-5 and REQ-6 want five minutes, begun again by each packet that leaves.
            source = format!("snat to {outside}");
            prerouting = "iifname wan meta l4proto udp dnat ip to udp dport map @mappings".into();
            leaving = "meta l4proto udp update @mappings { udp sport : ip saddr . udp sport }".into();
        }
        match self.filtering {
            // Whatever the map sent to somebody inside.
            Filtering::EndpointIndependent => entering = "ct status dnat accept".into(),
            // The same, from whom that very port has sent something to. The port is that inside, as `dnat` came before.
            Filtering::AddressDependent => {
                leaving.push_str("\n        meta l4proto udp update @contacted { udp sport . ip daddr }");
                entering = "ct status dnat udp dport . ip saddr @contacted accept".into();
            }
            // Conntrack's own idea of an answer: `established`, which is accepted anyway.
            Filtering::AddressAndPortDependent => {}
        }
        let blocked = match self.passes {
            Passes::Everything => "",
            // Dropped without a word, which is the worst of what routers do: a refusal would be told at once.
            Passes::NoUdp => "meta l4proto udp drop",
            Passes::OnlyTcp443 => "tcp dport != 443 drop\n        meta l4proto != tcp drop",
        };
        format!(
            "table ip router {{
    map mappings {{ type inet_service : ipv4_addr . inet_service; flags dynamic, timeout; timeout 5m; size 65535; }}
    set contacted {{ type inet_service . ipv4_addr; flags dynamic, timeout; timeout 5m; size 65535; }}
    chain prerouting {{
        type nat hook prerouting priority dstnat;
        {prerouting}
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat;
        oifname wan {source}
    }}
    chain leaving {{
        {blocked}
        {leaving}
        accept
    }}
    chain entering {{
        ct state established,related accept
        {entering}
    }}
    chain forward {{
        type filter hook forward priority filter; policy drop;
        iifname lan oifname wan goto leaving
        iifname wan oifname lan goto entering
    }}
    chain input {{
        type filter hook input priority filter; policy drop;
        meta l4proto icmp accept
    }}
}}
"
        )
    }

    /// The nftables rules of an IPv6 router: no translation, and nothing enters that was not asked for.
    pub(crate) fn ipv6_rules() -> &'static str {
        "table ip6 router {
    chain forward {
        type filter hook forward priority filter; policy drop;
        iifname lan oifname wan accept
        ct state established,related accept
    }
}
"
    }
}
