//! How soon a slow phone on a slow network can use the page: requests before Join, Largest Contentful Paint, and when
//! Start can be clicked. Over HTTPS, with nothing in the cache.

use anyhow::{Context, Result, ensure};
use eyeline_e2e::world::NAME;
use eyeline_e2e::{Options, Person, Public, World};
use eyeline_netlab::Kind;
use serde::Deserialize;
use serde_json::json;

/// A single try says little: pages that load wait for many small things.
const TRIES: usize = 5;

/// The most requests before Join, the page's own included.
const REQUESTS: usize = 8;

/// Lighthouse's "slow 4G" as its DevTools throttling has it: milliseconds for each request, and bits a second.
const LATENCY: f64 = 562.5;
const DOWN: f64 = 1_474_560.0;
const UP: f64 = 675_000.0;
/// How many times slower the processor is than this machine's: Lighthouse's "mid-tier mobile".
const SLOWER: u32 = 4;

/// What `first_seconds.js` found, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Seconds {
    clickable: f64,
    largest: f64,
}

fn main() -> Result<()> {
    let (world, public) = Public::new("page-speed")?;
    world.network.clone().run_long(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(&world, &public))
    })?
}

async fn measure(world: &World, public: &Public) -> Result<()> {
    let _server = public.server(world, Default::default()).await?;
    let home = public.home(Kind::Open)?;
    let mut tries = Vec::new();
    for number in 0..TRIES {
        let options = Options::chromium(1).preload(include_str!("../page/first_seconds.js"));
        let person = public.person(world, "Ada", options, &home).await?;
        throttle(&person).await?;
        person.open(&format!("https://{NAME}/")).await?;
        person.wait_for_element("start").await?;
        let seconds = person
            .until("the largest part to be drawn", async || {
                let seconds: Seconds = person.evaluate("firstSeconds").await?;
                Ok((seconds.largest > 0.0 && seconds.clickable > 0.0).then_some(seconds))
            })
            .await?;
        tries.push(seconds);
        if number == 0 {
            let requests = requests_before_join(&person).await?;
            println!("requests before Join: {} (at most {REQUESTS})", requests.len());
            requests.iter().for_each(|request| println!("  {request}"));
            ensure!(requests.len() <= REQUESTS, "too many requests before Join");
        }
    }
    let median = |of: fn(&Seconds) -> f64| {
        let mut all: Vec<f64> = tries.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all.get(TRIES / 2).copied().context("no tries")
    };
    println!("slow 4G, processor {SLOWER} times slower, median of {TRIES}:");
    println!("  Largest Contentful Paint: {:.0} ms", median(|seconds| seconds.largest)?);
    println!("  Start can be clicked:     {:.0} ms", median(|seconds| seconds.clickable)?);
    Ok(())
}

/// A phone in the hand of somebody on a bus.
async fn throttle(person: &Person) -> Result<()> {
    person.window(390, 844, true).await?;
    person.command("Network.enable", json!({})).await?;
    person
        .command(
            "Network.emulateNetworkConditions",
            json!({
                "offline": false, "latency": LATENCY, "downloadThroughput": DOWN / 8.0, "uploadThroughput": UP / 8.0,
            }),
        )
        .await?;
    person.command("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWER })).await?;
    Ok(())
}

/// What the browser has asked for when the lobby is there: the page, its parts, and sockets.
async fn requests_before_join(person: &Person) -> Result<Vec<String>> {
    person.click("start").await?;
    person.wait_for_element("join").await?;
    let mut requests: Vec<String> = person
        .evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
                .map((entry) => `${entry.name.split('#')[0]} (${entry.encodedBodySize} B)`)",
        )
        .await?;
    let sockets: usize = person.evaluate("harness.sockets").await?;
    requests.extend((0..sockets).map(|_| "WebSocket".to_owned()));
    Ok(requests)
}
