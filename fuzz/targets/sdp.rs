//! Session descriptions: what is accepted is written to a text that reads the same, with one fingerprint, no
//! candidate, and within the limits.
#![no_main]

use eyeline_protocol::limits;
use eyeline_protocol::sdp::Description;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(description) = Description::parse(text) else { return };
    let written = description.to_string();
    assert!(written.len() <= limits::DESCRIPTION_BYTES);
    let starting = |start: &str| written.split("\r\n").filter(|line| line.starts_with(start)).count();
    assert_eq!(starting("a=fingerprint:"), 1);
    assert_eq!(starting("a=candidate"), 0);
    assert_eq!(starting("m="), description.media().len());
    assert_eq!(Description::parse(&written), Ok(description));
});
