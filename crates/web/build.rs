//! Turns the words (`locales/en.ftl`) into Rust: one function for each message, its variables as parameters. What they
//! say stands in the languages' tables, which the page loads.

use std::error::Error;
use std::path::{Path, PathBuf};

const LANGUAGES: &str = "locales";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={LANGUAGES}");
    println!("cargo:rerun-if-changed=build.rs");
    let languages = eyeline_words::read_all(Path::new(LANGUAGES))?;
    let english = eyeline_words::english(&languages).ok_or("there is no English")?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("words.rs"), eyeline_words::functions(&languages, english))?;
    Ok(())
}
