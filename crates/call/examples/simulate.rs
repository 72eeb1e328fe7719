//! Simulates calls and says how fast: `cargo run --release -p eyeline-call --example simulate [CALLS [FIRST_SEED]]`.
//! With `--seconds N [FIRST_SEED]`: as many as fit into that time.
//! With `--seed N`: replays one call and prints everything that happens in it.

#![allow(clippy::disallowed_types, reason = "a bench looks at the clock; the core does not")]

#[allow(dead_code, reason = "shared with the tests, each uses a part")]
#[allow(clippy::indexing_slicing, reason = "the world is test code")]
#[path = "../tests/engine/world/mod.rs"]
mod world;

use std::process::ExitCode;
use std::time::Instant;
use world::scenario::{Tally, simulate, simulate_many};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |text: Option<&String>, otherwise| text.and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    if arguments.first().is_some_and(|first| first == "--seed") {
        let seed = number(arguments.get(1), 0);
        return match simulate(seed, true) {
            Ok(events) => {
                println!("seed {seed}: settled after {events} events");
                ExitCode::SUCCESS
            }
            Err(failure) => {
                println!("seed {seed}: {failure}");
                ExitCode::FAILURE
            }
        };
    }
    let start = Instant::now();
    let (calls, tally) = if arguments.first().is_some_and(|first| first == "--seconds") {
        for_seconds(number(arguments.get(1), 30), number(arguments.get(2), 0))
    } else {
        let (calls, first) = (number(arguments.first(), 10_000), number(arguments.get(1), 0));
        (calls, simulate_many(first..first + calls, |seed| simulate(seed, false)))
    };
    let seconds = start.elapsed().as_secs_f64();
    for (seed, failure) in &tally.failed {
        println!("seed {seed}: {failure}");
    }
    println!(
        "{calls} calls simulated in {seconds:.1} s: {:.0} calls/s, {:.0} events/s, {} failed",
        calls as f64 / seconds,
        tally.events as f64 / seconds,
        tally.failed.len(),
    );
    if tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Rounds of a thousand calls until the time is over, or until something fails.
fn for_seconds(seconds: u64, first: u64) -> (u64, Tally) {
    const ROUND: u64 = 1000;
    let start = Instant::now();
    let (mut calls, mut sum) = (0, Tally::default());
    while start.elapsed().as_secs() < seconds && sum.failed.is_empty() {
        let tally = simulate_many(first + calls..first + calls + ROUND, |seed| simulate(seed, false));
        sum.events += tally.events;
        sum.failed = tally.failed;
        calls += ROUND;
    }
    (calls, sum)
}
