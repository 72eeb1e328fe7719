//! Requests: Allocate, Refresh, CreatePermission, ChannelBind (RFC 8656, 7 to 10 and 12).

use crate::address;
use crate::allocation::{Allocation, BindError, Channels, Permissions, Relayed, lifetime};
use crate::authentication::{Caller, authenticate, integrity_key};
use crate::io::{Client, Family, Outbox, Output, PeerSocket};
use crate::message::{Asked, Operation, Refusal, Reply, family_of, optional, peers, unknown_attributes};
use crate::port::{Holder, PortWish};
use crate::quota::{Exhausted, Owner};
use crate::relay::{Relay, Reservation, secret_number};
use crate::settings::Mode;
use crate::source::SourceGroup;
use crate::timers::Due;
use core::net::{IpAddr, SocketAddr};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Bucket;
use stun_types::attribute::{AttributeStaticType, ErrorCode, Username};
use stun_types::message::{IntegrityKey, Message, StunParseError};
use turn_types::attribute::{
    AdditionalAddressFamily, ChannelNumber, EvenPort, Lifetime, RequestedAddressFamily, RequestedTransport,
    ReservationToken,
};

/// RFC 8656, 7.2: a reserved port is kept for at least 30 s.
const RESERVATION_LIFETIME: Milliseconds = Milliseconds::seconds(30);

/// Channel numbers. RFC 8656, 12 gives 0x4000 to 0x4FFF to clients; those of RFC 5766, which Debian's
/// `turnutils_uclient` is one of, go up to 0x7FFF.
const CHANNELS: core::ops::RangeInclusive<u16> = 0x4000..=0x7fff;

/// Ports that are tried before an open relay gives up: another program may have one of the range.
const PORT_ATTEMPTS: u8 = 5;

const BAD_REQUEST: Refusal = Refusal::Code(ErrorCode::BAD_REQUEST);
const NO_CAPACITY: Refusal = Refusal::Code(ErrorCode::INSUFFICIENT_CAPACITY);

/// `None`: the reply comes later, or it is a retransmission of what is still being worked on.
type Answer = Result<Option<Reply>, Refusal>;

/// A family that was asked for in addition, and why it is not there.
type Missing = (Family, u16);

