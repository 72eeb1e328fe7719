//! Where random bytes come from. Passed in wherever keys are drawn: the operating system's generator in earnest, a
//! predictable one where a run must be repeatable.

use crate::SealError;

/// A source of random bytes fit for keys.
pub trait Entropy {
    /// Fills `bytes`, or fails without having given any.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SealError>;

    /// Draws `N` bytes: for instance a new `RoomSecret`, by `entropy.draw().map(RoomSecret)`.
    fn draw<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

/// The generator of the operating system; in a browser, `crypto.getRandomValues`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OperatingSystem;

impl Entropy for OperatingSystem {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SealError> {
        getrandom::fill(bytes).map_err(|_| SealError::NoRandomness)
    }
}

/// The same bytes for the same seed: `SHA-256(seed ‖ counter)` for counters 0, 1, 2 … (64 bits, big-endian). Only for
/// tests and simulations, which is why it hides behind the feature `symbolic`.
#[cfg(feature = "symbolic")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Predictable {
    seed: [u8; 32],
    counter: u64,
}

#[cfg(feature = "symbolic")]
impl Predictable {
    /// Starts at counter 0.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }
}

#[cfg(feature = "symbolic")]
impl Entropy for Predictable {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SealError> {
        use sha2::{Digest, Sha256};
        for chunk in bytes.chunks_mut(32) {
            let block =
                Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes()).finalize();
            self.counter += 1;
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
        Ok(())
    }
}
