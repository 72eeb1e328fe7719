//! Messages between peers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use eyeline_protocol::ids::{CertificateHash, Generation, PeerTokenHash};
use eyeline_protocol::inner::{
    Candidate, Candidates, Description, Envelope, Hello, Message, MessageError, Profile, RestartWanted, Slot,
    Slots, State,
};
use eyeline_protocol::limits;
use minicbor::Encoder;
use proptest::prelude::*;

fn messages() -> Vec<Message> {
    let sending = Slots::NONE.with(Slot::Camera, true).with(Slot::ScreenSound, true);
    let camera = Slots::NONE.with(Slot::Camera, true);
    let candidate =
        |username_fragment| Candidate { candidate: "candidate:1".into(), line_index: 4, username_fragment };
    vec![
        Message::Profile(Profile { name: "Zoë".into() }),
        Message::State(State { in_call: true, sending, paused: camera, spared: camera, hand: true }),
        Message::Offer(Description { generation: Generation(1), sdp: "v=0".into() }),
        Message::Answer(Description { generation: Generation(u32::MAX), sdp: String::new() }),
        Message::Candidates(Candidates {
            generation: Generation(2),
            candidates: vec![candidate(None), candidate(Some("ufrag".into()))],
            complete: true,
        }),
        Message::RestartWanted(RestartWanted { generation: Generation(3), rebuild: true, upgrade: false }),
        Message::Bye,
        Message::Unknown(99),
    ]
}

fn hello() -> Hello {
    let (peer_token_hash, certificate) = (PeerTokenHash([1; 32]), CertificateHash([2; 32]));
    Hello { peer_token_hash, certificate, capabilities: 5 }
}

/// CBOR written by hand.
fn cbor(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder);
    encoder.into_writer()
}

/// An envelope around messages written by hand.
fn around(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = cbor(|e| {
        e.map(1).unwrap().u32(2).unwrap().array(messages.len() as u64).unwrap();
    });
    bytes.extend(messages.concat());
    bytes
}

#[test]
fn every_message_is_read_back() {
    let envelope = Envelope { sequence: 7, acknowledged: u32::MAX, messages: messages() };
    assert_eq!(Envelope::decode(&envelope.encode()), Ok(envelope));
    assert_eq!(Hello::decode(&hello().encode()), Ok(hello()));
    assert_eq!(Envelope::decode(&Envelope::default().encode()), Ok(Envelope::default()));
}

#[test]
fn what_is_written_is_what_another_writer_of_cbor_writes() {
    let candidates = Candidates {
        generation: Generation(300),
        candidates: vec![
            Candidate { candidate: "c".repeat(300), line_index: 4, username_fragment: None },
            Candidate { candidate: "c".repeat(30), line_index: 24, username_fragment: Some("u".into()) },
        ],
        complete: true,
    };
    let sequence = 0x1_0000;
    let envelope = Envelope { sequence, acknowledged: 255, messages: vec![Message::Candidates(candidates)] };
    let expected = cbor(|e| {
        e.map(3).unwrap().u32(0).unwrap().u32(sequence).unwrap().u32(1).unwrap().u32(255).unwrap();
        e.u32(2).unwrap().array(1).unwrap().array(2).unwrap().u32(5).unwrap();
        e.map(3).unwrap().u32(0).unwrap().u32(300).unwrap().u32(1).unwrap().array(2).unwrap();
        e.map(2).unwrap().u32(0).unwrap().str(&"c".repeat(300)).unwrap().u32(1).unwrap().u32(4).unwrap();
        e.map(3).unwrap().u32(0).unwrap().str(&"c".repeat(30)).unwrap().u32(1).unwrap().u32(24).unwrap();
        e.u32(2).unwrap().str("u").unwrap().u32(2).unwrap().bool(true).unwrap();
    });
    assert_eq!(envelope.encode(), expected);
}

