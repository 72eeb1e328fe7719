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
//!   `state_directory`: where keys are kept.
//! - `announcement`, `local_addresses`: what the person who starts the server is told.
//! - `socket`: WebSockets, and the only module that knows by which crate; `hub`: the shell around the rooms.
//! - [`doctor`]: what will not work on a server, and why, in plain words.
//! - `stun`: the UDP shell; `status`, `counters`: what has passed, in numbers.

pub mod arguments;
pub mod configuration;
pub mod doctor;

mod accept;
mod announcement;
mod assets;
mod counters;
mod first_bytes;
mod forwarded;
mod headers;
mod host;
mod http;
mod hub;
mod local_addresses;
mod redirect;
mod socket;
mod state_directory;
mod status;
mod stream;
mod stun;
mod tls;

pub use accept::ConnectionLimits;
pub use configuration::{Configuration, ConfigurationError};
pub use headers::CONTENT_SECURITY_POLICY_TEMPLATE;
pub use state_directory::StateDirectory;
pub use tls::settings::{AcmeSettings, CertificateSource, FileSettings, TlsSettings};

use accept::{Entrance, Gate};
use counters::Counters;
use eyeline_relay::Stun;
use eyeline_rooms::{Input, Settings};
use forwarded::TrustedProxies;
use http::{IceAdvertisement, Site};
use hub::{Clock, Hub};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tls::Tls;
use tokio::net::{TcpListener, UdpSocket};
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
    stun: Option<UdpSocket>,
    status: Option<TcpListener>,
    stun_secret: u64,
}

/// Where a server really listens, ports that were given as 0 filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP.
    pub http: Vec<SocketAddr>,
    /// HTTPS.
    pub https: Vec<SocketAddr>,
    /// STUN.
    pub stun: Option<SocketAddr>,
    /// The counters.
    pub status: Option<SocketAddr>,
}

impl Server {
    /// Takes all ports, and reads or makes the certificate.
    ///
    /// # Errors
    /// The first port that cannot be taken; a certificate that cannot be used.
    pub async fn bind(configuration: Configuration) -> Result<Self, Error> {
        let mut listeners = Vec::new();
        for address in &configuration.listen {
            listeners.push(accept::bind(*address).await?);
        }
        let mut tls_listeners = Vec::new();
        for address in configuration.tls.iter().flat_map(|tls| &tls.listen) {
            tls_listeners.push(accept::bind(*address).await?);
        }
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
        let stun = configuration.stun_listen.map(stun::bind).transpose()?;
        let status = match configuration.status_listen {
            Some(address) => Some(accept::bind(address).await?),
            None => None,
        };
        let stun_secret = getrandom::u64().map_err(Error::Random)?;
        Ok(Self { configuration, listeners, tls_listeners, tls, stun, status, stun_secret })
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        let of = |listener: &TcpListener| listener.local_addr().ok();
        Addresses {
            http: self.listeners.iter().filter_map(of).collect(),
            https: self.tls_listeners.iter().filter_map(of).collect(),
            stun: self.stun.as_ref().and_then(|socket| socket.local_addr().ok()),
            status: self.status.as_ref().and_then(of),
        }
    }

    /// What to tell the one who starts it: the addresses, the certificate, and with `qr` the page's address as a QR
    /// code, for a terminal. The first line is `Eyeline is ready: URL`.
    pub fn announcement(&self, qr: bool) -> String {
        announcement::text(&self.addresses(), self.tls.as_deref(), qr)
    }

    /// Serves until `shutdown` completes; then accepts nobody, closes every WebSocket with 1001, and returns when
    /// all have ended, or after the configured deadline.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let addresses = self.addresses();
        let stun_port = addresses.stun.map(|address| address.port());
        let https_port = addresses.https.first().map(|address| address.port());
        let Self { configuration, listeners, tls_listeners, tls, stun, status, stun_secret } = self;
        let clock = Clock::start();
        let counters = Arc::new(Counters::default());
        let build = env!("CARGO_PKG_VERSION").to_owned();
        let settings = Settings { limits: configuration.limits, build };
        let site = Arc::new(Site {
            hub: Hub::new(settings, clock, Arc::clone(&counters)),
            counters: Arc::clone(&counters),
            allowed_origins: configuration.allowed_origins,
            proxies: TrustedProxies::new(configuration.trusted_proxies),
            tls: tls.clone(),
            ice: IceAdvertisement {
                stun_port,
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
        let stun = stun.map(|socket| {
            let state = Arc::new(Mutex::new(Stun::new(configuration.stun_limits, stun_secret, clock.now())));
            services.spawn(stun::run(socket, Arc::clone(&state), clock, counters));
            state
        });
        services.spawn({
            let site = Arc::clone(&site);
            async move { site.hub.run_timers().await }
        });
        if let Some(listener) = status {
            let status = status::Status { site: Arc::clone(&site), gate: Arc::clone(&gate), stun };
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
        site.hub.handle(Input::Drain { spread: configuration.drain_spread });
        site.tasks.close();
        if tokio::time::timeout(configuration.shutdown_deadline, site.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
    }
}
