//! This machine: addresses, listeners, limits, buffers. Linux tells in `/proc`; elsewhere less is known.

use super::{IceUrl, Tools, Visitor, front};
use crate::Configuration;
use crate::doctor::facts::{Datagrams, Facts, Files, Listening, Machine, Port, Transport};
use crate::local_addresses::{SOMEWHERE_V4, SOMEWHERE_V6, towards};
use crate::relay::settings::RelayMode;
use crate::state_directory::read_bounded;
use crate::tls::settings::CertificateSource;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether this machine has one of the addresses, or is configured to be reached by it.
pub(super) fn is_here(addresses: &[IpAddr], configuration: &Configuration) -> bool {
    let public = &configuration.relay.public_addresses;
    !own(addresses).is_empty() || addresses.iter().any(|address| public.contains(address))
}

/// Whether the name leads to this very server: a visitor by the name, and one by this machine's own listener, meet.
/// None if all addresses are this machine's own anyway, or nobody could join.
pub(super) async fn same_server(
    tools: &Arc<Tools>,
    facts: &Facts,
    first: Option<&mut Visitor>,
) -> Option<bool> {
    let addresses = facts.names.as_ref().ok()?;
    if own(addresses).len() == addresses.len() {
        return None;
    }
    let first = first?;
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, tools.target.port));
    let second = front::join(tools, here).await.ok()?;
    let met = first.meets(&second).await;
    second.leave().await;
    Some(met)
}

pub(super) fn look(facts: &Facts, same_server: Option<bool>, configuration: &Configuration) -> Machine {
    let names = facts.names.as_deref().unwrap_or_default();
    let relayed = facts.relay.iter().filter_map(|probe| Some(probe.outcome.as_ref().ok()?.relayed.ip()));
    let relayed: Vec<IpAddr> = relayed.collect();
    let (waiting, wanted) = (waiting(), wanted(facts));
    Machine {
        own: own(&[names, &relayed].concat()),
        public_addresses: configuration.relay.public_addresses.clone(),
        source: source(),
        observed: observed(facts),
        container: ["/.dockerenv", "/run/.containerenv"].iter().any(|file| fs::exists(file).unwrap_or(false)),
        listening: listening(&waiting),
        files: files(&waiting, &wanted, configuration),
        wanted,
        receive_buffer_most: number("/proc/sys/net/core/rmem_max"),
        datagrams: datagrams(),
        connection_tracking: number("/proc/sys/net/netfilter/nf_conntrack_count")
            .zip(number("/proc/sys/net/netfilter/nf_conntrack_max")),
        unreadable: unreadable(configuration),
        same_server,
        relay_ports: relay_ports(configuration),
    }
}

/// Those of the addresses that this machine has: only to those can a socket be bound.
fn own(addresses: &[IpAddr]) -> Vec<IpAddr> {
    addresses.iter().copied().filter(|address| UdpSocket::bind((*address, 0)).is_ok()).collect()
}

/// The addresses that packets to the internet leave with.
fn source() -> Vec<IpAddr> {
    [SOMEWHERE_V4, SOMEWHERE_V6].into_iter().filter_map(towards).collect()
}

/// What STUN servers of other hosts saw.
fn observed(facts: &Facts) -> Vec<IpAddr> {
    let of_another_host = |url: &str| IceUrl::parse(url).is_some_and(|ice| ice.host != facts.target.host);
    let probes = facts.stun.iter().filter(|probe| of_another_host(&probe.url));
    let mut addresses: Vec<IpAddr> =
        probes.filter_map(|probe| Some(probe.mapped.as_ref().ok()?.ip())).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// The page's port, and what the server tells its visitors to use.
fn wanted(facts: &Facts) -> Vec<Port> {
    let mut wanted = vec![Port { number: facts.target.port, udp: false }];
    if let Some(welcome) = &facts.welcome {
        for url in welcome.ice_urls.iter().chain([&welcome.mapping_check]) {
            let Some(ice) = IceUrl::parse(url).filter(|ice| ice.host == facts.target.host) else { continue };
            let udp = matches!(ice.transport, None | Some(Transport::Udp));
            wanted.push(Port { number: ice.port, udp });
        }
    }
    wanted.sort();
    wanted.dedup();
    wanted
}

/// A socket that waits for others.
struct Waiting {
    port: Port,
    /// By which a process's open files name it.
    inode: u64,
}

fn waiting() -> Vec<Waiting> {
    let mut sockets = Vec::new();
    for (table, udp) in [("tcp", false), ("tcp6", false), ("udp", true), ("udp6", true)] {
        let Ok(text) = fs::read_to_string(format!("/proc/net/{table}")) else { continue };
        sockets.extend(sockets_in(&text, udp));
    }
    sockets
}

/// A table of sockets (proc_pid_net(5)): TCP sockets that listen (state 0A), all of UDP.
fn sockets_in(table: &str, udp: bool) -> impl Iterator<Item = Waiting> + '_ {
    table.lines().skip(1).filter_map(move |line| {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
        let (_, port) = local.rsplit_once(':')?;
        let port = Port { number: u16::from_str_radix(port, 16).ok()?, udp };
        (udp || *state == "0A").then_some(Waiting { port, inode: inode.parse().ok()? })
    })
}

fn listening(waiting: &[Waiting]) -> Option<Listening> {
    let mut ports: Vec<Port> = waiting.iter().map(|socket| socket.port).collect();
    ports.sort();
    ports.dedup();
    (!ports.is_empty()).then_some(Listening(ports))
}

