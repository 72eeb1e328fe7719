//! What a person sets, before a call and in it.

use anyhow::{Result, ensure};
use eyeline_e2e::{Kind, Options, Person, World, checks, media, test};

/// The page's colour, and that of the browser's bar above it where it follows the page (phones).
async fn colours(person: &Person) -> Result<(String, String)> {
    let background = person.evaluate("getComputedStyle(document.body).backgroundColor").await?;
    let bar = "[...document.querySelectorAll('meta[name=theme-color]')]
        .filter((bar) => matchMedia(bar.media).matches).map((bar) => bar.content).join()";
    Ok((background, person.evaluate(bar).await?))
}

async fn chooses_colours(world: &World, kind: Kind) -> Result<()> {
    const DARK: &str = "rgb(16, 19, 22)";
    const LIGHT: &str = "rgb(246, 245, 242)";
    let server = world.server().await?;
    let ada = world.person("Ada", Options::of(kind, 1), server.address).await?;
    let shows = async |background: &str, bar: &str| {
        ada.until(&format!("{background} and {bar}"), async || {
            Ok((colours(&ada).await? == (background.to_owned(), bar.to_owned())).then_some(()))
        })
        .await
    };
    world
        .watched(&[&ada], async {
            ada.open(&server.url()).await?;
            ada.click_on("button", "Settings").await?;
            // As the system of this person has it.
            shows(DARK, "#101316").await?;
            ada.click_on("radio", "Light").await?;
            shows(LIGHT, "#f6f5f2").await?;
            ada.open(&server.url()).await?;
            ada.see("button", "Start a call").await?;
            shows(LIGHT, "#f6f5f2").await?;
            ada.click_on("button", "Settings").await?;
            ensure!(ada.see("radio", "Light").await?.is_selected().await?, "the choice is not shown");
            ada.click_on("radio", "System").await?;
            shows(DARK, "#101316").await?;
            ada.complained_about_nothing(&[]).await
        })
        .await
}

#[test]
fn the_colours_follow_the_system_until_the_person_chooses() {
    test(async |world| chooses_colours(world, Kind::Chromium).await);
}

#[test]
fn the_colours_follow_the_person_in_firefox_too() {
    test(async |world| chooses_colours(world, Kind::Firefox).await);
}

#[test]
fn recent_calls_are_kept_only_for_those_who_want_them() {
    test(async |world| {
        let server = world.server().await?;
        let ada = world.person("Ada", Options::chromium(1).camera(media::TINY), server.address).await?;
        // The secret is all that stands behind the #.
        let remembers = async |link: &str| -> Result<bool> {
            let (_, fragment) = link.split_once('#').unwrap_or((link, link));
            ada.evaluate(&format!("JSON.stringify({{ ...localStorage }}).includes('{fragment}')")).await
        };
        world
            .watched(&[&ada], async {
                let link = ada.start_call(&server.url()).await?;
                ada.join().await?;
                ensure!(!remembers(&link).await?, "a call is remembered although nobody asked for it");
                ada.open(&server.url()).await?;
                ada.click_on("button", "Settings").await?;
                ada.click_on("switch", "Keep recent calls").await?;
                ada.click_on("button", "Close").await?;

                let link = ada.start_call(&server.url()).await?;
                ada.join().await?;
                ada.until("the call to be remembered", async || Ok(remembers(&link).await?.then_some(())))
                    .await?;
                ada.open("about:blank").await?;
                ada.open(&server.url()).await?;
                ada.click_on("link", "Nobody else came").await?;
                ada.see("button", "Join").await?;
                ensure!(ada.browser.driver.current_url().await?.as_str() == link, "another call was opened");

                ada.open("about:blank").await?;
                ada.open(&server.url()).await?;
                ada.click_on("button", "Forget this call: Nobody else came").await?;
                ada.until("the call to be forgotten", async || {
                    let listed = ada.look_for("link", "Nobody else came").await?.is_some();
                    Ok((!listed && !remembers(&link).await?).then_some(()))
                })
                .await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

/// Sounds that are made, and whether they can be heard.
const NOTES: &str = "() => {
    if (!window.AudioContext || window.notes) return;
    window.notes = [];
    const native = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.notes.push(this.context.state);
        return native.apply(this, when);
    };
}";

#[test]
fn devices_and_their_sound_are_changed_in_the_middle_of_a_call() {
    test(async |world| {
        let server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::TINY).preload(NOTES), server.address),
            world.person("Ben", Options::chromium(2).camera(media::TINY), server.address),
        )?;
        let setting = async |kind: &str, setting: &str| -> Result<String> {
            let live = format!(
                "harness.tracks.find((track) => track.kind === '{kind}' && track.readyState === 'live')"
            );
            ada.evaluate(&format!("`${{({live})?.getSettings().{setting}}}`")).await
        };
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ben.watches(&ada, "camera").await?;
                let first = setting("audio", "deviceId").await?;
                ada.click_on("button", "More").await?;
                ada.click_on("menuitem", "Settings").await?;
                let microphone = ada.see("combobox", "Microphone").await?;
                ensure!(
                    microphone.prop("value").await? == Some(first.clone()),
                    "the picker shows another microphone"
                );
                microphone.send_keys(thirtyfour::Key::Down).await?;
                ada.until("another microphone", async || {
                    let now = setting("audio", "deviceId").await?;
                    Ok((now != first && now != "undefined").then_some(()))
                })
                .await?;
                checks::hears(&ben).await?;

                ensure!(
                    setting("audio", "noiseSuppression").await? == "true",
                    "noise is let through from the start"
                );
                ada.click_on("switch", "Reduce noise").await?;
                ada.until("noise to be let through", async || {
                    Ok((setting("audio", "noiseSuppression").await? == "false").then_some(()))
                })
                .await?;

                ensure!(setting("audio", "echoCancellation").await? == "true", "echo from the start");
                ada.click_on("switch", "Reduce echo").await?;
                ada.until("echo to be let through", async || {
                    Ok((setting("audio", "echoCancellation").await? == "false").then_some(()))
                })
                .await?;
                ensure!(setting("audio", "autoGainControl").await? == "true", "loudness is left alone");
                ada.click_on("switch", "Music").await?;
                ada.until("loudness to be left as it is", async || {
                    Ok((setting("audio", "autoGainControl").await? == "false").then_some(()))
                })
                .await?;
                checks::hears(&ben).await?;

                ada.click_on("button", "Play a test sound").await?;
                ada.until("the sound", async || {
                    let notes: Vec<String> = ada.evaluate("window.notes").await?;
                    Ok((notes == ["running"]).then_some(()))
                })
                .await?;
                ada.click_on("button", "Close").await?;
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