#[test]
fn no_user_fragment_may_be_written_as_null() {
    let candidates = cbor(|e| {
        e.array(2).unwrap().u32(5).unwrap().map(3).unwrap().u32(0).unwrap().u32(1).unwrap();
        e.u32(1).unwrap().array(1).unwrap().map(3).unwrap().u32(0).unwrap().str("c").unwrap();
        e.u32(1).unwrap().u32(4).unwrap().u32(2).unwrap().null().unwrap();
        e.u32(2).unwrap().bool(true).unwrap();
    });
    let candidate = Candidate { candidate: "c".into(), line_index: 4, username_fragment: None };
    let expected = Candidates { generation: Generation(1), candidates: vec![candidate], complete: true };
    assert_eq!(Envelope::decode(&around(&[candidates])).unwrap().messages, [Message::Candidates(expected)]);
}

#[test]
fn every_cut_and_every_byte_added_is_refused() {
    let envelope = Envelope { sequence: 7, acknowledged: 8, messages: messages() }.encode();
    for length in 0..envelope.len() {
        assert_eq!(Envelope::decode(&envelope[..length]), Err(MessageError::Shape), "{length}");
    }
    let hello = hello().encode();
    for length in 0..hello.len() {
        assert_eq!(Hello::decode(&hello[..length]), Err(MessageError::Shape), "{length}");
    }
    for bytes in [envelope, hello] {
        let longer = [bytes, vec![0]].concat();
        assert_eq!(Envelope::decode(&longer), Err(MessageError::Shape));
        assert_eq!(Hello::decode(&longer), Err(MessageError::Shape));
    }
}

#[test]
fn keys_and_kinds_of_a_later_version_are_skipped() {
    let state = cbor(|e| {
        // A state with a field more, whose value is a nest of everything.
        e.array(2).unwrap().u32(2).unwrap().map(3).unwrap();
        e.u32(0).unwrap().bool(true).unwrap().u32(1).unwrap().u8(1).unwrap();
        e.u32(77).unwrap().array(3).unwrap().str("x").unwrap().map(1).unwrap().u8(1).unwrap().null().unwrap();
        e.bytes(b"y").unwrap();
    });
    let unknown = cbor(|e| {
        e.array(2).unwrap().u32(1000).unwrap().array(2).unwrap().str("a").unwrap().map(0).unwrap();
    });
    let bye = cbor(|e| {
        e.array(2).unwrap().u32(7).unwrap().map(1).unwrap().u32(0).unwrap().str("with a reason").unwrap();
    });
    let sending = Slots::NONE.with(Slot::Microphone, true);
    let expected = State { in_call: true, sending, paused: Slots::NONE, spared: Slots::NONE, hand: false };
    assert_eq!(
        Envelope::decode(&around(&[state, unknown, bye])).unwrap().messages,
        [Message::State(expected), Message::Unknown(1000), Message::Bye]
    );
    let field_more = cbor(|e| {
        e.map(2).unwrap().u32(0).unwrap().u32(5).unwrap().u32(9).unwrap().str("later").unwrap();
    });
    assert_eq!(Envelope::decode(&field_more).unwrap().sequence, 5);
}

