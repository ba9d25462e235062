//! What a server may answer to each client wire, and when: bytes are a script of events, answers,
//! failures and time. Whatever happens, each event is in exactly one place, whoever stores events is
//! told what became of each, and once the server is well everything comes to an end.

use crate::bytes::Bytes;
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Answer, Input, Mark, Output, Request};
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::{Bodies, Wire};
use sluicebox::protocol::{initial_state, rudderstack, stride};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The sequence of the first event; those that are adopted count down from here.
const FIRST: u64 = 1 << 40;

fn wire(choice: u8) -> Box<dyn Wire> {
    match choice % 3 {
        0 => Box::new(stride::CollectWire),
        1 => Box::new(rudderstack::BatchWire),
        _ => Box::new(initial_state::EventsWire),
    }
}

/// The size of each event. A body is so many bytes, with one between two events.
#[derive(Clone)]
struct Sizes {
    known: Rc<RefCell<BTreeMap<u64, usize>>>,
    takes_packed: bool,
}

impl Bodies for Sizes {
    fn to_pack(&self, events: &[u64]) -> String {
        let known = self.known.borrow();
        let bytes = events.iter().map(|sequence| known[sequence] + 1).sum();
        if self.takes_packed { "x".repeat(bytes) } else { String::new() }
    }

    fn end(&self) -> String {
        String::new()
    }
}

/// What is known of an event that nobody has settled.
#[derive(Clone, Copy)]
struct Held {
    control: bool,
    /// A page that went away handed it over.
    left: bool,
}

struct World {
    engine: Engine,
    sizes: Sizes,
    now: u64,
    until: Option<u64>,
    /// Not answered, not aborted.
    flights: Vec<Request>,
    held: BTreeMap<u64, Held>,
    next: u64,
    oldest: u64,
}

impl World {
    fn new(wire: Box<dyn Wire>, takes_packed: bool, policy: Policy) -> Self {
        let sizes = Sizes { known: Rc::default(), takes_packed };
        World {
            engine: Engine::new(wire, Box::new(sizes.clone()), policy, Rng::new([1, 2, 3, 4])),
            sizes,
            now: 0,
            until: None,
            flights: Vec::new(),
            held: BTreeMap::new(),
            next: FIRST,
            oldest: FIRST,
        }
    }

    fn happens(&mut self, input: Input) {
        self.happens_with(input, Vec::new());
    }

    /// `delivered` are the events of a request that the server took.
    fn happens_with(&mut self, input: Input, delivered: Vec<u64>) {
        let (mut settled, mut explained) = (Vec::new(), delivered.clone());
        let is_taken = !delivered.is_empty();
        let needs_poll = self.engine.handle(Timestamp::from_millis(self.now), input);
        for outputs in 0.. {
            assert!(outputs < 10_000, "poll never sleeps");
            match self.engine.poll() {
                Output::Sleep(until, _) => {
                    let until = until.map(Timestamp::as_millis);
                    let is_same = outputs == 0 && until == self.until;
                    assert!(needs_poll || is_same, "the poll was needed, for {until:?}");
                    self.until = until;
                    break;
                }
                Output::Send(request) => self.flights.push(request),
                Output::Abort(id) => self.flights.retain(|flight| flight.id != id),
                Output::DeadLetter(_, events) => explained.extend(events),
                Output::Mark(mark, first, count) => {
                    for sequence in first..first + count {
                        let control = self.mark(mark, sequence);
                        settled.extend((mark == Mark::Settled && !control).then_some(sequence));
                    }
                }
                Output::Tell(_) | Output::Flushed(_) => {}
            }
        }
        for sequence in &explained {
            assert!(!self.held.contains_key(sequence), "{sequence} has its end, but no mark");
        }
        // What was handed over earlier is delivered with what is known to be.
        for sequence in settled.iter().filter(|sequence| !explained.contains(sequence)) {
            assert!(is_taken, "{sequence} was lost without a word");
        }
        let ledger = self.engine.ledger();
        assert!(ledger.balances(), "{ledger:?}");
        let pending = self.held.values().filter(|held| !held.control).count();
        assert_eq!(ledger.pending, pending as u64, "{ledger:?}");
    }

