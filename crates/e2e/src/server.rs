//! The server under test: the real binary, as a process that can be killed.

use crate::certificates::Certificate;
use anyhow::{Context, Result, ensure};
use eyeline_netlab::Network;
use eyeline_netlab::processes::{Process, Signal, logged};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The counter of STUN Binding requests answered.
pub const STUN_REQUESTS: &str = "eyeline_stun_answered_total";

/// How it is started. The default: HTTP and STUN on free ports of its network's address.
#[derive(Clone, Default)]
pub struct Setup {
    /// The name it is reached by, and the certificate for that name. With it, it serves on the ports that everybody
    /// knows, at all addresses of its network.
    https: Option<(String, Certificate)>,
    /// More of its command line.
    arguments: Vec<String>,
    /// That of the debug profile, which has the styleguide.
    debug_build: bool,
}

impl Setup {
    /// With HTTPS under this name.
    pub fn https(mut self, name: &str, certificate: Certificate) -> Self {
        self.https = Some((name.to_owned(), certificate));
        self
    }

    /// The binary of the debug profile.
    pub fn debug_build(mut self) -> Self {
        self.debug_build = true;
        self
    }

    /// With more arguments: `"--relay off"` is two of them.
    pub fn arguments(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split(' ').map(str::to_owned));
        self
    }
}

/// A running (or killed) `eyeline serve`.
pub struct Server {
    network: Arc<Network>,
    log: PathBuf,
    process: Option<Process>,
    setup: Setup,
    /// Where it serves the page.
    pub address: SocketAddr,
    stun_port: u16,
    /// Where it shows its counters, inside its network.
    status: SocketAddr,
    /// The way there from the test's network.
    status_from_here: SocketAddr,
}

impl Server {
    /// Starts it and waits until it answers. Its log is appended to `log`.
    pub async fn start(network: Arc<Network>, log: &Path, setup: Setup) -> Result<Self> {
        let public = setup.https.is_some();
        let port = |well_known| if public { Ok(well_known) } else { network.free_port() };
        let address = SocketAddr::new(network.address, port(443)?);
        let stun_port = port(3478)?;
        let status = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), network.free_port()?);
        let status_from_here = network.tunnel(status, 0)?;
        let log = log.to_owned();
        let mut server =
            Self { network, log, process: None, setup, address, stun_port, status, status_from_here };
        server.restart().await?;
        Ok(server)
    }

    /// Starts it again, on the same ports.
    pub async fn restart(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "the server still runs");
        let binary = if self.setup.debug_build { built("debug") } else { binary() };
        ensure!(
            binary.exists(),
            "{} is missing: `cargo build --release` makes it (`cargo xtask test e2e` does so by itself)",
            binary.display()
        );
        let (address, stun_port, status, log) = (self.address, self.stun_port, self.status, self.log.clone());
        let mut command = self.network.command(binary);
        command.arg("serve");
        if let Some((_, certificate)) = &self.setup.https {
            // All addresses: people reach it over IPv4 and IPv6.
            let all = |port| SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).to_string();
            command.args(["--listen", &all(80), "--https-listen", &all(address.port())]);
            command.arg("--tls-cert").arg(&certificate.chain).arg("--tls-key").arg(&certificate.key);
        } else {
            command.args(["--listen", &address.to_string()]);
        }
        command
            .args(["--stun-listen", &format!("[::]:{stun_port}")])
            .args(["--status-listen", &status.to_string()])
            // All people of a test come from one address.
            .args(["--joins-per-minute", "600"])
            .args(["--log", "debug"])
            .args(&self.setup.arguments)
            // Its own state, not the machine's: a test leaves nothing behind.
            .env("STATE_DIRECTORY", log.with_extension("state"));
        let command = logged(command, &log)?;
        let process = self.network.run(move || Process::start(command))??;
        self.process = Some(process);
        crate::until("the server answers", Duration::from_secs(20), async || {
            if self.setup.https.is_none() {
                return Ok(get(self.address, "/healthz").await.ok().map(drop));
            }
            // Whether its certificate is a good one is for browsers to say.
            Ok(tokio::net::TcpStream::connect(self.address).await.ok().map(drop))
        })
        .await
    }

    /// The address a person opens.
    pub fn url(&self) -> String {
        match &self.setup.https {
            Some((name, _)) => format!("https://{name}/"),
            None => format!("http://{}/", self.address),
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("the server does not run")?.kill()
    }

    /// Puts another certificate in the place of its own, as a renewal does.
    pub fn renew(&self, with: &Certificate) -> Result<()> {
        let (_, own) = self.setup.https.as_ref().context("this server has no certificate")?;
        std::fs::copy(&with.key, &own.key)?;
        std::fs::copy(&with.chain, &own.chain)?;
        Ok(())
    }

    /// `kill -TERM`, and waits for the end.
    pub async fn terminate(&mut self) -> Result<()> {
        let process = self.process.take().context("the server does not run")?;
        process.signal(Signal::SIGTERM)?;
        let ended = tokio::task::spawn_blocking(move || process.wait());
        tokio::time::timeout(Duration::from_secs(10), ended).await.context("the server did not end")??
    }

    /// The server's process id.
    pub fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// What it has written to its log so far.
    pub fn log(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.log)?).into_owned())
    }

    /// One of its counters; 0 as long as it has nothing to count.
    pub async fn counter(&self, name: &str) -> Result<f64> {
        Ok(self.counters().await?.get(name).copied().unwrap_or_default())
    }

    /// Its counters, by name.
    pub async fn counters(&self) -> Result<BTreeMap<String, f64>> {
        let text = get(self.status_from_here, "/").await?;
        Ok(text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
            .collect())
    }
}

/// The binary under test: that of the release profile, as people run it.
fn binary() -> PathBuf {
    std::env::var_os("EYELINE_BINARY").map_or_else(|| built("release"), PathBuf::from)
}

fn built(profile: &str) -> PathBuf {
    crate::target_directory().join(profile).join("eyeline")
}

/// A plain HTTP GET; the body of a 200.
pub async fn get(address: SocketAddr, path: &str) -> Result<String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    Ok(client.get(format!("http://{address}{path}")).send().await?.error_for_status()?.text().await?)
}
