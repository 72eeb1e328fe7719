//! "Check my connection": each fault is found by a real browser and said in its own words.

use anyhow::{Result, ensure};
use eyeline_e2e::server::Setup;
use eyeline_e2e::world::Public;
use eyeline_e2e::{Options, Person, World, media, test, test_in_public};
use eyeline_netlab::{Home, Kind};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Opens the check at its own address.
async fn check(person: &Person, page: &str) -> Result<()> {
    person.open(&format!("{page}#check")).await?;
    person.wait_for_element("check-again").await
}

/// Waits until each of these findings has come to this result.
async fn finds(person: &Person, expected: &[(&str, &str)]) -> Result<()> {
    for (subject, result) in expected {
        person
            .until(&format!("{subject} to be {result}"), async || {
                Ok((result_of(person, subject).await? == *result).then_some(()))
            })
            .await?;
    }
    Ok(())
}

async fn result_of(person: &Person, subject: &str) -> Result<String> {
    person
        .evaluate(&format!("document.querySelector('[data-check=\"{subject}\"]')?.dataset.result ?? ''"))
        .await
}

/// A browser at home, and the home, which lasts as long as it is held.
async fn at_home(world: &World, public: &Public, kind: Kind, options: Options) -> Result<(Home, Person)> {
    let home = public.home(kind)?;
    let person = public.person(world, "Ada", options, &home).await?;
    Ok((home, person))
}

#[test]
fn all_is_well_behind_an_ordinary_router() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let (_home, ada) =
            at_home(world, public, Kind::PortRestricted, Options::chromium(1).camera(media::SMALL)).await?;
        world
            .watched(&[&ada], async {
                check(&ada, &server.url()).await?;
                let network = [
                    ("server", "good"),
                    ("direct", "good"),
                    ("router", "good"),
                    ("relay-udp", "good"),
                    ("relay-tcp", "good"),
                    ("relay-tls", "good"),
                ];
                finds(&ada, &network).await?;
                // Nobody has asked for the devices yet.
                finds(&ada, &[("camera", "waiting"), ("microphone", "waiting"), ("speaker", "waiting")])
                    .await?;
                ensure!(
                    ada.evaluate::<u32>("harness.tracks.length").await? == 0,
                    "devices were captured unasked"
                );
                ada.click("check-devices").await?;
                ada.click("check-play").await?;
                ada.click("check-heard").await?;
                finds(&ada, &[("camera", "good"), ("microphone", "good"), ("speaker", "good")]).await?;
                finds(&ada, &[("summary", "good")]).await?;
                let keep =
                    "navigator.clipboard.writeText = (text) => (window.copied = text, Promise.resolve())";
                ada.evaluate::<()>(&format!("void ({keep})")).await?;
                ada.click("copy-report").await?;
                ada.says("Report copied").await?;
                let report: String = ada.evaluate("copied").await?;
                ensure!(report.contains("[good] Relay: It works. ("), "{report}");
                let address = ada
                    .evaluate::<bool>("/\\d+\\.\\d+\\.\\d+\\.\\d+/.test(copied.split('\\n').slice(2))")
                    .await?;
                ensure!(!address && !report.contains('#'), "the report tells too much: {report}");
                // Closed, it lets go of everything.
                ada.click("panel-close").await?;
                ada.wait_for_element("start").await?;
                let living = "harness.tracks.filter((track) => track.readyState === 'live').length";
                ensure!(ada.evaluate::<u32>(living).await? == 0, "camera or microphone still on");
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

#[test]
fn blocked_udp_and_missing_devices_are_said() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let (_home, ada) = at_home(world, public, Kind::UdpBlocked, Options::chromium(1).ears_only()).await?;
        world
            .watched(&[&ada], async {
                check(&ada, &server.url()).await?;
                ada.click("check-devices").await?;
                let expected = [
                    ("camera", "warning"),
                    ("microphone", "bad"),
                    ("relay-udp", "warning"),
                    ("relay-tcp", "good"),
                    ("relay-tls", "good"),
                    ("direct", "warning"),
                    ("summary", "warning"),
                ];
                finds(&ada, &expected).await?;
                ada.says("a firewall holds it back (UDP)").await?;
                ada.says("No microphone was found").await
            })
            .await
    });
}

