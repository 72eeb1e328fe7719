//! `kill -9` of the server in mid-call: the call goes on, and others can come in when it is back.

use anyhow::{Result, ensure};
use eyeline_e2e::{Options, Person, checks, media, test};
use std::time::Duration;

/// What browsers say by themselves when a server is gone.
const GONE: &[&str] =
    &["WebSocket", "ERR_CONNECTION_REFUSED", "can’t establish a connection", "interrupted while"];

#[test]
fn a_call_survives_the_kill_of_its_server() {
    test(async |world| {
        let mut server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::SMALL), server.address),
            world.person("Ben", Options::firefox(2), server.address),
        )?;
        let everybody = [&ada, &ben];
        world
            .watched(&everybody, async {
                let link = ada.calls(&[&ben], &server.url()).await?;
                ada.is_face_to_face_with(&ben).await?;

                server.kill()?;
                // The time itself is the subject: long enough for every timer of a connection.
                tokio::time::sleep(Duration::from_secs(30)).await;
                for person in everybody {
                    checks::decodes_new_pictures(person).await?;
                }
                everything_still_works(&ada, &ben).await?;

                server.restart().await?;
                let cleo =
                    world.person("Cleo", Options::chromium(3).camera(media::SMALL), server.address).await?;
                world
                    .watched(&[&cleo], async {
                        cleo.open(&link).await?;
                        cleo.join().await?;
                        cleo.sees(&[&ada, &ben]).await?;
                        ada.sees(&[&ben, &cleo]).await?;
                        ben.sees(&[&ada, &cleo]).await?;
                        for (receiver, sender) in [
                            (&cleo, &ada),
                            (&cleo, &ben),
                            (&ada, &cleo),
                            (&ben, &cleo),
                            (&ada, &ben),
                            (&ben, &ada),
                        ] {
                            receiver.watches(sender, "camera").await?;
                        }
                        cleo.complained_about_nothing(GONE).await
                    })
                    .await?;
                for person in everybody {
                    person.complained_about_nothing(GONE).await?;
                }
                Ok(())
            })
            .await
    });
}

#[test]
fn one_can_hang_up_without_a_server() {
    test(async |world| {
        let mut server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::SMALL), server.address),
            world.person("Ben", Options::chromium(2).camera(media::SMALL), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ada.is_face_to_face_with(&ben).await?;
                server.kill()?;
                ada.click("leave").await?;
                let start = std::time::Instant::now();
                ben.until("Ada to be gone", async || {
                    Ok(ben.others().await?.iter().all(|tile| tile.state == "gone").then_some(()))
                })
                .await?;
                // By the word of Ada's page, not by a timeout of the connection (which takes more than 5 s).
                ensure!(start.elapsed() < Duration::from_secs(5), "it took {:?}", start.elapsed());
                ben.complained_about_nothing(GONE).await
            })
            .await
    });
}

/// Mute, camera and a shared screen reach the other end although there is no server.
async fn everything_still_works(ada: &Person, ben: &Person) -> Result<()> {
    let loudness = async || -> Result<f64> {
        let before: f64 = ben.statistics().await?.iter().map(|c| c.audio_energy).sum();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after: f64 = ben.statistics().await?.iter().map(|c| c.audio_energy).sum();
        Ok(after - before)
    };
    ada.click("toggle-microphone").await?;
    ben.until("silence", async || Ok((loudness().await? < 1e-4).then_some(()))).await?;
    ada.click("toggle-microphone").await?;
    ben.until("sound", async || Ok((loudness().await? > 1e-4).then_some(()))).await?;

    ada.click("toggle-camera").await?;
    ben.until("Ada's camera to be off", async || {
        let before: u64 = ben.statistics().await?.iter().map(|c| c.frames_decoded).sum();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after: u64 = ben.statistics().await?.iter().map(|c| c.frames_decoded).sum();
        Ok((before == after).then_some(()))
    })
    .await?;
    ada.click("toggle-camera").await?;
    ben.watches(ada, "camera").await?;

    ada.click("share-screen").await?;
    ben.until("Ada's screen", async || {
        Ok(ben.tile_of(ada).await?.video("screen").filter(|video| video.width > 0).map(drop))
    })
    .await
}
