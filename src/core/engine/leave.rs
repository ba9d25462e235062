//! Leaving: what a page hands over when it may go away. All bodies together have one budget, so
//! they are compressed here and now, and what does not fit stays stored.

use super::*;
use crate::core::gzip::gzip;
use crate::core::wire::Encoded;

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

    /// The request in a form that outlives the page, and its body packed where that is needed;
    /// none where it does not fit.
    pub(super) fn leaving_form(&mut self, index: usize) -> Option<(Encoded, Vec<u8>)> {
        let room = self.leaving_max.saturating_sub(self.leaving_bytes());
        let batch = self.batches.get_mut(index)?;
        let mut attempt = batch.attempt(self.now, true);
        let events: Vec<&Event> = batch.events().iter().map(|held| &held.event).collect();
        let plain = self.wire.encode(&events, &attempt);
        if plain.body.len() <= room {
            return Some((plain, Vec::new()));
        }
        attempt.leaving = false;
        let whole = self.wire.encode(&events, &attempt);
        let packed = if whole.may_gzip && self.policy.gzip {
            gzip(whole.body.as_bytes())
        } else {
            Vec::new()
        };
        if !packed.is_empty() && packed.len() <= room {
            return Some((whole, packed));
        }
        if events.len() > 1 && room > ROOM_MIN {
            let (older, newer) = self.batches.remove(index).split();
            self.batches.insert(index, newer);
            self.batches.insert(index, older);
            return self.leaving_form(index);
        }
        None
    }
}
