//! What is kept outside the engine's memory: an append log of records, so that a new page, another
//! tab or a new instance can go on. It is only ever appended to, and shortened from its old end.
//!
//! ```text
//! record = checksum of the rest (u32, little endian) · item …
//! item   = kind · sequence · at · spliced · stream · text   an event (kind: 1 control | 2 left)
//!        | 4 · first · count                                settled: nobody needs them any more
//!        | 5 · first · count                                left: handed over by a page that goes
//!        | 6 · first · count                                returned: they were not taken after all
//! stream = 0, as the event before it in the record | 1 + length · bytes
//! text   = length · bytes
//! ```
//!
//! Numbers are LEB128.

use super::event::{Event, Stream};
use super::queue::Held;
use super::time::Timestamp;

/// No record: the event is in memory only.
pub const NOWHERE: u64 = 0;
/// Removes all records that were there before.
pub const ALL: u32 = u32::MAX;
/// What nobody needs may take so many bytes of the log, and as many again as what is needed.
const WASTE_MAX: usize = 256 * 1024;
/// Longest pause after failures to store, in milliseconds.
const PAUSE_MAX: u32 = 60_000;

/// What happened to an event after it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is delivered, or was given up.
    Settled = 4,
    /// A page that goes away handed it to the browser, and may never hear what became of it.
    Left = 5,
    /// It was not taken after all.
    Returned = 6,
}

/// What the log holds by now, and what is to be written next.
#[derive(Debug, Default)]
pub struct Log {
    /// Of each record that is not removed, oldest first: its events that are not settled.
    live: Vec<u64>,
    /// Records written so far; the first is 1.
    written: u64,
    /// Bytes written since nothing was there.
    bytes: usize,
    /// Mark, sequence, record.
    marks: Vec<(Mark, u64, u64)>,
    /// The next record, as far as it is made, its events, and the stream of the last of them.
    record: Vec<u8>,
    count: u64,
    stream: Option<Stream>,
    /// Events before this sequence are stored.
    pub unstored_from: u64,
    /// Something is to be written.
    pub is_dirty: bool,
    /// A record is being written.
    pub is_busy: bool,
    failures: u32,
    /// After a failure nothing is written before.
    pub not_before: Timestamp,
    /// What the log holds is not what we think: the next record replaces all.
    replaces: bool,
}

impl Log {
    /// The number of the oldest record, less one.
    fn removed(&self) -> u64 {
        self.written.saturating_sub(self.live.len() as u64)
    }

    /// Notes what happened to an event.
    pub fn mark(&mut self, mark: Mark, held: &Held) {
        let index = held.record.wrapping_sub(self.removed()).wrapping_sub(1);
        let Some(live) = self.live.get_mut(index as usize) else { return };
        if mark == Mark::Settled {
            *live = live.saturating_sub(1);
        }
        self.marks.push((mark, held.sequence, held.record));
        self.is_dirty = true;
    }

    /// Whether more of it is waste than it may have.
    pub fn is_wasteful(&self, held_bytes: usize) -> bool {
        self.bytes > held_bytes.saturating_mul(2).saturating_add(WASTE_MAX)
    }

    /// Nothing of what was stored counts any more; what is held is to be stored anew.
    pub fn start_over(&mut self) {
        self.live.clear();
        self.marks.clear();
        self.bytes = 0;
        self.unstored_from = 0;
        self.replaces = true;
        self.is_dirty = true;
    }

    /// The record is written, or not: then the next one waits, ever longer.
    pub fn settled(&mut self, done: bool, now: Timestamp) {
        self.is_busy = false;
        self.failures = if done { 0 } else { self.failures.saturating_add(1) };
        if !done {
            let pause = 500_u32.checked_shl(self.failures).unwrap_or(PAUSE_MAX).min(PAUSE_MAX);
            self.not_before = now.plus(pause.into());
        }
    }

    /// Adds an event to the next record, unless a record has it already.
    pub fn put(&mut self, held: &mut Held, is_left: bool) {
        if held.record != NOWHERE {
            return;
        }
        held.record = self.written.saturating_add(1);
        self.count = self.count.saturating_add(1);
        let Event { stream, text, spliced, control } = &held.event;
        let kind = u64::from(*control) | u64::from(is_left) << 1;
        self.number(kind);
        self.number(held.sequence);
        self.number(held.at.as_millis());
        self.number(u64::from(*spliced));
        if self.stream.as_ref() == Some(stream) {
            self.number(0);
        } else {
            self.number((stream.name().len() as u64).saturating_add(1));
            self.record.extend_from_slice(stream.name().as_bytes());
            self.stream = Some(stream.clone());
        }
        self.number(text.len() as u64);
        self.record.extend_from_slice(text.as_bytes());
    }

