//! Display names: cleaned before they are sent and again before they are shown.

mod tables;

use crate::limits;
use tables::{INVISIBLE, MARKS};

/// Marks on one character. Vietnamese and Hebrew need two or three; towers of them reach into the lines above.
const MARKS_ON_CHARACTER: usize = 4;

/// What is shown for a name: one line of at most [`limits::NAME_CHARACTERS`] visible characters.
///
/// Control characters, bidirectional controls and characters of no width are removed, white space becomes single
/// spaces, and more than four marks on one character are dropped, as are marks on nothing. Cleaning twice changes
/// nothing. The result may be empty. It is text, not markup: whoever shows it must not parse it.
pub fn clean(name: &str) -> String {
    let mut clean = String::new();
    let mut characters = 0;
    // Marks on the last character; `None` where there is none to put marks on.
    let mut marks: Option<usize> = None;
    let mut space = false;
    for character in name.chars() {
        if character.is_whitespace() {
            space = characters > 0;
            marks = None;
            continue;
        }
        if character.is_control() || is_in(&INVISIBLE, character) {
            continue;
        }
        marks = if is_in(&MARKS, character) {
            match marks {
                Some(earlier) if earlier < MARKS_ON_CHARACTER => Some(earlier + 1),
                _ => continue,
            }
        } else {
            Some(0)
        };
        if characters + usize::from(space) + 1 > limits::NAME_CHARACTERS {
            break;
        }
        if space {
            clean.push(' ');
            characters += 1;
            space = false;
        }
        clean.push(character);
        characters += 1;
    }
    clean
}

fn is_in(ranges: &[(char, char)], character: char) -> bool {
    let at = ranges.partition_point(|(_, last)| *last < character);
    ranges.get(at).is_some_and(|(first, _)| *first <= character)
}
