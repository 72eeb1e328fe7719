//! One person: picture, name, and what is the matter.

use crate::dom::{Element, Key, Text, el};
use crate::late::Part as Late;
use crate::menu::{self, Menu};
use crate::room::{Room, name_of};
use crate::stage::{self, ONESELF, Part, Role};
use crate::{icons, late, picture, words};
use eyeline_browser::view::{Certificate, Device, Person, PersonState, Repair};
use eyeline_browser::{Path, PeerId, Quality, RelayTransport, Slot};

/// Oneself.
pub(crate) fn own(room: Room) -> Element {
    let muted = move || room.view(|view| !view.me.sending.has(Slot::Microphone)).unwrap_or(false);
    let camera = move || room.device(Slot::Camera) == Device::On;
    let picture = picture::own(room, Slot::Camera, words::own_picture())
        .on("resize", |event| stage::seen(ONESELF, Part::Face, &event));
    let face = face(ONESELF, words::you)
        .class_if("no-picture", move || !camera())
        .child(own_initials(room))
        .child(el("div").class("mirrored").child(picture))
        .child(label(
            el("span").text(words::you()),
            move || room.view(|view| view.me.hand).unwrap_or(false),
            muted,
            move || !camera(),
        ));
    el("article")
        .class("tile own")
        .class_if("speaks", || stage::speaks(ONESELF))
        .attribute("data-testid", "tile")
        .attribute("data-peer", "")
        .attribute("data-state", "connected")
        .attribute("data-path", "direct")
        .attribute("aria-label", words::you())
        .child(face.child(menu_button(ONESELF, words::you)))
}

/// Another person.
pub(crate) fn person(room: Room, peer: PeerId) -> Element {
    let key = stage::key_of(peer);
    let holds = move |look: fn(&Person) -> bool| room.person(peer, look).unwrap_or(false);
    let shows_camera = move || {
        holds(|person| person.sending.without(person.spared).has(Slot::Camera) && person.show.is_some())
    };
    let muted = move || holds(|person| person.show.is_some() && !person.sending.has(Slot::Microphone));
    let camera_off = move || holds(|person| person.show.is_some() && !person.sending.has(Slot::Camera));
    let name = move || room.person(peer, name_of).unwrap_or_default();
    let picture = picture::remote(room, peer, Slot::Camera, move || words::picture_of(&name()))
        .on("resize", move |event| stage::seen(key, Part::Face, &event));
    let face = face(key, name)
        .class_if("no-picture", move || !shows_camera())
        .child(initials_of(move || initials(&name())))
        .child(picture)
        .child(
            label(el("span").text_of(name), move || holds(|person| person.hand), muted, camera_off)
                .when(move || holds(is_weak), move || weak(room, peer)),
        )
        .when(move || holds(is_relayed), move || relayed(room, peer))
        .child(trouble(room, peer))
        .child(menu_button(key, name));
    el("article")
        .class(tint(peer))
        .class_if("speaks", move || stage::speaks(key))
        .attribute("data-testid", "tile")
        .attribute("data-peer", &peer.to_string())
        .attribute_of("data-state", move || room.person(peer, state).unwrap_or("gone"))
        .attribute_of("data-path", move || room.person(peer, path).unwrap_or_default())
        .attribute_of("data-relay", move || room.person(peer, relay).unwrap_or_default())
        .attribute_of("aria-label", name)
        .child(face)
        .child(picture::sound(room, peer, Slot::Microphone))
        .child(picture::sound(room, peer, Slot::ScreenSound))
        .when(move || holds(stage::shares), move || screen(room, peer))
}

/// Somebody's picture and what is written on it, at its place on the stage.
fn face<T: Into<Text> + 'static>(key: Key, name: impl Fn() -> T + 'static) -> Element {
    let floats = move || stage::role(key, Part::Face) == Some(Role::Floating);
    // Only what floats can be reached by Tab, and needs a name of its own.
    let said = move || if floats() { Text::from(words::floating(&name().into())) } else { Text::default() };
    stage::placed(el("div").class("face"), key, Part::Face)
        .attribute_of("role", move || if floats() { "group" } else { "" })
        .attribute_of("aria-label", said)
}

