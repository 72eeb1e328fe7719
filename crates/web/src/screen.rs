//! What can be done with somebody's screen: a closer look, another screen, another loudness. Loaded late.

use crate::dom::{Element, button, el, entered};
use crate::room::{Room, name_of};
use crate::stage::{self, Part, Role};
use crate::{browser, icons, words};
use eyeline_browser::{PeerId, Slot};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlMediaElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};

/// From one press of a button or one notch of a wheel to the next.
const STEP: f32 = 1.25;
const LARGEST: f32 = 8.0;
/// One press of an arrow key, in pixels.
const PAN: f32 = 60.0;

/// How a picture is looked at: so many times as large as it would fit, its middle moved by so many pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    scale: f32,
    x: f32,
    y: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self { scale: 1.0, x: 0.0, y: 0.0 }
    }
}

impl Look {
    /// Closer, or from further away; what is at `point` (counted from the middle) stays there. `size` is that of the
    /// picture's place.
    fn zoom(self, factor: f32, point: (f32, f32), size: (f32, f32)) -> Self {
        let scale = (self.scale * factor).clamp(1.0, LARGEST);
        let change = scale / self.scale;
        let (x, y) = (point.0 - (point.0 - self.x) * change, point.1 - (point.1 - self.y) * change);
        Self { scale, x, y }.within(size)
    }

    /// Elsewhere, as far as there is something to see.
    fn pan(self, x: f32, y: f32, size: (f32, f32)) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }.within(size)
    }

    fn within(self, size: (f32, f32)) -> Self {
        let most = |length: f32| length * (self.scale - 1.0) / 2.0;
        let (x, y) = (most(size.0), most(size.1));
        Self { x: self.x.clamp(-x, x), y: self.y.clamp(-y, y), ..self }
    }
}

/// What is being done with a screen.
#[derive(Default)]
struct Viewer {
    look: Look,
    /// What is on it: a pointer that drags, or two that pinch.
    pointers: Vec<(i32, (f32, f32))>,
}

type Shared = Rc<RefCell<Viewer>>;

/// Lies over the screen's picture.
pub(crate) fn tools(room: Room, peer: PeerId) -> Element {
    let key = stage::key_of(peer);
    let name = move || room.person(peer, name_of).unwrap_or_default();
    let in_strip = move || stage::role(key, Part::Screen) == Some(Role::Strip);
    el("div")
        .class("tools")
        .when(in_strip, move || {
            let words = move || words::screen_enlarge(&name());
            button("enlarge", move || stage::watch(key))
                .attribute_of("aria-label", words)
                .attribute_of("title", words)
        })
        .when(move || !in_strip(), move || viewer(room, peer))
}

fn viewer(room: Room, peer: PeerId) -> Element {
    let viewer: Shared = Rc::default();
    let name = move || room.person(peer, name_of).unwrap_or_default();
    let hears = |viewer: &Shared, hear: fn(&mut Viewer, &Event)| {
        let viewer = Rc::clone(viewer);
        move |event: Event| {
            hear(&mut viewer.borrow_mut(), &event);
            show(viewer.borrow().look, &event);
        }
    };
    let hand = el("div")
        .class("hand")
        .attribute("data-testid", "screen")
        .attribute("tabindex", "0")
        .attribute("role", "group")
        .attribute_of("aria-label", move || words::screen_keys(&name()))
        .on("wheel", hears(&viewer, wheel))
        .on("dblclick", hears(&viewer, to_native_size))
        .on("keydown", hears(&viewer, key))
        .on("pointerdown", hears(&viewer, down))
        .on("pointermove", hears(&viewer, moved))
        .on("pointerup", hears(&viewer, up))
        .on("pointercancel", hears(&viewer, up));
    let zoom = |viewer: &Shared, factor: f32, hook: &str, name: &str, icon: Element| {
        let viewer = Rc::clone(viewer);
        el("button")
            .class("round")
            .attribute("type", "button")
            .attribute("data-testid", hook)
            .attribute("aria-label", name)
            .attribute("title", name)
            .child(icon)
            .on("click", move |event| {
                let look = viewer.borrow().look.zoom(factor, (0.0, 0.0), size_of(&event));
                viewer.borrow_mut().look = look;
                show(look, &event);
            })
    };
    let several = move || stage::screens(room).len() > 1;
    let sounds = move || room.person(peer, |person| person.sending.has(Slot::ScreenSound)).unwrap_or(false);
    el("div").class("viewer").child(hand).child(
        el("div")
            .class("screen-bar")
            .child(zoom(&viewer, 1.0 / STEP, "zoom-out", words::zoom_out(), icons::minus()))
            .child(el("output").class("zoom").attribute("aria-label", words::zoom()).text("100 %"))
            .child(zoom(&viewer, STEP, "zoom-in", words::zoom_in(), icons::plus()))
            .when(several, || {
                let words = || {
                    if stage::is_side_by_side() {
                        words::screens_one()
                    } else {
                        words::screens_side_by_side()
                    }
                };
                button("quiet", stage::toggle_side_by_side)
                    .attribute("data-testid", "side-by-side")
                    .text_of(words)
            })
            .when(sounds, move || loudness(peer)),
    )
}

