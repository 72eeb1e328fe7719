//! A language's file, read.

use crate::Error;
use fluent_syntax::ast::{self, Entry, Expression, InlineExpression, PatternElement};
use fluent_syntax::parser;

/// The comment before a message that is meant to say just what English says.
const ALIKE: &str = "As in English.";

/// What the headline of a group (`## …`) ends with whose messages are said by what is loaded late only.
const LATE: &str = "(late)";

/// The categories of plurals (Unicode TR 35, part 3, section 5.1).
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// All messages of a language, in the order of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// Its tag (BCP 47), the file's name.
    pub tag: String,
    /// What it says.
    pub messages: Vec<Message>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is called in every language.
    pub id: String,
    /// The variable whose number decides between the variants, if there are several.
    pub selector: Option<String>,
    /// Variables that are numbers.
    pub numbers: Vec<String>,
    /// The whole message, once for each case; the last is for all other cases.
    pub variants: Vec<Variant>,
    /// Marked by a comment, `# As in English.`: a name, or a word that both languages have.
    pub alike: bool,
    /// Said by what is loaded late only, see [`Language::place`].
    pub late: bool,
    /// As it stands in the file.
    pub source: String,
}

/// The whole message for one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// When it is the one to say.
    pub key: Key,
    /// Text and variables.
    pub pieces: Vec<Piece>,
}

/// When a variant is the one to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// For just this number, or this category of numbers.
    Case(String),
    /// For all others.
    Default,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// The value of a variable.
    Variable(String),
}

impl Language {
    /// Reads a file.
    pub fn parse(tag: &str, source: &str) -> Result<Self, Error> {
        let resource = parser::parse(source).map_err(|(_, errors)| {
            let list: Vec<_> = errors.iter().map(ToString::to_string).collect();
            Error::Syntax { tag: tag.to_owned(), message: list.join("; ") }
        })?;
        let mut language = Self { tag: tag.to_owned(), messages: Vec::new() };
        let mut late = false;
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name;
                    let fail = |reason| Error::Message { tag: tag.to_owned(), id: id.to_owned(), reason };
                    if language.message(id).is_some() {
                        return Err(fail("stands there twice".to_owned()));
                    }
                    language.messages.push(Message { late, ..read(&message).map_err(fail)? });
                }
                Entry::Term(term) => {
                    let reason = "terms are not supported".to_owned();
                    return Err(Error::Message { tag: tag.to_owned(), id: term.id.name.to_owned(), reason });
                }
                Entry::GroupComment(group) => {
                    late = group.content.last().is_some_and(|headline| headline.ends_with(LATE));
                }
                Entry::Comment(_) | Entry::ResourceComment(_) | Entry::Junk { .. } => {}
            }
        }
        Ok(language)
    }

    /// The message of this name.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// Whether a message stands in the table that is loaded late, and in which line of its table. English is to be
    /// asked, as it is the measure.
    pub fn place(&self, id: &str) -> Option<(bool, usize)> {
        let late = self.message(id)?.late;
        let line = self.part(late).position(|message| message.id == id)?;
        Some((late, line))
    }

    /// The messages of one of the two tables, in their order.
    pub(crate) fn part(&self, late: bool) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(move |message| message.late == late)
    }

    /// What a message without variables says.
    pub fn words(&self, id: &str) -> Option<&str> {
        match self.message(id)?.variants.as_slice() {
            [Variant { pieces, .. }] => match pieces.as_slice() {
                [Piece::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Message {
    /// Its variables, in the order in which they first appear.
    pub fn variables(&self) -> Vec<&str> {
        let mut variables: Vec<&str> = Vec::new();
        let pieces = self.variants.iter().flat_map(|variant| &variant.pieces);
        let named = pieces.filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        });
        for name in self.selector.as_deref().into_iter().chain(named) {
            if !variables.contains(&name) {
                variables.push(name);
            }
        }
        variables
    }
}

/// A message as it is being read.
#[derive(Default)]
struct Reader {
    selector: Option<String>,
    numbers: Vec<String>,
    variants: Vec<Variant>,
}

fn read(message: &ast::Message<&str>) -> Result<Message, String> {
    let pattern = message.value.as_ref().ok_or("it has no words")?;
    if !message.attributes.is_empty() {
        return Err("attributes are not supported".to_owned());
    }
    let mut reader =
        Reader { variants: vec![Variant { key: Key::Default, pieces: Vec::new() }], ..Reader::default() };
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                reader.choice(selector, variants)?;
            }
            element => {
                let piece = reader.piece(element)?;
                reader.variants.iter_mut().for_each(|variant| push(&mut variant.pieces, piece.clone()));
            }
        }
    }
    // Comments are not part of what is to be translated.
    let bare = ast::Message { comment: None, ..message.clone() };
    let source = fluent_syntax::serializer::serialize(&ast::Resource { body: vec![Entry::Message(bare)] });
    Ok(Message {
        id: message.id.name.to_owned(),
        selector: reader.selector,
        numbers: reader.numbers,
        variants: reader.variants,
        late: false,
        alike: message.comment.as_ref().is_some_and(|comment| comment.content.contains(&ALIKE)),
        source,
    })
}

