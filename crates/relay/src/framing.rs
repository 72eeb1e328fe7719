//! Packets in a stream (RFC 8656, 12.5 and RFC 8489, 6.2.2): where one ends and the next begins, and whether a stream
//! speaks STUN at all.
//!
//! A stream carries STUN messages and `ChannelData`, one after the other. Each says its own length, in its first four
//! bytes; `ChannelData` is padded to a multiple of four, and the padding is in no length.
//!
//! ```text
//! STUN         00tttttt tttttttt  length of what follows the 20 bytes of header, a multiple of 4
//! ChannelData  01nnnnnn nnnnnnnn  length of what follows these 4 bytes, without padding
//! ```

use bytes::BytesMut;

/// The longest frame that is taken. The format allows four times as much, but nobody sends datagrams of that size
/// between browsers, and this is what each stream may make the server keep.
pub const LONGEST_FRAME_BYTES: usize = 16 * 1024;

/// Bytes at the start of a stream that tell what it speaks.
pub const TELLING_BYTES: usize = 8;

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const STUN_HEADER_BYTES: usize = 20;
const CHANNEL_HEADER_BYTES: usize = 4;

/// Whether a stream that begins with these bytes speaks STUN. `None`: too few bytes to tell.
///
/// HTTP and TLS are told by their first byte: letters and 0x16 0x03 never look like a STUN message whose bytes 4 to 8
/// are the magic cookie.
pub fn looks_like_stun(first: &[u8]) -> Option<bool> {
    // Top bits 00: not a letter, so not HTTP, whatever follows.
    if *first.first()? & 0xc0 != 0 {
        return Some(false);
    }
    let cookie = first.get(4..).unwrap_or_default();
    let seen = cookie.len().min(MAGIC_COOKIE.len());
    if cookie.get(..seen) != MAGIC_COOKIE.get(..seen) {
        return Some(false);
    }
    (first.len() >= TELLING_BYTES).then_some(true)
}

/// What a stream did that no frame does. There is no way to find the next frame: the stream has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FramingError {
    /// The first bits are those of neither kind of frame.
    NeitherKind,
    /// A STUN message with a length that is no multiple of four, or without the magic cookie.
    NotStun,
    /// Longer than [`LONGEST_FRAME_BYTES`].
    TooLong,
}

impl core::fmt::Display for FramingError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::NeitherKind => "the stream carries neither STUN messages nor ChannelData; it is closed",
            Self::NotStun => "the stream carries a damaged STUN message; it is closed",
            Self::TooLong => "the stream carries a frame longer than the relay takes; it is closed",
        })
    }
}

impl core::error::Error for FramingError {}

/// Where the first frame of a buffer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Bytes of the packet.
    pub packet: usize,
    /// Bytes on the wire, with padding. At most [`LONGEST_FRAME_BYTES`] and three.
    pub wire: usize,
}

