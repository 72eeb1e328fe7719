//! Sharing: several at once, sound that arrives and does not return, pauses, the browser's own end of it.

use anyhow::{Result, ensure};
use eyeline_e2e::sharing::{TONE, Text, loudness, shares_own_tab, shares_text, sings};
use eyeline_e2e::{Options, Person, media, test};
use std::time::{Duration, Instant};

/// A sound in a received stream is there, above this, or is not, below that (decibels of full scale).
const THERE: f64 = -45.0;
const NOT_THERE: f64 = -60.0;

/// The m-lines that carry sound.
const VOICE: usize = 0;
const SCREEN_SOUND: usize = 3;

/// What Ada's sound of the tab is at Ben's, and what of it comes back to her; decibels of full scale.
#[test]
fn the_sound_of_a_shared_tab_arrives_and_does_not_return() {
    test(async |world| {
        let ben = Options::chromium(2).camera(media::SMALL);
        world
            .call_of_two(shares_text(Options::chromium(1)), ben, async |ada, ben, _| {
                let text = Text::open(ada).await?;
                text.evaluate::<()>("void sound()").await?;
                ada.click("share-screen").await?;
                ben.watches(ada, "screen").await?;
                let arrives = loudness(ben, SCREEN_SOUND, TONE).await?;
                let returns = loudness(ada, VOICE, TONE).await?.max(loudness(ada, SCREEN_SOUND, TONE).await?);
                eprintln!("the tone arrives with {arrives:.0} dB and returns with {returns:.0} dB");
                ensure!(arrives > THERE, "the tone does not arrive: {arrives}");
                ensure!(returns < NOT_THERE, "the tone returns: {returns}");
                Ok(())
            })
            .await
    });
}

/// Ben's voice sounds in Ada's tab, which she shares: he does not hear himself. He does as soon as the tab is called otherwise,
/// as another one would be.
#[test]
fn the_calls_own_tab_is_shared_without_everybodys_voice() {
    const SENT: &str = "!!harness.connections.at(-1).getTransceivers()[3].sender.track";
    test(async |world| {
        let ben = Options::chromium(2).camera(media::SMALL);
        world
            .call_of_two(shares_own_tab(Options::chromium(1)), ben, async |ada, ben, _| {
                sings(ben, TONE).await?;
                ada.click("share-screen").await?;
                says(ada, "You are sharing this call’s own tab. Its sound stays here").await?;
                ben.watches(ada, "screen").await?;
                let returns = loudness(ben, SCREEN_SOUND, TONE).await?;
                ada.evaluate::<()>("navigator.mediaDevices.setCaptureHandleConfig({ ...named, handle: 'another' })").await?;
                ada.until("the sound of another tab to be sent", async || {
                    Ok(ada.evaluate::<bool>(SENT).await?.then_some(()))
                })
                .await?;
                let would = loudness(ben, SCREEN_SOUND, TONE).await?;
                eprintln!("Ben's voice returns with {returns:.0} dB, of a tab that is not the call's with {would:.0} dB");
                ensure!(returns < NOT_THERE, "Ben hears himself: {returns}");
                ensure!(would > THERE, "the tab's sound does not arrive: {would}");
                Ok(())
            })
            .await
    });
}

/// The call's own tab is not offered: its sound is everybody's voice, and Chromium 156 leaves that out (`restrictOwnAudio`)
/// of a system's sound, but not of a tab's.
#[test]
fn the_tab_of_the_call_is_not_offered_nor_sound_with_its_voices() {
    const KEEP: &str = "() => {
        const media = navigator.mediaDevices;
        const native = media?.getDisplayMedia;
        if (!native || media.kept) return;
        media.kept = true;
        media.getDisplayMedia = function (options) {
            window.asked = options;
            return native.call(this, options);
        };
    }";
    test(async |world| {
        let server = world.server().await?;
        let ada = Options::chromium(1).camera(media::SMALL).preload(KEEP);
        let ada = world.person("Ada", ada, server.address).await?;
        world
            .watched(&[&ada], async {
                ada.start_call(&server.url()).await?;
                ada.join().await?;
                ada.click("share-screen").await?;
                let (own, system, restricts, can): (String, String, bool, bool) = ada
                    .evaluate(
                        "[asked.selfBrowserSurface, asked.systemAudio, asked.audio.restrictOwnAudio,
                            !!navigator.mediaDevices.getSupportedConstraints().restrictOwnAudio]",
                    )
                    .await?;
                ensure!(own == "exclude" && restricts, "{own}, {restricts}");
                ensure!(system == if can { "include" } else { "exclude" }, "{system}, {can}");
                Ok(())
            })
            .await
    });
}

/// Frames decoded of the screen so far.
async fn frames(person: &Person) -> Result<u64> {
    let statistics = person.statistics().await?;
    let screens =
        statistics.iter().flat_map(|connection| &connection.videos).filter(|video| video.mid == "2");
    Ok(screens.map(|video| video.frames_decoded).sum())
}

async fn says(person: &Person, words: &str) -> Result<()> {
    person
        .until(&format!("{words:?}"), async || Ok(person.words().await?.contains(words).then_some(())))
        .await
}

