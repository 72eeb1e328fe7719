//! Our STUN is really used.

use anyhow::{Context, ensure};
use eyeline_e2e::server::STUN_REQUESTS;
use eyeline_e2e::{Kind, Options, SOON, checks, media, test, test_in_public, until};

#[test]
fn binding_requests_of_both_browsers_are_counted() {
    test(async |world| {
        let server = world.server().await?;
        let mut before = server.counter(STUN_REQUESTS).await?;
        for kind in [Kind::Chromium, Kind::Firefox] {
            let (ada, ben) = tokio::try_join!(
                world.person("Ada", Options::of(kind, 1).camera(media::SMALL), server.address),
                world.person("Ben", Options::of(kind, 2).camera(media::SMALL), server.address),
            )?;
            world
                .watched(&[&ada, &ben], async {
                    ada.calls(&[&ben], &server.url()).await?;
                    ada.sees(&[&ben]).await?;
                    // Each of the two asked at least once.
                    ada.until("Binding requests to be counted", async || {
                        Ok((server.counter(STUN_REQUESTS).await? >= before + 2.0).then_some(()))
                    })
                    .await
                })
                .await
                .with_context(|| format!("{kind:?}"))?;
            drop((ada, ben));
            before = server.counter(STUN_REQUESTS).await?;
        }
        Ok(())
    });
}

#[test]
fn a_pair_behind_one_nat_learns_its_public_address_from_us() {
    test_in_public(async |world, public| {
        let home = public.internet.home(eyeline_netlab::Kind::PortRestricted)?;
        let router = home.public_address.context("a public address")?;
        let [ada, ben] = [(Kind::Chromium, 1), (Kind::Firefox, 2)]
            .map(|(kind, who)| Options::of(kind, who).camera(media::SMALL).network(home.network.clone()));
        world
            .call_of_two(ada, ben, async |ada, ben, server| {
                // Not of both: Chromium 156 stops looking as soon as a pair connects, which in one home may be sooner than
                // our answer.
                let ours = format!(" {router} ");
                until("a server-reflexive candidate with the router's address", SOON, async || {
                    let mut found = false;
                    for person in [ada, ben] {
                        let mut gathered = person.statistics().await?.into_iter().flat_map(|c| c.gathered);
                        found |= gathered.any(|line| line.contains(" typ srflx") && line.contains(&ours));
                    }
                    Ok(found.then_some(()))
                })
                .await?;
                for person in [ada, ben] {
                    checks::is_direct(person).await?;
                }
                ensure!(server.counter(STUN_REQUESTS).await? >= 2.0, "nobody asked our STUN");
                Ok(())
            })
            .await
    });
}
