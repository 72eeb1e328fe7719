//! Why there is no answer.

use std::fmt::{self, Display};
use std::io;

/// Why there is no answer, or none that can be used.
#[derive(Debug)]
pub enum Error {
    /// The way to the server failed; `TimedOut` if nothing came back in time.
    Link(io::Error),
    /// Something came that makes no sense, or would have been sent: what, in words.
    Nonsense(String),
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(error) => error.fmt(f),
            Self::Nonsense(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Link(error)
    }
}

pub(crate) fn nonsense(error: impl Display) -> Error {
    Error::Nonsense(error.to_string())
}
