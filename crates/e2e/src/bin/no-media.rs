//! The second promise, shown: a call does not burden the server. Two people talk at 180p, then at 720p; the server is
//! alone in a network of its own, whose interface counts every byte to and from it. `no-media [--seconds N]`.
//!
//! Writes a graph to `docs/no-media.svg` and a table to `docs/no-media.md`; fails if anything like media reached the
//! server, or if its work grew with the call's.

#[path = "no-media/graph.rs"]
mod graph;
#[path = "no-media/sample.rs"]
mod sample;

use anyhow::{Context, Result, ensure};
use eyeline_e2e::media::{HD, Size, TINY};
use eyeline_e2e::server::{Server, Setup};
use eyeline_e2e::{Options, World};
use eyeline_netlab::Network;
use sample::{Sampler, Second};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// One call.
struct Call {
    name: &'static str,
    seconds: Vec<Second>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = match arguments.as_slice() {
        [] => 300,
        [flag, number] if flag == "--seconds" => number.parse().context("--seconds takes a whole number")?,
        _ => anyhow::bail!("no-media [--seconds N]"),
    };
    let mut calls = Vec::new();
    for (name, size) in [("180p", TINY), ("720p", HD)] {
        let world = World::new(&format!("no-media-{name}"))?;
        let seconds = world.network.clone().run_long(move || {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?
                .block_on(call(&world, size, seconds))
        })??;
        calls.push(Call { name, seconds });
    }
    let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    std::fs::create_dir_all(docs)?;
    std::fs::write(docs.join("no-media.svg"), graph::draw(&calls))?;
    let table = table(&calls);
    std::fs::write(docs.join("no-media.md"), &table)?;
    println!("{table}");
    hold(&calls)
}

/// A call between two people with cameras of this size; what happened in each second of it.
async fn call(world: &World, size: Size, seconds: u32) -> Result<Vec<Second>> {
    ensure!(world.network.is_namespace(), "this demonstration needs network namespaces: run it as root");
    let mut alone = Network::empty()?;
    world.network.give_interface("outside", &alone)?;
    alone.ip("address add 10.77.0.3/24 dev outside")?;
    alone.ip("link set outside up")?;
    alone.address = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 3));
    let alone = Arc::new(alone);
    let server = Server::start(alone.clone(), &world.logs.join("server.log"), Setup::default()).await?;
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", Options::chromium(1).camera(size), server.address),
        world.person("Ben", Options::chromium(2).camera(size), server.address),
    )?;
    ada.calls(&[&ben], &server.url()).await?;
    ada.is_face_to_face_with(&ben).await?;
    // The page is loaded and everybody is connected; let the last records of that pass.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut sampler = Sampler::new(&server, &alone, &ada).await?;
    let mut samples = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.tick().await;
    for _ in 0..seconds {
        ticks.tick().await;
        samples.push(sampler.second().await?);
    }
    Ok(samples)
}

/// What must be so, whatever the call carries.
fn hold(calls: &[Call]) -> Result<()> {
    for call in calls {
        let total = |of: fn(&Second) -> u64| call.seconds.iter().map(of).sum::<u64>();
        let (media, server) = (total(|s| s.media), total(|s| s.tcp + s.udp));
        ensure!(
            media > 20_000 * call.seconds.len() as u64,
            "{}: hardly any media passed: {media} B",
            call.name
        );
        ensure!(
            server * 200 < media,
            "{}: {server} B reached or left the server, media were {media} B",
            call.name
        );
        // STUN's upkeep is all the UDP there is: Binding requests and answers, nothing of another size.
        ensure!(
            total(|s| s.udp) <= total(|s| s.stun),
            "{}: {} B of UDP, but {} B of STUN",
            call.name,
            total(|s| s.udp),
            total(|s| s.stun)
        );
        ensure!(total(|s| s.signaling) <= 16 * call.seconds.len() as u64, "{}: signaling goes on", call.name);
        let cpu: f64 = call.seconds.iter().map(|s| s.cpu).sum();
        ensure!(cpu < 0.005 * call.seconds.len() as f64, "{}: {cpu} s of CPU time", call.name);
        // Flat: the second half costs what the first did.
        let (first, second) = call.seconds.split_at(call.seconds.len() / 2);
        let half = |seconds: &[Second]| seconds.iter().map(|s| s.tcp + s.udp).sum::<u64>();
        ensure!(
            half(second) <= half(first) + half(first) / 2 + 2000,
            "{}: the server's traffic grows: {} B, then {} B",
            call.name,
            half(first),
            half(second)
        );
    }
    Ok(())
}

fn table(calls: &[Call]) -> String {
    let mut text = String::from(
        "# No media at the server\n\n\
         Made by `cargo xtask demo no-media`: two people in a call, first with 180p cameras, then with 720p; the \
         server alone in a network of its own, every byte to and from it counted at its interface.\n\n\
         ![Bytes and CPU time of each second](no-media.svg)\n\n\
         | call | length | media between the two | all bytes to and from the server | of these STUN upkeep | \
         WebSocket messages' bytes | server's CPU time |\n|---|---|---|---|---|---|---|\n",
    );
    for call in calls {
        let total = |of: fn(&Second) -> u64| call.seconds.iter().map(of).sum::<u64>();
        let cpu: f64 = call.seconds.iter().map(|s| s.cpu).sum();
        text += &format!(
            "| {} | {} s | {:.1} MB | {:.1} kB | {:.1} kB | {} B | {:.2} s |\n",
            call.name,
            call.seconds.len(),
            total(|s| s.media) as f64 / 1e6,
            total(|s| s.tcp + s.udp) as f64 / 1e3,
            total(|s| s.udp) as f64 / 1e3,
            total(|s| s.signaling),
            cpu,
        );
    }
    text
}
