//! Display names after cleaning.

use eyeline_protocol::name::clean;
use proptest::prelude::*;

#[test]
fn ordinary_names_of_many_scripts_stay_as_they_are() {
    for name in [
        "Ada",
        "Zoë",
        "Nguyễn Văn Hữu",
        "אַבְרָהָם",
        "สมชาย",
        "हिन्दी",
        "김철수",
        "O’Brien-Smith",
        "R2-D2 🤖",
        "Zoe\u{308}",
    ] {
        assert_eq!(clean(name), name);
    }
}

#[test]
fn white_space_becomes_single_spaces() {
    assert_eq!(clean("  Ada \t\r\n\u{a0}\u{3000}\u{2028}Lovelace  "), "Ada Lovelace");
    assert_eq!(clean(" \n "), "");
    assert_eq!(clean("a \u{200b} b"), "a b");
}

#[test]
fn characters_that_turn_or_hide_text_are_removed() {
    for junk in [
        '\0',
        '\u{1b}',
        '\u{7f}',
        '\u{9f}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202d}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fff9}',
        '\u{115f}',
        '\u{3164}',
        '\u{ffa0}',
        '\u{2800}',
        '\u{e0041}',
        '\u{34f}',
    ] {
        assert_eq!(clean(&format!("{junk}a{junk}b{junk}")), "ab", "{junk:?}");
    }
}

#[test]
fn towers_of_marks_are_cut_and_marks_on_nothing_removed() {
    assert_eq!(clean(&format!("a{}b", "\u{301}".repeat(50))), format!("a{}b", "\u{301}".repeat(4)));
    assert_eq!(clean(&"a\u{301}\u{200b}".repeat(2)), "a\u{301}a\u{301}");
    assert_eq!(clean("a\u{301}\u{302}\u{200b}\u{303}\u{304}\u{305}"), "a\u{301}\u{302}\u{303}\u{304}");
    assert_eq!(clean("\u{301}a \u{301}b"), "a b");
}

#[test]
fn at_most_64_characters_remain() {
    assert_eq!(clean(&"x".repeat(1000)), "x".repeat(64));
    assert_eq!(clean(&"x ".repeat(1000)).chars().count(), 63);
    assert_eq!(clean(&"😀".repeat(65)).chars().count(), 64);
}

proptest! {
    #[test]
    fn cleaning_twice_changes_nothing_and_the_result_is_one_clean_line(name in any::<String>()) {
        let once = clean(&name);
        prop_assert_eq!(&clean(&once), &once);
        prop_assert!(once.chars().count() <= 64);
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert_eq!(once.trim(), &once);
        prop_assert!(!once.contains("  "));
    }
}
