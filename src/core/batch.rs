//! Events that travel together. A batch keeps its composition over its retries and keeps its
//! lanes until it is settled, so nothing behind it can overtake.

use super::io::RequestId;
use super::queue::{Held, LaneSet};
use super::time::Timestamp;
use super::wire::{Attempt, Trouble};

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Failed before, or made by a split: it goes as soon as it may.
    Waiting,
    /// Sent; no answer yet.
    InFlight(RequestId, Timestamp),
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
    /// Waiting or in flight.
    pub state: State,
}

impl Batch {
    /// A batch that waits.
    pub fn new(events: Vec<Held>) -> Self {
        let lanes = events.iter().fold(0, |lanes, held| lanes | held.lane());
        let bytes =
            events.iter().fold(0, |sum: usize, held| sum.saturating_add(held.event.text.len()));
        Batch {
            events,
            bytes,
            lanes,
            failures: 0,
            sent: Default::default(),
            trouble: Trouble::default(),
            keepalive_bytes: 0,
            state: State::Waiting,
        }
    }

    /// The next attempt, which is made now.
    pub fn attempt(&mut self, now: Timestamp, leaving: bool) -> Attempt {
        let (first, last) = self.sent;
        self.sent = (if self.failures == 0 { now } else { first }, now);
        Attempt { now, failures: self.failures, first, last, trouble: self.trouble, leaving }
    }

    /// How many of its events are the user's own.
    pub fn counted(&self) -> usize {
        self.events.iter().filter(|held| !held.event.control).count()
    }

    /// Its events; never none while the engine holds the batch.
    pub fn events(&self) -> &Vec<Held> {
        &self.events
    }

    /// The sequence of its oldest event.
    pub fn oldest(&self) -> Option<u64> {
        self.events.first().map(|held| held.sequence)
    }

    /// Its events, taken out.
    pub fn into_events(self) -> Vec<Held> {
        self.events
    }

    /// Takes the oldest event out.
    pub fn pop_oldest(&mut self) -> Option<Held> {
        if self.events.is_empty() {
            return None;
        }
        let held = self.events.remove(0);
        self.bytes = self.bytes.saturating_sub(held.event.text.len());
        Some(held)
    }

    /// The request it is in flight with.
    pub fn request(&self) -> Option<RequestId> {
        match self.state {
            State::InFlight(request, _) => Some(request),
            State::Waiting => None,
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

    /// Bytes of its events' text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
