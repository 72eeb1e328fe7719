//! Nonces without a store: the time, and a keyed hash of the time and the client.
//!
//! A nonce that is sent back is known to be ours, to be recent, and to have gone to this very client: nobody can
//! answer for an address whose packets they do not see.

use crate::credential::keyed;
use crate::io::{Client, Transport};
use core::net::IpAddr;
use data_encoding::BASE64URL_NOPAD;
use eyeline_protocol::Milliseconds;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// RFC 8656, 5: a nonce should live for an hour at most. Each end of one costs a client one round trip.
pub(crate) const LIFETIME: Milliseconds = Milliseconds::seconds(3600);

const LABEL: &[u8] = b"eyeline relay nonce";
const TIME_BYTES: usize = 4;
/// 64 bits: a guess has to be sent to us, and wins nothing without a credential.
const HASH_BYTES: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Nonces {
    secret: [u8; 32],
}

impl Nonces {
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// 16 characters.
    pub(crate) fn make(&self, now: Milliseconds, client: &Client) -> String {
        let time = time_of(now);
        let mut bytes = [0; TIME_BYTES + HASH_BYTES];
        let hash = self.hash(time, client).finalize().into_bytes();
        for (to, from) in bytes.iter_mut().zip(time.iter().chain(&hash)) {
            *to = *from;
        }
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Whether this nonce was made for this client, and not too long ago.
    pub(crate) fn is_valid(&self, now: Milliseconds, client: &Client, nonce: &str) -> bool {
        let Ok(bytes) = BASE64URL_NOPAD.decode(nonce.as_bytes()) else { return false };
        let Some((time, hash)) = bytes.split_first_chunk::<TIME_BYTES>() else { return false };
        if hash.len() != HASH_BYTES || self.hash(*time, client).verify_truncated_left(hash).is_err() {
            return false;
        }
        let made = Milliseconds::seconds(u32::from_be_bytes(*time).into());
        now.since(made) <= LIFETIME
    }

    fn hash(&self, time: [u8; TIME_BYTES], client: &Client) -> Hmac<Sha256> {
        let mut mac = keyed::<Hmac<Sha256>>(&self.secret);
        mac.update(LABEL);
        mac.update(&time);
        mac.update(&[match client.transport {
            Transport::Udp => 0,
            Transport::Tcp => 1,
            Transport::Tls => 2,
        }]);
        mac.update(&client.local.0.to_be_bytes());
        match client.address.ip().to_canonical() {
            IpAddr::V4(address) => mac.update(&address.to_ipv6_mapped().octets()),
            IpAddr::V6(address) => mac.update(&address.octets()),
        }
        mac.update(&client.address.port().to_be_bytes());
        mac
    }
}

/// Whole seconds since the zero of the relay's time; they last for 136 years.
fn time_of(now: Milliseconds) -> [u8; TIME_BYTES] {
    u32::try_from(now.0 / 1000).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::LocalSocket;

    const NOW: Milliseconds = Milliseconds(5_000_999);

    fn client(address: &str) -> Client {
        Client { transport: Transport::Udp, local: LocalSocket(0), address: address.parse().unwrap() }
    }

    #[test]
    fn a_nonce_counts_for_its_client_and_for_an_hour() {
        let nonces = Nonces::new([7; 32]);
        let nonce = nonces.make(NOW, &client("192.0.2.1:5000"));
        assert_eq!(nonce.len(), 16);
        assert!(nonces.is_valid(NOW, &client("192.0.2.1:5000"), &nonce));
        assert!(nonces.is_valid(NOW, &client("[::ffff:192.0.2.1]:5000"), &nonce), "the same address");
        assert!(nonces.is_valid(Milliseconds(5_000_000) + LIFETIME, &client("192.0.2.1:5000"), &nonce));
        assert!(!nonces.is_valid(NOW + LIFETIME, &client("192.0.2.1:5000"), &nonce));
        assert!(!nonces.is_valid(NOW, &client("192.0.2.1:5001"), &nonce), "another port");
        assert!(!nonces.is_valid(NOW, &client("192.0.2.2:5000"), &nonce), "another address");
        let tcp = Client { transport: Transport::Tcp, ..client("192.0.2.1:5000") };
        assert!(!nonces.is_valid(NOW, &tcp, &nonce), "another transport");
        let other = Client { local: LocalSocket(1), ..client("192.0.2.1:5000") };
        assert!(!nonces.is_valid(NOW, &other, &nonce), "another socket");
        assert!(!Nonces::new([8; 32]).is_valid(NOW, &client("192.0.2.1:5000"), &nonce), "another server");
    }

    #[test]
    fn no_changed_nonce_counts() {
        let nonces = Nonces::new([7; 32]);
        let client = client("192.0.2.1:5000");
        let nonce = nonces.make(NOW, &client);
        for at in 0..nonce.len() {
            for replacement in ["A", "b", "=", "é", ""] {
                let mut changed = nonce.clone();
                changed.replace_range(at..=at, replacement);
                assert!(changed == nonce || !nonces.is_valid(NOW, &client, &changed), "{changed}");
            }
            assert!(!nonces.is_valid(NOW, &client, &nonce[..at]));
        }
        assert!(!nonces.is_valid(NOW, &client, &format!("{nonce}AAAA")));
    }
}
