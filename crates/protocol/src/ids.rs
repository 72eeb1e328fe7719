//! Ids, keys and counters: one type for each kind, so that no two can be confused (the lesson of CVE-2022-39250).
//!
//! Ids are derived by hashing, never assigned: a room id from the room token, a peer id from what only that peer
//! can show. So the server keeps no secret and registers nothing, and a reconnect is recognised after a restart.

use core::fmt;
use sha2::{Digest, Sha256};

/// Defines a newtype over a byte array. `secret` ones print as `…` so that no log can leak them.
macro_rules! bytes_type {
    ($(#[$doc:meta])* $name:ident, $length:literal, public) => {
        bytes_type!(@common $(#[$doc])* $name, $length);
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), base16ct::lower::encode_string(&self.0))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base16ct::lower::encode_string(&self.0))
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, $length:literal, secret) => {
        bytes_type!(@common $(#[$doc])* $name, $length);
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
    (@common $(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $length]);

        impl $name {
            /// Its length in bytes.
            pub const LENGTH: usize = $length;
        }

        impl From<[u8; $length]> for $name {
            fn from(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; $length] {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl<'a> TryFrom<&'a [u8]> for $name {
            type Error = core::array::TryFromSliceError;
            fn try_from(bytes: &'a [u8]) -> Result<Self, Self::Error> {
                Ok(Self(bytes.try_into()?))
            }
        }
    };
}

bytes_type! {
    /// The 128 random bits in the link. Whoever has them may enter the room; the server never sees them.
    RoomSecret, 16, secret
}
bytes_type! {
    /// The first half of the SHA-256 of a host's public key, optional in the link. Accepted and kept; used once
    /// rooms have hosts.
    HostHash, 16, public
}
bytes_type! {
    /// What a client shows the server to enter a room, derived from the secret. The server keeps only its hash.
    RoomToken, 32, secret
}
bytes_type! {
    /// The name of a room on the server: a hash of the token, useless for entering.
    RoomId, 16, public
}
bytes_type! {
    /// Drawn at random by each page load, shown to the server with each `Join`: proof that a new connection
    /// belongs to the same page as the old one.
    PeerToken, 32, secret
}
bytes_type! {
    /// The SHA-256 of a [`PeerToken`]: what other peers are told, so that they can recompute the peer id.
    PeerTokenHash, 32, public
}
bytes_type! {
    /// A peer's static X25519 public key, drawn by each page load (RFC 7748).
    PublicKey, 32, public
}
bytes_type! {
    /// A participant: one page load. Recomputable by the server (from the token) and by peers (from the token's
    /// hash), so nobody can take another's id.
    PeerId, 16, public
}
bytes_type! {
    /// The SHA-256 of a peer's DTLS certificate in DER, compared with the certificate that DTLS really used.
    CertificateHash, 32, public
}

/// Rises with each WebSocket connection of the same page; the higher one replaces the lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionCounter(pub u64);

/// Counts the peer connections of a pair. A higher generation replaces the lower; messages of a lower one are
/// ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl RoomToken {
    /// The room's name on the server: `SHA-256("eyeline room id" ‖ token)`, first 16 bytes.
    pub fn room_id(&self) -> RoomId {
        RoomId(first_half(Sha256::new().chain_update(b"eyeline room id").chain_update(self.0)))
    }
}

impl PeerToken {
    /// `SHA-256(token)`.
    pub fn hash(&self) -> PeerTokenHash {
        PeerTokenHash(Sha256::digest(self.0).into())
    }
}

impl PeerId {
    /// `SHA-256("eyeline peer id" ‖ public key ‖ token hash)`, first 16 bytes.
    pub fn derive(key: &PublicKey, token: &PeerTokenHash) -> Self {
        Self(first_half(
            Sha256::new().chain_update(b"eyeline peer id").chain_update(key.0).chain_update(token.0),
        ))
    }
}

fn first_half(hash: Sha256) -> [u8; 16] {
    let full: [u8; 32] = hash.finalize().into();
    let [first, _] = split(full);
    first
}

fn split(full: [u8; 32]) -> [[u8; 16]; 2] {
    let mut halves = [[0; 16]; 2];
    for (half, bytes) in halves.iter_mut().zip(full.chunks_exact(16)) {
        half.copy_from_slice(bytes);
    }
    halves
}
