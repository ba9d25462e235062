//! The memory store: events by sequence, and for each value of each key a set of positions. An
//! insert costs O(keys · log n). A query walks its positions from the newest on, leaping over
//! what another key rules out, so a page costs what it holds.

use super::{NewEvent, Query, UnknownKey, slice};
use crate::server::when::Micros;
use std::collections::{BTreeMap, BTreeSet};

/// Newest first is greatest first.
type Position = (Micros, u64);
type Positions = BTreeSet<Position>;

/// An event as it is kept.
#[derive(Debug)]
pub struct Stored {
    /// Its stream.
    pub stream: u32,
    /// Unique within the stream.
    pub id: String,
    /// What it is sorted by.
    pub date: Micros,
    /// When it came, in milliseconds since 1970.
    pub received_ms: u64,
    /// The JSON object.
    pub text: String,
    /// Whether the text has an `$id` and a `$timestamp` of its own.
    pub shows: (bool, bool),
    keys: Vec<Vec<String>>,
}

/// The store.
#[derive(Debug)]
pub struct Memory {
    keys: Vec<String>,
    dedupe_window_ms: u64,
    names: BTreeMap<String, u32>,
    /// By sequence; a dropped stream leaves holes.
    events: Vec<Option<Stored>>,
    /// Id and stream, to the sequence.
    ids: BTreeMap<(String, u32), u64>,
    all: Positions,
    by_stream: BTreeMap<u32, Positions>,
    /// One map of value to positions for each key.
    by_value: Vec<BTreeMap<String, Positions>>,
}

impl Memory {
    /// An empty store. Events whose id came within the window are stored once.
    pub fn new(keys: Vec<String>, dedupe_window_ms: u64) -> Self {
        let by_value = keys.iter().map(|_| BTreeMap::new()).collect();
        Memory {
            keys,
            dedupe_window_ms,
            names: BTreeMap::new(),
            events: Vec::new(),
            ids: BTreeMap::new(),
            all: Positions::new(),
            by_stream: BTreeMap::new(),
            by_value,
        }
    }

    /// The configured keys.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Stores the event, unless its id is there already: then nothing happens, and that is fine.
    pub fn insert(&mut self, now_ms: u64, event: NewEvent) {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let stream = *self.names.entry(event.stream).or_insert(next);
        let sequence = self.events.len() as u64;
        let known = self.ids.insert((event.id.clone(), stream), sequence);
        if let Some(known) = known {
            let received = self.event(known).map_or(0, |stored| stored.received_ms);
            if now_ms.saturating_sub(received) <= self.dedupe_window_ms {
                self.ids.insert((event.id, stream), known);
                return;
            }
        }
        let position = (event.date, sequence);
        for (map, texts) in self.by_value.iter_mut().zip(&event.keys) {
            for text in texts {
                match map.get_mut(text) {
                    Some(positions) => positions.insert(position),
                    None => map.entry(text.clone()).or_default().insert(position),
                };
            }
        }
        self.all.insert(position);
        self.by_stream.entry(stream).or_default().insert(position);
        self.events.push(Some(Stored {
            stream,
            id: event.id,
            date: event.date,
            received_ms: now_ms,
            text: event.text,
            shows: event.shows,
            keys: event.keys,
        }));
    }

    /// The texts of a page.
    pub fn items(&self, query: &Query) -> Result<Vec<&str>, UnknownKey> {
        let Some(sources) = self.sources(query)? else { return Ok(Vec::new()) };
        // A slice from the end must know the length first.
        let negative = query.start < 0 || query.end.is_none_or(|end| end < 0);
        let length = if negative { walk(&sources).count() } else { usize::MAX };
        let range = slice(length, query.start, query.end);
        let page = walk(&sources).skip(range.start).take(range.len());
        Ok(page.filter_map(|(_, sequence)| Some(self.event(sequence)?.text.as_str())).collect())
    }

