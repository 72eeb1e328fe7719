//! Processes that end with the test that started them, their children included: by dropping them, and if the test is
//! killed, by the kernel.

use anyhow::{Context, Result};
pub use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A command for `program` that the kernel kills when the thread that started it ends, however that comes about. For
/// programs that start no others. It has the process id of the started process.
pub fn mortal(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    // A tool, since asking the kernel for it between fork and exec would be unsafe code.
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// As [`mortal`], for programs that start others: all of them live in a process-id namespace, which ends with its
/// first process. Needs root.
pub fn mortal_family(program: impl AsRef<OsStr>) -> Command {
    let mut command = mortal("unshare");
    command.args(["--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"]).arg(program);
    command
}

/// A child process. Dropping it kills it and all its descendants.
///
/// It stays in the process group of the test: a test runner that ends a test by a signal to the group ends it too.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `command`.
    pub fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { child })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to it and all its descendants.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.child.id())?;
        for id in std::iter::once(id).chain(descendants(id)) {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(id), signal);
        }
        Ok(())
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Children first and parents last would let parents start new ones: stop the parent before looking.
        let Ok(id) = i32::try_from(self.child.id()) else { return };
        let descendants = descendants(id);
        for id in std::iter::once(id).chain(descendants) {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
        }
        let _ = self.child.wait();
    }
}

/// All processes that `ancestor` started, and those that these started.
fn descendants(ancestor: i32) -> Vec<i32> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        // "1234 (any name) S 1230 …": the name may hold anything, so look behind its last bracket.
        let parent = fs::read_to_string(entry.path().join("stat"))
            .ok()
            .and_then(|stat| stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<i32>().ok());
        parents.extend(parent.map(|parent| (id, parent)));
    }
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&of) = found.get(next) {
        found.extend(parents.iter().filter(|(_, parent)| *parent == of).map(|(id, _)| *id));
        next += 1;
    }
    found.split_off(1)
}

/// Lets `command` write to the end of the file `log`.
pub fn logged(mut command: Command, log: &Path) -> Result<Command> {
    let file = OpenOptions::new().create(true).append(true).open(log)?;
    command.stdout(file.try_clone()?).stderr(file);
    Ok(command)
}
