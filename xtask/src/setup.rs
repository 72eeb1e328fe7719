//! What the tests need besides Rust: two browsers, their drivers, tools for networks, an ACME authority, a clock that
//! lies, reverse proxies, the wasm32 target, a judge of pages.
//!
//! Nothing is installed into the system without being asked, but as root under CI.

use crate::steps::{Outcome, Steps, answers, cargo, program, target_directory};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// A program or file that shows that one of Debian's packages is there.
const PACKAGES: &[(&str, &str)] = &[
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/chromedriver", "chromium-driver"),
    ("/usr/bin/firefox-esr", "firefox-esr"),
    ("/usr/bin/Xvfb", "xvfb"),
    ("/usr/sbin/nft", "nftables"),
    ("/usr/bin/turnutils_uclient", COTURN),
    ("/usr/sbin/ip", "iproute2"),
    ("/usr/bin/setpriv", "util-linux"),
    ("/usr/bin/certutil", "libnss3-tools"),
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"),
    ("/usr/bin/pebble", "pebble"),
    ("/usr/bin/faketime", "faketime"),
];

/// For its clients. Its server would start at once and take our port: it is masked before.
const COTURN: &str = "coturn";

/// Reverse proxies that a test starts itself, by file and package. Unpacked and not installed: their packages start
/// services on port 80, at once and at each boot. The libraries that they need are there on every Debian.
const PROXIES: &[(&str, &str)] = &[("usr/sbin/nginx", "nginx"), ("usr/bin/caddy", "caddy")];

/// Judges pages by the rules of WCAG (MPL-2.0, never shipped). Pinned: a new version may know new rules.
const AXE: &str = "axe-core@4.14.1";

/// Installs what is missing. `agreed`: without asking.
pub(crate) fn run(steps: &mut Steps, agreed: bool) -> Outcome {
    packages(steps, agreed)?;
    proxies(steps)?;
    wasm_target(steps)?;
    geckodriver(steps)?;
    axe(steps)
}

fn packages(steps: &mut Steps, agreed: bool) -> Outcome {
    let mut missing: Vec<&str> =
        PACKAGES.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package).collect();
    if !axe_file().exists() && !answers("npm", &["--version"]) {
        missing.push("npm");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let is_root = program("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let prefix = if is_root { "" } else { "sudo " };
    let install = format!("{prefix}apt-get install --yes --no-install-recommends {}", missing.join(" "));
    // Without systemd nothing starts by itself.
    let mask = match missing.contains(&COTURN) {
        true => format!("{{ {prefix}systemctl mask {COTURN} || true; }} && "),
        false => String::new(),
    };
    let commands = format!("{prefix}apt-get update && {mask}{install}");
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    if !(agreed || in_ci && is_root || asked(&commands)?) {
        return Err(format!("these packages are missing; install them with\n  {commands}"));
    }
    steps.run(
        "Debian packages",
        program("sh").args(["-c", &commands]).env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

fn proxies(steps: &mut Steps) -> Outcome {
    let folder = target_directory().join("tools/debian");
    let is_missing = |file: &str| !folder.join(file).exists() && !Path::new("/").join(file).exists();
    let missing: Vec<&str> =
        PROXIES.iter().filter(|(file, _)| is_missing(file)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let download = format!("apt-get download {}", missing.join(" "));
    // The lists of packages are missing on a new machine, and only root can fetch them.
    let commands = format!(
        "{download} || {{ apt-get update && {download}; }} && \
         for package in *.deb; do dpkg-deb --extract \"$package\" . && rm \"$package\" || exit 1; done"
    );
    steps.run("reverse proxies", program("sh").args(["-c", &commands]).current_dir(&folder))
}

fn asked(commands: &str) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("The tests need packages of Debian. Run this?\n  {commands}\n[y/N] ");
    let mut answer = String::new();
    std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().read_line(&mut answer))
        .map_err(|error| error.to_string())?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

/// The standard library for the client. Without rustup the client's build has other ways, and says so itself.
fn wasm_target(steps: &mut Steps) -> Outcome {
    let installed = program("rustup").args(["target", "list", "--installed"]).output();
    match installed {
        Ok(output) if !String::from_utf8_lossy(&output.stdout).contains("wasm32-unknown-unknown") => {
            steps.run("wasm32 target", program("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
        }
        _ => Ok(()),
    }
}

/// Debian has no package of it; building it takes two minutes once.
fn geckodriver(steps: &mut Steps) -> Outcome {
    let tools = target_directory().join("tools");
    if tools.join("bin/geckodriver").exists() || answers("geckodriver", &["--version"]) {
        return Ok(());
    }
    let build = tools.join("build");
    let mut install = cargo(&["install", "geckodriver", "--locked", "--root"]);
    install.arg(&tools).arg("--target-dir").arg(&build);
    steps.run("geckodriver", &mut install)?;
    // Half a gigabyte that nothing needs any more.
    std::fs::remove_dir_all(&build).map_err(|error| format!("{}: {error}", build.display()))
}

/// Where the tests look for it.
fn axe_file() -> PathBuf {
    target_directory().join("tools/npm/node_modules/axe-core/axe.min.js")
}

/// One file of JavaScript, without dependencies; nothing of the package is run here.
fn axe(steps: &mut Steps) -> Outcome {
    if axe_file().exists() {
        return Ok(());
    }
    let folder = target_directory().join("tools/npm");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut install = program("npm");
    // Without a package.json of its own, npm would look for one further up.
    install.args(["install", AXE, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    steps.run("axe-core", install.arg(&folder))
}
