//! Builds the client, compresses it and makes it part of the binary.

use eyeline_web_build::Purpose;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What the client is built from, beside this crate. A change of any builds it again.
const SOURCES: [&str; 9] = [
    "../browser",
    "../call",
    "../protocol",
    "../seal",
    "../web",
    "../web-build",
    "../words",
    "../../Cargo.toml",
    "../../Cargo.lock",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=EYELINE_SKIP_CLIENT");
    if env::var_os("EYELINE_SKIP_CLIENT").is_none() {
        for source in SOURCES {
            println!("cargo::rerun-if-changed={source}");
        }
    }

    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let purpose = if is_release()? { Purpose::Use } else { Purpose::Development };
    let manifest = eyeline_web_build::build(&out_dir.join("client"), purpose)?;
    let compressed = out_dir.join("compressed");
    fs::create_dir_all(&compressed)?;

    // An expression for `include!`: a slice of `Asset`s, sorted by path.
    let mut table = String::from("&[\n");
    let mut files = manifest.files;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    for (number, asset) in files.iter().enumerate() {
        let bytes = fs::read(&asset.file)?;
        let brotli = smaller(&bytes, brotli(&bytes)?, &compressed.join(format!("{number}.br")))?;
        let gzip = smaller(&bytes, gzip(&bytes)?, &compressed.join(format!("{number}.gz")))?;
        writeln!(
            table,
            "    Asset {{ path: {:?}, content_type: {:?}, immutable: {:?}, identity: include_bytes!({:?}), \
             brotli: {brotli}, gzip: {gzip} }},",
            asset.path, asset.content_type, asset.immutable, asset.file
        )?;
    }
    table.push(']');
    fs::write(out_dir.join("assets.rs"), table)?;
    Ok(())
}

fn is_release() -> Result<bool, env::VarError> {
    Ok(env::var("PROFILE")? == "release")
}

/// Keeps a compressed file if it is worth decompressing; the Rust expression for it.
fn smaller(original: &[u8], compressed: Vec<u8>, file: &Path) -> Result<String, Box<dyn Error>> {
    if compressed.len() >= original.len() {
        return Ok("None".to_owned());
    }
    fs::write(file, compressed)?;
    Ok(format!("Some(include_bytes!({file:?}))"))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    // The best quality takes seconds for the client: only where people download it.
    let quality = if is_release()? { 11 } else { 5 };
    let parameters =
        brotli::enc::BrotliEncoderParams { quality, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
