//! With and without camera and microphone; and what happens to them in the middle of a call (faults F21 to F23).

use anyhow::{Result, ensure};
use eyeline_e2e::server::Server;
use eyeline_e2e::{Kind, Options, Person, World, checks, media, test};
use std::time::{Duration, Instant};

/// What a person should see of a fault of a device is there within this time; at worst within twice.
const BOUND: Duration = Duration::from_secs(2);

/// Two people who cannot capture anything connect. Their browsers hide the host addresses behind names of multicast
/// DNS, which is blocked here: so it is our STUN that carries it.
async fn ears_only(world: &World, first: Kind, second: Kind) -> Result<()> {
    ensure!(world.network.is_namespace(), "this test needs a network namespace: run it as root");
    world.network.nft(
        "table inet multicast {
            chain out {
                type filter hook output priority 0
                udp dport 5353 drop
            }
        }",
    )?;
    let server = world.server().await?;
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", Options::of(first, 1).ears_only(), server.address),
        world.person("Ben", Options::of(second, 2).ears_only(), server.address),
    )?;
    world
        .watched(&[&ada, &ben], async {
            ada.calls(&[&ben], &server.url()).await?;
            ada.sees(&[&ben]).await?;
            ben.sees(&[&ada]).await?;
            checks::is_direct(&ada).await?;
            for person in [&ada, &ben] {
                for connection in person.statistics().await? {
                    let host = connection.gathered.iter().filter(|line| line.contains(" typ host"));
                    for line in host {
                        ensure!(line.contains(".local "), "{} names a host address: {line}", person.name);
                    }
                }
                person.complained_about_nothing(&[]).await?;
            }
            Ok(())
        })
        .await
}

#[test]
fn two_chromiums_with_ears_only_connect() {
    test(async |world| ears_only(world, Kind::Chromium, Kind::Chromium).await);
}

#[test]
fn chromium_and_firefox_with_ears_only_connect() {
    test(async |world| ears_only(world, Kind::Chromium, Kind::Firefox).await);
}

/// Ada at a desk with devices that can be pulled out, in a call with Ben.
async fn at_a_desk(
    world: &World,
    kind: Kind,
    work: impl AsyncFnOnce(&Person, &Person, &Server) -> Result<()>,
) -> Result<()> {
    let server = world.server().await?;
    let desk = Options::of(kind, 1).camera(media::SMALL).preload(media::DESK);
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", desk, server.address),
        world.person("Ben", Options::chromium(2).camera(media::SMALL), server.address),
    )?;
    world
        .watched(&[&ada, &ben], async {
            ada.calls(&[&ben], &server.url()).await?;
            ben.watches(&ada, "camera").await?;
            checks::hears(&ben).await?;
            work(&ada, &ben, &server).await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
}

/// Does something to Ada's devices; returns how long it took until her page says `words`.
async fn until_said(ada: &Person, fault: &str, action: &str, words: &str) -> Result<()> {
    let start = Instant::now();
    ada.evaluate::<()>(&format!("void ({action})")).await?;
    says(ada, words).await?;
    within_bound(fault, start.elapsed())
}

fn within_bound(fault: &str, time: Duration) -> Result<()> {
    eprintln!("{fault}: said after {time:.2?} (bound {BOUND:?})");
    ensure!(time <= 2 * BOUND, "{fault}: {time:?}");
    Ok(())
}

async fn says(person: &Person, words: &str) -> Result<()> {
    person
        .until(&format!("{words:?}"), async || Ok(person.words().await?.contains(words).then_some(())))
        .await
}

async fn uses(person: &Person, devices: &[&str]) -> Result<()> {
    person
        .until(&format!("{devices:?} to be in use"), async || {
            let mut used: Vec<String> = person.evaluate("desk.inUse").await?;
            used.sort();
            Ok((used == devices).then_some(()))
        })
        .await
}

async fn unplugged(ada: &Person, ben: &Person) -> Result<()> {
    uses(ada, &["headset", "webcam"]).await?;
    until_said(ada, "F21 camera unplugged", "desk.unplug('webcam')", "Built-in camera takes over").await?;
    ben.watches(ada, "camera").await?;
    until_said(ada, "F21 microphone unplugged", "desk.unplug('headset')", "Built-in microphone takes over").await?;
    uses(ada, &["lid", "machine"]).await?;
    checks::hears(ben).await?;
    until_said(ada, "F21 last camera unplugged", "desk.unplug('lid')", "nobody can see you").await?;
    until_said(ada, "F21 last microphone unplugged", "desk.unplug('machine')", "nobody can hear you").await?;
    uses(ada, &[]).await?;
    ben.until("Ada's camera to be off", async || Ok(ben.tile_of(ada).await?.text.contains("\nA\n").then_some(())))
        .await
        .or(Ok(()))
}

#[test]
fn an_unplugged_device_is_replaced_by_the_next_or_said_to_be_gone() {
    test(async |world| at_a_desk(world, Kind::Chromium, async |ada, ben, _| unplugged(ada, ben).await).await);
}

#[test]
fn an_unplugged_device_is_replaced_in_firefox_too() {
    test(async |world| at_a_desk(world, Kind::Firefox, async |ada, ben, _| unplugged(ada, ben).await).await);
}
