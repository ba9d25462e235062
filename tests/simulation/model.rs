//! What must be so, computed from inputs and outputs alone: a list of events with their fates, the
//! requests in flight, and a few moments before which nothing may be sent.
//!
//! Exactly one fate. An event is held until it is delivered (its request was answered with 2xx),
//! rejected, expired or dropped (a dead letter says so); nothing ever leaves such a state.

use crate::network::{EventId, parse};
use sluicebox::core::error::Code;
use sluicebox::core::io::{Answer, Input, Output, Request, RequestId, Token};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::policy::{Overflow, Policy};
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Held,
    Delivered,
    Rejected,
    Expired,
    Dropped,
}

pub struct Known {
    pub stream: usize,
    pub bytes: usize,
    pub at: u64,
    pub fate: Fate,
    /// Whether it was part of a request before.
    pub sent: bool,
    /// How many of its requests failed.
    pub failures: u32,
}

pub struct Flight {
    pub id: RequestId,
    pub events: Vec<EventId>,
    pub deadline: u64,
    keepalive_bytes: usize,
}

struct Flush {
    token: Token,
    /// How many events had been offered.
    through: EventId,
    deadline: u64,
    closes: bool,
}

pub struct Model {
    pub policy: Policy,
    pub events: Vec<Known>,
    pub flights: Vec<Flight>,
    /// The latest time the engine was told.
    pub now: u64,
    pub stopped: bool,
    /// `Retry-After`: nothing may be sent before.
    pub floor: u64,
    /// The end of the backoff, once the engine has told it.
    pub told: u64,
    /// Since when, and until when at the last failure, the server is in trouble.
    pub trouble: Option<(u64, u64)>,
    /// Held events of each stream, and all of them.
    pub held: Vec<BTreeSet<EventId>>,
    pub all_held: BTreeSet<EventId>,
    hidden: bool,
    offering: bool,
    flushes: Vec<Flush>,
    /// Events that the server refused in this step; each must become a dead letter.
    refused: Vec<EventId>,
    /// Events that waited when all of them were discarded; as above.
    discarded: BTreeSet<EventId>,
    counts: Ledger,
}

impl Model {
    pub fn new(policy: Policy, streams: usize) -> Self {
        Model {
            policy,
            events: Vec::new(),
            flights: Vec::new(),
            now: 0,
            stopped: false,
            floor: 0,
            told: 0,
            trouble: None,
            held: vec![BTreeSet::new(); streams],
            all_held: BTreeSet::new(),
            hidden: false,
            offering: false,
            flushes: Vec::new(),
            refused: Vec::new(),
            discarded: BTreeSet::new(),
            counts: Ledger::default(),
        }
    }

    /// The counts as they must be.
    pub fn ledger(&self) -> Ledger {
        Ledger { pending: self.all_held.len() as u64, ..self.counts }
    }

    pub fn held_bytes(&self) -> usize {
        self.all_held.iter().map(|id| self.events[*id].bytes).sum()
    }

    pub fn flies(&self, event: EventId) -> bool {
        self.flights.iter().any(|flight| flight.events.contains(&event))
    }

    pub fn is_old(&self, event: EventId) -> bool {
        self.events[event].at.saturating_add(self.policy.age_max_ms) <= self.now
    }

    /// Notes what the engine is about to be told.
    pub fn input(&mut self, now: u64, input: &Input) {
        self.now = self.now.max(now);
        self.offering = matches!(input, Input::Offer(..));
        match input {
            Input::Offer(_, event) => self.offered(&event.text),
            Input::Answered(id, answer) => self.answered(*id, answer),
            Input::Failed(id) => {
                if let Some(flight) = self.land(*id) {
                    self.failed(&flight, None);
                }
            }
            Input::Flush(token, timeout) => self.flush(*token, *timeout, false),
            Input::Close(token, timeout) => {
                self.flush(*token, *timeout, true);
                self.told = 0;
            }
            Input::Start => {
                self.stopped = false;
                self.flushes.iter_mut().for_each(|flush| flush.closes = false);
            }
            Input::Online => self.told = 0,
            Input::Hide(_) => self.hidden = true,
            Input::Show => self.hidden = false,
            Input::Tick => {}
            Input::Discard => {
                let waits = self.all_held.iter().filter(|id| !self.flies(**id));
                self.discarded = waits.copied().collect();
            }
        }
    }

    fn offered(&mut self, text: &str) {
        let event = parse(text);
        assert_eq!(event.id, self.events.len());
        self.held[event.stream].insert(event.id);
        self.all_held.insert(event.id);
        self.counts.accepted += 1;
        self.events.push(Known {
            stream: event.stream,
            bytes: text.len(),
            at: self.now,
            fate: Fate::Held,
            sent: false,
            failures: 0,
        });
    }

