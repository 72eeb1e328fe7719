//! The screen of a call, as a person uses it: by what things are called, with the keyboard and the mouse.

use anyhow::{Context, Result, ensure};
use eyeline_e2e::{Kind, Options, Person, World, media, test};
use serde::Deserialize;
use std::time::Duration;
use thirtyfour::Key;

/// Where a face or a screen is, as a part of the window, and how it is shown.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Place {
    /// Whose; empty for one's own.
    peer: String,
    /// `face` or `screen`.
    part: String,
    role: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Place {
    fn area(&self) -> f64 {
        (self.right - self.left) * (self.bottom - self.top)
    }
}

/// Everything that is placed, once nothing moves any more.
async fn places(person: &Person) -> Result<Vec<Place>> {
    let script = "[...document.querySelectorAll('[data-place]:not([data-place=\"\"])')].map((node) => {
        const at = node.getBoundingClientRect();
        return {
            peer: node.closest('[data-testid=tile]').dataset.peer,
            part: node.classList.contains('screen') ? 'screen' : 'face',
            role: node.dataset.place,
            left: at.left / innerWidth, right: at.right / innerWidth,
            top: at.top / innerHeight, bottom: at.bottom / innerHeight,
        };
    })";
    person
        .until("tiles to stand still", async || {
            let before: Vec<Place> = person.evaluate(script).await?;
            tokio::time::sleep(Duration::from_millis(150)).await;
            let after: Vec<Place> = person.evaluate(script).await?;
            Ok((before == after && !after.is_empty()).then_some(after))
        })
        .await
}

/// Waits until the places are as they should be.
async fn placed(person: &Person, what: &str, holds: impl Fn(&[Place]) -> bool) -> Result<Vec<Place>> {
    person
        .until(what, async || {
            let places = places(person).await?;
            Ok(holds(&places).then_some(places))
        })
        .await
}

fn own(places: &[Place]) -> Option<&Place> {
    places.iter().find(|place| place.peer.is_empty())
}

fn own_role(places: &[Place]) -> &str {
    own(places).map_or("", |place| &place.role)
}

async fn title(person: &Person, expected: &str) -> Result<()> {
    person
        .until(&format!("the tab to say {expected:?}"), async || {
            Ok((person.browser.driver.title().await? == expected).then_some(()))
        })
        .await
}

/// What has the focus, as a screen reader would call it.
async fn focus(person: &Person) -> Result<String> {
    person
        .evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        .await
}

/// Runs before the page: keeps what the browser gives to whoever wants the screen to stay on (W3C Screen Wake Lock).
const LAMPS: &str = "() => {
    window.lamps = [];
    // An empty page, which comes before the first, has none.
    if (!window.WakeLock) return;
    const request = WakeLock.prototype.request;
    WakeLock.prototype.request = async function (kind) {
        const lamp = await request.call(this, kind);
        lamps.push(lamp);
        return lamp;
    };
}";

async fn lamps(person: &Person, what: &str, hold: &str) -> Result<()> {
    person.until(what, async || Ok(person.evaluate::<bool>(hold).await?.then_some(()))).await
}

