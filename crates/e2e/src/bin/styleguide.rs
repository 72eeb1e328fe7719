//! Takes pictures of the styleguide, which has every component in every state, dark and light: `target/styleguide`.
//! Only the debug build of the server has it: `cargo xtask styleguide` makes that first.

use anyhow::Result;
use eyeline_e2e::accessibility::Scheme;
use eyeline_e2e::browser::Screen;
use eyeline_e2e::server::{Server, Setup};
use eyeline_e2e::{Options, World};
use std::path::Path;

/// As wide as a desktop's window.
const WIDTH: u32 = 1144;

fn main() -> Result<()> {
    let world = World::new("styleguide")?;
    world.network.clone().run_long(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(take(&world))
    })?
}

async fn take(world: &World) -> Result<()> {
    let folder = eyeline_e2e::target_directory().join("styleguide");
    std::fs::create_dir_all(&folder)?;
    let setup = Setup::default().debug_build();
    let server = Server::start(world.network.clone(), &world.logs.join("server.log"), setup).await?;
    let mut options = Options::chromium(1);
    options.window = (WIDTH, 900);
    options.screen = Screen::Exact;
    let person = world.person("Mia", options, server.address).await?;
    person.open(&format!("{}#styleguide", server.url())).await?;
    person.wait_for_element("styleguide").await?;
    // The states are shown once all style sheets are there.
    person
        .until("the states", async || {
            let rules = "[...document.styleSheets].some((sheet) =>
                [...sheet.cssRules].some((rule) => rule.cssText.includes('.is-hover')))";
            Ok(person.evaluate::<bool>(rules).await?.then_some(()))
        })
        .await?;
    let height: u32 = person.evaluate("document.documentElement.scrollHeight").await?;
    person.window(WIDTH, height, false).await?;
    for (scheme, name) in [(Scheme::Dark, "dark"), (Scheme::Light, "light")] {
        person.prefers(scheme, true).await?;
        picture(&person, &folder.join(format!("{name}.png"))).await?;
    }
    person.complained_about_nothing(&[]).await
}

async fn picture(person: &eyeline_e2e::Person, file: &Path) -> Result<()> {
    person.browser.driver.screenshot(file).await?;
    println!("{}", file.display());
    Ok(())
}
