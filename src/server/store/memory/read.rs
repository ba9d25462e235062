//! How live bodies read the memory store: event by event, in the order in which they came.

use super::{Memory, Stored};
use std::collections::BTreeMap;

impl Memory {
    /// The number a stream's events carry.
    pub fn stream_number(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// The sequence after the last event.
    pub fn end(&self) -> u32 {
        self.events.len()
    }

    /// The event of a sequence.
    pub fn event(&self, sequence: u32) -> Option<&Stored> {
        self.events.get(sequence)?.as_ref()
    }

    /// The JSON object of an event.
    pub fn text(&self, stored: &Stored) -> &str {
        let stream = self.streams.get(stored.stream as usize);
        stream.map_or("{}", |stream| stream.log.text(stored.span, 0, stored.text_length))
    }

    /// The id of an event.
    pub fn id(&self, stored: &Stored) -> &str {
        let (skip, length) = (stored.text_length, stored.id_length);
        let stream = self.streams.get(stored.stream as usize);
        stream.map_or("", |stream| stream.log.text(stored.span, skip, length))
    }

    /// The sequence of an id: in this stream, or the oldest in any. An id may stand in several
    /// streams, and who goes on after the wrong one must see too much, not too little.
    fn sequence_of(&self, id: &str, stream: Option<u32>) -> Option<u32> {
        let find = |stream| self.find_id(self.id_table.hash(stream, id), stream, id);
        match stream {
            Some(stream) => find(stream),
            None => (0..self.streams.len() as u32).filter_map(find).min(),
        }
    }

    /// What nobody knows begins at the start, because a gap is worse than a repeat.
    pub(super) fn locate(&self, after: Option<&str>, stream: Option<&str>) -> u32 {
        let Some(after) = after else { return self.end() };
        let position = after.strip_prefix(&self.origin).and_then(|rest| rest.strip_prefix('.'));
        position.and_then(|sequence| sequence.parse().ok()).unwrap_or_else(|| {
            let stream = stream.and_then(|name| self.stream_number(name));
            self.sequence_of(after, stream).map_or(0, |sequence| sequence.saturating_add(1))
        })
    }

    /// Whether a stored event matches filters whose keys are known.
    pub fn matches(&self, stored: &Stored, filters: &BTreeMap<String, Vec<String>>) -> bool {
        filters.iter().all(|(key, texts)| {
            let key = self.keys.iter().position(|known| known == key).unwrap_or(usize::MAX);
            self.values_of(stored).any(|number| {
                let value = self.values.get(number as usize);
                value.is_some_and(|it| {
                    it.key as usize == key && texts.iter().any(|t| **t == *it.text)
                })
            })
        })
    }
}
