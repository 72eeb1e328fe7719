//! The other end's certificate is checked against the sealed hash.

use anyhow::ensure;
use eyeline_e2e::{Options, media, test};
use std::time::Duration;

#[test]
fn with_a_wrong_certificate_the_call_ends_and_nothing_is_shown() {
    test(async |world| {
        let server = world.server().await?;
        let deceived = Options::chromium(1)
            .camera(media::SMALL)
            .preload(include_str!("../../src/page/wrong_certificate.js"));
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", deceived, server.address),
            world.person("Ben", Options::chromium(2).camera(media::SMALL), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                let shown = "[...document.querySelectorAll('[data-testid=tile]:not([data-peer=\"\"]) video')]
                    .some((video) => video.srcObject?.getTracks().length || video.videoWidth)";
                ada.until("the call with Ben to end", async || {
                    ensure!(!ada.evaluate::<bool>(shown).await?, "something of Ben was shown");
                    let others = ada.others().await?;
                    Ok(others.iter().any(|tile| tile.state == "gone").then_some(()))
                })
                .await?;
                // It stays so: nothing is shown later, and no media leaves this end.
                let until = tokio::time::Instant::now() + Duration::from_secs(5);
                while tokio::time::Instant::now() < until {
                    ensure!(!ada.evaluate::<bool>(shown).await?, "something of Ben was shown later");
                    let sent: u64 =
                        ada.statistics().await?.iter().map(|c| c.video_bytes_sent + c.audio_bytes_sent).sum();
                    ensure!(sent == 0, "{sent} bytes of media were sent to a wrong certificate");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}
