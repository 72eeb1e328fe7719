//! Faults from outside, and what people see of them: networks that break, servers that die, machines that sleep.
//!
//! Everybody is at home behind a router of the usual kind (port-restricted), where packets can be made to vanish. The
//! product knows nothing of all this.
//!
//! # Layout
//! - this file: the table.
//! - [`scene`]: some people at home in a call, and what they see of each other.
//! - [`network`], [`server`], [`machine`]: the faults, by what breaks.
//! - [`elsewhere`]: the faults of the list that another test proves.
//! - [`flatness`]: whether figures taken over a long time stay as they are.

pub mod elsewhere;
pub mod flatness;
mod machine;
mod network;
pub mod scene;
mod server;

use crate::Kind as Browser;
use crate::world::{Public, World};
use anyhow::{Context as _, Result};
use eyeline_netlab::Kind;
use scene::Scene;
use std::time::Duration;

/// A fault of the table in `docs/faults-survived.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the table.
    pub number: &'static str,
    /// What happens.
    pub what: &'static str,
    /// What a person should see.
    pub should: &'static str,
    /// How long it may take, as the median; twice as long at worst.
    pub bound: Duration,
    /// How many people are in the call.
    pub people: usize,
    cause: Cause,
}

/// How a fault is brought about and observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    SocketCut,
    SocketBlackHole,
    ServerKilled,
    RelayKilled,
    ServerGone(Duration),
    ServerRestarted,
    DatagramsLost(Duration),
    EverythingLost(Duration),
    LongAbsence(Duration),
    OtherAddress,
    OtherMapping,
    NoUdp,
    UdpBlocked,
    Loss(u32),
    Bursts,
    Narrow,
    Sleep(Duration),
    Hidden(Duration),
    BrowserKilled,
    TabClosed,
    OpenedTwice,
    ClockJump,
    NoFiles,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn minutes(minutes: u64) -> Duration {
    seconds(60 * minutes)
}

/// The faults that are tried, in the order of the table.
pub const FAULTS: [Fault; 27] = {
    const fn fault(
        number: &'static str,
        what: &'static str,
        should: &'static str,
        bound: u64,
        people: usize,
        cause: Cause,
    ) -> Fault {
        Fault { number, what, should, bound: seconds(bound), people, cause }
    }
    use Cause::*;
    [
        fault("F1", "a WebSocket is cut", "nothing; it is back", 2, 2, SocketCut),
        fault("F2", "a WebSocket is swallowed", "nothing; it is noticed", 15, 2, SocketBlackHole),
        fault("F3", "the server is killed for 5 s", "nothing; all are back there", 10, 3, ServerKilled),
        fault("F4", "the same, and the call is relayed by it", "waiting for each other", 10, 2, RelayKilled),
        fault(
            "F5",
            "the server stays away for 10 min",
            "the call goes on, and a bar says so",
            15,
            2,
            ServerGone(minutes(10)),
        ),
        fault("F6", "the server is restarted", "nothing; all are back there", 5, 2, ServerRestarted),
        fault("F7", "no UDP for 4 s", "a frozen picture", 3, 2, DatagramsLost(seconds(4))),
        fault("F8", "no UDP for 10 s", "waiting for each other", 3, 2, DatagramsLost(seconds(10))),
        fault("F9", "no UDP for 40 s", "waiting for each other", 5, 2, DatagramsLost(seconds(40))),
        fault("F10", "nothing at all for 45 s", "waiting for each other", 6, 2, EverythingLost(seconds(45))),
        fault("F11", "nothing at all for 5 min", "gone, and back by itself", 8, 2, LongAbsence(minutes(5))),
        fault("F12", "another address at home", "a frozen picture", 6, 2, OtherAddress),
        fault("F13", "the router maps to other ports", "a frozen picture", 6, 2, OtherMapping),
        fault("F14", "UDP is blocked from the start", "relayed over TCP or TLS", 10, 2, NoUdp),
        fault("F15", "UDP is blocked in mid-call", "relayed over TCP or TLS", 12, 2, UdpBlocked),
        fault("F16a", "5 % of all packets are lost", "talk goes on", 1, 2, Loss(5)),
        fault("F16b", "10 % of all packets are lost", "talk goes on", 1, 2, Loss(10)),
        fault("F16c", "30 % of all packets are lost", "no disconnection", 3, 2, Loss(30)),
        fault("F16d", "all packets are lost for 200 ms of each second", "talk goes on", 1, 2, Bursts),
        fault("F17", "300, then 100 kbit/s", "less picture, then none; sound stays", 10, 2, Narrow),
        fault("F19", "a machine sleeps for 30 s", "back by itself", 8, 2, Sleep(seconds(30))),
        fault("F20", "a tab is hidden for 10 min", "nothing", 2, 2, Hidden(minutes(10))),
        fault("F24", "a browser is killed", "waiting, then gone", 3, 2, BrowserKilled),
        fault("F25", "a tab is closed", "gone", 1, 2, TabClosed),
        fault("F26", "a link is opened in a second tab", "one more person", 10, 2, OpenedTwice),
        fault("F27", "a clock jumps by an hour, and back", "nothing", 2, 2, ClockJump),
        fault("F31", "the server may open no more files", "nothing", 10, 2, NoFiles),
    ]
};

