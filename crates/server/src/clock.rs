//! Time for the machines: how late it is, and that each is woken when it asked to be.

use eyeline_protocol::Milliseconds;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Milliseconds since the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(&self) -> Milliseconds {
        Milliseconds(u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn instant(&self, at: Milliseconds) -> Instant {
        self.0 + Duration::from_millis(at.0)
    }
}

/// Wakes a machine when it asked for it. What is waited for is kept beside the machine, behind the same lock, so that
/// no deadline can move unseen in between.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// The machine's next deadline is earlier than the one waited for.
    moved: Notify,
}

impl Alarm {
    /// Compares the machine's next deadline with the one waited for, after an input and with the machine still locked.
    pub(crate) fn adjust(&self, next: Option<Milliseconds>, awaited: Option<Milliseconds>) {
        let is_earlier = match (next, awaited) {
            (Some(next), Some(awaited)) => next < awaited,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_earlier {
            self.moved.notify_one();
        }
    }

    /// Calls `wake` at each deadline. `next` reads it and keeps it as the one waited for. Never returns.
    pub(crate) async fn run(&self, clock: Clock, next: impl Fn() -> Option<Milliseconds>, wake: impl Fn()) {
        loop {
            let awaited = next();
            let moved = self.moved.notified();
            match awaited {
                None => moved.await,
                Some(at) => tokio::select! {
                    () = moved => {}
                    () = tokio::time::sleep_until(clock.instant(at)) => wake(),
                },
            }
        }
    }
}
