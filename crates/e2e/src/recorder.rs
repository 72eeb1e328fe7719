//! A listener in the place of the server: passes on everything between browsers and server, and keeps a copy of what
//! it saw, WebSocket messages unmasked.

use anyhow::Result;
use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The recorder; it works until the runtime ends.
pub struct Recorder {
    /// Where browsers go instead of to the server.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Conversation>>>,
}

/// What passed over one TCP connection.
#[derive(Clone, Default)]
struct Conversation {
    from_browser: Vec<u8>,
    from_server: Vec<u8>,
}

impl Recorder {
    /// Starts to listen beside the server.
    pub async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((server.ip(), 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let conversations = seen.clone();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                tokio::spawn(pass_on(browser, server, conversations.clone()));
            }
        });
        Ok(Self { address, seen })
    }

    /// What passed in both directions, one message after the other: WebSocket messages without their masks, and
    /// everything that browsers said over plain HTTP. What the server served (the page and its programs) is left
    /// out, but for its WebSocket messages.
    pub fn signaling(&self) -> Vec<Vec<u8>> {
        let conversations = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut messages = Vec::new();
        for conversation in conversations {
            let upgraded = find(&conversation.from_browser.to_ascii_lowercase(), b"upgrade: websocket");
            if upgraded.is_none() {
                messages.push(conversation.from_browser);
                continue;
            }
            for side in [conversation.from_browser, conversation.from_server] {
                let head = find(&side, b"\r\n\r\n").map_or(side.len(), |at| at + 4);
                let (head, rest) = side.split_at(head);
                messages.push(head.to_vec());
                messages.extend(frames(rest));
            }
        }
        messages
    }
}

/// Where `secret` stands in `text`: as it is, in hexadecimal digits, or in base64 at any of its three alignments.
pub fn reveals(text: &[u8], secret: &[u8]) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if find(&lower, &secret.to_ascii_lowercase()).is_some() {
        return Some("as it is".into());
    }
    if find(&lower, HEXLOWER.encode(secret).as_bytes()).is_some() {
        return Some("in hexadecimal digits".into());
    }
    for alignment in 0..3 {
        // The characters at either end also depend on what stands beside the secret.
        let mut shifted = vec![0; alignment];
        shifted.extend_from_slice(secret);
        for encoding in [BASE64, BASE64URL] {
            let encoded = encoding.encode(&shifted);
            let from = [0, 2, 3].get(alignment).copied().unwrap_or_default();
            let to = shifted.len() / 3 * 4;
            let middle = encoded.get(from..to).unwrap_or_default();
            if middle.len() >= 8 && find(text, middle.as_bytes()).is_some() {
                return Some("in base64".into());
            }
        }
    }
    None
}

async fn pass_on(browser: TcpStream, server: SocketAddr, seen: Arc<Mutex<Vec<Conversation>>>) {
    let Ok(upstream) = TcpStream::connect(server).await else { return };
    let number = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(Conversation::default());
        seen.len() - 1
    };
    let (from_browser, to_browser) = browser.into_split();
    let (from_server, to_server) = upstream.into_split();
    let keep = |side: fn(&mut Conversation) -> &mut Vec<u8>| {
        let seen = seen.clone();
        move |bytes: &[u8]| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(conversation) = seen.get_mut(number) {
                side(conversation).extend_from_slice(bytes);
            }
        }
    };
    tokio::join!(
        copy(from_browser, to_server, keep(|conversation| &mut conversation.from_browser)),
        copy(from_server, to_browser, keep(|conversation| &mut conversation.from_server)),
    );
}

async fn copy(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    keep: impl Fn(&[u8]),
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        let bytes = buffer.get(..length).unwrap_or_default();
        keep(bytes);
        if bytes.is_empty() || to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// The payloads of WebSocket frames (RFC 6455 section 5.2), unmasked. An unfinished last frame is given as far as it
/// came.
fn frames(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Some((frame, rest)) = frame(bytes) {
        frames.push(frame);
        bytes = rest;
    }
    frames
}

fn frame(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (head, bytes) = bytes.split_at_checked(2)?;
    let second = head.last()?;
    let (length, bytes) = match second & 0x7f {
        126 => {
            let (length, bytes) = bytes.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), bytes)
        }
        127 => {
            let (length, bytes) = bytes.split_first_chunk::<8>()?;
            (usize::try_from(u64::from_be_bytes(*length)).ok()?, bytes)
        }
        length => (usize::from(length), bytes),
    };
    let (mask, bytes) = if second & 0x80 == 0 {
        ([0; 4], bytes)
    } else {
        let (mask, bytes) = bytes.split_first_chunk::<4>()?;
        (*mask, bytes)
    };
    let (payload, rest) = bytes.split_at(length.min(bytes.len()));
    Some((payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect(), rest))
}

/// Where `needle` first stands in `haystack`.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len().max(1)).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_and_long_frames_are_read() {
        let mut bytes = vec![0x82, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3];
        bytes.extend([0x82, 126, 0, 200]);
        bytes.extend([b'x'; 200]);
        assert_eq!(frames(&bytes), [b"abc".to_vec(), vec![b'x'; 200]]);
    }

    #[test]
    fn a_secret_is_found_in_each_disguise() {
        let secret = b"a secret of 16 B";
        for before in ["", "1", "12"] {
            let mut text = before.as_bytes().to_vec();
            text.extend_from_slice(secret);
            text.extend_from_slice(b"after");
            assert_eq!(reveals(&text, secret).as_deref(), Some("as it is"));
            let encoded = BASE64URL.encode(&text);
            assert_eq!(reveals(encoded.as_bytes(), secret).as_deref(), Some("in base64"), "{encoded}");
            let encoded = HEXLOWER.encode(&text);
            assert_eq!(reveals(encoded.as_bytes(), secret).as_deref(), Some("in hexadecimal digits"));
        }
        assert_eq!(reveals(b"nothing of that kind", secret), None);
    }
}
