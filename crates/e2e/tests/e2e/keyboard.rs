//! A whole call by keys alone, and what is said meanwhile to whoever does not see the page.

use anyhow::{Context, Result, ensure};
use eyeline_e2e::{Kind, Options, Person, World, media, test};
use thirtyfour::Key;

/// Whether the microphone is on, as its button says.
async fn is_muted(person: &Person) -> Result<bool> {
    person
        .evaluate("document.querySelector('[data-testid=toggle-microphone]').classList.contains('off')")
        .await
}

async fn until_muted(person: &Person, muted: bool) -> Result<()> {
    let what = if muted { "the microphone to be off" } else { "the microphone to be on" };
    person.until(what, async || Ok((is_muted(person).await? == muted).then_some(()))).await
}

/// Waits until the live region has said something.
async fn hears(person: &Person, words: &str) -> Result<()> {
    person
        .until(&format!("{words:?} to be said"), async || {
            let said: String =
                person.evaluate("document.querySelector('.room [role=log]')?.textContent ?? ''").await?;
            Ok(said.contains(words).then_some(()))
        })
        .await
}

/// Waits until the focus is on a heading: a page has come, and says so.
async fn lands_on_heading(person: &Person) -> Result<()> {
    person
        .until("the focus on the page's heading", async || {
            Ok((person.focused().await?.tag == "H1").then_some(()))
        })
        .await
}

