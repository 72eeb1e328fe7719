//! Who the client is when a reverse proxy stands between: `X-Forwarded-For`, `X-Forwarded-Proto`, `Forwarded`
//! (RFC 7239). Anybody can send these headers, so they are believed from the configured proxies only.

use http::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Proxies in a row that are looked at. A CDN, a load balancer and a proxy are three.
const HOPS: usize = 16;

/// The networks whose forwarding headers are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

/// Who asks, and how they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The nearest address that is no trusted proxy's.
    pub(crate) address: IpAddr,
    /// A trusted proxy says that it was asked over TLS.
    pub(crate) is_https: bool,
}

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Reads the headers of a request that came from `peer`.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        if !self.contains(peer) {
            return Client { address: peer, is_https: false };
        }
        let x_forwarded_for = hops(headers, &X_FORWARDED_FOR, |hop| parse_node(hop.trim()));
        let forwarded = hops(headers, &FORWARDED, |hop| parse_node(parameter(hop, "for")?));
        // A proxy sets one of the two, and may pass on the other just as the client has sent it. So where both are
        // there and disagree, neither is believed.
        let address = match (x_forwarded_for, forwarded) {
            (None, None) => peer,
            (Some(hops), None) | (None, Some(hops)) => self.nearest(peer, &hops),
            (Some(one), Some(other)) => {
                let (one, other) = (self.nearest(peer, &one), self.nearest(peer, &other));
                if one == other { one } else { peer }
            }
        };
        Client { address, is_https: is_https(headers) }
    }

    /// The first address that is no proxy of ours, seen from here; what lies behind it could be invented. `hops`
    /// begin with the nearest.
    fn nearest(&self, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut nearest = peer;
        for hop in hops {
            // "unknown" or nonsense: the proxy before it is all that is known.
            let Some(hop) = hop else { break };
            nearest = *hop;
            if !self.contains(nearest) {
                break;
            }
        }
        nearest
    }
}

/// The list of a header, which may be spread over several lines, the nearest hop first; `None` without the header.
fn hops<T>(
    headers: &HeaderMap,
    name: &HeaderName,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    if !headers.contains_key(name) {
        return None;
    }
    let lines: Vec<&str> =
        headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).take(HOPS).map(parse).collect();
    Some(hops)
}

/// What the nearest proxy says of the scheme.
fn is_https(headers: &HeaderMap) -> bool {
    let nearest = |name: &HeaderName, parse: fn(&str) -> Option<bool>| {
        hops(headers, name, parse)?.into_iter().next()?
    };
    let x_forwarded = nearest(&X_FORWARDED_PROTO, |scheme| Some(scheme.trim().eq_ignore_ascii_case("https")));
    x_forwarded
        .or_else(|| nearest(&FORWARDED, |hop| Some(parameter(hop, "proto")?.eq_ignore_ascii_case("https"))))
        .unwrap_or(false)
}

