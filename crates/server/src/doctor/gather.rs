//! Looks at a server as a visitor's browser would, and at this machine if it is the server. Judges nothing.
//!
//! To be given relay credentials, which only members of a room get, the doctor joins a room that nobody else knows,
//! as two visitors, and leaves it again.

mod dial;
mod front;
mod machine;
mod relay;
mod stun;
mod tls;
mod turn;
mod visitor;

use super::facts::{Facts, Redirect, RelayProbe, StunProbe, Target, Transport, WelcomeFacts};
use crate::Configuration;
use crate::host::Host;
use dial::resolve;
use eyeline_protocol::outer::{IceServer, Welcome};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tls::Tls;
pub(super) use tls::name_in;
use tokio::task::JoinSet;
use visitor::{Rendezvous, Visitor};

/// How long one step may take: longer than a browser waits for anything.
const PATIENCE: Duration = Duration::from_secs(4);

/// Addresses of one name that are looked at. More is unusual, and each costs a join.
const ADDRESSES: usize = 6;

/// What every probe needs.
struct Tools {
    target: Target,
    tls: Tls,
    room: Rendezvous,
}

/// Examines `target`. `named`: whether it was named, rather than taken from this machine's own configuration.
///
/// # Errors
/// When not even the tools can be had: no random numbers, no TLS.
pub(super) async fn gather(target: Target, named: bool, configuration: &Configuration) -> io::Result<Facts> {
    let tools = Arc::new(Tools { target: target.clone(), tls: Tls::new()?, room: Rendezvous::new()? });
    let names = resolve(&target.host, target.port).await;
    let addresses: Vec<IpAddr> = names.iter().flatten().map(SocketAddr::ip).collect();
    let on_server = !named || machine::is_here(&addresses, configuration);

    let mut fronts = Vec::new();
    let mut visitors = Vec::new();
    let socket_addresses = names.iter().flatten().take(ADDRESSES).copied();
    for (front, visitor) in each(socket_addresses, &tools, front::look).await {
        visitors.extend(visitor.map(|visitor| (front.address, visitor)));
        fronts.push(front);
    }
    let redirect = redirect(&tools, &addresses).await;

    let mut facts = Facts {
        target,
        on_server,
        version: env!("CARGO_PKG_VERSION"),
        names: names.map(|_| addresses).map_err(|error| resolver_words(&error)),
        fronts,
        redirect,
        welcome: None,
        stun: Vec::new(),
        relay: Vec::new(),
        refusals: Vec::new(),
        machine: None,
    };
    if let Some((address, first)) = visitors.first_mut() {
        facts.welcome = Some(welcome_facts(&first.welcome));
        facts.stun = probe_stun(&tools, &first.welcome).await;
        if let Ok(second) = front::join(&tools, *address).await {
            facts.relay = probe_relay(&tools, &first.welcome, &second.welcome).await;
            facts.refusals = relay::refusals(&tools, &facts.relay, &first.welcome, configuration).await;
            second.leave().await;
        }
    }
    if on_server {
        let first = visitors.first_mut().map(|(_, visitor)| visitor);
        let same_server = machine::same_server(&tools, &facts, first).await;
        facts.machine = Some(machine::look(&facts, same_server, configuration));
    }
    for (_, visitor) in visitors {
        visitor.leave().await;
    }
    Ok(facts)
}

/// The resolver's own words, without those that the standard library puts before them.
fn resolver_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ").map(str::to_owned).unwrap_or(text)
}

/// Does the same at every address at once; the results are in the order of the addresses.
async fn each<A, T, F>(
    items: impl Iterator<Item = A>,
    tools: &Arc<Tools>,
    probe: fn(Arc<Tools>, A) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (number, item) in items.enumerate() {
        let probing = probe(Arc::clone(tools), item);
        tasks.spawn(async move { (number, probing.await) });
    }
    let mut results: Vec<(usize, T)> = Vec::new();
    while let Some(done) = tasks.join_next().await {
        // A probe that panicked is a defect; the others' results still tell something.
        results.extend(done.ok());
    }
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Only a page at HTTPS's own port can be led to from port 80.
async fn redirect(tools: &Arc<Tools>, addresses: &[IpAddr]) -> Option<Redirect> {
    if !tools.target.secure || tools.target.port != 443 {
        return None;
    }
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first())?;
    Some(front::redirect(tools, SocketAddr::new(*address, 80)).await)
}

