//! The open relay's table of peers, address by address.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in test functions only, not in the helpers beside them"
)]

use eyeline_relay::address::{Denied, judge};
use std::net::{IpAddr, Ipv4Addr};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Refused: every kind of address that is not global, and every way to write IPv4 inside IPv6.
const REFUSED: &[&str] = &[
    // IPv4, the first and the last of each network.
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.254",
    "255.255.255.255",
    // IPv6 itself.
    "::",
    "::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fdff::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "5f00::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff::1",
    "1fff:ffff::1",
    "4000::1",
    "8000::1",
    // IPv4-mapped (RFC 4291), in both spellings.
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "::ffff:255.255.255.255",
    "::ffff:192.168.1.1",
    // IPv4-compatible; not global even around a global address.
    "::127.0.0.1",
    "::10.0.0.1",
    "::169.254.169.254",
    "::8.8.8.8",
    // SIIT.
    "::ffff:0:127.0.0.1",
    "::ffff:0:10.0.0.1",
    "::ffff:0:8.8.8.8",
    // NAT64, the well-known prefix and the local one.
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b::192.168.0.1",
    "64:ff9b::0.0.0.0",
    "64:ff9b::224.0.0.1",
    "64:ff9b:1::127.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "64:ff9b:1:ffff::10.0.0.1",
    "64:ff9b:0:1::8.8.8.8",
    "64:ff9a::8.8.8.8",
    // 6to4.
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "2002:a9fe:a9fe::1",
    "2002:0:0::1",
    "2002:e000:1::1",
    // Teredo: an inside server, an inside client (bits inverted), a global one.
    "2001:0:7f00:1::",
    "2001:0:808:808:0:0:80ff:fffe",
    "2001:0:808:808:0:0:f7f7:f7f7",
    // ISATAP behind a global prefix, with and without the universal bit.
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
    "2606:4700::5efe:169.254.169.254",
    "fe80::5efe:8.8.8.8",
    // ISATAP behind 6to4.
    "2002:808:808::5efe:10.0.0.1",
];

/// Reached.
const REACHED: &[&str] = &[
    // The neighbours of what is refused.
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "203.0.114.0",
    "223.255.255.255",
    "8.8.8.8",
    "2000::1",
    "2001:200::1",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2606:4700::1111",
    "2a00::1",
    "3ffe::1",
    "3fff:1000::1",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2606:4700::5efe:8.8.8.8",
    "::ffff:8.8.8.8",
];

#[test]
fn what_is_not_global_is_refused_in_every_spelling() {
    assert!(REFUSED.len() >= 60, "{}", REFUSED.len());
    for text in REFUSED {
        assert!(judge(address(text), &[]).is_err(), "{text} is reached");
    }
}

#[test]
fn what_is_global_is_reached() {
    for text in REACHED {
        assert!(judge(address(text), &[]).is_ok(), "{text} is refused");
    }
}

#[test]
fn an_address_has_one_spelling() {
    assert_eq!(judge(address("::ffff:8.8.8.8"), &[]), Ok(address("8.8.8.8")));
    assert_eq!(judge(address("64:ff9b::8.8.8.8"), &[]), Ok(address("64:ff9b::808:808")));
}

#[test]
fn the_reason_names_what_is_inside() {
    let inside = Denied::EmbeddedNotGlobal(Ipv4Addr::new(10, 0, 0, 1));
    for text in ["::10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1", "2606:4700::5efe:10.0.0.1"] {
        assert_eq!(judge(address(text), &[]), Err(inside), "{text}");
    }
    assert_eq!(judge(address("::ffff:10.0.0.1"), &[]), Err(Denied::NotGlobal), "it is the same address");
}

#[test]
fn exceptions_hold_for_the_address_itself() {
    let allowed = ["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    for text in ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1"] {
        assert!(judge(address(text), &allowed).is_ok(), "{text}");
    }
    for text in ["64:ff9b::127.0.0.1", "2002:7f00:1::1", "::127.0.0.1", "10.0.0.1", "fc00::1"] {
        assert!(judge(address(text), &allowed).is_err(), "{text}");
    }
}
