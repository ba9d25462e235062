//! What is accepted and not yet in a batch: one FIFO a lane, merged by sequence when a batch is
//! taken, so a busy lane never makes us search and never stops another.

use super::event::{Event, LANES};
use super::time::Timestamp;
use std::collections::VecDeque;

/// A set of lanes, one bit each.
pub type LaneSet = u32;

/// An event with the place and the moment it was accepted.
#[derive(Debug, Clone)]
pub struct Held {
    /// Counts up over all streams.
    pub sequence: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// The event.
    pub event: Event,
}

impl Held {
    /// The lane it waits in, as a set.
    pub fn lane(&self) -> LaneSet {
        1_u32.wrapping_shl(self.event.stream.lane())
    }
}

#[derive(Debug, Default)]
struct Lane {
    /// The lane alone, as a set.
    set: LaneSet,
    events: VecDeque<Held>,
    bytes: usize,
}

/// The lanes.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: Vec<Lane>,
    occupied: LaneSet,
    count: usize,
    controls: usize,
    bytes: usize,
}

impl Queue {
    /// Events waiting.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Those of them that are the user's own.
    pub fn counted(&self) -> usize {
        self.count.saturating_sub(self.controls)
    }

    /// Bytes of their text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The lanes in which something waits.
    pub fn occupied(&self) -> LaneSet {
        self.occupied
    }

    /// Appends to the lane of the event's stream.
    pub fn push(&mut self, held: Held) {
        if self.lanes.is_empty() {
            for lane in 0..LANES {
                self.lanes.push(Lane { set: 1_u32.wrapping_shl(lane), ..Lane::default() });
            }
        }
        self.occupied |= held.lane();
        self.count = self.count.saturating_add(1);
        self.controls = self.controls.saturating_add(usize::from(held.event.control));
        self.bytes = self.bytes.saturating_add(held.event.bytes);
        if let Some(lane) = self.lanes.get_mut(held.event.stream.lane() as usize) {
            lane.bytes = lane.bytes.saturating_add(held.event.bytes);
            lane.events.push_back(held);
        }
    }

    /// Events waiting in these lanes, and the bytes of their text.
    pub fn held_in(&self, lanes: LaneSet) -> (usize, usize) {
        match self.occupied & lanes {
            0 => return (0, 0),
            all if all == self.occupied => return (self.count, self.bytes),
            _ => {}
        }
        let (mut count, mut bytes) = (0_usize, 0_usize);
        for lane in self.lanes.iter().filter(|lane| lane.set & lanes != 0) {
            count = count.saturating_add(lane.events.len());
            bytes = bytes.saturating_add(lane.bytes);
        }
        (count, bytes)
    }

    /// The event of these lanes that has waited longest.
    pub fn oldest(&self, lanes: LaneSet) -> Option<&Held> {
        let mut oldest: Option<&Held> = None;
        for lane in self.lanes.iter().filter(|lane| lane.set & lanes != 0) {
            if let Some(held) = lane.events.front()
                && oldest.is_none_or(|oldest| held.sequence < oldest.sequence)
            {
                oldest = Some(held);
            }
        }
        oldest
    }

    /// Takes the event of these lanes that has waited longest.
    pub fn pop_oldest(&mut self, lanes: LaneSet) -> Option<Held> {
        let index = self.oldest(lanes)?.event.stream.lane();
        let lane = self.lanes.get_mut(index as usize)?;
        let held = lane.events.pop_front()?;
        lane.bytes = lane.bytes.saturating_sub(held.event.bytes);
        if lane.events.is_empty() {
            self.occupied &= !held.lane();
        }
        self.count = self.count.saturating_sub(1);
        self.controls = self.controls.saturating_sub(usize::from(held.event.control));
        self.bytes = self.bytes.saturating_sub(held.event.bytes);
        Some(held)
    }
}
