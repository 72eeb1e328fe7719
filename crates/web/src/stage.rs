//! The stage of a call: who is shown where, and what the person has to say about that.
//!
//! What can be placed are faces and screens. [`scene`] says in which order and which way, [`layout`](crate::layout)
//! where; each of them then follows its own place, and the style sheet lets it move there. What the person has chosen
//! stays as long as the page.

use crate::dom::{Element, Key, changed, el};
use crate::layout::{self, Corner, Mode, Rectangle};
use crate::room::Room;
use crate::speaker::Speaker;
use crate::{browser, tile, words};
use eyeline_browser::view::Person;
use eyeline_browser::{PeerId, Phase, Slot};
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlElement, ResizeObserver};

/// Oneself has no peer identifier here. Another's being all zeros happens once in 2¹²⁸ draws.
pub(crate) const ONESELF: Key = 0;

/// The shape of a picture that has not come yet, or never will.
const USUAL: f32 = 4.0 / 3.0;

/// While a window is being resized, tiles follow it without delay.
const STILL_MILLISECONDS: i32 = 200;

/// What of somebody is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Face,
    Screen,
}

type Item = (Key, Part);

/// What the person wishes to see.
#[derive(Clone, Copy, Default)]
struct Wishes {
    speaker_view: bool,
    /// Whose face is large, whoever speaks.
    pinned: Option<Key>,
    /// In a call of two, oneself fills the window and the other floats.
    swapped: bool,
    hides_self: bool,
    corner: Option<Corner>,
    /// Whose screen is large, if several share.
    watched: Option<Key>,
    side_by_side: bool,
}

/// A place, and what it is like.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    role: Role,
    at: Rectangle,
    /// Its name would stand under the control bar.
    low: bool,
}

/// How somebody is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Grid,
    Large,
    Strip,
    Floating,
}

#[derive(Default)]
struct Stage {
    wishes: Cell<Wishes>,
    speaker: Cell<Speaker>,
    size: Cell<(i32, i32)>,
    /// Width to height of the pictures seen so far; of two parts of everybody at most.
    shapes: RefCell<Vec<(Item, f32)>>,
    places: RefCell<Vec<(Item, Place)>>,
    /// Whose screens were there at the last look.
    screens: RefCell<Vec<Key>>,
}

thread_local! {
    static STAGE: Stage = Stage::default();
}

/// The place of all tiles.
pub(crate) fn stage(room: Room) -> Element {
    let mut observer = None;
    el("main")
        .class("stage")
        .attribute("aria-labelledby", "people")
        .child(el("h1").class("unseen").attribute("id", "people").text(words::people()))
        // Before the tiles, which follow what is decided here.
        .follow(move |node| {
            if observer.is_none() {
                observer = Observer::of(node);
            }
            decide(room);
        })
        .keyed(
            // Oneself comes last.
            move || others(room).into_iter().chain([ONESELF]).collect(),
            move |key| match key {
                ONESELF => tile::own(room),
                peer => tile::person(room, PeerId(peer.to_be_bytes())),
            },
        )
}

/// Everybody else in the call.
pub(crate) fn others(room: Room) -> Vec<Key> {
    room.people(Phase::Call, |person| key_of(person.peer))
}

pub(crate) fn key_of(peer: PeerId) -> Key {
    Key::from_be_bytes(peer.0)
}

/// Whether somebody's screen is to be shown.
pub(crate) fn shares(person: &Person) -> bool {
    person.phase == Phase::Call && person.sending.has(Slot::Screen) && person.show.is_some()
}

/// Whose screens there are to see. One's own share does not take the stage: a hall of mirrors helps nobody.
pub(crate) fn screens(room: Room) -> Vec<Key> {
    room.view(|view| {
        view.people.iter().filter(|person| shares(person)).map(|person| key_of(person.peer)).collect()
    })
    .unwrap_or_default()
}

/// A part of somebody, at its place. What floats can be moved, by [`hands`](crate::hands) and by keys.
pub(crate) fn placed(element: Element, key: Key, part: Part) -> Element {
    let mut shown = None;
    let element = element.attribute("data-place", "").follow(move |node| {
        let place = place_of((key, part));
        if place != shown {
            shown = place;
            put(node.unchecked_ref(), place);
        }
    });
    match part {
        // What can be moved can be reached by Tab.
        Part::Face => element.attribute_of("tabindex", move || if floats(key) { "0" } else { "" }),
        Part::Screen => element,
    }
}

