//! Takes pictures of the start page, the check, the lobby and a call: dark and light, desktop and phone.
//! `screenshots [FOLDER]`; by default `target/screenshots`.

use anyhow::Result;
use eyeline_e2e::browser::Screen;
use eyeline_e2e::{Options, Person, World, media};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thirtyfour::Key;

fn main() -> Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| eyeline_e2e::target_directory().join("screenshots"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let world = World::new("screenshots")?;
    world.network.clone().run_long(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(take(&world, &folder))
    })?
}

async fn take(world: &World, folder: &Path) -> Result<()> {
    let server = world.server().await?;
    let portrait = |who| {
        let mut options =
            Options::chromium(who).camera(media::SMALL).preload(include_str!("../page/named_devices.js"));
        options.portrait = true;
        options
    };
    // Those who are in the call already.
    let mut others: Vec<Person> = Vec::new();
    let mut link = String::new();
    for (name, who) in [("Amara", 1), ("Jonas", 5)] {
        let person = world.person(name, portrait(who), server.address).await?;
        if link.is_empty() {
            link = person.start_call(&server.url()).await?;
        } else {
            person.open(&link).await?;
        }
        person.join().await?;
        others.push(person);
    }
    let devices = [("desktop", (1440, 900)), ("phone", (390, 844)), ("phone-lying", (844, 390))];
    for (device, window) in devices {
        for (scheme, dark) in [("dark", true), ("light", false)] {
            // On its side, a telephone has another layout and the same colours.
            let lying = device == "phone-lying";
            if lying && !dark {
                continue;
            }
            let mut options = portrait(3);
            options.window = window;
            options.screen = if device == "desktop" { Screen::Exact } else { Screen::Phone };
            options.dark = dark;
            let person = world.person("Mia", options, server.address).await?;
            let shot = async |page: &str| -> Result<()> {
                let file = folder.join(format!("{page}-{device}-{scheme}.png"));
                // Let transitions end and the camera's picture come.
                tokio::time::sleep(Duration::from_secs(2)).await;
                person.browser.driver.screenshot(&file).await?;
                println!("{}", file.display());
                Ok(())
            };
            if !lying {
                person.open(&server.url()).await?;
                person.wait_for_element("start").await?;
                shot("start").await?;
                person.click("check").await?;
                person.click("check-devices").await?;
                person.click("check-play").await?;
                person
                    .until("the check to end", async || {
                        let running: bool = person
                            .evaluate("document.querySelector('[data-result=running]') !== null")
                            .await?;
                        Ok((!running).then_some(()))
                    })
                    .await?;
                shot("check").await?;
                person.open("about:blank").await?;
            }
            person.open(&link).await?;
            person.wait_for_element("join").await?;
            shot("lobby").await?;
            person.join().await?;
            for other in &others {
                person.watches(other, "camera").await?;
            }
            person.stir().await?;
            shot("call").await?;
            person.choose("view").await?;
            shot("call-speaker").await?;
            person.choose("view").await?;
            person.click("more").await?;
            shot("call-menu").await?;
            person.browser.driver.action_chain().send_keys(Key::Escape).perform().await?;
            if let [first, second] = others.as_slice() {
                first.click("share-screen").await?;
                person.watches(first, "screen").await?;
                person.stir().await?;
                shot("call-share").await?;
                first.click("share-screen").await?;
                person.click("share-screen").await?;
                person.wait_for_element("pause-share").await?;
                shot("call-presenting").await?;
                person.click("stop-share").await?;
                second.click("leave").await?;
                person.sees(&[first]).await?;
                // Long enough for the bar to go.
                tokio::time::sleep(Duration::from_secs(3)).await;
                shot("call-of-two").await?;
                second.click("rejoin").await?;
                person.sees(&[first, second]).await?;
            }
            person.click("leave").await?;
            shot("left").await?;
            for other in &others {
                other
                    .until("Mia to be gone", async || Ok((other.others().await?.len() == 1).then_some(())))
                    .await?;
            }
        }
    }
    Ok(())
}
