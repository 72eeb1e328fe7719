//! The page in a person's own language.

use anyhow::{Result, ensure};
use eyeline_e2e::{Kind, Options, Person, checks, media, test};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Language and direction of the page, and its first heading.
async fn page(person: &Person) -> Result<(String, String, String)> {
    let page = "[document.documentElement.lang, document.documentElement.dir, document.querySelector('h1')?.innerText]";
    person.wait_for_element("start").await?;
    person.evaluate(page).await
}

fn speaks(of: (String, String, String), language: &str, direction: &str, heading: &str) -> Result<()> {
    let right = of.0 == language && of.1 == direction && of.2.starts_with(heading);
    ensure!(right, "{of:?} is not {language}, {direction}, {heading:?}");
    Ok(())
}

const ENGLISH: &str = "Talk face to face.";
const GERMAN: &str = "Von Angesicht zu Angesicht.";
const CHINESE: &str = "面对面，聊一聊。";

/// A browser of somebody in Vienna who also studies Klingon; then another language is chosen.
fn a_browser_gets_its_own_language_and_its_person_another(kind: Kind) {
    test(async move |world| {
        let server = world.server().await?;
        let ada =
            world.person("Ada", Options::of(kind, 1).languages("tlh,de-AT,de,en"), server.address).await?;
        world
            .watched(&[&ada], async {
                ada.open(&server.url()).await?;
                speaks(page(&ada).await?, "de", "ltr", GERMAN)?;
                let description = "document.querySelector('meta[name=description]').content";
                ensure!(
                    ada.evaluate::<String>(description).await?.starts_with("Von Angesicht"),
                    "the description"
                );
                let plurals = "['en', 'de', 'es', 'fr', 'zh-Hans'].map((language) =>
                    [0, 1, 2].map((number) => new Intl.PluralRules(language).select(number)).join(' '))";
                let expected = [
                    "other one other",
                    "other one other",
                    "other one other",
                    "one one other",
                    "other other other",
                ];
                ensure!(
                    ada.evaluate::<Vec<String>>(plurals).await? == expected,
                    "other plurals than the words have"
                );
                // Somebody else's device, and they like English better.
                choose(&ada, "en").await?;
                ada.says("Talk face to face").await?;
                speaks(page(&ada).await?, "en", "ltr", ENGLISH)?;
                // Whoever chose goes on where they were, and is remembered.
                let focused = "document.activeElement.dataset.testid ?? ''";
                ada.until("the choice to have the focus", async || {
                    Ok((ada.evaluate::<String>(focused).await? == "language").then_some(()))
                })
                .await?;
                ada.open(&server.url()).await?;
                ada.browser.driver.refresh().await?;
                speaks(page(&ada).await?, "en", "ltr", ENGLISH)?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

/// Chooses a language as a person does.
async fn choose(person: &Person, language: &str) -> Result<()> {
    person.wait_for_element("language").await?;
    let option = format!("[data-testid=language] option[value={language}]");
    person.browser.driver.find(thirtyfour::By::Css(option)).await?.click().await?;
    Ok(())
}

#[test]
fn a_chromium_gets_its_own_language_and_its_person_another() {
    a_browser_gets_its_own_language_and_its_person_another(Kind::Chromium);
}

#[test]
fn a_firefox_gets_its_own_language_and_its_person_another() {
    a_browser_gets_its_own_language_and_its_person_another(Kind::Firefox);
}

#[test]
fn a_language_that_does_not_come_is_no_blank_page() {
    test(async |world| {
        let server = world.server().await?;
        let proxy = without_words(server.address, "words-de").await?;
        let options = Options::chromium(1).languages("de");
        let ada = world.person("Ada", options, proxy).await?;
        world
            .watched(&[&ada], async {
                ada.open(&format!("http://{proxy}/")).await?;
                speaks(page(&ada).await?, "en", "ltr", ENGLISH)?;
                // Nor does the choice of one that does not come change anything.
                choose(&ada, "de").await?;
                ada.says("This language could not be loaded").await?;
                speaks(page(&ada).await?, "en", "ltr", ENGLISH)?;
                let chosen = "document.querySelector('[data-testid=language]').value";
                ensure!(ada.evaluate::<String>(chosen).await? == "en", "the choice says what is not so");
                choose(&ada, "zh-Hans").await?;
                ada.says(CHINESE).await?;
                speaks(page(&ada).await?, "zh-Hans", "ltr", CHINESE)?;
                ada.complained_about_nothing(&["404"]).await
            })
            .await
    });
}

/// A proxy on a network that has lost these words: it answers 404.
async fn without_words(server: SocketAddr, lost: &'static str) -> Result<SocketAddr> {
    let listener = TcpListener::bind((server.ip(), 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(pass_on(near, server, lost));
        }
    });
    Ok(address)
}

async fn pass_on(mut near: TcpStream, server: SocketAddr, lost: &str) -> std::io::Result<()> {
    let mut request = vec![0; 16 * 1024];
    let length = near.read(&mut request).await?;
    request.truncate(length);
    let text = String::from_utf8_lossy(&request).into_owned();
    if text.lines().next().is_some_and(|line| line.contains(lost)) {
        return near
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await;
    }
    let mut far = TcpStream::connect(server).await?;
    // One request a connection, so that each is seen.
    far.write_all(text.replace("Connection: keep-alive", "Connection: close").as_bytes()).await?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await.map(drop)
}

/// Whoever uses a screen reader in French finds the way through a whole call.
fn each_page_is_found_in_french(kind: Kind) {
    test(async move |world| {
        let server = world.server().await?;
        let options = Options::of(kind, 1).camera(media::SMALL).languages("fr-CA,fr,en");
        let ada = world.person("Ada", options, server.address).await?;
        world
            .watched(&[&ada], async {
                ada.open(&server.url()).await?;
                for (role, name) in [
                    ("heading", "Parlez face à face."),
                    ("textbox", "Lien vers un appel"),
                    ("button", "Aller à cet appel"),
                    ("button", "Vérifier ma connexion"),
                    ("combobox", "Langue"),
                ] {
                    ada.see(role, name).await?;
                }
                ada.see("button", "Démarrer un appel").await?.click().await?;
                for (role, name) in [
                    ("heading", "Tout est prêt"),
                    ("textbox", "Votre nom"),
                    ("button", "Couper votre micro"),
                    ("button", "Éteindre votre caméra"),
                ] {
                    ada.see(role, name).await?;
                }
                ada.see("button", "Participer").await?.click().await?;
                for name in ["Couper votre micro", "Éteindre votre caméra", "Partager votre écran"] {
                    ada.see("button", name).await?;
                }
                ada.click_on("button", "Quitter l’appel").await?;
                ada.see("heading", "Vous avez quitté l’appel").await?;
                ada.see("button", "Revenir dans l’appel").await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

#[test]
fn each_page_is_found_in_french_by_chromium() {
    each_page_is_found_in_french(Kind::Chromium);
}

#[test]
fn each_page_is_found_in_french_by_firefox() {
    each_page_is_found_in_french(Kind::Firefox);
}

/// In the language that nobody speaks, whatever is plain was never given to translators.
#[test]
fn every_word_is_translated_and_runs_from_right_to_left() {
    test(async |world| {
        let server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::SMALL), server.address),
            world.person("Ben", Options::chromium(2).camera(media::SMALL), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.open(&server.url()).await?;
                page(&ada).await?;
                ada.evaluate::<()>("localStorage.setItem('eyeline-language', 'qps')").await?;
                ada.browser.driver.refresh().await?;
                speaks(page(&ada).await?, "qps", "rtl", "\u{200f}\u{202e}Ţååļķ")?;
                nothing_is_plain(&ada, &[]).await?;
                let link = ada.start_call(&server.url()).await?;
                nothing_is_plain(&ada, &[]).await?;
                ada.join().await?;
                nothing_is_plain(&ada, &["Ada"]).await?;
                ben.open(&link).await?;
                ben.join().await?;
                ada.sees(&[&ben]).await?;
                nothing_is_plain(&ada, &["Ada", "Ben"]).await?;
                ada.click("more").await?;
                nothing_is_plain(&ada, &["Ada", "Ben"]).await?;
                ada.click("check").await?;
                ada.wait_for_element("check-again").await?;
                nothing_is_plain(&ada, &["Ada", "Ben"]).await?;
                ada.click("panel-close").await?;
                // Nothing sticks out of the page to the side.
                let sticks_out = "document.documentElement.scrollWidth - innerWidth";
                ensure!(ada.evaluate::<i32>(sticks_out).await? <= 0, "something sticks out");
                ada.click("leave").await?;
                ada.wait_for_element("rejoin").await?;
                nothing_is_plain(&ada, &["Ada", "Ben"]).await?;
                ada.complained_about_nothing(&[]).await
            })
            .await
    });
}

/// Looks at all visible words and all names of things, but for what people, devices and languages are called.
async fn nothing_is_plain(person: &Person, names: &[&str]) -> Result<()> {
    let words = "(() => {
        const said = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
        while (walker.nextNode()) {
            const node = walker.currentNode;
            if (node.nodeType === Node.TEXT_NODE) {
                if (!node.parentElement.closest('option, output, script, .initials')) said.push(node.data);
            } else {
                for (const name of ['aria-label', 'title', 'placeholder', 'alt']) said.push(node.getAttribute(name) ?? '');
            }
        }
        return said.filter((text) => /[a-z]/i.test(text));
    })()";
    let said: Vec<String> = person.evaluate(words).await?;
    ensure!(!said.is_empty(), "there are no words");
    let plain: Vec<_> = said
        .iter()
        .filter(|text| !names.contains(&text.trim()))
        .filter(|text| text.contains(['a', 'e', 'i', 'o', 'u', 'n', 's', 't']))
        .filter(|text| !names.iter().any(|name| text.contains(&format!("\u{2068}{name}\u{2069}"))))
        .collect();
    ensure!(plain.is_empty(), "not translated: {plain:#?}");
    Ok(())
}

#[test]
fn a_call_goes_on_in_another_language() {
    test(async |world| {
        let server = world.server().await?;
        let (ada, ben) = tokio::try_join!(
            world.person("Ada", Options::chromium(1).camera(media::SMALL), server.address),
            world.person("Ben", Options::firefox(2).languages("fr-CA,fr"), server.address),
        )?;
        world
            .watched(&[&ada, &ben], async {
                ada.calls(&[&ben], &server.url()).await?;
                ada.watches(&ben, "camera").await?;
                let kept = "[harness.connections.length, harness.tracks.length, harness.sockets]";
                let before: Vec<u32> = ada.evaluate(kept).await?;
                ada.evaluate::<()>("eyelineChoose('es')").await?;
                ada.until("Spanish", async || {
                    let name = "document.querySelector('[data-testid=leave]').title";
                    Ok(ada.evaluate::<String>(name).await?.starts_with("Salir").then_some(()))
                })
                .await?;
                ada.sees(&[&ben]).await?;
                ada.is_face_to_face_with(&ben).await?;
                checks::hears(&ada).await?;
                ensure!(ada.evaluate::<Vec<u32>>(kept).await? == before, "something was made anew");
                // The buttons still do what they say.
                ada.click("toggle-camera").await?;
                ada.until("the camera to be off", async || {
                    let name = "document.querySelector('[data-testid=toggle-camera]').title";
                    Ok(ada.evaluate::<String>(name).await?.starts_with("Encender").then_some(()))
                })
                .await?;
                ada.complained_about_nothing(&[]).await?;
                ben.complained_about_nothing(&[]).await
            })
            .await
    });
}
