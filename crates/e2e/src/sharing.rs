//! Something to share: a page of text with a tone, in a tab of its own; and what of it arrives.

use crate::Options;
use crate::person::Person;
use anyhow::{Context as _, Result, ensure};
use data_encoding::BASE64;
use thirtyfour::WindowHandle;

const PAGE: &str = include_str!("page/text.html");

/// The pitch of the tone, in hertz: nobody's fake microphone has it.
pub const TONE: f64 = 1760.0;

/// Whoever shares takes the tab with the text, unasked (Chromium). Without camera and microphone: with fake ones, screens are
/// fake too.
pub fn shares_text(mut options: Options) -> Options {
    options.plays_nowhere = true;
    options.ears_only().argument("--auto-select-tab-capture-source-by-title=Text to read")
}

/// Whoever shares takes the tab of the call itself, unasked (Chromium), as if they had chosen it in the browser's bar while they
/// shared another one. The page calls it by `window.named`.
pub fn shares_own_tab(mut options: Options) -> Options {
    const OWN: &str = "() => {
        const media = navigator.mediaDevices;
        const native = media?.getDisplayMedia;
        if (!native || media.own) return;
        media.own = true;
        media.getDisplayMedia = (options) =>
            native.call(media, { ...options, preferCurrentTab: true, selfBrowserSurface: 'include' });
        const name = media.setCaptureHandleConfig;
        media.setCaptureHandleConfig = (config) => name.call(media, (window.named = config));
    }";
    options.plays_nowhere = true;
    options.ears_only().preload(OWN).argument("--auto-accept-this-tab-capture")
}

/// From now on `person` says nothing but a tone of this pitch to those in the call.
pub async fn sings(person: &Person, hertz: f64) -> Result<()> {
    person
        .evaluate(&format!(
            "(() => {{
                const context = window.singing = new AudioContext();
                const oscillator = context.createOscillator();
                const voice = context.createMediaStreamDestination();
                oscillator.frequency.value = {hertz};
                oscillator.connect(voice);
                oscillator.start();
                const {{ sender }} = harness.connections.at(-1).getTransceivers()[0];
                return sender.replaceTrack(voice.stream.getTracks()[0]);
            }})()"
        ))
        .await
}

/// A tab with text, beside that of the call.
pub struct Text<'a> {
    owner: &'a Person,
    call: WindowHandle,
    tab: WindowHandle,
}

impl<'a> Text<'a> {
    /// Opens it in a window of its own; the call stays the one that is looked at.
    pub async fn open(owner: &'a Person) -> Result<Self> {
        let driver = &owner.browser.driver;
        let call = driver.window().await?;
        let tab = driver.new_window().await?;
        driver.switch_to_window(tab.clone()).await?;
        driver.goto(format!("data:text/html;base64,{}", BASE64.encode(PAGE.as_bytes()))).await?;
        driver.switch_to_window(call.clone()).await?;
        Ok(Self { owner, call, tab })
    }

    /// Evaluates something in the tab.
    pub async fn evaluate<T: serde::de::DeserializeOwned>(&self, expression: &str) -> Result<T> {
        let driver = &self.owner.browser.driver;
        driver.switch_to_window(self.tab.clone()).await?;
        let value = self.owner.evaluate(expression).await;
        driver.switch_to_window(self.call.clone()).await?;
        value.context("in the tab with text")
    }

    /// Gives its page exactly this size.
    pub async fn resize(&self, (width, height): (u32, u32)) -> Result<()> {
        let driver = &self.owner.browser.driver;
        driver.switch_to_window(self.tab.clone()).await?;
        driver.set_window_rect(0, 0, width, height).await?;
        let (inner_width, inner_height): (u32, u32) =
            self.owner.evaluate("[window.innerWidth, window.innerHeight]").await?;
        // The window's own frame and bars.
        let (across, down) = (width.saturating_sub(inner_width), height.saturating_sub(inner_height));
        driver.set_window_rect(0, 0, width + across, height + down).await?;
        let now: (u32, u32) = self.owner.evaluate("[window.innerWidth, window.innerHeight]").await?;
        driver.switch_to_window(self.call.clone()).await?;
        ensure!(now == (width, height), "the page has the size {now:?}");
        Ok(())
    }

    /// What the tab shows, as PNG.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let driver = &self.owner.browser.driver;
        driver.switch_to_window(self.tab.clone()).await?;
        let picture = driver.screenshot_as_png().await;
        driver.switch_to_window(self.call.clone()).await?;
        Ok(picture?)
    }
}

/// How loud a pitch is in what `person` receives in an m-line over its first open connection, in decibels of full scale, the
/// loudest of some looks.
pub async fn loudness(person: &Person, line: usize, hertz: f64) -> Result<f64> {
    person
        .evaluate(&format!(
            "(async () => {{
                const open = harness.connections.find((connection) => connection.connectionState === 'connected');
                const {{ track }} = open.getTransceivers()[{line}].receiver;
                const context = window.listening ??= new AudioContext();
                await context.resume();
                const analyser = context.createAnalyser();
                analyser.fftSize = 4096;
                analyser.smoothingTimeConstant = 0;
                const source = context.createMediaStreamSource(new MediaStream([track]));
                source.connect(analyser);
                const bins = new Float32Array(analyser.frequencyBinCount);
                const bin = Math.round({hertz} / context.sampleRate * analyser.fftSize);
                let loudest = -200;
                for (let look = 0; look < 30; look += 1) {{
                    await new Promise((wake) => setTimeout(wake, 100));
                    analyser.getFloatFrequencyData(bins);
                    loudest = Math.max(loudest, ...bins.slice(bin - 2, bin + 3));
                }}
                source.disconnect();
                return Math.max(loudest, -200);
            }})()"
        ))
        .await
}
