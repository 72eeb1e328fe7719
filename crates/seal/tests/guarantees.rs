//! What every seal promises: one suite, run over the real one and over the symbolic one.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod common;

use common::{OTHER_ROOM, Pair, Participant, ROOM};
use eyeline_seal::RecordKind;
use eyeline_seal::SealError::{NotAuthentic, Replayed, TooLong};
use proptest::prelude::*;

macro_rules! suite {
    ($name:ident, $seal:ty) => {
        mod $name {
            use super::*;
            type S = $seal;

            #[test]
            fn messages_go_both_ways() {
                messages_go_both_ways_over::<S>();
            }
            #[test]
            fn any_changed_bit_of_the_first_message_is_refused() {
                any_changed_bit_of_the_first_message_is_refused_over::<S>();
            }
            #[test]
            fn any_changed_bit_of_the_second_message_is_refused_and_the_handshake_goes_on() {
                any_changed_bit_of_the_second_message_is_refused_and_the_handshake_goes_on_over::<S>();
            }
            #[test]
            fn a_handshake_makes_one_session_only() {
                a_handshake_makes_one_session_only_over::<S>();
            }
            #[test]
            fn an_answer_to_another_handshake_does_not_finish_this_one() {
                an_answer_to_another_handshake_does_not_finish_this_one_over::<S>();
            }
            #[test]
            fn an_answer_from_another_member_of_the_room_is_refused_and_the_handshake_goes_on() {
                an_answer_from_another_member_is_refused_over::<S>();
            }
            #[test]
            fn handshakes_of_another_room_are_refused() {
                handshakes_of_another_room_are_refused_over::<S>();
            }
            #[test]
            fn nobody_can_be_somebody_else() {
                nobody_can_be_somebody_else_over::<S>();
            }
            #[test]
            fn a_reflected_first_message_is_refused() {
                a_reflected_first_message_is_refused_over::<S>();
            }
            #[test]
            fn nobody_talks_to_themselves() {
                nobody_talks_to_themselves_over::<S>();
            }
            #[test]
            fn a_repeated_first_message_makes_a_different_session() {
                a_repeated_first_message_makes_a_different_session_over::<S>();
            }
            #[test]
            fn a_record_is_told_by_its_session() {
                a_record_is_told_by_its_session_over::<S>();
            }
            #[test]
            fn a_message_longer_than_the_largest_bucket_is_refused() {
                a_message_longer_than_the_largest_bucket_is_refused_over::<S>();
            }
            #[test]
            fn a_record_overtaken_by_1023_others_still_opens_and_by_1024_not() {
                the_window_is_1024_wide_over::<S>();
            }

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(48))]

                #[test]
                fn any_changed_bit_of_a_record_is_refused_and_harms_nothing(
                    message in prop::collection::vec(any::<u8>(), 0..600),
                    bit in any::<prop::sample::Index>(),
                ) {
                    any_changed_bit_is_refused_over::<S>(&message, bit)?;
                }

                #[test]
                fn every_cut_and_every_added_byte_is_refused(
                    message in prop::collection::vec(any::<u8>(), 0..300),
                    cut in any::<prop::sample::Index>(),
                    added in any::<u8>(),
                ) {
                    cuts_and_additions_are_refused_over::<S>(&message, cut, added)?;
                }

                #[test]
                fn each_record_opens_once_however_they_are_lost_repeated_and_mixed(
                    deliveries in prop::collection::vec(0_usize..200, 0..400),
                ) {
                    each_record_opens_once_over::<S>(&deliveries)?;
                }
            }
        }
    };
}

suite!(noise, eyeline_seal::noise::NoiseSeal<eyeline_seal::entropy::Predictable>);
suite!(symbolic, eyeline_seal::symbolic::SymbolicSeal);

fn messages_go_both_ways_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut pair = Pair::<S>::connected();
    for text in ["", "a", "something longer"] {
        let record = pair.alice_seals(text.as_bytes());
        assert_eq!(RecordKind::of(&record), Some(RecordKind::Message));
        assert_eq!(pair.bob_opens(&record).unwrap(), text.as_bytes());
        let record = pair.bob.seal(&mut pair.bobs, text.as_bytes()).unwrap();
        assert_eq!(pair.alice.open(&mut pair.alices, &record).unwrap(), text.as_bytes());
    }
}

