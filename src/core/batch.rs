//! Events that travel together. A batch keeps its composition over its retries and keeps its
//! lanes until it is settled, so nothing behind it can overtake.

use super::gzip::Gzip;
use super::io::RequestId;
use super::queue::{Held, LaneSet};
use super::time::Timestamp;
use super::wire::{Attempt, Trouble};

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Failed before, made by a split or ahead of its time: it goes as soon as it may.
    Waiting,
    /// Sent; no answer yet.
    InFlight(RequestId, Timestamp),
    /// Handed over by a page that went away without hearing the answer: the next one speaks for it.
    Left,
}

/// The events of one request, oldest first.
#[derive(Debug)]
pub struct Batch {
    events: Vec<Held>,
    bytes: usize,
    /// The lanes of its events.
    pub lanes: LaneSet,
    /// Attempts that failed so far. An answer that makes it split is none of them.
    pub failures: u32,
    /// The first and the last time it was sent.
    sent: (Timestamp, Timestamp),
    /// Why the last attempt failed.
    pub trouble: Trouble,
    /// What its last request took of the budget for bodies that outlive the page.
    pub keepalive_bytes: usize,
    /// Whether it is marked as handed over by a page that goes away.
    pub is_left: bool,
    /// Its body, where it was made ahead of its time.
    pub body: Option<Gzip>,
    /// Waiting, in flight or left.
    pub state: State,
}

impl Batch {
    /// A batch that waits.
    pub fn new(events: Vec<Held>) -> Self {
        let mut batch = Batch {
            events: Vec::new(),
            bytes: 0,
            lanes: 0,
            failures: 0,
            sent: Default::default(),
            trouble: Trouble::default(),
            keepalive_bytes: 0,
            is_left: false,
            body: None,
            state: State::Waiting,
        };
        events.into_iter().for_each(|held| batch.push(held));
        batch
    }

    /// The next attempt, which is made now.
    pub fn attempt(&mut self, now: Timestamp) -> Attempt {
        let (first, last) = self.sent;
        self.sent = (if self.failures == 0 { now } else { first }, now);
        Attempt { failures: self.failures, first, last, trouble: self.trouble }
    }

    /// How many of its events are the user's own.
    pub fn counted(&self) -> usize {
        self.events.iter().filter(|held| !held.event.control).count()
    }

    /// Its events; never none while the engine holds the batch.
    pub fn events(&self) -> &Vec<Held> {
        &self.events
    }

    /// The sequences of its events.
    pub fn sequences(&self) -> Vec<u64> {
        self.events.iter().map(|held| held.sequence).collect()
    }

    /// The sequence of its oldest event.
    pub fn oldest(&self) -> Option<u64> {
        self.events.first().map(|held| held.sequence)
    }

    /// Its events, taken out.
    pub fn into_events(self) -> Vec<Held> {
        self.events
    }

    /// Adds a newer event.
    pub fn push(&mut self, held: Held) {
        self.lanes |= held.lane();
        self.bytes = self.bytes.saturating_add(held.event.bytes);
        self.events.push(held);
    }

    /// Takes the oldest event out.
    pub fn pop_oldest(&mut self) -> Option<Held> {
        if self.events.is_empty() {
            return None;
        }
        self.body = None;
        let held = self.events.remove(0);
        self.bytes = self.bytes.saturating_sub(held.event.bytes);
        Some(held)
    }

    /// The request it is in flight with.
    pub fn request(&self) -> Option<RequestId> {
        match self.state {
            State::InFlight(request, _) => Some(request),
            State::Waiting | State::Left => None,
        }
    }

    /// The older and the newer half.
    pub fn split(mut self) -> (Batch, Batch) {
        let newer = self.events.split_off(self.events.len().div_ceil(2));
        let half = |events| Batch {
            failures: self.failures,
            sent: self.sent,
            trouble: self.trouble,
            ..Batch::new(events)
        };
        (half(self.events), half(newer))
    }

    /// Bytes of its events' texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
