//! What a log holds: any bytes may be read. Nothing comes out of a record whose checksum is wrong,
//! and what comes out is taken over, stored again and delivered as it is.

use crate::answers::{joined, wire};
use sluicebox::core::engine::Engine;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::{Answer, Input, Output, Request};
use sluicebox::core::log::{self, Found};
use sluicebox::core::policy::Policy;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;

/// The format's checksum, written a second time: what is stored must be read by later versions.
fn checksum(bytes: &[u8]) -> u32 {
    let mix =
        |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let whole = bytes.len() / 8 * 8;
    let mut sum = bytes.len() as u64;
    for word in bytes[..whole].chunks(8) {
        sum = mix(sum, u64::from_le_bytes(word.try_into().unwrap()));
    }
    for byte in &bytes[whole..] {
        sum = mix(sum, (*byte).into());
    }
    (mix(sum, sum >> 32) >> 32) as u32
}

/// Cut at the lengths; the last may be short.
fn cut(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while bytes.len() >= 4 {
        let length = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        let end = length.min(bytes.len() - 4) + 4;
        records.push(bytes[4..end].to_vec());
        bytes = &bytes[end..];
    }
    records
}

fn is_sealed(record: &[u8]) -> bool {
    record.len() >= 4 && record[..4] == checksum(&record[4..]).to_le_bytes()
}

/// With the checksum that it should have: only so are its items looked at.
fn sealed(record: Vec<u8>) -> Vec<u8> {
    let items = record.get(4..).unwrap_or_default();
    [&checksum(items).to_le_bytes(), items].concat()
}

fn contains(record: &[u8], text: &[u8]) -> bool {
    text.is_empty() || record.windows(text.len()).any(|window| window == text)
}

/// What must be the same wherever it is taken over; sequences are not.
fn essence(found: Vec<Found>) -> Vec<(Event, u64, bool)> {
    found.into_iter().map(|found| (found.event, found.at.as_millis(), found.is_left)).collect()
}

fn only_from_sealed_ones(bytes: &[u8]) -> Vec<(Event, u64, bool)> {
    let (found, damaged) = log::read(bytes);
    let records = cut(bytes);
    let good: Vec<_> = records.iter().filter(|record| is_sealed(record)).collect();
    assert!(damaged || good.len() == records.len(), "damage is not told");
    for event in found.iter().map(|found| &found.event) {
        let has = |record: &&Vec<u8>| {
            contains(record, event.text.as_bytes())
                && contains(record, event.stream.name().as_bytes())
        };
        assert!(good.iter().any(|record| has(&record)), "out of nowhere: {event:?}");
    }
    essence(found)
}

struct Heir {
    engine: Engine,
    now: u64,
    until: Option<u64>,
    flights: Vec<Request>,
    records: Vec<Vec<u8>>,
}

impl Heir {
    fn happens(&mut self, input: Input) {
        self.engine.handle(Timestamp::from_millis(self.now), input);
        let mut stored = 0;
        loop {
            match self.engine.poll() {
                Output::Sleep(until, _) => break self.until = until.map(Timestamp::as_millis),
                Output::Send(request) => self.flights.push(request),
                Output::Abort(id) => self.flights.retain(|flight| flight.id != id),
                Output::Store(record, removed) => {
                    stored += 1;
                    self.records.drain(..(removed as usize).min(self.records.len()));
                    self.records.extend((!record.is_empty()).then_some(record));
                }
                Output::DeadLetter(..) | Output::Tell(_) | Output::Flushed(_) => {}
            }
        }
        let ledger = self.engine.ledger();
        assert!(ledger.balances(), "{ledger:?}");
        for _ in 0..stored {
            self.happens(Input::Stored(true));
        }
    }
}

/// Another page takes over what was left, stores it, and delivers it.
fn inherits(bytes: &[u8], mut expected: Vec<(Event, u64, bool)>) {
    let latest = expected.iter().map(|(_, at, _)| *at).max().unwrap_or(0);
    // What claims to come from later than any clock can tell came now.
    let now = latest.min(1 << 53);
    expected.iter_mut().for_each(|(_, at, _)| *at = now.min(*at));
    let most = 1 << 40;
    let policy = Policy {
        age_max_ms: u64::MAX,
        queue_count_max: most,
        queue_bytes_max: most,
        ..Policy::default()
    };
    let engine = Engine::new(wire(bytes.len() as u8), policy, Rng::new([1, 2, 3, 4]));
    let mut heir = Heir { engine, now, until: None, flights: Vec::new(), records: Vec::new() };
    heir.happens(Input::Load);
    heir.happens(Input::Adopt(bytes.to_vec()));
    let counted = expected.iter().filter(|(event, ..)| !event.control).count() as u64;
    assert_eq!(heir.engine.ledger().pending, counted);
    let (again, damaged) = log::read(&joined(&heir.records));
    assert!(!damaged);
    assert_eq!(essence(again), expected, "stored again");

    // What a page handed over counts as delivered with the next event that is.
    heir.happens(Input::Offer(Event::new(Stream::new("next"), String::from("{}"))));
    heir.happens(Input::Flush(0, 1 << 50));
    for rounds in 0.. {
        assert!(rounds < 10_000, "it never comes to rest: {:?}", heir.engine.ledger());
        if heir.flights.is_empty() {
            let Some(until) = heir.until else { break };
            heir.now = heir.now.max(until);
            heir.happens(Input::Tick);
        } else {
            let request = heir.flights.remove(0);
            heir.happens(Input::Answered(request.id, Answer::status(200)));
        }
    }
    assert_eq!(heir.engine.ledger().delivered, counted + 1, "{:?}", heir.engine.ledger());
    heir.happens(Input::Persist);
    assert_eq!(
        log::read(&joined(&heir.records)),
        (Vec::new(), false),
        "nobody needs them any more"
    );
}

pub fn run(bytes: &[u8]) {
    let found = only_from_sealed_ones(bytes);
    inherits(bytes, found);
    let records: Vec<_> = cut(bytes).into_iter().map(sealed).collect();
    let bytes = joined(&records);
    let found = only_from_sealed_ones(&bytes);
    inherits(&bytes, found);
}
