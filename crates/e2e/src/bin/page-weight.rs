//! What a person downloads before a call: every request of the start page, counted by a real browser.

use anyhow::{Result, ensure};
use eyeline_e2e::{Options, World};
use serde::Deserialize;
use std::time::Duration;

/// The most that may cross the wire, in bytes (with HTTP's headers).
const LIMIT: u64 = 150_000;

#[derive(Deserialize)]
struct Request {
    name: String,
    transfer: u64,
    decoded: u64,
}

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
    let script = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map((entry) => ({ name: entry.name, transfer: entry.transferSize, decoded: entry.decodedBodySize }))";
    // The start page asks for everything at once; wait until no more comes.
    let mut requests: Vec<Request> = person.evaluate(script).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now: Vec<Request> = person.evaluate(script).await?;
        if now.len() == requests.len() {
            break;
        }
        requests = now;
    }
    let total: u64 = requests.iter().map(|request| request.transfer).sum();
    for request in &requests {
        println!(
            "{:>9} B over the wire, {:>9} B unpacked  {}",
            request.transfer, request.decoded, request.name
        );
    }
    println!("page weight: {total} B over the wire, {} requests (at most {LIMIT} B)", requests.len());
    ensure!(total <= LIMIT, "the page is too heavy");
    Ok(())
}
