//! A server in this process on free ports, and clients over real sockets.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "shared by several test crates, each using a part; clippy.toml allows the rest in test functions only"
)]

pub mod relay;
pub mod tls;

use eyeline_protocol::ids::{ConnectionCounter, PeerId, PeerToken, PublicKey, RoomToken};
use eyeline_protocol::outer::{
    ClientRecord, GoneReason, IceServer, Join, LeaveReason, NackCode, Phase, SUBPROTOCOL, ServerRecord,
    Welcome,
};
use eyeline_server::{Addresses, Configuration, Server};
use futures_util::{SinkExt, StreamExt};
use http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_websockets::{ClientBuilder, Message, WebSocketStream};

/// Long enough for a machine under load; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct TestServer {
    pub addresses: Addresses,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Configuration)) -> Self {
        let mut configuration = Configuration::default();
        change(&mut configuration);
        let server = Server::bind(configuration).await.unwrap();
        let addresses = server.addresses();
        let (shutdown, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { addresses, shutdown: Some(shutdown), task }
    }

    pub fn http(&self) -> SocketAddr {
        self.addresses.http[0]
    }

    /// Begins the end of the server, and waits for it.
    pub async fn stop(mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
        tokio::time::timeout(PATIENCE, &mut self.task).await.expect("the server did not stop").unwrap();
    }

    /// A connection from one of the loopback network's 2²⁴ addresses, so that limits by address can be met or
    /// avoided.
    pub async fn tcp(&self, from: u8) -> TcpStream {
        tcp(from, self.http()).await
    }

    /// Sends bytes, and returns what comes until the server closes.
    pub async fn raw(&self, from: u8, bytes: &[u8]) -> String {
        let mut stream = self.tcp(from).await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        let _reset = read.expect("the server did not close");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// One request with its own headers, and the whole response.
    pub async fn request(&self, method: &str, path: &str, headers: &str) -> String {
        let host = self.http();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        self.raw(250, request.as_bytes()).await
    }

    pub async fn connect(&self, from: u8) -> Client {
        Client::over(self.tcp(from).await, &format!("http://{}", self.http())).await
    }

    /// A page that has joined, and what it was welcomed with.
    pub async fn join(&self, from: u8, page: &Page, phase: Phase) -> (Client, Welcome) {
        let mut client = self.connect(from).await;
        client.send(&[page.join(phase)]).await;
        let welcome = client.welcome().await;
        (client, welcome)
    }
}

/// A connection from a loopback address.
pub async fn tcp(from: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((loopback(from), 0))).unwrap();
    tokio::time::timeout(PATIENCE, socket.connect(to)).await.expect("no connection").unwrap()
}

/// A WebSocket of a client that a proxy at a loopback address says to be somebody else's.
pub async fn forwarded(server: &TestServer, proxy: u8, client: &str) -> Client {
    let (stream, host) = (server.tcp(proxy).await, server.http().to_string());
    let headers = [("x-forwarded-for", client)];
    Client::with_headers(stream, &host, &format!("http://{host}"), &headers).await
}

/// A port that is free, for a program that cannot be given 0. Below those that the system gives to connections
/// (Linux: from 32768), which would take it in between; and each test process looks at another place.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let place = std::process::id().wrapping_mul(37).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + place % 12_000).unwrap();
        let is_free = |ip: IpAddr| {
            std::net::TcpListener::bind((ip, port)).is_ok() && std::net::UdpSocket::bind((ip, port)).is_ok()
        };
        if is_free(loopback(1)) && is_free(Ipv4Addr::UNSPECIFIED.into()) {
            return port;
        }
    }
}

/// Starts the real binary on free ports, and reads its address from what it prints.
pub async fn start_binary(mut command: Command) -> (Child, SocketAddr, Lines<BufReader<ChildStdout>>) {
    command.args(["--listen", "127.0.0.1:0", "--stun-listen", "127.0.0.1:0"]);
    command.stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it printed nothing");
    let line = line.unwrap().expect("it ended at once");
    let address = line.strip_prefix("Eyeline is ready: http://").and_then(|rest| rest.strip_suffix('/'));
    let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).parse().unwrap();
    (child, address, lines)
}