/// The extent of the first frame, as soon as its header is there; the frame itself may not be whole yet.
pub fn extent(buffer: &[u8]) -> Result<Option<Extent>, FramingError> {
    let Some(&[kind, _, high, low]) = buffer.first_chunk() else {
        // One byte is enough to refuse.
        return match buffer.first() {
            Some(kind) if kind & 0x80 != 0 => Err(FramingError::NeitherKind),
            _ => Ok(None),
        };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let extent = match kind >> 6 {
        0b00 => {
            if length % 4 != 0 || looks_like_stun(buffer) == Some(false) {
                return Err(FramingError::NotStun);
            }
            Extent { packet: STUN_HEADER_BYTES + length, wire: STUN_HEADER_BYTES + length }
        }
        0b01 => {
            let packet = CHANNEL_HEADER_BYTES + length;
            Extent { packet, wire: packet.next_multiple_of(4) }
        }
        _ => return Err(FramingError::NeitherKind),
    };
    if extent.packet > LONGEST_FRAME_BYTES { Err(FramingError::TooLong) } else { Ok(Some(extent)) }
}

/// Takes the first whole frame out of what a stream has sent so far, without its padding. `None`: more bytes are
/// needed. Call it until it says so; then the buffer holds less than one frame, which bounds it.
pub fn next_frame(buffer: &mut BytesMut) -> Result<Option<BytesMut>, FramingError> {
    match extent(buffer)? {
        Some(extent) if extent.wire <= buffer.len() => {
            let mut frame = buffer.split_to(extent.wire);
            frame.truncate(extent.packet);
            Ok(Some(frame))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDING: [u8; 20] = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    /// All frames of a stream that comes in pieces of `piece` bytes, and what is left.
    fn frames(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, usize) {
        let mut buffer = BytesMut::new();
        let mut frames = Vec::new();
        for piece in stream.chunks(piece) {
            buffer.extend_from_slice(piece);
            while let Some(frame) = next_frame(&mut buffer).unwrap() {
                frames.push(frame.to_vec());
            }
        }
        (frames, buffer.len())
    }

    #[test]
    fn frames_are_the_same_however_the_stream_is_cut() {
        let padded = [0x40, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0];
        let even = [0x7f, 0xff, 0, 4, 1, 2, 3, 4];
        let empty = [0x40, 1, 0, 0];
        let stream = [&BINDING[..], &padded, &even, &empty, &BINDING, &padded[..10]].concat();
        let expected: Vec<Vec<u8>> =
            vec![BINDING.to_vec(), padded[..9].to_vec(), even.to_vec(), empty.to_vec(), BINDING.to_vec()];
        for piece in 1..=stream.len() {
            assert_eq!(frames(&stream, piece), (expected.clone(), 10), "in pieces of {piece}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_at_the_first_byte_that_shows_it() {
        let refused = |bytes: &[u8]| next_frame(&mut BytesMut::from(bytes)).unwrap_err();
        assert_eq!(refused(&[0x80]), FramingError::NeitherKind);
        assert_eq!(refused(&[0xc0, 0, 0, 0]), FramingError::NeitherKind);
        assert_eq!(refused(&[0, 1, 0, 3]), FramingError::NotStun);
        assert_eq!(refused(&[0, 1, 0, 0, 0x20]), FramingError::NotStun);
        assert_eq!(refused(b"\x16\x03\x01\x02\x00"), FramingError::NotStun);
        assert_eq!(refused(&[0x40, 0, 0xff, 0xff]), FramingError::TooLong);
        assert_eq!(refused(&[0, 1, 0x40, 0, 0x21, 0x12, 0xa4, 0x42]), FramingError::TooLong);
    }

    #[test]
    fn the_longest_frame_is_taken_and_one_byte_more_is_not() {
        let length = u16::try_from(LONGEST_FRAME_BYTES - 4).unwrap();
        let mut longest = vec![0x40, 0];
        longest.extend(length.to_be_bytes());
        longest.resize(LONGEST_FRAME_BYTES, 7);
        assert_eq!(frames(&longest, 1000), (vec![longest.clone()], 0));
        longest[2..4].copy_from_slice(&(length + 1).to_be_bytes());
        assert_eq!(next_frame(&mut BytesMut::from(&longest[..])), Err(FramingError::TooLong));
    }

    #[test]
    fn stun_is_told_from_http_and_tls() {
        assert_eq!(looks_like_stun(&BINDING), Some(true));
        assert_eq!(looks_like_stun(&BINDING[..8]), Some(true));
        for length in 0..8 {
            assert_eq!(looks_like_stun(&BINDING[..length]), None, "{length} bytes");
        }
        assert_eq!(looks_like_stun(b"G"), Some(false));
        assert_eq!(looks_like_stun(b"PRI * HTTP/2.0\r\n"), Some(false));
        assert_eq!(looks_like_stun(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), Some(false));
        assert_eq!(
            looks_like_stun(&[0x40, 0, 0, 4, 0x21, 0x12, 0xa4, 0x42]),
            Some(false),
            "ChannelData first"
        );
    }
}
