//! Three and four people: everyone sees everyone, and each picture is the right one's.

use anyhow::Result;
use eyeline_e2e::{Kind, Options, Person, World, checks, media, test};

async fn a_call_of(world: &World, kinds: &[Kind]) -> Result<()> {
    let server = world.server().await?;
    let mut people = Vec::new();
    for ((kind, name), who) in kinds.iter().zip(["Ada", "Ben", "Cleo", "Dora"]).zip(1..) {
        // Small cameras: all of them are encoded and decoded on this one machine.
        let mut options = Options::of(*kind, who).camera(media::TINY);
        // Small windows too: without a graphics card every picture is composed by the processor.
        options.window = (480, 400);
        people.push(world.person(name, options, server.address).await?);
    }
    let everybody: Vec<&Person> = people.iter().collect();
    world
        .watched(&everybody, async {
            let Some((first, others)) = people.split_first() else { return Ok(()) };
            first.calls(&others.iter().collect::<Vec<_>>(), &server.url()).await?;
            for person in &people {
                let rest: Vec<&Person> =
                    people.iter().filter(|other| !std::ptr::eq(*other, person)).collect();
                person.sees(&rest).await?;
                for other in rest {
                    person.watches(other, "camera").await?;
                }
                checks::hears(person).await?;
                checks::is_direct(person).await?;
            }
            checks::everyone_sees_everyone(&people).await?;
            for person in &people {
                person.complained_about_nothing(&[]).await?;
            }
            Ok(())
        })
        .await
}

#[test]
fn three_people_see_each_other() {
    test(async |world| a_call_of(world, &[Kind::Chromium, Kind::Firefox, Kind::Chromium]).await);
}

/// Without Firefox: its fake camera is always 640×480, and encoding that for three others starves a machine of two
/// cores so much that a plain colour can no longer be told from another by when it changes.
#[test]
fn four_people_see_each_other() {
    test(async |world| a_call_of(world, &[Kind::Chromium; 4]).await);
}
