//! Takes pictures of every screen: on a desktop and on a phone, dark and light, some on a phone on its side and from right
//! to left. `gallery [SCREEN...]`: all screens, or those whose names begin so; writes `target/gallery`, with an
//! `index.html` to look at them side by side.
//!
//! A screen is an entry of [`screens::SCREENS`]: a name, in how many ways it is shown, and how one gets there from the one
//! before. Each is reached once; the ways to show it are only told to the browser that is there.

mod index;
mod scene;
mod screens;

use anyhow::{Context, Result, ensure};
use eyeline_e2e::World;
use scene::Scene;
use screens::SCREENS;
use std::path::{Path, PathBuf};

/// More than this nobody looks at.
const MOST: usize = 60;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let folder = eyeline_e2e::target_directory().join("gallery");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let world = World::new("gallery")?;
    world.network.clone().run_long(move || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(take(&world, &wanted, &folder))
    })?
}

async fn take(world: &World, wanted: &[String], folder: &Path) -> Result<()> {
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|beginning| name.starts_with(beginning.as_str()));
    let mut scene = Scene::new(world).await?;
    let mut pictures: Vec<(&str, Vec<PathBuf>)> = Vec::new();
    for screen in SCREENS {
        // Whether it is wanted or not: the next one begins there.
        (screen.go)(&mut scene).await.with_context(|| format!("on the way to {}", screen.name))?;
        if is_wanted(screen.name) {
            let taken = scene.take(screen, folder).await?;
            pictures.push((screen.name, taken));
        }
    }
    index::write(folder, &pictures)?;
    let count: usize = pictures.iter().map(|(_, files)| files.len()).sum();
    println!("{count} pictures: {}", folder.join("index.html").display());
    ensure!(count <= MOST, "{count} pictures: that is more than the {MOST} that somebody looks at");
    Ok(())
}