/// A program of a Debian package: where `cargo xtask setup` has put it, or the system has it.
pub fn program(file: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let candidates = [target.join("tools/debian").join(file), Path::new("/").join(file)];
    let found = candidates.into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{file} is missing: cargo xtask setup"))
}

pub fn loopback(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

/// One page load in one room: what makes a `Join`.
#[derive(Clone, Debug)]
pub struct Page {
    pub room: RoomToken,
    pub key: PublicKey,
    pub token: PeerToken,
    pub counter: u64,
    pub connected: Vec<PeerId>,
}

impl Page {
    pub fn new(room: u8, number: u8) -> Self {
        let (key, token) = (PublicKey([number; 32]), PeerToken([room; 32]));
        Self { room: RoomToken([room; 32]), key, token, counter: 1, connected: Vec::new() }
    }

    pub fn id(&self) -> PeerId {
        PeerId::derive(&self.key, &self.token.hash())
    }

    pub fn join(&self, phase: Phase) -> ClientRecord<'static> {
        ClientRecord::Join(Join {
            phase,
            capabilities: 0,
            counter: ConnectionCounter(self.counter),
            room_token: self.room,
            peer_token: self.token,
            public_key: self.key,
            connected: self.connected.clone(),
        })
    }
}

/// What a client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Got {
    Welcome(Welcome),
    Joined(PeerId, Phase),
    Receive(PeerId, u32, Vec<u8>),
    Gone(PeerId, GoneReason),
    Nack(PeerId, u32, NackCode),
    Credentials(Vec<IceServer>),
    Drain,
    Error(eyeline_protocol::outer::ErrorCode),
    Probed(u64),
    /// The server's close frame.
    Closed(u16),
    /// The end without one.
    Broken,
}

pub struct Client<S = TcpStream> {
    pub socket: WebSocketStream<S>,
    received: std::collections::VecDeque<Got>,
}

