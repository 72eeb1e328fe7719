//! How loud the microphone is.

use web_sys::{
    AnalyserNode, AudioContext, AudioContextState, AudioNode, MediaStream, MediaStreamAudioSourceNode,
};

/// Listens to one stream. Dropped, it stops listening.
pub struct Level {
    context: AudioContext,
    analyser: AnalyserNode,
    // Browsers may collect a source that nothing else holds.
    _source: MediaStreamAudioSourceNode,
}

/// About 43 ms at 48 kHz: longer than one period of the lowest voice, shorter than a syllable.
const SAMPLES: usize = 2048;

/// What counts as silence and as full: speech lies between.
const QUIETEST_DECIBELS: f32 = -60.0;
const LOUDEST_DECIBELS: f32 = -12.0;

impl Level {
    /// Begins to listen; `None` where the browser has no Web Audio.
    pub(crate) fn new(stream: &MediaStream) -> Option<Self> {
        let context = AudioContext::new().ok()?;
        let analyser = context.create_analyser().ok()?;
        let source = context.create_media_stream_source(stream).ok()?;
        AudioNode::connect_with_audio_node(&source, &analyser).ok()?;
        Some(Self { context, analyser, _source: source })
    }

    /// From 0 (silence) to 1 (loud), of this moment. Before the first click on a page, browsers may hold the sound
    /// back: then it is 0.
    pub fn now(&self) -> f32 {
        self.heard().unwrap_or_default()
    }

    /// The same; `None` while the browser holds the sound back.
    pub(crate) fn heard(&self) -> Option<f32> {
        if self.context.state() == AudioContextState::Suspended {
            // Works once the person has touched the page; until then it does no harm.
            let _ = self.context.resume();
            return None;
        }
        let mut samples = [0.0; SAMPLES];
        self.analyser.get_float_time_domain_data(&mut samples);
        let power: f32 = samples.iter().map(|sample| sample * sample).sum::<f32>() / SAMPLES as f32;
        let decibels = 10.0 * power.max(1e-9).log10();
        Some(((decibels - QUIETEST_DECIBELS) / (LOUDEST_DECIBELS - QUIETEST_DECIBELS)).clamp(0.0, 1.0))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        let _ = self.context.close();
    }
}
