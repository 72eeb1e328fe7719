//! How sharp a shared page of text arrives: the received picture against the page itself, at 5 and at 1 Mbit/s, in the
//! page's two styles and with the settings that browsers have by themselves. Beside it, what the capture costs: the picture
//! that was captured against the page, before any encoder. Then a film: how fluent it is. (The browser's own settings are the
//! encoder's; how often the screen is looked at, ten times a second for text, is the page's wish there too.)
//!
//! What is compared is brightness: encoders have colours at half the resolution, and what they do to those is not told from
//! less sharpness by a measure that was made for brightness.
//!
//! `cargo xtask bench share-sharpness`

use anyhow::{Context as _, Result, ensure};
use data_encoding::BASE64;
use eyeline_e2e::server::Setup;
use eyeline_e2e::sharing::{Text, shares_text};
use eyeline_e2e::{Options, Person, Public, World};
use eyeline_netlab::{Condition, Kind};
use image::GrayImage;
use std::time::Duration;
use tokio::time::Instant;

/// Makes every wish of the page about encoders void.
const BY_THEMSELVES: &str = "() => {
    if (!window.RTCRtpSender || window.undone) return;
    window.undone = true;
    Object.defineProperty(MediaStreamTrack.prototype, 'contentHint', { get: () => '', set: () => {} });
    RTCRtpSender.prototype.setParameters = async () => {};
}";

/// Which settings encoders have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settings {
    SharpText,
    SmoothMotion,
    ByThemselves,
}

impl Settings {
    const ALL: [Self; 3] = [Self::SharpText, Self::SmoothMotion, Self::ByThemselves];

    fn name(self) -> &'static str {
        match self {
            Self::SharpText => "sharp text",
            Self::SmoothMotion => "smooth motion",
            Self::ByThemselves => "the browser's own",
        }
    }
}

/// How alike a page and what became of it are.
#[derive(Clone, Debug)]
struct Sharpness {
    /// As it was captured.
    captured: f64,
    /// As it arrived, so long after the page was turned as [`LOOKS`] says.
    received: Vec<f64>,
    /// What the encoder says at the end: its codec, and how coarse its pictures were on the way there.
    encoder: String,
    /// Of a film afterwards: the pictures that were shown in a second, and the longest time between two, in milliseconds.
    film: (f64, f64),
}

/// Seconds after a page was turned.
const LOOKS: [u64; 3] = [1, 5, 10];

/// The look that is judged: longer than this, nobody waits for a page to become readable.
const JUDGED: usize = 1;

/// What the issue asks for at 5 Mbit/s.
const WANTED: f64 = 0.97;

/// Pages turned in one call: the median of three is no fluke.
const PAGES: u32 = 3;

/// A screen that the page fits on: what is captured is never larger.
const SCREEN: &str = "--screen-info={1920x1200}";

/// Size of the shared page.
const PAGE: (u32, u32) = (1280, 720);

fn main() -> Result<()> {
    let mut table = Vec::new();
    for rate in [5_000_000, 1_000_000] {
        for settings in Settings::ALL {
            let (world, public) = Public::new(&format!("share-sharpness-{settings:?}-{rate}"))?;
            let sharpness = world.run(async move |world| measure(world, &public, rate, settings).await)?;
            println!("{rate:>8} bit/s, {settings:?}: {sharpness:?}");
            table.push((rate, settings, sharpness));
        }
    }
    let [first, second, third] = LOOKS;
    println!(
        "\n| Mbit/s | settings | SSIM captured | after {first} s | {second} s | {third} s | encoder | film, pictures a second | \
         longest pause |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (rate, settings, Sharpness { captured, received, encoder, film: (pictures, pause) }) in &table {
        let received: Vec<String> = received.iter().map(|value| format!("{value:.3}")).collect();
        let (rate, name, received) = (rate / 1_000_000, settings.name(), received.join(" | "));
        println!(
            "| {rate} | {name} | {captured:.3} | {received} | {encoder} | {pictures:.1} | {pause:.0} ms |"
        );
    }
    let best = table.first().and_then(|(.., best)| best.received.get(JUDGED)).context("a table")?;
    ensure!(*best >= WANTED, "SSIM {best:.3} at 5 Mbit/s is less than {WANTED}");
    Ok(())
}

