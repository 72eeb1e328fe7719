//! The command line, understood and checked: nothing behind this checks it again.

use crate::ConnectionLimits;
use crate::arguments::{LimitArguments, ServeArguments};
use crate::host::Host;
use crate::relay::settings::RelaySettings;
use crate::state_directory::StateDirectory;
use crate::tls::settings::{CertificateSource, TlsSettings};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::limits::{self, Limits};
use eyeline_protocol::outer::{ICE_SERVERS, ICE_TEXT_BYTES, PEERS_IN_LIST, SEND_OVERHEAD_BYTES};
use eyeline_protocol::rate::Rate;
use eyeline_relay::{RelayLimits, SourceLimits};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a server runs. `Default` is what the command line's defaults give, except that no port is taken.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Where to serve HTTP. Port 0 takes a free one. With HTTPS, it only leads there.
    pub listen: Vec<SocketAddr>,
    /// HTTPS, if at all.
    pub tls: Option<TlsSettings>,
    /// Reverse proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where keys and certificates are kept; without one nothing survives a restart.
    pub state_directory: Option<PathBuf>,
    /// Where to answer STUN and to relay, if at all.
    pub stun_listen: Option<SocketAddr>,
    /// Where else to answer STUN. `None`: on the next port, if it is free.
    pub stun_second_listen: Option<SocketAddr>,
    /// The relay on those ports.
    pub relay: RelaySettings,
    /// The host of our STUN and relay as browsers reach it, if not the page's.
    pub stun_host: Option<String>,
    /// Other STUN servers to advertise.
    pub stun_servers: Vec<String>,
    /// Origins that may connect besides the server's own.
    pub allowed_origins: Vec<String>,
    /// Origins that may show the page in a frame.
    pub embedders: Vec<String>,
    /// Where to show counters.
    pub status_listen: Option<SocketAddr>,
    /// Of the signaling.
    pub limits: Limits,
    /// Of TCP.
    pub connection_limits: ConnectionLimits,
    /// What clients shall spread their return over when the server goes down.
    pub drain_spread: Milliseconds,
    /// How long the end may take.
    pub shutdown_deadline: Duration,
}

/// Why a configuration makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationError(String);

impl ConfigurationError {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigurationError {}

/// Servers in one `Welcome` that are ours: STUN, and the relay over UDP, TCP and TLS.
const OWN_ICE_SERVERS: usize = 4;

/// What a room may have relayed at least, per second: two voices of 40 kbit/s, each received once, with their headers.
const LEAST_RELAYED_BYTES: u32 = 20_000;

/// Where HTTP is served if nobody says: browsers give camera and microphone without HTTPS on this machine only.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The longest WebSocket message that may be configured: far above what the protocol needs.
const LONGEST_MESSAGE_BYTES: usize = 1024 * 1024;

impl Default for Configuration {
    fn default() -> Self {
        let localhost = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: vec![localhost],
            tls: None,
            trusted_proxies: Vec::new(),
            state_directory: None,
            stun_listen: Some(localhost),
            stun_second_listen: None,
            relay: RelaySettings::default(),
            stun_host: None,
            stun_servers: Vec::new(),
            allowed_origins: Vec::new(),
            embedders: Vec::new(),
            status_listen: None,
            limits: Limits::default(),
            connection_limits: ConnectionLimits::default(),
            drain_spread: Milliseconds::seconds(3),
            shutdown_deadline: Duration::from_millis(2800),
        }
    }
}

impl TryFrom<ServeArguments> for Configuration {
    type Error = ConfigurationError;

    fn try_from(arguments: ServeArguments) -> Result<Self, ConfigurationError> {
        let tls = TlsSettings::of(arguments.tls)?;
        let usual_http = tls.as_ref().map_or(DEFAULT_LISTEN, TlsSettings::usual_http);
        let usual_folder = arguments.state_directory.is_none().then(StateDirectory::usual).flatten();
        let state_directory = match (&arguments.state_directory, &usual_folder) {
            (Some(folder), _) => Some((folder.as_path(), true)),
            (None, usual) => usual.as_deref().map(|folder| (folder, false)),
        };
        let relay_limits = relay_limits_of(&arguments.limits);
        let relay = RelaySettings::of(arguments.relay, relay_limits, state_directory, !arguments.no_stun)?;
        let configuration = Self {
            relay,
            stun_second_listen: arguments.stun_second_listen,
            stun_listen: (!arguments.no_stun).then_some(arguments.stun_listen),
            listen: if arguments.listen.is_empty() { vec![usual_http] } else { arguments.listen },
            tls,
            trusted_proxies: arguments.trusted_proxy,
            state_directory: arguments.state_directory.or(usual_folder),
            stun_host: arguments.stun_host,
            stun_servers: arguments.stun,
            allowed_origins: arguments.allow_origin,
            embedders: arguments.embed_origin,
            status_listen: arguments.status_listen,
            limits: limits_of(&arguments.limits),
            connection_limits: connection_limits_of(&arguments.limits),
            ..Self::default()
        };
        configuration.check()?;
        Ok(configuration)
    }
}

