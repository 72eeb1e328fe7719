//! What a connection carries, in figures for people: read from `getStats` (W3C WebRTC Statistics) while somebody looks.

use crate::js;
use crate::traffic::count;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::Generation;
use eyeline_protocol::inner::Slot;
use js_sys::Map;
use wasm_bindgen::prelude::*;
use web_sys::{RtcPeerConnection, RtcRtpTransceiver};

/// The longest name of a codec that is passed on. What is longer is none that a browser knows.
const CODEC_BYTES: usize = 16;

/// The counters of one moment.
#[derive(Clone, Debug)]
pub struct Reading {
    generation: Generation,
    at: Milliseconds,
    round_trip: u64,
    flows: Vec<Counters>,
}

#[derive(Clone, Debug)]
struct Counters {
    flow: Flow,
    bytes: u64,
    packets: u64,
    lost: u64,
    frames: u64,
}

/// What was carried since an earlier moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// There and back, in milliseconds, at least one; zero where the browser cannot say.
    pub round_trip: u64,
    /// What flows, each way; what does not is not listed.
    pub flows: Vec<Flow>,
}

/// One stream in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// What it is.
    pub slot: Slot,
    /// From here to the other, or the other way.
    pub sent: bool,
    /// A thousand bits per second, without the headers of packets.
    pub kilobits: u64,
    /// Packets that did not come, of a thousand. Of what is sent, as the other end last reported.
    pub lost: u64,
    /// Pictures per second.
    pub frames: u64,
    /// Width of the picture; zero for sound.
    pub width: u64,
    /// Height of the picture.
    pub height: u64,
    /// The codec as the browser calls it: `opus`, `VP8` …
    pub codec: String,
    /// Redundant copies of sound travel with it (RFC 2198).
    pub red: bool,
    /// Sound can be mended from the packet that follows (RFC 6716, 2.1.7).
    pub fec: bool,
}

/// The counters as of now; `None` where the browser gives no statistics.
pub(crate) async fn read(
    connection: &RtcPeerConnection,
    transceivers: Vec<RtcRtpTransceiver>,
    generation: Generation,
) -> Option<Reading> {
    let report: Map = js::settled(connection.get_stats().unchecked_into()).await.ok()?.unchecked_into();
    let mids: Vec<_> = transceivers.iter().map(RtcRtpTransceiver::mid).collect();
    let mut reading = Reading { generation, at: js::now(), round_trip: 0, flows: Vec::new() };
    report.for_each(&mut |entry, _| {
        let sent = match js::get(&entry, "type").as_string().as_deref() {
            Some("inbound-rtp") => false,
            Some("outbound-rtp") => true,
            Some("candidate-pair") if js::get(&entry, "nominated").is_truthy() => {
                let seconds = js::get(&entry, "currentRoundTripTime").as_f64();
                reading.round_trip = reading.round_trip.max(seconds.map_or(0, there_and_back));
                return;
            }
            _ => return,
        };
        let mid = js::get(&entry, "mid").as_string();
        let place = mids.iter().position(|of| mid.is_some() && *of == mid);
        let Some(slot) = place.and_then(|place| Slot::ALL.get(place)) else { return };
        reading.flows.push(counters(&report, &entry, *slot, sent));
    });
    Some(reading)
}

/// What the browser measured, as it is told: within a building it is less than a millisecond (Firefox says 0), and yet is
/// known.
fn there_and_back(seconds: f64) -> u64 {
    ((seconds * 1000.0) as u64).max(1)
}

fn counters(report: &Map, entry: &JsValue, slot: Slot, sent: bool) -> Counters {
    let codec = report.get(&js::get(entry, "codecId"));
    let kind = js::get(&codec, "mimeType").as_string().unwrap_or_default();
    let format = js::get(&codec, "sdpFmtpLine").as_string().unwrap_or_default();
    let name = kind.split_once('/').map_or("", |(_, name)| name);
    let remote = report.get(&js::get(entry, "remoteId"));
    let share = js::get(&remote, "fractionLost").as_f64().unwrap_or_default();
    let flow = Flow {
        slot,
        sent,
        lost: if sent { (share * 1000.0) as u64 } else { 0 },
        width: count(entry, "frameWidth"),
        height: count(entry, "frameHeight"),
        codec: name.chars().take(CODEC_BYTES).filter(char::is_ascii_alphanumeric).collect(),
        red: name == "red",
        fec: format.split(';').any(|parameter| parameter.trim() == "useinbandfec=1"),
        kilobits: 0,
        frames: 0,
    };
    let of = |sent_name, received_name| count(entry, if sent { sent_name } else { received_name });
    Counters {
        bytes: of("bytesSent", "bytesReceived"),
        packets: of("packetsSent", "packetsReceived"),
        lost: count(entry, "packetsLost"),
        frames: of("framesEncoded", "framesDecoded"),
        flow,
    }
}

