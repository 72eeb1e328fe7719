//! Faults from outside, and what people see of them: networks that break, servers that die, machines that sleep.
//!
//! Everybody is at home behind a router of the usual kind (port-restricted), where packets can be made to vanish. The
//! product knows nothing of all this.

use crate::person::Person;
use crate::server::{Server, Setup};
use crate::world::{Public, World};
use crate::{Kind as Browser, media, until};
use anyhow::{Context as _, Result, ensure};
use eyeline_netlab::processes::Signal;
use eyeline_netlab::{Home, Kind};
use std::time::{Duration, Instant};

/// A fault of the table in `docs/faults.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the table.
    pub number: &'static str,
    /// What happens.
    pub what: &'static str,
    /// What a person should see.
    pub should: &'static str,
    /// How long it may take, as the median; twice as long at worst.
    pub bound: Duration,
    /// How many people are in the call.
    pub people: usize,
    cause: Cause,
}

/// How a fault is brought about and observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    SocketCut,
    SocketBlackHole,
    ServerKilled,
    ServerGone,
    ServerRestarted,
    DatagramsLost(Duration),
    EverythingLost(Duration),
    OtherAddress,
    OtherMapping,
    UdpBlocked,
    Sleep(Duration),
    BrowserKilled,
    TabClosed,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The faults that are tried, in the order of the table.
pub const FAULTS: [Fault; 15] = {
    const fn fault(
        number: &'static str,
        what: &'static str,
        should: &'static str,
        bound: u64,
        people: usize,
        cause: Cause,
    ) -> Fault {
        Fault { number, what, should, bound: seconds(bound), people, cause }
    }
    [
        fault("F1", "a WebSocket is cut", "nothing; it is back", 2, 2, Cause::SocketCut),
        fault("F2", "a WebSocket is swallowed", "nothing; it is noticed", 15, 2, Cause::SocketBlackHole),
        fault(
            "F3",
            "the server is killed for 5 s",
            "nothing; all are back there",
            10,
            3,
            Cause::ServerKilled,
        ),
        fault("F5", "the server stays away", "the call goes on, and a bar says so", 15, 2, Cause::ServerGone),
        fault("F6", "the server is restarted", "nothing; all are back there", 5, 2, Cause::ServerRestarted),
        fault("F7", "no UDP for 4 s", "a frozen picture", 3, 2, Cause::DatagramsLost(seconds(4))),
        fault("F8", "no UDP for 10 s", "waiting for each other", 3, 2, Cause::DatagramsLost(seconds(10))),
        fault("F9", "no UDP for 40 s", "waiting for each other", 5, 2, Cause::DatagramsLost(seconds(40))),
        fault(
            "F10",
            "nothing at all for 40 s",
            "waiting for each other",
            8,
            2,
            Cause::EverythingLost(seconds(40)),
        ),
        fault("F12", "another address at home", "a frozen picture", 6, 2, Cause::OtherAddress),
        fault("F13", "the router maps to other ports", "a frozen picture", 6, 2, Cause::OtherMapping),
        fault("F15", "UDP is blocked in mid-call", "relayed over TCP or TLS", 12, 2, Cause::UdpBlocked),
        fault("F19", "a machine sleeps for 30 s", "back by itself", 8, 2, Cause::Sleep(seconds(30))),
        fault("F24", "a browser is killed", "waiting, then gone", 3, 2, Cause::BrowserKilled),
        fault("F25", "a tab is closed", "gone", 1, 2, Cause::TabClosed),
    ]
};

/// What a run showed.
#[derive(Clone, Debug)]
pub struct Observed {
    /// In words.
    pub seen: String,
    /// What the bound is about: from the fault, or from the return of what was missing.
    pub time: Duration,
}

/// A call of some people at home.
pub struct Scene {
    server: Server,
    homes: Vec<Home>,
    people: Vec<Person>,
}

/// How often is looked. Adds to every time at most.
const LOOK: Duration = Duration::from_millis(100);

/// Above all bounds: how long is waited before a fault counts as not survived.
const PATIENCE: Duration = Duration::from_secs(60);

