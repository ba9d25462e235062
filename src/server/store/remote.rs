//! What stores behind a connection have in common. They do no I/O: a command becomes work for the
//! host, all or none of it, and the replies, as JSON text, become the outcome.
//!
//! Every event has a place: its date and its sequence as one text whose order is that of the
//! events. Every key and value is a term: a keyed hash of 64 bits, so that long values and odd
//! characters need nothing of an engine, and nobody can make two values meet who does not know the
//! store's secret. For each term the store keeps the places of its events in order.

use super::{Batch, Bucket, Command, NewEvent, Outcome, PAGE_MAX, Query, unknown_key};
use crate::protocol::json;
use crate::server::coerce::index_text;
use crate::server::object::{Object, elements, string};
use crate::server::scan::unescaped;
use crate::server::when::Micros;
use siphasher::sip::SipHasher13;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hasher;

/// What the host is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Statements in order, all or none.
    Sql(Vec<Statement>),
    /// Redis commands in order, all or none.
    Redis(Vec<Vec<String>>),
}

/// One SQL statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Its parameters, in order.
    pub params: Vec<Param>,
}

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Param {
    /// A text.
    Text(String),
    /// A whole number that a JavaScript number can hold.
    Int(i64),
}

/// What the replies to some work mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// The store is ready.
    Open,
    /// Events were kept.
    Insert,
    /// A page; whether it comes oldest first.
    Items(bool),
    /// All names.
    Streams,
    /// What is known of one stream.
    Stream,
    /// A stream was forgotten.
    Drop,
    /// This bucket was looked for or made.
    Bucket(Bucket),
    /// Where a live body begins.
    Locate,
    /// Events for a live body that has all of some of these terms.
    Follow(Vec<Vec<i64>>),
    /// A page in steps.
    Walk {
        /// What is found, as the store writes it.
        groups: Vec<String>,
        /// What was found.
        texts: Vec<String>,
        /// Whether it comes oldest first.
        up: bool,
    },
    /// A stream is forgotten in steps.
    Dropping {
        /// Its name.
        stream: String,
        /// Whether there was anything.
        any: bool,
    },
}

/// Events on their way in, as this store writes them. Those of several requests go in together.
#[derive(Debug, Clone, Default)]
pub struct Insertion {
    /// One text for each event.
    pub rows: Vec<String>,
    /// Their streams: term and name.
    pub streams: BTreeMap<i64, String>,
}

/// A store behind a connection.
pub trait Remote: Debug {
    /// The configured keys.
    fn keys(&self) -> &[String];
    /// Makes what is not there yet. Done before anything else, and harmless when done again.
    fn open(&self) -> Work;
    /// Takes in what opening told; an error is a sentence.
    fn opened(&mut self, replies: &str) -> Result<(), String>;
    /// Events as this store writes them, or the outcome that refuses them.
    fn prepare(&self, batch: &Batch) -> Result<Insertion, Outcome>;
    /// Keeps events. `now_ms` is when they came.
    fn commit(&self, now_ms: u64, insertions: &[&Insertion]) -> Work;
    /// What to do for any other command, or its outcome.
    fn ask(&mut self, command: &Command) -> Result<(Work, Job), Outcome>;
    /// What is still to be done before the replies to the last work mean anything; mostly nothing.
    fn more(&mut self, _job: &mut Job, _replies: &str) -> Option<Work> {
        None
    }
    /// What the replies mean.
    fn outcome(&mut self, job: &Job, replies: &str) -> Outcome;
}

/// The key of streams, and that of ids.
const STREAM: &str = "$";
const ID: &str = "#";

/// The term that every event has.
pub const ALL: i64 = 0;

/// Makes terms.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The configured keys.
    pub keys: Vec<String>,
    /// What positions of this store begin with, and those of no other. Also the secret of the hash.
    pub origin: String,
}

