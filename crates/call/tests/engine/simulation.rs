//! Thousands of calls, each from its own seed.

use crate::world::scenario::simulate;

/// How many calls to simulate here; the environment variable asks for more.
fn calls() -> u64 {
    std::env::var("EYELINE_SIMULATED_CALLS").ok().and_then(|text| text.parse().ok()).unwrap_or(2000)
}

#[test]
fn every_call_settles_whatever_happens_on_the_way() {
    let first: u64 = std::env::var("EYELINE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut failed = Vec::new();
    for seed in first..first + calls() {
        if let Err(failure) = simulate(seed, false) {
            failed.push((seed, failure));
            if failed.len() >= 10 {
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{} seeds failed: {failed:#?}", failed.len());
}
