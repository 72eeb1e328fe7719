//! STUN and the relay, as a browser uses them.

use super::scope::Scope;
use super::{Finding, Level, duration, finding, good, list};
use crate::doctor::facts::{
    Facts, Reach, Refusal, Refused, RelayFailure, RelayProbe, RelayReason, RelayStep, StunProbe, Transport,
    WelcomeFacts,
};
use std::net::{IpAddr, SocketAddr};

/// What a closed relay is for, in the words of every finding about it.
const NEEDED_BY: &str = "People behind strict routers or firewalls without UDP see only themselves";

pub(super) fn examine(facts: &Facts, findings: &mut Vec<Finding>) {
    let Some(welcome) = &facts.welcome else { return };
    findings.extend(no_stun(welcome));
    findings.extend(facts.stun.iter().map(stun));
    findings.extend(no_relay(facts, welcome));
    findings.extend(credential(welcome));
    findings.extend(facts.relay.iter().map(relay));
    findings.extend(relayed_address(facts));
    findings.extend(refusals(facts));
}

fn no_stun(welcome: &WelcomeFacts) -> Option<Finding> {
    let has_stun = welcome.ice_urls.iter().any(|url| url.starts_with("stun"));
    (!has_stun).then(|| {
        finding(
            Level::Problem,
            "stun-off",
            "The server names no STUN server.",
            "Browsers behind different routers cannot learn their public addresses and will not find each other \
             directly.",
            "Start Eyeline without --no-stun, or name another STUN server with --stun.",
        )
    })
}

fn stun(probe: &StunProbe) -> Finding {
    let StunProbe { server, mapped, second, .. } = probe;
    let (address, port) = (server.ip(), server.port());
    match (mapped, second) {
        (Ok(mapped), false) => {
            good("stun", format!("STUN answers at {server} and sees this machine as {mapped}."))
        }
        (Ok(_), true) => good("stun-second", format!("The second STUN port answers at {server}.")),
        (Err(Reach::NoRoute), _) => no_route(address),
        (Err(_), false) => finding(
            Level::Problem,
            "stun-silent",
            format!("STUN does not answer at UDP {port} of {address}."),
            "Browsers behind different routers cannot learn their public addresses: most calls between homes fail.",
            format!(
                "Open UDP {port} in the machine's firewall, the cloud's security group and the router; an HTTP proxy \
                 does not pass UDP on, so it must lead to this machine itself."
            ),
        ),
        (Err(_), true) => finding(
            Level::Warning,
            "stun-second-silent",
            format!("The second STUN port does not answer at UDP {port} of {address}."),
            "Calls are not affected. The page's \"Check my connection\" cannot tell what kind of router somebody has.",
            format!("Open UDP {port} too."),
        ),
    }
}

fn no_route(address: IpAddr) -> Finding {
    finding(
        Level::Note,
        "no-route",
        format!("This machine has no way to {address}: STUN and relay were not checked there."),
        "Nothing is known about people who come by this address.",
        "Ask again from a machine that has IPv6.",
    )
}

fn no_relay(facts: &Facts, welcome: &WelcomeFacts) -> Option<Finding> {
    let has = |prefix: &str| welcome.ice_urls.iter().any(|url| url.starts_with(prefix));
    if !has("turn") {
        return Some(finding(
            Level::Warning,
            "relay-off",
            "The server offers no relay.",
            format!("{NEEDED_BY}."),
            "Start Eyeline without `--relay off`.",
        ));
    }
    (facts.target.secure && !has("turns:")).then(|| {
        finding(
            Level::Warning,
            "relay-without-tls",
            "The relay is not offered over TLS.",
            "People in networks that let nothing but HTTPS out cannot be connected.",
            "Let Eyeline serve HTTPS itself (--domain, or --tls-cert and --tls-key). Behind an HTTP proxy this is \
             impossible: such a proxy passes no TURN on.",
        )
    })
}

fn credential(welcome: &WelcomeFacts) -> Option<Finding> {
    let left = welcome.credential_seconds_left?;
    (left <= 0).then(|| {
        finding(
            Level::Problem,
            "credential-expired",
            format!(
                "The relay credential that was just made ended {} ago, by this machine's clock.",
                duration(left.unsigned_abs())
            ),
            "The server's clock or this machine's is wrong.",
            "`timedatectl` on both tells which; switch time synchronisation on: `timedatectl set-ntp true`.",
        )
    })
}

