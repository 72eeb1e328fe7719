//! A language that nobody speaks: English with accents, a third longer, from right to left. What stays plain on the page
//! was never given to translators; what overlaps, breaks or points the wrong way shows before anybody translates.

use crate::{Language, Piece};

/// Its tag: for local use (ISO 639-2, `qaa` to `qtz`), so no browser asks for it.
pub const MIRRORED: &str = "qps";

/// The message that says in which direction a language runs.
const DIRECTION: &str = "boot-direction";

/// Right-to-left override, and the end of it: each text is shown mirrored whatever its letters are (UAX 9).
const OVERRIDE: (&str, &str) = ("\u{200f}\u{202e}", "\u{202c}\u{200f}");

/// A value may run in either direction, and does not change that of its surroundings (UAX 9, first strong isolate).
const ISOLATE: (&str, &str) = ("\u{2068}", "\u{2069}");

/// Makes it from English.
pub fn mirrored(english: &Language) -> Language {
    let mut language = Language { tag: MIRRORED.to_owned(), ..english.clone() };
    for message in &mut language.messages {
        for variant in &mut message.variants {
            let pieces = std::mem::take(&mut variant.pieces);
            variant.pieces = if message.id == DIRECTION {
                vec![Piece::Text("rtl".to_owned())]
            } else {
                pieces.into_iter().flat_map(mirror).collect()
            };
        }
    }
    language
}

fn mirror(piece: Piece) -> Vec<Piece> {
    match piece {
        Piece::Text(text) => {
            let text: String = text.chars().flat_map(accented).collect();
            vec![Piece::Text([OVERRIDE.0, &text, OVERRIDE.1].concat())]
        }
        Piece::Variable(name) => {
            vec![Piece::Text(ISOLATE.0.to_owned()), Piece::Variable(name), Piece::Text(ISOLATE.1.to_owned())]
        }
    }
}

/// Vowels twice: more than a third of English's letters.
fn accented(letter: char) -> Vec<char> {
    let replaced = match letter {
        'a' => "åå",
        'e' => "éé",
        'i' => "îî",
        'o' => "öö",
        'u' => "ûû",
        'y' => "ýý",
        'A' => "ÅÅ",
        'E' => "ÉÉ",
        'I' => "ÎÎ",
        'O' => "ÖÖ",
        'U' => "ÛÛ",
        'c' => "ç",
        'd' => "ð",
        'g' => "ĝ",
        'h' => "ĥ",
        'k' => "ķ",
        'l' => "ļ",
        'n' => "ñ",
        'r' => "ŕ",
        's' => "š",
        't' => "ţ",
        'w' => "ŵ",
        'z' => "ž",
        'C' => "Ç",
        'N' => "Ñ",
        'S' => "Š",
        'T' => "Ţ",
        'Y' => "Ý",
        _ => return vec![letter],
    };
    replaced.chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_longer_and_runs_the_other_way() {
        let english = Language::parse(
            "en",
            "boot-direction = ltr\nwords = Pictures and voices go straight to the others\nname = Picture of { $name }",
        )
        .unwrap();
        let mirrored = mirrored(&english);
        assert_eq!(mirrored.words("boot-direction"), Some("rtl"));
        let (plain, words) = (english.words("words").unwrap(), mirrored.words("words").unwrap());
        let (before, after) = (plain.chars().count(), words.chars().count());
        assert!((120..=145).contains(&(after * 100 / before)), "{before} letters became {after}: {words}");
        assert!(words.starts_with(OVERRIDE.0) && words.ends_with(OVERRIDE.1));
        assert!(!words.contains("voices"));
        let table = mirrored.table(&english, false).unwrap();
        assert!(table.ends_with("\u{2068}{0}\u{2069}"), "{table}");
    }
}
