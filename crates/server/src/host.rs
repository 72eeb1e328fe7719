//! The `Host` and `Origin` of a request, read strictly: the one goes into a policy and a STUN address, on the other
//! hangs who may open a WebSocket.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A `Host` of valid syntax (RFC 9110, 7.2), in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    name: String,
    port: Option<u16>,
}

/// The longest host name in DNS (RFC 1035, 2.3.4).
const NAME_BYTES: usize = 253;

impl Host {
    /// The request's one `Host`; `None` when it is missing, repeated or no host.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(single(headers, HOST)?)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            // The colon belongs to an IPv6 address without port.
            Some((_, rest)) if rest.ends_with(']') => (text, None),
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        let port = match port {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
            None => None,
        };
        is_host(name).then(|| Self { name: name.to_ascii_lowercase(), port })
    }

    /// Without the port; an IPv6 address keeps its brackets, as in the host part of a `stun:` URI (RFC 7064).
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The port, if it is said.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether `origin` (RFC 6454, 6.2) is of the same host and port. Without TLS of our own both schemes count:
    /// behind a proxy that ends TLS and is not a trusted one, this server cannot know which one the browser used.
    pub(crate) fn is_origin(&self, origin: &str, is_https: bool) -> bool {
        let Some((scheme, rest)) = origin.split_once("://") else { return false };
        let default_port = match scheme {
            "http" if !is_https => 80,
            "https" => 443,
            _ => return false,
        };
        Self::parse(rest).is_some_and(|origin| {
            origin.name == self.name
                && origin.port.unwrap_or(default_port) == self.port.unwrap_or(default_port)
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The request's one `Origin`.
pub(crate) fn origin(headers: &HeaderMap) -> Option<&str> {
    single(headers, ORIGIN)
}

fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_host(name: &str) -> bool {
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // A last label of digits only makes it an IPv4 address, which then must be one (WHATWG URL, host parsing).
    let labels = name.strip_suffix('.').unwrap_or(name);
    let last_is_number =
        labels.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= NAME_BYTES
        && labels.split('.').all(is_label)
        && (!last_is_number || labels.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_strictly() {
        for (text, expected) in [
            ("localhost:8080", Some(("localhost", Some(8080)))),
            ("Call.Example.", Some(("call.example.", None))),
            ("192.0.2.1", Some(("192.0.2.1", None))),
            ("[2001:db8::1]:3478", Some(("[2001:db8::1]", Some(3478)))),
            ("[::1]", Some(("[::1]", None))),
            ("", None),
            (":80", None),
            ("host:", None),
            ("host:port", None),
            ("host:65536", None),
            ("host:+80", None),
            ("2001:db8::1", None),
            ("[2001:db8::1", None),
            ("[localhost]", None),
            ("user@host", None),
            ("host/path", None),
            ("a b", None),
            ("host;script-src *", None),
            ("192.0.2", None),
            ("1", None),
            ("bücher.example", None),
            ("a..b", None),
        ] {
            let host = Host::parse(text);
            assert_eq!(host.as_ref().map(|host| (host.name.as_str(), host.port)), expected, "{text:?}");
        }
    }

    #[test]
    fn only_the_same_host_and_port_is_the_same_origin() {
        for (host, origin, expected) in [
            ("localhost:8080", "http://localhost:8080", true),
            ("localhost:8080", "https://localhost:8080", true),
            ("call.example", "https://call.example", true),
            ("call.example:443", "https://call.example", true),
            ("CALL.example", "http://call.example", true),
            ("call.example", "https://call.example:80", false),
            ("call.example:80", "https://call.example", false),
            ("localhost:8080", "http://localhost", false),
            ("localhost:8080", "http://localhost:8081", false),
            ("localhost:8080", "http://localhost:8080.evil.example", false),
            ("call.example", "https://evil.example", false),
            ("call.example", "https://call.example.evil.example", false),
            ("call.example", "https://call.example/", false),
            ("call.example", "ftp://call.example", false),
            ("call.example", "call.example", false),
            ("call.example", "null", false),
            ("call.example", "", false),
        ] {
            let host = Host::parse(host).unwrap();
            assert_eq!(host.is_origin(origin, false), expected, "{host} {origin:?}");
            let is_https = origin.starts_with("https:");
            assert_eq!(host.is_origin(origin, true), expected && is_https, "over TLS: {host} {origin:?}");
        }
    }
}
