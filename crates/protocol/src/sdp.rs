//! Session descriptions (RFC 8866) as browsers write them for WebRTC (RFC 8829): read into types, and written again
//! from these types only.
//!
//! A description from a peer never goes to the browser as it came. What is not on a list of known lines is left out;
//! addresses, ports and candidates are left out too (candidates travel on their own, behind the door); fingerprints
//! must all be the same SHA-256 one, which is written exactly once. Browsers differ in which of several fingerprints
//! they believe, and Firefox takes only upper case.
//!
//! Everything else that a browser negotiates passes unchanged: `a=setup`, `a=ice-options` and the like are never
//! altered.

mod attribute;

use crate::ids::CertificateHash;
use crate::limits;
use attribute::{Attribute, Level};
use core::fmt;

/// The most m-lines. We use five; more than this is no description of ours.
pub const MEDIA_LINES: usize = 8;
/// The longest line, in bytes. The longest that Chromium 156 and Firefox 153 write has about 200.
pub const LINE_BYTES: usize = 1024;

/// What a description says before its first m-line, and its media.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Description {
    session_id: u64,
    session_version: u64,
    fingerprint: CertificateHash,
    attributes: Vec<Attribute>,
    media: Vec<Media>,
}

/// One m-line and what follows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Media {
    kind: MediaKind,
    zero_port: bool,
    /// Payload types (RFC 3551) in order of preference; empty for data.
    formats: Vec<u8>,
    attributes: Vec<Attribute>,
}

/// What an m-line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Sound, over `UDP/TLS/RTP/SAVPF`.
    Audio,
    /// Pictures, over `UDP/TLS/RTP/SAVPF`.
    Video,
    /// Data channels, over `UDP/DTLS/SCTP` (RFC 8841).
    Application,
}

/// Which way media may flow (RFC 8866, 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways. The default.
    SendReceive,
    /// Only from who wrote the description.
    SendOnly,
    /// Only to who wrote the description.
    ReceiveOnly,
    /// Neither way.
    Inactive,
}

/// Why a text is not taken as a session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdpError {
    /// Longer than [`limits::DESCRIPTION_BYTES`], or a line longer than [`LINE_BYTES`].
    TooLong,
    /// More than [`MEDIA_LINES`] m-lines, or none.
    MediaLines,
    /// A line that has no place where it stands, stands there twice, or whose value is not what its name promises.
    Line,
    /// No fingerprint at all.
    NoFingerprint,
    /// A fingerprint that is not SHA-256, or not written as RFC 8122 wants it.
    BadFingerprint,
    /// Fingerprints that differ from each other.
    SeveralFingerprints,
    /// No ICE user name fragment and password (RFC 8839, 5.4).
    NoCredentials,
}

impl fmt::Display for SdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a session description is too long",
            Self::MediaLines => "a session description has too many m-lines, or none",
            Self::Line => "a line of a session description is wrong",
            Self::NoFingerprint => "a session description has no fingerprint",
            Self::BadFingerprint => "a session description has a fingerprint that is not SHA-256",
            Self::SeveralFingerprints => "a session description has fingerprints that differ",
            Self::NoCredentials => "a session description has no ICE user name and password",
        })
    }
}

impl core::error::Error for SdpError {}

impl Description {
    /// Reads a description. Lines may end with CR LF or LF.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        if text.len() > limits::DESCRIPTION_BYTES {
            return Err(SdpError::TooLong);
        }
        let mut parser = Parser::default();
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            parser.line(line.strip_suffix('\r').unwrap_or(line))?;
        }
        let description = parser.finish()?;
        // Normal lines can be longer than those they stand for.
        if description.to_string().len() > limits::DESCRIPTION_BYTES {
            return Err(SdpError::TooLong);
        }
        Ok(description)
    }

    /// The one fingerprint in it: the SHA-256 of the certificate that the other end claims to use.
    pub const fn fingerprint(&self) -> CertificateHash {
        self.fingerprint
    }

    /// The m-lines, in order.
    pub fn media(&self) -> &[Media] {
        &self.media
    }

    /// The ICE user name fragment of the first m-line that has one (all are the same when everything is bundled):
    /// names the ICE generation that candidates belong to.
    pub fn ice_username_fragment(&self) -> &str {
        self.ice_value("ice-ufrag").unwrap_or_default()
    }

    fn ice_value(&self, name: &str) -> Option<&str> {
        attribute::value(&self.attributes, name)
            .or_else(|| self.media.iter().find_map(|media| attribute::value(&media.attributes, name)))
    }
}

