//! Padding to a few fixed lengths, so that the length of a sealed record tells an observer only roughly what is in it.
//!
//! A padded message is `length u16 (big-endian) ‖ message ‖ zeros`, up to the next bucket.

use crate::SealError;

/// The lengths that padded messages have, in bytes.
///
/// Most messages (state, acknowledgements) fit the smallest; candidates in batches, the next two. Descriptions with
/// our five m-lines, as re-emitted, measured: Chromium 156 10.5 KB for an offer and 5.0 to 9.9 KB for an answer,
/// Firefox 153 5.9 KB and 5.1 to 5.6 KB. The steps at 6144 and 12288 keep their padding below a quarter, where powers
/// of two would add up to two thirds.
pub const BUCKETS: [usize; 8] = [256, 1024, 2048, 4096, 6144, 8192, 12288, LONGEST];

const LONGEST: usize = 16384;

/// Bytes of the length in front.
const LENGTH_BYTES: usize = 2;

/// The longest message that can be sealed, in bytes.
pub const LONGEST_MESSAGE: usize = LONGEST - LENGTH_BYTES;

/// Pads `message` to the smallest bucket that holds it. Fails with [`SealError::TooLong`] above [`LONGEST_MESSAGE`].
pub fn pad(message: &[u8]) -> Result<Vec<u8>, SealError> {
    let needed = message.len() + LENGTH_BYTES;
    let bucket = BUCKETS.into_iter().find(|bucket| *bucket >= needed).ok_or(SealError::TooLong)?;
    let length = u16::try_from(message.len()).map_err(|_| SealError::TooLong)?;
    let mut padded = Vec::with_capacity(bucket);
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(message);
    padded.resize(bucket, 0);
    Ok(padded)
}

/// Removes the padding. Any total length is taken, so that buckets may change; what follows the message must be
/// zeros, so that no two paddings mean the same message.
///
/// Fails with [`SealError::NotAuthentic`]: the other end holds the right keys but does not follow the protocol.
pub fn unpad(padded: &[u8]) -> Result<Vec<u8>, SealError> {
    let (length, rest) = padded.split_first_chunk().ok_or(SealError::NotAuthentic)?;
    let (message, zeros) =
        rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(SealError::NotAuthentic)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return Err(SealError::NotAuthentic);
    }
    Ok(message.to_vec())
}
