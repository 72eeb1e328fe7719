//! The public network, hosts on it, and homes behind routers.
//!
//! One namespace is "the internet": it routes between its neighbours and has a route only to their public addresses.
//! Each neighbour is a link of its own, so that any of them can be a bad one.
//!
//! Addresses are those that RFC 5737 and RFC 3849 keep for examples: they are on nobody's network, and to browsers they
//! are as public as any (neither is among the private ones that ICE treats differently).

use crate::condition::Condition;
use crate::kind::{Behaviour, Filtering, Kind, Mapping, Passes};
use crate::link::Link;
use crate::network::Network;
use anyhow::{Result, ensure};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The next hop of all neighbours.
const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// How many neighbours the internet can have; each has a number in the last byte of its address.
const NEIGHBOURS: u8 = 250;

/// A small internet. Dropping it takes everything down that belongs to nobody else any more.
pub struct Internet {
    middle: Network,
    neighbours: AtomicU8,
}

/// A computer with public addresses of both families.
pub struct Host {
    /// Where its programs run.
    pub network: Arc<Network>,
    /// Its public IPv4 address.
    pub address: Ipv4Addr,
    /// Its public IPv6 address.
    pub ipv6_address: Ipv6Addr,
}

/// A computer at home, with all that lies between it and the internet.
pub struct Home {
    /// How it is connected.
    pub kind: Kind,
    /// Where its programs run. Its `address` is the computer's own.
    pub network: Arc<Network>,
    /// The IPv4 address that the internet sees; `None`: it has no IPv4.
    pub public_address: Option<Ipv4Addr>,
    /// Routers from the inside to the outside.
    pub routers: Vec<Network>,
    _link: Option<Link>,
}

/// Where a link to the internet ends, and which addresses are there.
struct End<'a> {
    network: &'a Network,
    ipv4: Option<Ipv4Addr>,
    /// A network of its own of 64 bits, of which this is the first address.
    ipv6: Option<Ipv6Addr>,
}

impl Internet {
    /// One with nobody on it.
    pub fn new() -> Result<Self> {
        let middle = Network::empty()?;
        middle.forwards()?;
        Ok(Self { middle, neighbours: AtomicU8::new(0) })
    }

    /// Puts a computer on it.
    pub fn host(&self) -> Result<Host> {
        let number = self.next()?;
        let mut network = Network::empty()?;
        let (address, ipv6_address) = (Ipv4Addr::new(198, 51, 100, number), ipv6_network(1, number));
        let end = End { network: &network, ipv4: Some(address), ipv6: Some(ipv6_address) };
        self.attach(number, &end, None)?;
        network.address = IpAddr::V4(address);
        Ok(Host { network: Arc::new(network), address, ipv6_address })
    }

    /// Puts a home on it.
    pub fn home(&self, kind: Kind) -> Result<Home> {
        self.connect(kind, None)
    }

    /// Puts a home on it that is connected by a bad link.
    pub fn home_over(&self, kind: Kind, condition: Condition) -> Result<Home> {
        self.connect(kind, Some(condition))
    }

    fn connect(&self, kind: Kind, condition: Option<Condition>) -> Result<Home> {
        let number = self.next()?;
        let public = Ipv4Addr::new(203, 0, 113, number);
        let behaviour = kind.behaviour();
        let mut network = Network::empty()?;
        let mut routers = Vec::new();
        let link = match kind {
            Kind::Open => {
                network.address = IpAddr::V4(public);
                let end = End { network: &network, ipv4: Some(public), ipv6: None };
                self.attach(number, &end, condition)?
            }
            Kind::Ipv6Only => {
                let router = Network::empty()?;
                // The network between router and internet, and the one that the router hands on.
                let [outside, inside] = [2, 3].map(|network| ipv6_network(network, number));
                let address = IpAddr::V6(Ipv6Addr::from_bits(inside.to_bits() + 1));
                network.address = address;
                lan(&router, IpAddr::V6(inside), &network, "eth0", address, 64)?;
                router.nft(Behaviour::ipv6_rules())?;
                let link = self.attach(
                    number,
                    &End { network: &router, ipv4: None, ipv6: Some(outside) },
                    condition,
                )?;
                let routed = ipv6_prefix(inside);
                self.middle.ip(&format!("route add {routed}/64 via fe80::2 dev neighbour{number}"))?;
                routers.push(router);
                link
            }
            _ => {
                // Another private network in each home: a packet of one in another can be told in a capture.
                let inside = |host| IpAddr::V4(Ipv4Addr::new(192, 168, number, host));
                let router = Network::empty()?;
                network.address = inside(2);
                lan(&router, inside(1), &network, "eth0", inside(2), 24)?;
                if kind == Kind::Double {
                    // Addresses that RFC 6598 keeps for carriers.
                    let between = |host| Ipv4Addr::new(100, 64, number, host);
                    let carrier = Network::empty()?;
                    lan(&carrier, between(1).into(), &router, "wan", between(2).into(), 24)?;
                    router.nft(&behaviour.ipv4_rules(between(2)))?;
                    carrier.nft(&CARRIER.ipv4_rules(public))?;
                    routers.extend([router, carrier]);
                } else {
                    router.nft(&behaviour.ipv4_rules(public))?;
                    routers.push(router);
                }
                let outermost = routers.last().unwrap_or(&network);
                self.attach(number, &End { network: outermost, ipv4: Some(public), ipv6: None }, condition)?
            }
        };
        let public_address = (!behaviour.ipv6).then_some(public);
        Ok(Home { kind, network: Arc::new(network), public_address, routers, _link: link })
    }

