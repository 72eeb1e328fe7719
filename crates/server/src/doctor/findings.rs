//! From facts to findings: a pure function, so that every sentence can be tested without a broken network.
//!
//! A finding that is not good says three things: what was seen, what it means for calls, what to do.

mod front;
mod machine;
mod name;
mod relay;
mod scope;
#[cfg(test)]
mod tests;

use super::facts::Facts;
use serde::Serialize;
use std::fmt::Display;
use std::net::IpAddr;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// As it should be.
    Good,
    /// Worth knowing; nothing needs to be done.
    Note,
    /// Some calls will fail, or it will fail later.
    Warning,
    /// Calls fail.
    Problem,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) level: Level,
    /// A name for programs, which stays when the words change.
    pub(crate) check: &'static str,
    /// What was seen.
    pub(crate) seen: String,
    /// What it means for calls; empty if all is well.
    pub(crate) meaning: String,
    /// What to do; empty if all is well.
    pub(crate) remedy: String,
}

/// Whether an address is, as far as it can tell, one of the internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    scope::Scope::of(address) == scope::Scope::Public
}

/// All findings, in the order in which a call meets them: name, page, signaling, STUN, relay, machine.
pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    name::examine(facts, &mut findings);
    front::examine(facts, &mut findings);
    relay::examine(facts, &mut findings);
    machine::examine(facts, &mut findings);
    findings
}

fn good(check: &'static str, seen: impl Into<String>) -> Finding {
    Finding { level: Level::Good, check, seen: seen.into(), meaning: String::new(), remedy: String::new() }
}

fn finding(
    level: Level,
    check: &'static str,
    seen: impl Into<String>,
    meaning: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    Finding { level, check, seen: seen.into(), meaning: meaning.into(), remedy: remedy.into() }
}

/// "a", "a and b", "a, b and c".
fn list<T: Display>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.to_string(),
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(ToString::to_string).collect();
            format!("{} and {last}", most.join(", "))
        }
    }
}

/// "1 day", "3 days".
fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A time in the unit that a person would use.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => count(seconds, "second"),
        120..7200 => count(seconds / 60, "minute"),
        7200..172_800 => count(seconds / 3600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}
