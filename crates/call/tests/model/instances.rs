//! The calls that are explored: small enough to be explored to the end.

use crate::Seen;
use crate::check;
use crate::world::{Faults, Instance, Prompt, Start};
use eyeline_protocol::Milliseconds;

/// Sockets in any order; browsers at once.
const SIGNALING: Prompt = Prompt { to_server: false, to_page: false, events: true, channels: true };

/// Browsers, data channels and what comes from the server in any order.
const NEGOTIATION: Prompt = Prompt { to_server: true, to_page: false, events: false, channels: false };

const NONE: Faults =
    Faults { crashes: 0, cuts: 0, late: 0, lost_paths: 0, broken: 0, networks: 0, renames: 0, leaves: 0 };

/// Two people in a call, connected.
const CALL: Instance = Instance {
    people: 2,
    start: Start::Connected,
    prompt: SIGNALING,
    intercepted: false,
    at_once: false,
    faults: NONE,
    faults_within: Milliseconds(4000),
    explored: Milliseconds(12_000),
};

#[test]
fn two_meet_in_the_lobby_of_a_server_that_crashes() {
    let faults = Faults { crashes: 1, cuts: 1, ..NONE };
    check("lobby", Instance { start: Start::Lobby, faults, ..CALL }, &[]);
}

#[test]
fn two_join_while_the_server_crashes() {
    let faults = Faults { crashes: 1, ..NONE };
    let instance = Instance { start: Start::Joining, faults, faults_within: Milliseconds(2000), ..CALL };
    check("joining", instance, &[Seen::CallWithoutServer]);
}

#[test]
fn a_call_goes_on_while_the_server_crashes() {
    let faults = Faults { crashes: 1, cuts: 1, renames: 1, ..NONE };
    check("call", Instance { faults, ..CALL }, &[Seen::CallWithoutServer, Seen::NewName]);
}

#[test]
fn a_call_of_three_goes_on_while_the_server_crashes() {
    let faults = Faults { crashes: 1, ..NONE };
    let instance = Instance { people: 3, faults, faults_within: Milliseconds(1500), ..CALL };
    check("call of three", instance, &[Seen::CallWithoutServer]);
}

#[test]
fn two_of_three_find_back_over_the_third() {
    let faults = Faults { crashes: 1, lost_paths: 1, ..NONE };
    let instance = Instance { people: 3, faults, faults_within: Milliseconds(1500), ..CALL };
    check("over a third", instance, &[Seen::CallWithoutServer, Seen::IceRestart]);
}

#[test]
fn somebody_leaves_while_the_server_crashes() {
    let faults = Faults { crashes: 1, leaves: 1, ..NONE };
    check("leaving", Instance { faults, ..CALL }, &[Seen::CallWithoutServer]);
}

#[test]
fn a_lost_path_is_healed_by_an_ice_restart() {
    let faults = Faults { lost_paths: 1, ..NONE };
    check("lost path", Instance { prompt: NEGOTIATION, faults, ..CALL }, &[Seen::IceRestart]);
}

#[test]
fn both_want_an_ice_restart_at_once() {
    let faults = Faults { lost_paths: 1, networks: 2, ..NONE };
    let (at_once, faults_within) = (true, Milliseconds(500));
    let instance = Instance { prompt: NEGOTIATION, at_once, faults, faults_within, ..CALL };
    check("both restart", instance, &[Seen::IceRestart]);
}

#[test]
fn dead_dtls_is_healed_by_a_new_connection() {
    let faults = Faults { broken: 1, ..NONE };
    let explored = Milliseconds(30_000);
    check("dead DTLS", Instance { prompt: NEGOTIATION, faults, explored, ..CALL }, &[Seen::NewConnection]);
}

#[test]
fn nothing_is_shown_of_somebody_in_between() {
    let faults = Faults { networks: 1, ..NONE };
    let (start, prompt, faults_within) = (Start::Joining, NEGOTIATION, Milliseconds(2000));
    let instance = Instance { start, prompt, intercepted: true, faults, faults_within, ..CALL };
    check("wrong certificate", instance, &[Seen::Mismatch]);
}

/// Larger ones: minutes each. `cargo xtask test model`.
mod long {
    use super::{CALL, Faults, Instance, Milliseconds, NEGOTIATION, NONE, Seen, Start, check};

    #[test]
    #[ignore = "takes minutes"]
    fn a_server_crashes_twice_in_the_lobby() {
        let faults = Faults { crashes: 2, ..NONE };
        check("lobby, two crashes", Instance { start: Start::Lobby, faults, ..CALL }, &[]);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn everything_under_way_is_late_once() {
        let faults = Faults { crashes: 1, late: 1, ..NONE };
        check("late", Instance { faults, ..CALL }, &[Seen::CallWithoutServer]);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn the_path_is_lost_again_during_the_repair() {
        let faults = Faults { lost_paths: 2, ..NONE };
        let (faults_within, explored) = (Milliseconds(8000), Milliseconds(20_000));
        let instance = Instance { prompt: NEGOTIATION, faults, faults_within, explored, ..CALL };
        check("lost twice", instance, &[Seen::IceRestart]);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn the_server_dies_during_the_repair() {
        let faults = Faults { lost_paths: 1, crashes: 1, ..NONE };
        let (faults_within, explored) = (Milliseconds(5000), Milliseconds(20_000));
        let instance = Instance { prompt: NEGOTIATION, faults, faults_within, explored, ..CALL };
        check("lost path, dead server", instance, &[Seen::IceRestart]);
    }

    #[test]
    #[ignore = "takes minutes"]
    fn a_message_of_the_repair_is_late() {
        let faults = Faults { lost_paths: 1, late: 1, ..NONE };
        let instance = Instance { prompt: NEGOTIATION, faults, faults_within: Milliseconds(500), ..CALL };
        check("late repair", instance, &[Seen::IceRestart]);
    }
}
