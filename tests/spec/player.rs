//! Who plays a script.

use crate::script::Step;
use crate::support::{END, TextWire, Texts, drain, unpacked};
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Answer, Input, Mark, Output, Request, RequestId, Why};
use sluicebox::core::policy::Policy;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::{Millis, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// What is accepted counts up from here, what is adopted counts down.
const FIRST: u64 = 1 << 40;

pub struct Player {
    engine: Engine,
    texts: Texts,
    /// Whether the engine said that it needs a poll after what happened last.
    needs_poll: bool,
    now: Timestamp,
    outputs: VecDeque<Output>,
    sleep: (Option<Timestamp>, Why),
    /// Every request ever sent, and whether an answer is still waited for.
    requests: Vec<(Request, bool)>,
    line: String,
    /// Whether something uncounted was offered: then bytes are held that no event accounts for.
    controls: bool,
    /// Of the event that was accepted last, and of the first that was adopted.
    sequence: u64,
    oldest: u64,
    /// What is found in a log and not handed on yet.
    found: Vec<(String, Millis, &'static str, bool)>,
    /// The text of each event that no mark has settled.
    unsettled: BTreeMap<u64, &'static str>,
    /// Marks and words to other pages, where the script looks at them.
    marks: Option<VecDeque<(Mark, String)>>,
    tells: Option<VecDeque<Option<u64>>>,
    packs: Option<VecDeque<String>>,
}

impl Player {
    pub fn new(policy: Policy, seed: u32) -> Self {
        // Bits as mixed as real entropy: from a seed of small numbers the first draws are small too.
        let seed = [seed.wrapping_mul(0x9e37_79b9), 0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e];
        let texts = Texts::new(true);
        let bodies = Box::new(texts.clone());
        let mut engine = Engine::new(Box::new(TextWire), bodies, policy, Rng::new(seed));
        let (outputs, sleep) = drain(&mut engine);
        assert!(outputs.is_empty() && sleep.0.is_none(), "a new engine wants nothing");
        let now = Timestamp::from_millis(0);
        let (outputs, requests) = (VecDeque::new(), Vec::new());
        Player {
            engine,
            texts,
            needs_poll: false,
            now,
            outputs,
            sleep,
            requests,
            line: String::new(),
            controls: false,
            sequence: FIRST,
            oldest: FIRST,
            found: Vec::new(),
            unsettled: BTreeMap::new(),
            marks: None,
            tells: None,
            packs: None,
        }
    }

    /// Plays a script and gives back the wake-up times it saw.
    pub fn play(mut self, steps: &[Step]) -> Vec<Option<u64>> {
        let looks = |is: fn(&Step) -> bool| steps.iter().any(is);
        self.marks = looks(|step| matches!(step, Step::Marks(..))).then(VecDeque::new);
        let is_word = |step: &Step| matches!(step, Step::Tells(..) | Step::TellsWell);
        self.tells = looks(is_word).then(VecDeque::new);
        self.packs = looks(|step| matches!(step, Step::Packs(_))).then(VecDeque::new);
        let mut sleeps = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            self.line = format!("step {index}, {step:?}");
            self.step(step);
            sleeps.push(self.sleep.0.map(Timestamp::as_millis));
        }
        self.line = String::from("the end of the script");
        self.nothing_is_left();
        sleeps
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Offer(text) => self.offer("x", text, false),
            Step::OfferTo(stream, text) => self.offer(stream, text, false),
            Step::OfferControl(text) => {
                self.controls = true;
                self.offer("x", text, true);
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
            Step::HideWith(bytes) => self.happens(Input::Hide(bytes)),
            Step::Unsent(body) => {
                let id = self.request(body);
                self.settle(id);
                self.engine.handle(self.now, Input::Unsent(id));
            }
            Step::Kept(body) => {
                let id = self.request(body);
                self.happens(Input::Kept(id));
            }
            Step::Load => self.happens(Input::Load),
            Step::Adopt(at, text) => self.finds("x", at, text, false),
            Step::AdoptTo(stream, text) => self.finds(stream, 0, text, false),
            Step::AdoptLeft(at, text) => self.finds("x", at, text, true),
            Step::Adopted => self.adopts(),
            Step::Freeze => self.happens(Input::Freeze),
            Step::Thaw => self.happens(Input::Thaw),
            Step::Forget => {
                self.unsettled.clear();
                self.happens(Input::Forget);
            }
            Step::Told(until) => {
                self.happens(Input::Told(Some(Timestamp::from_millis(until))));
            }
            Step::ToldWell => self.happens(Input::Told(None)),
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
                let given_up = self.texts.of(events);
                assert_eq!((error.code, given_up.as_str()), (code, texts), "{}", self.line);
            }
            Step::Flushed(token) => {
                let output = self.next_output();
                assert!(
                    matches!(output, Output::Flushed(t) if t == token),
                    "{}: {output:?}",
                    self.line
                );
            }
            Step::Marks(mark, texts) => {
                let next = self.marks.as_mut().and_then(VecDeque::pop_front);
                assert_eq!(next, Some((mark, texts.to_owned())), "{}", self.line);
            }
            Step::Tells(from, to) => {
                let next = self.tells.as_mut().and_then(VecDeque::pop_front).flatten();
                let within = next.is_some_and(|until| (from..=to).contains(&until));
                assert!(within, "{}: {next:?}", self.line);
            }
            Step::TellsWell => {
                let next = self.tells.as_mut().and_then(VecDeque::pop_front);
                assert_eq!(next, Some(None), "{}", self.line);
            }
            Step::Packs(texts) => {
                let next = self.packs.as_mut().and_then(VecDeque::pop_front);
                assert_eq!(next.as_deref(), Some(texts), "{}", self.line);
            }
            Step::NeedsPoll => assert!(self.needs_poll, "{}", self.line),
            Step::NeedsNoPoll => assert!(!self.needs_poll, "{}", self.line),
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

    fn offer(&mut self, stream: &str, text: &'static str, control: bool) {
        self.sequence += 1;
        self.unsettled.insert(self.sequence, text);
        let event = self.texts.event(self.sequence, Stream::new(stream), text);
        self.happens(Input::Offer(self.sequence, Event { control, ..event }));
    }

    fn finds(&mut self, stream: &str, at: Millis, text: &'static str, is_left: bool) {
        self.found.push((stream.to_owned(), at, text, is_left));
    }

    fn adopts(&mut self) {
        let found = std::mem::take(&mut self.found);
        self.oldest -= found.len() as u64;
        for ((stream, at, text, is_left), sequence) in found.into_iter().zip(self.oldest..) {
            self.unsettled.insert(sequence, text);
            let event = self.texts.event(sequence, Stream::new(&stream), text);
            let at = Timestamp::from_millis(at);
            self.engine.handle(self.now, Input::Adopt(sequence, event, at, is_left));
        }
        self.happens(Input::Adopted);
    }

    fn happens(&mut self, input: Input) {
        self.nothing_is_left();
        self.needs_poll = self.engine.handle(self.now, input);
        let (outputs, sleep) = drain(&mut self.engine);
        if let Some(packs) = &mut self.packs {
            packs.extend(self.texts.packed().iter().map(|events| self.texts.of(events)));
        }
        // Of two reasons for the same moment the host hears of none.
        let is_same = outputs.is_empty() && sleep.0 == self.sleep.0;
        assert!(self.needs_poll || is_same, "{}: {outputs:?}, {sleep:?}", self.line);
        for output in &outputs {
            if let Output::Send(request) = output {
                self.requests.push((request.clone(), true));
            }
        }
        self.outputs = outputs.into_iter().filter(|output| self.is_plain(output)).collect();
        self.sleep = sleep;
        self.holds_what_always_holds();
    }

    /// Notes what other pages and those who store are told.
    fn is_plain(&mut self, output: &Output) -> bool {
        match *output {
            Output::Mark(mark, first, count) => {
                let texts = (first..first + count).map(|sequence| match mark {
                    Mark::Settled => self.unsettled.remove(&sequence),
                    _ => self.unsettled.get(&sequence).copied(),
                });
                let texts: Option<Vec<&str>> = texts.collect();
                let texts = texts.unwrap_or_else(|| panic!("{}: marked again", self.line));
                let texts = texts.join(",");
                self.marks.iter_mut().for_each(|marks| marks.push_back((mark, texts.clone())));
                false
            }
            Output::Tell(until) => {
                let until = until.map(Timestamp::as_millis);
                self.tells.iter_mut().for_each(|tells| tells.push_back(until));
                false
            }
            _ => true,
        }
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
        let marked = ledger.pending == self.unsettled.len() as u64 || self.controls;
        assert!(marked, "{}: {ledger:?}, not marked: {:?}", self.line, self.unsettled);
        let empty = self.engine.held_bytes() == 0;
        assert!(ledger.pending > 0 || empty || self.controls, "{}: {ledger:?}", self.line);
        assert!(ledger.pending == 0 || !empty, "{}: {ledger:?}", self.line);
    }

    fn sends(&mut self, body: &str, keepalive: bool) {
        let output = self.next_output();
        let Output::Send(request) = output else { panic!("{}: {output:?}", self.line) };
        let seen = (self.texts.body(&request), request.keepalive);
        assert_eq!(seen, (body.to_owned(), keepalive), "{}", self.line);
        if keepalive && request.packed.is_empty() {
            return;
        }
        assert_eq!(request.packed.is_empty(), !self.engine.policy().gzip, "{}", self.line);
        if !request.packed.is_empty() {
            assert_eq!(unpacked(&request), format!("{body}{END}"), "{}", self.line);
        }
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
        let marks = self.marks.iter().flatten().next();
        assert_eq!(marks, None, "before {}", self.line);
        let tells = self.tells.iter().flatten().next();
        assert_eq!(tells, None, "before {}", self.line);
        let packs = self.packs.iter().flatten().next();
        assert_eq!(packs, None, "before {}", self.line);
    }

    fn request(&self, body: &str) -> RequestId {
        let mut newest_first = self.requests.iter().rev();
        match newest_first.find(|(request, _)| self.texts.body(request) == body) {
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