/// The shape of a picture has become known, or is another one.
pub(crate) fn seen(key: Key, part: Part, event: &Event) {
    let Some(video) = event.target() else { return };
    let length =
        |name: &str| js_sys::Reflect::get(&video, &name.into()).ok().and_then(|value| value.as_f64());
    let (Some(width), Some(height)) = (length("videoWidth"), length("videoHeight")) else { return };
    if width > 0.0 && height > 0.0 {
        STAGE.with(|stage| {
            let mut shapes = stage.shapes.borrow_mut();
            shapes.retain(|(item, _)| *item != (key, part));
            shapes.push(((key, part), (width / height) as f32));
        });
        changed();
    }
}

/// Listens who speaks; to be called about ten times a second. Says whether something is to be shown differently.
pub(crate) fn listen(room: Room) -> bool {
    let heard = room.people(Phase::Call, |person| (person.peer, person.sending.has(Slot::Microphone)));
    let levels = room.client(|client| {
        let level = |(peer, on): (PeerId, bool)| (key_of(peer), if on { client.level_of(peer) } else { 0.0 });
        let mut levels: Vec<_> = heard.into_iter().map(level).collect();
        let muted = room.view(|view| !view.me.sending.has(Slot::Microphone)).unwrap_or(true);
        levels.push((ONESELF, if muted { 0.0 } else { client.own_level() }));
        levels
    });
    let Some(levels) = levels else { return false };
    STAGE.with(|stage| {
        let before = stage.speaker.get();
        let mut speaker = before;
        speaker.listen(js_sys::Date::now() as u64, &levels, ONESELF);
        stage.speaker.set(speaker);
        (speaker.marked(), speaker.large()) != (before.marked(), before.large())
    })
}

/// Whether somebody speaks.
pub(crate) fn speaks(key: Key) -> bool {
    STAGE.with(|stage| stage.speaker.get().marked() == Some(key))
}

/// How a part of somebody is shown, if it is.
pub(crate) fn role(key: Key, part: Part) -> Option<Role> {
    place_of((key, part)).map(|place| place.role)
}

/// Makes whoever speaks large, or all alike.
pub(crate) fn toggle_speaker_view() {
    wish(|wishes| {
        wishes.speaker_view = !wishes.speaker_view;
        wishes.pinned = None;
    });
}

pub(crate) fn is_speaker_view() -> bool {
    wishes().speaker_view
}

/// Keeps somebody large, or lets go of them.
pub(crate) fn toggle_pin(key: Key) {
    wish(|wishes| wishes.pinned = if wishes.pinned == Some(key) { None } else { Some(key) });
}

pub(crate) fn is_pinned(key: Key) -> bool {
    wishes().pinned == Some(key)
}

/// Hides oneself from oneself, or ends that.
pub(crate) fn toggle_self() {
    wish(|wishes| wishes.hides_self = !wishes.hides_self);
}

pub(crate) fn hides_self() -> bool {
    wishes().hides_self
}

/// What floats fills the window, and what filled it floats.
pub(crate) fn swap() {
    wish(|wishes| wishes.swapped = !wishes.swapped);
}

/// Takes somebody's screen on the stage.
pub(crate) fn watch(key: Key) {
    wish(|wishes| {
        wishes.watched = Some(key);
        wishes.side_by_side = false;
    });
}

/// Two screens side by side, or one.
pub(crate) fn toggle_side_by_side() {
    wish(|wishes| wishes.side_by_side = !wishes.side_by_side);
}

pub(crate) fn is_side_by_side() -> bool {
    wishes().side_by_side
}

/// Where things float now.
pub(crate) fn corner() -> Corner {
    let (width, height) = STAGE.with(|stage| stage.size.get());
    wishes().corner.unwrap_or(Corner { bottom: width >= height, end: true })
}

/// Lets them float elsewhere.
pub(crate) fn set_corner(corner: Corner) {
    wish(|wishes| wishes.corner = Some(corner));
}

fn floats(key: Key) -> bool {
    role(key, Part::Face) == Some(Role::Floating)
}

/// What a double click on somebody does.
pub(crate) fn enlarge(key: Key) {
    match role(key, Part::Face) {
        Some(Role::Floating) => swap(),
        // In a call of two, who is large already.
        Some(Role::Large) if !is_pinned(key) && !is_speaker_view() => {}
        Some(_) => toggle_pin(key),
        None => {}
    }
}

fn wishes() -> Wishes {
    STAGE.with(|stage| stage.wishes.get())
}

fn wish(change: impl FnOnce(&mut Wishes)) {
    let mut wishes = wishes();
    change(&mut wishes);
    STAGE.with(|stage| stage.wishes.set(wishes));
    changed();
}

