//! One person: picture, name, and what is the matter.

use crate::dom::{Element, Text, button, changed, el};
use crate::room::{Room, name_of};
use crate::{icons, picture, speaking, words};
use eyeline_browser::devices::Share;
use eyeline_browser::view::{Certificate, Device, Person, PersonState};
use eyeline_browser::{Action, Client, Path, PeerId, RelayTransport, Slot};

/// Oneself.
pub(crate) fn own(room: Room) -> Element {
    let shares = move || room.device(Slot::Screen) == Device::On;
    let muted = move || room.is_muted();
    speaking::ring(el("article"), room, None)
        .class("tile own")
        .class_if("sharing", shares)
        .attribute("data-testid", "tile")
        .attribute("data-peer", "")
        .attribute("data-state", "connected")
        .attribute("data-path", "direct")
        .attribute("aria-label", words::you())
        .child(
            el("div")
                .class("face")
                .class_if("no-picture", move || room.device(Slot::Camera) != Device::On)
                .child(own_initials(room))
                .child(el("div").class("mirrored").child(picture::own(
                    room,
                    Slot::Camera,
                    words::own_picture(),
                )))
                .child(label(el("span").text(words::you()), muted)),
        )
        .when(shares, move || {
            el("div")
                .class("screen")
                .child(picture::own(room, Slot::Screen, words::sharing_yourself()))
                .child(own_share(room))
        })
}

/// Another person.
pub(crate) fn person(room: Room, peer: PeerId) -> Element {
    let holds = move |look: fn(&Person) -> bool| room.person(peer, look).unwrap_or(false);
    let shares = move || holds(|person| person.sending.has(Slot::Screen) && person.show.is_some());
    let shows_camera = move || holds(|person| person.sending.has(Slot::Camera) && person.show.is_some());
    let muted = move || holds(|person| person.show.is_some() && !person.sending.has(Slot::Microphone));
    let name = move || room.person(peer, name_of).unwrap_or_default();
    let screen_of = move || words::screen_of(&name());
    speaking::ring(el("article"), room, Some(peer))
        .class(tint(peer))
        .class_if("sharing", shares)
        .attribute("data-testid", "tile")
        .attribute("data-peer", &peer.to_string())
        .attribute_of("data-state", move || room.person(peer, state).unwrap_or("gone"))
        .attribute_of("data-path", move || room.person(peer, path).unwrap_or_default())
        .attribute_of("data-relay", move || room.person(peer, relay).unwrap_or_default())
        .attribute_of("aria-label", name)
        .child(
            el("div")
                .class("face")
                .class_if("no-picture", move || !shows_camera())
                .child(initials_of(move || initials(&name())))
                .child(picture::remote(room, peer, Slot::Camera, move || words::picture_of(&name())))
                .child(label(el("span").text_of(name), muted))
                .when(move || holds(is_relayed), move || relayed(room, peer))
                .child(trouble(room, peer)),
        )
        .child(picture::sound(room, peer, Slot::Microphone))
        .child(picture::sound(room, peer, Slot::ScreenSound))
        .when(shares, move || {
            el("div").class("screen").child(picture::remote(room, peer, Slot::Screen, screen_of)).child(
                el("p").class("caption").text_of(move || {
                    match holds(|person| person.paused.has(Slot::Screen)) {
                        true => words::screen_paused(&name()),
                        false => screen_of(),
                    }
                }),
            )
        })
}

/// What one shares, and how.
fn own_share(room: Room) -> Element {
    let paused = move || room.view(|view| view.me.paused.has(Slot::Screen)).unwrap_or(false);
    let sharp = move || room.client(Client::share) != Some(Share::SmoothMotion);
    let words = move || if paused() { words::share_is_paused() } else { words::sharing_yourself() };
    el("div")
        .class("caption")
        .child(el("span").attribute("role", "status").text_of(words))
        .child(
            button("quiet", move || room.act(Action::PauseShare(!paused())))
                .attribute("data-testid", "pause-share")
                .text_of(move || if paused() { words::share_resume() } else { words::share_pause() }),
        )
        .child(
            button("quiet", move || {
                let share = if sharp() { Share::SmoothMotion } else { Share::SharpText };
                room.client(|client| client.set_share(share));
                changed();
            })
            .attribute("data-testid", "share-style")
            .text_of(move || if sharp() { words::share_smooth() } else { words::share_sharp() }),
        )
}

