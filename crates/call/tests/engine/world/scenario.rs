//! What people and the network do in one call, drawn from a seed.

use super::{Event, World};
use eyeline_call::Input;
use eyeline_call::input::{Action, CaptureError};
use eyeline_call::view::Stage;
use eyeline_protocol::inner::Slot;
use eyeline_seal::Seal;

/// Something that happens to the world from outside.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Act(usize, Action),
    /// Something happens to a capture device of a page.
    Device(usize, Input),
    NetworkChanged(usize),
    CutSocket(usize),
    BlackHole(usize),
    Kill(usize),
    LinkDown(usize, usize),
    LinkUp(usize, usize),
    /// Old paths are dead, new ones can be found at once.
    LinkChange(usize, usize),
    /// DTLS dies: only a new connection helps.
    BreakConnections(usize, usize),
    /// A browser operation fails.
    FailOperation(usize, usize),
    /// A page's program stands still for some time, and its machine answers nobody: a closed lid.
    Sleep(usize, u64),
    /// A page's program does not get to what arrives for some time, while its machine goes on answering.
    HoldUp(usize, u64),
    /// A page crashes, and the person opens it again: as somebody new, with the same name.
    Reload(usize, u64),
    /// Nothing gets in or out of a page's machine for some time.
    CutOff(usize, u64),
    /// A page's clock jumps, in milliseconds.
    ClockJumps(usize, i64),
    /// Old paths are dead, and both ends hear of another network in the same moment: both want an ICE restart.
    BothRestart(usize, usize),
    /// What the server carries is lost, repeated and late for some time.
    RoughServer(u64),
    CrashServer,
    StartServer,
    DrainServer,
}

impl<S: Seal> World<S> {
    pub(crate) fn step(&mut self, step: Step) {
        if self.log {
            println!("{:>7} {step:?}", self.now);
        }
        let pages = self.pages.len();
        match step {
            // Some faults come before their victim has opened the page.
            Step::Device(one, _)
            | Step::NetworkChanged(one)
            | Step::CutSocket(one)
            | Step::BlackHole(one)
            | Step::Kill(one)
            | Step::Sleep(one, _)
            | Step::HoldUp(one, _)
            | Step::Reload(one, _)
            | Step::CutOff(one, _)
            | Step::ClockJumps(one, _)
                if one >= pages => {}
            Step::LinkDown(one, other)
            | Step::LinkUp(one, other)
            | Step::LinkChange(one, other)
            | Step::BreakConnections(one, other)
            | Step::FailOperation(one, other)
            | Step::BothRestart(one, other)
                if one.max(other) >= pages => {}
            Step::Act(page, action) => self.act(page, action),
            Step::Device(page, input) => self.device(page, input),
            Step::NetworkChanged(page) => self.input(page, Input::NetworkChanged),
            Step::CutSocket(page) => self.cut_socket(page, false),
            Step::BlackHole(page) => self.black_hole(page),
            Step::Kill(page) => self.kill(page),
            Step::LinkDown(one, other) => {
                self.link(one, other).up = false;
                self.link_changed(one, other);
            }
            Step::LinkUp(one, other) => {
                self.link(one, other).up = true;
                self.link_changed(one, other);
            }
            Step::LinkChange(one, other) => {
                self.link(one, other).changes += 1;
                self.link_changed(one, other);
            }
            Step::BreakConnections(one, other) => {
                let id = self.pages[other].id;
                for ((owner, peer, _), browser) in &mut self.browsers {
                    if *owner == one && *peer == id {
                        browser.broken = true;
                    }
                }
                self.link_changed(one, other);
            }
            Step::FailOperation(one, other) => {
                let id = self.pages[other].id;
                let key = self.browsers.keys().find(|(owner, peer, _)| *owner == one && *peer == id).copied();
                if let Some(key) = key {
                    self.happens(key, eyeline_call::input::ConnectionEvent::Failed);
                }
            }
            // What waits would not stay in its order if the time were prolonged.
            Step::Sleep(page, _) | Step::HoldUp(page, _) if self.pages[page].asleep_until > self.now => {}
            Step::Sleep(page, time) => {
                self.pages[page].asleep_until = self.now + time;
                self.black_hole(page);
            }
            Step::HoldUp(page, time) => self.pages[page].asleep_until = self.now + time,
            Step::Reload(page, pause) => self.reload(page, pause),
            Step::CutOff(page, time) => self.cut_off(page, time),
            Step::ClockJumps(page, jump) => {
                let clock = self.pages[page].clock.saturating_add_signed(jump);
                self.pages[page].clock = clock;
            }
            Step::BothRestart(one, other) => {
                self.step(Step::LinkChange(one, other));
                self.input(one, Input::NetworkChanged);
                self.input(other, Input::NetworkChanged);
            }
            Step::RoughServer(time) => self.rough_until = self.now + time,
            Step::CrashServer => self.crash_server(),
            Step::StartServer => self.start_server(),
            Step::DrainServer => self.drain_server(),
        }
    }

