//! A real browser with a driver, a profile and fake capture devices of its own.

use crate::bidi::{BiDi, ConsoleLine};
use crate::media::{self, Size};
use anyhow::{Context, Result, anyhow, bail};
use eyeline_netlab::Network;
use eyeline_netlab::processes::{Process, Signal, logged};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use thirtyfour::{Capabilities, WebDriver};

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Debian's `chromium`, by `chromedriver`.
    Chromium,
    /// Debian's `firefox-esr`, by `geckodriver`.
    Firefox,
}

/// What a page is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A window of the given size, with the browser's own bars.
    Window,
    /// An area of exactly the given size (Chromium).
    Exact,
    /// A telephone with touch and twice as many pixels (Chromium).
    Phone,
}

/// What kind of browser, and what stands before its camera.
#[derive(Clone)]
pub struct Options {
    /// Which browser.
    pub kind: Kind,
    /// Whose picture and sound it captures; each person of a test has another number. Firefox has one fake picture
    /// of its own for everybody.
    pub who: u32,
    /// Size of the camera's picture (Chromium).
    pub camera: Option<Size>,
    /// There are devices, and the browser lets the page have none of them.
    pub blocked: bool,
    /// A picture that looks a little like a person, instead of one that is easily told from others (Chromium).
    pub portrait: bool,
    /// JavaScript functions that run in each page before the page's programs.
    pub preload: Vec<&'static str>,
    /// More of the browser's command line (Chromium).
    pub arguments: Vec<&'static str>,
    /// The database of an authority whose certificates it trusts, see [`Authority`](crate::certificates::Authority).
    pub trust: Option<PathBuf>,
    /// Where it runs, if not in the test's own network.
    pub network: Option<Arc<Network>>,
    /// Width and height of the page's area.
    pub window: (u32, u32),
    /// What the page is shown on.
    pub screen: Screen,
    /// The person prefers dark pages (Chromium).
    pub dark: bool,
    /// The languages that the person reads, best first, as in `Accept-Language` without weights.
    pub languages: &'static str,
    /// Pages that nobody looks at are slowed down, as they are outside of tests (Chromium).
    pub throttled: bool,
    /// Firefox is shown on a screen of its own that can be shared (`Xvfb`), and may share it unasked. Without fake devices: with
    /// them, screens are fake too.
    pub on_display: bool,
    /// What a page answers to scripts is asked for by value (Chromium). Its driver keeps what it asks for itself in the
    /// page, for good, which whoever measures memory cannot have.
    pub by_value: bool,
    /// Sound is played as ever, but on no device, so that a tab's sound can be shared (Chromium). Else it is muted.
    pub plays_nowhere: bool,
}

impl Options {
    /// Somebody with Chromium, a microphone and an HD camera.
    pub fn chromium(who: u32) -> Self {
        Self {
            kind: Kind::Chromium,
            who,
            camera: Some(media::HD),
            blocked: false,
            portrait: false,
            preload: Vec::new(),
            arguments: Vec::new(),
            trust: None,
            network: None,
            window: (1280, 800),
            screen: Screen::Window,
            dark: true,
            languages: "en-US,en",
            throttled: false,
            on_display: false,
            by_value: false,
            plays_nowhere: false,
        }
    }

    /// Somebody with Firefox, a microphone and a camera.
    pub fn firefox(who: u32) -> Self {
        Self { kind: Kind::Firefox, ..Self::chromium(who) }
    }

    /// Somebody of either.
    pub fn of(kind: Kind, who: u32) -> Self {
        Self { kind, ..Self::chromium(who) }
    }

    /// Without any capture device, and so without leave to capture.
    pub fn ears_only(mut self) -> Self {
        self.camera = None;
        self
    }

    /// With devices that the browser lets the page have nothing of.
    pub fn blocked(mut self) -> Self {
        self.camera = None;
        self.blocked = true;
        self
    }

    /// With a camera of this size.
    pub fn camera(mut self, size: Size) -> Self {
        self.camera = Some(size);
        self
    }

    /// With one more script before each page's own.
    pub fn preload(mut self, script: &'static str) -> Self {
        self.preload.push(script);
        self
    }

