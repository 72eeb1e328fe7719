//! A person in front of a browser: what they do on the page, and what they see of it.

use crate::browser::{Browser, Kind};
use crate::picture::{Film, Picture};
use crate::until;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use thirtyfour::{By, Key};

/// How long a test waits for something that should happen soon. Long, as machines may be loaded: a test that passes
/// does not wait.
pub const SOON: Duration = Duration::from_secs(45);

/// Somebody with a browser.
pub struct Person {
    /// What the test calls them; also the name they type.
    pub name: String,
    /// Their browser.
    pub browser: Browser,
}

/// A tile of the page, as it stands there.
#[derive(Clone, Debug, Deserialize)]
pub struct Tile {
    /// The other's id; empty on one's own tile.
    pub peer: String,
    /// `connecting`, `connected`, `reconnecting`, `gone`.
    pub state: String,
    /// `direct`, `relayed` or empty.
    pub path: String,
    /// All its visible words.
    pub text: String,
    /// The videos in it.
    pub videos: Vec<Video>,
}

impl Tile {
    /// The video in `slot`, if the tile has one.
    pub fn video(&self, slot: &str) -> Option<&Video> {
        self.videos.iter().find(|video| video.slot == slot)
    }
}

/// A video element.
#[derive(Clone, Debug, Deserialize)]
pub struct Video {
    /// `camera` or `screen`.
    pub slot: String,
    /// Width of the decoded picture.
    pub width: u32,
    /// Height of the decoded picture.
    pub height: u32,
    /// Pictures shown so far.
    pub frames: u64,
    /// Whether it plays.
    pub playing: bool,
}

/// What `getStats` says of one open connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// `connectionState`.
    pub state: String,
    /// `udp` or `tcp`.
    pub protocol: String,
    /// Type of the selected local candidate.
    pub local: String,
    /// Type of the selected remote candidate.
    pub remote: String,
    /// How this end reaches its relay, if the selected local candidate is a relayed one: `udp`, `tcp` or `tls`.
    pub relay_protocol: String,
    /// The relay's URL, where the browser tells it.
    pub relay_url: String,
    /// Pictures decoded so far, all videos together.
    pub frames_decoded: u64,
    /// The received videos.
    pub videos: Vec<ReceivedVideo>,
    /// Loudness times time of what was received.
    pub audio_energy: f64,
    /// Audio packets received.
    pub audio_packets: u64,
    /// Video bytes sent.
    pub video_bytes_sent: u64,
    /// Audio bytes sent.
    pub audio_bytes_sent: u64,
    /// Video and audio bytes received.
    pub media_bytes_received: u64,
    /// The candidates this end has gathered, as lines.
    pub gathered: Vec<String>,
}

/// A received video.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedVideo {
    /// Which m-line.
    pub mid: String,
    /// Width of the decoded picture.
    pub width: u32,
    /// Height of the decoded picture.
    pub height: u32,
    /// Pictures decoded so far.
    pub frames_decoded: u64,
}

