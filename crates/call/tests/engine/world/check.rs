//! What must hold once the dust has settled.

use super::World;
use eyeline_call::input::ConnectionState;
use eyeline_call::view::{Certificate, Device, PersonState, Server, Stage};
use eyeline_protocol::inner::{Slot, Slots};
use eyeline_protocol::outer::Phase;
use eyeline_seal::Seal;

/// A page that was killed is forgotten after this time: its socket is noticed soon, and then a minute passes.
const LOOKED_FOR: u64 = 70_000;

impl<S: Seal> World<S> {
    /// Whether everybody sees exactly those who are here, by their names and states, and every pair in the call
    /// has exactly one working connection, of the same generation at both ends. Says what is not so.
    pub(crate) fn settled(&self) -> Result<(), String> {
        let here: Vec<usize> = (0..self.pages.len())
            .filter(|page| self.pages[*page].alive && self.stage(*page) != Stage::Left)
            .collect();
        for &page in &here {
            self.page_settled(page, &here)?;
        }
        // Whom nobody sees any more may be looked for through a third peer until a minute has passed.
        let looked_for = |at: u64| self.now < at + LOOKED_FOR;
        if let Some(page) = self.pages.iter().position(|page| page.killed_at.is_some_and(looked_for)) {
            return Err(format!("page {page} may still be looked for"));
        }
        for (owner, peer, generation) in self.browsers.keys() {
            let other = self.index[peer];
            if !here.contains(owner) || !here.contains(&other) {
                return Err(format!(
                    "page {owner} still has connection {generation:?} with page {other}, who left"
                ));
            }
        }
        if let Some(page) = here.iter().find(|page| self.is_black_holed(**page)) {
            return Err(format!("page {page} has not noticed yet that its socket is dead"));
        }
        self.server.rooms.check_invariants().map_err(str::to_owned)
    }

    pub(crate) fn stage(&self, page: usize) -> Stage {
        self.view(page).stage
    }

    fn page_settled(&self, page: usize, here: &[usize]) -> Result<(), String> {
        let view = self.view(page);
        if view.server != Server::Online {
            return Err(format!("page {page} is not online: {:?}", view.server));
        }
        self.devices_settled(page)?;
        let mut seen: Vec<_> =
            view.people.iter().map(|person| self.index.get(&person.peer).copied()).collect();
        seen.sort_unstable();
        let others: Vec<_> = here.iter().filter(|other| **other != page).map(|other| Some(*other)).collect();
        if seen != others {
            return Err(format!("page {page} sees {seen:?}, here are {others:?}"));
        }
        for person in &view.people {
            let other = self.index[&person.peer];
            let theirs = self.view(other);
            let name = (&person.name, &theirs.me.name);
            if name.0 != name.1 {
                return Err(format!("page {page} calls page {other} {:?} instead of {:?}", name.0, name.1));
            }
            let phase = if theirs.stage == Stage::Call { Phase::Call } else { Phase::Lobby };
            if person.phase != phase || person.sending != theirs.me.sending {
                return Err(format!(
                    "page {page} has page {other} in {:?} sending {:?}; true is {phase:?} {:?}",
                    person.phase, person.sending, theirs.me.sending
                ));
            }
            if phase == Phase::Call && person.paused.without(person.spared) != theirs.me.paused {
                return Err(format!(
                    "page {page} has page {other} rest {:?}; true is {:?}",
                    person.paused, theirs.me.paused
                ));
            }
            let both = view.stage == Stage::Call && phase == Phase::Call;
            self.pair_settled(page, other, both, person)?;
        }
        Ok(())
    }

    /// Lights are on where somebody should know of it, and nowhere else.
    fn devices_settled(&self, page: usize) -> Result<(), String> {
        let me = self.view(page).me;
        let devices =
            [(Slot::Microphone, me.microphone), (Slot::Camera, me.camera), (Slot::Screen, me.screen)];
        for (slot, device) in devices {
            let captured = self.pages[page].tracks.contains(&slot);
            let right = match device {
                Device::On => captured,
                // A muted one stays captured.
                Device::Off => !captured || slot == Slot::Microphone,
                Device::Failed(_) => !captured,
                Device::Starting => false,
            };
            if !right {
                return Err(format!("{slot:?} of page {page} is {device:?}, captured: {captured}"));
            }
        }
        Ok(())
    }

    /// All that is on is sent, but for a share that was paused, and pictures that rest for `sparing`'s reason. (What the
    /// system has taken keeps its place.)
    fn sends_rightly(&self, page: usize, sends: Slots, sparing: Slots) -> bool {
        let me = self.view(page).me;
        let sends = sends.and(sparing.within(me.sending));
        let share = Slots::NONE.with(Slot::Screen, true).with(Slot::ScreenSound, true);
        let rests = me.paused.within(share);
        sends.without(rests) == me.sending.without(rests)
    }

    fn pair_settled(
        &self,
        page: usize,
        other: usize,
        both: bool,
        person: &eyeline_call::view::Person,
    ) -> Result<(), String> {
        let of = |owner: usize, peer: usize| {
            let peer = self.pages[peer].id;
            let list: Vec<_> =
                self.browsers.iter().filter(|((a, b, _), _)| *a == owner && *b == peer).collect();
            list
        };
        let mine = of(page, other);
        if !both {
            return if mine.is_empty() {
                Ok(())
            } else {
                Err(format!("pages {page} and {other} have a connection, and one is in the lobby"))
            };
        }
        let theirs = of(other, page);
        let (&[(my_key, my_end)], &[(their_key, _)]) = (mine.as_slice(), theirs.as_slice()) else {
            return Err(format!(
                "pages {page} and {other} have {} and {} connections",
                mine.len(),
                theirs.len()
            ));
        };
        if my_key.2 != their_key.2 {
            return Err(format!(
                "pages {page} and {other} use generations {:?} and {:?}",
                my_key.2, their_key.2
            ));
        }
        let good = person.state == PersonState::Connected
            && my_end.state == ConnectionState::Connected
            && my_end.stays_connected()
            && my_end.hides() == self.view(page).me.always_relay
            && my_end.travels_by(person.path)
            && my_end.shown
            && my_end.channel_open
            && my_end.sends.is_some_and(|sends| self.sends_rightly(page, sends, person.sparing))
            && person.show == Some(my_key.2)
            && matches!(person.certificate, Certificate::Verified | Certificate::NotDoubleChecked);
        if good { Ok(()) } else { Err(format!("pages {page} and {other}: {person:?}, {my_end:?}")) }
    }
}
