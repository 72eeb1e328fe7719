//! The fault table: every fault several times (once, if a run takes a minute) with Chromium, those that browsers differ
//! in with Firefox too.
//! `faults [--runs N] [--with BROWSER] [--resume FILE] [NUMBER...]`: all of them, or only those named, or with one browser.
//! All take 90 minutes; with a file, every run is written down there at once, and those that stand there are not repeated.
//!
//! Prints, for each: what people saw, the worst and the median time, the bound. Fails if a median is over its bound or a
//! worst time over twice the bound. Writes `docs/faults-survived.md` when all were asked for.

use anyhow::{Context as _, Result, bail};
use eyeline_e2e::faults::elsewhere::ELSEWHERE;
use eyeline_e2e::faults::{FAULTS, Fault, Observed};
use eyeline_e2e::{Kind as Browser, Public};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// Those that depend on what a browser does by itself.
const WITH_FIREFOX: [&str; 10] = ["F1", "F3", "F5", "F8", "F9", "F12", "F13", "F15", "F19", "F25"];

struct Row {
    fault: Fault,
    browser: Browser,
    runs: Vec<Result<Observed, String>>,
}

fn main() -> Result<()> {
    let start = Instant::now();
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let runs = option(&mut words, "--runs")?.map_or(Ok(5), |number| number.parse::<usize>())?;
    let browsers = match option(&mut words, "--with")?.as_deref() {
        None => vec![Browser::Chromium, Browser::Firefox],
        Some("chromium") => vec![Browser::Chromium],
        Some("firefox") => vec![Browser::Firefox],
        Some(other) => bail!("--with chromium or --with firefox, not {other}"),
    };
    let mut record = option(&mut words, "--resume")?.map(Record::open).transpose()?.unwrap_or_default();
    let complete = words.is_empty() && browsers.len() == 2;
    let faults: Vec<Fault> = if words.is_empty() {
        FAULTS.to_vec()
    } else {
        let named = |word: &String| Fault::named(word).with_context(|| format!("no such fault: {word}"));
        words.iter().map(named).collect::<Result<_>>()?
    };
    let mut rows = Vec::new();
    for fault in faults {
        for &browser in &browsers {
            if browser == Browser::Firefox && !WITH_FIREFOX.contains(&fault.number) {
                continue;
            }
            // What happens after a minute does not depend on luck.
            let times = if fault.takes_long() { 1 } else { runs };
            let mut row = Row { fault, browser, runs: Vec::new() };
            for run in 0..times {
                let name = format!("faults-{}-{browser:?}-{run}", fault.number);
                if let Some(outcome) = record.runs.get(&name) {
                    row.runs.push(outcome.clone());
                    continue;
                }
                let outcome = Public::new(&name).and_then(|(world, public)| {
                    world.run(async move |world| fault.observe(world, &public, &[browser]).await)
                });
                let outcome = outcome.map_err(|error| format!("{error:#}"));
                eprintln!("{} {browser:?}: {outcome:?}", fault.number);
                record.add(&name, &outcome)?;
                row.runs.push(outcome);
            }
            rows.push(row);
        }
    }
    let table = table(&rows)?;
    println!("{table}");
    println!("{} s", start.elapsed().as_secs());
    if complete {
        let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        std::fs::write(docs.join("faults-survived.md"), &table)?;
    }
    let failed: Vec<String> = rows.iter().filter_map(|row| row.verdict().err()).collect();
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

/// What runs have shown so far.
#[derive(Default)]
struct Record {
    runs: BTreeMap<String, Result<Observed, String>>,
    file: Option<File>,
}

impl Record {
    /// Reads what stands in a file, to which the rest will be added. A line: the run, seconds or `-`, what was seen or went wrong.
    fn open(path: String) -> Result<Self> {
        let mut file = File::options().read(true).append(true).create(true).open(&path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut runs = BTreeMap::new();
        for line in text.lines() {
            let mut fields = line.splitn(3, '\t');
            let mut field = || fields.next().with_context(|| format!("{path}: {line:?}"));
            let (name, time, words) = (field()?, field()?, field()?.to_owned());
            let outcome = match time {
                "-" => Err(words),
                time => Ok(Observed { seen: words, time: Duration::try_from_secs_f64(time.parse()?)? }),
            };
            runs.insert(name.to_owned(), outcome);
        }
        Ok(Self { runs, file: Some(file) })
    }

    fn add(&mut self, name: &str, outcome: &Result<Observed, String>) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        match outcome {
            Ok(Observed { seen, time }) => writeln!(file, "{name}\t{:.3}\t{seen}", time.as_secs_f64())?,
            Err(error) => writeln!(file, "{name}\t-\t{}", error.replace('\n', " "))?,
        }
        Ok(())
    }
}

/// Takes an option and its value out of the command line.
fn option(words: &mut Vec<String>, name: &str) -> Result<Option<String>> {
    let Some(place) = words.iter().position(|word| word == name) else { return Ok(None) };
    let value = words.get(place + 1).with_context(|| format!("{name} takes a value"))?.clone();
    words.drain(place..=place + 1);
    Ok(Some(value))
}

impl Row {
    /// Median and worst time.
    fn times(&self) -> Option<(Duration, Duration)> {
        let mut times: Vec<Duration> = self.runs.iter().flatten().map(|run| run.time).collect();
        times.sort_unstable();
        Some((*times.get(times.len() / 2)?, *times.last()?))
    }

    fn verdict(&self) -> Result<(), String> {
        let name = format!("{} {:?}", self.fault.number, self.browser);
        if let Some(Err(error)) = self.runs.iter().find(|run| run.is_err()) {
            return Err(format!("{name}: {error}"));
        }
        let (median, worst) = self.times().ok_or_else(|| format!("{name}: no run"))?;
        if median > self.fault.bound || worst > 2 * self.fault.bound {
            return Err(format!("{name}: median {median:?}, worst {worst:?}, bound {:?}", self.fault.bound));
        }
        Ok(())
    }
}

fn table(rows: &[Row]) -> Result<String> {
    let mut text = String::from(
        "# What a call survives\n\nMade by `cargo xtask test faults`. The median must be within the bound, the worst within \
         twice the bound; times count from the fault, or from the return of what was missing.\n\n\
         | # | fault | browsers | should be seen | seen | median | worst | bound | runs |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let seen = row.runs.iter().flatten().next_back().map_or("not survived", |run| &run.seen);
        let (median, worst) = row.times().unwrap_or_default();
        writeln!(
            text,
            "| {} | {} | {:?} | {} | {seen} | {:.1} s | {:.1} s | {} s | {} |",
            row.fault.number,
            row.fault.what,
            row.browser,
            row.fault.should,
            median.as_secs_f64(),
            worst.as_secs_f64(),
            row.fault.bound.as_secs(),
            row.runs.len(),
        )?;
    }
    text.push_str(
        "\n## Shown elsewhere\n\nThe numbers are those of one list of faults; some are no matter of networks, and some would \
         take hours.\n\n| # | fault | seen | where |\n|---|---|---|---|\n",
    );
    for fault in ELSEWHERE {
        let place = fault.test.map(|(file, test)| format!(": `{test}` in `{file}`")).unwrap_or_default();
        writeln!(text, "| {} | {} | {} | {}{place} |", fault.number, fault.what, fault.seen, fault.how)?;
    }
    Ok(text)
}
