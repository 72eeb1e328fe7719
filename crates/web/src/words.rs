//! Words, and what is put together from them.
//!
//! There is one function for each message, made from `locales/en.ftl` by the build script. What they say stands in the
//! table of a language (its form: crate `eyeline-words`), which the boot script loads: no language is part of the
//! program.

use eyeline_browser::LinkError;
use eyeline_browser::diagnosis::{Sentence, Subject};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// A language's lines. They stay as long as the page, as what was taken from them may.
type Table = &'static [&'static str];

thread_local! {
    static TABLE: Cell<Table> = const { Cell::new(&[]) };
    /// Of what is loaded late; empty before that.
    static LATE: Cell<Table> = const { Cell::new(&[]) };
    /// Each that was spoken so far, and the whole of its words: at most two for each language there is.
    static TABLES: RefCell<Vec<(&'static str, Table)>> = const { RefCell::new(Vec::new()) };
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

#[wasm_bindgen]
extern "C" {
    // Of the boot script.
    #[wasm_bindgen(js_name = eyelineChoose)]
    fn load(language: &str);
    #[wasm_bindgen(js_name = eyelineLate)]
    fn load_late() -> js_sys::Promise;
    #[wasm_bindgen(js_name = eyelinePlural)]
    fn category(number: u32) -> String;
}

/// Tag and own name of each language there is.
pub(crate) fn languages() -> &'static [(&'static str, &'static str)] {
    &LANGUAGES
}

/// The tag of the language spoken now. Empty for the mirrored one, which is not to be chosen.
pub(crate) fn spoken() -> &'static str {
    let spoken = LANGUAGES.iter().find(|(_, name)| *name == language_name());
    spoken.map_or("", |(tag, _)| tag)
}

/// Loads another language, remembers it on this device, and makes the page anew in it.
pub(crate) fn choose(language: &str) {
    FAILED.set(false);
    load(language);
}

/// Why the language chosen last is not spoken; empty if it is.
pub(crate) fn failure() -> &'static str {
    if FAILED.get() { language_failed() } else { "" }
}

/// Speaks a language from now on, and whether it does: without whole tables, the one chosen could not be loaded. At the
/// beginning, there are no `late` words.
pub(crate) fn speak(words: Option<String>, late: Option<String>) -> bool {
    let first = words.and_then(|words| table(words, COUNT));
    let late = late.map_or(Some(LATE.get()), |late| table(late, LATE_COUNT));
    let both = first.zip(late);
    FAILED.set(both.is_none());
    let Some((first, late)) = both else { return false };
    TABLE.set(first);
    LATE.set(late);
    true
}

/// Begins to load the words of what is loaded late, if they are not there; then, whether they are.
pub(crate) fn late() -> impl Future<Output = bool> {
    let loads = LATE.get().is_empty().then(load_late);
    async {
        if let Some(loads) = loads {
            let words = wasm_bindgen_futures::JsFuture::from(loads).await.ok();
            let late = words.and_then(|words| table(words.as_string()?, LATE_COUNT));
            // Those of another language may have come meanwhile.
            if let (Some(late), true) = (late, LATE.get().is_empty()) {
                LATE.set(late);
            }
        }
        !LATE.get().is_empty()
    }
}

fn table(words: String, count: usize) -> Option<Table> {
    TABLES.with_borrow_mut(|tables| table_among(tables, words, count))
}

fn table_among(tables: &mut Vec<(&'static str, Table)>, words: String, count: usize) -> Option<Table> {
    if let Some((_, known)) = tables.iter().find(|(text, _)| *text == words) {
        return Some(*known);
    }
    let words = &*words.leak();
    let (mut lines, mut rest) = (Vec::with_capacity(count), Some(words));
    while let Some(text) = rest {
        let (line, further) = cut(text, '\n');
        lines.push(line);
        rest = further;
    }
    // Those of another version are none of ours.
    if lines.len() != count {
        return None;
    }
    let table = &*lines.leak();
    tables.push((words, table));
    Some(table)
}

/// The message in this line.
#[inline(never)]
fn word(line: usize) -> &'static str {
    TABLE.get().get(line).copied().unwrap_or_default()
}

