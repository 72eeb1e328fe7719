//! A TURN client (RFC 8656) that shows every step, for tests and for load: it sends what it is told to, with whatever
//! credential and nonce, and returns what came back, error codes included.
//!
//! Not `turn-client-proto`: that hides steps and codes, and does only what is right.
//!
//! Knows: messages of STUN and TURN, UDP sockets and streams.
//! Must not know: anything of Eyeline.
//!
//! # Layout
//! - [`Client`]: one 5-tuple, and what it has learned from the server.
//! - `link`: how packets travel.

mod link;

pub use link::Link;
pub use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageHeader, MessageType,
    MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use tokio::time::{Instant, timeout_at};
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::DATA;

/// When a request over UDP is sent again.
const RETRANSMISSION: Duration = Duration::from_millis(500);

/// When an answer is given up. Long enough for a machine under load.
const PATIENCE: Duration = Duration::from_secs(10);

/// One client of a relay. Its fields may be changed, to something wrong as well.
#[derive(Debug)]
pub struct Client {
    /// How its packets travel.
    pub link: Link,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// From the last challenge, or whatever.
    pub realm: String,
    /// From the last challenge, or whatever.
    pub nonce: String,
}

/// What came back for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Something that is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A Data indication.
    Data {
        /// From whom.
        peer: SocketAddr,
        /// What.
        payload: Vec<u8>,
    },
    /// `ChannelData`.
    Channel {
        /// On which channel.
        channel: u16,
        /// What.
        payload: Vec<u8>,
    },
    /// Anything else.
    Other(Vec<u8>),
}

impl Client {
    /// A client without a challenge yet.
    pub fn new(link: Link, username: impl Into<String>, password: impl Into<String>) -> Self {
        let (username, password) = (username.into(), password.into());
        Self { link, username, password, realm: String::new(), nonce: String::new() }
    }

    /// Asks for our address.
    ///
    /// # Errors
    /// No answer came.
    pub async fn binding(&mut self) -> io::Result<Answer> {
        self.exchange(BINDING, &[]).await
    }

