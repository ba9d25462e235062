//! How pages write, take over and go on: `src/platform/durable.js` and `src/platform/tabs.js`.

use crate::path::book::{Entry, Write};
use crate::path::disk::{Job, PageId};
use crate::path::tab::Tab;
use crate::path::world::Path;
use sluicebox::core::io::Input;
use sluicebox::core::time::Timestamp;
use std::collections::BTreeSet;

impl Path {
    /// Writes what is to be written; `inside`, in the transaction that is going on.
    pub fn write(&mut self, page: PageId, must: bool, inside: bool) {
        let now = self.time;
        let tab = &mut self.tabs[page];
        let Some(write) = tab.book.next(now, must) else { return };
        tab.writes.push_back(write.clone());
        if tab.is_ready {
            self.issue(page, write, inside);
        } else {
            tab.waiting.push(write);
        }
    }

    fn issue(&mut self, page: PageId, write: Write, inside: bool) {
        let tab = &mut self.tabs[page];
        let number = tab.next_number;
        tab.next_number += 1;
        tab.begun.push_back(number);
        let gone = tab.numbers.drain(..write.gone.min(tab.numbers.len())).collect();
        if !write.lines.is_empty() {
            tab.numbers.push(number);
        }
        let before = tab.numbers.first().copied().unwrap_or(tab.next_number);
        let sources = std::mem::take(&mut tab.sources).into_iter().collect();
        let job = Job::Write { number, write, before, gone, sources };
        if inside {
            self.disk.goes_on(self.time, page, job, &mut self.dice);
        } else {
            self.disk.begin(self.time, page, job, &mut self.dice);
        }
    }

    /// The first transaction is done.
    pub fn transaction(&mut self) {
        let Some((page, job)) = self.disk.take_next(self.time, &mut self.dice) else { return };
        self.say(&(page, &job));
        match &job {
            Job::Begin => self.begins(page),
            Job::Adopt(source) => self.adopts(page, *source),
            Job::Write { number, gone, sources, .. } => {
                let done = self.disk.commits(page, &job, &mut self.dice);
                self.say(&(page, number, done));
                let tab = &mut self.tabs[page];
                if !done {
                    tab.numbers.retain(|other| other != number);
                    tab.numbers.splice(..0, gone.iter().copied());
                    tab.was_in_trouble = true;
                }
                tab.done.insert(*number, (done, sources.clone()));
                if self.tabs[page].runs() {
                    self.stored(page);
                }
            }
        }
        self.grants();
    }

    /// Writes are told to the book in their order, also where a later one was done first.
    pub fn stored(&mut self, page: PageId) {
        let now = self.time;
        let tab = &mut self.tabs[page];
        let told = |tab: &mut Tab| tab.begun.front().and_then(|number| tab.done.remove(number));
        while let Some((done, sources)) = told(tab) {
            tab.begun.pop_front();
            if done {
                self.frees.extend(sources);
            } else {
                tab.sources.extend(sources);
            }
            let write = tab.writes.pop_front().expect("a write that is not done");
            tab.book.settled(write, done, now);
        }
        self.write(page, false, false);
    }

    /// It has its lock, and sees which logs there are.
    fn begins(&mut self, page: PageId) {
        let tab = &mut self.tabs[page];
        if tab.is_thawing {
            tab.is_thawing = false;
            let kept = tab.numbers.is_empty() || self.disk.logs.contains_key(&page);
            self.thawed(page, kept);
        }
        let tab = &mut self.tabs[page];
        (tab.is_ready, tab.ready_at) = (true, self.time);
        for write in std::mem::take(&mut tab.waiting) {
            self.issue(page, write, false);
        }
        let told_of = std::mem::take(&mut self.tabs[page].told_of);
        let logs: BTreeSet<PageId> = self.disk.logs.keys().copied().chain(told_of).collect();
        for log in logs {
            if log != page && self.locks_if_free(log, page) {
                self.disk.begin(self.time, page, Job::Adopt(log), &mut self.dice);
            }
        }
        self.loaded(page);
    }

