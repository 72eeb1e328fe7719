//! Liveness, checked where exploration ends: left alone, the call must come to rest as it should be.

use crate::world::World;
use eyeline_call::input::ConnectionState;
use eyeline_call::view::{Certificate, PersonState, Server, Stage};
use eyeline_protocol::Milliseconds;
use eyeline_protocol::outer::Phase;

/// What nobody disturbs any more is well within this time: a lost page leaves a roster after 60 s.
const HEALED_WITHIN: Milliseconds = Milliseconds(150_000);

impl World {
    /// Nothing goes wrong any more: does the call come to rest, everybody seeing everybody who is here, every pair with
    /// one connection of one generation, and stay so?
    pub(crate) fn heals(&self) -> Result<(), String> {
        let mut world = self.clone();
        if world.rooms.is_none() {
            world.step(crate::world::Step::Restart);
        }
        let end = world.now + HEALED_WITHIN;
        loop {
            world.rest(Milliseconds::seconds(1));
            if let Some((rule, text)) = world.breach {
                return Err(format!("{rule:?}: {text}"));
            }
            match world.settled() {
                Ok(()) => {
                    world.rest(Milliseconds::seconds(4));
                    if world.settled().is_ok() {
                        return Ok(());
                    }
                }
                Err(why) if world.now >= end => return Err(why),
                Err(_) => {}
            }
        }
    }

    /// Whether everybody sees everybody who is here as they are. Says what is not so.
    pub(crate) fn settled(&self) -> Result<(), String> {
        let views: Vec<_> = self.pages.iter().map(|page| page.call.view()).collect();
        let here = |page: usize| views[page].stage != Stage::Left;
        for (page, view) in views.iter().enumerate().filter(|(page, _)| here(*page)) {
            if view.server != Server::Online {
                return Err(format!("page {page} is not online: {:?}", view.server));
            }
            let others: Vec<_> = (0..views.len()).filter(|other| *other != page && here(*other)).collect();
            if view.people.len() != others.len() {
                return Err(format!("page {page} sees {:?}, here are {others:?}", view.people));
            }
            for other in others {
                let id = self.pages[other].id;
                let Some(person) = view.people.iter().find(|person| person.peer == id) else {
                    return Err(format!("page {page} does not see page {other}"));
                };
                if person.name != self.pages[other].name(other) {
                    return Err(format!("page {page} has an old name: {}", person.name));
                }
                let phase = if views[other].stage == Stage::Call { Phase::Call } else { Phase::Lobby };
                if person.phase != phase {
                    return Err(format!("page {page} has page {other} in {:?}", person.phase));
                }
                let both = view.stage == Stage::Call && phase == Phase::Call;
                self.pair_settled(page, other, both, person)?;
            }
        }
        Ok(())
    }

    fn pair_settled(
        &self,
        page: usize,
        other: usize,
        both: bool,
        person: &eyeline_call::view::Person,
    ) -> Result<(), String> {
        if self.instance.intercepted && page.min(other) == 0 {
            return self.intercepted_settled(page, other, person);
        }
        let mine: Vec<_> = self.browsers.iter().filter(|(key, _)| (key.0, key.1) == (page, other)).collect();
        match mine.as_slice() {
            [] if !both => Ok(()),
            &[(key, browser)] if both => {
                let good = person.state == PersonState::Connected
                    && person.show.is_some_and(|show| show.0 == key.2)
                    && browser.state == ConnectionState::Connected
                    && browser.shown
                    && self.lives(*key);
                if good { Ok(()) } else { Err(format!("page {page}: {person:?}, {browser:?}")) }
            }
            list => Err(format!("page {page} has {} connections with page {other}", list.len())),
        }
    }

    /// Who has found a wrong certificate has no connection any more, and says why; the other is not told that it has one.
    fn intercepted_settled(
        &self,
        page: usize,
        other: usize,
        person: &eyeline_call::view::Person,
    ) -> Result<(), String> {
        let found = page == 0;
        let connections = self.browsers.keys().filter(|key| (key.0, key.1) == (page, other)).count();
        let good = if found {
            connections == 0
                && person.certificate == Certificate::Mismatch
                && person.state == PersonState::Gone
        } else {
            person.state != PersonState::Connected
        };
        if good { Ok(()) } else { Err(format!("page {page}: {connections} connections, {person:?}")) }
    }
}

/// What an exploration should come across.
impl World {
    /// Media flows somewhere.
    pub(crate) fn has_living(&self) -> bool {
        self.browsers.keys().any(|key| self.lives(*key))
    }

    /// Media flows again after an ICE restart.
    pub(crate) fn has_restarted(&self) -> bool {
        self.browsers.iter().any(|(key, browser)| browser.has_restarted() && self.lives(*key))
    }

    /// Somebody was told that a certificate is another one.
    pub(crate) fn has_mismatch(&self) -> bool {
        let views = self.pages.iter().map(|page| page.call.view());
        views.flat_map(|view| view.people).any(|person| person.certificate == Certificate::Mismatch)
    }

    /// Media flows over a connection of a later generation.
    pub(crate) fn has_rebuilt(&self) -> bool {
        self.browsers.keys().any(|key| key.2 > 1 && self.lives(*key))
    }

    /// The other knows the name that page 0 took last.
    pub(crate) fn knows_new_name(&self) -> bool {
        let name = self.pages[0].name(0);
        name != crate::world::name(0, 0)
            && self.pages[1].call.view().people.iter().any(|person| person.name == name)
    }
}
