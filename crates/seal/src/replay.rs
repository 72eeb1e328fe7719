//! The replay window: lets each nonce through once, in any order, as far as [`WIDTH`] behind the highest
//! (RFC 4303, 3.4.3 and appendix A2 describe the same for IPsec).

/// How far a record may be overtaken, in nonces. Records wait in one queue of at most 64 and travel on two or three
/// paths; 1024 leaves room for far worse, and costs 128 bytes a session.
pub const WIDTH: u64 = 1024;

const WORDS: usize = (WIDTH / 64) as usize;

/// The nonces of one direction of a session that have been seen.
///
/// Ask and tell it only about authentic records: otherwise junk with a high nonce would push good ones out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReplayWindow {
    /// One above the highest nonce seen; 0 before the first.
    next: u64,
    /// A bit for each of the last [`WIDTH`] nonces, at its value modulo [`WIDTH`].
    seen: [u64; WORDS],
}

impl ReplayWindow {
    /// Takes note of `nonce`. `true` if it comes for the first time; `false` if it has come before, or lies so far
    /// behind that nobody knows.
    pub fn accept(&mut self, nonce: u64) -> bool {
        // The highest nonce is reserved by Noise and never sealed with, so this does not saturate for real records.
        let above = nonce.saturating_add(1);
        if above > self.next {
            self.forget(self.next, above);
            self.next = above;
        } else if self.next - nonce > WIDTH {
            return false;
        }
        let Some(word) = self.seen.get_mut(Self::word(nonce)) else { return false };
        let bit = 1 << (nonce % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Clears the bits of `from..to`, which stood for nonces one width lower.
    fn forget(&mut self, from: u64, to: u64) {
        if to - from >= WIDTH {
            self.seen = [0; WORDS];
            return;
        }
        for nonce in from..to {
            if let Some(word) = self.seen.get_mut(Self::word(nonce)) {
                *word &= !(1 << (nonce % 64));
            }
        }
    }

    const fn word(nonce: u64) -> usize {
        (nonce % WIDTH / 64) as usize
    }
}