    /// Whether it is a control event, which nobody is told of.
    fn mark(&mut self, mark: Mark, sequence: u64) -> bool {
        let held = self.held.get_mut(&sequence);
        let held = held.unwrap_or_else(|| panic!("{mark:?} of {sequence}, which is not held"));
        let control = held.control;
        match mark {
            Mark::Settled => drop(self.held.remove(&sequence)),
            Mark::Left => held.left = true,
            Mark::Returned => {
                assert!(held.left, "{sequence} returned and was not away");
                held.left = false;
            }
        }
        control
    }

    fn answered(&mut self, choice: u8, answer: Answer) {
        if self.flights.is_empty() {
            return self.happens(Input::Answered(choice.into(), answer));
        }
        let request = self.flights.remove(usize::from(choice) % self.flights.len());
        let mut delivered = Vec::new();
        if (200..300).contains(&answer.status) {
            delivered.extend(&request.events);
            for sequence in &delivered {
                assert!(self.held.contains_key(sequence), "{sequence} is delivered twice");
            }
        }
        self.happens_with(Input::Answered(request.id, answer), delivered);
    }

    /// An event, as something that is held from now on.
    fn event(&mut self, sequence: u64, choice: u8, filler: usize, left: bool) -> Event {
        let stream = Stream::new(["s", "t", "a bucket", "ü"][usize::from(choice % 4)]);
        let control = choice >= 240;
        self.held.insert(sequence, Held { control, left });
        let bytes = 25 + filler;
        self.sizes.known.borrow_mut().insert(sequence, bytes);
        Event { control, ..Event::new(stream, bytes) }
    }

    fn offer(&mut self, choice: u8, filler: usize) {
        let sequence = self.next;
        self.next += 1;
        let event = self.event(sequence, choice, filler, false);
        self.happens(Input::Offer(sequence, event));
    }

    /// Takes over what other pages have left.
    fn adopt(&mut self, bytes: &mut Bytes) {
        let count = u64::from(bytes.byte() % 8);
        let first = self.oldest - count;
        self.oldest = first;
        let adopted: Vec<_> = (first..first + count)
            .map(|sequence| {
                let (choice, is_left) = (bytes.byte(), bytes.byte() & 1 > 0);
                let at = Timestamp::from_millis(bytes.number());
                Input::Adopt(sequence, self.event(sequence, choice, 0, is_left), at, is_left)
            })
            .collect();
        // Nothing is polled, and nothing counted, before all of them are there.
        for input in adopted {
            self.engine.handle(Timestamp::from_millis(self.now), input);
        }
        self.happens(Input::Adopted);
    }

    /// One thing that happens, as the bytes have it.
    fn step(&mut self, bytes: &mut Bytes) {
        match bytes.byte() % 16 {
            0..=3 => self.offer(bytes.byte(), 0),
            4 => {
                let size = bytes.number() as usize % 200_000;
                self.offer(bytes.byte(), size);
            }
            5..=7 => {
                let choice = bytes.byte();
                let status = bytes.number() as u16;
                let retry_after = (bytes.byte() & 1 > 0).then(|| bytes.number());
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
            14 => self.happens(Input::Load),
            _ => self.adopt(bytes),
        }
    }

    fn wake(&mut self) {
        self.now = self.now.max(self.until.unwrap_or(self.now));
        self.happens(Input::Tick);
    }

    /// The server is well, and the page is seen: all that is held is settled.
    fn heals(&mut self) {
        for input in [Input::Show, Input::Thaw, Input::Start, Input::Online, Input::Told(None)] {
            self.happens(input);
        }
        self.happens(Input::Adopted);
        // What a page handed over counts as delivered with the next event that is.
        self.offer(0, 0);
        self.happens(Input::Flush(0, 1 << 50));
        for rounds in 0.. {
            assert!(rounds < 10_000, "it never comes to rest: {:?}", self.engine.ledger());
            if !self.flights.is_empty() {
                self.answered(0, Answer::status(200));
            } else if self.until.is_some() {
                self.wake();
            } else {
                break;
            }
        }
        assert!(self.held.is_empty(), "{:?}", self.engine.ledger());
    }
}

fn policy(bytes: &mut Bytes) -> Policy {
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
    let choice = bytes.byte();
    // Initial State takes no body that is compressed.
    let takes_packed = choice % 3 != 2;
    let mut world = World::new(wire(choice), takes_packed, policy(&mut bytes));
    while !bytes.is_empty() {
        world.step(&mut bytes);
    }
    world.heals();
}
