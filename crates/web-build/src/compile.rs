//! The nested cargo, and std for `wasm32-unknown-unknown`.

use crate::{Error, Purpose, workspace_directory};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "client";
const PACKAGE: &str = "eyeline-web";

/// Compiles the client and returns the path of the WebAssembly module, not yet fit for a browser.
pub(crate) fn compile(target_directory: &Path, purpose: Purpose) -> Result<PathBuf, Error> {
    provide_standard_library()?;
    let mut command = scrubbed(cargo());
    command
        .arg("build")
        .args(["--package", PACKAGE, "--target", TARGET, "--profile", PROFILE, "--locked"])
        .arg("--manifest-path")
        .arg(workspace_directory().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_directory)
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags());
    if purpose == Purpose::Development {
        command.args(["--features", "styleguide"]);
    }
    let status = run(&mut command)?;
    if !status.success() {
        return Err(Error::Cargo(status));
    }
    Ok(target_directory.join(TARGET).join(PROFILE).join("eyeline_web.wasm"))
}

/// The cargo that runs us, or the one on the path.
fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// How the client is compiled. Panic messages hold file names; without the machine's own part, the same sources give
/// the same bytes everywhere (and 8 KB less). The relocations are for [`split`](crate::split).
fn rustflags() -> OsString {
    let mut flags = OsString::from("-Clink-arg=--emit-relocs");
    let mut remap = |from: &Path, to: &str| {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    };
    remap(&workspace_directory(), "");
    if let Some(home) = cargo_home() {
        // The last mapping that fits wins: the index directory's name holds a hash of the registry's address.
        let sources = home.join("registry").join("src");
        remap(&sources, "");
        for index in std::fs::read_dir(&sources).into_iter().flatten().flatten() {
            remap(&index.path(), "");
        }
    }
    flags
}

fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// A cargo started by cargo's build script inherits settings that are meant for the outer build: its target
/// directory, its flags, clippy in place of rustc. None of them may reach the client. What says how to reach a
/// registry stays.
fn scrubbed(program: PathBuf) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let outer = text.starts_with("CARGO") || text.starts_with("RUSTC") || text == "RUSTFLAGS";
        let network =
            ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_TERM_"]
                .iter()
                .any(|kept| text.starts_with(kept));
        if outer && !network {
            command.env_remove(&name);
        }
    }
    command
}

fn run(command: &mut Command) -> Result<std::process::ExitStatus, Error> {
    command.status().map_err(|source| Error::Start { program: PathBuf::from(command.get_program()), source })
}

fn provide_standard_library() -> Result<(), Error> {
    if standard_library_present()? {
        return Ok(());
    }
    // A rustup that is missing or fails leaves the library missing, which is what is reported.
    let _ = run(Command::new("rustup").args(["target", "add", TARGET]));
    if standard_library_present()? { Ok(()) } else { Err(Error::NoStandardLibrary) }
}

fn standard_library_present() -> Result<bool, Error> {
    let mut rustc = scrubbed(PathBuf::from("rustc"));
    // From the workspace, so that rustup chooses the same toolchain as for the nested cargo.
    rustc.current_dir(workspace_directory()).args(["--print", "target-libdir", "--target", TARGET]);
    let output = rustc.output().map_err(|source| Error::Start { program: PathBuf::from("rustc"), source })?;
    let directory = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    Ok(entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}
