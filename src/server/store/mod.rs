//! Where events are kept. A store keeps events of named streams, newest first by (date, sequence),
//! indexed by the configured keys. The protocols know nothing else of it: they turn a request into
//! one `Command`, and the `Outcome` into the answer. The memory store answers a command at once; a
//! store behind a database turns it into statements for its host, and their rows into the outcome.

/// Initial State's buckets.
mod buckets;
/// Lists that grow without being moved.
mod chunks;
/// The texts of the memory store.
mod log;
/// In memory.
pub mod memory;
/// In Redis.
pub mod redis;
/// What stores behind a connection have in common.
pub mod remote;
/// What an event weighs.
mod size;
/// The posting lists of the memory store.
mod sorted;
/// In an SQL database.
pub mod sql;
/// Numbers by text.
mod table;
/// What is in all of several lists.
mod walk;

pub use self::buckets::Bucket;
use super::coerce::each_index_text;
use super::object::Object;
use super::when::Micros;
use memory::Memory;
use remote::Remote;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a store is asked.
#[derive(Debug, Clone)]
pub enum Command<'a> {
    /// Keep these, all or none. What came before within the dedupe window is not kept again.
    Insert(Batch<'a>),
    /// A page of the newest-first list.
    Items(Query),
    /// The names of all streams.
    Streams,
    /// What is known of one stream.
    Stream(&'a str),
    /// Forget a stream, its events and its bucket.
    Drop(&'a str),
    /// Find an owner's bucket, or make it. The first owner of a bucket key gets the stream named
    /// like the key, any other owner `Bucket::second_stream`.
    Bucket(Bucket),
    /// Where a live body begins: after this id or position, or now.
    Locate {
        /// An event's id, or a position that this store gave out.
        after: Option<String>,
        /// The stream of the event.
        stream: Option<&'a str>,
    },
    /// Events for a live body.
    Follow(Following<'a>),
}

/// What a live body wants next.
#[derive(Debug, Clone, Copy)]
pub struct Following<'a> {
    /// The first sequence to look at.
    pub from: u64,
    /// Only this stream.
    pub stream: Option<&'a str>,
    /// As in a query.
    pub filters: &'a BTreeMap<String, Vec<String>>,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Kept, or kept before.
    Stored,
    /// Nothing was kept: there is no room.
    Full,
    /// The page, as a JSON array.
    Page(String),
    /// A sentence: a filter names a key that is not configured.
    UnknownKey(String),
    /// Names in order.
    Streams(Vec<String>),
    /// None: there is no such stream.
    Stream(Option<Summary>),
    /// Whether there was such a stream.
    Dropped(bool),
    /// The bucket.
    Bucket {
        /// Whether it is new.
        created: bool,
        /// What it fills; none: there is no such bucket, and none was to be made.
        stream: Option<String>,
    },
    /// Where a live body begins.
    At {
        /// The first sequence to look at.
        sequence: u64,
        /// What this store's positions begin with, and those of no other.
        origin: String,
    },
    /// For a live body.
    Events {
        /// In order of sequence.
        events: Vec<Kept>,
        /// The sequence to go on from.
        next: u64,
        /// Whether there may be more right now.
        more: bool,
    },
    /// An event is larger than the store's engine takes: nothing was kept.
    TooLarge,
    /// The store could not be reached or would not: nothing was done.
    Failed,
}

/// An event as a live body needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is sorted by.
    pub date: Micros,
    /// When it came, in milliseconds since 1970.
    pub received_ms: u64,
    /// Its id.
    pub id: String,
    /// The JSON object.
    pub text: String,
    /// Whether the text has an `$id` of its own.
    pub shows_id: bool,
    /// Whether the text has a `$timestamp` of its own.
    pub shows_timestamp: bool,
}

/// What is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Its events.
    pub count: usize,
    /// The earliest date of them.
    pub first: Micros,
    /// The latest.
    pub last: Micros,
}

