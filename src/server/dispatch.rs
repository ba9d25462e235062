//! The server: a request goes in, a step comes out. Either the answer, or work for the host whose
//! replies lead to the next step.

use super::auth::Keys;
use super::http::{Reply, Request, Response};
use super::live::{Live, Wanted};
use super::operation::Tally;
use super::plan::{Context, FAILED, Plan, Then};
use super::rate::{Limit, Rate};
use super::route::plan;
use super::store::remote::{Insertion, Job, Work};
use super::store::{Command, Outcome, Store};
use super::{operation, stride};
use crate::core::rng::Rng;

/// The server: a store, the keys, and who is listening.
#[derive(Debug)]
pub struct Server {
    store: Store,
    keys: Keys,
    rate: Rate,
    live: Live,
    rng: Rng,
    tally: Tally,
}

/// What has to be done for an answer.
#[derive(Debug)]
pub enum Step {
    /// Nothing: here it is.
    Done(Reply),
    /// Work for the host; its replies go into `resume`.
    Work(Work, Waiting),
    /// Events to keep, together with those of other requests if the host likes: `commit` makes the
    /// work, and its replies go into `resume`.
    Insert(Insertion, Waiting),
}

/// A request that waits for the store.
#[derive(Debug)]
pub struct Waiting {
    job: Job,
    purpose: Purpose,
}

/// What an outcome is for.
#[derive(Debug)]
enum Purpose {
    Answer(Then),
    Open(Response, Wanted),
    Take(u32),
}

impl Server {
    /// An idle server.
    pub fn new(store: impl Into<Store>, keys: Keys, limit: Option<Limit>, rng: Rng) -> Self {
        let rate = Rate::new(limit);
        let (live, tally) = (Live::default(), Tally::default());
        Server { store: store.into(), keys, rate, live, rng, tally }
    }

    /// The same with at most so many live subscriptions at once.
    pub fn with_subscriptions_max(mut self, most: usize) -> Self {
        self.live.set_max(most);
        self
    }

    /// What became of events since this was asked last.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Answers a request that came at this time (milliseconds since 1970).
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Step {
        let plan = plan(&mut self.context(now_ms), request);
        self.carry_out(now_ms, plan)
    }

    /// Does what the store is asked, outside of any protocol.
    pub fn run(&mut self, now_ms: u64, command: Command, then: Then) -> Step {
        self.carry_out(now_ms, Plan::Ask(command, then))
    }

    /// The replies to the work of a step, as JSON; none when the store failed.
    pub fn resume(&mut self, now_ms: u64, mut waiting: Waiting, replies: Option<&str>) -> Step {
        let outcome = match (&mut self.store, replies) {
            (Store::Remote(store), Some(replies)) => {
                if let Some(work) = store.more(&mut waiting.job, replies) {
                    return Step::Work(work, waiting);
                }
                store.outcome(&waiting.job, replies)
            }
            _ => Outcome::Failed,
        };
        match waiting.purpose {
            Purpose::Answer(then) => {
                self.tally.count(then.events, &outcome);
                self.carry_out(now_ms, then.next(outcome))
            }
            Purpose::Open(head, wanted) => Step::Done(self.opened_live(head, wanted, outcome)),
            Purpose::Take(id) => Step::Done(self.took(id, outcome)),
        }
    }