/// The letters in place of the own picture.
pub(crate) fn own_initials(room: Room) -> Element {
    initials_of(move || room.view(|view| initials(&view.me.name)).unwrap_or_default())
}

fn initials_of(letters: impl Fn() -> String + 'static) -> Element {
    el("div").class("initials").attribute("aria-hidden", "true").text_of(letters)
}

fn label(name: Element, muted: impl Fn() -> bool + 'static) -> Element {
    let sign = || {
        el("span")
            .class("muted")
            .attribute("role", "img")
            .attribute("aria-label", words::is_muted())
            .child(icons::microphone_off())
    };
    el("p").class("label").when(muted, sign).child(name.class("name"))
}

/// The connection sign: only where it is not simply direct and fine.
fn relayed(room: Room, peer: PeerId) -> Element {
    let hint = move |person: &Person| {
        let name = name_of(person);
        match person.path {
            Some(Path::Relayed(RelayTransport::Tcp)) => words::path_relayed_tcp_hint(&name),
            Some(Path::Relayed(RelayTransport::Tls)) => words::path_relayed_tls_hint(&name),
            _ => words::path_relayed_hint(&name),
        }
    };
    el("p")
        .class("path")
        .attribute_of("title", move || room.person(peer, hint).unwrap_or_default())
        .child(icons::relayed())
        .text(words::path_relayed())
}

/// One line, in words, on the tile that it concerns.
fn trouble(room: Room, peer: PeerId) -> Element {
    let sentence = move || room.person(peer, matter).unwrap_or_default();
    el("div")
        .class("matter-place")
        .attribute("role", "status")
        .when(move || !sentence().is_empty(), move || el("p").class("matter").text_of(sentence))
}

/// What is the matter; empty if nothing is.
fn matter(person: &Person) -> Text {
    if person.certificate == Certificate::Mismatch {
        return words::state_mismatch().into();
    }
    let name = name_of(person);
    match person.state {
        PersonState::Connecting => words::state_connecting(&name).into(),
        PersonState::Connected if person.paused.has(Slot::Microphone) => {
            words::microphone_rests(&name).into()
        }
        PersonState::Connected if person.paused.has(Slot::Camera) => words::camera_rests(&name).into(),
        PersonState::Connected => Text::default(),
        PersonState::Reconnecting => words::state_reconnecting(&name).into(),
        PersonState::Gone => words::state_gone(&name).into(),
    }
}

fn state(person: &Person) -> &'static str {
    match person.state {
        PersonState::Connecting => "connecting",
        PersonState::Connected => "connected",
        PersonState::Reconnecting => "reconnecting",
        PersonState::Gone => "gone",
    }
}

/// Empty as long as it is not known.
fn path(person: &Person) -> &'static str {
    match person.path {
        None => "",
        Some(Path::Direct) => "direct",
        Some(Path::Relayed(_)) => "relayed",
    }
}

fn is_relayed(person: &Person) -> bool {
    matches!(person.path, Some(Path::Relayed(_)))
}

/// By what the relay is reached; empty without one.
fn relay(person: &Person) -> &'static str {
    match person.path {
        Some(Path::Relayed(RelayTransport::Udp)) => "udp",
        Some(Path::Relayed(RelayTransport::Tcp)) => "tcp",
        Some(Path::Relayed(RelayTransport::Tls)) => "tls",
        Some(Path::Relayed(RelayTransport::TheOthers)) => "theirs",
        Some(Path::Direct) | None => "",
    }
}

/// A peer's classes; its tint is a calm one for want of a picture (see the style sheet).
fn tint(peer: PeerId) -> &'static str {
    match peer.0.first().map_or(0, |byte| byte % 6) {
        0 => "tile tint-0",
        1 => "tile tint-1",
        2 => "tile tint-2",
        3 => "tile tint-3",
        4 => "tile tint-4",
        _ => "tile tint-5",
    }
}

/// The first letters of the first and the last word. The style sheet makes them capitals: the table for that would be
/// 12 KB of the module.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ana"), "A");
        assert_eq!(initials("  ana maria da silva "), "as");
        assert_eq!(initials("Élodie"), "É");
        assert_eq!(initials(""), "");
    }
}
