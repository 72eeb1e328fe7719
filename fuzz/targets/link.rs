//! Links: no text panics, and a link that was read prints as a fragment that reads the same.
#![no_main]

use eyeline_protocol::link::Link;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(link) = Link::parse(text) {
        let printed = link.to_string();
        assert!(text.contains(printed.trim_start_matches('#')), "one link, one spelling");
        assert_eq!(Link::parse(&printed), Ok(link));
    }
});
