//! libFuzzer on stable Rust, without cargo-fuzz: its flags, less the sanitizer (there is no unsafe code to watch).

use crate::steps::{Outcome, Steps, cargo, program, root, target_directory};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The compiler's own instrumentation for coverage, as cargo-fuzz sets it.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Ccodegen-units=1";

/// Named for cargo so that the flags stay away from build scripts.
const HOST: &str = "x86_64-unknown-linux-gnu";

/// Builds the targets, then runs each (or those named) on its corpus and for `time` beyond it.
pub(crate) fn run(steps: &mut Steps, names: &[&str], time: Duration) -> Outcome {
    let folder = root().join("fuzz");
    let built = target_directory().join("fuzz");
    let all = targets(&folder)?;
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|target| target == *name)) {
        return Err(format!("no such fuzz target: {unknown}; there are {}", all.join(", ")));
    }
    let mut build = cargo(&["build", "--release", "--bins", "--manifest-path", "fuzz/Cargo.toml"]);
    build.args(["--target", HOST, "--target-dir"]).arg(&built).env("RUSTFLAGS", FLAGS);
    steps.run("fuzz (build)", &mut build)?;
    for target in all.iter().filter(|target| names.is_empty() || names.contains(&target.as_str())) {
        let found = built.join("corpus").join(target);
        let artifacts = folder.join("artifacts");
        for directory in [&found, &artifacts] {
            fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
        }
        let binary = built.join(HOST).join("release").join(target);
        let mut command = program(&binary.to_string_lossy());
        command
            .arg(format!("-max_total_time={}", time.as_secs()))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg("-print_final_stats=0")
            .arg("-verbosity=0")
            .arg(found)
            .arg(folder.join("corpus").join(target));
        steps.run(&format!("fuzz {target}"), &mut command)?;
    }
    Ok(())
}

/// The names of the files in `fuzz/targets`.
fn targets(folder: &Path) -> Result<Vec<String>, String> {
    let folder = folder.join("targets");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".rs")?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
