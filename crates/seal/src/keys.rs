//! The keys: those that follow from the link's secret, and those that each page load draws for itself.

use crate::SealError;
use crate::entropy::Entropy;
use core::fmt;
use eyeline_protocol::ids::{PeerId, PeerToken, PublicKey, RoomId, RoomSecret, RoomToken};
use hkdf::Hkdf;
use sha2::Sha256;
use snow::params::DHChoice;
use snow::resolvers::{CryptoResolver, DefaultResolver};

/// The pre-shared key of every handshake in a room: whoever lacks the link cannot complete one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SealKey(pub [u8; 32]);

/// The key of the room's security code. Derived now so that links never need to change; used once the code exists.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CodeKey(pub [u8; 32]);

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey(…)")
    }
}

/// Everything that follows from the secret in a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoomKeys {
    /// What a client shows the server.
    pub token: RoomToken,
    /// What the server never learns.
    pub seal: SealKey,
    /// What the server never learns either.
    pub code: CodeKey,
}

impl RoomKeys {
    /// HKDF with SHA-256 (RFC 5869), no salt, the secret as input key material, one expansion a key, each under its
    /// own label: who knows one of the keys knows nothing of the others.
    pub fn derive(secret: &RoomSecret) -> Self {
        let schedule = Hkdf::<Sha256>::new(None, &secret.0);
        let expand = |label: &[u8]| {
            let mut key = [0; 32];
            // Fails only above 255 · 32 bytes.
            let expanded = schedule.expand(label, &mut key);
            debug_assert!(expanded.is_ok());
            key
        };
        Self {
            token: RoomToken(expand(b"eyeline room token")),
            seal: SealKey(expand(b"eyeline seal key")),
            code: CodeKey(expand(b"eyeline code key")),
        }
    }

    /// The room's name on the server.
    pub fn room_id(&self) -> RoomId {
        self.token.room_id()
    }
}

/// What one page load is: its static X25519 key pair and its peer token. Never stored: a reload is a new peer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    private_key: [u8; 32],
    public_key: PublicKey,
    peer_token: PeerToken,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.peer_id())
    }
}

impl Identity {
    /// Draws a new one.
    pub fn draw(entropy: &mut impl Entropy) -> Result<Self, SealError> {
        Ok(Self::from_parts(entropy.draw()?, PeerToken(entropy.draw()?)))
    }

    /// The identity of a private key (RFC 7748, clamped when used) and a token.
    pub fn from_parts(private_key: [u8; 32], peer_token: PeerToken) -> Self {
        Self { private_key, public_key: public_key_of(&private_key), peer_token }
    }

    /// The id that others know it by.
    pub fn peer_id(&self) -> PeerId {
        PeerId::derive(&self.public_key, &self.peer_token.hash())
    }

    /// Half of what makes the id.
    pub const fn public_key(&self) -> PublicKey {
        self.public_key
    }

    /// The other half; shown to the server only.
    pub const fn peer_token(&self) -> PeerToken {
        self.peer_token
    }

    pub(crate) const fn private_key(&self) -> &[u8; 32] {
        &self.private_key
    }
}

fn public_key_of(private_key: &[u8; 32]) -> PublicKey {
    // Present because the feature `use-curve25519` of `snow` is on; a zero key would fail every handshake.
    DefaultResolver
        .resolve_dh(&DHChoice::Curve25519)
        .and_then(|mut curve| {
            curve.set(private_key);
            PublicKey::try_from(curve.pubkey()).ok()
        })
        .unwrap_or(PublicKey([0; 32]))
}
