//! Which peers an open relay may reach: global addresses and nothing else, in whatever spelling they come.
//!
//! A relay that sends where it is told is a way into the network it stands in: loopback, the neighbours, the cloud's
//! metadata service. Tables that only list those networks are passed by writing them inside IPv6 (CVE-2026-27624:
//! `::ffff:127.0.0.1`). So an IPv6 address must be global *and* every IPv4 address inside it as well.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ipnet::IpNet;

/// Why a peer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denied {
    /// The address itself is not global.
    NotGlobal,
    /// The IPv4 address inside it is not global.
    EmbeddedNotGlobal(Ipv4Addr),
}

impl core::fmt::Display for Denied {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotGlobal => formatter.write_str("the peer's address is not a global one"),
            Self::EmbeddedNotGlobal(inside) => {
                write!(formatter, "the peer's address leads to {inside}, which is not a global one")
            }
        }
    }
}

/// The one spelling of an address: IPv4 inside IPv6 (`::ffff:a.b.c.d`), which sockets take for IPv4, becomes IPv4.
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether an open relay may send to this address, and its one spelling.
///
/// `allowed` are exceptions. They hold for the address as such; an address that only leads to an allowed one by a
/// tunnel or a translator needs an exception of its own.
pub fn judge(address: IpAddr, allowed: &[IpNet]) -> Result<IpAddr, Denied> {
    let address = canonical(address);
    if allowed.iter().any(|network| network.contains(&address)) {
        return Ok(address);
    }
    match address {
        IpAddr::V4(address) if !is_global_ipv4(address) => Err(Denied::NotGlobal),
        IpAddr::V4(_) => Ok(address),
        IpAddr::V6(inner) => {
            if let Some(inside) =
                embedded(inner).into_iter().flatten().find(|inside| !is_global_ipv4(*inside))
            {
                return Err(Denied::EmbeddedNotGlobal(inside));
            }
            if is_global_ipv6(inner) { Ok(address) } else { Err(Denied::NotGlobal) }
        }
    }
}

/// The IPv4 addresses that a packet to this address may end at: by its prefix (two in Teredo, one in the other forms)
/// and by its interface identifier.
fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 3] {
    let [_, s1, s2, s3, s4, s5, s6, s7] = address.segments();
    let low = ipv4(s6, s7);
    // ISATAP (RFC 5214, 6.1), behind any prefix, be it one of those below.
    let isatap = (s4 & !0x0200 == 0 && s5 == 0x5efe).then_some(low);
    let [first, second] = match address.segments() {
        // IPv4-compatible (RFC 4291, 2.5.5.1), IPv4-mapped (2.5.5.2), SIIT (RFC 2765, 2.1).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => [Some(low), None],
        // NAT64, the well-known prefix (RFC 6052, 2.1).
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => [Some(low), None],
        // NAT64, for local use (RFC 8215): 64:ff9b:1::/48. Operators cut it at any of the lengths of RFC 6052, 2.2;
        // the whole of it is not global in any case, so the most common cut, /96, only makes the better message.
        [0x64, 0xff9b, 1, ..] => [Some(low), None],
        // 6to4 (RFC 3056, 2).
        [0x2002, ..] => [Some(ipv4(s1, s2)), None],
        // Teredo (RFC 4380, 4): the server, and the client with its bits inverted.
        [0x2001, 0, ..] => [Some(ipv4(s2, s3)), Some(ipv4(!s6, !s7))],
        _ => [None, None],
    };
    [first, second, isatap]
}

fn ipv4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

/// IANA's IPv4 Special-Purpose Address Registry (RFC 6890), as of 2026: whatever is not "globally reachable", and
/// multicast.
const NOT_GLOBAL_IPV4: [([u8; 4], u8); 16] = [
    ([0, 0, 0, 0], 8),          // this network (RFC 791, 3.2)
    ([10, 0, 0, 0], 8),         // private (RFC 1918)
    ([100, 64, 0, 0], 10),      // carriers' NAT (RFC 6598)
    ([127, 0, 0, 0], 8),        // loopback (RFC 1122, 3.2.1.3)
    ([169, 254, 0, 0], 16),     // link-local (RFC 3927), where clouds have their metadata
    ([172, 16, 0, 0], 12),      // private
    ([192, 0, 0, 0], 24),       // protocol assignments (RFC 6890, 2.1)
    ([192, 0, 2, 0], 24),       // documentation (RFC 5737)
    ([192, 88, 99, 0], 24),     // 6to4 relays, given up (RFC 7526)
    ([192, 168, 0, 0], 16),     // private
    ([198, 18, 0, 0], 15),      // benchmarks (RFC 2544)
    ([198, 51, 100, 0], 24),    // documentation
    ([203, 0, 113, 0], 24),     // documentation
    ([224, 0, 0, 0], 4),        // multicast (RFC 5771)
    ([240, 0, 0, 0], 4),        // reserved (RFC 1112, 4)
    ([255, 255, 255, 255], 32), // broadcast (RFC 919)
];

fn is_global_ipv4(address: Ipv4Addr) -> bool {
    let address = u32::from(address);
    let inside = |(network, prefix): &([u8; 4], u8)| {
        let mask = u32::MAX << (32 - u32::from(*prefix));
        address & mask == u32::from_be_bytes(*network)
    };
    !NOT_GLOBAL_IPV4.iter().any(inside)
}

/// What of 2000::/3, the only global unicast space (RFC 4291, 2.4 and IANA's registry), is not global after all.
const NOT_GLOBAL_IPV6: [([u16; 8], u8); 3] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarks, ORCHID (RFC 2928)
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation (RFC 3849)
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation (RFC 9637)
];

fn is_global_ipv6(address: Ipv6Addr) -> bool {
    // The well-known prefix of NAT64 is global as far as the address inside is (RFC 6052, 3.1).
    if let [0x64, 0xff9b, 0, 0, 0, 0, ..] = address.segments() {
        return true;
    }
    let number = u128::from(address);
    let inside = |(network, prefix): &([u16; 8], u8)| {
        let mask = u128::MAX << (128 - u32::from(*prefix));
        number & mask == u128::from(Ipv6Addr::from(*network))
    };
    number >> 125 == 0b001 && !NOT_GLOBAL_IPV6.iter().any(inside)
}
