//! Taking in: the queue's bounds and who gives way.

use super::*;

impl Engine {
    pub(super) fn offer(&mut self, held: Held) {
        self.next_sequence = held.sequence.saturating_add(1);
        let event = &held.event;
        self.counts.accepted = self.counts.accepted.saturating_add(u64::from(!event.control));
        let bytes = event.bytes;
        if bytes > self.policy.queue_bytes_max || self.policy.queue_count_max == 0 {
            let error = Error::new(
                Code::QueueFull,
                "the event is larger than the whole queue (queueBytes), so it was dropped",
            );
            return self.lose(vec![held], Fate::Dropped, error);
        }
        if !self.make_room(1, bytes) {
            return self.lose(vec![held], Fate::Dropped, full());
        }
        self.queue.push(held);
    }

    /// Whether the event that just came to this lane changes what is to be done, or when.
    pub(super) fn is_due(&self, lane: LaneSet) -> bool {
        !self.outputs.is_empty()
            || self.wake > self.now.plus(self.policy.age_max_ms)
            || self.follows().is_some()
            || self.taken & lane == 0
                && (self.hidden
                    || self.wake > self.now.plus(self.policy.flush_interval_ms)
                    || self.is_full(!self.taken))
    }

    /// Room for so many more events with so many bytes; `false` where the policy gives none.
    pub(super) fn make_room(&mut self, count: usize, bytes: usize) -> bool {
        while self.held_count().saturating_add(count) > self.policy.queue_count_max
            || self.held_bytes().saturating_add(bytes) > self.policy.queue_bytes_max
        {
            match self.pop_droppable(bytes) {
                Some(victim) => self.lose(vec![victim], Fate::Dropped, full()),
                None => return false,
            }
        }
        true
    }

    /// What happened to an event, for whoever stores it; runs become one mark.
    pub(super) fn mark(marks: &mut Vec<(Mark, u64, u64)>, mark: Mark, held: &Held) {
        if let Some((last, first, count)) = marks.last_mut()
            && *last == mark
            && held.sequence == first.saturating_add(*count)
        {
            *count = count.saturating_add(1);
        } else {
            marks.push((mark, held.sequence, 1));
        }
    }

    /// The event the overflow policy gives up for a new one; none if it is the new one itself.
    /// What is in flight may be delivered, so it is never given up; and where it leaves no room
    /// for the new one, nothing else is given up in vain.
    pub(super) fn pop_droppable(&mut self, bytes: usize) -> Option<Held> {
        let (mut count, mut taken) = (0_usize, bytes);
        let mut oldest = self.queue.oldest(ALL_LANES).map_or(u64::MAX, |held| held.sequence);
        let mut victim = None;
        for (index, batch) in self.batches.iter().enumerate() {
            if batch.request().is_some() {
                count = count.saturating_add(batch.events().len());
                taken = taken.saturating_add(batch.bytes());
            } else if let Some(sequence) = batch.oldest().filter(|sequence| *sequence < oldest) {
                oldest = sequence;
                victim = Some(index);
            }
        }
        // What is being adopted is older than all that was here, so it gives way itself.
        if self.adopted == 0
            && (self.policy.overflow == Overflow::DropNewest
                || count >= self.policy.queue_count_max
                || taken > self.policy.queue_bytes_max)
        {
            return None;
        }
        let held = match victim.and_then(|index| self.batches.get_mut(index)) {
            Some(batch) => batch.pop_oldest(),
            None => self.queue.pop_oldest(ALL_LANES),
        };
        self.drop_empty_batches();
        held
    }

    pub(super) fn drop_empty_batches(&mut self) {
        self.batches.retain(|batch| !batch.events().is_empty());
    }

    /// Drops what waits.
    pub(super) fn discard(&mut self) {
        let mut gone = Vec::new();
        for batch in &mut self.batches {
            while batch.request().is_none()
                && let Some(held) = batch.pop_oldest()
            {
                gone.push(held);
            }
        }
        while let Some(held) = self.queue.pop_oldest(ALL_LANES) {
            gone.push(held);
        }
        self.drop_empty_batches();
        self.lose(gone, Fate::Dropped, Error::new(Code::ConsentRefused, "consent was refused"));
    }

    pub(super) fn flush(&mut self, token: Token, timeout: Millis, closes: bool) {
        let flush =
            Flush { token, through: self.next_sequence, deadline: self.now.plus(timeout), closes };
        self.flushes.push(flush);
    }

    /// Sending may begin. A close that is not resolved yet stops nothing any more.
    pub(super) fn start(&mut self) {
        self.stopped = false;
        for flush in &mut self.flushes {
            flush.closes = false;
        }
    }
}

fn full() -> Error {
    Error::new(
        Code::QueueFull,
        "the queue is full (queueSize, queueBytes); the overflow policy gave this event up",
    )
}
