//! Draws the calls side by side as SVG: above bytes, below CPU time, both scales shared.

use crate::Call;
use crate::sample::Second;
use std::fmt::Write as _;

const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 70.0;
const GAP: f64 = 40.0;

/// One line of a panel.
struct Line {
    of: fn(&Second) -> f64,
    colour: &'static str,
    name: &'static str,
}

/// A graph of all calls.
pub(crate) fn draw(calls: &[Call]) -> String {
    let traffic = [
        Line { of: |s| s.media as f64 / 1000.0, colour: "#b0603a", name: "media, between the two" },
        Line { of: |s| (s.tcp + s.udp) as f64 / 1000.0, colour: "#2a6fb0", name: "everything at the server" },
    ];
    let work = [Line { of: |s| s.cpu * 100.0, colour: "#2a6fb0", name: "the server's CPU" }];
    let width = LEFT + (WIDTH + GAP) * calls.len() as f64;
    let height = 60.0 + 2.0 * (HEIGHT + 60.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" fill=\"#333\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (row, (lines, unit, least)) in
        [(&traffic[..], "kB/s", 10.0), (&work[..], "% of a core", 10.0)].into_iter().enumerate()
    {
        let seconds = || calls.iter().flat_map(|call| &call.seconds);
        let top = lines.iter().flat_map(|line| seconds().map(line.of)).fold(least, f64::max) * 1.05;
        for (column, call) in calls.iter().enumerate() {
            let x = LEFT + column as f64 * (WIDTH + GAP);
            let y = 50.0 + row as f64 * (HEIGHT + 60.0);
            panel(&mut svg, call, lines, unit, top, (x, y));
        }
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, call: &Call, lines: &[Line], unit: &str, top: f64, (x, y): (f64, f64)) {
    let mut put = |text: String| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(svg, "{text}");
    };
    put(format!("<text x=\"{x}\" y=\"{}\" font-weight=\"bold\">{} call, {unit}</text>", y - 12.0, call.name));
    put(format!("<path d=\"M{x} {y}v{HEIGHT}h{WIDTH}\" fill=\"none\" stroke=\"#999\"/>"));
    for step in [0.0, 0.5, 1.0] {
        let at = y + HEIGHT * (1.0 - step);
        let value = top * step;
        put(format!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value:.0}</text>", x - 6.0, at + 4.0));
    }
    put(format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{} s</text>",
        x + WIDTH,
        y + HEIGHT + 18.0,
        call.seconds.len()
    ));
    for (index, line) in lines.iter().enumerate() {
        let points: Vec<String> = call
            .seconds
            .iter()
            .enumerate()
            .map(|(second, values)| {
                let across = x + WIDTH * (second as f64 + 0.5) / call.seconds.len() as f64;
                format!("{across:.1},{:.1}", y + HEIGHT * (1.0 - (line.of)(values) / top))
            })
            .collect();
        let (colour, name) = (line.colour, line.name);
        put(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>",
            points.join(" ")
        ));
        let across = x + 190.0 * index as f64;
        put(format!("<text x=\"{across}\" y=\"{}\" fill=\"{colour}\">— {name}</text>", y + HEIGHT + 18.0));
    }
}
