//! The faults of the list that no run of the table shows, and what does.

/// A fault, and where it is proven.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere {
    /// Its number in the list.
    pub number: &'static str,
    /// What happens.
    pub what: &'static str,
    /// What a person sees.
    pub seen: &'static str,
    /// What shows it, in words.
    pub how: &'static str,
    /// File and function, if it is one test.
    pub test: Option<(&'static str, &'static str)>,
}

const SURVIVAL: &str = "crates/call/tests/engine/survival.rs";
const EVIL: &str = "crates/call/tests/engine/evil_server.rs";

/// In the order of the list.
pub const ELSEWHERE: [Elsewhere; 10] = [
    Elsewhere {
        number: "F18",
        what: "both ends want an ICE restart at once, a thousand times",
        seen: "nothing; none is stuck",
        how: "`cargo xtask test restarts`, with real browsers; every simulated call with such a fault",
        test: None,
    },
    Elsewhere {
        number: "F19",
        what: "a machine sleeps for 10 min or 2 h",
        seen: "gone for the others after a minute; back by itself within 12 s of waking",
        how: "simulation",
        test: Some((SURVIVAL, "a_page_that_slept_is_back_soon_after_it_wakes")),
    },
    Elsewhere {
        number: "F21",
        what: "a camera or microphone is unplugged",
        seen: "the next device, or off, and words that say so",
        how: "browser tests in `crates/e2e/tests/e2e/devices.rs`",
        test: None,
    },
    Elsewhere {
        number: "F22",
        what: "permission for a device is withdrawn",
        seen: "off, and how to give it back",
        how: "browser tests in `crates/e2e/tests/e2e/devices.rs`",
        test: None,
    },
    Elsewhere {
        number: "F23",
        what: "a device is busy, or there is none",
        seen: "joins without; words that say why",
        how: "browser tests in `crates/e2e/tests/e2e/devices.rs`",
        test: None,
    },
    Elsewhere {
        number: "F28",
        what: "the server loses, repeats and reorders messages",
        seen: "at worst waiting for each other",
        how: "simulation",
        test: Some((EVIL, "all_of_it_together_deceives_nobody")),
    },
    Elsewhere {
        number: "F29",
        what: "the server swaps keys, replays, invents people, splits the room",
        seen: "never connected with somebody else",
        how: "simulation of everything a server can do to records; the certificate's hash is inside them",
        test: Some((EVIL, "records_with_a_forged_sender_are_not_believed")),
    },
    Elsewhere {
        number: "F29",
        what: "another certificate than the one that came sealed",
        seen: "red words, and no media",
        how: "simulation",
        test: Some((
            "crates/call/tests/engine/behaviour.rs",
            "a_wrong_certificate_ends_red_and_shows_nothing_and_is_never_tried_again",
        )),
    },
    Elsewhere {
        number: "F30",
        what: "the server's certificate is renewed in mid-call",
        seen: "nothing",
        how: "a browser test",
        test: Some(("crates/e2e/tests/e2e/renewal.rs", "a_renewal_in_mid_call_disturbs_nothing")),
    },
    Elsewhere {
        number: "F32",
        what: "an iPhone: a call comes in, it is locked for a minute, another app is in front",
        seen: "-",
        how: "not tried: needs the device. What iOS does to a page (sleep, `pageshow`, dead sockets) is F2 and F19",
        test: None,
    },
];

#[cfg(test)]
mod tests {
    use super::ELSEWHERE;

    #[test]
    fn every_test_that_is_named_is_there() {
        for fault in ELSEWHERE {
            let Some((file, test)) = fault.test else { continue };
            let text =
                std::fs::read_to_string(format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            assert!(text.contains(&format!("fn {test}(")), "{}: no {test} in {file}", fault.number);
        }
    }
}
