//! Leaving: what a page hands over when it may go away. All bodies together have one budget, so
//! they are compressed here and now, and what does not fit stays stored.

use super::*;

/// For a smaller rest of the budget no batch is split.
const ROOM_MIN: usize = 4096;

impl Engine {
    /// The oldest go first, whatever their lane and whoever is in flight: to arrive is worth more
    /// than to arrive in order. What the server asked for is respected.
    pub(super) fn hide(&mut self, bytes: usize) {
        self.hidden = true;
        self.crowded = false;
        self.leaving_max = bytes.saturating_add(self.leaving_bytes());
        let may_send = !self.stopped && !self.frozen && self.backoff.until() <= self.now;
        let mut index = 0;
        while may_send && !self.crowded {
            match self.batches.get(index).map(|batch| batch.state) {
                Some(State::Waiting) => self.resend(index),
                Some(_) => index = index.saturating_add(1),
                None if self.queue.count() > 0 => self.batch(ALL_LANES),
                None => break,
            }
        }
    }

    /// What is on its way in bodies that outlive the page.
    pub(super) fn leaving_bytes(&self) -> usize {
        let flying = self.batches.iter().filter(|batch| batch.request().is_some());
        flying.fold(0, |sum: usize, batch| sum.saturating_add(batch.keepalive_bytes))
    }

    /// Bytes of the body in a form that outlives the page, and the body where it had to be packed for
    /// that; none where it does not fit.
    pub(super) fn leaving_form(&mut self, index: usize) -> Option<(usize, Vec<u8>)> {
        let room = self.leaving_max.saturating_sub(self.leaving_bytes());
        let batch = self.batches.get(index)?;
        let count = batch.events().len();
        // About what it has around its events: whoever sends it counts again.
        let plain = batch.bytes().saturating_add(count).saturating_add(AROUND_BYTES);
        if plain <= room {
            return Some((plain, Vec::new()));
        }
        let packed = self.packed(index);
        if !packed.is_empty() && packed.len() <= room {
            return Some((packed.len(), packed));
        }
        if count > 1 && room > ROOM_MIN {
            let (older, newer) = self.batches.remove(index).split();
            self.batches.insert(index, newer);
            self.batches.insert(index, older);
            return self.leaving_form(index);
        }
        None
    }
}
