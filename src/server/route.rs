//! Which protocol a request speaks: its path tells. Every answer is made in two steps. The protocol
//! reads the request and plans: an answer, a subscription, or a command for the store and what to
//! make of its outcome: the answer, or the next command. So a store that cannot answer at once needs
//! nothing of the protocols.

use super::auth::{Denied, Keys, Right};
use super::http::{Reply, Request, Response};
use super::live::{Live, Wanted};
use super::rate::{Limit, Quota, Rate};
use super::store::memory::Memory;
use super::store::{Batch, Command, Outcome};
use super::{awesomestream, initial_state, rudderstack, stride};
use crate::core::rng::Rng;

/// The server: a store, the keys, and who is listening.
#[derive(Debug)]
pub struct Server {
    store: Memory,
    keys: Keys,
    rate: Rate,
    live: Live,
    rng: Rng,
}

/// What a protocol may look at while it reads a request.
#[derive(Debug)]
pub struct Context<'s> {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// The members that are indexed.
    pub indexed: &'s [String],
    /// For ids.
    pub rng: &'s mut Rng,
    keys: &'s Keys,
    rate: &'s mut Rate,
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
}

#[derive(Debug)]
enum Next {
    Answer(fn(Outcome, &str) -> Response),
    Plan(fn(Outcome, String, Batch<'static>) -> Plan<'static>, Batch<'static>),
}

impl Then {
    /// The function, and what it has to know of the request.
    pub fn new(note: impl Into<String>, answer: fn(Outcome, &str) -> Response) -> Self {
        Then { next: Next::Answer(answer), note: note.into(), headers: Vec::new() }
    }

    /// The same where another command may follow, with events that wait for this outcome.
    pub fn plan(
        note: impl Into<String>,
        batch: Batch<'static>,
        next: fn(Outcome, String, Batch<'static>) -> Plan<'static>,
    ) -> Self {
        Then { next: Next::Plan(next, batch), note: note.into(), headers: Vec::new() }
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

impl Server {
    /// An idle server.
    pub fn new(store: Memory, keys: Keys, limit: Option<Limit>, mut rng: Rng) -> Self {
        Server { store, keys, rate: Rate::new(limit), live: Live::new(rng.uuid()), rng }
    }

    /// Answers a request that came at this time (milliseconds since 1970).
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Reply {
        let mut plan = plan(&mut self.context(now_ms), request);
        loop {
            plan = match plan {
                Plan::Answer(response) => return Reply::Whole(response),
                Plan::Ask(command, then) => then.next(self.store.run(now_ms, command)),
                Plan::Follow(mut head, wanted, after) => {
                    let (id, position) = self.live.open(&self.store, wanted, after.as_deref());
                    head.headers.push(("last-event-id", position));
                    return Reply::Live(head, id);
                }
            };
        }
    }

    /// Does what the store is asked, outside of any protocol.
    pub fn run(&mut self, now_ms: u64, command: Command) -> Outcome {
        self.store.run(now_ms, command)
    }

    /// What a request that comes now may look at.
    pub fn context(&mut self, now_ms: u64) -> Context<'_> {
        Context {
            now_ms,
            indexed: self.store.keys(),
            rng: &mut self.rng,
            keys: &self.keys,
            rate: &mut self.rate,
        }
    }

    /// The next frames of a live body; none when there is nothing new, or when it `is_behind` and
    /// must be asked again.
    pub fn take(&mut self, subscription: u32) -> Vec<u8> {
        self.live.take(&self.store, subscription)
    }

    /// Whether there are events that `take` has not looked at.
    pub fn is_behind(&self, subscription: u32) -> bool {
        self.live.is_behind(&self.store, subscription)
    }

    /// The client of a live body is gone.
    pub fn close(&mut self, subscription: u32) {
        self.live.close(subscription);
    }
}

fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    let path = request.path.trim_end_matches('/');
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("v1"), Some("collect" | "process" | "analyze")) => stride::plan(context, request),
        (Some("v1" | "beacon" | "pixel"), _) => rudderstack::plan(context, request),
        (Some("health" | "version" | "robots.txt"), None) => rudderstack::plan(context, request),
        (Some("healthz"), None) => Response::text(200, "ok").into(),
        (Some("api"), Some("versions" | "buckets" | "events")) | (Some("data"), Some("v1")) => {
            initial_state::plan(context, request)
        }
        (Some("subscribe"), None) => awesomestream::subscribe(context, request),
        // The gateway's other name for /health.
        (None, _) if matches!(request.method, "GET" | "HEAD") => rudderstack::health().into(),
        _ => awesomestream::plan(context, request),
    }
}
