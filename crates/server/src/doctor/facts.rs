//! What was seen, without a judgement. Everything in [`Facts`] may be shown to anybody: no key, no credential and no
//! room stands in it.

use serde::Serialize;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// All that one examination has seen.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Facts {
    /// What was examined.
    pub(crate) target: Target,
    /// Whether this machine is the server, as far as can be told.
    pub(crate) on_server: bool,
    /// The doctor's version.
    pub(crate) version: &'static str,
    /// The addresses behind the name, or what the resolver said.
    pub(crate) names: Result<Vec<IpAddr>, String>,
    /// Each address, as a browser meets it.
    pub(crate) fronts: Vec<Front>,
    /// Whether plain HTTP at port 80 leads to HTTPS; not asked for a target of plain HTTP.
    pub(crate) redirect: Option<Redirect>,
    /// What the server told a visitor who joined; none if nobody could join.
    pub(crate) welcome: Option<WelcomeFacts>,
    /// STUN, each URL at each address.
    pub(crate) stun: Vec<StunProbe>,
    /// The relay, each transport at each address.
    pub(crate) relay: Vec<RelayProbe>,
    /// What the relay refuses, and whether it does; empty if there is no relay to ask.
    pub(crate) refusals: Vec<Refusal>,
    /// This machine, if it is the server.
    pub(crate) machine: Option<Machine>,
}

/// The server's address as people type it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    /// HTTPS or plain HTTP.
    pub(crate) secure: bool,
    /// A name, or an address without brackets.
    pub(crate) host: String,
    /// The port of the page.
    pub(crate) port: u16,
}

impl Target {
    /// The host as it stands in a URL.
    pub(crate) fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }

    /// The host, and the port if it is not the scheme's own: the `Host` of a request.
    pub(crate) fn authority(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { self.bracketed() } else { format!("{}:{}", self.bracketed(), self.port) }
    }

    /// Whether it means, on every machine, that machine itself.
    pub(crate) fn is_this_machine(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
    }
}

/// The origin (RFC 6454).
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority())
    }
}

/// How a try to reach an address ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Reach {
    /// It answered.
    Open,
    /// It said that nothing listens.
    Refused,
    /// Nothing came back.
    Silent,
    /// This machine has no way to such an address, often because it has no IPv6.
    NoRoute,
    /// Something else, in the system's words.
    Failed(String),
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Silent => "no answer",
            Self::NoRoute => "no way there",
            Self::Failed(error) => error,
        })
    }
}

/// One address of the server at the page's port.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    /// The TCP connection.
    pub(crate) reach: Reach,
    /// The certificate; none without TLS.
    pub(crate) certificate: Option<Certificate>,
    /// Why there was no TLS, in words.
    pub(crate) tls_error: Option<String>,
    /// The answer to `GET /healthz`.
    pub(crate) health: Option<Result<Health, String>>,
    /// Whether a visitor could join here.
    pub(crate) joined: Option<Result<(), JoinFailure>>,
}

/// The certificate that was shown.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Certificate {
    /// What browsers will think of it.
    pub(crate) verdict: Verdict,
    /// Certificates in what the server sent, its own included.
    pub(crate) chain_length: usize,
    /// Whether it is signed with its own key.
    pub(crate) self_signed: bool,
    pub(crate) issuer: String,
    /// The names and addresses it is for.
    pub(crate) names: Vec<String>,
    /// Days from now to its end; negative after it.
    pub(crate) days_left: i64,
}

/// What a verifier with this machine's list of certificate authorities said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) enum Verdict {
    #[default]
    Trusted,
    Expired,
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// No chain to a known authority.
    Unknown,
    /// This machine has no list of authorities.
    NotChecked,
    /// Anything else, in the verifier's words.
    Other(String),
}

/// The answer to `GET /healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Health {
    pub(crate) status: u16,
    /// Whether the body is Eyeline's.
    pub(crate) is_eyeline: bool,
    /// `Server`, which proxies like to set.
    pub(crate) server: Option<String>,
    /// The server's clock less ours, in seconds, from `Date`; none if there is no readable `Date`.
    pub(crate) clock_ahead: Option<i64>,
}

/// Why nobody could join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum JoinFailure {
    /// The request for a WebSocket was answered with this status of HTTP.
    NoUpgrade(u16),
    /// The WebSocket was closed with this code before the welcome.
    Closed(u16),
    /// Nothing came in time.
    Silent,
    /// Something else, in words.
    Failed(String),
}

/// What port 80 answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Redirect {
    /// To the page's HTTPS.
    ToTarget,
    /// Somewhere else: status and `Location`.
    Other { status: u16, location: Option<String> },
    /// Port 80 could not be asked.
    Unreachable(Reach),
}

