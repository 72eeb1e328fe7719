//! Networks that break: sockets cut, packets lost, other addresses and mappings, narrow lines.

use super::scene::{LOOK, PATIENCE, Scene};
use super::{Observed, seconds};
use crate::until;
use anyhow::{Context as _, Result, bail, ensure};
use std::net::IpAddr;
use std::time::{Duration, Instant};

impl Scene {
    pub(super) async fn socket_cut(&self) -> Result<Observed> {
        let before = self.server.counter("eyeline_websockets_total").await?;
        self.disturb(0, "meta l4proto tcp reject with tcp reset")?;
        let start = Instant::now();
        // The next packet of the socket meets the reset; a page that changes its name sends one, as would a ping.
        self.person(0)?.evaluate::<()>("dispatchEvent(new Event('online')), undefined").await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.calm(0)?;
        let time = self
            .after(start, "the socket is back", async || {
                Ok((self.server.counter("eyeline_websockets_total").await? > before
                    && self.server.counter("eyeline_members_in_call").await? >= 2.0)
                    .then_some(()))
            })
            .await?;
        self.nobody_noticed().await?;
        Ok(Observed { seen: "nothing".into(), time })
    }

    pub(super) async fn socket_black_hole(&self) -> Result<Observed> {
        let opened = async || self.person(0)?.evaluate::<u64>("harness.sockets").await;
        let before = opened().await?;
        self.disturb(0, "meta l4proto tcp drop")?;
        let start = Instant::now();
        let time = self
            .after(start, "another socket", async || Ok((opened().await? > before).then_some(())))
            .await?;
        self.calm(0)?;
        self.nobody_noticed().await?;
        Ok(Observed { seen: "nothing".into(), time })
    }

    /// What `rule` says vanishes at the first one's router for some time.
    pub(super) async fn lost(&self, rule: &str, time: Duration) -> Result<Observed> {
        self.disturb(0, rule)?;
        let start = Instant::now();
        let mut seen = "a frozen picture".to_owned();
        while start.elapsed() < time {
            if let Some(after) = self.somebody_waits(start).await? {
                seen = format!("waiting for each other after {:.1} s", after.as_secs_f64());
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        tokio::time::sleep(time.saturating_sub(start.elapsed())).await;
        self.calm(0)?;
        let time = self.until_it_flows(PATIENCE).await?;
        Ok(Observed { seen, time })
    }

    pub(super) async fn other_address(&self) -> Result<Observed> {
        let start = Instant::now();
        self.move_to(0, 0)?;
        self.frozen_since(start).await
    }

    /// Another network: the computer has another address there, and the old one is gone.
    pub fn move_to(&self, who: usize, number: usize) -> Result<()> {
        let home = self.homes.get(who).context("a home")?;
        let IpAddr::V4(first) = home.network.address else { bail!("an IPv4 home") };
        let [one, two, three, _] = first.octets();
        let new = 77 + number % 100;
        let shown = home.network.tool("ip", &["-4", "-oneline", "address", "show", "dev", "eth0"])?;
        let old = shown.split_whitespace().nth(3).context("the home has an address")?;
        // First away with the old one: the kernel would take the new one, its secondary, with it. Routes go as well.
        home.network.ip(&format!("address delete {old} dev eth0"))?;
        home.network.ip(&format!("address add {one}.{two}.{three}.{new}/24 dev eth0"))?;
        home.network.ip(&format!("route replace default via {one}.{two}.{three}.1"))
    }

    pub(super) async fn other_mapping(&self) -> Result<Observed> {
        self.map_anew(0, 0).await?;
        self.frozen_since(Instant::now()).await
    }

    /// A router forgets all its mappings and makes others, with other ports.
    pub async fn map_anew(&self, who: usize, number: usize) -> Result<()> {
        let home = self.homes.get(who).context("a home")?;
        let router = home.routers.first().context("a router")?;
        let outside = home.public_address.context("a public address")?;
        // Entries live on as long as packets meet them: those are dropped before they do, until the entries are gone.
        let forget_after = |seconds: &'static str| {
            for timeout in ["nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"] {
                router
                    .run(move || std::fs::write(format!("/proc/sys/net/netfilter/{timeout}"), seconds))??;
            }
            anyhow::Ok(())
        };
        forget_after("1")?;
        router.nft(
            "table inet fault {
                chain before {
                    type filter hook prerouting priority -400
                    meta l4proto udp drop
                }
            }
            flush map ip router mappings
            flush chain ip router postrouting",
        )?;
        let port = 20_000 + 1000 * (number % 40);
        router.nft(&format!(
            "add rule ip router postrouting oifname wan meta l4proto udp snat to {outside}:{port}-{}
             add rule ip router postrouting oifname wan snat to {outside}",
            port + 999
        ))?;
        tokio::time::sleep(Duration::from_millis(2500)).await;
        forget_after("120")?;
        self.calm(who)
    }