#[test]
fn a_symmetric_nat_without_a_relay_is_said() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default().arguments("--relay off")).await?;
        let (_home, ada) =
            at_home(world, public, Kind::Symmetric, Options::chromium(1).camera(media::SMALL)).await?;
        world
            .watched(&[&ada], async {
                check(&ada, &server.url()).await?;
                let expected =
                    [("direct", "good"), ("relay-udp", "warning"), ("router", "bad"), ("summary", "warning")];
                finds(&ada, &expected).await?;
                ada.says("some people will not reach you").await?;
                ada.says("not with everybody").await
            })
            .await
    });
}

#[test]
fn a_browser_that_hides_its_addresses_is_said() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let options = Options::chromium(1)
            .camera(media::SMALL)
            .argument("--webrtc-ip-handling-policy=disable_non_proxied_udp");
        let (_home, ada) = at_home(world, public, Kind::PortRestricted, options).await?;
        world
            .watched(&[&ada], async {
                check(&ada, &server.url()).await?;
                finds(&ada, &[("addresses", "warning"), ("relay-tls", "good"), ("summary", "warning")])
                    .await?;
                ada.says("a VPN, an extension or a setting hides them").await
            })
            .await
    });
}

#[test]
fn a_proxy_that_knows_no_websocket_is_said() {
    test(async |world| {
        let server = world.server().await?;
        let proxy = without_upgrade(server.address).await?;
        let ada = world.person("Ada", Options::chromium(1).camera(media::SMALL), proxy).await?;
        world
            .watched(&[&ada], async {
                check(&ada, &format!("http://{proxy}/")).await?;
                finds(&ada, &[("server", "bad"), ("summary", "bad")]).await?;
                ada.says("must let WebSocket through").await
            })
            .await
    });
}

/// A proxy that passes on requests, but answers one for an upgrade by itself, as one does that has no word of it in its
/// configuration.
async fn without_upgrade(server: SocketAddr) -> Result<SocketAddr> {
    let listener = TcpListener::bind((server.ip(), 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(pass_on(near, server));
        }
    });
    Ok(address)
}

async fn pass_on(mut near: TcpStream, server: SocketAddr) -> std::io::Result<()> {
    let mut request = vec![0; 16 * 1024];
    let length = near.read(&mut request).await?;
    request.truncate(length);
    if String::from_utf8_lossy(&request).to_ascii_lowercase().contains("upgrade: websocket") {
        return near
            .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await;
    }
    let mut far = TcpStream::connect(server).await?;
    far.write_all(&request).await?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await.map(drop)
}

#[test]
fn a_silent_microphone_is_said_and_a_call_goes_on_meanwhile() {
    test_in_public(async |world, public| {
        let server = public.server(world, Setup::default()).await?;
        let home = public.home(Kind::PortRestricted)?;
        let small = |who| Options::chromium(who).camera(media::TINY);
        // A microphone that gives nothing but zeros.
        let mute = "() => {
            const native = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (constraints) => {
                const stream = await native(constraints);
                for (const track of stream.getAudioTracks()) {
                    stream.removeTrack(track);
                    const context = new AudioContext();
                    stream.addTrack(context.createMediaStreamDestination().stream.getAudioTracks()[0]);
                }
                return stream;
            };
        }";
        let (ada, ben) = tokio::try_join!(
            public.person(world, "Ada", small(1).preload(mute), &home),
            public.person(world, "Ben", small(2), &home),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ada.sees(&[&ben]).await?;
                let captured = ada.evaluate::<u32>("harness.tracks.length").await?;
                ada.choose("check").await?;
                let expected =
                    [("camera", "good"), ("microphone", "bad"), ("relay-udp", "good"), ("server", "good")];
                finds(&ada, &expected).await?;
                ada.says("It is silent").await?;
                ensure!(
                    ada.evaluate::<u32>("harness.tracks.length").await? == captured,
                    "captured a second time"
                );
                // The call has gone on below the panel, and is there when it closes.
                ben.watches(&ada, "camera").await?;
                ada.click("panel-close").await?;
                ada.watches(&ben, "camera").await?;
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
