//! Sharing: several at once, sound that arrives and does not return, pauses, the browser's own end of it.

use anyhow::{Result, ensure};
use eyeline_e2e::sharing::{TONE, Text, loudness, shares_text};
use eyeline_e2e::{Kind, Options, Person, World, media, test};

/// A sound in a received stream is there, above this, or is not, below that (decibels of full scale).
const THERE: f64 = -60.0;
const NOT_THERE: f64 = -80.0;

async fn two(
    world: &World,
    ada: Options,
    ben: Options,
    work: impl AsyncFnOnce(&Person, &Person) -> Result<()>,
) -> Result<()> {
    let server = world.server().await?;
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", ada.camera(media::SMALL), server.address),
        world.person("Ben", ben.camera(media::SMALL), server.address),
    )?;
    world
        .watched(&[&ada, &ben], async {
            ada.calls(&[&ben], &server.url()).await?;
            ada.sees(&[&ben]).await?;
            ben.watches(&ada, "camera").await?;
            work(&ada, &ben).await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
}

#[test]
fn the_sound_of_a_shared_tab_arrives_and_does_not_return() {
    test(async |world| {
        two(world, shares_text(Options::chromium(1)), Options::chromium(2), async |ada, ben| {
            let text = Text::open(ada).await?;
            text.evaluate::<()>("sound()").await?;
            ada.click("share-screen").await?;
            let tile = ben.watches(ada, "screen").await?;
            eprintln!("{:?}", tile.video("screen"));
            let arrives = loudness(ben, 3, TONE).await?;
            let returns = loudness(ada, 0, TONE).await?.max(loudness(ada, 3, TONE).await?);
            let voice = loudness(ben, 0, TONE).await?;
            eprintln!("the tone arrives with {arrives:.0} dB, in the voice {voice:.0} dB, returns with {returns:.0} dB");
            ensure!(arrives > THERE, "the tone does not arrive: {arrives}");
            ensure!(returns < NOT_THERE && voice < NOT_THERE, "the tone returns: {returns}, {voice}");
            Ok(())
        })
        .await
    });
}
