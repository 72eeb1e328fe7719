//! Machines that sleep, browsers that are killed, tabs that are hidden or closed.

use super::Observed;
use super::scene::{PATIENCE, Scene};
use crate::until;
use anyhow::{Result, ensure};
use eyeline_netlab::processes::Signal;
use std::time::{Duration, Instant};

impl Scene {
    pub(super) async fn sleep(&self, time: Duration) -> Result<Observed> {
        let sleeper = self.person(0)?;
        sleeper.browser.signal(Signal::SIGSTOP)?;
        tokio::time::sleep(time).await;
        sleeper.browser.signal(Signal::SIGCONT)?;
        let time = self.until_it_flows(PATIENCE).await?;
        Observed::new("the other waits; back by itself", time)
    }

    /// The person looks at another tab. Nobody may notice, and the page must still be quick to hear.
    pub(super) async fn hidden(&self, time: Duration) -> Result<Observed> {
        let person = self.person(0)?;
        let driver = &person.browser.driver;
        let page = driver.window().await?;
        driver.new_tab().await?;
        let other = driver.windows().await?.into_iter().find(|window| *window != page);
        ensure!(other.is_some(), "no second tab");
        if let Some(other) = &other {
            driver.switch_to_window(other.clone()).await?;
            person.open("about:blank").await?;
        }
        let (start, other) = (Instant::now(), self.person(1)?);
        while start.elapsed() < time {
            tokio::time::sleep(Duration::from_secs(5)).await;
            ensure!(other.other().await?.state == "connected", "the one who is hidden is waited for");
        }
        let start = Instant::now();
        driver.close_window().await?;
        driver.switch_to_window(page).await?;
        ensure!(person.other().await?.state == "connected", "the one who was hidden waits");
        let hidden: u64 = person.evaluate("harness.hidden").await?;
        ensure!(hidden > 0, "the tab was never hidden");
        self.until_it_flows(PATIENCE).await?;
        Observed::new("nothing", start.elapsed())
    }

    pub(super) async fn browser_killed(&mut self) -> Result<Observed> {
        let killed = self.people.remove(0);
        killed.browser.signal(Signal::SIGKILL)?;
        let start = Instant::now();
        let left = self.person(0)?;
        let time = self
            .after(start, "waiting", async || {
                let waits = left.others().await?.iter().any(|tile| tile.state == "reconnecting");
                Ok(waits.then_some(()))
            })
            .await?;
        drop(killed);
        let gone = until("the tile to be gone", Duration::from_secs(130), async || {
            Ok(left.others().await?.is_empty().then(|| start.elapsed()))
        })
        .await?;
        Observed::new(format!("waiting; gone after {} s", gone.as_secs()), time)
    }

    pub(super) async fn tab_closed(&self) -> Result<Observed> {
        let (leaver, left) = (self.person(0)?, self.person(1)?);
        leaver.open("about:blank").await?;
        let start = Instant::now();
        let time =
            self.after(start, "gone", async || Ok(left.others().await?.is_empty().then_some(()))).await?;
        Ok(Observed { seen: "gone".into(), time })
    }

    /// The same person comes a second time, with the same link in the same browser.
    pub(super) async fn opened_twice(&self) -> Result<Observed> {
        let (person, other) = (self.person(0)?, self.person(1)?);
        let driver = &person.browser.driver;
        let link = driver.current_url().await?.to_string();
        let page = driver.window().await?;
        let second = driver.new_tab().await?;
        driver.switch_to_window(second).await?;
        let start = Instant::now();
        person.open(&link).await?;
        person.join().await?;
        let time = self
            .after(start, "one more", async || {
                let tiles = other.others().await?;
                Ok((tiles.len() == 2 && tiles.iter().all(|tile| tile.state == "connected")).then_some(()))
            })
            .await?;
        driver.close_window().await?;
        driver.switch_to_window(page).await?;
        self.until_it_flows(PATIENCE).await?;
        Observed::new("one more person, as long as the tab is open", time)
    }

    /// Somebody sets the clock of the machine. Only the wall clock: the other is the kernel's and cannot be set.
    pub(super) async fn clock_jump(&self) -> Result<Observed> {
        let person = self.person(0)?;
        for hours in [1, 0, -1, 0] {
            let script =
                format!("(window.realNow ??= Date.now, Date.now = () => realNow() + {hours} * 3600e3, 0)");
            person.evaluate::<u64>(&script).await?;
            let start = Instant::now();
            while start.elapsed() < Duration::from_secs(6) {
                self.nobody_noticed().await?;
                tokio::time::sleep(super::scene::LOOK).await;
            }
        }
        Observed::new("nothing", self.until_it_flows(PATIENCE).await?)
    }
}
