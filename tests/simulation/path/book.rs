//! The book of one log, rule by rule as `src/core/log.js` has it: which record has which event, and
//! what is to be written next.

use crate::model::Sequence;
use crate::network::{EventId, parse};
use sluicebox::core::event::Stream;
use sluicebox::core::io::Mark;
use std::collections::{BTreeMap, BTreeSet};

/// Lines written since the log was empty, before what is left is written anew. Few, so that it happens.
const WASTE_MAX: usize = 80;
const PAUSE: u64 = 1_000;
const PAUSE_MAX: u64 = 60_000;

pub type RecordId = u64;

#[derive(Debug, Clone)]
pub struct Entry {
    pub sequence: Sequence,
    pub id: EventId,
    pub stream: Stream,
    pub text: String,
    pub at: u64,
    pub left: bool,
    record: Option<RecordId>,
}

impl Entry {
    pub fn new(sequence: Sequence, stream: Stream, text: String, at: u64) -> Self {
        let id = parse(&text).id;
        Entry { sequence, id, stream, text, at, left: false, record: None }
    }
}

/// One line of a record.
#[derive(Debug, Clone)]
pub enum Line {
    Event(Entry),
    Mark(Mark, Sequence, u64),
}

type MarkOf = (Mark, Sequence, u64, BTreeSet<RecordId>);

/// What is to be written, and how many of the oldest records may go.
#[derive(Debug, Clone)]
pub struct Write {
    pub lines: Vec<Line>,
    pub gone: usize,
    record: RecordId,
    events: Vec<Sequence>,
    stored: Vec<Sequence>,
    marks: Vec<MarkOf>,
    removed: Vec<RecordId>,
}

#[derive(Default)]
pub struct Book {
    /// All events that are not settled; the core keeps them.
    pub held: BTreeMap<Sequence, Entry>,
    fresh: Vec<Sequence>,
    /// Those that could not be written anew.
    stored: BTreeSet<Sequence>,
    /// How many events of each record are not settled, oldest first.
    records: Vec<(RecordId, u64)>,
    marks: Vec<MarkOf>,
    lines: usize,
    is_dirty: bool,
    writing: usize,
    pub failures: u32,
    not_before: u64,
    next_record: RecordId,
}

impl Book {
    pub fn push(&mut self, entry: Entry) {
        self.fresh.push(entry.sequence);
        self.held.insert(entry.sequence, entry);
        self.is_dirty = true;
    }

    pub fn mark(&mut self, mark: Mark, first: Sequence, count: u64) {
        let mut records = BTreeSet::new();
        for sequence in first..first + count {
            let Some(entry) = self.held.get_mut(&sequence) else { continue };
            entry.left = mark == Mark::Left;
            if let Some(record) = entry.record {
                records.insert(record);
                let known = self.records.iter_mut().find(|(id, _)| *id == record);
                known.into_iter().for_each(|(_, live)| *live -= u64::from(mark == Mark::Settled));
            }
            if mark == Mark::Settled {
                self.held.remove(&sequence);
            }
        }
        if !records.is_empty() {
            self.marks.push((mark, first, count, records));
            self.is_dirty = true;
        }
    }

    pub fn next(&mut self, now: u64, must: bool) -> Option<Write> {
        if !self.is_dirty || now < self.not_before || (self.writing > 0 && !must) {
            return None;
        }
        self.is_dirty = false;
        let mut gone = self.records.iter().position(|(_, live)| *live > 0);
        if self.writing > 0 {
            gone = Some(0);
        }
        if gone.is_none() || (self.lines > WASTE_MAX && self.writing == 0) {
            gone = None;
            self.lines = 0;
            if self.records.iter().any(|(_, live)| *live > 0) {
                self.fresh = self.held.keys().copied().collect();
            }
        }
        let gone = gone.unwrap_or(self.records.len());
        let removed: Vec<RecordId> = self.records.drain(..gone).map(|(id, _)| id).collect();
        let fresh = std::mem::take(&mut self.fresh);
        let events: Vec<Sequence> =
            fresh.into_iter().filter(|sequence| self.held.contains_key(sequence)).collect();
        let all = std::mem::take(&mut self.marks);
        let is_needed = |id: &RecordId| self.records.iter().any(|(other, _)| other == id);
        let needed = all.iter().filter(|(.., records)| records.iter().any(is_needed));
        let mut lines: Vec<Line> =
            needed.map(|(mark, first, count, _)| Line::Mark(*mark, *first, *count)).collect();
        if events.is_empty() && lines.is_empty() && gone == 0 {
            return None;
        }
        let record = self.next_record;
        self.next_record += 1;
        let mut stored = Vec::new();
        for sequence in &events {
            let entry = self.held.get_mut(sequence)?;
            if entry.record.replace(record).is_some() {
                stored.push(*sequence);
            }
            lines.push(Line::Event(entry.clone()));
        }
        if !lines.is_empty() {
            self.records.push((record, events.len() as u64));
        }
        self.lines += lines.len();
        self.writing += 1;
        Some(Write { lines, gone, record, events, stored, marks: all, removed })
    }

    pub fn settled(&mut self, write: Write, done: bool, now: u64) {
        self.writing -= 1;
        self.failures = if done { 0 } else { self.failures + 1 };
        self.is_dirty |= self.records.first().is_some_and(|(_, live)| *live == 0);
        if done {
            return;
        }
        self.not_before = now + (PAUSE << self.failures.min(10)).min(PAUSE_MAX);
        self.records.retain(|(id, _)| *id != write.record);
        self.records.splice(..0, write.removed.into_iter().map(|id| (id, 0)));
        for sequence in &write.events {
            if let Some(entry) = self.held.get_mut(sequence) {
                entry.record = None;
            }
        }
        self.stored.extend(write.stored);
        self.fresh.splice(..0, write.events);
        self.marks.splice(..0, write.marks);
        self.is_dirty = true;
    }

    /// Another page has adopted what was stored: gives what was not.
    pub fn lost(&mut self) -> Vec<Entry> {
        let mut fresh = std::mem::take(&mut self.fresh);
        fresh.sort_unstable();
        let unknown = fresh.iter().filter(|sequence| !self.stored.contains(sequence));
        let rest = unknown.filter_map(|sequence| self.held.get(sequence).cloned()).collect();
        (self.records, self.marks, self.lines) = (Vec::new(), Vec::new(), 0);
        self.held.clear();
        rest
    }
}

/// The events that nobody has settled, oldest first.
pub fn read<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<Entry> {
    let mut events: BTreeMap<Sequence, Entry> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Event(entry) => {
                events.insert(entry.sequence, Entry { record: None, ..entry.clone() });
            }
            Line::Mark(mark, first, count) => {
                let named: Vec<Sequence> =
                    events.range(*first..first + count).map(|(sequence, _)| *sequence).collect();
                for sequence in named {
                    if *mark == Mark::Settled {
                        events.remove(&sequence);
                    } else if let Some(entry) = events.get_mut(&sequence) {
                        entry.left = *mark == Mark::Left;
                    }
                }
            }
        }
    }
    events.into_values().collect()
}
