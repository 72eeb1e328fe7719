//! The page's port: connection, certificate, clock, HTTP, WebSocket.

use super::scope::Scope;
use super::{Finding, Level, count, duration, finding, good, list};
use crate::doctor::facts::{Certificate, Facts, Front, Health, JoinFailure, Reach, Redirect, Verdict};

/// A certificate that ends sooner was not renewed in time: ACME begins 30 days before the end.
const DAYS_LEFT_AT_LEAST: i64 = 14;

/// Clocks within a minute of each other are as good as equal; certificates' dates bear five minutes.
const CLOCK_SECONDS: u64 = 60;
const CLOCK_SECONDS_PROBLEM: u64 = 300;

pub(super) fn examine(facts: &Facts, findings: &mut Vec<Finding>) {
    findings.extend(plain_http(facts));
    for front in &facts.fronts {
        match &front.reach {
            Reach::Open => {
                findings.extend(tls(facts, front));
                findings.extend(health(front));
                findings.extend(joined(facts, front));
            }
            reach => findings.push(unreachable(facts, front, reach)),
        }
    }
    findings.extend(clock(facts));
    findings.extend(redirect(facts));
}

fn plain_http(facts: &Facts) -> Option<Finding> {
    (!facts.target.secure && !facts.target.is_this_machine()).then(|| {
        finding(
            Level::Problem,
            "no-https",
            format!("{} is plain HTTP.", facts.target),
            "Browsers give camera and microphone to no page without HTTPS.",
            "Start Eyeline with --domain and a host name, with --tls-cert and --tls-key, with --self-signed for a \
             local network, or put a proxy with HTTPS in front.",
        )
    })
}

fn unreachable(facts: &Facts, front: &Front, reach: &Reach) -> Finding {
    let (address, port) = (front.address.ip(), front.address.port());
    let meaning = "A browser that takes this address cannot open the page.";
    let is_own = facts.machine.as_ref().is_none_or(|machine| machine.own.contains(&address));
    match reach {
        Reach::NoRoute => finding(
            Level::Note,
            "no-route",
            format!("This machine has no way to {address}: it was not checked."),
            "Nothing is known about people who come by this address.",
            "Ask again from a machine that has IPv6, or remove the AAAA record if the server has none.",
        ),
        Reach::Refused | Reach::Silent if !is_own => finding(
            Level::Problem,
            "hairpin",
            format!("TCP {port} of {address} cannot be reached from the server's own network."),
            "Either the port is not led to this machine, and nobody can come, or the router does not lead its own \
             network back to itself (hairpin NAT), and only people in this network cannot come. From here the two \
             look the same.",
            format!(
                "Forward TCP {port} to this machine, then open the check from outside (see below) to know which."
            ),
        ),
        Reach::Refused => finding(
            Level::Problem,
            "port-refused",
            format!("Nothing listens on TCP {port} of {address}."),
            meaning,
            format!(
                "Start Eyeline there, or forward TCP {port} to it. Is it running? `systemctl status eyeline`"
            ),
        ),
        Reach::Silent => finding(
            Level::Problem,
            "port-silent",
            format!("TCP {port} of {address} does not answer."),
            meaning,
            format!(
                "A firewall drops it: open TCP {port} on the machine, in the cloud's security group, and in the \
                 router."
            ),
        ),
        Reach::Failed(error) => finding(
            Level::Problem,
            "port-failed",
            format!("TCP {port} of {address} could not be reached: {error}."),
            meaning,
            "Check the server's network.",
        ),
        Reach::Open => good("port", format!("TCP {port} of {address} is open.")),
    }
}

fn tls(facts: &Facts, front: &Front) -> Option<Finding> {
    if let Some(error) = &front.tls_error {
        return Some(finding(
            Level::Problem,
            "no-tls",
            format!("{} speaks no TLS that browsers could use: {error}.", front.address),
            "The page does not open, and the relay over TLS does not work.",
            "Is this port Eyeline's HTTPS port, or the proxy's? For Eyeline's own: --domain, or --tls-cert and \
             --tls-key. A certificate that is still being fetched takes up to a minute after the start.",
        ));
    }
    front.certificate.as_ref().map(|certificate| certificate_finding(facts, certificate))
}

