//! TURN messages: what a request says that its reply must repeat, and how replies and indications are written.

use crate::io::Family;
use bytes::Bytes;
use core::net::SocketAddr;
use stun_types::attribute::{
    Attribute, AttributeFromRaw, AttributeStaticType, AttributeType, AttributeWrite, ErrorCode, Fingerprint,
    MessageIntegrity, MessageIntegritySha256, Nonce, Realm, UnknownAttributes, Username,
};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, IntegrityKey, Message, MessageClass, MessageHeader, MessageType,
    MessageWrite, MessageWriteExt, MessageWriteVec, Method, StunParseError,
};
use turn_types::AddressFamily;
use turn_types::attribute::{
    ChannelNumber, Data, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport, ReservationToken,
    XorPeerAddress,
};
use turn_types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

/// Named in every challenge; part of the key that passwords become (RFC 8489, 9.2.2). Short, since challenges go to
/// whoever asks.
pub(crate) const REALM: &str = "eyeline";

/// Longer packets are nobody's request: a CreatePermission for 40 IPv6 peers is shorter.
const LONGEST_REQUEST_BYTES: usize = 1280;

/// Unknown attributes that are listed in an error reply. A client corrects itself by the first ones.
const UNKNOWN_ATTRIBUTES_LISTED: usize = 4;

/// Attributes below 0x8000 that the relay understands. DONT-FRAGMENT is not one of them: a relay that cannot set
/// the bit for peers says so (RFC 8656, 7.2).
const UNDERSTOOD: [AttributeType; 13] = [
    Username::TYPE,
    MessageIntegrity::TYPE,
    MessageIntegritySha256::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    ChannelNumber::TYPE,
    Lifetime::TYPE,
    XorPeerAddress::TYPE,
    Data::TYPE,
    RequestedAddressFamily::TYPE,
    EvenPort::TYPE,
    RequestedTransport::TYPE,
    ReservationToken::TYPE,
];

/// What a STUN packet is for.
pub(crate) enum Stun<'a> {
    Binding,
    Request(Operation, Message<'a>),
    Send(Message<'a>),
    /// Replies, indications that are not for servers, unknown methods, and whatever is cut or damaged: discarded in
    /// silence (RFC 8489, 6.3).
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    Allocate,
    Refresh,
    CreatePermission,
    ChannelBind,
}

impl Operation {
    fn method(self) -> Method {
        match self {
            Self::Allocate => ALLOCATE,
            Self::Refresh => REFRESH,
            Self::CreatePermission => CREATE_PERMISSION,
            Self::ChannelBind => CHANNEL_BIND,
        }
    }
}

pub(crate) fn parse(packet: &[u8]) -> Stun<'_> {
    let Ok(header) = MessageHeader::from_bytes(packet) else { return Stun::Other };
    // The parser lets bytes stand behind the message; here there are none (RFC 8489, 5).
    if MessageHeader::LENGTH + usize::from(header.data_length()) != packet.len() {
        return Stun::Other;
    }
    let kind = header.get_type();
    let operation = match (kind.class(), kind.method()) {
        (MessageClass::Request, BINDING) => return Stun::Binding,
        (MessageClass::Indication, SEND) => {
            return Message::from_bytes(packet).map_or(Stun::Other, Stun::Send);
        }
        (MessageClass::Request, ALLOCATE) => Operation::Allocate,
        (MessageClass::Request, REFRESH) => Operation::Refresh,
        (MessageClass::Request, CREATE_PERMISSION) => Operation::CreatePermission,
        (MessageClass::Request, CHANNEL_BIND) => Operation::ChannelBind,
        _ => return Stun::Other,
    };
    if packet.len() > LONGEST_REQUEST_BYTES {
        return Stun::Other;
    }
    Message::from_bytes(packet).map_or(Stun::Other, |message| Stun::Request(operation, message))
}

/// Attributes that must be understood and are not.
pub(crate) fn unknown_attributes(message: &Message<'_>) -> Vec<AttributeType> {
    message
        .iter_attributes()
        .map(|(_, attribute)| attribute.get_type())
        .filter(|kind| kind.comprehension_required() && !UNDERSTOOD.contains(kind))
        .collect()
}

