//! Relay credentials for people: `eyeline relay-credential`, and whatever looks at a relay from outside.

use crate::arguments::RelayCredentialArguments;
use crate::relay::key::{self, KeyError, KeyPlace};
use crate::relay::settings;
use crate::state_directory::StateDirectory;
use eyeline_protocol::ids::{PeerId, RoomId};
use eyeline_relay::credential::{self, Credential, Key, PeerHandle, RoomHandle};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::path::Path;

/// Why there is no credential.
#[derive(Debug)]
pub enum Error {
    /// There is no key to make it with.
    Key(KeyError),
    /// Nobody has said where the key is, and there is no usual place.
    NoPlace,
    /// The system gives no random numbers.
    Random(getrandom::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(error) => error.fmt(f),
            Self::NoPlace => f.write_str("where is the relay's key? Say it by --relay-key-file"),
            Self::Random(error) => write!(f, "the system gives no random numbers: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// Makes a credential with the key that a server with the same flags uses.
///
/// # Errors
/// There is no key where it should be.
pub fn make(arguments: RelayCredentialArguments) -> Result<Credential, Error> {
    let usual = StateDirectory::usual();
    let folder = arguments.state_directory.as_deref().or(usual.as_deref()).map(|folder| (folder, true));
    let KeyPlace::File(path) = settings::key_place(arguments.relay_key_file, folder) else {
        return Err(Error::NoPlace);
    };
    with_file(&path, &arguments.room, arguments.lifetime)
}

/// Makes a credential of a peer that nobody else is, good for `lifetime` seconds from now, with the key in a file. A
/// closed relay lets two such peers meet if `room` is the same text; it is the room of no call.
///
/// # Errors
/// There is no key in the file.
pub fn with_file(key_file: &Path, room: &str, lifetime: u64) -> Result<Credential, Error> {
    let key = key::read(key_file).map_err(Error::Key)?;
    with_key(&key, room, lifetime)
}

fn with_key(key: &Key, room: &str, lifetime: u64) -> Result<Credential, Error> {
    let mut hash = Sha256::new();
    hash.update("eyeline relay-credential");
    hash.update(room);
    let mut id = [0; RoomId::LENGTH];
    id.iter_mut().zip(hash.finalize()).for_each(|(byte, of_hash)| *byte = of_hash);
    let mut peer = [0; PeerId::LENGTH];
    getrandom::fill(&mut peer).map_err(Error::Random)?;
    let room = RoomHandle::derive(key, &RoomId(id));
    let peer = PeerHandle::derive(key, &PeerId(peer));
    Ok(credential::mint(key, room, peer, crate::unix_seconds().saturating_add(lifetime)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eyeline_relay::credential::verify;

    #[test]
    fn the_same_text_is_the_same_room_for_another_peer() {
        let key = Key::new(b"a key for tests");
        let now = crate::unix_seconds();
        let [first, second, other] =
            ["a", "a", "b"].map(|room| verify(&key, &with_key(&key, room, 100).unwrap(), now).unwrap());
        assert_eq!(first.room, second.room);
        assert_ne!(first.peer, second.peer);
        assert_ne!(first.room, other.room);
        assert!((now + 100..=now + 102).contains(&first.expiry));
    }
}
