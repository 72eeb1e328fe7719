//! After `kill -9` of whoever made a laboratory there is nothing of it.

use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The processes whose command line has this word in it.
fn processes_with(word: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if line.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Whether a process lives in the network namespace.
fn is_inhabited(namespace: &Path) -> Result<bool> {
    Ok(fs::read_dir("/proc")?
        .flatten()
        .any(|entry| fs::read_link(entry.path().join("ns/net")).is_ok_and(|other| other == namespace)))
}

/// The namespaces with names, as `ip netns` lists them.
fn names() -> Vec<PathBuf> {
    fs::read_dir("/run/netns").into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Whoever made the laboratory, killed when dropped.
struct Laboratory(Child);

impl Drop for Laboratory {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nothing_is_left_of_a_laboratory_whose_maker_is_killed() -> Result<()> {
    // A number of seconds that is nobody else's.
    let unique = format!("{}.5", 100_000 + std::process::id());
    let names_before = names();
    let script = format!("sleep {unique} & sleep {unique} & echo ready; wait");
    let laboratory = Command::new(env!("CARGO_BIN_EXE_netlab"))
        .args(["shell", "double", "--delay", "10", "--", "sh", "-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut laboratory = Laboratory(laboratory);
    let mut ready = [0; 5];
    laboratory
        .0
        .stdout
        .take()
        .context("its output")?
        .read_exact(&mut ready)
        .context("netlab did not start")?;
    ensure!(&ready == b"ready");
    let start = Instant::now();
    // The shell has made them, but they may not be `sleep` yet.
    while processes_with(&unique)?.len() < 2 {
        ensure!(start.elapsed() < Duration::from_secs(10), "the two processes do not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let sleeping = processes_with(&unique)?;
    let namespace = fs::read_link(sleeping.first().context("a process")?.join("ns/net"))?;

    drop(laboratory);
    let start = Instant::now();
    while !processes_with(&unique)?.is_empty() || is_inhabited(&namespace)? {
        if start.elapsed() > Duration::from_secs(10) {
            bail!("10 s after the end of netlab, its children are still there");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    ensure!(names() == names_before, "a namespace with a name was left");
    Ok(())
}

#[test]
fn the_shell_says_what_went_wrong() -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_netlab")).args(["shell", "cubic"]).output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success() && words.contains("no such kind of home: cubic"), "{words}");
    let output = Command::new(env!("CARGO_BIN_EXE_netlab"))
        .args(["shell", "cone", "--", "getent", "ahostsv4", "server.test"])
        .output()?;
    let words = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && words.starts_with("198.51.100.1"), "{words}");
    Ok(())
}
