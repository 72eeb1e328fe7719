//! A TURN client (RFC 8656) that shows every step, for whoever examines, tests or loads a relay: it sends what it is
//! told to, with whatever credential and nonce, and returns what came back, error codes included.
//!
//! Not `turn-client-proto`: that hides steps and codes, and does only what is right.
//!
//! Knows: messages of STUN and TURN, UDP sockets and streams.
//! Must not know: anything of Eyeline.
//!
//! # Layout
//! - [`Client`]: one 5-tuple, and what it has learned from the server.
//! - [`Link`]: how packets travel.
//! - [`Error`]: why there is no answer.

mod error;
mod link;

pub use error::Error;
pub use link::Link;
pub use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

use error::nonsense;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use stun_types::attribute::{AttributeWrite, ErrorCode, Nonce, Realm, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageClass, MessageHeader, MessageType,
    MessageWrite as _, MessageWriteExt as _, MessageWriteVec, Method, TransactionId,
};
use tokio::time::{Instant, timeout, timeout_at};
use turn_types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_types::message::DATA;

/// When a request over UDP is sent again.
const RETRANSMISSION: Duration = Duration::from_millis(500);

/// When an answer is given up, if nobody says. Long enough for a machine under load.
const PATIENCE: Duration = Duration::from_secs(10);

/// What every function here gives, or why not.
pub type Result<T> = std::result::Result<T, Error>;

