//! The first promise, shown: three browsers in a call, the server killed; minutes later everything goes on. One path is
//! cut meanwhile and healed over the third; when the server is back, a fourth joins.
//! `server-death [--minutes N]`: how long the server stays dead, ten minutes if not said otherwise.

use anyhow::{Context as _, Result, bail, ensure};
use eyeline_e2e::server::Setup;
use eyeline_e2e::{Kind as Browser, Options, Person, Public, World, checks, media};
use eyeline_netlab::{Home, Kind};
use std::time::{Duration, Instant};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let minutes = match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 10,
        ["--minutes", number] => number.parse()?,
        _ => bail!("server-death [--minutes N]"),
    };
    let (world, public) = Public::new("server-death")?;
    world.run(async move |world| show(world, &public, Duration::from_secs(60 * minutes)).await)
}

async fn show(world: &World, public: &Public, dead_for: Duration) -> Result<()> {
    let start = Instant::now();
    let say = |what: &str| println!("{:>6.1} s  {what}", start.elapsed().as_secs_f64());
    let mut server = public.server(world, Setup::default()).await?;
    // With public addresses: without the server there is no STUN, and behind routers no new path can be found.
    let homes = [public.home(Kind::Open)?, public.home(Kind::Open)?, public.home(Kind::Open)?];
    let small = |browser, who| {
        let mut options = Options::of(browser, who).camera(media::TINY);
        options.window = (640, 480);
        options
    };
    let (ada, ben, cleo) = tokio::try_join!(
        public.person(world, "Ada", small(Browser::Chromium, 1), &homes[0]),
        public.person(world, "Ben", small(Browser::Chromium, 2), &homes[1]),
        public.person(world, "Cleo", small(Browser::Firefox, 3), &homes[2]),
    )?;
    let everybody = [&ada, &ben, &cleo];
    world
        .watched(&everybody, async {
            let link = ada.calls(&[&ben, &cleo], &server.url()).await?;
            all_directions(&everybody).await?;
            say("three people see each other");

            server.kill()?;
            let killed = Instant::now();
            say("kill -9 of the server");
            tokio::time::sleep(Duration::from_secs(20)).await;
            all_directions(&everybody).await?;
            say("all six directions have new pictures");

            ada.click("toggle-camera").await?;
            for other in [&ben, &cleo] {
                other
                    .until("Ada's camera to be off", async || {
                        Ok(ben_sees_no_camera(other, &ada).await?.then_some(()))
                    })
                    .await?;
            }
            ada.click("toggle-camera").await?;
            ada.click("share-screen").await?;
            for other in [&ben, &cleo] {
                other.watches(&ada, "camera").await?;
                other
                    .until("Ada's screen", async || {
                        Ok(other
                            .tile_of(&ada)
                            .await?
                            .video("screen")
                            .filter(|video| video.width > 0)
                            .map(drop))
                    })
                    .await?;
            }
            ada.click("share-screen").await?;
            say("a camera was switched off and on, a screen shared: it reached everybody");

            cut(&ada, &homes[0], &homes[1]).await?;
            let cut_at = Instant::now();
            ada.until("Ben to be waited for", async || {
                Ok((ada.tile_of(&ben).await?.state == "reconnecting").then_some(()))
            })
            .await?;
            say("the path between Ada and Ben is cut for ever; Ada waits for Ben");
            ada.sees(&[&ben, &cleo]).await?;
            ben.sees(&[&ada, &cleo]).await?;
            say(&format!("healed over Cleo, {:.1} s after the cut", cut_at.elapsed().as_secs_f64()));

            while killed.elapsed() < dead_for {
                tokio::time::sleep(Duration::from_secs(30).min(dead_for - killed.elapsed())).await;
                all_directions(&everybody).await?;
                say("all six directions have new pictures");
            }

            server.restart().await?;
            say("the server is back");
            let home = public.home(Kind::PortRestricted)?;
            let dan = public.person(world, "Dan", small(Browser::Chromium, 4), &home).await?;
            world
                .watched(&[&dan], async {
                    dan.open(&link).await?;
                    dan.join().await?;
                    let four = [&ada, &ben, &cleo, &dan];
                    for person in four {
                        let others: Vec<&Person> =
                            four.into_iter().filter(|other| other.name != person.name).collect();
                        person.sees(&others).await?;
                        checks::decodes_new_pictures(person).await?;
                    }
                    Ok(())
                })
                .await?;
            say("a fourth has joined, and everybody sees everybody");
            Ok(())
        })
        .await
}

async fn ben_sees_no_camera(viewer: &Person, other: &Person) -> Result<bool> {
    Ok(viewer.tile_of(other).await?.video("camera").is_none_or(|video| !video.playing || video.width == 0))
}

/// Everybody is connected with everybody else and decodes new pictures of each.
async fn all_directions(people: &[&Person]) -> Result<()> {
    for person in people {
        let others: Vec<&Person> = people.iter().copied().filter(|other| other.name != person.name).collect();
        person.sees(&others).await?;
        checks::decodes_new_pictures(person).await?;
    }
    Ok(())
}

/// Between the two, nothing passes any more from or to the ports that are in use now. An ICE restart uses others.
async fn cut(person: &Person, one: &Home, other: &Home) -> Result<()> {
    let statistics = person.statistics().await?;
    let mut ports: Vec<u16> = statistics
        .iter()
        .flat_map(|connection| &connection.gathered)
        .filter(|line| line.contains(" udp "))
        .filter_map(|line| line.split(' ').nth(5)?.parse().ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ensure!(!ports.is_empty(), "no port is in use");
    let list = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    for (here, there, port) in [(one, other, "dport"), (other, one, "sport")] {
        let address = there.public_address.context("a public address")?;
        here.network.nft(&format!(
            "table inet fault {{
                chain input {{
                    type filter hook input priority -10
                    ip saddr {address} udp {port} {{ {list} }} drop
                }}
            }}"
        ))?;
    }
    Ok(())
}
