//! What a person must download before seeing anything.

use std::path::PathBuf;

/// From the design: the whole page over the wire, brotli at its best, on a slow line still about a second.
const MOST_BYTES: usize = 150 * 1024;
/// Each request is a chance to wait.
const MOST_FILES: usize = 8;

#[test]
fn the_whole_page_weighs_at_most_150_kb_compressed() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&directory).unwrap();
    let files = eyeline_web_build::build(&directory, eyeline_web_build::Purpose::Use).unwrap().files;

    let mut total = 0;
    // What is loaded when it is wanted is not waited for, nor what only the installing of the page asks for.
    let is_late =
        |path: &str| path.contains("/late-") || path.ends_with(".webmanifest") || path.ends_with(".png");
    let (late, first): (Vec<_>, Vec<_>) = files.iter().partition(|asset| is_late(&asset.path));
    assert!(!late.is_empty(), "nothing is loaded late any more");
    // A person loads the words of one language: the heaviest counts, and the one that nobody speaks does not.
    let (mut requests, mut words) = (1, 0);
    for asset in &first {
        let content = std::fs::read(&asset.file).unwrap();
        let compressed = brotli_bytes(&content).unwrap();
        println!("{:>8} {compressed:>7} {}", content.len(), asset.path);
        if asset.path.contains("/words-qps-") {
            continue;
        } else if asset.path.contains("/words-") {
            words = words.max(compressed);
        } else {
            total += compressed;
            requests += 1;
        }
    }
    total += words;
    println!("{total} bytes in {requests} files");
    assert!(words > 0, "there are no words");
    assert!(total <= MOST_BYTES, "the page weighs {total} bytes, more than {MOST_BYTES}");
    assert!(requests <= MOST_FILES, "the page is {requests} files, more than {MOST_FILES}");
}

fn brotli_bytes(mut content: &[u8]) -> std::io::Result<usize> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters)?;
    Ok(compressed.len())
}
