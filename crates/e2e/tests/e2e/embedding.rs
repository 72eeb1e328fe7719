//! The page in a frame of another site: only where the server's owner allows it.

use anyhow::{Context, Result, ensure};
use eyeline_e2e::server::{Server, Setup};
use eyeline_e2e::{Options, media, test};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves a site whose pages show, in a frame, what stands behind their `?`. Returns its origin.
async fn site() -> Result<String> {
    // This machine's own address: there, plain HTTP is secure enough for a camera.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(request.get(..length).unwrap_or_default()).into_owned();
            let page = request.split([' ', '?']).nth(2).unwrap_or_default();
            let html = format!(
                "<!doctype html><title>A site</title><iframe src='{page}' width='900' height='600' \
                 allow='camera; microphone; autoplay'></iframe>"
            );
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                html.len()
            );
            let _ = stream.write_all([head.as_bytes(), html.as_bytes()].concat().as_slice()).await;
        }
    });
    Ok(origin)
}

#[test]
fn the_page_shows_in_the_frame_of_a_named_site_and_of_no_other() {
    test(async |world| {
        let (friend, stranger) = (site().await?, site().await?);
        let setup = Setup::default().arguments(&format!("--embed-origin {friend}"));
        let server = Server::start(world.network.clone(), &world.logs.join("server.log"), setup).await?;
        let page = server.url();
        let ada = world.person("Ada", Options::chromium(1).camera(media::TINY), server.address).await?;
        world
            .watched(&[&ada], async {
                let frame = async |site: &str| -> Result<()> {
                    ada.open(&format!("{site}/?{page}")).await?;
                    ada.browser.driver.enter_frame(0).await.context("the frame")
                };
                frame(&friend).await?;
                ada.click_on("button", "Start a call").await?;
                ada.until("the own picture", async || {
                    let plays =
                        "[...document.querySelectorAll('main video')].some((video) => video.videoWidth > 0)";
                    Ok(ada.evaluate::<bool>(plays).await?.then_some(()))
                })
                .await?;
                ada.click_on("button", "Join").await?;
                ada.see("button", "Leave").await?;

                frame(&stranger).await?;
                let shown: String = ada.evaluate("location.href").await?;
                ensure!(!shown.starts_with(&page), "a stranger's frame shows {shown}");
                Ok(())
            })
            .await
    });
}