/// How loud the screen's own sound is; the voice is as before.
fn loudness(peer: PeerId) -> Element {
    let selector = ["[data-peer=\"", &peer.to_string(), "\"] audio[data-slot=screen-sound]"].concat();
    el("label").class("loudness").child(icons::speaker()).child(
        el("input")
            .attribute("type", "range")
            .attribute("data-testid", "screen-loudness")
            .attribute("aria-label", words::screen_loudness())
            .attribute("min", "0")
            .attribute("max", "100")
            .property("value", &100.into())
            .on("input", move |event| {
                let document = browser::document();
                let audio = document.and_then(|document| document.query_selector(&selector).ok().flatten());
                if let (Some(audio), Ok(percent)) = (audio, entered(&event).parse::<u8>()) {
                    audio.unchecked_ref::<HtmlMediaElement>().set_volume(f64::from(percent.min(100)) / 100.0);
                }
            }),
    )
}

fn wheel(viewer: &mut Viewer, event: &Event) {
    let Some(wheel) = event.dyn_ref::<WheelEvent>() else { return };
    event.prevent_default();
    let factor = if wheel.delta_y() < 0.0 { STEP } else { 1.0 / STEP };
    let point = from_middle((wheel.client_x(), wheel.client_y()), event);
    viewer.look = viewer.look.zoom(factor, point, size_of(event));
}

/// One pixel of the screen to one of this one, or back to the whole.
fn to_native_size(viewer: &mut Viewer, event: &Event) {
    let Some(click) = event.dyn_ref::<MouseEvent>() else { return };
    let native = native_scale(event).filter(|scale| *scale > 1.05).unwrap_or(2.0);
    let factor = if viewer.look.scale > 1.0 { 1.0 / LARGEST } else { native };
    viewer.look =
        viewer.look.zoom(factor, from_middle((click.client_x(), click.client_y()), event), size_of(event));
}

fn key(viewer: &mut Viewer, event: &Event) {
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    let size = size_of(event);
    let look = viewer.look;
    viewer.look = match key.key().as_str() {
        "+" | "=" => look.zoom(STEP, (0.0, 0.0), size),
        "-" => look.zoom(1.0 / STEP, (0.0, 0.0), size),
        "0" => Look::default(),
        "ArrowLeft" => look.pan(PAN, 0.0, size),
        "ArrowRight" => look.pan(-PAN, 0.0, size),
        "ArrowUp" => look.pan(0.0, PAN, size),
        "ArrowDown" => look.pan(0.0, -PAN, size),
        _ => return,
    };
    event.prevent_default();
}

fn down(viewer: &mut Viewer, event: &Event) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    // Two are a pinch; more mean nothing.
    if viewer.pointers.len() < 2 {
        viewer.pointers.push((pointer.pointer_id(), position(pointer)));
        if let Some(hand) = element(event) {
            let _ = hand.set_pointer_capture(pointer.pointer_id());
        }
    }
}

