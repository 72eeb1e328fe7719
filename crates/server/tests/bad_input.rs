//! Everything a client can do wrong: each gets its documented answer, and nobody else notices.
//!
//! In every test two bystanders are in a room of their own, and must get each other's messages and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{Bystanders, Client, Got, PATIENCE, Page, TestServer, loopback};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::limits::Limits;
use eyeline_protocol::outer::{ClientRecord, ErrorCode, GoneReason, NackCode, Phase};
use futures_util::StreamExt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio_websockets::Message;

fn record(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&[kind, flags], &length.to_be_bytes()[..], body].concat()
}

fn bytes(record: &ClientRecord<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    record.write(&mut message);
    message
}

/// A `Join` with one byte of its body changed.
fn join_with(at: usize, value: u8) -> Vec<u8> {
    let mut message = bytes(&Page::new(9, 9).join(Phase::Call));
    message[4 + at] = value;
    message
}

#[tokio::test]
async fn a_wrong_message_before_the_join_closes_with_its_code() {
    let join = || bytes(&Page::new(9, 9).join(Phase::Lobby));
    let count_of_connected = 1 + 4 + 8 + 32 + 32 + 32;
    let cases: Vec<(&str, Message, u16)> = vec![
        ("a text message", Message::text("hello"), 1003),
        ("a text message with a join in it", Message::text("\u{1}\0\0m"), 1003),
        ("a message over 8 KiB", Message::binary(vec![0; 8 * 1024 + 1]), 1009),
        ("a message over every limit", Message::binary(vec![0; 1024 * 1024]), 1009),
        ("one byte", Message::binary(vec![1]), 4400),
        ("half a header", Message::binary(vec![1, 0, 0]), 4400),
        ("a record longer than its message", Message::binary(record(1, 0, &[0; 8])[..10].to_vec()), 4400),
        ("a join that is cut", Message::binary(join()[..100].to_vec()), 4400),
        ("a join that is cut, with a length that fits", Message::binary(record(1, 0, &[0; 50])), 4400),
        ("a join that is too long", Message::binary(record(1, 0, &[0; 200])), 4400),
        ("a join in phase 2", Message::binary(join_with(0, 2)), 4400),
        (
            "a join with more connected peers than bytes",
            Message::binary(join_with(count_of_connected, 3)),
            4400,
        ),
        ("a join with too many connected peers", Message::binary(join_with(count_of_connected, 65)), 4400),
        ("an unknown record", Message::binary(record(0x7f, 0, b"new")), 4400),
        ("a server's record", Message::binary(record(0x81, 0, b"")), 4400),
        ("a send", Message::binary(record(3, 0, &[0; 20])), 4401),
        ("a phase", Message::binary(record(2, 0, &[1])), 4401),
        ("a leave", Message::binary(record(4, 0, &[0])), 4401),
        ("a probe", Message::binary(record(5, 0, &[0; 8])), 4401),
        ("two joins", Message::binary([join(), join()].concat()), 4401),
    ];
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    for (name, message, code) in cases {
        let mut client = server.connect(2).await;
        client.send_message(message).await;
        assert_eq!(client.close_code().await, Got::Closed(code), "{name}");
        bystanders.notice_nothing(name).await;
    }
}

#[tokio::test]
async fn a_wrong_message_of_a_member_closes_with_its_code_and_the_room_sees_it_lost() {
    let page = Page::new(8, 1);
    let cases: Vec<(&str, Message, u16)> = vec![
        ("a text message", Message::text("hello"), 1003),
        ("a message over 64 KiB", Message::binary(vec![0; 64 * 1024 + 1]), 1009),
        ("half a header", Message::binary(vec![3]), 4400),
        ("a send without a whole address", Message::binary(record(3, 0, &[0; 19])), 4400),
        ("a sealed part that is too long", Message::binary(record(3, 0, &[0; 20 + 17 * 1024 + 1])), 4400),
        ("a phase that does not exist", Message::binary(record(2, 0, &[2])), 4400),
        ("a phase without a value", Message::binary(record(2, 0, &[])), 4400),
        ("a leave for no known reason", Message::binary(record(4, 0, &[9])), 4400),
        ("a probe of 9 bytes", Message::binary(record(5, 0, &[0; 9])), 4400),
        ("an unknown record", Message::binary(record(0x42, 0, b"new")), 4400),
        ("a server's record", Message::binary(record(0x83, 0, &[0; 20])), 4400),
        ("a good record, then a bad one", Message::binary([record(5, 0, &[0; 8]), vec![9]].concat()), 4400),
        ("a second join", Message::binary(bytes(&page.join(Phase::Call))), 4401),
        ("the way back to the lobby", Message::binary(record(2, 0, &[0])), 4401),
    ];
    let server = TestServer::start_with(|configuration| configuration.limits.joins_per_minute = 1000).await;
    let mut bystanders = Bystanders::join(&server).await;
    let (mut other, _) = server.join(3, &Page::new(8, 2), Phase::Call).await;
    for (name, message, code) in cases {
        let (mut client, _) = server.join(2, &page, Phase::Call).await;
        assert_eq!(other.next().await, Got::Joined(page.id(), Phase::Call));
        client.send_message(message).await;
        assert_eq!(client.close_code().await, Got::Closed(code), "{name}");
        assert_eq!(other.next().await, Got::Gone(page.id(), GoneReason::Lost), "{name}");
        bystanders.notice_nothing(name).await;
    }
    assert_eq!(other.settle().await, []);
}

