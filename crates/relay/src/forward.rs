//! Packets that are passed on: Send and Data indications, `ChannelData` (RFC 8656, 11 and 12).
//!
//! The way of every packet: from which allocation, to which peer, may it, then out in the form that the receiver
//! has chosen. Firefox binds no channels, Chromium binds one for each peer; all four combinations occur. Where the
//! outgoing form fits into the incoming packet, it is rewritten in place.

use crate::allocation::Allocation;
use crate::counters::DropReason;
use crate::io::{Client, Family, Outbox, Output, PeerSocket};
use crate::message::{canonical, unknown_attributes};
use crate::port::Holder;
use crate::relay::Relay;
use crate::settings::Mode;
use bytes::{Buf, Bytes, BytesMut};
use core::net::SocketAddr;
use eyeline_protocol::Milliseconds;
use stun_types::attribute::{AttributeExt, AttributeStaticType, AttributeWriteExt};
use stun_types::message::{
    Message, MessageClass, MessageHeader, MessageType, MessageWrite, MessageWriteExt, MessageWriteVec,
};
use turn_types::attribute::{Data, XorPeerAddress};
use turn_types::message::DATA;

const CHANNEL_HEADER_BYTES: usize = 4;

/// What a Data indication adds at most: header, an IPv6 peer address, the head of the data, padding. `ChannelData`
/// adds less.
const LONGEST_ENVELOPE_BYTES: usize = MessageHeader::LENGTH + 24 + 4 + 3;

/// The longest payload of a UDP datagram over IPv4: 65,535 less the heads of IP and UDP. What would not fit could not
/// be sent anyway.
const LONGEST_DATAGRAM_BYTES: usize = 65_507;

/// A Send indication as it was read; the packet itself is kept apart.
#[derive(Clone, Copy)]
pub(crate) struct Send {
    peer: SocketAddr,
    start: usize,
    length: usize,
    /// Where the attribute with the peer's address begins, if there is nothing but it and the data: then the packet
    /// can become a Data indication in place.
    rewritable: Option<usize>,
    transaction: u128,
}

/// A payload inside the packet it came in.
struct Payload {
    bytes: BytesMut,
    start: usize,
    length: usize,
    /// See [`Send::rewritable`]; with the transaction id.
    rewritable: Option<(usize, u128)>,
}

impl Relay {
    pub(crate) fn read_send(&self, message: &Message<'_>) -> Option<Send> {
        if !unknown_attributes(message).is_empty() {
            return None;
        }
        let (peer_at, peer) = message.raw_attribute_and_offset(XorPeerAddress::TYPE)?;
        let (data_at, data) = message.raw_attribute_and_offset(Data::TYPE)?;
        let peer = XorPeerAddress::try_from(&peer).ok()?.addr(message.transaction_id());
        let rewritable = (message.iter_attributes().count() == 2).then_some(peer_at);
        Some(Send {
            peer: canonical(peer),
            start: data_at + 4,
            length: data.value.len(),
            rewritable,
            transaction: message.transaction_id().into(),
        })
    }

    pub(crate) fn send(
        &mut self,
        now: Milliseconds,
        client: Client,
        send: Send,
        bytes: BytesMut,
        outbox: &mut Outbox,
    ) {
        let Send { peer, start, length, rewritable, transaction } = send;
        let rewritable = rewritable.map(|at| (at, transaction));
        let payload = Payload { bytes, start, length, rewritable };
        let outcome = self.pass_on(now, client, Ok(peer), payload, outbox);
        self.count(length, outcome);
    }

    pub(crate) fn channel_data(
        &mut self,
        now: Milliseconds,
        client: Client,
        bytes: BytesMut,
        outbox: &mut Outbox,
    ) {
        let Some(&[high, low, length_high, length_low]) = bytes.first_chunk() else {
            return self.dropped(DropReason::Malformed);
        };
        let number = u16::from_be_bytes([high, low]);
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        // What stands behind the data is padding (RFC 8656, 12.5).
        if CHANNEL_HEADER_BYTES + length > bytes.len() {
            return self.dropped(DropReason::Malformed);
        }
        let payload = Payload { bytes, start: CHANNEL_HEADER_BYTES, length, rewritable: None };
        let outcome = self.pass_on(now, client, Err(number), payload, outbox);
        self.count(length, outcome);
    }

