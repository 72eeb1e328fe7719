//! The command line as it is typed. What it means, and whether it makes sense, is [`crate::configuration`]'s.

use clap::{Args, Parser, Subcommand, ValueEnum};
use eyeline_protocol::limits::Limits;
use eyeline_relay::{RelayLimits, SourceLimits};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Video calls straight from one browser to another. Without a command: serve.
#[derive(Debug, Parser)]
#[command(name = "eyeline", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of `serve`, which is what happens without a command.
    #[command(flatten)]
    pub serve: ServeArguments,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page, the signaling, STUN and the relay (the default).
    Serve(Box<ServeArguments>),
    /// Print a fresh link fragment (#1…), to be put behind the server's address.
    Link,
    /// Examine a server as a visitor's browser meets it, and this machine if it is the server.
    ///
    /// Says what was seen, what it means for calls, and what to do. Ends with 0 if there is no problem, with 1 if
    /// there is one, with 2 if nothing could be examined.
    Doctor(Box<DoctorArguments>),
    /// Print a username and a password for a server's relay, good for minutes: for looking at it, from outside or in.
    RelayCredential(RelayCredentialArguments),
}

/// What to examine.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The server's address, as people open it: https://call.example.org. Without it: what `serve` would serve with
    /// the same flags and environment on this machine.
    #[arg(value_name = "SERVER")]
    pub server: Option<String>,

    /// Print a report for programs.
    #[arg(long)]
    pub json: bool,

    /// The flags of `serve`.
    #[command(flatten)]
    pub serve: ServeArguments,
}

/// For whom to make a credential, and from which key.
#[derive(Debug, Args)]
pub struct RelayCredentialArguments {
    /// The file with the relay's key [default: relay-key in --state-directory]
    #[arg(long, env = "EYELINE_RELAY_KEY_FILE", value_name = "FILE")]
    pub relay_key_file: Option<PathBuf>,

    /// The server's folder for keys [default: as for serve]
    #[arg(long, env = "EYELINE_STATE_DIRECTORY", value_name = "FOLDER")]
    pub state_directory: Option<PathBuf>,

    /// Any text. A closed relay lets two meet only if they were given the same; it is never the room of a call.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub room: String,

    /// Seconds that the credential is good for, 3000 at most.
    #[arg(long, value_name = "SECONDS", default_value_t = eyeline_relay::credential::DEFAULT_LIFETIME_SECONDS)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3000))]
    pub lifetime: u64,
}