    /// With one more argument on the browser's command line (Chromium).
    pub fn argument(mut self, argument: &'static str) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Trusting the authority of this database.
    pub fn trust(mut self, database: &Path) -> Self {
        self.trust = Some(database.to_owned());
        self
    }

    /// Of somebody who reads these languages.
    pub fn languages(mut self, languages: &'static str) -> Self {
        self.languages = languages;
        self
    }

    /// Inside another network.
    pub fn network(mut self, network: Arc<Network>) -> Self {
        self.network = Some(network);
        self
    }
}

/// A started browser. Dropping it ends it with all its processes, and removes its profile.
pub struct Browser {
    /// What it was started with.
    pub options: Options,
    /// The session: commands of WebDriver.
    pub driver: WebDriver,
    bidi: BiDi,
    profile: PathBuf,
    /// `None`: it has ended.
    process: Option<Process>,
    _display: Option<Process>,
}

impl Browser {
    /// Starts one. `origin` is the page's origin, which shall count as secure even if it is plain HTTP; the driver's
    /// log goes to `log`.
    pub async fn start(options: Options, here: &Arc<Network>, origin: &str, log: &Path) -> Result<Self> {
        let network = options.network.as_ref().unwrap_or(here);
        let profile = profile_directory();
        std::fs::create_dir_all(&profile)?;
        if let Some(database) = &options.trust {
            install(database, &trust_directory(options.kind, &profile))?;
        }
        let port = port_for_both(network, here)?;
        let (display, number) = if options.on_display {
            let (display, number) =
                display(network, options.window, &log.with_extension("display.log")).await?;
            (Some(display), Some(number))
        } else {
            (None, None)
        };
        let mut command = match options.kind {
            Kind::Chromium => chromedriver(network, port, &profile),
            Kind::Firefox => geckodriver(network, port, port_for_both(network, here)?, &profile),
        };
        if let Some(number) = number {
            command.env("DISPLAY", format!(":{number}"));
        }
        let command = logged(command, log)?;
        let process = network.run(move || Process::start(command))??;
        let inside = SocketAddr::from(([127, 0, 0, 1], port));
        let address = if Arc::ptr_eq(network, here) { inside } else { network.tunnel(inside, port)? };
        crate::until("the browser's driver answers", Duration::from_secs(30), async || {
            Ok(crate::server::get(address, "/status").await.ok())
        })
        .await?;
        let capabilities = match options.kind {
            Kind::Chromium => chromium_capabilities(&options, origin, &profile)?,
            Kind::Firefox => firefox_capabilities(&options, origin, &profile),
        };
        let driver = session(address, capabilities).await?;
        let socket = driver
            .capabilities()
            .get("webSocketUrl")
            .and_then(Value::as_str)
            .ok_or_else(|| anyhow!("the driver offers no WebDriver BiDi"))?;
        let (authority, path) =
            socket.trim_start_matches("ws://").split_once('/').context("a WebSocket address")?;
        let port: u16 = authority.rsplit_once(':').context("a port")?.1.parse()?;
        // Chromium's driver has one port for everything, Firefox listens on one of its own.
        let socket = if port == address.port() || Arc::ptr_eq(network, here) {
            socket.to_owned()
        } else {
            format!("ws://{}/{path}", network.tunnel(SocketAddr::from(([127, 0, 0, 1], port)), port)?)
        };
        let bidi = BiDi::connect(&socket).await?;
        bidi.add_preload_script(include_str!("page/harness.js")).await?;
        for script in &options.preload {
            bidi.add_preload_script(script).await?;
        }
        driver.set_script_timeout(Duration::from_secs(60)).await?;
        driver.set_page_load_timeout(Duration::from_secs(60)).await?;
        if options.kind == Kind::Firefox {
            driver.set_window_rect(0, 0, options.window.0, options.window.1).await?;
        }
        Ok(Self { options, driver, bidi, profile, process: Some(process), _display: display })
    }

    /// Sends a signal to all its processes: a machine that sleeps is one whose programs are stopped.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.as_ref().context("the browser has ended")?.signal(signal)
    }

    /// Lets the person give or withdraw a leave in the browser's settings: `camera`, `microphone`; `granted`, `denied`,
    /// `prompt` (W3C Permissions, WebDriver BiDi `permissions.setPermission`).
    pub async fn set_permission(&self, name: &str, state: &str, origin: &str) -> Result<()> {
        self.bidi.set_permission(name, state, origin).await
    }

