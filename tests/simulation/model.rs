//! What one engine must hold, computed from its inputs and outputs alone: a list of events with
//! their fates, the requests in flight, and a few moments before which nothing may be sent. What
//! comes out is judged in `judge.rs`.
//!
//! Exactly one fate. An event is held until it is delivered (its request, or one after it was left,
//! was answered with 2xx), rejected, expired or dropped (a dead letter says so), and nothing ever
//! leaves such a state. Each of these moments, and each time an event is handed to a browser whose
//! page goes away, or comes back from there, has exactly one mark.

use crate::network::{EventId, parse};
use crate::support::Texts;
use sluicebox::core::event::Event;
use sluicebox::core::io::{Answer, Input, RequestId, Token};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::policy::Policy;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What an engine calls an event: its place among those of its page.
pub type Sequence = u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Held,
    Delivered,
    Rejected,
    Expired,
    Dropped,
}

#[derive(Debug)]
pub struct Known {
    pub id: EventId,
    pub stream: usize,
    pub bytes: usize,
    pub at: u64,
    pub fate: Fate,
    /// Whether it was part of a request before.
    pub sent: bool,
    /// Whether it may be in a batch already, although it was never sent.
    pub batched: bool,
    /// How many of its requests failed.
    pub failures: u32,
    pub adopted: bool,
    /// Whether a page that goes away handed it over, and nobody heard that it was not taken.
    pub left: bool,
    /// Whether the next answer speaks for it.
    pub waits_for_word: bool,
    /// `left`, as the marks say.
    pub marked: bool,
}

pub struct Flight {
    pub id: RequestId,
    pub events: Vec<Sequence>,
    pub deadline: u64,
    pub keepalive_bytes: usize,
}

pub struct Flush {
    pub token: Token,
    /// What is held before this sequence is waited for.
    pub through: Sequence,
    pub deadline: u64,
    pub closes: bool,
}

/// What the engine knows about a server in trouble.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    pub since: u64,
    /// The backoff ends at the latest.
    pub until: u64,
}

pub struct Model {
    pub policy: Policy,
    pub texts: Texts,
    pub events: BTreeMap<Sequence, Known>,
    pub flights: Vec<Flight>,
    /// The latest time the engine was told.
    pub now: u64,
    pub stopped: bool,
    pub frozen: bool,
    pub loading: bool,
    pub hidden: bool,
    /// Bytes that bodies which outlive the page may have.
    pub room: usize,
    /// `Retry-After`: nothing may be sent before.
    pub floor: u64,
    /// The backoff ends at the earliest.
    pub told: u64,
    pub trouble: Option<Trouble>,
    /// Whether the last that was heard of the server is good.
    pub proven: bool,
    /// Held events of each stream, and all of them.
    pub held: Vec<BTreeSet<Sequence>>,
    pub all_held: BTreeSet<Sequence>,
    /// What the engine is doing.
    pub offering: bool,
    pub adopting: bool,
    pub hiding: bool,
    pub flushes: Vec<Flush>,
    /// Events that the server refused in this step; each must become a dead letter.
    pub refused: Vec<Sequence>,
    /// Events that waited when all of them were discarded; as above.
    pub discarded: BTreeSet<Sequence>,
    /// Settled, and not marked yet.
    pub unmarked: BTreeSet<Sequence>,
    /// What other pages must be told: whether the server is in trouble.
    pub tells: VecDeque<bool>,
    pub counts: Ledger,
    next_sequence: Sequence,
}

impl Model {
    pub fn new(policy: Policy, texts: Texts, streams: usize) -> Self {
        Model {
            policy,
            texts,
            events: BTreeMap::new(),
            flights: Vec::new(),
            now: 0,
            stopped: false,
            frozen: false,
            loading: false,
            hidden: false,
            room: 0,
            floor: 0,
            told: 0,
            trouble: None,
            proven: false,
            held: vec![BTreeSet::new(); streams],
            all_held: BTreeSet::new(),
            offering: false,
            adopting: false,
            hiding: false,
            flushes: Vec::new(),
            refused: Vec::new(),
            discarded: BTreeSet::new(),
            unmarked: BTreeSet::new(),
            tells: VecDeque::new(),
            counts: Ledger::default(),
            next_sequence: 0,
        }
    }

