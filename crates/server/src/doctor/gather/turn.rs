//! A TURN client (RFC 8656), as small as a check can be: one allocation, permissions, one channel.
//!
//! Not `turn-client-proto`: it hides error codes and steps, which are what a check is about.

use super::dial::{Stream, reach};
use crate::doctor::facts::{Reach, RelayReason};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username, XorMappedAddress};
use stun_types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageHeader,
    MessageIntegrityCredentials, MessageType, MessageWriteVec, Method, TransactionId,
};
use stun_types::prelude::{MessageWrite as _, MessageWriteExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout, timeout_at};
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH};

/// When a datagram is sent again (RFC 8489, 6.2.1, shortened), and when hope is given up.
const RETRANSMISSIONS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_millis(700),
    Duration::from_millis(900),
    Duration::from_millis(1400),
];

/// The longest message: what fits into a datagram.
const MESSAGE_BYTES: usize = 2048;

/// The lowest channel (RFC 8656, 12).
const CHANNEL: u16 = 0x4000;

/// Why something was not done.
#[derive(Clone, Debug)]
pub(super) struct RelayError(pub(super) RelayReason);

impl From<io::Error> for RelayError {
    fn from(error: io::Error) -> Self {
        Self(RelayReason::Reach(reach(&error)))
    }
}

impl fmt::Display for RelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn nonsense(what: impl Into<String>) -> RelayError {
    RelayError(RelayReason::Nonsense(what.into()))
}

/// A way to the relay.
pub(super) enum Link {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>),
}

impl Link {
    /// Over UDP, from a port of its own.
    pub(super) async fn datagram(server: SocketAddr) -> io::Result<Self> {
        let any: IpAddr =
            if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(server).await?;
        Ok(Self::Datagrams(socket))
    }

    async fn send(&mut self, message: &[u8]) -> Result<(), RelayError> {
        match self {
            Self::Datagrams(socket) => drop(socket.send(message).await?),
            Self::Stream(stream) => stream.write_all(message).await?,
        }
        Ok(())
    }

    /// The next message: STUN, or channel data.
    async fn receive(&mut self) -> Result<Vec<u8>, RelayError> {
        let mut message = vec![0; MESSAGE_BYTES];
        match self {
            Self::Datagrams(socket) => {
                let length = socket.recv(&mut message).await?;
                message.truncate(length);
            }
            Self::Stream(stream) => {
                let mut head = [0; 4];
                stream.read_exact(&mut head).await?;
                let rest = rest_of_frame(head).ok_or_else(|| nonsense("neither STUN nor channel data"))?;
                message.clear();
                message.extend_from_slice(&head);
                message.resize(head.len() + rest, 0);
                stream.read_exact(message.get_mut(head.len()..).unwrap_or_default()).await?;
            }
        }
        Ok(message)
    }

    /// Sends a request until its answer comes; whatever else comes meanwhile is dropped, as a network may.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, RelayError> {
        let header = MessageHeader::from_bytes(request).map_err(|error| nonsense(error.to_string()))?;
        let transaction = header.transaction_id();
        for (round, wait) in RETRANSMISSIONS.into_iter().enumerate() {
            if round == 0 || matches!(self, Self::Datagrams(_)) {
                self.send(request).await?;
            }
            let deadline = Instant::now() + wait;
            while let Ok(received) = timeout_at(deadline, self.receive()).await {
                let received = received?;
                if answers(&received, transaction) {
                    return Ok(received);
                }
            }
        }
        Err(RelayError(RelayReason::Reach(Reach::Silent)))
    }
}

fn answers(received: &[u8], transaction: TransactionId) -> bool {
    MessageHeader::from_bytes(received)
        .is_ok_and(|header| header.transaction_id() == transaction && header.get_type().is_response())
}

