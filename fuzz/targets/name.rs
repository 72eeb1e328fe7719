//! Display names: cleaning twice changes nothing, and the result is one short line.
#![no_main]

use eyeline_protocol::limits;
use eyeline_protocol::name::clean;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|name: &str| {
    let once = clean(name);
    assert_eq!(clean(&once), once);
    assert!(once.chars().count() <= limits::NAME_CHARACTERS);
    assert!(!once.chars().any(char::is_control));
    assert_eq!(once.trim(), once);
});
