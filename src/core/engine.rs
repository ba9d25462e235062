//! The machine. One rule: after every `handle`, call `poll` until it answers `Sleep`.
//!
//! 1. Something happens: make an [`Input`] of it and call `handle(now, input)`.
//! 2. Call `poll()`; do what the [`Output`] says.
//! 3. Repeat 2 until the output is `Sleep(until, why)`.
//! 4. Call `handle(now, Input::Tick)` at `until`, unless something else happens first.
//!
//! ```text
//!            offer                take                 2xx
//!  (user) ────────▶ queue ────────────▶ in flight ───────────▶ delivered
//!                     │                  │     ▲
//!             overflow│       408 429 5xx│     │backoff over
//!                     ▼       no answer  ▼     │
//!                  dropped              waiting ──▶ expired   (maxAge, maxAttempts)
//!                                        4xx ─────▶ rejected  (halved until the culprit is found)
//! ```

use super::batch::{Batch, State};
use super::error::{Code, Error};
use super::event::Event;
use super::io::{Answer, Input, Output, Request, RequestId, Token, Why};
use super::ledger::Ledger;
use super::policy::{Overflow, Policy};
use super::queue::{Held, LaneSet, Queue};
use super::retry::Backoff;
use super::rng::Rng;
use super::time::{Millis, Timestamp};
use super::wire::{Verdict, Wire};

const ALL_LANES: LaneSet = LaneSet::MAX;

/// A flush or close that is not resolved yet.
#[derive(Debug)]
struct Flush {
    token: Token,
    /// It is settled when no event before this sequence is held.
    through: u64,
    deadline: Timestamp,
    closes: bool,
}

/// What may be sent, or when.
enum Next {
    Retry(usize),
    Take(LaneSet),
    NotBefore(Timestamp, Why),
    Nothing,
}

/// Delivery for one endpoint.
pub struct Engine {
    wire: Box<dyn Wire>,
    policy: Policy,
    rng: Rng,
    now: Timestamp,
    /// When the last sleep ends; nothing is due before.
    wake: Timestamp,
    queue: Queue,
    /// Not settled, oldest first.
    batches: Vec<Batch>,
    backoff: Backoff,
    counts: Ledger,
    flushes: Vec<Flush>,
    outputs: Vec<Output>,
    next_sequence: u64,
    next_request: RequestId,
    hidden: bool,
    stopped: bool,
}

impl Engine {
    /// An engine that has started and holds nothing.
    pub fn new(wire: Box<dyn Wire>, policy: Policy, rng: Rng) -> Self {
        Engine {
            wire,
            policy,
            rng,
            now: Timestamp::default(),
            wake: Timestamp::default(),
            queue: Queue::default(),
            batches: Vec::new(),
            backoff: Backoff::default(),
            counts: Ledger::default(),
            flushes: Vec::new(),
            outputs: Vec::new(),
            next_sequence: 0,
            next_request: 0,
            hidden: false,
            stopped: false,
        }
    }

