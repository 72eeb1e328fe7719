//! The server: page, signaling and STUN in one binary, `eyeline`.
//!
//! Knows: sockets, HTTP, WebSockets, the clock, flags, signals, logs; how to hand what comes in to the cores
//! (`eyeline-rooms`, `eyeline-relay`) and what they say to the network.
//! Must not know: anything a core decides. No limit of a room, no answer to a record stands here.
//!
//! [`Server::bind`] takes the ports, [`Server::run`] serves until its shutdown future completes; the binary and the
//! tests use the same two.
//!
//! # Layout
//! - [`arguments`], [`configuration`]: the command line as typed, then understood and checked.
//! - `accept`: the accept loop and its caps; `http`: what each path answers; `headers`, `host`, `assets`,
//!   `forwarded`, `redirect`: its parts.
//! - `tls`: HTTPS and its certificates; `first_bytes`, `stream`: what is spoken on its port, and over what;
//!   `reading`: streams that are read in a way of their own; `state_directory`: where keys are kept.
//! - `announcement`: what the person who starts the server is told; `local_addresses`: what this machine is called.
//! - `socket`: WebSockets, and the only module that knows by which crate; `hub`: the shell around the rooms;
//!   `clock`: time for the machines.
//! - [`doctor`]: what will not work on a server, and why, in plain words.
//! - `relay`: the ports and streams of STUN and TURN; `relay_credential`: credentials for people, not for pages.
//! - `status`, `counters`: what has passed, in numbers.

pub mod arguments;
pub mod configuration;
pub mod doctor;
pub mod relay_credential;

mod accept;
mod announcement;
mod assets;
mod clock;
mod counters;
mod first_bytes;
mod forwarded;
mod headers;
mod host;
mod http;
mod hub;
mod local_addresses;
mod reading;
mod redirect;
mod relay;
mod socket;
mod state_directory;
mod status;
mod stream;
mod tls;

pub use accept::ConnectionLimits;
pub use announcement::QrCode;
pub use configuration::{Configuration, ConfigurationError};
pub use headers::CONTENT_SECURITY_POLICY_TEMPLATE;
pub use relay::key::{KeyError, KeyPlace};
pub use relay::settings::{RelayMode, RelaySettings};
pub use state_directory::StateDirectory;
pub use tls::settings::{AcmeSettings, CertificateSource, FileSettings, TlsSettings};

use accept::{Entrance, Gate};
use clock::Clock;
use counters::Counters;
use eyeline_protocol::Milliseconds;
use eyeline_relay::credential::Key;
use eyeline_rooms::{Input, Settings};
use forwarded::TrustedProxies;
use http::{IceAdvertisement, Site};
use hub::Hub;
use relay::credentials::RelayCredentials;
use relay::udp::Port;
use relay::{PublicAddresses, Relay};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tls::Tls;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why a server cannot start.
#[derive(Debug)]
pub enum Error {
    /// A TCP address cannot be listened on.
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The UDP address for STUN cannot be bound.
    StunListen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The relay's address for TCP cannot be listened on.
    RelayListen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// There is no address of this machine for an open relay.
    RelayAddress,
    /// There is no secret for the relay's credentials.
    RelayKey(KeyError),
    /// The folder for keys and certificates cannot be used.
    StateDirectory {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// There is no certificate for HTTPS, for this reason.
    Certificate(String),
    /// The system gives no random numbers.
    Random(getrandom::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, error } => write!(f, "cannot listen on {address}: {}", Reason(error)),
            Self::StunListen { address, error } => {
                let reason = Reason(error);
                write!(
                    f,
                    "cannot answer STUN on {address}: {reason} (another port: --stun-listen; none: --no-stun)"
                )
            }
            Self::RelayListen { address, error } => write!(
                f,
                "cannot relay over TCP on {address}: {} (another port: --stun-listen; none: --relay off)",
                Reason(error)
            ),
            Self::RelayAddress => f.write_str(
                "--relay open: this machine has no way to the Internet that would tell its address: give \
                 --public-address",
            ),
            Self::RelayKey(error) => error.fmt(f),
            Self::StateDirectory { path, error } => {
                let path = path.display();
                write!(
                    f,
                    "cannot keep keys and certificates in {path}: {error} (another folder: --state-directory)"
                )
            }
            Self::Certificate(reason) => write!(f, "cannot serve HTTPS: {reason}"),
            Self::Random(error) => write!(f, "the system gives no random numbers: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// The usual reasons in words that say what to do.
struct Reason<'a>(&'a std::io::Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            std::io::ErrorKind::AddrInUse => f.write_str("another program uses this port"),
            std::io::ErrorKind::PermissionDenied => f.write_str(
                "not allowed (ports below 1024 need a privilege; others: --https-listen, --listen)",
            ),
            std::io::ErrorKind::AddrNotAvailable => f.write_str("this machine does not have this address"),
            _ => self.0.fmt(f),
        }
    }
}

