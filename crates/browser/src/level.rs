//! How loud a sound is.

use crate::js;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, AudioNode, MediaStream, MediaStreamAudioSourceNode,
    MediaStreamTrack,
};

/// Listens to one track at a time. There is one for the whole call: browsers allow only few audio contexts.
pub(crate) struct Level {
    context: AudioContext,
    analyser: AnalyserNode,
    heard: RefCell<Option<Source>>,
}

struct Source {
    track: MediaStreamTrack,
    // Browsers may collect a source that nothing else holds.
    node: MediaStreamAudioSourceNode,
}

/// About 43 ms at 48 kHz: longer than one period of the lowest voice, shorter than a syllable.
const SAMPLES: usize = 2048;

/// What counts as silence and as full: speech lies between.
const QUIETEST_DECIBELS: f32 = -60.0;
const LOUDEST_DECIBELS: f32 = -12.0;

impl Level {
    /// Listens to nothing yet; `None` where the browser has no Web Audio.
    pub(crate) fn new() -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        Some(Self { context, analyser, heard: RefCell::default() })
    }

    /// From now on listens to this track, or to none. Costs nothing if it is the one from before.
    pub(crate) fn follow(&self, track: Option<MediaStreamTrack>) {
        let mut heard = self.heard.borrow_mut();
        if heard.as_ref().map(|source| &source.track) == track.as_ref() {
            return;
        }
        if let Some(source) = heard.take() {
            let _ = source.node.disconnect();
        }
        *heard = track.and_then(|track| {
            let stream = MediaStream::new().ok()?;
            stream.add_track(&track);
            let node = self.context.create_media_stream_source(&stream).ok()?;
            AudioNode::connect_with_audio_node(&node, &self.analyser).ok()?;
            Some(Source { track, node })
        });
    }

    /// From 0 (silence) to 1 (loud), of this moment. `None` while there is nothing to listen to, and while the browser
    /// holds the sound back: some do before the first click on a page.
    pub(crate) fn heard(&self) -> Option<f32> {
        if self.context.state() == AudioContextState::Suspended {
            // Works once the person has touched the page; until then it does no harm.
            let _ = self.context.resume();
            return None;
        }
        self.heard.borrow().as_ref()?;
        let mut samples = [0.0; SAMPLES];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f32 = samples.iter().map(|sample| sample * sample).sum::<f32>() / SAMPLES as f32;
        Some(loudness(power))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}

/// The loudness of a power, 1 being that of full scale, on the scale from 0 (silence) to 1 (loud).
pub(crate) fn loudness(power: f32) -> f32 {
    let decibels = 10.0 * power.max(1e-9).log10();
    ((decibels - QUIETEST_DECIBELS) / (LOUDEST_DECIBELS - QUIETEST_DECIBELS)).clamp(0.0, 1.0)
}

/// Plays two notes, rising, so that it is known for a sign and not a fault; soft, and with soft edges. On the speaker with
/// this id where the browser can (empty: the system's). The person's click must have led here: browsers ask for it.
pub(crate) async fn play_tone(speaker: String) -> Result<(), JsValue> {
    let context = AudioContext::new()?;
    set_speaker(&context, &speaker).await;
    let (oscillator, gain) = (context.create_oscillator()?, context.create_gain()?);
    let start = context.current_time();
    let (pitch, volume) = (oscillator.frequency(), gain.gain());
    pitch.set_value_at_time(523.25, start)?;
    pitch.set_value_at_time(659.25, start + 0.3)?;
    volume.set_value_at_time(0.0, start)?;
    for (loudness, at) in [(0.2, 0.05), (0.2, 0.6), (0.0, 0.8)] {
        volume.linear_ramp_to_value_at_time(loudness, start + at)?;
    }
    oscillator.connect_with_audio_node(&gain)?;
    gain.connect_with_audio_node(&context.destination())?;
    oscillator.start()?;
    js::after(1000, move || {
        let _ = context.close();
    });
    Ok(())
}

/// Lets an audio context or a media element play on a speaker; empty: on what the system prefers. Where that cannot be, it
/// plays where it did.
pub(crate) async fn set_speaker(target: &JsValue, speaker: &str) {
    let Ok(set_sink) = js::get(target, "setSinkId").dyn_into::<js_sys::Function>() else { return };
    if js::get(target, "sinkId").as_string().as_deref() == Some(speaker) {
        return;
    }
    if let Ok(promise) = set_sink.call1(target, &speaker.into()) {
        let _ = js::settled(promise.unchecked_into()).await;
    }
}
