//! One network: a namespace with its own interfaces, addresses, routes and rules, and its own idea of host names, so
//! that nothing depends on, or touches, the machine's network.
//!
//! A namespace lives as long as the thread that made it, and the processes that thread started: nothing is left
//! behind, however a test ends. Without the rights to make one (not root), tests of a single network run on the
//! machine's own address and those that need several fail with words that say so.

use crate::processes;
use anyhow::{Context, Result, bail, ensure};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace, or the machine's own network.
pub struct Network {
    jobs: mpsc::Sender<Job>,
    /// The thread that holds the namespace; `None`: the machine's own network.
    holder: Option<PathBuf>,
    /// The address at which programs of this network reach each other. Never 127.0.0.1: Firefox makes no
    /// connection over it.
    pub address: IpAddr,
}

impl Network {
    /// A namespace with the address `10.77.0.1` and nobody else in it, if this process may make one; else the
    /// machine's network. The far end of its cable is the interface `outside`, in the same namespace until it is
    /// [given away](Self::give_interface).
    pub fn alone_or_machine() -> Result<Self> {
        match Self::empty() {
            Ok(mut network) => {
                network.ip("link add inside type veth peer name outside")?;
                network.ip("address add 10.77.0.1/24 dev inside")?;
                network.ip("-6 address add fd77::1/64 dev inside nodad")?;
                network.ip("link set inside up")?;
                network.ip("link set outside up")?;
                // Browsers look for the address that a packet to the Internet would leave from.
                network.ip("route add default dev inside")?;
                network.address = IpAddr::V4(Ipv4Addr::new(10, 77, 0, 1));
                Ok(network)
            }
            Err(_) => Self::machine(),
        }
    }

    /// A namespace with a loopback interface only.
    pub fn empty() -> Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (made, outcome) = mpsc::channel();
        thread::Builder::new().name("network".into()).spawn(move || {
            let result = enter_own_namespaces();
            let usable = result.is_ok();
            if made.send(result).is_ok() && usable {
                queue.into_iter().for_each(|job| job());
            }
        })?;
        let holder = outcome.recv()?.context("making a network namespace needs root, and Linux")?;
        let network = Self { jobs, holder: Some(holder), address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        network.without_duplicate_address_detection()?;
        network.ip("link set lo up")?;
        Ok(network)
    }

    /// Addresses of this network are there at once. With the detection (RFC 4862, 5.4) the interface's own IPv6 address
    /// comes a second or two after it is up, which is a change of network to a browser: Chromium 156 breaks off every
    /// request that is under way then, and a page that loads just now stays empty.
    fn without_duplicate_address_detection(&self) -> Result<()> {
        for of in ["all", "default"] {
            let path = format!("/proc/sys/net/ipv6/conf/{of}/accept_dad");
            self.run(move || std::fs::write(&path, "0").context(path))??;
        }
        Ok(())
    }

