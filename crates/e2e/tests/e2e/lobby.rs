//! Before a call: what the browser blocks, and whoever comes with nothing but ears.

use anyhow::{Result, ensure};
use eyeline_e2e::{Kind, Options, Person, World, test};

async fn says(person: &Person, sentence: &str) -> Result<()> {
    person
        .until(&format!("“{sentence}”"), async || {
            Ok(person.words().await?.contains(sentence).then_some(()))
        })
        .await
}

#[test]
fn what_chromium_blocks_is_allowed_where_the_page_says() {
    test(async |world| {
        let server = world.server().await?;
        let options = Options::chromium(1)
            .ears_only()
            .argument("--use-fake-device-for-media-stream")
            .argument("--deny-permission-prompts");
        let ada = world.person("Ada", options, server.address).await?;
        world
            .watched(&[&ada], async {
                ada.start_call(&server.url()).await?;
                says(&ada, "Your browser blocks camera and microphone here").await?;
                ada.see("image", "Where to click").await?;
                says(&ada, "Click the sliders before the address").await?;
                // There, the person allows both, and comes back.
                ada.allow("camera").await?;
                ada.allow("microphone").await?;
                // Where the browser tells of that, nobody has to click once more.
                if let Some(again) = ada.look_for("button", "Try again").await? {
                    let _ = again.click().await;
                }
                ada.until("the own picture", async || {
                    let plays =
                        "[...document.querySelectorAll('main video')].some((video) => video.videoWidth > 0)";
                    Ok(ada.evaluate::<bool>(plays).await?.then_some(()))
                })
                .await?;
                ensure!(ada.look_for("image", "Where to click").await?.is_none(), "the help stays");
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

#[test]
fn firefox_says_where_to_allow_and_ears_are_enough_to_join() {
    test(async |world| joins_with_ears(world, Kind::Firefox).await);
}

async fn joins_with_ears(world: &World, kind: Kind) -> Result<()> {
    let server = world.server().await?;
    let ada = world.person("Ada", Options::of(kind, 1).ears_only(), server.address).await?;
    world
        .watched(&[&ada], async {
            ada.start_call(&server.url()).await?;
            says(&ada, "Your browser blocks camera and microphone here").await?;
            says(&ada, "Click the crossed-out sign before the address").await?;
            ada.see("image", "Where to click").await?;
            // Nobody is in a call before they have clicked.
            ensure!(ada.tiles().await?.is_empty(), "the call began by itself");
            ada.click_on("button", "Join").await?;
            ada.see("button", "Switch on your microphone").await?;
            ada.see("button", "Switch on your camera").await?;
            ada.see("button", "Leave").await?;
            ada.complained_about_nothing(&[]).await
        })
        .await
}
