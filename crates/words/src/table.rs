//! A language, packed for the page, in two tables: what is said from the beginning, and what is said late.
//!
//! One line for each of English's messages, in English's order. `{0}` is the value of its first variable. Where a number
//! decides, there are a tab, a case, a tab and the whole message for it, for each case; the last, for all others, has no
//! name. Braces occur in no text, as Fluent has them for itself. The page's `words.rs` reads this.

use crate::{Error, Key, Language, Message, Piece};

impl Language {
    /// The table that is loaded first, or the `late` one. Where this language has no words yet, English ones stand.
    pub fn table(&self, english: &Self, late: bool) -> Result<String, Error> {
        let lines: Result<Vec<_>, Error> =
            english
                .part(late)
                .map(|measure| {
                    line(self.message(&measure.id).unwrap_or(measure), measure).map_err(|reason| {
                        Error::Message { tag: self.tag.clone(), id: measure.id.clone(), reason }
                    })
                })
                .collect();
        Ok(lines?.join("\n"))
    }
}

fn line(message: &Message, measure: &Message) -> Result<String, String> {
    if message.selector.is_some() && message.selector != measure.selector {
        return Err("English does not choose by this variable".to_owned());
    }
    let variables = measure.variables();
    let mut line = String::new();
    for variant in &message.variants {
        match &variant.key {
            Key::Case(case) => line.extend(["\t", case, "\t"]),
            Key::Default if message.selector.is_some() => line.push_str("\t\t"),
            Key::Default => {}
        }
        for piece in &variant.pieces {
            match piece {
                Piece::Text(text) if text.chars().any(|character| character.is_control()) => {
                    return Err("control characters are not supported".to_owned());
                }
                Piece::Text(text) => line.push_str(text),
                Piece::Variable(name) => {
                    let place = variables.iter().position(|variable| variable == name);
                    let place = place.ok_or_else(|| format!("English has no variable ${name}"))?;
                    line.push_str(&format!("{{{place}}}"));
                }
            }
        }
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "hello = Hello
list = { $first } and { $second }
minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
";

    fn table(source: &str) -> Result<String, Error> {
        let english = Language::parse("en", ENGLISH).unwrap();
        Language::parse("xx", source).unwrap().table(&english, false)
    }

    #[test]
    fn the_order_and_the_variables_are_those_of_english() {
        assert_eq!(table(ENGLISH).unwrap(), "Hello\n{0} and {1}\n\tone\tone minute\t\t{0} minutes");
        assert_eq!(
            table("minutes = { $count } 分钟\nlist = { $second } mit { $first }\nhello = Hallo").unwrap(),
            "Hallo\n{1} mit {0}\n{0} 分钟"
        );
    }

    #[test]
    fn what_is_said_late_stands_in_a_table_of_its_own() {
        let english = Language::parse("en", "a = A\n\n## Late (late)\nb = B\n\n## Not\nc = C\n").unwrap();
        let other = Language::parse("de", "c = 3\nb = 2\na = 1\n").unwrap();
        assert_eq!(other.table(&english, false).unwrap(), "1\n3");
        assert_eq!(other.table(&english, true).unwrap(), "2");
    }

    #[test]
    fn english_stands_in_for_what_is_missing() {
        assert_eq!(table("hello = Hallo").unwrap().lines().nth(1), Some("{0} and {1}"));
    }

    #[test]
    fn variables_that_english_does_not_have_are_an_error() {
        assert!(table("hello = Hallo { $name }").is_err());
        assert!(table("list = { $first ->\n   *[other] x\n }").is_err());
    }
}