    fn machine() -> Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        thread::Builder::new()
            .name("network".into())
            .spawn(move || queue.into_iter().for_each(|job| job()))?;
        // Connecting a UDP socket sends nothing; it asks the kernel for the address it would send from.
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.connect("192.0.2.1:9").context("this machine has no network besides loopback")?;
        Ok(Self { jobs, holder: None, address: socket.local_addr()?.ip() })
    }

    /// Whether this is a namespace.
    pub fn is_namespace(&self) -> bool {
        self.holder.is_some()
    }

    /// Does `work` inside this network: sockets it opens, processes and threads it starts belong to it.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (done, outcome) = mpsc::channel();
        let job: Job = Box::new(move || drop(done.send(work())));
        ensure!(self.jobs.send(job).is_ok(), "the thread of this network has ended");
        outcome.recv().context("what was done inside this network panicked")
    }

    /// As [`run`](Self::run), for work that itself runs things inside this network: it gets a thread of its own.
    pub fn run_long<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        self.run(|| thread::spawn(work))?.join().ok().context("what was done inside this network panicked")
    }

    /// Runs `ip ARGUMENTS` (split at spaces) inside.
    pub fn ip(&self, arguments: &str) -> Result<()> {
        self.tool("ip", &arguments.split(' ').collect::<Vec<_>>()).map(drop)
    }

    /// Runs several `ip` commands inside, one a line, by one process.
    pub fn ip_batch(&self, lines: &str) -> Result<()> {
        self.tool_with_input("ip", &["-batch", "-"], lines).map(drop).with_context(|| lines.to_owned())
    }

    /// Loads nftables rules inside.
    pub fn nft(&self, rules: &str) -> Result<()> {
        self.tool_with_input("nft", &["-f", "-"], rules).map(drop).with_context(|| rules.to_owned())
    }

    /// Runs a program inside and gives what it printed.
    pub fn tool(&self, program: &'static str, arguments: &[&str]) -> Result<String> {
        self.tool_with_input(program, arguments, "")
    }

    fn tool_with_input(&self, program: &'static str, arguments: &[&str], input: &str) -> Result<String> {
        let words = format!("{program} {}", arguments.join(" "));
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let input = input.to_owned();
        let output = self.run(move || -> std::io::Result<_> {
            // Both live in /usr/sbin, which is not on everybody's PATH.
            let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
            let mut child = Command::new("env")
                .arg(format!("PATH={path}"))
                .arg(program)
                .args(arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(input.as_bytes())?;
            }
            child.wait_with_output()
        })??;
        if !output.status.success() {
            bail!("{words}: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Makes an interface `name` here and `other_name` in `other`, joined by a cable.
    pub fn add_pair(&self, name: &str, other: &Network, other_name: &str) -> Result<()> {
        let id = other.thread()?;
        self.ip(&format!("link add {name} type veth peer name {other_name} netns {id}"))
    }

    /// Moves the interface `name` from this namespace to `other`.
    pub fn give_interface(&self, name: &str, other: &Network) -> Result<()> {
        let id = other.thread()?;
        self.ip(&format!("link set {name} netns {id}"))
    }

    /// The thread that holds the namespace, by its id: `ip link … netns` takes a path only below /run/netns.
    fn thread(&self) -> Result<String> {
        let holder = self.holder.as_ref().context("this network is not a namespace: run this as root")?;
        let id = holder.components().nth(4).context("a namespace's path")?;
        Ok(id.as_os_str().to_string_lossy().into_owned())
    }

    /// Waits until an interface sends. The kernel starts the first end of a cable a moment after the second was taken
    /// up, and drops without a word what is sent before that.
    pub fn wait_for_carrier(&self, interface: &str) -> Result<()> {
        let start = Instant::now();
        // Until then it has the queue that drops everything.
        while self.tool("ip", &["link", "show", "dev", interface])?.contains(" qdisc noop ") {
            ensure!(start.elapsed() < Duration::from_secs(10), "the interface {interface} does not come up");
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Lets it pass on packets between its interfaces.
    pub fn forwards(&self) -> Result<()> {
        // /proc/sys shows the network namespace of the thread that opens it.
        self.run(|| {
            std::fs::write("/proc/sys/net/ipv4/ip_forward", "1")?;
            std::fs::write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
        })?
        .context("letting a namespace forward packets")
    }

    /// Takes IPv6 from one interface.
    pub fn without_ipv6(&self, interface: &str) -> Result<()> {
        let path = format!("/proc/sys/net/ipv6/conf/{interface}/disable_ipv6");
        self.run(move || std::fs::write(&path, "1").context(path))?
    }

    /// What programs of this network read in `/etc/hosts`: these names, beside those of loopback. A name may have
    /// several addresses. They find no name server: a name that is not there does not exist, and they know that at once.
    pub fn set_names(&self, names: &[(&str, IpAddr)]) -> Result<()> {
        ensure!(self.holder.is_some(), "giving names needs a network namespace: run it as root");
        let mut hosts = "127.0.0.1 localhost\n::1 localhost\n".to_owned();
        for (name, address) in names {
            // To name servers a final dot makes no difference, in this file it does: Chromium looks up STUN and TURN
            // servers with one.
            hosts += &format!("{address} {name} {name}.\n");
        }
        self.run(move || {
            cover("/etc/hosts", &hosts)?;
            // Without a line, the C library asks loopback, where nobody listens: refused is faster than no answer.
            cover("/etc/resolv.conf", "")
        })?
    }

    /// The path to the namespace, for `nsenter --net=PATH`.
    pub fn path(&self) -> Option<&std::path::Path> {
        self.holder.as_deref()
    }

    /// A command for a program without children that ends with this network. It must be started [inside](Self::run).
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        processes::mortal(program)
    }

    /// As [`command`](Self::command), for a program that starts others, which end with it.
    pub fn command_with_children(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        if self.is_namespace() { processes::mortal_family(program) } else { processes::mortal(program) }
    }

    /// A TCP port on loopback of the *caller's* network that leads to `to` inside this network. For the drivers of
    /// browsers that live behind a NAT: no interface is added that a browser could use. Firefox's driver wants to
    /// be called by the port it knows: `port`; 0 for any.
    pub fn tunnel(&self, to: SocketAddr, port: u16) -> Result<SocketAddr> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        let (accepted, streams) = mpsc::channel::<TcpStream>();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepted.send(stream).is_err() {
                    break;
                }
            }
        });
        self.run(move || {
            thread::spawn(move || {
                for near in streams {
                    let Ok(far) = TcpStream::connect(to) else { continue };
                    let (Ok(near_too), Ok(far_too)) = (near.try_clone(), far.try_clone()) else { continue };
                    thread::spawn(move || pump(near, far));
                    thread::spawn(move || pump(far_too, near_too));
                }
            })
        })?;
        Ok(address)
    }

    /// A TCP and UDP port of this network that nobody uses, and that nobody is given by chance: browsers open sockets all
    /// the time, on the loopback address too.
    pub fn free_port(&self) -> Result<u16> {
        let addresses = [self.address, IpAddr::from([127, 0, 0, 1])];
        self.run(move || -> Result<u16> {
            for _ in 0..1024 {
                // Other tests begin elsewhere: without namespaces they share a network with this one.
                let next = NEXT_PORT
                    .fetch_add(1, Ordering::Relaxed)
                    .wrapping_add(std::process::id().wrapping_mul(61));
                let port = FIRST_PORT + u16::try_from(next % u32::from(EPHEMERAL - FIRST_PORT))?;
                let free = addresses.iter().all(|address| {
                    TcpListener::bind((*address, port)).is_ok() && UdpSocket::bind((*address, port)).is_ok()
                });
                if free {
                    return Ok(port);
                }
            }
            bail!("no free port")
        })?
    }
}

