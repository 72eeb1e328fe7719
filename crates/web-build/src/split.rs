//! Cuts the compiled module in two: what the first picture of a call needs, and what is loaded when it is wanted.
//!
//! The cut goes where the client says `wasm_split` (crates/web/src/late.rs). It is made by call graph, from the linker's
//! relocations, so nobody keeps lists of what belongs where.

use crate::Error;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_encoder::{Module, RawSection};
use wasm_split_cli_support::{Options, transform};
use wasmparser::{BinaryReaderError, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// The name the client gives the late part.
const LATE: &str = "late";

/// In the name of the function that finds a word which is loaded late (crates/web/src/words.rs).
const LATE_WORDS: &str = "late_word";

/// What the loader of the late part is called between the tools; no such file is served.
const LOADER: &str = "./late.js";

/// How the tools refer to it and to the module it loads.
const LOADER_IMPORT: &str = "import * as import1 from \"./late.js\"";
const GLUE_IMPORT: &str = "import { initSync } from \"./app.js\";";
const LATE_URL: &str = "new URL(\"./split_late.wasm\", import.meta.url)";

/// The two modules.
pub(crate) struct Parts {
    /// What is loaded first, yet without its JavaScript glue.
    pub(crate) first: PathBuf,
    /// What is loaded late.
    pub(crate) late: Vec<u8>,
    /// The JavaScript that loads it, as a module of its own.
    loader: String,
}

/// Cuts the module; files lie in `directory` afterwards.
pub(crate) fn split(module: &Path, directory: &Path) -> Result<Parts, Error> {
    fs::create_dir_all(directory).map_err(|source| Error::File { path: directory.to_owned(), source })?;
    let read = |path: PathBuf| fs::read(&path).map_err(|source| Error::File { path, source });
    let whole = read(module.to_owned())?;
    let first = directory.join("first.wasm");
    let mut options = Options::new(&whole);
    options.output_dir = directory;
    options.main_out_path = &first;
    options.link_name = LOADER;
    options.main_module = "./app.js";
    transform(options).map_err(|error| Error::Split(format!("{error:#}")))?;
    let first_bytes = read(first.clone())?;
    if let Some(sayers) =
        late_words_in_first(&first_bytes).map_err(|error| Error::Split(error.to_string()))?
    {
        return Err(Error::Split(format!(
            "what is loaded first says words of a group that is marked (late) in en.ftl: {sayers}"
        )));
    }
    let late = read(directory.join(format!("split_{LATE}.wasm")))?;
    let loader = String::from_utf8(read(directory.join(LOADER))?)
        .map_err(|_| Error::Split("its JavaScript is no UTF-8".to_owned()))?;
    Ok(Parts { first, late: without_names(&late)?, loader })
}

impl Parts {
    /// The one script of the page: the glue, the loader of the late part, and what starts it all. Left in files of their
    /// own, they would import each other in a circle, which names that hold a hash cannot express, and cost two requests.
    pub(crate) fn script(&self, glue: &str, boot: &str) -> Result<String, Error> {
        let export = format!("export const __wasm_split_load_{LATE} =");
        let loader = cut(&cut(&self.loader, GLUE_IMPORT, "")?, &export, "return")?;
        let loader = cut(&loader, LATE_URL, "\"{{late.wasm}}\"")?;
        let object = format!("const import1 = {{ __wasm_split_load_{LATE}: (() => {{{loader}}})() }};");
        // In a block of its own: its names are not the glue's.
        Ok([&cut(glue, LOADER_IMPORT, &object)?, "{", boot, "}"].join("\n"))
    }
}

/// Replaces what must be there exactly once.
fn cut(text: &str, old: &str, new: &str) -> Result<String, Error> {
    match text.matches(old).count() {
        1 => Ok(text.replacen(old, new, 1)),
        count => Err(Error::Split(format!("{old:?} stands in its JavaScript {count} times, not once"))),
    }
}

/// The functions of the first module, if any, that say words which are loaded late. They would say nothing.
fn late_words_in_first(module: &[u8]) -> Result<Option<String>, BinaryReaderError> {
    let mut names = BTreeMap::new();
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(subsections) = section.as_known() else { continue };
                for subsection in subsections {
                    if let Name::Function(functions) = subsection? {
                        for function in functions {
                            let function = function?;
                            names.insert(function.index, function.name);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let late = |index: &u32| names.get(index).is_some_and(|name| name.contains(LATE_WORDS));
    let mut sayers = Vec::new();
    for (index, body) in (imported..).zip(&bodies) {
        for operator in body.get_operators_reader()? {
            if let Operator::Call { function_index } = operator?
                && late(&function_index)
            {
                sayers.push(names.get(&index).copied().unwrap_or("a function without a name"));
            }
        }
    }
    let there = (imported..).zip(&bodies).any(|(index, _)| late(&index));
    Ok(there.then(|| sayers.join(", ")))
}

/// Functions' names are of no use to a browser, and a third of the file.
fn without_names(module: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error: BinaryReaderError| Error::Split(error.to_string());
    let mut stripped = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(failed)?;
        if !matches!(payload, Payload::CustomSection(_)) {
            copy_section(&payload, module, &mut stripped).map_err(|why| Error::Split(why.to_owned()))?;
        }
    }
    Ok(stripped.finish())
}

/// Copies a section as it is, if the payload is one.
pub(crate) fn copy_section(
    payload: &Payload<'_>,
    module: &[u8],
    copy: &mut Module,
) -> Result<(), &'static str> {
    if let Some((id, range)) = payload.as_section() {
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let data = module.get(place(range.start)..place(range.end)).ok_or("a section is cut off")?;
        copy.section(&RawSection { id, data });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_one_file_that_loads_the_late_part_by_its_name() {
        let loader = format!(
            "{GLUE_IMPORT}\nexport const __wasm_split_load_late = load(() => fetch({LATE_URL}), initSync);\n"
        );
        let parts = Parts { first: PathBuf::new(), late: Vec::new(), loader };
        let script = parts.script(&format!("{LOADER_IMPORT}\nfunction initSync() {{}}"), "start();").unwrap();
        assert_eq!(
            script,
            "const import1 = { __wasm_split_load_late: (() => {\nreturn load(() => fetch(\"{{late.wasm}}\"), initSync);\n})() };\n\
             function initSync() {}\n{\nstart();\n}"
        );
        // Another version of the tools, which says it otherwise, must not pass unnoticed.
        assert!(parts.script("import * as other from \"./late.js\"", "").is_err());
    }

    #[test]
    fn words_of_the_late_table_are_not_said_by_the_first_module() {
        let module = |calls: u32| {
            let mut module = Module::new();
            let mut types = wasm_encoder::TypeSection::new();
            types.ty().function([], []);
            let mut imports = wasm_encoder::ImportSection::new();
            imports.import("a", "b", wasm_encoder::EntityType::Function(0));
            let mut functions = wasm_encoder::FunctionSection::new();
            functions.function(0).function(0);
            let mut code = wasm_encoder::CodeSection::new();
            let mut caller = wasm_encoder::Function::new([]);
            caller.instructions().call(calls).end();
            let mut word = wasm_encoder::Function::new([]);
            word.instructions().end();
            code.function(&caller).function(&word);
            let mut names = wasm_encoder::NameSection::new();
            let mut map = wasm_encoder::NameMap::new();
            map.append(1, "lobby");
            map.append(2, "words::late_word::h0");
            names.functions(&map);
            module.section(&types).section(&imports).section(&functions).section(&code).section(&names);
            module.finish()
        };
        assert_eq!(late_words_in_first(&module(2)).unwrap().as_deref(), Some("lobby"));
        // Even if nobody calls it, somebody refers to it: the linker leaves nothing else there.
        assert_eq!(late_words_in_first(&module(0)).unwrap().as_deref(), Some(""));
        assert!(late_words_in_first(b"not a module").is_err());
    }

    #[test]
    fn custom_sections_go_and_the_others_stay() {
        let mut module = Module::new();
        module.section(&wasm_encoder::TypeSection::new());
        let bare = module.clone().finish();
        module.section(&wasm_encoder::CustomSection { name: "name".into(), data: b"long"[..].into() });
        assert_eq!(without_names(&module.finish()).unwrap(), bare);
        assert!(without_names(b"not a module").is_err());
    }
}
