//! Installs the Debian package into an empty Debian, serves a page from there, and boots it: the service runs, as
//! hardened as it is, under a real systemd.

use crate::dist;
use crate::steps::{Outcome, Steps, program, target_directory};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Needs root, for `chroot`, and the package `debootstrap`.
pub(crate) fn run(steps: &mut Steps) -> Outcome {
    if !Path::new("/usr/sbin/debootstrap").exists() {
        return Err("this needs debootstrap: apt-get install debootstrap".to_owned());
    }
    dist::run(steps)?;
    let root = target_directory().join("dist-test");
    dist::empty(&root)?;
    let tested = test(steps, &root);
    // A whole Debian that nothing needs any more.
    let removed = fs::remove_dir_all(&root).map_err(|error| format!("{}: {error}", root.display()));
    tested.and(removed)
}

fn test(steps: &mut Steps, root: &Path) -> Outcome {
    let system = System::of_this_machine()?;
    let mut debootstrap = program("/usr/sbin/debootstrap");
    debootstrap
        .args(["--variant=minbase", "--include=systemd-sysv", &system.codename])
        .arg(root)
        .arg(&system.mirror);
    steps.run("an empty Debian", debootstrap.stdout(Stdio::null()))?;
    // Debian's installer writes it.
    write(&root.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    let package = root.join("eyeline.deb");
    fs::copy(dist::debian_package(), &package).map_err(|error| format!("{}: {error}", package.display()))?;

    let inside = |words: &[&str]| {
        let mut command = program("chroot");
        command.arg(root).args(words);
        command
    };
    steps.run("install", &mut inside(&["dpkg", "--install", "/eyeline.deb"]))?;
    let unit = "/usr/lib/systemd/system/eyeline.service";
    for file in
        ["/usr/bin/eyeline", unit, "/etc/default/eyeline", "/usr/share/doc/eyeline/THIRD-PARTY-LICENCES"]
    {
        require(root.join(file.trim_start_matches('/')).exists(), &format!("{file} is not installed"))?;
    }
    let is_enabled = root.join("etc/systemd/system/multi-user.target.wants/eyeline.service").exists();
    require(!is_enabled, "the package enables its service without being asked")?;
    let version = steps.output("version", &mut inside(&["eyeline", "--version"]))?;
    require(version == format!("eyeline {}\n", env!("CARGO_PKG_VERSION")), &format!("it says {version:?}"))?;

    let mut server =
        Server::start(&mut inside(&["eyeline", "--listen", "127.0.0.1:0", "--stun-listen", "127.0.0.1:0"]))?;
    let served = serves(steps, &server.address, &inside);
    server.stop();
    served?;

    // On the usual ports, which only this service may use without root.
    let settings = root.join("etc/default/eyeline");
    let text = fs::read_to_string(&settings).map_err(|error| format!("{}: {error}", settings.display()))?;
    write(
        &settings,
        &(text + "EYELINE_SELF_SIGNED=true\nEYELINE_HTTPS_LISTEN=[::]:443\nEYELINE_LISTEN=[::]:80\n"),
    )?;
    steps.run("enable", &mut inside(&["systemctl", "enable", "eyeline"]))?;
    let mut booted = Booted::new(root)?;
    let tested = runs_as_a_service(steps, &booted);
    booted.stop();
    tested?;

    steps.run("purge", &mut inside(&["dpkg", "--purge", "eyeline"]))?;
    for file in ["usr/bin/eyeline", "etc/default/eyeline", "usr/share/doc/eyeline"] {
        require(!root.join(file).exists(), &format!("{file} stays after the purge"))?;
    }
    Ok(())
}

fn serves(steps: &mut Steps, address: &str, inside: &impl Fn(&[&str]) -> Command) -> Outcome {
    let page = get(address, "/")?;
    require(page.starts_with("HTTP/1.1 200"), &format!("no page: {page}"))?;
    let script = page.split('"').find(|part| part.ends_with(".js")).ok_or("the page has no program")?;
    let script = get(address, &format!("/{}", script.trim_start_matches('/')))?;
    require(script.starts_with("HTTP/1.1 200"), "the page's program is not served")?;
    // Also proves that a static binary can look up names in a system that is not the one it was built on.
    let url = format!("http://localhost:{}", address.rsplit(':').next().unwrap_or_default());
    steps.run("doctor", &mut inside(&["eyeline", "doctor", &url]))
}

fn get(address: &str, path: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{address}{path}: {error}");
    let to: SocketAddr = address.parse().map_err(|_| format!("{address} is no address"))?;
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        let address =
            line.trim().strip_prefix("Eyeline is ready: http://").and_then(|rest| rest.strip_suffix('/'));
        let server = Self { process, address: address.unwrap_or_default().to_owned() };
        match (read, address) {
            (Ok(_), Some(_)) => Ok(server),
            _ => {
                let mut server = server;
                server.stop();
                Err(format!("the server says {line:?}"))
            }
        }
    }

    fn stop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A system with its own systemd.
struct Booted {
    process: Child,
}

impl Booted {
    fn new(root: &Path) -> Result<Self, String> {
        let mut boot = program("sh");
        boot.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/boot.sh")).arg(root);
        let boot = boot.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { process: boot.spawn().map_err(|error| error.to_string())? })
    }

    /// A command in there.
    fn inside(&self, words: &[&str]) -> Result<Command, String> {
        let outer = self.process.id();
        let children = format!("/proc/{outer}/task/{outer}/children");
        let children = fs::read_to_string(&children).map_err(|error| format!("{children}: {error}"))?;
        let first = children.split_whitespace().next().ok_or("it has not booted yet")?;
        let mut command = program("nsenter");
        command.args([
            "--target", first, "--root", "--wd", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup",
        ]);
        command.args(words);
        Ok(command)
    }

    fn says(&self, words: &[&str]) -> Result<String, String> {
        let output = self.inside(words)?.output().map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn stop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
        // Its control group can be removed when the last of its processes is gone, which takes a moment.
        for group in ["/sys/fs/cgroup/systemd/eyeline-dist-test", "/sys/fs/cgroup/eyeline-dist-test"] {
            let begun = Instant::now();
            while Path::new(group).exists() && begun.elapsed() < PATIENCE {
                let mut remove = Command::new("find");
                let _removed =
                    remove.args([group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]).output();
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn runs_as_a_service(steps: &mut Steps, booted: &Booted) -> Outcome {
    let begun = Instant::now();
    let log = || booted.says(&["journalctl", "--unit=eyeline", "--no-pager"]);
    // The service is of the simple kind: what it prints says that it serves.
    while !log().is_ok_and(|log| log.contains("Eyeline is ready: https://")) {
        if begun.elapsed() > PATIENCE {
            return Err(format!("the service does not start:\n{}", log()?));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let process = booted.says(&["systemctl", "show", "--property=MainPID", "--value", "eyeline"])?;
    let status = booted.says(&["cat", &format!("/proc/{}/status", process.trim())])?;
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
    require(!field("Uid:").starts_with('0'), "the service runs as root")?;
    // Bit 10: CAP_NET_BIND_SERVICE.
    require(field("CapEff:") == "0000000000000400", "the service may do more than bind low ports")?;
    require(field("Seccomp:") == "2", "the service may make every system call")?;
    // Everything it serves, the relay over TLS included; and none of it makes a forbidden system call.
    steps.run("doctor of the service", &mut booted.inside(&["eyeline", "doctor", "https://localhost"])?)?;
    let restarts = booted.says(&["systemctl", "show", "--property=NRestarts", "--value", "eyeline"])?;
    require(
        restarts.trim() == "0",
        &format!("the service was restarted {} times:\n{}", restarts.trim(), log()?),
    )
}

/// Which Debian this is, and where it gets its packages.
struct System {
    codename: String,
    mirror: String,
}

impl System {
    fn of_this_machine() -> Result<Self, String> {
        let release =
            fs::read_to_string("/etc/os-release").map_err(|error| format!("/etc/os-release: {error}"))?;
        let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
        let codename = codename.ok_or("/etc/os-release names no release")?.trim_matches('"').to_owned();
        let mut files = vec![Path::new("/etc/apt/sources.list").to_owned()];
        files.extend(
            fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path()),
        );
        let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
        let mirror = texts.filter_map(|text| mirror(&text, &codename)).next();
        let mirror = mirror.ok_or_else(|| format!("apt has no source for {codename}"))?;
        Ok(Self { codename, mirror })
    }
}

/// The address of a release in one of apt's files, in either of its forms (sources.list(5)).
fn mirror(text: &str, codename: &str) -> Option<String> {
    let one_line = text.lines().filter_map(|line| {
        // Options stand in brackets behind the type.
        let is_option = |word: &&str| word.starts_with('[') || word.ends_with(']') || word.contains('=');
        let words: Vec<&str> = line.split_whitespace().filter(|word| !is_option(word)).collect();
        match words.as_slice() {
            ["deb", uri, suite, ..] if *suite == codename => Some((*uri).to_owned()),
            _ => None,
        }
    });
    let stanzas = text.split("\n\n").filter_map(|stanza| {
        let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let has_suite = field("Suites")?.split_whitespace().any(|suite| suite == codename);
        has_suite.then(|| field("URIs")?.split_whitespace().next().map(str::to_owned))?
    });
    one_line.chain(stanzas).next()
}

fn write(file: &Path, text: &str) -> Outcome {
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}

fn require(holds: bool, otherwise: &str) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::mirror;

    #[test]
    fn the_mirror_is_found_in_both_forms_of_apts_files() {
        let one_line = "# comment\ndeb [ signed-by=/k.gpg ] http://mirror.example/debian bookworm main\n";
        let stanzas = "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\n\n\
            Types: deb\n# comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n";
        for text in [one_line, stanzas] {
            assert_eq!(mirror(text, "bookworm").as_deref(), Some("http://mirror.example/debian"), "{text}");
            assert_eq!(mirror(text, "trixie"), None, "{text}");
        }
    }
}
