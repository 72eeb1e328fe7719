//! Glue, hashed names, and the page that refers to them.

use crate::shorten::shorten;
use crate::{Asset, Error, Manifest, Purpose, split};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";
/// W3C Web Application Manifest, 4.1.
const WEB_MANIFEST: &str = "application/manifest+json";
const WASM: &str = "application/wasm";

/// Makes all files of the client from the compiled module and the static files in `client`.
pub(crate) fn pack(
    module: &Path,
    client: &Path,
    out_dir: &Path,
    purpose: Purpose,
) -> Result<Manifest, Error> {
    let glue = out_dir.join("glue");
    // Names of an earlier build would otherwise stay.
    let _ = fs::remove_dir_all(&glue);
    let parts = split::split(module, &glue)?;
    Bindgen::new()
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .input_path(&parts.first)
                .out_name("app")
                .typescript(false)
                .remove_name_section(true)
                // The late parts reach into the first one by them.
                .keep_lld_exports(true)
                .generate(&glue)
        })
        .map_err(|error| Error::Glue(format!("{error:#}")))?;

    let mut packer = Packer::new(out_dir)?;
    let (module, glue_script) =
        shorten(&read(&glue.join("app_bg.wasm"))?, &read_text(&glue.join("app.js"))?)?;
    packer.add("app.wasm", WASM, module)?;
    packer.add("late.wasm", WASM, parts.late.clone())?;
    packer.add("app.css", CSS, stylesheet(&client.join("styles"))?)?;
    let mut late = stylesheet(&client.join("styles").join("late"))?;
    if purpose == Purpose::Development {
        late.extend(stylesheet(&client.join("styles").join("development"))?);
    }
    packer.add("late.css", CSS, late)?;
    let assets = client.join("assets");
    packer.add("icon.svg", SVG, read(&assets.join("icon.svg"))?)?;
    for icon in ["icon-192.png", "icon-512.png", "icon-maskable-512.png"] {
        packer.add(icon, PNG, read(&assets.join(icon))?)?;
    }
    let manifest = packer.resolve(&read_text(&assets.join("app.webmanifest"))?)?;
    packer.add("app.webmanifest", WEB_MANIFEST, manifest.into_bytes())?;
    packer.add("timer.js", SCRIPT, script(&read_text(&client.join("timer.js"))?))?;
    packer.add_languages(&client.join("locales"))?;
    let program = parts.script(&glue_script, &read_text(&client.join("boot.js"))?)?;
    packer.add("app.js", SCRIPT, script(&packer.resolve(&program)?))?;
    let page = packer.resolve(&read_text(&client.join("index.html"))?)?;
    packer.finish(&page)
}

/// A page that says that the client was left out.
pub(crate) fn placeholder(out_dir: &Path) -> Result<Manifest, Error> {
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
                <meta name=\"viewport\" content=\"width=device-width\"><title>Eyeline</title>\
                <p>This server was compiled without its client (EYELINE_SKIP_CLIENT=1).</p>\
                <p>It carries signaling and answers STUN, but there is no page for making calls. Compile the server \
                without EYELINE_SKIP_CLIENT, and the server will have its client: cargo build --release</p>";
    Packer::new(out_dir)?.finish(page)
}

/// The style sheets in the order of their names, as one file: one request.
fn stylesheet(directory: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::File { path: directory.to_owned(), source };
    let mut sheets = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "css") {
            sheets.push(path);
        }
    }
    sheets.sort();
    let mut all = String::new();
    for sheet in sheets {
        let text = read_text(&sheet)?;
        let mut pieces = text.split("/*");
        all.push_str(pieces.next().unwrap_or_default());
        pieces.for_each(|piece| all.push_str(piece.split_once("*/").map_or("", |(_, after)| after)));
        all.push('\n');
    }
    Ok(trimmed(&all, |line| line.is_empty()).into_bytes())
}

/// A script without the lines that are comments: what is for readers of the source need not travel.
fn script(text: &str) -> Vec<u8> {
    trimmed(text, |line| line.is_empty() || line.starts_with("//")).into_bytes()
}

