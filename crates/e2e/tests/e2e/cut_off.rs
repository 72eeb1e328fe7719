//! A line that is cut in mid-call: what either end says of it meanwhile, and afterwards.

use anyhow::Context;
use eyeline_e2e::server::Setup;
use eyeline_e2e::{Options, media, test_in_public};
use eyeline_netlab::Kind;

#[test]
fn whoever_is_cut_off_is_told_so_and_the_others_are_told_of_them() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let (here, there) = (public.home(Kind::PortRestricted)?, public.home(Kind::PortRestricted)?);
        let small = |who| Options::chromium(who).camera(media::TINY);
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", small(1), &here),
            public.person(world, "Ben", small(2), &there),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ada.is_face_to_face_with(&ben).await?;

                let router = here.routers.first().context("a router")?;
                router.nft(
                    "table inet cut { chain forward { type filter hook forward priority -10; policy drop; }; }",
                )?;
                ben.says("Reconnecting to Ada…").await?;
                ada.says("Reconnecting to Ben…").await?;
                ben.says("Trying another way to Ada…").await?;
                ada.says("You seem to be offline").await?;
                router.nft("delete table inet cut")?;
                ada.says("You are back.").await?;
                ada.sees(&[&ben]).await?;
                ben.sees(&[&ada]).await?;
                ada.watches(&ben, "camera").await?;
                ada.complained_about_nothing(&["WebSocket", "net::ERR_"]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
