//! Relay credentials: short-lived, made from one secret key, checked without any store.
//!
//! The form is the one known as "TURN REST API" (draft-uberti-behave-turn-rest): the user name begins with the
//! moment of expiry, the password is a keyed hash of the user name. Ours goes on with two handles, so that the relay
//! can tell rooms and peers apart without learning a room id or a peer id.

use core::fmt::{self, Write as _};
use data_encoding::{BASE64, HEXLOWER};
use eyeline_protocol::ids::{PeerId, RoomId};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// How long credentials are valid: long enough to join and to rebuild a connection with those of `Welcome`, short
/// enough that stolen ones are soon worthless. Allocations outlive them.
pub const DEFAULT_LIFETIME_SECONDS: u64 = 600;

/// Bytes of a key that the server draws for itself.
pub const KEY_BYTES: usize = 32;

/// The longest user name: 20 digits, a colon, two handles and the dot between them.
pub const LONGEST_USERNAME_BYTES: usize = 20 + 1 + 16 + 1 + 16;

const ROOM_LABEL: &[u8] = b"eyeline relay room";
const PEER_LABEL: &[u8] = b"eyeline relay peer";

/// The secret behind all credentials of one server. Whoever knows it can relay.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Box<[u8]>);

impl Key {
    /// A key of any length; [`KEY_BYTES`] random bytes are what the server makes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Key {
    /// Never the key itself.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(…)")
    }
}

/// A room as the relay knows it: a keyed hash of its id, the first 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomHandle(pub [u8; 8]);

/// A peer as the relay knows it: a keyed hash of its id, the first 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerHandle(pub [u8; 8]);

impl RoomHandle {
    /// The handle of a room.
    pub fn derive(key: &Key, room: &RoomId) -> Self {
        Self(handle(key, ROOM_LABEL, &room.0))
    }
}

impl PeerHandle {
    /// The handle of a peer.
    pub fn derive(key: &Key, peer: &PeerId) -> Self {
        Self(handle(key, PEER_LABEL, &peer.0))
    }
}

impl fmt::Debug for RoomHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RoomHandle({})", HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for PeerHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PeerHandle({})", HEXLOWER.encode(&self.0))
    }
}

/// A user name: `<expiry>:<room>.<peer>`, the expiry in decimal Unix seconds, the handles in lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username {
    /// Seconds since 1970-01-01 UTC from which the credential is no longer accepted for new allocations.
    pub expiry: u64,
    /// Whose room.
    pub room: RoomHandle,
    /// Who.
    pub peer: PeerHandle,
}

impl Username {
    /// Reads one in its only spelling: no signs, no leading zeros, no capitals, nothing around it.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST_USERNAME_BYTES {
            return None;
        }
        let (expiry, handles) = text.split_once(':')?;
        let (room, peer) = handles.split_once('.')?;
        let username =
            Self { expiry: expiry.parse().ok()?, room: RoomHandle(hex(room)?), peer: PeerHandle(hex(peer)?) };
        (username.to_string() == text).then_some(username)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.expiry)?;
        formatter.write_str(&HEXLOWER.encode(&self.room.0))?;
        formatter.write_char('.')?;
        formatter.write_str(&HEXLOWER.encode(&self.peer.0))
    }
}

/// What a client is given.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credential {
    /// As in `RTCIceServer.username`.
    pub username: String,
    /// As in `RTCIceServer.credential`.
    pub password: String,
}