fn any_changed_bit_of_the_first_message_is_refused_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (_, first) = alice.begin(bob.peer_id()).unwrap();
    assert_eq!(RecordKind::of(&first), Some(RecordKind::First));
    for bit in 0..first.len() * 8 {
        let junk = with_bit_changed(&first, bit);
        assert_eq!(bob.respond(alice.peer_id(), &junk).unwrap_err(), NotAuthentic, "bit {bit}");
    }
    for length in 0..first.len() {
        assert_eq!(bob.respond(alice.peer_id(), &first[..length]).unwrap_err(), NotAuthentic);
    }
    bob.respond(alice.peer_id(), &first).unwrap();
}

fn any_changed_bit_of_the_second_message_is_refused_and_the_handshake_goes_on_over<
    S: Participant<Session: std::fmt::Debug>,
>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (mut handshake, first) = alice.begin(bob.peer_id()).unwrap();
    let mut accepted = bob.respond(alice.peer_id(), &first).unwrap();
    assert_eq!(RecordKind::of(&accepted.second), Some(RecordKind::Second));
    for bit in 0..accepted.second.len() * 8 {
        let junk = with_bit_changed(&accepted.second, bit);
        assert_eq!(alice.finish(&mut handshake, &junk).unwrap_err(), NotAuthentic, "bit {bit}");
    }
    let mut established = alice.finish(&mut handshake, &accepted.second).unwrap();
    let record = alice.seal(&mut established.session, b"still works").unwrap();
    assert_eq!(bob.open(&mut accepted.session, &record).unwrap(), b"still works");
}

fn a_handshake_makes_one_session_only_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (mut handshake, first) = alice.begin(bob.peer_id()).unwrap();
    let accepted = bob.respond(alice.peer_id(), &first).unwrap();
    alice.finish(&mut handshake, &accepted.second).unwrap();
    // Two sessions with the same keys would use the same nonces.
    assert_eq!(alice.finish(&mut handshake, &accepted.second).unwrap_err(), NotAuthentic);
}

fn an_answer_to_another_handshake_does_not_finish_this_one_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (_, earlier) = alice.begin(bob.peer_id()).unwrap();
    let (mut handshake, _) = alice.begin(bob.peer_id()).unwrap();
    let accepted = bob.respond(alice.peer_id(), &earlier).unwrap();
    assert_eq!(alice.finish(&mut handshake, &accepted.second).unwrap_err(), NotAuthentic);
}

fn an_answer_from_another_member_is_refused_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let mut carol = S::participant(ROOM, 3);
    let (mut for_bob, first) = alice.begin(bob.peer_id()).unwrap();
    assert_eq!(carol.respond(alice.peer_id(), &first).unwrap_err(), NotAuthentic);
    let (_, for_carol) = alice.begin(carol.peer_id()).unwrap();
    let from_carol = carol.respond(alice.peer_id(), &for_carol).unwrap().second;
    assert_eq!(alice.finish(&mut for_bob, &from_carol).unwrap_err(), NotAuthentic);
    let from_bob = bob.respond(alice.peer_id(), &first).unwrap().second;
    alice.finish(&mut for_bob, &from_bob).unwrap();
}

fn handshakes_of_another_room_are_refused_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(OTHER_ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (_, first) = alice.begin(bob.peer_id()).unwrap();
    assert_eq!(bob.respond(alice.peer_id(), &first).unwrap_err(), NotAuthentic);
}

fn nobody_can_be_somebody_else_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let carol = S::participant(ROOM, 3);
    let (_, first) = alice.begin(bob.peer_id()).unwrap();
    assert_eq!(bob.respond(carol.peer_id(), &first).unwrap_err(), NotAuthentic);
}

fn a_reflected_first_message_is_refused_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let bob = S::participant(ROOM, 2);
    let (mut handshake, first) = alice.begin(bob.peer_id()).unwrap();
    assert_eq!(alice.respond(bob.peer_id(), &first).unwrap_err(), NotAuthentic);
    assert_eq!(alice.respond(alice.peer_id(), &first).unwrap_err(), NotAuthentic);
    assert_eq!(alice.finish(&mut handshake, &first).unwrap_err(), NotAuthentic);
}

fn nobody_talks_to_themselves_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let own = alice.peer_id();
    assert!(alice.begin(own).is_err());
}

fn a_repeated_first_message_makes_a_different_session_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut alice = S::participant(ROOM, 1);
    let mut bob = S::participant(ROOM, 2);
    let (mut handshake, first) = alice.begin(bob.peer_id()).unwrap();
    let mut one = bob.respond(alice.peer_id(), &first).unwrap();
    let mut two = bob.respond(alice.peer_id(), &first).unwrap();
    let mut established = alice.finish(&mut handshake, &two.second).unwrap();
    let record = alice.seal(&mut established.session, b"x").unwrap();
    assert_eq!(bob.open(&mut one.session, &record).unwrap_err(), NotAuthentic);
    assert_eq!(bob.open(&mut two.session, &record).unwrap(), b"x");
}