/// How to serve. Every flag can be given as the environment variable that is named with it.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Where to serve the page and the signaling, over HTTP. Again for more than one. With HTTPS: where to lead people
    /// to it [default: 127.0.0.1:8080; with HTTPS [::]:80, with --self-signed [::]:8080]
    #[arg(long, env = "EYELINE_LISTEN", value_name = "ADDRESS", value_delimiter = ',')]
    pub listen: Vec<SocketAddr>,

    /// A network of reverse proxies, as 192.0.2.0/24 or an address, whose X-Forwarded-For, X-Forwarded-Proto and
    /// Forwarded headers are believed. Nobody else's are. Again for more than one.
    #[arg(long, env = "EYELINE_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub trusted_proxy: Vec<IpNet>,

    /// Where to keep keys and certificates [default: what systemd gives, /var/lib/eyeline for root, else
    /// ~/.local/state/eyeline]
    #[arg(long, env = "EYELINE_STATE_DIRECTORY", value_name = "FOLDER")]
    pub state_directory: Option<PathBuf>,

    /// Draw the page's address as a QR code in any case. By itself that happens in a terminal, if a phone could open
    /// the address and hold a call.
    #[arg(long, env = "EYELINE_QR")]
    pub qr: bool,

    /// Where to answer STUN, over UDP, and to relay, over UDP and TCP. [::] means IPv4 too.
    #[arg(long, env = "EYELINE_STUN_LISTEN", value_name = "ADDRESS", default_value = "[::]:3478")]
    pub stun_listen: SocketAddr,

    /// Where to answer STUN as well, so that a browser can tell what its router does to ports [default: the next port
    /// of --stun-listen, if it is free]
    #[arg(long, env = "EYELINE_STUN_SECOND_LISTEN", value_name = "ADDRESS")]
    pub stun_second_listen: Option<SocketAddr>,

    /// Do not answer STUN, and do not relay. Without any other STUN server (--stun), people behind different routers will not find
    /// each other.
    #[arg(long, env = "EYELINE_NO_STUN")]
    pub no_stun: bool,

    /// The host under which browsers reach this server's STUN and relay, if not the one in the page's address.
    #[arg(long, env = "EYELINE_STUN_HOST", value_name = "HOST")]
    pub stun_host: Option<String>,

    /// Another STUN server to tell browsers about, as stun:HOST:PORT. Again for more than one.
    #[arg(long, env = "EYELINE_STUN", value_name = "URL", value_delimiter = ',')]
    pub stun: Vec<String>,

    /// A web origin that may connect besides the server's own, as https://HOST. Again for more than one.
    #[arg(long, env = "EYELINE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<String>,

    /// A web origin whose pages may show this one in a frame, as https://HOST. Again for more than one. Nobody else's may.
    /// The frame must hand on what a call needs: allow="camera; microphone; display-capture; autoplay; fullscreen;
    /// clipboard-write".
    #[arg(long, env = "EYELINE_EMBED_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub embed_origin: Vec<String>,

    /// Where to show counters as plain text; a loopback address. Off by default.
    #[arg(long, env = "EYELINE_STATUS_LISTEN", value_name = "ADDRESS")]
    pub status_listen: Option<SocketAddr>,

    /// How much to log, on standard error: off, error, warn, info, debug or trace.
    #[arg(long, env = "EYELINE_LOG", value_name = "LEVEL", default_value = "info")]
    pub log: tracing_subscriber::filter::LevelFilter,

    /// The relay. Behind the others, since its heading goes on to the next one.
    #[command(flatten)]
    pub relay: RelayArguments,

    /// HTTPS.
    #[command(flatten)]
    pub tls: TlsArguments,

    /// Limits.
    #[command(flatten)]
    pub limits: LimitArguments,
}

/// HTTPS, without which browsers give neither camera nor microphone, except on localhost.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
pub struct TlsArguments {
    /// A host name of this server, for which a certificate is got and renewed by ACME. The name must point here, and the
    /// ports 443 and 80 must be open. Again for more than one. With this you agree to the authority's terms.
    #[arg(long, env = "EYELINE_DOMAIN", value_name = "NAME", value_delimiter = ',')]
    pub domain: Vec<String>,

    /// The authority's ACME directory [default: Let's Encrypt]. For trials, since Let's Encrypt limits how often one may
    /// ask: https://acme-staging-v02.api.letsencrypt.org/directory (browsers do not trust its certificates)
    #[arg(long, env = "EYELINE_ACME_DIRECTORY", value_name = "URL")]
    pub acme_directory: Option<String>,

    /// Where the authority may write to about the certificate.
    #[arg(long, env = "EYELINE_ACME_EMAIL", value_name = "ADDRESS")]
    pub acme_email: Option<String>,

    /// A PEM file with a root certificate, for an authority that the system does not know.
    #[arg(long, env = "EYELINE_ACME_CA_FILE", value_name = "FILE")]
    pub acme_ca_file: Option<PathBuf>,

    /// A PEM file with a certificate and its chain that somebody else renews. It is read again when it changes.
    #[arg(long, env = "EYELINE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// A PEM file with the private key for --tls-cert.
    #[arg(long, env = "EYELINE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Make a certificate here, for one's own network: browsers warn before they show the page.
    #[arg(long, env = "EYELINE_SELF_SIGNED")]
    pub self_signed: bool,