    fn flush(&mut self, token: Token, timeout: u64, closes: bool) {
        let (through, deadline) = (self.events.len(), self.now + timeout);
        self.flushes.push(Flush { token, through, deadline, closes });
    }

    fn answered(&mut self, id: RequestId, answer: &Answer) {
        // Nobody waits for it any more: it must change nothing.
        let Some(flight) = self.land(id) else { return };
        match answer.status {
            200..=299 => {
                flight.events.iter().for_each(|event| self.settle(*event, Fate::Delivered));
                (self.trouble, self.told) = (None, 0);
            }
            408 | 425 | 429 | 500..=599 => self.failed(&flight, answer.retry_after),
            status => {
                (self.trouble, self.told) = (None, 0);
                if matches!(status, 401 | 404) || flight.events.len() == 1 {
                    self.refused = flight.events;
                }
            }
        }
    }

    fn failed(&mut self, flight: &Flight, retry_after: Option<u64>) {
        let since = self.trouble.map_or(self.now, |(since, _)| since);
        self.trouble = Some((since, self.now));
        self.told = 0;
        self.floor = self.floor.max(self.now + retry_after.unwrap_or(0));
        for event in &flight.events {
            self.events[*event].failures += 1;
        }
    }

    fn land(&mut self, id: RequestId) -> Option<Flight> {
        let index = self.flights.iter().position(|flight| flight.id == id)?;
        Some(self.flights.remove(index))
    }

    fn settle(&mut self, event: EventId, fate: Fate) {
        let known = &mut self.events[event];
        assert_eq!(known.fate, Fate::Held, "event {event} was settled before, now {fate:?}");
        known.fate = fate;
        self.held[known.stream].remove(&event);
        self.all_held.remove(&event);
        match fate {
            Fate::Delivered => self.counts.delivered += 1,
            Fate::Rejected => self.counts.rejected += 1,
            Fate::Expired => self.counts.expired += 1,
            Fate::Dropped => self.counts.dropped += 1,
            Fate::Held => unreachable!(),
        }
    }

    /// Checks and notes what the engine put out.
    pub fn output(&mut self, output: &Output) {
        match output {
            Output::Send(request) => self.sent(request),
            Output::Abort(id) => {
                let flight = self.land(*id).expect("aborted a request that does not fly");
                assert!(flight.deadline <= self.now, "aborted request {id} too early");
                self.failed(&flight, None);
            }
            Output::DeadLetter(error, events) => {
                for event in events {
                    let id = parse(&event.accepted_text()).id;
                    self.dead_letter(id, error.code, error.status);
                }
            }
            Output::Flushed(token) => self.flushed(*token),
            Output::Sleep(..) => unreachable!("the drain keeps it"),
        }
    }

    fn sent(&mut self, request: &Request) {
        let policy = &self.policy;
        let events: Vec<EventId> = request.body.split(',').map(|text| parse(text).id).collect();
        let of = |id: &EventId| &self.events[*id];

        assert!(!self.stopped, "sent while stopped");
        let most = if self.trouble.is_some() { 1 } else { policy.concurrency_max.max(1) };
        assert!(self.flights.len() < most, "more than {most} requests fly");
        assert!(self.now >= self.floor, "sent at {}, Retry-After ends {}", self.now, self.floor);
        assert!(self.now >= self.told, "sent at {}, backoff ends {}", self.now, self.told);
        assert!(self.flights.iter().all(|flight| flight.id != request.id), "one id flies twice");

        assert!(events.len() <= policy.batch_count_max.max(1), "too many events in a batch");
        let bytes: usize = events.iter().map(|id| of(id).bytes + 1).sum();
        assert!(events.len() == 1 || bytes <= policy.batch_bytes_max, "too many bytes in a batch");
        assert!(events.iter().all(|id| !self.is_old(*id)), "sent an event past its age");

        for (stream, held) in self.held.iter().enumerate() {
            let mine: Vec<&EventId> = events.iter().filter(|id| of(id).stream == stream).collect();
            let oldest: Vec<&EventId> = held.iter().take(mine.len()).collect();
            assert_eq!(mine, oldest, "not the oldest that are held of stream {stream}");
            let flies =
                self.flights.iter().any(|f| f.events.iter().any(|id| of(id).stream == stream));
            assert!(mine.is_empty() || !flies, "stream {stream} flies twice");
        }

        let budget = self.flights.iter().fold(request.body.len(), |sum, f| sum + f.keepalive_bytes);
        assert!(!request.keepalive || self.hidden, "keepalive, but the page is seen");
        assert!(
            !request.keepalive || budget <= Policy::KEEPALIVE_BYTES,
            "keepalive: {budget} bytes"
        );

        let fresh = events.iter().all(|id| !of(id).sent);
        assert!(!fresh || self.may_leave(events[0]), "left without a reason: {}", request.body);

        for id in &events {
            self.events[*id].sent = true;
        }
        let keepalive_bytes = if request.keepalive { request.body.len() } else { 0 };
        let deadline = self.now + self.policy.timeout_ms;
        self.flights.push(Flight { id: request.id, events, deadline, keepalive_bytes });
    }

