//! Which page is shown.

use crate::room::Room;
use crate::{browser, call, left, lobby, notices, start};
use eyeline_browser::view::Stage;
use eyeline_browser::{Link, LinkError};
use leptos::html;
use leptos::prelude::*;

/// Where a person is.
#[derive(Clone, Copy)]
enum Place {
    /// On the start page; with what is wrong with the link in the address, if one was there.
    Start(Option<LinkError>),
    /// In a room.
    Room(Room),
}

/// The whole page.
pub(crate) fn app() -> impl IntoView {
    browser::reload_when_the_link_changes();
    let fragment = browser::fragment();
    let place = RwSignal::new(match Link::parse(&fragment) {
        Ok(link) => Place::Room(Room::open(link)),
        Err(LinkError::Missing) => Place::Start(None),
        Err(error) => Place::Start(Some(error)),
    });
    // A room's signals belong to the whole page; made in the start page's click they would go with the start page.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let enter = move |link: Link| {
        browser::show_address(&link.to_string());
        let room = owner.get_value().with(|| Room::open(link));
        place.set(Place::Room(room));
        room
    };
    move || match place.get() {
        Place::Start(error) => start::start(error, enter).into_any(),
        Place::Room(room) => in_room(room).into_any(),
    }
}

fn in_room(room: Room) -> impl IntoView {
    let stage = room.stage();
    html::div().class("room").child((
        notices::bar(room),
        move || match stage.get() {
            Stage::Lobby => lobby::lobby(room).into_any(),
            Stage::Call => call::call(room).into_any(),
            Stage::Left => left::left(room).into_any(),
        },
        notices::toast(room),
    ))
}