/// The message in this line of those that are said late. What is loaded first does not reach this: `web-build` sees to
/// it, by this name.
#[inline(never)]
fn late_word(line: usize) -> &'static str {
    LATE.get().get(line).copied().unwrap_or_default()
}

fn late_filled(line: usize, values: &[&str]) -> String {
    fill(late_word(line), values)
}

/// The message in this line with values.
fn filled(line: usize, values: &[&str]) -> String {
    fill(word(line), values)
}

/// The message in this line for a number.
fn counted(line: usize, number: u32, values: &[&str]) -> String {
    fill(case(word(line), &number.to_string(), || category(number)), values)
}

/// What to say for a number: its own case, or that of its category, or the last, which is for all. Some languages say
/// the same for every number.
fn case<'a>(cases: &'a str, number: &str, category: impl FnOnce() -> String) -> &'a str {
    let (mut words, mut rest) = cut(cases, '\t');
    if rest.is_none() {
        return words;
    }
    let category = category();
    while let Some(further) = rest {
        let (case, further) = cut(further, '\t');
        let (words_there, further) = cut(further.unwrap_or_default(), '\t');
        if case == number || case == category {
            return words_there;
        }
        (words, rest) = (words_there, further);
    }
    words
}

/// Puts values in their places.
fn fill(words: &str, values: &[&str]) -> String {
    let (before, mut rest) = cut(words, '{');
    let mut filled = before.to_owned();
    while let Some(text) = rest {
        let (place, after) = cut(text, '}');
        let (text, further) = cut(after.unwrap_or_default(), '{');
        // One digit: `parse` is some hundred bytes of program.
        let place = place.as_bytes().first().map_or(0, |digit| usize::from(digit.wrapping_sub(b'0')));
        filled.push_str(values.get(place).copied().unwrap_or_default());
        filled.push_str(text);
        rest = further;
    }
    filled
}

/// What stands before and behind the first of these signs. One function for all: each sign would have a copy of its own.
#[inline(never)]
fn cut(text: &str, sign: char) -> (&str, Option<&str>) {
    text.split_once(sign).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// "Ana", "Ana and Ben", "Ana, Ben and Chloé".
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => list_two(one, two),
        [first, rest @ ..] => list_more(first, &list(rest)),
    }
}

