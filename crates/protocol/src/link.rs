//! The link: everything a person needs to enter a room, behind the `#`, which browsers never send to a server.
//!
//! `#1` + base64url(secret ‖ optional host hash) + two check characters. The path of the page is always `/`.

use crate::ids::{HostHash, RoomSecret};
use base64ct::{Base64UrlUnpadded, Encoding};
use core::fmt;
use sha2::{Digest, Sha256};

/// The version this code writes and reads: the digit after the `#`.
pub const VERSION: char = '1';

/// What stands in a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// The room's secret.
    pub secret: RoomSecret,
    /// The hash of the host's key, if the room has a host.
    pub host: Option<HostHash>,
}

/// Why a text is not a link. Each has its own words in the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// There is no `#…` part: somebody copied the address only.
    Missing,
    /// Characters are missing, or were added, or one was mistyped.
    Incomplete,
    /// The link is of a version that this program does not know.
    UnknownVersion,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "this address has no room in it: the part after the # is missing",
            Self::Incomplete => "this link is incomplete or mistyped: ask for it again, or copy it whole",
            Self::UnknownVersion => {
                "this link was made by a newer version: reload the page, or update the server"
            }
        })
    }
}

impl core::error::Error for LinkError {}

impl Link {
    /// Reads a whole address (`https://host/#1…`), a fragment (`#1…`) or what stands behind the `#`.
    ///
    /// White space around it is ignored, as messengers add it.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        let fragment = match text.split_once('#') {
            Some((_, fragment)) => fragment,
            None if text.contains(['/', ':', '.']) => return Err(LinkError::Missing),
            None => text,
        };
        let mut characters = fragment.chars();
        match characters.next() {
            None => return Err(LinkError::Missing),
            Some(VERSION) => {}
            Some('0'..='9') => return Err(LinkError::UnknownVersion),
            Some(_) => return Err(LinkError::Incomplete),
        }
        let body = characters.as_str();
        let (encoded, check) = body
            .len()
            .checked_sub(2)
            .and_then(|at| body.split_at_checked(at))
            .ok_or(LinkError::Incomplete)?;
        let bytes = Base64UrlUnpadded::decode_vec(encoded).map_err(|_| LinkError::Incomplete)?;
        if check != check_characters(&bytes) {
            return Err(LinkError::Incomplete);
        }
        let (secret, host) = bytes.split_at_checked(RoomSecret::LENGTH).ok_or(LinkError::Incomplete)?;
        let host = match host {
            [] => None,
            host => Some(HostHash::try_from(host).map_err(|_| LinkError::Incomplete)?),
        };
        Ok(Self { secret: RoomSecret::try_from(secret).map_err(|_| LinkError::Incomplete)?, host })
    }
}

/// Prints the fragment, `#` included.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.secret.0.to_vec();
        if let Some(host) = &self.host {
            bytes.extend_from_slice(&host.0);
        }
        write!(f, "#{VERSION}{}{}", Base64UrlUnpadded::encode_string(&bytes), check_characters(&bytes))
    }
}

/// 12 bits of a hash as two base64url characters: a cut or mistyped link is told apart from an empty room with
/// a chance of 4095 in 4096.
fn check_characters(bytes: &[u8]) -> String {
    let hash = Sha256::new().chain_update(b"eyeline link check").chain_update(bytes).finalize();
    let mut text = Base64UrlUnpadded::encode_string(&hash);
    text.truncate(2);
    text
}