fn welcome_facts(welcome: &Welcome) -> WelcomeFacts {
    let username = welcome.ice_servers.iter().map(|server| server.username.as_str());
    let expiry = username.filter_map(|name| name.split(':').next()?.parse::<i64>().ok()).next();
    WelcomeFacts {
        build: welcome.build.clone(),
        ice_urls: welcome.ice_servers.iter().map(|server| server.url.clone()).collect(),
        mapping_check: welcome.mapping_check.clone(),
        credential_seconds_left: expiry.map(|expiry| expiry.saturating_sub(unix_seconds())),
    }
}

fn unix_seconds() -> i64 {
    i64::try_from(crate::unix_seconds()).unwrap_or(i64::MAX)
}

async fn probe_stun(tools: &Arc<Tools>, welcome: &Welcome) -> Vec<StunProbe> {
    let first = welcome.ice_servers.iter().map(|server| (server.url.clone(), false));
    let second = Some((welcome.mapping_check.clone(), true));
    let mut probes = Vec::new();
    for (url, second) in first.chain(second) {
        let Some(ice) = IceUrl::parse(&url).filter(|ice| ice.transport.is_none()) else { continue };
        for server in ice.addresses().await {
            probes.push((url.clone(), server, second));
        }
    }
    each(probes.into_iter(), tools, stun::probe).await
}

async fn probe_relay(tools: &Arc<Tools>, first: &Welcome, second: &Welcome) -> Vec<RelayProbe> {
    let mut probes = Vec::new();
    for (one, other) in first.ice_servers.iter().zip(&second.ice_servers) {
        let Some(ice) = IceUrl::parse(&one.url) else { continue };
        let Some(transport) = ice.transport else { continue };
        for server in ice.addresses().await {
            probes.push(relay::Wanted { transport, server, ends: [one.clone(), other.clone()] });
        }
    }
    each(probes.into_iter(), tools, relay::probe).await
}

/// The URL of an ICE server (RFC 7064, RFC 7065).
struct IceUrl {
    host: String,
    port: u16,
    /// None for STUN.
    transport: Option<Transport>,
}

impl IceUrl {
    fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (transport, default_port) = match (scheme, query) {
            ("stun", "") => (None, 3478),
            ("turn", "" | "transport=udp") => (Some(Transport::Udp), 3478),
            ("turn", "transport=tcp") => (Some(Transport::Tcp), 3478),
            ("turns", "" | "transport=tcp") => (Some(Transport::Tls), 5349),
            _ => return None,
        };
        let host = Host::parse(authority)?;
        let name = host.name();
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        Some(Self { host: name.to_owned(), port: host.port().unwrap_or(default_port), transport })
    }

    /// At most one of each family.
    async fn addresses(&self) -> Vec<SocketAddr> {
        let all = resolve(&self.host, self.port).await.unwrap_or_default();
        let first = |is: fn(&SocketAddr) -> bool| all.iter().copied().find(is);
        first(SocketAddr::is_ipv4).into_iter().chain(first(SocketAddr::is_ipv6)).collect()
    }
}

/// A credential for one end.
fn username_and_password(server: &IceServer) -> (&str, &str) {
    (&server.username, &server.credential)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ice_urls_are_read() {
        for (url, expected) in [
            ("stun:call.example.org:3478", Some(("call.example.org", 3478, None))),
            ("stun:call.example.org", Some(("call.example.org", 3478, None))),
            (
                "turn:call.example.org:3478?transport=udp",
                Some(("call.example.org", 3478, Some(Transport::Udp))),
            ),
            ("turn:[2001:db8::1]:34780?transport=tcp", Some(("2001:db8::1", 34780, Some(Transport::Tcp)))),
            (
                "turns:call.example.org:443?transport=tcp",
                Some(("call.example.org", 443, Some(Transport::Tls))),
            ),
            ("turns:call.example.org", Some(("call.example.org", 5349, Some(Transport::Tls)))),
            ("stuns:call.example.org", None),
            ("turn:call.example.org?transport=sctp", None),
            ("turn:", None),
            ("", None),
        ] {
            let parsed = IceUrl::parse(url);
            let parsed = parsed.as_ref().map(|ice| (ice.host.as_str(), ice.port, ice.transport));
            assert_eq!(parsed, expected, "{url:?}");
        }
    }
}