/// The lines without what stands before and behind them, and without some of them. In no file of ours does a string go
/// over several lines.
fn trimmed(text: &str, skipped: fn(&str) -> bool) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !skipped(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes files under names that change with their content, and replaces `{{name}}` by the URL of a file written
/// before, or by what else is known of them.
struct Packer {
    directory: PathBuf,
    files: Vec<Asset>,
    references: BTreeMap<String, String>,
}

impl Packer {
    fn new(out_dir: &Path) -> Result<Self, Error> {
        let directory = out_dir.join("assets");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).map_err(|source| Error::File { path: directory.clone(), source })?;
        Ok(Self { directory, files: Vec::new(), references: BTreeMap::new() })
    }

    fn add(&mut self, name: &str, content_type: &str, content: Vec<u8>) -> Result<String, Error> {
        let hash = data_encoding::HEXLOWER.encode(Sha256::digest(&content).get(..8).unwrap_or_default());
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        let hashed = format!("{stem}-{hash}.{extension}");
        let file = self.directory.join(&hashed);
        write(&file, &content)?;
        let path = format!("/assets/{hashed}");
        self.references.insert(name.to_owned(), path.clone());
        self.files.push(Asset {
            path: path.clone(),
            file,
            content_type: content_type.to_owned(),
            immutable: true,
        });
        Ok(path)
    }

    /// Two files of words for each language and for the mirrored one: what is said first, and late. `{{languages}}` becomes
    /// a JavaScript object of their URLs by language, `{{line:MESSAGE}}` the line of a message in the first file,
    /// `{{english:MESSAGE}}` what it says.
    fn add_languages(&mut self, directory: &Path) -> Result<(), Error> {
        let mut languages = eyeline_words::read_all(directory)?;
        let english = eyeline_words::english(&languages).cloned().ok_or(eyeline_words::Error::NoEnglish)?;
        languages.push(eyeline_words::mirrored(&english));
        let mut urls = String::from("{");
        for language in &languages {
            let name = format!("words-{}.txt", language.tag);
            let first = self.add(&name, TEXT, language.table(&english, false)?.into_bytes())?;
            let late =
                self.add(&format!("late-{name}"), TEXT, language.table(&english, true)?.into_bytes())?;
            urls.push_str(&format!("{:?}:[{first:?},{late:?}],", language.tag));
        }
        urls.push('}');
        self.references.insert("languages".to_owned(), urls);
        for message in &english.messages {
            if let Some((false, line)) = english.place(&message.id) {
                self.references.insert(format!("line:{}", message.id), line.to_string());
            }
            // Only what means the same in HTML, in JavaScript and as it is.
            let words =
                english.words(&message.id).filter(|words| !words.contains(['<', '>', '&', '"', '\\']));
            if let Some(words) = words {
                self.references.insert(format!("english:{}", message.id), words.to_owned());
            }
        }
        Ok(())
    }

    fn resolve(&self, text: &str) -> Result<String, Error> {
        let mut resolved = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").unwrap_or((after, ""));
            let url = self.references.get(name).ok_or_else(|| Error::UnknownReference(name.to_owned()))?;
            resolved.push_str(before);
            resolved.push_str(url);
            rest = after;
        }
        resolved.push_str(rest);
        Ok(resolved)
    }

    fn finish(mut self, page: &str) -> Result<Manifest, Error> {
        let file = self.directory.join("index.html");
        write(&file, page.as_bytes())?;
        let page = Asset { path: "/".to_owned(), file, content_type: HTML.to_owned(), immutable: false };
        self.files.insert(0, page);
        Ok(Manifest { files: self.files })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    fs::write(path, content).map_err(|source| Error::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("eyeline-web-build-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn a_name_changes_with_the_content_and_only_with_it() {
        let out = directory("names");
        let path_of = |content: &str| {
            let mut packer = Packer::new(&out).unwrap();
            packer.add("app.css", CSS, content.as_bytes().to_vec()).unwrap();
            packer.finish("").unwrap().files[1].path.clone()
        };
        assert_eq!(path_of("a"), path_of("a"));
        assert_ne!(path_of("a"), path_of("b"));
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn what_is_for_readers_of_the_source_does_not_travel() {
        let source = "// Why.\n\n  const a = \"// b\"; // c\n";
        assert_eq!(script(source), b"const a = \"// b\"; // c");
        let sheets = directory("sheets");
        fs::write(sheets.join("2.css"), "c { d: 2 }").unwrap();
        fs::write(sheets.join("1.css"), "/* Why.\n   So. */\na {\n  b: 1; /* One. */\n}\n").unwrap();
        assert_eq!(String::from_utf8(stylesheet(&sheets).unwrap()).unwrap(), "a {\nb: 1;\n}\nc { d: 2 }");
        fs::remove_dir_all(sheets).unwrap();
    }

    #[test]
    fn references_become_the_urls_of_the_files_and_unknown_ones_are_an_error() {
        let out = directory("references");
        let mut packer = Packer::new(&out).unwrap();
        let url = packer.add("app.js", SCRIPT, b"x".to_vec()).unwrap();
        assert_eq!(packer.resolve("<a {{app.js}}> {{app.js}}").unwrap(), format!("<a {url}> {url}"));
        assert!(
            matches!(packer.resolve("{{app.png}}"), Err(Error::UnknownReference(name)) if name == "app.png")
        );
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn each_language_is_a_file_and_the_boot_script_finds_its_lines() {
        let (out, locales) = (directory("languages"), directory("locales"));
        fs::write(locales.join("en.ftl"), "a = A & B\nboot = English\n## Late (late)\nb = C\n").unwrap();
        fs::write(locales.join("zh-Hans.ftl"), "boot = 中文\na = B").unwrap();
        let mut packer = Packer::new(&out).unwrap();
        packer.add_languages(&locales).unwrap();
        let url = packer.references["words-zh-Hans.txt"].clone();
        assert!(url.starts_with("/assets/words-zh-Hans-"), "{url}");
        let urls = packer.resolve("{{languages}}").unwrap();
        assert!(urls.contains(&format!("\"zh-Hans\":[\"{url}\",")) && urls.contains("\"qps\":"), "{urls}");
        assert_eq!(packer.resolve("{{line:boot}} {{english:boot}}").unwrap(), "1 English");
        assert!(packer.resolve("{{english:a}}").is_err());
        let manifest = packer.finish("").unwrap();
        let file = manifest.files.iter().find(|asset| asset.path == url).unwrap();
        assert_eq!(fs::read_to_string(&file.file).unwrap(), "B\n中文");
        fs::remove_dir_all(out).unwrap();
        fs::remove_dir_all(locales).unwrap();
    }

    #[test]
    fn without_the_client_the_page_says_so() {
        let out = directory("placeholder");
        let manifest = placeholder(&out).unwrap();
        assert_eq!(manifest.files.len(), 1);
        assert!(fs::read_to_string(&manifest.files[0].file).unwrap().contains("without its client"));
        fs::remove_dir_all(out).unwrap();
    }
}