    fn thawed(&mut self, page: PageId, kept: bool) {
        if !kept {
            let tab = &mut self.tabs[page];
            tab.numbers.clear();
            tab.waiting.clear();
            while let Some(write) = tab.writes.pop_back() {
                tab.book.settled(write, false, 0);
            }
            let rest = tab.book.lost();
            self.tell(page, Input::Forget);
            for entry in rest {
                self.holds(page, entry);
            }
        }
        self.happens(page, Input::Thaw);
    }

    /// Once it has adopted all that nobody held, it may send.
    fn loaded(&mut self, page: PageId) {
        let is_mine = |(other, job): &(PageId, Job)| *other == page && matches!(job, Job::Adopt(_));
        if self.tabs[page].model.loading && !self.disk.jobs.iter().any(is_mine) {
            self.happens(page, Input::Adopted);
        }
    }

    fn adopts(&mut self, page: PageId, source: PageId) {
        if !self.disk.logs.contains_key(&source) {
            self.frees.push(source);
            return self.loaded(page);
        }
        self.summary.adopted += 1;
        self.tabs[page].sources.insert(source);
        let entries = self.disk.read(source);
        let first = self.tabs[page].older_sequences(entries.len());
        for (mut entry, sequence) in entries.into_iter().zip(first..) {
            entry.sequence = sequence;
            self.holds(page, entry);
        }
        self.reacts(page, Input::Adopted);
        self.write(page, true, true);
    }

    fn holds(&mut self, page: PageId, entry: Entry) {
        let at = Timestamp::from_millis(entry.at);
        let tab = &mut self.tabs[page];
        let event = tab.texts.event(entry.sequence, entry.stream.clone(), &entry.text);
        let input = Input::Adopt(entry.sequence, event, at, entry.left);
        tab.book.push(entry);
        self.tell(page, input);
    }

    /// Locks that were freed go to who waits for them: the log's own page, or another that runs.
    pub fn grants(&mut self) {
        while let Some(log) = self.frees.pop() {
            if self.locks.remove(&log).is_none() {
                continue;
            }
            if self.tabs[log].is_thawing {
                self.locks.insert(log, log);
                self.disk.begin(self.time, log, Job::Begin, &mut self.dice);
                continue;
            }
            let pages = 0..self.tabs.len();
            let waits = |page: &PageId| {
                *page != log && self.tabs[*page].runs() && self.tabs[*page].is_ready
            };
            let waiting: Vec<PageId> = pages.filter(waits).collect();
            let is_there = self.disk.logs.contains_key(&log) || self.disk.writes(log);
            if is_there && !waiting.is_empty() {
                let page = self.dice.pick(&waiting);
                self.locks.insert(log, page);
                self.disk.begin(self.time, page, Job::Adopt(log), &mut self.dice);
            }
        }
    }

    /// Whether nobody held the lock; now the page does.
    pub fn locks_if_free(&mut self, log: PageId, page: PageId) -> bool {
        let is_free = !self.locks.contains_key(&log);
        self.locks.entry(log).or_insert(page);
        is_free
    }

    /// It gives up its lock and those of the logs that it took over.
    pub fn lets_go(&mut self, page: PageId) {
        // What is on its way to be removed stays locked until that is known.
        let taken = |log: &PageId| {
            let jobs = self.disk.jobs.iter().filter(|(other, _)| *other == page);
            let mut jobs = jobs.filter_map(|(_, job)| job.sources());
            jobs.any(|sources| sources.contains(log))
        };
        let tab = &self.tabs[page];
        let told = |log: &PageId| !tab.done.values().any(|(_, sources)| sources.contains(log));
        let held = self.locks.iter().filter(|(log, holder)| **holder == page && !taken(log));
        let free: Vec<PageId> = held.map(|(log, _)| *log).filter(told).collect();
        self.frees.extend(free);
        self.tabs[page].sources.clear();
        let runs_on = |job: &(PageId, Job)| job.0 != page || matches!(job.1, Job::Write { .. });
        self.disk.jobs.retain(runs_on);
        self.grants();
    }
}