    /// Links a network to the internet by its new interface `wan`.
    fn attach(&self, number: u8, end: &End<'_>, condition: Option<Condition>) -> Result<Option<Link>> {
        let near = format!("neighbour{number}");
        let link = match condition {
            Some(condition) => Some(Link::between((&self.middle, &near), (end.network, "wan"), condition)?),
            None => {
                self.middle.add_pair(&near, end.network, "wan")?;
                None
            }
        };
        if end.ipv6.is_none() {
            // The kernel's own IPv6 chatter (router solicitations, listener reports) would throw a bad link's dice.
            self.middle.without_ipv6(&near)?;
            end.network.without_ipv6("wan")?;
        }
        let mut middle = format!("link set {near} up\n");
        let mut outer = "link set wan up\n".to_owned();
        if let Some(address) = end.ipv4 {
            // All neighbours see the same next hop. It is no neighbour of theirs by its address, so they are told.
            middle += &format!("address add {GATEWAY}/32 dev {near}\nroute add {address} dev {near}\n");
            outer += &format!(
                "address add {address}/32 dev wan\nroute add {GATEWAY} dev wan\nroute add default via {GATEWAY}\n"
            );
        }
        if let Some(address) = end.ipv6 {
            // Nobody else is on the link: duplicate address detection would only make programs wait.
            middle += &format!(
                "address add fe80::1/64 dev {near} nodad\nroute add {}/64 via fe80::2 dev {near}\n",
                ipv6_prefix(address)
            );
            outer += &format!(
                "address add fe80::2/64 dev wan nodad\naddress add {address}/128 dev wan nodad\n\
                 route add default via fe80::1 dev wan\n"
            );
        }
        end.network.ip_batch(&outer)?;
        self.middle.ip_batch(&middle)?;
        end.network.wait_for_carrier("wan")?;
        Ok(link)
    }

    fn next(&self) -> Result<u8> {
        let number = self.neighbours.fetch_add(1, Ordering::Relaxed) + 1;
        ensure!(number < NEIGHBOURS, "this internet is full");
        Ok(number)
    }
}

/// What a carrier's router does: RFC 6888 wants mapping and filtering that do not hinder anybody (REQ-1, REQ-7).
const CARRIER: Behaviour = Behaviour {
    mapping: Mapping::EndpointIndependent,
    filtering: Filtering::EndpointIndependent,
    passes: Passes::Everything,
    ipv6: false,
};

/// The first address of one of the 64-bit networks of a neighbour.
fn ipv6_network(network: u16, number: u8) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, network, u16::from(number), 0, 0, 0, 1)
}

/// The network of 64 bits that an address is in.
fn ipv6_prefix(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))
}

/// Links `inner`'s new interface `name` to `router`'s new interface `lan`, on a network of theirs with this prefix
/// length. `inner` sends everything to the router.
fn lan(
    router: &Network,
    router_address: IpAddr,
    inner: &Network,
    name: &str,
    address: IpAddr,
    prefix: u8,
) -> Result<()> {
    router.forwards()?;
    router.add_pair("lan", inner, name)?;
    // The two are alone: duplicate address detection, which is IPv6's, would only make programs wait.
    let flags = if address.is_ipv6() { " nodad" } else { "" };
    router.ip_batch(&format!("address add {router_address}/{prefix} dev lan{flags}\nlink set lan up\n"))?;
    inner.ip_batch(&format!(
        "address add {address}/{prefix} dev {name}{flags}\nlink set {name} up\n\
         route add default via {router_address}\n"
    ))?;
    router.wait_for_carrier("lan")
}