    /// The next record, of what was put in and what was marked, and how many of the oldest records
    /// may go. It is empty where there is nothing to say.
    pub fn next_record(&mut self) -> (Vec<u8>, u32) {
        self.is_dirty = false;
        let gone = self.live.iter().take_while(|live| **live == 0).count();
        self.live.drain(..gone);
        let removed = if std::mem::take(&mut self.replaces) { ALL } else { gone as u32 };
        let oldest = self.removed();
        let (mut kind, mut first, mut count) = (Mark::Settled, 0_u64, 0_u64);
        // One more, so that the last run ends too.
        let mut marks = std::mem::take(&mut self.marks);
        marks.push((Mark::Settled, 0, u64::MAX));
        for (mark, sequence, record) in marks {
            // What is removed needs no mark.
            if record <= oldest {
                continue;
            }
            if mark == kind && sequence == first.wrapping_add(count) && record < u64::MAX {
                count = count.wrapping_add(1);
                continue;
            }
            if count > 0 {
                self.number(kind as u64);
                self.number(first);
                self.number(count);
            }
            (kind, first, count) = (mark, sequence, 1);
        }
        self.stream = None;
        let items = std::mem::take(&mut self.record);
        if items.is_empty() {
            return (items, removed);
        }
        let mut record = Vec::with_capacity(items.len().saturating_add(4));
        record.extend_from_slice(&checksum(&items).to_le_bytes());
        record.extend_from_slice(&items);
        self.written = self.written.saturating_add(1);
        self.bytes = if self.live.is_empty() { 0 } else { self.bytes }.saturating_add(record.len());
        self.live.push(std::mem::take(&mut self.count));
        (record, removed)
    }

    fn number(&mut self, mut number: u64) {
        while number > 127 {
            self.record.push(number as u8 | 128);
            number >>= 7;
        }
        self.record.push(number as u8);
    }
}

/// An event that was found in a log.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    sequence: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// The event.
    pub event: Event,
    /// It was handed over by a page that went away.
    pub is_left: bool,
}

/// The events of records that nobody has settled, oldest first, and whether some record was
/// damaged: it says nothing. `bytes` are the records, oldest first, each after its length (u32,
/// little endian).
pub fn read(bytes: &[u8]) -> (Vec<Found>, bool) {
    let (mut found, mut damaged) = (Vec::new(), false);
    let mut rest = bytes;
    while let Some((length, more)) = rest.split_first_chunk() {
        let length = (u32::from_le_bytes(*length) as usize).min(more.len());
        let (record, more) = more.split_at(length);
        rest = more;
        damaged |= read_record(record, &mut found).is_none();
    }
    sort(&mut found);
    (found, damaged)
}

fn read_record(record: &[u8], found: &mut Vec<Found>) -> Option<()> {
    let (sum, mut rest) = record.split_first_chunk()?;
    if checksum(rest) != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut stream: Option<Stream> = None;
    while !rest.is_empty() {
        let kind = number(&mut rest)?;
        let first = number(&mut rest)?;
        let second = number(&mut rest)?;
        if kind < Mark::Settled as u64 {
            let spliced = number(&mut rest)? as u32;
            if let Some(length) = number(&mut rest)?.checked_sub(1) {
                stream = Some(Stream::new(text(&mut rest, length)?));
            }
            let length = number(&mut rest)?;
            let text = text(&mut rest, length)?.to_owned();
            let event = Event { stream: stream.clone()?, text, spliced, control: kind & 1 > 0 };
            let at = Timestamp::from_millis(second);
            found.push(Found { sequence: first, at, event, is_left: kind & 2 > 0 });
            continue;
        }
        found.retain_mut(|found| {
            let is_named = found.sequence.wrapping_sub(first) < second;
            found.is_left = if is_named { kind == Mark::Left as u64 } else { found.is_left };
            !is_named || kind != Mark::Settled as u64
        });
    }
    Some(())
}

/// Shell's: the standard library's is larger than all that is here.
fn sort(found: &mut [Found]) {
    let mut gap = found.len();
    while gap > 1 {
        gap /= 2;
        for end in gap..found.len() {
            let mut at = end;
            while let Some(before) = at.checked_sub(gap)
                && let (Some(one), Some(other)) = (found.get(before), found.get(at))
                && one.sequence > other.sequence
            {
                found.swap(before, at);
                at = before;
            }
        }
    }
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in 0..10_u32 {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        number |= u64::from(byte & 127).wrapping_shl(shift.wrapping_mul(7));
        if *byte < 128 {
            return Some(number);
        }
    }
    None
}

fn text<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a str> {
    let (text, more) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = more;
    std::str::from_utf8(text).ok()
}

/// Finds what a torn write or a bad disk makes of a record. Eight bytes a step, as each event
/// passes through.
fn checksum(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum =
        words.iter().fold(bytes.len() as u64, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let sum = rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)));
    (mix(sum, sum >> 32) >> 32) as u32
}
