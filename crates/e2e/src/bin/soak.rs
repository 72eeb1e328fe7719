//! A call of three that is disturbed every twenty seconds, for half an hour: does anything grow?
//! `soak [--minutes N]`.
//!
//! Figures are taken before each disturbance, after the pages' rubbish was collected: JavaScript and WebAssembly memory,
//! open connections and sockets of each Chromium page, memory and open files of the server (which is killed and started
//! again among other things, and begins anew then).

use anyhow::{Context as _, Result, bail, ensure};
use eyeline_e2e::faults::flatness::Flatness;
use eyeline_e2e::faults::scene::Scene;
use eyeline_e2e::{Kind as Browser, Person, Public, World};
use eyeline_netlab::Kind;
use eyeline_netlab::processes::Signal;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// From one disturbance to the next.
const PACE: Duration = Duration::from_secs(20);

/// How long a call may take to be whole again: what the longest of these may take, twice.
const PATIENCE: Duration = Duration::from_secs(40);

/// What happens, one after the other.
#[derive(Clone, Copy, Debug)]
enum Disturbance {
    SocketCut,
    NoUdp,
    Mapping,
    Address,
    Freeze,
    ServerKilled,
    NoNetwork,
}

const DISTURBANCES: [Disturbance; 7] = {
    use Disturbance::*;
    [SocketCut, NoUdp, Mapping, Address, Freeze, ServerKilled, NoNetwork]
};

/// Figures by name, one for each time.
type Figures = BTreeMap<String, Vec<f64>>;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let minutes = match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 30,
        ["--minutes", number] => number.parse()?,
        _ => bail!("soak [--minutes N]"),
    };
    let (world, public) = Public::new("soak")?;
    world.run(async move |world| soak(world, &public, Duration::from_secs(60 * minutes)).await)
}

async fn soak(world: &World, public: &Public, time: Duration) -> Result<()> {
    let browsers = [Browser::Chromium, Browser::Chromium, Browser::Firefox];
    let mut scene = Scene::new(world, public, 3, [Kind::PortRestricted; 2], &browsers, |options| {
        options.by_value = options.kind == Browser::Chromium;
    })
    .await?;
    let mut figures = Figures::new();
    let outcome = disturb(&mut scene, time, &mut figures).await;
    scene.write_down(world, outcome.is_err()).await?;
    report(&figures)?;
    outcome?;
    judge(&figures)
}

async fn disturb(scene: &mut Scene, time: Duration, figures: &mut Figures) -> Result<()> {
    scene.begin().await?;
    let start = Instant::now();
    for (number, disturbance) in DISTURBANCES.into_iter().cycle().enumerate() {
        let due = PACE * u32::try_from(number)?;
        if due >= time {
            break;
        }
        tokio::time::sleep(due.saturating_sub(start.elapsed())).await;
        take(scene, figures).await?;
        // Each time at another's home.
        happen(scene, disturbance, number / DISTURBANCES.len() % scene.people.len(), number).await?;
        let healed =
            scene.until_it_flows(PATIENCE).await.with_context(|| format!("after {disturbance:?}"))?;
        eprintln!(
            "{:>5} s  {disturbance:?}: all see each other after {:.1} s",
            start.elapsed().as_secs(),
            healed.as_secs_f64()
        );
    }
    // What was closed may take a while to be gone: browsers wait for an answer to the end of a dead socket.
    tokio::time::sleep(PATIENCE).await;
    take(scene, figures).await?;
    scene.nobody_noticed().await
}