/// The limit of the running server, not of this shell. None if no process called `eyeline` has one of the ports, or if
/// it is another user's.
fn files(waiting: &[Waiting], wanted: &[Port], configuration: &Configuration) -> Option<Files> {
    let sockets = waiting.iter().filter(|socket| wanted.contains(&socket.port));
    let links: Vec<PathBuf> = sockets.map(|socket| format!("socket:[{}]", socket.inode).into()).collect();
    let has_one = |process: &Path| {
        let files = fs::read_dir(process.join("fd")).ok();
        let mut links_of =
            files.into_iter().flatten().flatten().filter_map(|file| fs::read_link(file.path()).ok());
        links_of.any(|link| links.contains(&link))
    };
    let is_server = |process: &PathBuf| {
        fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "eyeline")
            && has_one(process)
    };
    let server = fs::read_dir("/proc").ok()?.flatten().map(|process| process.path()).find(is_server)?;
    let limits = fs::read_to_string(server.join("limits")).ok()?;
    let connections = u64::try_from(configuration.connection_limits.total).ok()?;
    Some(Files { limit: file_limit(&limits)?, connections })
}

/// The soft limit in a process's `limits` (proc_pid_limits(5)).
fn file_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_ascii_whitespace().next()?;
    if soft == "unlimited" { Some(u64::MAX) } else { soft.parse().ok() }
}

fn datagrams() -> Option<Datagrams> {
    let v4 = fs::read_to_string("/proc/net/snmp").ok()?;
    let v6 = fs::read_to_string("/proc/net/snmp6").unwrap_or_default();
    let (one, other) = (datagrams_v4(&v4)?, datagrams_v6(&v6));
    Some(Datagrams {
        received: one.received.saturating_add(other.received),
        lost_for_want_of_buffer: one.lost_for_want_of_buffer.saturating_add(other.lost_for_want_of_buffer),
    })
}

/// Two lines: names, then values in the same order.
fn datagrams_v4(snmp: &str) -> Option<Datagrams> {
    let mut lines = snmp.lines().filter_map(|line| line.strip_prefix("Udp: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let of = |wanted: &str| {
        let position = names.split_ascii_whitespace().position(|name| name == wanted)?;
        values.split_ascii_whitespace().nth(position)?.parse().ok()
    };
    Some(Datagrams { received: of("InDatagrams")?, lost_for_want_of_buffer: of("RcvbufErrors")? })
}

/// One name and value a line.
fn datagrams_v6(snmp6: &str) -> Datagrams {
    let of = |wanted: &str| {
        let value = snmp6.lines().find_map(|line| line.strip_prefix(wanted));
        value.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
    };
    Datagrams { received: of("Udp6InDatagrams "), lost_for_want_of_buffer: of("Udp6RcvbufErrors ") }
}

fn unreadable(configuration: &Configuration) -> Vec<(String, String)> {
    let files: Vec<&Path> = match configuration.tls.as_ref().map(|tls| &tls.certificate) {
        Some(CertificateSource::Files(files)) => vec![&files.certificate, &files.key],
        Some(CertificateSource::Acme(acme)) => acme.ca_file.as_deref().into_iter().collect(),
        Some(CertificateSource::SelfSigned) | None => Vec::new(),
    };
    let failed = |file: &Path| Some((file.display().to_string(), read_bounded(file).err()?.to_string()));
    files.into_iter().filter_map(failed).collect()
}

fn relay_ports(configuration: &Configuration) -> Option<(u16, u16)> {
    match &configuration.relay.mode {
        RelayMode::Open { ports, .. } => Some((*ports.start(), *ports.end())),
        RelayMode::Closed | RelayMode::Off => None,
    }
}

fn number(file: &str) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_ports_are_read_from_the_tables_of_sockets() {
        let tcp = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7001 1 0000
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 7002 1 0000
";
        let tcp6 = "\
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7003 1
";
        let udp = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref
  10: 00000000:0D96 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7004 2 0000
";
        let read = |table, udp| -> Vec<_> {
            sockets_in(table, udp).map(|socket| (socket.port.number, socket.inode)).collect()
        };
        assert_eq!(read(tcp, false), [(8080, 7001)]);
        assert_eq!(read(tcp6, false), [(443, 7003)]);
        assert_eq!(read(udp, true), [(3478, 7004)]);
        assert_eq!(read("", true), []);
        assert_eq!(read("head\nnonsense\n 0: x y z\n", false), []);
    }

    #[test]
    fn limits_and_counters_are_read_as_the_kernel_writes_them() {
        let limits = "\
Limit                     Soft Limit           Hard Limit           Units
Max processes             94988                94988                processes
Max open files            1024                 524288               files
";
        assert_eq!(file_limit(limits), Some(1024));
        assert_eq!(
            file_limit("Max open files            unlimited            unlimited            files"),
            Some(u64::MAX)
        );
        assert_eq!(file_limit(""), None);

        let snmp = "\
Ip: Forwarding DefaultTTL
Ip: 1 64
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors
Udp: 1000 1 7 900 7 0
UdpLite: InDatagrams NoPorts
UdpLite: 0 0
";
        assert_eq!(datagrams_v4(snmp), Some(Datagrams { received: 1000, lost_for_want_of_buffer: 7 }));
        let snmp6 = "Udp6InDatagrams                 \t20\nUdp6RcvbufErrors                \t3\n";
        assert_eq!(datagrams_v6(snmp6), Datagrams { received: 20, lost_for_want_of_buffer: 3 });
    }
}
