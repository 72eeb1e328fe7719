//! Turns the words (`locales/en.ftl`, Fluent syntax) into Rust: one function for each message, its variables as
//! parameters. A word that is missing or misspelt is a compile error, and no interpreter is shipped.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, PatternElement};
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

const WORDS: &str = "locales/en.ftl";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={WORDS}");
    println!("cargo:rerun-if-changed=build.rs");
    let source = std::fs::read_to_string(WORDS)?;
    let resource = fluent_syntax::parser::parse(source.as_str()).map_err(|(_, errors)| {
        let list: Vec<_> = errors.iter().map(ToString::to_string).collect();
        format!("{WORDS}: {}", list.join("; "))
    })?;
    let mut code = String::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            function(message, &mut code)?;
        }
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("words.rs"), code)?;
    Ok(())
}

fn function(message: &Message<&str>, code: &mut String) -> Result<(), Box<dyn Error>> {
    let id = message.id.name;
    let pattern = message.value.as_ref().ok_or_else(|| format!("{WORDS}: {id} has no words"))?;
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut variables: Vec<&str> = Vec::new();
    for element in &pattern.elements {
        match element {
            // Several where the words go over several lines.
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id: variable }),
            } => {
                parts.push(format!("{text:?}"));
                text.clear();
                parts.push(variable.name.to_owned());
                if !variables.contains(&variable.name) {
                    variables.push(variable.name);
                }
            }
            PatternElement::Placeable { .. } => {
                return Err(format!("{WORDS}: {id}: only plain variables are supported so far").into());
            }
        }
    }
    let name = id.replace('-', "_");
    if variables.is_empty() {
        writeln!(code, "pub(crate) fn {name}() -> &'static str {{ {text:?} }}")?;
    } else {
        let parameters: Vec<_> = variables.iter().map(|variable| format!("{variable}: &str")).collect();
        let parameters = parameters.join(", ");
        parts.push(format!("{text:?}"));
        let parts = parts.into_iter().filter(|part| part != "\"\"").collect::<Vec<_>>().join(", ");
        // Not `format!`: its code is larger.
        writeln!(code, "pub(crate) fn {name}({parameters}) -> String {{ [{parts}].concat() }}")?;
    }
    Ok(())
}
