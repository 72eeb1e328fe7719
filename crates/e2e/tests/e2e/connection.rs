//! "Connection": what comes and goes, what happened, and what of it is copied for a bug report.

use anyhow::{Context, Result, ensure};
use eyeline_e2e::{Kind, Options, Person, media, test};
use serde::Deserialize;

/// What browsers say by themselves when a server is gone.
const GONE: &[&str] =
    &["WebSocket", "ERR_CONNECTION_REFUSED", "can’t establish a connection", "interrupted while"];

/// One row of somebody's table.
#[derive(Debug, Deserialize)]
struct Row(String, String, String);

impl Row {
    fn flows_both_ways(&self) -> bool {
        [&self.1, &self.2].into_iter().all(|told| number_before(told, " kbit/s").is_some_and(|rate| rate > 0))
    }
}

/// The number that stands before `unit` in a sentence.
fn number_before(told: &str, unit: &str) -> Option<u64> {
    told.split(", ").find_map(|part| part.strip_suffix(unit)?.parse().ok())
}

async fn rows(person: &Person) -> Result<Vec<Row>> {
    let rows = "[...document.querySelectorAll('[data-testid=connection-person] tbody tr')]
        .map((row) => [...row.children].map((cell) => cell.innerText))";
    person.evaluate(rows).await
}

async fn story(person: &Person) -> Result<String> {
    person.evaluate("document.querySelector('[data-testid=story]').innerText").await
}

async fn story_tells(person: &Person, words: &str) -> Result<()> {
    person
        .until(&format!("{words:?} in the story"), async || {
            Ok(story(person).await?.contains(words).then_some(()))
        })
        .await
}

#[test]
fn chromium_shows_what_a_connection_carries_and_what_happened() {
    panel(Kind::Chromium);
}

#[test]
fn firefox_shows_what_a_connection_carries_and_what_happened() {
    panel(Kind::Firefox);
}

fn panel(kind: Kind) {
    test(async move |world| {
        let mut server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Adalgunde", Options::of(kind, 1).camera(media::SMALL), server.address),
            world.person("Benedict", Options::chromium(2).camera(media::SMALL), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                let link = ada.calls(&[&ben], &server.url()).await?;
                ada.is_face_to_face_with(&ben).await?;

                ada.choose("connection").await?;
                let summary = ada
                    .until("the connection to be told", async || {
                        let words = ada.words().await?;
                        let line =
                            words.lines().find(|line| line.starts_with("Direct · ")).map(str::to_owned);
                        Ok(line.filter(|line| line.ends_with("good")))
                    })
                    .await?;
                eprintln!("{kind:?}: {summary}");
                ada.until("sound and picture to flow both ways", async || {
                    let rows = rows(&ada).await?;
                    let flows = |name| rows.iter().any(|row| row.0 == name && row.flows_both_ways());
                    Ok((flows("Voice") && flows("Picture")).then_some(()))
                })
                .await?;
                let rows = rows(&ada).await?;
                eprintln!("{kind:?}: {rows:#?}");
                let find = |name| rows.iter().find(|row| row.0 == name).context("a row");
                let (voice, picture) = (find("Voice")?, find("Picture")?);
                ensure!(voice.1.contains("opus") && voice.2.contains("opus"), "{voice:?}");
                ensure!(picture.1.contains(" × "), "{picture:?}");
                let frames = number_before(&picture.1, " fps");
                ensure!(frames.is_some_and(|frames| frames > 0), "{picture:?}");

                server.kill()?;
                story_tells(&ada, "server: connection lost").await?;
                server.restart().await?;
                story_tells(&ada, "server: back").await?;

                let keep =
                    "navigator.clipboard.writeText = (text) => (window.copied = text, Promise.resolve())";
                ada.evaluate::<()>(&format!("void ({keep})")).await?;
                ada.click("copy-story").await?;
                ada.until("the button to say so", async || {
                    Ok(ada.words().await?.lines().any(|line| line == "Copied").then_some(()))
                })
                .await?;
                let copied: String = ada.evaluate("copied").await?;
                eprintln!("{copied}");
                tells_enough(&copied, kind)?;
                tells_not_too_much(&copied, &link, &ada, &ben).await?;

                // Closed, it can be opened again.
                ada.click("panel-close").await?;
                ada.choose("connection").await?;
                ada.wait_for_element("story").await?;
                ada.complained_about_nothing(GONE).await?;
                ben.complained_about_nothing(GONE).await
            })
            .await
    });
}