/// Bytes behind the first four of a message on a stream (RFC 8656, 3.1: channel data is padded to four). A message
/// that is longer than [`MESSAGE_BYTES`] is none of ours.
fn rest_of_frame([kind, _, high, low]: [u8; 4]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([high, low]));
    let rest = match kind >> 6 {
        0b00 => length + 16,
        0b01 => length.next_multiple_of(4),
        _ => return None,
    };
    (rest <= MESSAGE_BYTES).then_some(rest)
}

/// The 401 that a first request is answered with.
pub(super) struct Challenge {
    realm: String,
    nonce: String,
}

/// An allocation on the relay.
pub(super) struct Allocation {
    link: Link,
    credentials: MessageIntegrityCredentials,
    username: String,
    challenge: Challenge,
    pub(super) relayed: SocketAddr,
    pub(super) mapped: SocketAddr,
}

/// Asks without a credential, as every client does first (RFC 8656, 7.1).
pub(super) async fn challenge(link: &mut Link) -> Result<Challenge, RelayError> {
    let mut request = Message::builder_request(ALLOCATE, MessageWriteVec::new());
    add(&mut request, &RequestedTransport::new(RequestedTransport::UDP))?;
    let answer = link.exchange(&request.finish()).await?;
    let message = parse(&answer)?;
    match code(&message) {
        Some(ErrorCode::UNAUTHORIZED) => {}
        Some(other) => return Err(RelayError(RelayReason::Code(other))),
        None => return Err(nonsense("it gives an allocation without a credential")),
    }
    let text =
        |error: stun_types::message::StunParseError| nonsense(format!("a 401 without a nonce: {error}"));
    Ok(Challenge {
        realm: message.attribute::<Realm>().map_err(text)?.realm().to_owned(),
        nonce: message.attribute::<Nonce>().map_err(text)?.nonce().to_owned(),
    })
}

impl Allocation {
    pub(super) async fn new(
        link: Link,
        challenge: Challenge,
        (username, password): (&str, &str),
    ) -> Result<Self, RelayError> {
        let key =
            LongTermKeyCredentials::new(username.to_owned(), password.to_owned(), challenge.realm.clone());
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let mut allocation = Self {
            link,
            credentials: key.into(),
            username: username.to_owned(),
            challenge,
            relayed: nowhere,
            mapped: nowhere,
        };
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        let answer = allocation.request(ALLOCATE, |_| vec![Box::new(udp.clone())]).await?;
        let message = parse(&answer)?;
        let text = |error: stun_types::message::StunParseError| nonsense(error.to_string());
        allocation.relayed =
            message.attribute::<XorRelayedAddress>().map_err(text)?.addr(message.transaction_id());
        allocation.mapped =
            message.attribute::<XorMappedAddress>().map_err(text)?.addr(message.transaction_id());
        Ok(allocation)
    }

    /// Lets a peer's address send to us.
    pub(super) async fn permit(&mut self, peer: IpAddr) -> Result<(), RelayError> {
        let peer = SocketAddr::new(peer, 0);
        self.request(CREATE_PERMISSION, |id| vec![Box::new(XorPeerAddress::new(peer, id))]).await.map(drop)
    }

    /// Binds the one channel to a peer.
    pub(super) async fn bind_channel(&mut self, peer: SocketAddr) -> Result<(), RelayError> {
        let attributes = |id| -> Vec<Box<dyn AttributeWrite + Send>> {
            vec![Box::new(ChannelNumber::new(CHANNEL)), Box::new(XorPeerAddress::new(peer, id))]
        };
        self.request(CHANNEL_BIND, attributes).await.map(drop)
    }

    /// Sends to the channel's peer.
    pub(super) async fn send(&mut self, data: &[u8]) -> Result<(), RelayError> {
        let length = u16::try_from(data.len()).map_err(|_| nonsense("too long"))?;
        let mut message = CHANNEL.to_be_bytes().to_vec();
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(data);
        message.resize(message.len().next_multiple_of(4), 0);
        self.link.send(&message).await
    }

