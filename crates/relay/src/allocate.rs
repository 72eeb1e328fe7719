//! Allocate (RFC 8656, 7): what is asked for, which ports there are, and the sockets that an open relay waits for.

use crate::allocation::{Allocation, Channels, Permissions, Relayed};
use crate::authentication::{Caller, integrity_key};
use crate::io::{Client, Family, Outbox, Output, PeerSocket};
use crate::message::{Asked, Refusal, optional};
use crate::port::{Holder, PortWish};
use crate::quota::{Exhausted, Owner};
use crate::relay::{Relay, Reservation, secret_number};
use crate::request::{Answer, BAD_REQUEST, NO_CAPACITY, requested_family};
use crate::settings::Mode;
use crate::source::SourceGroup;
use crate::timers::Due;
use core::net::SocketAddr;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Bucket;
use stun_types::attribute::ErrorCode;
use stun_types::message::Message;
use turn_types::attribute::{AdditionalAddressFamily, EvenPort, RequestedTransport, ReservationToken};

/// RFC 8656, 7.2: a reserved port is kept for at least 30 s.
const RESERVATION_LIFETIME: Milliseconds = Milliseconds::seconds(30);

/// Ports that are tried before an open relay gives up: another program may have one of the range.
const PORT_ATTEMPTS: u8 = 5;

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
    pub(crate) fn allocate(
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
            let kept = kept.filter(|kept| kept.owner == *owner).ok_or(NO_CAPACITY)?;
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
            (None, false, Mode::Closed { address }) => vec![Family::from(*address)],
            (None, false, _) => vec![Family::V4],
        };
        let (families, missing): (Vec<_>, Vec<_>) = wanted.into_iter().partition(has);
        if families.is_empty() {
            return Err(Refusal::Code(unsupported));
        }
        Ok((families, missing.first().map(|family| (*family, unsupported))))
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
        let family = Family::from(address.ip());
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
        let family = Family::from(address.ip());
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
}
