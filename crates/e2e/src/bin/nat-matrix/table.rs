//! The matrix as a page of documentation.

use crate::Pair;
use eyeline_e2e::Kind as Browser;
use eyeline_e2e::reach::Path;
use eyeline_netlab::Kind;

/// The whole page.
pub(crate) fn of(kinds: &[Kind], pairs: &[Pair], versions: &[String]) -> String {
    let connected = pairs.iter().filter(|pair| pair.outcome.is_ok()).count();
    let direct = pairs.iter().filter(|pair| matches!(&pair.outcome, Ok(m) if m.path == Path::Direct)).count();
    let mut text = format!(
        "# Who reaches whom\n\n\
         Made by `cargo xtask test nat` with {}, real browsers in network namespaces behind routers of each kind \
         (`crates/netlab`), the server on an internet between them, pages over HTTPS. Of {} pairs {connected} were \
         connected, {direct} of them direct and {} relayed; each on the best path that theory allows \
         (`crates/e2e/src/reach.rs`).\n\n\
         A cell tells how media travel, and the time from the second person's click on Join to their first decoded \
         picture of the first. *relayed TLS–UDP*: the first reaches the relay over TLS on port 443, the second over UDP.\n\n\
         ## Chromium: the first person's home in the rows, the second's in the columns\n\n",
        versions.join(" and "),
        pairs.len(),
        connected - direct,
    );
    let header: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    text += &format!("| | {} |\n|---|{}\n", header.join(" | "), "---|".repeat(kinds.len()));
    for first in kinds {
        text += &format!("| **{first}** |");
        for second in kinds {
            text += &format!(" {} |", cell(pairs, Browser::Chromium, *first, *second));
        }
        text.push('\n');
    }
    text += "\n## Firefox: both in homes of the same kind\n\n";
    text += &format!("| {} |\n|{}\n|", header.join(" | "), "---|".repeat(kinds.len()));
    for kind in kinds {
        text += &format!(" {} |", cell(pairs, Browser::Firefox, *kind, *kind));
    }
    text += "\n\n## Why\n\n| pair | best path | since |\n|---|---|---|\n";
    for (number, first) in kinds.iter().enumerate() {
        for second in kinds.iter().skip(number) {
            if let Some(pair) = find(pairs, Browser::Chromium, *first, *second) {
                text +=
                    &format!("| {first}, {second} | {} | {} |\n", pair.expected.path, pair.expected.reason);
            }
        }
    }
    text
}

fn find(pairs: &[Pair], browser: Browser, first: Kind, second: Kind) -> Option<&Pair> {
    pairs.iter().find(|pair| pair.browser == browser && pair.first == first && pair.second == second)
}

fn cell(pairs: &[Pair], browser: Browser, first: Kind, second: Kind) -> String {
    match find(pairs, browser, first, second).map(|pair| &pair.outcome) {
        Some(Ok(measured)) => format!("{} {:.1} s", measured.path, measured.first_picture.as_secs_f64()),
        Some(Err(_)) => "**not connected as expected**".into(),
        None => String::new(),
    }
}