async fn measure(world: &World, public: &Public, rate: u32, settings: Settings) -> Result<Sharpness> {
    let server = public.server(world, Setup::default()).await?;
    let condition =
        Condition { rate: Some(rate), delay: Duration::from_millis(15), seed: 7, ..Condition::default() };
    let home = public.home_over(Kind::PortRestricted, condition)?;
    let other = public.home(Kind::PortRestricted)?;
    let mut ada = shares_text(Options::chromium(1)).argument(SCREEN);
    if settings == Settings::ByThemselves {
        ada = ada.preload(BY_THEMSELVES);
    }
    let (ada, ben) = tokio::try_join!(
        public.person(world, "Ada", ada, &home),
        public.person(world, "Ben", Options::chromium(2).ears_only(), &other),
    )?;
    ada.calls(&[&ben], &server.url()).await?;
    ada.sees(&[&ben]).await?;
    let text = Text::open(&ada).await?;
    ada.click("share-screen").await?;
    ben.watches(&ada, "screen").await?;
    if settings == Settings::SmoothMotion {
        ada.click("share-smooth").await?;
    }
    ada.evaluate::<()>(CAPTURED).await?;
    // Only now: the browser says above the page that it is shared.
    text.resize(PAGE).await?;
    // Until the bandwidth is known.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut captured = Vec::new();
    let mut received = LOOKS.map(|_| Vec::new());
    for page in 2..2 + PAGES {
        let start = Instant::now();
        text.evaluate::<()>(&format!("turn({page})")).await?;
        let mut seen = Vec::new();
        for after in LOOKS {
            tokio::time::sleep_until(start + Duration::from_secs(after)).await;
            seen.push(brightness(&ben, RECEIVED).await?);
        }
        let screenshot = text.screenshot().await?;
        let truth = image::load_from_memory(&screenshot)?.into_luma8();
        for (values, picture) in received.iter_mut().zip(&seen) {
            values.push(alike(&truth, picture)?);
        }
        captured.push(alike(&truth, &brightness(&ada, "window.captured").await?)?);
        if let (2, Some(last)) = (page, seen.last()) {
            std::fs::write(world.logs.join("page.png"), screenshot)?;
            last.save(world.logs.join("received.png"))?;
        }
    }
    let encoder = ada.evaluate(ENCODER).await?;
    text.evaluate::<()>("play()").await?;
    // Until the encoder has found its way.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let film = ben.evaluate(&format!("({FLUENCY})({RECEIVED})")).await?;
    eprintln!("{settings:?}: of a film {film:?}, {}", ada.evaluate::<String>(ENCODER).await?);
    Ok(Sharpness { captured: median(captured), received: received.map(median).to_vec(), encoder, film })
}

/// The pictures that a video shows in a second, over ten, and the longest time between two of them, in milliseconds.
const FLUENCY: &str = "(video) => new Promise((done) => {
    const times = [];
    const shown = (now) => {
        times.push(now);
        const time = now - times[0];
        if (time < 10000) {
            video.requestVideoFrameCallback(shown);
            return;
        }
        const pauses = times.slice(1).map((at, index) => at - times[index]);
        done([(times.length - 1) * 1000 / time, Math.max(...pauses)]);
    };
    video.requestVideoFrameCallback(shown);
})";

/// The screen that arrives.
const RECEIVED: &str =
    "document.querySelector('[data-testid=tile]:not([data-peer=\"\"]) video[data-slot=screen]')";

/// Keeps what is captured, as a video beside the page.
const CAPTURED: &str = "(async () => {
    const track = harness.tracks.find((track) => track.getSettings().displaySurface && track.readyState === 'live');
    const video = window.captured = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    await video.play();
})()";

