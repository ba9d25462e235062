//! Live subscriptions. Each is a cursor over the store's sequence: nothing is buffered for a
//! reader, so a slow one costs no memory, misses nothing, and can go on after any id.

use super::object::push_spliced;
use super::store::memory::{Memory, Stored};
use super::when;
use crate::protocol::json;
use std::collections::BTreeMap;

/// Bytes of frames given at once; at least one frame.
pub const TAKE_BYTES: usize = 48 * 1024;

/// Events looked at in one go: a filter that matches little must not stop everybody else.
pub const SCAN_MAX: u32 = 20_000;

/// What a subscriber wants.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only this stream; it may come into being later.
    pub stream: Option<String>,
    /// As in a query.
    pub filters: BTreeMap<String, Vec<String>>,
    /// At most this many events of each second; 0: all.
    pub sample: u32,
    /// Server-sent events instead of lines.
    pub sse: bool,
}

#[derive(Debug)]
struct Subscription {
    wanted: Wanted,
    cursor: u32,
    second: u64,
    in_second: u32,
}

/// All subscriptions.
#[derive(Debug)]
pub struct Live {
    /// What positions of this store begin with, and those of no other.
    origin: String,
    next: u32,
    subscriptions: BTreeMap<u32, Subscription>,
}

impl Live {
    /// Without subscriptions. The text must be unlike any id.
    pub fn new(origin: String) -> Self {
        Live { origin, next: 0, subscriptions: BTreeMap::new() }
    }

    /// Begins after the event of this id or at this position, or now. What nobody knows begins at
    /// the start, because a gap is worse than a repeat. Gives its number, and its position: who
    /// loses the connection before the first event has no id to go on after.
    pub fn open(&mut self, store: &Memory, wanted: Wanted, after: Option<&str>) -> (u32, String) {
        let stream = wanted.stream.as_deref().and_then(|name| store.stream_number(name));
        let cursor = after.map_or(store.end(), |id| {
            let position = id.strip_prefix(&self.origin).and_then(|rest| rest.strip_prefix('.'));
            position.and_then(|sequence| sequence.parse().ok()).unwrap_or_else(|| {
                store.sequence_of(id, stream).map_or(0, |sequence| sequence.saturating_add(1))
            })
        });
        self.next = self.next.wrapping_add(1);
        let subscription = Subscription { wanted, cursor, second: 0, in_second: 0 };
        self.subscriptions.insert(self.next, subscription);
        (self.next, [&self.origin, ".", &cursor.to_string()].concat())
    }

    /// The next whole frames; none when nothing that is wanted was among what was looked at.
    pub fn take(&mut self, store: &Memory, id: u32) -> Vec<u8> {
        let mut out = String::new();
        let Some(subscription) = self.subscriptions.get_mut(&id) else { return Vec::new() };
        let wanted = &subscription.wanted;
        let stream = wanted.stream.as_deref().and_then(|name| store.stream_number(name));
        if wanted.stream.is_some() && stream.is_none() {
            subscription.cursor = store.end();
        }
        let end = store.end().min(subscription.cursor.saturating_add(SCAN_MAX));
        while subscription.cursor < end && out.len() < TAKE_BYTES {
            let event = store.event(subscription.cursor);
            subscription.cursor = subscription.cursor.saturating_add(1);
            let Some(stored) = event else { continue };
            if stream.is_some_and(|stream| stored.stream != stream)
                || !store.matches(stored, &wanted.filters)
            {
                continue;
            }
            if wanted.sample > 0 {
                let second = stored.received_ms / 1000;
                if second != subscription.second {
                    subscription.second = second;
                    subscription.in_second = 0;
                }
                if subscription.in_second >= wanted.sample {
                    continue;
                }
                subscription.in_second = subscription.in_second.saturating_add(1);
            }
            push_frame(&mut out, store, stored, wanted.sse);
        }
        out.into_bytes()
    }

    /// Whether there are events that `take` has not looked at.
    pub fn is_behind(&self, store: &Memory, id: u32) -> bool {
        self.subscriptions.get(&id).is_some_and(|it| it.cursor < store.end())
    }

    /// The client is gone.
    pub fn close(&mut self, id: u32) {
        self.subscriptions.remove(&id);
    }
}

/// A frame shows `$id` and `$timestamp`, whoever gave them.
fn push_frame(out: &mut String, store: &Memory, stored: &Stored, sse: bool) {
    let id = store.id(stored);
    if sse {
        out.push_str("id: ");
        // A line break in an id would end the field.
        out.extend(id.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')));
        out.push_str("\ndata: ");
    }
    let mut added = String::new();
    if !stored.shows_id {
        json::push_text_member(&mut added, "$id", id);
    }
    if !stored.shows_timestamp {
        json::push_text_member(&mut added, "$timestamp", &when::text(stored.date));
    }
    push_spliced(out, store.text(stored), &added);
    out.push_str(if sse { "\n\n" } else { "\r\n" });
}
