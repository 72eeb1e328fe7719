//! Simulates calls and says how fast: `cargo run --release -p eyeline-call --example simulate [CALLS [FIRST_SEED]]`.
//! With `--seed N`: replays one call and prints everything that happens in it.

#[allow(dead_code, clippy::indexing_slicing)]
#[path = "../tests/engine/world/mod.rs"]
mod world;

use std::process::ExitCode;
use std::time::Instant;
use world::scenario::simulate;

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
    let calls = number(arguments.first(), 10_000);
    let first = number(arguments.get(1), 0);
    let start = Instant::now();
    let (mut events, mut failures) = (0, 0);
    for seed in first..first + calls {
        match simulate(seed, false) {
            Ok(count) => events += count,
            Err(failure) => {
                failures += 1;
                println!("seed {seed}: {failure}");
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{calls} calls simulated in {seconds:.1} s: {:.0} calls/s, {:.0} events/s, {failures} failed",
        calls as f64 / seconds,
        events as f64 / seconds,
    );
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
