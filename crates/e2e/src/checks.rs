//! What must hold of every call.

use crate::person::{Person, SOON};
use crate::picture::Film;
use crate::until;
use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use std::time::Duration;

/// How alike a received film and the sender's own must be at least.
///
/// On an idle machine it is above 0.9. One too busy to show every picture in time is still far above what
/// different people's pictures come to (0.2).
const SAME: f64 = 0.6;
/// By how much less alike it must be to anybody else's.
const MARGIN: f64 = 0.3;
/// How long to film.
const SECONDS: f64 = 5.0;

/// `receiver` sees a moving picture that is `sender`'s, not `third`'s (by default the receiver's own), at 640×360 or
/// more, and hears something.
pub async fn sees_and_hears(receiver: &Person, sender: &Person, third: Option<&Person>) -> Result<()> {
    let pair = format!("{} looks at {}", receiver.name, sender.name);
    receiver.watches(sender, "camera").await?;
    receiver
        .until(&format!("{}'s picture to be at least 640×360", sender.name), async || {
            let tile = receiver.tile_of(sender).await?;
            Ok(tile.video("camera").filter(|video| video.width >= 640 && video.height >= 360).map(drop))
        })
        .await?;
    is_the_picture_of(receiver, sender, third.unwrap_or(receiver)).await.context(pair)?;
    hears(receiver).await
}

/// The receiver's film of the sender moves, and is the sender's and nobody else's.
pub async fn is_the_picture_of(receiver: &Person, sender: &Person, third: &Person) -> Result<()> {
    let tile = receiver.tile_of(sender).await?;
    let mut said = String::new();
    // Some tries: Firefox's fake camera shows one colour that goes round, and two of them may be in step for a while;
    // on a loaded machine a film may also have too few pictures.
    for _ in 0..6 {
        let [received, captured, other] = films(receiver, &tile.peer, sender, third).await?;
        let fewest = [&received, &captured, &other].map(|film| film.pictures.len()).into_iter().min();
        if fewest < Some(8) {
            said = format!("too few pictures: {fewest:?}");
            continue;
        }
        let [moves, same, different] =
            [received.movement(), received.correlation(&captured), received.correlation(&other)];
        said = format!(
            "movement {moves:.2}, correlation with the sender {same:.3}, with {}'s own {different:.3} ({} pictures)",
            third.name,
            received.pictures.len()
        );
        if moves > 0.4 && same > SAME && different < same - MARGIN {
            eprintln!("{} looks at {}: {said}", receiver.name, sender.name);
            return Ok(());
        }
        if same > SAME && different >= same - MARGIN && !sender.has_patterned_picture() {
            // In step with the third: starting the sender's camera again puts it out of step.
            sender.click("toggle-camera").await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            sender.click("toggle-camera").await?;
            receiver.watches(sender, "camera").await?;
        }
    }
    anyhow::bail!("{said}")
}

/// Each of `people` sees a moving picture of every other, and each picture is the right one's and nobody else's. All
/// film at the same time.
pub async fn everyone_sees_everyone(people: &[Person]) -> Result<()> {
    // For each person: the others in the order of `people`, then themselves.
    let mut faults = Vec::new();
    for _ in 0..6 {
        let films = try_join_all(people.iter().map(async |person| {
            let mut peers = Vec::new();
            for other in people {
                let own = std::ptr::eq(other, person);
                peers.push(if own { String::new() } else { person.tile_of(other).await?.peer });
            }
            person.films(&peers.iter().map(String::as_str).collect::<Vec<_>>(), SECONDS).await
        }))
        .await?;
        faults.clear();
        for (receiver, (name, shown)) in people.iter().map(|person| &person.name).zip(&films).enumerate() {
            for (sender, received) in shown.iter().enumerate().filter(|(sender, _)| *sender != receiver) {
                let movement = received.movement();
                let alike: Vec<f64> = films
                    .iter()
                    .enumerate()
                    .filter_map(|(of, shown)| Some(received.correlation(shown.get(of)?)))
                    .collect();
                let same = alike.get(sender).copied().unwrap_or_default();
                let others = alike.iter().enumerate().filter(|(of, _)| *of != sender);
                let right = same > SAME
                    && others.fold(-1.0, |most, (_, alike)| f64::max(most, *alike)) < same - MARGIN;
                let said = format!(
                    "{name} looks at person {sender}: movement {movement:.2}, correlation with each {alike:.2?}"
                );
                eprintln!("{said}");
                if !right || movement <= 0.4 {
                    faults.push(said);
                }
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
    }
    anyhow::bail!("wrong or still pictures: {faults:#?}")
}

/// At the same time: what the receiver is shown of `peer`, what the sender captures, what the third captures.
async fn films(receiver: &Person, peer: &str, sender: &Person, third: &Person) -> Result<[Film; 3]> {
    // A browser does one thing at a time for its driver: one that plays two parts films for both at once.
    let own = async |person: &Person| -> Result<Option<Film>> {
        if std::ptr::eq(person, receiver) { Ok(None) } else { Ok(person.films(&[""], SECONDS).await?.pop()) }
    };
    let of_sender_and_third = async {
        if std::ptr::eq(sender, third) {
            let film = own(sender).await?;
            return Ok((film.clone(), film));
        }
        tokio::try_join!(own(sender), own(third))
    };
    let shown = [peer, ""];
    let (mut of_receiver, (captured, other)) =
        tokio::try_join!(receiver.films(&shown, SECONDS), of_sender_and_third)?;
    let receivers_own = of_receiver.pop().unwrap_or_default();
    let received = of_receiver.pop().unwrap_or_default();
    Ok([received, captured.unwrap_or_else(|| receivers_own.clone()), other.unwrap_or(receivers_own)])
}

/// Sound comes from every connected person.
pub async fn hears(receiver: &Person) -> Result<()> {
    let before = receiver.statistics().await?;
    receiver
        .until("sound from everybody", async || {
            let now = receiver.statistics().await?;
            let louder = now.iter().zip(&before).all(|(now, before)| now.audio_energy > before.audio_energy);
            Ok((louder && now.len() == before.len()).then_some(()))
        })
        .await
}

/// Sound arrives at one of `count` or more connections of this page.
pub async fn hears_connection(person: &Person, count: usize) -> Result<()> {
    person
        .until("sound", async || {
            let connections = person.statistics().await?;
            let loud = connections.iter().filter(|connection| connection.audio_energy > 0.0).count();
            Ok((loud >= count).then_some(()))
        })
        .await
}

/// All connected pairs run over UDP without a relay, and the page says `direct`.
pub async fn is_direct(person: &Person) -> Result<()> {
    person
        .until("the page to say direct", async || {
            let tiles = person.others().await?;
            Ok((!tiles.is_empty() && tiles.iter().all(|tile| tile.path == "direct")).then_some(()))
        })
        .await?;
    for connection in person.statistics().await?.iter().filter(|connection| connection.state == "connected") {
        ensure!(
            connection.protocol == "udp" && connection.local != "relay" && connection.remote != "relay",
            "{} is connected by {} {} → {}",
            person.name,
            connection.protocol,
            connection.local,
            connection.remote
        );
    }
    Ok(())
}

/// New pictures of every connection are decoded from now on.
pub async fn decodes_new_pictures(person: &Person) -> Result<()> {
    let before = person.statistics().await?;
    until(&format!("{} decodes new pictures", person.name), SOON, async || {
        let now = person.statistics().await?;
        let all = now.iter().zip(&before).all(|(now, before)| now.frames_decoded > before.frames_decoded + 5);
        Ok((all && !now.is_empty()).then_some(()))
    })
    .await
}
