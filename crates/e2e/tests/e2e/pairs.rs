//! Two people: moving pictures, sound and a shared screen, each way, direct.

use anyhow::{Context, Result};
use eyeline_e2e::{Kind, Options, Person, World, checks, test};

/// Two people in a call, all checks, a shared screen, and nothing to complain about.
async fn a_call_of(world: &World, first: Options, second: Options) -> Result<()> {
    world
        .call_of_two(first, second, async |ada, ben, _| {
            checks::sees_and_hears(ada, ben, None).await?;
            checks::sees_and_hears(ben, ada, None).await?;
            checks::is_direct(ada).await?;
            checks::is_direct(ben).await?;
            shares_a_screen(ada, ben).await?;
            shares_a_screen(ben, ada).await
        })
        .await
}

/// A shared screen arrives beside the camera, which goes on. Only Chromium shares here: Firefox shows its choice of
/// screens in a window, which a headless one does not have.
async fn shares_a_screen(sharer: &Person, viewer: &Person) -> Result<()> {
    if sharer.browser.options.kind == Kind::Firefox {
        return Ok(());
    }
    sharer.click("share-screen").await?;
    viewer
        .until("a shared screen", async || {
            let tile = viewer.tile_of(sharer).await?;
            Ok(tile.video("screen").filter(|video| video.width > 0 && video.height > 0).map(drop))
        })
        .await
        .context("sharing a screen")?;
    viewer.watches(sharer, "camera").await.context("the camera beside the screen")?;
    Ok(())
}

#[test]
fn chromium_and_chromium() {
    test(async |world| a_call_of(world, Options::chromium(1), Options::chromium(2)).await);
}

#[test]
fn chromium_first_then_firefox() {
    test(async |world| a_call_of(world, Options::chromium(1), Options::firefox(2)).await);
}

#[test]
fn firefox_and_firefox() {
    test(async |world| a_call_of(world, Options::firefox(1), Options::firefox(2)).await);
}

/// The same with other browsers: `cargo nextest run --profile long`.
mod long {
    use super::*;

    #[test]
    fn firefox_first_then_chromium() {
        test(async |world| a_call_of(world, Options::firefox(1), Options::chromium(2)).await);
    }
}