impl Reader {
    /// What was read so far stands before each of the choice's variants.
    fn choice(
        &mut self,
        selector: &InlineExpression<&str>,
        choice: &[ast::Variant<&str>],
    ) -> Result<(), String> {
        let (InlineExpression::VariableReference { id: name }, None) = (selector, &self.selector) else {
            return Err("one choice is supported in a message, by a variable".to_owned());
        };
        self.selector = Some(name.name.to_owned());
        self.number(name.name);
        let before = self.variants.pop().map(|variant| variant.pieces).unwrap_or_default();
        let mut last = None;
        for variant in choice {
            let key = match &variant.key {
                ast::VariantKey::Identifier { name } if CATEGORIES.contains(name) => (*name).to_owned(),
                ast::VariantKey::NumberLiteral { value } if value.parse::<u32>().is_ok() => {
                    (*value).to_owned()
                }
                _ => return Err("cases are whole numbers and zero, one, two, few, many, other".to_owned()),
            };
            let mut pieces = before.clone();
            for element in &variant.value.elements {
                let piece = self.piece(element)?;
                push(&mut pieces, piece);
            }
            if variant.default {
                last = Some(Variant { key: Key::Default, pieces });
            } else {
                self.variants.push(Variant { key: Key::Case(key), pieces });
            }
        }
        self.variants.extend(last);
        Ok(())
    }

    fn piece(&mut self, element: &PatternElement<&str>) -> Result<Piece, String> {
        match element {
            // Lines are for whoever writes the file: the page makes its own.
            PatternElement::TextElement { value } => Ok(Piece::Text(value.replace('\n', " "))),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Ok(Piece::Variable(id.name.to_owned())),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::FunctionReference { id, arguments }),
            } if id.name == "NUMBER" && arguments.named.is_empty() => match arguments.positional.as_slice() {
                [InlineExpression::VariableReference { id }] => {
                    self.number(id.name);
                    Ok(Piece::Variable(id.name.to_owned()))
                }
                _ => Err("NUMBER is of one variable".to_owned()),
            },
            PatternElement::Placeable { .. } => {
                Err("only variables, NUMBER($variable) and one choice by a number are supported".to_owned())
            }
        }
    }

    fn number(&mut self, name: &str) {
        if !self.numbers.iter().any(|number| number == name) {
            self.numbers.push(name.to_owned());
        }
    }
}

/// Text that stands behind text is one text.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(source: &str) -> Message {
        Language::parse("en", source).unwrap().messages.remove(0)
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn variable(name: &str) -> Piece {
        Piece::Variable(name.to_owned())
    }

    #[test]
    fn words_over_several_lines_are_one_line() {
        let language = Language::parse("en", "# A comment\nlong =\n    One\n    two\n    three.\n").unwrap();
        assert_eq!(language.words("long"), Some("One two three."));
        assert_eq!(language.words("short"), None);
    }

    #[test]
    fn a_group_can_be_late() {
        let source = "a = A\n\n## One (late)\nb = B\nc = C\n\n## Two\nd = D\n";
        let language = Language::parse("en", source).unwrap();
        let place = |id| language.place(id).unwrap();
        assert_eq!(
            [place("a"), place("b"), place("c"), place("d")],
            [(false, 0), (true, 0), (true, 1), (false, 1)]
        );
        assert_eq!(language.place("e"), None);
    }

    #[test]
    fn variables_are_in_the_order_of_their_appearance() {
        let message = message("list = { $first }, { $rest } and { $first }");
        assert_eq!(message.variables(), ["first", "rest"]);
        let pieces = [variable("first"), text(", "), variable("rest"), text(" and "), variable("first")];
        assert_eq!(message.variants[0].pieces, pieces);
    }

    #[test]
    fn a_choice_makes_the_whole_message_several_times_with_the_default_last() {
        let message = message(
            "sent = { $name } sent { $count ->\n   *[other] { $count } files\n    [one] a file\n    [0] nothing\n } to you",
        );
        assert_eq!(message.selector.as_deref(), Some("count"));
        assert_eq!(message.numbers, ["count"]);
        let cases = ["one", "0"].map(|case| Key::Case(case.to_owned()));
        let keys: Vec<_> = message.variants.iter().map(|variant| variant.key.clone()).collect();
        assert_eq!(keys, [cases[0].clone(), cases[1].clone(), Key::Default]);
        assert_eq!(message.variants[0].pieces, [variable("name"), text(" sent a file to you")]);
        let default = [variable("name"), text(" sent "), variable("count"), text(" files to you")];
        assert_eq!(message.variants[2].pieces, default);
    }

    #[test]
    fn numbers_are_told_from_names() {
        let message = message("time = { NUMBER($hours) } h with { $name }");
        assert_eq!(message.numbers, ["hours"]);
        assert_eq!(message.selector, None);
    }

    #[test]
    fn what_is_not_supported_is_an_error_that_says_where() {
        for source in [
            "a = { -term }",
            "-term = Term",
            "a = { other }",
            "a = { DATETIME($time) }",
            "a = { NUMBER($time, minimumFractionDigits: 2) }",
            "a = { \"literal\" }",
            "a = A\n    .title = An attribute",
            "a = { $x ->\n   *[masculine] he\n }",
            "a = { $x ->\n   *[1.5] he\n }",
            "a = { $x ->\n   *[other] he\n } { $y ->\n   *[other] he\n }",
            "a = { $x ->\n   *[other] { $y ->\n   *[other] he\n }\n }",
            "a = A\na = B",
            "a = { $x",
        ] {
            let error = Language::parse("de", source).unwrap_err().to_string();
            assert!(error.starts_with("de.ftl: "), "{source}: {error}");
        }
    }
}
