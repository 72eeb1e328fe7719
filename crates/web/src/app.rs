//! Which page is shown.

use crate::dom::{Element, Key, Maker, changed, el};
use crate::room::Room;
use crate::{browser, call, check, focus, late, left, lobby, notices, panels, recent, shortcuts, start};
use eyeline_browser::view::Stage;
use eyeline_browser::{Link, LinkError};
use std::cell::Cell;
use std::rc::Rc;

/// Opens what the address says; the whole page, to be made in the document's body.
pub(crate) fn app() -> Maker {
    browser::reload_when_the_link_changes();
    #[cfg(feature = "styleguide")]
    if browser::fragment() == crate::styleguide::ADDRESS {
        return Box::new(|body| body.child(late::place(late::Part::Styleguide, None)));
    }
    if browser::fragment() == check::ADDRESS {
        panels::open(panels::Panel::Check, None);
    }
    let (room, wrong) = match Link::parse(&browser::fragment()) {
        Ok(link) => (Some(Room::open(link)), None),
        Err(LinkError::Missing) => (None, None),
        Err(_) if panels::is_open() => (None, None),
        Err(error) => (None, Some(error)),
    };
    let room = Rc::new(Cell::new(room));
    shortcuts::listen(Rc::clone(&room));
    Box::new(move |body| page(body, &room, wrong))
}

fn page(body: Element, room: &Rc<Cell<Option<Room>>>, wrong: Option<LinkError>) -> Element {
    let (room, entered) = (Rc::clone(room), Rc::clone(room));
    body.choose(
        move || Key::from(entered.get().is_some()),
        move |_| match room.get() {
            Some(room) => in_room(room),
            None => start::start(wrong, enter(&room)),
        },
    )
    .child(panels::place())
}

/// From the start page to a call's lobby.
fn enter(room: &Rc<Cell<Option<Room>>>) -> Rc<dyn Fn(Link) -> Room> {
    let place = Rc::clone(room);
    Rc::new(move |link| {
        browser::show_address(&link.to_string());
        let room = Room::open(link);
        place.set(Some(room));
        changed();
        room
    })
}

fn in_room(room: Room) -> Element {
    let which = move || room.stage() as Key;
    let page = move |_| {
        focus::to_the_page();
        match room.stage() {
            Stage::Lobby => lobby::lobby(room),
            Stage::Call => call::call(room).when(recent::are_kept, move || {
                late::quiet(late::Part::NoteCall, room).attribute("hidden", "")
            }),
            Stage::Left => left::left(room),
        }
    };
    el("div")
        .class("room")
        .child(notices::bar(room))
        .choose(which, page)
        .child(notices::toast(room))
        .child(late::quiet(late::Part::Announcements, room))
}