impl Terms {
    /// The term of a value. Never `ALL`.
    pub fn of(&self, key: &str, value: &str) -> i64 {
        let mut seeds = self.origin.bytes().filter_map(|byte| char::from(byte).to_digit(16));
        let mut seed = || {
            let digits = seeds.by_ref().take(16);
            digits.fold(0, |seed: u64, digit| (seed << 4) | u64::from(digit))
        };
        let mut hasher = SipHasher13::new_with_keys(seed(), seed());
        hasher.write(key.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(value.as_bytes());
        // The least number has no positive twin, and SQLite would read it as a float.
        match (hasher.finish() as i64).max(-i64::MAX) {
            ALL => 1,
            term => term,
        }
    }

    /// The term of a stream.
    pub fn of_stream(&self, name: &str) -> i64 {
        self.of(STREAM, name)
    }

    /// The term of an event's id.
    pub fn of_id(&self, id: &str) -> i64 {
        self.of(ID, id)
    }

    /// The sequence of a position that this store gave out.
    pub fn sequence_of(&self, position: &str) -> Option<u64> {
        position.strip_prefix(&self.origin)?.strip_prefix('.')?.parse().ok()
    }

    /// The terms of an event: all, its stream, and its values.
    pub fn of_event(&self, event: &NewEvent, values: &[(u32, Cow<str>)]) -> Vec<i64> {
        let mut terms = vec![ALL, self.of_stream(&event.stream)];
        for (number, text) in values {
            let key = self.keys.get(*number as usize).map_or("", String::as_str);
            terms.push(self.of(key, text));
        }
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    /// Groups of terms: of each group an event must have one. None: nothing can match.
    pub fn of_query(
        &self,
        stream: Option<&str>,
        filters: &BTreeMap<String, Vec<String>>,
    ) -> Result<Option<Vec<Vec<i64>>>, Outcome> {
        let mut groups = Vec::new();
        for (key, texts) in filters {
            if !self.keys.contains(key) {
                return Err(Outcome::UnknownKey(unknown_key(key, &self.keys)));
            }
            let mut group: Vec<i64> = texts.iter().map(|text| self.of(key, text)).collect();
            group.sort_unstable();
            group.dedup();
            groups.push(group);
        }
        groups.extend(stream.map(|stream| vec![self.of_stream(stream)]));
        if groups.is_empty() {
            groups.push(vec![ALL]);
        }
        let possible = groups.iter().all(|group| !group.is_empty());
        Ok(possible.then_some(groups))
    }
}

const DIGITS: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// How long `date_text` is.
pub const DATE_LENGTH: usize = 11;

/// How many digits of the sequence follow in a place.
pub const SEQUENCE_LENGTH: usize = 13;

/// A date as a text of `DATE_LENGTH` whose order, byte by byte, is that of the dates.
pub fn date_text(date: Micros) -> String {
    let above = (date as u64) ^ (1 << 63);
    let digit = |place: u32| {
        let index = (above >> place.saturating_mul(6)) & 63;
        char::from(DIGITS.get(index as usize).copied().unwrap_or(b'-'))
    };
    (0..DATE_LENGTH as u32).rev().map(digit).collect()
}

/// A slice of the newest-first list, as a store walks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// From the newest down: skip, and take.
    Down(i64, i64),
    /// From the oldest up: take.
    Up(i64),
    /// Whoever walks must know the length first: the slice as it was asked.
    Counted(i64, Option<i64>),
}

impl Walk {
    /// The way to walk for this query.
    pub fn of(query: &Query) -> Walk {
        let most = PAGE_MAX as i64;
        match (query.start, query.end) {
            (start @ 0.., None) => Walk::Down(start, most),
            (start @ 0.., Some(end @ 0..)) => {
                Walk::Down(start, end.saturating_sub(start).clamp(0, most))
            }
            (start, None) if start.saturating_neg() <= most => Walk::Up(start.saturating_neg()),
            (start, end) => Walk::Counted(start, end),
        }
    }
}

/// Groups of terms as JSON.
pub fn groups_json(groups: &[Vec<i64>]) -> String {
    let groups: Vec<String> = groups.iter().map(|group| terms_json(group)).collect();
    ["[", &groups.join(","), "]"].concat()
}

/// Terms as JSON.
pub fn terms_json(terms: &[i64]) -> String {
    let terms: Vec<String> = terms.iter().map(i64::to_string).collect();
    ["[", &terms.join(","), "]"].concat()
}

/// The replies to work: one value for each statement or command.
pub fn replies(text: &str) -> Vec<&str> {
    elements(text).unwrap_or_default()
}

/// The rows of a statement's reply.
pub fn rows(reply: &str) -> impl Iterator<Item = Object<'_>> {
    elements(reply).unwrap_or_default().into_iter().filter_map(Object::parse)
}

/// A number of a row, however its driver writes it.
pub fn int(row: &Object, name: &str) -> Option<i64> {
    index_text(row.given(name)?)?.parse().ok()
}

/// A text of a row.
pub fn text<'a>(row: &Object<'a>, name: &str) -> Option<Cow<'a, str>> {
    string(row.given(name)?)
}

/// A text as it is kept: escaped as in JSON, because not every engine keeps a NUL.
pub fn escaped(text: &str) -> String {
    let mut quoted = String::new();
    json::push_string(&mut quoted, text);
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// A kept text as it was.
pub fn plain(kept: &str) -> String {
    match kept.contains('\\') {
        true => unescaped(&["\"", kept, "\""].concat()),
        false => kept.to_owned(),
    }
}
