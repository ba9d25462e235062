//! Taking over what others have left: an earlier visit, another page, an instance that trapped.

use super::*;

impl Engine {
    /// It waits longer than all that is here.
    pub(super) fn adopt(&mut self, held: Held, is_left: bool) {
        self.next_sequence = self.next_sequence.max(held.sequence.saturating_add(1));
        // Whoever flushes while a log is being read means what is found there too.
        if self.loading {
            for flush in &mut self.flushes {
                flush.through = flush.through.max(held.sequence.saturating_add(1));
            }
        }
        let count = u64::from(!held.event.control);
        self.counts.accepted = self.counts.accepted.saturating_add(count);
        let last = self.adopted.checked_sub(1).and_then(|index| self.batches.get(index));
        let joins = last.is_some_and(|batch| {
            batch.is_left == is_left && self.fits(batch.events(), batch.bytes(), &held.event)
        });
        if !joins {
            let mut batch = Batch::new(Vec::new());
            batch.is_left = is_left;
            batch.state = if is_left { State::Left } else { State::Waiting };
            self.batches.insert(self.adopted, batch);
            self.adopted = self.adopted.saturating_add(1);
        }
        if let Some(batch) = self.batches.get_mut(self.adopted.saturating_sub(1)) {
            batch.push(held);
        }
    }

    pub(super) fn adopted(&mut self) {
        self.make_room(0, 0);
        self.adopted = 0;
    }

    /// What is in flight may be answered as it likes.
    pub(super) fn forget(&mut self) {
        let pending = self.ledger().pending;
        self.counts.accepted = self.counts.accepted.saturating_sub(pending);
        self.crowded = false;
        self.batches.clear();
        self.queue = Queue::default();
    }
}