/// A server that has its ports and has not started yet.
pub struct Server {
    configuration: Configuration,
    listeners: Vec<TcpListener>,
    tls_listeners: Vec<TcpListener>,
    tls: Option<Arc<Tls>>,
    /// The first is the one for connections, the second, if there is one, only tells what a router does to ports.
    stun: Vec<Port>,
    relay: Option<RelayParts>,
    status: Option<TcpListener>,
}

/// What the relay needs besides the ports of STUN.
struct RelayParts {
    /// For TURN over TCP; `None` if the relay is off.
    tcp: Option<TcpListener>,
    public: PublicAddresses,
    settings: eyeline_relay::Settings,
}

/// Where a server really listens, ports that were given as 0 filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP.
    pub http: Vec<SocketAddr>,
    /// HTTPS.
    pub https: Vec<SocketAddr>,
    /// STUN, and the relay over UDP.
    pub stun: Option<SocketAddr>,
    /// STUN on another port.
    pub stun_second: Option<SocketAddr>,
    /// The relay over TCP. `None`: there is no relay.
    pub relay_tcp: Option<SocketAddr>,
    /// The counters.
    pub status: Option<SocketAddr>,
}

impl Server {
    /// Reads or makes the certificate, and takes all ports.
    ///
    /// # Errors
    /// A certificate that cannot be used; the first port that cannot be taken.
    pub async fn bind(configuration: Configuration) -> Result<Self, Error> {
        let tls = match configuration.tls.clone() {
            Some(settings) => {
                let state = configuration.state_directory.as_ref().map(|path| {
                    let failed = |error| Error::StateDirectory { path: path.clone(), error };
                    StateDirectory::open(path).map_err(failed)
                });
                Some(Arc::new(Tls::load(settings, state.transpose()?.as_ref())?))
            }
            None => None,
        };
        let mut listeners = Vec::new();
        for address in &configuration.listen {
            listeners.push(accept::bind(*address).await?);
        }
        let mut tls_listeners = Vec::new();
        for address in configuration.tls.iter().flat_map(|tls| &tls.listen) {
            tls_listeners.push(accept::bind(*address).await?);
        }
        let stun = bind_stun(&configuration)?;
        let relay = match configuration.stun_listen {
            Some(address) => Some(bind_relay(&configuration.relay, address).await?),
            None => None,
        };
        let status = match configuration.status_listen {
            Some(address) => Some(accept::bind(address).await?),
            None => None,
        };
        Ok(Self { configuration, listeners, tls_listeners, tls, stun, relay, status })
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        let of = |listener: &TcpListener| listener.local_addr().ok();
        Addresses {
            http: self.listeners.iter().filter_map(of).collect(),
            https: self.tls_listeners.iter().filter_map(of).collect(),
            stun: self.stun.first().and_then(Port::local_addr),
            stun_second: self.stun.get(1).and_then(Port::local_addr),
            relay_tcp: self.relay.as_ref().and_then(|relay| relay.tcp.as_ref()).and_then(of),
            status: self.status.as_ref().and_then(of),
        }
    }

    /// What to tell the one who starts it, for a terminal: the addresses and the certificate. The first line is
    /// `Eyeline is ready: URL`.
    pub fn announcement(&self, qr: QrCode) -> String {
        announcement::text(&self.addresses(), self.tls.as_deref(), qr)
    }

    /// Serves until `shutdown` completes; then accepts nobody, closes every WebSocket with 1001, and returns when
    /// all have ended, or after the configured deadline.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let addresses = self.addresses();
        let https_port = addresses.https.first().map(|address| address.port());
        let Self { configuration, listeners, tls_listeners, tls, stun, relay, status } = self;
        let clock = Clock::start();
        let counters = Arc::new(Counters::default());
        let build = env!("CARGO_PKG_VERSION").to_owned();
        let settings = Settings { limits: configuration.limits, build };
        let (relay, relay_tcp, key) = match relay {
            Some(RelayParts { tcp, public, settings }) => {
                let key = tcp.is_some().then(|| settings.credential_key.clone());
                let relay = Relay::new(settings, public, stun, clock, Arc::clone(&counters));
                (Some(Arc::new(relay)), tcp, key)
            }
            None => (None, None, None),
        };
        let lifetime = configuration.relay.credential_lifetime;
        let site = Arc::new(Site {
            hub: Hub::new(
                settings,
                clock,
                Arc::clone(&counters),
                relay.clone(),
                credentials(key.as_ref(), lifetime, clock),
            ),
            relay: relay.clone(),
            counters: Arc::clone(&counters),
            allowed_origins: configuration.allowed_origins,
            embedders: configuration.embedders,
            proxies: TrustedProxies::new(configuration.trusted_proxies),
            tls: tls.clone(),
            ice: IceAdvertisement {
                stun_port: addresses.stun.map(|address| address.port()),
                second_stun_port: addresses.stun_second.map(|address| address.port()),
                relay_tcp_port: addresses.relay_tcp.map(|address| address.port()),
                stun_host: configuration.stun_host,
                others: configuration.stun_servers,
            },
            tasks: TaskTracker::new(),
        });