    fn reload(&mut self, page: usize, pause: u64) {
        if !self.pages[page].alive {
            return;
        }
        if self.pages.len() < self.expected {
            // The pages of those who are still to come have their numbers already.
            self.later(500, Step::Reload(page, pause));
            return;
        }
        let view = self.view(page);
        self.kill(page);
        let number = self.pages.len();
        self.expected += 1;
        self.schedule(pause, Event::Open(view.me.name));
        if view.stage == Stage::Call {
            self.later(pause + 300, Step::Act(number, Action::Join));
        }
    }

    fn cut_off(&mut self, page: usize, time: u64) {
        self.pages[page].cut_off_until = self.now + time;
        self.black_hole(page);
        for other in (0..self.pages.len()).filter(|other| *other != page) {
            self.step(Step::LinkDown(page, other));
            self.later(time, Step::LinkUp(page, other));
        }
        if self.random.chance(50) {
            self.later(time, Step::NetworkChanged(page));
        }
    }

    /// Plans a whole call; returns the time at which the last thing happens.
    pub(crate) fn plan(&mut self, people: usize, faults: usize) -> u64 {
        self.expected = people;
        let (mut end, mut opened) = (0, 0);
        for page in 0..people {
            end = end.max(self.plan_person(page, opened));
            opened += self.random.between(0, 1500);
        }
        for page in 0..people {
            if self.random.chance(10) {
                self.narrow.insert(page);
            }
        }
        for _ in 0..faults {
            end = end.max(self.plan_fault(people));
        }
        end
    }

    fn later(&mut self, delay: u64, step: Step) -> u64 {
        self.schedule(delay, Event::Scenario(step));
        delay
    }

    fn plan_person(&mut self, page: usize, opened: u64) -> u64 {
        self.schedule(opened, Event::Open(format!("person {page}")));
        let mut end = opened;
        for slot in [Slot::Microphone, Slot::Camera, Slot::Screen] {
            if self.random.chance(60) {
                let delay = opened + self.random.between(1, 9000);
                end = end.max(self.later(delay, Step::Act(page, Action::Switch(slot, true))));
                if self.random.chance(40) {
                    let delay = delay + self.random.between(1, 9000);
                    end = end.max(self.later(delay, Step::Act(page, Action::Switch(slot, false))));
                }
            }
        }
        if self.random.chance(25) {
            end = end.max(self.plan_devices(page, opened));
        }
        if self.random.chance(30) {
            let delay = opened + self.random.between(1, 20000);
            let name = Action::SetName(format!("renamed {page}"));
            end = end.max(self.later(delay, Step::Act(page, name)));
        }
        if self.random.chance(15) {
            // In the lobby or in the call, and perhaps back again.
            for always in [true, false] {
                let delay = opened + self.random.between(1, 15_000);
                end = end.max(self.later(delay, Step::Act(page, Action::AlwaysRelay(always))));
            }
        }
        if self.random.chance(92) {
            let joined = opened + self.random.between(1, 8000);
            end = end.max(self.later(joined, Step::Act(page, Action::Join)));
            if self.random.chance(15) {
                let left = joined + self.random.between(1, 20000);
                let action = if self.random.chance(50) { Action::Leave } else { Action::ClosePage };
                end = end.max(self.later(left, Step::Act(page, action)));
                if self.random.chance(30) {
                    let again = left + self.random.between(1, 5000);
                    end = end.max(self.later(again, Step::Act(page, Action::Join)));
                }
            }
        }
        end
    }

