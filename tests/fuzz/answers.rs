//! What a server may answer to each client wire, and when: bytes are a script of events, answers,
//! failures and time. Whatever happens, each event is in exactly one place, the log says the same
//! as the engine, and once the server is well everything comes to an end.

use crate::bytes::Bytes;
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Answer, Input, Output, Request};
use sluicebox::core::log;
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::Wire;
use sluicebox::protocol::{initial_state, rudderstack, stride};
use std::collections::BTreeSet;

pub fn wire(choice: u8) -> Box<dyn Wire> {
    match choice % 3 {
        0 => Box::new(stride::CollectWire),
        1 => Box::new(rudderstack::BatchWire),
        _ => Box::new(initial_state::EventsWire),
    }
}

/// As `log::read` wants them.
pub fn joined(records: &[Vec<u8>]) -> Vec<u8> {
    let with_length =
        |record: &Vec<u8>| [&(record.len() as u32).to_le_bytes()[..], record].concat();
    records.iter().flat_map(with_length).collect()
}

pub struct World {
    engine: Engine,
    now: u64,
    until: Option<u64>,
    /// Not answered, not aborted.
    flights: Vec<Request>,
    /// The numbers of all events that are neither delivered nor given up.
    held: BTreeSet<usize>,
    offered: usize,
    pub records: Vec<Vec<u8>>,
    /// Records that the store has not said yet what became of: a page that hides writes another
    /// without waiting.
    storing: usize,
}

impl World {
    pub fn new(wire: Box<dyn Wire>, policy: Policy) -> Self {
        World {
            engine: Engine::new(wire, policy, Rng::new([1, 2, 3, 4])),
            now: 0,
            until: None,
            flights: Vec::new(),
            held: BTreeSet::new(),
            offered: 0,
            records: Vec::new(),
            storing: 0,
        }
    }

    pub fn happens(&mut self, input: Input) {
        self.engine.handle(Timestamp::from_millis(self.now), input);
        for outputs in 0.. {
            assert!(outputs < 10_000, "poll never sleeps");
            match self.engine.poll() {
                Output::Sleep(until, _) => {
                    self.until = until.map(Timestamp::as_millis);
                    break;
                }
                Output::Send(request) => self.flights.push(request),
                Output::Abort(id) => self.flights.retain(|flight| flight.id != id),
                Output::DeadLetter(_, events) => {
                    for event in events.iter().filter(|event| !event.control) {
                        let known = numbers(&event.text).all(|number| self.held.remove(&number));
                        assert!(known, "given up twice: {}", event.text);
                    }
                }
                Output::Store(record, removed) => {
                    self.storing += 1;
                    let removed = (removed as usize).min(self.records.len());
                    self.records.drain(..removed);
                    if !record.is_empty() {
                        self.records.push(record);
                    }
                }
                Output::Tell(_) | Output::Flushed(_) => {}
            }
        }
        let ledger = self.engine.ledger();
        assert!(ledger.balances(), "{ledger:?}");
        assert_eq!(ledger.pending, self.held.len() as u64, "{ledger:?}");
    }

    fn answered(&mut self, choice: u8, answer: Answer) {
        if self.flights.is_empty() {
            return self.happens(Input::Answered(choice.into(), answer));
        }
        let request = self.flights.remove(usize::from(choice) % self.flights.len());
        if (200..300).contains(&answer.status) {
            for number in numbers(&request.body) {
                assert!(self.held.remove(&number), "{number} is delivered twice");
            }
        }
        self.happens(Input::Answered(request.id, answer));
    }

