//! Short names for what the module and its glue call each other. wasm-bindgen's hold hashes against confusion, which no
//! compression shrinks: two copies of a few hundred are 5 KB of the page.

use crate::Error;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Import, ImportSectionReader, Parser};

/// What the module calls the glue.
const GLUE: &str = "./app_bg.js";

/// How the names begin of what only the glue calls.
const CLOSURES: &str = "wasm_bindgen__";

/// Renames in both.
pub(crate) fn shorten(module: &[u8], glue: &str) -> Result<(Vec<u8>, String), Error> {
    let failed = |error: reencode::Error| Error::Glue(error.to_string());
    let (mut names, mut shortened) = (Names::default(), Module::new());
    names.parse_core_module(&mut shortened, Parser::new(0), module).map_err(failed)?;
    Ok((shortened.finish(), names.rename(glue)?))
}

/// The short name of each long one.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn shorter(&mut self, name: &str) -> String {
        // As no name of JavaScript's or wasm-bindgen's begins.
        let next = format!("w{}", self.0.len());
        self.0.entry(name.to_owned()).or_insert(next).clone()
    }

    /// Every word of the glue that is one of the names.
    fn rename(&self, glue: &str) -> Result<String, Error> {
        let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let mut renamed = String::with_capacity(glue.len());
        let mut found = BTreeMap::new();
        for (start, end) in words(glue, is_part) {
            let word = glue.get(start..end).unwrap_or_default();
            match self.0.get_key_value(word) {
                Some((name, short)) => {
                    found.insert(name, ());
                    renamed.push_str(short);
                }
                None => renamed.push_str(word),
            }
        }
        match self.0.keys().find(|name| !found.contains_key(name)) {
            Some(name) => Err(Error::Glue(format!("its JavaScript does not know {name}"))),
            None => Ok(renamed),
        }
    }
}

/// Cuts a text into words and what is between them.
fn words(text: &str, is_part: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut before = None;
    for (place, character) in text.char_indices() {
        let end = place + character.len_utf8();
        let part = is_part(character);
        match words.last_mut() {
            Some((_, last)) if before == Some(part) => *last = end,
            _ => words.push((place, end)),
        }
        before = Some(part);
    }
    words
}

impl Reencode for Names {
    type Error = core::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            if import.module == GLUE {
                let name = self.shorter(import.name);
                reencode::utils::parse_import(self, imports, Import { name: &name, ..import })?;
            } else {
                reencode::utils::parse_import(self, imports, import)?;
            }
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        if !export.name.starts_with(CLOSURES) {
            return reencode::utils::parse_export(self, exports, export);
        }
        let name = self.shorter(export.name);
        reencode::utils::parse_export(self, exports, Export { name: &name, ..export })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, ExportKind, TypeSection};

    /// A module that imports and exports functions of these names.
    fn module(imported: &[(&str, &str)], exported: &[&str]) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut imports, mut exports) = (ImportSection::new(), ExportSection::new());
        for (from, name) in imported {
            imports.import(from, name, EntityType::Function(0));
        }
        for name in exported {
            exports.export(name, ExportKind::Func, 0);
        }
        module.section(&types).section(&imports).section(&exports);
        module.finish()
    }

    #[test]
    fn names_between_the_two_are_short_and_others_stay() {
        let long = module(
            &[("./late.js", "load"), (GLUE, "__wbg_close_0123456789abcdef")],
            &["show", "wasm_bindgen__convert__closures__h01"],
        );
        let glue = "{ __wbg_close_0123456789abcdef: () => wasm.wasm_bindgen__convert__closures__h01(0),\n é: close }";
        let (short, glue) = shorten(&long, glue).unwrap();
        assert_eq!(short, module(&[("./late.js", "load"), (GLUE, "w0")], &["show", "w1"]));
        assert_eq!(glue, "{ w0: () => wasm.w1(0),\n é: close }");
    }

    #[test]
    fn glue_that_is_not_the_modules_is_an_error() {
        let module = module(&[(GLUE, "__wbg_close_01")], &[]);
        assert!(shorten(&module, "{ __wbg_close_012: 0 }").is_err());
        assert!(shorten(b"not a module", "").is_err());
    }
}