/// What encoded the screen, how finely on average (the lower the finer), and how many pictures.
const ENCODER: &str = "(async () => {
    const { sender } = harness.connections.at(-1).getTransceivers()[2];
    const report = await sender.getStats();
    const stream = [...report.values()].find((entry) => entry.type === 'outbound-rtp');
    const codec = report.get(stream.codecId).mimeType.split('/')[1];
    const size = `${stream.frameWidth}×${stream.frameHeight}`;
    const coarse = Math.round(stream.qpSum / stream.framesEncoded);
    return `${codec} ${size}, ${stream.framesEncoded} pictures, quantizer ${coarse}, ${Math.round(stream.bytesSent / 1000)} kB`;
})()";

/// The mean structural similarity of two pictures (Wang and others, 2004, equation 13, in windows of 8×8 pixels that do not
/// overlap): 1 for the same. Own code, because the crate `image-compare` takes the sum of the squared differences in a window
/// for their mean, which makes noise on white paper that nobody can see as bad as letters that are gone.
fn alike(one: &GrayImage, other: &GrayImage) -> Result<f64> {
    ensure!(one.dimensions() == other.dimensions(), "{:?} and {:?}", one.dimensions(), other.dimensions());
    let windows = (0..one.height() / WINDOW).flat_map(|y| (0..one.width() / WINDOW).map(move |x| (x, y)));
    let values: Vec<f64> = windows.map(|window| alike_within(one, other, window)).collect();
    Ok(mean(values.iter().copied()))
}

const WINDOW: u32 = 8;

fn alike_within(one: &GrayImage, other: &GrayImage, (x, y): (u32, u32)) -> f64 {
    // What keeps the quotients from zero: (0.01 L)² and (0.03 L)² with L = 255.
    const OF_MEANS: f64 = 2.55 * 2.55;
    const OF_VARIANCES: f64 = 7.65 * 7.65;
    let pixels = |picture: &GrayImage| -> Vec<f64> {
        let places = (0..WINDOW).flat_map(|down| (0..WINDOW).map(move |right| (right, down)));
        places.map(|(right, down)| brightness_at(picture, (x * WINDOW + right, y * WINDOW + down))).collect()
    };
    let (one, other) = (pixels(one), pixels(other));
    let (mean_one, mean_other) = (mean(one.iter().copied()), mean(other.iter().copied()));
    let covariance = |first: &[f64], mean_first: f64, second: &[f64], mean_second: f64| {
        mean(first.iter().zip(second).map(|(first, second)| (first - mean_first) * (second - mean_second)))
    };
    let variances =
        covariance(&one, mean_one, &one, mean_one) + covariance(&other, mean_other, &other, mean_other);
    let together = covariance(&one, mean_one, &other, mean_other);
    let means = (2.0 * mean_one * mean_other + OF_MEANS) / (mean_one.powi(2) + mean_other.powi(2) + OF_MEANS);
    means * (2.0 * together + OF_VARIANCES) / (variances + OF_VARIANCES)
}

/// Windows lie within both pictures, which have the same size.
fn brightness_at(picture: &GrayImage, (x, y): (u32, u32)) -> f64 {
    picture.get_pixel_checked(x, y).map_or(0.0, |image::Luma([brightness])| f64::from(*brightness))
}

#[expect(clippy::cast_precision_loss, reason = "pictures have fewer windows than 2^52")]
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The brightness of a video's present picture, at the page's native size: a smaller picture is scaled as the browser does it.
async fn brightness(person: &Person, video: &str) -> Result<GrayImage> {
    let (width, height) = PAGE;
    let picture: String = person
        .evaluate(&format!(
            "(async () => {{
                const canvas = new OffscreenCanvas({width}, {height});
                const context = canvas.getContext('2d');
                context.imageSmoothingQuality = 'high';
                context.drawImage({video}, 0, 0, {width}, {height});
                const blob = await canvas.convertToBlob({{ type: 'image/png' }});
                const bytes = new Uint8Array(await blob.arrayBuffer());
                let text = '';
                for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
                return btoa(text);
            }})()"
        ))
        .await?;
    Ok(image::load_from_memory(&BASE64.decode(picture.as_bytes())?)?.into_luma8())
}
