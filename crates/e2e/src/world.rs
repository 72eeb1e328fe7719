//! What each test starts from, and what it leaves behind when it fails.

use crate::browser::{Browser, Options};
use crate::certificates::Authority;
use crate::person::Person;
use crate::server::{Server, Setup};
use anyhow::{Context, Result, anyhow};
use eyeline_netlab::{Condition, Home, Host, Internet, Kind, Network};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A network with a server in it, and a folder for logs.
pub struct World {
    /// The network in which the server, the test and (unless said otherwise) the browsers are.
    pub network: Arc<Network>,
    /// Where logs, consoles and screenshots go: `target/e2e-logs/TEST`.
    pub logs: PathBuf,
    browsers: AtomicU32,
}

/// Runs a test in a network of its own. A failure is told with all its causes; the logs stay.
///
/// # Panics
/// When the test fails.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn test(work: impl AsyncFnOnce(&World) -> Result<()> + Send + 'static) {
    let name = name_of_the_test();
    let outcome = World::new(&name).and_then(|world| world.run(work));
    if let Err(error) = outcome {
        panic!("{error:#}\n(logs: {})", log_directory(&name).display());
    }
}

/// As [`test()`], on an internet where the server has a public address and a name, and people are at home behind routers.
///
/// # Panics
/// When the test fails.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn test_in_public(work: impl AsyncFnOnce(&World, &Public) -> Result<()> + Send + 'static) {
    let name = name_of_the_test();
    let outcome = Public::new(&name)
        .and_then(|(world, public)| world.run(async move |world| work(world, &public).await));
    if let Err(error) = outcome {
        panic!("{error:#}\n(logs: {})", log_directory(&name).display());
    }
}

fn name_of_the_test() -> String {
    std::thread::current().name().unwrap_or("test").replace("::", "-")
}

fn log_directory(name: &str) -> PathBuf {
    crate::target_directory().join("e2e-logs").join(name)
}

/// The host name of the server in public worlds. `.test` is nobody's (RFC 2606).
pub const NAME: &str = "call.eyeline.test";

/// The internet around a server.
pub struct Public {
    /// Homes are put on it.
    pub internet: Internet,
    /// Where the server is.
    pub host: Host,
    /// Vouches for the server.
    pub authority: Authority,
}

impl Public {
    /// An internet, and the world of the server's host on it.
    pub fn new(name: &str) -> Result<(World, Self)> {
        let internet = Internet::new()?;
        let host = internet.host()?;
        let world = World::within(host.network.clone(), name)?;
        let authority = Authority::new(&world.logs)?;
        host.network.set_names(&names(&host))?;
        Ok((world, Self { internet, host, authority }))
    }

    /// A home in which the server's name is known.
    pub fn home(&self, kind: Kind) -> Result<Home> {
        let home = self.internet.home(kind)?;
        home.network.set_names(&names(&self.host))?;
        Ok(home)
    }

    /// The same, over a line that is as bad as said.
    pub fn home_over(&self, kind: Kind, condition: Condition) -> Result<Home> {
        let home = self.internet.home_over(kind, condition)?;
        home.network.set_names(&names(&self.host))?;
        Ok(home)
    }

    /// Starts the server on the ports that the world knows (80, 443, 3478), with a certificate for its name and its
    /// addresses.
    pub async fn server(&self, world: &World, setup: Setup) -> Result<Server> {
        let addresses = [self.host.address.to_string(), self.host.ipv6_address.to_string()];
        let certificate = self.authority.issue(&[NAME, addresses[0].as_str(), addresses[1].as_str()])?;
        let setup = setup.https(NAME, certificate);
        Server::start(world.network.clone(), &world.logs.join("server.log"), setup).await
    }

    /// Somebody at home in front of a browser that trusts the server's certificate.
    pub async fn person(&self, world: &World, name: &str, options: Options, home: &Home) -> Result<Person> {
        let options = options.network(home.network.clone()).trust(self.authority.trust());
        world.visitor(name, options, &format!("https://{NAME}")).await
    }
}