/// An attribute that need not be there; one that is damaged is a bad request.
pub(crate) fn optional<'a, A>(message: &'a Message<'a>) -> Result<Option<A>, Refusal>
where
    A: AttributeFromRaw<'a> + AttributeStaticType,
{
    match message.attribute::<A>() {
        Ok(attribute) => Ok(Some(attribute)),
        Err(StunParseError::MissingAttribute(_)) => Ok(None),
        Err(_) => Err(Refusal::Code(ErrorCode::BAD_REQUEST)),
    }
}

/// The peers that a request names, in their one spelling.
pub(crate) fn peers(message: &Message<'_>) -> Result<Vec<SocketAddr>, Refusal> {
    message
        .iter_attributes()
        .filter(|(_, attribute)| attribute.get_type() == XorPeerAddress::TYPE)
        .map(|(_, attribute)| match XorPeerAddress::try_from(&attribute) {
            Ok(peer) => Ok(canonical(peer.addr(message.transaction_id()))),
            Err(_) => Err(Refusal::Code(ErrorCode::BAD_REQUEST)),
        })
        .collect()
}

/// An address without an IPv4 address inside IPv6.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

pub(crate) fn address_family(family: Family) -> AddressFamily {
    match family {
        Family::V4 => AddressFamily::IPV4,
        Family::V6 => AddressFamily::IPV6,
    }
}

impl From<AddressFamily> for Family {
    fn from(family: AddressFamily) -> Self {
        match family {
            AddressFamily::IPV4 => Self::V4,
            AddressFamily::IPV6 => Self::V6,
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A plain error code.
    Code(u16),
    /// An error code with a realm and a fresh nonce: the client may try again with them.
    Challenge(u16),
    /// 420, and what was not understood.
    Unknown(Vec<AttributeType>),
}

impl Refusal {
    pub(crate) fn code(&self) -> u16 {
        match self {
            Self::Code(code) | Self::Challenge(code) => *code,
            Self::Unknown(_) => ErrorCode::UNKNOWN_ATTRIBUTE,
        }
    }
}

/// What a request says that its reply must repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    pub(crate) transaction: u128,
    /// A fingerprint goes to who sent one (RFC 8489, 7).
    pub(crate) fingerprint: bool,
}

impl Asked {
    pub(crate) fn new(operation: Operation, message: &Message<'_>) -> Self {
        Self {
            operation,
            transaction: message.transaction_id().into(),
            fingerprint: message.has_attribute(Fingerprint::TYPE),
        }
    }

    pub(crate) fn success(self) -> Reply {
        self.reply(MessageClass::Success)
    }

    /// Without a reason phrase: it is for people, none will see it, and it would make the reply longer than what was
    /// sent for it.
    pub(crate) fn error(self, refusal: &Refusal, nonce: impl FnOnce() -> String) -> Option<Reply> {
        let reply = self.reply(MessageClass::Error).with(&ErrorCode::new(refusal.code(), "").ok()?)?;
        match refusal {
            Refusal::Code(_) => Some(reply),
            Refusal::Challenge(_) => reply.with(&Realm::new(REALM).ok()?)?.with(&Nonce::new(&nonce()).ok()?),
            Refusal::Unknown(kinds) => {
                let listed = kinds.get(..kinds.len().min(UNKNOWN_ATTRIBUTES_LISTED))?;
                reply.with(&UnknownAttributes::new(listed))
            }
        }
    }

    fn reply(self, class: MessageClass) -> Reply {
        let kind = MessageType::from_class_method(class, self.operation.method());
        let writer = MessageWriteVec::with_capacity(128);
        let writer = Message::builder(kind, self.transaction.into(), writer);
        Reply { writer, fingerprint: self.fingerprint }
    }
}

/// A reply that is being written.
pub(crate) struct Reply {
    writer: MessageWriteVec,
    fingerprint: bool,
}

impl Reply {
    /// `None` is never the case: an attribute that does not fit, or that comes after the end.
    pub(crate) fn with(mut self, attribute: &dyn AttributeWrite) -> Option<Self> {
        self.writer.add_attribute(attribute).ok()?;
        Some(self)
    }

    /// Signed for a client whose key is known.
    pub(crate) fn finish(mut self, key: Option<&IntegrityKey>) -> Option<Bytes> {
        if let Some(key) = key {
            self.writer.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1).ok()?;
        }
        if self.fingerprint {
            self.writer.add_fingerprint().ok()?;
        }
        Some(self.writer.finish().into())
    }
}
