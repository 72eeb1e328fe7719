//! Clients of a server's relay.

use super::tls::{self, Folder, on_loopback, trusting_anybody};
use super::{PATIENCE, TestServer, loopback};
use eyeline_protocol::outer::Welcome;
use eyeline_server::{CertificateSource, Configuration, KeyPlace, RelayMode, relay_credential};
use eyeline_turn_client::{Client, Link, Packet};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use tokio::net::{TcpSocket, UdpSocket};

/// A server whose relay's key is in a file, so that tests can make credentials.
pub struct RelayServer {
    pub server: TestServer,
    pub folder: Folder,
}

impl RelayServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Configuration)) -> Self {
        let folder = Folder::new();
        let server = TestServer::start_with(|configuration| {
            configuration.relay.key = KeyPlace::File(folder.file("relay-key"));
            change(configuration);
        })
        .await;
        Self { server, folder }
    }

    /// One that serves HTTPS too, and so the relay over TLS.
    pub async fn with_tls() -> Self {
        Self::start_with(|configuration| {
            configuration.tls = Some(on_loopback(CertificateSource::SelfSigned));
        })
        .await
    }

    /// An open relay on loopback, which may send to loopback too.
    pub async fn open(allowed: &[&str]) -> Self {
        Self::start_with(|configuration| {
            configuration.relay.mode = RelayMode::Open { ports: free_ports(), allowed: networks(allowed) };
        })
        .await
    }

    pub fn udp(&self) -> SocketAddr {
        self.server.addresses.stun.unwrap()
    }

    pub fn tcp(&self) -> SocketAddr {
        self.server.addresses.relay_tcp.unwrap()
    }

    pub fn https(&self) -> SocketAddr {
        self.server.addresses.https[0]
    }

    /// Name and password of somebody in a room of this name.
    pub fn credential(&self, room: &str, lifetime: u64) -> (String, String) {
        let credential = relay_credential::with_file(&self.folder.file("relay-key"), room, lifetime).unwrap();
        (credential.username, credential.password)
    }

    /// A client over UDP, with a credential for this room.
    pub async fn client(&self, room: &str) -> Client {
        let (username, password) = self.credential(room, 600);
        Client::new(Link::udp(loopback(1), self.udp()).await.unwrap(), username, password)
    }

    /// The same over TCP.
    pub async fn tcp_client(&self, room: &str) -> Client {
        let (username, password) = self.credential(room, 600);
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that it is soon full when nobody reads.
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        let stream = tokio::time::timeout(PATIENCE, socket.connect(self.tcp())).await.unwrap().unwrap();
        Client::new(Link::stream(stream), username, password)
    }

    /// The same over TLS.
    pub async fn tls_client(&self, room: &str) -> Client {
        let (username, password) = self.credential(room, 600);
        let stream = tls::connect(1, self.https(), trusting_anybody()).await;
        Client::new(Link::stream(stream), username, password)
    }
}

pub fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A range of ports for a test of its own: tests run side by side, and each process takes another part. Below those
/// that the system gives out by itself.
pub fn free_ports() -> RangeInclusive<u16> {
    let part = u16::try_from(std::process::id() % 120).unwrap();
    let low = 20_000 + part * 100;
    low..=low + 99
}

/// A client with the credential that a page was given, over the UDP port of its relay.
pub async fn client_of(welcome: &Welcome) -> Client {
    let relay = welcome.ice_servers.iter().find(|server| server.url.ends_with("?transport=udp")).unwrap();
    let address = relay.url.strip_prefix("turn:").unwrap().strip_suffix("?transport=udp").unwrap();
    let link = Link::udp(loopback(1), address.parse().unwrap()).await.unwrap();
    Client::new(link, &relay.username, &relay.credential)
}

/// Both allocate, let each other in, and bind a channel.
pub async fn connect(first: &mut Client, second: &mut Client) -> [SocketAddr; 2] {
    let addresses = [first.start().await.unwrap(), second.start().await.unwrap()];
    assert_eq!(first.bind(CHANNEL, addresses[1]).await.unwrap().code().unwrap(), 0);
    assert_eq!(second.bind(CHANNEL, addresses[0]).await.unwrap().code().unwrap(), 0);
    addresses
}

pub const CHANNEL: u16 = 0x4000;

pub fn on_channel(payload: &[u8]) -> Packet {
    Packet::Channel { channel: CHANNEL, payload: payload.to_vec() }
}

/// A socket that sends back what it gets, and its address: not that of an open relay on 127.0.0.1, behind which there
/// are allocations only.
pub async fn echo() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.9:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, source)) = socket.recv_from(&mut buffer).await {
            let _lost = socket.send_to(&buffer[..length], source).await;
        }
    });
    address
}