#[test]
fn wrong_shapes_are_refused() {
    for (why, bytes) in [
        ("nothing", vec![]),
        ("not a map", vec![0x80]),
        ("a map without end", vec![0xbf, 0xff]),
        ("a text for a key", vec![0xa1, 0x61, b'x', 0x00]),
        ("a message of one part", around(&[vec![0x81, 0x07]])),
        ("a message of three parts", around(&[vec![0x83, 0x07, 0xa0, 0xa0]])),
        ("a message without end", around(&[vec![0x9f, 0x07, 0xa0, 0xff]])),
        ("a state without fields", around(&[vec![0x82, 0x02, 0xa0]])),
        ("a name that is not UTF-8", around(&[vec![0x82, 0x01, 0xa1, 0x00, 0x61, 0xff]])),
        ("a number too large", vec![0xa1, 0x00, 0x1b, 1, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(Envelope::decode(&bytes), Err(MessageError::Shape), "{why}");
    }
    let mut short = hello();
    short.capabilities = 0;
    let mut bytes = short.encode();
    // The hash says that it has 31 bytes.
    bytes[3] = 31;
    assert_eq!(Hello::decode(&bytes), Err(MessageError::Shape));
}

#[test]
fn what_is_longer_than_its_limit_is_refused() {
    let one = |message| Envelope { sequence: 1, acknowledged: 0, messages: vec![message] };
    let name = |length| one(Message::Profile(Profile { name: "x".repeat(length) }));
    let sdp =
        |length| one(Message::Offer(Description { generation: Generation(1), sdp: "x".repeat(length) }));
    let candidate = |length, fragment: usize| Candidate {
        candidate: "x".repeat(length),
        line_index: 0,
        username_fragment: Some("x".repeat(fragment)),
    };
    let candidates = |count, length, fragment| {
        let candidates = vec![candidate(length, fragment); count];
        one(Message::Candidates(Candidates { generation: Generation(1), candidates, complete: false }))
    };
    for (allowed, refused) in [
        (name(256), name(257)),
        (sdp(limits::DESCRIPTION_BYTES), sdp(limits::DESCRIPTION_BYTES + 1)),
        (candidates(16, 10, 10), candidates(17, 10, 10)),
        (candidates(1, 512, 10), candidates(1, 513, 10)),
        (candidates(1, 10, 256), candidates(1, 10, 257)),
        (
            Envelope { messages: vec![Message::Bye; 32], ..Envelope::default() },
            Envelope { messages: vec![Message::Bye; 33], ..Envelope::default() },
        ),
    ] {
        assert_eq!(Envelope::decode(&allowed.encode()), Ok(allowed));
        assert_eq!(Envelope::decode(&refused.encode()), Err(MessageError::TooLong));
    }
}

#[test]
fn more_bytes_than_a_record_holds_are_not_even_looked_at() {
    assert_eq!(Envelope::decode(&vec![0xff; limits::SEALED_BYTES + 1]), Err(MessageError::TooLong));
}

/// Runs on a thread with a small stack: recursion as deep as the input would end the process.
#[test]
fn deep_nesting_needs_no_stack() {
    let nests = [vec![0x81], vec![0xa1, 0x00], vec![0x9f], vec![0xbf, 0x00], vec![0xc1]];
    for opening in nests {
        let levels = 16_000 / opening.len();
        // As the value of an unknown key, and as the body of an unknown message.
        let deep = opening.repeat(levels);
        let key = [vec![0xa1, 0x18, 0x63], deep.clone(), vec![0x00]].concat();
        let body = around(&[[vec![0x82, 0x18, 0x63], deep, vec![0x00]].concat()]);
        std::thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || {
                for bytes in [key, body] {
                    let _ = Envelope::decode(&bytes);
                }
            })
            .unwrap()
            .join()
            .unwrap();
    }
}

#[test]
fn claimed_lengths_allocate_nothing() {
    let huge = 0x1b;
    let huge_length = [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for start in [
        vec![0xa0 | huge],
        vec![0xa1, 0x02, 0x80 | huge],
        vec![0xa1, 0x02, 0x81, 0x82, 0x01, 0xa1, 0x00, 0x60 | huge],
        vec![0xa1, 0x02, 0x81, 0x82, 0x05, 0xa1, 0x01, 0x80 | huge],
        vec![0xa1, 0x18, 0x63, 0x80 | huge],
        vec![0xa1, 0x18, 0x63, 0x40 | huge],
    ] {
        // A list of that length would abort the process when allocated.
        let bytes = [start, huge_length.to_vec()].concat();
        assert_eq!(Envelope::decode(&bytes), Err(MessageError::Shape), "{bytes:x?}");
    }
}

proptest! {
    #[test]
    fn what_is_skipped_is_an_item_to_another_reader_of_cbor_too(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x80..0x84_u8, 0xa0..0xa3_u8, 0x18..0x1c_u8], 0..24),
    ) {
        if Envelope::decode(&[&[0xa1, 0x18, 0x63], bytes.as_slice()].concat()).is_ok() {
            let mut other = minicbor::Decoder::new(&bytes);
            prop_assert!(other.skip().is_ok());
            prop_assert_eq!(other.position(), bytes.len());
        }
    }

    #[test]
    fn whatever_is_read_is_written_to_what_reads_the_same(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        at in any::<prop::sample::Index>(),
        value: u8,
    ) {
        let mut sample = Envelope { sequence: 1, acknowledged: 2, messages: messages() }.encode();
        let at = at.index(sample.len());
        sample[at] = value;
        for bytes in [bytes, sample] {
            if let Ok(envelope) = Envelope::decode(&bytes) {
                prop_assert_eq!(Envelope::decode(&envelope.encode()), Ok(envelope));
            }
        }
    }
}
