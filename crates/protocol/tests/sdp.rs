//! Session descriptions: real ones pass, what must not pass does not.
//!
//! `data/*.sdp` were captured with all their candidates from Chromium 156.0.8078.79 and Firefox 153.7.0 on Linux:
//! the offers with tracks of microphone and camera, the rest without, and one negotiated data channel.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use eyeline_protocol::limits;
use eyeline_protocol::sdp::{Description, Direction, MediaKind, SdpError};
use proptest::prelude::*;
use std::collections::BTreeSet;

const CHROMIUM_OFFER: &str = include_str!("data/chromium-offer.sdp");
const CHROMIUM_ANSWER: &str = include_str!("data/chromium-answer.sdp");
const FIREFOX_OFFER: &str = include_str!("data/firefox-offer.sdp");
const FIREFOX_ANSWER: &str = include_str!("data/firefox-answer.sdp");
const REAL: [&str; 4] = [CHROMIUM_OFFER, CHROMIUM_ANSWER, FIREFOX_OFFER, FIREFOX_ANSWER];

/// The shortest description that passes.
const SMALL: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
    a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n\
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
    a=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";

#[test]
fn what_chromium_and_firefox_write_passes_and_is_read_back_the_same() {
    for text in REAL {
        let description = Description::parse(text).unwrap();
        let written = description.to_string();
        assert_eq!(Description::parse(&written).unwrap(), description);
        assert_eq!(Description::parse(&written).unwrap().to_string(), written);
    }
}

#[test]
fn of_real_descriptions_only_addresses_and_candidates_are_lost() {
    for text in REAL {
        let written = Description::parse(text).unwrap().to_string();
        let kept: BTreeSet<&str> = written.lines().collect();
        for line in text.lines().filter(|line| !kept.contains(line)) {
            let expected = ["o=", "s=", "m=", "c=", "a=rtcp:", "a=candidate:", "a=end-of-candidates"];
            assert!(expected.iter().any(|start| line.starts_with(start)), "lost: {line}");
        }
    }
}

#[test]
fn no_address_and_no_port_of_the_writer_is_written() {
    for text in REAL {
        assert!(text.contains("192.0.2.2") || text.contains(".local"), "the sample is of use");
        let written = Description::parse(text).unwrap().to_string();
        assert!(
            !written.contains("192.0.2.2") && !written.contains("fd00::2") && !written.contains(".local")
        );
        assert!(!written.contains("candidate"));
        for line in written.lines().filter(|line| line.starts_with("m=")) {
            assert!(matches!(line.split(' ').nth(1), Some("9" | "0")), "{line}");
        }
    }
}

#[test]
fn the_five_m_lines_of_real_descriptions_are_told() {
    use MediaKind::{Application, Audio, Video};
    for text in REAL {
        let description = Description::parse(text).unwrap();
        let kinds: Vec<_> = description.media().iter().map(|media| media.kind()).collect();
        assert_eq!(kinds, [Audio, Video, Video, Audio, Application]);
        assert!(description.media().iter().all(|media| !media.is_rejected()));
        assert!(description.media()[..4].iter().all(|media| media.direction() == Direction::SendReceive));
        let names: Vec<_> = description.media().iter().map(|media| media.identification()).collect();
        assert_eq!(names, ["0", "1", "2", "3", "4"]);
        assert!(text.contains(&format!("a=ice-ufrag:{}\r\n", description.ice_username_fragment())));
    }
}

#[test]
fn one_fingerprint_is_written_in_upper_case() {
    for text in REAL.map(str::to_owned).into_iter().chain(REAL.map(with_lower_case_fingerprints)) {
        let description = Description::parse(&text).unwrap();
        let written = description.to_string();
        let lines: Vec<_> = written.lines().filter(|line| line.contains("fingerprint")).collect();
        let expected = text.lines().find(|line| line.starts_with("a=fingerprint")).unwrap();
        let expected = expected.to_uppercase().replace("A=FINGERPRINT:SHA-256", "a=fingerprint:sha-256");
        assert_eq!(lines, [expected.as_str()]);
        let hex: String = description.fingerprint().0.iter().map(|byte| format!("{byte:02X}:")).collect();
        assert!(expected.contains(hex.trim_end_matches(':')));
    }
}

