//! Packets in a stream: however it is cut into reads, the same frames come out, in order and without loss, and what
//! is kept is bounded.
#![no_main]

use bytes::BytesMut;
use eyeline_relay::framing::{LONGEST_FRAME_BYTES, looks_like_stun, next_frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((cuts, stream)) = input.split_first_chunk::<8>() else { return };
    let whole = frames(stream, &[stream.len().max(1)]);
    let cuts: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut) + 1).collect();
    let pieces = frames(stream, &cuts);
    assert_eq!(whole, pieces, "the frames depend on the reads");

    let mut rest = stream;
    for frame in &whole.frames {
        assert_eq!(&rest[..frame.len()], frame, "a frame that is not in the stream");
        let is_stun = frame[0] >> 6 == 0;
        assert!(!is_stun || looks_like_stun(frame) == Some(true));
        let wire = if is_stun { frame.len() } else { frame.len().next_multiple_of(4) };
        assert!(frame.len() <= LONGEST_FRAME_BYTES);
        rest = &rest[wire..];
    }
});

#[derive(Debug, PartialEq)]
struct Outcome {
    frames: Vec<Vec<u8>>,
    is_broken: bool,
}

fn frames(stream: &[u8], cuts: &[usize]) -> Outcome {
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    let mut rest = stream;
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        rest = after;
        buffer.extend_from_slice(piece);
        loop {
            match next_frame(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame.to_vec()),
                Ok(None) => break,
                Err(_) => return Outcome { frames, is_broken: true },
            }
        }
        assert!(buffer.len() < LONGEST_FRAME_BYTES + 4, "{} bytes are kept", buffer.len());
    }
    Outcome { frames, is_broken: false }
}
