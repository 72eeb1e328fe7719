//! The members' relay credentials: what the rooms hand out.

use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{PeerId, RoomId};
use eyeline_protocol::outer::IceServer;
use eyeline_relay::credential::{self, Key, PeerHandle, RoomHandle};
use eyeline_rooms::IceServers;

/// Gives each member a credential of its own for every relay that is advertised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RelayCredentials {
    key: Key,
    lifetime: Milliseconds,
    /// The Unix time, in seconds, when the rooms' clock was zero.
    unix_zero: u64,
}

impl RelayCredentials {
    /// `now` and `unix_seconds` are the same moment.
    pub(crate) fn new(key: Key, lifetime: Milliseconds, now: Milliseconds, unix_seconds: u64) -> Self {
        Self { key, lifetime, unix_zero: unix_seconds.saturating_sub(now.0 / 1000) }
    }
}

impl IceServers for RelayCredentials {
    fn for_member(
        &self,
        now: Milliseconds,
        advertised: &[IceServer],
        room: RoomId,
        peer: PeerId,
    ) -> Vec<IceServer> {
        let mut servers = advertised.to_vec();
        let room = RoomHandle::derive(&self.key, &room);
        let peer = PeerHandle::derive(&self.key, &peer);
        let expiry = self.unix_zero.saturating_add((now + self.lifetime).0 / 1000);
        let credential = credential::mint(&self.key, room, peer, expiry);
        for server in servers.iter_mut().filter(|server| is_relay(&server.url)) {
            server.username.clone_from(&credential.username);
            server.credential.clone_from(&credential.password);
        }
        servers
    }

    fn lifetime(&self) -> Option<Milliseconds> {
        Some(self.lifetime)
    }
}

fn is_relay(url: &str) -> bool {
    url.starts_with("turn:") || url.starts_with("turns:")
}

#[cfg(test)]
mod tests {
    use super::*;
    use eyeline_relay::credential::{Credential, Username, verify};

    #[test]
    fn every_relay_gets_a_credential_that_counts_until_its_end() {
        let key = Key::new(b"a key for tests");
        let made = RelayCredentials::new(
            key.clone(),
            Milliseconds::seconds(600),
            Milliseconds(5_500),
            1_800_000_000,
        );
        let servers = ["stun:h:3478", "turn:h:3478?transport=udp", "turns:h:443?transport=tcp"];
        let advertised = servers.map(|url| IceServer {
            url: url.to_owned(),
            username: String::new(),
            credential: String::new(),
        });
        let (room, peer) = (RoomId([1; 16]), PeerId([2; 16]));
        let servers = made.for_member(Milliseconds(15_500), &advertised, room, peer);
        assert_eq!(servers[0], advertised[0]);
        for server in &servers[1..] {
            let (username, password) = (server.username.clone(), server.credential.clone());
            let credential = Credential { username, password };
            let expected = Username {
                expiry: 1_800_000_610,
                room: RoomHandle::derive(&key, &room),
                peer: PeerHandle::derive(&key, &peer),
            };
            assert_eq!(verify(&key, &credential, 1_800_000_609), Some(expected));
            assert_eq!(verify(&key, &credential, 1_800_000_610), None);
        }
    }
}
