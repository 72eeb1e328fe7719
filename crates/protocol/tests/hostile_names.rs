//! Names that mean harm, after cleaning: each is one short line of visible characters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use eyeline_protocol::limits::NAME_CHARACTERS;
use eyeline_protocol::name::clean;
use serde_json::Value;

/// The group and the text of each.
fn names() -> Vec<(String, String)> {
    let data: Value = serde_json::from_str(include_str!("data/hostile-names.json")).unwrap();
    let of = |entry: &Value| {
        let times = entry["times"].as_u64().unwrap_or(1);
        let text = entry["text"].as_str().unwrap().repeat(usize::try_from(times).unwrap());
        (entry["group"].as_str().unwrap().to_owned(), text)
    };
    data["names"].as_array().unwrap().iter().map(of).collect()
}

/// What turns text around or is not seen, written down apart from the tables that cleaning uses.
fn turns_or_hides(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks of the scripts in the corpus.
fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}'
        | '\u{94d}' | '\u{e38}'..='\u{e3a}' | '\u{e48}'..='\u{e4e}' | '\u{f71}' | '\u{1037}' | '\u{17d2}'
        | '\u{20d0}'..='\u{20f0}')
}

#[test]
fn there_are_at_least_two_hundred() {
    let names = names();
    assert!(names.len() >= 200, "{}", names.len());
    let longest = names.iter().map(|(_, name)| name.len()).max().unwrap();
    assert!(longest >= 10 * 1024 * 1024, "{longest} bytes");
}

#[test]
fn each_becomes_one_short_line_of_visible_characters() {
    for (group, name) in names() {
        let clean = clean(&name);
        let start: String = name.chars().take(40).collect();
        let said = format!("{group} {start:?} became {clean:?}");
        assert!(clean.chars().count() <= NAME_CHARACTERS, "{said}");
        assert!(clean.len() <= 4 * NAME_CHARACTERS, "{said}");
        assert!(!clean.chars().any(turns_or_hides), "{said}");
        assert!(!clean.contains("  ") && clean.trim() == clean, "{said}");
        let mut marks = 0;
        for character in clean.chars() {
            marks = if is_mark(character) { marks + 1 } else { 0 };
            assert!(marks <= 4, "{said}");
        }
        assert_eq!(eyeline_protocol::name::clean(&clean), clean, "{said}");
    }
}

#[test]
fn markup_stays_letter_by_letter() {
    let mut count = 0;
    for (_, name) in names().into_iter().filter(|(group, _)| group == "markup") {
        if name.chars().count() <= NAME_CHARACTERS && !name.contains("  ") {
            assert_eq!(clean(&name), name);
            count += 1;
        }
    }
    assert!(count > 50, "only {count}");
}
