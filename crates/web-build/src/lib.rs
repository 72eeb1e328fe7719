//! Builds the client: Rust to WebAssembly, its JavaScript glue, and the few static files around it.
//!
//! Knows: where the client's sources are, how a nested cargo must be called, what a page consists of.
//! Must not know: how files are served, or what is in them.
//!
//! Used by the server's build script and by xtask. One call, [`build`], leaves finished files and says under which
//! URL each belongs. All but the page itself carry a hash of their content in the name, so that they may be cached
//! for ever.
//!
//! # Layout
//! - [`compile`]: the nested cargo, and std for `wasm32-unknown-unknown`.
//! - [`split`]: what is loaded first, and what late. [`shorten`]: short names between module and glue.
//! - [`pack`]: glue, hashed names, the page that refers to them.
//! - [`error`]: what can go wrong, each with what to do about it.

mod compile;
mod error;
mod pack;
mod shorten;
mod split;

pub use error::Error;

use std::path::{Path, PathBuf};

/// Set to `1`, this environment variable leaves the client out: a page that says so takes its place. For clippy and
/// editors, which need the server to compile but not to be of use.
pub const SKIP_VARIABLE: &str = "EYELINE_SKIP_CLIENT";

/// The client's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Every file, the page itself first.
    pub files: Vec<Asset>,
}

/// One file of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Path of its URL: `/`, or `/assets/app-0123456789abcdef.wasm`.
    pub path: String,
    /// Where the file lies.
    pub file: PathBuf,
    /// Its media type, for the `Content-Type` header.
    pub content_type: String,
    /// Whether the name changes with the content, so that it may be cached for ever (RFC 8246).
    pub immutable: bool,
}

/// What the client is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// People.
    Use,
    /// Whoever works on it: with the styleguide, at `/#styleguide`.
    Development,
}

/// Builds the client and writes its files to `out_dir`, which must be the calling build script's `OUT_DIR` or any
/// other directory of the caller's own.
///
/// Compiled crates are kept between calls in a directory `client` of cargo's target directory if `out_dir` lies in
/// one, else in `out_dir`: the target directory itself is locked by the outer cargo.
pub fn build(out_dir: &Path, purpose: Purpose) -> Result<Manifest, Error> {
    if std::env::var_os(SKIP_VARIABLE).is_some_and(|value| value == "1") {
        return pack::placeholder(out_dir);
    }
    let wasm = compile::compile(&target_directory(out_dir), purpose)?;
    pack::pack(&wasm, &client_directory(), out_dir, purpose)
}

/// Tells cargo what the client is made of, for build scripts that call [`build`].
pub fn print_rerun_if_changed() {
    println!("cargo:rerun-if-env-changed={SKIP_VARIABLE}");
    let root = workspace_directory();
    // Every crate that the client is compiled from; a directory stands for all files in it.
    for part in [
        "Cargo.toml",
        "Cargo.lock",
        "crates/web",
        "crates/browser",
        "crates/call",
        "crates/seal",
        "crates/protocol",
        "crates/words",
    ] {
        println!("cargo:rerun-if-changed={}", root.join(part).display());
    }
}

fn workspace_directory() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

fn client_directory() -> PathBuf {
    workspace_directory().join("crates").join("web")
}

/// Cargo marks its target directories with this file (<https://bford.info/cachedir/>).
const TARGET_DIRECTORY_MARK: &str = "CACHEDIR.TAG";

fn target_directory(out_dir: &Path) -> PathBuf {
    let outer = out_dir.ancestors().find(|directory| directory.join(TARGET_DIRECTORY_MARK).is_file());
    outer.unwrap_or(out_dir).join("client")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nested_target_directory_lies_beside_the_profiles_of_the_outer_one() {
        let outer = std::env::temp_dir().join(format!("eyeline-web-build-{}-target", std::process::id()));
        let out = outer.join("release/build/eyeline-0123/out");
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(outer.join(TARGET_DIRECTORY_MARK), "").unwrap();
        assert_eq!(target_directory(&out), outer.join("client"));
        std::fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn outside_a_target_directory_everything_stays_in_the_directory_given() {
        assert_eq!(target_directory(Path::new("/no/such/page")), Path::new("/no/such/page/client"));
    }

    #[test]
    fn the_client_is_where_this_crate_looks_for_it() {
        assert!(client_directory().join("index.html").is_file());
    }
}
