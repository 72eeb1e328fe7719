//! Findings as a person reads them, and as programs do.

use super::facts::Facts;
use super::findings::{Finding, Level};
use serde::Serialize;
use std::fmt::Write as _;

/// The width of a line; terminals have at least 80 columns.
const WIDTH: usize = 78;

/// What stands before each line of a finding but its first.
const INDENT: &str = "          ";

/// For a person.
pub(super) fn text(facts: &Facts, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let label = match finding.level {
            Level::Good => "ok",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Problem => "PROBLEM",
        };
        // Writing to a `String` cannot fail.
        let _written = write!(text, "{label:>8}  ");
        paragraph(&mut text, &finding.seen);
        for (head, words) in [("What it means: ", &finding.meaning), ("What to do: ", &finding.remedy)] {
            if !words.is_empty() {
                text.push_str(INDENT);
                paragraph(&mut text, &format!("{head}{words}"));
            }
        }
    }
    text.push('\n');
    text.push_str(&summary(findings));
    text.push('\n');
    let mut end = String::new();
    paragraph_at(&mut end, &outside(facts), "");
    text.push_str(&end);
    text
}

/// Where people's own devices make the check that counts.
fn outside_check(facts: &Facts) -> String {
    format!("{}/#check", facts.target)
}

fn outside(facts: &Facts) -> String {
    if facts.target.is_this_machine() {
        return "This was a look at a server for this machine alone. For people elsewhere it needs a name, or an \
            address, and HTTPS: see docs/self-hosting.md."
            .to_owned();
    }
    let from = if facts.on_server { "by the server's own machine" } else { "from one place" };
    format!(
        "An examination {from} is no proof that people elsewhere can reach the server. Open {} on a phone without \
         Wi-Fi: it tries every way from there and says what works.",
        outside_check(facts)
    )
}

fn summary(findings: &[Finding]) -> String {
    let of = |level| findings.iter().filter(|finding| finding.level == level).count();
    let counted = |number: usize, thing: &str| match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    };
    format!(
        "{}, {}.\n",
        capital(&counted(of(Level::Problem), "problem")),
        counted(of(Level::Warning), "warning")
    )
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn paragraph(text: &mut String, words: &str) {
    paragraph_at(text, words, INDENT);
}

/// Breaks lines at spaces; the first one begins where the cursor is, behind as much as `indent` is long.
fn paragraph_at(text: &mut String, words: &str, indent: &str) {
    let mut column = indent.len();
    for (number, word) in words.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && column + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(indent);
            column = indent.len();
        } else if number > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
}

#[derive(Serialize)]
struct Report<'a> {
    target: String,
    problems: usize,
    warnings: usize,
    findings: &'a [Finding],
    outside_check: String,
    facts: &'a Facts,
}

/// For programs: names of checks and levels stay, words and facts may change.
pub(super) fn json(facts: &Facts, findings: &[Finding]) -> serde_json::Result<String> {
    let of = |level| findings.iter().filter(|finding| finding.level == level).count();
    let report = Report {
        target: facts.target.to_string(),
        problems: of(Level::Problem),
        warnings: of(Level::Warning),
        findings,
        outside_check: outside_check(facts),
        facts,
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}
