//! Requests: who sent them, and Refresh, CreatePermission and ChannelBind (RFC 8656, 8 to 10 and 12). Allocate has a
//! file of its own.

use crate::address;
use crate::allocation::{Allocation, BindError, Relayed, lifetime};
use crate::authentication::{Caller, authenticate};
use crate::io::{Client, Family, Outbox, Output};
use crate::message::{Asked, Operation, Refusal, Reply, optional, peers, unknown_attributes};
use crate::relay::Relay;
use crate::settings::Mode;
use crate::timers::Due;
use core::net::IpAddr;
use eyeline_protocol::Milliseconds;
use stun_types::attribute::{AttributeStaticType, ErrorCode, Username};
use stun_types::message::{IntegrityKey, Message, StunParseError};
use turn_types::attribute::{ChannelNumber, Lifetime, RequestedAddressFamily};

/// Channel numbers. RFC 8656, 12 gives 0x4000 to 0x4FFF to clients; those of RFC 5766, which Debian's
/// `turnutils_uclient` is one of, go up to 0x7FFF.
const CHANNELS: core::ops::RangeInclusive<u16> = 0x4000..=0x7fff;

pub(crate) const BAD_REQUEST: Refusal = Refusal::Code(ErrorCode::BAD_REQUEST);
pub(crate) const NO_CAPACITY: Refusal = Refusal::Code(ErrorCode::INSUFFICIENT_CAPACITY);

/// `None`: the reply comes later, or it is a retransmission of what is still being worked on.
pub(crate) type Answer = Result<Option<Reply>, Refusal>;

impl Relay {
    pub(crate) fn request(
        &mut self,
        now: Milliseconds,
        client: Client,
        operation: Operation,
        message: &Message<'_>,
        outbox: &mut Outbox,
    ) {
        if !self.admit(now, &client) {
            self.counters.limited += 1;
            return;
        }
        let asked = Asked::new(operation, message);
        match self.authenticate(now, &client, message) {
            Ok(caller) => {
                let answer = self.answer(now, client, asked, message, &caller, outbox);
                self.reply(now, client, asked, answer, Some(&caller.key), outbox);
            }
            Err(refusal) => self.reply(now, client, asked, Err(refusal), None, outbox),
        }
    }

    /// One account for each live allocation, so that no flood from spoofed addresses takes from it; one for each
    /// source before that.
    fn admit(&mut self, now: Milliseconds, client: &Client) -> bool {
        match self.allocations.get_mut(client) {
            Some(live) => live.requests.take(&self.settings.limits.allocation_requests, now, 1).is_ok(),
            None => self.stun.sources().admit(now, client.address.ip()),
        }
    }

    /// Refresh, CreatePermission and ChannelBind of a live allocation ignore the expiry of its credential: a call
    /// must not end because it is long. The end of its room removes the allocation itself.
    fn authenticate(
        &mut self,
        now: Milliseconds,
        client: &Client,
        message: &Message<'_>,
    ) -> Result<Caller, Refusal> {
        let key = &self.settings.credential_key;
        let caller = authenticate(message, client, key, &self.nonces, now).and_then(|caller| {
            let live = self.allocations.get(client);
            let is_live = live.is_some_and(|allocation| allocation.username == caller.username);
            if is_live || self.is_current(now, caller.username.expiry, caller.username.room) {
                Ok(caller)
            } else {
                Err(Refusal::Challenge(ErrorCode::UNAUTHORIZED))
            }
        });
        let is_first = !message.has_attribute(Username::TYPE);
        if !is_first && caller.as_ref().is_err_and(|refusal| refusal.code() == ErrorCode::UNAUTHORIZED) {
            self.counters.authentication_failures += 1;
        }
        caller
    }

    fn answer(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        message: &Message<'_>,
        caller: &Caller,
        outbox: &mut Outbox,
    ) -> Answer {
        let unknown = unknown_attributes(message);
        if !unknown.is_empty() {
            return Err(Refusal::Unknown(unknown));
        }
        match asked.operation {
            Operation::Allocate => self.allocate(now, client, asked, message, caller, outbox),
            Operation::Refresh => self.refresh(now, client, asked, message, caller, outbox),
            Operation::CreatePermission => self.create_permission(now, client, asked, message, caller),
            Operation::ChannelBind => self.channel_bind(now, client, asked, message, caller),
        }
    }

