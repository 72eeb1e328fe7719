//! Candidates (RFC 8839, 5.1): checked before they go to the browser.

use crate::limits;
use core::net::IpAddr;

/// The most pairs of name and value behind the fixed fields. Browsers write up to five.
const EXTENSIONS: usize = 12;

/// The place of the candidate's type among the fields.
const TYPE: usize = 7;

/// Whether `line` (`candidate:…`, without `a=`) is a candidate that a browser may be given.
///
/// That is the grammar of RFC 8839 with UDP and TCP (RFC 6544), and for an address only IPv4, IPv6 or a name under
/// `.local` (multicast DNS, as browsers write to hide addresses): any other name would make the browser ask a name
/// server of a stranger's choice. At most [`limits::CANDIDATE_BYTES`] long.
pub fn is_acceptable(line: &str) -> bool {
    line.len() <= limits::CANDIDATE_BYTES && check(line).is_some()
}

/// Whether `line` is a candidate at a relay (TURN, RFC 8656).
pub fn is_relayed(line: &str) -> bool {
    line.split(' ').nth(TYPE) == Some("relay")
}

/// `line` without anything that tells where its owner is: only a candidate at a relay passes, and the related address,
/// which is the one that the relay saw, is blanked, as browsers do it themselves under the ICE transport policy `relay`.
pub fn hidden(line: &str) -> Option<String> {
    if !is_relayed(line) {
        return None;
    }
    let mut blank = "";
    let mut fields = Vec::new();
    for (place, field) in line.split(' ').enumerate() {
        let value = if blank.is_empty() { field } else { blank };
        // The fields behind the type are pairs of name and value.
        blank = match field {
            "raddr" if blank.is_empty() && place > TYPE => "0.0.0.0",
            "rport" if blank.is_empty() && place > TYPE => "0",
            _ => "",
        };
        fields.push(value);
    }
    Some(fields.join(" "))
}

/// `None` as soon as something is wrong.
fn check(line: &str) -> Option<()> {
    let mut fields = line.strip_prefix("candidate:")?.split(' ');
    let mut next = || fields.next();

    let foundation = next()?;
    let ok = (1..=32).contains(&foundation.len()) && foundation.bytes().all(is_ice_or_dash);
    require(ok)?;
    let component: u16 = number(next()?)?;
    require((1..=256).contains(&component))?;
    let transport = next()?;
    let tcp = transport.eq_ignore_ascii_case("tcp");
    require(tcp || transport.eq_ignore_ascii_case("udp"))?;
    let priority: u32 = number(next()?)?;
    require((1..1 << 31).contains(&priority))?;
    let address = next()?;
    require(is_address(address) && !leads_nowhere(address))?;
    let port: u16 = number(next()?)?;
    require(port != 0)?;
    require(next()? == "typ")?;
    require(matches!(next()?, "host" | "srflx" | "prflx" | "relay"))?;

    let mut tcp_type = false;
    for _ in 0..EXTENSIONS {
        let Some(name) = fields.next() else {
            return require(tcp == tcp_type);
        };
        let value = fields.next()?;
        match name {
            "raddr" => require(is_address(value))?,
            "rport" => require(number::<u16>(value).is_some())?,
            "tcptype" => {
                require(!tcp_type && matches!(value, "active" | "passive" | "so"))?;
                tcp_type = true;
            }
            _ => require(is_visible(name) && is_visible(value))?,
        }
    }
    require(fields.next().is_none() && tcp == tcp_type)
}

fn require(condition: bool) -> Option<()> {
    condition.then_some(())
}

fn number<T: core::str::FromStr>(text: &str) -> Option<T> {
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// RFC 8839 takes letters, digits, `+` and `/`; `-` is seen in the field.
fn is_ice_or_dash(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-".contains(&byte)
}

fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_local_name(text)
}

/// One label under `.local` (RFC 6762), such as a UUID.
fn is_local_name(text: &str) -> bool {
    text.strip_suffix(".local").is_some_and(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Addresses at which no peer can be.
fn leads_nowhere(text: &str) -> bool {
    text.parse().is_ok_and(|address: IpAddr| {
        let address = address.to_canonical();
        let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
        address.is_unspecified() || address.is_multicast() || broadcast
    })
}
