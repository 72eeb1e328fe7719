//! Own capture devices: what is switched on, what is captured, what others get.

use crate::effect::{Effect, Outbox};
use crate::input::CaptureError;
use crate::view::Device;
use eyeline_protocol::inner::{Slot, Slots};

/// Own capture devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Media {
    microphone: Source,
    camera: Source,
    screen: Source,
    /// The shared screen came with sound.
    screen_sound: bool,
    /// Counts replaced tracks, so that senders notice a new track in a slot they send already.
    tracks: u32,
}

/// One capture device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Source {
    on: bool,
    asked: bool,
    captured: bool,
    failed: Option<CaptureError>,
}

/// What every connection shall send: the slots, and the count of replaced tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sending {
    pub(crate) slots: Slots,
    pub(crate) tracks: u32,
}

impl Media {
    /// Switches a device on or off. A camera or screen that is off is not captured; a muted microphone is, so that
    /// it comes back at once.
    pub(crate) fn switch(&mut self, slot: Slot, on: bool, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        source.failed = None;
        if on {
            source.on = true;
            if !source.captured && !source.asked {
                source.asked = true;
                out.push(Effect::Capture(slot));
            }
        } else {
            source.on = false;
            if slot != Slot::Microphone && (source.captured || source.asked) {
                self.stop(slot, out);
            }
        }
    }

    /// Another device was chosen for the slot.
    pub(crate) fn device_chosen(&mut self, slot: Slot, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        if source.on || source.captured {
            source.asked = true;
            out.push(Effect::Capture(slot));
        }
    }

    /// A device delivers.
    pub(crate) fn captured(&mut self, slot: Slot, out: &mut Outbox) {
        self.tracks = self.tracks.wrapping_add(1);
        match self.source(slot) {
            None => {
                self.screen_sound = self.screen.on;
                if !self.screen.on {
                    out.push(Effect::StopCapture(slot));
                }
            }
            Some(source) => {
                // The person may have switched off while the browser was still asking.
                let unwanted = !source.on && (slot != Slot::Microphone || !source.asked);
                source.asked = false;
                source.captured = true;
                if unwanted {
                    self.stop(slot, out);
                }
            }
        }
    }

    /// A device could not be had.
    pub(crate) fn failed(&mut self, slot: Slot, error: CaptureError, out: &mut Outbox) {
        let Some(source) = self.source(slot) else {
            self.screen_sound = false;
            return;
        };
        let had = source.captured;
        // Refusing to pick a screen is a change of mind, not a fault.
        let changed_mind = slot == Slot::Screen && error == CaptureError::Denied;
        let failed = (source.on && !changed_mind).then_some(error);
        *source = Source { failed, ..Source::default() };
        if had {
            self.stop(slot, out);
        }
    }

    /// A local track ended by itself.
    pub(crate) fn ended(&mut self, slot: Slot, out: &mut Outbox) {
        let Some(source) = self.source(slot) else {
            self.screen_sound = false;
            return;
        };
        // Sharing stopped from the browser's bar is what the person wanted.
        let failed = (source.on && slot != Slot::Screen).then_some(CaptureError::NotFound);
        *source = Source { failed, ..Source::default() };
        self.stop(slot, out);
    }

    /// Stops everything, lights out.
    pub(crate) fn stop_all(&mut self, out: &mut Outbox) {
        for slot in [Slot::Microphone, Slot::Camera, Slot::Screen] {
            if let Some(source) = self.source(slot) {
                let busy = source.captured || source.asked;
                *source = Source::default();
                if busy {
                    self.stop(slot, out);
                }
            }
        }
    }

    fn stop(&mut self, slot: Slot, out: &mut Outbox) {
        if let Some(source) = self.source(slot) {
            source.captured = false;
            source.asked = false;
        }
        out.push(Effect::StopCapture(slot));
        if slot == Slot::Screen && core::mem::take(&mut self.screen_sound) {
            out.push(Effect::StopCapture(Slot::ScreenSound));
        }
    }

    /// What others shall get.
    pub(crate) fn sending(&self) -> Sending {
        let delivers = |source: &Source| source.on && source.captured;
        let slots = Slots::NONE
            .with(Slot::Microphone, delivers(&self.microphone))
            .with(Slot::Camera, delivers(&self.camera))
            .with(Slot::Screen, delivers(&self.screen))
            .with(Slot::ScreenSound, delivers(&self.screen) && self.screen_sound);
        Sending { slots, tracks: self.tracks }
    }

    /// The slot's device as a person sees it.
    pub(crate) fn device(&self, slot: Slot) -> Device {
        let source = match slot {
            Slot::Microphone => &self.microphone,
            Slot::Camera => &self.camera,
            Slot::Screen | Slot::ScreenSound => &self.screen,
        };
        match source {
            Source { failed: Some(error), .. } => Device::Failed(*error),
            Source { on: false, .. } => Device::Off,
            Source { captured: true, .. } => Device::On,
            Source { .. } => Device::Starting,
        }
    }

    fn source(&mut self, slot: Slot) -> Option<&mut Source> {
        match slot {
            Slot::Microphone => Some(&mut self.microphone),
            Slot::Camera => Some(&mut self.camera),
            Slot::Screen => Some(&mut self.screen),
            Slot::ScreenSound => None,
        }
    }
}
