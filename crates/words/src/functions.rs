//! One Rust function for each message: a word that is missing or misspelt is a compile error.

use crate::{Language, Message};
use std::fmt::Write;

/// Messages whose names begin like this are read by the page's boot script: Rust has no function for them.
const FOR_THE_BOOT_SCRIPT: &str = "boot-";

/// The code, for `include!`. Beside the functions, it has the number of messages in each table, and the tag and own name
/// (`language-name`) of each language. It expects `word`, `filled` and `counted` where it is included, and the same for
/// what is said late: `late_word`, `late_filled` and `late_counted`.
pub fn functions(languages: &[Language], english: &Language) -> String {
    let mut code = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(code, "const COUNT: usize = {};", english.part(false).count());
    let _ = writeln!(code, "const LATE_COUNT: usize = {};", english.part(true).count());
    let named: Vec<_> = languages
        .iter()
        .map(|language| (language.tag.as_str(), language.words("language-name").unwrap_or(&language.tag)))
        .collect();
    let _ = writeln!(code, "const LANGUAGES: [(&str, &str); {}] = {named:?};", named.len());
    for late in [false, true] {
        for (line, message) in english.part(late).enumerate() {
            if !message.id.starts_with(FOR_THE_BOOT_SCRIPT) {
                code.push_str(&function(line, message));
            }
        }
    }
    code
}

fn function(line: usize, message: &Message) -> String {
    let late = if message.late { "late_" } else { "" };
    let name = message.id.replace('-', "_");
    let variables = message.variables();
    if variables.is_empty() {
        // Inline: a `match` over many of them is then one table of lines.
        return format!(
            "#[inline(always)]\npub(crate) fn {name}() -> &'static str {{ {late}word({line}) }}\n"
        );
    }
    let is_number = |variable: &str| message.numbers.iter().any(|number| number == variable);
    let parameters: Vec<_> = variables
        .iter()
        .map(|variable| format!("{variable}: {}", if is_number(variable) { "u32" } else { "&str" }))
        .collect();
    let values: Vec<_> =
        variables
            .iter()
            .map(|variable| {
                if is_number(variable) { format!("&{variable}.to_string()") } else { (*variable).to_owned() }
            })
            .collect();
    let (parameters, values) = (parameters.join(", "), values.join(", "));
    let body = match &message.selector {
        Some(selector) => format!("{late}counted({line}, {selector}, &[{values}])"),
        None => format!("{late}filled({line}, &[{values}])"),
    };
    format!("pub(crate) fn {name}({parameters}) -> String {{ {body} }}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_a_function_with_its_variables_as_parameters() {
        let source = "boot-failed = No\nlanguage-name = English\nlist-two = { $first } and { $second }
sent = { $name } sent { $count ->\n    [one] a file\n   *[other] { $count } files\n}
time = { NUMBER($hours) } h\n
## Elsewhere (late)\nmore = More\ngone = { $name } has gone\n";
        let english = Language::parse("en", source).unwrap();
        let german = Language::parse("de", "language-name = Deutsch").unwrap();
        let code = functions(&[german, english.clone()], &english);
        let lines: Vec<_> = code.lines().collect();
        assert_eq!(
            lines,
            [
                "const COUNT: usize = 5;",
                "const LATE_COUNT: usize = 2;",
                "const LANGUAGES: [(&str, &str); 2] = [(\"de\", \"Deutsch\"), (\"en\", \"English\")];",
                "#[inline(always)]",
                "pub(crate) fn language_name() -> &'static str { word(1) }",
                "pub(crate) fn list_two(first: &str, second: &str) -> String { filled(2, &[first, second]) }",
                "pub(crate) fn sent(count: u32, name: &str) -> String { counted(3, count, &[&count.to_string(), name]) }",
                "pub(crate) fn time(hours: u32) -> String { filled(4, &[&hours.to_string()]) }",
                "#[inline(always)]",
                "pub(crate) fn more() -> &'static str { late_word(0) }",
                "pub(crate) fn gone(name: &str) -> String { late_filled(1, &[name]) }",
            ]
        );
    }
}
