//! One schedule: a client with a random policy, a network with random weather, and a caller who
//! does anything at any time. After each step everything that must hold is checked.

use crate::dice::Dice;
use crate::model::{Fate, Model, Sequence};
use crate::network::{self, EventId, Network, Weather, What};
use crate::support::{TextWire, Texts, drain};
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Input, Output, Token, Why};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The first sequence of what is offered.
const FIRST: Sequence = 1 << 40;

/// What a schedule came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    pub steps: u64,
    pub faults: u64,
    /// Where the events went.
    pub ledger: Ledger,
    /// Of all outputs; 0 unless asked for.
    pub digest: u64,
}

/// How much a schedule says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    Quiet,
    Digest,
    Loud,
}

pub struct World {
    dice: Dice,
    engine: Engine,
    texts: Texts,
    model: Model,
    network: Network,
    streams: Vec<Stream>,
    /// What a perfect clock shows; the client's clock is ahead of it by `skew`.
    time: u64,
    skew: i64,
    sleep: (Option<u64>, Why),
    poison: u64,
    padding_max: u64,
    /// Nobody hides, freezes or adopts: then the order within a stream holds.
    is_calm: bool,
    next_id: EventId,
    /// What is offered counts up from `FIRST`, what is adopted counts down.
    newest: Sequence,
    oldest: Sequence,
    next_token: Token,
    summary: Summary,
    hasher: DefaultHasher,
    voice: Voice,
}

impl World {
    pub fn new(seed: u64, voice: Voice) -> Self {
        let mut dice = Dice::new(seed);
        let policy = policy(&mut dice);
        let streams: Vec<Stream> = (0..dice.between(1, 6))
            .map(|number| Stream::new(&format!("stream {number}")))
            .collect();
        let weather = Weather::new(&mut dice);
        let body_bytes_max = dice.pick(&[60, 400, usize::MAX, usize::MAX]);
        let rng = Rng::new([dice.next() as u32, dice.next() as u32, 1, 2]);
        let texts = Texts::new(dice.percent(70));
        let bodies = Box::new(texts.clone());
        if voice == Voice::Loud {
            println!(
                "{policy:#?}\n{weather:#?}\nbodies: {body_bytes_max}, {} streams",
                streams.len()
            );
        }
        World {
            engine: Engine::new(Box::new(TextWire), bodies, policy.clone(), rng),
            model: Model::new(policy, texts.clone(), streams.len()),
            texts,
            network: Network::new(weather, body_bytes_max, streams.len()),
            streams,
            time: 1_000_000,
            skew: 0,
            sleep: (None, Why::Nothing),
            poison: dice.pick(&[0, 0, 2, 10]),
            padding_max: dice.pick(&[0, 20, 20, 20, 100, 20_000]),
            is_calm: dice.percent(40),
            next_id: 0,
            newest: FIRST,
            oldest: FIRST,
            next_token: 0,
            summary: Summary::default(),
            hasher: DefaultHasher::new(),
            voice,
            dice,
        }
    }

    /// Plays the schedule to its end, heals the world and lets everything drain.
    pub fn play(mut self) -> Summary {
        for _ in 0..self.dice.between(30, 250) {
            self.act();
        }
        self.heal();
        self.summary.faults += self.network.faults;
        self.summary.ledger = self.engine.ledger();
        if self.voice == Voice::Digest {
            self.summary.digest = self.hasher.finish();
        }
        self.summary
    }

    fn act(&mut self) {
        match self.dice.between(1, 100) {
            1..=38 => {
                for _ in 0..self.dice.between(1, 4) {
                    self.offer();
                }
            }
            39..=82 => {
                self.goes_on();
            }
            83..=86 => self.time += self.dice.between(1, 900),
            87 => {
                self.skew += self.dice.pick(&[2_000, 90_000, 3_600_000]);
                self.summary.faults += 1;
            }
            88 => {
                self.skew -= self.dice.pick(&[2_000, 90_000, 3_600_000]).min(self.skew + 900_000);
                self.summary.faults += 1;
            }
            89 | 90 => self.happens(Input::Online),
            91 | 92 if !self.is_calm => self.life(),
            91 => self.told(),
            92 => self.happens(Input::Start),
            93 | 94 => {
                let (token, timeout) = self.flush();
                self.happens(Input::Flush(token, timeout));
            }
            95 => {
                let (token, timeout) = self.flush();
                self.happens(Input::Close(token, timeout));
            }
            // Rare: it empties the queue that everything else is about.
            96 if self.dice.percent(10) => self.happens(Input::Discard),
            _ => self.happens(Input::Start),
        }
    }