    /// An Allocate without a credential, whose refusal brings realm and nonce; they are kept.
    ///
    /// # Errors
    /// No answer came, or one without a challenge.
    pub async fn challenge(&mut self) -> io::Result<Answer> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        let answer = self.exchange(ALLOCATE, &[&udp]).await?;
        let message = answer.message()?;
        self.realm = message.attribute::<Realm>().map_err(invalid)?.realm().to_owned();
        self.nonce = message.attribute::<Nonce>().map_err(invalid)?.nonce().to_owned();
        Ok(answer)
    }

    /// A signed Allocate for a UDP address.
    ///
    /// # Errors
    /// No answer came.
    pub async fn allocate(&mut self) -> io::Result<Answer> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        self.request(ALLOCATE, &[&udp]).await
    }

    /// Challenge and Allocate; the relayed address.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub async fn start(&mut self) -> io::Result<SocketAddr> {
        self.challenge().await?;
        self.allocate().await?.relayed()
    }

    /// Lets an address send to us; the error code, 0 for success.
    ///
    /// # Errors
    /// No answer came.
    pub async fn permit(&mut self, address: IpAddr) -> io::Result<u16> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(SocketAddr::new(address, 9), transaction);
        self.signed(CREATE_PERMISSION, transaction, &[&peer]).await?.code()
    }

    /// Binds a channel to a peer; the error code, 0 for success.
    ///
    /// # Errors
    /// No answer came.
    pub async fn bind(&mut self, channel: u16, peer: SocketAddr) -> io::Result<u16> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(peer, transaction);
        self.signed(CHANNEL_BIND, transaction, &[&ChannelNumber::new(channel), &peer]).await?.code()
    }

    /// Asks for so many seconds more; 0 ends the allocation.
    ///
    /// # Errors
    /// No answer came.
    pub async fn refresh(&mut self, seconds: u32) -> io::Result<Answer> {
        self.request(REFRESH, &[&Lifetime::new(seconds)]).await
    }

    /// Sends on a channel.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send_channel(&mut self, channel: u16, payload: &[u8]) -> io::Result<()> {
        let mut packet = channel.to_be_bytes().to_vec();
        packet.extend(u16::try_from(payload.len()).map_err(invalid)?.to_be_bytes());
        packet.extend_from_slice(payload);
        if self.link.is_stream() {
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        self.link.send(&packet).await
    }

    /// Sends a Send indication.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send_to(&mut self, peer: SocketAddr, payload: &[u8]) -> io::Result<()> {
        let transaction = TransactionId::generate();
        let kind = MessageType::from_class_method(MessageClass::Indication, SEND);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        message.add_attribute(&XorPeerAddress::new(peer, transaction)).map_err(invalid)?;
        message.add_attribute(&Data::new(payload)).map_err(invalid)?;
        self.link.send(&message.finish()).await
    }

    /// The next packet.
    ///
    /// # Errors
    /// None came.
    pub async fn receive(&mut self) -> io::Result<Packet> {
        let bytes = timeout_at(Instant::now() + PATIENCE, self.link.receive()).await??;
        Ok(Packet::parse(bytes))
    }

    /// A signed request of any kind.
    ///
    /// # Errors
    /// No answer came.
    pub async fn request(
        &mut self,
        method: Method,
        attributes: &[&dyn AttributeWrite],
    ) -> io::Result<Answer> {
        self.signed(method, TransactionId::generate(), attributes).await
    }

    async fn signed(
        &mut self,
        method: Method,
        transaction: TransactionId,
        attributes: &[&dyn AttributeWrite],
    ) -> io::Result<Answer> {
        let mut message = request(method, transaction, attributes)?;
        message.add_attribute(&Username::new(&self.username).map_err(invalid)?).map_err(invalid)?;
        message.add_attribute(&Realm::new(&self.realm).map_err(invalid)?).map_err(invalid)?;
        message.add_attribute(&Nonce::new(&self.nonce).map_err(invalid)?).map_err(invalid)?;
        let key =
            LongTermKeyCredentials::new(self.username.clone(), self.password.clone(), self.realm.clone());
        message.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1).map_err(invalid)?;
        self.answer_to(&message.finish(), transaction).await
    }

    async fn exchange(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> io::Result<Answer> {
        let transaction = TransactionId::generate();
        let message = request(method, transaction, attributes)?;
        self.answer_to(&message.finish(), transaction).await
    }

    /// Sends until the answer comes; whatever else comes meanwhile is dropped.
    async fn answer_to(&mut self, request: &[u8], transaction: TransactionId) -> io::Result<Answer> {
        let end = Instant::now() + PATIENCE;
        self.link.send(request).await?;
        loop {
            let again = if self.link.is_stream() { end } else { end.min(Instant::now() + RETRANSMISSION) };
            while let Ok(received) = timeout_at(again, self.link.receive()).await {
                let bytes = received?;
                let header = MessageHeader::from_bytes(&bytes);
                let is_answer = header.is_ok_and(|header| {
                    header.transaction_id() == transaction && header.get_type().is_response()
                });
                if is_answer {
                    return Ok(Answer { bytes });
                }
            }
            if Instant::now() >= end {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.link.send(request).await?;
        }
    }
}

impl Answer {
    /// The STUN message.
    ///
    /// # Errors
    /// It is none.
    pub fn message(&self) -> io::Result<Message<'_>> {
        Message::from_bytes(&self.bytes).map_err(invalid)
    }

    /// The error code; 0 for success.
    ///
    /// # Errors
    /// It is no STUN message, or an error without a code.
    pub fn code(&self) -> io::Result<u16> {
        let message = self.message()?;
        match message.class() {
            MessageClass::Success => Ok(0),
            _ => Ok(message.attribute::<ErrorCode>().map_err(invalid)?.code()),
        }
    }

    /// The relayed address of a successful Allocate.
    ///
    /// # Errors
    /// There is none; the text has the error code.
    pub fn relayed(&self) -> io::Result<SocketAddr> {
        let code = self.code()?;
        let message = self.message()?;
        let relayed = message.attribute::<XorRelayedAddress>();
        let relayed =
            relayed.map_err(|_| io::Error::other(format!("no relayed address, but error {code}")))?;
        Ok(relayed.addr(message.transaction_id()))
    }

    /// Our address as the server sees it.
    ///
    /// # Errors
    /// The answer does not say it.
    pub fn mapped(&self) -> io::Result<SocketAddr> {
        let message = self.message()?;
        let mapped = message.attribute::<XorMappedAddress>().map_err(invalid)?;
        Ok(mapped.addr(message.transaction_id()))
    }
}

impl Packet {
    fn parse(bytes: Vec<u8>) -> Self {
        if let Some(([high, low, length_high, length_low], rest)) = bytes.split_first_chunk::<4>()
            && high >> 6 == 0b01
        {
            let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
            if let Some(payload) = rest.get(..length) {
                let channel = u16::from_be_bytes([*high, *low]);
                return Self::Channel { channel, payload: payload.to_vec() };
            }
        }
        Self::data(&bytes).unwrap_or(Self::Other(bytes))
    }

    fn data(bytes: &[u8]) -> Option<Self> {
        let message = Message::from_bytes(bytes).ok()?;
        if message.class() != MessageClass::Indication || message.method() != DATA {
            return None;
        }
        let peer = message.attribute::<XorPeerAddress>().ok()?.addr(message.transaction_id());
        let payload = message.attribute::<Data<'_>>().ok()?.data().to_vec();
        Some(Self::Data { peer, payload })
    }
}

fn request(
    method: Method,
    transaction: TransactionId,
    attributes: &[&dyn AttributeWrite],
) -> io::Result<MessageWriteVec> {
    let kind = MessageType::from_class_method(MessageClass::Request, method);
    let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
    for attribute in attributes {
        message.add_attribute(*attribute).map_err(invalid)?;
    }
    Ok(message)
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
