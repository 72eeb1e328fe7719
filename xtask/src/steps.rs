//! Programs that are run one after the other, and how long each took: the test-time budget in figures.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a step comes to; the message is for a person.
pub(crate) type Outcome = Result<(), String>;

/// The steps so far.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<(String, Duration, bool)>,
}

impl Steps {
    /// Runs a program in the workspace's root with its output shown; fails if it fails.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) -> Outcome {
        let words: Vec<_> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let words = words.join(" ");
        let bold = if std::io::stderr().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        eprintln!("\n{}── {name}: {words}{}", bold.0, bold.1);
        let start = Instant::now();
        let status = command.status().map_err(|error| format!("{words}: {error}"));
        let passed = matches!(&status, Ok(status) if status.success());
        self.taken.push((name.to_owned(), start.elapsed(), passed));
        let status = status?;
        if passed { Ok(()) } else { Err(format!("{name} failed ({status}): {words}")) }
    }

    /// Runs a program for what it prints.
    pub(crate) fn output(&mut self, name: &str, command: &mut Command) -> Result<String, String> {
        let start = Instant::now();
        let output = command.output().map_err(|error| format!("{name}: {error}"))?;
        let passed = output.status.success();
        self.taken.push((name.to_owned(), start.elapsed(), passed));
        if !passed {
            return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("{name}: the output is not UTF-8"))
    }

    /// Prints how long each step took.
    pub(crate) fn print_table(&self) {
        if self.taken.len() < 2 {
            return;
        }
        eprintln!();
        let mut total = Duration::ZERO;
        for (name, time, passed) in &self.taken {
            total += *time;
            eprintln!("{:>8.1} s  {name}{}", time.as_secs_f64(), if *passed { "" } else { "  FAILED" });
        }
        eprintln!("{:>8.1} s  all", total.as_secs_f64());
    }
}

/// A cargo command in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(arguments);
    command
}

/// A program in the workspace's root.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Whether a program answers when asked like this.
pub(crate) fn answers(name: &str, arguments: &[&str]) -> bool {
    program(name).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where builds are put.
pub(crate) fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
