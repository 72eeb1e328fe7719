//! One person: picture, name, and what is the matter.

use crate::room::{Room, name_of};
use crate::{icons, picture, words};
use eyeline_browser::view::{Certificate, Device, Person, PersonState};
use eyeline_browser::{Path, PeerId, Slot};
use leptos::html;
use leptos::prelude::*;

/// How many calm tints there are for people without a picture (see the style sheet).
const TINTS: u8 = 6;

/// Oneself.
pub(crate) fn own(room: Room) -> impl IntoView {
    let name = room.me(String::new(), |me| me.name.clone());
    let camera = room.me(Device::Off, |me| me.camera);
    let screen = room.me(Device::Off, |me| me.screen);
    let muted = room.me(false, |me| !me.sending.has(Slot::Microphone));
    let shows_camera = move || camera.get() == Device::On;
    let shares = Memo::new(move |_| screen.get() == Device::On);
    html::article()
        .class("tile own")
        .class(("sharing", move || shares.get()))
        .attr("data-testid", "tile")
        .attr("data-peer", "")
        .attr("data-state", "connected")
        .attr("data-path", "direct")
        .attr("aria-label", words::you())
        .child((
            html::div().class("face").class(("no-picture", move || !shows_camera())).child((
                html::div()
                    .class("initials")
                    .attr("aria-hidden", "true")
                    .child(move || name.with(|name| initials(name))),
                html::div().class("mirrored").child(picture::own(room, Slot::Camera, words::own_picture())),
                label(move || words::you().to_owned(), move || muted.get()),
            )),
            move || {
                shares.get().then(|| {
                    html::div().class("screen").child((
                        picture::own(room, Slot::Screen, words::sharing_yourself()),
                        html::p().class("caption").child(words::sharing_yourself()),
                    ))
                })
            },
        ))
}

/// Another person.
pub(crate) fn person(room: Room, peer: PeerId) -> impl IntoView {
    let person = Memo::new(move |_| {
        room.view(|view| view.people.iter().find(|person| person.peer == peer).cloned()).flatten()
    });
    let look = move |look: fn(&Person) -> bool| person.with(|person| person.as_ref().is_some_and(look));
    let name = Memo::new(move |_| person.with(|person| person.as_ref().map(name_of).unwrap_or_default()));
    let shares = Memo::new(move |_| look(|person| person.sending.has(Slot::Screen) && person.show.is_some()));
    let shows_camera = move || look(|person| person.sending.has(Slot::Camera) && person.show.is_some());
    let muted = move || look(|person| person.show.is_some() && !person.sending.has(Slot::Microphone));
    let state = Memo::new(move |_| {
        person.with(|person| person.as_ref().map_or("gone", |person| state(person.state)))
    });
    let path = Memo::new(move |_| person.with(|person| path(person.as_ref().and_then(|person| person.path))));
    html::article()
        .class(format!("tile tint-{}", tint(peer)))
        .class(("sharing", move || shares.get()))
        .attr("data-testid", "tile")
        .attr("data-peer", peer.to_string())
        .attr("data-state", move || state.get())
        .attr("data-path", move || path.get())
        .attr("aria-label", move || name.get())
        .child((
            html::div().class("face").class(("no-picture", move || !shows_camera())).child((
                html::div()
                    .class("initials")
                    .attr("aria-hidden", "true")
                    .child(move || name.with(|name| initials(name))),
                picture::remote(room, person, Slot::Camera, move || words::picture_of(&name.get())),
                label(move || name.get(), muted),
                relayed(person, name),
                trouble(person, name),
            )),
            picture::sound(room, person, Slot::Microphone),
            picture::sound(room, person, Slot::ScreenSound),
            move || {
                shares.get().then(|| {
                    let label = move || words::screen_of(&name.get());
                    html::div().class("screen").child((
                        picture::remote(room, person, Slot::Screen, label),
                        html::p().class("caption").child(label),
                    ))
                })
            },
        ))
}

fn label(
    name: impl Fn() -> String + Send + 'static,
    muted: impl Fn() -> bool + Send + Copy + 'static,
) -> impl IntoView {
    html::p().class("label").child((
        move || {
            muted().then(|| {
                html::span()
                    .class("muted")
                    .attr("role", "img")
                    .attr("aria-label", words::is_muted())
                    .child(icons::microphone_off())
            })
        },
        html::span().class("name").child(name),
    ))
}

/// The connection sign: only where it is not simply direct and fine.
fn relayed(person: Memo<Option<Person>>, name: Memo<String>) -> impl IntoView {
    let relayed =
        Memo::new(move |_| person.with(|p| p.as_ref().is_some_and(|p| p.path == Some(Path::Relayed))));
    move || {
        relayed.get().then(|| {
            html::p()
                .class("path")
                .attr("title", words::path_relayed_hint(&name.get()))
                .child((icons::relayed(), words::path_relayed()))
        })
    }
}

/// One line, in words, on the tile that it concerns.
fn trouble(person: Memo<Option<Person>>, name: Memo<String>) -> impl IntoView {
    let sentence = Memo::new(move |_| {
        let name = name.get();
        person.with(|person| {
            let person = person.as_ref()?;
            if person.certificate == Certificate::Mismatch {
                return Some(words::state_mismatch().to_owned());
            }
            match person.state {
                PersonState::Connecting => Some(words::state_connecting(&name)),
                PersonState::Connected => None,
                PersonState::Reconnecting => Some(words::state_reconnecting(&name)),
                PersonState::Gone => Some(words::state_gone(&name)),
            }
        })
    });
    html::div()
        .class("matter-place")
        .attr("role", "status")
        .child(move || sentence.get().map(|text| html::p().class("matter").child(text)))
}

fn state(state: PersonState) -> &'static str {
    match state {
        PersonState::Connecting => "connecting",
        PersonState::Connected => "connected",
        PersonState::Reconnecting => "reconnecting",
        PersonState::Gone => "gone",
    }
}

fn path(path: Option<Path>) -> Option<&'static str> {
    path.map(|path| match path {
        Path::Direct => "direct",
        Path::Relayed => "relayed",
    })
}

fn tint(peer: PeerId) -> u8 {
    peer.0.first().map_or(0, |byte| byte % TINTS)
}

/// The first letters of the first and the last word.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ana"), "A");
        assert_eq!(initials("  ana maria da silva "), "AS");
        assert_eq!(initials("Élodie"), "É");
        assert_eq!(initials(""), "");
    }
}
