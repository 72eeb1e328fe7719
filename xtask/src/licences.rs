//! The licences of all libraries in the binary: most ask that their text comes with it.

use crate::steps::{Steps, cargo};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What cargo's list does not name.
const INTRODUCTION: &str = "\
Eyeline itself is MIT OR Apache-2.0, as you choose: see LICENSE-MIT and LICENSE-APACHE.

The signs on the page's buttons are from Lucide (ISC): see crates/web/NOTICE in the source.

The binary contains Rust's standard library (MIT OR Apache-2.0) and the GNU C Library (LGPL-2.1-or-later). You may
exchange the latter: the source of Eyeline and of every library below is public, and `cargo xtask dist` links them anew.

The binary and the page contain these libraries:

";

/// One text with all of them, each text once.
///
/// # Errors
/// When a library has no text: that would be for a person to look at.
pub(crate) fn collect(steps: &mut Steps) -> Result<String, String> {
    let mut libraries = BTreeSet::new();
    for (package, target) in
        [("eyeline", "x86_64-unknown-linux-gnu"), ("eyeline-web", "wasm32-unknown-unknown")]
    {
        let tree =
            ["tree", "--package", package, "--edges", "normal", "--target", target, "--prefix", "none"];
        let tree =
            steps.output(&format!("libraries of {package}"), cargo(&tree).args(["--format", "{p}\t{l}"]))?;
        libraries.extend(tree.lines().filter_map(Library::parse));
    }

    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut list = String::from(INTRODUCTION);
    let sources = sources()?;
    for library in &libraries {
        // Writing to a `String` cannot fail.
        let _written = writeln!(list, "  {} {}: {}", library.name, library.version, library.licence);
        for text in library.texts(&sources)? {
            texts.entry(text).or_default().push(format!("{} {}", library.name, library.version));
        }
    }
    for (text, of) in texts {
        let _written = write!(list, "\n{:=<100}\n{}\n\n{text}\n", "", of.join(", "));
    }
    Ok(list)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    version: String,
    licence: String,
}

impl Library {
    /// A line of `cargo tree`: `name v1.2.3 (what it is)`, a tab, the licence. `None` for our own crates, which have a
    /// path, and for a line that repeats another.
    fn parse(line: &str) -> Option<Self> {
        let (package, licence) = line.split_once('\t')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let is_ours = words.any(|word| word.starts_with("(/"));
        let licence = licence.trim_end_matches(" (*)").to_owned();
        (!is_ours).then(|| Self { name: name.to_owned(), version: version.to_owned(), licence })
    }

    fn texts(&self, sources: &[PathBuf]) -> Result<Vec<String>, String> {
        let folder = format!("{}-{}", self.name, self.version);
        let folder = sources.iter().map(|source| source.join(&folder)).find(|folder| folder.is_dir());
        let folder =
            folder.ok_or_else(|| format!("{} {}: its source is not there", self.name, self.version))?;
        let mut files: Vec<PathBuf> = entries(&folder)?.into_iter().filter(|file| is_licence(file)).collect();
        files.sort();
        let text =
            |file: &PathBuf| fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()));
        files.iter().map(|file| text(file).map(|text| text.trim().replace("\r\n", "\n"))).collect()
    }
}

fn is_licence(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    file.is_file() && ["LICEN", "COPYING", "COPYRIGHT", "NOTICE"].iter().any(|word| name.starts_with(word))
}

/// Where cargo keeps the sources of libraries.
fn sources() -> Result<Vec<PathBuf>, String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || std::env::home_dir().map(|home| home.join(".cargo"));
    let home = home.or_else(usual).ok_or("neither CARGO_HOME nor HOME is set")?;
    entries(&home.join("registry/src"))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
