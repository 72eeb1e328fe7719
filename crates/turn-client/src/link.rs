//! How packets travel: as datagrams, or framed in a stream (RFC 8656, 12.5).

use crate::{Error, Result};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UdpSocket;

/// The longest packet that is taken: more than a datagram of the Internet holds. Something longer in a stream is not
/// TURN: "HTTP" reads as `ChannelData` of 21,584 bytes, which would be waited for in vain.
const PACKET_BYTES: usize = 2048;

/// A stream of any kind.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A way to a server.
pub enum Link {
    /// A connected UDP socket.
    Datagrams(UdpSocket),
    /// TCP, or TLS.
    Stream(Framed),
}

/// A stream, and what has come of the next packet: whoever stops waiting for it loses nothing.
pub struct Framed {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
}

impl Link {
    /// Over UDP, from any port of an address.
    ///
    /// # Errors
    /// Those of the system.
    pub async fn udp(from: IpAddr, server: SocketAddr) -> Result<Self> {
        let socket = UdpSocket::bind((from, 0)).await?;
        socket.connect(server).await?;
        Ok(Self::Datagrams(socket))
    }

    /// Over a stream that is open already.
    pub fn stream(stream: impl Stream + 'static) -> Self {
        Self::Stream(Framed { stream: Box::new(stream), received: Vec::new() })
    }

    /// Whether packets are framed and padded.
    pub fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Sends one packet, padded already.
    ///
    /// # Errors
    /// Those of the system.
    pub async fn send(&mut self, packet: &[u8]) -> Result<()> {
        match self {
            Self::Datagrams(socket) => {
                socket.send(packet).await?;
            }
            Self::Stream(Framed { stream, .. }) => {
                stream.write_all(packet).await?;
                stream.flush().await?;
            }
        }
        Ok(())
    }

    /// The next packet; a frame keeps its padding.
    ///
    /// # Errors
    /// Those of the system; something that is no frame.
    pub async fn receive(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::Datagrams(socket) => {
                let mut packet = vec![0; PACKET_BYTES];
                let length = socket.recv(&mut packet).await?;
                packet.truncate(length);
                Ok(packet)
            }
            Self::Stream(Framed { stream, received }) => loop {
                if let Some(head) = received.first_chunk() {
                    let length = frame_length(*head)
                        .ok_or_else(|| Error::Nonsense("neither STUN nor channel data".to_owned()))?;
                    if received.len() >= length {
                        let rest = received.split_off(length);
                        return Ok(std::mem::replace(received, rest));
                    }
                }
                received.reserve(PACKET_BYTES);
                if stream.read_buf(received).await? == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
            },
        }
    }
}

/// How long a frame that begins so is, padding included (RFC 8656, 12.5).
fn frame_length([kind, _, high, low]: [u8; 4]) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes([high, low]));
    let length = match kind >> 6 {
        0b00 => length + 20,
        0b01 => length.next_multiple_of(4) + 4,
        _ => return None,
    };
    (length <= PACKET_BYTES).then_some(length)
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_stream() { "Link::Stream" } else { "Link::Datagrams" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Duration, timeout};

    #[test]
    fn frames_are_told_apart_by_their_first_bytes() {
        for (head, expected) in [
            ([0x00, 0x01, 0, 0], Some(20)),
            ([0x01, 0x13, 0, 60], Some(80)),
            ([0x40, 0x00, 0, 0], Some(4)),
            ([0x40, 0x00, 0, 1], Some(8)),
            ([0x4f, 0xff, 0, 8], Some(12)),
            ([0x48, 0x54, 0x54, 0x50], None),
            ([0x80, 0x00, 0, 0], None),
            ([0xff, 0xff, 0, 0], None),
        ] {
            assert_eq!(frame_length(head), expected, "{head:02x?}");
        }
    }

    /// However the bytes come, and however often somebody stops waiting.
    #[tokio::test]
    async fn whoever_stops_waiting_for_a_frame_loses_nothing() {
        let frames: [&[u8]; 2] = [b"\x40\x00\x00\x05hello\0\0\0", b"\x40\x01\x00\x02ho\0\0"];
        let bytes = frames.concat();
        for at in 1..bytes.len() {
            let (mut server, client) = tokio::io::duplex(64);
            let mut link = Link::stream(client);
            let (first, second) = bytes.split_at(at);
            server.write_all(first).await.unwrap();
            let mut received = Vec::new();
            while let Ok(frame) = timeout(Duration::ZERO, link.receive()).await {
                received.push(frame.unwrap());
            }
            server.write_all(second).await.unwrap();
            while received.len() < frames.len() {
                received.push(link.receive().await.unwrap());
            }
            assert_eq!(received, frames, "split at {at}");
        }
    }
}
