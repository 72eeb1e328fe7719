//! The measuring itself, tried on a page without Eyeline: a check that cannot fail proves nothing.

use anyhow::{Result, ensure};
use eyeline_e2e::{Kind, Options, Person, World, checks, media, test};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Two connections in one page; the other end sends back the same film, and shows a tile in the page's way.
const PAGE: &str = r#"<!doctype html><meta charset=utf-8><title>Loop</title>
<div data-testid=tile data-peer="" data-state=connected><video data-slot=camera muted autoplay playsinline></video></div>
<div data-testid=tile data-peer=other data-state=connected data-path=direct>Echo
<video data-slot=camera autoplay playsinline></video></div>
<script type=module>
const [own, other] = document.querySelectorAll("video");
const stream = own.srcObject = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 1280, height: 720 } });
const a = new RTCPeerConnection(), b = new RTCPeerConnection();
a.onicecandidate = (event) => b.addIceCandidate(event.candidate);
b.onicecandidate = (event) => a.addIceCandidate(event.candidate);
b.ontrack = (event) => other.srcObject = event.streams[0];
for (const track of stream.getTracks()) a.addTrack(track, stream);
await a.setLocalDescription(); await b.setRemoteDescription(a.localDescription);
await b.setLocalDescription(); await a.setRemoteDescription(b.localDescription);
</script>"#;

async fn serve_page(world: &World) -> Result<SocketAddr> {
    let listener = TcpListener::bind((world.network.address, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{PAGE}", PAGE.len());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(address)
}

#[test]
fn a_film_that_went_through_a_connection_is_told_from_another() {
    test(async |world| {
        let page = serve_page(world).await?;
        let echo = world.person("Echo", Options::chromium(1), page).await?;
        let stranger = world.person("Stranger", Options::chromium(2), page).await?;
        world
            .watched(&[&echo, &stranger], async {
                for person in [&echo, &stranger] {
                    person.open(&format!("http://{page}/")).await?;
                    person.watches(&echo, "camera").await?;
                }
                // The other end shows what this end captures, and not what a stranger captures.
                checks::is_the_picture_of(&echo, &echo, &stranger).await?;
                let wrong = checks::is_the_picture_of(&echo, &stranger, &echo).await;
                ensure!(wrong.is_err(), "a stranger's picture passed for the sender's");
                checks::hears_connection(&echo, 1).await
            })
            .await
    });
}

#[test]
fn firefox_takes_part_in_measuring() {
    test(async |world| {
        let page = serve_page(world).await?;
        let echo = world.person("Echo", Options::of(Kind::Firefox, 1), page).await?;
        let stranger = world.person("Stranger", Options::chromium(2).camera(media::SMALL), page).await?;
        world
            .watched(&[&echo, &stranger], async {
                for person in [&echo, &stranger] {
                    person.open(&format!("http://{page}/")).await?;
                    person.watches(&echo, "camera").await?;
                }
                checks::is_the_picture_of(&echo, &echo, &stranger).await?;
                checks::hears_connection(&echo, 1).await
            })
            .await
    });
}

/// The person's browser reports what a page does wrong.
#[test]
fn complaints_of_a_browser_are_noticed() {
    test(async |world| {
        let page = serve_page(world).await?;
        for kind in [Kind::Chromium, Kind::Firefox] {
            let person: Person = world.person("Echo", Options::of(kind, 1), page).await?;
            person.open(&format!("http://{page}/")).await?;
            person.complained_about_nothing(&["favicon"]).await?;
            person.evaluate::<()>("console.error('something went wrong')").await?;
            person
                .until("the complaint", async || {
                    Ok(person
                        .complained_about_nothing(&[])
                        .await
                        .err()
                        .filter(|complaint| complaint.to_string().contains("something went wrong")))
                })
                .await?;
        }
        Ok(())
    });
}
