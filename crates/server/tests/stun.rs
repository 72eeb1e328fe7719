//! STUN over real UDP, IPv4 and IPv6.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

mod common;

use common::{PATIENCE, TestServer};
use std::net::SocketAddr;
use tokio::net::UdpSocket;

const REQUEST: [u8; 20] = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

async fn ask(from: &UdpSocket, server: SocketAddr) -> Vec<u8> {
    from.send_to(&REQUEST, server).await.unwrap();
    let mut reply = [0; 1500];
    let received = tokio::time::timeout(PATIENCE, from.recv_from(&mut reply)).await.expect("no reply");
    let (length, source) = received.unwrap();
    assert_eq!(source, server, "the reply comes from elsewhere");
    reply[..length].to_vec()
}

/// The reply of 12 bytes of XOR-MAPPED-ADDRESS over IPv4 (RFC 8489, 14.2).
fn expected_ipv4(client: SocketAddr) -> Vec<u8> {
    let SocketAddr::V4(client) = client else { unreachable!("an IPv4 socket") };
    let port = client.port() ^ 0x2112;
    let address = u32::from(*client.ip()) ^ 0x2112_a442;
    let mut reply = REQUEST.to_vec();
    reply.splice(0..4, [1, 1, 0, 12]);
    reply.extend([0, 0x20, 0, 8, 0, 1]);
    reply.extend(port.to_be_bytes());
    reply.extend(address.to_be_bytes());
    reply
}

#[tokio::test]
async fn a_dual_stack_socket_answers_ipv4_as_ipv4_in_32_bytes() {
    let server =
        TestServer::start_with(|configuration| configuration.stun_listen = Some("[::]:0".parse().unwrap()))
            .await;
    let port = server.addresses.stun.unwrap().port();
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let reply = ask(&client, SocketAddr::from(([127, 0, 0, 1], port))).await;
    assert_eq!(reply.len(), 32);
    assert_eq!(reply, expected_ipv4(client.local_addr().unwrap()));
}

#[tokio::test]
async fn a_dual_stack_socket_answers_ipv6_in_44_bytes() {
    let server =
        TestServer::start_with(|configuration| configuration.stun_listen = Some("[::]:0".parse().unwrap()))
            .await;
    let port = server.addresses.stun.unwrap().port();
    let client = UdpSocket::bind("[::1]:0").await.unwrap();
    let reply = ask(&client, format!("[::1]:{port}").parse().unwrap()).await;
    assert_eq!(reply.len(), 44);
    assert_eq!(&reply[..8], [1, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42]);
    assert_eq!(&reply[20..26], [0, 0x20, 0, 20, 0, 2]);
    let port = u16::from_be_bytes([reply[26], reply[27]]) ^ 0x2112;
    assert_eq!(port, client.local_addr().unwrap().port());
}

#[tokio::test]
async fn junk_gets_no_reply_and_disturbs_nobody() {
    let server = TestServer::start().await;
    let stun = server.addresses.stun.unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for junk in [&b""[..], b"x", &REQUEST[..19], &[0; 1400], &[0x16, 0xfe, 0xff, 0, 0, 0, 0]] {
        client.send_to(junk, stun).await.unwrap();
    }
    // The first reply that comes is the one to the request, so the junk got none before.
    assert_eq!(ask(&client, stun).await, expected_ipv4(client.local_addr().unwrap()));
    let mut more = [0; 64];
    assert!(client.try_recv(&mut more).is_err());
}

#[tokio::test]
async fn a_client_that_went_away_does_not_end_the_service() {
    let server = TestServer::start().await;
    let stun = server.addresses.stun.unwrap();
    for _ in 0..5 {
        // Closed before the reply comes: the kernel answers that with an ICMP error.
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        gone.send_to(&REQUEST, stun).await.unwrap();
    }
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    assert_eq!(ask(&client, stun).await.len(), 32);
}
