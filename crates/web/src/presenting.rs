//! What somebody who shares sees of it: that they do, and what can be done about it. Loaded late.

use crate::dom::{Element, button, changed, el};
use crate::room::Room;
use crate::words;
use eyeline_browser::devices::Share;
use eyeline_browser::{Action, Client, Slot};

/// Stands above the stage and covers nobody. One's own screen is not shown: a hall of mirrors helps nobody.
pub(crate) fn bar(room: Room) -> Element {
    let paused = move || room.view(|view| view.me.paused.has(Slot::Screen)).unwrap_or(false);
    let words = move || if paused() { words::share_is_paused() } else { words::sharing_yourself() };
    el("div")
        .class("presenting-bar")
        .class_if("paused", paused)
        .attribute("role", "group")
        .attribute("aria-label", words::sharing_yourself())
        .child(el("span").class("presenting-words").attribute("role", "status").text_of(words))
        .child(
            el("div")
                .class("switch")
                .attribute("role", "group")
                .attribute("aria-label", words::share_style())
                .child(style(room, Share::SharpText, "share-sharp", words::share_sharp()))
                .child(style(room, Share::SmoothMotion, "share-smooth", words::share_smooth())),
        )
        .child(
            button("quiet", move || room.act(Action::PauseShare(!paused())))
                .attribute("data-testid", "pause-share")
                .text_of(move || if paused() { words::share_resume() } else { words::share_pause() }),
        )
        .child(
            button("quiet stop", move || room.act(Action::Switch(Slot::Screen, false)))
                .attribute("data-testid", "stop-share")
                .attribute("aria-label", words::share_stop())
                .text(words::share_end()),
        )
}

/// What the share is to be good at.
fn style(room: Room, share: Share, hook: &str, name: &str) -> Element {
    let chosen = move || room.client(Client::share).unwrap_or_default() == share;
    button("choice-of", move || {
        room.client(|client| client.set_share(share));
        changed();
    })
    .attribute("data-testid", hook)
    .attribute_of("aria-pressed", move || if chosen() { "true" } else { "false" })
    .text(name)
}
