//! What each test starts from, and what it leaves behind when it fails.

use crate::browser::{Browser, Options};
use crate::network::Network;
use crate::person::Person;
use crate::server::Server;
use anyhow::{Context, Result, anyhow};
use std::net::SocketAddr;
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
    let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
    let outcome = World::new(&name).and_then(|world| {
        world.network.clone().run_long(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            let outcome = runtime.block_on(work(&world));
            runtime.shutdown_background();
            outcome
        })?
    });
    if let Err(error) = outcome {
        panic!("{error:#}\n(logs: {})", crate::target_directory().join("e2e-logs").join(name).display());
    }
}

impl World {
    /// A world of its own for the test (or demonstration) `name`.
    pub fn new(name: &str) -> Result<Self> {
        let logs = crate::target_directory().join("e2e-logs").join(name);
        if logs.exists() {
            std::fs::remove_dir_all(&logs)?;
        }
        std::fs::create_dir_all(&logs)?;
        Ok(Self { network: Arc::new(Network::alone_or_machine()?), logs, browsers: AtomicU32::new(0) })
    }

    /// Starts the server.
    pub async fn server(&self) -> Result<Server> {
        Server::start(self.network.clone(), &self.logs.join("server.log")).await
    }

    /// Starts a browser for somebody who will open pages of the server at `page`.
    pub async fn person(&self, name: &str, options: Options, page: SocketAddr) -> Result<Person> {
        let number = self.browsers.fetch_add(1, Ordering::Relaxed);
        let log = self.logs.join(format!("driver-{number}-{:?}.log", options.kind));
        let browser = Browser::start(options, &self.network, &format!("http://{page}"), &log)
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
