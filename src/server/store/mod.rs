//! Where events are kept. A store keeps events of named streams, newest first by (date, sequence),
//! indexed by the configured keys. The protocols know nothing else of it.

/// In memory.
pub mod memory;

use super::when::Micros;
use std::collections::BTreeMap;

/// An event on its way in.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Which stream it belongs to.
    pub stream: String,
    /// Stored once for each stream; none: the store's caller has made one.
    pub id: String,
    /// What it is sorted by.
    pub date: Micros,
    /// The JSON object, as it was sent.
    pub text: String,
    /// Whether the text has an `$id` and a `$timestamp` of its own.
    pub shows: (bool, bool),
    /// For each configured key, in their order: the index texts of its member.
    pub keys: Vec<Vec<String>>,
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

/// Most events one query gives.
pub const PAGE_MAX: usize = 10_000;

/// A query names a key that is not configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey(pub String);

/// A Python slice `[start:end]` of a list of this length, as the range it covers.
pub fn slice(length: usize, start: i64, end: Option<i64>) -> std::ops::Range<usize> {
    let place = |index: i64| match usize::try_from(index) {
        Ok(index) => index.min(length),
        Err(_) => {
            length.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    let start = place(start);
    let end = end.map_or(length, place).min(start.saturating_add(PAGE_MAX));
    start..end.max(start)
}
