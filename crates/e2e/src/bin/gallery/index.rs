//! All pictures on one page.

use anyhow::Result;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Writes `index.html` beside the pictures.
pub(crate) fn write(folder: &Path, pictures: &[(&str, Vec<PathBuf>)]) -> Result<()> {
    let mut page = String::from(
        "<!doctype html><meta charset=utf-8><title>Eyeline: gallery</title>
<style>
body { margin: 24px; background: #808080; color: #fff; font: 15px/1.4 system-ui }
section { display: flex; flex-wrap: wrap; gap: 16px; align-items: end; margin: 0 0 40px }
h2 { width: 100%; margin: 0 }
figure { margin: 0 }
img { display: block; height: 420px }
</style>
",
    );
    for (screen, files) in pictures {
        write!(page, "<section><h2>{screen}</h2>")?;
        for file in files.iter().filter_map(|file| file.file_name()?.to_str()) {
            let way = file.trim_end_matches(".png");
            write!(
                page,
                "<figure><a href=\"{file}\"><img src=\"{file}\" alt=\"{way}\" loading=lazy></a>{way}</figure>"
            )?;
        }
        page.push_str("</section>\n");
    }
    std::fs::write(folder.join("index.html"), page)?;
    Ok(())
}
