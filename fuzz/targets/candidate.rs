//! Candidate lines: what is accepted is one short line of printable ASCII.
#![no_main]

use eyeline_protocol::candidate::is_acceptable;
use eyeline_protocol::limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    if is_acceptable(line) {
        assert!(line.len() <= limits::CANDIDATE_BYTES);
        assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert!(line.starts_with("candidate:") && line.contains(" typ "));
    }
});