impl Fault {
    /// The fault with this number.
    pub fn named(number: &str) -> Option<Self> {
        FAULTS.into_iter().find(|fault| fault.number == number)
    }

    /// Whether it lasts half a minute or more.
    pub fn takes_long(&self) -> bool {
        match self.cause {
            Cause::DatagramsLost(time) | Cause::EverythingLost(time) | Cause::Sleep(time) => {
                time >= seconds(30)
            }
            Cause::BrowserKilled | Cause::ServerGone | Cause::SocketBlackHole => true,
            _ => false,
        }
    }

    /// Puts people into a call, lets it happen to them, and looks.
    pub async fn observe(&self, world: &World, public: &Public, browsers: &[Browser]) -> Result<Observed> {
        let mut scene = Scene::new(world, public, self.people, browsers).await?;
        let observed = scene.cause(self.cause).await;
        if observed.is_err() {
            let people: Vec<&Person> = scene.people.iter().collect();
            // Writes down what everybody saw.
            world.watched(&people, async { Err(anyhow::anyhow!("not survived")) }).await.err();
        } else {
            for person in &scene.people {
                world.write_journal(person).await?;
            }
        }
        observed.with_context(|| format!("{}: {}", self.number, self.what))
    }
}

impl Scene {
    async fn new(world: &World, public: &Public, count: usize, browsers: &[Browser]) -> Result<Self> {
        let server = public.server(world, Setup::default()).await?;
        let mut homes = Vec::new();
        let mut people = Vec::new();
        for (number, name) in ["Ada", "Ben", "Cleo", "Dan"].into_iter().enumerate().take(count) {
            let home = public.home(Kind::PortRestricted)?;
            let browser = browsers.get(number % browsers.len().max(1)).copied().unwrap_or(Browser::Chromium);
            let mut options = crate::Options::of(browser, number as u32 + 1).camera(media::TINY);
            options.window = (640, 480);
            people.push(public.person(world, name, options, &home).await?);
            homes.push(home);
        }
        let scene = Self { server, homes, people };
        let everybody: Vec<&Person> = scene.people.iter().collect();
        world.watched(&everybody, scene.begin()).await.context("before the fault")?;
        Ok(scene)
    }

    async fn begin(&self) -> Result<()> {
        if let [first, others @ ..] = self.people.as_slice() {
            let others: Vec<&Person> = others.iter().collect();
            first.calls(&others, &self.server.url()).await?;
        }
        self.all_see_each_other().await?;
        self.until_it_flows(PATIENCE).await.map(drop)
    }

    async fn cause(&mut self, cause: Cause) -> Result<Observed> {
        match cause {
            Cause::SocketCut => self.socket_cut().await,
            Cause::SocketBlackHole => self.socket_black_hole().await,
            Cause::ServerKilled => self.server_killed().await,
            Cause::ServerGone => self.server_gone().await,
            Cause::ServerRestarted => self.server_restarted().await,
            Cause::DatagramsLost(time) => self.lost("meta l4proto udp drop", time).await,
            Cause::EverythingLost(time) => self.lost("drop", time).await,
            Cause::OtherAddress => self.other_address().await,
            Cause::OtherMapping => self.other_mapping().await,
            Cause::UdpBlocked => self.udp_blocked().await,
            Cause::Sleep(time) => self.sleep(time).await,
            Cause::BrowserKilled => self.browser_killed().await,
            Cause::TabClosed => self.tab_closed().await,
        }
    }

    // --- The faults -------------------------------------------------------------------------------------------------

