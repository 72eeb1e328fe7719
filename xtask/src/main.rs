//! `cargo xtask COMMAND`: starts tests, fuzzing, demonstrations and what they need.
//!
//! It only starts programs: suites live in the crates, in `e2e`, in `benches` and in `fuzz`. It depends on nothing but the
//! standard library, so that it is there within a second.
//!
//! # Layout
//! - [`steps`]: programs that are run one after the other, and how long each took.
//! - [`setup`]: browsers, drivers and targets that the tests need.
//! - [`suites`]: the test command and its parts.
//! - [`fuzz`]: libFuzzer on stable Rust.
//! - [`dist`], [`licences`]: what people install; [`dist_test`]: it works in an empty Debian.

mod dist;
mod dist_test;
mod fuzz;
mod licences;
mod setup;
mod steps;
mod suites;

use std::process::ExitCode;
use std::time::Duration;
use steps::{Outcome, Steps, cargo};

const HELP: &str = "\
cargo xtask COMMAND

  test                    everything CI checks: set-up, fmt, cores, clippy, unit, simulation,
                          fuzz, build, e2e
  test PART...            some of it: setup fmt cores clippy unit simulation fuzz build e2e
  test nat [KIND...]      every pair of homes behind every kind of router, in 20 minutes; writes docs/nat-matrix.md
  test model              small calls explored to the end by the model checker, the larger ones too: some minutes
  test faults [--runs N] [--resume FILE] [NUMBER...]
                          every fault that a call should survive; writes docs/faults-survived.md
  test restarts [--rounds N] [--with firefox]
                          both ends of a call want an ICE restart at once, a thousand times if not said otherwise
  test soak [--minutes N] a call of three with a fault every 20 s, 30 minutes if not said otherwise: does anything grow?
  netlab shell KIND [OPTION VALUE...] [-- COMMAND...]
                          a shell in a home behind a router of this kind, with an internet behind it (needs root)
  test dist               installs the Debian package in an empty Debian and runs its service (root, debootstrap)
  dist                    a static binary as a tarball and as a Debian package, in target/dist
  setup [--yes]           install what the tests need (browsers from Debian, geckodriver, the wasm32 target)
  fuzz [TARGET] [--seconds N]
                          build the fuzz targets and run one or all of them, 60 s each if not said otherwise
  demo no-media [--seconds N]
                          a call at 180p and one at 720p: what the server does meanwhile; writes docs/no-media.svg
  demo server-death [--minutes N]
                          three browsers in a call whose server is killed, ten minutes if not said otherwise
  bench relay-flood [--requests N] [--per-second N]
                          Allocate requests from 100,000 strangers while a relayed call goes on: memory and loss
  bench share-sharpness   how sharp a shared page of text arrives at 5 and 1 Mbit/s (root)
  figures                 calls simulated per second, weight of the page, how soon a slow phone can use it
  styleguide              pictures of every component in every state, in target/styleguide
  gallery [SCREEN...]     pictures of every screen, on desktop and phone, dark and light, in target/gallery
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut steps = Steps::default();
    let outcome = run(&words, &mut steps);
    steps.print_table();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\ncargo xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str], steps: &mut Steps) -> Outcome {
    match words {
        ["test", "--yes"] => suites::run(steps, &[], true),
        ["test", "nat", kinds @ ..] => suites::with_browsers(steps, "nat-matrix", kinds),
        ["test", name @ ("faults" | "restarts" | "soak"), words @ ..] => {
            suites::with_browsers(steps, name, words)
        }
        ["test", "model"] => suites::model(steps),
        ["test", "dist"] => dist_test::run(steps),
        ["dist"] => dist::run(steps),
        ["test", parts @ ..] => suites::run(steps, parts, false),
        ["setup"] => setup::run(steps, false),
        ["setup", "--yes"] => setup::run(steps, true),
        ["fuzz", rest @ ..] => {
            let (targets, seconds) = fuzz_arguments(rest)?;
            fuzz::run(steps, &targets, seconds)
        }
        ["demo", name @ ("no-media" | "server-death"), rest @ ..] => suites::with_browsers(steps, name, rest),
        ["bench", "relay-flood", rest @ ..] => {
            suites::build(steps)?;
            steps.run(
                "bench relay-flood",
                cargo(&["run", "--package", "eyeline-benches", "--bin", "relay-flood", "--"]).args(rest),
            )
        }
        ["bench", "share-sharpness"] => suites::with_browsers(steps, "share-sharpness", &[]),
        ["netlab", rest @ ..] => steps.run(
            "netlab",
            cargo(&["run", "--quiet", "--package", "eyeline-netlab", "--bin", "netlab", "--"]).args(rest),
        ),
        ["figures"] => figures(steps),
        ["styleguide"] => {
            steps.run("debug build", &mut cargo(&["build", "--package", "eyeline"]))?;
            steps.run("styleguide", &mut cargo(&["run", "--package", "eyeline-e2e", "--bin", "styleguide"]))
        }
        ["gallery", screens @ ..] => suites::with_browsers(steps, "gallery", screens),
        ["help" | "--help" | "-h"] | [] => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("no such command: {}\n\n{HELP}", other.join(" "))),
    }
}

/// Calls simulated per second, what the page weighs, and how soon it can be used.
fn figures(steps: &mut Steps) -> Outcome {
    suites::build(steps)?;
    steps.run(
        "simulator",
        &mut cargo(&["run", "--release", "--package", "eyeline-call", "--example", "simulate"]),
    )?;
    for program in ["page-weight", "page-speed"] {
        steps.run(program, &mut cargo(&["run", "--package", "eyeline-e2e", "--bin", program]))?;
    }
    Ok(())
}

fn fuzz_arguments<'a>(words: &[&'a str]) -> Result<(Vec<&'a str>, Duration), String> {
    let mut targets = Vec::new();
    let mut seconds = 60;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if *word == "--seconds" {
            let number = rest.next().and_then(|number| number.parse().ok());
            seconds = number.ok_or("--seconds takes a whole number")?;
        } else {
            targets.push(*word);
        }
    }
    Ok((targets, Duration::from_secs(seconds)))
}
