//! Thousands of calls, each from its own seed. A failing seed is printed;
//! `cargo run --release -p eyeline-call --example simulate -- --seed N` replays it and prints all that happens.

use crate::world::scenario::{simulate, simulate_in, simulate_many};
use crate::world::{SECRET, World};
use eyeline_call::view::PersonState;
use eyeline_protocol::ids::{CertificateHash, PeerToken};
use eyeline_seal::entropy::Predictable;
use eyeline_seal::keys::Identity;
use eyeline_seal::noise::NoiseSeal;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_call_settles_whatever_happens_on_the_way() {
    let first = setting("EYELINE_FIRST_SEED", 0);
    let calls = setting("EYELINE_SIMULATED_CALLS", 4000);
    let tally = simulate_many(first..first + calls, |seed| simulate(seed, false));
    assert!(tally.failed.is_empty(), "{} seeds failed: {:#?}", tally.failed.len(), tally.failed);
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..20 {
        assert_eq!(simulate(seed, false), simulate(seed, false));
    }
}

/// A real seal whose keys come from the world's dice.
fn noise(number: u64, certificate: CertificateHash) -> NoiseSeal<Predictable> {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let identity = Identity::from_parts(bytes, PeerToken(bytes));
    NoiseSeal::with_entropy(&SECRET, identity, certificate, 0, Predictable::new(bytes))
}

#[test]
fn calls_settle_with_the_real_seal_too() {
    let calls = setting("EYELINE_SIMULATED_CALLS", 4000) / 40;
    let tally = simulate_many(0..calls, |seed| simulate_in(World::new(seed, noise), false));
    assert!(tally.failed.is_empty(), "{} seeds failed: {:#?}", tally.failed.len(), tally.failed);
}

#[test]
fn the_server_sees_no_name_and_no_description_and_no_address() {
    let mut world = World::new(11, noise);
    world.recorded = Some(Vec::new());
    for page in 0..2 {
        world.open("Ada Lovelace");
        world.act(page, eyeline_call::input::Action::Join);
    }
    assert!(world.run_until(10_000, |world| {
        world.view(0).people.first().is_some_and(|person| person.state == PersonState::Connected)
    }));
    let recorded = world.recorded.unwrap();
    assert!(recorded.len() > 1000);
    for secret in ["Ada", "Lovelace", "candidate", "192.0.2.", "ice-ufrag", "fingerprint", "webrtc"] {
        let found = recorded.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} passes the server in the open");
    }
    assert!(!recorded.windows(16).any(|window| window == SECRET.0));
}
