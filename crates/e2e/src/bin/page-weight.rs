//! What a person downloads before a call: every request of the start page, counted by a real browser.

use anyhow::{Result, ensure};
use eyeline_e2e::{Options, World};
use std::time::Duration;

/// Each request is a chance to wait.
const REQUESTS: usize = 8;

/// The most that may cross the wire compressed with brotli, in bytes, HTTP's headers left out.
const LIMIT: usize = 150_000;

fn main() -> Result<()> {
    let world = World::new("page-weight")?;
    world.network.clone().run_long(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(&world))
    })?
}

async fn measure(world: &World) -> Result<()> {
    let server = world.server().await?;
    let person = world.person("Ada", Options::chromium(1), server.address).await?;
    person.open(&server.url()).await?;
    person.wait_for_element("start").await?;
    let requests = async || -> Result<Vec<String>> {
        let script =
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
            .map((entry) => entry.name)";
        person.evaluate(script).await
    };
    // The start page asks for everything at once; wait until no more comes.
    let mut urls = requests().await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = requests().await?;
        if now.len() == urls.len() {
            break;
        }
        urls = now;
    }
    // Browsers ask for brotli over HTTPS only, and this is plain HTTP: ask once more for what they asked.
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut total = [0, 0];
    for url in &urls {
        let mut sizes = [0, 0];
        for (size, encoding) in sizes.iter_mut().zip(["br", "gzip"]) {
            let request = client.get(url).header("Accept-Encoding", encoding);
            *size = request.send().await?.error_for_status()?.bytes().await?.len();
        }
        total.iter_mut().zip(sizes).for_each(|(total, size)| *total += size);
        let [brotli, gzip] = sizes;
        println!("{brotli:>9} B brotli, {gzip:>9} B gzip  {url}");
    }
    let [brotli, gzip] = total;
    let count = urls.len();
    println!("page weight: {brotli} B brotli (at most {LIMIT} B), {gzip} B gzip, {count} requests");
    ensure!(brotli <= LIMIT, "the page is too heavy");
    ensure!(count <= REQUESTS, "the page asks for too much");
    Ok(())
}
