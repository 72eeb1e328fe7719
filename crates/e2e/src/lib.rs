//! Real browsers in real calls, for tests and demonstrations.
//!
//! Knows: browsers and their drivers, the page's hooks (`data-testid`, `data-state` …), the server's command line.
//! Must not know: the insides of server and page. It depends on none of their crates.
//!
//! # Layout
//! - [`world`]: what each test starts from: a network, a server, people; what it leaves behind when it fails.
//! - [`person`]: what somebody does on the page, and sees there.
//! - [`roles`]: the same by what things are called, as the browser tells those who do not see them.
//! - [`checks`]: what must hold of every call: pictures, sound, paths.
//! - [`keyboard`], [`accessibility`], [`layout`]: pages without a mouse, without sight, on small screens; [`company`]: a
//!   call of many in one browser.
//! - [`browser`], [`bidi`], [`media`]: browsers, a script before the page's own, fake cameras and microphones.
//! - [`picture`]: whose picture is it, and does it move?
//! - [`server`]: the server as a process. Networks and processes are `eyeline-netlab`'s.
//! - [`sharing`]: a page of text with a tone to share.
//! - [`certificates`]: an authority that both browsers trust, for pages over HTTPS.
//! - [`reach`]: who reaches whom from behind which router: what is expected, and what a call shows.
//! - [`recorder`]: a listener in the place of the server.

pub mod accessibility;
pub mod bidi;
pub mod browser;
pub mod certificates;
pub mod checks;
pub mod company;
pub mod faults;
pub mod keyboard;
pub mod layout;
pub mod media;
pub mod person;
pub mod picture;
pub mod reach;
pub mod recorder;
pub mod roles;
pub mod server;
pub mod sharing;
pub mod world;

pub use browser::{Kind, Options};
pub use person::{Person, SOON};
pub use world::{Public, World, test, test_in_public};

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where builds are put. Without `..` in it: Chromium opens no file for its fake camera whose path has one, and says
/// that there is no camera.
pub fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("/")).join("target"),
        PathBuf::from,
    )
}

/// Asks again and again until `condition` gives something; fails after `patience`, or at once if it fails.
pub async fn until<T>(
    what: &str,
    patience: Duration,
    condition: impl AsyncFn() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = condition().await? {
            return Ok(value);
        }
        if start.elapsed() > patience {
            bail!("not within {} s: {what}", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