    /// Where to serve over HTTPS. Again for more than one [default: [::]:443, with --self-signed [::]:8443]
    #[arg(long, env = "EYELINE_HTTPS_LISTEN", value_name = "ADDRESS", value_delimiter = ',')]
    pub https_listen: Vec<SocketAddr>,
}

/// The relay, for those whom no direct path connects.
#[derive(Debug, Args)]
#[command(next_help_heading = "Relay")]
pub struct RelayArguments {
    /// Whom the relay may reach [default: closed; off with --no-stun]
    #[arg(long, env = "EYELINE_RELAY", value_name = "MODE", value_enum)]
    pub relay: Option<RelayChoice>,

    /// With --relay open: a network that may be reached although it is not of the Internet, as 192.0.2.0/24 or an
    /// address. Again for more than one.
    #[arg(long, env = "EYELINE_RELAY_ALLOW", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub relay_allow: Vec<IpNet>,

    /// With --relay open: the UDP ports towards peers, as LOW-HIGH [default: 49152-65535]
    #[arg(long, env = "EYELINE_RELAY_PORTS", value_name = "LOW-HIGH", value_parser = ports)]
    pub relay_ports: Option<RangeInclusive<u16>>,

    /// This machine's address as the world sees it, if a router stands in between. Again for IPv6 [default: that of
    /// --stun-listen, or the one from which this machine reaches the Internet]
    #[arg(long, env = "EYELINE_PUBLIC_ADDRESS", value_name = "ADDRESS", value_delimiter = ',')]
    pub public_address: Vec<IpAddr>,

    /// Where to keep the secret behind the relay's credentials; made if missing [default: relay-key in
    /// --state-directory]
    #[arg(long, env = "EYELINE_RELAY_KEY_FILE", value_name = "FILE")]
    pub relay_key_file: Option<PathBuf>,

    /// Seconds that a member's relay credentials are good for; fresh ones come in half of that.
    #[arg(long, env = "EYELINE_RELAY_CREDENTIAL_LIFETIME", value_name = "SECONDS")]
    #[arg(default_value_t = eyeline_relay::credential::DEFAULT_LIFETIME_SECONDS)]
    pub relay_credential_lifetime: u64,
}

/// Whom the relay may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RelayChoice {
    /// Others in the same room, through this relay. Needs no more ports.
    Closed,
    /// Every address of the Internet, as TURN servers usually do. For members behind other relays; opens ports.
    Open,
    /// No relay: who has no direct path does not connect.
    Off,
}

/// A range of ports, from the first to the last.
fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (low, high) = text.split_once('-').ok_or("not of the form LOW-HIGH")?;
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port >= 1024);
    match (port(low), port(high)) {
        (Some(low), Some(high)) if low <= high => Ok(low..=high),
        _ => Err("two ports from 1024 to 65535, the lower one first".to_owned()),
    }
}

/// A network, or an address alone.
fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(alone).ok_or_else(|| "not of the form ADDRESS or ADDRESS/LENGTH".to_owned())
}

