//! Signs. Outlines from Lucide (ISC licence, see `NOTICE`), drawn with the text's colour; the mark is our own.

use crate::dom::{Element, svg};

fn icon(paths: &[&str]) -> Element {
    let outline = svg("svg")
        .class("icon")
        .attribute("viewBox", "0 0 24 24")
        .attribute("fill", "none")
        .attribute("stroke", "currentColor")
        .attribute("stroke-width", "2")
        .attribute("stroke-linecap", "round")
        .attribute("stroke-linejoin", "round")
        .attribute("aria-hidden", "true");
    paths.iter().fold(outline, |outline, path| outline.child(svg("path").attribute("d", path)))
}

/// Two eyes meeting, no one between.
pub(crate) fn mark() -> Element {
    signet()
        .child(
            svg("path")
                .attribute("d", "M6 6h24")
                .attribute("stroke", "currentColor")
                .attribute("stroke-width", "2"),
        )
        .child(circle("6", "5").attribute("fill", "currentColor"))
        .child(circle("30", "5").attribute("fill", "currentColor"))
}

/// The mark with a small ring in the middle: somebody between, who sees nothing.
pub(crate) fn relayed() -> Element {
    signet()
        .attribute("fill", "none")
        .attribute("stroke", "currentColor")
        .attribute("stroke-width", "2")
        .child(svg("path").attribute("d", "M6 6h8M22 6h8"))
        .child(circle("18", "3"))
        .child(circle("5", "4").attribute("fill", "currentColor"))
        .child(circle("31", "4").attribute("fill", "currentColor"))
}

fn signet() -> Element {
    svg("svg").class("mark").attribute("viewBox", "0 0 36 12").attribute("aria-hidden", "true")
}

fn circle(x: &str, radius: &str) -> Element {
    svg("circle").attribute("cx", x).attribute("cy", "6").attribute("r", radius)
}

/// Two of five bars; where the others would be is seen too.
pub(crate) fn weak() -> Element {
    let others = svg("path").attribute("d", "M12 20v-8M17 20V8M22 20V4").attribute("opacity", ".4");
    icon(&["M2 20h.01", "M7 20v-4"]).child(others)
}

pub(crate) fn microphone() -> Element {
    icon(&["M12 19v3", "M19 10v2a7 7 0 0 1-14 0v-2", "M12 2a3 3 0 0 0-3 3v7a3 3 0 0 0 6 0V5a3 3 0 0 0-3-3Z"])
}

pub(crate) fn microphone_off() -> Element {
    icon(&[
        "M12 19v3",
        "M15 9.34V5a3 3 0 0 0-5.68-1.33",
        "M16.95 16.95A7 7 0 0 1 5 12v-2",
        "M18.89 13.23A7 7 0 0 0 19 12v-2",
        "m2 2 20 20",
        "M9 9v3a3 3 0 0 0 5.12 2.12",
    ])
}

pub(crate) fn camera() -> Element {
    icon(&[
        "m16 13 5.223 3.482a.5.5 0 0 0 .777-.416V7.87a.5.5 0 0 0-.752-.432L16 10.5",
        "M4 6h10a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2Z",
    ])
}

pub(crate) fn camera_off() -> Element {
    icon(&[
        "M10.66 6H14a2 2 0 0 1 2 2v2.5l5.248-3.062A.5.5 0 0 1 22 7.87v8.196",
        "M16 16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h2",
        "m2 2 20 20",
    ])
}

/// To the camera on the other side.
pub(crate) fn flip() -> Element {
    icon(&[
        "M11 19H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h5",
        "M13 5h7a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-5",
        "M9 12a3 3 0 1 0 6 0 3 3 0 1 0-6 0",
        "m18 22-3-3 3-3",
        "m6 2 3 3-3 3",
    ])
}

