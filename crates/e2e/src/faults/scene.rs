//! Some people at home in a call, and what they see of each other.

use crate::person::Person;
use crate::server::{Server, Setup};
use crate::world::{Public, World};
use crate::{Kind as Browser, Options, media, until};
use anyhow::{Context as _, Result, ensure};
use eyeline_netlab::{Home, Kind};
use std::time::{Duration, Instant};

/// How often is looked. Adds to every time at most.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// Above all bounds: how long is waited before a fault counts as not survived.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A call of some people at home.
pub struct Scene {
    /// Where they meet.
    pub server: Server,
    /// Where they are, in the order of `people`.
    pub homes: Vec<Home>,
    /// Who is there.
    pub people: Vec<Person>,
}

impl Scene {
    /// People in front of their browsers, each of a kind out of `browsers` in turn and at home behind a router out of
    /// `homes` in turn. Nobody has opened the page yet.
    pub async fn new(
        world: &World,
        public: &Public,
        count: usize,
        homes: [Kind; 2],
        browsers: &[Browser],
        adjust: impl Fn(&mut Options),
    ) -> Result<Self> {
        let server = public.server(world, Setup::default()).await?;
        let mut scene = Self { server, homes: Vec::new(), people: Vec::new() };
        let kinds = homes.into_iter().cycle();
        for ((number, name), kind) in
            ["Ada", "Ben", "Cleo", "Dan"].into_iter().enumerate().zip(kinds).take(count)
        {
            let home = public.home(kind)?;
            let browser = browsers.get(number % browsers.len().max(1)).copied().unwrap_or(Browser::Chromium);
            let mut options = Options::of(browser, number as u32 + 1).camera(media::TINY);
            options.window = (640, 480);
            adjust(&mut options);
            scene.people.push(public.person(world, name, options, &home).await?);
            scene.homes.push(home);
        }
        Ok(scene)
    }

    /// Everybody joins one call and sees everybody, for long enough that all of them send at their usual rates.
    pub async fn begin(&self) -> Result<()> {
        self.join().await?;
        self.until_it_flows(PATIENCE).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        self.until_it_flows(PATIENCE).await.context("before the fault").map(drop)
    }

    /// Everybody joins one call.
    pub(super) async fn join(&self) -> Result<()> {
        if let [first, others @ ..] = self.people.as_slice() {
            let others: Vec<&Person> = others.iter().collect();
            first.calls(&others, &self.server.url()).await?;
        }
        Ok(())
    }

    /// Leaves behind what everybody's browser did; if it `failed`, also what they saw.
    pub async fn write_down(&self, world: &World, failed: bool) -> Result<()> {
        let people: Vec<&Person> = self.people.iter().collect();
        if failed {
            world.watched(&people, async { Err(anyhow::anyhow!("not survived")) }).await.err();
        } else {
            for person in people {
                // Who has left the page has no journal.
                let _ = world.write_journal(person).await;
            }
        }
        Ok(())
    }

    // --- What is seen -----------------------------------------------------------------------------------------------

    pub(super) fn person(&self, number: usize) -> Result<&Person> {
        self.people.get(number).context("somebody is missing")
    }

    /// Everybody is in the call as the server sees it.
    pub(super) async fn all_are_there(&self) -> Result<Option<()>> {
        let members = self.server.counter("eyeline_members_in_call").await.unwrap_or_default();
        Ok((members as usize == self.people.len()).then_some(()))
    }

    /// Everybody sees everybody else, connected.
    pub async fn nobody_noticed(&self) -> Result<()> {
        for person in &self.people {
            let tiles = person.others().await?;
            let all =
                tiles.len() + 1 == self.people.len() && tiles.iter().all(|tile| tile.state == "connected");
            ensure!(all, "{} sees {tiles:#?}", person.name);
        }
        Ok(())
    }

    /// How long ago `start` was, if somebody waits for somebody now.
    pub(super) async fn somebody_waits(&self, start: Instant) -> Result<Option<Duration>> {
        for person in &self.people {
            if person.others().await?.iter().any(|tile| tile.state == "reconnecting") {
                return Ok(Some(start.elapsed()));
            }
        }
        Ok(None)
    }

    /// Waits until everybody decodes new pictures of everybody else and sees them connected; how long that took.
    pub async fn until_it_flows(&self, patience: Duration) -> Result<Duration> {
        let start = Instant::now();
        until("pictures flow between all", patience, async || {
            let flows = self.flows(2 * LOOK).await? && self.nobody_noticed().await.is_ok();
            Ok(flows.then(|| start.elapsed()))
        })
        .await
    }

    /// As [`until_it_flows`](Self::until_it_flows), after it has stopped; how long that took from `start`. `None`: it
    /// did not stop.
    pub(super) async fn until_it_flows_again(&self, start: Instant) -> Result<Option<Duration>> {
        // What a jitter buffer holds is shown a little longer.
        while self.flows(5 * LOOK).await? {
            if start.elapsed() > Duration::from_secs(6) {
                return Ok(None);
            }
        }
        self.until_it_flows(PATIENCE).await?;
        Ok(Some(start.elapsed()))
    }

    /// Whether everybody decodes new pictures of everybody else within this time.
    async fn flows(&self, within: Duration) -> Result<bool> {
        let before = self.decoded().await?;
        tokio::time::sleep(within).await;
        let after = self.decoded().await?;
        Ok(before.iter().zip(&after).all(|(before, after)| {
            before.len() + 1 == self.people.len()
                && before.len() == after.len()
                && before.iter().zip(after).all(|(before, after)| after > before)
        }))
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

    pub(super) async fn after(
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
    pub fn disturb(&self, home: usize, rule: &str) -> Result<()> {
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
    pub fn calm(&self, home: usize) -> Result<()> {
        let router = self.homes.get(home).and_then(|home| home.routers.first()).context("a router")?;
        router.nft("delete table inet fault")
    }
}
