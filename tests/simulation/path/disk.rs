//! Where the pages of one origin keep their logs: transactions one after another, each done a while
//! after it was begun or not at all, and locks that a page holds as long as it lives and moves.

use crate::dice::Dice;
use crate::network::EventId;
use crate::path::book::{Entry, Line, Write, read};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A page, and its log.
pub type PageId = usize;

#[derive(Debug, Clone)]
pub struct Record {
    number: u64,
    lines: Vec<Line>,
    is_damaged: bool,
}

pub type Logs = BTreeMap<PageId, Vec<Record>>;

/// A transaction.
#[derive(Debug, Clone)]
pub enum Job {
    /// Looks which logs there are.
    Begin,
    /// Reads another page's log; what the page writes then is part of it.
    Adopt(PageId),
    /// Appends a record, removes those before a number, and the logs that were taken over.
    Write { number: u64, write: Write, before: u64, gone: Vec<u64>, sources: Vec<PageId> },
}

impl Job {
    /// The logs that it removes.
    pub fn sources(&self) -> Option<&Vec<PageId>> {
        match self {
            Job::Write { sources, .. } => Some(sources),
            Job::Begin | Job::Adopt(_) => None,
        }
    }
}

/// Chances in percent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wear {
    pub fails: u64,
    pub tears: u64,
    pub latency_ms_max: u64,
}

#[derive(Default)]
pub struct Disk {
    pub logs: Logs,
    pub wear: Wear,
    /// Begun and not done, in order; the first is done at `busy_until`.
    pub jobs: VecDeque<(PageId, Job)>,
    busy_until: u64,
    /// What a machine that loses its power still has.
    safe: Logs,
    pub faults: u64,
    pub longest_queue: usize,
    /// Events of damaged records, and of others.
    pub damaged: BTreeSet<EventId>,
    pub sound: BTreeSet<EventId>,
}

impl Disk {
    pub fn new(wear: Wear) -> Self {
        Disk { wear, ..Disk::default() }
    }

    pub fn begin(&mut self, now: u64, page: PageId, job: Job, dice: &mut Dice) {
        self.jobs.push_back((page, job));
        self.begun(now, dice);
    }

    /// It goes on in the transaction that is going on.
    pub fn goes_on(&mut self, now: u64, page: PageId, job: Job, dice: &mut Dice) {
        self.jobs.push_front((page, job));
        self.busy_until = now + dice.between(0, self.wear.latency_ms_max);
    }

    fn begun(&mut self, now: u64, dice: &mut Dice) {
        self.longest_queue = self.longest_queue.max(self.jobs.len());
        if self.jobs.len() == 1 {
            self.busy_until = now + dice.between(0, self.wear.latency_ms_max);
        }
    }

    /// Whether something is being written to the log.
    pub fn writes(&self, log: PageId) -> bool {
        self.jobs.iter().any(|(page, job)| *page == log && matches!(job, Job::Write { .. }))
    }

    pub fn next_at(&self) -> Option<u64> {
        (!self.jobs.is_empty()).then_some(self.busy_until)
    }

    /// Takes the job whose time has come.
    pub fn take_next(&mut self, now: u64, dice: &mut Dice) -> Option<(PageId, Job)> {
        let job = self.jobs.pop_front();
        self.busy_until = now + dice.between(0, self.wear.latency_ms_max);
        job
    }

    /// Commits a write; false where it fails, and then nothing of it is there.
    pub fn commits(&mut self, page: PageId, job: &Job, dice: &mut Dice) -> bool {
        let Job::Write { number, write, before, sources, .. } = job else { return true };
        if dice.percent(self.wear.fails) {
            self.faults += 1;
            return false;
        }
        let log = self.logs.entry(page).or_default();
        if write.gone > 0 {
            log.retain(|record| record.number >= *before);
        }
        if !write.lines.is_empty() {
            let is_damaged = dice.percent(self.wear.tears);
            self.faults += u64::from(is_damaged);
            let seen = if is_damaged { &mut self.damaged } else { &mut self.sound };
            seen.extend(write.lines.iter().filter_map(|line| match line {
                Line::Event(entry) => Some(entry.id),
                Line::Mark(..) => None,
            }));
            let place = log.partition_point(|record| record.number < *number);
            let lines = write.lines.clone();
            log.insert(place, Record { number: *number, lines, is_damaged });
        }
        if log.is_empty() {
            self.logs.remove(&page);
        }
        sources.iter().for_each(|source| drop(self.logs.remove(source)));
        if dice.percent(20) {
            self.safe = self.logs.clone();
        }
        true
    }

    /// The power fails: what was not flushed is gone, and what was removed since is back.
    pub fn loses_power(&mut self) {
        self.logs = self.safe.clone();
        self.faults += 1;
    }

    /// The events of a log that nobody has settled, as far as they can be read.
    pub fn read(&self, log: PageId) -> Vec<Entry> {
        let records = self.logs.get(&log).into_iter().flatten();
        read(records.filter(|record| !record.is_damaged).flat_map(|record| &record.lines))
    }

    /// What is stored of all logs.
    pub fn stored(&self) -> Vec<Entry> {
        self.logs.keys().flat_map(|log| self.read(*log)).collect()
    }
}