/// Settings.
pub(crate) fn sliders() -> Element {
    icon(&[
        "M21 5h-7",
        "M10 5H3",
        "M14 3v4",
        "M21 12h-9",
        "M8 12H3",
        "M8 10v4",
        "M21 19h-5",
        "M12 19H3",
        "M16 17v4",
    ])
}

/// There is more behind this.
pub(crate) fn further() -> Element {
    icon(&["m9 18 6-6-6-6"])
}

/// The sliders before the address in Chromium.
pub(crate) fn tune() -> Element {
    icon(&[
        "M14 7H4",
        "M20 7h-1",
        "M16.500 4.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 1 0 0-5",
        "M20 17H10",
        "M5 17H4",
        "M7.500 14.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 1 0 0-5",
    ])
}

/// The page beside the address in Safari on a phone.
pub(crate) fn page() -> Element {
    icon(&["M6 4h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z", "M6 20h12"])
}

pub(crate) fn lock() -> Element {
    icon(&[
        "M5 11h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Z",
        "M7 11V7a5 5 0 0 1 10 0v4",
    ])
}

pub(crate) fn screen() -> Element {
    icon(&[
        "M13 3H4a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2v-3",
        "M8 21h8",
        "M12 17v4",
        "m17 8 5-5",
        "M17 3h5v5",
    ])
}

pub(crate) fn link() -> Element {
    icon(&[
        "M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71",
        "M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07l1.71-1.71",
    ])
}

pub(crate) fn arrow() -> Element {
    icon(&["M5 12h14", "m12 5 7 7-7 7"])
}

pub(crate) fn close() -> Element {
    icon(&["M18 6 6 18", "m6 6 12 12"])
}

/// A raised hand.
pub(crate) fn hand() -> Element {
    icon(&[
        "M18 11V6a2 2 0 0 0-4 0",
        "M14 10V4a2 2 0 0 0-4 0v2",
        "M10 10.500V6a2 2 0 0 0-4 0v8",
        "M18 8a2 2 0 1 1 4 0v6a8 8 0 0 1-8 8h-2c-2.800 0-4.500-.86-5.990-2.340l-3.600-3.600a2 2 0 0 1 2.830-2.820L7 15",
    ])
}

/// There is a choice behind this.
pub(crate) fn unfold() -> Element {
    icon(&["m6 15 6-6 6 6"])
}

/// There is more to choose from.
pub(crate) fn more() -> Element {
    icon(&["M12 11a1 1 0 1 0 .01 0Z", "M19 11a1 1 0 1 0 .01 0Z", "M5 11a1 1 0 1 0 .01 0Z"])
}

pub(crate) fn plus() -> Element {
    icon(&["M5 12h14", "M12 5v14"])
}

pub(crate) fn minus() -> Element {
    icon(&["M5 12h14"])
}

pub(crate) fn speaker() -> Element {
    icon(&["M11 5 6 9H2v6h4l5 4z", "M15.540 8.460a5 5 0 0 1 0 7.070", "M19.070 4.930a10 10 0 0 1 0 14.140"])
}

/// As it should be.
pub(crate) fn good() -> Element {
    icon(&["M20 6 9 17l-5-5"])
}

/// Look here.
pub(crate) fn warning() -> Element {
    icon(&["M12 4v10", "M12 19.500v.01"])
}

/// Not known yet; the style sheet turns it while something is under way.
pub(crate) fn open() -> Element {
    icon(&["M12 5a7 7 0 1 1-7 7"])
}

/// A receiver being put down.
pub(crate) fn leave() -> Element {
    icon(&[
        "M3.2 14.6c-1.6-1.6-1.6-3 .2-4.400 5-3.800 12.200-3.800 17.200 0 1.800 1.400 1.800 2.800.2 4.400l-.6.6c-.6.6-1.500.7-2.200.2l-2.300-1.500c-.5-.3-.8-.9-.8-1.500v-1.700a12 12 0 0 0-5.800 0v1.700c0 .6-.3 1.200-.8 1.500L6 15.400c-.7.5-1.600.4-2.200-.2Z",
    ])
}