    /// Devices that are pulled out and plugged in, taken by the system and given back, forbidden and allowed again; shares
    /// that are paused.
    fn plan_devices(&mut self, page: usize, opened: u64) -> u64 {
        let mut end = opened;
        for slot in [Slot::Microphone, Slot::Camera, Slot::Screen] {
            let at = opened + self.random.between(1, 15_000);
            let later = at + self.random.between(1, 8000);
            let (first, second) = match self.random.between(0, 9) {
                0 => (Input::CaptureEnded(slot), Input::DeviceAppeared(slot)),
                1 => (Input::CaptureMuted(slot, true), Input::CaptureMuted(slot, false)),
                2 => (Input::Permission(slot, false), Input::Permission(slot, true)),
                3 => {
                    let pause = |paused| Input::Person(Action::PauseShare(paused));
                    (pause(true), pause(false))
                }
                4 => (
                    Input::Person(Action::DeviceSwapped(slot)),
                    Input::CaptureFailed(slot, CaptureError::Busy),
                ),
                5 => (Input::CaptureEnded(slot), Input::CaptureEnded(slot)),
                6 if slot == Slot::Screen => (Input::SharesItself(true), Input::SharesItself(false)),
                _ => continue,
            };
            end = end.max(self.later(at, Step::Device(page, first)));
            // Some never come back.
            if self.random.chance(70) {
                end = end.max(self.later(later, Step::Device(page, second)));
            }
        }
        end
    }

    fn plan_fault(&mut self, people: usize) -> u64 {
        let at = self.random.between(0, 25_000);
        let one = self.random.between(0, people as u64 - 1) as usize;
        let other = (one + self.random.between(1, people as u64 - 1) as usize) % people;
        let long = self.random.between(100, 40_000);
        match self.random.between(0, 99) {
            0..=17 => self.later(at, Step::CutSocket(one)),
            18..=23 => self.later(at, Step::BlackHole(one)),
            24..=25 => self.later(at, Step::Kill(one)),
            // A room has eight places, and a page that crashed keeps its own for a moment.
            26..=30 if people + self.reloads < 8 => {
                self.reloads += 1;
                let pause = self.random.between(1, 5000);
                self.later(at, Step::Reload(one, pause)) + pause + 1000
            }
            26..=41 => {
                self.later(at, Step::LinkDown(one, other));
                self.later(at + long, Step::LinkUp(one, other))
            }
            42..=47 => self.later(at, Step::LinkChange(one, other)),
            48..=52 => self.later(at, Step::BothRestart(one, other)),
            53..=57 => self.later(at, Step::BreakConnections(one, other)),
            58..=60 => self.later(at, Step::FailOperation(one, other)),
            61..=67 => {
                for other in (0..people).filter(|other| *other != one) {
                    self.later(at, Step::LinkChange(one, other));
                }
                self.later(at, Step::CutSocket(one));
                self.later(at + 500, Step::NetworkChanged(one))
            }
            68..=72 => self.later(at, Step::CutOff(one, long)) + long,
            73..=83 => {
                self.later(at, Step::CrashServer);
                self.later(at + long / 2, Step::StartServer)
            }
            84..=85 => self.later(at, Step::DrainServer),
            86..=89 => self.later(at, Step::RoughServer(long / 2)) + long / 2,
            90..=92 => self.later(at, Step::Sleep(one, long)) + long,
            93..=95 => {
                // Mostly forward, as after a sleep that nobody noticed; back, by what a clock may be put right.
                let back = self.random.chance(30);
                let jump = if back { -(long as i64 / 8) } else { long as i64 };
                self.later(at, Step::ClockJumps(one, jump))
            }
            96..=97 => {
                let mut at = at;
                for _ in 0..self.random.between(1, 20) {
                    let time = self.random.between(100, 4000);
                    self.later(at, Step::HoldUp(one, time));
                    at += time + self.random.between(0, 200);
                }
                at
            }
            _ => self.later(at, Step::NetworkChanged(one)),
        }
    }
}