fn relay(probe: &RelayProbe) -> Finding {
    let RelayProbe { transport, server, outcome, .. } = probe;
    match outcome {
        Ok(worked) => good(
            "relay",
            format!(
                "The relay works over {transport} at {server}: there and back in {} ms.",
                // Less than one is 0, which nobody would believe.
                worked.echo_milliseconds.max(1)
            ),
        ),
        Err(RelayFailure { reason: RelayReason::Reach(Reach::NoRoute), .. }) => no_route(server.ip()),
        Err(failure) => relay_failed(*transport, *server, failure),
    }
}

fn relay_failed(transport: Transport, server: SocketAddr, failure: &RelayFailure) -> Finding {
    let port = match transport {
        Transport::Udp => format!("UDP {}", server.port()),
        Transport::Tcp | Transport::Tls => format!("TCP {}", server.port()),
    };
    let address = server.ip();
    let who = match transport {
        Transport::Udp => "People who need the relay must take a slower way, or are not connected",
        Transport::Tcp => "People in networks without UDP are not connected, unless the relay over TLS works",
        Transport::Tls => "People in networks that let nothing but HTTPS out are not connected",
    };
    let (seen, remedy) = match (failure.step, &failure.reason) {
        (RelayStep::Connect | RelayStep::Challenge, RelayReason::Reach(reach)) => (
            match reach {
                Reach::Refused => format!("Nothing listens on {port} of {address}, where the relay should be."),
                Reach::Failed(error) => {
                    format!("The relay cannot be reached at {port} of {address}: {error}.")
                }
                _ => format!("The relay does not answer at {port} of {address}."),
            },
            format!("Open {port} in the machine's firewall, the cloud's security group and the router."),
        ),
        (RelayStep::Connect | RelayStep::Challenge, reason) => (
            format!("What answers on {port} of {address} is no relay ({reason})."),
            match transport {
                Transport::Tls => "An HTTP proxy that ends TLS here passes no TURN on. Let Eyeline have this port \
                    itself, or let the proxy pass TLS through unopened (nginx: `stream` with `ssl_preread`)."
                    .to_owned(),
                _ => format!("Another program has {port}; look with `ss -lnp`."),
            },
        ),
        (RelayStep::Allocate, RelayReason::Code(401)) => (
            format!("The relay at {port} of {address} refuses the credential that the page was given (401)."),
            "Another TURN server has this port, or two Eyelines have different relay keys: look with `ss -lnp`, and \
             give them the same --relay-key-file."
                .to_owned(),
        ),
        (RelayStep::Allocate, RelayReason::Code(code @ (486 | 508))) => (
            format!("The relay at {port} of {address} is full for this visitor ({code})."),
            "Ask again in ten minutes; if it stays, raise the relay's limits.".to_owned(),
        ),
        (RelayStep::Permission | RelayStep::Channel, RelayReason::Code(403)) => (
            format!("The relay at {port} of {address} refuses its own address as a peer (403)."),
            "Does --public-address name the address that the relay gives out? In open mode the relay's own address \
             must be allowed."
                .to_owned(),
        ),
        (RelayStep::Echo, RelayReason::Reach(_)) => (
            format!("The relay at {port} of {address} accepts everything, but nothing comes through."),
            "With `--relay open`: open the UDP ports of --relay-ports, and give --public-address. Else: a firewall \
             drops large or frequent datagrams."
                .to_owned(),
        ),
        (step, reason) => (
            format!("The relay at {port} of {address} fails at {}: {}.", step_name(step), reason),
            "See the server's log; use a doctor of the same version as the server.".to_owned(),
        ),
    };
    let check = match transport {
        Transport::Udp => "relay-udp",
        Transport::Tcp => "relay-tcp",
        Transport::Tls => "relay-tls",
    };
    finding(Level::Problem, check, seen, format!("{who}."), remedy)
}

