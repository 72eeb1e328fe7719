//! Records between client and server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests")]

use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::{ConnectionCounter, PeerId, PeerToken, PublicKey, RoomToken};
use eyeline_protocol::outer::{
    AfterClose, ClientRecord, ErrorCode, GoneReason, HEADER_BYTES, IGNORABLE, IceServer, Join, LeaveReason,
    NackCode, PEERS_IN_LIST, Phase, RecordError, ServerRecord, Welcome,
};
use proptest::prelude::*;

fn client_records() -> Vec<ClientRecord<'static>> {
    let join = Join {
        phase: Phase::Lobby,
        capabilities: 0x0102_0304,
        counter: ConnectionCounter(u64::MAX),
        room_token: RoomToken([1; 32]),
        peer_token: PeerToken([2; 32]),
        public_key: PublicKey([3; 32]),
        connected: vec![PeerId([4; 16]), PeerId([5; 16])],
    };
    vec![
        ClientRecord::Join(join),
        ClientRecord::Phase(Phase::Call),
        ClientRecord::Send { to: PeerId([6; 16]), sequence: 7, sealed: b"sealed" },
        ClientRecord::Send { to: PeerId([6; 16]), sequence: u32::MAX, sealed: b"" },
        ClientRecord::Leave(LeaveReason::HungUp),
        ClientRecord::Leave(LeaveReason::PageClosed),
        ClientRecord::Probe(8),
    ]
}

fn server_records() -> Vec<ServerRecord<'static>> {
    let server = IceServer { url: "turn:x".into(), username: "ü".into(), credential: "c".into() };
    let welcome = Welcome {
        roster: vec![(PeerId([1; 16]), Phase::Lobby), (PeerId([2; 16]), Phase::Call)],
        ice_servers: vec![server.clone(), server.clone()],
        mapping_check: "stun:x:3479".into(),
        members_in_call: 8,
        build: "1.0".into(),
    };
    let error = |code| ServerRecord::Error { code, retry_after: Milliseconds(9) };
    let nack = |code| ServerRecord::Nack { to: PeerId([5; 16]), sequence: 6, code };
    vec![
        ServerRecord::Welcome(welcome),
        ServerRecord::Joined(PeerId([3; 16]), Phase::Lobby),
        ServerRecord::Receive { from: PeerId([4; 16]), sequence: 5, sealed: b"sealed" },
        ServerRecord::Gone(PeerId([4; 16]), GoneReason::Left),
        ServerRecord::Gone(PeerId([4; 16]), GoneReason::Lost),
        nack(NackCode::NotPresent),
        nack(NackCode::QueueFull),
        ServerRecord::Credentials(vec![server]),
        ServerRecord::Drain { within: Milliseconds(1), spread: Milliseconds(u32::MAX.into()) },
        error(ErrorCode::RoomFull),
        error(ErrorCode::LobbyFull),
        error(ErrorCode::TooManyJoins),
        error(ErrorCode::RateExceeded),
        error(ErrorCode::LobbyTimeout),
        ServerRecord::Probed(u64::MAX),
    ]
}

/// Generates the tests of one direction.
macro_rules! direction {
    ($name:ident, $record:ident, $samples:ident, $opaque:ident) => {
        mod $name {
            use super::*;

            fn written(record: &$record) -> Vec<u8> {
                let mut message = Vec::new();
                record.write(&mut message);
                message
            }

            fn parsed(message: &[u8]) -> Result<Vec<$record<'_>>, RecordError> {
                $record::parse(message).collect()
            }

            #[test]
            fn each_record_is_read_back() {
                for record in $samples() {
                    assert_eq!(parsed(&written(&record)), Ok(vec![record]));
                }
            }

            #[test]
            fn a_batch_is_read_in_order() {
                let message: Vec<u8> = $samples().iter().flat_map(written).collect();
                assert_eq!(parsed(&message), Ok($samples()));
            }

            #[test]
            fn a_message_cut_anywhere_is_refused() {
                for record in $samples() {
                    let message = written(&record);
                    for length in 1..message.len() {
                        assert_eq!(
                            parsed(&message[..length]),
                            Err(RecordError::Length),
                            "{record:?} at {length}"
                        );
                    }
                }
            }

            #[test]
            fn a_body_cut_anywhere_is_refused_although_its_length_says_so() {
                for record in $samples() {
                    let message = written(&record);
                    // What is opaque may have any length.
                    let opaque = matches!(record, $record::$opaque { .. });
                    let shortest = if opaque { HEADER_BYTES + 20 } else { message.len() };
                    for length in HEADER_BYTES..shortest {
                        let mut cut = message[..length].to_vec();
                        cut[2..4]
                            .copy_from_slice(&u16::try_from(length - HEADER_BYTES).unwrap().to_be_bytes());
                        assert_eq!(parsed(&cut), Err(RecordError::Length), "{record:?} at {length}");
                    }
                    if !opaque {
                        let mut longer = message.clone();
                        longer.push(0);
                        let length = u16::try_from(longer.len() - HEADER_BYTES).unwrap();
                        longer[2..4].copy_from_slice(&length.to_be_bytes());
                        assert_eq!(parsed(&longer), Err(RecordError::Length), "{record:?}");
                    }
                }
            }

            #[test]
            fn nothing_after_an_error_is_read() {
                let mut message = vec![0x7f, 0, 0, 0];
                $samples()[1].write(&mut message);
                let records: Vec<_> = $record::parse(&message).collect();
                assert_eq!(records, [Err(RecordError::UnknownType(0x7f))]);
            }

            #[test]
            fn unknown_records_are_skipped_if_they_say_so_and_refused_if_not() {
                let known = &$samples()[1];
                let mut message = vec![0x7f, IGNORABLE, 0, 3, 1, 2, 3];
                known.write(&mut message);
                assert_eq!(parsed(&message), Ok(vec![known.clone()]));
                assert_eq!(parsed(&[0x7f, 0, 0, 0]), Err(RecordError::UnknownType(0x7f)));
                assert_eq!(parsed(&[0x7f, !IGNORABLE, 0, 0]), Err(RecordError::UnknownType(0x7f)));
                assert_eq!(parsed(&[0x7f, IGNORABLE, 0, 1]), Err(RecordError::Length));
            }

            #[test]
            fn flags_that_are_not_defined_yet_do_no_harm() {
                for record in $samples() {
                    let mut message = written(&record);
                    message[1] = 0xff;
                    assert_eq!(parsed(&message), Ok(vec![record]));
                }
            }

            proptest! {
                #[test]
                fn whatever_is_read_is_written_to_what_reads_the_same(
                    message in prop::collection::vec(any::<u8>(), 0..300),
                    kind in 0_usize..20,
                ) {
                    let body_length = u16::try_from(message.len()).unwrap();
                    let kinds: Vec<u8> = $samples().iter().map(|record| written(record)[0]).collect();
                    let mut framed = vec![kinds[kind % kinds.len()], 0];
                    framed.extend_from_slice(&body_length.to_be_bytes());
                    framed.extend_from_slice(&message);
                    for message in [message, framed] {
                        for record in $record::parse(&message).flatten() {
                            let again = written(&record);
                            prop_assert_eq!(parsed(&again), Ok(vec![record]));
                        }
                    }
                }

                #[test]
                fn a_changed_byte_never_panics(
                    sample in 0_usize..20,
                    at in any::<prop::sample::Index>(),
                    value: u8,
                ) {
                    let samples = $samples();
                    let mut message = written(&samples[sample % samples.len()]);
                    let at = at.index(message.len());
                    message[at] = value;
                    if let Ok(records) = parsed(&message) {
                        for record in records {
                            let again = written(&record);
                            prop_assert_eq!(parsed(&again), Ok(vec![record]));
                        }
                    }
                }
            }
        }
    };
}

