//! Who hides their address, and how a call gets off the relay again.

use anyhow::{Result, ensure};
use eyeline_e2e::server::Setup;
use eyeline_e2e::{Kind as Browser, Options, Person, media, test_in_public};
use eyeline_netlab::Kind;

fn small(kind: Browser, who: u32) -> Options {
    Options::of(kind, who).camera(media::TINY)
}

/// Waits until the tile of the only other says that this is how media travels.
async fn travels(person: &Person, path: &str) -> Result<()> {
    person
        .until(&format!("the path to be {path}"), async || {
            Ok((person.other().await?.path == path).then_some(()))
        })
        .await
}

/// One hides; the other never learns where they are, and does not need to do anything.
fn hides(hider: Browser, other: Browser) {
    test_in_public(async move |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let homes = [public.home(Kind::Cone)?, public.home(Kind::Cone)?];
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", small(hider, 1), &homes[0]),
            public.person(world, "Ben", small(other, 2), &homes[1]),
        )?;
        world
            .watched(&[&ada, &ben], async {
                let link = ada.start_call(&server.url()).await?;
                ada.click("always-relay").await?;
                ada.join().await?;
                ben.open(&link).await?;
                ben.join().await?;
                ben.watches(&ada, "camera").await?;
                ada.watches(&ben, "camera").await?;
                for person in [&ada, &ben] {
                    travels(person, "relayed").await?;
                }
                let gathered: Vec<_> = ada.statistics().await?.into_iter().flat_map(|one| one.gathered).collect();
                ensure!(!gathered.is_empty() && gathered.iter().all(|line| line.contains(" typ relay ")), "{gathered:?}");
                // Not even the browser's own list of the other's candidates has more.
                let remote: Vec<String> = ben
                    .evaluate(
                        "(async () => { const found = []; for (const connection of harness.connections)
                            (await connection.getStats()).forEach((entry) => entry.type === 'remote-candidate' &&
                                found.push(entry.candidateType)); return found; })()",
                    )
                    .await?;
                ensure!(remote.iter().all(|kind| kind == "relay" || kind == "prflx"), "{remote:?}");
                // The choice stays on this device.
                ada.click("leave").await?;
                ada.open("about:blank").await?;
                ada.open(&link).await?;
                ada.wait_for_element("always-relay").await?;
                let checked = "document.querySelector('[data-testid=always-relay]').checked";
                ensure!(ada.evaluate::<bool>(checked).await?, "the choice was forgotten");
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}

#[test]
fn chromium_hides_from_firefox() {
    hides(Browser::Chromium, Browser::Firefox);
}

#[test]
fn firefox_hides_from_chromium() {
    hides(Browser::Firefox, Browser::Chromium);
}

/// The way between two homes is blocked, so media is relayed; when it opens, the call becomes direct, and pictures never
/// stop.
fn becomes_direct(first: Browser, second: Browser) {
    test_in_public(async move |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let homes = [public.home(Kind::Open)?, public.home(Kind::Open)?];
        let other = homes[1].public_address.map(|address| address.to_string()).unwrap_or_default();
        ensure!(!other.is_empty(), "the second home has no address");
        homes[0].network.nft(&format!(
            "table inet apart {{
                chain out {{ type filter hook output priority 0; ip daddr {other} drop; meta nfproto ipv6 meta l4proto udp drop; }}
                chain in {{ type filter hook input priority 0; ip saddr {other} drop; meta nfproto ipv6 meta l4proto udp drop; }}
            }}"
        ))?;
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", small(first, 1), &homes[0]),
            public.person(world, "Ben", small(second, 2), &homes[1]),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                for (person, other) in [(&ada, &ben), (&ben, &ada)] {
                    person.watches(other, "camera").await?;
                    travels(person, "relayed").await?;
                }
                homes[0].network.nft("delete table inet apart")?;
                // A sign of life from the page is enough to look again soon; without one it takes half a minute.
                ada.evaluate::<()>("void dispatchEvent(new Event('online'))").await?;
                for person in [&ada, &ben] {
                    travels(person, "direct").await?;
                }
                for (person, other) in [(&ada, &ben), (&ben, &ada)] {
                    person.watches(other, "camera").await?;
                    person.complained_about_nothing(&[]).await?;
                }
                Ok(())
            })
            .await
    });
}

#[test]
fn two_chromiums_become_direct() {
    becomes_direct(Browser::Chromium, Browser::Chromium);
}

#[test]
fn firefox_and_chromium_become_direct() {
    becomes_direct(Browser::Firefox, Browser::Chromium);
}
