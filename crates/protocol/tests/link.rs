//! Links: what was copied badly is told apart from an empty room.
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "helpers of tests")]

use eyeline_protocol::ids::{HostHash, RoomSecret};
use eyeline_protocol::link::{Link, LinkError};
use proptest::prelude::*;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn sample(host: bool) -> Link {
    let secret = RoomSecret(core::array::from_fn(|index| index as u8 * 7));
    Link { secret, host: host.then_some(HostHash([0xab; 16])) }
}

#[test]
fn a_link_is_read_from_an_address_a_fragment_or_its_end() {
    for host in [false, true] {
        let link = sample(host);
        let fragment = link.to_string();
        assert_eq!(fragment.len(), if host { 47 } else { 26 });
        let end = fragment.trim_start_matches('#');
        for text in [
            fragment.clone(),
            end.to_owned(),
            format!("https://example.org/{fragment}"),
            format!("http://127.0.0.1:8080/{fragment}"),
            format!("  https://[::1]:8080/{fragment}\n"),
        ] {
            assert_eq!(Link::parse(&text), Ok(link.clone()), "{text}");
        }
    }
}

#[test]
fn an_address_without_a_room_is_told() {
    for text in
        ["https://example.org/", "example.org", "localhost:8080", "https://example.org/#", "#", "", "  "]
    {
        assert_eq!(Link::parse(text), Err(LinkError::Missing), "{text:?}");
    }
}

#[test]
fn a_link_of_a_later_version_is_told() {
    for version in ['0', '2', '9'] {
        let text = sample(false).to_string().replacen('1', &version.to_string(), 1);
        assert_eq!(Link::parse(&text), Err(LinkError::UnknownVersion));
    }
}

#[test]
fn a_link_cut_anywhere_is_incomplete() {
    for host in [false, true] {
        let fragment = sample(host).to_string();
        for length in 2..fragment.len() {
            let cut = &fragment[..length];
            assert_eq!(Link::parse(cut), Err(LinkError::Incomplete), "{cut}");
        }
    }
}

/// Twelve bits of checksum: of all changes of one character, about one in 4096 goes unnoticed.
#[test]
fn a_mistyped_character_is_noticed_but_for_one_in_4096() {
    let (mut changes, mut unnoticed) = (0_u32, 0_u32);
    for host in [false, true] {
        let fragment = sample(host).to_string();
        for at in 2..fragment.len() {
            for other in ALPHABET.chars().filter(|other| !fragment[at..].starts_with(*other)) {
                let mistyped = format!("{}{other}{}", &fragment[..at], &fragment[at + 1..]);
                changes += 1;
                unnoticed += u32::from(Link::parse(&mistyped).is_ok());
            }
        }
    }
    assert_eq!(changes, (24 + 45) * 63);
    assert!(unnoticed <= 5, "{unnoticed} of {changes}; about one is expected");
}

#[test]
fn swapped_neighbours_and_changed_case_are_noticed() {
    let fragment = sample(false).to_string();
    for at in 2..fragment.len() - 1 {
        let mut characters: Vec<char> = fragment.chars().collect();
        characters.swap(at, at + 1);
        let swapped: String = characters.into_iter().collect();
        assert!(swapped == fragment || Link::parse(&swapped) == Err(LinkError::Incomplete), "{swapped}");
    }
    assert_eq!(Link::parse(&fragment.to_lowercase()), Err(LinkError::Incomplete));
    assert_eq!(Link::parse(&fragment.to_uppercase()), Err(LinkError::Incomplete));
}

#[test]
fn a_debug_print_shows_no_secret() {
    let printed = format!("{:?}", sample(true));
    assert!(printed.contains("RoomSecret(…)"), "{printed}");
}

proptest! {
    #[test]
    fn every_link_is_read_back(secret: [u8; 16], host: Option<[u8; 16]>) {
        let link = Link { secret: RoomSecret(secret), host: host.map(HostHash) };
        prop_assert_eq!(Link::parse(&link.to_string()), Ok(link));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = Link::parse(&text);
        let _ = Link::parse(&format!("#1{text}"));
    }
}