impl Person {
    /// Opens an address.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.browser.driver.goto(url).await.with_context(|| format!("{} opens {url}", self.name))?;
        Ok(())
    }

    /// Starts a call from the start page, and returns its link.
    pub async fn start_call(&self, url: &str) -> Result<String> {
        self.open(url).await?;
        self.click("start").await?;
        self.wait_for_element("join").await?;
        until("the address holds a link", SOON, async || {
            let address = self.browser.driver.current_url().await?.to_string();
            Ok(address.contains("#1").then_some(address))
        })
        .await
    }

    /// In the lobby: types the name and joins; returns when the own tile is there.
    pub async fn join(&self) -> Result<()> {
        self.join_as(&self.name).await
    }

    /// As [`join`](Self::join), under another name.
    pub async fn join_as(&self, name: &str) -> Result<()> {
        self.wait_for_element("join").await?;
        self.type_into("name", name).await?;
        self.click("join").await?;
        self.until("own tile", async || {
            Ok(self.tiles().await?.iter().any(|tile| tile.peer.is_empty()).then_some(()))
        })
        .await
    }

    /// Clicks on the element with this `data-testid`, as a person does: it must be visible.
    pub async fn click(&self, hook: &str) -> Result<()> {
        self.wait_for_element(hook).await?;
        self.until(&format!("a click on {hook}"), async || {
            // A page that draws anew between finding and clicking makes the element stale: find it again.
            let element = self.browser.driver.find(By::Testid(hook)).await?;
            if element.click().await.is_ok() {
                return Ok(Some(()));
            }
            self.bring_back(hook).await?;
            Ok(None)
        })
        .await
    }

    /// Replaces the text of an input.
    pub async fn type_into(&self, hook: &str, text: &str) -> Result<()> {
        self.wait_for_element(hook).await?;
        let element = self.browser.driver.find(By::Testid(hook)).await?;
        element.clear().await?;
        element.send_keys(text).await?;
        Ok(())
    }

    /// Waits until an element is there and visible.
    pub async fn wait_for_element(&self, hook: &str) -> Result<()> {
        self.until(&format!("{hook} to be visible"), async || {
            let Ok(element) = self.browser.driver.find(By::Testid(hook)).await else { return Ok(None) };
            if element.is_displayed().await.unwrap_or(false) {
                return Ok(Some(()));
            }
            self.bring_back(hook).await?;
            Ok(None)
        })
        .await
    }

    /// Brings the bar of a call back and keeps it: it is there for who touches anything, and for as long as the keyboard
    /// is in it. Otherwise it might be gone again before a click.
    async fn bring_back(&self, hook: &str) -> Result<()> {
        self.stir().await?;
        self.evaluate(&format!("harness.reach({})", json!(hook))).await
    }

    /// Touches a key that means nothing.
    pub async fn stir(&self) -> Result<()> {
        let keys = self.browser.driver.action_chain().key_down(Key::Shift).key_up(Key::Shift);
        keys.perform().await.context("a touch of a key")
    }

    /// Chooses something in the menu "More" of a call.
    pub async fn choose(&self, hook: &str) -> Result<()> {
        self.click("more").await?;
        self.click(hook).await
    }

    /// The tiles on the page.
    pub async fn tiles(&self) -> Result<Vec<Tile>> {
        self.evaluate("harness.tiles()").await
    }

    /// The others' tiles.
    pub async fn others(&self) -> Result<Vec<Tile>> {
        Ok(self.tiles().await?.into_iter().filter(|tile| !tile.peer.is_empty()).collect())
    }

    /// The one other's tile.
    pub async fn other(&self) -> Result<Tile> {
        match <[Tile; 1]>::try_from(self.others().await?) {
            Ok([tile]) => Ok(tile),
            Err(tiles) => bail!("{} should see one other, and sees {tiles:#?}", self.name),
        }
    }

    /// The tile of `other`, by the name on it.
    pub async fn tile_of(&self, other: &Person) -> Result<Tile> {
        let tiles = self.others().await?;
        let tile = tiles.iter().find(|tile| tile.text.contains(&other.name));
        tile.cloned().with_context(|| format!("{} sees no tile of {}, but {tiles:#?}", self.name, other.name))
    }

    /// Starts a call at `page` and joins it; then the others open the link and join, one after the other. Returns the
    /// link.
    pub async fn calls(&self, others: &[&Self], page: &str) -> Result<String> {
        let link = self.start_call(page).await?;
        self.join().await?;
        for other in others {
            other.open(&link).await?;
            other.join().await?;
        }
        Ok(link)
    }

    /// Waits until this person sees exactly these others, all connected.
    pub async fn sees(&self, others: &[&Person]) -> Result<()> {
        let names: Vec<_> = others.iter().map(|other| other.name.as_str()).collect();
        self.until(&format!("{names:?} to be connected"), async || {
            let tiles = self.others().await?;
            let all = names
                .iter()
                .all(|name| tiles.iter().any(|tile| tile.state == "connected" && tile.text.contains(*name)));
            Ok((all && tiles.len() == names.len()).then_some(()))
        })
        .await
    }

    /// Waits until this person is shown a moving `slot` (`camera`, `screen`) of `other`.
    pub async fn watches(&self, other: &Person, slot: &str) -> Result<Tile> {
        self.until(&format!("{}'s {slot} to move", other.name), async || {
            let frames = async || -> Result<Option<u64>> {
                let Ok(tile) = self.tile_of(other).await else { return Ok(None) };
                Ok(tile.video(slot).filter(|video| video.width > 0).map(|video| video.frames))
            };
            let Some(before) = frames().await? else { return Ok(None) };
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(frames().await?.filter(|after| *after > before).map(drop))
        })
        .await?;
        self.tile_of(other).await
    }

    /// Waits until this person and the other are shown each other's moving camera.
    pub async fn is_face_to_face_with(&self, other: &Person) -> Result<()> {
        self.watches(other, "camera").await?;
        other.watches(self, "camera").await.map(drop)
    }

    /// Looks at the cameras of some tiles (peer empty: one's own) for some seconds, all at the same time.
    pub async fn films(&self, peers: &[&str], seconds: f64) -> Result<Vec<Film>> {
        let films: Vec<Vec<Picture>> =
            self.evaluate(&format!("harness.watch({}, 'camera', {seconds})", json!(peers))).await?;
        Ok(films.into_iter().map(|pictures| Film { pictures }).collect())
    }

    /// What `getStats` says of each open connection.
    pub async fn statistics(&self) -> Result<Vec<Statistics>> {
        self.evaluate("harness.statistics()").await
    }

    /// Bytes of media that crossed the wire at this browser, both ways, so far.
    pub async fn media_bytes(&self) -> Result<u64> {
        let statistics = self.statistics().await?;
        Ok(statistics.iter().map(|c| c.video_bytes_sent + c.audio_bytes_sent + c.media_bytes_received).sum())
    }

    /// All its visible words.
    pub async fn words(&self) -> Result<String> {
        self.evaluate("document.body.innerText").await
    }

    /// Waits until these words are on the page.
    pub async fn says(&self, words: &str) -> Result<()> {
        self.until(&format!("{words:?}"), async || Ok(self.words().await?.contains(words).then_some(())))
            .await
    }

    /// The value of a JavaScript expression in the page; promises are awaited.
    pub async fn evaluate<T: serde::de::DeserializeOwned>(&self, expression: &str) -> Result<T> {
        // Errors and values come back as text: drivers differ in how they hand over anything else.
        let promise = format!(
            "(async () => JSON.stringify((await ({expression})) ?? null))()
                .then((value) => ({{ value }}), (error) => ({{ error: `${{error}}` }}))"
        );
        let answer = self.answer(promise).await.with_context(|| format!("{}: {expression}", self.name))?;
        match answer.get("value").and_then(serde_json::Value::as_str) {
            Some(value) => {
                Ok(serde_json::from_str(value).with_context(|| format!("{expression} gave {value}"))?)
            }
            None => bail!("{}: {expression}: {answer}", self.name),
        }
    }

    /// What comes of a promise in the page.
    async fn answer(&self, promise: String) -> Result<serde_json::Value> {
        let driver = &self.browser.driver;
        if self.browser.options.by_value {
            let evaluate = serde_json::json!({
                "expression": promise, "awaitPromise": true, "returnByValue": true, "userGesture": true,
            });
            let mut answer = driver.cdp().send_raw("Runtime.evaluate", &evaluate).await?;
            return Ok(answer.pointer_mut("/result/value").map(serde_json::Value::take).unwrap_or(answer));
        }
        let script = format!("const done = arguments[arguments.length - 1]; {promise}.then(done);");
        Ok(driver.execute_async(script, Vec::new()).await?.json().clone())
    }

    /// Waits until `condition` gives something.
    pub async fn until<T>(&self, what: &str, condition: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        until(&format!("{} waits for {what}", self.name), SOON, condition).await
    }

    /// Fails if the browser complained about anything: errors on the console, uncaught errors, violations of the
    /// content security policy. `expected` are pieces of lines that this test brings about itself.
    pub async fn complained_about_nothing(&self, expected: &[&str]) -> Result<()> {
        let mut complaints: Vec<String> = self.evaluate("harness.problems").await?;
        complaints.extend(
            self.browser.console().into_iter().filter(|line| line.level == "error").map(|line| line.text),
        );
        complaints.retain(|text| !expected.iter().any(|piece| text.contains(piece)));
        ensure!(complaints.is_empty(), "{}'s browser complained: {complaints:#?}", self.name);
        Ok(())
    }

    /// Whether this browser's pictures can be told from any other's by their fields: Firefox's fake camera has one
    /// plain colour that changes.
    pub fn has_patterned_picture(&self) -> bool {
        self.browser.options.kind == Kind::Chromium
    }
}