#[tokio::test]
async fn what_a_member_may_do_without_harm_closes_nothing() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    let page = Page::new(8, 1);
    let (mut client, _) = server.join(2, &page, Phase::Call).await;
    let stranger = Page::new(7, 1).id();
    for (name, message, expected) in [
        ("an empty message", Vec::new(), vec![]),
        ("an unknown record that says it can be ignored", record(0x42, 1, b"new"), vec![]),
        ("a phase it is in", record(2, 0, &[1]), vec![]),
        (
            "a send to nobody",
            record(3, 0, &[&stranger.0[..], &[0, 0, 0, 5], b"sealed"].concat()),
            vec![Got::Nack(stranger, 5, NackCode::NotPresent)],
        ),
        (
            "a send to itself",
            record(3, 0, &[&page.id().0[..], &[0, 0, 0, 6], b"sealed"].concat()),
            vec![Got::Nack(page.id(), 6, NackCode::NotPresent)],
        ),
        (
            "an ignorable record before a probe",
            [record(0x42, 1, b"new"), record(5, 0, &[0, 0, 0, 0, 0, 0, 0, 3])].concat(),
            vec![Got::Probed(3)],
        ),
    ] {
        client.send_message(Message::binary(message)).await;
        assert_eq!(client.settle().await, expected, "{name}");
        bystanders.notice_nothing(name).await;
    }
    client.send_message(Message::ping("are you there")).await;
    assert!(client.socket.next().await.unwrap().unwrap().is_pong());
}