/// One flag for each of [`Limits`], and those of TCP.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Bytes of one WebSocket message.
    #[arg(long, env = "EYELINE_MESSAGE_BYTES", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().message_bytes)]
    pub message_bytes: usize,

    /// Bytes of one WebSocket message before the join.
    #[arg(long, env = "EYELINE_MESSAGE_BYTES_BEFORE_JOIN", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().message_bytes_before_join)]
    pub message_bytes_before_join: usize,

    /// Seconds from the WebSocket's opening to the join.
    #[arg(long, env = "EYELINE_JOIN_DEADLINE", value_name = "SECONDS")]
    #[arg(default_value_t = seconds(Limits::default().join_deadline))]
    pub join_deadline: u64,

    /// Records a second of one member of a call, on average.
    #[arg(long, env = "EYELINE_RECORDS_PER_SECOND", value_name = "RECORDS")]
    #[arg(default_value_t = Limits::default().records_per_second)]
    pub records_per_second: u32,

    /// Records of one member of a call at once.
    #[arg(long, env = "EYELINE_RECORDS_BURST", value_name = "RECORDS")]
    #[arg(default_value_t = Limits::default().records_burst)]
    pub records_burst: u32,

    /// Bytes a second of one member of a call, on average.
    #[arg(long, env = "EYELINE_BYTES_PER_SECOND", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().bytes_per_second)]
    pub bytes_per_second: u32,

    /// Bytes of one member of a call at once.
    #[arg(long, env = "EYELINE_BYTES_BURST", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().bytes_burst)]
    pub bytes_burst: u32,

    /// Records a second of somebody in the lobby, on average.
    #[arg(long, env = "EYELINE_LOBBY_RECORDS_PER_SECOND", value_name = "RECORDS")]
    #[arg(default_value_t = Limits::default().lobby_records_per_second)]
    pub lobby_records_per_second: u32,

    /// Records of somebody in the lobby at once.
    #[arg(long, env = "EYELINE_LOBBY_RECORDS_BURST", value_name = "RECORDS")]
    #[arg(default_value_t = Limits::default().lobby_records_burst)]
    pub lobby_records_burst: u32,

    /// Bytes a second of somebody in the lobby, on average.
    #[arg(long, env = "EYELINE_LOBBY_BYTES_PER_SECOND", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().lobby_bytes_per_second)]
    pub lobby_bytes_per_second: u32,

    /// Bytes of somebody in the lobby at once.
    #[arg(long, env = "EYELINE_LOBBY_BYTES_BURST", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().lobby_bytes_burst)]
    pub lobby_bytes_burst: u32,

    /// Bytes that may wait for a slow reader.
    #[arg(long, env = "EYELINE_OUTGOING_QUEUE_BYTES", value_name = "BYTES")]
    #[arg(default_value_t = Limits::default().outgoing_queue_bytes)]
    pub outgoing_queue_bytes: usize,

    /// People in a call.
    #[arg(long, env = "EYELINE_MEMBERS_IN_CALL", value_name = "PEOPLE")]
    #[arg(default_value_t = Limits::default().members_in_call)]
    pub members_in_call: usize,

    /// People in a call with those who come back to it.
    #[arg(long, env = "EYELINE_MEMBERS_IN_CALL_RETURNING", value_name = "PEOPLE")]
    #[arg(default_value_t = Limits::default().members_in_call_returning)]
    pub members_in_call_returning: usize,

    /// People in a lobby.
    #[arg(long, env = "EYELINE_MEMBERS_IN_LOBBY", value_name = "PEOPLE")]
    #[arg(default_value_t = Limits::default().members_in_lobby)]
    pub members_in_lobby: usize,

    /// Seconds somebody may stay in the lobby.
    #[arg(long, env = "EYELINE_LOBBY_STAY", value_name = "SECONDS")]
    #[arg(default_value_t = seconds(Limits::default().lobby_stay))]
    pub lobby_stay: u64,

    /// Open WebSockets of one address (IPv4, or IPv6 /64).
    #[arg(long, env = "EYELINE_SOCKETS_PER_ADDRESS", value_name = "SOCKETS")]
    #[arg(default_value_t = Limits::default().sockets_per_address)]
    pub sockets_per_address: usize,

    /// Joins a minute of one address.
    #[arg(long, env = "EYELINE_JOINS_PER_MINUTE", value_name = "JOINS")]
    #[arg(default_value_t = Limits::default().joins_per_minute)]
    pub joins_per_minute: u32,

    /// Seconds of silence before a ping.
    #[arg(long, env = "EYELINE_PING_AFTER_SILENCE", value_name = "SECONDS")]
    #[arg(default_value_t = seconds(Limits::default().ping_after_silence))]
    pub ping_after_silence: u64,

    /// Seconds from a ping to a sign of life.
    #[arg(long, env = "EYELINE_PONG_DEADLINE", value_name = "SECONDS")]
    #[arg(default_value_t = seconds(Limits::default().pong_deadline))]
    pub pong_deadline: u64,

    /// Open TCP connections.
    #[arg(long, env = "EYELINE_CONNECTIONS", value_name = "CONNECTIONS")]
    #[arg(default_value_t = crate::ConnectionLimits::default().total)]
    pub connections: usize,

    /// Open TCP connections of one address (IPv4, or IPv6 /64).
    #[arg(long, env = "EYELINE_CONNECTIONS_PER_ADDRESS", value_name = "CONNECTIONS")]
    #[arg(default_value_t = crate::ConnectionLimits::default().per_address)]
    pub connections_per_address: usize,

    /// Seconds for the first byte and the head of an HTTP request.
    #[arg(long, env = "EYELINE_HEAD_DEADLINE", value_name = "SECONDS")]
    #[arg(default_value_t = crate::ConnectionLimits::default().head_deadline.as_secs())]
    pub head_deadline: u64,

    /// Requests a second to STUN and the relay from one address (IPv4, or IPv6 /56) with a member, on average; fifteen
    /// times as many at once.
    #[arg(long, env = "EYELINE_MEMBER_REQUESTS_PER_SECOND", value_name = "REQUESTS")]
    #[arg(default_value_t = SourceLimits::default().known.amount)]
    pub member_requests_per_second: u32,

    /// The same from an address without a member; ten times as many at once.
    #[arg(long, env = "EYELINE_STUN_REQUESTS_PER_SECOND", value_name = "REQUESTS")]
    #[arg(default_value_t = SourceLimits::default().stranger.amount)]
    pub stun_requests_per_second: u32,

    /// The same from all addresses without a member together; twice as many at once.
    #[arg(long, env = "EYELINE_STUN_REQUESTS_PER_SECOND_TOTAL", value_name = "REQUESTS")]
    #[arg(default_value_t = SourceLimits::default().strangers.amount)]
    pub stun_requests_per_second_total: u32,

    /// Bytes a second that are relayed for one room, on average; twice as many at once.
    #[arg(long, env = "EYELINE_RELAY_BYTES_PER_SECOND", value_name = "BYTES")]
    #[arg(default_value_t = RelayLimits::default().room_bytes.amount)]
    pub relay_bytes_per_second: u32,

    /// Relay allocations of one member. A browser makes one for each relay address and each other member.
    #[arg(long, env = "EYELINE_RELAY_ALLOCATIONS_PER_MEMBER", value_name = "ALLOCATIONS")]
    #[arg(default_value_t = RelayLimits::default().allocations_per_peer)]
    pub relay_allocations_per_member: usize,

    /// Relay allocations of one room.
    #[arg(long, env = "EYELINE_RELAY_ALLOCATIONS_PER_ROOM", value_name = "ALLOCATIONS")]
    #[arg(default_value_t = RelayLimits::default().allocations_per_room)]
    pub relay_allocations_per_room: usize,

    /// Relay allocations of one address (IPv4, or IPv6 /56).
    #[arg(long, env = "EYELINE_RELAY_ALLOCATIONS_PER_ADDRESS", value_name = "ALLOCATIONS")]
    #[arg(default_value_t = RelayLimits::default().allocations_per_source)]
    pub relay_allocations_per_address: usize,

    /// Relay allocations.
    #[arg(long, env = "EYELINE_RELAY_ALLOCATIONS", value_name = "ALLOCATIONS")]
    #[arg(default_value_t = RelayLimits::default().allocations)]
    pub relay_allocations: usize,
}

fn seconds(time: eyeline_protocol::Milliseconds) -> u64 {
    time.0 / 1000
}