    fn offer(&mut self) {
        self.newest += 1;
        let event = self.event(self.newest);
        self.happens(Input::Offer(self.newest, event));
    }

    fn event(&mut self, sequence: Sequence) -> Event {
        let (id, stream) = (self.next_id, self.dice.next() as usize % self.streams.len());
        self.next_id += 1;
        let padding = self.dice.between(0, self.padding_max) as usize;
        let text = network::text(id, stream, self.dice.percent(self.poison), padding);
        self.texts.event(sequence, self.streams[stream].clone(), &text)
    }

    /// What only pages know.
    fn life(&mut self) {
        match self.dice.between(1, 12) {
            1..=3 => self.hide(),
            4 | 5 => self.happens(Input::Show),
            6 | 7 => self.adopt(),
            8 => self.happens(Input::Load),
            9 => self.happens(Input::Freeze),
            10 => self.happens(Input::Thaw),
            11 => {
                self.happens(Input::Forget);
                self.happens(Input::Thaw);
            }
            _ => self.told(),
        }
    }

    /// What is on its way says first whether it outlives the page, or found no room to.
    fn hide(&mut self) {
        if self.dice.percent(70) {
            self.happens(Input::Tick);
            let own = self.model.flights.iter().map(|flight| flight.id);
            for id in own.collect::<Vec<_>>() {
                match self.dice.between(0, 2) {
                    0 => self.tell(Input::Unsent(id)),
                    1 => self.tell(Input::Kept(id)),
                    _ => {}
                }
            }
        }
        let bytes = self.dice.pick(&[60 * 1024, 60 * 1024, 5_000, 100, 0]);
        self.happens(Input::Hide(bytes));
    }

    /// The log of another page, whose oldest it may have handed over as it went away.
    fn adopt(&mut self) {
        let count = self.dice.between(0, 40);
        let left = if self.dice.percent(40) { self.dice.between(0, count) } else { 0 };
        let mut at = self.time.saturating_sub(self.dice.between(0, 100_000));
        self.oldest -= count;
        for number in 0..count {
            let sequence = self.oldest + number;
            let event = self.event(sequence);
            at += self.dice.between(0, 50);
            let at = Timestamp::from_millis(at);
            self.tell(Input::Adopt(sequence, event, at, number < left));
        }
        self.happens(Input::Adopted);
    }

    fn told(&mut self) {
        let until = self.model.now + self.dice.between(0, 30_000);
        let is_well = self.dice.percent(40);
        self.happens(Input::Told((!is_well).then_some(Timestamp::from_millis(until))));
    }

    fn flush(&mut self) -> (Token, u64) {
        self.next_token += 1;
        (self.next_token, self.dice.pick(&[0, 300, 5_000, 100_000]))
    }

    /// Lets time pass until something happens by itself. False if nothing ever will.
    fn goes_on(&mut self) -> bool {
        let wakes =
            self.sleep.0.map(|until| (until as i64 - self.skew).max(self.time as i64) as u64);
        match (wakes, self.network.next_at()) {
            (Some(wakes), next) if next.is_none_or(|at| wakes <= at) => {
                self.time = wakes;
                let until = self.sleep.0.unwrap_or_default();
                let outputs = self.outputs_of(Input::Tick);
                let was_due = until <= self.model.now;
                // That it does not fit is known when its body is made.
                let is_crowded = self.model.hidden && self.model.leaving_bytes() > 0;
                assert!(was_due && (outputs > 0 || is_crowded), "woke up at {until} for nothing");
            }
            (_, Some(at)) => {
                self.time = self.time.max(at);
                self.packet();
            }
            (_, None) => return false,
        }
        true
    }

    fn packet(&mut self) {
        let Some(packet) = self.network.take_next() else { return };
        self.say(&packet);
        match packet.what {
            What::Answers((_, id), answer) => self.happens(Input::Answered(id, answer)),
            What::Fails((_, id)) => self.happens(Input::Failed(id)),
            What::Arrives { request, body, answers } => {
                let dice = &mut self.dice;
                let late = self.network.arrives(self.time, request, &body, answers, dice);
                // Order within a stream holds at the first arrival. The one exception: a request
                // that timed out may still arrive, with events that were given up since.
                for event in late.into_iter().filter(|_| self.is_calm) {
                    let mut known = self.model.events.values();
                    let fate = known.find(|known| known.id == event).expect("it was sent").fate;
                    let given_up = matches!(fate, Fate::Rejected | Fate::Expired | Fate::Dropped);
                    assert!(given_up, "event {event} came after newer ones, and is {fate:?}");
                }
            }
        }
    }

    fn happens(&mut self, input: Input) {
        self.outputs_of(input);
    }

