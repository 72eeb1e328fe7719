//! An evil server: a real one whose words are twisted on their way to the pages. Of what it can do, the simulated calls
//! use a part as if it were a bad network: loss, repetition, another order.

use super::random::Random;
use eyeline_protocol::ids::PeerId;
use eyeline_protocol::outer::{GoneReason, Phase, ServerRecord};

/// What the evil server does, in percent of records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evil {
    pub drops: u64,
    pub replays: u64,
    /// Keeps a record back until later ones have gone.
    pub holds: u64,
    /// Says that a record comes from somebody else.
    pub forges_sender: u64,
    /// Gives a record to somebody else.
    pub misdelivers: u64,
    /// Changes a byte.
    pub alters: u64,
    /// Says that members have gone who have not.
    pub denies: u64,
    /// Invents members.
    pub ghosts: u64,
    pub members: Vec<PeerId>,
    pub heard: Vec<(usize, Vec<u8>)>,
    pub misdelivered: Vec<(usize, Vec<u8>)>,
    pub held: Vec<(usize, Vec<u8>)>,
}

impl Evil {
    /// The messages a page really gets instead of `bytes`.
    pub(crate) fn twist(&mut self, page: usize, bytes: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        for record in ServerRecord::parse(bytes).flatten() {
            let mut message = Vec::new();
            match record {
                ServerRecord::Welcome(mut welcome) => {
                    self.members.extend(welcome.roster.iter().map(|(id, _)| *id));
                    if random.chance(self.ghosts) {
                        welcome.roster.push((ghost(random), Phase::Call));
                    }
                    if random.chance(self.denies) {
                        welcome.roster.pop();
                    }
                    ServerRecord::Welcome(welcome).write(&mut message);
                }
                ServerRecord::Receive { from, sequence, sealed } => {
                    if random.chance(self.drops) {
                        continue;
                    }
                    let mut sealed = sealed.to_vec();
                    if random.chance(self.alters) {
                        let place = random.next() as usize % sealed.len();
                        sealed[place] ^= 1 << (random.next() % 8);
                    }
                    let forged = random.chance(self.forges_sender) && !self.members.is_empty();
                    let from = if forged { *random.pick(&self.members) } else { from };
                    ServerRecord::Receive { from, sequence, sealed: &sealed }.write(&mut message);
                    self.heard.push((page, message.clone()));
                    if random.chance(self.holds) {
                        self.held.push((page, core::mem::take(&mut message)));
                    } else if random.chance(self.misdelivers) {
                        let to = random.pick(&self.heard).0;
                        self.misdelivered.push((to, core::mem::take(&mut message)));
                    }
                }
                ServerRecord::Joined(id, phase) => {
                    self.members.push(id);
                    ServerRecord::Joined(id, phase).write(&mut message);
                    if random.chance(self.ghosts) {
                        ServerRecord::Joined(ghost(random), Phase::Lobby).write(&mut message);
                    }
                    if random.chance(self.denies) {
                        ServerRecord::Gone(id, GoneReason::Lost).write(&mut message);
                    }
                }
                other => other.write(&mut message),
            }
            if !message.is_empty() {
                messages.push(message);
            }
            while random.chance(self.replays) && !self.heard.is_empty() {
                // Old words in any page's ear, its own or not.
                messages.push(random.pick(&self.heard).1.clone());
            }
            if random.chance(50)
                && let Some(place) = self.held.iter().position(|(to, _)| *to == page)
            {
                messages.push(self.held.remove(place).1);
            }
            while let Some(place) = self.misdelivered.iter().position(|(to, _)| *to == page) {
                messages.push(self.misdelivered.remove(place).1);
            }
        }
        self.members.truncate(64);
        if self.heard.len() > 400 {
            self.heard.drain(..200);
        }
        messages
    }
}

fn ghost(random: &mut Random) -> PeerId {
    let mut id = [0xee; 16];
    id[..8].copy_from_slice(&random.next().to_be_bytes());
    PeerId(id)
}
