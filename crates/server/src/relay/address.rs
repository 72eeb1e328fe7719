//! The relay's address as the world sees it.
//!
//! In this order: what `--public-address` says; the address that the STUN port is bound to; the address from which
//! this machine would speak to the Internet. A machine behind a router, as in many clouds, needs the flag for open
//! mode; closed mode sends nothing to the address, so a private one serves as well.

use crate::local_addresses::{SOMEWHERE_V4, SOMEWHERE_V6, towards};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// For closed mode on a machine without any IPv4: the dummy address of RFC 7600. It only has to be the same for all.
const DUMMY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 0, 8));

/// One address of each family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PublicAddresses {
    pub(crate) ipv4: Option<Ipv4Addr>,
    pub(crate) ipv6: Option<Ipv6Addr>,
}

impl PublicAddresses {
    pub(crate) fn find(configured: &[IpAddr], bound: SocketAddr) -> Self {
        let bound = bound.ip().to_canonical();
        let routed = |somewhere| bound.is_unspecified().then(|| towards(somewhere)).flatten();
        let known = |address: &IpAddr| (!address.is_unspecified()).then_some(*address);
        let candidates = configured.iter().copied().chain(known(&bound));
        let ipv4 = candidates.clone().chain(routed(SOMEWHERE_V4)).find_map(|address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        });
        let ipv6 = candidates.chain(routed(SOMEWHERE_V6)).find_map(|address| match address {
            IpAddr::V6(address) => Some(address),
            IpAddr::V4(_) => None,
        });
        Self { ipv4, ipv6 }
    }

    /// The IPv4 address if it is one of a private network (RFC 1918) or of a provider's (RFC 6598).
    pub(crate) fn private(&self) -> Option<Ipv4Addr> {
        let is_shared = |address: Ipv4Addr| matches!(address.octets(), [100, 64..=127, _, _]);
        self.ipv4.filter(|address| address.is_private() || is_shared(*address))
    }

    /// The one address of closed mode. IPv4 for clients of either family, so that any two can talk.
    pub(crate) fn canonical(&self) -> IpAddr {
        self.ipv4.map_or(DUMMY, IpAddr::V4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(configured: &[&str], bound: &str) -> PublicAddresses {
        let configured: Vec<IpAddr> = configured.iter().map(|text| text.parse().unwrap()).collect();
        PublicAddresses::find(&configured, bound.parse().unwrap())
    }

    #[test]
    fn what_is_configured_comes_first_then_what_is_bound() {
        let public = find(&["198.51.100.7", "2001:db8::7"], "192.0.2.1:3478");
        assert_eq!(public.ipv4, Some([198, 51, 100, 7].into()));
        assert_eq!(public.ipv6, Some("2001:db8::7".parse().unwrap()));
        let public = find(&["2001:db8::7"], "192.0.2.1:3478");
        assert_eq!(public.ipv4, Some([192, 0, 2, 1].into()));
        assert_eq!(public.ipv6, Some("2001:db8::7".parse().unwrap()));
        let public = find(&[], "[::1]:3478");
        assert_eq!(public, PublicAddresses { ipv4: None, ipv6: Some(Ipv6Addr::LOCALHOST) });
    }

    #[test]
    fn all_addresses_means_the_one_towards_the_internet() {
        let public = find(&[], "[::]:3478");
        assert_eq!(public.ipv4.map(IpAddr::V4), towards(SOMEWHERE_V4));
        assert!(public.ipv4.is_none_or(|address| !address.is_unspecified()));
    }

    #[test]
    fn private_addresses_are_told_from_others() {
        for (address, is_private) in [
            ("10.0.0.1", true),
            ("172.31.0.1", true),
            ("192.168.0.1", true),
            ("100.64.0.1", true),
            ("100.128.0.1", false),
            ("198.51.100.1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(find(&[address], "[::1]:3478").private().is_some(), is_private, "{address}");
        }
    }

    #[test]
    fn closed_mode_has_an_ipv4_address_in_any_case() {
        assert_eq!(find(&[], "192.0.2.1:3478").canonical(), IpAddr::from([192, 0, 2, 1]));
        assert_eq!(find(&[], "[::1]:3478").canonical(), IpAddr::from([192, 0, 0, 8]));
    }
}
