//! Who reaches whom: what theory says of two homes, and what a call between them shows.

use crate::browser::Options;
use crate::checks;
use crate::media;
use crate::person::{Person, Statistics};
use crate::until;
use anyhow::{Result, bail, ensure};
use eyeline_netlab::Kind;
use eyeline_netlab::kind::{Filtering, Mapping, Passes};
use std::fmt;
use std::time::Duration;

/// The kinds of the NAT matrix.
pub const KINDS: [Kind; 8] = [
    Kind::Open,
    Kind::Cone,
    Kind::PortRestricted,
    Kind::Symmetric,
    Kind::Double,
    Kind::UdpBlocked,
    Kind::Only443,
    Kind::Ipv6Only,
];

/// How somebody reaches the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// UDP to port 3478.
    Udp,
    /// TCP to port 3478.
    Tcp,
    /// TLS to port 443.
    Tls,
}

/// How media travel between two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// From browser to browser.
    Direct,
    /// By the relay: how the first and the second reach it.
    Relayed(Transport, Transport),
}

/// What theory says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The best path there is.
    pub path: Path,
    /// Why.
    pub reason: &'static str,
}

/// The best path between two homes. Direct wherever theory allows it; else by the relay, over the first transport of
/// UDP, TCP, TLS that gets out.
pub fn expected(first: Kind, second: Kind) -> Expected {
    let (one, other) = (first.behaviour(), second.behaviour());
    let relayed = Path::Relayed(transport(first), transport(second));
    let because = |path, reason| Expected { path, reason };
    if one.ipv6 != other.ipv6 {
        return because(relayed, "one has only IPv4 and the other only IPv6");
    }
    if one.passes != Passes::Everything || other.passes != Passes::Everything {
        // ICE over TCP (RFC 6544) needs one end that accepts connections: browsers only make them.
        return because(relayed, "direct paths of browsers are UDP, and one lets no UDP out");
    }
    let changes = |mapping| mapping == Mapping::AddressAndPortDependent;
    let minds_ports = |filtering| filtering == Filtering::AddressAndPortDependent;
    if changes(one.mapping) && minds_ports(other.filtering)
        || changes(other.mapping) && minds_ports(one.filtering)
    {
        // The one will send from a port that nobody knows yet; the other lets in only ports it has sent to.
        return because(relayed, "one sends from a port that the other cannot know and does not let in");
    }
    if changes(one.mapping) || changes(other.mapping) {
        return because(Path::Direct, "one sends from an unknown port, and the other lets it in");
    }
    because(Path::Direct, "both keep their port, and what one sends lets the other's answer in")
}

fn transport(kind: Kind) -> Transport {
    match kind.behaviour().passes {
        Passes::Everything => Transport::Udp,
        Passes::NoUdp => Transport::Tcp,
        Passes::OnlyTcp443 => Transport::Tls,
    }
}

/// What a call showed.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// The path of the selected candidate pairs.
    pub path: Path,
    /// From the second's click on Join to their first decoded picture of the first.
    pub first_picture: Duration,
}

/// A small browser for somebody in such a call.
pub fn options(kind: crate::Kind, who: u32) -> Options {
    let mut options = Options::of(kind, who).camera(media::TINY).preload(include_str!("page/stopwatch.js"));
    options.window = (640, 480);
    options
}

/// A call between two people at `page`; both leave it again. Fails unless both see and hear each other, and unless the
/// path becomes the expected one.
pub async fn call(first: &Person, second: &Person, page: &str, expected: Expected) -> Result<Measured> {
    first.calls(&[second], page).await?;
    first.sees(&[second]).await?;
    second.sees(&[first]).await?;
    let mut first_picture = Duration::ZERO;
    for person in [first, second] {
        first_picture = person.until("a picture", async || time_to_first_picture(person).await).await?;
    }
    // A call may begin relayed and find its direct path later.
    let found = until("the path is the expected one", PATIENCE, async || {
        Ok(path(first, second).await?.filter(|path| *path == expected.path))
    })
    .await;
    let path = match found {
        Ok(path) => path,
        Err(error) => {
            let path = path(first, second).await?;
            let found = path.map_or("none, or not the same at both ends".to_owned(), |path| path.to_string());
            return Err(error.context(format!(
                "the path should be {}, since {}; it is {found}",
                expected.path, expected.reason
            )));
        }
    };
    let word = if path == Path::Direct { "direct" } else { "relayed" };
    for person in [first, second] {
        checks::decodes_new_pictures(person).await?;
        checks::hears(person).await?;
        person
            .until(&format!("the page to say {word}"), async || {
                Ok((person.other().await?.path == word).then_some(()))
            })
            .await?;
    }
    for person in [first, second] {
        person.click("leave").await?;
        // Takes everything of the call with it, so that the next one starts afresh.
        person.open("about:blank").await?;
    }
    Ok(Measured { path, first_picture })
}

