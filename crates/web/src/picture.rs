//! Media elements that follow a track.

use crate::room::Room;
use eyeline_browser::view::Person;
use eyeline_browser::{Generation, PeerId, Slot, attach};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use web_sys::HtmlMediaElement;

/// Whether the first remote picture has been seen, for the timeline.
static FIRST_FRAME: AtomicBool = AtomicBool::new(false);

/// A tile's own camera or screen. Never heard, only seen.
pub(crate) fn own(room: Room, slot: Slot, label: &'static str) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    Effect::new(move |_| {
        room.follow_tracks();
        if let Some(element) = element.get() {
            let stream = room.client(|client| client.local_stream(slot)).flatten();
            attach(as_media(&element), stream.as_ref());
        }
    });
    video(element, slot, move || label.to_owned(), || {})
}

/// Another person's camera or screen.
pub(crate) fn remote(
    room: Room,
    person: Memo<Option<Person>>,
    slot: Slot,
    label: impl Fn() -> String + Send + 'static,
) -> impl IntoView {
    let element = NodeRef::<html::Video>::new();
    let source = source(person, slot);
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            play(room, as_media(&element), source.get(), slot);
        }
    });
    video(element, slot, label, || {
        if !FIRST_FRAME.swap(true, Ordering::Relaxed) {
            eyeline_browser::mark("first-frame");
        }
    })
}

/// Another person's voice, or the sound of a screen: in an element of its own, so that it does not stop with a picture.
pub(crate) fn sound(room: Room, person: Memo<Option<Person>>, slot: Slot) -> impl IntoView {
    let element = NodeRef::<html::Audio>::new();
    let source = source(person, slot);
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            play(room, as_media(&element), source.get(), slot);
        }
    });
    html::audio().node_ref(element).attr("data-slot", name(slot)).attr("autoplay", true)
}

fn video(
    element: NodeRef<html::Video>,
    slot: Slot,
    label: impl Fn() -> String + Send + 'static,
    seen: fn(),
) -> impl IntoView {
    html::video()
        .node_ref(element)
        .attr("data-slot", name(slot))
        .attr("aria-label", label)
        .attr("autoplay", true)
        .attr("playsinline", true)
        // Sound has elements of its own; a muted picture may always play.
        .prop("muted", true)
        .on(ev::loadeddata, move |_| seen())
}

/// Whose track to play: only what the engine lets be shown, and what the other end says it sends.
fn source(person: Memo<Option<Person>>, slot: Slot) -> Memo<Option<(PeerId, Generation)>> {
    Memo::new(move |_| {
        person.with(|person| {
            let person = person.as_ref().filter(|person| person.sending.has(slot))?;
            Some((person.peer, person.show?))
        })
    })
}

fn play(room: Room, element: &HtmlMediaElement, source: Option<(PeerId, Generation)>, slot: Slot) {
    let stream = source.and_then(|(peer, generation)| {
        room.client(|client| client.remote_stream(peer, generation, slot)).flatten()
    });
    attach(element, stream.as_ref());
}

fn as_media(element: &impl AsRef<HtmlMediaElement>) -> &HtmlMediaElement {
    element.as_ref()
}

fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Microphone => "microphone",
        Slot::Camera => "camera",
        Slot::Screen => "screen",
        Slot::ScreenSound => "screen-sound",
    }
}
