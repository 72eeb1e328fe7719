//! Whatever clients, peers and the shell do, in whatever order: the invariants hold, and nothing crosses rooms.

mod common;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn no_sequence_breaks_the_relay(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        common::sequence::run(&bytes);
    }

    /// Mostly Allocates, permissions, channels and data, so that much is relayed.
    #[test]
    fn no_busy_call_breaks_the_relay(
        mode in any::<bool>(),
        steps in prop::collection::vec(
            (prop::sample::select(vec![0u8, 1, 1, 4, 4, 5, 6, 6, 7, 8, 11, 11, 12, 13]), any::<u8>(), any::<u8>()),
            0..200,
        ),
    ) {
        let steps = steps.iter().flat_map(|(action, who, detail)| [*action, *who, *detail]);
        let bytes: Vec<u8> = warm_up(mode).into_iter().chain(steps).collect();
        common::sequence::run(&bytes);
    }
}

/// Streams are open, every client knows its nonce, some have allocations and all that have permit the relay.
fn warm_up(is_open: bool) -> Vec<u8> {
    let all =
        |steps: [u8; 5]| move |who: u8| steps.map(|action| [action, who, if action == 11 { 1 } else { 0 }]);
    let steps = (0..8).flat_map(all([8, 0, 1, 11, 4])).flatten();
    [u8::from(is_open)].into_iter().chain(steps).collect()
}

/// A sequence that reaches nothing would break nothing.
#[test]
fn the_warm_up_makes_a_call() {
    for is_open in [false, true] {
        let sends = (0..8).flat_map(|who| (1..5).map(move |to| [6, who, 4 * to])).flatten();
        let bytes: Vec<u8> = warm_up(is_open).into_iter().chain(sends).collect();
        let counters = common::sequence::run(&bytes);
        assert!(counters.allocations_created >= 4, "{counters:?}");
        assert!(counters.relayed_packets >= 4, "{counters:?}");
    }
}
