//! HTTP and STUN on one TLS port: the first bytes tell them apart.
//!
//! Browsers send neither ALPN nor anything else before the handshake's end that would distinguish `turns:` from
//! `https:`. A STUN message begins with two zero bits and has its magic cookie in the bytes 4 to 7 (RFC 8489, 5); an
//! HTTP request begins with the letter of a method.

use crate::reading::{Prefix, Reading};
use bytes::Bytes;
use eyeline_relay::framing::{TELLING_BYTES, looks_like_stun};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// HTTP, or something that its parser shall refuse.
    Http,
    /// STUN or TURN.
    Stun,
}

/// Waits for the first bytes, and gives the stream back with them in front. The caller limits the time.
///
/// # Errors
/// When the stream ends before it has told, or breaks.
pub(crate) async fn look<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(Spoken, Prefixed<S>)> {
    let mut buffer = [0; TELLING_BYTES];
    let mut length = 0;
    loop {
        let read = stream.read(buffer.get_mut(length..).unwrap_or_default()).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        length += read;
        let bytes = buffer.get(..length).unwrap_or_default();
        if let Some(spoken) = tell(bytes) {
            return Ok((spoken, Reading::new(Prefix(Bytes::copy_from_slice(bytes)), stream)));
        }
    }
}

/// `None` as long as it can be either.
fn tell(bytes: &[u8]) -> Option<Spoken> {
    looks_like_stun(bytes).map(|is_stun| if is_stun { Spoken::Stun } else { Spoken::Http })
}

/// A stream with bytes in front of it that were read already.
pub(crate) type Prefixed<S> = Reading<Prefix, S>;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    /// An Allocate request's header (RFC 8656), and the beginning of an attribute.
    const ALLOCATE: &[u8] = b"\x00\x03\x00\x08\x21\x12\xA4\x42transactionid\x00\x19";

    #[test]
    fn the_first_bytes_tell_as_soon_as_they_can() {
        for (bytes, expected) in [
            (&b""[..], None),
            (b"G", Some(Spoken::Http)),
            (b"GET / HTTP/1.1\r\n", Some(Spoken::Http)),
            (b"PRI * HTTP/2.0\r\n", Some(Spoken::Http)),
            // An empty line before a request is allowed (RFC 9112, 2.2).
            (b"\r\n", None),
            (b"\r\nGET / HTTP/1.1", Some(Spoken::Http)),
            (ALLOCATE, Some(Spoken::Stun)),
            (b"\x00\x01\x00\x00\x21\x12\xA4", None),
            (b"\x00\x01\x00\x00\x21\x12\xA4\x42", Some(Spoken::Stun)),
            (b"\x00\x01\x00\x00\x21\x12\xA4\x43", Some(Spoken::Http)),
            // Channel data cannot come before an allocation.
            (b"\x40\x00\x00\x08\x21\x12\xA4\x42", Some(Spoken::Http)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(Spoken::Http)),
        ] {
            assert_eq!(tell(bytes), expected, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn however_the_bytes_are_split_none_is_lost() {
        for at in 1..ALLOCATE.len() {
            let (mut client, server) = tokio::io::duplex(64);
            let (first, second) = ALLOCATE.split_at(at);
            let (sent, got) = tokio::join!(
                async {
                    client.write_all(first).await?;
                    tokio::task::yield_now().await;
                    client.write_all(second).await?;
                    client.shutdown().await
                },
                async {
                    let (spoken, mut stream) = look(server).await?;
                    let mut all = Vec::new();
                    stream.read_to_end(&mut all).await?;
                    io::Result::Ok((spoken, all))
                }
            );
            sent.unwrap();
            assert_eq!(got.unwrap(), (Spoken::Stun, ALLOCATE.to_vec()), "split at {at}");
        }
    }

    #[tokio::test]
    async fn an_end_before_it_has_told_is_an_error() {
        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(b"\x00\x01").await.unwrap();
        client.shutdown().await.unwrap();
        let error = look(server).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
