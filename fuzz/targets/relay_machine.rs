//! The relay under any sequence of well-formed and damaged inputs: the same driver as the crate's property test.
#![no_main]

#[path = "../../crates/relay/tests/common/mod.rs"]
mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|steps: &[u8]| {
    common::sequence::run(steps);
});