fn certificate_finding(facts: &Facts, certificate: &Certificate) -> Finding {
    let host = &facts.target.host;
    let addresses = facts.names.as_deref().unwrap_or_default();
    let is_for_all = addresses.iter().any(|address| Scope::of(*address) == Scope::Public);
    let refused = "Browsers refuse the page, and the relay over TLS.";
    let days = certificate.days_left.unsigned_abs();
    match &certificate.verdict {
        Verdict::Expired => finding(
            Level::Problem,
            "certificate-expired",
            format!("The certificate ended {} ago.", count(days, "day")),
            refused,
            "With --domain: see in the log why the renewal fails (`journalctl -u eyeline`); TCP 443 must be open to \
             all. With files of your own: replace them, Eyeline reads them again by itself.",
        ),
        Verdict::NotYetValid => finding(
            Level::Problem,
            "certificate-not-yet-valid",
            "By this machine's clock the certificate is not valid yet.",
            refused,
            "Set this machine's clock (`timedatectl`); if it is right, the certificate was made by a machine whose \
             clock is ahead.",
        ),
        Verdict::WrongName => finding(
            Level::Problem,
            "certificate-name",
            format!("The certificate is for {}, not for {host}.", list(&certificate.names)),
            refused,
            format!("Use one of its names, or get a certificate for {host}: `--domain {host}`."),
        ),
        Verdict::Unknown if certificate.self_signed => finding(
            if is_for_all { Level::Problem } else { Level::Warning },
            "certificate-self-signed",
            "The certificate is signed by itself.",
            "Everybody must click through a browser's warning once, and Firefox does not use the relay over TLS. \
             That is right for a try on your own network, and not for people you invite.",
            "For a public name: `--domain`.",
        ),
        Verdict::Unknown if certificate.chain_length == 1 => finding(
            Level::Problem,
            "certificate-chain",
            format!("The server sends its certificate without that of its issuer ({}).", certificate.issuer),
            "Browsers that have not met this issuer elsewhere refuse the page: phones above all. Or the issuer is no \
             authority that browsers know.",
            "Give --tls-cert the whole chain: fullchain.pem, not cert.pem.",
        ),
        Verdict::Unknown => finding(
            Level::Problem,
            "certificate-issuer",
            format!("The certificate comes from {}, which this machine does not know.", certificate.issuer),
            "Browsers that do not know it either refuse the page.",
            "For a public name: `--domain`. An authority of your own must be installed on everybody's devices.",
        ),
        Verdict::NotChecked => finding(
            Level::Note,
            "certificate-not-checked",
            "This machine has no list of certificate authorities: whether browsers trust the certificate is not \
             known.",
            "The page may or may not open.",
            "`apt install ca-certificates`, and ask again.",
        ),
        Verdict::Other(error) => finding(
            Level::Problem,
            "certificate-other",
            format!("The certificate cannot be used: {error}."),
            refused,
            "Get another one: `--domain` does it by itself.",
        ),
        Verdict::Trusted if certificate.days_left < DAYS_LEFT_AT_LEAST => finding(
            Level::Warning,
            "certificate-ends-soon",
            format!("The certificate ends in {}.", count(days, "day")),
            "Then browsers refuse the page. It should have been renewed by now.",
            "See in the log why the renewal fails: `journalctl -u eyeline`.",
        ),
        Verdict::Trusted => {
            good("certificate", format!("The certificate is good for another {}.", count(days, "day")))
        }
    }
}

fn health(front: &Front) -> Option<Finding> {
    let address = front.address;
    match front.health.as_ref()? {
        Err(error) => Some(finding(
            Level::Problem,
            "no-http",
            format!("{address} does not answer HTTP: {error}."),
            "The page does not open.",
            "Is this port Eyeline's, or its proxy's?",
        )),
        Ok(Health { is_eyeline: true, .. }) => Some(good("page", format!("Eyeline answers at {address}."))),
        Ok(Health { status: 502..=504, server, .. }) => Some(finding(
            Level::Problem,
            "proxy-without-server",
            format!(
                "{} at {address} answers that it does not reach what is behind it.",
                proxy(server.as_ref())
            ),
            "Nobody can open the page.",
            "Start Eyeline (`systemctl status eyeline`), and let the proxy lead to its --listen address.",
        )),
        Ok(Health { status, server, .. }) => Some(finding(
            Level::Problem,
            "not-eyeline",
            format!("{} at {address} is not Eyeline (status {status}).", proxy(server.as_ref())),
            "People who open the link see something else.",
            "Another program has this port, or the proxy leads this name elsewhere.",
        )),
    }
}

