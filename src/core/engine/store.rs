//! The log: what is stored, and what is taken over from others.

use super::*;
use crate::core::log;

impl Engine {
    /// What is new waits until the burst is over, then is stored with it.
    pub(super) fn persist(&mut self) {
        self.log.is_dirty |= self.log.unstored_from < self.next_sequence;
    }

    /// Writes now.
    pub(super) fn store(&mut self) {
        if self.log.is_wasteful(self.held_bytes()) {
            self.store_all_anew();
        }
        let from = self.log.unstored_from;
        for batch in &mut self.batches {
            let is_left = batch.is_left;
            // What is in a batch was mostly stored before.
            if batch.newest() >= from {
                batch.events_mut().iter_mut().for_each(|held| self.log.put(held, is_left));
            }
        }
        self.queue.each_since(from, &mut |held| self.log.put(held, false));
        self.log.unstored_from = self.next_sequence;
        let (record, removed) = self.log.next_record();
        if !record.is_empty() || removed > 0 {
            self.log.is_busy = true;
            self.outputs.push(Output::Store(record, removed));
        }
    }

    fn store_all_anew(&mut self) {
        for batch in &mut self.batches {
            batch.events_mut().iter_mut().for_each(|held| held.record = NOWHERE);
        }
        self.queue.each_since(0, &mut |held| held.record = NOWHERE);
        self.log.start_over();
    }

    pub(super) fn stored(&mut self, done: bool) {
        if !done {
            self.store_all_anew();
        }
        self.log.settled(done, self.now);
    }

    /// Takes over what others have left, as what waits longest.
    pub(super) fn adopt(&mut self, records: &[u8]) {
        self.loading = false;
        let (found, damaged) = log::read(records);
        if damaged {
            let error = Error::new(Code::Storage, "stored events were damaged and cannot be read");
            self.dead_letter(error, Vec::new());
        }
        if found.is_empty() {
            return;
        }
        self.oldest_sequence = self.oldest_sequence.saturating_sub(found.len() as u64);
        let mut adopted: Vec<Batch> = Vec::new();
        for (sequence, found) in (self.oldest_sequence..).zip(found) {
            let count = u64::from(!found.event.control);
            self.counts.accepted = self.counts.accepted.saturating_add(count);
            let (at, event) = (found.at.min(self.now), found.event);
            let held = Held { sequence, at, record: NOWHERE, event };
            let state = if found.is_left { State::Left } else { State::Waiting };
            match adopted.last_mut().filter(|batch| batch.state == state) {
                Some(batch) if self.fits(batch.events(), batch.bytes(), &held.event) => {
                    batch.push(held);
                }
                _ => {
                    let mut batch = Batch::new(vec![held]);
                    batch.state = state;
                    batch.is_left = found.is_left;
                    adopted.push(batch);
                }
            }
        }
        adopted.append(&mut self.batches);
        self.batches = adopted;
        self.make_room(0, 0);
        self.log.unstored_from = self.oldest_sequence;
        self.store();
    }
}
