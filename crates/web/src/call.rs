//! The call: everybody's tiles, the control bar, and the link as long as one is alone.

use crate::room::{Room, name_of};
use crate::{controls, icons, tile, words};
use eyeline_browser::view::Device;
use eyeline_browser::{PeerId, Phase, Slot};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

/// The page of a call.
pub(crate) fn call(room: Room) -> impl IntoView {
    let others = Memo::new(move |_| {
        room.people(Phase::Call).into_iter().map(|person| person.peer).collect::<Vec<PeerId>>()
    });
    // Own share does not take the stage: a hall of mirrors helps nobody.
    let shared = Memo::new(move |_| {
        room.people(Phase::Call)
            .iter()
            .any(|person| person.sending.has(Slot::Screen) && person.show.is_some())
    });
    let own_share = room.me(Device::Off, |me| me.screen);
    // Oneself comes last, with a key of its own.
    let tiles = move || others.get().into_iter().map(Some).chain([None]).collect::<Vec<_>>();
    html::div().class("call").child((
        html::main()
            .class("stage")
            .class(("presenting", move || shared.get()))
            .class(("presenting-self", move || own_share.get() == Device::On))
            .attr("data-count", move || (others.with(Vec::len) + 1).min(9).to_string())
            .attr("aria-label", words::people())
            .child((For(ForProps::builder()
                .each(tiles)
                .key(|peer| *peer)
                .children(move |peer: Option<PeerId>| match peer {
                    Some(peer) => tile::person(room, peer).into_any(),
                    None => tile::own(room).into_any(),
                })
                .build()),)),
        move || others.with(Vec::is_empty).then(|| alone(room)),
        controls::bar(room),
    ))
}

/// Nobody else is here: the link, large.
fn alone(room: Room) -> impl IntoView {
    let waiting = Memo::new(move |_| room.people(Phase::Lobby).iter().map(name_of).collect::<Vec<_>>());
    html::section().class("card alone").child((
        html::h2().child(words::solo_title()),
        html::div().class("address").child((
            html::output().child(room.address()),
            html::button()
                .r#type("button")
                .class("primary small")
                .on(ev::click, move |_| room.copy_link(words::toast_copied()))
                .child((icons::link(), words::solo_copy())),
        )),
        move || {
            let names = waiting.get();
            (!names.is_empty())
                .then(|| html::p().class("soft").child(words::solo_waiting(&words::list(&names))))
        },
    ))
}