fn proxy(server: Option<&String>) -> String {
    server.map_or_else(|| "What answers".to_owned(), |server| format!("What answers ({server})"))
}

fn joined(facts: &Facts, front: &Front) -> Option<Finding> {
    let meaning = "The page opens, but nobody meets anybody: no call can begin.";
    let failure = match front.joined.as_ref()? {
        Ok(()) => {
            return Some(good("websocket", format!("A visitor can join by WebSocket at {}.", front.address)));
        }
        Err(failure) => failure,
    };
    Some(match failure {
        JoinFailure::NoUpgrade(403) => finding(
            Level::Problem,
            "origin-refused",
            "The request for a WebSocket is refused (403): Eyeline does not recognise its own name.",
            meaning,
            format!(
                "A proxy in front changes the header Host. nginx: `proxy_set_header Host $http_host;`. Or: \
                 `--allow-origin {}`.",
                facts.target
            ),
        ),
        JoinFailure::NoUpgrade(status) => finding(
            Level::Problem,
            "no-websocket",
            format!("The request for a WebSocket is answered with {status} instead of a WebSocket."),
            meaning,
            "A proxy in front does not pass WebSockets on. nginx: `proxy_http_version 1.1; proxy_set_header Upgrade \
             $http_upgrade; proxy_set_header Connection \"upgrade\";`. Samples: docs/self-hosting.md.",
        ),
        JoinFailure::Closed(4429) => finding(
            Level::Note,
            "asked-too-often",
            "The server has let too many joins from this address pass in the last minute.",
            "The rest of the check could not be made.",
            "Ask again in a minute.",
        ),
        JoinFailure::Closed(code) => finding(
            Level::Problem,
            "join-closed",
            format!("The server closed the WebSocket with code {code} instead of a welcome."),
            meaning,
            "Use a doctor of the same version as the server.",
        ),
        JoinFailure::Silent => finding(
            Level::Problem,
            "join-silent",
            "The WebSocket opens, but no welcome comes.",
            meaning,
            "A proxy in front holds messages back: switch its buffering off.",
        ),
        JoinFailure::Failed(error) => finding(
            Level::Problem,
            "join-failed",
            format!("No WebSocket could be opened: {error}."),
            meaning,
            "See the log of the server, and of the proxy in front, if there is one.",
        ),
    })
}

/// Only another machine's clock can be compared.
fn clock(facts: &Facts) -> Option<Finding> {
    let health = |front: &Front| front.health.as_ref()?.as_ref().ok()?.clock_ahead;
    let ahead = facts.fronts.iter().find_map(health)?;
    let difference = ahead.unsigned_abs();
    if difference <= CLOCK_SECONDS {
        return (!facts.on_server)
            .then(|| good("clock", "The server's clock and this machine's agree to a minute."));
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    Some(finding(
        if difference > CLOCK_SECONDS_PROBLEM { Level::Problem } else { Level::Warning },
        "clock",
        format!("The server's clock is {} {direction} this machine's.", duration(difference)),
        "One of the two is wrong. On a server whose clock is wrong, certificates are not renewed and the relay refuses \
         credentials that other programs made for it.",
        "`timedatectl` on both tells which; switch time synchronisation on: `timedatectl set-ntp true`.",
    ))
}

fn redirect(facts: &Facts) -> Option<Finding> {
    let host = &facts.target.host;
    let type_it = "Whoever types the name without https:// may not find the page. Links are not affected.";
    Some(match facts.redirect.as_ref()? {
        Redirect::ToTarget => good("redirect", "Plain HTTP leads to HTTPS."),
        Redirect::Other { status, location } => finding(
            Level::Warning,
            "redirect",
            format!(
                "http://{host}/ does not lead to HTTPS (status {status}{}).",
                location.as_ref().map(|location| format!(", to {location}")).unwrap_or_default()
            ),
            type_it,
            "Let Eyeline have port 80 too, or let the proxy redirect.",
        ),
        Redirect::Unreachable(_) => finding(
            Level::Note,
            "redirect",
            format!("http://{host}/ (TCP 80) is not reachable."),
            type_it,
            "Open TCP 80, if you like.",
        ),
    })
}