/// After the last fault, everything must be well within this time: a killed page's socket is noticed after 40 s, its
/// tile leaves 60 s later.
const SETTLE: u64 = 150_000;

/// Simulates the call of one seed with symbolic seals: two to eight people, mostly few, usually up to eight faults,
/// sometimes thirty.
pub(crate) fn simulate(seed: u64, log: bool) -> Result<u64, String> {
    simulate_in(World::symbolic(seed), log)
}

/// What many calls came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) events: u64,
    /// Seeds and what went wrong in them.
    pub(crate) failed: Vec<(u64, String)>,
}

/// Simulates the calls of many seeds on all processors; stops early when many fail.
pub(crate) fn simulate_many(seeds: core::ops::Range<u64>, one: fn(u64) -> Result<u64, String>) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let run = &|thread: u64| {
        let mut tally = Tally::default();
        for seed in seeds.clone().filter(|seed| seed % threads == thread) {
            match one(seed) {
                Ok(events) => tally.events += events,
                Err(failure) => tally.failed.push((seed, failure)),
            }
            if tally.failed.len() >= 10 {
                break;
            }
        }
        tally
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        let mut sum = Tally::default();
        for tally in running.into_iter().filter_map(|thread| thread.join().ok()) {
            sum.events += tally.events;
            sum.failed.extend(tally.failed);
        }
        sum
    })
}

/// The same in a given world.
pub(crate) fn simulate_in<S: Seal>(mut world: World<S>, log: bool) -> Result<u64, String> {
    world.log = log;
    let people = match world.random.between(0, 99) {
        0..=49 => 2,
        50..=69 => 3,
        70..=84 => 4,
        85..=89 => 5,
        90..=93 => 6,
        94..=96 => 7,
        _ => 8,
    };
    let faults = match world.random.between(0, 99) {
        0..=29 => 0,
        30..=94 => world.random.between(1, 8) as usize,
        _ => world.random.between(9, 30) as usize,
    };
    if world.random.chance(20) {
        // The other side of the world, over a bad line.
        world.delays.socket = (50, 900);
        world.delays.media = (50, 400);
        world.delays.browser = (0, 100);
    }
    let end = world.plan(people, faults);
    world.run(end + 1);
    settle(&mut world)?;
    // What is settled stays so.
    world.run(5000);
    world.settled().map_err(|why| format!("it had settled, and then: {why}"))?;
    Ok(world.events)
}

/// Lets the world come to rest.
pub(crate) fn settle<S: Seal>(world: &mut World<S>) -> Result<(), String> {
    let deadline = world.now + SETTLE;
    loop {
        if let Some(failure) = &world.failure {
            return Err(failure.clone());
        }
        match world.settled() {
            Ok(()) => {
                // Something may still be under way that nobody has noticed.
                world.run(3000);
                if world.settled().is_ok() {
                    return Ok(());
                }
            }
            Err(why) if world.now >= deadline => return Err(format!("did not settle: {why}")),
            Err(_) => world.run(1000),
        }
    }
}
