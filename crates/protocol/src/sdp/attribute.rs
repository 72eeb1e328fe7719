//! The attributes that may pass, and what their values may be.

use core::fmt;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Session,
    Media,
}

/// Where an attribute may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Session,
    Media,
    Both,
}

/// What a value must look like. Lines are printable ASCII already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// There is none.
    None,
    /// Anything but nothing.
    Text,
    /// A decimal number below 2³².
    Number,
    /// RFC 8866, `token`: a name without spaces.
    Token,
    /// RFC 8839, 5.4: letters, digits, `+` and `/`, as many as said.
    Ice { least: usize },
    /// RFC 8842, 5.2.
    Setup,
    /// Says where RTCP would go without multiplexing: an address and port, put out as nowhere.
    Rtcp,
}

/// An attribute and its rules.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    name: &'static str,
    place: Place,
    value: Value,
    /// At most once at a place.
    once: bool,
}

const fn once(name: &'static str, place: Place, value: Value) -> Rule {
    Rule { name, place, value, once: true }
}

const fn many(name: &'static str, place: Place, value: Value) -> Rule {
    Rule { name, place, value, once: false }
}

/// All that pass. `candidate` and `end-of-candidates` are missing on purpose; `fingerprint` is read elsewhere.
static RULES: [Rule; 39] = [
    many("group", Place::Session, Value::Text),
    once("msid-semantic", Place::Session, Value::Text),
    once("extmap-allow-mixed", Place::Both, Value::None),
    once("ice-lite", Place::Session, Value::None),
    once("ice-options", Place::Both, Value::Text),
    once("ice-pacing", Place::Session, Value::Number),
    once("ice-ufrag", Place::Both, Value::Ice { least: 4 }),
    once("ice-pwd", Place::Both, Value::Ice { least: 22 }),
    once("setup", Place::Both, Value::Setup),
    once("tls-id", Place::Both, Value::Text),
    once("cryptex", Place::Both, Value::None),
    once("sendrecv", Place::Both, Value::None),
    once("sendonly", Place::Both, Value::None),
    once("recvonly", Place::Both, Value::None),
    once("inactive", Place::Both, Value::None),
    many("extmap", Place::Both, Value::Text),
    once("mid", Place::Media, Value::Token),
    many("msid", Place::Media, Value::Text),
    once("rtcp", Place::Media, Value::Rtcp),
    once("rtcp-mux", Place::Media, Value::None),
    once("rtcp-mux-only", Place::Media, Value::None),
    once("rtcp-rsize", Place::Media, Value::None),
    many("rtcp-xr", Place::Both, Value::Text),
    once("bundle-only", Place::Media, Value::None),
    many("rtpmap", Place::Media, Value::Text),
    many("fmtp", Place::Media, Value::Text),
    many("rtcp-fb", Place::Media, Value::Text),
    many("imageattr", Place::Media, Value::Text),
    many("ssrc", Place::Media, Value::Text),
    many("ssrc-group", Place::Media, Value::Text),
    many("rid", Place::Media, Value::Text),
    once("simulcast", Place::Media, Value::Text),
    once("framerate", Place::Media, Value::Text),
    once("ptime", Place::Media, Value::Number),
    once("maxptime", Place::Media, Value::Number),
    once("sctp-port", Place::Media, Value::Number),
    once("sctp-init", Place::Media, Value::Text),
    once("max-message-size", Place::Media, Value::Number),
    once("content", Place::Media, Value::Text),
];

/// An attribute that is on the list, with a value that fits.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    rule: &'static Rule,
    value: String,
}

/// The value of an attribute is not what its name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadValue;

impl Attribute {
    /// Reads what stands behind `a=`. `None` for what does not pass: unknown, or not where it belongs.
    pub(super) fn parse(text: &str, level: Level) -> Result<Option<Self>, BadValue> {
        let (name, value) = match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let Some(rule) = RULES.iter().find(|rule| rule.name == name && rule.place.allows(level)) else {
            return Ok(None);
        };
        if !rule.value.fits(value) {
            return Err(BadValue);
        }
        let value = match rule.value {
            Value::Rtcp => "9 IN IP4 0.0.0.0",
            _ => value.unwrap_or_default(),
        };
        Ok(Some(Self { rule, value: value.to_owned() }))
    }

    pub(super) const fn name(&self) -> &'static str {
        self.rule.name
    }

    /// Whether the two may not stand at one place.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        (self.rule == other.rule && self.rule.once) || (self.is_direction() && other.is_direction())
    }

    fn is_direction(&self) -> bool {
        matches!(self.name(), "sendrecv" | "sendonly" | "recvonly" | "inactive")
    }
}

/// The value of the first attribute of that name.
pub(super) fn value<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name() == name).map(|attribute| attribute.value.as_str())
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule.value {
            Value::None => write!(f, "a={}\r\n", self.name()),
            _ => write!(f, "a={}:{}\r\n", self.name(), self.value),
        }
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name(), self.value)
    }
}

impl core::hash::Hash for Attribute {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
        self.value.hash(state);
    }
}

impl Place {
    fn allows(self, level: Level) -> bool {
        match self {
            Self::Both => true,
            Self::Session => level == Level::Session,
            Self::Media => level == Level::Media,
        }
    }
}

impl Value {
    fn fits(self, value: Option<&str>) -> bool {
        match (self, value) {
            (Self::None, None) => true,
            (Self::None, Some(_)) | (_, None) => false,
            (Self::Text | Self::Rtcp, Some(text)) => !text.is_empty(),
            (Self::Number, Some(text)) => super::number::<u32>(text).is_some(),
            (Self::Token, Some(text)) => !text.is_empty() && text.bytes().all(is_token),
            (Self::Ice { least }, Some(text)) => {
                (least..=256).contains(&text.len()) && text.bytes().all(is_ice)
            }
            (Self::Setup, Some(text)) => matches!(text, "actpass" | "active" | "passive" | "holdconn"),
        }
    }
}

/// RFC 8866, 9, `token-char`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&byte)
}

/// RFC 8839, 5.1, `ice-char`.
fn is_ice(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}
