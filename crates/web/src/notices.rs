//! News that concern the whole call: a bar that pushes the content down, and words that go by themselves.

use crate::room::Room;
use crate::{browser, words};
use eyeline_browser::Action;
use eyeline_browser::view::{Server, Stage};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// What a person can do about the news.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Wait,
    Retry,
    Reload,
}

/// A bar at the top while something is wrong with the server.
pub(crate) fn bar(room: Room) -> impl IntoView {
    let news = Memo::new(move |_| {
        if let Some(text) = room.hopeless.get() {
            return Some((text, Remedy::Wait));
        }
        room.view(|view| news(view.server, view.stage)).flatten()
    });
    html::div().class("bar-place").attr("role", "status").child(move || {
        news.get().map(|(text, remedy)| {
            let button = |label, act: fn(Room)| {
                html::button().r#type("button").class("quiet").on(ev::click, move |_| act(room)).child(label)
            };
            html::div().class("bar").child((
                html::span().child(text),
                match remedy {
                    Remedy::Wait => None,
                    Remedy::Retry => Some(button(words::retry(), |room| room.act(Action::Retry))),
                    Remedy::Reload => Some(button(words::reload(), |_| browser::reload())),
                },
            ))
        })
    })
}

fn news(server: Server, stage: Stage) -> Option<(&'static str, Remedy)> {
    Some(match server {
        Server::Connecting | Server::Online => return None,
        Server::Offline { .. } if stage == Stage::Call => (words::server_offline_call(), Remedy::Wait),
        Server::Offline { .. } if stage == Stage::Lobby => (words::server_offline_lobby(), Remedy::Wait),
        Server::Offline { .. } => return None,
        Server::CallFull => (words::server_full(), Remedy::Retry),
        Server::LobbyFull => (words::server_lobby_full(), Remedy::Retry),
        Server::LobbyTimeout => (words::server_lobby_timeout(), Remedy::Retry),
        Server::TooManyJoins { .. } => (words::server_too_many(), Remedy::Wait),
        Server::Outdated => (words::server_outdated(), Remedy::Reload),
        Server::Replaced => (words::server_replaced(), Remedy::Wait),
    })
}

/// The place of toasts: always there, so that screen readers hear what comes into it.
pub(crate) fn toast(room: Room) -> impl IntoView {
    html::div()
        .class("toast-place")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .child(move || room.toast.get().map(|text| html::p().class("toast").child(text)))
}