#[test]
fn a_second_fingerprint_is_refused_wherever_it_stands() {
    let other = SMALL.lines().find(|line| line.starts_with("a=fingerprint")).unwrap();
    for text in REAL {
        for (at, _) in text.match_indices("\r\n").skip(3) {
            let decoy = format!("{}\r\n{other}{}", &text[..at], &text[at..]);
            assert_eq!(Description::parse(&decoy), Err(SdpError::SeveralFingerprints));
        }
    }
}

#[test]
fn a_fingerprint_of_another_hash_or_shape_is_refused() {
    for wrong in [
        "sha-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13",
        "sha-256 00:01",
        "sha-256",
        "sha-256 ",
        "sha-512 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
        "sha-256  00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
        "sha-256 +0:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
        "sha-256 000:1:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
    ] {
        let text = SMALL.replace("s=-\r\n", &format!("s=-\r\na=fingerprint:{wrong}\r\n"));
        assert_eq!(Description::parse(&text), Err(SdpError::BadFingerprint), "{wrong}");
    }
    for text in REAL {
        let none: String =
            text.split_inclusive("\r\n").filter(|line| !line.contains("fingerprint")).collect();
        assert_eq!(Description::parse(&none), Err(SdpError::NoFingerprint));
    }
}

#[test]
fn what_is_not_on_the_list_is_left_out() {
    for line in [
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xyz",
        "a=identity:abc",
        "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
        "a=end-of-candidates",
        "a=remote-candidates:1 192.0.2.1 9",
        "a=unheard-of",
        "a=unheard-of:x",
        "i=words",
        "u=https://example.org/",
        "k=prompt",
        "b=AS:1",
        "c=IN IP4 192.0.2.1",
    ] {
        let text = format!("{SMALL}{line}\r\n");
        assert_eq!(Description::parse(&text), Description::parse(SMALL), "{line}");
    }
}

#[test]
fn attributes_to_come_pass_unchanged() {
    for line in
        ["a=sctp-init:AQAAHg==", "a=ice-options:trickle sped googspedv1", "a=setup:actpass", "a=cryptex"]
    {
        let written = Description::parse(&format!("{SMALL}{line}\r\n")).unwrap().to_string();
        assert!(written.contains(&format!("{line}\r\n")), "{line}");
    }
}

#[test]
fn lines_that_are_wrong_are_refused() {
    for (why, text) in [
        ("empty", String::new()),
        ("an empty line", format!("{SMALL}\r\n")),
        ("no =", format!("{SMALL}abc\r\n")),
        ("a control character", format!("{SMALL}a=msid:\x01\r\n")),
        ("a lone CR", format!("{SMALL}a=msid:x\ry\r\n")),
        ("not ASCII", format!("{SMALL}a=msid:ä\r\n")),
        ("another version", SMALL.replace("v=0", "v=1")),
        ("a second v", SMALL.replace("s=-", "s=-\r\nv=0")),
        ("no time", SMALL.replace("t=0 0\r\n", "")),
        ("two times", SMALL.replace("t=0 0", "t=0 0\r\nt=0 0")),
        ("origin without version", SMALL.replace("o=- 1 2", "o=- 1")),
        ("a signed number", SMALL.replace("o=- 1 2", "o=- +1 2")),
        ("unknown media", SMALL.replace("m=application", "m=text")),
        ("unknown protocol", SMALL.replace("UDP/DTLS/SCTP", "RTP/AVP")),
        ("media without format", SMALL.replace(" webrtc-datachannel", "")),
        ("port too high", SMALL.replace("application 9", "application 65536")),
        ("two mids", format!("{SMALL}a=mid:1\r\n")),
        ("no mid", SMALL.replace("a=mid:0\r\n", "")),
        ("two setups", format!("{SMALL}a=setup:active\r\na=setup:passive\r\n")),
        ("unknown setup", format!("{SMALL}a=setup:both\r\n")),
        ("two directions", format!("{SMALL}a=sendonly\r\na=recvonly\r\n")),
        ("a value where none belongs", format!("{SMALL}a=rtcp-mux:yes\r\n")),
        ("no value where one belongs", format!("{SMALL}a=rtpmap\r\n")),
        ("a number that is none", format!("{SMALL}a=sctp-port:x\r\n")),
        ("a short user name", SMALL.replace("abcd", "abc")),
        ("a short password", SMALL.replace("0123456789012345678901", "012345678901234567890")),
        ("payload type twice", SMALL.replace("m=app", "m=audio 9 UDP/TLS/RTP/SAVPF 1 1\r\nm=app")),
        ("payload type too high", SMALL.replace("m=app", "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\nm=app")),
    ] {
        assert_eq!(Description::parse(&text), Err(SdpError::Line), "{why}");
    }
    for name in ["a=ice-ufrag:abcd\r\n", "a=ice-pwd:0123456789012345678901\r\n"] {
        assert_eq!(Description::parse(&SMALL.replace(name, "")), Err(SdpError::NoCredentials));
    }
}