    /// Waits for what has begun at `start` to be over.
    async fn frozen_since(&self, start: Instant) -> Result<Observed> {
        match self.until_it_flows_again(start).await? {
            Some(time) => Observed::new("a frozen picture", time),
            None => Observed::new("nothing", Duration::ZERO),
        }
    }

    pub(super) async fn udp_blocked(&self) -> Result<Observed> {
        self.disturb(0, "meta l4proto udp drop")?;
        let start = Instant::now();
        self.until_it_flows_again(start).await?.context("it went on without UDP")?;
        // Firefox does not say that another pair is selected; the page asks it every few seconds.
        let person = self.person(0)?;
        let said = async || Ok((person.other().await?.path == "relayed").then(|| start.elapsed()));
        let time = person.until("word that the call is relayed", said).await?;
        Observed::new("waiting, then relayed", time)
    }

    /// There was no UDP at the first one's home all the time.
    pub(super) async fn no_udp(&self) -> Result<Observed> {
        self.join().await?;
        let time = self.until_it_flows(PATIENCE).await?;
        let tile = self.person(0)?.other().await?;
        ensure!(tile.path == "relayed", "the page says {:?}", tile.path);
        Observed::new("relayed", time)
    }

    /// Nothing passes at the first one's router for minutes: the others stop waiting.
    pub(super) async fn long_absence(&self, time: Duration) -> Result<Observed> {
        self.disturb(0, "drop")?;
        let start = Instant::now();
        let other = self.person(1)?;
        let gone = until("the tile to be gone", seconds(130), async || {
            Ok(other.others().await?.is_empty().then(|| start.elapsed()))
        })
        .await?;
        tokio::time::sleep(time.saturating_sub(start.elapsed())).await;
        self.calm(0)?;
        let time = self.until_it_flows(PATIENCE).await?;
        Observed::new(format!("gone after {} s, and back by itself", gone.as_secs()), time)
    }

    /// Part of all packets is lost in both directions, each by itself.
    pub(super) async fn loss(&self, percent: u32) -> Result<Observed> {
        self.disturb(0, &format!("numgen random mod 100 < {percent} drop"))?;
        let sound = self.listen(seconds(30)).await?;
        self.calm(0)?;
        sound.observed()
    }

    /// All packets are lost for a moment, again and again.
    pub(super) async fn bursts(&self) -> Result<Observed> {
        let bursts = async {
            for _ in 0..30 {
                self.disturb(0, "drop")?;
                tokio::time::sleep(Duration::from_millis(200)).await;
                self.calm(0)?;
                tokio::time::sleep(Duration::from_millis(800)).await;
            }
            anyhow::Ok(())
        };
        let (sound, bursts) = tokio::join!(self.listen(seconds(28)), bursts);
        bursts?;
        sound?.observed()
    }

