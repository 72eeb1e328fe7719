//! Networks for tests, made of Linux network namespaces: a public internet, homes behind routers of every kind, links
//! with delay and loss.
//!
//! Knows: namespaces, routes, nftables, TUN devices. Must not know: what runs in its networks. It needs root, Linux,
//! and Debian's `iproute2` and `nftables`; without them everything here fails with words that say so.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! use eyeline_netlab::{Internet, Kind};
//! let internet = Internet::new()?;
//! let server = internet.host()?;
//! let home = internet.home(Kind::Symmetric)?;
//! home.network.set_names(&[("server.test", server.address.into())])?;
//! let listener = server.network.run(|| std::net::TcpListener::bind("[::]:80"))??;
//! let address = std::net::SocketAddr::from((server.address, listener.local_addr()?.port()));
//! home.network.run(move || std::net::TcpStream::connect(address))??;
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! - [`network`]: one namespace, what is done inside it, a way in for tests.
//! - [`internet`]: the public network, hosts on it, homes behind routers.
//! - [`kind`]: the kinds of home, and what each router does to packets (nftables).
//! - [`link`]: a bad link: a small router in user space between two TUN devices.
//! - [`condition`]: how bad: delay, jitter, loss, reordering, rate. A pure, seeded function.
//! - [`processes`]: processes that end with the test, however it ends.
//! - `cargo xtask netlab shell KIND`: a shell in such a home.
//!
//! # Nothing is left behind
//! A namespace here has no name and no file: it lives as long as the thread that holds it and the processes in it.
//! Processes started by [`Network::command`] are killed by the kernel when that thread ends, even if it ends by
//! `kill -9`. Files that a network puts in the place of the system's (`/etc/hosts`) are mounted in a mount namespace of
//! the same thread, over the system's files and not into them.
//!
//! # Why not `patchbay`
//! n0's `patchbay` 0.7 does much of this well, and was read and tried before this was written. We do without it because:
//! - its link conditions need the kernel's `netem`, which machines that test Eyeline do not have, so half of this crate
//!   would still be ours;
//! - it has no address-restricted NAT and no IPv6-only home without NAT64;
//! - it must enter a user namespace before a process has any thread, which a Rust test has not in its hand, and runs an
//!   asynchronous runtime in each namespace, while what we start are browsers and their drivers;
//! - it brings 150 crates for what are some forty lines of nftables, those in [`kind`].
//!
//! Its idea of endpoint-independent mapping (a dynamic nftables map) is the one used here.

pub mod condition;
pub mod internet;
pub mod kind;
pub mod link;
pub mod network;
pub mod processes;

pub use condition::Condition;
pub use internet::{Home, Host, Internet};
pub use kind::Kind;
pub use network::Network;
