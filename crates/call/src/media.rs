//! Own capture devices: what is switched on, what is captured, what others get, and what happens when one is lost.

use crate::effect::{Effect, Outbox};
use crate::input::CaptureError;
use crate::view::{Device, DeviceNews};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::inner::{Slot, Slots};

/// Own capture devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Media {
    microphone: Source,
    camera: Source,
    screen: Source,
    /// The shared screen came with sound.
    screen_sound: bool,
    /// What is shared is the call's own page, and its sound everybody's voice.
    shares_itself: bool,
    /// The person lets the shared screen rest.
    share_paused: bool,
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
    /// The system has taken the device for a while.
    muted: bool,
    /// It delivered, was let go, and its successor is asked for: the others are told that it rests, not that it is off.
    swaps: bool,
    /// Another device is tried in place of one that could not be had, or is no more, for this reason.
    stands_in: Option<CaptureError>,
    losses: Losses,
}

/// Devices of a kind that were lost shortly after each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Losses {
    last: Option<Milliseconds>,
    count: u8,
}

/// Somebody pulls out a dock with three microphones: each is lost in turn. What is lost more often is broken.
const LOSSES_AT_ONCE: u8 = 3;
const AT_ONCE: Milliseconds = Milliseconds(10_000);

/// What every connection shall send, and the others be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sending {
    /// What is on.
    pub(crate) slots: Slots,
    /// Of that, what rests.
    pub(crate) paused: Slots,
    /// Of that, whose tracks are sent.
    pub(crate) flowing: Slots,
    /// The count of replaced tracks.
    tracks: u32,
}

impl Sending {
    /// The same, for a connection that does not carry all of it.
    pub(crate) fn sparing(self, spared: Slots) -> Self {
        Self { flowing: self.flowing.without(spared), ..self }
    }

    /// What concerns a connection's senders.
    pub(crate) fn flow(self) -> (Slots, u32) {
        (self.flowing, self.tracks)
    }
}

