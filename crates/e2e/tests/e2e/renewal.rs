//! A certificate is renewed in mid-call.

use eyeline_e2e::reach::{self, Path, Transport};
use eyeline_e2e::server::Setup;
use eyeline_e2e::world::NAME;
use eyeline_e2e::{Kind as Browser, checks, test_in_public};
use eyeline_netlab::Kind;

/// Everything of these two, media included, goes through TLS connections that were made with the old certificate.
#[test]
fn a_renewal_in_mid_call_disturbs_nothing() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let homes =
            [public.home(Kind::Only443)?, public.home(Kind::Only443)?, public.home(Kind::PortRestricted)?];
        let (ada, ben, cleo) = tokio::try_join!(
            public.person(world, "Ada", reach::options(Browser::Chromium, 1), &homes[0]),
            public.person(world, "Ben", reach::options(Browser::Chromium, 2), &homes[1]),
            public.person(world, "Cleo", reach::options(Browser::Firefox, 3), &homes[2]),
        )?;
        world
            .watched(&[&ada, &ben, &cleo], async {
                let link = ada.calls(&[&ben], &server.url()).await?;
                ada.sees(&[&ben]).await?;
                ben.sees(&[&ada]).await?;
                checks::decodes_new_pictures(&ada).await?;
                assert_eq!(
                    reach::path(&ada, &ben).await?,
                    Some(Path::Relayed(Transport::Tls, Transport::Tls))
                );
                let sockets = server.counter("eyeline_websockets_total").await?;

                let addresses = [public.host.address.to_string(), public.host.ipv6_address.to_string()];
                server.renew(&public.authority.issue(&[NAME, &addresses[0], &addresses[1]])?)?;
                ada.until("the new certificate to be in use", async || {
                    Ok(server.log()?.contains("a new certificate is in use").then_some(()))
                })
                .await?;

                for person in [&ada, &ben] {
                    checks::decodes_new_pictures(person).await?;
                }
                assert_eq!(server.counter("eyeline_websockets_total").await?.to_bits(), sockets.to_bits());
                cleo.open(&link).await?;
                cleo.join().await?;
                cleo.sees(&[&ada, &ben]).await?;
                for person in [&ada, &ben, &cleo] {
                    checks::decodes_new_pictures(person).await?;
                    person.complained_about_nothing(&[]).await?;
                }
                Ok(())
            })
            .await
    });
}
