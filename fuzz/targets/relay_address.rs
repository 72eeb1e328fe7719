//! The open relay's judgement of addresses against a second table, written in another way: as ranges, with the IPv4
//! addresses inside IPv6 cut out by byte.
#![no_main]

use eyeline_relay::address::judge;
use libfuzzer_sys::fuzz_target;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fuzz_target!(|input: &[u8]| {
    // The first byte bends the address towards the prefixes that matter.
    let Some((shape, rest)) = input.split_first() else { return };
    if let Some(octets) = rest.first_chunk::<4>() {
        let address = Ipv4Addr::from(*octets);
        assert_eq!(judge(address.into(), &[]).is_ok(), reaches_ipv4(address), "{address}");
    }
    if let Some(octets) = rest.first_chunk::<16>() {
        let mut octets = *octets;
        if let Some((start, prefix)) = PREFIXES.get(usize::from(*shape)) {
            octets[*start..*start + prefix.len()].copy_from_slice(prefix);
        }
        let address = Ipv6Addr::from(octets);
        let outcome = judge(address.into(), &[]);
        assert_eq!(outcome.is_ok(), reaches_ipv6(address), "{address}");
        // What is reached has no second spelling that would be judged otherwise.
        if let Ok(canonical) = outcome {
            assert_eq!(judge(canonical, &[]), Ok(canonical));
            assert!(!matches!(canonical, IpAddr::V6(inner) if inner.to_ipv4_mapped().is_some()));
        }
    }
});

const PREFIXES: &[(usize, &[u8])] = &[
    (0, &[0; 12]),
    (0, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
    (0, &[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0]),
    (0, &[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]),
    (0, &[0, 0x64, 0xff, 0x9b, 0, 1]),
    (0, &[0x20, 0x02]),
    (0, &[0x20, 0x01, 0, 0]),
    (0, &[0x20, 0x01]),
    (0, &[0x20, 0x01, 0x0d, 0xb8]),
    (0, &[0x3f, 0xff]),
    (8, &[0, 0, 0x5e, 0xfe]),
    (8, &[2, 0, 0x5e, 0xfe]),
    (0, &[0x26, 0x06, 0x47, 0, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe]),
];

fn reaches_ipv4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match a {
        0 | 10 | 127 | 224..=255 => false,
        100 => !(64..128).contains(&b),
        169 => b != 254,
        172 => !(16..32).contains(&b),
        192 => !matches!((b, c), (168, _) | (0, 0 | 2) | (88, 99)),
        198 => !matches!((b, c), (18 | 19, _) | (51, 100)),
        203 => (b, c) != (0, 113),
        _ => true,
    }
}

fn reaches_ipv6(address: Ipv6Addr) -> bool {
    let octets = address.octets();
    let at = |start: usize| Ipv4Addr::from([0, 1, 2, 3].map(|index| octets[start + index]));
    let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    if text.starts_with("00000000000000000000ffff") || text.starts_with("0064ff9b0000000000000000") {
        return reaches_ipv4(at(12));
    }
    let is_isatap = &text[16..24] == "00005efe" || &text[16..24] == "02005efe";
    if is_isatap && !reaches_ipv4(at(12)) {
        return false;
    }
    if text.starts_with("2002") {
        return reaches_ipv4(at(2));
    }
    let unicast = "20000000000000000000000000000000"..="3fffffffffffffffffffffffffffffff";
    let protocols = "20010000000000000000000000000000"..="200101ffffffffffffffffffffffffff";
    let examples = "20010db8000000000000000000000000"..="20010db8ffffffffffffffffffffffff";
    let more_examples = "3fff0000000000000000000000000000"..="3fff0fffffffffffffffffffffffffff";
    let inside = |range: &std::ops::RangeInclusive<&str>| range.contains(&text.as_str());
    inside(&unicast) && ![protocols, examples, more_examples].iter().any(inside)
}
