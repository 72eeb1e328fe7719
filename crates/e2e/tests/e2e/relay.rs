//! Who hides their address, and how a call gets off the relay again.

use anyhow::{Result, ensure};
use eyeline_e2e::server::{Server, Setup};
use eyeline_e2e::{Kind as Browser, Options, Person, World, media, test_in_public};
use eyeline_netlab::{Home, Kind};

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
                ada.click_on("button", "Settings").await?;
                ada.click_on("switch", "Always relay").await?;
                ada.click_on("button", "Close").await?;
                ada.join().await?;
                ben.open(&link).await?;
                ben.join().await?;
                ben.is_face_to_face_with(&ada).await?;
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
                ada.click_on("button", "Settings").await?;
                let chosen = ada.see("switch", "Always relay").await?.is_selected().await?;
                ensure!(chosen, "the choice was forgotten");
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

/// A call of two, each of whom watches the other before `work` and after it, while no browser complains.
async fn call(
    world: &World,
    server: &Server,
    [ada, ben]: [&Person; 2],
    work: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    world
        .watched(&[ada, ben], async {
            ada.calls(&[ben], &server.url()).await?;
            ada.is_face_to_face_with(ben).await?;
            work().await?;
            ada.is_face_to_face_with(ben).await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
}

/// Two people at home between whom no packet passes but through the relay, in a call: each watches the other. Then
/// `work`, which gets what lets packets pass.
fn relayed_call(
    first: Browser,
    second: Browser,
    work: impl AsyncFnOnce(&Person, &Person, &Home) -> Result<()> + Send + 'static,
) {
    test_in_public(async move |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let homes = [public.home(Kind::Open)?, public.home(Kind::Open)?];
        let other = homes[1].public_address.map(|address| address.to_string()).unwrap_or_default();
        ensure!(!other.is_empty(), "the second home has no address");
        homes[0].network.nft(&format!(
            "table inet apart {{
                chain out {{
                    type filter hook output priority 0
                    ip daddr {other} drop
                    meta nfproto ipv6 meta l4proto udp drop
                }}
                chain in {{
                    type filter hook input priority 0
                    ip saddr {other} drop
                    meta nfproto ipv6 meta l4proto udp drop
                }}
            }}"
        ))?;
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", small(first, 1), &homes[0]),
            public.person(world, "Ben", small(second, 2), &homes[1]),
        )?;
        call(world, &server, [&ada, &ben], async || {
            for person in [&ada, &ben] {
                travels(person, "relayed").await?;
            }
            work(&ada, &ben, &homes[0]).await
        })
        .await
    });
}

/// A sign of life is enough to look for a direct path soon; without one it takes half a minute.
async fn look_again(person: &Person) -> Result<()> {
    person.evaluate::<()>("void dispatchEvent(new Event('online'))").await
}

/// How often ICE has begun anew, as this end's own candidates tell.
async fn rounds(person: &Person) -> Result<usize> {
    let gathered: Vec<_> = person.statistics().await?.into_iter().flat_map(|one| one.gathered).collect();
    Ok(gathered
        .iter()
        .filter(|line| line.contains(" udp ") || line.contains(" UDP "))
        .filter(|line| line.contains(" typ host"))
        .count())
}

/// When the way opens, the call becomes direct. `after` some seconds Chromium, too, has given up its old pairs.
fn becomes_direct(first: Browser, second: Browser, after: u64) {
    relayed_call(first, second, async move |ada, ben, home| {
        tokio::time::sleep(std::time::Duration::from_secs(after)).await;
        home.network.nft("delete table inet apart")?;
        look_again(ada).await?;
        for person in [ada, ben] {
            travels(person, "direct").await?;
        }
        Ok(())
    });
}

#[test]
fn firefox_and_chromium_become_direct() {
    becomes_direct(Browser::Firefox, Browser::Chromium, 25);
}

#[test]
fn chromium_and_firefox_become_direct() {
    becomes_direct(Browser::Chromium, Browser::Firefox, 0);
}

/// When it does not, nobody notices that it was tried.
fn is_not_disturbed(first: Browser, second: Browser) {
    relayed_call(first, second, async |ada, ben, _| {
        let before = rounds(ada).await?;
        look_again(ada).await?;
        ada.until("another round of ICE", async || Ok((rounds(ada).await? > before).then_some(()))).await?;
        for _ in 0..4 {
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            ada.is_face_to_face_with(ben).await?;
            for person in [ada, ben] {
                let state: String = person.evaluate("harness.connections.at(-1).signalingState").await?;
                ensure!(state == "stable", "{} is in {state}", person.name);
                ensure!(person.other().await?.state == "connected", "{} sees no connection", person.name);
            }
        }
        Ok(())
    });
}

/// What takes long, and more pairs of browsers: `cargo nextest run --profile long`.
mod long {
    use super::*;

    #[test]
    fn two_chromiums_become_direct() {
        becomes_direct(Browser::Chromium, Browser::Chromium, 25);
    }

    #[test]
    fn two_chromiums_are_not_disturbed_by_a_search() {
        is_not_disturbed(Browser::Chromium, Browser::Chromium);
    }

    #[test]
    fn firefox_and_chromium_are_not_disturbed_by_a_search() {
        is_not_disturbed(Browser::Firefox, Browser::Chromium);
    }

    #[test]
    fn chromium_and_firefox_are_not_disturbed_by_a_search() {
        is_not_disturbed(Browser::Chromium, Browser::Firefox);
    }

    /// A call in which credentials are renewed: living connections of both browsers take them, and restart with them.
    #[test]
    fn living_connections_take_fresh_credentials() {
        test_in_public(async |world, public| {
            let server =
                public.server(world, Setup::default().arguments("--relay-credential-lifetime 60")).await?;
            let homes = [public.home(Kind::Open)?, public.home(Kind::Open)?];
            let (ada, ben) = tokio::try_join!(
                public.person(world, "Ada", small(Browser::Chromium, 1), &homes[0]),
                public.person(world, "Ben", small(Browser::Firefox, 2), &homes[1]),
            )?;
            call(world, &server, [&ada, &ben], async || {
                    for person in [&ada, &ben] {
                        let user = "harness.connections.at(-1).getConfiguration().iceServers.find((server) => server.username).username";
                        let before: String = person.evaluate(user).await?;
                        person
                            .until("fresh credentials", async || {
                                Ok((person.evaluate::<String>(user).await? != before).then_some(()))
                            })
                            .await?;
                    }
                    Ok(())
                })
                .await
        });
    }
}
