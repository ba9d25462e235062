//! Pages that open, hide, stand still, go on, close and die.

use crate::network::parse;
use crate::path::disk::{Job, PageId};
use crate::path::story::Cause;
use crate::path::tab::{Life, Tab};
use crate::path::world::Path;
use sluicebox::core::io::{Input, RequestId};

impl Path {
    pub fn opens(&mut self) {
        let page = self.tabs.len();
        let seed = [self.dice.next() as u32, self.dice.next() as u32, 1, 2];
        self.tabs.push(Tab::new(&self.policy, seed));
        self.locks.insert(page, page);
        self.happens(page, Input::Load);
        self.disk.begin(self.time, page, Job::Begin, &mut self.dice);
    }

    /// What is on its way says whether it outlives the page; then all that waits is handed over.
    pub fn hides(&mut self, page: PageId) {
        self.is_orderly = false;
        self.write(page, true, false);
        self.happens(page, Input::Tick);
        let flights = self.tabs[page].model.flights.iter();
        let is_left = |event| self.tabs[page].model.events[event].left;
        let ordinary = flights.filter(|flight| !flight.events.iter().any(is_left));
        for id in ordinary.map(|flight| flight.id).collect::<Vec<RequestId>>() {
            let fate = self.dice.between(0, 2);
            let unsent = if fate == 0 { self.network.drops((page, id)) } else { None };
            match (fate, unsent) {
                (_, Some(body)) => {
                    body.split(',').for_each(|text| self.stories[parse(text).id].sends -= 1);
                    self.tell(page, Input::Unsent(id));
                }
                (2, _) => self.is_forced("an ordinary request of a page that hid"),
                _ => _ = self.tell(page, Input::Kept(id)),
            }
        }
        self.tabs[page].life = Life::Hidden;
        let leaving = self.tabs[page].model.leaving_bytes();
        let room = self.dice.pick(&[60 * 1024, 60 * 1024, 60 * 1024, 2_000, 100]);
        self.reacts(page, Input::Hide(60 * 1024_usize.min(room).saturating_sub(leaving)));
        self.write(page, true, false);
    }

    pub fn shows(&mut self, page: PageId) {
        self.tabs[page].life = Life::Seen;
        self.happens(page, Input::Show);
    }

    pub fn freezes(&mut self, page: PageId) {
        self.hides(page);
        self.happens(page, Input::Freeze);
        if !self.tabs[page].sources.is_empty() {
            self.is_forced("a page froze while it took a log over");
        }
        self.leaves_in_doubt(page);
        for other in self.tabs.iter_mut().filter(|other| other.runs() && !other.is_ready) {
            other.told_of.insert(page);
        }
        let tab = &mut self.tabs[page];
        (tab.life, tab.is_thawing, tab.is_ready) = (Life::Frozen, false, false);
        self.lets_go(page);
    }

    pub fn thaws(&mut self, page: PageId) {
        let tab = &mut self.tabs[page];
        (tab.life, tab.is_thawing) = (Life::Hidden, true);
        for input in std::mem::take(&mut tab.heard) {
            self.happens(page, input);
        }
        self.stored(page);
        self.grants();
        if self.locks_if_free(page, page) {
            self.disk.begin(self.time, page, Job::Begin, &mut self.dice);
        }
        if self.dice.percent(80) {
            self.shows(page);
        }
    }

    /// The visitor closes it: what was handed to the browser goes on.
    pub fn closes(&mut self, page: PageId) {
        if self.tabs[page].runs() {
            self.hides(page);
        }
        self.ends(page, 95);
    }

    /// It dies at once.
    pub fn dies(&mut self, page: PageId) {
        self.is_orderly = false;
        self.is_forced("a page died");
        self.summary.kills += 1;
        let flights = self.tabs[page].model.flights.iter();
        for id in flights.map(|flight| flight.id).collect::<Vec<RequestId>>() {
            if self.dice.percent(50)
                && let Some(body) = self.network.drops((page, id))
            {
                self.network.refuses(&body);
            }
        }
        self.ends(page, 50);
    }

    /// All pages die; with the power, what was not flushed is lost too.
    pub fn browser_dies(&mut self, with_power: bool) {
        for page in (0..self.tabs.len()).rev() {
            if !self.tabs[page].is_gone() {
                self.dies(page);
            }
        }
        if with_power {
            let before = self.disk.stored();
            self.disk.loses_power();
            let still: Vec<usize> = self.disk.stored().iter().map(|entry| entry.id).collect();
            for entry in before.iter().filter(|entry| !still.contains(&entry.id)) {
                self.stories[entry.id].lost = Some(Cause::Power);
            }
        }
    }

    /// What flies and is not marked as handed over is sent again by whoever finds it.
    fn leaves_in_doubt(&mut self, page: PageId) {
        let model = &self.tabs[page].model;
        let mut flying = model.flights.iter().flat_map(|flight| &flight.events);
        if flying.any(|event| !model.events[event].left) {
            self.is_forced("a page left a server that it had not heard");
        }
    }

    /// Nothing of it runs any more. Each of its writes is done with this chance, and none after one
    /// that is not.
    fn ends(&mut self, page: PageId, chance: u64) {
        self.leaves_in_doubt(page);
        self.tabs[page].life = Life::Gone;
        let jobs = std::mem::take(&mut self.disk.jobs);
        let (mine, others): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|(other, _)| *other == page);
        self.disk.jobs = others.into();
        let mut is_done = true;
        for (_, job) in mine.iter().filter(|(_, job)| matches!(job, Job::Write { .. })) {
            is_done = is_done
                && self.dice.percent(chance)
                && self.disk.commits(page, job, &mut self.dice);
        }
        if !is_done || !self.tabs[page].waiting.is_empty() {
            self.is_forced("a page ended before its log was written");
        }
        if !self.tabs[page].sources.is_empty() {
            self.is_forced("a page ended while it took a log over");
        }
        let tab = &mut self.tabs[page];
        tab.is_thawing = false;
        // Without its lock it may not write.
        let ready_at = if tab.is_ready { tab.ready_at } else { u64::MAX };
        let cause = if tab.was_in_trouble { Cause::Storage } else { Cause::Window };
        let held: Vec<usize> = tab.model.all_held.iter().map(|e| tab.model.events[e].id).collect();
        // What was stored once is gone from there only when another page has it, or it is settled.
        for id in held {
            if self.disk.sound.contains(&id) {
                continue;
            }
            let cause = if self.disk.damaged.contains(&id) { Cause::Damage } else { cause };
            self.loses(id, cause, ready_at);
        }
        self.tabs[page].done.clear();
        self.lets_go(page);
    }
}
