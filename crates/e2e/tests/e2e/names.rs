//! A name is text, whatever it looks like.

use anyhow::ensure;
use eyeline_e2e::{Options, media, test};

#[test]
fn a_hostile_name_shows_as_text() {
    test(async |world| {
        let server = world.server().await?;
        let name = "<img src=x onerror=alert(1)><b>Mal</b>\"'&amp;";
        let (mallory, ben) = tokio::try_join!(
            world.person(name, Options::chromium(1).camera(media::TINY), server.address),
            world.person("Ben", Options::chromium(2).camera(media::TINY), server.address),
        )?;
        world
            .watched(&[&mallory, &ben], async {
                let link = mallory.start_call(&server.url()).await?;
                mallory.join().await?;
                ben.open(&link).await?;
                ben.join().await?;
                // The tile must hold exactly these characters as visible text.
                ben.sees(&[&mallory]).await?;
                let elements: u32 = ben
                    .evaluate("document.querySelectorAll('[data-testid=tile] b, [data-testid=tile] img[src=x]').length")
                    .await?;
                ensure!(elements == 0, "the name became part of the page");
                mallory.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
