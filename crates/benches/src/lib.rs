//! Load on the real binary, and what it does to it. Each measurement is a program in `bin`, started by
//! `cargo xtask bench`; here is what they share.
//!
//! Knows: how to start the binary, and what Linux tells of a process.
//! Must not know: anything inside of it.
//!
//! Everything stays on loopback.

mod server;

pub use server::{Figures, Server};

use std::path::{Path, PathBuf};

/// The binary under load: that of the release profile, as people run it, or `EYELINE_BINARY`.
pub fn binary() -> PathBuf {
    let release = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        target.join("release/eyeline")
    };
    std::env::var_os("EYELINE_BINARY").map_or_else(release, PathBuf::from)
}
