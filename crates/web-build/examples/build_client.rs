//! Builds the client into the directory given, and prints what each file weighs.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: build_client DIRECTORY")?;
    std::fs::create_dir_all(&directory)?;
    for asset in eyeline_web_build::build(&directory, eyeline_web_build::Purpose::Use)?.files {
        println!("{}\t{}\t{}", asset.path, asset.file.display(), std::fs::metadata(&asset.file)?.len());
    }
    Ok(())
}
