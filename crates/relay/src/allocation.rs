//! One allocation: its relayed addresses, permissions and channels (RFC 8656, 3.2).

use crate::credential::Username;
use crate::io::{Client, Family, PeerSocket};
use crate::message::{Asked, Reply, address_family, canonical};
use crate::quota::Owner;
use core::net::{IpAddr, SocketAddr};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::rate::Bucket;
use std::collections::BTreeMap;
use stun_types::attribute::{ErrorCode, XorMappedAddress};
use turn_types::attribute::{AddressErrorCode, Lifetime, ReservationToken, XorRelayedAddress};

/// RFC 8656, 9: a permission lasts five minutes.
pub(crate) const PERMISSION_LIFETIME: Milliseconds = Milliseconds::seconds(300);
/// RFC 8656, 12: a channel lasts ten minutes.
pub(crate) const CHANNEL_LIFETIME: Milliseconds = Milliseconds::seconds(600);

/// One relayed address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Relayed {
    pub(crate) address: SocketAddr,
    /// In open mode.
    pub(crate) socket: Option<PeerSocket>,
    /// The shell has bound the socket, or there is none to bind.
    pub(crate) is_open: bool,
    /// Ports that could not be bound.
    pub(crate) failures: u8,
}

impl Relayed {
    pub(crate) fn family(&self) -> Family {
        Family::from(self.address.ip())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Allocation {
    pub(crate) owner: Owner,
    /// Only its own credential may change it (RFC 8656, 5: error 441).
    pub(crate) username: Username,
    /// The Allocate that made it, to know its retransmissions.
    pub(crate) asked: Asked,
    /// One, or in open mode one for each family.
    pub(crate) relayed: Vec<Relayed>,
    /// A family that was asked for in addition and is not there, and why.
    pub(crate) missing: Option<(Family, u16)>,
    /// The token for the port beside its own.
    pub(crate) token: Option<u64>,
    /// Whether another port will do if the one found cannot be bound.
    pub(crate) may_move: bool,
    pub(crate) expires: Milliseconds,
    pub(crate) requests: Bucket,
    pub(crate) permissions: Permissions,
    pub(crate) channels: Channels,
}

impl Allocation {
    /// All its sockets are bound.
    pub(crate) fn is_ready(&self) -> bool {
        !self.relayed.is_empty() && self.relayed.iter().all(|relayed| relayed.is_open)
    }

    pub(crate) fn relayed(&self, family: Family) -> Option<&Relayed> {
        self.relayed.iter().find(|relayed| relayed.family() == family)
    }

    /// The reply to its Allocate. Any retransmission gets the same one, with the time that is left.
    pub(crate) fn success(&self, client: &Client, now: Milliseconds) -> Option<Reply> {
        let transaction = self.asked.transaction.into();
        let mut reply = self.asked.success();
        for relayed in &self.relayed {
            reply = reply.with(&XorRelayedAddress::new(relayed.address, transaction))?;
        }
        reply = reply.with(&lifetime(self.expires.since(now)))?;
        if let Some(token) = self.token {
            reply = reply.with(&ReservationToken::new(token))?;
        }
        if let Some((family, code)) = self.missing {
            let error = ErrorCode::new(code, "").ok()?;
            reply = reply.with(&AddressErrorCode::new(address_family(family), error))?;
        }
        reply.with(&XorMappedAddress::new(canonical(client.address), transaction))
    }
}

/// A time in whole seconds.
pub(crate) fn lifetime(time: Milliseconds) -> Lifetime {
    Lifetime::new(u32::try_from(time.0 / 1000).unwrap_or(u32::MAX))
}

/// There are as many as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Peers, by address without port, that the client wants to hear from (RFC 8656, 9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Permissions(BTreeMap<IpAddr, Milliseconds>);

impl Permissions {
    /// All or none.
    pub(crate) fn install(&mut self, peers: &[IpAddr], now: Milliseconds, most: usize) -> Result<(), Full> {
        self.0.retain(|_, expires| *expires > now);
        let mut all = self.0.clone();
        all.extend(peers.iter().map(|peer| (*peer, now + PERMISSION_LIFETIME)));
        if all.len() > most {
            return Err(Full);
        }
        self.0 = all;
        Ok(())
    }

    pub(crate) fn contains(&self, peer: &IpAddr, now: Milliseconds) -> bool {
        self.0.get(peer).is_some_and(|expires| *expires > now)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Channels (RFC 8656, 12): short names for peers with their ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Channels {
    peers: BTreeMap<u16, (SocketAddr, Milliseconds)>,
    numbers: BTreeMap<SocketAddr, u16>,
}

/// Why a channel cannot be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BindError {
    /// The number belongs to another peer, or the peer has another number.
    Conflict,
    Full,
}

impl Channels {
    /// Binds or refreshes.
    pub(crate) fn bind(
        &mut self,
        number: u16,
        peer: SocketAddr,
        now: Milliseconds,
        most: usize,
    ) -> Result<(), BindError> {
        self.peers.retain(|_, (_, expires)| *expires > now);
        self.numbers.retain(|_, number| self.peers.contains_key(number));
        match (self.peers.get(&number), self.numbers.get(&peer)) {
            (None, None) if self.peers.len() >= most => return Err(BindError::Full),
            (None, None) => {}
            (Some((bound, _)), Some(_)) if *bound == peer => {}
            _ => return Err(BindError::Conflict),
        }
        self.peers.insert(number, (peer, now + CHANNEL_LIFETIME));
        self.numbers.insert(peer, number);
        Ok(())
    }

    pub(crate) fn peer(&self, number: u16, now: Milliseconds) -> Option<SocketAddr> {
        self.peers.get(&number).filter(|(_, expires)| *expires > now).map(|(peer, _)| *peer)
    }

    pub(crate) fn number(&self, peer: &SocketAddr, now: Milliseconds) -> Option<u16> {
        let number = *self.numbers.get(peer)?;
        self.peer(number, now).map(|_| number)
    }

    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether each number has one peer and each peer one number.
    pub(crate) fn is_consistent(&self) -> bool {
        let paired =
            |(number, (peer, _)): (&u16, &(SocketAddr, Milliseconds))| self.numbers.get(peer) == Some(number);
        self.peers.len() == self.numbers.len() && self.peers.iter().all(paired)
    }
}