    /// A line that takes less and less, both ways. The time is the longer of both adaptations: how long it took after
    /// each step until sound came through as before. At the end pictures rest, words say so, and once the line is wide
    /// again they come back.
    pub(super) async fn narrow(&self) -> Result<Observed> {
        let mut longest = Duration::ZERO;
        let mut rates = vec![self.video_rate().await?];
        for rate in [300, 100] {
            self.narrow_to(rate)?;
            let start = Instant::now();
            // Opus sends 50 packets a second.
            until("sound comes through", PATIENCE, async || {
                let sound = self.listen(seconds(3)).await?;
                Ok((sound.packets_each_second >= 45.0).then_some(()))
            })
            .await?;
            longest = longest.max(start.elapsed().saturating_sub(seconds(3)));
            // Long enough to settle; then sound must have stayed.
            tokio::time::sleep(seconds(10)).await;
            rates.push(self.video_rate().await?);
            let sound = self.listen(seconds(10)).await?;
            ensure!(sound.packets_each_second >= 40.0, "at {rate} kbit/s: {sound:?}");
            ensure!(sound.disconnected == 0, "at {rate} kbit/s: {sound:?}");
        }
        until("words say that pictures rest", PATIENCE, async || {
            let mut said = true;
            for person in &self.people {
                let tile = person.other().await?;
                said &= tile.text.contains("paused") && tile.text.contains("weak connection");
            }
            Ok(said.then_some(()))
        })
        .await?;
        self.widen()?;
        let wide = Instant::now();
        // The longest pause between two tries is a minute.
        self.until_it_flows(seconds(80)).await?;
        let back = wide.elapsed().as_secs();
        until("the words are gone", PATIENCE, async || {
            let mut gone = true;
            for person in &self.people {
                gone &= !person.other().await?.text.contains("weak connection");
            }
            Ok(gone.then_some(()))
        })
        .await?;
        let rates: Vec<String> = rates.iter().map(|rate| format!("{rate:.0}")).collect();
        let seen =
            format!("video {} kbit/s; sound stays; pictures back after {back} s", rates.join(", then "));
        Observed::new(seen, longest)
    }

    /// The first one's router passes everything again.
    fn widen(&self) -> Result<()> {
        let router = self.homes.first().and_then(|home| home.routers.first()).context("a router")?;
        for interface in ["lan", "wan"] {
            router.tool("tc", &["qdisc", "delete", "dev", interface, "root"])?;
        }
        Ok(())
    }

    /// Lets the first one's router pass at most so many kbit/s in each direction, and hold packets for 300 ms at most.
    fn narrow_to(&self, rate: u32) -> Result<()> {
        let router = self.homes.first().and_then(|home| home.routers.first()).context("a router")?;
        for interface in ["lan", "wan"] {
            let words =
                format!("qdisc replace dev {interface} root tbf rate {rate}kbit burst 4kb latency 300ms");
            router.tool("tc", &words.split(' ').collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// What the second one sees of the first, in kbit/s.
    async fn video_rate(&self) -> Result<f64> {
        let sent = async || -> Result<u64> {
            let statistics = self.person(0)?.statistics().await?;
            Ok(statistics.iter().map(|connection| connection.video_bytes_sent).sum())
        };
        let (start, before) = (Instant::now(), sent().await?);
        tokio::time::sleep(seconds(3)).await;
        Ok((sent().await?.saturating_sub(before) * 8) as f64 / start.elapsed().as_secs_f64() / 1000.0)
    }

    /// Listens to how sound comes through between the first two.
    async fn listen(&self, time: Duration) -> Result<Sound> {
        let start = Instant::now();
        let mut sound = Sound::default();
        let mut last = Vec::new();
        while start.elapsed() < time {
            let mut packets = Vec::new();
            for person in &self.people {
                let statistics = person.statistics().await?;
                packets.push(statistics.iter().map(|connection| connection.audio_packets).max().unwrap_or(0));
                let tiles = person.others().await?;
                sound.disconnected += usize::from(tiles.iter().any(|tile| tile.state != "connected"));
            }
            let now = Instant::now();
            if last.is_empty() {
                last = packets.iter().map(|packets| (now, *packets, *packets, now)).collect();
            }
            for ((_, _, latest, heard_at), packets) in last.iter_mut().zip(packets) {
                sound.longest_silence = sound.longest_silence.max(now - *heard_at);
                if packets > *latest {
                    (*latest, *heard_at) = (packets, now);
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        let rates = last.iter().map(|(since, first, latest, heard_at)| {
            latest.saturating_sub(*first) as f64 / (*heard_at - *since).as_secs_f64().max(0.1)
        });
        sound.packets_each_second = rates.fold(f64::INFINITY, f64::min);
        Ok(sound)
    }
}

/// How sound came through, at the end where it was worse.
#[derive(Clone, Copy, Debug, Default)]
struct Sound {
    packets_each_second: f64,
    longest_silence: Duration,
    /// How often a tile said that somebody is waited for.
    disconnected: usize,
}

impl Sound {
    fn observed(self) -> Result<Observed> {
        ensure!(self.disconnected == 0, "somebody was waited for: {self:?}");
        Observed::new(
            format!("connected; {:.0} of 50 sound packets a second", self.packets_each_second),
            self.longest_silence,
        )
    }
}