/// What an Allocate asks for.
struct Wishes {
    /// Those that the relay has, in order of preference. Not empty.
    families: Vec<Family>,
    missing: Option<Missing>,
    port: PortWish,
    reservation: Option<(u64, Reservation)>,
    lifetime: Milliseconds,
}

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

    /// What became of a socket that an allocation waits for.
    pub(crate) fn socket_opened(
        &mut self,
        now: Milliseconds,
        socket: PeerSocket,
        opened: bool,
        outbox: &mut Outbox,
    ) {
        let Some((client, family)) = self.sockets.get(&socket).copied() else { return };
        let settled = if opened { self.opened(&client, socket) } else { self.moved(client, family, outbox) };
        let Some(allocation) = self.allocations.get(&client) else { return };
        let asked = allocation.asked;
        let key = integrity_key(&self.settings.credential_key, &allocation.username.to_string());
        let answer = match settled {
            Ok(()) if !allocation.is_ready() => return,
            Ok(()) => {
                self.counters.allocations_created += 1;
                Ok(allocation.success(&client, now))
            }
            Err(refusal) => {
                self.remove_allocation(now, &client, outbox);
                Err(refusal)
            }
        };
        self.reply(now, client, asked, answer, Some(&key), outbox);
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

    fn reply(
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

    fn allocate(
        &mut self,
        now: Milliseconds,
        client: Client,
        asked: Asked,
        message: &Message<'_>,
        caller: &Caller,
        outbox: &mut Outbox,
    ) -> Answer {
        if let Some(live) = self.allocations.get(&client) {
            if live.asked.transaction != asked.transaction || live.username != caller.username {
                return Err(Refusal::Code(ErrorCode::ALLOCATION_MISMATCH));
            }
            return Ok(if live.is_ready() { live.success(&client, now) } else { None });
        }
        let owner = Owner {
            room: caller.username.room,
            peer: caller.username.peer,
            source: SourceGroup::from(client.address.ip()),
        };
        let mut wishes = self.wishes(message, &owner)?;
        if wishes.reservation.is_none() {
            let count = if wishes.port == PortWish::EvenOfPair { 2 } else { 1 };
            self.quotas.check(&owner, count, &self.settings.limits).map_err(|exhausted| match exhausted {
                Exhausted::Owner => Refusal::Code(ErrorCode::ALLOCATION_QUOTA_REACHED),
                Exhausted::Relay => NO_CAPACITY,
            })?;
        }
        let ports = self.find_ports(&mut wishes)?;
        let mut allocation = Allocation {
            owner,
            username: caller.username,
            asked,
            relayed: Vec::new(),
            missing: wishes.missing,
            token: None,
            may_move: wishes.reservation.is_none() && wishes.port != PortWish::EvenOfPair,
            expires: now + wishes.lifetime,
            requests: Bucket::new(&self.settings.limits.allocation_requests, now),
            permissions: Permissions::default(),
            channels: Channels::default(),
        };
        if let Some((token, _)) = wishes.reservation {
            self.take_reservation(token);
        }
        for address in ports {
            allocation.relayed.push(self.take_port(client, address, 0, outbox));
            if wishes.port == PortWish::EvenOfPair {
                allocation.token = Some(self.reserve(now, owner, address));
            }
        }
        self.quotas.enter(&owner);
        self.rooms.enter(owner.room, client, &self.settings.limits.room_bytes, now);
        self.timers.clear(Due::Stream(client));
        self.timers.set(Due::Allocation(client), allocation.expires);
        let reply = if allocation.is_ready() { allocation.success(&client, now) } else { None };
        self.counters.allocations_created += u64::from(reply.is_some());
        self.allocations.insert(client, allocation);
        Ok(reply)
    }

    /// Reads what an Allocate asks for, in the order of RFC 8656, 7.2.
    fn wishes(&self, message: &Message<'_>, owner: &Owner) -> Result<Wishes, Refusal> {
        let transport = optional::<RequestedTransport>(message)?.ok_or(BAD_REQUEST)?;
        if transport.protocol() != RequestedTransport::UDP {
            return Err(Refusal::Code(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL));
        }
        let token = optional::<ReservationToken>(message)?.map(|token| token.token());
        let even = optional::<EvenPort>(message)?;
        let requested = requested_family(message)?;
        let additional = optional::<AdditionalAddressFamily>(message)?.map(|additional| additional.family());
        let lifetime = self.lifetime(message)?;
        let port = match &even {
            None => PortWish::Any,
            Some(even) if even.requested() => PortWish::EvenOfPair,
            Some(_) => PortWish::Even,
        };
        if let Some(token) = token {
            if even.is_some() || requested.is_some() || additional.is_some() {
                return Err(BAD_REQUEST);
            }
            let kept = self.reservations.get(&token).copied();
            let own = kept.filter(|kept| (kept.owner.room, kept.owner.peer) == (owner.room, owner.peer));
            let kept = own.ok_or(NO_CAPACITY)?;
            let reservation = Some((token, kept));
            return Ok(Wishes { families: vec![kept.family], missing: None, port, reservation, lifetime });
        }
        if additional.is_some() && (requested.is_some() || port == PortWish::EvenOfPair) {
            return Err(BAD_REQUEST);
        }
        let (families, missing) = self.families(requested, additional.is_some())?;
        Ok(Wishes { families, missing, port, reservation: None, lifetime })
    }

    /// Which relayed addresses there will be, and which not although it was asked for.
    fn families(
        &self,
        requested: Option<Family>,
        both: bool,
    ) -> Result<(Vec<Family>, Option<Missing>), Refusal> {
        let unsupported = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
        let has = |family: &Family| self.own_address(*family).is_some();
        let wanted = match (requested, both, &self.settings.mode) {
            (Some(family), ..) => vec![family],
            (None, true, _) => vec![Family::V4, Family::V6],
            // Clients of a closed relay do not care what its one address looks like.
            (None, false, Mode::Closed { address }) => vec![family_of(*address)],
            (None, false, _) => vec![Family::V4],
        };
        let (families, missing): (Vec<_>, Vec<_>) = wanted.into_iter().partition(has);
        if families.is_empty() {
            return Err(Refusal::Code(unsupported));
        }
        Ok((families, missing.first().map(|family| (*family, unsupported))))
    }

    /// A time within the limits; what a client asks for below the default is not worth its requests.
    fn lifetime(&self, message: &Message<'_>) -> Result<Milliseconds, Refusal> {
        let limits = &self.settings.limits;
        let asked = optional::<Lifetime>(message)?.map(|lifetime| lifetime.seconds());
        let asked = Milliseconds::seconds(asked.unwrap_or_default().into());
        Ok(asked.max(limits.default_lifetime).min(limits.longest_lifetime))
    }

    /// Free ports for an allocation. Nothing is taken yet.
    fn find_ports(&mut self, wishes: &mut Wishes) -> Result<Vec<SocketAddr>, Refusal> {
        let mut found = Vec::new();
        for family in &wishes.families {
            let port = match wishes.reservation {
                Some((_, kept)) => Some(kept.port),
                None => self.ports.find(*family, wishes.port),
            };
            match self.own_address(*family).zip(port) {
                Some((address, port)) => found.push(SocketAddr::new(address, port)),
                None => wishes.missing = Some((*family, ErrorCode::INSUFFICIENT_CAPACITY)),
            }
        }
        if found.is_empty() { Err(NO_CAPACITY) } else { Ok(found) }
    }

    fn take_port(
        &mut self,
        client: Client,
        address: SocketAddr,
        failures: u8,
        outbox: &mut Outbox,
    ) -> Relayed {
        let family = family_of(address.ip());
        self.ports.take(family, address.port(), Holder::Allocation(client));
        let socket = matches!(self.settings.mode, Mode::Open { .. }).then(|| {
            self.sockets_made += 1;
            let socket = PeerSocket(self.sockets_made);
            self.sockets.insert(socket, (client, family));
            outbox.push(Output::OpenSocket { socket, family, port: address.port() });
            socket
        });
        Relayed { address, socket, is_open: socket.is_none(), failures }
    }

    /// Keeps the port above `address` for a second allocation, and returns the token for it.
    fn reserve(&mut self, now: Milliseconds, owner: Owner, address: SocketAddr) -> u64 {
        self.reservations_made += 1;
        let label = b"eyeline relay reservation";
        let token = secret_number(&self.settings.secret, label, self.reservations_made);
        let family = family_of(address.ip());
        let port = address.port().saturating_add(1);
        self.ports.take(family, port, Holder::Reservation(token));
        self.reservations.insert(token, Reservation { owner, family, port });
        self.quotas.enter(&owner);
        self.timers.set(Due::Reservation(token), now + RESERVATION_LIFETIME);
        token
    }

    fn opened(&mut self, client: &Client, socket: PeerSocket) -> Result<(), Refusal> {
        let allocation = self.allocations.get_mut(client);
        let relayed = allocation.into_iter().flat_map(|allocation| &mut allocation.relayed);
        for relayed in relayed.filter(|relayed| relayed.socket == Some(socket)) {
            relayed.is_open = true;
        }
        Ok(())
    }

    /// Gives an allocation another port of a family, since the one it had cannot be bound.
    fn moved(&mut self, client: Client, family: Family, outbox: &mut Outbox) -> Result<(), Refusal> {
        let Some(allocation) = self.allocations.get_mut(&client) else { return Ok(()) };
        let Some(index) = allocation.relayed.iter().position(|relayed| relayed.family() == family) else {
            return Ok(());
        };
        let may_move = allocation.may_move;
        let failed = allocation.relayed.swap_remove(index);
        let failures = failed.failures + 1;
        if let Some(socket) = failed.socket {
            // Nothing to close: it was never open.
            self.sockets.remove(&socket);
        }
        let another = (may_move && failures < PORT_ATTEMPTS)
            .then(|| self.ports.find(family, PortWish::Any))
            .flatten()
            .map(|port| SocketAddr::new(failed.address.ip(), port));
        // Only now, so that it is not found again at once.
        self.ports.release(family, failed.address.port());
        let relayed = another.map(|address| self.take_port(client, address, failures, outbox));
        let Some(allocation) = self.allocations.get_mut(&client) else { return Ok(()) };
        match relayed {
            Some(relayed) => allocation.relayed.push(relayed),
            None if allocation.relayed.is_empty() => return Err(NO_CAPACITY),
            None => allocation.missing = Some((family, ErrorCode::INSUFFICIENT_CAPACITY)),
        }
        Ok(())
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
        if allocation.is_some_and(|allocation| allocation.relayed(family_of(peer)).is_none()) {
            return Err(Refusal::Code(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH));
        }
        Ok(peer)
    }
}

fn requested_family(message: &Message<'_>) -> Result<Option<Family>, Refusal> {
    match message.attribute::<RequestedAddressFamily>() {
        Ok(requested) => Ok(Some(requested.family().into())),
        Err(StunParseError::MissingAttribute(_)) => Ok(None),
        Err(StunParseError::InvalidAttributeData) => {
            Err(Refusal::Code(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED))
        }
        Err(_) => Err(BAD_REQUEST),
    }
}