    pub(crate) fn reply(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        answer: Answer,
        key: Option<&IntegrityKey>,
        outbox: &mut Outbox,
    ) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(refusal) => {
                *self.counters.refused.entry(refusal.code()).or_default() += 1;
                asked.error(&refusal, || self.nonces.make(now, &client))
            }
        };
        if let Some(bytes) = reply.and_then(|reply| reply.finish(key)) {
            outbox.push(Output::Send { client, bytes });
        }
    }

    /// A time within the limits; what a client asks for below the default is not worth its requests.
    pub(crate) fn lifetime(&self, message: &Message<'_>) -> Result<Milliseconds, Refusal> {
        let limits = &self.settings.limits;
        let asked = optional::<Lifetime>(message)?.map(|lifetime| lifetime.seconds());
        let asked = Milliseconds::seconds(asked.unwrap_or_default().into());
        Ok(asked.max(limits.default_lifetime).min(limits.longest_lifetime))
    }

    fn refresh(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        message: &Message<'_>,
        caller: &Caller,
        outbox: &mut Outbox,
    ) -> Answer {
        let family = requested_family(message)?;
        let granted = self.lifetime(message)?;
        let ends = optional::<Lifetime>(message)?.is_some_and(|lifetime| lifetime.seconds() == 0);
        let allocation = self.own_allocation(&client, caller)?;
        if family.is_some_and(|family| allocation.relayed(family).is_none()) {
            return Err(Refusal::Code(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH));
        }
        if ends {
            self.end(now, &client, family, outbox);
            return Ok(asked.success().with(&lifetime(Milliseconds(0))));
        }
        allocation.expires = now + granted;
        self.timers.set(Due::Allocation(client), now + granted);
        Ok(asked.success().with(&lifetime(granted)))
    }

    /// Ends one relayed address of two, or all (RFC 8656, 8.2).
    fn end(&mut self, now: Milliseconds, client: &Client, family: Option<Family>, outbox: &mut Outbox) {
        let Some(allocation) = self.allocations.get_mut(client) else { return };
        let ends = |relayed: &Relayed| family.is_none_or(|family| relayed.family() == family);
        if allocation.relayed.iter().all(ends) {
            return self.remove_allocation(now, client, outbox);
        }
        let ended: Vec<Relayed> = allocation.relayed.extract_if(.., |relayed| ends(relayed)).collect();
        for relayed in ended {
            self.ports.release(relayed.family(), relayed.address.port());
            self.close_socket(relayed.socket, outbox);
        }
    }

    fn create_permission(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        message: &Message<'_>,
        caller: &Caller,
    ) -> Answer {
        self.own_allocation(&client, caller)?;
        let peers = peers(message)?;
        if peers.is_empty() {
            return Err(BAD_REQUEST);
        }
        let peers =
            peers.iter().map(|peer| self.permitted(&client, peer.ip())).collect::<Result<Vec<_>, _>>()?;
        let most = self.settings.limits.permissions;
        let allocation = self.own_allocation(&client, caller)?;
        allocation.permissions.install(&peers, now, most).map_err(|_| NO_CAPACITY)?;
        Ok(Some(asked.success()))
    }

    fn channel_bind(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        message: &Message<'_>,
        caller: &Caller,
    ) -> Answer {
        self.own_allocation(&client, caller)?;
        let number = optional::<ChannelNumber>(message)?.ok_or(BAD_REQUEST)?.channel();
        let [peer] = peers(message)?[..] else { return Err(BAD_REQUEST) };
        if !CHANNELS.contains(&number) {
            return Err(BAD_REQUEST);
        }
        let address = self.permitted(&client, peer.ip())?;
        let (channels, permissions) = (self.settings.limits.channels, self.settings.limits.permissions);
        let allocation = self.own_allocation(&client, caller)?;
        // First the permission: a channel without one would be of no use, one without a channel does no harm.
        allocation.permissions.install(&[address], now, permissions).map_err(|_| NO_CAPACITY)?;
        allocation.channels.bind(number, peer, now, channels).map_err(|error| match error {
            BindError::Conflict => BAD_REQUEST,
            BindError::Full => NO_CAPACITY,
        })?;
        Ok(Some(asked.success()))
    }

    fn own_allocation(&mut self, client: &Client, caller: &Caller) -> Result<&mut Allocation, Refusal> {
        let live = self.allocations.get_mut(client).filter(|allocation| allocation.is_ready());
        let allocation = live.ok_or(Refusal::Code(ErrorCode::ALLOCATION_MISMATCH))?;
        if allocation.username != caller.username {
            return Err(Refusal::Code(ErrorCode::WRONG_CREDENTIALS));
        }
        Ok(allocation)
    }

    /// Whether a client may have a permission for a peer, and the one spelling of the peer's address.
    ///
    /// The relay's own address is always permitted: whether there is an allocation of the same room behind it is
    /// decided for each packet. Firefox remembers a 403 for an address, and its client ends with any other error, so
    /// a closed relay answers with these two only.
    fn permitted(&mut self, client: &Client, peer: IpAddr) -> Result<IpAddr, Refusal> {
        let peer = address::canonical(peer);
        let forbidden = Refusal::Code(ErrorCode::FORBIDDEN);
        let allowed = match &self.settings.mode {
            _ if self.is_own(peer) => true,
            Mode::Open { allowed, .. } => address::judge(peer, allowed).is_ok(),
            Mode::Off | Mode::Closed { .. } => false,
        };
        if !allowed {
            self.counters.denied_peers += 1;
            return Err(forbidden);
        }
        let allocation = self.allocations.get(client);
        if allocation.is_some_and(|allocation| allocation.relayed(Family::from(peer)).is_none()) {
            return Err(Refusal::Code(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH));
        }
        Ok(peer)
    }
}

pub(crate) fn requested_family(message: &Message<'_>) -> Result<Option<Family>, Refusal> {
    match message.attribute::<RequestedAddressFamily>() {
        Ok(requested) => Ok(Some(requested.family().into())),
        Err(StunParseError::MissingAttribute(_)) => Ok(None),
        Err(StunParseError::InvalidAttributeData) => {
            Err(Refusal::Code(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED))
        }
        Err(_) => Err(BAD_REQUEST),
    }
}