impl Media {
    /// What it carries.
    pub const fn kind(&self) -> MediaKind {
        self.kind
    }

    /// Whether it is refused: port 0 (RFC 3264, 6), unless it only waits to be bundled (RFC 9143, 6), as Firefox
    /// writes all m-lines of an offer but the first.
    pub fn is_rejected(&self) -> bool {
        self.zero_port && attribute::value(&self.attributes, "bundle-only").is_none()
    }

    /// Its name in the bundle (`a=mid`, RFC 5888).
    pub fn identification(&self) -> &str {
        attribute::value(&self.attributes, "mid").unwrap_or_default()
    }

    /// Which way media may flow.
    pub fn direction(&self) -> Direction {
        let named = self.attributes.iter().find_map(|attribute| match attribute.name() {
            "sendrecv" => Some(Direction::SendReceive),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::ReceiveOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        });
        named.unwrap_or(Direction::SendReceive)
    }
}

/// Prints the description in its normal form: lines end with CR LF, no address, one fingerprint.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=0\r\no=- {} {} IN IP4 127.0.0.1\r\n", self.session_id, self.session_version)?;
        f.write_str("s=-\r\nt=0 0\r\na=fingerprint:sha-256 ")?;
        for (index, byte) in self.fingerprint.0.iter().enumerate() {
            write!(f, "{}{byte:02X}", if index == 0 { "" } else { ":" })?;
        }
        f.write_str("\r\n")?;
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 9 is the port of those who trickle (RFC 8840, 4.1.3).
        let port = if self.zero_port { 0 } else { 9 };
        match self.kind {
            MediaKind::Audio => write!(f, "m=audio {port} UDP/TLS/RTP/SAVPF")?,
            MediaKind::Video => write!(f, "m=video {port} UDP/TLS/RTP/SAVPF")?,
            MediaKind::Application => write!(f, "m=application {port} UDP/DTLS/SCTP webrtc-datachannel")?,
        }
        self.formats.iter().try_for_each(|format| write!(f, " {format}"))?;
        f.write_str("\r\nc=IN IP4 0.0.0.0\r\n")?;
        self.attributes.iter().try_for_each(|attribute| attribute.fmt(f))
    }
}