    /// `to` is a peer, or the number of a channel.
    fn pass_on(
        &mut self,
        now: Milliseconds,
        client: Client,
        to: Result<SocketAddr, u16>,
        payload: Payload,
        outbox: &mut Outbox,
    ) -> Result<(), DropReason> {
        let live = self.allocations.get(&client).filter(|allocation| allocation.is_ready());
        let sender = live.ok_or(DropReason::NoAllocation)?;
        let peer = match to {
            Ok(peer) => peer,
            Err(number) => sender.channels.peer(number, now).ok_or(DropReason::NoChannel)?,
        };
        if !sender.permissions.contains(&peer.ip(), now) {
            return Err(DropReason::NoPermission);
        }
        let from = *sender.relayed(Family::from(peer.ip())).ok_or(DropReason::OtherFamily)?;
        let room = sender.owner.room;
        let rate = &self.settings.limits.room_bytes;
        let Some(socket) = from.socket.filter(|_| !self.is_own(peer.ip())) else {
            let (client, receiver) = self.neighbour(sender, peer)?;
            if !receiver.permissions.contains(&from.address.ip(), now) {
                return Err(DropReason::NotPermittedByReceiver);
            }
            let number = receiver.channels.number(&from.address, now);
            if !self.rooms.pay(room, rate, now, payload.length) {
                return Err(DropReason::OverRate);
            }
            return self.deliver(client, number, from.address, payload, outbox);
        };
        if peer.port() == 0 {
            return Err(DropReason::NoSuchPeer);
        }
        if !self.rooms.pay(room, rate, now, payload.length) {
            return Err(DropReason::OverRate);
        }
        outbox.push(Output::SendPeer { socket, peer, bytes: payload.into_plain() });
        Ok(())
    }

    /// The allocation behind one of the relay's own addresses. In a closed relay, those of the sender's room only.
    fn neighbour(&self, sender: &Allocation, peer: SocketAddr) -> Result<(Client, &Allocation), DropReason> {
        let Some(Holder::Allocation(client)) = self.ports.holder(Family::from(peer.ip()), peer.port()) else {
            return Err(DropReason::NoSuchPeer);
        };
        let live = self.allocations.get(&client).filter(|allocation| allocation.is_ready());
        let receiver = live.ok_or(DropReason::NoSuchPeer)?;
        let is_closed = matches!(self.settings.mode, Mode::Closed { .. });
        if is_closed && receiver.owner.room != sender.owner.room {
            return Err(DropReason::OtherRoom);
        }
        Ok((client, receiver))
    }

    pub(crate) fn peer_data(
        &mut self,
        now: Milliseconds,
        socket: PeerSocket,
        peer: SocketAddr,
        bytes: BytesMut,
        outbox: &mut Outbox,
    ) {
        let length = bytes.len();
        let payload = Payload { bytes, start: 0, length, rewritable: None };
        let outcome = self.pass_back(now, socket, canonical(peer), payload, outbox);
        self.count(length, outcome);
    }

    fn pass_back(
        &mut self,
        now: Milliseconds,
        socket: PeerSocket,
        peer: SocketAddr,
        payload: Payload,
        outbox: &mut Outbox,
    ) -> Result<(), DropReason> {
        let (client, _) = self.sockets.get(&socket).copied().ok_or(DropReason::NoAllocation)?;
        let live = self.allocations.get(&client).filter(|allocation| allocation.is_ready());
        let receiver = live.ok_or(DropReason::NoAllocation)?;
        if !receiver.permissions.contains(&peer.ip(), now) {
            return Err(DropReason::NotPermittedByReceiver);
        }
        let number = receiver.channels.number(&peer, now);
        if !self.rooms.pay(receiver.owner.room, &self.settings.limits.room_bytes, now, payload.length) {
            return Err(DropReason::OverRate);
        }
        self.deliver(client, number, peer, payload, outbox)
    }

