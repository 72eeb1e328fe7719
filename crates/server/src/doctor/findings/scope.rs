//! From where an address can be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// From the machine itself.
    Loopback,
    /// From the same cable.
    LinkLocal,
    /// From the same network (RFC 1918, RFC 4193).
    Private,
    /// From within a provider's network (RFC 6598); Tailscale gives such addresses too.
    CarrierNat,
    /// From the internet, as far as an address can tell.
    Public,
}

impl Scope {
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [first, second, ..] = address.octets();
        if address.is_loopback() || address.is_unspecified() {
            Self::Loopback
        } else if address.is_link_local() {
            Self::LinkLocal
        } else if address.is_private() {
            Self::Private
        } else if first == 100 && second & 0b1100_0000 == 64 {
            Self::CarrierNat
        } else {
            Self::Public
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if address.is_loopback() || address.is_unspecified() {
            Self::Loopback
        } else if address.is_unicast_link_local() {
            Self::LinkLocal
        } else if address.is_unique_local() {
            Self::Private
        } else {
            Self::Public
        }
    }
}

/// Whether Docker's or Podman's default networks give this address to a container.
pub(super) fn is_container_bridge(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // Docker: 172.17.0.0/16 and on to 172.31; Podman: 10.88.0.0/16 and 10.89.0.0/16.
            first == 172 && (17..32).contains(&second) || first == 10 && (88..90).contains(&second)
        }
        IpAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart_at_their_borders() {
        for (address, expected) in [
            ("127.0.0.1", Scope::Loopback),
            ("0.0.0.0", Scope::Loopback),
            ("::1", Scope::Loopback),
            ("::ffff:127.0.0.1", Scope::Loopback),
            ("169.254.1.1", Scope::LinkLocal),
            ("fe80::1", Scope::LinkLocal),
            ("10.0.0.1", Scope::Private),
            ("172.16.0.1", Scope::Private),
            ("172.32.0.1", Scope::Public),
            ("192.168.255.255", Scope::Private),
            ("fd00::1", Scope::Private),
            ("100.63.255.255", Scope::Public),
            ("100.64.0.0", Scope::CarrierNat),
            ("100.127.255.255", Scope::CarrierNat),
            ("100.128.0.0", Scope::Public),
            ("203.0.113.5", Scope::Public),
            ("2001:db8::5", Scope::Public),
        ] {
            assert_eq!(Scope::of(address.parse().unwrap()), expected, "{address}");
        }
    }
}
