//! Whether what one engine puts out is what its model allows.

use crate::model::{Fate, Flight, Flush, Model, Sequence, Trouble};
use crate::support::{END, unpacked};
use sluicebox::core::error::Code;
use sluicebox::core::io::{Mark, Output, Request, Token};
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::wire::AROUND_BYTES;
use std::collections::BTreeSet;

impl Model {
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
                    self.dead_letter(*event, error.code, error.status);
                }
            }
            Output::Mark(mark, first, count) => {
                (*first..first + count).for_each(|event| self.marked(*mark, event));
            }
            Output::Tell(until) => self.tells(until.map(|until| until.as_millis())),
            Output::Flushed(token) => self.flushed(*token),
            Output::Sleep(..) => unreachable!("the drain keeps it"),
        }
    }

    fn sent(&mut self, request: &Request) {
        let events = &request.events;
        assert!(!events.is_empty(), "a request without an event");
        let held = events.iter().all(|event| self.all_held.contains(event));
        assert!(held, "sent what is not held: {events:?}");
        let of = |event: &Sequence| &self.events[event];
        let policy = &self.policy;

        assert!(!self.stopped, "sent while stopped");
        assert!(!self.frozen, "sent while the page stands still");
        assert!(!self.loading || self.hidden, "sent before the log was read");
        // A page that may go away waits for nobody.
        let most = if self.trouble.is_some() { 1 } else { policy.concurrency_max.max(1) };
        assert!(self.hiding || self.flights.len() < most, "more than {most} requests fly");
        assert!(self.now >= self.floor, "sent at {}, Retry-After ends {}", self.now, self.floor);
        assert!(self.now >= self.told, "sent at {}, backoff ends {}", self.now, self.told);
        assert!(self.flights.iter().all(|flight| flight.id != request.id), "one id flies twice");

        assert!(events.len() <= policy.batch_count_max.max(1), "too many events in a batch");
        let bytes: usize = events.iter().map(|event| of(event).bytes + 1).sum();
        assert!(events.len() == 1 || bytes <= policy.batch_bytes_max, "too many bytes in a batch");
        let is_late = |event: &Sequence| self.is_old(*event) && !of(event).adopted;
        assert!(self.hiding || !events.iter().any(is_late), "sent an event past its age");

        let streams: BTreeSet<usize> = events.iter().map(|event| of(event).stream).collect();
        for stream in streams {
            let mine: Vec<Sequence> =
                events.iter().copied().filter(|event| of(event).stream == stream).collect();
            let waiting = self.held[stream].iter().copied().filter(|event| self.waits(*event));
            let oldest: Vec<Sequence> = waiting.take(mine.len()).collect();
            assert_eq!(mine, oldest, "not the oldest that wait of stream {stream}");
            // What was adopted, or came back, may find newer ones in flight.
            let mut flying = self.flights.iter().flat_map(|flight| &flight.events);
            let overtakes = flying.any(|event| *event < mine[0] && of(event).stream == stream);
            assert!(self.hiding || !overtakes, "stream {stream} flies twice");
        }

        let keepalive_bytes = self.keepalive_bytes(request);
        let fresh = events.iter().all(|event| !of(event).sent && !of(event).batched);
        assert!(!fresh || self.may_leave(events[0]), "left without a reason: {events:?}");

        for event in events {
            let left = request.keepalive && self.proven;
            let known = self.known(*event);
            known.sent = true;
            known.left |= left;
        }
        let deadline = self.now + self.policy.timeout_ms;
        let events = events.clone();
        self.flights.push(Flight { id: request.id, events, deadline, keepalive_bytes });
    }

    /// What it takes of the budget for bodies that outlive the page.
    fn keepalive_bytes(&self, request: &Request) -> usize {
        let leaving = self.leaving_bytes();
        let left = self.room.saturating_sub(leaving);
        let bytes: usize = request.events.iter().map(|event| self.events[event].bytes + 1).sum();
        let plain = bytes + AROUND_BYTES;
        let packed = request.packed.len();
        if packed > 0 {
            let sent = self.texts.body(request) + END;
            assert_eq!(unpacked(request), sent, "what the far end finds in it");
        }
        if !request.keepalive {
            assert_eq!(
                packed > 0,
                self.policy.gzip && self.texts.takes_packed,
                "whether it is packed"
            );
            let fits = plain <= left || leaving > 0;
            assert!(!self.hidden || !fits, "{plain} bytes could outlive the page: {left} are left");
            return 0;
        }
        assert!(self.hidden, "keepalive, but the page is seen");
        assert!(packed == 0 || (self.policy.gzip && plain > left), "packed without need");
        let size = if packed > 0 { packed } else { plain };
        assert!(size <= left, "{size} bytes are to outlive the page, {left} are left");
        size
    }

    /// Whether the oldest event of a new batch need not wait for company any longer.
    pub fn may_leave(&self, oldest: Sequence) -> bool {
        let unsent = || self.all_held.iter().map(|id| &self.events[id]).filter(|event| !event.sent);
        self.hidden
            || self.flushes.iter().any(|flush| oldest < flush.through)
            || self.events[&oldest].at + self.policy.flush_interval_ms <= self.now
            || unsent().count() >= self.policy.batch_count_max
            || unsent().map(|event| event.bytes).sum::<usize>() >= self.policy.batch_bytes_max
    }

    fn dead_letter(&mut self, event: Sequence, code: Code, status: Option<u16>) {
        assert!(self.all_held.contains(&event), "event {event} is given up and not held: {code:?}");
        assert!(!self.flies(event), "event {event} is given up in flight: {code:?}");
        match (code, status) {
            (Code::Rejected | Code::Unauthorized | Code::PayloadTooLarge, Some(_)) => {
                let index = self.refused.iter().position(|refused| *refused == event);
                self.refused.remove(index.expect("rejected, but the server did not refuse it"));
                self.settle(event, Fate::Rejected);
            }
            (Code::Expired, status) => {
                let failures = self.events[&event].failures;
                let last = self.policy.attempts_max.is_some_and(|most| failures >= most);
                assert!(last || self.is_old(event), "event {event} is given up too early");
                assert!(last || status.is_none(), "event {event} is old, which no answer said");
                self.settle(event, Fate::Expired);
            }
            (Code::QueueFull, None) => {
                assert!(self.offering || self.adopting, "dropped, but nothing came");
                let oldest = self.all_held.iter().find(|event| !self.flies(**event));
                // What is adopted is older than all that was here: so it gives way itself.
                let oldest_goes = self.policy.overflow == Overflow::DropOldest || self.adopting;
                let is_newest = self.offering && self.all_held.last() == Some(&event);
                let fair = is_newest || (oldest_goes && oldest == Some(&event));
                assert!(fair, "dropped {event}, the oldest that may be is {oldest:?}");
                assert!(
                    !self.adopting || self.events[&event].adopted,
                    "gave its own up for others"
                );
                self.settle(event, Fate::Dropped);
            }
            (Code::ConsentRefused, None) => {
                assert!(self.discarded.remove(&event), "discarded {event}, which did not wait");
                self.settle(event, Fate::Dropped);
            }
            other => panic!("a dead letter with {other:?}"),
        }
    }

    fn marked(&mut self, mark: Mark, event: Sequence) {
        if mark == Mark::Settled {
            assert!(self.unmarked.remove(&event), "{event} is marked as settled, and was not");
            return;
        }
        let known = self.known(event);
        assert_ne!(known.marked, mark == Mark::Left, "{event} is marked {mark:?} twice");
        known.marked = mark == Mark::Left;
    }

    fn tells(&mut self, until: Option<u64>) {
        let expected = self.tells.pop_front();
        assert_eq!(expected, Some(until.is_some()), "tells other pages what it did not learn");
        let (Some(until), Some(trouble)) = (until, self.trouble) else { return };
        let cap = u64::from(Policy::RETRY_CAP_MS);
        let most = ((self.now - trouble.since) / 2).max(Policy::RETRY_EARLY_CAP_MS.into()).min(cap);
        assert!(until <= self.floor.max(self.now + most), "waits until {until}, {most} at most");
        assert!(until >= self.floor, "tells {until}, Retry-After ends {}", self.floor);
        self.told = until;
        self.trouble = Some(Trouble { until, ..trouble });
    }

    fn flushed(&mut self, token: Token) {
        let index = self.flushes.iter().position(|flush| flush.token == token);
        let flush = self.flushes.remove(index.expect("resolved a flush that is not waited for"));
        assert!(self.resolved(&flush), "flush {token} resolved too early");
        self.stopped |= flush.closes;
    }

    fn resolved(&self, flush: &Flush) -> bool {
        let oldest = self.all_held.iter().find(|event| !self.events[*event].waits_for_word);
        let settled = oldest.is_none_or(|oldest| *oldest >= flush.through);
        let idle = self.stopped && self.flights.is_empty();
        flush.deadline <= self.now || (!self.loading && (settled || idle))
    }

    /// What must be settled when the engine sleeps.
    pub fn nothing_is_overdue(&mut self) {
        for packed in self.texts.packed() {
            self.packed(&packed);
        }
        assert!(self.discarded.is_empty(), "not discarded: {:?}", self.discarded);
        assert!(self.refused.is_empty(), "refused, but no dead letter: {:?}", self.refused);
        assert!(self.unmarked.is_empty(), "settled, but not marked: {:?}", self.unmarked);
        assert!(self.tells.is_empty(), "other pages are not told: {:?}", self.tells);
        assert!(self.flights.iter().all(|f| f.deadline > self.now), "a request is past its time");
        let flush = self.flushes.iter().find(|flush| self.resolved(flush));
        assert!(flush.is_none(), "flush {:?} is not resolved", flush.map(|flush| flush.token));
        // Stopped, age alone wakes nobody, and an offer does not look.
        let may_be_old = (self.stopped && self.offering) || self.frozen;
        for event in &self.all_held {
            let known = &self.events[event];
            assert_eq!(known.marked, known.left, "event {event} is marked wrongly");
            // Clocks of other pages may have gone differently; the next one is found in its turn.
            if self.flies(*event) || known.adopted {
                continue;
            }
            assert!(may_be_old || !self.is_old(*event), "event {event} is past its age and held");
            let last = self.policy.attempts_max.unwrap_or(u32::MAX);
            assert!(known.failures < last, "event {event} is past its last attempt");
        }
    }

    /// What was packed and does not fly was put together ahead of its time.
    fn packed(&mut self, events: &[Sequence]) {
        assert!(self.policy.gzip, "packed for nobody");
        for event in events.iter().filter(|event| self.all_held.contains(event)) {
            if self.waits(*event) {
                self.events.get_mut(event).expect("it is held").batched = true;
            }
        }
    }

    /// The next moment at which something must be settled, whatever else happens.
    pub fn next_deadline(&self) -> Option<u64> {
        let waiting = self.all_held.iter().filter(|event| !self.events[*event].adopted);
        let waiting = waiting.filter(|event| !self.stopped && !self.frozen && !self.flies(**event));
        let too_old = waiting.map(|id| self.events[id].at.saturating_add(self.policy.age_max_ms));
        let flights = self.flights.iter().map(|flight| flight.deadline);
        let flushes = self.flushes.iter().map(|flush| flush.deadline);
        flights.chain(flushes).chain(too_old).min()
    }
}
