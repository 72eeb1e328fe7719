//! What a language lacks, measured by English.

use crate::{Language, Message};
use std::collections::BTreeSet;

/// Something to do in a language's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// English has this message; what stands in English's file is what is to be translated.
    Missing {
        /// English's source.
        source: String,
    },
    /// English has no such message any more.
    Superfluous {
        /// Its name.
        id: String,
    },
    /// It says other variables than English does, in some of its cases.
    Variables {
        /// Its name.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// It says just what English says, and no comment says that it is meant to.
    Untranslated {
        /// Its name.
        id: String,
    },
}

/// Compares a language with English.
pub fn compare(language: &Language, english: &Language) -> Vec<Difference> {
    let mut differences = Vec::new();
    for measure in &english.messages {
        let id = measure.id.clone();
        match language.message(&id) {
            None => differences.push(Difference::Missing { source: measure.source.clone() }),
            Some(message) => {
                if let Some(reason) = variables(message, measure) {
                    differences.push(Difference::Variables { id, reason });
                } else if message.variants == measure.variants && !message.alike {
                    differences.push(Difference::Untranslated { id });
                }
            }
        }
    }
    for message in &language.messages {
        if english.message(&message.id).is_none() {
            differences.push(Difference::Superfluous { id: message.id.clone() });
        }
    }
    differences
}

/// A case for one number only, such as "one minute", need not say the number; everything else must be said in each case.
fn variables(message: &Message, measure: &Message) -> Option<String> {
    let expected: BTreeSet<_> = measure.variables().into_iter().collect();
    if let Some(extra) = message.variables().into_iter().find(|name| !expected.contains(name)) {
        return Some(format!("English has no variable ${extra}"));
    }
    for variant in &message.variants {
        let said = Message { variants: vec![variant.clone()], selector: None, ..message.clone() };
        let said: BTreeSet<_> = said.variables().into_iter().collect();
        let missing = expected
            .iter()
            .find(|name| !said.contains(**name) && message.selector.as_deref() != Some(**name));
        if let Some(missing) = missing {
            return Some(format!("${missing} is missing"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "name = Eyeline
hello = Hello { $name }
minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
";

    fn differences(source: &str) -> Vec<Difference> {
        let english = Language::parse("en", ENGLISH).unwrap();
        compare(&Language::parse("xx", source).unwrap(), &english)
    }

    #[test]
    fn a_whole_translation_has_none() {
        let whole = "# As in English.\nname = Eyeline\nhello = Hallo { $name }\nminutes = { $count ->\n    [one] eine Minute\n   \
                     *[other] { $count } Minuten\n}\n";
        assert_eq!(differences(whole), []);
    }

    #[test]
    fn what_is_missing_is_shown_as_it_stands_in_english() {
        let missing = differences("# As in English.\nname = Eyeline\nhello = Hallo { $name }");
        let source = "minutes =\n    { $count ->\n        [one] one minute\n       *[other] { $count } minutes\n    }\n";
        assert_eq!(missing, [Difference::Missing { source: source.to_owned() }]);
    }

    #[test]
    fn variables_and_untranslated_and_superfluous_messages_are_found() {
        let found = differences(
            "# As in English.\nname = Eyeline\nhello = Hallo\nminutes = { $count ->\n    [one] one minute\n   *[other] { $count } minutes\n}\nold = Alt",
        );
        assert_eq!(
            found,
            [
                Difference::Variables { id: "hello".to_owned(), reason: "$name is missing".to_owned() },
                Difference::Untranslated { id: "minutes".to_owned() },
                Difference::Superfluous { id: "old".to_owned() },
            ]
        );
        let extra = differences("hello = { $name } { $other }");
        assert!(extra.contains(&Difference::Variables {
            id: "hello".to_owned(),
            reason: "English has no variable $other".to_owned()
        }));
    }
}
