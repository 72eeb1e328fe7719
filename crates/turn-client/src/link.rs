//! How packets travel: as datagrams, or framed in a stream (RFC 8656, 12.5).

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UdpSocket;

/// The longest packet that is taken.
const PACKET_BYTES: usize = 65_535;

/// A stream of any kind.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A way to a server.
pub enum Link {
    /// A connected UDP socket.
    Datagrams(UdpSocket),
    /// TCP, or TLS.
    Stream(Box<dyn Stream>),
}

impl Link {
    /// Over UDP, from any port of an address.
    ///
    /// # Errors
    /// Those of the system.
    pub async fn udp(from: IpAddr, server: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind((from, 0)).await?;
        socket.connect(server).await?;
        Ok(Self::Datagrams(socket))
    }

    /// Over a stream that is open already.
    pub fn stream(stream: impl Stream + 'static) -> Self {
        Self::Stream(Box::new(stream))
    }

    /// Whether packets are framed and padded.
    pub fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Sends one packet, padded already.
    ///
    /// # Errors
    /// Those of the system.
    pub async fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        match self {
            Self::Datagrams(socket) => socket.send(packet).await.map(drop),
            Self::Stream(stream) => {
                stream.write_all(packet).await?;
                stream.flush().await
            }
        }
    }

    /// The next packet; a frame keeps its padding.
    ///
    /// # Errors
    /// Those of the system; something that is no frame.
    pub async fn receive(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Datagrams(socket) => {
                let mut packet = vec![0; PACKET_BYTES];
                let length = socket.recv(&mut packet).await?;
                packet.truncate(length);
                Ok(packet)
            }
            Self::Stream(stream) => {
                let mut head = [0; 4];
                stream.read_exact(&mut head).await?;
                let [kind, _, high, low] = head;
                let length = usize::from(u16::from_be_bytes([high, low]));
                let rest = match kind >> 6 {
                    0b00 => length + 16,
                    0b01 => length.next_multiple_of(4),
                    _ => {
                        return Err(io::Error::new(
                            io::ErrorKind::InvalidData,
                            "neither STUN nor ChannelData",
                        ));
                    }
                };
                let mut packet = head.to_vec();
                packet.resize(head.len() + rest, 0);
                stream.read_exact(packet.get_mut(head.len()..).unwrap_or_default()).await?;
                Ok(packet)
            }
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_stream() { "Link::Stream" } else { "Link::Datagrams" })
    }
}
