//! What can go wrong, each with what to do about it.

use core::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why the client could not be built.
#[derive(Debug)]
pub enum Error {
    /// A program could not be started.
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no standard library for `wasm32-unknown-unknown`, and rustup could not fetch it.
    NoStandardLibrary,
    /// The nested cargo failed; its own messages stand above.
    Cargo(ExitStatus),
    /// wasm-bindgen could not make the JavaScript glue.
    Glue(String),
    /// The module could not be cut into what is loaded first and what is loaded late.
    Split(String),
    /// A file could not be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A language's file cannot be used.
    Words(eyeline_words::Error),
    /// The page refers to a file that is not there.
    UnknownReference(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { program, source } => {
                write!(f, "could not start {}: {source}", program.display())
            }
            Self::NoStandardLibrary => f.write_str(
                "the client needs Rust's standard library for wasm32-unknown-unknown, which is not installed, and \
                 rustup could not fetch it. Either\n  rustup target add wasm32-unknown-unknown\nor, on Debian \
                 without rustup's server,\n  apt-get install rustc-web rust-web-src\nand build with Debian's \
                 toolchain. To compile the server without the client, set EYELINE_SKIP_CLIENT=1.",
            ),
            Self::Cargo(status) => write!(f, "compiling the client failed ({status}); see cargo's messages above"),
            Self::Glue(message) => write!(f, "wasm-bindgen could not make the client's JavaScript: {message}"),
            Self::Split(message) => write!(f, "the client could not be cut in two: {message}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Words(error) => error.fmt(f),
            Self::UnknownReference(name) => {
                write!(f, "the page refers to {{{{{name}}}}}, but the client has no such file")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { source, .. } | Self::File { source, .. } => Some(source),
            Self::Words(error) => Some(error),
            Self::NoStandardLibrary
            | Self::Cargo(_)
            | Self::Glue(_)
            | Self::Split(_)
            | Self::UnknownReference(_) => None,
        }
    }
}

impl From<eyeline_words::Error> for Error {
    fn from(error: eyeline_words::Error) -> Self {
        Self::Words(error)
    }
}
