//! What people install: a static binary, in a tarball and in a Debian package.
//!
//! The files beside the binary are in `packaging/`. Everything is written to `target/dist`.

use crate::licences;
use crate::steps::{Outcome, Steps, cargo, program, root, target_directory};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Named for cargo so that its flags stay away from build scripts and procedural macros, which cannot be static.
const TARGET: &str = "x86_64-unknown-linux-gnu";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the results are.
pub(crate) fn folder() -> PathBuf {
    target_directory().join("dist")
}

/// The Debian package's file.
pub(crate) fn debian_package() -> PathBuf {
    folder().join(format!("eyeline_{VERSION}_amd64.deb"))
}

/// Builds all of it.
pub(crate) fn run(steps: &mut Steps) -> Outcome {
    let binary = build(steps)?;
    let third_party = licences::collect(steps)?;
    let when = last_commit(steps)?;
    let folder = folder();
    empty(&folder)?;

    let name = format!("eyeline-{VERSION}-x86_64-linux");
    let staged = folder.join(&name);
    tarball_content(&staged, &binary, &third_party)?;
    let mut tar = program("tar");
    tar.args([
        "--create",
        "--gzip",
        "--sort=name",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--format=gnu",
    ])
    .arg(format!("--mtime=@{when}"))
    .arg("--directory")
    .arg(&folder)
    .arg("--file")
    .arg(folder.join(format!("{name}.tar.gz")))
    .arg(&name);
    steps.run("tarball", &mut tar)?;

    let staged = folder.join("deb");
    debian_content(&staged, &binary, &third_party)?;
    let mut build = program("dpkg-deb");
    build.args(["--root-owner-group", "--build"]).arg(&staged).arg(debian_package());
    steps.run("Debian package", build.env("SOURCE_DATE_EPOCH", when))?;
    put(&root().join("packaging/Containerfile"), &folder.join("Containerfile"), 0o644)?;
    eprintln!("\nIn {}:\n  {name}.tar.gz\n  eyeline_{VERSION}_amd64.deb", folder.display());
    Ok(())
}

/// The release binary, with everything in it that it needs.
fn build(steps: &mut Steps) -> Result<PathBuf, String> {
    let mut build = cargo(&["build", "--release", "--package", "eyeline", "--target", TARGET]);
    // Only for this target: the client is built by the same command, for another one.
    build.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-C target-feature=+crt-static");
    steps.run("static binary", &mut build)?;
    let binary = target_directory().join(TARGET).join("release/eyeline");
    if is_dynamic(steps, &binary)? {
        return Err(format!("{} needs shared libraries", binary.display()));
    }
    Ok(binary)
}

/// What the loader's own tool says.
fn is_dynamic(steps: &mut Steps, binary: &Path) -> Result<bool, String> {
    // It fails for a static binary of the older kind, which is not dynamic either.
    let mut shell = program("sh");
    shell.args(["-c", "ldd \"$0\" 2>&1 || true"]).arg(binary);
    let said = steps.output("ldd", &mut shell)?;
    Ok(!said.contains("statically linked") && !said.contains("not a dynamic executable"))
}

/// The files' time in archives: the same commit gives the same archives.
fn last_commit(steps: &mut Steps) -> Result<String, String> {
    let when = steps.output("time of the commit", program("git").args(["log", "-1", "--format=%ct"]))?;
    Ok(when.trim().to_owned())
}

fn tarball_content(staged: &Path, binary: &Path, third_party: &str) -> Outcome {
    let packaging = root().join("packaging");
    put(binary, &staged.join("eyeline"), 0o755)?;
    put(&packaging.join("eyeline.service"), &staged.join("eyeline.service"), 0o644)?;
    put(&packaging.join("eyeline.default"), &staged.join("eyeline.default"), 0o644)?;
    documents(staged, third_party)
}

fn debian_content(staged: &Path, binary: &Path, third_party: &str) -> Outcome {
    let packaging = root().join("packaging");
    put(binary, &staged.join("usr/bin/eyeline"), 0o755)?;
    put(&packaging.join("eyeline.service"), &staged.join("usr/lib/systemd/system/eyeline.service"), 0o644)?;
    put(&packaging.join("eyeline.default"), &staged.join("etc/default/eyeline"), 0o644)?;
    let documents_folder = staged.join("usr/share/doc/eyeline");
    documents(&documents_folder, third_party)?;
    write(&documents_folder.join("copyright"), &copyright()?, 0o644)?;

    let size = read(binary)?.len().div_ceil(1024);
    let control = text(&packaging.join("debian/control"))?;
    let control = control.replace("VERSION", VERSION).replace("SIZE", &size.to_string());
    write(&staged.join("DEBIAN/control"), &control, 0o644)?;
    write(&staged.join("DEBIAN/conffiles"), "/etc/default/eyeline\n", 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        put(&packaging.join("debian").join(script), &staged.join("DEBIAN").join(script), 0o755)?;
    }
    Ok(())
}

fn documents(folder: &Path, third_party: &str) -> Outcome {
    for document in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "docs/self-hosting.md", "docs/faults.md"] {
        let from = root().join(document);
        let name = from.file_name().ok_or("a document has a name")?.to_owned();
        put(&from, &folder.join(name), 0o644)?;
    }
    write(&folder.join("THIRD-PARTY-LICENCES"), third_party, 0o644)
}

/// Debian's machine-readable form, with our own licences; those of others are beside it.
fn copyright() -> Result<String, String> {
    let mit = text(&root().join("LICENSE-MIT"))?;
    let indented: Vec<String> =
        mit.lines().map(|line| if line.is_empty() { " .".to_owned() } else { format!(" {line}") }).collect();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: Eyeline\n\
         Comment: Libraries in the binary: see THIRD-PARTY-LICENCES in this folder.\n\n\
         Files: *\n\
         Copyright: The Eyeline authors\n\
         License: MIT or Apache-2.0\n\n\
         License: MIT\n{}\n\n\
         License: Apache-2.0\n On Debian: /usr/share/common-licenses/Apache-2.0\n",
        indented.join("\n")
    ))
}

/// Makes a folder that is there and empty.
pub(crate) fn empty(folder: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}

fn put(from: &Path, to: &Path, mode: u32) -> Outcome {
    write(to, read(from)?, mode)
}

fn write(to: &Path, content: impl AsRef<[u8]>, mode: u32) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", to.display());
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(to, content).map_err(failed)?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode)).map_err(failed)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
