//! With and without camera and microphone.

use anyhow::{Result, ensure};
use eyeline_e2e::{Kind, Options, World, checks, media, test};

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

#[test]
fn a_camera_that_is_off_is_stopped_and_comes_back() {
    test(async |world| {
        let server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::SMALL), server.address),
            world.person("Ben", Options::chromium(2).camera(media::SMALL), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ben.watches(&ada, "camera").await?;
                let living = "harness.tracks.filter((track) => track.kind === 'video' && track.readyState === 'live').length";
                ensure!(ada.evaluate::<u32>(living).await? == 1, "one camera should be on");
                ada.click("toggle-camera").await?;
                ada.until("the camera to be stopped", async || {
                    Ok((ada.evaluate::<u32>(living).await? == 0).then_some(()))
                })
                .await?;
                ada.click("toggle-camera").await?;
                ben.watches(&ada, "camera").await?;
                checks::is_the_picture_of(&ben, &ada, &ben).await?;
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
