//! Media elements that follow a track.

use crate::dom::{Element, Text, el};
use crate::room::Room;
use eyeline_browser::{Generation, PeerId, Slot, attach};
use std::cell::Cell;
use wasm_bindgen::JsCast;

thread_local! {
    /// Whether the first remote picture has been seen, for the timeline.
    static FIRST_FRAME: Cell<bool> = const { Cell::new(false) };
}

/// A tile's own camera or screen. Never heard, only seen.
pub(crate) fn own(room: Room, slot: Slot, label: &str) -> Element {
    let mut shown = None;
    video(slot).attribute("aria-label", label).follow(move |element| {
        let tracks = Some(room.tracks());
        if tracks != shown {
            shown = tracks;
            let stream = room.client(|client| client.local_stream(slot)).flatten();
            attach(element.unchecked_ref(), stream.as_ref());
        }
    })
}

/// Another person's camera or screen.
pub(crate) fn remote<T: Into<Text>>(
    room: Room,
    peer: PeerId,
    slot: Slot,
    label: impl Fn() -> T + 'static,
) -> Element {
    play(video(slot), room, peer, slot).attribute_of("aria-label", label).on("loadeddata", |_| {
        if !FIRST_FRAME.replace(true) {
            eyeline_browser::mark("first-frame");
        }
    })
}

/// Another person's voice, or the sound of a screen: in an element of its own, so that it does not stop with a picture.
pub(crate) fn sound(room: Room, peer: PeerId, slot: Slot) -> Element {
    play(media("audio", slot), room, peer, slot)
}

fn video(slot: Slot) -> Element {
    // Sound has elements of its own; a muted picture may always play.
    // Firefox would stop at it with the keyboard, though nothing can be done with it.
    media("video", slot)
        .attribute("playsinline", "")
        .attribute("tabindex", "-1")
        .property("muted", &true.into())
}

fn media(element: &str, slot: Slot) -> Element {
    el(element).attribute("data-slot", name(slot)).attribute("autoplay", "")
}

/// Plays a peer's track, and another one when it is replaced.
fn play(element: Element, room: Room, peer: PeerId, slot: Slot) -> Element {
    let mut playing = None;
    let mut routed = None;
    element.follow(move |element| {
        let speakers = Some(room.speakers());
        if speakers != routed {
            routed = speakers;
            room.client(|client| client.route(element.unchecked_ref()));
        }
        let source = source(room, peer, slot);
        if source != playing {
            playing = source;
            let stream = source.and_then(|generation| {
                room.client(|client| client.remote_stream(peer, generation, slot)).flatten()
            });
            attach(element.unchecked_ref(), stream.as_ref());
        }
    })
}

/// Which connection's track to play: only what the engine lets be shown, and what the other end says it sends.
fn source(room: Room, peer: PeerId, slot: Slot) -> Option<Generation> {
    room.person(peer, |person| person.show.filter(|_| person.sending.has(slot))).flatten()
}

fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Microphone => "microphone",
        Slot::Camera => "camera",
        Slot::Screen => "screen",
        Slot::ScreenSound => "screen-sound",
    }
}
