//! What happened in one second of a call, at the server and between the two people.

use anyhow::{Context, Result};
use eyeline_e2e::Person;
use eyeline_e2e::server::Server;
use eyeline_netlab::Network;
use std::sync::Arc;

/// One second; bytes in both directions together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Second {
    /// RTP bytes that one person sent and received.
    pub(crate) media: u64,
    /// TCP at the server's interface, with all headers.
    pub(crate) tcp: u64,
    /// UDP at the server's interface, with all headers.
    pub(crate) udp: u64,
    /// STUN by the server's own counters, with the headers of IP and UDP added.
    pub(crate) stun: u64,
    /// WebSocket messages by the server's own counters.
    pub(crate) signaling: u64,
    /// The server's CPU time in seconds.
    pub(crate) cpu: f64,
}

/// Takes the differences between one second and the next.
pub(crate) struct Sampler<'a> {
    server: &'a Server,
    network: &'a Arc<Network>,
    person: &'a Person,
    before: Second,
}

/// Counts at the server's interface, by protocol.
const RULES: &str = "table inet count {
    counter over_tcp { }
    counter over_udp { }
    chain in {
        type filter hook input priority 0
        iifname \"outside\" meta l4proto tcp counter name over_tcp
        iifname \"outside\" meta l4proto udp counter name over_udp
    }
    chain out {
        type filter hook output priority 0
        oifname \"outside\" meta l4proto tcp counter name over_tcp
        oifname \"outside\" meta l4proto udp counter name over_udp
    }
}";

impl<'a> Sampler<'a> {
    /// Starts to count.
    pub(crate) async fn new(
        server: &'a Server,
        network: &'a Arc<Network>,
        person: &'a Person,
    ) -> Result<Self> {
        network.nft(RULES)?;
        let mut sampler = Self { server, network, person, before: Second::default() };
        sampler.before = sampler.totals().await?;
        Ok(sampler)
    }

    /// What happened since it was last asked.
    pub(crate) async fn second(&mut self) -> Result<Second> {
        let now = self.totals().await?;
        let before = std::mem::replace(&mut self.before, now);
        Ok(Second {
            media: now.media - before.media,
            tcp: now.tcp - before.tcp,
            udp: now.udp - before.udp,
            stun: now.stun - before.stun,
            signaling: now.signaling - before.signaling,
            cpu: now.cpu - before.cpu,
        })
    }

    async fn totals(&self) -> Result<Second> {
        let counters = self.server.counters().await?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counters are whole numbers"
        )]
        let counter = |name: &str| counters.get(name).copied().unwrap_or_default() as u64;
        let headers =
            28 * (counter("eyeline_stun_datagrams_in_total") + counter("eyeline_stun_datagrams_out_total"));
        let (tcp, udp) = self.interface()?;
        Ok(Second {
            media: self.person.media_bytes().await?,
            tcp,
            udp,
            stun: headers + counter("eyeline_stun_bytes_in_total") + counter("eyeline_stun_bytes_out_total"),
            signaling: counter("eyeline_signaling_bytes_in_total")
                + counter("eyeline_signaling_bytes_out_total"),
            cpu: self.cpu()?,
        })
    }

    fn interface(&self) -> Result<(u64, u64)> {
        let text = self.network.tool("nft", &["list", "counters"])?;
        // counter over_tcp { packets 12 bytes 3456 }
        let of = |name: &str| {
            let (_, rest) = text.split_once(&format!("counter {name} "))?;
            rest.split_once("bytes ")?.1.split_whitespace().next()?.parse().ok()
        };
        Ok((of("over_tcp").context("the counter of TCP")?, of("over_udp").context("the counter of UDP")?))
    }

    fn cpu(&self) -> Result<f64> {
        let id = self.server.id().context("the server runs")?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // proc(5): utime and stime are fields 14 and 15; the second field is in brackets and may hold anything.
        let (_, rest) = stat.rsplit_once(')').context("a line of /proc")?;
        let ticks: f64 =
            rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        // Linux tells times to programs in hundredths of a second on every common platform (USER_HZ).
        Ok(ticks / 100.0)
    }
}