/// An event on its way in. Nothing is copied that stands in the request already.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Which stream it belongs to.
    pub stream: Cow<'a, str>,
    /// Stored once for each stream.
    pub id: Cow<'a, str>,
    /// What it is sorted by.
    pub date: Micros,
    /// The JSON object, on one line.
    pub text: Cow<'a, str>,
    /// Whether the text has an `$id` of its own.
    pub shows_id: bool,
    /// Whether the text has a `$timestamp` of its own.
    pub shows_timestamp: bool,
}

/// Events that are kept together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch<'a> {
    events: Vec<(NewEvent<'a>, usize)>,
    values: Vec<(u32, Cow<'a, str>)>,
}

impl<'a> Batch<'a> {
    /// Adds an event. `object` is what its key members are read from.
    pub fn push(&mut self, event: NewEvent<'a>, keys: &[String], object: &Object<'a>) {
        for (number, key) in (0..).zip(keys) {
            if let Some(raw) = object.given(key) {
                each_index_text(raw, |text| self.values.push((number, text)));
            }
        }
        self.events.push((event, self.values.len()));
    }

    /// The same for an object that does not live as long as the request.
    pub fn push_owned(&mut self, event: NewEvent<'a>, keys: &[String], object: &Object<'_>) {
        for (number, key) in (0..).zip(keys) {
            if let Some(raw) = object.given(key) {
                let values = &mut self.values;
                each_index_text(raw, |text| values.push((number, text.into_owned().into())));
            }
        }
        self.events.push((event, self.values.len()));
    }

    /// Moves all events to one stream.
    pub fn move_to(&mut self, stream: &str) {
        for (event, _) in &mut self.events {
            event.stream = Cow::Owned(stream.to_owned());
        }
    }

    /// Each event with its index texts: the number of the key and the text.
    pub fn iter(&self) -> impl Iterator<Item = (&NewEvent<'a>, &[(u32, Cow<'a, str>)])> {
        let mut start = 0;
        self.events.iter().map(move |(event, end)| {
            let values = self.values.get(start..*end).unwrap_or_default();
            start = *end;
            (event, values)
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// What a query wants.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only this stream; none: all.
    pub stream: Option<String>,
    /// Key and the texts any of which matches; all keys must match.
    pub filters: BTreeMap<String, Vec<String>>,
    /// Slice of the newest-first list, as Python slices: negative counts from the end.
    pub start: i64,
    /// Its end, exclusive; none: to the end of the list.
    pub end: Option<i64>,
}

/// Any store.
#[derive(Debug)]
pub enum Store {
    /// Answers at once.
    Memory(Box<Memory>),
    /// Answers when its host has done the work.
    Remote(Box<dyn Remote>),
}

impl Store {
    /// The configured keys.
    pub fn keys(&self) -> &[String] {
        match self {
            Store::Memory(store) => store.keys(),
            Store::Remote(store) => store.keys(),
        }
    }
}

impl From<Memory> for Store {
    fn from(store: Memory) -> Self {
        Store::Memory(Box::new(store))
    }
}

/// Most events one query gives.
pub const PAGE_MAX: usize = 10_000;

/// The sentence for a filter by a key that is not configured.
pub fn unknown_key(key: &str, keys: &[String]) -> String {
    ["KeyError: ", key, " is not indexed (keys: ", &keys.join(", "), ")"].concat()
}

/// A Python slice `[start:end]` of a list of this length, as the range it covers.
pub fn slice(length: usize, start: i64, end: Option<i64>) -> std::ops::Range<usize> {
    let place = |index: i64| match usize::try_from(index) {
        Ok(index) => index.min(length),
        // What does not fit is beyond any length.
        Err(_) if index > 0 => length,
        Err(_) => {
            length.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let start = place(start);
    let end = end.map_or(length, place).min(start.saturating_add(PAGE_MAX));
    start..end.max(start)
}