fn limits_of(arguments: &LimitArguments) -> Limits {
    Limits {
        message_bytes: arguments.message_bytes,
        message_bytes_before_join: arguments.message_bytes_before_join,
        join_deadline: seconds(arguments.join_deadline),
        records_per_second: arguments.records_per_second,
        records_burst: arguments.records_burst,
        bytes_per_second: arguments.bytes_per_second,
        bytes_burst: arguments.bytes_burst,
        lobby_records_per_second: arguments.lobby_records_per_second,
        lobby_records_burst: arguments.lobby_records_burst,
        lobby_bytes_per_second: arguments.lobby_bytes_per_second,
        lobby_bytes_burst: arguments.lobby_bytes_burst,
        outgoing_queue_bytes: arguments.outgoing_queue_bytes,
        members_in_call: arguments.members_in_call,
        members_in_call_returning: arguments.members_in_call_returning,
        members_in_lobby: arguments.members_in_lobby,
        lobby_stay: seconds(arguments.lobby_stay),
        sockets_per_address: arguments.sockets_per_address,
        joins_per_minute: arguments.joins_per_minute,
        ping_after_silence: seconds(arguments.ping_after_silence),
        pong_deadline: seconds(arguments.pong_deadline),
    }
}

fn connection_limits_of(arguments: &LimitArguments) -> ConnectionLimits {
    ConnectionLimits {
        total: arguments.connections,
        per_address: arguments.connections_per_address,
        head_deadline: Duration::from_secs(arguments.head_deadline),
        ..ConnectionLimits::default()
    }
}

fn relay_limits_of(arguments: &LimitArguments) -> RelayLimits {
    let known = arguments.member_requests_per_second;
    let stranger = arguments.stun_requests_per_second;
    let strangers = arguments.stun_requests_per_second_total;
    let bytes = arguments.relay_bytes_per_second;
    RelayLimits {
        sources: SourceLimits {
            known: Rate::per_second(known, known.saturating_mul(15)),
            stranger: Rate::per_second(stranger, stranger.saturating_mul(10)),
            strangers: Rate::per_second(strangers, strangers.saturating_mul(2)),
            ..SourceLimits::default()
        },
        room_bytes: Rate::per_second(bytes, bytes.saturating_mul(2)),
        allocations_per_peer: arguments.relay_allocations_per_member,
        allocations_per_room: arguments.relay_allocations_per_room,
        allocations_per_source: arguments.relay_allocations_per_address,
        allocations: arguments.relay_allocations,
        ..RelayLimits::default()
    }
}

/// Above a day's worth of anything is as good as never, and is kept out of arithmetic.
fn seconds(seconds: u64) -> Milliseconds {
    Milliseconds::seconds(seconds.min(365 * 24 * 3600))
}

impl Configuration {
    fn check(&self) -> Result<(), ConfigurationError> {
        require(!self.listen.is_empty(), "--listen: an address is needed")?;
        let asks_authority =
            self.tls.as_ref().is_some_and(|tls| matches!(tls.certificate, CertificateSource::Acme(_)));
        require(
            !asks_authority || self.state_directory.is_some(),
            "--state-directory: needed with --domain, to keep the certificate in",
        )?;
        self.check_stun()?;
        self.check_origins()?;
        let is_private = self.status_listen.is_none_or(|address| address.ip().is_loopback());
        require(is_private, "--status-listen: only a loopback address, such as 127.0.0.1:9090")?;
        self.check_limits()
    }

    fn check_stun(&self) -> Result<(), ConfigurationError> {
        require(
            self.stun_listen.is_some() || self.stun_second_listen.is_none(),
            "--stun-second-listen: needs the first port, which --no-stun closes",
        )?;
        let bytes = self.relay.limits.room_bytes.amount;
        require(
            bytes >= LEAST_RELAYED_BYTES,
            format!("--relay-bytes-per-second: at least {LEAST_RELAYED_BYTES}, what two voices need"),
        )?;
        if let Some(host) = &self.stun_host {
            let is_host = Host::parse(host).is_some_and(|parsed| parsed.name() == host.to_ascii_lowercase());
            require(
                is_host,
                format!("--stun-host {host}: not a host name or address (IPv6 in brackets, no port)"),
            )?;
        }
        let others = ICE_SERVERS - OWN_ICE_SERVERS;
        require(self.stun_servers.len() <= others, format!("--stun: at most {others} servers"))?;
        for url in &self.stun_servers {
            let host = url.strip_prefix("stun:").or_else(|| url.strip_prefix("stuns:"));
            let is_url = url.len() <= ICE_TEXT_BYTES && host.is_some_and(|host| Host::parse(host).is_some());
            require(is_url, format!("--stun {url}: not of the form stun:HOST:PORT (RFC 7064)"))?;
        }
        Ok(())
    }