/// The server's name, with its addresses of both families, as a name server would give them.
fn names(host: &Host) -> [(&'static str, IpAddr); 2] {
    [(NAME, host.address.into()), (NAME, host.ipv6_address.into())]
}

impl World {
    /// A world of its own for the test (or demonstration) `name`.
    pub fn new(name: &str) -> Result<Self> {
        Self::within(Arc::new(Network::alone_or_machine()?), name)
    }

    /// A world in a network that is there already.
    pub fn within(network: Arc<Network>, name: &str) -> Result<Self> {
        let logs = log_directory(name);
        if logs.exists() {
            std::fs::remove_dir_all(&logs)?;
        }
        std::fs::create_dir_all(&logs)?;
        Ok(Self { network, logs, browsers: AtomicU32::new(0) })
    }

    /// Does `work` inside this world's network.
    pub fn run<T: Send + 'static>(
        self,
        work: impl AsyncFnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.network.clone().run_long(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            let outcome = runtime.block_on(work(&self));
            runtime.shutdown_background();
            outcome
        })?
    }

    /// Starts the server.
    pub async fn server(&self) -> Result<Server> {
        Server::start(self.network.clone(), &self.logs.join("server.log"), Setup::default()).await
    }

    /// Starts a browser for somebody who will open pages of the server at `page`, over HTTP.
    pub async fn person(&self, name: &str, options: Options, page: SocketAddr) -> Result<Person> {
        self.visitor(name, options, &format!("http://{page}")).await
    }

    /// Starts a browser for somebody who will open pages of this origin.
    pub async fn visitor(&self, name: &str, options: Options, origin: &str) -> Result<Person> {
        let number = self.browsers.fetch_add(1, Ordering::Relaxed);
        let log = self.logs.join(format!("driver-{number}-{:?}.log", options.kind));
        let browser = Browser::start(options, &self.network, origin, &log)
            .await
            .with_context(|| format!("{name} starts a browser"))?;
        Ok(Person { name: name.to_owned(), browser })
    }

    /// Runs the part of a test in which `people` act; on failure writes down what each of them saw.
    pub async fn watched(&self, people: &[&Person], work: impl Future<Output = Result<()>>) -> Result<()> {
        let outcome = work.await;
        if outcome.is_err() {
            for person in people {
                self.write_down(person).await.unwrap_or_else(|error| {
                    eprintln!("what {} saw could not be written down: {error}", person.name);
                });
            }
        }
        outcome
    }

    /// Ada and Ben in a call on a server of their own, who see each other; in the end, neither has anything to complain
    /// about.
    pub async fn call_of_two(
        &self,
        ada: Options,
        ben: Options,
        work: impl AsyncFnOnce(&Person, &Person, &Server) -> Result<()>,
    ) -> Result<()> {
        let server = self.server().await?;
        let (ada, ben) = tokio::try_join!(
            self.person("Ada", ada, server.address),
            self.person("Ben", ben, server.address),
        )?;
        self.watched(&[&ada, &ben], async {
            ada.calls(&[&ben], &server.url()).await?;
            ada.sees(&[&ben]).await?;
            ben.sees(&[&ada]).await?;
            work(&ada, &ben, &server).await?;
            ada.complained_about_nothing(&[]).await?;
            ben.complained_about_nothing(&[]).await
        })
        .await
    }

    /// Writes down what somebody's browser did and when.
    pub async fn write_journal(&self, person: &Person) -> Result<()> {
        let lines: Vec<String> = person.evaluate("harness.journal").await?;
        std::fs::write(self.logs.join(format!("{}.journal", file_name(&person.name))), lines.join("\n"))?;
        Ok(())
    }

    async fn write_down(&self, person: &Person) -> Result<()> {
        let file = |ending: &str| self.logs.join(format!("{}.{ending}", file_name(&person.name)));
        let console: Vec<_> = person
            .browser
            .console()
            .into_iter()
            .map(|line| format!("{}: {}", line.level, line.text))
            .collect();
        std::fs::write(file("console.log"), console.join("\n"))?;
        person.browser.driver.screenshot(&file("png")).await.map_err(|error| anyhow!(error))?;
        self.write_journal(person).await?;
        std::fs::write(file("html"), person.browser.driver.source().await?)?;
        std::fs::write(
            file("statistics.txt"),
            format!("{:#?}\n{:#?}", person.tiles().await?, person.statistics().await?),
        )?;
        Ok(())
    }
}

fn file_name(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_alphanumeric()).take(40).collect()
}
