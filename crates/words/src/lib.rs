//! Languages: from Fluent files (`crates/web/locales/*.ftl`) to what the page loads.
//!
//! Knows: Fluent's syntax, and how the page's words are packed. Must not know: what the words say, or where they stand.
//!
//! English is the measure: its file says which messages there are, in which order, and with which variables. Each
//! message becomes one Rust function, and each language two [tables](Language::table), which the page loads when they are
//! wanted: the late one holds the groups whose headline ends with `(late)`. So no language is part of the program, and no interpreter of Fluent is shipped.
//!
//! Of Fluent's syntax is supported what the page needs: variables, `NUMBER($variable)`, and one choice by a number in a
//! message. Anything else is an error.
//!
//! # Layout
//! - [`language`]: a file, read. [`table`]: packed for the page.
//! - [`functions`]: the Rust code.
//! - [`comparison`]: what a language lacks.
//! - [`mirrored`]: a language that nobody speaks, to prove the layout.

mod comparison;
mod error;
mod functions;
mod language;
mod mirrored;
mod table;

pub use comparison::{Difference, compare};
pub use error::Error;
pub use functions::functions;
pub use language::{Key, Language, Message, Piece, Variant};
pub use mirrored::{MIRRORED, mirrored};

use std::fs;
use std::path::Path;

/// The language of the file that is the measure.
pub const ENGLISH: &str = "en";

/// Every language of a directory, by file name; English is among them.
pub fn read_all(directory: &Path) -> Result<Vec<Language>, Error> {
    let failed = |source| Error::File { path: directory.to_owned(), source };
    let mut languages = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(tag) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".ftl")) else {
            continue;
        };
        let source =
            fs::read_to_string(&path).map_err(|source| Error::File { path: path.clone(), source })?;
        languages.push(Language::parse(tag, &source)?);
    }
    languages.sort_by(|one, other| one.tag.cmp(&other.tag));
    if english(&languages).is_none() {
        return Err(Error::NoEnglish);
    }
    Ok(languages)
}

/// The one that is the measure.
pub fn english(languages: &[Language]) -> Option<&Language> {
    languages.iter().find(|language| language.tag == ENGLISH)
}