#[test]
fn lengths_and_counts_are_limited() {
    let long_line = format!("{SMALL}a=msid:{}\r\n", "x".repeat(1024));
    assert_eq!(Description::parse(&long_line), Err(SdpError::TooLong));
    let line = format!("a=msid:{}\r\n", "x".repeat(1000));
    assert_eq!(Description::parse(&format!("{SMALL}{}", line.repeat(16))), Err(SdpError::TooLong));
    Description::parse(&format!("{SMALL}{}", line.repeat(14))).unwrap();

    let media: String = (1..=8)
        .map(|mid| format!("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:{mid}\r\n"))
        .collect();
    assert_eq!(Description::parse(&format!("{SMALL}{media}")), Err(SdpError::MediaLines));
    let seven: String = media.split_inclusive("\r\n").take(14).collect();
    assert_eq!(Description::parse(&format!("{SMALL}{seven}")).unwrap().media().len(), 8);
    let none = SMALL.split("m=").next().unwrap();
    assert_eq!(Description::parse(none), Err(SdpError::MediaLines));
}

#[test]
fn lines_may_end_with_a_line_feed_only() {
    assert_eq!(Description::parse(&SMALL.replace('\r', "")), Description::parse(SMALL));
    assert_eq!(Description::parse(SMALL.trim_end()), Description::parse(SMALL));
}

#[test]
fn a_refused_m_line_stays_refused() {
    let text = SMALL.replace("application 9", "application 0");
    let description = Description::parse(&text).unwrap();
    assert!(description.media()[0].is_rejected());
    assert!(description.to_string().contains("m=application 0 "));
    let waiting = Description::parse(&format!("{text}a=bundle-only\r\n")).unwrap();
    assert!(!waiting.media()[0].is_rejected(), "waits for the bundle");
    assert!(waiting.to_string().contains("m=application 0 "));
}

proptest! {
    #[test]
    fn whatever_passes_is_read_back_the_same_and_within_limits(
        sample in 0_usize..4,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4), 1..12),
    ) {
        let mut lines: Vec<&str> = REAL[sample].split_inclusive("\r\n").collect();
        for (one, other, edit) in edits {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match edit {
                0 => lines.swap(one, other),
                1 => lines.insert(one, lines[other]),
                2 if lines.len() > 1 => { lines.remove(one); }
                _ => lines[one] = lines[other],
            }
        }
        if let Ok(description) = Description::parse(&lines.concat()) {
            let written = description.to_string();
            prop_assert!(written.len() <= limits::DESCRIPTION_BYTES);
            prop_assert_eq!(written.matches("fingerprint").count(), 1);
            prop_assert_eq!(Description::parse(&written).unwrap(), description);
        }
    }
}

fn with_lower_case_fingerprints(text: &str) -> String {
    let lower =
        |line: &str| if line.starts_with("a=fingerprint") { line.to_lowercase() } else { line.to_owned() };
    text.split_inclusive("\r\n").map(lower).collect()
}
