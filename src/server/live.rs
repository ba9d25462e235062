//! Live subscriptions. Each is a cursor over the store's sequence: nothing is buffered for a
//! reader, so a slow one costs no memory, misses nothing, and can go on after any id.

use super::http::decode;
use super::object::push_spliced;
use super::store::memory::Memory;
use super::store::{Following, Kept};
use super::when;
use crate::protocol::json;
use std::borrow::Cow;
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
    /// The first sequence that was not looked at.
    cursor: u64,
    /// Whether the store may have more right now.
    behind: bool,
    second: u64,
    in_second: u32,
}

/// All subscriptions.
#[derive(Debug)]
pub struct Live {
    next: u32,
    max: usize,
    subscriptions: BTreeMap<u32, Subscription>,
}

/// What is shown of an event.
struct Shown<'a> {
    date: when::Micros,
    received_ms: u64,
    id: &'a str,
    text: &'a str,
    shows_id: bool,
    shows_timestamp: bool,
}

impl Default for Live {
    fn default() -> Self {
        Live { next: 0, max: usize::MAX, subscriptions: BTreeMap::new() }
    }
}

impl Live {
    /// At most so many at once.
    pub fn set_max(&mut self, max: usize) {
        self.max = max;
    }

    /// Whether there is no room for one more.
    pub fn is_full(&self) -> bool {
        self.subscriptions.len() >= self.max
    }

    /// Begins at this sequence; gives the subscription's number.
    pub fn open(&mut self, wanted: Wanted, cursor: u64) -> u32 {
        self.next = self.next.wrapping_add(1);
        let subscription = Subscription { wanted, cursor, behind: true, second: 0, in_second: 0 };
        self.subscriptions.insert(self.next, subscription);
        self.next
    }

    /// The next whole frames; none when nothing that is wanted was among what was looked at.
    pub fn take(&mut self, store: &Memory, id: u32) -> Vec<u8> {
        let mut out = String::new();
        let Some(subscription) = self.subscriptions.get_mut(&id) else { return Vec::new() };
        let mut cursor = u32::try_from(subscription.cursor).unwrap_or(u32::MAX);
        let stream = subscription.wanted.stream.as_deref();
        let number = stream.and_then(|name| store.stream_number(name));
        if stream.is_some() && number.is_none() {
            cursor = store.end();
        }
        let end = store.end().min(cursor.saturating_add(SCAN_MAX));
        while cursor < end && out.len() < TAKE_BYTES {
            let event = store.event(cursor);
            cursor = cursor.saturating_add(1);
            let Some(stored) = event else { continue };
            if number.is_some_and(|number| stored.stream != number)
                || !store.matches(stored, &subscription.wanted.filters)
            {
                continue;
            }
            let shown = Shown {
                date: stored.date,
                received_ms: stored.received_ms,
                id: store.id(stored),
                text: store.text(stored),
                shows_id: stored.shows_id,
                shows_timestamp: stored.shows_timestamp,
            };
            subscription.push(&mut out, &shown);
        }
        subscription.cursor = u64::from(cursor);
        subscription.behind = cursor < store.end();
        out.into_bytes()
    }

    /// What a store that does not answer at once is asked for this subscription.
    pub fn following(&self, id: u32) -> Option<Following<'_>> {
        let Subscription { wanted, cursor, .. } = self.subscriptions.get(&id)?;
        let stream = wanted.stream.as_deref();
        Some(Following { from: *cursor, stream, filters: &wanted.filters })
    }

    /// The frames of its answer.
    pub fn took(&mut self, id: u32, events: &[Kept], next: u64, more: bool) -> Vec<u8> {
        let mut out = String::new();
        let Some(subscription) = self.subscriptions.get_mut(&id) else { return Vec::new() };
        for event in events {
            let shown = Shown {
                date: event.date,
                received_ms: event.received_ms,
                id: &event.id,
                text: &event.text,
                shows_id: event.shows_id,
                shows_timestamp: event.shows_timestamp,
            };
            subscription.push(&mut out, &shown);
        }
        subscription.cursor = subscription.cursor.max(next);
        subscription.behind = more;
        out.into_bytes()
    }

    /// Whether there may be events that were not looked at.
    pub fn is_behind(&self, id: u32) -> bool {
        self.subscriptions.get(&id).is_some_and(|it| it.behind)
    }

    /// The client is gone.
    pub fn close(&mut self, id: u32) {
        self.subscriptions.remove(&id);
    }
}

impl Subscription {
    /// A frame, unless the sample is full.
    fn push(&mut self, out: &mut String, event: &Shown) {
        if self.wanted.sample > 0 {
            let second = event.received_ms / 1000;
            if second != self.second {
                self.second = second;
                self.in_second = 0;
            }
            if self.in_second >= self.wanted.sample {
                return;
            }
            self.in_second = self.in_second.saturating_add(1);
        }
        push_frame(out, event, self.wanted.sse);
    }
}

/// What begins an id that is sent percent-encoded.
const ENCODED: &str = "%id:";

/// An id as an EventSource can keep it and send it back: printable ASCII, in one line of a header.
fn sent_id(id: &str) -> Cow<'_, str> {
    let is_plain = id.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain && !id.is_empty() && id.trim() == id && !id.starts_with(ENCODED) {
        return Cow::Borrowed(id);
    }
    let mut out = String::from(ENCODED);
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    Cow::Owned(out)
}

/// The id that was sent like this.
pub fn meant_id(sent: String) -> String {
    sent.strip_prefix(ENCODED).map(decode).unwrap_or(sent)
}

/// A frame shows `$id` and `$timestamp`, whoever gave them.
fn push_frame(out: &mut String, event: &Shown, sse: bool) {
    if sse {
        out.push_str("id: ");
        out.push_str(&sent_id(event.id));
        out.push_str("\ndata: ");
    }
    let mut added = String::new();
    if !event.shows_id {
        json::push_text_member(&mut added, "$id", event.id);
    }
    if !event.shows_timestamp {
        json::push_text_member(&mut added, "$timestamp", &when::text(event.date));
    }
    push_spliced(out, event.text, &added);
    out.push_str(if sse { "\n\n" } else { "\r\n" });
}
