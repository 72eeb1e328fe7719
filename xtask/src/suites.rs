//! The test command and its parts.

use crate::fuzz;
use crate::setup;
use crate::steps::{Outcome, Steps, answers, cargo};
use std::process::Command;
use std::time::Duration;

/// A part of the test command.
type Part = (&'static str, fn(&mut Steps) -> Outcome);

/// All parts, in the order in which they tell most for the time they take.
const PARTS: &[Part] = &[
    ("setup", |steps| setup::run(steps, false)),
    ("fmt", fmt),
    ("cores", cores),
    ("clippy", clippy),
    ("unit", unit),
    ("simulation", simulation),
    ("fuzz", |steps| fuzz::run(steps, &[], Duration::from_secs(5))),
    ("build", build),
    ("e2e", e2e),
];

/// Runs the named parts in their order, all of them if none is named.
pub(crate) fn run(steps: &mut Steps, names: &[&str], agreed: bool) -> Outcome {
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|(known, _)| known != *name)) {
        let known: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no such part: {unknown}; there are {}", known.join(", ")));
    }
    if names.is_empty() && agreed {
        setup::run(steps, true)?;
    }
    // Browser tests run the release binary.
    let needs = |part: &str| names.contains(&part) || part == "build" && names.contains(&"e2e");
    for (name, part) in PARTS {
        if names.is_empty() || needs(name) {
            part(steps)?;
        }
    }
    Ok(())
}

fn fmt(steps: &mut Steps) -> Outcome {
    steps.run("fmt", &mut cargo(&["fmt", "--all", "--check"]))?;
    steps.run("fmt (fuzz)", &mut cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))
}

/// The crates without input and output, and what must not be found among their dependencies.
const CORES: [&str; 5] =
    ["eyeline-protocol", "eyeline-seal", "eyeline-call", "eyeline-rooms", "eyeline-relay"];
const BANNED_IN_CORES: [&str; 6] = ["tokio", "mio", "socket2", "hyper", "web-sys", "wasm-bindgen-futures"];

/// A core with a runtime, a socket or a browser below it could no longer be simulated.
fn cores(steps: &mut Steps) -> Outcome {
    for core in CORES {
        let tree = ["tree", "--package", core, "--edges", "normal", "--target", "all", "--prefix", "none"];
        let dependencies = steps.output(&format!("dependencies of {core}"), &mut cargo(&tree))?;
        let names = dependencies.lines().filter_map(|line| line.split_whitespace().next());
        let found: Vec<_> = names.filter(|name| BANNED_IN_CORES.contains(name)).collect();
        if !found.is_empty() {
            return Err(format!("{core} is a core and must not depend on {}", found.join(", ")));
        }
    }
    Ok(())
}

/// The crates that run in browsers.
const CLIENT: [&str; 2] = ["eyeline-browser", "eyeline-web"];

fn clippy(steps: &mut Steps) -> Outcome {
    let [browser, web] = CLIENT;
    let native = ["clippy", "--workspace", "--exclude", browser, "--exclude", web, "--all-targets"];
    let strict = ["--", "--deny", "warnings"];
    steps.run("clippy", without_client(&mut cargo(&[&native[..], &strict].concat())))?;
    let client = ["clippy", "--package", browser, "--package", web, "--target", "wasm32-unknown-unknown"];
    steps.run("clippy (wasm32)", &mut cargo(&[&client[..], &strict].concat()))
}

/// Cores, simulation, server; everything but browsers.
fn unit(steps: &mut Steps) -> Outcome {
    if answers("cargo", &["nextest", "--version"]) {
        return steps.run("unit", without_client(&mut cargo(&["nextest", "run", "--workspace"])));
    }
    let test = ["test", "--workspace", "--exclude", "eyeline-e2e"];
    steps.run("unit", without_client(&mut cargo(&test)))?;
    steps.run("unit (e2e)", &mut cargo(&["test", "--package", "eyeline-e2e", "--lib"]))
}

/// Whole calls with all their faults, for half a minute, from seeds that the unit tests do not have.
fn simulation(steps: &mut Steps) -> Outcome {
    let example = ["run", "--release", "--package", "eyeline-call", "--example", "simulate"];
    steps.run("simulation", cargo(&example).args(["--", "--seconds", "30", "1000000"]))
}

/// Every instance of the model check: the unit tests explore the small ones only.
pub(crate) fn model(steps: &mut Steps) -> Outcome {
    let test = ["test", "--release", "--package", "eyeline-call", "--test", "model"];
    steps.run("model", cargo(&test).args(["--", "--include-ignored", "--nocapture", "--test-threads=1"]))
}

/// The binary as people run it, with the client in it.
pub(crate) fn build(steps: &mut Steps) -> Outcome {
    steps.run("build", &mut cargo(&["build", "--release"]))
}

/// Real browsers, one test after the other.
fn e2e(steps: &mut Steps) -> Outcome {
    if answers("cargo", &["nextest", "--version"]) {
        let nextest = ["nextest", "run", "--profile", "e2e", "--package", "eyeline-e2e"];
        steps.run("e2e", &mut cargo(&nextest))?;
    } else {
        let test = ["test", "--package", "eyeline-e2e", "--tests", "--", "--test-threads=1"];
        steps.run("e2e", &mut cargo(&test))?;
    }
    steps.run("page weight", &mut cargo(&["run", "--package", "eyeline-e2e", "--bin", "page-weight"]))
}

/// A program of `e2e` that runs real browsers against the real binary.
pub(crate) fn with_browsers(steps: &mut Steps, program: &str, arguments: &[&str]) -> Outcome {
    setup::run(steps, false)?;
    build(steps)?;
    let run = ["run", "--package", "eyeline-e2e", "--bin", program, "--"];
    steps.run(program, cargo(&run).args(arguments))
}

/// Lets the server compile without its page: neither clippy nor the cores' tests need it, and it takes a minute.
fn without_client(command: &mut Command) -> &mut Command {
    command.env("EYELINE_SKIP_CLIENT", "1")
}