/// What Ada's encoder of the screen is told: frames a second at most, what to keep, and the track's hint.
async fn told(ada: &Person) -> Result<(Option<f64>, String, String)> {
    ada.evaluate(
        "(() => {
            const { sender } = harness.connections.at(-1).getTransceivers()[2];
            const { encodings, degradationPreference } = sender.getParameters();
            return [encodings[0].maxFramerate ?? null, degradationPreference ?? '', sender.track.contentHint];
        })()",
    )
    .await
}

fn text() -> (Option<f64>, String, String) {
    (Some(10.0), "maintain-resolution".into(), "text".into())
}

fn motion() -> (Option<f64>, String, String) {
    (None, "maintain-framerate".into(), "motion".into())
}

#[test]
fn smooth_motion_is_for_what_moves_and_a_page_that_is_turned_once_arrives() {
    test(async |world| {
        world
            .call_of_two(
                shares_text(Options::chromium(1)),
                Options::chromium(2).ears_only(),
                async |ada, ben, _| {
                    let page = Text::open(ada).await?;
                    ada.click("share-screen").await?;
                    ben.watches(ada, "screen").await?;
                    ada.click("share-smooth").await?;
                    ada.until("a page to rest", async || Ok((told(ada).await? == text()).then_some(())))
                        .await?;
                    for turned in 2..4 {
                        page.evaluate::<()>("play()").await?;
                        ada.until(
                            "a film to move",
                            async || Ok((told(ada).await? == motion()).then_some(())),
                        )
                        .await?;
                        page.evaluate::<()>(&format!("turn({turned})")).await?;
                        ada.until("a page to rest again", async || {
                            Ok((told(ada).await? == text()).then_some(()))
                        })
                        .await?;
                    }
                    // Nothing but this one change: if its picture were dropped, there would be no other.
                    let before = frames(ben).await?;
                    page.evaluate::<()>("turn(7)").await?;
                    ben.until("the page", async || Ok((frames(ben).await? > before).then_some(()))).await
                },
            )
            .await
    });
}

#[test]
fn two_share_at_once_pause_change_style_and_stop() {
    test(async |world| {
        let [ada, ben] = [1, 2].map(|who| Options::chromium(who).camera(media::SMALL));
        world.call_of_two(ada, ben, async |ada, ben, _| {
            ada.click("share-screen").await?;
            ben.click("share-screen").await?;
            ben.watches(ada, "screen").await?;
            ada.watches(ben, "screen").await?;
            // The camera goes on beside it.
            ben.watches(ada, "camera").await?;

            ensure!(told(ada).await? == text(), "{:?}", told(ada).await?);
            ada.click("share-smooth").await?;
            ada.until("another style", async || Ok((told(ada).await? == motion()).then_some(()))).await?;

            ada.click("pause-share").await?;
            says(ben, "Ada has paused the screen").await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = frames(ben).await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            ensure!(frames(ben).await? == before, "frames of a paused screen arrive");
            let tile = ben.tile_of(ada).await?;
            ensure!(tile.video("screen").is_some_and(|video| video.width > 0), "its last picture is gone: {tile:?}");
            ada.click("pause-share").await?;
            ben.watches(ada, "screen").await?;
            ensure!(!ben.words().await?.contains("has paused"), "{}", ben.words().await?);

            // From the browser's own bar.
            let start = Instant::now();
            ada.evaluate::<()>(
                "void harness.tracks.filter((track) => track.getSettings().displaySurface && track.readyState === 'live')
                    .forEach((track) => { track.stop(); track.dispatchEvent(new Event('ended')); })",
            )
            .await?;
            says(ada, "Your screen is no longer shared").await?;
            ben.until("Ada's screen to be gone", async || {
                Ok(ben.tile_of(ada).await?.video("screen").is_none().then_some(()))
            })
            .await?;
            let time = start.elapsed();
            eprintln!("a share that ended in the browser's bar: said and gone after {time:.2?} (bound 2 s)");
            ensure!(time < Duration::from_secs(4), "{time:?}");
            ada.watches(ben, "screen").await?;
            Ok(())
        })
        .await
    });
}

/// Firefox shares what there is to see on its (invisible) screen: its own window, in which Ben's picture moves.
#[test]
fn a_firefox_shares_its_screen() {
    test(async |world| {
        let mut ada = Options::firefox(1).ears_only();
        ada.on_display = true;
        let ben = Options::chromium(2).camera(media::SMALL);
        world
            .call_of_two(ada, ben, async |ada, ben, _| {
                ada.click("share-screen").await?;
                let tile = ben.watches(ada, "screen").await?;
                let screen = tile.video("screen").map(|video| (video.width, video.height));
                ensure!(screen == Some((1280, 800)), "{screen:?}");
                Ok(())
            })
            .await
    });
}

#[test]
fn a_telephone_cannot_share_and_says_so() {
    const TELEPHONE: &str = "() => { delete window.MediaDevices?.prototype.getDisplayMedia; }";
    test(async |world| {
        let server = world.server().await?;
        let ada = Options::chromium(1).camera(media::SMALL).preload(TELEPHONE);
        let ada = world.person("Ada", ada, server.address).await?;
        world
            .watched(&[&ada], async {
                // The harness puts a wrapper of its own there.
                ada.start_call(&server.url()).await?;
                ada.evaluate::<()>("void delete navigator.mediaDevices.getDisplayMedia").await?;
                ada.join().await?;
                ada.click("share-screen").await?;
                says(&ada, "This device cannot share its screen").await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}