fn place_of(item: Item) -> Option<Place> {
    STAGE
        .with(|stage| stage.places.borrow().iter().find(|(other, _)| *other == item).map(|(_, place)| *place))
}

/// Decides on the place of everybody.
fn decide(room: Room) {
    let (others, screens) = (others(room), screens(room));
    STAGE.with(|stage| {
        let mut wishes = stage.wishes.get();
        let known = stage.screens.replace(screens.clone());
        if screens.iter().any(|key| !known.contains(key)) {
            // Who begins to share wants to be looked at.
            wishes.pinned = None;
            stage.wishes.set(wishes);
        }
        let (width, height) = stage.size.get();
        if width < 4 * layout::GAP || height < 4 * layout::GAP {
            return;
        }
        wishes.corner = Some(corner());
        let (items, mode) = scene(wishes, stage.speaker.get().large(), &others, &screens);
        let shapes: Vec<f32> = {
            let known = stage.shapes.borrow();
            let shape = |item: &Item| {
                known.iter().find(|(other, _)| other == item).map_or(USUAL, |(_, shape)| *shape)
            };
            items.iter().map(shape).collect()
        };
        stage.shapes.borrow_mut().retain(|((key, _), _)| *key == ONESELF || others.contains(key));
        let rectangles = layout::arrange(width, height, &shapes, mode);
        let places = items.into_iter().zip(rectangles).enumerate().map(|(index, (item, at))| {
            let role = match mode {
                Mode::Grid => Role::Grid,
                Mode::Floating(_) if index > 0 => Role::Floating,
                Mode::Stage(count) if index >= count => Role::Strip,
                Mode::Floating(_) | Mode::Stage(_) => Role::Large,
            };
            (item, Place { role, at, low: is_low(width, height, at) })
        });
        stage.places.replace(places.collect());
    });
}

/// In which order people and screens are shown, and how.
fn scene(wishes: Wishes, speaks: Option<Key>, others: &[Key], screens: &[Key]) -> (Vec<Item>, Mode) {
    let mut faces = others.to_vec();
    if !wishes.hides_self || others.is_empty() {
        faces.push(ONESELF);
    }
    let pinned = wishes.pinned.filter(|key| faces.contains(key));
    let on_stage: Vec<Item> = match (pinned, screens, others, faces.as_slice()) {
        (Some(key), ..) => vec![(key, Part::Face)],
        (None, [first, ..], ..) => {
            let watched = wishes.watched.filter(|key| screens.contains(key)).unwrap_or(*first);
            let second = screens.iter().find(|key| **key != watched && wishes.side_by_side);
            core::iter::once(&watched).chain(second).map(|key| (*key, Part::Screen)).collect()
        }
        (None, [], [first, _, ..], _) if wishes.speaker_view => {
            vec![(speaks.filter(|key| others.contains(key)).unwrap_or(*first), Part::Face)]
        }
        (None, [], [other], [_, _]) => {
            let (large, small) = if wishes.swapped { (ONESELF, *other) } else { (*other, ONESELF) };
            let corner = wishes.corner.unwrap_or(Corner { bottom: true, end: true });
            return (vec![(large, Part::Face), (small, Part::Face)], Mode::Floating(corner));
        }
        (None, [], _, [only]) => vec![(*only, Part::Face)],
        _ => return (faces.into_iter().map(|key| (key, Part::Face)).collect(), Mode::Grid),
    };
    let mode = Mode::Stage(on_stage.len());
    let all =
        screens.iter().map(|key| (*key, Part::Screen)).chain(faces.into_iter().map(|key| (key, Part::Face)));
    let strip: Vec<Item> = all.filter(|item| !on_stage.contains(item)).collect();
    (on_stage.into_iter().chain(strip).collect(), mode)
}

/// Whether the control bar would cover the name on a tile.
fn is_low(width: i32, height: i32, at: Rectangle) -> bool {
    const HALF_BAR: i32 = 190;
    const NAME: i32 = 240;
    let (middle, end_of_name) = (width / 2, at.x + at.width.min(NAME));
    at.y + at.height > height - layout::BAR_HEIGHT
        && at.x < middle + HALF_BAR
        && end_of_name > middle - HALF_BAR
}

