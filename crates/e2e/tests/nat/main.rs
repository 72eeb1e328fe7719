//! Six telling pairs of the NAT matrix: real browsers in two homes, the server on the internet between them, pages over
//! HTTPS. `cargo xtask test nat` runs all 64 pairs.
//!
//! The kinds of home are `eyeline_netlab::Kind`'s; what is expected of a pair, and why, is `eyeline_e2e::reach`'s.

use anyhow::{Result, ensure};
use eyeline_e2e::reach::{self, Path, Transport};
use eyeline_e2e::server::Setup;
use eyeline_e2e::{Kind as Browser, test_in_public};
use eyeline_netlab::Kind;

/// Two people with these browsers in homes of these kinds: they see and hear each other over `path`, which is also
/// what theory expects.
fn pair(first: (Browser, Kind), second: (Browser, Kind), path: Path) {
    test_in_public(async move |world, public| -> Result<()> {
        let expected = reach::expected(first.1, second.1);
        ensure!(expected.path == path, "expected is {}, since {}", expected.path, expected.reason);
        let server = public.server(world, Setup::default()).await?;
        let homes = [public.home(first.1)?, public.home(second.1)?];
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", reach::options(first.0, 1), &homes[0]),
            public.person(world, "Ben", reach::options(second.0, 2), &homes[1]),
        )?;
        world
            .watched(&[&ada, &ben], async {
                let measured = reach::call(&ada, &ben, &server.url(), expected).await?;
                eprintln!("{} × {}: {}, {:?}", first.1, second.1, measured.path, measured.first_picture);
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}

#[test]
fn open_and_symmetric_are_direct() {
    pair((Browser::Chromium, Kind::Open), (Browser::Chromium, Kind::Symmetric), Path::Direct);
}

#[test]
fn port_restricted_and_cone_behind_a_carrier_are_direct() {
    pair((Browser::Chromium, Kind::PortRestricted), (Browser::Firefox, Kind::Double), Path::Direct);
}

#[test]
fn symmetric_and_symmetric_are_relayed_over_udp() {
    let path = Path::Relayed(Transport::Udp, Transport::Udp);
    pair((Browser::Chromium, Kind::Symmetric), (Browser::Chromium, Kind::Symmetric), path);
}

#[test]
fn udp_blocked_and_cone_are_relayed_over_tcp_on_one_side() {
    let path = Path::Relayed(Transport::Tcp, Transport::Udp);
    pair((Browser::Chromium, Kind::UdpBlocked), (Browser::Chromium, Kind::Cone), path);
}

#[test]
fn only_443_and_only_443_are_relayed_over_the_port_of_the_page() {
    let path = Path::Relayed(Transport::Tls, Transport::Tls);
    pair((Browser::Chromium, Kind::Only443), (Browser::Firefox, Kind::Only443), path);
}

#[test]
fn ipv6_only_and_ipv4_only_are_relayed_between_the_families() {
    let path = Path::Relayed(Transport::Udp, Transport::Udp);
    pair((Browser::Chromium, Kind::Ipv6Only), (Browser::Chromium, Kind::Open), path);
}