fn moved(viewer: &mut Viewer, event: &Event) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    let (id, to) = (pointer.pointer_id(), position(pointer));
    let Some(index) = viewer.pointers.iter().position(|(other, _)| *other == id) else { return };
    let other = viewer.pointers.iter().find(|(other, _)| *other != id).map(|(_, at)| *at);
    let Some((_, at)) = viewer.pointers.get_mut(index) else { return };
    let from = core::mem::replace(at, to);
    let size = size_of(event);
    viewer.look = match other {
        None => viewer.look.pan(to.0 - from.0, to.1 - from.1, size),
        Some(other) => {
            let apart = |at: (f32, f32)| (at.0 - other.0).abs().max((at.1 - other.1).abs()).max(1.0);
            let middle = (((to.0 + other.0) / 2.0) as i32, ((to.1 + other.1) / 2.0) as i32);
            viewer.look.zoom(apart(to) / apart(from), from_middle(middle, event), size)
        }
    };
}

fn up(viewer: &mut Viewer, event: &Event) {
    if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
        viewer.pointers.retain(|(id, _)| *id != pointer.pointer_id());
    }
}

fn position(pointer: &PointerEvent) -> (f32, f32) {
    (pointer.client_x() as f32, pointer.client_y() as f32)
}

fn element(event: &Event) -> Option<HtmlElement> {
    event.current_target()?.dyn_into().ok()
}

/// The place of the screen that the event is about.
fn place(event: &Event) -> Option<HtmlElement> {
    element(event)?.closest(".screen").ok()??.dyn_into().ok()
}

fn size_of(event: &Event) -> (f32, f32) {
    place(event).map_or((1.0, 1.0), |place| (place.client_width() as f32, place.client_height() as f32))
}

fn from_middle((x, y): (i32, i32), event: &Event) -> (f32, f32) {
    let Some(at) = place(event).map(|place| place.get_bounding_client_rect()) else { return (0.0, 0.0) };
    let from = |point: i32, start: f64, length: f64| (f64::from(point) - start - length / 2.0) as f32;
    (from(x, at.x(), at.width()), from(y, at.y(), at.height()))
}

/// How many times larger than it fits the picture is at one of its pixels to one of this screen.
fn native_scale(event: &Event) -> Option<f32> {
    let place = place(event)?;
    let video = place.query_selector("video").ok().flatten()?;
    let length = |name: &str| {
        let length = js_sys::Reflect::get(&video, &name.into()).ok().and_then(|length| length.as_f64());
        length.filter(|length| *length > 0.0).map(|length| length as f32)
    };
    let (width, height) = (length("videoWidth")?, length("videoHeight")?);
    let (place_width, place_height) = size_of(event);
    let fits = (place_width / width).min(place_height / height);
    let pixels = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()) as f32;
    Some(1.0 / (pixels * fits))
}

/// Whole numbers only: printing fractions would cost the module some kilobytes.
fn show(look: Look, event: &Event) {
    let Some(place) = place(event) else { return };
    let whole = |number: f32| (number as i32).to_string();
    let percent = whole(look.scale * 100.0);
    if let Ok(Some(video)) = place.query_selector("video") {
        let moved =
            ["translate(", &whole(look.x), "px,", &whole(look.y), "px) scale(calc(", &percent, "/100))"];
        let _ = video.unchecked_ref::<HtmlElement>().style().set_property("transform", &moved.concat());
    }
    let _ = place.class_list().toggle_with_force("zoomed", look.scale > 1.0);
    if let Ok(Some(zoom)) = place.query_selector(".zoom") {
        zoom.set_text_content(Some(&[&percent, " %"].concat()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (f32, f32) = (800.0, 600.0);

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let point = (200.0, -100.0);
        let look = Look::default().zoom(2.0, point, SIZE);
        // A point p of the picture is shown at p · scale + offset.
        let shown = |p: (f32, f32)| (p.0 * look.scale + look.x, p.1 * look.scale + look.y);
        assert_eq!(shown(point), point);
        let closer = look.zoom(1.5, point, SIZE);
        assert!((point.0 * closer.scale + closer.x - point.0).abs() < 0.01);
    }

    #[test]
    fn nothing_is_pushed_out_of_its_place() {
        let look = Look::default().zoom(2.0, (0.0, 0.0), SIZE).pan(10_000.0, -10_000.0, SIZE);
        assert_eq!((look.x, look.y), (400.0, -300.0));
        assert_eq!(Look::default().pan(50.0, 50.0, SIZE), Look::default(), "the whole has nowhere to go");
        assert_eq!(look.zoom(0.01, (30.0, 30.0), SIZE), Look::default());
        assert_eq!(Look::default().zoom(1000.0, (0.0, 0.0), SIZE).scale, LARGEST);
    }
}
