//! STUN: no datagram makes the server panic, answer with more than it should, or answer with something that it would
//! answer in turn (two servers would talk for ever).
#![no_main]

use eyeline_protocol::Milliseconds;
use eyeline_relay::{SourceLimits, Stun};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|datagram: &[u8]| {
    let now = Milliseconds(0);
    let mut stun = Stun::new(SourceLimits::default(), 0, now);
    for source in ["192.0.2.1:1", "[2001:db8::1]:65535", "[::ffff:192.0.2.1]:3478"] {
        let source = source.parse().expect("an address");
        let Some(reply) = stun.handle(now, source, datagram) else { continue };
        assert!(reply.len() <= 52, "a reply of {} bytes", reply.len());
        assert_eq!(stun.handle(now, source, &reply), None, "a reply was answered");
    }
});
