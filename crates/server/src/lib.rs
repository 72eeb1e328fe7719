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
//! - `accept`: the accept loop and its caps; `http`: what each path answers; `headers`, `host`, `assets`: its parts.
//! - `socket`: WebSockets, and the only module that knows by which crate; `hub`: the shell around the rooms.
//! - [`doctor`]: what will not work on a server, and why, in plain words.
//! - `stun`: the UDP shell; `status`, `counters`: what has passed, in numbers.

pub mod arguments;
pub mod configuration;
pub mod doctor;

mod accept;
mod assets;
mod counters;
mod headers;
mod host;
mod http;
mod hub;
mod socket;
mod status;
mod stun;

pub use accept::ConnectionLimits;
pub use configuration::{Configuration, ConfigurationError};
pub use headers::CONTENT_SECURITY_POLICY_TEMPLATE;

use accept::Gate;
use counters::Counters;
use eyeline_relay::Stun;
use eyeline_rooms::{Input, Settings};
use http::{IceAdvertisement, Site};
use hub::{Clock, Hub};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
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
            std::io::ErrorKind::PermissionDenied => {
                f.write_str("not allowed (ports below 1024 need a privilege)")
            }
            std::io::ErrorKind::AddrNotAvailable => f.write_str("this machine does not have this address"),
            _ => self.0.fmt(f),
        }
    }
}

/// A server that has its ports and has not started yet.
pub struct Server {
    configuration: Configuration,
    listeners: Vec<TcpListener>,
    stun: Option<UdpSocket>,
    status: Option<TcpListener>,
    stun_secret: u64,
}

/// Where a server really listens, ports that were given as 0 filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP.
    pub http: Vec<SocketAddr>,
    /// STUN.
    pub stun: Option<SocketAddr>,
    /// The counters.
    pub status: Option<SocketAddr>,
}

impl Server {
    /// Takes all ports.
    ///
    /// # Errors
    /// The first one that cannot be taken.
    pub async fn bind(configuration: Configuration) -> Result<Self, Error> {
        let mut listeners = Vec::new();
        for address in &configuration.listen {
            listeners.push(accept::bind(*address).await?);
        }
        let stun = configuration.stun_listen.map(stun::bind).transpose()?;
        let status = match configuration.status_listen {
            Some(address) => Some(accept::bind(address).await?),
            None => None,
        };
        let stun_secret = getrandom::u64().map_err(Error::Random)?;
        Ok(Self { configuration, listeners, stun, status, stun_secret })
    }

    /// Where it listens.
    pub fn addresses(&self) -> Addresses {
        let of = |listener: &TcpListener| listener.local_addr().ok();
        Addresses {
            http: self.listeners.iter().filter_map(of).collect(),
            stun: self.stun.as_ref().and_then(|socket| socket.local_addr().ok()),
            status: self.status.as_ref().and_then(of),
        }
    }

    /// Serves until `shutdown` completes; then accepts nobody, closes every WebSocket with 1001, and returns when
    /// all have ended, or after the configured deadline.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let stun_port = self.addresses().stun.map(|address| address.port());
        let Self { configuration, listeners, stun, status, stun_secret } = self;
        let clock = Clock::start();
        let counters = Arc::new(Counters::default());
        let build = env!("CARGO_PKG_VERSION").to_owned();
        let settings = Settings { limits: configuration.limits, build };
        let site = Arc::new(Site {
            hub: Hub::new(settings, clock, Arc::clone(&counters)),
            counters: Arc::clone(&counters),
            allowed_origins: configuration.allowed_origins,
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
        for listener in listeners {
            let (site, gate, limits) = (Arc::clone(&site), Arc::clone(&gate), Arc::clone(&limits));
            services.spawn(accept::accept(listener, site, gate, limits, stop.clone()));
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