direction!(from_clients, ClientRecord, client_records, Send);
direction!(from_the_server, ServerRecord, server_records, Receive);

#[test]
fn values_that_are_not_defined_are_refused() {
    for message in [&[0x02, 0, 0, 1, 2][..], &[0x04, 0, 0, 1, 2]] {
        assert_eq!(ClientRecord::parse(message).next(), Some(Err(RecordError::Value)), "{message:?}");
    }
    let mut gone = vec![0x84, 0, 0, 17];
    gone.extend_from_slice(&[0; 16]);
    gone.push(9);
    assert_eq!(ServerRecord::parse(&gone).next(), Some(Err(RecordError::Value)));
    let not_utf8 = [0x86, 0, 0, 8, 1, 0, 1, 0xff, 0, 0, 0, 0];
    assert_eq!(ServerRecord::parse(&not_utf8).next(), Some(Err(RecordError::Value)));
}

#[test]
fn lists_longer_than_allowed_are_refused_and_never_written() {
    let roster = vec![(PeerId([1; 16]), Phase::Call); PEERS_IN_LIST + 1];
    let welcome = Welcome {
        roster,
        ice_servers: Vec::new(),
        mapping_check: String::new(),
        members_in_call: 8,
        build: String::new(),
    };
    let mut message = Vec::new();
    ServerRecord::Welcome(welcome).write(&mut message);
    let Some(Ok(ServerRecord::Welcome(read))) = ServerRecord::parse(&message).next() else {
        panic!("a welcome is expected")
    };
    assert_eq!(read.roster.len(), PEERS_IN_LIST);
    message[HEADER_BYTES + 1] = u8::try_from(PEERS_IN_LIST + 1).unwrap();
    assert_eq!(ServerRecord::parse(&message).next(), Some(Err(RecordError::Value)));
}

#[test]
fn a_record_too_long_for_its_length_field_is_not_written_at_all() {
    let sealed = vec![0; 70_000];
    let mut message = vec![1, 2, 3];
    ClientRecord::Send { to: PeerId([0; 16]), sequence: 0, sealed: &sealed }.write(&mut message);
    assert_eq!(message, [1, 2, 3]);
}

#[test]
fn a_send_becomes_a_receive_by_its_type_and_address_alone() {
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    ClientRecord::Send { to: PeerId([1; 16]), sequence: 7, sealed: b"sealed" }.write(&mut sent);
    ServerRecord::Receive { from: PeerId([2; 16]), sequence: 7, sealed: b"sealed" }.write(&mut received);
    sent[0] = received[0];
    sent[HEADER_BYTES..HEADER_BYTES + 16].copy_from_slice(&[2; 16]);
    assert_eq!(sent, received);
}

#[test]
fn each_close_code_says_what_to_do() {
    use AfterClose::{GiveUp, Reload, Retry, RetryOnRequest};
    for (code, expected) in [
        (1000, GiveUp),
        (1001, Retry),
        (1003, Reload),
        (1006, Retry),
        (1009, Reload),
        (4400, Reload),
        (4401, Reload),
        (4408, Retry),
        (4409, GiveUp),
        (4413, Retry),
        (4423, RetryOnRequest),
        (4429, Retry),
        (4440, RetryOnRequest),
        (4999, Retry),
    ] {
        assert_eq!(AfterClose::of(code), expected, "{code}");
    }
}