impl Client {
    pub async fn over(stream: TcpStream, origin: &str) -> Self {
        let host = stream.peer_addr().unwrap().to_string();
        Self::through(stream, &host, origin).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Over any stream, by the name that the page has there.
    pub async fn through(stream: S, host: &str, origin: &str) -> Self {
        Self::with_headers(stream, host, origin, &[]).await
    }

    pub async fn with_headers(stream: S, host: &str, origin: &str, headers: &[(&'static str, &str)]) -> Self {
        let mut handshake = ClientBuilder::new()
            .uri(&format!("ws://{host}/signal"))
            .unwrap()
            .add_header(ORIGIN, origin.parse().unwrap())
            .unwrap()
            .add_header(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL.parse().unwrap())
            .unwrap();
        for (name, value) in headers {
            handshake = handshake.add_header((*name).parse().unwrap(), value.parse().unwrap()).unwrap();
        }
        let (socket, response) = handshake.connect_on(stream).await.unwrap();
        assert_eq!(response.headers().get(SEC_WEBSOCKET_PROTOCOL).unwrap(), SUBPROTOCOL);
        Self { socket, received: std::collections::VecDeque::new() }
    }

    pub async fn send(&mut self, records: &[ClientRecord<'_>]) {
        let mut message = Vec::new();
        for record in records {
            record.write(&mut message);
        }
        self.send_message(Message::binary(message)).await;
    }

    /// A connection that the server has closed may take no more: what it got tells.
    pub async fn send_message(&mut self, message: Message) {
        let _closed = tokio::time::timeout(PATIENCE, self.socket.send(message)).await.expect("sending hangs");
    }

    pub async fn next(&mut self) -> Got {
        while self.received.is_empty() {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("nothing came");
            match next {
                Some(Ok(message)) if message.is_binary() => {
                    let payload = message.into_payload();
                    self.received.extend(ServerRecord::parse(&payload).map(|record| got(record.unwrap())));
                }
                Some(Ok(message)) => {
                    self.received.extend(message.as_close().map(|(code, _)| Got::Closed(code.into())));
                }
                Some(Err(_)) | None => return Got::Broken,
            }
        }
        self.received.pop_front().unwrap()
    }

    pub async fn welcome(&mut self) -> Welcome {
        match self.next().await {
            Got::Welcome(welcome) => welcome,
            other => panic!("expected a welcome, got {other:?}"),
        }
    }

    /// What comes until the connection ends, its close frame included.
    pub async fn rest(&mut self) -> Vec<Got> {
        let mut all = Vec::new();
        loop {
            let next = self.next().await;
            all.push(next.clone());
            if matches!(next, Got::Closed(_) | Got::Broken) {
                return all;
            }
        }
    }

    /// The last thing that comes.
    pub async fn close_code(&mut self) -> Got {
        self.rest().await.pop().unwrap()
    }

    /// Proves that everything before has been handled, and returns what came meanwhile.
    pub async fn settle(&mut self) -> Vec<Got> {
        self.send(&[ClientRecord::Probe(0x5e7713)]).await;
        let mut before = Vec::new();
        loop {
            match self.next().await {
                Got::Probed(0x5e7713) => return before,
                end @ (Got::Closed(_) | Got::Broken) => panic!("{end:?} after {before:?}"),
                other => before.push(other),
            }
        }
    }

    pub async fn leave(mut self) {
        self.send(&[ClientRecord::Leave(LeaveReason::HungUp)]).await;
        assert_eq!(self.close_code().await, Got::Closed(1000));
    }
}

fn got(record: ServerRecord<'_>) -> Got {
    match record {
        ServerRecord::Welcome(welcome) => Got::Welcome(welcome),
        ServerRecord::Joined(peer, phase) => Got::Joined(peer, phase),
        ServerRecord::Receive { from, sequence, sealed } => Got::Receive(from, sequence, sealed.to_vec()),
        ServerRecord::Gone(peer, reason) => Got::Gone(peer, reason),
        ServerRecord::Nack { to, sequence, code } => Got::Nack(to, sequence, code),
        ServerRecord::Drain { .. } => Got::Drain,
        ServerRecord::Error { code, .. } => Got::Error(code),
        ServerRecord::Probed(value) => Got::Probed(value),
        ServerRecord::Credentials(servers) => Got::Credentials(servers),
    }
}

/// Two in a room of their own, who shall notice nothing of what others do.
pub struct Bystanders {
    pages: [Page; 2],
    clients: [Client; 2],
    exchanges: u32,
}

impl Bystanders {
    pub async fn join(server: &TestServer) -> Self {
        let pages = [Page::new(254, 1), Page::new(254, 2)];
        let (mut first, _) = server.join(254, &pages[0], Phase::Call).await;
        let (second, _) = server.join(254, &pages[1], Phase::Call).await;
        assert_eq!(first.next().await, Got::Joined(pages[1].id(), Phase::Call));
        Self { pages, clients: [first, second], exchanges: 0 }
    }

    /// A message each way arrives, and nothing but that has come since the last time.
    pub async fn notice_nothing(&mut self, after: &str) {
        self.exchanges += 1;
        for (from, to) in [(0, 1), (1, 0)] {
            let sealed = format!("exchange {} from {from}", self.exchanges);
            let send = ClientRecord::Send {
                to: self.pages[to].id(),
                sequence: self.exchanges,
                sealed: sealed.as_bytes(),
            };
            self.clients[from].send(&[send]).await;
            let expected = Got::Receive(self.pages[from].id(), self.exchanges, sealed.clone().into_bytes());
            assert_eq!(self.clients[to].next().await, expected, "the bystanders noticed: {after}");
        }
    }
}
