//! What to do where the browser blocks camera or microphone: where to click in this browser, drawn and said.
//!
//! Loaded when it is wanted.

use crate::dom::{Element, button, el, svg};
use crate::room::Room;
use crate::{browser, icons, words};
use eyeline_browser::view::Device;
use eyeline_browser::{Action, CaptureError, Slot};

/// Browsers, by where they hide the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Chrome, Edge and their like: sliders before the address.
    Chromium,
    /// A crossed-out camera before the address.
    Firefox,
    /// On a Mac: in the menu that has its name.
    Safari,
    /// Every browser on an iPhone or iPad: the sign of a page beside the address.
    AppleTouch,
    /// Something at the address.
    Other,
}

/// Which one calls itself so. They all claim to be several; the order matters.
fn kind(agent: &str) -> Kind {
    let is = |name| agent.contains(name);
    if is("iPhone") || is("iPad") {
        Kind::AppleTouch
    } else if is("Firefox/") {
        Kind::Firefox
    } else if is("Chrome/") || is("Chromium/") {
        Kind::Chromium
    } else if is("Safari/") {
        Kind::Safari
    } else {
        Kind::Other
    }
}

/// The drawing, the words, and another try.
pub(crate) fn help(room: Room) -> Element {
    let (_, agent) = browser::host_and_browser();
    let kind = kind(&agent);
    let busy = move || SLOTS.into_iter().any(|slot| room.device(slot) == Device::Starting);
    el("div")
        .class("permission")
        .child(drawing(kind))
        .child(el("p").text(steps(kind)))
        .child(
            button("quiet", move || try_again(room))
                .attribute("data-testid", "try-again")
                .attribute_of("aria-busy", move || if busy() { "true" } else { "" })
                .text(words::try_again()),
        )
        .child(el("p").class("hint").text(words::permission_without()))
}

const SLOTS: [Slot; 2] = [Slot::Microphone, Slot::Camera];

/// Asks for what is blocked, in one question.
fn try_again(room: Room) {
    let blocked = SLOTS.map(|slot| room.device(slot) == Device::Failed(CaptureError::Denied));
    room.client(|client| match blocked {
        [true, true] => client.act_at_once(SLOTS.map(|slot| Action::Switch(slot, true))),
        [true, false] => client.act(Action::Switch(Slot::Microphone, true)),
        [false, true] => client.act(Action::Switch(Slot::Camera, true)),
        [false, false] => {}
    });
}

fn steps(kind: Kind) -> &'static str {
    match kind {
        Kind::Chromium => words::permission_chromium(),
        Kind::Firefox => words::permission_firefox(),
        Kind::Safari => words::permission_safari(),
        Kind::AppleTouch => words::permission_apple_touch(),
        Kind::Other => words::permission_other(),
    }
}

/// The top of the browser's window, and in it the place to click.
fn drawing(kind: Kind) -> Element {
    let (host, _) = browser::host_and_browser();
    let picture = svg("svg")
        .class("drawing")
        .attribute("viewBox", "0 0 320 84")
        .attribute("role", "img")
        .attribute("aria-label", words::permission_drawing())
        .child(shape(
            "rect",
            "window",
            &[("x", "1"), ("y", "1"), ("width", "318"), ("height", "100"), ("rx", "10")],
        ));
    if kind == Kind::Safari {
        return picture
            .child(text("16", "25", "menu chosen", "Safari"))
            .child(text("72", "25", "menu", "…"))
            .child(shape(
                "rect",
                "sheet",
                &[("x", "8"), ("y", "36"), ("width", "232"), ("height", "40"), ("rx", "6")],
            ))
            .child(shape(
                "rect",
                "here",
                &[("x", "12"), ("y", "41"), ("width", "224"), ("height", "30"), ("rx", "5")],
            ))
            .child(text("24", "61", "menu on", words::permission_safari_menu()))
            .child(pointer(206, 58));
    }
    let sign = match kind {
        Kind::Chromium => icons::tune(),
        Kind::Firefox => icons::camera_off(),
        Kind::AppleTouch => icons::page(),
        Kind::Safari | Kind::Other => icons::lock(),
    };
    let sign = [("x", "60"), ("y", "30"), ("width", "20"), ("height", "20")]
        .into_iter()
        .fold(sign, |sign, (name, value)| sign.attribute(name, value));
    picture
        .child(shape("circle", "dot", &[("cx", "20"), ("cy", "40"), ("r", "4")]))
        .child(shape("circle", "dot", &[("cx", "34"), ("cy", "40"), ("r", "4")]))
        .child(shape(
            "rect",
            "address",
            &[("x", "50"), ("y", "20"), ("width", "254"), ("height", "40"), ("rx", "20")],
        ))
        .child(shape("circle", "here", &[("cx", "70"), ("cy", "40"), ("r", "16")]))
        .child(sign)
        .child(text("96", "45", "host", &host))
        .child(pointer(74, 46))
}

fn shape(name: &str, class: &str, attributes: &[(&str, &str)]) -> Element {
    attributes.iter().fold(svg(name).class(class), |shape, (name, value)| shape.attribute(name, value))
}

fn text(x: &str, y: &str, class: &str, words: &str) -> Element {
    svg("text").class(class).attribute("x", x).attribute("y", y).text(words)
}

/// The arrow of a mouse, its tip at this place.
fn pointer(x: i32, y: i32) -> Element {
    let place = ["translate(", &x.to_string(), " ", &y.to_string(), ")"].concat();
    svg("path")
        .class("pointer")
        .attribute("d", "M0 0v20l5-4 3.500 7.500 3.500-1.500-3.500-7.500h6.500Z")
        .attribute("transform", &place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_what_it_calls_itself() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        for (agent, expected) in [
            (format!("{mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"), Kind::Chromium),
            (format!("{mac} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"), Kind::Chromium),
            (format!("{mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15"), Kind::Safari),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(), Kind::Firefox),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1".to_owned(), Kind::AppleTouch),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1".to_owned(), Kind::AppleTouch),
            ("Something else".to_owned(), Kind::Other),
        ] {
            assert_eq!(kind(&agent), expected, "{agent}");
        }
    }
}