impl fmt::Debug for Credential {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Makes the credential of a peer, valid until `expiry` (Unix seconds).
pub fn mint(key: &Key, room: RoomHandle, peer: PeerHandle, expiry: u64) -> Credential {
    let username = Username { expiry, room, peer }.to_string();
    let password = password(key, &username);
    Credential { username, password }
}

/// The password that belongs to a user name, genuine or not.
pub fn password(key: &Key, username: &str) -> String {
    let mut mac = keyed::<Hmac<Sha1>>(&key.0);
    mac.update(username.as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

/// Whether a credential is genuine and valid at `unix_seconds`, and whose it is. The relay itself never sees
/// passwords, only hashes made with them; this is for those who hold both parts.
pub fn verify(key: &Key, credential: &Credential, unix_seconds: u64) -> Option<Username> {
    let username = Username::parse(&credential.username)?;
    let given = BASE64.decode(credential.password.as_bytes()).ok()?;
    let mut mac = keyed::<Hmac<Sha1>>(&key.0);
    mac.update(credential.username.as_bytes());
    // In constant time.
    mac.verify_slice(&given).ok()?;
    (unix_seconds < username.expiry).then_some(username)
}

fn handle(key: &Key, label: &[u8], id: &[u8]) -> [u8; 8] {
    let mut mac = keyed::<Hmac<Sha256>>(&key.0);
    mac.update(label);
    mac.update(id);
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = mac.finalize().into_bytes().into();
    [a, b, c, d, e, f, g, h]
}

/// A keyed hash. HMAC takes keys of every length (RFC 2104, 2).
pub(crate) fn keyed<H: Mac + KeyInit>(key: &[u8]) -> H {
    #[allow(clippy::expect_used, reason = "the error exists for ciphers; HMAC never returns it")]
    <H as Mac>::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn hex(text: &str) -> Option<[u8; 8]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: RoomId = RoomId([7; RoomId::LENGTH]);
    const PEER: PeerId = PeerId([9; PeerId::LENGTH]);

    fn key() -> Key {
        Key::new(b"a key for tests")
    }

    fn credential(expiry: u64) -> Credential {
        mint(&key(), RoomHandle::derive(&key(), &ROOM), PeerHandle::derive(&key(), &PEER), expiry)
    }

    #[test]
    fn a_credential_is_the_hash_that_coturn_and_others_make() {
        let username = "1433895918:00000000000000ff.0123456789abcdef";
        // printf '%s' "$username" | openssl dgst -sha1 -hmac 'a key for tests' -binary | base64
        assert_eq!(password(&key(), username), "a1P0Zb55CAI//a9rzEl/5Jy5Q8E=");
        let parsed = Username::parse(username).unwrap();
        assert_eq!(parsed.expiry, 1_433_895_918);
        assert_eq!(parsed.room, RoomHandle([0, 0, 0, 0, 0, 0, 0, 0xff]));
        assert_eq!(parsed.peer, PeerHandle([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]));
        assert_eq!(parsed.to_string(), username);
    }

    #[test]
    fn a_credential_counts_until_its_expiry() {
        let credential = credential(1000);
        let username = verify(&key(), &credential, 999).unwrap();
        assert_eq!(username.room, RoomHandle::derive(&key(), &ROOM));
        assert_eq!(username.peer, PeerHandle::derive(&key(), &PEER));
        assert_eq!(verify(&key(), &credential, 1000), None);
    }

    #[test]
    fn a_changed_credential_counts_for_nothing() {
        let genuine = credential(1000);
        let later = Credential { username: genuine.username.replace("1000:", "2000:"), ..genuine.clone() };
        assert_eq!(verify(&key(), &later, 1), None);
        let shorter = Credential { password: genuine.password[..4].to_owned(), ..genuine.clone() };
        assert_eq!(verify(&key(), &shorter, 1), None);
        let none = Credential { password: String::new(), ..genuine.clone() };
        assert_eq!(verify(&key(), &none, 1), None);
        assert_eq!(verify(&Key::new(b"another key"), &genuine, 1), None);
    }

    #[test]
    fn handles_tell_rooms_peers_and_keys_apart_and_say_nothing_else() {
        let room = RoomHandle::derive(&key(), &ROOM);
        assert_ne!(room, RoomHandle::derive(&key(), &RoomId([8; RoomId::LENGTH])));
        assert_ne!(room, RoomHandle::derive(&Key::new(b"another key"), &ROOM));
        // Even where the ids are the same bytes, a room is no peer.
        let peer = PeerHandle::derive(&key(), &PeerId([7; PeerId::LENGTH]));
        assert_ne!(room.0, peer.0);
    }

    #[test]
    fn a_user_name_has_one_spelling() {
        assert!(Username::parse("1:00000000000000ff.0123456789abcdef").is_some());
        for text in [
            "",
            "1",
            ":00000000000000ff.0123456789abcdef",
            "01:00000000000000ff.0123456789abcdef",
            "+1:00000000000000ff.0123456789abcdef",
            "-1:00000000000000ff.0123456789abcdef",
            "1:00000000000000FF.0123456789abcdef",
            "1:00000000000000f.0123456789abcdef",
            "1:00000000000000ff:0123456789abcdef",
            "1:00000000000000ff.0123456789abcdef ",
            " 1:00000000000000ff.0123456789abcdef",
            "1:00000000000000ff.0123456789abcdef.0",
            "1:00000000000000ff.0123456789abcdeg",
            "99999999999999999999:00000000000000ff.0123456789abcdef",
            "1:00000000000000ff.0123456789abcdef00000000000000000000000000000000000000000000000",
        ] {
            assert_eq!(Username::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", key()), "Key(…)");
        let credential = credential(1000);
        assert!(!format!("{credential:?}").contains(&credential.password));
    }
}
