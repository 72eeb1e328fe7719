//! A listener in the place of the server learns nothing of a call.

use anyhow::{Context, ensure};
use data_encoding::BASE64URL_NOPAD;
use eyeline_e2e::recorder::{Recorder, reveals};
use eyeline_e2e::{Options, media, test};

#[test]
fn a_listener_in_the_place_of_the_server_learns_nothing() {
    test(async |world| {
        let server = world.server().await?;
        let recorder = Recorder::start(server.address).await?;
        let page = recorder.address;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada Secretname", Options::chromium(1).camera(media::SMALL), page),
            world.person("Ben Hiddenname", Options::firefox(2), page),
        )?;
        world
            .watched(&[&ada, &ben], async {
                let link = ada.start_call(&format!("http://{page}/")).await?;
                ada.join().await?;
                ben.open(&link).await?;
                ben.join().await?;
                ada.sees(&[&ben]).await?;
                ben.sees(&[&ada]).await?;
                ada.watches(&ben, "camera").await?;

                let messages = recorder.signaling();
                // Both joined and exchanged descriptions: a recorder that heard nothing proves nothing.
                ensure!(messages.len() > 10, "only {} messages passed", messages.len());
                let candidates: Vec<String> =
                    ada.statistics().await?.into_iter().flat_map(|c| c.gathered).collect();
                ensure!(!candidates.is_empty(), "nothing was gathered");
                let (_, fragment) = link.split_once("#1").context("a link")?;
                let encoded = fragment.split_at_checked(fragment.len() - 2).context("check characters")?.0;
                let secret = BASE64URL_NOPAD.decode(encoded.as_bytes()).context("the link's secret")?;
                let mut secrets: Vec<(String, Vec<u8>)> = [
                    "v=0\r\n",
                    "a=ice-ufrag",
                    "ice-pwd",
                    "a=fingerprint",
                    "candidate:",
                    " typ host",
                    "Secretname",
                    "Hiddenname",
                ]
                .into_iter()
                .chain([fragment, encoded])
                .map(|text| (text.to_owned(), text.into()))
                .collect();
                secrets.extend(candidates.into_iter().map(|line| (line.clone(), line.into())));
                secrets.push(("the link's secret".into(), secret));
                let signaling = messages.concat();
                let log = server.log()?;
                for (what, secret) in &secrets {
                    if let Some(how) = reveals(&signaling, secret) {
                        anyhow::bail!("signaling reveals {what}, {how}");
                    }
                    if let Some(how) = reveals(log.as_bytes(), secret) {
                        anyhow::bail!("the server's log reveals {what}, {how}");
                    }
                }
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
