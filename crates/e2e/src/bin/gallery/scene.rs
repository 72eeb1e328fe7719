//! The people of the gallery, and how a screen of one of them is shown and taken.

use crate::screens::Screen;
use anyhow::{Context, Result};
use eyeline_e2e::accessibility::Scheme;
use eyeline_e2e::media::{self, Size};
use eyeline_e2e::server::Server;
use eyeline_e2e::{Options, Person, World, browser};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A way to show a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Desktop(Scheme),
    Phone(Scheme),
    /// A phone on its side, dark.
    PhoneOnItsSide,
    /// In a language that is written from right to left, dark, on a desktop.
    DesktopMirrored,
    PhoneMirrored,
}

impl Way {
    /// Width and height in CSS pixels, and whether it is a phone.
    fn size(self) -> (u32, u32, bool) {
        match self {
            Self::Desktop(_) | Self::DesktopMirrored => (1440, 900, false),
            Self::Phone(_) | Self::PhoneMirrored => (390, 844, true),
            Self::PhoneOnItsSide => (844, 390, true),
        }
    }

    fn scheme(self) -> Scheme {
        match self {
            Self::Desktop(scheme) | Self::Phone(scheme) => scheme,
            Self::PhoneOnItsSide | Self::DesktopMirrored | Self::PhoneMirrored => Scheme::Dark,
        }
    }

    fn is_mirrored(self) -> bool {
        matches!(self, Self::DesktopMirrored | Self::PhoneMirrored)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Desktop(Scheme::Dark) => "desktop-dark",
            Self::Desktop(Scheme::Light) => "desktop-light",
            Self::Phone(Scheme::Dark) => "phone-dark",
            Self::Phone(Scheme::Light) => "phone-light",
            Self::PhoneOnItsSide => "phone-on-its-side",
            Self::DesktopMirrored => "desktop-right-to-left",
            Self::PhoneMirrored => "phone-right-to-left",
        }
    }
}

/// Everybody, and where the call is.
pub(crate) struct Scene<'a> {
    pub(crate) server: Server,
    world: &'a World,
    /// Whose screen is shown.
    pub(crate) mia: Person,
    /// Whose camera is blocked, as long as that is shown.
    pub(crate) blocked: Option<Person>,
    /// Those who are in the call with her, in the order in which they came.
    pub(crate) others: Vec<Person>,
    pub(crate) link: String,
}

/// Who comes, and with which portrait. Some have long names, some other letters.
const OTHERS: [(&str, u32); 7] = [
    ("Amara", 1),
    ("Jonas", 5),
    ("Maximiliane von Hohenstein", 9),
    ("李娜", 4),
    ("Óscar", 7),
    ("ליאור", 8),
    ("Priya", 11),
];

impl<'a> Scene<'a> {
    pub(crate) async fn new(world: &'a World) -> Result<Self> {
        let server = world.server().await?;
        let mut options = portrait(3, media::SMALL);
        options.window = (1440, 900);
        options.screen = browser::Screen::Exact;
        let mia = world.person("Mia", options, server.address).await?;
        Ok(Self { server, world, mia, blocked: None, others: Vec::new(), link: String::new() })
    }

    /// Somebody whose browser gives the page nothing, in the lobby.
    pub(crate) async fn block(&mut self) -> Result<()> {
        let mut options = Options::chromium(3)
            .ears_only()
            .argument("--use-fake-device-for-media-stream")
            .argument("--deny-permission-prompts");
        options.screen = browser::Screen::Exact;
        let noor = self.world.person("Noor", options, self.server.address).await?;
        noor.open(&self.link).await?;
        noor.type_into("name", "Noor").await?;
        self.blocked = Some(noor);
        Ok(())
    }

    /// Others come until there are so many beside Mia.
    pub(crate) async fn come(&mut self, count: usize) -> Result<()> {
        // Many are shown small, and listen. Eight pages of eight moving pictures and voices are more than a processor can
        // do.
        let many = count > 3;
        while let Some((name, who)) = OTHERS.get(self.others.len()).filter(|_| self.others.len() < count) {
            let size = if many { media::TINY } else { media::SMALL };
            let person = self.world.person(name, portrait(*who, size), self.server.address).await?;
            person.open(&self.link).await?;
            person.join().await?;
            if many {
                person.press("m").await?;
                look_away(&person).await?;
            }
            self.others.push(person);
        }
        Ok(())
    }

    /// All the others leave.
    pub(crate) async fn go(&mut self) -> Result<()> {
        for other in self.others.drain(..) {
            other.click("leave").await?;
            other.wait_for_element("rejoin").await?;
        }
        Ok(())
    }

    /// Until all of them are seen. In a call of eight on one machine pictures rest now and then.
    pub(crate) async fn see_everybody(&self) -> Result<()> {
        eyeline_e2e::until("Mia sees everybody", Duration::from_secs(240), async || {
            let tiles = self.mia.others().await?;
            let seen = tiles.iter().filter(|tile| {
                let moves = tile.video("camera").is_some_and(|video| video.width > 0 && video.frames > 0);
                moves && tile.state == "connected" && !tile.text.contains("paused")
            });
            Ok((seen.count() == self.others.len()).then_some(()))
        })
        .await
    }

    /// The first of the others.
    pub(crate) fn amara(&self) -> Result<&Person> {
        self.others.first().context("nobody has come yet")
    }

    /// Takes the screen in each way that it is to be shown.
    pub(crate) async fn take(&self, screen: &Screen, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut taken = Vec::new();
        let person = self.blocked.as_ref().unwrap_or(&self.mia);
        for way in screen.ways {
            let file = folder.join(format!("{}-{}.png", screen.name, way.name()));
            let (width, height, phone) = way.size();
            person.window(width, height, phone).await?;
            person.prefers(way.scheme(), false).await?;
            if way.is_mirrored() {
                self.mirror(true).await?;
            }
            // Let transitions end, pictures come in their new size, and whatever hides by itself hide.
            tokio::time::sleep(Duration::from_millis(1500)).await;
            person.browser.driver.screenshot(&file).await?;
            println!("{}", file.display());
            if way.is_mirrored() {
                self.mirror(false).await?;
            }
            taken.push(file);
        }
        person.window(1440, 900, false).await?;
        Ok(taken)
    }

    /// In the language that nobody speaks, which runs from right to left, and back.
    async fn mirror(&self, on: bool) -> Result<()> {
        let (language, direction) = if on { ("qps", "rtl") } else { ("en", "ltr") };
        self.mia.evaluate::<Value>(&format!("eyelineChoose('{language}')")).await?;
        self.mia
            .until("the page to be mirrored", async || {
                let now: String = self.mia.evaluate("document.documentElement.dir").await?;
                Ok((now == direction).then_some(()))
            })
            .await
    }
}

/// Puts another tab before somebody's call.
async fn look_away(person: &Person) -> Result<()> {
    let tab = person.browser.driver.new_tab().await?;
    person.browser.driver.switch_to_window(tab).await?;
    Ok(())
}

fn portrait(who: u32, size: Size) -> Options {
    let mut options =
        Options::chromium(who).camera(size).preload(include_str!("../../page/named_devices.js"));
    options.portrait = true;
    // Small windows: without a graphics card every picture is composed by the processor.
    options.window = (480, 400);
    options
}