/// How long a direct path may take to be found while the call is relayed already.
const PATIENCE: Duration = Duration::from_secs(30);

async fn time_to_first_picture(person: &Person) -> Result<Option<Duration>> {
    let milliseconds: Option<f64> =
        person.evaluate("stopwatch.decoded && stopwatch.decoded - stopwatch.joined").await?;
    Ok(milliseconds.map(|milliseconds| Duration::from_secs_f64(milliseconds / 1000.0)))
}

/// The path between two people, as both their browsers tell it; `None`: they do not agree (yet).
pub async fn path(first: &Person, second: &Person) -> Result<Option<Path>> {
    let (one, other) = (connection(first).await?, connection(second).await?);
    let (Some(one), Some(other)) = (one, other) else { return Ok(None) };
    let relayed = |end: &Statistics| end.local == "relay" || end.remote == "relay";
    if !relayed(&one) && !relayed(&other) {
        ensure!(one.protocol == "udp" && other.protocol == "udp", "direct over {}", one.protocol);
        return Ok(Some(Path::Direct));
    }
    // The relay lets only its own clients talk to each other: both ends are relayed, or neither.
    if one.local != "relay" || other.local != "relay" {
        return Ok(None);
    }
    Ok(Some(Path::Relayed(transport_of(&one)?, transport_of(&other)?)))
}

/// The one connection that is connected.
async fn connection(person: &Person) -> Result<Option<Statistics>> {
    let connections = person.statistics().await?;
    Ok(connections
        .into_iter()
        .find(|connection| connection.state == "connected" && !connection.local.is_empty()))
}

fn transport_of(end: &Statistics) -> Result<Transport> {
    Ok(match end.relay_protocol.as_str() {
        "udp" => Transport::Udp,
        "tcp" => Transport::Tcp,
        "tls" => Transport::Tls,
        other => bail!("the browser reaches its relay {} over {other:?}", end.relay_url),
    })
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => formatter.write_str("direct"),
            Self::Relayed(first, second) if first == second => write!(formatter, "relayed {first}"),
            Self::Relayed(first, second) => write!(formatter, "relayed {first}–{second}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expectation_is_the_same_from_both_ends() {
        for first in Kind::ALL {
            for second in Kind::ALL {
                let (there, back) = (expected(first, second), expected(second, first));
                let swapped = match there.path {
                    Path::Direct => Path::Direct,
                    Path::Relayed(one, other) => Path::Relayed(other, one),
                };
                assert_eq!(swapped, back.path, "{first} and {second}");
                assert_eq!(there.reason, back.reason);
            }
        }
    }

    #[test]
    fn the_telling_pairs_are_what_books_say() {
        let (udp, tcp, tls) = (Transport::Udp, Transport::Tcp, Transport::Tls);
        for (first, second, path) in [
            (Kind::Open, Kind::Symmetric, Path::Direct),
            (Kind::Cone, Kind::Symmetric, Path::Direct),
            (Kind::AddressRestricted, Kind::Symmetric, Path::Direct),
            (Kind::PortRestricted, Kind::PortRestricted, Path::Direct),
            (Kind::PortRestricted, Kind::Double, Path::Direct),
            (Kind::PortRestricted, Kind::Symmetric, Path::Relayed(udp, udp)),
            (Kind::Symmetric, Kind::Symmetric, Path::Relayed(udp, udp)),
            (Kind::Double, Kind::Symmetric, Path::Relayed(udp, udp)),
            (Kind::Ipv6Only, Kind::Ipv6Only, Path::Direct),
            (Kind::Ipv6Only, Kind::Open, Path::Relayed(udp, udp)),
            (Kind::UdpBlocked, Kind::Open, Path::Relayed(tcp, udp)),
            (Kind::Only443, Kind::UdpBlocked, Path::Relayed(tls, tcp)),
        ] {
            assert_eq!(expected(first, second).path, path, "{first} and {second}");
        }
    }

    #[test]
    fn of_the_64_pairs_of_the_matrix_21_are_direct() {
        let pairs = KINDS.iter().flat_map(|first| KINDS.iter().map(|second| expected(*first, *second)));
        let direct = pairs.filter(|expected| expected.path == Path::Direct).count();
        // 5×5 of the kinds with IPv4 and UDP, less symmetric with itself and both ways with port-restricted and double,
        // and the pair of IPv6-only homes.
        assert_eq!(direct, 25 - 5 + 1);
    }
}
