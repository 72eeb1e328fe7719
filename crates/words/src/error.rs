//! Why words could not be used, each with where.

use core::fmt;
use std::path::PathBuf;

/// What is wrong with a language's file.
#[derive(Debug)]
pub enum Error {
    /// It could not be read.
    File {
        /// The file, or its directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The language that is the measure is missing.
    NoEnglish,
    /// It is no Fluent.
    Syntax {
        /// The language.
        tag: String,
        /// What Fluent's parser said.
        message: String,
    },
    /// A message uses what is not supported, or what English does not have.
    Message {
        /// The language.
        tag: String,
        /// The message.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::NoEnglish => f.write_str("there is no en.ftl, which says what words there are"),
            Self::Syntax { tag, message } => write!(f, "{tag}.ftl: {message}"),
            Self::Message { tag, id, reason } => write!(f, "{tag}.ftl: {id}: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
