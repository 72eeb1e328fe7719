//! What `snow` computes with: its own primitives, but the ephemeral key comes from the caller, and a Diffie-Hellman
//! whose result is all zeros fails.

use sha2::{Digest, Sha256};
use snow::Error;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};

/// The primitives of one handshake state, with the one ephemeral key it will use.
pub(super) struct Primitives {
    pub(super) ephemeral: [u8; 32],
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(OneDraw(Some(self.ephemeral))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice).map(|curve| Box::new(Contributory(curve)) as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        match choice {
            HashChoice::SHA256 => Some(Box::new(OnlySha256::default())),
            _ => None,
        }
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

/// Gives its bytes once, as the private half of the ephemeral key; a second draw fails, so that no key is used twice.
struct OneDraw(Option<[u8; 32]>);

impl Random for OneDraw {
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let drawn = self.0.take().ok_or(Error::Rng)?;
        if bytes.len() != drawn.len() {
            return Err(Error::Rng);
        }
        bytes.copy_from_slice(&drawn);
        Ok(())
    }
}

/// SHA-256, and by that not SHA-512: `snow`'s own choice between the two brings both into the page.
#[derive(Default)]
struct OnlySha256(Sha256);

impl Hash for OnlySha256 {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        for (byte, hashed) in out.iter_mut().zip(self.0.finalize_reset()) {
            *byte = hashed;
        }
    }
}

/// X25519 that refuses points of low order: their result is all zeros whatever the private key (RFC 7748, 6.1), so
/// anybody could complete a handshake with them. `snow` leaves the check to its caller.
struct Contributory(Box<dyn Dh>);

impl Dh for Contributory {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn pub_len(&self) -> usize {
        self.0.pub_len()
    }

    fn priv_len(&self) -> usize {
        self.0.priv_len()
    }

    fn set(&mut self, private_key: &[u8]) {
        self.0.set(private_key);
    }

    fn generate(&mut self, random: &mut dyn Random) -> Result<(), Error> {
        self.0.generate(random)
    }

    fn pubkey(&self) -> &[u8] {
        self.0.pubkey()
    }

    fn privkey(&self) -> &[u8] {
        self.0.privkey()
    }

    fn dh(&self, public_key: &[u8], shared: &mut [u8]) -> Result<(), Error> {
        self.0.dh(public_key, shared)?;
        // All bytes are looked at, whatever they are: the time tells nothing.
        let any = shared.iter().fold(0, |any, byte| any | byte);
        if any == 0 { Err(Error::Dh) } else { Ok(()) }
    }

    fn dh_len(&self) -> usize {
        self.0.dh_len()
    }
}