async fn two(world: &World, kind: Kind) -> Result<()> {
    let server = world.server().await?;
    let options = |who| Options::of(kind, who).camera(media::SMALL).preload(LAMPS);
    let (ada, ben) = tokio::try_join!(
        world.person("Ada", options(1), server.address),
        world.person("Ben", options(2), server.address),
    )?;
    world
        .watched(&[&ada, &ben], async {
            ada.calls(&[&ben], &server.url()).await?;
            ada.watches(&ben, "camera").await?;
            title(&ada, "Ben – Eyeline").await?;
            lamps(&ada, "the screen to stay on", "lamps.some((lamp) => !lamp.released)").await?;
            floats(&ada).await?;
            chooses_from_menus(&ada).await?;
            chooses_a_speaker(&ada, kind).await?;
            raises_a_hand(&ada, &ben).await?;
            tells_of_the_microphone(&ada, kind).await?;
            rests(&ada).await?;
            lamps(&ada, "the screen to go its own way", "lamps.every((lamp) => lamp.released)").await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
}

/// The other fills the window, oneself floats: moved and swapped by keys.
async fn floats(ada: &Person) -> Result<()> {
    let at_first = placed(ada, "the own picture to float", |places| own_role(places) == "floating").await?;
    let other = at_first.iter().find(|place| !place.peer.is_empty()).context("the other")?;
    ensure!(other.area() > 0.9, "the other should fill the window: {other:?}");
    let floating = ada.see("group", "You: arrow keys move this picture, Enter makes it large").await?;
    floating.focus().await?;
    for (arrow, what, holds) in [
        (Key::Left, "left", (|place: &Place| place.right < 0.5) as fn(&Place) -> bool),
        (Key::Up, "top", |place| place.bottom < 0.5),
        (Key::Right, "right", |place| place.left > 0.5),
    ] {
        ada.press(arrow).await?;
        placed(ada, what, |places| own(places).is_some_and(holds)).await?;
    }
    ada.press(Key::Enter).await?;
    placed(ada, "the two to be swapped", |places| own_role(places) == "large").await?;
    let floating = ada.see("group", "Ben: arrow keys move this picture, Enter makes it large").await?;
    floating.focus().await?;
    ada.press(Key::Enter).await?;
    placed(ada, "the two to be as before", |places| own_role(places) == "floating").await?;
    Ok(())
}

async fn chooses_from_menus(ada: &Person) -> Result<()> {
    ada.click_on("button", "More").await?;
    ada.until("the first entry to have the focus", async || {
        Ok((focus(ada).await? == "Copy the link to this call").then_some(()))
    })
    .await?;
    for entry in ["Raise hand", "Hide self-view"] {
        ada.press(Key::Down).await?;
        ensure!(focus(ada).await? == entry, "after one arrow more: {}", focus(ada).await?);
    }
    ada.press(Key::Enter).await?;
    placed(ada, "the own picture to be hidden", |places| own(places).is_none()).await?;
    ensure!(focus(ada).await? == "More", "the focus is on {}", focus(ada).await?);
    ada.click_on("button", "More").await?;
    ada.click_on("menuitem", "Show self-view").await?;
    placed(ada, "the own picture to be back", |places| own_role(places) == "floating").await?;

    // A tile's own menu is there for who points at it.
    let label = "Options: Ben";
    let point = format!("document.querySelector('[aria-label=\"{label}\"]').focus({{ focusVisible: true }})");
    ada.evaluate::<()>(&point).await?;
    ada.press(Key::Enter).await?;
    ada.click_on("menuitem", "Pin").await?;
    placed(ada, "the other to be pinned", |places| own_role(places) == "strip").await?;
    ada.evaluate::<()>(&point).await?;
    ada.press(Key::Enter).await?;
    ada.see("menuitem", "Unpin").await?.focus().await?;
    ada.press(Key::Escape).await?;
    ensure!(focus(ada).await? == label, "Escape leads back, and not to {}", focus(ada).await?);
    ada.press(Key::Enter).await?;
    ada.click_on("menuitem", "Unpin").await?;
    placed(ada, "nobody to be pinned", |places| own_role(places) == "floating").await?;

    ada.click_on("button", "More").await?;
    ada.click_on("menuitem", "Full screen").await?;
    ada.until("the whole screen", async || {
        Ok(ada.evaluate::<bool>("document.fullscreenElement !== null").await?.then_some(()))
    })
    .await?;
    ada.click_on("button", "More").await?;
    ada.click_on("menuitem", "End full screen").await?;
    ada.until("the window", async || {
        Ok(ada.evaluate::<bool>("document.fullscreenElement === null").await?.then_some(()))
    })
    .await?;
    // Where the browser lets no page ask for it, there is no such entry.
    ada.click_on("button", "More").await?;
    ada.see("menuitem", "Check my connection").await?.focus().await?;
    let offered = ada.look_for("menuitem", "Picture in picture").await?.is_some();
    ensure!(offered == ada.evaluate::<bool>("document.pictureInPictureEnabled === true").await?);
    ada.press(Key::Escape).await
}

/// Beside the microphone's button: where sound is played. Where the browser asks for that itself, it is said.
async fn chooses_a_speaker(ada: &Person, kind: Kind) -> Result<()> {
    let sink = "document.querySelector('audio[data-slot=microphone]').sinkId ?? ''";
    let opens = async || ada.click_on("button", "Choose microphone and speaker").await;
    opens().await?;
    ada.see("menuitemradio", "As your system plays sound").await?;
    if kind == Kind::Firefox {
        ada.see("menuitem", "Choose another speaker…").await?;
        return ada.press(Key::Escape).await;
    }
    ensure!(ada.evaluate::<String>(sink).await?.is_empty(), "another speaker from the start");
    ada.click_on("menuitemradio", "Fake Audio Output 2").await?;
    ada.until("sound from the other speaker", async || {
        Ok((!ada.evaluate::<String>(sink).await?.is_empty()).then_some(()))
    })
    .await?;
    opens().await?;
    let chosen = ada.see("menuitemradio", "Fake Audio Output 2").await?;
    ensure!(chosen.attr("aria-checked").await?.as_deref() == Some("true"), "the choice is not shown");
    ada.click_on("menuitemradio", "As your system plays sound").await?;
    ada.until("sound from the usual speaker", async || {
        Ok(ada.evaluate::<String>(sink).await?.is_empty().then_some(()))
    })
    .await
}

/// Ben would like to say something: Ada sees it on his tile and hears it, until he lowers his hand.
async fn raises_a_hand(ada: &Person, ben: &Person) -> Result<()> {
    ben.click_on("button", "More").await?;
    ben.click_on("menuitem", "Raise hand").await?;
    ada.see("image", "Hand raised").await?;
    ada.until("the hand to be said", async || {
        let said: String = ada.evaluate("document.querySelector('.room [role=log]').textContent").await?;
        Ok(said.contains("Ben raised a hand").then_some(()))
    })
    .await?;
    // On his own tile, too.
    ben.see("image", "Hand raised").await?;
    ben.press("r").await?;
    ada.until("the hand to be down", async || {
        Ok(ada.look_for("image", "Hand raised").await?.is_none().then_some(()))
    })
    .await
}

async fn tells_of_the_microphone(ada: &Person, kind: Kind) -> Result<()> {
    ada.until("a ring around who speaks", async || {
        Ok(ada
            .evaluate::<bool>("document.querySelector('[data-testid=tile].speaks') !== null")
            .await?
            .then_some(()))
    })
    .await?;
    ada.click_on("button", "Mute your microphone").await?;
    title(ada, "Ben (you’re muted) – Eyeline").await?;
    let icon = "document.querySelector('link[rel=icon]').href.split(':')[0]";
    ensure!(ada.evaluate::<String>(icon).await? == "blob", "the sign in the tab has no dot");
    // Not with Firefox's made-up microphone, see devices.rs.
    if kind == Kind::Chromium {
        ada.until("a word to who talks although muted", async || {
            Ok(ada.words().await?.contains("You’re muted: nobody hears you.").then_some(()))
        })
        .await?;
    }
    ada.click_on("button", "Switch on your microphone").await?;
    title(ada, "Ben – Eyeline").await
}

/// The bar goes when nobody touches anything, and comes back when somebody does.
async fn rests(ada: &Person) -> Result<()> {
    let opacity = "getComputedStyle(document.querySelector('nav')).opacity";
    ada.evaluate::<()>("document.activeElement.blur()").await?;
    // Away from the bar.
    ada.browser.driver.action_chain().move_to(200, 120).perform().await?;
    ada.until("the bar to go", async || Ok((ada.evaluate::<String>(opacity).await? == "0").then_some(())))
        .await?;
    ada.stir().await?;
    ada.until("the bar to come", async || Ok((ada.evaluate::<String>(opacity).await? == "1").then_some(())))
        .await?;
    ada.click_on("button", "Leave the call").await?;
    title(ada, "Eyeline").await
}

#[test]
fn two_people_have_the_screen_as_they_like_it() {
    test(async |world| two(world, Kind::Chromium).await);
}

#[test]
fn screens_take_the_stage() {
    test(async |world| {
        let server = world.server().await?;
        let small = |who| {
            let mut options = Options::chromium(who).camera(media::TINY);
            options.window = (800, 600);
            options
        };
        let (ada, ben, cleo) = tokio::try_join!(
            world.person("Ada", small(1), server.address),
            world.person("Ben", small(2), server.address),
            world.person("Cleo", small(3), server.address),
        )?;
        world
            .watched(&[&ada, &ben, &cleo], async {
                ada.calls(&[&ben, &cleo], &server.url()).await?;
                ada.sees(&[&ben, &cleo]).await?;
                speaker_view(&ada).await?;
                one_screen(&ada, &ben).await?;
                two_screens(&ada, &ben, &cleo).await?;
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await?;
                cleo.complained_about_nothing(&[]).await
            })
            .await
    });
}

fn roles(places: &[Place], role: &str) -> usize {
    places.iter().filter(|place| place.role == role).count()
}

async fn speaker_view(ada: &Person) -> Result<()> {
    let grid = placed(ada, "three alike", |places| roles(places, "grid") == 3).await?;
    for (index, place) in grid.iter().enumerate() {
        for other in grid.iter().take(index) {
            let apart = place.left >= other.right
                || other.left >= place.right
                || place.top >= other.bottom
                || other.top >= place.bottom;
            ensure!(apart, "{place:?} and {other:?} overlap");
        }
    }
    ada.click_on("button", "More").await?;
    ada.click_on("menuitem", "Speaker view").await?;
    placed(ada, "one to be large", |places| roles(places, "large") == 1 && roles(places, "strip") == 2)
        .await?;
    ada.click_on("button", "More").await?;
    ada.click_on("menuitem", "Grid view").await?;
    placed(ada, "all alike again", |places| roles(places, "grid") == 3).await?;
    Ok(())
}

async fn one_screen(ada: &Person, ben: &Person) -> Result<()> {
    ben.click_on("button", "Share your screen").await?;
    ada.watches(ben, "screen").await?;
    let places = placed(ada, "the screen to be large", |places| roles(places, "large") == 1).await?;
    let screen = places.iter().find(|place| place.role == "large").context("the screen")?;
    ensure!(screen.part == "screen" && screen.area() > 0.6, "{places:#?}");
    let whole = "getComputedStyle(document.querySelector('.screen video')).objectFit";
    ensure!(ada.evaluate::<String>(whole).await? == "contain", "screens are never cropped");
    let hand = ada.see("group", "Screen of Ben: plus and minus zoom, arrow keys move, 0 shows all").await?;
    hand.focus().await?;
    for (keys, percent) in [("+", "125 %"), ("-", "100 %"), ("++", "156 %"), ("0", "100 %")] {
        ada.browser.driver.action_chain().send_keys(keys).perform().await?;
        ada.until(percent, async || Ok(ada.words().await?.contains(percent).then_some(()))).await?;
    }
    ada.click_on("button", "Closer").await?;
    ada.until("a closer look", async || Ok(ada.words().await?.contains("125 %").then_some(()))).await?;

    ben.click_on("button", "Smooth motion").await?;
    let hint = "harness.tracks.findLast((track) => track.kind === 'video').contentHint";
    ben.until("motion", async || Ok((ben.evaluate::<String>(hint).await? == "motion").then_some(()))).await?;
    ben.click_on("button", "Pause").await?;
    ada.until("word of the pause", async || {
        Ok(ada.words().await?.contains("Ben has paused the screen").then_some(()))
    })
    .await?;
    ben.click_on("button", "Go on").await?;
    ada.until("word of the screen", async || Ok(ada.words().await?.contains("Screen of Ben").then_some(())))
        .await
}

async fn two_screens(ada: &Person, ben: &Person, cleo: &Person) -> Result<()> {
    cleo.click_on("button", "Share your screen").await?;
    ada.watches(cleo, "screen").await?;
    ada.click_on("button", "Enlarge the screen of Cleo").await?;
    let peer = ada.tile_of(cleo).await?.peer;
    placed(ada, "the other screen to be large", |places| {
        places.iter().any(|place| place.role == "large" && place.peer == peer)
    })
    .await?;
    ada.click_on("button", "Both screens").await?;
    placed(ada, "both screens to be large", |places| {
        places.iter().filter(|place| place.role == "large" && place.part == "screen").count() == 2
    })
    .await?;
    ben.click_on("button", "Stop sharing your screen").await?;
    cleo.click_on("button", "Stop sharing your screen").await?;
    placed(ada, "the faces to have the stage again", |places| roles(places, "grid") == 3).await?;
    Ok(())
}

/// The same with other browsers: `cargo nextest run --profile long`.
mod long {
    use super::*;

    #[test]
    fn two_people_have_the_screen_as_they_like_it_in_firefox() {
        test(async |world| two(world, Kind::Firefox).await);
    }
}