async fn happen(scene: &mut Scene, what: Disturbance, who: usize, number: usize) -> Result<()> {
    match what {
        Disturbance::SocketCut => {
            scene.disturb(who, "meta l4proto tcp reject with tcp reset")?;
            let person = scene.people.get(who).context("somebody")?;
            // The next packet of the socket meets the reset.
            person.evaluate::<()>("dispatchEvent(new Event('online')), undefined").await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
            scene.calm(who)
        }
        Disturbance::NoUdp => {
            scene.disturb(who, "meta l4proto udp drop")?;
            tokio::time::sleep(Duration::from_secs(4)).await;
            scene.calm(who)
        }
        Disturbance::NoNetwork => {
            scene.disturb(who, "drop")?;
            tokio::time::sleep(Duration::from_secs(6)).await;
            scene.calm(who)
        }
        Disturbance::Mapping => scene.map_anew(who, number).await,
        Disturbance::Address => scene.move_to(who, number),
        Disturbance::Freeze => {
            let person = scene.people.get(who).context("somebody")?;
            person.browser.signal(Signal::SIGSTOP)?;
            tokio::time::sleep(Duration::from_secs(6)).await;
            person.browser.signal(Signal::SIGCONT)
        }
        Disturbance::ServerKilled => {
            scene.server.kill()?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            scene.server.restart().await
        }
    }
}

async fn take(scene: &Scene, figures: &mut Figures) -> Result<()> {
    let mut take = |name: String, figure: f64| figures.entry(name).or_default().push(figure);
    for person in scene.people.iter().filter(|person| person.browser.options.kind == Browser::Chromium) {
        take(format!("{}: JavaScript heap, KiB", person.name), heap(person).await? / 1024.0);
        let wasm: f64 = person.evaluate("harness.wasmBytes").await?;
        take(format!("{}: WebAssembly memory, KiB", person.name), wasm / 1024.0);
    }
    for person in &scene.people {
        take(format!("{}: connections", person.name), person.evaluate("harness.openConnections").await?);
        take(format!("{}: sockets", person.name), person.evaluate("harness.openSockets").await?);
    }
    if let Some(id) = scene.server.id() {
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kibibytes = resident.trim().trim_end_matches(" kB").parse()?;
        take("server: resident memory, KiB".into(), kibibytes);
        take("server: open files".into(), std::fs::read_dir(format!("/proc/{id}/fd"))?.count() as f64);
    }
    Ok(())
}

/// Bytes in use after the rubbish is gone.
async fn heap(person: &Person) -> Result<f64> {
    let tools = person.browser.driver.cdp();
    let nothing = serde_json::json!({});
    for command in ["HeapProfiler.enable", "HeapProfiler.collectGarbage", "HeapProfiler.collectGarbage"] {
        tools.send_raw(command, &nothing).await?;
    }
    let usage = tools.send_raw("Runtime.getHeapUsage", &nothing).await?;
    usage.get("usedSize").and_then(serde_json::Value::as_f64).context("usedSize")
}

fn report(figures: &Figures) -> Result<()> {
    println!("| figure | at first | after warm-up | at the end | last third / first | rise | noise | flat |");
    println!("|---|---|---|---|---|---|---|---|");
    for (name, row) in figures {
        let (first, last) = (row.first().context("a figure")?, row.last().context("a figure")?);
        let warm = row.get(row.len() / 5).context("a figure")?;
        let Some(flat) = Flatness::of(row) else {
            println!("| {name} | {first:.0} | {warm:.0} | {last:.0} | too few figures ||||");
            continue;
        };
        println!(
            "| {name} | {first:.0} | {warm:.0} | {last:.0} | {:.2} | {:.0} | {:.0} | {} |",
            flat.late / flat.early.max(1.0),
            flat.rise,
            flat.noise,
            if flat.holds() { "yes" } else { "no" }
        );
    }
    Ok(())
}

fn judge(figures: &Figures) -> Result<()> {
    for (name, row) in figures {
        if let Some(flat) = Flatness::of(row) {
            ensure!(flat.holds(), "{name} is not flat: {flat:?}");
        }
        let last = row.last().copied().unwrap_or_default();
        let expected = match name.rsplit_once(": ") {
            Some((_, "connections")) => 2.0,
            Some((_, "sockets")) => 1.0,
            _ => continue,
        };
        ensure!(last == expected, "{name}: {last} at the end, not {expected}");
    }
    Ok(())
}
