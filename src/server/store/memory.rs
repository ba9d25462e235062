//! The memory store: events by sequence, and for each value of each key a sorted list of their
//! positions. An insert costs O(keys). A query walks its lists from the newest down, leaping over
//! what another key rules out, so a page costs what it holds and not what the store holds; only where keys
//! seldom meet is the shortest list walked.

mod read;

use super::buckets::Buckets;
use super::chunks::Chunks;
use super::log::{Log, Span};
use super::size::{size_in_store, size_of_event};
use super::sorted::{Position, Sorted};
use super::table::{Hash, Table};
use super::walk::positions;
use super::{Batch, Command, NewEvent, Outcome, Query, Summary, unknown_key};
use crate::core::rng::Rng;
use crate::server::when::Micros;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An event as it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Its stream.
    pub stream: u32,
    /// What it is sorted by.
    pub date: Micros,
    /// When it came, in milliseconds since 1970.
    pub received_ms: u64,
    /// Whether the text has an `$id` of its own.
    pub shows_id: bool,
    /// Whether the text has a `$timestamp` of its own.
    pub shows_timestamp: bool,
    /// The text, and the id behind it.
    span: Span,
    text_length: u32,
    id_length: u32,
    values: u32,
    values_count: u32,
}

#[derive(Debug)]
struct Stream {
    name: String,
    positions: Sorted,
    log: Log,
}

#[derive(Debug)]
struct Value {
    key: u32,
    text: Box<str>,
    positions: Sorted,
}

/// The store.
#[derive(Debug)]
pub struct Memory {
    keys: Vec<String>,
    /// What positions of this store begin with, and those of no other.
    origin: String,
    dedupe_window_ms: u64,
    bytes_max: usize,
    bytes: usize,
    /// In order of name; the number stays when the stream is dropped.
    names: BTreeMap<String, u32>,
    streams: Vec<Stream>,
    buckets: Buckets,
    /// By sequence; a dropped stream leaves holes.
    events: Chunks<Option<Stored>>,
    /// The value numbers of the events, each event's in a row.
    event_values: Chunks<u32>,
    all: Sorted,
    values: Vec<Value>,
    free_values: Vec<u32>,
    value_table: Table,
    /// Of ids within their stream, to the sequence.
    id_table: Table,
}

/// What the memory store is made with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Event members that can be filtered by.
    pub keys: Vec<String>,
    /// Events whose id came within it are stored once.
    pub dedupe_window_ms: u64,
    /// About so much memory is used; beyond it inserts are refused.
    pub bytes_max: usize,
}

impl Memory {
    /// An empty store.
    pub fn new(options: Options, rng: &mut Rng) -> Self {
        let origin = rng.uuid();
        let mut seed = || (u64::from(rng.next_u32()) << 32) | u64::from(rng.next_u32());
        Memory {
            keys: options.keys,
            origin,
            dedupe_window_ms: options.dedupe_window_ms,
            bytes_max: options.bytes_max,
            bytes: 0,
            names: BTreeMap::new(),
            streams: Vec::new(),
            buckets: Buckets::default(),
            events: Chunks::default(),
            event_values: Chunks::default(),
            all: Sorted::default(),
            values: Vec::new(),
            free_values: Vec::new(),
            value_table: Table::new(seed()),
            id_table: Table::new(seed()),
        }
    }

    /// The configured keys.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Does what is asked, at once.
    pub fn run(&mut self, now_ms: u64, command: Command) -> Outcome {
        match command {
            Command::Insert(batch) => self.insert(now_ms, &batch),
            Command::Items(query) => match self.items(&query) {
                Ok(page) => Outcome::Page(page),
                Err(sentence) => Outcome::UnknownKey(sentence),
            },
            Command::Streams => Outcome::Streams(self.stream_names()),
            Command::Stream(name) => Outcome::Stream(self.summary(name)),
            Command::Drop(name) => {
                let bucket = self.buckets.forget(name);
                Outcome::Dropped(self.drop_stream(name) || bucket)
            }
            Command::Bucket(bucket) => self.buckets.run(bucket, self.room()),
            Command::Locate { after, stream } => Outcome::At {
                sequence: u64::from(self.locate(after.as_deref(), stream)),
                origin: self.origin.clone(),
            },
            // Live bodies read the events where they are.
            Command::Follow(_) => Outcome::Failed,
        }
    }

    fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.bytes).saturating_sub(self.buckets.bytes())
    }

    fn insert(&mut self, now_ms: u64, batch: &Batch) -> Outcome {
        let sizes = batch.iter().map(|(event, values)| size_of_event(event, values.len()));
        let wanted = sizes.fold(0, usize::saturating_add);
        if wanted > self.room() {
            return Outcome::Full;
        }
        let mut stream = None;
        for (event, values) in batch.iter() {
            let known = stream.filter(|number| self.name_of(*number) == event.stream);
            let number = known.unwrap_or_else(|| self.number_of(&event.stream));
            stream = Some(number);
            self.insert_one(now_ms, number, event, values);
        }
        Outcome::Stored
    }

    fn insert_one(
        &mut self,
        now_ms: u64,
        stream: u32,
        event: &NewEvent,
        values: &[(u32, Cow<str>)],
    ) {
        let hash = self.id_table.hash(stream, &event.id);
        if let Some(known) = self.find_id(hash, stream, &event.id) {
            let received = self.event(known).map_or(0, |stored| stored.received_ms);
            if now_ms.saturating_sub(received) <= self.dedupe_window_ms {
                return;
            }
            self.id_table.remove(hash, known);
        }
        let sequence = self.events.len();
        let position = (event.date, sequence);
        self.bytes = self.bytes.saturating_add(size_of_event(event, values.len()));
        self.id_table.add(hash, sequence);
        let first_value = self.event_values.len();
        for (key, text) in values {
            let number = self.value_number(*key, text);
            self.event_values.push(number);
            if let Some(value) = self.values.get_mut(number as usize) {
                value.positions.insert(position);
            }
        }
        self.all.insert(position);
        let Some(home) = self.streams.get_mut(stream as usize) else { return };
        home.positions.insert(position);
        let span = home.log.append([event.text.as_bytes(), event.id.as_bytes()]);
        self.events.push(Some(Stored {
            stream,
            date: event.date,
            received_ms: now_ms,
            shows_id: event.shows_id,
            shows_timestamp: event.shows_timestamp,
            span,
            text_length: event.text.len() as u32,
            id_length: event.id.len() as u32,
            values: first_value,
            values_count: values.len() as u32,
        }));
    }

    fn value_number(&mut self, key: u32, text: &str) -> u32 {
        let hash = self.value_table.hash(key, text);
        if let Some(number) = self.find_value(hash, key, text) {
            return number;
        }
        let value = Value { key, text: text.into(), positions: Sorted::default() };
        let number = match self.free_values.pop() {
            Some(number) => number,
            None => self.values.len() as u32,
        };
        match self.values.get_mut(number as usize) {
            Some(place) => *place = value,
            None => self.values.push(value),
        }
        self.value_table.add(hash, number);
        number
    }

    fn find_value(&self, hash: Hash, key: u32, text: &str) -> Option<u32> {
        let is_it = |number: u32| {
            self.values.get(number as usize).is_some_and(|v| v.key == key && *v.text == *text)
        };
        self.value_table.find(hash, is_it)
    }

    fn find_id(&self, hash: Hash, stream: u32, id: &str) -> Option<u32> {
        let is_it = |sequence: u32| {
            self.event(sequence).is_some_and(|it| it.stream == stream && self.id(it) == id)
        };
        self.id_table.find(hash, is_it)
    }

    fn number_of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = self.streams.len() as u32;
        self.names.insert(name.to_owned(), number);
        let (positions, log) = (Sorted::default(), Log::default());
        self.streams.push(Stream { name: name.to_owned(), positions, log });
        number
    }

    /// A page as a JSON array.
    fn items(&self, query: &Query) -> Result<String, String> {
        let mut page = String::from("[");
        if let Some(sources) = self.sources(query)? {
            for position in positions(&sources, query) {
                let Some(stored) = self.event(position.1) else { continue };
                page.push_str(if page.len() > 1 { "," } else { "" });
                page.push_str(self.text(stored));
            }
        }
        page.push(']');
        Ok(page)
    }

    /// What must all hold of a position, each as the lists any of which it may be in; none when
    /// nothing can match.
    fn sources(&self, query: &Query) -> Result<Option<Vec<Vec<&Sorted>>>, String> {
        let mut sources = Vec::new();
        for (key, texts) in &query.filters {
            let Some(number) = self.keys.iter().position(|known| known == key) else {
                return Err(unknown_key(key, &self.keys));
            };
            let list = |text: &String| {
                let hash = self.value_table.hash(number as u32, text);
                let value = self.find_value(hash, number as u32, text)?;
                self.values.get(value as usize).map(|value| &value.positions)
            };
            let mut texts: Vec<&String> = texts.iter().collect();
            texts.sort();
            texts.dedup();
            sources.push(texts.into_iter().filter_map(list).collect());
        }
        if let Some(name) = &query.stream {
            sources.push(self.stream(name).map(|stream| &stream.positions).into_iter().collect());
        }
        if sources.is_empty() {
            sources.push(vec![&self.all]);
        }
        // The rarest leads, so that the others only have to confirm.
        sources.sort_by_key(|any: &Vec<&Sorted>| {
            any.iter().map(|list| list.len()).fold(0, usize::saturating_add)
        });
        let possible = sources.iter().all(|any| !any.is_empty());
        Ok(possible.then_some(sources))
    }

    fn stream_names(&self) -> Vec<String> {
        let has_events = |number: &u32| {
            self.streams.get(*number as usize).is_some_and(|stream| stream.positions.len() > 0)
        };
        let names = self.names.iter().filter(|(_, number)| has_events(number));
        names.map(|(name, _)| name.clone()).collect()
    }

    fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.get(*self.names.get(name)? as usize)
    }

    fn name_of(&self, number: u32) -> &str {
        self.streams.get(number as usize).map_or("", |stream| stream.name.as_str())
    }

    fn summary(&self, name: &str) -> Option<Summary> {
        let positions = &self.stream(name)?.positions;
        let (first, last) = (positions.first()?.0, positions.last()?.0);
        Some(Summary { count: positions.len(), first, last })
    }

    fn drop_stream(&mut self, name: &str) -> bool {
        let number = self.names.get(name).copied();
        let stream = number.and_then(|number| self.streams.get_mut(number as usize));
        let Some(stream) = stream.filter(|stream| stream.positions.len() > 0) else { return false };
        let positions = std::mem::take(&mut stream.positions);
        for position in positions.iter() {
            self.all.remove(position);
            self.forget(position);
        }
        if let Some(stream) = number.and_then(|number| self.streams.get_mut(number as usize)) {
            stream.log = Log::default();
        }
        true
    }

    /// Takes an event out of everything but its stream's own lists.
    fn forget(&mut self, position: Position) {
        let Some(stored) = self.event(position.1).copied() else { return };
        let hash = self.id_table.hash(stored.stream, self.id(&stored));
        self.id_table.remove(hash, position.1);
        let text = stored.text_length.saturating_add(stored.id_length) as usize;
        let size = size_in_store(text, stored.values_count as usize);
        self.bytes = self.bytes.saturating_sub(size);
        for number in self.values_of(&stored).collect::<Vec<u32>>() {
            let Some(value) = self.values.get_mut(number as usize) else { continue };
            value.positions.remove(position);
            if value.positions.len() == 0 {
                let hash = self.value_table.hash(value.key, &value.text);
                self.value_table.remove(hash, number);
                self.free_values.push(number);
            }
        }
        if let Some(place) = self.events.get_mut(position.1) {
            *place = None;
        }
    }

    fn values_of(&self, stored: &Stored) -> impl Iterator<Item = u32> {
        let end = stored.values.saturating_add(stored.values_count);
        (stored.values..end).filter_map(|at| self.event_values.get(at).copied())
    }
}