    /// The counts as they must be.
    pub fn ledger(&self) -> Ledger {
        Ledger { pending: self.all_held.len() as u64, ..self.counts }
    }

    pub fn held_bytes(&self) -> usize {
        self.all_held.iter().map(|event| self.events[event].bytes).sum()
    }

    pub fn flies(&self, event: Sequence) -> bool {
        self.flights.iter().any(|flight| flight.events.contains(&event))
    }

    /// Held, and neither in flight nor handed over by an earlier page.
    pub fn waits(&self, event: Sequence) -> bool {
        !self.events[&event].waits_for_word && !self.flies(event)
    }

    pub fn is_old(&self, event: Sequence) -> bool {
        self.events[&event].at.saturating_add(self.policy.age_max_ms) <= self.now
    }

    /// What outlives the page has so many bytes.
    pub fn leaving_bytes(&self) -> usize {
        self.flights.iter().map(|flight| flight.keepalive_bytes).sum()
    }

    /// Notes what the engine is about to be told.
    pub fn input(&mut self, now: u64, input: &Input) {
        self.now = self.now.max(now);
        self.offering = matches!(input, Input::Offer(..));
        self.adopting = matches!(input, Input::Adopted | Input::Thaw);
        self.hiding = matches!(input, Input::Hide(_));
        if self.hidden || self.hiding {
            // What found no room is in a batch.
            self.events.values_mut().for_each(|event| event.batched = true);
        }
        match input {
            Input::Offer(sequence, event) => {
                self.next_sequence = sequence + 1;
                self.takes(*sequence, event, self.now);
            }
            Input::Answered(id, answer) => self.answered(*id, answer),
            Input::Failed(id) => {
                if let Some(flight) = self.land(*id) {
                    self.failed(&flight, None);
                }
            }
            Input::Flush(token, timeout) => self.flush(*token, *timeout, false),
            Input::Close(token, timeout) => {
                self.flush(*token, *timeout, true);
                self.forgive();
            }
            Input::Start => {
                self.stopped = false;
                self.flushes.iter_mut().for_each(|flush| flush.closes = false);
            }
            Input::Online => self.forgive(),
            Input::Hide(bytes) => {
                self.hidden = true;
                self.room = bytes + self.leaving_bytes();
            }
            Input::Show => self.hidden = false,
            Input::Tick => {}
            Input::Discard => {
                let waits = self.all_held.iter().filter(|event| !self.flies(**event));
                self.discarded = waits.copied().collect();
            }
            Input::Unsent(id) => {
                for event in self.land(*id).map_or(Vec::new(), |flight| flight.events) {
                    self.known(event).left = false;
                }
            }
            Input::Kept(id) => {
                let flight = self.flights.iter().find(|flight| flight.id == *id);
                for event in flight.map_or(Vec::new(), |flight| flight.events.clone()) {
                    let proven = self.proven;
                    self.known(event).left |= proven;
                }
            }
            Input::Load => self.loading = true,
            Input::Adopt(sequence, event, at, is_left) => {
                self.next_sequence = self.next_sequence.max(sequence + 1);
                for flush in self.flushes.iter_mut().filter(|_| self.loading) {
                    flush.through = flush.through.max(sequence + 1);
                }
                self.takes(*sequence, event, at.as_millis().min(self.now));
                let known = self.known(*sequence);
                (known.sent, known.adopted) = (true, true);
                (known.left, known.marked, known.waits_for_word) = (*is_left, *is_left, *is_left);
            }
            Input::Adopted => self.loading = false,
            Input::Freeze => self.frozen = true,
            Input::Thaw => self.frozen = false,
            Input::Forget => self.forget(),
            Input::Told(Some(until)) => {
                self.proven = false;
                let most = self.now + Policy::RETRY_AFTER_MAX_MS;
                let until = until.as_millis().min(most);
                self.told = self.told.max(until);
                let trouble = self.trouble.get_or_insert(Trouble { since: self.now, until: 0 });
                trouble.until = trouble.until.max(until + u64::from(Policy::RETRY_EARLY_CAP_MS));
            }
            Input::Told(None) => (self.trouble, self.told, self.proven) = (None, 0, true),
        }
    }

