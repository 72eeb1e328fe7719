//! What is written can be read, and what is to be touched can be seen: contrast by WCAG 2.2, computed from the style
//! sheets themselves, in dark and in light.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions only, not in the helpers beside them"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// For text of any size (1.4.3, level AA).
const TEXT: f64 = 4.5;
/// For signs, and the edges of what can be used (1.4.11, level AA).
const SIGN: f64 = 3.0;

/// What stands on what: foreground, backgrounds, least contrast.
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("ink", &["ground", "surface", "raised", "raised-more", "empty"], TEXT),
    ("ink", &["tint-0", "tint-1", "tint-2", "tint-3", "tint-4", "tint-5", "tint-own"], TEXT),
    ("ink-soft", &["ground", "surface", "raised", "empty"], TEXT),
    // Links, and what is on.
    ("accent", &["ground", "surface"], TEXT),
    ("accent-strong", &["ground", "surface"], TEXT),
    ("accent-ink", &["accent", "accent-strong"], TEXT),
    ("danger", &["ground", "surface", "danger-soft"], TEXT),
    ("danger-ink", &["danger", "danger-strong"], TEXT),
    ("warn", &["ground", "surface"], TEXT),
    // Toasts.
    ("ground", &["ink"], TEXT),
    ("scrim-ink", &["scrim"], TEXT),
    ("scrim-danger", &["scrim"], TEXT),
    // The edge of inputs and switches, their knobs, the focus ring, the meter.
    ("ink-soft", &["raised", "raised-more"], SIGN),
    ("edge", &["ground", "surface"], SIGN),
    ("accent", &["raised", "empty", "line"], SIGN),
];

/// Backgrounds on which nothing is written: hairlines, meters, the knobs of switches, dots.
const BARE: &[&str] = &["line", "ink-soft", "accent-ink", "warn"];

type Colour = [f64; 4];

#[test]
fn everything_written_can_be_read_in_dark_and_in_light() {
    let tokens = tokens();
    let mut faint = Vec::new();
    for (scheme, name) in [(0, "light"), (1, "dark")] {
        for (text, grounds, least) in PAIRS {
            for ground in *grounds {
                let of = |token: &str| {
                    tokens.get(token).unwrap_or_else(|| panic!("--{token} is no colour"))[scheme]
                };
                let got = contrast(of(text), of(ground));
                if got < *least {
                    faint.push(format!("--{text} on --{ground} in {name}: {got:.2}, must be {least}"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn no_colour_is_used_that_the_table_does_not_know() {
    let (texts, grounds): (BTreeSet<_>, BTreeSet<_>) = {
        let grounds = PAIRS.iter().flat_map(|(_, grounds, _)| grounds.iter().copied());
        (PAIRS.iter().map(|(text, ..)| *text).collect(), grounds.chain(BARE.iter().copied()).collect())
    };
    let tokens = tokens();
    let mut uses = 0;
    for (sheet, text) in sheets() {
        for line in text.lines() {
            let Some((property, value)) = line.trim().split_once(':') else { continue };
            let known = match property {
                "color" | "fill" => &texts,
                "background" | "background-color" => &grounds,
                _ => continue,
            };
            assert!(
                property != "color" || !value.contains('#'),
                "{sheet}: {line}: colours stand in 10-tokens.css"
            );
            for token in value.split("var(--").skip(1).filter_map(|rest| rest.split([')', ',']).next()) {
                // A component's own property takes the value of a token somewhere else.
                if tokens.contains_key(token) {
                    uses += 1;
                    assert!(
                        known.contains(token) || property == "fill",
                        "{sheet}: {line}: --{token} is in no pair"
                    );
                }
            }
        }
    }
    assert!(
        uses > 60,
        "only {uses} uses of colours were found: are the sheets still read as they are written?"
    );
}

#[test]
fn contrast_is_what_wcag_says_it_is() {
    let grey = |value: u8| hex(&format!("{value:02x}{value:02x}{value:02x}"));
    assert!((contrast(grey(0), grey(255)) - 21.0).abs() < 1e-9);
    // The well-known lightest grey that may be text on white.
    assert!(contrast(grey(0x76), grey(255)) >= TEXT && contrast(grey(0x77), grey(255)) < TEXT);
}

/// Every colour of the tokens: in light, in dark.
fn tokens() -> BTreeMap<String, [Colour; 2]> {
    let text = fs::read_to_string(styles().join("10-tokens.css")).unwrap();
    let mut tokens = BTreeMap::new();
    for line in text.lines() {
        let Some((name, value)) = line.trim().strip_prefix("--").and_then(|line| line.split_once(": "))
        else {
            continue;
        };
        let value = value.trim_end_matches(';');
        let pair = value.strip_prefix("light-dark(").and_then(|pair| pair.strip_suffix(')'));
        let colours = match pair.and_then(|pair| pair.split_once(", ")) {
            Some((light, dark)) => [colour(light), colour(dark)],
            None => [colour(value), colour(value)],
        };
        if let [Some(light), Some(dark)] = colours {
            tokens.insert(name.to_owned(), [light, dark]);
        }
    }
    assert!(tokens.len() > 25, "only {} colours were found", tokens.len());
    tokens
}

/// `#rrggbb`, or `rgb(R G B / A)`.
fn colour(text: &str) -> Option<Colour> {
    if let Some(digits) = text.strip_prefix('#') {
        return Some(hex(digits));
    }
    let (parts, alpha) = text.strip_prefix("rgb(")?.strip_suffix(')')?.split_once(" / ")?;
    let parts: Vec<f64> = parts.split(' ').map(|part| part.parse().unwrap()).collect();
    Some([parts[0], parts[1], parts[2], alpha.parse().unwrap()])
}

fn hex(digits: &str) -> Colour {
    let part = |place: usize| f64::from(u8::from_str_radix(&digits[place..place + 2], 16).unwrap());
    [part(0), part(2), part(4), 1.0]
}

/// Of a colour on another; one that lets a picture shine through, over the worst picture.
fn contrast(text: Colour, ground: Colour) -> f64 {
    let over = |picture: f64| {
        let mix = |part: f64| part * ground[3] + picture * (1.0 - ground[3]);
        ratio(luminance(text), luminance([mix(ground[0]), mix(ground[1]), mix(ground[2]), 1.0]))
    };
    over(0.0).min(over(255.0))
}

/// WCAG 2.2, "contrast ratio".
fn ratio(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance([red, green, blue, _]: Colour) -> f64 {
    let linear = |part: f64| {
        let part = part / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn sheets() -> Vec<(String, String)> {
    let mut sheets = Vec::new();
    for folder in [styles(), styles().join("late")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "css") {
                sheets.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(sheets.len() >= 6);
    sheets
}

fn styles() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("styles")
}