    /// Whether the oldest event of a new batch need not wait for company any longer.
    pub fn may_leave(&self, oldest: EventId) -> bool {
        let unsent =
            || self.all_held.iter().map(|id| &self.events[*id]).filter(|event| !event.sent);
        self.hidden
            || self.flushes.iter().any(|flush| oldest < flush.through)
            || self.events[oldest].at + self.policy.flush_interval_ms <= self.now
            || unsent().count() >= self.policy.batch_count_max
            || unsent().map(|event| event.bytes).sum::<usize>() >= self.policy.batch_bytes_max
    }

    fn dead_letter(&mut self, event: EventId, code: Code, status: Option<u16>) {
        assert!(!self.flies(event), "event {event} is given up in flight: {code:?}");
        match (code, status) {
            (Code::Rejected | Code::Unauthorized | Code::PayloadTooLarge, Some(_)) => {
                let index = self.refused.iter().position(|refused| *refused == event);
                self.refused.remove(index.expect("rejected, but the server did not refuse it"));
                self.settle(event, Fate::Rejected);
            }
            (Code::Expired, status) => {
                let failures = self.events[event].failures;
                let last = self.policy.attempts_max.is_some_and(|most| failures >= most);
                assert!(last || self.is_old(event), "event {event} is given up too early");
                assert!(last || status.is_none(), "event {event} is old, which no answer said");
                self.settle(event, Fate::Expired);
            }
            (Code::QueueFull, None) => {
                assert!(self.offering, "dropped without an offer");
                let newest = self.events.len() - 1;
                let oldest = self.all_held.iter().find(|id| !self.flies(**id));
                let oldest_goes = self.policy.overflow == Overflow::DropOldest;
                let fair = event == newest || (oldest_goes && oldest == Some(&event));
                assert!(fair, "dropped {event}, the oldest that may be is {oldest:?}");
                self.settle(event, Fate::Dropped);
            }
            (Code::ConsentRefused, None) => {
                assert!(self.discarded.remove(&event), "discarded {event}, which did not wait");
                self.settle(event, Fate::Dropped);
            }
            other => panic!("a dead letter with {other:?}"),
        }
    }

    fn flushed(&mut self, token: Token) {
        let index = self.flushes.iter().position(|flush| flush.token == token);
        let flush = self.flushes.remove(index.expect("resolved a flush that is not waited for"));
        assert!(self.resolved(&flush), "flush {token} resolved too early");
        self.stopped |= flush.closes;
    }

    fn resolved(&self, flush: &Flush) -> bool {
        let settled = self.all_held.first().is_none_or(|oldest| *oldest >= flush.through);
        settled || flush.deadline <= self.now || (self.stopped && self.flights.is_empty())
    }

    /// What must be settled when the engine sleeps.
    pub fn nothing_is_overdue(&self) {
        assert!(self.discarded.is_empty(), "not discarded: {:?}", self.discarded);
        assert!(self.refused.is_empty(), "refused, but no dead letter: {:?}", self.refused);
        assert!(self.flights.iter().all(|f| f.deadline > self.now), "a request is past its time");
        let flush = self.flushes.iter().find(|flush| self.resolved(flush));
        assert!(flush.is_none(), "flush {:?} is not resolved", flush.map(|flush| flush.token));
        // Stopped, age alone wakes nobody, and an offer does not look.
        let may_be_old = self.stopped && self.offering;
        for id in self.all_held.iter().filter(|id| !self.flies(**id)) {
            assert!(may_be_old || !self.is_old(*id), "event {id} is past its age and still held");
            let last = self.policy.attempts_max.unwrap_or(u32::MAX);
            assert!(self.events[*id].failures < last, "event {id} is past its last attempt");
        }
    }

    /// The next moment at which something must be settled, whatever else happens.
    pub fn next_deadline(&self) -> Option<u64> {
        let waiting = self.all_held.iter().find(|id| !self.stopped && !self.flies(**id));
        let too_old = waiting.map(|id| self.events[*id].at.saturating_add(self.policy.age_max_ms));
        let flights = self.flights.iter().map(|flight| flight.deadline);
        let flushes = self.flushes.iter().map(|flush| flush.deadline);
        flights.chain(flushes).chain(too_old).min()
    }
}
