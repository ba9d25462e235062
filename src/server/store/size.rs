//! About how much memory the memory store takes for an event.

use super::NewEvent;

/// What an event takes beside its text, its id and its list entries.
const EVENT_BYTES: usize = 96;
/// What one list entry takes.
const ENTRY_BYTES: usize = 24;

/// Of an event on its way in.
pub fn size_of_event(event: &NewEvent, values: usize) -> usize {
    size_in_store(event.text.len().saturating_add(event.id.len()), values)
}

/// Of text and id together so long, with so many values.
pub fn size_in_store(text: usize, values: usize) -> usize {
    let entries = values.saturating_add(2).saturating_mul(ENTRY_BYTES);
    text.saturating_add(EVENT_BYTES).saturating_add(entries)
}
