//! Others in further tabs of one browser: for tests that look at the page of a call, and not at its pictures.

use crate::person::Person;
use anyhow::Result;
use thirtyfour::WindowHandle;

impl Person {
    /// Others join the call, each from a tab of its own; returns their tabs when all are connected with this one, which
    /// is in front again.
    pub async fn in_company(&self, link: &str, names: &[&str]) -> Result<Vec<WindowHandle>> {
        let driver = &self.browser.driver;
        let here = driver.window().await?;
        let mut tabs = Vec::new();
        for name in names {
            let tab = driver.new_tab().await?;
            driver.switch_to_window(tab.clone()).await?;
            tabs.push(tab);
            self.open(link).await?;
            self.join_as(name).await?;
        }
        driver.switch_to_window(here).await?;
        self.until(&format!("{names:?} to be connected"), async || {
            let tiles = self.others().await?;
            let connected = |name: &&&str| {
                tiles.iter().any(|tile| tile.state == "connected" && tile.text.contains(**name))
            };
            Ok((names.iter().filter(connected).count() == names.len()).then_some(()))
        })
        .await?;
        Ok(tabs)
    }

    /// Does something in another tab, and comes back.
    pub async fn in_tab<T>(&self, tab: &WindowHandle, work: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        let driver = &self.browser.driver;
        let here = driver.window().await?;
        driver.switch_to_window(tab.clone()).await?;
        let done = work().await?;
        driver.switch_to_window(here).await?;
        Ok(done)
    }
}
