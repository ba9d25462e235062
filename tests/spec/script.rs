//! A script alternates what happens with what must come out of it.
//!
//! After each thing that happens the engine is drained. The outputs must then be named, in order
//! and all of them, before the next thing happens; `SleepsUntil` and its kin may follow and look at
//! how it sleeps. After each step the ledger balances, the bounds hold and a second poll changes
//! nothing, without being asked.
//!
//! The time is 0 at the start, and moves with `At`. Replies go to the oldest request that is still
//! waited for, unless they name another by its body.

use crate::support::{TextWire, drain};
use sluicebox::core::engine::Engine;
use sluicebox::core::error::Code;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Answer, Input, Output, Request, RequestId, Token, Why};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::rng::Rng;
use sluicebox::core::time::{Millis, Timestamp};
use std::collections::VecDeque;

/// One line of a script.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    // ── what happens ──
    /// An event of stream "x" is accepted.
    Offer(&'static str),
    /// An event of another stream is accepted: stream, text.
    OfferTo(&'static str, &'static str),
    /// As `Offer`; the text has this many bytes after its first that are our own.
    OfferSpliced(&'static str, u32),
    /// Something that must be done before the events that follow in stream "x".
    OfferControl(&'static str),
    /// The time is this, and the engine is told so.
    At(Millis),
    /// The time is this, and the engine will see it with the next input.
    ClockShows(Millis),
    /// The time is that of the last sleep, and the engine is told so.
    WakesUp,
    /// The oldest request is answered with this status.
    Reply(u16),
    /// As `Reply`, with `Retry-After`.
    ReplyAfter(u16, Millis),
    /// The last request with this body is answered, whether or not anybody waits for it.
    ReplyTo(&'static str, u16),
    /// The oldest request fails on its way.
    Fail,
    Flush(Token, Millis),
    Close(Token, Millis),
    Start,
    Online,
    Hide,
    Show,
    Discard,

    // ── what must come out ──
    /// A request with this body, which need not outlive the page.
    Sends(&'static str),
    /// A request with this body, which outlives the page.
    SendsKeepalive(&'static str),
    /// The request that was last sent with this body is aborted.
    Aborts(&'static str),
    /// These events, exactly as accepted, will not be delivered.
    DeadLetters(Code, &'static str),
    Flushed(Token),

    // ── what must be so ──
    SleepsUntil(Millis, Why),
    /// The jitter's part: the wake-up is from the first moment to the second, both included.
    SleepsWithin(Millis, Millis, Why),
    SleepsForever,
    Ledger(Ledger),
}

/// Plays a script under the default policy, with concurrency as it is and no gzip.
pub fn check(steps: &[Step]) {
    check_with(Policy::default(), steps);
}

/// Plays a script under this policy.
pub fn check_with(policy: Policy, steps: &[Step]) {
    play(policy, 1, steps);
}

/// Plays a script and gives back the wake-up times it saw.
pub fn play(policy: Policy, seed: u32, steps: &[Step]) -> Vec<Option<u64>> {
    let mut player = Player::new(policy, seed);
    let mut sleeps = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        player.line = format!("step {index}, {step:?}");
        player.play(step);
        sleeps.push(player.sleep.0.map(Timestamp::as_millis));
    }
    player.line = String::from("the end of the script");
    player.nothing_is_left();
    sleeps
}

/// Counts with every member named by its place: accepted, delivered, rejected, expired, dropped,
/// pending.
pub const fn ledger(counts: [u64; 6]) -> Step {
    let [accepted, delivered, rejected, expired, dropped, pending] = counts;
    Step::Ledger(Ledger { accepted, delivered, rejected, expired, dropped, pending })
}

struct Player {
    engine: Engine,
    now: Timestamp,
    outputs: VecDeque<Output>,
    sleep: (Option<Timestamp>, Why),
    /// Every request ever sent, and whether an answer is still waited for.
    requests: Vec<(Request, bool)>,
    line: String,
    /// Whether something uncounted was offered: then bytes are held that no event accounts for.
    controls: bool,
    /// Of the event that was accepted last.
    sequence: u64,
}

impl Player {
    fn new(policy: Policy, seed: u32) -> Self {
        // Bits as mixed as real entropy: from a seed of small numbers the first draws are small too.
        let seed = [seed.wrapping_mul(0x9e37_79b9), 0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e];
        let mut engine = Engine::new(Box::new(TextWire), policy, Rng::new(seed));
        let (outputs, sleep) = drain(&mut engine);
        assert!(outputs.is_empty() && sleep.0.is_none(), "a new engine wants nothing");
        let now = Timestamp::from_millis(0);
        let (outputs, requests) = (VecDeque::new(), Vec::new());
        Player {
            engine,
            now,
            outputs,
            sleep,
            requests,
            line: String::new(),
            controls: false,
            sequence: 0,
        }
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Offer(text) => self.offer("x", text, 0),
            Step::OfferTo(stream, text) => self.offer(stream, text, 0),
            Step::OfferSpliced(text, spliced) => self.offer("x", text, spliced),
            Step::OfferControl(text) => {
                self.controls = true;
                let event = Event::new(Stream::new("x"), text.to_owned());
                self.accept(Event { control: true, ..event });
            }
            Step::At(millis) => {
                self.now = Timestamp::from_millis(millis);
                self.happens(Input::Tick);
            }
            Step::ClockShows(millis) => self.now = Timestamp::from_millis(millis),
            Step::WakesUp => {
                self.now = self.sleep.0.unwrap_or_else(|| panic!("{}: sleeps for ever", self.line));
                self.happens(Input::Tick);
                assert!(!self.outputs.is_empty(), "{}: woke up for nothing", self.line);
            }
            Step::Reply(status) => {
                let id = self.settle_oldest();
                self.happens(Input::Answered(id, Answer::status(status)));
            }
            Step::ReplyAfter(status, span) => {
                let id = self.settle_oldest();
                let answer = Answer { retry_after: Some(span), ..Answer::status(status) };
                self.happens(Input::Answered(id, answer));
            }
            Step::ReplyTo(body, status) => {
                let id = self.request(body);
                self.settle(id);
                self.happens(Input::Answered(id, Answer::status(status)));
            }
            Step::Fail => {
                let id = self.settle_oldest();
                self.happens(Input::Failed(id));
            }
            Step::Flush(token, timeout) => self.happens(Input::Flush(token, timeout)),
            Step::Close(token, timeout) => self.happens(Input::Close(token, timeout)),
            Step::Start => self.happens(Input::Start),
            Step::Online => self.happens(Input::Online),
            Step::Hide => self.happens(Input::Hide(60 * 1024)),
            Step::Show => self.happens(Input::Show),
            Step::Discard => self.happens(Input::Discard),
            ref expectation => self.expect(expectation),
        }
    }

    fn expect(&mut self, step: &Step) {
        match *step {
            Step::Sends(body) => self.sends(body, false),
            Step::SendsKeepalive(body) => self.sends(body, true),
            Step::Aborts(body) => {
                let id = self.request(body);
                let output = self.next_output();
                assert!(matches!(output, Output::Abort(i) if i == id), "{}: {output:?}", self.line);
                self.settle(id);
            }
            Step::DeadLetters(code, texts) => {
                let output = self.next_output();
                let Output::DeadLetter(error, events) = &output else {
                    panic!("{}: {output:?}", self.line)
                };
                let accepted: Vec<String> = events.iter().map(Event::accepted_text).collect();
                assert_eq!(
                    (error.code, accepted.join(",").as_str()),
                    (code, texts),
                    "{}",
                    self.line
                );
            }
            Step::Flushed(token) => {
                let output = self.next_output();
                assert!(
                    matches!(output, Output::Flushed(t) if t == token),
                    "{}: {output:?}",
                    self.line
                );
            }
            Step::SleepsUntil(until, why) => {
                let expected = (Some(Timestamp::from_millis(until)), why);
                assert_eq!(self.sleep, expected, "{}", self.line);
            }
            Step::SleepsWithin(from, to, why) => {
                let range = Timestamp::from_millis(from)..=Timestamp::from_millis(to);
                let within = self.sleep.0.is_some_and(|until| range.contains(&until));
                assert!(within && self.sleep.1 == why, "{}: {:?}", self.line, self.sleep);
            }
            Step::SleepsForever => assert_eq!(self.sleep, (None, Why::Nothing), "{}", self.line),
            Step::Ledger(expected) => assert_eq!(self.engine.ledger(), expected, "{}", self.line),
            ref input => unreachable!("{input:?} is no expectation"),
        }
    }

    fn offer(&mut self, stream: &str, text: &str, spliced: u32) {
        let event = Event { spliced, ..Event::new(Stream::new(stream), text.to_owned()) };
        self.accept(event);
    }

    fn accept(&mut self, event: Event) {
        self.sequence += 1;
        self.happens(Input::Offer(self.sequence, event));
    }

    fn happens(&mut self, input: Input) {
        self.nothing_is_left();
        self.engine.handle(self.now, input);
        let (outputs, sleep) = drain(&mut self.engine);
        for output in &outputs {
            if let Output::Send(request) = output {
                self.requests.push((request.clone(), true));
            }
        }
        // What other pages and those who store are told has scripts of its own.
        let outputs = outputs
            .into_iter()
            .filter(|output| !matches!(output, Output::Tell(_) | Output::Mark(..)));
        (self.outputs, self.sleep) = (outputs.collect(), sleep);
        self.holds_what_always_holds();
    }

    fn holds_what_always_holds(&self) {
        let (ledger, policy) = (self.engine.ledger(), self.engine.policy());
        assert!(ledger.balances(), "{}: {ledger:?}", self.line);
        assert!(ledger.pending <= policy.queue_count_max as u64, "{}: {ledger:?}", self.line);
        assert!(
            self.engine.held_bytes() <= policy.queue_bytes_max,
            "{}: too many bytes",
            self.line
        );
        let empty = self.engine.held_bytes() == 0;
        assert!(ledger.pending > 0 || empty || self.controls, "{}: {ledger:?}", self.line);
        assert!(ledger.pending == 0 || !empty, "{}: {ledger:?}", self.line);
    }

    fn sends(&mut self, body: &str, keepalive: bool) {
        let output = self.next_output();
        let Output::Send(request) = output else { panic!("{}: {output:?}", self.line) };
        let seen = (request.body.as_str(), request.keepalive);
        assert_eq!(seen, (body, keepalive), "{}", self.line);
        assert_eq!((request.path.as_str(), request.gzip), ("/texts", self.engine.policy().gzip));
    }

    fn next_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| panic!("{}: nothing came out", self.line))
    }

    fn nothing_is_left(&self) {
        assert!(
            self.outputs.is_empty(),
            "before {}: nobody expected {:?}",
            self.line,
            self.outputs
        );
    }

    fn request(&self, body: &str) -> RequestId {
        let mut newest_first = self.requests.iter().rev();
        match newest_first.find(|(request, _)| request.body == body) {
            Some((request, _)) => request.id,
            None => panic!("{}: no such request was sent", self.line),
        }
    }

    fn settle_oldest(&mut self) -> RequestId {
        match self.requests.iter_mut().find(|(_, waits)| *waits) {
            Some((request, waits)) => {
                *waits = false;
                request.id
            }
            None => panic!("{}: nothing is in flight", self.line),
        }
    }

    fn settle(&mut self, id: RequestId) {
        for (request, waits) in &mut self.requests {
            *waits &= request.id != id;
        }
    }
}

/// The default policy, but …
pub fn policy(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    change(&mut policy);
    policy
}

/// At most this many events held; `overflow` decides who gives way.
pub fn holding(queue_count_max: usize, overflow: Overflow) -> Policy {
    policy(|policy| (policy.queue_count_max, policy.overflow) = (queue_count_max, overflow))
}
