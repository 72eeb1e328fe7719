//! Records between client and server, read as either side would: no input panics, and what was read is written back
//! to bytes that read the same.
#![no_main]

use eyeline_protocol::outer::{ClientRecord, ServerRecord};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    for record in ClientRecord::parse(message).flatten() {
        let mut written = Vec::new();
        record.write(&mut written);
        let again: Vec<_> = ClientRecord::parse(&written).collect();
        assert_eq!(again, [Ok(record)]);
    }
    for record in ServerRecord::parse(message).flatten() {
        let mut written = Vec::new();
        record.write(&mut written);
        let again: Vec<_> = ServerRecord::parse(&written).collect();
        assert_eq!(again, [Ok(record)]);
    }
});