    /// Tells the engine what needs no look at what follows.
    fn tell(&mut self, input: Input) {
        let now = self.time.saturating_add_signed(self.skew);
        self.say(&(now, &input));
        self.model.input(now, &input);
        self.engine.handle(Timestamp::from_millis(now), input);
    }

    /// Tells the engine, checks everything, and counts what it put out.
    fn outputs_of(&mut self, input: Input) -> usize {
        let now = self.time.saturating_add_signed(self.skew);
        self.say(&(now, &input));
        self.summary.steps += 1;
        let delivered = self.delivered_by(&input);
        self.model.input(now, &input);
        let needs_poll = self.engine.handle(Timestamp::from_millis(now), input);
        // Each second time it is left out that may be; else it is seen that it was not needed.
        let polls = needs_poll || self.summary.steps.is_multiple_of(2);
        let outputs = if polls { self.drain(needs_poll) } else { Vec::new() };
        for output in &outputs {
            self.say(output);
            self.model.output(output);
            if let Output::Send(request) = output {
                let body = self.texts.body(request);
                self.network.send(self.time, (0, request.id), &body, &mut self.dice);
            }
        }
        let sleep = self.sleep;
        self.say(&sleep);
        for event in delivered {
            assert!(
                self.network.received.contains(&event),
                "{event} is acknowledged but not there"
            );
        }
        self.model.rests(&self.engine, sleep);
        outputs.len()
    }

    fn drain(&mut self, needed: bool) -> Vec<Output> {
        let (outputs, (until, why)) = drain(&mut self.engine);
        let sleep = (until.map(Timestamp::as_millis), why);
        // Of two reasons for the same moment the host hears of none.
        let is_same = outputs.is_empty() && sleep.0 == self.sleep.0;
        assert!(needed || is_same, "the poll was needed: {outputs:?}, {sleep:?}");
        self.sleep = sleep;
        outputs
    }

    fn delivered_by(&self, input: &Input) -> Vec<usize> {
        let Input::Answered(id, answer) = input else { return Vec::new() };
        let flights = self.model.flights.iter();
        let delivered = flights.filter(|f| f.id == *id && (200..300).contains(&answer.status));
        let events = delivered.flat_map(|flight| flight.events.iter());
        events.map(|event| self.model.events[event].id).collect()
    }

    /// The world is well again: everything held is settled by a flush.
    fn heal(&mut self) {
        self.network.weather = Weather::FINE;
        self.happens(Input::Show);
        self.happens(Input::Start);
        self.happens(Input::Thaw);
        self.happens(Input::Adopted);
        self.happens(Input::Online);
        // What an earlier page handed over waits for a word about anything.
        self.offer();
        self.happens(Input::Flush(0, 1 << 40));
        let mut rounds = 0;
        while self.goes_on() {
            rounds += 1;
            assert!(rounds < 20_000, "it never comes to rest: {:?}", self.engine.ledger());
        }
        assert_eq!(self.engine.ledger().pending, 0);
        assert_eq!(self.sleep, (None, Why::Nothing));
        for event in self.model.events.values() {
            assert_ne!(event.fate, Fate::Held, "event {}", event.id);
        }
    }

    fn say(&mut self, what: &impl std::fmt::Debug) {
        match self.voice {
            Voice::Quiet => {}
            Voice::Digest => format!("{what:?}").hash(&mut self.hasher),
            Voice::Loud => println!("{:>9} {what:?}", self.time),
        }
    }
}

/// A random one.
pub fn policy(dice: &mut Dice) -> Policy {
    Policy {
        trusts_unheard: false,
        flush_interval_ms: dice.pick(&[0, 50, 500, 5_000]),
        batch_count_max: dice.pick(&[1, 2, 5, 20, 100]),
        batch_bytes_max: dice.pick(&[1, 80, 1_000, 500_000]),
        queue_count_max: dice.pick(&[1, 4, 30, 10_000, 10_000, 10_000, 10_000, 10_000]),
        queue_bytes_max: dice.pick(&[40, 600, 1 << 24, 1 << 24, 1 << 24, 1 << 24, 1 << 24]),
        overflow: dice.pick(&[Overflow::DropOldest, Overflow::DropNewest]),
        concurrency_max: dice.pick(&[0, 1, 2, 2, 4]),
        timeout_ms: dice.pick(&[300, 5_000, 5_000]),
        attempts_max: dice.pick(&[None, None, None, Some(1), Some(3)]),
        age_max_ms: dice.pick(&[1_500, 60_000, 7 * 24 * 3_600_000, 7 * 24 * 3_600_000]),
        gzip: dice.percent(50),
    }
}
