//! The screens, one entry each, in the order of a call.

use crate::scene::Scene;
use crate::scene::Way::{self, Desktop, DesktopMirrored, Phone, PhoneMirrored, PhoneOnItsSide};
use anyhow::{Context, Result};
use eyeline_e2e::accessibility::Scheme::{Dark, Light};
use eyeline_netlab::processes::Signal;
use futures_util::future::LocalBoxFuture;
use thirtyfour::Key;

/// A screen, how it is shown, and the way there from the one before.
pub(crate) struct Screen {
    pub(crate) name: &'static str,
    pub(crate) ways: &'static [Way],
    pub(crate) go: for<'a> fn(&'a mut Scene<'_>) -> LocalBoxFuture<'a, Result<()>>,
}

/// Where most people are most of the time.
const ALL: &[Way] = &[Desktop(Dark), Desktop(Light), Phone(Dark), Phone(Light)];
/// Enough to see both schemes and both devices.
const PAIR: &[Way] = &[Desktop(Dark), Phone(Light)];
/// The call itself, everywhere.
const EVERYWHERE: &[Way] = &[
    Desktop(Dark),
    Desktop(Light),
    Phone(Dark),
    Phone(Light),
    PhoneOnItsSide,
    DesktopMirrored,
    PhoneMirrored,
];

/// All of them.
pub(crate) const SCREENS: &[Screen] = &[
    Screen {
        name: "start",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.mia.open(&scene.server.url()).await?;
                scene.mia.wait_for_element("start").await
            })
        },
    },
    Screen {
        name: "check",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                let mia = &scene.mia;
                mia.click("check").await?;
                mia.click("check-devices").await?;
                mia.click("check-play").await?;
                mia.until("the check to end", async || {
                    let running = "document.querySelector('[data-result=running]') !== null";
                    Ok((!mia.evaluate::<bool>(running).await?).then_some(()))
                })
                .await
            })
        },
    },
    Screen {
        name: "lobby",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                scene.link = scene.mia.start_call(&scene.server.url()).await?;
                scene.mia.type_into("name", "Mia").await?;
                scene.come(1).await
            })
        },
    },
    Screen {
        name: "blocked",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                scene.block().await?;
                let noor = scene.blocked.as_ref().context("Noor has come")?;
                noor.until("the page to say where to click", async || {
                    let said = noor.words().await?.contains("Your browser blocks");
                    Ok(said.then_some(()))
                })
                .await
            })
        },
    },
    Screen {
        name: "settings",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.blocked = None;
                scene.mia.click_on("button", "Settings").await?;
                // For the start page, later.
                scene.mia.click_on("switch", "Keep recent calls").await
            })
        },
    },
    Screen {
        name: "alone",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                // Whoever came first has gone again for a moment.
                scene.others.clear();
                scene.mia.press(Key::Escape).await?;
                scene.mia.join().await
            })
        },
    },
    Screen {
        name: "two",
        ways: EVERYWHERE,
        go: |scene| {
            Box::pin(async {
                scene.come(1).await?;
                scene.see_everybody().await
            })
        },
    },
    Screen {
        name: "share",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.amara()?.click("share-screen").await?;
                scene.mia.watches(scene.amara()?, "screen").await.map(drop)
            })
        },
    },
    Screen {
        name: "four",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.amara()?.click("share-screen").await?;
                scene.come(3).await?;
                scene.see_everybody().await
            })
        },
    },
    Screen { name: "speaker", ways: PAIR, go: |scene| Box::pin(async { scene.mia.press("p").await }) },
    Screen {
        name: "menu",
        ways: &[Desktop(Dark)],
        go: |scene| {
            Box::pin(async {
                scene.mia.press("p").await?;
                scene.mia.click("more").await?;
                scene.mia.wait_for_element("keys").await
            })
        },
    },
    Screen {
        name: "menu-there",
        ways: &[Phone(Light)],
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                // It closes when the window gets another size.
                scene.mia.window(390, 844, true).await?;
                scene.mia.click("more").await?;
                scene.mia.wait_for_element("keys").await
            })
        },
    },
    Screen {
        name: "connection",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                scene.mia.choose("connection").await?;
                scene.mia.wait_for_element("connection-person").await
            })
        },
    },
    Screen {
        name: "keys",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                scene.mia.press("?").await?;
                scene.mia.wait_for_element("shortcuts").await
            })
        },
    },
    Screen {
        name: "eight",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                scene.mia.press(Key::Escape).await?;
                scene.go().await?;
                scene.come(7).await?;
                scene.see_everybody().await
            })
        },
    },
    Screen {
        name: "reconnecting",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                let amara = scene.amara()?;
                // A machine that sleeps.
                amara.browser.signal(Signal::SIGSTOP)?;
                scene
                    .mia
                    .until("Amara to be missed", async || {
                        let tiles = scene.mia.others().await?;
                        Ok(tiles.iter().any(|tile| tile.state == "reconnecting").then_some(()))
                    })
                    .await
            })
        },
    },
    Screen {
        name: "left",
        ways: ALL,
        go: |scene| {
            Box::pin(async {
                scene.amara()?.browser.signal(Signal::SIGCONT)?;
                scene.mia.click("leave").await?;
                scene.mia.wait_for_element("rejoin").await
            })
        },
    },
    Screen {
        name: "recent",
        ways: PAIR,
        go: |scene| {
            Box::pin(async {
                scene.mia.open("about:blank").await?;
                scene.mia.open(&scene.server.url()).await?;
                scene.mia.wait_for_element("start").await
            })
        },
    },
];
