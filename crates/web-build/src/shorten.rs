//! Shortens the names by which the module and its JavaScript glue know each other.
//!
//! wasm-bindgen puts a hash into each of some two hundred of them, and each stands in both files: random digits that no
//! compression can take away.

use crate::Error;
use crate::split::copy_section;
use std::collections::BTreeMap;
use wasm_encoder::{EntityType, ExportKind, ExportSection, ImportSection, Module};
use wasmparser::{BinaryReaderError, Parser, Payload};

/// The names that are wasm-bindgen's own business. The page calls, and the late part imports, others.
const OWN: [&str; 3] = ["__wbg_", "__wbindgen_cast_", "wasm_bindgen__"];

/// The module and its glue with short names.
pub(crate) fn shorten(module: &[u8], glue: &str) -> Result<(Vec<u8>, String), Error> {
    let mut names = Names::default();
    let failed = |error: BinaryReaderError| Error::Glue(error.to_string());
    let unknown = || Error::Glue("an import of a kind that wasm-encoder does not know".to_owned());
    let mut short = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(failed)? {
            Payload::ImportSection(imports) => {
                let mut section = ImportSection::new();
                for import in imports.into_imports() {
                    let import = import.map_err(failed)?;
                    let kind = EntityType::try_from(import.ty).map_err(|_| unknown())?;
                    section.import(import.module, &names.shorten(import.name), kind);
                }
                short.section(&section);
            }
            Payload::ExportSection(exports) => {
                let mut section = ExportSection::new();
                for export in exports {
                    let export = export.map_err(failed)?;
                    let kind = ExportKind::from(export.kind);
                    section.export(&names.shorten(export.name), kind, export.index);
                }
                short.section(&section);
            }
            other => {
                copy_section(&other, module, &mut short).map_err(|why| Error::Glue(why.to_owned()))?;
            }
        }
    }
    Ok((short.finish(), names.replace(glue)))
}

/// Long names and the short ones that stand for them.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn shorten(&mut self, name: &str) -> String {
        if !OWN.iter().any(|start| name.starts_with(start)) {
            return name.to_owned();
        }
        let count = self.0.len();
        self.0.entry(name.to_owned()).or_insert_with(|| format!("${count:x}")).clone()
    }

    /// Replaces whole identifiers only.
    fn replace(&self, glue: &str) -> String {
        let mut replaced = String::with_capacity(glue.len());
        let mut rest = glue;
        let part_of_name = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
        while !rest.is_empty() {
            let end = rest.find(|character| !part_of_name(character)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            replaced.push_str(self.0.get(name).map_or(name, String::as_str));
            let between = after.find(part_of_name).unwrap_or(after.len());
            let (other, after) = after.split_at(between);
            replaced.push_str(other);
            rest = after;
        }
        replaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_get_the_same_short_names_and_others_keep_theirs() {
        let mut module = Module::new();
        let mut types = wasm_encoder::TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("./app_bg.js", "__wbg_close_0123456789abcdef", EntityType::Function(0));
        imports.import("./app_bg.js", "__wbg_close_0123", EntityType::Function(0));
        let mut exports = ExportSection::new();
        exports.export("wasm_bindgen__convert__h0123", ExportKind::Func, 0);
        exports.export("start", ExportKind::Func, 1);
        module.section(&types).section(&imports).section(&exports);
        let glue = "{ __wbg_close_0123456789abcdef: f, __wbg_close_0123: wasm.wasm_bindgen__convert__h0123, start: x }";

        let (short, glue) = shorten(&module.finish(), glue).unwrap();
        assert_eq!(glue, "{ $0: f, $1: wasm.$2, start: x }");
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&short) {
            match payload.unwrap() {
                Payload::ImportSection(imports) => {
                    names.extend(imports.into_imports().map(|import| import.unwrap().name));
                }
                Payload::ExportSection(exports) => {
                    names.extend(exports.into_iter().map(|export| export.unwrap().name))
                }
                _ => {}
            }
        }
        assert_eq!(names, ["$0", "$1", "$2", "start"]);
        assert!(shorten(b"not a module", "").is_err());
    }
}