    /// Takes in what happened, and when. Time that runs backwards is held still.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::Offer(event) => {
                self.offer(event);
                // The hot path: until something is due, nothing looks at more than the new event.
                if self.now < self.wake {
                    return;
                }
            }
            Input::Answered(request, answer) => self.answered(request, &answer),
            Input::Failed(request) => self.failed(request, false),
            Input::Tick => {}
            Input::Flush(token, timeout) => self.flush(token, timeout, false),
            Input::Close(token, timeout) => {
                self.backoff.forgive();
                self.flush(token, timeout, true);
            }
            Input::Start => self.start(),
            Input::Online => self.backoff.forgive(),
            Input::Hide => self.hidden = true,
            Input::Show => self.hidden = false,
        }
        self.time_out_requests();
        self.expire();
    }

    /// The next thing to do. `Sleep` is the last, and stays the answer until the next `handle`.
    pub fn poll(&mut self) -> Output {
        loop {
            if !self.outputs.is_empty() {
                return self.outputs.remove(0);
            }
            let next = self.next();
            match next {
                Next::Retry(index) => self.resend(index),
                Next::Take(lanes) => self.take(lanes),
                Next::NotBefore(..) | Next::Nothing => {
                    if !self.resolve_flushes() {
                        return self.sleep(next);
                    }
                }
            }
        }
    }

    /// The counts now. `pending` is counted from what is held.
    pub fn ledger(&self) -> Ledger {
        Ledger { pending: self.held_count() as u64, ..self.counts }
    }

    /// Bytes of all events held.
    pub fn held_bytes(&self) -> usize {
        self.batches.iter().fold(self.queue.bytes(), |sum, b| sum.saturating_add(b.bytes()))
    }

    /// The options it runs with.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn held_count(&self) -> usize {
        self.batches.iter().fold(self.queue.count(), |sum, b| sum.saturating_add(b.events().len()))
    }

    // ── taking in ──────────────────────────────────────────────────────────────────────────

    fn offer(&mut self, event: Event) {
        self.counts.accepted = self.counts.accepted.saturating_add(1);
        let bytes = event.text.len();
        if bytes > self.policy.queue_bytes_max || self.policy.queue_count_max == 0 {
            let error = Error::new(
                Code::PayloadTooLarge,
                "the event is larger than the whole queue (queueBytes), so it was dropped",
            );
            return self.drop_event(event, error);
        }
        while self.held_count() >= self.policy.queue_count_max
            || self.held_bytes().saturating_add(bytes) > self.policy.queue_bytes_max
        {
            let full = Error::new(
                Code::QueueFull,
                "the queue is full (queueSize, queueBytes); the overflow policy gave this event up",
            );
            match self.pop_droppable(bytes) {
                Some(victim) => self.drop_event(victim, full),
                None => return self.drop_event(event, full),
            }
        }
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        self.queue.push(Held { sequence, at: self.now, event });
    }

    /// The event the overflow policy gives up for a new one; none if it is the new one itself.
    /// What is in flight may be delivered, so it is never given up; and where it leaves no room
    /// for the new one, nothing else is given up in vain.
    fn pop_droppable(&mut self, bytes: usize) -> Option<Event> {
        let flying = self.batches.iter().filter(|batch| batch.request().is_some());
        let (count, taken) = flying.fold((0, bytes), |(count, taken): (usize, usize), batch| {
            (count.saturating_add(batch.events().len()), taken.saturating_add(batch.bytes()))
        });
        if self.policy.overflow == Overflow::DropNewest
            || count >= self.policy.queue_count_max
            || taken > self.policy.queue_bytes_max
        {
            return None;
        }
        let queued = self.queue.oldest(ALL_LANES).map(|held| held.sequence);
        let waiting = self.batches.iter_mut().filter(|batch| batch.state == State::Waiting);
        let victim = match waiting.min_by_key(|batch| batch.oldest()) {
            Some(batch) if queued.is_none_or(|queued| batch.oldest() < Some(queued)) => {
                batch.pop_oldest()
            }
            _ => self.queue.pop_oldest(ALL_LANES),
        };
        self.batches.retain(|batch| !batch.events().is_empty());
        victim.map(|held| held.event)
    }

    fn drop_event(&mut self, event: Event, error: Error) {
        self.counts.dropped = self.counts.dropped.saturating_add(1);
        self.dead_letter(error, vec![event]);
    }

    /// Tells that events will not be delivered; equal reasons in a row become one output.
    fn dead_letter(&mut self, error: Error, mut events: Vec<Event>) {
        if let Some(Output::DeadLetter(last, list)) = self.outputs.last_mut()
            && *last == error
        {
            return list.append(&mut events);
        }
        self.outputs.push(Output::DeadLetter(error, events));
    }

    fn flush(&mut self, token: Token, timeout: Millis, closes: bool) {
        let flush =
            Flush { token, through: self.next_sequence, deadline: self.now.plus(timeout), closes };
        self.flushes.push(flush);
    }

    /// Sending may begin. A close that is not resolved yet stops nothing any more.
    fn start(&mut self) {
        self.stopped = false;
        for flush in &mut self.flushes {
            flush.closes = false;
        }
    }

    // ── sending ────────────────────────────────────────────────────────────────────────────

    fn next(&self) -> Next {
        let in_flight = self.batches.iter().filter(|batch| batch.request().is_some()).count();
        // After a failure one request at a time finds out whether the server is back.
        let allowed = if self.backoff.is_open() { 1 } else { self.policy.concurrency_max.max(1) };
        if self.stopped || in_flight >= allowed {
            return Next::Nothing;
        }
        let mut taken: LaneSet = 0;
        let mut retry = None;
        for (index, batch) in self.batches.iter().enumerate() {
            if retry.is_none() && batch.state == State::Waiting && batch.lanes & taken == 0 {
                retry = Some(index);
            }
            taken |= batch.lanes;
        }
        let next = match retry {
            Some(index) => Next::Retry(index),
            None => self.next_from_queue(!taken),
        };
        let until = self.backoff.until();
        match next {
            Next::Retry(_) | Next::Take(_) if self.now < until => {
                Next::NotBefore(until, Why::Backoff)
            }
            Next::NotBefore(at, _) if at < until => Next::NotBefore(until, Why::Backoff),
            next => next,
        }
    }

    fn next_from_queue(&self, free: LaneSet) -> Next {
        let Some(oldest) = self.queue.oldest(free) else { return Next::Nothing };
        let flushing = self.flushes.iter().any(|flush| oldest.sequence < flush.through);
        let full = self.queue.count_in(free) >= self.policy.batch_count_max
            || self.queue.bytes_in(free) >= self.policy.batch_bytes_max;
        let due = oldest.at.plus(self.policy.flush_interval_ms);
        if flushing || full || self.hidden || due <= self.now {
            Next::Take(free)
        } else {
            Next::NotBefore(due, Why::FlushInterval)
        }
    }

    /// Makes a batch of the oldest events of these lanes and sends it.
    fn take(&mut self, lanes: LaneSet) {
        let limit = match self.hidden {
            true => self.policy.batch_bytes_max.min(Policy::KEEPALIVE_BYTES / 8 * 7),
            false => self.policy.batch_bytes_max,
        };
        let mut events: Vec<Held> = Vec::new();
        let mut bytes: usize = 0;
        while let Some(next) = self.queue.oldest(lanes) {
            bytes = bytes.saturating_add(next.event.text.len()).saturating_add(1);
            if let Some(first) = events.first()
                && (events.len() >= self.policy.batch_count_max.max(1)
                    || bytes > limit
                    || !self.wire.may_share(&first.event, &next.event))
            {
                break;
            }
            events.extend(self.queue.pop_oldest(lanes));
        }
        self.batches.push(Batch::new(events, 0));
        self.resend(self.batches.len().saturating_sub(1));
    }

    fn resend(&mut self, index: usize) {
        let flying = self.batches.iter().filter(|batch| batch.request().is_some());
        let spent = flying.fold(0, |sum: usize, batch| sum.saturating_add(batch.keepalive_bytes));
        let Some(batch) = self.batches.get_mut(index) else { return };
        let events: Vec<&Event> = batch.events().iter().map(|held| &held.event).collect();
        let encoded = self.wire.encode(&events, self.now);
        let id = self.next_request;
        self.next_request = id.wrapping_add(1);
        let budget = Policy::KEEPALIVE_BYTES.saturating_sub(spent);
        let keepalive = self.hidden && encoded.body.len() <= budget;
        batch.keepalive_bytes = if keepalive { encoded.body.len() } else { 0 };
        batch.state = State::InFlight(id, self.now.plus(self.policy.timeout_ms));
        self.outputs.push(Output::Send(Request {
            id,
            keepalive,
            path: encoded.path,
            gzip: encoded.may_gzip && self.policy.gzip,
            body: encoded.body,
        }));
    }

    // ── settling ───────────────────────────────────────────────────────────────────────────

    fn answered(&mut self, request: RequestId, answer: &Answer) {
        // Nobody waits for a request that timed out; its batch may be in flight again.
        let Some(index) = self.index_of(request) else { return };
        match self.wire.judge(answer) {
            Verdict::Delivered => {
                self.backoff.succeeded();
                let count = self.batches.remove(index).events().len();
                self.counts.delivered = self.counts.delivered.saturating_add(count as u64);
            }
            Verdict::Retry(after) => {
                self.backoff.failed(self.now, after, &mut self.rng);
                self.wait_or_give_up(index);
            }
            Verdict::RefusedSome(code) => {
                self.backoff.succeeded();
                self.split_or_reject(index, code, answer.status);
            }
            Verdict::RefusedAll(code) => {
                self.backoff.succeeded();
                self.reject(index, code, answer.status);
            }
        }
    }

    fn failed(&mut self, request: RequestId, abort: bool) {
        let Some(index) = self.index_of(request) else { return };
        if abort {
            self.outputs.push(Output::Abort(request));
        }
        self.backoff.failed(self.now, None, &mut self.rng);
        self.wait_or_give_up(index);
    }

    fn index_of(&self, request: RequestId) -> Option<usize> {
        self.batches.iter().position(|batch| batch.request() == Some(request))
    }

    fn wait_or_give_up(&mut self, index: usize) {
        let Some(batch) = self.batches.get_mut(index) else { return };
        batch.state = State::Waiting;
        batch.failures = batch.failures.saturating_add(1);
        if self.policy.attempts_max.is_some_and(|most| batch.failures >= most) {
            let message = "gave up after the last of maxAttempts failed";
            let batch = self.batches.remove(index);
            self.give_up(batch.into_events(), message);
        }
    }

    fn split_or_reject(&mut self, index: usize, code: Code, status: u16) {
        if self.batches.get(index).is_some_and(|batch| batch.events().len() > 1) {
            let (older, newer) = self.batches.remove(index).split();
            self.batches.insert(index, newer);
            self.batches.insert(index, older);
        } else {
            self.reject(index, code, status);
        }
    }

    fn reject(&mut self, index: usize, code: Code, status: u16) {
        let batch = self.batches.remove(index);
        self.counts.rejected = self.counts.rejected.saturating_add(batch.events().len() as u64);
        let mut error = Error::new(code, "the server refused the event for good");
        error.status = Some(status);
        self.dead_letter(error, batch.into_events().into_iter().map(|held| held.event).collect());
    }

    fn give_up(&mut self, events: impl IntoIterator<Item = Held>, message: &str) {
        let events: Vec<Event> = events.into_iter().map(|held| held.event).collect();
        if !events.is_empty() {
            self.counts.expired = self.counts.expired.saturating_add(events.len() as u64);
            self.dead_letter(Error::new(Code::Expired, message), events);
        }
    }

    // ── time ───────────────────────────────────────────────────────────────────────────────

    fn time_out_requests(&mut self) {
        while let Some(request) = self.batches.iter().find_map(|batch| match batch.state {
            State::InFlight(request, deadline) if deadline <= self.now => Some(request),
            _ => None,
        }) {
            self.failed(request, true);
        }
    }

    /// Gives up what is older than `maxAge` and not in flight.
    fn expire(&mut self) {
        let now = self.now;
        let limit = self.policy.age_max_ms;
        let is_old = |held: &Held| held.at.plus(limit) <= now;
        let mut old = Vec::new();
        for batch in self.batches.iter_mut().filter(|batch| batch.state == State::Waiting) {
            while batch.events().first().is_some_and(is_old) {
                old.extend(batch.pop_oldest());
            }
        }
        self.batches.retain(|batch| !batch.events().is_empty());
        while self.queue.oldest(ALL_LANES).is_some_and(is_old) {
            old.extend(self.queue.pop_oldest(ALL_LANES));
        }
        self.give_up(old, "the event was not delivered within maxAge");
    }

    /// Whether some flush was resolved; more may follow from it.
    fn resolve_flushes(&mut self) -> bool {
        let oldest = self.oldest_held();
        let now = self.now;
        let done = self.flushes.iter().position(|flush| {
            flush.deadline <= now || oldest.is_none_or(|sequence| flush.through <= sequence)
        });
        let Some(index) = done else { return false };
        let flush = self.flushes.remove(index);
        self.stopped |= flush.closes;
        self.outputs.push(Output::Flushed(flush.token));
        true
    }

    fn oldest_held(&self) -> Option<u64> {
        let batched = self.batches.iter().filter_map(Batch::oldest);
        batched.chain(self.queue.oldest(ALL_LANES).map(|held| held.sequence)).min()
    }

    /// Every reason to be woken, in one place.
    fn sleep(&mut self, next: Next) -> Output {
        let mut reasons: Vec<(Timestamp, Why)> = Vec::new();
        if let Next::NotBefore(at, why) = next {
            reasons.push((at, why));
        }
        for batch in &self.batches {
            match (batch.state, batch.events().first()) {
                (State::InFlight(_, deadline), _) => reasons.push((deadline, Why::Timeout)),
                (State::Waiting, Some(held)) if !self.stopped => {
                    reasons.push((held.at.plus(self.policy.age_max_ms), Why::MaxAge));
                }
                (State::Waiting, _) => {}
            }
        }
        reasons.extend(self.flushes.iter().map(|flush| (flush.deadline, Why::FlushTimeout)));
        // Stopped, nobody is woken for age alone: a timer of days would hold a process open.
        if let Some(held) = self.queue.oldest(ALL_LANES).filter(|_| !self.stopped) {
            reasons.push((held.at.plus(self.policy.age_max_ms), Why::MaxAge));
        }
        let nearest = reasons.into_iter().min_by_key(|(at, _)| *at);
        self.wake = nearest.map_or(Timestamp::from_millis(Millis::MAX), |(at, _)| at);
        match nearest {
            Some((at, why)) => Output::Sleep(Some(at), why),
            None => Output::Sleep(None, Why::Nothing),
        }
    }
}
