//! A network of its own for each test: a namespace with one Ethernet-like interface, so that nothing depends on, or
//! touches, the machine's network.
//!
//! A namespace lives as long as the thread that made it, and the processes that thread started: nothing is left
//! behind, however a test ends. Without the rights to make one (not root), tests run on the machine's own address
//! and those that need several networks fail with words that say so.

use anyhow::{Context, Result, bail, ensure};
use nix::sched::{CloneFlags, unshare};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

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
    /// machine's network.
    pub fn alone_or_machine() -> Result<Self> {
        match Self::empty() {
            Ok(mut network) => {
                network.ip("link add eyeline0 type veth peer name eyeline1")?;
                network.ip("address add 10.77.0.1/24 dev eyeline0")?;
                network.ip("-6 address add fd77::1/64 dev eyeline0 nodad")?;
                network.ip("link set eyeline0 up")?;
                network.ip("link set eyeline1 up")?;
                // Browsers look for the address that a packet to the Internet would leave from.
                network.ip("route add default dev eyeline0")?;
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
            let result = unshare(CloneFlags::CLONE_NEWNET).map(|()| {
                let id = nix::unistd::gettid();
                PathBuf::from(format!("/proc/{}/task/{id}/ns/net", std::process::id()))
            });
            let usable = result.is_ok();
            if made.send(result).is_ok() && usable {
                queue.into_iter().for_each(|job| job());
            }
        })?;
        let holder = outcome.recv()?.context("making a network namespace needs root")?;
        let network = Self { jobs, holder: Some(holder), address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        network.ip("link set lo up")?;
        Ok(network)
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

    /// Loads nftables rules inside.
    pub fn nft(&self, rules: &str) -> Result<()> {
        self.tool_with_input("nft", &["-f", "-"], rules).map(drop)
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
            use std::io::Write as _;
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

    /// Moves the interface `name` from this namespace to `other`.
    pub fn give_interface(&self, name: &str, other: &Network) -> Result<()> {
        let holder = other.holder.as_ref().context("the other network is not a namespace")?;
        // `ip link set … netns` takes a path to a namespace only below /run/netns; a thread's id does as well.
        let id = holder.components().nth(4).context("a namespace's path")?;
        self.ip(&format!("link set {name} netns {}", id.as_os_str().to_string_lossy()))
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

    /// A TCP and UDP port of this network that nobody uses at the moment.
    pub fn free_port(&self) -> Result<u16> {
        let address = self.address;
        self.run(move || -> Result<u16> {
            for _ in 0..32 {
                let listener = TcpListener::bind((address, 0))?;
                let port = listener.local_addr()?.port();
                if UdpSocket::bind((address, port)).is_ok() {
                    return Ok(port);
                }
            }
            bail!("no free port")
        })?
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    // Either end may go away at any time: that ends the connection, which is all there is to do.
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
}

/// Three networks: a public one with the server, and people at home behind one router whose NAT rewrites addresses.
pub struct BehindNat {
    /// The inside of the router.
    pub home: Network,
    /// Holds the router's namespace.
    pub router: Network,
}

/// The router's address as the public network sees it.
pub const ROUTER_PUBLIC_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

impl BehindNat {
    /// Puts a router beside `public` (whose far interface it takes), and a home network behind it.
    pub fn new(public: &Network) -> Result<Self> {
        ensure!(public.is_namespace(), "this test needs network namespaces: run it as root");
        let router = Network::empty()?;
        let mut home = Network::empty()?;
        public.give_interface("eyeline1", &router)?;
        router.ip("link set eyeline1 up")?;
        router.ip(&format!("address add {ROUTER_PUBLIC_ADDRESS}/24 dev eyeline1"))?;
        router.ip("link add inside0 type veth peer name home0")?;
        router.give_interface("home0", &home)?;
        router.ip("address add 192.168.77.1/24 dev inside0")?;
        router.ip("link set inside0 up")?;
        home.ip("address add 192.168.77.2/24 dev home0")?;
        home.ip("link set home0 up")?;
        home.ip("route add default via 192.168.77.1")?;
        // /proc/sys shows the network namespace of the thread that opens it.
        router.run(|| std::fs::write("/proc/sys/net/ipv4/ip_forward", "1"))??;
        router.nft(
            "table ip nat {
                chain postrouting {
                    type nat hook postrouting priority srcnat;
                    oifname \"eyeline1\" masquerade
                }
            }",
        )?;
        home.address = IpAddr::V4(Ipv4Addr::new(192, 168, 77, 2));
        Ok(Self { home, router })
    }
}