fn put(node: &HtmlElement, place: Option<Place>) {
    let role = match place.map(|place| place.role) {
        None => "",
        Some(Role::Grid) => "grid",
        Some(Role::Large) => "large",
        Some(Role::Strip) => "strip",
        Some(Role::Floating) => "floating",
    };
    let _ = node.set_attribute("data-place", role);
    let _ = node.class_list().toggle_with_force("low", place.is_some_and(|place| place.low));
    if let Some(Place { at, .. }) = place {
        let number = |number: i32| number.to_string();
        let (x, y, width, height) = (number(at.x), number(at.y), number(at.width), number(at.height));
        node.style().set_css_text(
            &["inset-inline-start:", &x, "px;top:", &y, "px;width:", &width, "px;height:", &height, "px"]
                .concat(),
        );
    }
}

/// Follows the size of the stage as long as it is there.
struct Observer {
    observer: ResizeObserver,
    _resized: Closure<dyn FnMut()>,
}

impl Observer {
    fn of(node: &web_sys::Element) -> Option<Self> {
        let stage = node.clone();
        let resized = Closure::<dyn FnMut()>::new(move || {
            STAGE.with(|state| state.size.set((stage.client_width(), stage.client_height())));
            let _ = stage.class_list().add_1("still");
            let still = stage.clone();
            browser::later(STILL_MILLISECONDS, move || {
                let _ = still.class_list().remove_1("still");
            });
            changed();
        });
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
        observer.observe(node);
        Some(Self { observer, _resized: resized })
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Face, Screen};

    const ANA: Key = 1;
    const BEN: Key = 2;
    const CHLOE: Key = 3;

    #[test]
    fn of_two_the_other_is_large_and_the_two_can_be_swapped() {
        let corner = Corner { bottom: true, end: true };
        let (items, mode) = scene(Wishes::default(), None, &[ANA], &[]);
        assert_eq!((items, mode), (vec![(ANA, Face), (ONESELF, Face)], Mode::Floating(corner)));
        let (items, _) = scene(Wishes { swapped: true, ..Wishes::default() }, None, &[ANA], &[]);
        assert_eq!(items, [(ONESELF, Face), (ANA, Face)]);
        let (items, mode) = scene(Wishes { hides_self: true, ..Wishes::default() }, None, &[ANA], &[]);
        assert_eq!((items, mode), (vec![(ANA, Face)], Mode::Stage(1)));
    }

    #[test]
    fn alone_one_sees_oneself_even_if_hidden() {
        let (items, mode) = scene(Wishes { hides_self: true, ..Wishes::default() }, None, &[], &[]);
        assert_eq!((items, mode), (vec![(ONESELF, Face)], Mode::Stage(1)));
    }

    #[test]
    fn speaker_view_shows_who_speaks_large_and_a_pin_holds_against_it() {
        let wishes = Wishes { speaker_view: true, ..Wishes::default() };
        let (items, mode) = scene(wishes, Some(BEN), &[ANA, BEN, CHLOE], &[]);
        assert_eq!((items[0], items.len(), mode), ((BEN, Face), 4, Mode::Stage(1)));
        let pinned = Wishes { pinned: Some(CHLOE), ..wishes };
        assert_eq!(scene(pinned, Some(BEN), &[ANA, BEN, CHLOE], &[]).0[0], (CHLOE, Face));
        // Who has left is no longer pinned.
        assert_eq!(scene(pinned, Some(BEN), &[ANA, BEN], &[]).0[0], (BEN, Face));
    }

    #[test]
    fn screens_take_the_stage_one_or_two_at_a_time() {
        let (items, mode) = scene(Wishes::default(), None, &[ANA, BEN], &[ANA, BEN]);
        assert_eq!(items, [(ANA, Screen), (BEN, Screen), (ANA, Face), (BEN, Face), (ONESELF, Face)]);
        assert_eq!(mode, Mode::Stage(1));
        let (items, _) =
            scene(Wishes { watched: Some(BEN), ..Wishes::default() }, None, &[ANA, BEN], &[ANA, BEN]);
        assert_eq!(items[..2], [(BEN, Screen), (ANA, Screen)]);
        let (_, mode) =
            scene(Wishes { side_by_side: true, ..Wishes::default() }, None, &[ANA, BEN], &[ANA, BEN]);
        assert_eq!(mode, Mode::Stage(2));
    }

    #[test]
    fn a_name_is_moved_only_where_the_bar_is() {
        let at = |x, y| Rectangle { x, y, width: 400, height: 300 };
        assert!(is_low(1440, 900, at(520, 592)));
        assert!(!is_low(1440, 900, at(520, 100)), "in the first row");
        assert!(!is_low(1440, 900, at(1000, 592)), "beside it");
    }
}