    fn check_origins(&self) -> Result<(), ConfigurationError> {
        let allowed = self.allowed_origins.iter().map(|origin| ("--allow-origin", origin));
        let embedders = self.embedders.iter().map(|origin| ("--embed-origin", origin));
        for (flag, origin) in allowed.chain(embedders) {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            // What is a host holds nothing that could end a directive of the policy.
            let is_origin = host.is_some_and(|host| Host::parse(host).is_some());
            require(is_origin, format!("{flag} {origin}: not of the form https://HOST, without a path"))?;
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), ConfigurationError> {
        let Limits {
            message_bytes,
            message_bytes_before_join,
            outgoing_queue_bytes,
            members_in_call,
            members_in_call_returning,
            members_in_lobby,
            sockets_per_address,
            ..
        } = self.limits;
        let longest_record = limits::SEALED_BYTES + SEND_OVERHEAD_BYTES;
        require(
            (longest_record..=LONGEST_MESSAGE_BYTES).contains(&message_bytes),
            format!("--message-bytes: from {longest_record} (the longest record) to {LONGEST_MESSAGE_BYTES}"),
        )?;
        require(
            (2048..=message_bytes).contains(&message_bytes_before_join),
            "--message-bytes-before-join: from 2048 (the longest join) to --message-bytes",
        )?;
        require(
            outgoing_queue_bytes >= message_bytes,
            "--outgoing-queue-bytes: not less than --message-bytes",
        )?;
        require(members_in_call >= 2, "--members-in-call: at least 2")?;
        require(
            members_in_call_returning >= members_in_call,
            "--members-in-call-returning: not less than --members-in-call",
        )?;
        require(members_in_lobby >= 1, "--members-in-lobby: at least 1")?;
        require(
            members_in_call_returning + members_in_lobby <= PEERS_IN_LIST,
            format!("--members-in-call-returning and --members-in-lobby: together at most {PEERS_IN_LIST}"),
        )?;
        require(sockets_per_address >= 1, "--sockets-per-address: at least 1")?;
        let are_bursts_useful = [
            (self.limits.records_burst, 1),
            (self.limits.lobby_records_burst, 1),
            (self.limits.bytes_burst, longest_record),
            (self.limits.lobby_bytes_burst, longest_record),
        ]
        .into_iter()
        .all(|(burst, least)| usize::try_from(burst).is_ok_and(|burst| burst >= least));
        require(are_bursts_useful, format!("a burst must let one record of {longest_record} bytes pass"))
    }
}

pub(crate) fn require(holds: bool, otherwise: impl Into<String>) -> Result<(), ConfigurationError> {
    if holds { Ok(()) } else { Err(ConfigurationError(otherwise.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use crate::relay::key::KeyPlace;
    use crate::relay::settings::RelayMode;
    use clap::{CommandFactory, Parser};

    fn parse(arguments: &[&str]) -> Result<Configuration, ConfigurationError> {
        let arguments = ["eyeline"].iter().chain(arguments);
        Arguments::try_parse_from(arguments).unwrap().serve.try_into()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_flags_every_limit_is_the_documented_default() {
        let configuration = parse(&[]).unwrap();
        assert_eq!(configuration.limits, Limits::default());
        assert_eq!(configuration.connection_limits, ConnectionLimits::default());
        assert_eq!(configuration.relay.limits, RelayLimits::default());
        assert_eq!(configuration.relay.mode, RelayMode::Closed);
        assert_eq!(configuration.relay.credential_lifetime, RelaySettings::default().credential_lifetime);
        assert_eq!(configuration.listen, ["127.0.0.1:8080".parse().unwrap()]);
        assert_eq!(configuration.tls, None);
        assert_eq!(configuration.trusted_proxies, []);
        assert_eq!(configuration.stun_listen, Some("[::]:3478".parse().unwrap()));
    }

    #[test]
    fn every_flag_has_an_environment_variable_of_its_own_name() {
        for argument in Arguments::command().get_arguments() {
            let Some(flag) = argument.get_long().filter(|flag| !["help", "version"].contains(flag)) else {
                continue;
            };
            let expected = format!("EYELINE_{}", flag.to_uppercase().replace('-', "_"));
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(&*expected), "--{flag}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_name_of_its_flag() {
        for (arguments, flag) in [
            (&["--stun", "turn:example.org"][..], "--stun"),
            (&["--stun", "stun:example.org/path"], "--stun"),
            (&["--stun-host", "example.org:3478"], "--stun-host"),
            (&["--allow-origin", "https://example.org/"], "--allow-origin"),
            (&["--allow-origin", "*"], "--allow-origin"),
            (&["--embed-origin", "*"], "--embed-origin"),
            (&["--embed-origin", "https://example.org/page"], "--embed-origin"),
            (&["--embed-origin", "https://example.org; script-src *"], "--embed-origin"),
            (&["--status-listen", "0.0.0.0:9090"], "--status-listen"),
            (&["--message-bytes", "100"], "--message-bytes"),
            (&["--message-bytes-before-join", "100000"], "--message-bytes-before-join"),
            (&["--outgoing-queue-bytes", "1"], "--outgoing-queue-bytes"),
            (&["--members-in-call", "1"], "--members-in-call"),
            (&["--members-in-call", "17"], "--members-in-call-returning"),
            (&["--members-in-lobby", "60"], "--members-in-lobby"),
            (&["--bytes-burst", "1"], "burst"),
            (&["--relay", "open", "--no-stun"], "--relay"),
            (&["--stun-second-listen", "[::]:3479", "--no-stun"], "--stun-second-listen"),
            (&["--relay-allow", "10.0.0.0/8"], "--relay-allow"),
            (&["--relay", "closed", "--relay-ports", "5000-6000"], "--relay-ports"),
            (&["--public-address", "0.0.0.0"], "--public-address"),
            (&["--public-address", "192.0.2.1", "--public-address", "192.0.2.2"], "--public-address"),
            (&["--relay-credential-lifetime", "10"], "--relay-credential-lifetime"),
            (&["--relay-credential-lifetime", "3600"], "--relay-credential-lifetime"),
            (&["--relay-bytes-per-second", "1000"], "--relay-bytes-per-second"),
            (&["--stun", "stun:a,stun:b,stun:c,stun:d,stun:e"], "--stun"),
        ] {
            let error = parse(arguments).expect_err(flag);
            assert!(error.to_string().contains(flag), "{arguments:?}: {error}");
        }
    }

    #[test]
    fn the_relay_is_closed_open_or_off() {
        assert_eq!(parse(&["--no-stun"]).unwrap().relay.mode, RelayMode::Off);
        assert_eq!(parse(&["--relay", "off"]).unwrap().relay.mode, RelayMode::Off);
        let open = parse(&["--relay", "open"]).unwrap().relay.mode;
        assert_eq!(open, RelayMode::Open { ports: 49152..=65535, allowed: Vec::new() });
        let flags = "--relay open --relay-ports 2000-2000 --relay-allow 10.0.0.0/8,192.0.2.1 --public-address \
            192.0.2.1 --public-address 2001:db8::1 --relay-key-file key --state-directory state";
        let relay = parse(&flags.split_whitespace().collect::<Vec<_>>()).unwrap().relay;
        let allowed = ["10.0.0.0/8", "192.0.2.1/32"].map(|network| network.parse().unwrap()).to_vec();
        assert_eq!(relay.mode, RelayMode::Open { ports: 2000..=2000, allowed });
        assert_eq!(relay.public_addresses.len(), 2);
        assert_eq!(relay.key, KeyPlace::File("key".into()));
    }

    #[test]
    fn the_relays_key_is_in_the_state_directory() {
        let relay = parse(&["--state-directory", "/state"]).unwrap().relay;
        assert_eq!(relay.key, KeyPlace::File("/state/relay-key".into()));
        // Where nobody has asked for it, a server starts without it too.
        assert!(!matches!(parse(&[]).unwrap().relay.key, KeyPlace::File(_)));
    }

    #[test]
    fn sense_is_accepted() {
        let flags = "--listen 127.0.0.1:0 --listen [::1]:0 --stun-host [2001:db8::1] --stun stun:[::1]:3478 \
            --stun stun:stun.example.org --allow-origin https://example.org:8443 --no-stun --lobby-stay 5";
        let flags = format!("{flags} --trusted-proxy 10.0.0.0/8,192.0.2.1 --trusted-proxy 2001:db8::/32");
        let configuration = parse(&flags.split_whitespace().collect::<Vec<_>>()).unwrap();
        let networks: Vec<_> = configuration.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]);
        assert_eq!(configuration.listen.len(), 2);
        assert_eq!(configuration.stun_listen, None);
        assert_eq!(configuration.limits.lobby_stay, Milliseconds::seconds(5));
    }
}