fn step_name(step: RelayStep) -> &'static str {
    match step {
        RelayStep::Connect => "the connection",
        RelayStep::Challenge => "the first question",
        RelayStep::Allocate => "Allocate",
        RelayStep::Permission => "CreatePermission",
        RelayStep::Channel => "ChannelBind",
        RelayStep::Echo => "the echo",
    }
}

/// The address that the relay gives out should be one of the name's: browsers show it, and an open relay's must be
/// reachable.
fn relayed_address(facts: &Facts) -> Option<Finding> {
    let names = facts.names.as_ref().ok()?;
    let relayed = facts.relay.iter().find_map(|probe| Some(probe.outcome.as_ref().ok()?.relayed.ip()))?;
    if names.iter().any(|name| name.to_canonical() == relayed.to_canonical()) {
        return None;
    }
    // A name of IPv6 addresses only says nothing about the relay's one IPv4 address.
    if relayed.is_ipv4() && Scope::of(relayed) == Scope::Public && names.iter().all(IpAddr::is_ipv6) {
        return None;
    }
    // Asked on the server itself, by a name for this machine alone: the relay's address is for the others.
    let is_own = facts.machine.as_ref().is_some_and(|machine| machine.own.contains(&relayed));
    if is_own && names.iter().all(|name| Scope::of(*name) == Scope::Loopback) {
        return None;
    }
    let is_open = facts.refusals.iter().any(is_open);
    let (host, addresses) = (&facts.target.host, list(names));
    Some(finding(
        if is_open { Level::Problem } else { Level::Warning },
        "relay-address",
        format!("The relay gives out the address {relayed}, but {host} leads to {addresses}."),
        if is_open {
            "Nothing that is sent to relayed addresses arrives: relayed calls fail."
        } else {
            "Calls work, since a closed relay's addresses are never sent to; reports and logs name a wrong address, \
             and `--relay open` would fail."
        },
        "Tell the server its public address: --public-address.",
    ))
}

fn is_open(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal { of: Refused::Outside(_), code: Ok(None) })
}

/// What must be refused: one finding for all if it is.
fn refusals(facts: &Facts) -> Vec<Finding> {
    if facts.refusals.is_empty() {
        return Vec::new();
    }
    let wrong: Vec<Finding> = facts.refusals.iter().filter_map(not_refused).collect();
    if wrong.iter().any(|finding| finding.level > Level::Note) {
        return wrong;
    }
    let asked =
        "The relay refuses addresses inside the server's network, and credentials that are not valid.";
    wrong.into_iter().chain([good("relay-refuses", asked)]).collect()
}

fn not_refused(refusal: &Refusal) -> Option<Finding> {
    let code = match &refusal.code {
        Ok(code) => *code,
        // A relay that went silent has a finding of its own.
        Err(_) => return None,
    };
    match refusal.of {
        Refused::Inside(address) if !matches!(code, Some(403 | 440 | 443)) => Some(finding(
            Level::Problem,
            "relay-reaches-inside",
            format!("The relay lets visitors send to {address}."),
            "Strangers can reach programs inside the server's network through the relay.",
            "Remove the --relay-allow that covers this address. If there is none, please report this: it is a defect.",
        )),
        Refused::Outside(_) if code.is_none() => Some(finding(
            Level::Note,
            "relay-open",
            "The relay is open: it sends to any public address.",
            "Calls need no more than a closed relay. An open one can be used by visitors to reach others under this \
             server's address.",
            "Start Eyeline without `--relay open`, unless something else than Eyeline uses this relay.",
        )),
        Refused::WrongPassword if code != Some(401) => Some(finding(
            Level::Problem,
            "relay-wrong-password",
            "The relay accepts a credential with a wrong password.",
            "Anybody can use the relay.",
            "Is another TURN server on this port? If it is Eyeline, please report this: it is a defect.",
        )),
        Refused::Expired if code != Some(401) => Some(finding(
            Level::Problem,
            "relay-expired-accepted",
            "The relay accepts a credential that ended an hour ago.",
            "Whoever once had a credential can use the relay for ever, or the server's clock is behind.",
            "`timedatectl`: is the clock right? If it is, please report this: it is a defect.",
        )),
        _ => None,
    }
}
