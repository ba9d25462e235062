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
//!
//! Whoever stores events learns by marks (`Output::Mark`) which of them are settled.

mod accept;
mod adopt;
mod leave;
mod send;
mod settle;
mod wake;

use super::batch::{Batch, State};
use super::error::{Code, Error};
use super::event::Event;
use super::io::{Answer, Input, Mark, Output, Request, RequestId, Token, Why};
use super::ledger::Ledger;
use super::policy::{Overflow, Policy};
use super::queue::{Held, LaneSet, Queue};
use super::retry::Backoff;
use super::rng::Rng;
use super::time::{Millis, Timestamp};
use super::wire::{AROUND_BYTES, Bodies, Trouble, Verdict, Wire};

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

/// What becomes of an event that is not delivered.
enum Fate {
    Rejected,
    Expired,
    Dropped,
}

/// What may be sent, or when.
enum Next {
    Retry(usize),
    Take(LaneSet),
    NotBefore(Timestamp, Why),
    /// Nothing, whatever else is offered.
    Blocked,
    Nothing,
}

/// Delivery for one endpoint.
pub struct Engine {
    wire: Box<dyn Wire>,
    bodies: Box<dyn Bodies>,
    policy: Policy,
    rng: Rng,
    now: Timestamp,
    /// When the last sleep ends; nothing is due before.
    wake: Timestamp,
    /// Lanes of which until then nothing is sent, whatever is offered.
    taken: LaneSet,
    queue: Queue,
    /// Not settled, oldest first.
    batches: Vec<Batch>,
    backoff: Backoff,
    counts: Ledger,
    flushes: Vec<Flush>,
    outputs: Vec<Output>,
    marks: Vec<(Mark, u64, u64)>,
    next_sequence: u64,
    /// Batches that the adoption which is going on has made; they are the first.
    adopted: usize,
    next_request: RequestId,
    /// When the first request was made.
    first_sent: Timestamp,
    hidden: bool,
    /// Bytes that all bodies of a page that goes away may have.
    leaving_max: usize,
    /// A body found no room while the page is hidden; there may be some after the next answer.
    crowded: bool,
    loading: bool,
    frozen: bool,
    stopped: bool,
}

impl Engine {
    /// An engine that has started and holds nothing.
    pub fn new(wire: Box<dyn Wire>, bodies: Box<dyn Bodies>, policy: Policy, rng: Rng) -> Self {
        Engine {
            wire,
            bodies,
            policy,
            rng,
            now: Timestamp::default(),
            wake: Timestamp::default(),
            taken: 0,
            queue: Queue::default(),
            batches: Vec::new(),
            backoff: Backoff::default(),
            counts: Ledger::default(),
            flushes: Vec::new(),
            outputs: Vec::new(),
            marks: Vec::new(),
            next_sequence: 0,
            adopted: 0,
            next_request: 0,
            first_sent: Timestamp::from_millis(Millis::MAX),
            hidden: false,
            leaving_max: 0,
            crowded: false,
            loading: false,
            frozen: false,
            stopped: false,
        }
    }

    /// Takes in what happened, and when. Time that runs backwards is held still. `false` where
    /// `poll` would say nothing new, and may be left out.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> bool {
        self.now = self.now.max(now);
        match input {
            Input::Offer(sequence, event) => {
                let held = Held { sequence, at: self.now, event };
                let lane = held.lane();
                self.offer(held);
                // The hot path: until something is due, nothing looks at more than the new event.
                if self.now < self.wake {
                    return self.is_due(lane);
                }
            }
            Input::Answered(request, answer) => self.answered(request, &answer),
            Input::Failed(request) => self.failed(request, false),
            Input::Unsent(request) => self.unsent(request),
            Input::Kept(request) => self.kept(request),
            Input::Tick => {}
            Input::Flush(token, timeout) => self.flush(token, timeout, false),
            Input::Close(token, timeout) => {
                self.backoff.forgive();
                self.flush(token, timeout, true);
            }
            Input::Start => self.start(),
            Input::Online => self.backoff.forgive(),
            Input::Hide(bytes) => self.hide(bytes),
            Input::Show => self.hidden = false,
            Input::Discard => self.discard(),
            Input::Load => self.loading = true,
            Input::Adopt(sequence, event, at, is_left) => {
                self.adopt(Held { sequence, at: at.min(self.now), event }, is_left);
                return false;
            }
            Input::Adopted => {
                self.loading = false;
                self.adopted();
            }
            Input::Freeze => self.frozen = true,
            Input::Thaw => {
                self.frozen = false;
                self.adopted();
            }
            Input::Forget => self.forget(),
            Input::Told(Some(until)) => self.backoff.told(self.now, until, &mut self.rng),
            Input::Told(None) => self.backoff.succeeded(),
        }
        self.time_out_requests();
        self.expire();
        true
    }

    /// The next thing to do. `Sleep` is the last, and stays the answer until the next `handle`.
    pub fn poll(&mut self) -> Output {
        loop {
            if !self.outputs.is_empty() {
                return self.outputs.remove(0);
            }
            if !self.marks.is_empty() {
                let (mark, first, count) = self.marks.remove(0);
                return Output::Mark(mark, first, count);
            }
            let next = self.next();
            match next {
                Next::Retry(index) => self.resend(index),
                Next::Take(lanes) => self.take(lanes),
                Next::NotBefore(..) | Next::Blocked | Next::Nothing => {
                    if !self.resolve_flushes() && !self.prepare() {
                        return self.sleep(next);
                    }
                }
            }
        }
    }

    /// The counts now. `pending` is counted from what is held.
    pub fn ledger(&self) -> Ledger {
        let batched = self.batches.iter().map(Batch::counted);
        let pending = batched.fold(self.queue.counted(), usize::saturating_add);
        Ledger { pending: pending as u64, ..self.counts }
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
}