    /// What it wrote to its console.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.bidi.console()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session ends with its process.
        let _ = self.driver.clone().leak();
        self.process = None;
        // Those of its processes that are still dying may write once more.
        for _ in 0..40 {
            if std::fs::remove_dir_all(&self.profile).is_ok() || !self.profile.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Starts a screen that nobody sees, and says its number.
async fn display(network: &Network, (width, height): (u32, u32), log: &Path) -> Result<(Process, u32)> {
    let mut command = network.command("Xvfb");
    command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]).arg(format!("{width}x{height}x24"));
    let command = logged(command, log)?;
    let process = network.run(move || Process::start(command))??;
    let number = crate::until("a screen that nobody sees", Duration::from_secs(30), async || {
        Ok(std::fs::read_to_string(log)?.lines().find_map(|line| line.parse().ok()))
    })
    .await?;
    Ok((process, number))
}

/// Opens the session. A loaded machine can be too slow for a driver's own patience with its browser: a second try.
async fn session(address: SocketAddr, capabilities: Capabilities) -> Result<WebDriver> {
    let url = format!("http://{address}");
    match WebDriver::new(&url, capabilities.clone()).await {
        Ok(driver) => Ok(driver),
        Err(_) => WebDriver::new(&url, capabilities).await.context("starting the browser"),
    }
}

/// How the names of all profiles begin; then come the process id of the test and a number.
const PROFILE: &str = "eyeline-e2e-";

fn profile_directory() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    if number == 0 {
        remove_orphans();
    }
    std::env::temp_dir().join(format!("{PROFILE}{}-{number}", std::process::id()))
}

/// Removes the profiles of tests that were killed: their browsers were too, but files stay.
fn remove_orphans() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let test = name.to_str().and_then(|name| name.strip_prefix(PROFILE)?.split('-').next());
        if test.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            // Another test may be at it as well.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A port that is free in the browser's network and on this side of the tunnel to it: the drivers want to be called by
/// the port that they know.
fn port_for_both(network: &Arc<Network>, here: &Arc<Network>) -> Result<u16> {
    for _ in 0..32 {
        let port = network.free_port()?;
        if Arc::ptr_eq(network, here) || here.run(move || TcpListener::bind(("127.0.0.1", port)).is_ok())? {
            return Ok(port);
        }
    }
    bail!("no port is free on both sides")
}

/// Where the browser looks for certificates that somebody has chosen to trust.
fn trust_directory(kind: Kind, profile: &Path) -> PathBuf {
    match kind {
        // In the home directory, which is the profile here.
        Kind::Chromium => profile.join(".pki/nssdb"),
        Kind::Firefox => firefox_profile(profile),
    }
}

fn install(database: &Path, directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    for entry in std::fs::read_dir(database)? {
        let entry = entry?;
        std::fs::copy(entry.path(), directory.join(entry.file_name()))?;
    }
    Ok(())
}

fn firefox_profile(profile: &Path) -> PathBuf {
    profile.join("firefox")
}

fn chromedriver(network: &Network, port: u16, profile: &Path) -> Command {
    let mut command = network.command_with_children("chromedriver");
    command.arg(format!("--port={port}")).env("HOME", profile);
    command
}

fn geckodriver(network: &Network, port: u16, websocket_port: u16, profile: &Path) -> Command {
    // `cargo xtask setup` puts it there if the system has none.
    let own = crate::target_directory().join("tools/bin/geckodriver");
    let mut command = network.command_with_children(if own.exists() { own } else { "geckodriver".into() });
    command
        .arg(format!("--port={port}"))
        .arg(format!("--websocket-port={websocket_port}"))
        .arg("--profile-root")
        .arg(profile)
        .env("MOZ_DISABLE_CONTENT_SANDBOX", "1") // as root
        .env("HOME", profile);
    command
}