    fn carry_out(&mut self, now_ms: u64, mut plan: Plan) -> Step {
        loop {
            plan = match plan {
                Plan::Answer(response) => return Step::Done(Reply::Whole(response)),
                Plan::Ask(command, mut then) => {
                    if let Command::Insert(batch) = &command {
                        then.events = u32::try_from(batch.len()).unwrap_or(u32::MAX);
                    }
                    match self.ask(now_ms, command) {
                        Asked::Outcome(outcome) => {
                            self.tally.count(then.events, &outcome);
                            then.next(outcome)
                        }
                        Asked::Work(work, job) => {
                            return Step::Work(
                                work,
                                Waiting { job, purpose: Purpose::Answer(then) },
                            );
                        }
                        Asked::Insert(insertion) => {
                            let purpose = Purpose::Answer(then);
                            return Step::Insert(insertion, Waiting { job: Job::Insert, purpose });
                        }
                    }
                }
                Plan::Follow(..) if self.live.is_full() => {
                    return Step::Done(operation::too_many().into());
                }
                Plan::Follow(head, wanted, after) => {
                    let stream = wanted.stream.clone();
                    let command = Command::Locate { after, stream: stream.as_deref() };
                    return match self.ask(now_ms, command) {
                        Asked::Work(work, job) => {
                            Step::Work(work, Waiting { job, purpose: Purpose::Open(head, wanted) })
                        }
                        Asked::Outcome(outcome) => {
                            Step::Done(self.opened_live(head, wanted, outcome))
                        }
                        Asked::Insert(_) => Step::Done(stride::error(503, FAILED).into()),
                    };
                }
            };
        }
    }

    fn ask(&mut self, now_ms: u64, command: Command) -> Asked {
        let asked = match (&mut self.store, &command) {
            (Store::Memory(store), _) => return Asked::Outcome(store.run(now_ms, command)),
            (Store::Remote(store), Command::Insert(batch)) => {
                store.prepare(batch).map(Asked::Insert)
            }
            (Store::Remote(store), command) => {
                store.ask(command).map(|(work, job)| Asked::Work(work, job))
            }
        };
        asked.unwrap_or_else(Asked::Outcome)
    }

    fn opened_live(&mut self, mut head: Response, wanted: Wanted, outcome: Outcome) -> Reply {
        let Outcome::At { sequence, origin } = outcome else {
            return stride::error(503, FAILED).into();
        };
        // Others may have come while the store was asked.
        if self.live.is_full() {
            return operation::too_many().into();
        }
        let position = [&origin, ".", &sequence.to_string()].concat();
        head.headers.push(("last-event-id", position));
        Reply::Live(head, self.live.open(wanted, sequence))
    }

    /// The work that makes the store ready; none when it needs none.
    pub fn open(&self) -> Option<Work> {
        match &self.store {
            Store::Memory(_) => None,
            Store::Remote(store) => Some(store.open()),
        }
    }

    /// Its replies, as JSON; an error is a sentence.
    pub fn opened(&mut self, replies: &str) -> Result<(), String> {
        match &mut self.store {
            Store::Memory(_) => Ok(()),
            Store::Remote(store) => store.opened(replies),
        }
    }

    /// The work that keeps events which came by this time.
    pub fn commit(&self, now_ms: u64, insertions: &[&Insertion]) -> Option<Work> {
        match &self.store {
            Store::Memory(_) => None,
            Store::Remote(store) => Some(store.commit(now_ms, insertions)),
        }
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
        match &self.store {
            Store::Memory(store) => self.live.take(store, subscription),
            Store::Remote(_) => Vec::new(),
        }
    }

    /// The same where the store does not answer at once: the frames are the body of the reply.
    pub fn follow(&mut self, subscription: u32) -> Step {
        let (Store::Remote(store), Some(following)) =
            (&mut self.store, self.live.following(subscription))
        else {
            return Step::Done(Response::empty(200).into());
        };
        match store.ask(&Command::Follow(following)) {
            Ok((work, job)) => {
                Step::Work(work, Waiting { job, purpose: Purpose::Take(subscription) })
            }
            Err(outcome) => Step::Done(self.took(subscription, outcome)),
        }
    }

    fn took(&mut self, id: u32, outcome: Outcome) -> Reply {
        let Outcome::Events { events, next, more } = outcome else {
            return stride::error(503, FAILED).into();
        };
        let body = self.live.took(id, &events, next, more);
        Response { body, ..Response::empty(200) }.into()
    }

    /// Whether there may be events that were not looked at.
    pub fn is_behind(&self, subscription: u32) -> bool {
        self.live.is_behind(subscription)
    }

    /// The client of a live body is gone.
    pub fn close(&mut self, subscription: u32) {
        self.live.close(subscription);
    }
}

/// What became of a command.
enum Asked {
    Outcome(Outcome),
    Work(Work, Job),
    Insert(Insertion),
}