/// What a run showed.
#[derive(Clone, Debug)]
pub struct Observed {
    /// In words.
    pub seen: String,
    /// What the bound is about: from the fault, or from the return of what was missing.
    pub time: Duration,
}

impl Observed {
    fn new(seen: impl Into<String>, time: Duration) -> Result<Self> {
        Ok(Self { seen: seen.into(), time })
    }
}

impl Fault {
    /// The fault with this number.
    pub fn named(number: &str) -> Option<Self> {
        FAULTS.into_iter().find(|fault| fault.number == number)
    }

    /// Whether a run takes a minute or more.
    pub fn takes_long(&self) -> bool {
        match self.cause {
            Cause::DatagramsLost(time) | Cause::EverythingLost(time) => time >= minutes(1),
            Cause::LongAbsence(_) | Cause::ServerGone(_) | Cause::Hidden(_) | Cause::BrowserKilled => true,
            _ => false,
        }
    }

    /// Puts people into a call, lets it happen to them, and looks.
    pub async fn observe(&self, world: &World, public: &Public, browsers: &[Browser]) -> Result<Observed> {
        let homes = match self.cause {
            // No two of these reach each other but through the relay.
            Cause::RelayKilled => [Kind::Symmetric; 2],
            Cause::NoUdp => [Kind::UdpBlocked, Kind::PortRestricted],
            _ => [Kind::PortRestricted; 2],
        };
        let mut scene = Scene::new(world, public, self.people, homes, browsers, |options| {
            options.throttled = matches!(self.cause, Cause::Hidden(_));
            if self.cause == Cause::Narrow {
                options.camera = Some(crate::media::SMALL);
            }
        })
        .await?;
        let observed = scene.cause(self.cause).await;
        scene.write_down(world, observed.is_err()).await?;
        observed.with_context(|| format!("{}: {}", self.number, self.what))
    }
}

impl Scene {
    async fn cause(&mut self, cause: Cause) -> Result<Observed> {
        if cause != Cause::NoUdp {
            self.begin().await?;
        }
        match cause {
            Cause::SocketCut => self.socket_cut().await,
            Cause::SocketBlackHole => self.socket_black_hole().await,
            Cause::ServerKilled => self.server_killed().await,
            Cause::RelayKilled => self.relay_killed().await,
            Cause::ServerGone(time) => self.server_gone(time).await,
            Cause::ServerRestarted => self.server_restarted().await,
            Cause::DatagramsLost(time) => self.lost("meta l4proto udp drop", time).await,
            Cause::EverythingLost(time) => self.lost("drop", time).await,
            Cause::LongAbsence(time) => self.long_absence(time).await,
            Cause::OtherAddress => self.other_address().await,
            Cause::OtherMapping => self.other_mapping().await,
            Cause::NoUdp => self.no_udp().await,
            Cause::UdpBlocked => self.udp_blocked().await,
            Cause::Loss(percent) => self.loss(percent).await,
            Cause::Bursts => self.bursts().await,
            Cause::Narrow => self.narrow().await,
            Cause::Sleep(time) => self.sleep(time).await,
            Cause::Hidden(time) => self.hidden(time).await,
            Cause::BrowserKilled => self.browser_killed().await,
            Cause::TabClosed => self.tab_closed().await,
            Cause::OpenedTwice => self.opened_twice().await,
            Cause::ClockJump => self.clock_jump().await,
            Cause::NoFiles => self.no_files().await,
        }
    }
}