    /// What the channel's peer sent.
    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, RelayError> {
        loop {
            let message = self.link.receive().await?;
            let Some((head, data)) = message.split_first_chunk::<4>() else { continue };
            let [kind_high, kind_low, high, low] = *head;
            if u16::from_be_bytes([kind_high, kind_low]) == CHANNEL {
                let length = usize::from(u16::from_be_bytes([high, low]));
                return data.get(..length).map(<[u8]>::to_vec).ok_or_else(|| nonsense("cut channel data"));
            }
        }
    }

    /// Gives it back at once, so that the next check finds the quota as it was.
    pub(super) async fn release(mut self) {
        let ended = self.request(REFRESH, |_| vec![Box::new(Lifetime::new(0))]);
        let _whatever = timeout(Duration::from_secs(1), ended).await;
    }

    /// One authenticated request; once more with a new nonce if the server wants that (RFC 8489, 9.2.5).
    async fn request(
        &mut self,
        method: Method,
        attributes: impl Fn(TransactionId) -> Vec<Box<dyn AttributeWrite + Send>>,
    ) -> Result<Vec<u8>, RelayError> {
        let answer = self.request_once(method, &attributes).await?;
        let message = parse(&answer)?;
        let failed = match code(&message) {
            None => return Ok(answer),
            Some(ErrorCode::STALE_NONCE) => {
                let nonce = message.attribute::<Nonce>().map_err(|error| nonsense(error.to_string()))?;
                self.challenge.nonce = nonce.nonce().to_owned();
                let answer = self.request_once(method, &attributes).await?;
                match code(&parse(&answer)?) {
                    None => return Ok(answer),
                    Some(failed) => failed,
                }
            }
            Some(failed) => failed,
        };
        Err(RelayError(RelayReason::Code(failed)))
    }

    async fn request_once(
        &mut self,
        method: Method,
        attributes: &impl Fn(TransactionId) -> Vec<Box<dyn AttributeWrite + Send>>,
    ) -> Result<Vec<u8>, RelayError> {
        let transaction = TransactionId::generate();
        let kind = MessageType::from_class_method(MessageClass::Request, method);
        let mut request = Message::builder(kind, transaction, MessageWriteVec::new());
        for attribute in attributes(transaction) {
            add(&mut request, &*attribute)?;
        }
        let text = |error: stun_types::message::StunWriteError| nonsense(error.to_string());
        add(&mut request, &Username::new(&self.username).map_err(text)?)?;
        add(&mut request, &Realm::new(&self.challenge.realm).map_err(text)?)?;
        add(&mut request, &Nonce::new(&self.challenge.nonce).map_err(text)?)?;
        request.add_message_integrity(&self.credentials, IntegrityAlgorithm::Sha1).map_err(text)?;
        self.link.exchange(&request.finish()).await
    }
}

fn add(request: &mut MessageWriteVec, attribute: &dyn AttributeWrite) -> Result<(), RelayError> {
    request.add_attribute(attribute).map_err(|error| nonsense(error.to_string()))
}

fn parse(answer: &[u8]) -> Result<Message<'_>, RelayError> {
    Message::from_bytes(answer).map_err(|error| nonsense(error.to_string()))
}

/// The error code; none of a success. An error without one counts as 500, which it is.
fn code(message: &Message<'_>) -> Option<u16> {
    let code = || message.attribute::<ErrorCode>().map_or(ErrorCode::SERVER_ERROR, |error| error.code());
    message.has_class(MessageClass::Error).then(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_on_a_stream_are_told_apart_by_their_first_bytes() {
        for (head, expected) in [
            ([0x00, 0x01, 0, 0], Some(16)),
            ([0x01, 0x13, 0, 60], Some(76)),
            ([0x40, 0x00, 0, 0], Some(0)),
            ([0x40, 0x00, 0, 1], Some(4)),
            ([0x4f, 0xff, 0, 8], Some(8)),
            ([0x48, 0x54, 0x54, 0x50], None),
            ([0x80, 0x00, 0, 0], None),
            ([0xff, 0xff, 0, 0], None),
        ] {
            assert_eq!(rest_of_frame(head), expected, "{head:02x?}");
        }
    }
}
