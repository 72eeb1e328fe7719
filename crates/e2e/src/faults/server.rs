//! Servers that die, stay away, come back.

use super::scene::{PATIENCE, Scene};
use super::{Observed, seconds};
use anyhow::{Context as _, Result, ensure};
use std::time::{Duration, Instant};

impl Scene {
    pub(super) async fn server_killed(&mut self) -> Result<Observed> {
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

    /// The server goes, and with it the relay that the media takes.
    pub(super) async fn relay_killed(&mut self) -> Result<Observed> {
        self.server.kill()?;
        let start = Instant::now();
        while self.somebody_waits(start).await?.is_none() && start.elapsed() < seconds(8) {
            tokio::time::sleep(super::scene::LOOK).await;
        }
        tokio::time::sleep(seconds(5).saturating_sub(start.elapsed())).await;
        self.server.restart().await?;
        let time = self.until_it_flows(PATIENCE).await?;
        Observed::new("waiting for each other", time)
    }

    pub(super) async fn server_gone(&mut self, time: Duration) -> Result<Observed> {
        self.server.kill()?;
        let start = Instant::now();
        let bar = self
            .after(start, "the bar", async || {
                Ok(self.person(0)?.words().await?.contains("New people can't join").then_some(()))
            })
            .await?;
        while start.elapsed() < time {
            tokio::time::sleep(seconds(15).min(time.saturating_sub(start.elapsed()))).await;
            self.nobody_noticed().await?;
            self.until_it_flows(PATIENCE).await?;
        }
        Observed::new("a bar: new people can't join right now; the call goes on", bar)
    }

    pub(super) async fn server_restarted(&mut self) -> Result<Observed> {
        self.server.terminate().await?;
        self.server.restart().await?;
        let start = Instant::now();
        let time =
            self.after(start, "all are back at the server", async || self.all_are_there().await).await?;
        self.nobody_noticed().await?;
        Ok(Observed { seen: "nothing".into(), time })
    }

    /// The server has used up its open files: no new connection is accepted. Those who are there notice nothing, and
    /// when it may open files again, somebody can come.
    pub(super) async fn no_files(&self) -> Result<Observed> {
        let id = self.server.id().context("the server runs")?;
        let limit = |files: usize| {
            let mut command = std::process::Command::new("prlimit");
            let status = command.arg(format!("--pid={id}")).arg(format!("--nofile={files}:")).status()?;
            ensure!(status.success(), "prlimit: {status}");
            anyhow::Ok(())
        };
        // A new file gets the lowest free number, which must be below the limit: with none free there is none.
        let used = std::fs::read_dir(format!("/proc/{id}/fd"))?.count();
        limit(used)?;
        let start = Instant::now();
        while start.elapsed() < seconds(10) {
            self.nobody_noticed().await?;
            tokio::time::sleep(super::scene::LOOK).await;
        }
        self.until_it_flows(PATIENCE).await?;
        limit(1024)?;
        let start = Instant::now();
        let before = self.server.counter("eyeline_websockets_total").await?;
        let person = self.person(0)?;
        let link = person.browser.driver.current_url().await?.to_string();
        person.open("about:blank").await?;
        person.open(&link).await?;
        person.join().await?;
        self.until_it_flows(PATIENCE).await?;
        ensure!(self.server.counter("eyeline_websockets_total").await? > before, "it accepts nobody");
        Observed::new("nothing; later others can come", start.elapsed())
    }
}
