//! Two clients and more, over real WebSockets, doing what clients do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{Got, Page, TestServer};
use eyeline_protocol::outer::{ClientRecord, GoneReason, NackCode, Phase};

#[tokio::test]
async fn two_clients_find_each_other_and_exchange_sealed_bytes() {
    let server = TestServer::start().await;
    let (anna, ben) = (Page::new(1, 1), Page::new(1, 2));
    let (mut first, welcome) = server.join(2, &anna, Phase::Lobby).await;
    assert_eq!(welcome.roster, []);
    let (mut second, welcome) = server.join(3, &ben, Phase::Call).await;
    assert_eq!(welcome.roster, [(anna.id(), Phase::Lobby)]);
    assert_eq!(first.next().await, Got::Joined(ben.id(), Phase::Call));

    first.send(&[ClientRecord::Phase(Phase::Call)]).await;
    assert_eq!(second.next().await, Got::Joined(anna.id(), Phase::Call));

    // Several records in one message, and a long one.
    let long = vec![7; 17 * 1024];
    let to = ben.id();
    let send = |sequence, sealed| ClientRecord::Send { to, sequence, sealed };
    first.send(&[send(1, b"offer"), send(2, &long), send(3, b"")]).await;
    assert_eq!(second.next().await, Got::Receive(anna.id(), 1, b"offer".to_vec()));
    assert_eq!(second.next().await, Got::Receive(anna.id(), 2, long.clone()));
    assert_eq!(second.next().await, Got::Receive(anna.id(), 3, Vec::new()));

    first.leave().await;
    assert_eq!(second.next().await, Got::Gone(anna.id(), GoneReason::Left));
    let send = ClientRecord::Send { to: anna.id(), sequence: 9, sealed: b"late" };
    second.send(&[send]).await;
    assert_eq!(second.next().await, Got::Nack(anna.id(), 9, NackCode::NotPresent));
    server.stop().await;
}

#[tokio::test]
async fn a_page_that_connects_again_replaces_itself_and_nobody_sees_it_go() {
    let server = TestServer::start().await;
    let (mut anna, ben) = (Page::new(1, 1), Page::new(1, 2));
    let (mut old, _) = server.join(2, &anna, Phase::Call).await;
    let (mut other, _) = server.join(3, &ben, Phase::Call).await;
    assert_eq!(old.next().await, Got::Joined(ben.id(), Phase::Call));

    anna.counter = 2;
    let (mut new, welcome) = server.join(4, &anna, Phase::Call).await;
    assert_eq!(welcome.roster, [(ben.id(), Phase::Call)]);
    assert_eq!(old.close_code().await, Got::Closed(4409));
    assert_eq!(other.settle().await, []);

    // Who comes late with an old number is the one to go.
    anna.counter = 1;
    let mut late = server.connect(4).await;
    late.send(&[anna.join(Phase::Call)]).await;
    assert_eq!(late.close_code().await, Got::Closed(4409));

    let send = ClientRecord::Send { to: anna.id(), sequence: 1, sealed: b"to the new one" };
    other.send(&[send]).await;
    assert_eq!(new.next().await, Got::Receive(ben.id(), 1, b"to the new one".to_vec()));
    assert_eq!(other.settle().await, []);
}

#[tokio::test]
async fn a_connection_that_breaks_is_lost_and_not_left() {
    let server = TestServer::start().await;
    let (anna, ben) = (Page::new(1, 1), Page::new(1, 2));
    let (first, _) = server.join(2, &anna, Phase::Call).await;
    let (mut second, _) = server.join(3, &ben, Phase::Call).await;
    drop(first);
    assert_eq!(second.next().await, Got::Gone(anna.id(), GoneReason::Lost));
}

#[tokio::test]
async fn the_welcome_names_this_servers_stun_by_the_host_of_the_page_and_then_the_others() {
    let server = TestServer::start_with(|configuration| {
        configuration.stun_servers = vec!["stun:stun.example.org:3478".to_owned()];
    })
    .await;
    let (_, welcome) = server.join(2, &Page::new(1, 1), Phase::Lobby).await;
    let port = |address: Option<std::net::SocketAddr>| address.unwrap().port();
    let (udp, tcp) = (port(server.addresses.stun), port(server.addresses.relay_tcp));
    let urls: Vec<_> = welcome.ice_servers.iter().map(|server| server.url.as_str()).collect();
    let expected = [
        &format!("stun:127.0.0.1:{udp}"),
        &format!("turn:127.0.0.1:{udp}?transport=udp"),
        &format!("turn:127.0.0.1:{tcp}?transport=tcp"),
        "stun:stun.example.org:3478",
    ];
    assert_eq!(urls, expected);
    assert_eq!(welcome.mapping_check, format!("stun:127.0.0.1:{}", port(server.addresses.stun_second)));
    assert_eq!(welcome.members_in_call, 8);
    assert_eq!(welcome.build, env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn over_ipv6_the_stun_host_stands_in_brackets() {
    let server =
        TestServer::start_with(|configuration| configuration.listen = vec!["[::1]:0".parse().unwrap()]).await;
    let stream = tokio::net::TcpStream::connect(server.http()).await.unwrap();
    let mut client = common::Client::over(stream, &format!("http://{}", server.http())).await;
    client.send(&[Page::new(1, 1).join(Phase::Lobby)]).await;
    let welcome = client.welcome().await;
    let port = server.addresses.stun.unwrap().port();
    assert_eq!(welcome.ice_servers[0].url, format!("stun:[::1]:{port}"));
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_closes_every_socket() {
    let server = TestServer::start().await;
    let (mut joined, _) = server.join(2, &Page::new(1, 1), Phase::Call).await;
    let mut waiting = server.connect(3).await;
    let begun = std::time::Instant::now();
    let (joined, waiting, ()) = tokio::join!(joined.rest(), waiting.rest(), server.stop());
    assert_eq!(joined, [Got::Drain, Got::Closed(1001)]);
    assert_eq!(waiting, [Got::Closed(1001)]);
    assert!(begun.elapsed().as_secs() < 3, "took {:?}", begun.elapsed());
}