    /// As `ChannelData` if the client has a channel for the sender, else as a Data indication.
    fn deliver(
        &mut self,
        client: Client,
        number: Option<u16>,
        from: SocketAddr,
        payload: Payload,
        outbox: &mut Outbox,
    ) -> Result<(), DropReason> {
        if payload.length + LONGEST_ENVELOPE_BYTES > LONGEST_DATAGRAM_BYTES {
            return Err(DropReason::TooLong);
        }
        let bytes = match number {
            Some(number) => payload.into_channel_data(number, client.transport.is_stream()),
            None => {
                self.indications += 1;
                payload.into_data_indication(from, self.indications.into()).ok_or(DropReason::TooLong)?
            }
        };
        outbox.push(Output::Send { client, bytes });
        Ok(())
    }

    fn count(&mut self, length: usize, outcome: Result<(), DropReason>) {
        match outcome {
            Ok(()) => {
                self.counters.relayed_packets += 1;
                self.counters.relayed_bytes += u64::try_from(length).unwrap_or(u64::MAX);
            }
            Err(reason) => self.dropped(reason),
        }
    }

    pub(crate) fn dropped(&mut self, reason: DropReason) {
        *self.counters.dropped.entry(reason).or_default() += 1;
    }
}

impl Payload {
    fn data(&self) -> &[u8] {
        self.bytes.get(self.start..self.start + self.length).unwrap_or_default()
    }

    /// The payload alone.
    fn into_plain(mut self) -> Bytes {
        self.bytes.advance(self.start);
        self.bytes.truncate(self.length);
        self.bytes.freeze()
    }

    /// Whatever the payload came in, four bytes stand before it: the head of `ChannelData` or of the DATA attribute.
    /// Only what came from a peer is copied.
    fn into_channel_data(mut self, number: u16, padded: bool) -> Bytes {
        let [high, low] = number.to_be_bytes();
        // Not above 65,507, see `deliver`.
        let [length_high, length_low] = u16::try_from(self.length).unwrap_or(u16::MAX).to_be_bytes();
        let header = [high, low, length_high, length_low];
        let mut bytes = match self.start.checked_sub(CHANNEL_HEADER_BYTES) {
            Some(skipped) => {
                self.bytes.advance(skipped);
                self.bytes.truncate(CHANNEL_HEADER_BYTES + self.length);
                self.bytes
            }
            None => {
                let mut bytes = BytesMut::with_capacity(CHANNEL_HEADER_BYTES + self.length + 3);
                bytes.extend_from_slice(&header);
                bytes.extend_from_slice(self.data());
                bytes
            }
        };
        if let Some(start) = bytes.first_chunk_mut() {
            *start = header;
        }
        if padded {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        bytes.freeze()
    }

    fn into_data_indication(mut self, from: SocketAddr, transaction: u128) -> Option<Bytes> {
        if let Some(bytes) = self.rewrite(from) {
            return Some(bytes);
        }
        let kind = MessageType::from_class_method(MessageClass::Indication, DATA);
        let writer = MessageWriteVec::with_capacity(self.length + LONGEST_ENVELOPE_BYTES);
        let mut writer = Message::builder(kind, transaction.into(), writer);
        writer.add_attribute(&XorPeerAddress::new(from, transaction.into())).ok()?;
        writer.add_attribute(&Data::new(self.data())).ok()?;
        Some(writer.finish().into())
    }

    /// A Send indication becomes a Data indication by its type and the peer's address. The padding stays the
    /// sender's: it is in the sender's packet, not in our memory.
    fn rewrite(&mut self, from: SocketAddr) -> Option<Bytes> {
        let (at, transaction) = self.rewritable?;
        let attribute = XorPeerAddress::new(from, transaction.into());
        let place = self.bytes.get_mut(at..)?;
        let [_, _, high, low] = *place.first_chunk::<4>()?;
        if usize::from(u16::from_be_bytes([high, low])) + 4 != attribute.padded_len() {
            // The other address family.
            return None;
        }
        attribute.write_into(place).ok()?;
        MessageType::from_class_method(MessageClass::Indication, DATA).write_into(self.bytes.get_mut(..2)?);
        Some(core::mem::take(&mut self.bytes).freeze())
    }
}