    /// What must all hold of a position; none when nothing can match.
    fn sources(&self, query: &Query) -> Result<Option<Vec<Vec<&Positions>>>, UnknownKey> {
        let mut sources = Vec::new();
        let mut possible = true;
        for (key, texts) in &query.filters {
            let Some(map) = self.keys.iter().position(|known| known == key) else {
                return Err(UnknownKey(key.clone()));
            };
            let map = self.by_value.get(map);
            let any: Vec<&Positions> = texts.iter().filter_map(|text| map?.get(text)).collect();
            possible &= !any.is_empty();
            sources.push(any);
        }
        if let Some(name) = &query.stream {
            let positions = self.names.get(name).and_then(|stream| self.by_stream.get(stream));
            possible &= positions.is_some();
            sources.push(positions.into_iter().collect());
        }
        if sources.is_empty() {
            sources.push(vec![&self.all]);
        }
        Ok(possible.then_some(sources))
    }

    /// Names and counts of all streams, by name.
    pub fn streams(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().filter_map(|(name, stream)| {
            let count = self.by_stream.get(stream).map_or(0, BTreeSet::len);
            (count > 0).then_some((name.as_str(), count))
        })
    }

    /// Oldest and newest date of a stream, if it has events.
    pub fn span(&self, name: &str) -> Option<(Micros, Micros)> {
        let positions = self.by_stream.get(self.names.get(name)?)?;
        Some((positions.first()?.0, positions.last()?.0))
    }

    /// Drops a stream and its events; whether there was one.
    pub fn drop_stream(&mut self, name: &str) -> bool {
        let stream = self.names.get(name).copied();
        let Some(positions) = stream.and_then(|stream| self.by_stream.remove(&stream)) else {
            return false;
        };
        for position in positions {
            self.all.remove(&position);
            let slot = usize::try_from(position.1).ok().and_then(|at| self.events.get_mut(at));
            let Some(stored) = slot.and_then(Option::take) else { continue };
            for (map, texts) in self.by_value.iter_mut().zip(&stored.keys) {
                for text in texts {
                    if let Some(positions) = map.get_mut(text) {
                        positions.remove(&position);
                        if positions.is_empty() {
                            map.remove(text);
                        }
                    }
                }
            }
            self.ids.remove(&(stored.id, stored.stream));
        }
        true
    }

    /// The number a stream's events carry.
    pub fn stream_number(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// The sequence after the last event.
    pub fn end(&self) -> u64 {
        self.events.len() as u64
    }

    /// The event of a sequence.
    pub fn event(&self, sequence: u64) -> Option<&Stored> {
        self.events.get(usize::try_from(sequence).ok()?)?.as_ref()
    }

    /// The sequence of an id: in this stream, or the newest in any.
    pub fn sequence_of(&self, id: &str, stream: Option<u32>) -> Option<u64> {
        match stream {
            Some(stream) => self.ids.get(&(id.to_owned(), stream)).copied(),
            None => {
                let from = (id.to_owned(), 0);
                self.ids
                    .range(from..)
                    .take_while(|((known, _), _)| known == id)
                    .map(|(_, at)| *at)
                    .max()
            }
        }
    }

    /// Whether a stored event matches filters whose keys are known.
    pub fn matches(&self, stored: &Stored, filters: &BTreeMap<String, Vec<String>>) -> bool {
        filters.iter().all(|(key, texts)| {
            let index = self.keys.iter().position(|known| known == key);
            let values = index.and_then(|index| stored.keys.get(index));
            values.is_some_and(|values| values.iter().any(|value| texts.contains(value)))
        })
    }
}

/// The positions that are in some set of each source, greatest first. Leapfrog: the least of the
/// sources' next positions is the highest that can still match, so everything above is skipped.
fn walk<'a>(sources: &'a [Vec<&'a Positions>]) -> impl Iterator<Item = Position> + 'a {
    let mut bound: Option<Position> = Some((Micros::MAX, u64::MAX));
    std::iter::from_fn(move || {
        let mut candidate = bound?;
        loop {
            let mut lowest = candidate;
            for any in sources {
                let next = any.iter().filter_map(|set| set.range(..=lowest).next_back()).max();
                lowest = *next?;
            }
            if lowest == candidate {
                break;
            }
            candidate = lowest;
        }
        bound = before(candidate);
        Some(candidate)
    })
}

fn before((date, sequence): Position) -> Option<Position> {
    match sequence.checked_sub(1) {
        Some(sequence) => Some((date, sequence)),
        None => Some((date.checked_sub(1)?, u64::MAX)),
    }
}
