//! Words, made from `locales/en.ftl` by the build script, and what is put together from them.

use eyeline_browser::LinkError;
use eyeline_browser::diagnosis::{Sentence, Subject};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// "Ana", "Ana and Ben", "Ana, Ben and Chloé".
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => list_two(one, two),
        [first, rest @ ..] => list_more(first, &list(rest)),
    }
}

/// What is wrong with a link.
pub(crate) fn link_error(error: LinkError) -> &'static str {
    match error {
        LinkError::Missing => link_missing(),
        LinkError::Incomplete => link_incomplete(),
        LinkError::UnknownVersion => link_unknown_version(),
    }
}

/// What was found.
pub(crate) fn sentence(sentence: Sentence) -> &'static str {
    match sentence {
        Sentence::SummaryRunning => summary_running(),
        Sentence::SummaryFine => summary_fine(),
        Sentence::SummaryFineByRelay => summary_fine_by_relay(),
        Sentence::SummarySomeUnreachable => summary_some_unreachable(),
        Sentence::SummaryNobodyReachable => summary_nobody_reachable(),
        Sentence::SummaryNoServer => summary_no_server(),
        Sentence::SummaryNoWebRtc => summary_no_web_rtc(),
        Sentence::SummaryDevices => summary_devices(),
        Sentence::CameraWaiting => camera_waiting(),
        Sentence::CameraOff => camera_off(),
        Sentence::CameraStarting => camera_starting(),
        Sentence::CameraFine => camera_fine(),
        Sentence::MicrophoneWaiting => microphone_waiting(),
        Sentence::MicrophoneOff => microphone_off(),
        Sentence::MicrophoneStarting => microphone_starting(),
        Sentence::MicrophoneListening => microphone_listening(),
        Sentence::MicrophoneFine => microphone_fine(),
        Sentence::MicrophoneSilent => microphone_silent(),
        Sentence::CameraDenied => camera_denied(),
        Sentence::CameraMissing => camera_missing(),
        Sentence::CameraBusy => camera_busy(),
        Sentence::MicrophoneDenied => microphone_denied(),
        Sentence::MicrophoneMissing => microphone_missing(),
        Sentence::MicrophoneBusy => microphone_busy(),
        Sentence::NotSecure => not_secure(),
        Sentence::SpeakerWaiting => speaker_waiting(),
        Sentence::SpeakerPlayed => speaker_played(),
        Sentence::SpeakerFine => speaker_fine(),
        Sentence::SpeakerNotHeard => speaker_not_heard(),
        Sentence::ServerTrying => server_trying(),
        Sentence::ServerFine => server_fine(),
        Sentence::ServerNoWebSocket => server_no_web_socket(),
        Sentence::ServerBusy => server_busy(),
        Sentence::ServerUnreachable => server_unreachable(),
        Sentence::DirectRunning => direct_running(),
        Sentence::DirectFine => direct_fine(),
        Sentence::DirectBlocked => direct_blocked(),
        Sentence::DirectUnknown => direct_unknown(),
        Sentence::NoWebRtc => no_web_rtc(),
        Sentence::RouterRunning => router_running(),
        Sentence::RouterNone => router_none(),
        Sentence::RouterEasy => router_easy(),
        Sentence::RouterHard => router_hard(),
        Sentence::RouterHardNoRelay => router_hard_no_relay(),
        Sentence::RouterUnknown => router_unknown(),
        Sentence::AddressesHidden => addresses_hidden(),
        Sentence::AddressesSeveral => addresses_several(),
        Sentence::RelayNone => relay_none(),
        Sentence::RelayRunning => relay_running(),
        Sentence::RelayFine => relay_fine(),
        Sentence::RelayNoAnswer => relay_no_answer(),
        Sentence::RelayNameUnknown => relay_name_unknown(),
        Sentence::RelayRefused => relay_refused(),
        Sentence::RelayQuota => relay_quota(),
        Sentence::RelayTryLater => relay_try_later(),
        Sentence::RelayNothingThrough => relay_nothing_through(),
    }
}

/// What a finding is about.
pub(crate) fn subject(subject: Subject) -> &'static str {
    match subject {
        Subject::Summary => check_title(),
        Subject::Camera => lobby_camera(),
        Subject::Microphone => lobby_microphone(),
        Subject::Speaker => check_speaker(),
        Subject::Server => check_server(),
        Subject::Direct => check_direct(),
        Subject::Router => check_router(),
        Subject::Addresses => check_addresses(),
        Subject::Relay => check_relay(),
        Subject::RelayTcp => check_relay_tcp(),
        Subject::RelayTls => check_relay_tls(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_a_person_would_say_them() {
        let names = ["Ana", "Ben", "Chloé"].map(str::to_owned);
        assert_eq!(list(&names[..1]), "Ana");
        assert_eq!(list(&names[..2]), "Ana and Ben");
        assert_eq!(list(&names), "Ana, Ben and Chloé");
    }

    #[test]
    fn the_table_of_faults_has_every_word_of_the_check() {
        let words = include_str!("../locales/en.ftl");
        let table = include_str!("../../../docs/check.md");
        let (_, section) = words.split_once("## Check my connection").unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        // What is only said on the way, and the panel's own words.
        let passing = ["-waiting", "-running", "-starting", "-trying", "-listening", "-played"];
        let mut count = 0;
        for (key, sentence) in section.lines().filter_map(|line| line.split_once(" = ")) {
            if !key.starts_with("check-") && !passing.iter().any(|ending| key.ends_with(ending)) {
                assert!(table.contains(sentence), "docs/check.md lacks {key}: {sentence}");
                count += 1;
            }
        }
        assert!(count > 35, "only {count} sentences");
    }
}
