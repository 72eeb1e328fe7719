//! Builds the client for the server.
//!
//! Minimal version, replaced by the real one: returns a page that says that the client was not built.

use std::fmt;
use std::path::{Path, PathBuf};

/// What the server serves.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Every file.
    pub files: Vec<Asset>,
}

/// One file of the client.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The path in the URL: `/`, or `/assets/<name>-<hash>.<extension>`.
    pub path: String,
    /// Where it lies.
    pub file: PathBuf,
    /// The media type for `Content-Type`.
    pub content_type: String,
    /// Whether the content of this path never changes.
    pub immutable: bool,
}

/// Why the client could not be built.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Eyeline</title>\n\
    <h1>Eyeline</h1>\n<p>This server was built without its client.</p>\n</html>\n";

/// Builds the client into `out_dir`.
///
/// # Errors
/// A file cannot be written.
pub fn build(out_dir: &Path) -> Result<Manifest, Error> {
    let file = out_dir.join("index.html");
    let written = std::fs::create_dir_all(out_dir).and_then(|()| std::fs::write(&file, PLACEHOLDER));
    written.map_err(|error| Error(format!("{}: {error}", file.display())))?;
    let content_type = "text/html; charset=utf-8".to_owned();
    Ok(Manifest { files: vec![Asset { path: "/".to_owned(), file, content_type, immutable: false }] })
}