/// What can be done about somebody, on demand: nothing stands over a face for long.
fn menu_button<T: Into<Text> + 'static>(key: Key, name: impl Fn() -> T + 'static) -> Element {
    let menu = Menu::Person(key);
    menu::opener("tile-menu", menu)
        .attribute("data-testid", "tile-menu")
        .attribute_of("aria-label", move || Text::from(words::menu_of(&name().into())))
        .child(icons::more())
}

/// Somebody's screen. What can be done with it is loaded late.
fn screen(room: Room, peer: PeerId) -> Element {
    let key = stage::key_of(peer);
    let name = move || room.person(peer, name_of).unwrap_or_default();
    let screen_of = move || words::screen_of(&name());
    let paused = move || room.person(peer, |person| person.paused.has(Slot::Screen)).unwrap_or(false);
    let spared = move || room.person(peer, |person| person.spared.has(Slot::Screen)).unwrap_or(false);
    let picture = picture::remote(room, peer, Slot::Screen, screen_of)
        .on("resize", move |event| stage::seen(key, Part::Screen, &event));
    stage::placed(el("div").class("screen"), key, Part::Screen)
        .class_if("paused", paused)
        .child(picture)
        .child(el("p").class("caption").attribute("role", "status").text_of(move || {
            match (spared(), paused()) {
                (true, _) => words::screen_spared(&name()),
                (_, true) => words::screen_paused(&name()),
                _ => screen_of(),
            }
        }))
        .child(late::quiet(Late::Screen(peer), room))
}

/// The letters in place of the own picture.
pub(crate) fn own_initials(room: Room) -> Element {
    initials_of(move || room.view(|view| initials(&view.me.name)).unwrap_or_default())
}

pub(crate) fn initials_of(letters: impl Fn() -> String + 'static) -> Element {
    el("div").class("initials").attribute("aria-hidden", "true").text_of(letters)
}

/// The name, whether there is a raised hand, and what of somebody is switched off.
pub(crate) fn label(
    name: Element,
    hand: impl Fn() -> bool + 'static,
    muted: impl Fn() -> bool + 'static,
    no_camera: impl Fn() -> bool + 'static,
) -> Element {
    el("p")
        .class("label")
        .when(hand, || sign("raised", words::has_hand(), icons::hand()))
        .when(muted, || sign("muted", words::is_muted(), icons::microphone_off()))
        .when(no_camera, || sign("muted", words::has_no_camera(), icons::camera_off()))
        .child(name.class("name"))
}