fn chromium_capabilities(options: &Options, origin: &str, profile: &Path) -> Result<Capabilities> {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox", // as root
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
        "--force-device-scale-factor=1",
        "--auto-select-desktop-capture-source=Entire screen",
    ]
    .map(str::to_owned)
    .to_vec();
    if !options.throttled {
        arguments.extend(
            [
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
            ]
            .map(str::to_owned),
        );
    }
    // What is muted cannot be shared either; what plays nowhere can.
    arguments.push(if options.plays_nowhere { "--disable-audio-output" } else { "--mute-audio" }.into());
    arguments.push(format!("--user-data-dir={}", profile.display()));
    if !is_secure(origin) {
        arguments.push(format!("--unsafely-treat-insecure-origin-as-secure={origin}"));
    }
    arguments.extend(options.arguments.iter().map(|&argument| argument.to_owned()));
    arguments.push(format!("--window-size={},{}", options.window.0, options.window.1));
    arguments.push(format!("--blink-settings=preferredColorScheme={}", if options.dark { 0 } else { 1 }));
    if let Some(size) = options.camera {
        let media = if options.portrait {
            media::portrait(options.who, size)
        } else {
            media::of_person(options.who, size)
        }?;
        arguments.push("--use-fake-ui-for-media-stream".into());
        arguments.push("--use-fake-device-for-media-stream".into());
        arguments.push(format!("--use-file-for-fake-video-capture={}", media.video.display()));
        arguments.push(format!("--use-file-for-fake-audio-capture={}", media.audio.display()));
    }
    let preferences = json!({ "intl.accept_languages": options.languages });
    if options.blocked {
        arguments.push("--use-fake-device-for-media-stream".into());
        arguments.push("--deny-permission-prompts".into());
    }
    let mut chrome = json!({ "binary": "/usr/bin/chromium", "args": arguments, "prefs": preferences });
    if options.screen != Screen::Window {
        let phone = options.screen == Screen::Phone;
        let (width, height) = options.window;
        let metrics = json!({
            "width": width, "height": height, "pixelRatio": if phone { 2 } else { 1 }, "touch": phone,
            "mobile": phone,
        });
        chrome
            .as_object_mut()
            .context("an object")?
            .insert("mobileEmulation".into(), json!({ "deviceMetrics": metrics }));
    }
    capabilities(json!({
        "browserName": "chrome",
        "goog:chromeOptions": chrome,
        "webSocketUrl": true,
        "unhandledPromptBehavior": "ignore",
    }))
}

/// Whether browsers take the origin for secure without being told to.
fn is_secure(origin: &str) -> bool {
    origin.starts_with("https://")
}

fn firefox_capabilities(options: &Options, origin: &str, profile: &Path) -> Capabilities {
    let capture = if options.camera.is_some() { 1 } else { 2 };
    let host = origin.trim_start_matches("http://");
    let address = host.rsplit_once(':').map_or(host, |(address, _)| address);
    let mut arguments = Vec::new();
    if !options.on_display {
        arguments.push("-headless".to_owned());
    }
    if options.trust.is_some() {
        arguments.extend(["-profile".to_owned(), firefox_profile(profile).display().to_string()]);
    }
    let value = json!({
        "browserName": "firefox",
        "moz:firefoxOptions": {
            "binary": "/usr/bin/firefox-esr",
            "args": arguments,
            "prefs": {
                "media.navigator.streams.fake": options.camera.is_some() || options.blocked,
                "media.navigator.permission.disabled": options.camera.is_some() || options.on_display,
                "permissions.default.camera": capture,
                "permissions.default.microphone": capture,
                "media.autoplay.default": 0,
                "media.autoplay.blocking_policy": 0,
                "media.gmp-manager.updateEnabled": false,
                "media.peerconnection.ice.obfuscate_host_addresses": true,
                // Plain HTTP on the test's network counts as secure.
                "dom.securecontext.allowlist": if is_secure(origin) { "" } else { address },
                "media.devices.insecure.enabled": !is_secure(origin),
                "media.getusermedia.insecure.enabled": !is_secure(origin),
                "dom.timeout.throttling_delay": 2_000_000_000,
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "browser.safebrowsing.downloads.enabled": false,
                "app.update.enabled": false,
                "intl.accept_languages": options.languages,
                "ui.systemUsesDarkTheme": i32::from(options.dark),
            },
        },
        "webSocketUrl": true,
        "unhandledPromptBehavior": "ignore",
    });
    capabilities(value).unwrap_or_default()
}

fn capabilities(value: Value) -> Result<Capabilities> {
    let mut capabilities = Capabilities::default();
    for (key, value) in value.as_object().context("an object")? {
        capabilities.set(key, value)?;
    }
    Ok(capabilities)
}