fn a_record_is_told_by_its_session_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut pair = Pair::<S>::connected();
    let (mut handshake, first) = pair.alice.begin(pair.bob.peer_id()).unwrap();
    let accepted = pair.bob.respond(pair.alice.peer_id(), &first).unwrap();
    let mut newer = pair.alice.finish(&mut handshake, &accepted.second).unwrap().session;
    let old = pair.alice_seals(b"old");
    let new = pair.alice.seal(&mut newer, b"new").unwrap();
    assert!(pair.bob.belongs(&pair.bobs, &old) && !pair.bob.belongs(&pair.bobs, &new));
    assert!(pair.bob.belongs(&accepted.session, &new) && !pair.bob.belongs(&accepted.session, &old));
    assert!(!pair.bob.belongs(&pair.bobs, &first) && !pair.bob.belongs(&pair.bobs, &[]));
}

fn a_message_longer_than_the_largest_bucket_is_refused_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut pair = Pair::<S>::connected();
    let longest = vec![7; eyeline_seal::padding::LONGEST_MESSAGE];
    let record = pair.alice_seals(&longest);
    assert!(record.len() <= eyeline_protocol::limits::SEALED_BYTES);
    assert_eq!(pair.bob_opens(&record).unwrap(), longest);
    let longer = vec![7; longest.len() + 1];
    assert_eq!(pair.alice.seal(&mut pair.alices, &longer).unwrap_err(), TooLong);
}

fn the_window_is_1024_wide_over<S: Participant<Session: std::fmt::Debug>>() {
    let mut pair = Pair::<S>::connected();
    let records: Vec<_> = (0..1025).map(|n: u32| pair.alice_seals(&n.to_be_bytes())).collect();
    pair.bob_opens(&records[1024]).unwrap();
    assert_eq!(pair.bob_opens(&records[1]).unwrap(), 1_u32.to_be_bytes(), "1023 behind");
    assert_eq!(pair.bob_opens(&records[0]).unwrap_err(), Replayed, "1024 behind");
    assert_eq!(pair.bob_opens(&records[1024]).unwrap_err(), Replayed);
}

fn any_changed_bit_is_refused_over<S: Participant<Session: std::fmt::Debug>>(
    message: &[u8],
    bit: prop::sample::Index,
) -> Result<(), TestCaseError> {
    let mut pair = Pair::<S>::connected();
    let record = pair.alice_seals(message);
    let junk = with_bit_changed(&record, bit.index(record.len() * 8));
    prop_assert_eq!(pair.bob_opens(&junk), Err(NotAuthentic));
    prop_assert_eq!(pair.bob_opens(&record).unwrap(), message);
    prop_assert_eq!(pair.bob_opens(&record), Err(Replayed));
    prop_assert_eq!(pair.alice.open(&mut pair.alices, &record), Err(NotAuthentic), "reflected");
    Ok(())
}

fn cuts_and_additions_are_refused_over<S: Participant<Session: std::fmt::Debug>>(
    message: &[u8],
    cut: prop::sample::Index,
    added: u8,
) -> Result<(), TestCaseError> {
    let mut pair = Pair::<S>::connected();
    let record = pair.alice_seals(message);
    prop_assert_eq!(pair.bob_opens(&record[..cut.index(record.len())]), Err(NotAuthentic));
    let longer: Vec<u8> = record.iter().copied().chain([added]).collect();
    prop_assert_eq!(pair.bob_opens(&longer), Err(NotAuthentic));
    prop_assert_eq!(pair.bob_opens(&record).unwrap(), message);
    Ok(())
}

fn each_record_opens_once_over<S: Participant<Session: std::fmt::Debug>>(
    deliveries: &[usize],
) -> Result<(), TestCaseError> {
    let mut pair = Pair::<S>::connected();
    let records: Vec<_> = (0..200).map(|n: u32| pair.alice_seals(&n.to_be_bytes())).collect();
    let mut seen = std::collections::BTreeSet::new();
    for index in deliveries {
        let opened = pair.bob_opens(&records[*index]);
        if seen.insert(*index) {
            prop_assert_eq!(opened.unwrap(), u32::try_from(*index).unwrap().to_be_bytes());
        } else {
            prop_assert_eq!(opened, Err(Replayed));
        }
    }
    Ok(())
}

fn with_bit_changed(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}
