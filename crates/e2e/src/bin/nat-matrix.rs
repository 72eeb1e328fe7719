//! The NAT matrix: every ordered pair of the eight kinds of home with Chromium, and each kind with itself with Firefox.
//! `nat-matrix [KIND...]`: all of them, or only those named.
//!
//! Writes `docs/nat-matrix.md` when all were asked for; fails if any pair is unconnected, or not on the path that theory
//! expects.

#[path = "nat-matrix/table.rs"]
mod table;

use anyhow::{Result, bail};
use eyeline_e2e::reach::{self, Expected, KINDS, Measured};
use eyeline_e2e::server::{Server, Setup};
use eyeline_e2e::{Kind as Browser, Person, Public, World};
use eyeline_netlab::{Home, Kind};
use std::path::Path;
use std::time::Instant;

/// A pair that was tried.
struct Pair {
    browser: Browser,
    first: Kind,
    second: Kind,
    expected: Expected,
    /// What a call between the two showed, or what went wrong.
    outcome: Result<Measured, String>,
}

/// Somebody at home.
struct Resident {
    person: Person,
    home: Home,
}

fn main() -> Result<()> {
    let start = Instant::now();
    let mut kinds = Vec::new();
    for word in std::env::args().skip(1) {
        kinds.push(word.parse::<Kind>().map_err(anyhow::Error::msg)?);
    }
    let all = kinds.is_empty();
    if all {
        kinds.extend(KINDS);
    }
    let (world, public) = Public::new("nat-matrix")?;
    let logs = world.logs.clone();
    let asked = kinds.clone();
    let (pairs, versions) = world.run(async move |world| matrix(world, &public, &asked).await)?;
    let text = table::of(&kinds, &pairs, &versions);
    println!("{text}");
    if all {
        let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        std::fs::write(docs.join("nat-matrix.md"), &text)?;
    }
    let failed: Vec<String> = pairs
        .iter()
        .filter_map(|pair| {
            let words = pair.outcome.as_ref().err()?;
            Some(format!("{:?}: {} × {}: {words}", pair.browser, pair.first, pair.second))
        })
        .collect();
    println!("{} pairs in {} s", pairs.len(), start.elapsed().as_secs());
    if !failed.is_empty() {
        bail!(
            "{} of {} pairs failed (logs: {}):\n{}",
            failed.len(),
            pairs.len(),
            logs.display(),
            failed.join("\n")
        );
    }
    Ok(())
}

/// All pairs, one after the other, and the browsers' versions. Each browser is started once and goes from call to call:
/// a page that is left takes its connections with it.
async fn matrix(world: &World, public: &Public, kinds: &[Kind]) -> Result<(Vec<Pair>, Vec<String>)> {
    let server = public.server(world, Setup::default()).await?;
    let mut pairs = Vec::new();
    let mut versions = Vec::new();
    let mut seconds = Vec::new();
    for kind in kinds {
        seconds.push(resident(world, public, "Ben", Browser::Chromium, *kind).await?);
    }
    for kind in kinds {
        let first = resident(world, public, "Ada", Browser::Chromium, *kind).await?;
        for second in &seconds {
            pairs.push(call(world, &server, &first, second).await);
        }
        if versions.is_empty() {
            versions.push(version(&first));
        }
    }
    drop(seconds);
    for (number, kind) in kinds.iter().enumerate() {
        let first = resident(world, public, "Ada", Browser::Firefox, *kind).await?;
        let second = resident(world, public, "Ben", Browser::Firefox, *kind).await?;
        pairs.push(call(world, &server, &first, &second).await);
        if number == 0 {
            versions.push(version(&first));
        }
    }
    Ok((pairs, versions))
}

async fn resident(
    world: &World,
    public: &Public,
    name: &str,
    browser: Browser,
    kind: Kind,
) -> Result<Resident> {
    let home = public.home(kind)?;
    let who = if name == "Ada" { 1 } else { 2 };
    let person = public.person(world, name, reach::options(browser, who), &home).await?;
    Ok(Resident { person, home })
}

async fn call(world: &World, server: &Server, first: &Resident, second: &Resident) -> Pair {
    let expected = reach::expected(first.home.kind, second.home.kind);
    let (ada, ben) = (&first.person, &second.person);
    let mut outcome = Err(String::new());
    let watched = world
        .watched(&[ada, ben], async {
            let measured = reach::call(ada, ben, &server.url(), expected).await?;
            outcome = Ok(measured);
            Ok(())
        })
        .await;
    if let Err(error) = watched {
        outcome = Err(format!("{error:#}"));
        for person in [ada, ben] {
            // The next call must not suffer from this one; if even this fails, it will say so.
            let _ = person.open("about:blank").await;
        }
    }
    let (browser, first, second) = (ada.browser.options.kind, first.home.kind, second.home.kind);
    match &outcome {
        Ok(measured) => eprintln!(
            "{browser:?}: {first} × {second}: {}, first picture after {:.1} s",
            measured.path,
            measured.first_picture.as_secs_f64()
        ),
        Err(words) => eprintln!("{browser:?}: {first} × {second}: FAILED: {words}"),
    }
    Pair { browser, first, second, expected, outcome }
}

fn version(resident: &Resident) -> String {
    let driver = &resident.person.browser.driver;
    let version =
        driver.capabilities().get("browserVersion").and_then(|version| version.as_str().map(str::to_owned));
    format!("{:?} {}", resident.person.browser.options.kind, version.unwrap_or_default())
}