/// From here on Linux takes what it gives by chance (`net.ipv4.ip_local_port_range`).
const EPHEMERAL: u16 = 32_768;
const FIRST_PORT: u16 = 10_000;
static NEXT_PORT: AtomicU32 = AtomicU32::new(0);

/// Moves this thread into a network namespace and a mount namespace of its own, and gives the path to the former.
fn enter_own_namespaces() -> Result<PathBuf> {
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)?;
    // What is mounted here must not be mounted for everybody.
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
    let id = nix::unistd::gettid();
    Ok(PathBuf::from(format!("/proc/{}/task/{id}/ns/net", std::process::id())))
}

/// Puts a file in the place of `path`, for this thread's mount namespace only. The file has no name anywhere else: it
/// ends with the namespace.
fn cover(path: &str, text: &str) -> Result<()> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // A namespace made from within another inherits what covers the file there. Nothing can be mounted upon a file
    // without a name, and writing to it would write to both: away with it.
    if std::fs::metadata(path).with_context(|| path.to_owned())?.nlink() == 0 {
        umount2(path, MntFlags::MNT_DETACH).with_context(|| format!("uncovering {path}"))?;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let source = std::env::temp_dir().join(format!("netlab-{}-{number}", std::process::id()));
    std::fs::File::create_new(&source)?.write_all(text.as_bytes())?;
    let mounted = mount(Some(&source), path, None::<&str>, MsFlags::MS_BIND, None::<&str>);
    std::fs::remove_file(&source)?;
    mounted.with_context(|| format!("covering {path}"))
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    // Either end may go away at any time: that ends the connection, which is all there is to do.
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
}
