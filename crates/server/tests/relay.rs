//! The relay over real sockets: what gets through, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::relay::{CHANNEL, RelayServer, client_of, connect, echo, networks, on_channel};
use common::tls::{self, trusting_anybody};
use common::{Got, PATIENCE, Page, TestServer, loopback};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::outer::{ClientRecord, LeaveReason, Phase};
use eyeline_protocol::rate::Rate;
use eyeline_server::RelayMode;
use eyeline_turn_client::{Client, Link, Packet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// The header of a Binding request, and an Allocate request as short as it gets.
const BINDING: [u8; 20] = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const ALLOCATE: [u8; 28] =
    [0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0x19, 0, 4, 17, 0, 0, 0];

/// A payload each way arrives.
async fn talk(first: &mut Client, second: &mut Client) {
    first.send_channel(CHANNEL, b"one way").await.unwrap();
    assert_eq!(second.receive().await.unwrap(), on_channel(b"one way"));
    second.send_channel(CHANNEL, b"and back, longer").await.unwrap();
    assert_eq!(first.receive().await.unwrap(), on_channel(b"and back, longer"));
}

#[tokio::test]
async fn two_of_a_room_reach_each_other_over_every_mix_of_transports() {
    let relay = RelayServer::with_tls().await;
    let mut udp = relay.client("room").await;
    let mut tcp = relay.tcp_client("room").await;
    let mut tls = relay.tls_client("room").await;
    let udp_address = udp.start().await.unwrap();
    let tcp_address = tcp.start().await.unwrap();
    let tls_address = tls.start().await.unwrap();
    assert_eq!(udp.bind(CHANNEL, tcp_address).await.unwrap().code().unwrap(), 0);
    assert_eq!(tcp.bind(CHANNEL, udp_address).await.unwrap().code().unwrap(), 0);
    talk(&mut udp, &mut tcp).await;
    assert_eq!(tls.permit(udp_address.ip()).await.unwrap().code().unwrap(), 0);
    tls.send_to(tcp_address, b"from TLS").await.unwrap();
    let from_tls = Packet::Data { peer: tls_address, payload: b"from TLS".to_vec() };
    assert_eq!(tcp.receive().await.unwrap(), from_tls);
    tcp.send_to(tls_address, b"from TCP, 15 by").await.unwrap();
    let from_tcp = Packet::Data { peer: tcp_address, payload: b"from TCP, 15 by".to_vec() };
    assert_eq!(tls.receive().await.unwrap(), from_tcp);
    // And HTTPS is served on that port still.
    let response = tls::get(relay.https(), trusting_anybody(), "/healthz").await;
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
}

#[tokio::test]
async fn a_page_gets_what_it_needs_in_the_welcome() {
    let server = TestServer::start().await;
    let (mut anna, first) = server.join(2, &Page::new(1, 1), Phase::Lobby).await;
    let (_ben, second) = server.join(3, &Page::new(1, 2), Phase::Call).await;
    anna.next().await;
    let (mut first, mut second) = (client_of(&first).await, client_of(&second).await);
    connect(&mut first, &mut second).await;
    talk(&mut first, &mut second).await;
}

#[tokio::test]
async fn fresh_credentials_come_before_the_old_ones_end() {
    let server = TestServer::start_with(|configuration| {
        configuration.relay.credential_lifetime = Milliseconds::seconds(4);
    })
    .await;
    let (mut page, welcome) = server.join(2, &Page::new(1, 1), Phase::Call).await;
    let Got::Credentials(fresh) = page.next().await else { panic!("credentials are expected") };
    let urls = |servers: &[eyeline_protocol::outer::IceServer]| -> Vec<String> {
        servers.iter().map(|server| server.url.clone()).collect()
    };
    assert_eq!(urls(&fresh), urls(&welcome.ice_servers));
    assert_eq!(fresh[0], welcome.ice_servers[0], "STUN needs none");
    assert_ne!(fresh[1].username, welcome.ice_servers[1].username);
    assert_ne!(fresh[1].credential, welcome.ice_servers[1].credential);
    let welcome = eyeline_protocol::outer::Welcome { ice_servers: fresh, ..welcome };
    client_of(&welcome).await.start().await.unwrap();
}

#[tokio::test]
async fn a_closed_relay_reaches_nothing_but_its_own_room() {
    let relay = RelayServer::start().await;
    let mut inside = relay.client("room").await;
    let mut friend = relay.client("room").await;
    let mut stranger = relay.client("another room").await;
    let [inside_address, _] = connect(&mut inside, &mut friend).await;
    let relay_address = inside_address.ip();

    let stranger_address = stranger.start().await.unwrap();
    // It looks as if it worked, since browsers remember a refusal for the whole address.
    assert_eq!(stranger.permit(relay_address).await.unwrap().code().unwrap(), 0);
    assert_eq!(stranger.bind(CHANNEL, inside_address).await.unwrap().code().unwrap(), 0);
    assert_eq!(inside.bind(CHANNEL + 1, stranger_address).await.unwrap().code().unwrap(), 0);
    for _ in 0..3 {
        stranger.send_channel(CHANNEL, b"let me in").await.unwrap();
        stranger.send_to(inside_address, b"let me in").await.unwrap();
    }
    // The stranger's own request is answered after all that, so it has been handled.
    assert_eq!(stranger.permit(relay_address).await.unwrap().code().unwrap(), 0);
    friend.send_channel(CHANNEL, b"hello").await.unwrap();
    assert_eq!(inside.receive().await.unwrap(), on_channel(b"hello"), "the first thing that comes");

    for elsewhere in ["127.0.0.1", "8.8.8.8", "192.168.1.1", "169.254.169.254"] {
        let elsewhere: IpAddr = elsewhere.parse().unwrap();
        if elsewhere != relay_address {
            assert_eq!(stranger.permit(elsewhere).await.unwrap().code().unwrap(), 403, "{elsewhere}");
        }
    }
}

#[tokio::test]
async fn what_is_expired_or_forged_is_refused() {
    let relay = RelayServer::start().await;
    let mut client = relay.client("room").await;
    client.challenge().await.unwrap();
    let genuine_password = client.password.clone();

    (client.username, client.password) = relay.credential("room", 0);
    assert_eq!(client.allocate().await.unwrap().code().unwrap(), 401, "expired");

    let (username, password) = relay.credential("room", 600);
    (client.username, client.password) = (username, genuine_password);
    assert_eq!(client.allocate().await.unwrap().code().unwrap(), 401, "the password of another");

    client.password = password;
    let mut forged = client.nonce.clone().into_bytes();
    let last = forged.last_mut().unwrap();
    *last = if *last == b'a' { b'b' } else { b'a' };
    client.nonce = String::from_utf8(forged).unwrap();
    assert_eq!(client.allocate().await.unwrap().code().unwrap(), 438, "a forged nonce");

    // A nonce is for one address and port only.
    let mut other = relay.client("room").await;
    other.challenge().await.unwrap();
    client.nonce = other.nonce.clone();
    assert_eq!(client.allocate().await.unwrap().code().unwrap(), 438, "the nonce of another");

    // Each of these refusals has brought one that is right.
    assert_ne!(client.nonce, other.nonce);
    assert_eq!(client.allocate().await.unwrap().code().unwrap(), 0);
}

#[tokio::test]
async fn with_the_room_end_its_allocations_and_its_credentials() {
    let server = TestServer::start().await;
    let (mut page, welcome) = server.join(2, &Page::new(1, 1), Phase::Call).await;
    let mut allocated = client_of(&welcome).await;
    allocated.start().await.unwrap();
    let mut thief = client_of(&welcome).await;
    thief.challenge().await.unwrap();

    page.send(&[ClientRecord::Leave(LeaveReason::HungUp)]).await;
    assert_eq!(page.close_code().await, Got::Closed(1000));
    assert_eq!(allocated.refresh(600).await.unwrap().code().unwrap(), 401, "there is nothing any more");
    assert_eq!(thief.allocate().await.unwrap().code().unwrap(), 401, "a stolen credential");

    // The same people come back.
    let (_page, welcome) = server.join(2, &Page::new(1, 2), Phase::Call).await;
    client_of(&welcome).await.start().await.unwrap();
}

#[tokio::test]
async fn a_lost_connection_does_not_end_the_relayed_call() {
    let server = TestServer::start().await;
    let (first_page, first) = server.join(2, &Page::new(1, 1), Phase::Call).await;
    let (second_page, second) = server.join(3, &Page::new(1, 2), Phase::Call).await;
    let (mut first, mut second) = (client_of(&first).await, client_of(&second).await);
    connect(&mut first, &mut second).await;
    drop((first_page, second_page));
    // Somebody else's join shows that the server has noticed.
    let mut observer = server.join(4, &Page::new(1, 3), Phase::Lobby).await;
    while !observer.1.roster.is_empty() {
        drop(observer);
        observer = server.join(4, &Page::new(1, 3), Phase::Lobby).await;
    }
    talk(&mut first, &mut second).await;
}

#[tokio::test]
async fn answers_are_no_longer_than_they_must_be() {
    let relay = RelayServer::start().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for (request, most) in [(&BINDING[..], 32), (&ALLOCATE, 72)] {
        socket.send_to(request, relay.udp()).await.unwrap();
        let mut answer = [0; 1500];
        let received = tokio::time::timeout(PATIENCE, socket.recv(&mut answer)).await.expect("no answer");
        let length = received.unwrap();
        assert!(length <= most, "{length} bytes for {}", request.len());
    }
}

#[tokio::test]
async fn an_answer_leaves_from_the_address_that_was_asked() {
    let everywhere = RelayServer::start_with(|configuration| {
        configuration.stun_listen = Some("[::]:0".parse().unwrap());
    })
    .await;
    for last in [1, 7, 200] {
        let server = SocketAddr::new(loopback(last), everywhere.udp().port());
        let (username, password) = everywhere.credential("room", 600);
        // A connected socket takes what comes from there and nothing else.
        let mut client = Client::new(Link::udp(loopback(1), server).await.unwrap(), username, password);
        client.start().await.unwrap();
    }
    let server: SocketAddr = format!("[::1]:{}", everywhere.udp().port()).parse().unwrap();
    let (username, password) = everywhere.credential("room", 600);
    let link = Link::udp("::1".parse().unwrap(), server).await.unwrap();
    Client::new(link, username, password).start().await.unwrap();
}

#[tokio::test]
async fn both_ports_tell_the_same_address() {
    let relay = RelayServer::start().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut answers = Vec::new();
    for server in [relay.udp(), relay.server.addresses.stun_second.unwrap()] {
        socket.send_to(&BINDING, server).await.unwrap();
        let mut answer = [0; 100];
        let received = tokio::time::timeout(PATIENCE, socket.recv_from(&mut answer)).await;
        let (length, source) = received.expect("no answer").unwrap();
        assert_eq!(source, server);
        answers.push(answer[..length].to_vec());
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_reader_that_is_slow_loses_old_media_and_gets_new() {
    let relay = RelayServer::start_with(|configuration| {
        configuration.relay.limits.room_bytes = Rate::per_second(1_000_000_000, 1_000_000_000);
        configuration.status_listen = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let mut reader = relay.tcp_client("room").await;
    let mut sender = relay.client("room").await;
    connect(&mut sender, &mut reader).await;
    // Nobody reads: more than the kernel's buffers and ours together.
    let mut number = 0_u32;
    let mut send_some = async |count: u32| {
        for _ in 0..count {
            let mut payload = vec![0; 1000];
            payload[..4].copy_from_slice(&number.to_be_bytes());
            sender.send_channel(CHANNEL, &payload).await.unwrap();
            number += 1;
            if number.is_multiple_of(50) {
                // An answer comes after what was sent before: the server keeps up.
                sender.refresh(600).await.unwrap();
            }
        }
        number
    };
    while counter(&relay.server, "eyeline_relay_dropped_total{reason=\"not_sent\"}").await < 100 {
        send_some(500).await;
    }
    // Late media is dropped: what is read after a while is what the kernel had, and then what is new.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let newest = send_some(50).await - 1;
    let mut last = 0;
    let mut gaps = 0;
    while last < newest {
        let Packet::Channel { payload, .. } = reader.receive().await.unwrap() else { continue };
        let this = u32::from_be_bytes(payload[..4].try_into().unwrap());
        assert!(this >= last, "packet {this} came after {last}");
        gaps += u32::from(this > last + 1);
        last = this;
    }
    assert!(gaps > 0, "something was dropped");
    assert_eq!(reader.refresh(600).await.unwrap().code().unwrap(), 0, "the stream goes on");
}

/// One of the server's counters.
async fn counter(server: &TestServer, name: &str) -> u64 {
    let mut stream = TcpStream::connect(server.addresses.status.unwrap()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{name} is missing in {text}")).parse().unwrap()
}

#[tokio::test]
async fn a_stream_that_speaks_something_else_is_closed() {
    let relay = RelayServer::start().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"\x40\x00\x00\x04data",
        // A Binding request, then something that is no frame.
        b"\x00\x01\x00\x00\x21\x12\xa4\x42aaaabbbbcccc\xff\xff\xff\xff",
    ] {
        let mut stream = TcpStream::connect(relay.tcp()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        let _reset = read.unwrap_or_else(|_| panic!("not closed: {bytes:02x?}"));
        assert!(rest.len() <= 32, "{rest:02x?}");
    }
    // A frame may come in pieces.
    let mut stream = TcpStream::connect(relay.tcp()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in BINDING.chunks(3) {
        stream.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = [0; 32];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("no answer").unwrap();
    assert_eq!(answer[..2], [1, 1]);
}

#[tokio::test]
async fn who_says_nothing_or_allocates_nothing_is_not_waited_for() {
    let relay = RelayServer::start_with(|configuration| {
        configuration.connection_limits.head_deadline = Duration::from_millis(100);
        configuration.relay.limits.stream_patience = Milliseconds(400);
    })
    .await;
    let mut silent = TcpStream::connect(relay.tcp()).await.unwrap();
    let mut cut = TcpStream::connect(relay.tcp()).await.unwrap();
    cut.write_all(&BINDING[..7]).await.unwrap();
    let mut idle = TcpStream::connect(relay.tcp()).await.unwrap();
    idle.write_all(&BINDING).await.unwrap();
    let mut patient = relay.tcp_client("room").await;
    patient.start().await.unwrap();
    for (stream, expected) in [(&mut silent, 0), (&mut cut, 0), (&mut idle, 32)] {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        read.expect("not closed").unwrap();
        assert_eq!(rest.len(), expected);
    }
    // An allocation is reason enough to stay.
    assert_eq!(patient.refresh(600).await.unwrap().code().unwrap(), 0);
}

#[tokio::test]
async fn one_address_opens_only_so_many_streams() {
    let relay =
        RelayServer::start_with(|configuration| configuration.connection_limits.per_address = 3).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut client = relay.tcp_client("room").await;
        client.binding().await.unwrap();
        open.push(client);
    }
    let mut refused = relay.tcp_client("room").await;
    assert!(refused.binding().await.is_err());
    drop(open);
    // The places come back when the server has noticed.
    let patience = tokio::time::Instant::now() + PATIENCE;
    while relay.tcp_client("room").await.binding().await.is_err() {
        assert!(tokio::time::Instant::now() < patience, "the places do not come back");
    }
}

#[tokio::test]
async fn a_server_that_stops_waits_for_no_stream() {
    let relay = RelayServer::with_tls().await;
    let mut over_tls = relay.tls_client("room").await;
    over_tls.start().await.unwrap();
    let mut over_tcp = relay.tcp_client("room").await;
    over_tcp.start().await.unwrap();
    let begun = std::time::Instant::now();
    relay.server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
    assert!(over_tls.receive().await.is_err());
    assert!(over_tcp.receive().await.is_err());
}

#[tokio::test]
async fn without_a_relay_there_is_stun_only() {
    let server = TestServer::start_with(|configuration| configuration.relay.mode = RelayMode::Off).await;
    assert_eq!(server.addresses.relay_tcp, None);
    let (_page, welcome) = server.join(2, &Page::new(1, 1), Phase::Lobby).await;
    let urls: Vec<_> = welcome.ice_servers.iter().map(|server| &*server.url).collect();
    assert_eq!(urls, [format!("stun:{}", server.addresses.stun.unwrap())]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for request in [&ALLOCATE[..], &BINDING] {
        socket.send_to(request, server.addresses.stun.unwrap()).await.unwrap();
    }
    let mut answer = [0; 1500];
    let received = tokio::time::timeout(PATIENCE, socket.recv(&mut answer)).await.expect("no answer");
    assert_eq!(received.unwrap(), 32, "the answer to the second request is the first that comes");
}

#[tokio::test]
async fn an_open_relay_reaches_a_peer_and_carries_it_back() {
    let relay = RelayServer::open(&["127.0.0.0/8"]).await;
    let peer = echo().await;
    for mut client in [relay.client("room").await, relay.tcp_client("room").await] {
        let relayed = client.start().await.unwrap();
        assert_eq!(relayed.ip(), loopback(1));
        assert_eq!(client.permit(peer.ip()).await.unwrap().code().unwrap(), 0);
        client.send_to(peer, b"as Send").await.unwrap();
        let expected = Packet::Data { peer, payload: b"as Send".to_vec() };
        assert_eq!(client.receive().await.unwrap(), expected);
        assert_eq!(client.bind(CHANNEL, peer).await.unwrap().code().unwrap(), 0);
        client.send_channel(CHANNEL, b"on a channel").await.unwrap();
        assert_eq!(client.receive().await.unwrap(), on_channel(b"on a channel"));
        // The port is free again at once.
        assert_eq!(client.refresh(0).await.unwrap().code().unwrap(), 0);
        UdpSocket::bind(relayed).await.expect("the relayed port is still taken");
    }
}

#[tokio::test]
async fn a_peer_that_cannot_be_reached_does_not_end_an_allocation() {
    let relay = RelayServer::open(&["127.0.0.0/8"]).await;
    let gone = {
        let socket = UdpSocket::bind("127.0.0.9:0").await.unwrap();
        socket.local_addr().unwrap()
    };
    let peer = echo().await;
    let mut client = relay.client("room").await;
    client.start().await.unwrap();
    assert_eq!(client.permit(peer.ip()).await.unwrap().code().unwrap(), 0);
    for _ in 0..3 {
        // Answered by an ICMP error, which the system reports on the next call.
        client.send_to(gone, b"anybody there?").await.unwrap();
        client.send_to(peer, b"still here").await.unwrap();
        let expected = Packet::Data { peer, payload: b"still here".to_vec() };
        assert_eq!(client.receive().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn an_exception_is_no_more_than_it_says() {
    let relay = RelayServer::start_with(|configuration| {
        configuration.relay.mode =
            RelayMode::Open { ports: common::relay::free_ports(), allowed: networks(&["127.0.0.9/32"]) };
    })
    .await;
    let mut client = relay.client("room").await;
    client.start().await.unwrap();
    for (address, code) in [("127.0.0.9", 0), ("127.0.0.8", 403), ("10.0.0.1", 403), ("8.8.8.8", 0)] {
        assert_eq!(client.permit(address.parse().unwrap()).await.unwrap().code().unwrap(), code, "{address}");
    }
}
