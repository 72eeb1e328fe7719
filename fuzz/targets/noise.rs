//! Two ends of a sealed session with a hostile carrier between them, who may repeat, hold back, mix up, alter,
//! reflect and make up records. Nothing is ever accepted that the other end did not send, and nothing twice.
#![no_main]

use eyeline_protocol::ids::{CertificateHash, PeerId, RoomSecret};
use eyeline_seal::entropy::Predictable;
use eyeline_seal::keys::Identity;
use eyeline_seal::noise::{Handshake, NoiseSeal, Session};
use eyeline_seal::{RecordKind, Seal};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

/// One participant and all it has.
struct End {
    seal: NoiseSeal<Predictable>,
    handshakes: Vec<Handshake>,
    sessions: Vec<Session>,
    /// What it has opened: each message carries a number of its own.
    opened: BTreeSet<u32>,
}

impl End {
    fn new(number: u8) -> Self {
        let mut entropy = Predictable::new([number; 32]);
        let identity = Identity::draw(&mut entropy).expect("predictable entropy never ends");
        let certificate = CertificateHash([number; 32]);
        let seal = NoiseSeal::with_entropy(&RoomSecret([7; 16]), identity, certificate, 0, entropy);
        Self { seal, handshakes: Vec::new(), sessions: Vec::new(), opened: BTreeSet::new() }
    }
}

/// What an end has really sent, and the number inside if it is a message.
struct Genuine {
    bytes: Vec<u8>,
    from: usize,
    number: Option<u32>,
}

fuzz_target!(|steps: &[u8]| {
    let mut ends = [End::new(1), End::new(2)];
    let ids = [ends[0].seal.peer_id(), ends[1].seal.peer_id()];
    let mut genuine: Vec<Genuine> = Vec::new();
    // All that the carrier can deliver.
    let mut desk: Vec<Vec<u8>> = Vec::new();
    let mut sent = 0;
    for step in steps.chunks_exact(4).take(48) {
        let [action, who, which, detail] = *step else { continue };
        let from = usize::from(who & 1);
        let mut send = |bytes: Vec<u8>, from, number| {
            desk.push(bytes.clone());
            genuine.push(Genuine { bytes, from, number });
        };
        match action % 4 {
            0 => {
                let end = &mut ends[from];
                let (handshake, bytes) = end.seal.begin(ids[1 - from]).expect("begins always");
                end.handshakes.push(handshake);
                send(bytes, from, None);
            }
            1 => {
                let end = &mut ends[from];
                let count = end.sessions.len();
                if count > 0 {
                    sent += 1;
                    let session = &mut end.sessions[usize::from(which) % count];
                    let bytes = end.seal.seal(session, &u32::to_be_bytes(sent)).expect("seals always");
                    send(bytes, from, Some(sent));
                }
            }
            _ if desk.is_empty() => {}
            2 => {
                let mut bytes = desk[usize::from(which) % desk.len()].clone();
                alter(&mut bytes, who >> 1, detail);
                desk.push(bytes);
            }
            _ => {
                let bytes = desk[usize::from(which) % desk.len()].clone();
                let known = genuine.iter().find(|known| known.from == from && known.bytes == bytes);
                let number = known.map(|known| known.number);
                if let Some(answer) = deliver(&mut ends[1 - from], ids[from], &bytes, number, detail) {
                    desk.push(answer.clone());
                    genuine.push(Genuine { bytes: answer, from: 1 - from, number: None });
                }
            }
        }
    }
});

fn alter(bytes: &mut Vec<u8>, how: u8, detail: u8) {
    let length = bytes.len();
    match how & 3 {
        _ if length == 0 => bytes.push(detail),
        0 => bytes[usize::from(detail) * 31 % length] ^= 1 << (how >> 2 & 7),
        1 => bytes.truncate(usize::from(detail) % length),
        2 => bytes.push(detail),
        _ => bytes[0] = detail % 4,
    }
}

/// Gives bytes to `end` as coming from `peer`. `genuine` is the number inside if the peer really sent them. Returns
/// what `end` sends in answer.
fn deliver(
    end: &mut End,
    peer: PeerId,
    bytes: &[u8],
    genuine: Option<Option<u32>>,
    detail: u8,
) -> Option<Vec<u8>> {
    match RecordKind::of(bytes)? {
        RecordKind::First => {
            let answer = end.seal.respond(peer, bytes);
            assert_eq!(
                answer.is_ok(),
                genuine.is_some(),
                "a first message counts if and only if it is genuine"
            );
            let accepted = answer.ok()?;
            end.sessions.push(accepted.session);
            Some(accepted.second)
        }
        RecordKind::Second => {
            let count = end.handshakes.len();
            let handshake = end.handshakes.get_mut(usize::from(detail) % count.max(1))?;
            let established = end.seal.finish(handshake, bytes).ok()?;
            assert!(genuine.is_some(), "a second message counts only if it is genuine");
            end.sessions.push(established.session);
            None
        }
        RecordKind::Message => {
            for session in &mut end.sessions {
                if let Ok(message) = end.seal.open(session, bytes) {
                    let number = genuine.flatten().expect("a message counts only if it is genuine");
                    assert_eq!(message, number.to_be_bytes());
                    assert!(end.opened.insert(number), "a message counts once");
                }
            }
            None
        }
    }
}
