//! Whether the page can be installed as an app: W3C Web Application Manifest, and what browsers want beside it.

use anyhow::ensure;
use eyeline_e2e::server::Setup;
use eyeline_e2e::world::NAME;
use eyeline_e2e::{Options, test_in_public};
use eyeline_netlab::Kind;
use serde_json::{Value, json};

#[test]
fn chromium_has_nothing_against_installing_the_page() {
    test_in_public(async |world, public| {
        let _server = public.server(world, Setup::default()).await?;
        let ada = public.person(world, "Ada", Options::chromium(1), &public.home(Kind::Open)?).await?;
        world
            .watched(&[&ada], async {
                ada.open(&format!("https://{NAME}/")).await?;
                ada.wait_for_element("start").await?;
                // The manifest comes some seconds after the page.
                ada.until("nothing to be against it", async || {
                    let against = ada.command("Page.getInstallabilityErrors", json!({})).await?;
                    Ok((against["installabilityErrors"] == json!([])).then_some(()))
                })
                .await?;
                let manifest = ada.command("Page.getAppManifest", json!({})).await?;
                ensure!(manifest["errors"] == json!([]), "{manifest}");
                let told: Value = serde_json::from_str(manifest["data"].as_str().unwrap_or_default())?;
                ensure!(told["display"] == "standalone" && told["name"] == "Eyeline", "{told}");
                // It would cloud what program is running.
                let workers = "navigator.serviceWorker.getRegistrations().then((all) => all.length)";
                ensure!(ada.evaluate::<usize>(workers).await? == 0, "a service worker");
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}