fn sign(class: &str, words: &str, icon: Element) -> Element {
    el("span").class(class).attribute("role", "img").attribute("aria-label", words).child(icon)
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

/// The quality mark: only where there is something to be noticed.
fn weak(room: Room, peer: PeerId) -> Element {
    let bad = move || room.person(peer, |person| person.quality == Some(Quality::Bad)).unwrap_or(false);
    let hint = move || {
        let name = room.person(peer, name_of).unwrap_or_default();
        if bad() { words::quality_bad(&name) } else { words::quality_weak(&name) }
    };
    el("span")
        .class("quality")
        .class_if("bad", bad)
        .attribute("role", "img")
        .attribute_of("aria-label", hint)
        .attribute_of("title", hint)
        .child(icons::weak())
}

/// One line, in words, on the tile that it concerns.
fn trouble(room: Room, peer: PeerId) -> Element {
    let sentence = move || {
        let offline = room.view(|view| view.offline).unwrap_or(false);
        room.person(peer, |person| matter(person, offline)).unwrap_or_default()
    };
    el("div")
        .class("matter-place")
        // Said aloud by `announce`.
        .when(move || !sentence().is_empty(), move || el("p").class("matter").text_of(sentence))
}

/// What is the matter; empty if nothing is. Who is `offline` has lost the others, and not they their connections.
fn matter(person: &Person, offline: bool) -> Text {
    if person.certificate == Certificate::Mismatch {
        return words::state_mismatch().into();
    }
    let name = name_of(person);
    let spared = person.spared.has(Slot::Camera);
    let words = match (person.state, person.repair) {
        (PersonState::Connected, _) if person.paused.has(Slot::Microphone) => words::microphone_rests(&name),
        (PersonState::Connected, _) if spared && person.sparing.has(Slot::Camera) => {
            words::pictures_spared(&name)
        }
        (PersonState::Connected, _) if spared => words::picture_spared(&name),
        (PersonState::Connected, _) if person.paused.has(Slot::Camera) => words::camera_rests(&name),
        (PersonState::Connected, _) if person.sparing.has(Slot::Camera) => words::own_picture_spared(&name),
        (PersonState::Connected, _) if person.sparing.has(Slot::Screen) => words::own_screen_spared(&name),
        (PersonState::Connected, _) => return Text::default(),
        _ if offline && person.was_connected => words::state_reconnecting(&name),
        (PersonState::Gone | PersonState::Reconnecting, Some(Repair::Unreachable))
            if person.was_connected =>
        {
            words::state_lost(&name)
        }
        (PersonState::Gone, _) if person.was_connected => words::state_lost(&name),
        (PersonState::Gone, _) => words::state_gone(&name),
        // The first restart is over in a moment, mostly.
        (_, Some(Repair::Restart(2..) | Repair::NewConnection(_))) => words::state_another_way(&name),
        (PersonState::Reconnecting, _) => words::state_reconnecting(&name),
        (PersonState::Connecting, _) => words::state_connecting(&name),
    };
    words.into()
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

fn is_weak(person: &Person) -> bool {
    person.quality.is_some_and(|quality| quality > Quality::Good)
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
    use crate::words::tests::speak_in;
    use eyeline_browser::{Generation, Phase, Slots};

    #[test]
    fn each_rung_has_words_of_its_own() {
        speak_in("en");
        let mut ben = Person {
            peer: PeerId([1; 16]),
            name: "Ben".to_owned(),
            phase: Phase::Call,
            state: PersonState::Connecting,
            sealed: true,
            was_connected: false,
            repair: None,
            path: None,
            quality: None,
            sending: Slots::NONE,
            paused: Slots::NONE,
            spared: Slots::NONE,
            sparing: Slots::NONE,
            hand: false,
            certificate: Certificate::Unknown,
            show: None,
        };
        assert_eq!(matter(&ben, false), "Connecting to Ben…");
        ben.repair = Some(Repair::NewConnection(Generation(2)));
        assert_eq!(matter(&ben, false), "Trying another way to Ben…");
        ben.state = PersonState::Gone;
        let gone = matter(&ben, false);
        assert!(gone.starts_with("Ben cannot be reached."), "{gone}");
        ben.state = PersonState::Connected;
        ben.was_connected = true;
        ben.repair = None;
        assert_eq!(matter(&ben, false), "");
        let camera = Slots::NONE.with(Slot::Camera, true);
        ben.sparing = camera;
        assert_eq!(matter(&ben, false), "Your picture is paused for Ben: weak connection");
        (ben.spared, ben.paused) = (camera, camera);
        assert_eq!(matter(&ben, false), "Pictures are paused: weak connection with Ben");
        ben.sparing = Slots::NONE;
        assert_eq!(matter(&ben, false), "The picture of Ben is paused: weak connection");
        ben.spared = Slots::NONE;
        assert_eq!(matter(&ben, false), "The picture of Ben rests at the moment");
        ben.state = PersonState::Reconnecting;
        let words = [
            (Repair::Waiting, "Reconnecting to Ben…"),
            (Repair::Restart(1), "Reconnecting to Ben…"),
            (Repair::Restart(2), "Trying another way to Ben…"),
            (Repair::NewConnection(Generation(2)), "Trying another way to Ben…"),
            (Repair::Unreachable, "Ben’s connection is lost. Waiting for Ben to come back…"),
        ];
        for (repair, words) in words {
            ben.repair = Some(repair);
            assert_eq!(matter(&ben, false), words);
            assert_eq!(matter(&ben, true), "Reconnecting to Ben…", "it is not Ben who is away");
        }
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ana"), "A");
        assert_eq!(initials("  ana maria da silva "), "as");
        assert_eq!(initials("Élodie"), "É");
        assert_eq!(initials(""), "");
    }
}
