//! Pages by the rules of WCAG, for eyes that see otherwise and for screen readers: dark and light, wide, small and
//! zoomed.

use anyhow::{Result, ensure};
use eyeline_e2e::accessibility::{Node, Scheme, is_sound};
use eyeline_e2e::{Options, Person, media, test};
use thirtyfour::Key;

/// Small pictures in a small window: what is looked at is the page around them.
fn somebody() -> Options {
    let mut options = Options::chromium(1).camera(media::TINY);
    options.window = (1000, 700);
    options
}

/// The page breaks no rule, and a screen reader can make sense of it.
async fn is_accessible(person: &Person, page: &str) -> Result<Vec<Node>> {
    person.passes_axe(page).await?;
    let tree = person.accessibility_tree().await?;
    is_sound(page, &tree)?;
    Ok(tree)
}

/// Opens a panel, looks at it, and closes it.
async fn panel_is_accessible(person: &Person, hook: &str, content: &str) -> Result<()> {
    person.click(hook).await?;
    person
        .until("the panel", async || {
            let there: bool =
                person.evaluate(&format!("document.querySelector('dialog {content}') !== null")).await?;
            Ok(there.then_some(()))
        })
        .await?;
    is_accessible(person, &format!("the panel of {hook}")).await?;
    person.press(Key::Escape).await?;
    person
        .until("the panel to close", async || {
            Ok(person.evaluate::<bool>("document.querySelector('dialog') === null").await?.then_some(()))
        })
        .await
}

#[test]
fn every_page_passes_axe_and_makes_sense_to_a_screen_reader() {
    test(async |world| {
        let server = world.server().await?;
        let ada = world.person("Ada", somebody(), server.address).await?;
        world
            .watched(&[&ada], async {
                ada.open(&server.url()).await?;
                ada.wait_for_element("start").await?;
                is_accessible(&ada, "start").await?;
                panel_is_accessible(&ada, "check", ".check li").await?;
                panel_is_accessible(&ada, "settings", ".settings").await?;
                let link = ada.start_call(&server.url()).await?;
                is_accessible(&ada, "lobby").await?;
                panel_is_accessible(&ada, "settings", ".settings").await?;
                ada.join().await?;
                is_accessible(&ada, "a call alone").await?;
                for (hook, content) in
                    [("keys", "kbd"), ("connection", ".connection"), ("settings", ".settings")]
                {
                    ada.click("more").await?;
                    ada.wait_for_element(hook).await?;
                    if hook == "keys" {
                        is_accessible(&ada, "the menu").await?;
                    }
                    panel_is_accessible(&ada, hook, content).await?;
                }

                let mut tabs = ada.in_company(&link, &["Ben"]).await?;
                let tree = is_accessible(&ada, "a call of two").await?;
                let speaks = tree.iter().any(|node| node.role == "log" && node.live == "polite");
                ensure!(speaks, "nothing says who comes and goes: {tree:#?}");
                let has =
                    |role: &str, name: &str| tree.iter().any(|node| node.role == role && node.name == name);
                ensure!(has("article", "Ben") && has("navigation", "Call controls"), "{tree:#?}");
                tabs.extend(ada.in_company(&link, &["Cleo", "Dora"]).await?);
                is_accessible(&ada, "a call of four").await?;

                for tab in tabs.iter().take(1) {
                    ada.in_tab(tab, async || ada.click("share-screen").await).await?;
                }
                ada.until("Ben's screen", async || {
                    let shown = "document.querySelector('.screen video')?.videoWidth > 0";
                    Ok(ada.evaluate::<bool>(shown).await?.then_some(()))
                })
                .await?;
                is_accessible(&ada, "a shared screen").await?;
                ada.click("leave").await?;
                ada.wait_for_element("rejoin").await?;
                is_accessible(&ada, "after a call").await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

/// On a phone everything can be touched; at half the width, which is what a zoom of 200 % leaves, everything can be
/// reached; and nothing moves where the person asked for stillness.
#[test]
fn pages_fit_where_there_is_little_room() {
    test(async |world| {
        let server = world.server().await?;
        let ada = world.person("Ada", somebody(), server.address).await?;
        let fits = async |page: &str| -> Result<()> {
            for (width, height) in [(390, 844), (844, 390)] {
                ada.window(width, height, true).await?;
                ada.reaches_everything(&format!("{page} on a phone of {width}×{height}")).await?;
                ada.touches_everything(&format!("{page} on a phone of {width}×{height}")).await?;
            }
            // 1280×800 at 200 %, and the narrowest page that WCAG asks for (1.4.10, "Reflow").
            for (width, height) in [(640, 400), (320, 568)] {
                ada.window(width, height, false).await?;
                ada.reaches_everything(&format!("{page} in {width}×{height}")).await?;
            }
            // From right to left.
            let turn = async |direction: &str| {
                ada.evaluate::<String>(&format!("document.documentElement.dir = '{direction}'")).await
            };
            turn("rtl").await?;
            for (width, height) in [(390, 844), (1000, 700)] {
                ada.window(width, height, false).await?;
                ada.reaches_everything(&format!("{page} from right to left in {width}×{height}")).await?;
            }
            turn("ltr").await?;
            ada.is_still(page).await
        };
        world
            .watched(&[&ada], async {
                ada.open(&server.url()).await?;
                ada.wait_for_element("start").await?;
                ada.prefers(Scheme::Dark, true).await?;
                fits("start").await?;
                let link = ada.start_call(&server.url()).await?;
                fits("lobby").await?;
                ada.join().await?;
                fits("a call alone").await?;
                ada.in_company(&link, &["Ben", "Cleo"]).await?;
                fits("a call").await?;
                ada.press("?").await?;
                ada.wait_for_element("shortcuts").await?;
                fits("keys").await?;
                ada.press(Key::Escape).await?;
                // A menu closes when the window changes.
                for (width, height, phone) in [(390, 844, true), (844, 390, true), (320, 568, false)] {
                    ada.window(width, height, phone).await?;
                    ada.click("more").await?;
                    ada.wait_for_element("settings").await?;
                    ada.reaches_everything(&format!("the menu in {width}×{height}")).await?;
                    if phone {
                        ada.touches_everything("the menu").await?;
                    }
                    ada.press(Key::Escape).await?;
                }
                ada.window(1000, 700, false).await?;
                ada.click("more").await?;
                ada.click("settings").await?;
                ada.wait_for_element("noise").await?;
                fits("settings").await?;
                ada.press(Key::Escape).await?;
                ada.click("leave").await?;
                ada.wait_for_element("rejoin").await?;
                fits("after a call").await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

mod long {
    use super::*;

    #[test]
    fn a_call_of_eight_passes_axe() {
        test(async |world| {
            let server = world.server().await?;
            let ada = world.person("Ada", somebody(), server.address).await?;
            world
                .watched(&[&ada], async {
                    let link = ada.start_call(&server.url()).await?;
                    ada.join().await?;
                    ada.in_company(&link, &["Ben", "Cleo", "Dora", "Emil", "Fatima", "Goran", "Hana"])
                        .await?;
                    is_accessible(&ada, "a call of eight").await?;
                    ada.complained_about_nothing(&[]).await
                })
                .await
        });
    }
}