/// A parameter of one element of `Forwarded` (RFC 7239, 4). A comma or semicolon inside a quoted value would be
/// misread, but neither addresses nor schemes have one.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// An address, with or without a port (RFC 7239, 6); an IPv6 address with or without brackets.
fn parse_node(node: &str) -> Option<IpAddr> {
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    let address = node.parse::<IpAddr>().ok().or_else(bracketed);
    let address = address.or_else(|| node.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn proxies() -> TrustedProxies {
        let networks = ["127.0.0.1/32", "10.0.0.0/8", "2001:db8:1::/48"];
        TrustedProxies::new(networks.map(|network| network.parse().unwrap()).to_vec())
    }

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> (String, bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let client = proxies().client(peer.parse().unwrap(), &headers);
        (client.address.to_string(), client.is_https)
    }

    #[test]
    fn from_a_stranger_nothing_is_believed() {
        let lines = [
            ("x-forwarded-for", "198.51.100.1"),
            ("forwarded", "for=198.51.100.1;proto=https"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(client("192.0.2.9", &lines), ("192.0.2.9".to_owned(), false));
        assert_eq!(client("::1", &lines), ("::1".to_owned(), false));
    }

    #[test]
    fn the_nearest_hop_that_is_no_proxy_counts() {
        for (lines, expected) in [
            (&[("x-forwarded-for", "198.51.100.1")][..], "198.51.100.1"),
            // What the client itself has sent stands to the left.
            (&[("x-forwarded-for", "203.0.113.7, 198.51.100.1")], "198.51.100.1"),
            (&[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "198.51.100.1")], "198.51.100.1"),
            (&[("x-forwarded-for", "203.0.113.7, 198.51.100.1, 10.1.1.1")], "198.51.100.1"),
            (&[("x-forwarded-for", "198.51.100.1:4711,10.1.1.1:80")], "198.51.100.1"),
            (&[("x-forwarded-for", "2001:db8:2::5, 2001:db8:1::5")], "2001:db8:2::5"),
            (&[("x-forwarded-for", "[2001:db8:2::5]:99")], "2001:db8:2::5"),
            (&[("x-forwarded-for", "::ffff:198.51.100.1")], "198.51.100.1"),
            (&[("x-forwarded-for", "10.9.9.9, 10.1.1.1")], "10.9.9.9"),
            (&[("x-forwarded-for", "unknown")], "127.0.0.1"),
            (&[("x-forwarded-for", "198.51.100.1, nonsense, 10.1.1.1")], "10.1.1.1"),
            (&[("x-forwarded-for", "")], "127.0.0.1"),
            (&[("forwarded", "for=198.51.100.1;proto=http;by=10.1.1.1")], "198.51.100.1"),
            (&[("forwarded", "For=\"[2001:db8:2::5]:4711\"")], "2001:db8:2::5"),
            (&[("forwarded", "for=203.0.113.7, for=198.51.100.1")], "198.51.100.1"),
            (&[("forwarded", "for=_hidden, for=10.1.1.1")], "10.1.1.1"),
            (&[("forwarded", "proto=https")], "127.0.0.1"),
            (&[], "127.0.0.1"),
        ] {
            assert_eq!(client("127.0.0.1", lines).0, expected, "{lines:?}");
            assert_eq!(
                client("::ffff:127.0.0.1", lines).0.trim_start_matches("::ffff:"),
                expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn of_two_headers_that_disagree_neither_is_believed() {
        let (true_one, invented) = (("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=203.0.113.7"));
        assert_eq!(client("127.0.0.1", &[true_one, invented]).0, "127.0.0.1");
        assert_eq!(client("127.0.0.1", &[true_one, ("forwarded", "for=198.51.100.1")]).0, "198.51.100.1");
    }

    #[test]
    fn the_scheme_is_the_nearest_proxys_word() {
        for (lines, expected) in [
            (&[("x-forwarded-proto", "https")][..], true),
            (&[("x-forwarded-proto", "HTTPS")], true),
            (&[("x-forwarded-proto", "http, https")], true),
            (&[("x-forwarded-proto", "https, http")], false),
            (&[("x-forwarded-proto", "http")], false),
            (&[("forwarded", "for=198.51.100.1;proto=https")], true),
            (&[("forwarded", "proto=https, for=198.51.100.1;proto=http")], false),
            (&[("x-forwarded-proto", "http"), ("forwarded", "proto=https")], false),
            (&[], false),
        ] {
            assert_eq!(client("10.2.3.4", lines).1, expected, "{lines:?}");
        }
    }

    #[test]
    fn an_endless_list_is_not_walked() {
        let endless = "10.1.1.1, ".repeat(5000) + "10.1.1.1";
        let lines = [("x-forwarded-for", endless.as_str())];
        assert_eq!(client("127.0.0.1", &lines).0, "10.1.1.1");
    }
}