impl Media {
    /// Switches a device on or off. A camera or screen that is off is not captured; a muted microphone is, so that
    /// it comes back at once.
    pub(crate) fn switch(&mut self, slot: Slot, on: bool, out: &mut Outbox) {
        if slot == Slot::Screen {
            self.share_paused = false;
        }
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

    /// Another device was chosen for the slot. The one in use goes on until it is there.
    pub(crate) fn device_chosen(&mut self, slot: Slot, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        if source.on || source.captured {
            source.failed = None;
            source.stands_in = None;
            source.asked = true;
            out.push(Effect::Capture(slot));
        }
    }

    /// The same, but the one in use goes first.
    pub(crate) fn device_swapped(&mut self, slot: Slot, out: &mut Outbox) {
        let Some(source) = self.source(slot).filter(|source| source.captured) else {
            self.device_chosen(slot, out);
            return;
        };
        source.let_go();
        out.extend([Effect::StopCapture(slot), Effect::Capture(slot)]);
    }

    /// Lets the share rest, or goes on with it.
    pub(crate) fn pause_share(&mut self, paused: bool) {
        self.share_paused = paused && self.screen.on;
    }

    /// Whether what is shared is the call's own page.
    pub(crate) fn shares_itself(&mut self, itself: bool, out: &mut Outbox) {
        let before = core::mem::replace(&mut self.shares_itself, itself && self.screen.on);
        if self.shares_itself && !before {
            out.push(Effect::Tell(DeviceNews::SharesItself));
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
                let stood_in = source.stands_in.take().is_some();
                let losses = core::mem::take(&mut source.losses);
                *source = Source { on: source.on, captured: true, losses, ..Source::default() };
                if unwanted {
                    self.stop(slot, out);
                } else if stood_in {
                    out.push(Effect::Tell(DeviceNews::FellBack(slot)));
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
        // Refusing to pick a screen is a change of mind, not a fault.
        let changed_mind = slot == Slot::Screen && error == CaptureError::Denied;
        if source.captured {
            // The one before is still there, and better than none.
            source.asked = false;
            if !changed_mind {
                out.push(Effect::Tell(DeviceNews::NotTaken(slot)));
            }
            return;
        }
        let stood_in = source.stands_in.take();
        let replaceable = slot != Slot::Screen && error == CaptureError::Busy;
        if source.on && stood_in.is_none() && replaceable {
            // One that another program has. Perhaps there is a second.
            source.stands_in = Some(error);
            out.push(Effect::CaptureAnother(slot));
            return;
        }
        let (was_there, on) = (source.swaps, source.on);
        // What kept the first from coming says more than that there is no second.
        let reason = if error == CaptureError::Denied { error } else { stood_in.unwrap_or(error) };
        let losses = core::mem::take(&mut source.losses);
        *source = Source { failed: (on && !changed_mind).then_some(reason), losses, ..Source::default() };
        if was_there && on {
            out.push(Effect::Tell(match reason {
                CaptureError::Denied => DeviceNews::Withdrawn(slot),
                _ => DeviceNews::Lost(slot),
            }));
        }
    }

    /// A local track ended by itself: another device of the kind takes over, if there is one.
    pub(crate) fn ended(&mut self, now: Milliseconds, slot: Slot, out: &mut Outbox) {
        let Some(source) = self.source(slot) else {
            self.screen_sound = false;
            return;
        };
        if slot == Slot::Screen {
            // Most likely from the browser's bar: what the person wanted.
            let was_on = source.on;
            *source = Source::default();
            self.stop(slot, out);
            if was_on {
                out.push(Effect::Tell(DeviceNews::ShareEnded));
            }
            return;
        }
        if source.asked {
            // Its successor is on the way already.
            source.swaps |= core::mem::take(&mut source.captured);
            return;
        }
        if !source.captured {
            return;
        }
        if source.losses.one_more(now) {
            source.let_go();
            source.stands_in = Some(CaptureError::NotFound);
            out.extend([Effect::StopCapture(slot), Effect::CaptureAnother(slot)]);
        } else {
            source.let_go();
            out.push(Effect::StopCapture(slot));
            self.failed(slot, CaptureError::NotFound, out);
        }
    }

    /// The system has taken a device, or gives it back.
    pub(crate) fn muted(&mut self, slot: Slot, muted: bool, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        if !source.captured || source.muted == muted {
            return;
        }
        source.muted = muted;
        // A window that was made small says enough about itself.
        if source.on && slot != Slot::Screen {
            let news = if muted { DeviceNews::Interrupted } else { DeviceNews::Back };
            out.push(Effect::Tell(news(slot)));
        }
    }

    /// The browser's leave to capture was given or withdrawn.
    pub(crate) fn permission(&mut self, slot: Slot, granted: bool, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        if granted {
            // Given by hand, to have the device: the person need not say so a second time.
            if source.failed == Some(CaptureError::Denied) {
                *source = Source { on: true, asked: true, ..Source::default() };
                out.push(Effect::Capture(slot));
            }
        } else if source.captured || source.asked {
            let was_on = source.on;
            *source = Source { failed: was_on.then_some(CaptureError::Denied), ..Source::default() };
            out.push(Effect::StopCapture(slot));
            if was_on {
                out.push(Effect::Tell(DeviceNews::Withdrawn(slot)));
            }
        }
    }

    /// Another device has been plugged in. In the lobby, where nobody else sees or hears it, it replaces one that
    /// was missing; everywhere else the person decides.
    pub(crate) fn appeared(&mut self, slot: Slot, in_lobby: bool, out: &mut Outbox) {
        let Some(source) = self.source(slot) else { return };
        let missing = matches!(source.failed, Some(CaptureError::NotFound | CaptureError::Busy));
        if missing && in_lobby {
            *source = Source { on: true, asked: true, ..Source::default() };
            out.push(Effect::Capture(slot));
        } else {
            out.push(Effect::Tell(DeviceNews::Appeared(slot)));
        }
    }

    /// Stops everything, lights out.
    pub(crate) fn stop_all(&mut self, out: &mut Outbox) {
        self.share_paused = false;
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
            *source = Source { on: source.on, failed: source.failed, ..Source::default() };
        }
        out.push(Effect::StopCapture(slot));
        if slot == Slot::Screen {
            self.share_paused = false;
            self.shares_itself = false;
            if core::mem::take(&mut self.screen_sound) {
                out.push(Effect::StopCapture(Slot::ScreenSound));
            }
        }
    }

    /// What others shall get.
    pub(crate) fn sending(&self) -> Sending {
        let screen = self.screen.delivers();
        let sound = screen && self.screen_sound && !self.shares_itself;
        let slots = Slots::NONE
            .with(Slot::Microphone, self.microphone.delivers())
            .with(Slot::Camera, self.camera.delivers())
            .with(Slot::Screen, screen)
            .with(Slot::ScreenSound, sound);
        let share_rests = Slots::NONE
            .with(Slot::Screen, screen && self.share_paused)
            .with(Slot::ScreenSound, sound && self.share_paused);
        let paused = share_rests
            .with(Slot::Microphone, self.microphone.rests())
            .with(Slot::Camera, self.camera.rests())
            .with(Slot::Screen, screen && (self.share_paused || self.screen.muted));
        Sending {
            slots,
            paused,
            // A track that the system mutes, it gives back by itself: it stays where it is.
            flowing: slots
                .without(share_rests)
                .with(Slot::Microphone, self.microphone.delivers() && self.microphone.captured)
                .with(Slot::Camera, self.camera.delivers() && self.camera.captured),
            tracks: self.tracks,
        }
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

impl Source {
    /// What was captured is no more; its successor is asked for.
    fn let_go(&mut self) {
        self.captured = false;
        self.muted = false;
        self.asked = true;
        self.swaps = true;
    }

    fn delivers(&self) -> bool {
        self.on && (self.captured || self.swaps)
    }

    fn rests(&self) -> bool {
        self.on && (self.muted || self.swaps)
    }
}

impl Losses {
    /// One more; whether a replacement is worth a try.
    fn one_more(&mut self, now: Milliseconds) -> bool {
        if self.last.is_none_or(|last| now.since(last) > AT_ONCE) {
            self.count = 0;
        }
        self.last = Some(now);
        self.count += 1;
        self.count <= LOSSES_AT_ONCE
    }
}
