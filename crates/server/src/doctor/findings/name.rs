//! The name, and the addresses behind it.

use super::scope::{Scope, is_container_bridge};
use super::{Finding, Level, finding, good, list};
use crate::doctor::facts::{Facts, Machine, Target};
use std::net::IpAddr;

pub(super) fn examine(facts: &Facts, findings: &mut Vec<Finding>) {
    let host = &facts.target.host;
    let addresses = match &facts.names {
        Ok(addresses) if !addresses.is_empty() => addresses,
        Ok(_) => return findings.push(unresolved(host, "it has no address")),
        Err(error) => return findings.push(unresolved(host, error)),
    };
    findings.push(scope(&facts.target, addresses));
    if let Some(machine) = &facts.machine {
        findings.extend(elsewhere(host, addresses, machine));
        findings.extend(observed(host, addresses, machine));
        findings.extend(carrier_nat(machine));
        findings.extend(container(machine));
    }
}

fn unresolved(host: &str, error: &str) -> Finding {
    finding(
        Level::Problem,
        "name-unresolved",
        format!("The name {host} could not be looked up: {error}."),
        "Nobody can open the page or reach the relay by this name.",
        format!(
            "Make an A record (and AAAA, if the server has IPv6) for {host} with the server's public address, and \
             ask again in some minutes."
        ),
    )
}

/// What the addresses say about who can reach them.
fn scope(target: &Target, addresses: &[IpAddr]) -> Finding {
    let host = &target.host;
    let within = |scope| addresses.iter().copied().filter(|address| Scope::of(*address) == scope).collect();
    let carrier: Vec<IpAddr> = within(Scope::CarrierNat);
    let loopback: Vec<IpAddr> = within(Scope::Loopback);
    let public: Vec<IpAddr> = within(Scope::Public);
    if !carrier.is_empty() {
        return finding(
            Level::Problem,
            "name-carrier-nat",
            format!(
                "{host} leads to {}, an address inside a provider's network (carrier NAT).",
                list(&carrier)
            ),
            "Nobody on the internet can reach it. Only inside a VPN that uses such addresses, like Tailscale, do \
             calls work.",
            "Use a server with a public address, or ask the provider for one.",
        );
    }
    if !loopback.is_empty() && !target.is_this_machine() {
        return finding(
            Level::Problem,
            "name-loopback",
            format!("{host} leads to {}, which is for every machine itself.", list(&loopback)),
            "Other machines look for the server on themselves and find nothing.",
            format!(
                "Correct the DNS record. If it is right, look for {host} in this machine's /etc/hosts: then ask from \
                 another machine."
            ),
        );
    }
    let is_address = host.parse::<IpAddr>().is_ok();
    if public.is_empty() && !target.is_this_machine() {
        return finding(
            Level::Warning,
            "name-private",
            if is_address {
                format!("{host} can be reached only within its own network.")
            } else {
                format!(
                    "{host} leads to {}, which can be reached only within its own network.",
                    list(addresses)
                )
            },
            "Calls work inside that network, and for nobody outside.",
            "If people outside shall join, let the name lead to the public address.",
        );
    }
    if is_address {
        return good("name", format!("{host} is an address: there is no name to look up."));
    }
    good("name", format!("{host} leads to {}.", list(addresses)))
}

/// An address that this machine neither has nor was told to have.
fn elsewhere(host: &str, addresses: &[IpAddr], machine: &Machine) -> Option<Finding> {
    let strange: Vec<IpAddr> = addresses
        .iter()
        .copied()
        .filter(|address| !machine.own.contains(address) && !machine.public_addresses.contains(address))
        .collect();
    if strange.is_empty() || machine.same_server == Some(true) {
        return None;
    }
    let own =
        if machine.source.is_empty() { "none to the internet".to_owned() } else { list(&machine.source) };
    let strange = list(&strange);
    Some(finding(
        Level::Warning,
        "address-elsewhere",
        format!("{host} leads to {strange}, which is not an address of this machine (it has {own})."),
        "Either this machine is behind a router or a cloud's address translation, and all is well, or the name leads \
         to another machine.",
        format!(
            "If {strange} is how the world reaches this server, say so with --public-address. If not, correct the \
             DNS record."
        ),
    ))
}

/// What an outside STUN server saw.
fn observed(host: &str, addresses: &[IpAddr], machine: &Machine) -> Option<Finding> {
    let strange: Vec<IpAddr> =
        machine.observed.iter().copied().filter(|address| !addresses.contains(address)).collect();
    if machine.observed.is_empty() {
        return None;
    }
    if strange.is_empty() {
        return Some(good(
            "address-observed",
            format!("From outside this machine is seen as {}.", list(&machine.observed)),
        ));
    }
    Some(finding(
        Level::Problem,
        "address-observed",
        format!(
            "From outside this machine is seen as {}, but {host} leads to {}.",
            list(&strange),
            list(addresses)
        ),
        "Browsers are sent to an address where this server is not; with a dynamic address that begins one day \
         without warning.",
        "Correct the DNS record, or keep it up to date by the router's or the provider's dynamic DNS.",
    ))
}

fn carrier_nat(machine: &Machine) -> Option<Finding> {
    let address = machine.source.iter().find(|address| Scope::of(**address) == Scope::CarrierNat)?;
    Some(finding(
        Level::Problem,
        "carrier-nat",
        format!(
            "This machine reaches the internet from {address}, inside a provider's network (carrier NAT)."
        ),
        "Nobody outside can connect to it over IPv4: neither the page nor the relay.",
        "Ask the provider for a public IPv4 address, serve over IPv6 alone, or rent a small server elsewhere.",
    ))
}

fn container(machine: &Machine) -> Option<Finding> {
    let address = machine.source.iter().find(|address| is_container_bridge(**address))?;
    machine.container.then(|| {
        finding(
            Level::Note,
            "container-bridge",
            format!("This is a container behind a bridge ({address})."),
            "Only published ports are reachable, and all visitors may seem to come from one address, which then \
             shares one visitor's limits.",
            "Use the host's network (--network host), or publish TCP 80, 443 and 3478, UDP 3478 and 3479.",
        )
    })
}