/// One client of a relay. Its fields may be changed, to something wrong as well.
#[derive(Debug)]
pub struct Client {
    /// How its packets travel.
    pub link: Link,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// From the last challenge or stale nonce, or whatever.
    pub realm: String,
    /// From the last challenge or stale nonce, or whatever.
    pub nonce: String,
    /// How long an answer or a packet is waited for.
    pub patience: Duration,
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
        Self { link, username, password, realm: String::new(), nonce: String::new(), patience: PATIENCE }
    }

    /// Asks for our address.
    ///
    /// # Errors
    /// No answer came.
    pub async fn binding(&mut self) -> Result<Answer> {
        self.exchange(BINDING, &[]).await
    }

    /// An Allocate without a credential, as every client's first is (RFC 8656, 7.1). It must be refused with 401, a
    /// realm and a nonce; the two are kept.
    ///
    /// # Errors
    /// No answer came, or a 401 without a realm or nonce.
    pub async fn challenge(&mut self) -> Result<Answer> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        let answer = self.exchange(ALLOCATE, &[&udp]).await?;
        if answer.code()? == ErrorCode::UNAUTHORIZED {
            self.learn(&answer)?;
        }
        Ok(answer)
    }

    /// A signed Allocate for a UDP address.
    ///
    /// # Errors
    /// No answer came.
    pub async fn allocate(&mut self) -> Result<Answer> {
        let udp = RequestedTransport::new(RequestedTransport::UDP);
        self.request(ALLOCATE, &[&udp]).await
    }

    /// Challenge and Allocate; the relayed address.
    ///
    /// # Errors
    /// No answer came, or a refusal.
    pub async fn start(&mut self) -> Result<SocketAddr> {
        self.challenge().await?;
        self.allocate().await?.relayed()
    }

    /// Lets an address send to us.
    ///
    /// # Errors
    /// No answer came.
    pub async fn permit(&mut self, address: IpAddr) -> Result<Answer> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(SocketAddr::new(address, 9), transaction);
        self.signed(CREATE_PERMISSION, transaction, &[&peer]).await
    }

    /// Binds a channel to a peer.
    ///
    /// # Errors
    /// No answer came.
    pub async fn bind(&mut self, channel: u16, peer: SocketAddr) -> Result<Answer> {
        let transaction = TransactionId::generate();
        let peer = XorPeerAddress::new(peer, transaction);
        self.signed(CHANNEL_BIND, transaction, &[&ChannelNumber::new(channel), &peer]).await
    }

    /// Asks for so many seconds more; 0 ends the allocation.
    ///
    /// # Errors
    /// No answer came.
    pub async fn refresh(&mut self, seconds: u32) -> Result<Answer> {
        self.request(REFRESH, &[&Lifetime::new(seconds)]).await
    }

    /// Sends on a channel.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send_channel(&mut self, channel: u16, payload: &[u8]) -> Result<()> {
        let mut packet = channel.to_be_bytes().to_vec();
        packet.extend(u16::try_from(payload.len()).map_err(nonsense)?.to_be_bytes());
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
    pub async fn send_to(&mut self, peer: SocketAddr, payload: &[u8]) -> Result<()> {
        let transaction = TransactionId::generate();
        let kind = MessageType::from_class_method(MessageClass::Indication, SEND);
        let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
        message.add_attribute(&XorPeerAddress::new(peer, transaction)).map_err(nonsense)?;
        message.add_attribute(&Data::new(payload)).map_err(nonsense)?;
        self.link.send(&message.finish()).await
    }

    /// The next packet.
    ///
    /// # Errors
    /// None came, or `ChannelData` shorter than it says.
    pub async fn receive(&mut self) -> Result<Packet> {
        let received = timeout(self.patience, self.link.receive()).await;
        Packet::parse(received.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??)
    }

    /// A signed request of any kind. The nonce of a 438 (Stale Nonce) is kept for the next one, but nothing is sent a
    /// second time with it (RFC 8489, 9.2.5): that is up to the caller.
    ///
    /// # Errors
    /// No answer came, or a 438 without a realm or nonce.
    pub async fn request(&mut self, method: Method, attributes: &[&Attribute]) -> Result<Answer> {
        self.signed(method, TransactionId::generate(), attributes).await
    }

    async fn signed(
        &mut self,
        method: Method,
        transaction: TransactionId,
        attributes: &[&Attribute],
    ) -> Result<Answer> {
        let mut message = request(method, transaction, attributes)?;
        message.add_attribute(&Username::new(&self.username).map_err(nonsense)?).map_err(nonsense)?;
        message.add_attribute(&Realm::new(&self.realm).map_err(nonsense)?).map_err(nonsense)?;
        message.add_attribute(&Nonce::new(&self.nonce).map_err(nonsense)?).map_err(nonsense)?;
        let key =
            LongTermKeyCredentials::new(self.username.clone(), self.password.clone(), self.realm.clone());
        message.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1).map_err(nonsense)?;
        let answer = self.answer_to(&message.finish(), transaction).await?;
        if answer.code()? == ErrorCode::STALE_NONCE {
            self.learn(&answer)?;
        }
        Ok(answer)
    }

    /// Keeps what a 401 or 438 brings for the next request.
    fn learn(&mut self, answer: &Answer) -> Result<()> {
        let message = answer.message()?;
        let missing = |error| Error::Nonsense(format!("a refusal without realm or nonce: {error}"));
        self.realm = message.attribute::<Realm>().map_err(missing)?.realm().to_owned();
        self.nonce = message.attribute::<Nonce>().map_err(missing)?.nonce().to_owned();
        Ok(())
    }

    async fn exchange(&mut self, method: Method, attributes: &[&Attribute]) -> Result<Answer> {
        let transaction = TransactionId::generate();
        let message = request(method, transaction, attributes)?;
        self.answer_to(&message.finish(), transaction).await
    }

    /// Sends until the answer comes; whatever else comes meanwhile is dropped.
    async fn answer_to(&mut self, request: &[u8], transaction: TransactionId) -> Result<Answer> {
        let end = Instant::now() + self.patience;
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
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
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
    pub fn message(&self) -> Result<Message<'_>> {
        Message::from_bytes(&self.bytes).map_err(nonsense)
    }

    /// The error code; 0 for success. An error without a code counts as 500, which it is.
    ///
    /// # Errors
    /// It is no STUN message.
    pub fn code(&self) -> Result<u16> {
        let message = self.message()?;
        Ok(match message.class() {
            MessageClass::Success => 0,
            _ => message.attribute::<ErrorCode>().map_or(ErrorCode::SERVER_ERROR, |error| error.code()),
        })
    }

    /// The relayed address of a successful Allocate.
    ///
    /// # Errors
    /// There is none; the text has the error code.
    pub fn relayed(&self) -> Result<SocketAddr> {
        let code = self.code()?;
        if code != 0 {
            return Err(Error::Nonsense(format!("no relayed address, but error {code}")));
        }
        let message = self.message()?;
        let relayed = message.attribute::<XorRelayedAddress>().map_err(nonsense)?;
        Ok(relayed.addr(message.transaction_id()))
    }

    /// Our address as the server sees it.
    ///
    /// # Errors
    /// The answer does not say it.
    pub fn mapped(&self) -> Result<SocketAddr> {
        let message = self.message()?;
        let mapped = message.attribute::<XorMappedAddress>().map_err(nonsense)?;
        Ok(mapped.addr(message.transaction_id()))
    }
}

impl Packet {
    fn parse(bytes: Vec<u8>) -> Result<Self> {
        if let Some(([high, low, length_high, length_low], rest)) = bytes.split_first_chunk::<4>()
            && high >> 6 == 0b01
        {
            let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
            let payload = rest.get(..length).ok_or_else(|| Error::Nonsense("cut channel data".to_owned()))?;
            let channel = u16::from_be_bytes([*high, *low]);
            return Ok(Self::Channel { channel, payload: payload.to_vec() });
        }
        Ok(Self::data(&bytes).unwrap_or(Self::Other(bytes)))
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

/// What may stand in a request.
type Attribute = dyn AttributeWrite + Sync;

fn request(method: Method, transaction: TransactionId, attributes: &[&Attribute]) -> Result<MessageWriteVec> {
    let kind = MessageType::from_class_method(MessageClass::Request, method);
    let mut message = Message::builder(kind, transaction, MessageWriteVec::new());
    for attribute in attributes {
        message.add_attribute(*attribute).map_err(nonsense)?;
    }
    Ok(message)
}
