//! News that concern the whole call: a bar that pushes the content down, and words that go by themselves.

use crate::dom::{Element, Key, button, el};
use crate::room::Room;
use crate::{browser, words};
use eyeline_browser::view::{Server, Stage, View};
use eyeline_browser::{Action, Slot};

/// What a person can do about the news.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Wait,
    Retry,
    Reload,
}

/// A bar at the top while something is wrong with the server, the own network, or the own machine.
pub(crate) fn bar(room: Room) -> Element {
    el("div").class("bar-place").attribute("role", "status").when(
        move || news(room).is_some(),
        move || {
            el("div")
                .class("bar")
                .child(el("span").text_of(move || news(room).map_or("", |(text, _)| text)))
                .keyed(move || remedy(room), move |key| remedy_button(room, key))
        },
    )
}

fn remedy(room: Room) -> Vec<Key> {
    let remedy = news(room).map(|(_, remedy)| remedy).filter(|remedy| *remedy != Remedy::Wait);
    remedy.into_iter().map(|remedy| remedy as Key).collect()
}

fn remedy_button(room: Room, key: Key) -> Element {
    if key == Remedy::Retry as Key {
        button("quiet", move || room.act(Action::Retry)).text(words::retry())
    } else {
        button("quiet", browser::reload).text(words::reload())
    }
}

fn news(room: Room) -> Option<(&'static str, Remedy)> {
    if let Some(text) = room.hopeless() {
        return Some((text, Remedy::Wait));
    }
    let (server, stage, offline, overworked) =
        room.view(|view| (view.server, view.stage, view.offline, view.overworked))?;
    Some(match server {
        _ if offline && stage == Stage::Call => (words::offline_call(), Remedy::Wait),
        _ if offline => (words::offline_lobby(), Remedy::Wait),
        Server::Connecting | Server::Online if overworked && stage == Stage::Call => {
            (words::overworked(), Remedy::Wait)
        }
        Server::Connecting | Server::Online => return None,
        Server::Offline if stage == Stage::Call => (words::server_offline_call(), Remedy::Wait),
        Server::Offline if stage == Stage::Lobby => (words::server_offline_lobby(), Remedy::Wait),
        Server::Offline => return None,
        Server::CallFull => (words::server_full(), Remedy::Retry),
        Server::LobbyFull => (words::server_lobby_full(), Remedy::Retry),
        Server::LobbyTimeout => (words::server_lobby_timeout(), Remedy::Retry),
        Server::TooManyJoins => (words::server_too_many(), Remedy::Wait),
        Server::Outdated => (words::server_outdated(), Remedy::Reload),
        Server::Replaced => (words::server_replaced(), Remedy::Wait),
    })
}

/// The device that a toast offers.
fn offered(room: Room) -> Option<Slot> {
    room.toast().and_then(|toast| toast.offers)
}

/// What to say, for a while, when the bar has gone.
pub(crate) fn good_news(before: &View, view: &View) -> Option<&'static str> {
    let missed = before.server == Server::Offline;
    match view.stage {
        Stage::Left => None,
        _ if before.offline && !view.offline => Some(words::online_again()),
        Stage::Call if missed && view.server == Server::Online => Some(words::server_back()),
        Stage::Call | Stage::Lobby => None,
    }
}

/// The place of toasts: always there, so that screen readers hear what comes into it.
pub(crate) fn toast(room: Room) -> Element {
    el("div").class("toast-place").attribute("role", "status").attribute("aria-live", "polite").when(
        move || room.toast().is_some(),
        move || {
            el("p")
                .class("toast")
                .child(el("span").text_of(move || room.toast().map(|toast| toast.text).unwrap_or_default()))
                .keyed(
                    move || offered(room).into_iter().map(|slot| slot as Key).collect(),
                    move |_| {
                        button("quiet", move || {
                            if let Some(slot) = offered(room) {
                                room.use_appeared_device(slot);
                            }
                        })
                        .attribute("data-testid", "use-device")
                        .text(words::device_use())
                    },
                )
        },
    )
}