    async fn socket_cut(&self) -> Result<Observed> {
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

    async fn socket_black_hole(&self) -> Result<Observed> {
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

    async fn server_killed(&mut self) -> Result<Observed> {
        self.server.kill()?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        self.nobody_noticed().await?;
        self.server.restart().await?;
        let start = Instant::now();
        let time =
            self.after(start, "all are back at the server", async || self.all_are_there().await).await?;
        self.nobody_noticed().await?;
        Ok(Observed { seen: "nothing".into(), time })
    }

    async fn server_gone(&mut self) -> Result<Observed> {
        self.server.kill()?;
        let start = Instant::now();
        let time = self
            .after(start, "the bar", async || {
                Ok(self.person(0)?.words().await?.contains("New people can't join").then_some(()))
            })
            .await?;
        tokio::time::sleep(Duration::from_secs(20)).await;
        self.nobody_noticed().await?;
        self.until_it_flows(PATIENCE).await?;
        Ok(Observed { seen: "a bar: new people can't join right now; the call goes on".into(), time })
    }

    async fn server_restarted(&mut self) -> Result<Observed> {
        self.server.terminate().await?;
        self.server.restart().await?;
        let start = Instant::now();
        let time =
            self.after(start, "all are back at the server", async || self.all_are_there().await).await?;
        self.nobody_noticed().await?;
        Ok(Observed { seen: "nothing".into(), time })
    }

    /// What `rule` says vanishes at the first one's router for some time.
    async fn lost(&self, rule: &str, time: Duration) -> Result<Observed> {
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

    /// Another network: the computer has another address there, and the old one is gone.
    async fn other_address(&self) -> Result<Observed> {
        let home = self.homes.first().context("a home")?;
        let old = home.network.address;
        let text = old.to_string();
        let (network, _) = text.rsplit_once('.').context("an IPv4 address")?;
        // First away with the old one: the kernel would take the new one, its secondary, with it. Routes go as well.
        home.network.ip(&format!("address delete {old}/24 dev eth0"))?;
        home.network.ip(&format!("address add {network}.77/24 dev eth0"))?;
        home.network.ip(&format!("route replace default via {network}.1"))?;
        let time = self.until_it_flows(PATIENCE).await?;
        Ok(Observed { seen: "a frozen picture".into(), time })
    }

    /// The router forgets all its mappings and makes others, with other ports.
    async fn other_mapping(&self) -> Result<Observed> {
        let home = self.homes.first().context("a home")?;
        let router = home.routers.first().context("a router")?;
        let outside = home.public_address.context("a public address")?;
        // Entries live on as long as packets meet them: those are dropped before they do, until the entries are gone.
        for timeout in ["nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"] {
            router.run(move || std::fs::write(format!("/proc/sys/net/netfilter/{timeout}"), "1"))??;
        }
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
        router.nft(&format!(
            "add rule ip router postrouting oifname wan meta l4proto udp snat to {outside}:20000-29999
             add rule ip router postrouting oifname wan snat to {outside}"
        ))?;
        tokio::time::sleep(Duration::from_millis(2500)).await;
        for timeout in ["nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"] {
            router.run(move || std::fs::write(format!("/proc/sys/net/netfilter/{timeout}"), "120"))??;
        }
        self.calm(0)?;
        let time = self.until_it_flows(PATIENCE).await?;
        Ok(Observed { seen: "a frozen picture".into(), time })
    }

    async fn udp_blocked(&self) -> Result<Observed> {
        self.disturb(0, "meta l4proto udp drop")?;
        let time = self.until_it_flows(PATIENCE).await?;
        let tile = self.person(0)?.other().await?;
        ensure!(tile.path == "relayed", "the page says {:?}", tile.path);
        Ok(Observed { seen: "waiting, then relayed".into(), time })
    }

    async fn sleep(&self, time: Duration) -> Result<Observed> {
        let sleeper = self.person(0)?;
        sleeper.browser.signal(Signal::SIGSTOP)?;
        tokio::time::sleep(time).await;
        sleeper.browser.signal(Signal::SIGCONT)?;
        let time = self.until_it_flows(PATIENCE).await?;
        Ok(Observed { seen: "the other waits; back by itself".into(), time })
    }

    async fn browser_killed(&mut self) -> Result<Observed> {
        let killed = self.people.remove(0);
        drop(killed);
        let start = Instant::now();
        let left = self.person(0)?;
        let time = self
            .after(start, "waiting", async || {
                let waits = left.others().await?.iter().any(|tile| tile.state == "reconnecting");
                Ok(waits.then_some(()))
            })
            .await?;
        let start = Instant::now();
        let gone = until("the tile to be gone", Duration::from_secs(130), async || {
            Ok(left.others().await?.is_empty().then(|| start.elapsed()))
        })
        .await?;
        Ok(Observed { seen: format!("waiting; gone after {} s", (gone + time).as_secs()), time })
    }

    async fn tab_closed(&self) -> Result<Observed> {
        let (leaver, left) = (self.person(0)?, self.person(1)?);
        leaver.open("about:blank").await?;
        let start = Instant::now();
        let time =
            self.after(start, "gone", async || Ok(left.others().await?.is_empty().then_some(()))).await?;
        Ok(Observed { seen: "gone".into(), time })
    }

    // --- What is seen -----------------------------------------------------------------------------------------------

    fn person(&self, number: usize) -> Result<&Person> {
        self.people.get(number).context("somebody is missing")
    }

    async fn all_see_each_other(&self) -> Result<()> {
        for person in &self.people {
            let others: Vec<&Person> = self.people.iter().filter(|other| other.name != person.name).collect();
            person.sees(&others).await?;
        }
        Ok(())
    }

    /// Everybody is in the call as the server sees it.
    async fn all_are_there(&self) -> Result<Option<()>> {
        let members = self.server.counter("eyeline_members_in_call").await.unwrap_or_default();
        Ok((members as usize == self.people.len()).then_some(()))
    }

    /// Everybody sees everybody else, connected.
    async fn nobody_noticed(&self) -> Result<()> {
        for person in &self.people {
            let tiles = person.others().await?;
            let all =
                tiles.len() + 1 == self.people.len() && tiles.iter().all(|tile| tile.state == "connected");
            ensure!(all, "{} sees {tiles:#?}", person.name);
        }
        Ok(())
    }

    /// How long ago `start` was, if somebody waits for somebody now.
    async fn somebody_waits(&self, start: Instant) -> Result<Option<Duration>> {
        for person in &self.people {
            if person.others().await?.iter().any(|tile| tile.state == "reconnecting") {
                return Ok(Some(start.elapsed()));
            }
        }
        Ok(None)
    }

    /// Waits until everybody decodes new pictures of everybody else and sees them connected; how long that took.
    async fn until_it_flows(&self, patience: Duration) -> Result<Duration> {
        let start = Instant::now();
        until("pictures flow between all", patience, async || {
            let before = self.decoded().await?;
            tokio::time::sleep(2 * LOOK).await;
            let after = self.decoded().await?;
            let flow = before.iter().zip(&after).all(|(before, after)| {
                before.len() + 1 == self.people.len()
                    && before.len() == after.len()
                    && before.iter().zip(after).all(|(before, after)| after > before)
            });
            Ok((flow && self.nobody_noticed().await.is_ok()).then(|| start.elapsed()))
        })
        .await
    }

    /// For each person, the pictures decoded so far of each one they are connected with.
    async fn decoded(&self) -> Result<Vec<Vec<u64>>> {
        let mut all = Vec::new();
        for person in &self.people {
            let connections = person.statistics().await?;
            let connected = connections.iter().filter(|connection| connection.state == "connected");
            all.push(connected.map(|connection| connection.frames_decoded).collect());
        }
        Ok(all)
    }

    async fn after(
        &self,
        start: Instant,
        what: &str,
        condition: impl AsyncFn() -> Result<Option<()>>,
    ) -> Result<Duration> {
        until(what, PATIENCE, condition).await?;
        Ok(start.elapsed())
    }

    // --- Routers ----------------------------------------------------------------------------------------------------

    /// From now on, `rule` holds for everything between a home and the internet.
    fn disturb(&self, home: usize, rule: &str) -> Result<()> {
        let router = self.homes.get(home).and_then(|home| home.routers.first()).context("a router")?;
        router.nft(&format!(
            "table inet fault {{
                chain forward {{
                    type filter hook forward priority -10
                    {rule}
                }}
            }}"
        ))
    }

    /// The router is as it was.
    fn calm(&self, home: usize) -> Result<()> {
        let router = self.homes.get(home).and_then(|home| home.routers.first()).context("a router")?;
        router.nft("delete table inet fault")
    }
}