    fn takes(&mut self, sequence: Sequence, event: &Event, at: u64) {
        let bytes = event.bytes;
        let event = parse(&self.texts.of(&[sequence]));
        self.held[event.stream].insert(sequence);
        self.all_held.insert(sequence);
        self.counts.accepted += 1;
        let known = Known {
            id: event.id,
            stream: event.stream,
            bytes,
            at,
            fate: Fate::Held,
            sent: false,
            batched: false,
            failures: 0,
            adopted: false,
            left: false,
            waits_for_word: false,
            marked: false,
        };
        assert!(self.events.insert(sequence, known).is_none(), "sequence {sequence} came twice");
    }

    pub fn known(&mut self, event: Sequence) -> &mut Known {
        self.events.get_mut(&event).expect("an event that was offered or adopted")
    }

    /// A guess about the outage is void.
    fn forgive(&mut self) {
        self.told = 0;
        self.trouble.iter_mut().for_each(|trouble| trouble.until = 0);
    }

    /// Another page counts what is held.
    fn forget(&mut self) {
        self.counts.accepted -= self.all_held.len() as u64;
        self.all_held.clear();
        self.held.iter_mut().for_each(BTreeSet::clear);
        self.events.clear();
        self.flights.clear();
    }

    fn flush(&mut self, token: Token, timeout: u64, closes: bool) {
        let (through, deadline) = (self.next_sequence, self.now + timeout);
        self.flushes.push(Flush { token, through, deadline, closes });
    }

    fn answered(&mut self, id: RequestId, answer: &Answer) {
        // Nobody waits for it any more: it must change nothing.
        let Some(flight) = self.land(id) else { return };
        if let 408 | 425 | 429 | 500..=599 = answer.status {
            return self.failed(&flight, answer.retry_after);
        }
        if self.trouble.take().is_some() {
            self.tells.push_back(false);
        }
        (self.told, self.proven) = (0, true);
        match answer.status {
            200..=299 => {
                let spoken_for = self.all_held.iter().filter(|e| self.events[*e].waits_for_word);
                let spoken_for: Vec<Sequence> = spoken_for.copied().collect();
                for event in flight.events.into_iter().chain(spoken_for) {
                    self.settle(event, Fate::Delivered);
                }
            }
            status if matches!(status, 401 | 404) || flight.events.len() == 1 => {
                self.refused = flight.events;
            }
            _ => flight.events.iter().for_each(|event| self.known(*event).left = false),
        }
    }

    pub fn failed(&mut self, flight: &Flight, retry_after: Option<u64>) {
        let since = self.trouble.map_or(self.now, |trouble| trouble.since);
        self.proven = false;
        self.trouble = Some(Trouble { since, until: 0 });
        self.tells.push_back(true);
        self.told = 0;
        let span = retry_after.unwrap_or(0).min(Policy::RETRY_AFTER_MAX_MS);
        self.floor = self.floor.max(self.now + span);
        for event in &flight.events {
            let known = self.known(*event);
            known.failures += 1;
            known.left = false;
        }
        for event in self.all_held.clone() {
            let known = self.known(event);
            known.left &= !known.waits_for_word;
            known.waits_for_word = false;
        }
    }

    pub fn land(&mut self, id: RequestId) -> Option<Flight> {
        let index = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.remove(index))
    }

    pub fn settle(&mut self, event: Sequence, fate: Fate) {
        let known = self.known(event);
        assert_eq!(known.fate, Fate::Held, "event {event} was settled before, now {fate:?}");
        known.fate = fate;
        let stream = known.stream;
        self.held[stream].remove(&event);
        self.all_held.remove(&event);
        self.unmarked.insert(event);
        match fate {
            Fate::Delivered => self.counts.delivered += 1,
            Fate::Rejected => self.counts.rejected += 1,
            Fate::Expired => self.counts.expired += 1,
            Fate::Dropped => self.counts.dropped += 1,
            Fate::Held => unreachable!(),
        }
    }
}
