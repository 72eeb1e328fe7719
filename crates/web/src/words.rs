//! Words, made from `locales/en.ftl` by the build script, and what is put together from them.

use eyeline_browser::LinkError;

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
}
