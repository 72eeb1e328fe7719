//! The real binary, running.

use crate::binary;
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on free ports of loopback, which ends with this value.
pub struct Server {
    process: Child,
    state: PathBuf,
    /// Where it answers STUN and relays, over UDP.
    pub stun: SocketAddr,
    status: SocketAddr,
}

/// What Linux tells of the process.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Memory that it occupies, in KiB.
    pub resident_kib: u64,
    /// Time on a processor so far.
    pub processor: Duration,
}

impl Server {
    /// Starts it, with flags besides those for its ports.
    ///
    /// # Errors
    /// It does not start, or does not say where it listens.
    pub async fn start(flags: &[&str]) -> Result<Self> {
        let binary = binary();
        ensure!(binary.exists(), "{} is missing: `cargo build --release` makes it", binary.display());
        let state = std::env::temp_dir().join(format!("eyeline-bench-{}", std::process::id()));
        let mut process = Command::new(binary)
            .args(["serve", "--listen=127.0.0.1:0", "--stun-listen=127.0.0.1:0"])
            .args(["--status-listen=127.0.0.1:0", "--state-directory"])
            .arg(&state)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let (mut stun, mut status) = (None, None);
        while stun.is_none() || status.is_none() {
            let line = timeout(PATIENCE, lines.next_line()).await.context("the server says nothing")??;
            let line = line.context("the server ended at once")?;
            if let Some(rest) = line.strip_prefix("Relay: udp ") {
                stun = rest.split(',').next().map(str::parse).transpose()?;
            }
            if let Some(rest) = line.strip_prefix("Counters: http://") {
                status = Some(rest.trim_end_matches('/').parse()?);
            }
        }
        match (stun, status) {
            (Some(stun), Some(status)) => Ok(Self { process, state, stun, status }),
            _ => bail!("the server does not say where it listens"),
        }
    }

    /// Name and password for its relay, for one room.
    ///
    /// # Errors
    /// Those of `eyeline relay-credential`.
    pub async fn credential(&self) -> Result<(String, String)> {
        let output = Command::new(binary())
            .args(["relay-credential", "--room=bench", "--state-directory"])
            .arg(&self.state)
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let mut value = |name| lines.next().and_then(|line| line.strip_prefix(name)).map(str::to_owned);
        let credential = (value("username: "), value("password: "));
        let (Some(username), Some(password)) = credential else {
            bail!("no credential: {}", String::from_utf8_lossy(&output.stderr))
        };
        Ok((username, password))
    }

    /// What the process uses.
    ///
    /// # Errors
    /// It has ended, or this is no Linux.
    pub fn figures(&self) -> Result<Figures> {
        let id = self.process.id().context("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|rest| rest.split_whitespace().next()).context("no VmRSS")?;
        // Nanoseconds on a processor, of every thread (Documentation/scheduler/sched-stats.rst).
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
            let statistics = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += statistics.split_whitespace().next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Figures { resident_kib: resident.parse()?, processor: Duration::from_nanos(nanoseconds) })
    }

    /// Its counters, by name.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn counters(&self) -> Result<BTreeMap<String, u64>> {
        let mut stream = TcpStream::connect(self.status).await?;
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        let pairs = text.lines().filter_map(|line| line.rsplit_once(' '));
        Ok(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _missing = std::fs::remove_dir_all(&self.state);
    }
}
