//! A STUN Binding server (RFC 8489, 12): one packet in, at most one out.
//!
//! A reply says nothing that was not asked for: the mapped address, and a fingerprint for those who sent one. No
//! SOFTWARE, no reason phrase, so that the server is useless for reflection: 32 bytes for the 20 of the shortest
//! request over IPv4, 44 over IPv6. Requests with credentials get the same answer as those without: there is
//! nothing to protect.

use crate::source::{SourceLimits, Sources};
use core::net::SocketAddr;
use eyeline_protocol::Milliseconds;
use stun_types::attribute::{
    Attribute, AttributeStaticType, AttributeType, ErrorCode, Fingerprint, MessageIntegrity,
    MessageIntegritySha256, Nonce, PasswordAlgorithm, Realm, UnknownAttributes, Userhash, Username,
    XorMappedAddress,
};
use stun_types::message::{
    BINDING, Message, MessageClass, MessageHeader, MessageWrite, MessageWriteExt, MessageWriteVec,
};

/// Longer packets are nobody's Binding request: browsers send 20 to 108 bytes. Bounds the work for each.
pub const LONGEST_REQUEST_BYTES: usize = 576;

/// Unknown attributes that are listed in an error reply. A client corrects itself by the first ones.
const UNKNOWN_ATTRIBUTES_LISTED: usize = 4;

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Binding requests that were answered with a mapped address.
    pub answered: u64,
    /// Binding requests with attributes that must be understood and are not: answered with error 420.
    pub refused: u64,
    /// Binding requests over a limit: not answered.
    pub limited: u64,
    /// Datagrams that are no Binding request: not answered.
    pub ignored: u64,
}

/// The server's state: rates and counters. Requests leave nothing else behind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stun {
    sources: Sources,
    counters: Counters,
}

/// What a datagram asks for.
enum Request<'a> {
    Binding(Message<'a>),
    /// A Binding request with attributes that are not understood.
    Unknown(Message<'a>, Vec<AttributeType>),
}

impl Stun {
    /// A fresh server. `secret` is a random number from the shell.
    pub fn new(limits: SourceLimits, secret: u64, now: Milliseconds) -> Self {
        Self { sources: Sources::new(limits, secret, now), counters: Counters::default() }
    }

    /// Takes one datagram from `source` and returns the reply for it, if it deserves one.
    ///
    /// `source` may be an IPv4 address inside IPv6, as a dual-stack socket reports it: it is answered as IPv4,
    /// which is what the client must see.
    pub fn handle(&mut self, now: Milliseconds, source: SocketAddr, datagram: &[u8]) -> Option<Vec<u8>> {
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let Some(request) = parse(datagram) else {
            self.counters.ignored += 1;
            return None;
        };
        if !self.sources.admit(now, source.ip()) {
            self.counters.limited += 1;
            return None;
        }
        let (counter, reply) = match request {
            Request::Binding(request) => (&mut self.counters.answered, mapped_address(&request, source)),
            Request::Unknown(request, unknown) => {
                (&mut self.counters.refused, unknown_attributes(&request, &unknown))
            }
        };
        *counter += 1;
        reply
    }

    /// What has happened since the start.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Who asks how often: one account for Binding and for TURN.
    pub(crate) fn sources(&mut self) -> &mut Sources {
        &mut self.sources
    }

    pub(crate) fn check_invariants(&self) -> Result<(), &'static str> {
        self.sources.check_invariants()
    }
}

/// `None` for everything that must be ignored in silence: other protocols, other methods, indications, replies, and
/// whatever is cut or damaged (RFC 8489, 6.3: silently discarded).
fn parse(datagram: &[u8]) -> Option<Request<'_>> {
    if datagram.len() > LONGEST_REQUEST_BYTES {
        return None;
    }
    // The parser lets bytes stand behind the message; in a datagram there are none (RFC 8489, 5).
    let header = MessageHeader::from_bytes(datagram).ok()?;
    let message_type = header.get_type();
    let whole = MessageHeader::LENGTH + usize::from(header.data_length()) == datagram.len();
    if !whole || !message_type.has_class(MessageClass::Request) || !message_type.has_method(BINDING) {
        return None;
    }
    let message = Message::from_bytes(datagram).ok()?;
    let unknown: Vec<_> = message
        .iter_attributes()
        .map(|(_, attribute)| attribute.get_type())
        .filter(|kind| kind.comprehension_required() && !UNDERSTOOD.contains(kind))
        .collect();
    Some(if unknown.is_empty() { Request::Binding(message) } else { Request::Unknown(message, unknown) })
}

/// Attributes below 0x8000 that a request may carry without an error: those of authentication, which this server
/// does not ask for.
const UNDERSTOOD: [AttributeType; 7] = [
    Username::TYPE,
    Userhash::TYPE,
    MessageIntegrity::TYPE,
    MessageIntegritySha256::TYPE,
    Realm::TYPE,
    Nonce::TYPE,
    PasswordAlgorithm::TYPE,
];

fn mapped_address(request: &Message<'_>, source: SocketAddr) -> Option<Vec<u8>> {
    let mut reply = Message::builder_success(request, MessageWriteVec::with_capacity(52));
    reply.add_attribute(&XorMappedAddress::new(source, request.transaction_id())).ok()?;
    finish(request, reply)
}

fn unknown_attributes(request: &Message<'_>, unknown: &[AttributeType]) -> Option<Vec<u8>> {
    let mut reply = Message::builder_error(request, MessageWriteVec::with_capacity(52));
    let listed = unknown.get(..unknown.len().min(UNKNOWN_ATTRIBUTES_LISTED))?;
    reply.add_attribute(&ErrorCode::new(ErrorCode::UNKNOWN_ATTRIBUTE, "").ok()?).ok()?;
    reply.add_attribute(&UnknownAttributes::new(listed)).ok()?;
    finish(request, reply)
}

/// A fingerprint only for who sent one (RFC 8489, 7: it tells STUN from other protocols on one port).
fn finish(request: &Message<'_>, mut reply: MessageWriteVec) -> Option<Vec<u8>> {
    if request.has_attribute(Fingerprint::TYPE) {
        reply.add_fingerprint().ok()?;
    }
    Some(reply.finish())
}
