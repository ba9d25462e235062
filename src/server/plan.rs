//! How a protocol says what is to be done for a request: an answer, a subscription, or a command for
//! the store and what to make of its outcome. So a store that cannot answer at once needs nothing of
//! the protocols.

use super::auth::{Denied, Keys, Right};
use super::http::Response;
use super::live::Wanted;
use super::rate::{Quota, Rate};
use super::store::{Batch, Command, Outcome};
use crate::core::rng::Rng;

/// Why a request was not answered although nothing is wrong with it.
pub const FAILED: &str = "the store does not answer: send it again";

/// What a protocol may look at while it reads a request.
#[derive(Debug)]
pub struct Context<'s> {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// The members that are indexed.
    pub indexed: &'s [String],
    /// For ids.
    pub rng: &'s mut Rng,
    pub(super) keys: &'s Keys,
    pub(super) rate: &'s mut Rate,
}

impl Context<'_> {
    /// Microseconds since 1970.
    pub fn now(&self) -> i64 {
        i64::try_from(self.now_ms).unwrap_or(i64::MAX).saturating_mul(1000)
    }

    /// Whether this key has this right.
    pub fn check(&self, key: Option<&str>, right: Right) -> Result<(), Denied> {
        self.keys.check(key, right)
    }

    /// Counts a write call of this key; none when calls are not limited.
    pub fn count(&mut self, key: Option<&str>) -> Option<Quota> {
        self.rate.count(self.now_ms, key.unwrap_or_default())
    }

    /// What is left where calls are not limited.
    pub fn unlimited(&self) -> Quota {
        Quota::unlimited(self.now_ms)
    }
}

/// What is to be done for a request.
#[derive(Debug)]
pub enum Plan<'a> {
    /// Nothing more.
    Answer(Response),
    /// One command; then its outcome becomes the answer, or leads to another command.
    Ask(Command<'a>, Then),
    /// A live body with this head, after the event of this id or from now on.
    Follow(Response, Wanted, Option<String>),
}

impl From<Response> for Plan<'_> {
    fn from(response: Response) -> Self {
        Plan::Answer(response)
    }
}

/// Makes the next plan of an outcome. Plain data that owns all it needs, so that it can wait for a
/// database.
#[derive(Debug)]
pub struct Then {
    next: Next,
    note: String,
    headers: Vec<(&'static str, String)>,
    /// How many events the command inserts.
    pub(super) events: u32,
}

#[derive(Debug)]
enum Next {
    Answer(fn(Outcome, &str) -> Response),
    Plan(fn(Outcome, String, Batch<'static>) -> Plan<'static>, Batch<'static>),
}

impl Then {
    /// The function, and what it has to know of the request.
    pub fn new(note: impl Into<String>, answer: fn(Outcome, &str) -> Response) -> Self {
        Then { next: Next::Answer(answer), note: note.into(), headers: Vec::new(), events: 0 }
    }

    /// The same where another command may follow, with events that wait for this outcome.
    pub fn plan(
        note: impl Into<String>,
        batch: Batch<'static>,
        next: fn(Outcome, String, Batch<'static>) -> Plan<'static>,
    ) -> Self {
        Then { next: Next::Plan(next, batch), note: note.into(), headers: Vec::new(), events: 0 }
    }

    /// The answer gets these headers too, whatever it is.
    pub fn with_headers(mut self, headers: Vec<(&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// What is to be done now: never a subscription.
    pub fn next(self, outcome: Outcome) -> Plan<'static> {
        let plan = match self.next {
            Next::Answer(answer) => answer(outcome, &self.note).into(),
            Next::Plan(next, batch) => next(outcome, self.note, batch),
        };
        match plan {
            Plan::Answer(mut response) => {
                response.headers.extend(self.headers);
                Plan::Answer(response)
            }
            Plan::Ask(command, then) => Plan::Ask(command, then.with_headers(self.headers)),
            follow @ Plan::Follow(..) => follow,
        }
    }
}