/// The welcome, without credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct WelcomeFacts {
    /// The server's version.
    pub(crate) build: String,
    /// Every URL of an ICE server.
    pub(crate) ice_urls: Vec<String>,
    /// The second STUN port's URL; empty if there is none.
    pub(crate) mapping_check: String,
    /// Seconds from our clock's now to the relay credential's end; none without a relay.
    pub(crate) credential_seconds_left: Option<i64>,
}

/// One STUN server at one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct StunProbe {
    pub(crate) url: String,
    pub(crate) server: SocketAddr,
    /// The address it saw us with.
    pub(crate) mapped: Result<SocketAddr, Reach>,
    /// Whether it is this server's second port, which only tells NATs apart.
    pub(crate) second: bool,
}

/// How a browser talks to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Transport {
    Udp,
    Tcp,
    Tls,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}

/// A whole relayed exchange between two allocations of one room, over one transport at one address.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RelayProbe {
    pub(crate) url: String,
    pub(crate) transport: Transport,
    pub(crate) server: SocketAddr,
    pub(crate) outcome: Result<Relayed, RelayFailure>,
}

/// A relayed exchange that worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Relayed {
    /// The relayed address of the first allocation.
    pub(crate) relayed: SocketAddr,
    /// How the relay saw us.
    pub(crate) mapped: SocketAddr,
    /// From sending to the echo, in milliseconds.
    pub(crate) echo_milliseconds: u64,
}

/// Where it failed, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RelayFailure {
    pub(crate) step: RelayStep,
    pub(crate) reason: RelayReason,
}

/// The steps of an exchange, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum RelayStep {
    /// The connection, TLS included.
    Connect,
    /// The first Allocate, which must be answered with 401 and a nonce.
    Challenge,
    /// The Allocate with a credential.
    Allocate,
    /// CreatePermission for the other allocation.
    Permission,
    /// ChannelBind.
    Channel,
    /// A datagram there and back.
    Echo,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum RelayReason {
    /// The address was not reached.
    Reach(Reach),
    /// An error response (RFC 8656, 19).
    Code(u16),
    /// An answer that makes no sense, in words.
    Nonsense(String),
}

impl fmt::Display for RelayReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reach(reach) => reach.fmt(f),
            Self::Code(code) => write!(f, "error {code}"),
            Self::Nonsense(words) => f.write_str(words),
        }
    }
}

/// Something a relay must refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    pub(crate) of: Refused,
    /// The error code it was refused with; `Ok` if it was not refused; `Err` if no answer came.
    pub(crate) code: Result<Option<u16>, Reach>,
}

/// What must be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Refused {
    /// A permission for an address inside the server's network or machine.
    Inside(IpAddr),
    /// A permission for a public address that is not the relay: refused only by a closed relay.
    Outside(IpAddr),
    /// A credential with a wrong password.
    WrongPassword,
    /// A credential that was right an hour ago. Asked only where the relay's key can be read.
    Expired,
}

/// The server's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Machine {
    /// Which addresses of the name, and which that the relay gives out, this machine has itself.
    pub(crate) own: Vec<IpAddr>,
    /// Those of `--public-address`.
    pub(crate) public_addresses: Vec<IpAddr>,
    /// The addresses that packets to the internet leave with (IPv4, IPv6).
    pub(crate) source: Vec<IpAddr>,
    /// How an outside STUN server (`--stun`) saw this machine.
    pub(crate) observed: Vec<IpAddr>,
    /// Whether this is inside a container.
    pub(crate) container: bool,
    /// Ports that something listens on; none where the system does not tell.
    pub(crate) listening: Option<Listening>,
    /// Ports that Eyeline should listen on.
    pub(crate) wanted: Vec<Port>,
    /// The limit of open files of the running server, and the connections it may have.
    pub(crate) files: Option<Files>,
    /// `net.core.rmem_max`, in bytes.
    pub(crate) receive_buffer_most: Option<u64>,
    /// Datagrams that came and that were thrown away for want of buffer, since the machine's start.
    pub(crate) datagrams: Option<Datagrams>,
    /// Connections that the firewall remembers, and how many it can.
    pub(crate) connection_tracking: Option<(u64, u64)>,
    /// Files of the configuration that cannot be read: which and why.
    pub(crate) unreadable: Vec<(String, String)>,
    /// Whether a visitor who joined by the public address and one who joined by this machine's own listener met.
    pub(crate) same_server: Option<bool>,
    /// `--relay-ports` of an open relay.
    pub(crate) relay_ports: Option<(u16, u16)>,
}

/// A port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) udp: bool,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.udp { "UDP" } else { "TCP" }, self.number)
    }
}

/// Ports that are listened on, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Listening(pub(crate) Vec<Port>);

/// Open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Files {
    pub(crate) limit: u64,
    pub(crate) connections: u64,
}

/// Datagrams since the start of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Datagrams {
    pub(crate) received: u64,
    pub(crate) lost_for_want_of_buffer: u64,
}
