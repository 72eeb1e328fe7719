//! Both ends of a call want an ICE restart in the same moment, again and again: none may be stuck.
//! `restarts [--rounds N] [--with firefox]`: a thousand rounds if not said otherwise; the second one's browser.
//!
//! What makes both want it comes from outside: a script in each page lets the connection say that ICE has failed, at a
//! moment that differs between the two by up to a tenth of a second, so that requests, offers and answers cross each
//! other in every way.

use anyhow::{Context as _, Result, bail, ensure};
use eyeline_e2e::faults::scene::Scene;
use eyeline_e2e::{Kind as Browser, Public, World};
use eyeline_netlab::Kind;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a round may take.
const BOUND: Duration = Duration::from_secs(2);

/// After this long a round counts as stuck.
const STUCK: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let (mut rounds, mut second) = (1000, Browser::Chromium);
    let words: Vec<String> = std::env::args().skip(1).collect();
    for option in words.chunks(2) {
        match option {
            [name, number] if name == "--rounds" => rounds = number.parse()?,
            [name, browser] if name == "--with" && browser == "firefox" => second = Browser::Firefox,
            _ => bail!("restarts [--rounds N] [--with firefox]"),
        }
    }
    let (world, public) = Public::new("restarts")?;
    world.run(async move |world| restart(world, &public, rounds, second).await)
}

async fn restart(world: &World, public: &Public, rounds: u64, second: Browser) -> Result<()> {
    let browsers = [Browser::Chromium, second];
    let scene = Scene::new(world, public, 2, [Kind::PortRestricted; 2], &browsers, |_| {}).await?;
    let outcome = scene.repeat(rounds).await;
    scene.write_down(world, outcome.is_err()).await?;
    outcome
}

trait Repeat {
    async fn repeat(&self, rounds: u64) -> Result<()>;
}

impl Repeat for Scene {
    async fn repeat(&self, rounds: u64) -> Result<()> {
        self.begin().await?;
        let [ada, ben] = self.people.as_slice() else { bail!("two people") };
        let start = Instant::now();
        let mut times = Vec::new();
        let mut stuck = 0;
        let made = async || anyhow::Ok(ada.evaluate::<u64>("harness.connectionsMade").await?);
        let before = made().await?;
        for round in 0..rounds {
            let moment = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64 + 150;
            // From a tenth of a second before to one after, in an order that has no pattern.
            let shift = round * 67 % 200;
            let script = |moment: u64| format!("harness.restart({moment}, {})", STUCK.as_millis());
            let scripts = [script(moment + 100), script(moment + shift)];
            let (one, other) =
                tokio::try_join!(ada.evaluate::<f64>(&scripts[0]), ben.evaluate::<f64>(&scripts[1]))?;
            if one == 0.0 || other == 0.0 {
                stuck += 1;
                eprintln!("round {round}: stuck (shift {shift} ms): {one} {other}");
                self.until_it_flows(Duration::from_secs(60)).await?;
                continue;
            }
            times.push(Duration::from_secs_f64(one.max(other) / 1000.0));
            self.nobody_noticed().await.with_context(|| format!("round {round}"))?;
            if round % 50 == 49 {
                eprintln!("{} rounds, {} s", round + 1, start.elapsed().as_secs());
            }
        }
        times.sort_unstable();
        let median = times.get(times.len() / 2).context("no round")?;
        let worst = times.last().context("no round")?;
        let late = times.iter().filter(|time| **time > BOUND).count();
        println!(
            "{rounds} rounds of both ends wanting an ICE restart, {:?} and {:?}: {stuck} stuck; converged within {:.2} s \
             (median), {:.2} s (worst); {late} took more than {} s; {} new connections",
            ada.browser.options.kind,
            ben.browser.options.kind,
            median.as_secs_f64(),
            worst.as_secs_f64(),
            BOUND.as_secs(),
            made().await? - before
        );
        ensure!(stuck == 0, "{stuck} rounds were stuck");
        ensure!(*worst <= BOUND, "the worst took {worst:?}");
        Ok(())
    }
}