    fn offer(&mut self, choice: u8, filler: usize) {
        let stream = Stream::new(["s", "t", "a bucket", "ü"][usize::from(choice % 4)]);
        if choice >= 240 {
            let text = String::from(r#"{"bucketName":"b"}"#);
            return self.happens(Input::Offer(Event { control: true, ..Event::new(stream, text) }));
        }
        let text = format!(r##"{{"#n":{},"x":"{}"}}"##, self.offered, "x".repeat(filler));
        self.held.insert(self.offered);
        self.offered += 1;
        self.happens(Input::Offer(Event::new(stream, text)));
    }

    /// One thing that happens, as the bytes have it.
    pub fn step(&mut self, bytes: &mut Bytes) {
        match bytes.byte() % 16 {
            0..=3 => self.offer(bytes.byte(), 0),
            4 => {
                let size = bytes.number() as usize % 200_000;
                self.offer(bytes.byte(), size);
            }
            5..=7 => {
                let choice = bytes.byte();
                let status = bytes.number() as u16;
                let retry_after = (bytes.byte() % 2 > 0).then(|| bytes.number());
                self.answered(choice, Answer { status, retry_after, body: bytes.text() });
            }
            8 if !self.flights.is_empty() => {
                let request = self.flights.remove(0);
                self.happens(Input::Failed(request.id));
            }
            9 => {
                self.now = self.now.saturating_add(bytes.number() >> 24);
                self.happens(Input::Tick);
            }
            10 => self.wake(),
            11 => self.happens(Input::Flush(bytes.byte().into(), bytes.number())),
            12 => match bytes.byte() % 8 {
                0 => self.happens(Input::Hide(bytes.number() as usize)),
                1 => self.happens(Input::Online),
                2 => self.happens(Input::Freeze),
                3 => self.happens(Input::Thaw),
                4 => self.happens(Input::Told(Some(Timestamp::from_millis(bytes.number())))),
                5 => self.happens(Input::Told(None)),
                6 => self.happens(Input::Start),
                _ => self.happens(Input::Show),
            },
            13 => {
                if let Some(request) = self.flights.first() {
                    self.happens(Input::Kept(request.id));
                }
            }
            14 => self.happens(Input::Persist),
            _ => self.stored(bytes.byte() % 4 > 0),
        }
    }

    fn wake(&mut self) {
        self.now = self.now.max(self.until.unwrap_or(self.now));
        self.happens(Input::Tick);
    }

    fn stored(&mut self, done: bool) {
        if self.storing > 0 {
            self.storing -= 1;
            self.happens(Input::Stored(done));
        }
    }

    /// Everything that is to be stored is stored: what a new page would read is what is held.
    pub fn log_agrees(&mut self) {
        self.happens(Input::Persist);
        for rounds in 0.. {
            assert!(rounds < 100, "the log never comes to rest");
            if self.storing > 0 {
                self.stored(true);
            } else if self.until.is_some_and(|until| until < self.now + 100_000) && rounds < 5 {
                // After a failure the log waits.
                self.now += 61_000;
                self.happens(Input::Tick);
            } else {
                break;
            }
        }
        let (found, damaged) = log::read(&joined(&self.records));
        assert!(!damaged);
        let found: BTreeSet<usize> =
            found.iter().flat_map(|found| numbers(&found.event.text)).collect();
        assert_eq!(found, self.held, "what is stored, and what is held");
    }

    /// The server is well, and the page is seen: all that is held is settled.
    pub fn heals(&mut self) {
        for input in [Input::Show, Input::Thaw, Input::Start, Input::Online, Input::Told(None)] {
            self.happens(input);
        }
        self.happens(Input::Flush(0, 1 << 50));
        for rounds in 0.. {
            assert!(rounds < 10_000, "it never comes to rest: {:?}", self.engine.ledger());
            self.stored(true);
            if !self.flights.is_empty() {
                self.answered(0, Answer::status(200));
            } else if self.until.is_some() {
                self.wake();
            } else {
                break;
            }
        }
        assert_eq!(self.engine.ledger().pending, 0);
    }
}

/// Of all events in a text. No answer and no stream can look like one.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split("{\"#n\":").skip(1).filter_map(|rest| rest.split(',').next()?.parse().ok())
}

pub fn policy(bytes: &mut Bytes) -> Policy {
    let mut pick = |numbers: &[usize]| numbers[usize::from(bytes.byte()) % numbers.len()];
    Policy {
        batch_count_max: pick(&[100, 1, 2, 5]),
        batch_bytes_max: pick(&[500_000, 80]),
        queue_count_max: pick(&[10_000, 3]),
        queue_bytes_max: pick(&[16 << 20, 300]),
        overflow: if pick(&[0, 1]) == 0 { Overflow::DropOldest } else { Overflow::DropNewest },
        concurrency_max: pick(&[2, 1, 4]),
        attempts_max: [None, Some(2)][pick(&[0, 1])],
        gzip: pick(&[1, 0]) == 1,
        ..Policy::default()
    }
}

pub fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let wire = wire(bytes.byte());
    let mut world = World::new(wire, policy(&mut bytes));
    while !bytes.is_empty() {
        world.step(&mut bytes);
    }
    world.log_agrees();
    world.heals();
}