/// How long the person was in a call; empty for less than a minute.
pub(crate) fn left_after(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => String::new(),
        (0, minutes) => left_after_minutes(minutes),
        (hours, minutes) => left_after_hours(hours, minutes),
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
pub(crate) mod tests {
    use super::*;
    use eyeline_words::Difference;
    use std::path::Path;

    /// Speaks one of the languages in this test.
    pub(crate) fn speak_in(tag: &str) {
        let languages = all();
        let english = eyeline_words::english(&languages).unwrap();
        let language = languages.iter().find(|language| language.tag == tag).unwrap();
        let table = |late| Some(language.table(english, late).unwrap());
        assert!(speak(table(false), table(true)));
    }

    fn all() -> Vec<eyeline_words::Language> {
        eyeline_words::read_all(Path::new("locales")).unwrap()
    }

    #[test]
    fn each_word_is_in_each_language() {
        let languages = all();
        let english = eyeline_words::english(&languages).unwrap();
        let mut work = String::new();
        for language in languages.iter().filter(|language| language.tag != eyeline_words::ENGLISH) {
            let differences = eyeline_words::compare(language, english);
            if !differences.is_empty() {
                work += &format!("\n# --- crates/web/locales/{}.ftl\n", language.tag);
            }
            for difference in differences {
                work += &match difference {
                    Difference::Missing { source } => source,
                    Difference::Superfluous { id } => format!("# English has no {id} any more.\n"),
                    Difference::Variables { id, reason } => format!("# {id}: {reason}\n"),
                    Difference::Untranslated { id } => {
                        format!(
                            "# {id} is English; if it is the same word here too, add it to ALIKE in words.rs.\n"
                        )
                    }
                };
            }
        }
        assert!(work.is_empty(), "to translate:\n{work}");
    }

    #[test]
    fn the_boot_script_finds_what_it_reads() {
        for language in all() {
            let direction = language.words("boot-direction");
            assert!(matches!(direction, Some("ltr" | "rtl")), "{}: {direction:?}", language.tag);
            assert!(language.words("language-name").is_some());
        }
    }

    #[test]
    fn another_language_is_spoken_and_what_was_taken_from_the_one_before_stays() {
        speak_in("en");
        let english = leave();
        speak_in("de");
        assert_eq!((language_name(), spoken()), ("Deutsch", "de"));
        assert_eq!(english, "Leave the call");
        assert_ne!(leave(), english);
        // Another's lines, as of another version, are refused.
        assert!(!speak(Some("One\nTwo".to_owned()), None) && !failure().is_empty());
        assert_eq!(spoken(), "de");
        speak_in("de");
        assert!(failure().is_empty());
        TABLES.with_borrow(|tables| assert_eq!(tables.len(), 4));
    }

    #[test]
    fn values_take_their_places() {
        assert_eq!(fill("{1} and {0}, {1}!", &["Ana", "Ben"]), "Ben and Ana, Ben!");
        assert_eq!(fill("plain", &[]), "plain");
        // A value is no pattern.
        assert_eq!(fill("{0} {1}", &["{1}", "\tone\t"]), "{1} \tone\t");
        // Broken ones come from nowhere, and harm nothing.
        for broken in ["{9}", "{", "{}", "}{", "{é}"] {
            fill(broken, &["x"]);
        }
    }

    #[test]
    fn a_number_decides_what_is_said() {
        let of = |number, category: &str| {
            let cases = "\t0\tnobody\tone\tsomebody\tfew\tsome\t\t{0} people";
            case(cases, number, || category.to_owned())
        };
        assert_eq!(of("0", "other"), "nobody");
        assert_eq!(of("21", "one"), "somebody");
        assert_eq!(of("3", "few"), "some");
        assert_eq!(of("5", "many"), "{0} people");
        assert_eq!(case("{0} 人", "5", || panic!("nothing to decide")), "{0} 人");
        for broken in ["\t", "\tone", "\t\t\t", "\tone\tx\t"] {
            case(broken, "1", || "other".to_owned());
        }
    }

    #[test]
    fn each_language_says_minutes_in_its_own_way() {
        // What Intl.PluralRules of browsers says of 0, 1 and 2: a browser test asks them.
        let expected = [
            ("en", ["other", "one", "other"]),
            ("de", ["other", "one", "other"]),
            ("es", ["other", "one", "other"]),
            ("fr", ["one", "one", "other"]),
            ("zh-Hans", ["other", "other", "other"]),
        ];
        let languages = all();
        let english = eyeline_words::english(&languages).unwrap();
        let line = english.place("left-after-minutes").unwrap().1;
        for language in &languages {
            let Some((_, categories)) = expected.iter().find(|(tag, _)| *tag == language.tag) else {
                continue;
            };
            speak_in(&language.tag);
            let of = |number: u32| {
                let (digits, category) = (number.to_string(), categories[number as usize]);
                fill(case(word(line), &digits, || category.to_owned()), &[&digits])
            };
            assert!(of(2).contains('2'), "{}: {}", language.tag, of(2));
            assert!(!of(2).contains(['{', '}', '\t']), "{}: {}", language.tag, of(2));
            let differs = of(1).replace('1', "") != of(2).replace('2', "");
            assert_eq!(differs, language.tag != "zh-Hans", "{}: {} {}", language.tag, of(1), of(2));
        }
    }

    #[test]
    fn names_are_listed_as_a_person_would_say_them() {
        speak_in("en");
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