impl Reading {
    /// What was carried since an earlier reading; nothing, if that was of another connection.
    pub fn since(&self, earlier: &Self) -> Figures {
        let time = self.at.since(earlier.at).0;
        let mut figures = Figures { round_trip: self.round_trip, flows: Vec::new() };
        if self.generation != earlier.generation || time == 0 {
            return figures;
        }
        for now in &self.flows {
            let (slot, sent) = (now.flow.slot, now.flow.sent);
            let then = earlier.flows.iter().find(|then| (then.flow.slot, then.flow.sent) == (slot, sent));
            let Some(then) = then else { continue };
            let per_second = |now: u64, then: u64| {
                let more = now.saturating_sub(then).saturating_mul(1000).saturating_add(time / 2);
                more.checked_div(time).unwrap_or_default()
            };
            let bits = per_second(now.bytes, then.bytes).saturating_mul(8);
            if bits == 0 {
                continue;
            }
            let lost = now.lost.saturating_sub(then.lost);
            let packets = now.packets.saturating_sub(then.packets).saturating_add(lost);
            let share = lost.saturating_mul(1000).checked_div(packets).unwrap_or_default();
            let flow = Flow {
                kilobits: bits.div_ceil(1000),
                lost: if sent { now.flow.lost } else { share },
                frames: per_second(now.frames, then.frames),
                ..now.flow.clone()
            };
            figures.flows.push(flow);
        }
        figures
    }
}

impl Figures {
    /// As text for a bug report, the same in every language: a line for each stream.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for flow in &self.flows {
            let number = |number: u64| number.to_string();
            let what = match flow.slot {
                Slot::Microphone => "voice",
                Slot::Camera => "picture",
                Slot::Screen => "screen",
                Slot::ScreenSound => "sound of the screen",
            };
            text.push_str(if flow.sent { "  sent: " } else { "  received: " });
            text.push_str(&[what, " ", &number(flow.kilobits), " kbit/s, "].concat());
            if flow.width > 0 {
                let size = [&number(flow.width), "x", &number(flow.height), ", ", &number(flow.frames)];
                text.push_str(&size.map(AsRef::<str>::as_ref).concat());
                text.push_str(" pictures/s, ");
            }
            text.push_str(&[&number(flow.lost / 10), ".", &number(flow.lost % 10), " % lost, "].concat());
            text.push_str(&[&flow.codec, &protection(flow), "\n"].concat());
        }
        text
    }
}

fn protection(flow: &Flow) -> String {
    [if flow.red { " RED" } else { "" }, if flow.fec { " FEC" } else { "" }].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: u64, generation: u32, bytes: u64, frames: u64) -> Reading {
        let voice = Flow {
            slot: Slot::Microphone,
            sent: true,
            kilobits: 0,
            lost: 25,
            frames: 0,
            width: 0,
            height: 0,
            codec: "opus".into(),
            red: false,
            fec: true,
        };
        let picture = Flow {
            slot: Slot::Camera,
            sent: false,
            width: 640,
            height: 360,
            codec: "VP8".into(),
            fec: false,
            ..voice.clone()
        };
        Reading {
            generation: Generation(generation),
            at: Milliseconds(at),
            round_trip: 23,
            flows: vec![
                Counters { flow: picture, bytes, packets: bytes / 1000, lost: bytes / 9000, frames },
                Counters { flow: voice, bytes: bytes / 10, packets: bytes / 1000, lost: 0, frames: 0 },
            ],
        }
    }

    #[test]
    fn figures_are_per_second() {
        let figures = reading(5000, 1, 190_000, 160).since(&reading(3000, 1, 10_000, 100));
        assert_eq!(figures.round_trip, 23);
        let [picture, voice] = &figures.flows[..] else { panic!("two streams") };
        assert_eq!((picture.kilobits, picture.frames, picture.lost), (720, 30, 100));
        assert_eq!((voice.kilobits, voice.frames, voice.lost), (72, 0, 25));
        let text = "  received: picture 720 kbit/s, 640x360, 30 pictures/s, 10.0 % lost, VP8\n  \
                    sent: voice 72 kbit/s, 2.5 % lost, opus FEC\n";
        assert_eq!(figures.text(), text);
    }

    #[test]
    fn less_than_a_millisecond_is_not_unknown() {
        assert_eq!([0.0, 0.0004, 0.0012, 0.023].map(there_and_back), [1, 1, 1, 23]);
    }

    #[test]
    fn what_does_not_flow_is_not_listed() {
        let then = reading(3000, 1, 10_000, 100);
        assert_eq!(reading(5000, 1, 10_000, 100).since(&then).flows, []);
        assert_eq!(reading(3000, 1, 20_000, 100).since(&then).flows, [], "no time has passed");
        assert_eq!(reading(5000, 2, 190_000, 160).since(&then).flows, [], "another connection");
        assert_eq!(reading(5000, 1, 5000, 100).since(&then).flows, [], "counters that began anew");
    }
}
