//! Candidates: those of browsers pass, others do not.

use eyeline_protocol::candidate::{hidden, is_acceptable, is_relayed};

const GOOD: &str = "candidate:1 1 udp 2122194687 192.0.2.2 40389 typ host";

#[test]
fn candidates_of_chromium_and_firefox_pass() {
    // Captured from Chromium 156 and Firefox 153, the reflexive and relayed ones with other addresses.
    for line in [
        "candidate:2576898545 1 udp 2122194687 192.0.2.2 40389 typ host generation 0 ufrag SrJv network-id 1",
        "candidate:2666149185 1 udp 2122265343 fd00::2 47808 typ host generation 0 ufrag SrJv network-id 2 network-cost 10",
        "candidate:3881286505 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0 ufrag SrJv network-id 1",
        "candidate:0 1 UDP 2122252543 192.0.2.2 45111 typ host",
        "candidate:3 1 TCP 2105524479 192.0.2.2 9 typ host tcptype active",
        "candidate:0 1 UDP 2122252543 7b0f3f1a-41e5-4e0c-9be3-6a7d7cfb9b5e.local 45111 typ host",
        "candidate:842163049 1 udp 1677729535 198.51.100.7 51000 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag x network-cost 999",
        "candidate:2 1 UDP 92217343 203.0.113.9 3479 typ relay raddr 203.0.113.9 rport 3479",
        GOOD,
    ] {
        assert!(is_acceptable(line), "{line}");
    }
}

#[test]
fn what_is_not_a_candidate_is_refused() {
    for line in [
        "",
        "candidate:",
        "a=candidate:1 1 udp 1 192.0.2.2 1 typ host",
        " candidate:1 1 udp 1 192.0.2.2 1 typ host",
        "candidate:1  1 udp 1 192.0.2.2 1 typ host",
        "candidate:1 0 udp 1 192.0.2.2 1 typ host",
        "candidate:1 257 udp 1 192.0.2.2 1 typ host",
        "candidate:1 1 sctp 1 192.0.2.2 1 typ host",
        "candidate:1 1 udp 0 192.0.2.2 1 typ host",
        "candidate:1 1 udp 2147483648 192.0.2.2 1 typ host",
        "candidate:1 1 udp +1 192.0.2.2 1 typ host",
        "candidate:1 1 udp 1 192.0.2 1 typ host",
        "candidate:1 1 udp 1 192.0.2.2 0 typ host",
        "candidate:1 1 udp 1 192.0.2.2 65536 typ host",
        "candidate:1 1 udp 1 192.0.2.2 1 type host",
        "candidate:1 1 udp 1 192.0.2.2 1 typ guest",
        "candidate:1 1 udp 1 192.0.2.2 1 typ host generation",
        "candidate:1 1 udp 1 192.0.2.2 1 typ host ",
        "candidate:1 1 udp 1 192.0.2.2 1 typ host tcptype active",
        "candidate:1 1 tcp 1 192.0.2.2 9 typ host",
        "candidate:1 1 tcp 1 192.0.2.2 9 typ host tcptype lazy",
        "candidate:1 1 udp 1 192.0.2.2 1 typ srflx raddr home rport 0",
        "candidate:1 1 udp 1 192.0.2.2 1 typ srflx raddr 0.0.0.0 rport x",
        "candidate:1234567890123456789012345678901234 1 udp 1 192.0.2.2 1 typ host",
    ] {
        assert!(!is_acceptable(line), "{line}");
    }
}

#[test]
fn names_other_than_of_multicast_dns_are_refused() {
    for name in ["example.org", "localhost", ".local", "a.b.local", "a_b.local", "x.local.", "fe80::1%eth0"] {
        assert!(!is_acceptable(&GOOD.replace("192.0.2.2", name)), "{name}");
    }
}

#[test]
fn addresses_where_no_peer_can_be_are_refused() {
    for address in ["0.0.0.0", "::", "255.255.255.255", "224.0.0.251", "ff02::1", "::ffff:0.0.0.0"] {
        assert!(!is_acceptable(&GOOD.replace("192.0.2.2", address)), "{address}");
    }
}

#[test]
fn control_characters_are_refused_at_every_place() {
    for at in 0..=GOOD.len() {
        for junk in ["\n", "\r\n", "\0", "\t", "\u{85}", "\u{202e}"] {
            let line = format!("{}{junk}{}", &GOOD[..at], &GOOD[at..]);
            assert!(!is_acceptable(&line), "{line:?}");
        }
    }
}

#[test]
fn length_and_extensions_are_limited() {
    assert!(is_acceptable(&format!("{GOOD}{}", " a b".repeat(11))));
    assert!(is_acceptable(&format!("{GOOD}{}", " a b".repeat(12))));
    assert!(!is_acceptable(&format!("{GOOD}{}", " a b".repeat(13))));
    assert!(is_acceptable(&format!("{GOOD} a {}", "b".repeat(512 - GOOD.len() - 3))));
    assert!(!is_acceptable(&format!("{GOOD} a {}", "b".repeat(512 - GOOD.len() - 2))));
}

#[test]
fn a_hidden_candidate_is_one_at_a_relay_without_the_address_that_the_relay_saw() {
    for (line, expected) in [
        (GOOD, None),
        ("candidate:1 1 udp 1 198.51.100.7 51000 typ srflx raddr 192.0.2.2 rport 40389", None),
        ("candidate:1 1 udp 1 192.0.2.2 1 typ host relay x", None),
        ("", None),
        (
            "candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr 198.51.100.7 rport 51000 generation 0 ufrag x",
            Some(
                "candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag x",
            ),
        ),
        (
            "candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr 2001:db8::7 rport 51000",
            Some("candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr 0.0.0.0 rport 0"),
        ),
        (
            "candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay",
            Some("candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay"),
        ),
        // A name in the place of a value is a value.
        (
            "candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr raddr rport 192.0.2.2",
            Some("candidate:2 1 udp 92217343 203.0.113.9 3479 typ relay raddr 0.0.0.0 rport 0"),
        ),
    ] {
        let hidden = hidden(line);
        assert_eq!(hidden.as_deref(), expected, "{line}");
        assert_eq!(hidden.is_some(), is_relayed(line));
        if let Some(hidden) = hidden {
            assert!(is_acceptable(&hidden), "{hidden}");
        }
    }
}