        let gate = Arc::new(Gate::default());
        let limits = Arc::new(configuration.connection_limits);
        let stop = CancellationToken::new();
        // Dropped at the end, and its tasks with it.
        let mut services = JoinSet::new();
        if let Some(relay) = &relay {
            relay.tell_time();
            for port in 0..relay.ports() {
                services.spawn(relay::udp::run(Arc::clone(relay), port));
            }
            services.spawn(Arc::clone(relay).run_timers());
            services.spawn(watch_clock(Arc::clone(relay), Arc::clone(&site), key, lifetime, clock));
            if let Some(listener) = relay_tcp {
                let (relay, gate, limits) = (Arc::clone(relay), Arc::clone(&gate), Arc::clone(&limits));
                services.spawn(relay::streams::accept(listener, relay, gate, limits, stop.clone()));
            }
        }
        services.spawn({
            let site = Arc::clone(&site);
            async move { site.hub.run_timers().await }
        });
        if let Some(listener) = status {
            let status = status::Status { site: Arc::clone(&site), gate: Arc::clone(&gate) };
            services.spawn(status.run(listener));
        }
        if let Some(tls) = tls {
            services.spawn(async move { tls.run().await });
        }
        let http = https_port.map_or(Entrance::Plain, |port| Entrance::Redirect { port });
        let listeners = listeners.into_iter().map(|listener| (listener, http));
        let tls_listeners = tls_listeners.into_iter().map(|listener| (listener, Entrance::Tls));
        for (listener, entrance) in listeners.chain(tls_listeners) {
            let (site, gate, limits) = (Arc::clone(&site), Arc::clone(&gate), Arc::clone(&limits));
            services.spawn(accept::accept(listener, entrance, site, gate, limits, stop.clone()));
        }

        shutdown.await;
        stop.cancel();
        if let Some(relay) = &relay {
            relay.stop();
        }
        site.hub.handle(Input::Drain { spread: configuration.drain_spread });
        site.tasks.close();
        if tokio::time::timeout(configuration.shutdown_deadline, site.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
    }
}

/// The port for STUN, and the second one.
fn bind_stun(configuration: &Configuration) -> Result<Vec<Port>, Error> {
    let Some(address) = configuration.stun_listen else { return Ok(Vec::new()) };
    let mut ports = vec![relay::udp::bind(address)?];
    match configuration.stun_second_listen {
        Some(second) => ports.push(relay::udp::bind(second)?),
        None => {
            // Port 0 takes any free one, both times.
            let next = if address.port() == 0 { Some(0) } else { address.port().checked_add(1) };
            let second = next.map(|port| relay::udp::bind(SocketAddr::new(address.ip(), port)));
            match second {
                Some(Ok(second)) => ports.push(second),
                Some(Err(error)) => {
                    tracing::warn!("no second port for STUN, only to diagnose routers: {error}")
                }
                None => {}
            }
        }
    }
    Ok(ports)
}

async fn bind_relay(settings: &RelaySettings, address: SocketAddr) -> Result<RelayParts, Error> {
    let tcp = match settings.mode {
        RelayMode::Off => None,
        RelayMode::Closed | RelayMode::Open { .. } => {
            Some(accept::bind(address).await.map_err(|error| match error {
                Error::Listen { address, error } => Error::RelayListen { address, error },
                other => other,
            })?)
        }
    };
    let public = PublicAddresses::find(&settings.public_addresses, address);
    let mode = settings.mode(public).ok_or(Error::RelayAddress)?;
    if let (RelayMode::Open { .. }, Some(private)) = (&settings.mode, public.private()) {
        tracing::warn!(
            "the open relay gives out {private}, which only its own network reaches (another address: \
             --public-address)"
        );
    }
    let place = if tcp.is_some() { &settings.key } else { &KeyPlace::Memory };
    let key = place.load().map_err(Error::RelayKey)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(Error::Random)?;
    let settings = eyeline_relay::Settings {
        limits: settings.limits.clone(),
        ..eyeline_relay::Settings::new(mode, key, secret)
    };
    Ok(RelayParts { tcp, public, settings })
}

/// How often the machine's clock is looked at: it may be set while we run, and credentials end by it.
const CLOCK_INTERVAL: Duration = Duration::from_secs(10);

/// Tells the relay and the rooms what time it is, again and again.
async fn watch_clock(
    relay: Arc<Relay>,
    site: Arc<Site>,
    key: Option<Key>,
    lifetime: Milliseconds,
    clock: Clock,
) {
    loop {
        tokio::time::sleep(CLOCK_INTERVAL).await;
        relay.tell_time();
        site.hub.set_credentials(credentials(key.as_ref(), lifetime, clock));
    }
}

fn credentials(key: Option<&Key>, lifetime: Milliseconds, clock: Clock) -> Option<RelayCredentials> {
    key.map(|key| RelayCredentials::new(key.clone(), lifetime, clock.now(), unix_seconds()))
}

/// What time it is. A clock before 1970 shows zero.
fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