#[tokio::test]
async fn a_wrong_handshake_is_refused_with_its_status() {
    let server = TestServer::start_with(|configuration| {
        configuration.allowed_origins = vec!["https://call.example.org".to_owned()];
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;
    let host = server.http().to_string();
    let good: Vec<(&str, String)> = vec![
        ("Host", host.clone()),
        ("Connection", "keep-alive, Upgrade".into()),
        ("Upgrade", "websocket".into()),
        ("Sec-WebSocket-Version", "13".into()),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==".into()),
        ("Sec-WebSocket-Protocol", "other, eyeline.1".into()),
        ("Origin", format!("http://{host}")),
    ];
    let https = format!("https://{host}");
    let with_path = format!("http://{host}/");
    let own = format!("http://{host}");
    let cases: Vec<(&str, &str, Vec<&str>, u16)> = vec![
        ("as it should be", "", vec![], 101),
        ("the same host over HTTPS, as behind a proxy", "Origin", vec![&https], 101),
        ("an origin of the list", "Origin", vec!["https://call.example.org"], 101),
        ("no origin", "Origin", vec![], 403),
        ("another origin", "Origin", vec!["https://evil.example"], 403),
        ("another port", "Origin", vec!["http://127.0.0.1:1"], 403),
        ("an opaque origin", "Origin", vec!["null"], 403),
        ("an origin with a path", "Origin", vec![&with_path], 403),
        ("an origin that only begins well", "Origin", vec!["https://call.example.org.evil.example"], 403),
        ("two origins", "Origin", vec![&own, "https://evil.example"], 403),
        ("no subprotocol", "Sec-WebSocket-Protocol", vec![], 400),
        ("another subprotocol", "Sec-WebSocket-Protocol", vec!["eyeline.2"], 400),
        ("a subprotocol that only begins well", "Sec-WebSocket-Protocol", vec!["eyeline.10"], 400),
        ("no key", "Sec-WebSocket-Key", vec![], 400),
        ("a short key", "Sec-WebSocket-Key", vec!["c2hvcnQ="], 400),
        ("no host", "Host", vec![], 400),
        ("two hosts", "Host", vec![&host, "evil.example"], 400),
        ("a host that is none", "Host", vec!["evil.example;script-src *"], 400),
        ("another version", "Sec-WebSocket-Version", vec!["8"], 426),
        ("no upgrade", "Upgrade", vec![], 426),
        ("another upgrade", "Upgrade", vec!["h2c"], 426),
        ("no connection header", "Connection", vec!["keep-alive"], 426),
    ];
    for (name, changed, values, status) in cases {
        let mut request = String::from("GET /signal HTTP/1.1\r\n");
        for (header, value) in good.iter().filter(|(header, _)| *header != changed) {
            request += &format!("{header}: {value}\r\n");
        }
        for value in values {
            request += &format!("{changed}: {value}\r\n");
        }
        request += "\r\n";
        let mut stream = server.tcp(2).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect(name).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{name}");
        drop(stream);
        bystanders.notice_nothing(name).await;
    }
}

#[tokio::test]
async fn the_ninth_in_a_call_and_the_seventeenth_in_a_lobby_are_turned_away() {
    let server = TestServer::start_with(|configuration| configuration.limits.joins_per_minute = 1000).await;
    let mut bystanders = Bystanders::join(&server).await;
    let mut call = Vec::new();
    for number in 1..=8 {
        call.push(server.join(2, &Page::new(8, number), Phase::Call).await);
    }
    let mut ninth = server.connect(2).await;
    ninth.send(&[Page::new(8, 9).join(Phase::Call)]).await;
    assert_eq!(ninth.rest().await, [Got::Error(ErrorCode::RoomFull), Got::Closed(4423)]);
    bystanders.notice_nothing("a ninth in another call").await;

    // In the lobby there is room, but no way on.
    let (mut waiting, welcome) = server.join(2, &Page::new(8, 10), Phase::Lobby).await;
    assert_eq!(welcome.roster.len(), 8);
    waiting.send(&[ClientRecord::Phase(Phase::Call)]).await;
    assert_eq!(waiting.next().await, Got::Error(ErrorCode::RoomFull));
    assert_eq!(waiting.settle().await, []);

    // Who was in the call before comes back into it: somebody there knows it.
    let mut returning = Page::new(8, 11);
    returning.connected = vec![Page::new(8, 1).id()];
    let (_returned, welcome) = server.join(2, &returning, Phase::Call).await;
    assert_eq!(welcome.roster.len(), 9);

    let mut lobby = vec![waiting];
    for number in 20..35 {
        lobby.push(server.join(3, &Page::new(8, number), Phase::Lobby).await.0);
    }
    let mut seventeenth = server.connect(3).await;
    seventeenth.send(&[Page::new(8, 40).join(Phase::Lobby)]).await;
    assert_eq!(seventeenth.rest().await, [Got::Error(ErrorCode::LobbyFull), Got::Closed(4423)]);
    bystanders.notice_nothing("a full lobby").await;
}

#[tokio::test]
async fn who_never_joins_is_closed_and_who_joins_in_time_is_not() {
    let server = TestServer::start_with(|configuration| {
        configuration.limits.join_deadline = Milliseconds(300);
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;
    let mut silent = server.connect(2).await;
    assert_eq!(silent.rest().await, [Got::Closed(4408)]);
    bystanders.notice_nothing("a socket that never joins").await;
}

#[tokio::test]
async fn who_stays_too_long_in_the_lobby_is_closed() {
    let server = TestServer::start_with(|configuration| {
        configuration.limits.lobby_stay = Milliseconds(300);
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;
    let (mut waiting, _) = server.join(2, &Page::new(8, 1), Phase::Lobby).await;
    assert_eq!(waiting.rest().await, [Got::Error(ErrorCode::LobbyTimeout), Got::Closed(4440)]);
    bystanders.notice_nothing("a long stay in another lobby").await;
}

#[tokio::test]
async fn who_answers_no_ping_is_closed_and_who_answers_stays() {
    let server = TestServer::start_with(|configuration| {
        configuration.limits.ping_after_silence = Milliseconds(100);
        configuration.limits.pong_deadline = Milliseconds(2000);
    })
    .await;
    let (mut alive, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    // Not polled, so that its library answers no ping.
    let (_dead, _) = server.join(3, &Page::new(8, 2), Phase::Call).await;
    assert_eq!(alive.next().await, Got::Joined(Page::new(8, 2).id(), Phase::Call));
    // Polled all the time: its pongs keep it, through some twenty pings.
    assert_eq!(alive.next().await, Got::Gone(Page::new(8, 2).id(), GoneReason::Lost));
    assert_eq!(alive.settle().await, []);
}

#[tokio::test]
async fn too_many_joins_of_one_address_are_refused_and_other_addresses_are_not() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    let limit = Limits::default().joins_per_minute;
    for _ in 0..limit {
        server.join(2, &Page::new(8, 1), Phase::Call).await.0.leave().await;
    }
    let mut client = server.connect(2).await;
    client.send(&[Page::new(8, 1).join(Phase::Call)]).await;
    assert_eq!(client.rest().await, [Got::Error(ErrorCode::TooManyJoins), Got::Closed(4429)]);
    bystanders.notice_nothing("too many joins").await;
    server.join(3, &Page::new(8, 1), Phase::Call).await.0.leave().await;
}

#[tokio::test]
async fn too_many_sockets_of_one_address_are_refused() {
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    let mut open = Vec::new();
    for _ in 0..Limits::default().sockets_per_address {
        open.push(server.connect(2).await);
    }
    let mut one_more = server.connect(2).await;
    assert_eq!(one_more.rest().await, [Got::Error(ErrorCode::TooManyJoins), Got::Closed(4429)]);
    bystanders.notice_nothing("too many sockets").await;
    server.join(3, &Page::new(8, 1), Phase::Call).await.0.leave().await;
}

#[tokio::test]
async fn too_many_records_bytes_or_pings_are_refused() {
    let limits = Limits::default();
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    let refused = [Got::Error(ErrorCode::RateExceeded), Got::Closed(4429)];
    let after_probes = |rest: Vec<Got>| -> Vec<Got> {
        rest.into_iter().filter(|got| !matches!(got, Got::Probed(_))).collect()
    };

    let (mut client, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    let probes = bytes(&ClientRecord::Probe(1)).repeat(limits.records_burst as usize + 40);
    client.send_message(Message::binary(probes)).await;
    assert_eq!(after_probes(client.rest().await), refused, "records");
    bystanders.notice_nothing("too many records").await;

    let (mut client, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    for _ in 0..limits.records_burst as usize + 40 {
        client.send_message(Message::binary(Vec::new())).await;
    }
    assert_eq!(client.rest().await, refused, "empty messages");
    bystanders.notice_nothing("too many empty messages").await;

    let (mut client, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    for _ in 0..limits.bytes_burst as usize / (60 * 1024) + 4 {
        // Ignorable: the cheapest way to send many bytes.
        client.send_message(Message::binary(record(0x42, 1, &[0; 60 * 1024]))).await;
    }
    assert_eq!(client.rest().await, refused, "bytes");
    bystanders.notice_nothing("too many bytes").await;

    let (mut client, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    for _ in 0..limits.records_burst as usize + 40 {
        client.send_message(Message::ping("")).await;
    }
    assert_eq!(client.rest().await, refused, "pings");
    bystanders.notice_nothing("too many pings").await;

    // In the lobby less is allowed than in the call.
    let (mut client, _) = server.join(2, &Page::new(8, 1), Phase::Lobby).await;
    let probes = bytes(&ClientRecord::Probe(1)).repeat(limits.lobby_records_burst as usize + 20);
    client.send_message(Message::binary(probes)).await;
    assert_eq!(after_probes(client.rest().await), refused, "records in the lobby");
    bystanders.notice_nothing("too many records in the lobby").await;
}

#[tokio::test]
async fn broken_frames_close_with_the_codes_of_rfc_6455() {
    // Masked with zeros, so that the payload stands as it is.
    let frame =
        |first: u8, length: u8, payload: &[u8]| [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat();
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("a reserved bit", frame(0xc2, 1, b"x"), 1002),
        ("a reserved opcode", frame(0x83, 1, b"x"), 1002),
        ("a continuation of nothing", frame(0x80, 1, b"x"), 1002),
        ("a fragmented ping", frame(0x09, 1, b"x"), 1002),
        ("a frame without a mask", vec![0x82, 1, b'x'], 1002),
        ("a close frame with a code that is none", frame(0x88, 2, &[0, 7]), 1002),
        ("text that is no UTF-8", frame(0x81, 2, &[0xff, 0xff]), 1007),
        (
            "a frame that says it is endless",
            [&[0x82, 0xff][..], &(1_u64 << 62).to_be_bytes(), &[0; 4]].concat(),
            1009,
        ),
        (
            "fragments that together are too long",
            frame(0x02, 125, &[0; 125])
                .into_iter()
                .chain((0..80).flat_map(|_| frame(0x00, 125, &[0; 125])))
                .collect(),
            1009,
        ),
        (
            "empty fragments without an end",
            frame(0x02, 0, b"").into_iter().chain((0..20_000).flat_map(|_| frame(0x00, 0, b""))).collect(),
            1009,
        ),
    ];
    let server = TestServer::start().await;
    let mut bystanders = Bystanders::join(&server).await;
    for (name, bytes, code) in cases {
        let mut client = server.connect(2).await;
        let _closed_early = client.socket.get_mut().write_all(&bytes).await;
        assert_eq!(client.close_code().await, Got::Closed(code), "{name}");
        bystanders.notice_nothing(name).await;
    }
}

#[tokio::test]
async fn a_head_that_is_slow_late_or_too_long_ends_its_connection() {
    let server = TestServer::start_with(|configuration| {
        configuration.connection_limits.head_deadline = Duration::from_millis(400);
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;

    assert_eq!(server.raw(2, b"").await, "", "not a byte");
    bystanders.notice_nothing("a silent connection").await;

    // A byte now and then: each would renew a timer that is for bytes and not for the head.
    let mut slow = server.tcp(2).await;
    let mut answer = Vec::new();
    let (mut read, mut write) = slow.split();
    let drip = async {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'y')) {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let end = read.read_to_end(&mut answer);
    let cut = async {
        tokio::select! {
            _ended = end => {}
            () = drip => {}
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("the server let itself be held");
    bystanders.notice_nothing("a slow head").await;

    // A second request on the same connection that never comes.
    let answer = server.raw(2, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    bystanders.notice_nothing("a connection that stays open").await;

    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(20 * 1024));
    let answer = server.raw(2, long.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(100));
    let answer = server.raw(2, many.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let answer = server.raw(2, b"\x16\x03\x01 this is TLS\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    bystanders.notice_nothing("heads that are too long, or none").await;
}

#[tokio::test]
async fn connections_over_the_caps_are_dropped_and_their_places_come_back() {
    let server = TestServer::start_with(|configuration| {
        configuration.connection_limits.per_address = 3;
        configuration.connection_limits.total = 7;
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;
    let is_served = async |from| {
        let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        server.raw(from, request).await.starts_with("HTTP/1.1 200")
    };
    let first = [server.connect(2).await, server.connect(2).await, server.connect(2).await];
    assert!(!is_served(2).await, "a fourth connection of one address");
    assert!(is_served(3).await, "another address");
    let second = [server.connect(3).await, server.connect(3).await];
    assert!(!is_served(4).await, "an eighth connection of all");
    bystanders.notice_nothing("connections over the caps").await;

    drop((first, second));
    let come_back = async {
        while !is_served(2).await || !is_served(4).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, come_back).await.expect("places did not come back");
}

#[tokio::test]
async fn a_slow_reader_is_closed_and_its_sender_is_told() {
    let server = TestServer::start_with(|configuration| {
        let limits = &mut configuration.limits;
        (limits.records_burst, limits.bytes_burst) = (1_000_000, 1_000_000_000);
    })
    .await;
    let mut bystanders = Bystanders::join(&server).await;

    // A small buffer on its side; the server's own, in the kernel, takes some megabytes more.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind(SocketAddr::from((loopback(3), 0))).unwrap();
    let stream = socket.connect(server.http()).await.unwrap();
    let mut slow = Client::over(stream, &format!("http://{}", server.http())).await;
    let page = Page::new(8, 2);
    slow.send(&[page.join(Phase::Call)]).await;
    slow.welcome().await;

    let (mut sender, _) = server.join(2, &Page::new(8, 1), Phase::Call).await;
    let sealed = vec![0; 16 * 1024];
    let mut told = Vec::new();
    let mut sequence = 0;
    while told.is_empty() {
        sequence += 1;
        assert!(sequence < 10_000, "160 MB were taken in");
        sender.send(&[ClientRecord::Send { to: page.id(), sequence, sealed: &sealed }]).await;
        told = sender.settle().await;
    }
    assert_eq!(
        told,
        [Got::Nack(page.id(), sequence, NackCode::QueueFull), Got::Gone(page.id(), GoneReason::Lost),]
    );
    bystanders.notice_nothing("a slow reader").await;
    assert_eq!(slow.close_code().await, Got::Closed(4413));
}