/// What has been read so far.
#[derive(Default)]
struct Parser {
    /// Lines seen: the first three are fixed.
    lines: usize,
    origin: (u64, u64),
    timing: bool,
    fingerprint: Option<CertificateHash>,
    attributes: Vec<Attribute>,
    media: Vec<Media>,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), SdpError> {
        if line.len() > LINE_BYTES {
            return Err(SdpError::TooLong);
        }
        if !line.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return Err(SdpError::Line);
        }
        let (name, value) = line.split_once('=').ok_or(SdpError::Line)?;
        let number = self.lines;
        self.lines += 1;
        match (number, name, value) {
            (0, "v", "0") | (2, "s", _) => {}
            (1, "o", value) => self.origin = origin(value)?,
            (0..=2, ..) | (_, "v" | "o" | "s", _) => return Err(SdpError::Line),
            (_, "t", "0 0") if self.media.is_empty() && !self.timing => self.timing = true,
            (_, "t", _) => return Err(SdpError::Line),
            (_, "m", value) => self.media_line(value)?,
            (_, "a", value) => self.attribute(value)?,
            // Addresses (`c`), band width (`b`), and what WebRTC has no use for.
            (_, name, _) if name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_lowercase()) => {}
            _ => return Err(SdpError::Line),
        }
        Ok(())
    }

    fn media_line(&mut self, value: &str) -> Result<(), SdpError> {
        if self.media.len() >= MEDIA_LINES {
            return Err(SdpError::MediaLines);
        }
        self.media.push(media(value)?);
        Ok(())
    }

    fn attribute(&mut self, text: &str) -> Result<(), SdpError> {
        if let Some(value) = text.strip_prefix("fingerprint:") {
            return self.fingerprint(value);
        }
        let (level, attributes) = match self.media.last_mut() {
            Some(media) => (Level::Media, &mut media.attributes),
            None => (Level::Session, &mut self.attributes),
        };
        let Some(attribute) = Attribute::parse(text, level).map_err(|_| SdpError::Line)? else {
            return Ok(());
        };
        if attributes.iter().any(|earlier| earlier.excludes(&attribute)) {
            return Err(SdpError::Line);
        }
        attributes.push(attribute);
        Ok(())
    }

    fn fingerprint(&mut self, value: &str) -> Result<(), SdpError> {
        let fingerprint = fingerprint(value).ok_or(SdpError::BadFingerprint)?;
        match self.fingerprint.replace(fingerprint) {
            Some(earlier) if earlier != fingerprint => Err(SdpError::SeveralFingerprints),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Description, SdpError> {
        if self.lines < 3 || !self.timing {
            return Err(SdpError::Line);
        }
        if self.media.is_empty() {
            return Err(SdpError::MediaLines);
        }
        for (index, media) in self.media.iter().enumerate() {
            let name = media.identification();
            let earlier = self.media.iter().take(index);
            if name.is_empty() || earlier.into_iter().any(|other| other.identification() == name) {
                return Err(SdpError::Line);
            }
        }
        let description = Description {
            session_id: self.origin.0,
            session_version: self.origin.1,
            fingerprint: self.fingerprint.ok_or(SdpError::NoFingerprint)?,
            attributes: self.attributes,
            media: self.media,
        };
        let credentials = ["ice-ufrag", "ice-pwd"].map(|name| description.ice_value(name));
        if credentials.contains(&None) { Err(SdpError::NoCredentials) } else { Ok(description) }
    }
}

/// Session id and version; the rest says who wrote it, and from where, which is nobody's business.
fn origin(value: &str) -> Result<(u64, u64), SdpError> {
    let fields: Vec<&str> = value.split(' ').collect();
    match fields.as_slice() {
        [_, id, version, "IN", "IP4" | "IP6", _] => {
            Ok((number(id).ok_or(SdpError::Line)?, number(version).ok_or(SdpError::Line)?))
        }
        _ => Err(SdpError::Line),
    }
}

fn media(value: &str) -> Result<Media, SdpError> {
    let mut fields = value.split(' ');
    let mut next = || fields.next().ok_or(SdpError::Line);
    let (kind, port, protocol) = (next()?, next()?, next()?);
    let zero_port = number::<u16>(port).ok_or(SdpError::Line)? == 0;
    let (kind, formats) = match (kind, protocol) {
        ("audio", "UDP/TLS/RTP/SAVPF" | "TCP/TLS/RTP/SAVPF") => (MediaKind::Audio, payload_types(fields)?),
        ("video", "UDP/TLS/RTP/SAVPF" | "TCP/TLS/RTP/SAVPF") => (MediaKind::Video, payload_types(fields)?),
        ("application", "UDP/DTLS/SCTP" | "TCP/DTLS/SCTP") if fields.clone().eq(["webrtc-datachannel"]) => {
            (MediaKind::Application, Vec::new())
        }
        _ => return Err(SdpError::Line),
    };
    Ok(Media { kind, zero_port, formats, attributes: Vec::new() })
}

/// At least one; each below 128 and named once.
fn payload_types<'a>(fields: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, SdpError> {
    let mut types = Vec::new();
    for field in fields {
        let payload_type = number::<u8>(field).filter(|value| *value < 128).ok_or(SdpError::Line)?;
        if types.contains(&payload_type) {
            return Err(SdpError::Line);
        }
        types.push(payload_type);
    }
    if types.is_empty() { Err(SdpError::Line) } else { Ok(types) }
}

/// `sha-256 AB:CD:…`: the hash's name in any case, 32 bytes in hexadecimal of any case (RFC 8122, 5).
fn fingerprint(value: &str) -> Option<CertificateHash> {
    let (hash, bytes) = value.split_once(' ')?;
    if !hash.eq_ignore_ascii_case("sha-256") || bytes.len() != 32 * 3 - 1 {
        return None;
    }
    // 95 characters with 32 pairs among them: the rest can only be the 31 colons between.
    let pairs: String = bytes.split(':').filter(|pair| pair.len() == 2).collect();
    let decoded = base16ct::mixed::decode_vec(pairs).ok()?;
    CertificateHash::try_from(decoded.as_slice()).ok()
}

/// A decimal number without sign.
fn number<T: core::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
