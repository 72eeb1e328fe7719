//! A name is text, whatever it looks like.

use anyhow::{Result, ensure};
use eyeline_e2e::{Options, checks, media, test};
use serde::Deserialize;
use serde_json::{Value, json};

/// The same names with which cleaning is tested.
fn hostile_names() -> Result<Vec<String>> {
    let data: Value = serde_json::from_str(include_str!("../../../protocol/tests/data/hostile-names.json"))?;
    let entries = data.get("names").and_then(Value::as_array).cloned().unwrap_or_default();
    let names = entries.iter().filter_map(|entry| {
        let times = entry.get("times").and_then(Value::as_u64).unwrap_or(1);
        Some(entry.get("text")?.as_str()?.repeat(usize::try_from(times).ok()?))
    });
    let names: Vec<String> = names.collect();
    ensure!(names.len() >= 200, "{} names", names.len());
    Ok(names)
}

/// How somebody's name is shown on their tile.
#[derive(Debug, Deserialize)]
struct Shown {
    name: String,
    elements: u32,
    faults: Vec<String>,
}

/// Waits until the one other's microphone is off or on, then looks at their tile: the words of the name, the elements
/// that it is made of, and what is out of place.
fn shown(muted: bool) -> String {
    format!(
        "(async () => {{
            const tile = document.querySelector('[data-testid=tile]:not([data-peer=\"\"])');
            const late = performance.now() + 30_000;
            while ((tile.querySelector('.muted') !== null) !== {muted}) {{
                if (performance.now() > late) throw new Error('nothing came');
                await new Promise((wake) => setTimeout(wake, 5));
            }}
            const name = tile.querySelector('.name');
            const [label, face, bar] = [tile.querySelector('.label'), tile.querySelector('.face'), document.querySelector('nav')]
                .map((element) => element.getBoundingClientRect());
            const faults = [];
            if (label.left < face.left || label.right > face.right || label.top < face.top || label.bottom > face.bottom)
                faults.push('the label sticks out of its tile');
            if (label.height > 40 || label.height < 16) faults.push(`the label is ${{label.height}} pixels high`);
            if (label.width < 16) faults.push('the label is empty');
            const barIsThere = !document.querySelector('.idle');
            if (barIsThere && label.bottom > bar.top && label.right > bar.left && label.left < bar.right && label.top < bar.bottom)
                faults.push('the label lies under the controls');
            const page = document.documentElement;
            if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight) faults.push('the page scrolls');
            if (tile.getAttribute('aria-label') !== name.textContent) faults.push('it is called otherwise than it is shown');
            if (getComputedStyle(name).direction !== 'ltr') faults.push('the direction of the page has changed');
            return {{ name: name.textContent, elements: name.childElementCount, faults }};
        }})()"
    )
}

/// Sends a name beside the news that the microphone is off or on again.
fn say(name: &str) -> String {
    format!(
        "(async () => {{
            liar.name = {};
            document.querySelector('nav [data-testid=toggle-microphone]').click();
            while (liar.name !== null) await new Promise((wake) => setTimeout(wake, 5));
        }})()",
        json!(name)
    )
}

/// No name, whatever it was, may be more than a short line of characters that are seen.
fn is_harmless(sent: &str, shown: &Shown) -> Result<()> {
    let start: String = sent.chars().take(60).collect();
    ensure!(shown.faults.is_empty(), "{start:?}: {shown:?}");
    ensure!(shown.elements == 0, "{start:?} became part of the page: {shown:?}");
    ensure!((1..=64).contains(&shown.name.chars().count()), "{start:?}: {shown:?}");
    let turns_or_hides = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    ensure!(!shown.name.contains(turns_or_hides), "{start:?}: {shown:?}");
    // What can be shown as it is, is.
    let plain = sent.len() <= 64 && sent.trim() == sent && !sent.contains("  ");
    if plain
        && !sent.is_empty()
        && sent.chars().all(|character| character.is_ascii_graphic() || character == ' ')
    {
        ensure!(shown.name == sent, "{sent:?} is shown as {:?}", shown.name);
    }
    Ok(())
}

/// A minute of names.
mod long {
    use super::*;

    /// Mallory's program is another than ours: names come as they are, over the data channel.
    #[test]
    fn hostile_names_of_a_peer_show_as_harmless_text() {
        test(async |world| {
            let server = world.server().await?;
            let liar = include_str!("../../src/page/liar.js");
            let (mallory, ben) = tokio::try_join!(
                world.person(
                    "Mallory",
                    Options::chromium(1).camera(media::TINY).preload(liar),
                    server.address
                ),
                world.person("Ben", Options::chromium(2).camera(media::TINY), server.address),
            )?;
            world
                .watched(&[&mallory, &ben], async {
                    mallory.calls(&[&ben], &server.url()).await?;
                    ben.sees(&[&mallory]).await?;
                    mallory.sees(&[&ben]).await?;
                    ben.evaluate::<Shown>(&shown(false)).await?;
                    checks::hears(&ben).await?;
                    let mut muted = false;
                    for name in hostile_names()? {
                        muted = !muted;
                        let (say, shown) = (say(&name), shown(muted));
                        let ((), shown) =
                            tokio::try_join!(mallory.evaluate(&say), ben.evaluate::<Shown>(&shown))?;
                        is_harmless(&name, &shown)?;
                    }
                    mallory.complained_about_nothing(&[]).await?;
                    ben.complained_about_nothing(&[]).await
                })
                .await
        });
    }
}

/// The same through our own page, typed and pasted: what the others get of it, and what the page that was given it shows.
#[test]
fn hostile_names_that_are_typed_show_as_harmless_text() {
    test(async |world| {
        let server = world.server().await?;
        let (mallory, ben) = tokio::try_join!(
            world.person("<b>Mal</b>", Options::chromium(1).camera(media::TINY), server.address),
            world.person("Ben", Options::chromium(2).camera(media::TINY), server.address),
        )?;
        world
            .watched(&[&mallory, &ben], async {
                let link = ben.start_call(&server.url()).await?;
                ben.join().await?;
                mallory.open(&link).await?;
                mallory.wait_for_element("name").await?;
                // As pasting does, beside what the input itself would bound.
                for names in hostile_names()?.chunks(50) {
                    let paste = format!(
                        "(async () => {{
                            const input = document.querySelector('[data-testid=name]');
                            for (const name of {}) {{
                                input.value = name;
                                input.dispatchEvent(new Event('input', {{ bubbles: true }}));
                                await new Promise((wake) => setTimeout(wake));
                                const page = document.documentElement;
                                if (page.scrollWidth > innerWidth) throw new Error(`too wide: ${{name.slice(0, 60)}}`);
                            }}
                        }})()",
                        json!(names)
                    );
                    mallory.evaluate::<()>(&paste).await?;
                }
                let name = "<img src=x onerror=alert(1)><b>Mal</b>\"'&amp;";
                mallory.type_into("name", name).await?;
                mallory.click("join").await?;
                ben.until("Mallory", async || {
                    let tiles = ben.others().await?;
                    let connected = tiles.iter().find(|tile| tile.state == "connected");
                    Ok(connected.filter(|tile| tile.text.contains(name)).map(drop))
                })
                .await?;
                is_harmless(name, &ben.evaluate(&shown(false)).await?)?;
                mallory.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