async fn a_call_by_keys(world: &World, kind: Kind) -> Result<()> {
    let server = world.server().await?;
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", Options::of(kind, 1).camera(media::TINY), server.address),
        world.person("Ben", Options::chromium(2).camera(media::TINY), server.address),
    )?;
    world
        .watched(&[&ada, &ben], async {
            ada.open(&server.url()).await?;
            ada.wait_for_element("start").await?;
            ada.tab_to("start").await?;
            ada.press(Key::Enter).await?;

            // The lobby. Letters that are typed are letters, whatever they do elsewhere.
            ada.wait_for_element("join").await?;
            lands_on_heading(&ada).await?;
            until_muted(&ada, false).await?;
            ada.press("m").await?;
            until_muted(&ada, true).await?;
            ada.press("m").await?;
            until_muted(&ada, false).await?;
            ada.tab_to("name").await?;
            ada.press("Mv s?l").await?;
            let typed: String = ada.evaluate("document.activeElement.value").await?;
            ensure!(typed == "Mv s?l", "{typed:?}");
            ensure!(!is_muted(&ada).await?, "a letter that was typed has muted the microphone");
            let panel: bool = ada.evaluate("document.querySelector('dialog') !== null").await?;
            ensure!(!panel, "a question mark that was typed has opened a panel");
            ada.tab_to("join").await?;
            let link = ada.browser.driver.current_url().await?.to_string();
            ada.press(Key::Enter).await?;

            ada.wait_for_element("leave").await?;
            lands_on_heading(&ada).await?;
            hears(&ada, "Nobody else is here yet").await?;
            ben.open(&link).await?;
            ben.join().await?;
            hears(&ada, "Ben has come").await?;
            keys_in_the_call(&ada).await?;
            panel_by_keys(&ada).await?;
            if kind == Kind::Chromium {
                // Headless, Firefox shows nobody its choice of screens.
                ada.press("s").await?;
                hears(&ben, "Mv s?l is sharing a screen").await?;
                ada.press("s").await?;
                hears(&ben, "Mv s?l has stopped sharing").await?;
            }

            ada.tab_to("leave").await?;
            ada.press(Key::Enter).await?;
            hears(&ben, "Mv s?l has left").await?;
            ada.wait_for_element("rejoin").await?;
            lands_on_heading(&ada).await?;
            ada.tab_to("rejoin").await?;
            ada.press(Key::Enter).await?;
            ada.wait_for_element("leave").await?;
            hears(&ada, "You are in the call with Ben").await?;
            ben.until("both to be connected again", async || {
                let tiles = "document.querySelectorAll('[data-testid=tile][data-state=connected]').length";
                Ok((ben.evaluate::<u32>(tiles).await? == 2).then_some(()))
            })
            .await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
}

/// Microphone and camera by letters, and speaking for as long as the space bar is held.
async fn keys_in_the_call(ada: &Person) -> Result<()> {
    ada.press("v").await?;
    hears(ada, "Your camera is off").await?;
    ada.press("v").await?;
    hears(ada, "Your camera is on").await?;
    // Together with another key it is the browser's or somebody else's.
    ada.browser.driver.action_chain().key_down(Key::Alt).send_keys("m").key_up(Key::Alt).perform().await?;
    ensure!(!is_muted(ada).await?, "Alt and M are not M");
    ada.press("m").await?;
    hears(ada, "You are muted").await?;
    until_muted(ada, true).await?;

    ada.hold(' ').await?;
    until_muted(ada, false).await.context("while the space bar is held")?;
    ada.let_go(' ').await?;
    until_muted(ada, true).await.context("once it is let go")?;
    // A window that is left never hears that the key is let go.
    ada.hold(' ').await?;
    until_muted(ada, false).await?;
    ada.evaluate::<bool>("dispatchEvent(new Event('blur'))").await?;
    until_muted(ada, true).await.context("once the window has lost the focus")?;
    ada.let_go(' ').await?;

    // On a button the space bar is the button's.
    ada.tab_to("toggle-camera").await?;
    ada.press(" ").await?;
    ada.until("the camera to be off", async || {
        let off = "document.querySelector('[data-testid=toggle-camera]').classList.contains('off')";
        Ok(ada.evaluate::<bool>(off).await?.then_some(()))
    })
    .await?;
    ensure!(is_muted(ada).await?, "the space bar on the camera's button has switched on the microphone");
    ada.press(" ").await?;
    Ok(())
}

/// The sheet of keys opens, holds the focus, can switch the keys off, and gives the focus back.
async fn panel_by_keys(ada: &Person) -> Result<()> {
    let before = ada.focused().await?;
    ada.press("?").await?;
    ada.wait_for_element("shortcuts").await?;
    ada.tab_to("shortcuts").await?;
    ada.press(" ").await?;
    let gone = async || {
        ada.until("the sheet to close, and the focus to be where it was", async || {
            let open: bool = ada.evaluate("document.querySelector('dialog') !== null").await?;
            Ok((!open && ada.focused().await?.hook == before.hook).then_some(()))
        })
        .await
    };
    ada.press(Key::Escape).await?;
    gone().await?;
    ada.press("m").await?;
    ada.press("?").await?;
    let panel: bool = ada.evaluate("document.querySelector('dialog') !== null").await?;
    ensure!(is_muted(ada).await? && !panel, "keys that are switched off do something");

    // The menu is there without them.
    choose_in_menu(ada, "keys").await?;
    ada.wait_for_element("shortcuts").await?;
    ada.tab_to("shortcuts").await?;
    ada.press(" ").await?;
    ada.tab_back_to("panel-close").await?;
    ada.press(Key::Enter).await?;
    ada.until("the focus to be back", async || Ok((ada.focused().await?.hook == "more").then_some(())))
        .await?;
    ada.press("m").await?;
    until_muted(ada, false).await?;

    choose_in_menu(ada, "settings").await?;
    ada.wait_for_element("noise").await?;
    ada.tab_to("noise").await?;
    ada.press(Key::Escape).await?;
    ada.until("the focus to be back", async || Ok((ada.focused().await?.hook == "more").then_some(()))).await
}

/// Opens the menu of the bar and goes down to an entry.
async fn choose_in_menu(ada: &Person, hook: &str) -> Result<()> {
    // A panel that was closed has given the focus back to it.
    if ada.focused().await?.hook != "more" {
        ada.tab_to("more").await?;
    }
    ada.press(Key::Enter).await?;
    ada.until("the menu's first entry", async || {
        let first = "document.activeElement === document.querySelector('[role=menuitem]')";
        Ok(ada.evaluate::<bool>(first).await?.then_some(()))
    })
    .await?;
    for _ in 0..20 {
        let focused = ada.focused().await?;
        ensure!(focused.focus_visible && focused.uncovered, "{focused:?} is not seen");
        if focused.hook == hook {
            return ada.press(Key::Enter).await;
        }
        ada.press(Key::Down).await?;
    }
    anyhow::bail!("the menu has no {hook}")
}

#[test]
fn a_whole_call_by_keys_in_chromium() {
    test(async |world| a_call_by_keys(world, Kind::Chromium).await);
}

#[test]
fn a_whole_call_by_keys_in_firefox() {
    test(async |world| a_call_by_keys(world, Kind::Firefox).await);
}
