//! What this machine is called on its own network, and the address from which it speaks to others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The machine's name, if it is a valid host name.
pub(crate) fn host_name() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_str().ok()?.to_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok()?;
    let host = crate::host::Host::parse(&name)?;
    // An underscore is no letter of host names, and no certificate's either.
    let is_name = host.name().parse::<IpAddr>().is_err() && !name.contains(['_', '[', ':']);
    is_name.then(|| host.name().trim_end_matches('.').to_owned())
}

/// The addresses of its interfaces, without loopback and those of one link only (which need a zone to be used).
pub(crate) fn all() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = interfaces.iter().map(|interface| interface.ip()).collect();
    addresses.retain(|address| match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    });
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The one by which others on its network reach it, most likely: that of the default route, else any.
pub(crate) fn main() -> Option<IpAddr> {
    towards_the_world().or_else(|| {
        let all = all();
        all.iter().find(|address| address.is_ipv4()).or(all.first()).copied()
    })
}

fn towards_the_world() -> Option<IpAddr> {
    towards(SOMEWHERE_V4).filter(|address| !address.is_loopback() && !address.is_unspecified())
}

/// Addresses for documentation (RFC 5737, RFC 3849): routed like any other of the Internet, and nobody's. They are
/// asked the way to, not spoken to.
pub(crate) const SOMEWHERE_V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
pub(crate) const SOMEWHERE_V6: SocketAddr =
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 9);

/// The address from which this machine would send there, by its routing table: connecting a UDP socket sends nothing.
pub(crate) fn towards(somewhere: SocketAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((unspecified(somewhere), 0)).ok()?;
    socket.connect(somewhere).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// Any address of this machine, of the other's family.
pub(crate) fn unspecified(other: SocketAddr) -> IpAddr {
    match other {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_found_can_be_listened_on() {
        for address in all().into_iter().chain(main()) {
            assert!(UdpSocket::bind((address, 0)).is_ok(), "{address}");
        }
    }

    #[test]
    fn the_main_address_is_one_of_all() {
        assert!(main().is_none_or(|address| all().contains(&address)));
    }
}