fn tells_enough(copied: &str, kind: Kind) -> Result<()> {
    let browser = match kind {
        Kind::Chromium => "Chromium ",
        Kind::Firefox => "Firefox ",
    };
    let expected = [
        "Eyeline ",
        browser,
        "person 1: direct, ",
        "  received: voice ",
        "  sent: picture ",
        "server: reached",
        "in the call",
        "person 1: here, in the ",
        "person 1: keys agreed",
        "person 1: connected (connection 1)",
        "server: connection lost",
        "server: back",
    ];
    for words in expected {
        ensure!(copied.contains(words), "{words:?} is missing in {copied}");
    }
    Ok(())
}

async fn tells_not_too_much(copied: &str, link: &str, ada: &Person, ben: &Person) -> Result<()> {
    let secret = link.split_once("#1").context("a link with a secret")?.1;
    let peer = ada.other().await?.peer;
    for secret in [secret, "#", &ada.name, &ben.name, &peer] {
        ensure!(!copied.contains(secret), "{secret:?} in {copied}");
    }
    let address = "/\\d+\\.\\d+\\.\\d+\\.\\d+|[0-9a-f]*:[0-9a-f]*:[0-9a-f]+|:\\d{2,5}\\b/i.test(copied)";
    ensure!(!ada.evaluate::<bool>(address).await?, "an address in {copied}");
    Ok(())
}

/// Half a minute of a test of which the simulation tells the core.
mod long {
    use super::*;

    /// A program that takes all of a processor: Ben's page gets a tenth of a second now and then.
    #[test]
    fn a_page_that_is_held_up_says_so_and_repairs_nothing() {
        test(async |world| {
            let server = world.server().await?;
            let small = |who| Options::chromium(who).camera(media::TINY);
            let (ada, ben) = tokio::try_join!(
                world.person("Ada", small(1), server.address),
                world.person("Ben", small(2), server.address),
            )?;
            world
                .watched(&[&ada, &ben], async {
                    ada.calls(&[&ben], &server.url()).await?;
                    ada.is_face_to_face_with(&ben).await?;
                    let toil = "void function toil() {
                        const end = performance.now() + 3500;
                        while (performance.now() < end);
                        if (!window.calm) setTimeout(toil, 100);
                    }()";
                    ben.evaluate::<()>(toil).await?;
                    ben.says("Your device can't keep up with this call").await?;
                    ben.evaluate::<()>("void (window.calm = true)").await?;
                    ben.until("the bar to go", async || {
                        Ok((!ben.words().await?.contains("can't keep up")).then_some(()))
                    })
                    .await?;
                    for (person, other) in [(&ada, &ben), (&ben, &ada)] {
                        person.choose("connection").await?;
                        person.wait_for_element("story").await?;
                        let story = story(person).await?;
                        eprintln!("{story}");
                        ensure!(
                            !["restart", "(connection 2)"].iter().any(|word| story.contains(word)),
                            "{story}"
                        );
                        // On a busy machine, Ada's may be, too.
                        ensure!(story.contains("held up") || person.name == "Ada", "{story}");
                        person.click("panel-close").await?;
                        person.watches(other, "camera").await?;
                        person.complained_about_nothing(&[]).await?;
                    }
                    Ok(())
                })
                .await
        });
    }
}
