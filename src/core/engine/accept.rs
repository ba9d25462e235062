//! Taking in: the queue's bounds and who gives way.

use super::*;

impl Engine {
    pub(super) fn offer(&mut self, event: Event) {
        self.counts.accepted = self.counts.accepted.saturating_add(u64::from(!event.control));
        let bytes = event.text.len();
        if bytes > self.policy.queue_bytes_max || self.policy.queue_count_max == 0 {
            let error = Error::new(
                Code::QueueFull,
                "the event is larger than the whole queue (queueBytes), so it was dropped",
            );
            return self.drop_event(event, error);
        }
        if !self.make_room(1, bytes) {
            return self.drop_event(event, full());
        }
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        self.queue.push(Held { sequence, at: self.now, record: NOWHERE, event });
    }

    /// Whether the event that just came changes what is to be done, or when.
    pub(super) fn is_due(&self) -> bool {
        !self.outputs.is_empty()
            || self.hidden
            || self.wake > self.now.plus(self.policy.flush_interval_ms)
            || self.queue.count() >= self.policy.batch_count_max
            || self.queue.bytes() >= self.policy.batch_bytes_max
    }

    /// Room for so many more events with so many bytes; `false` where the policy gives none.
    pub(super) fn make_room(&mut self, count: usize, bytes: usize) -> bool {
        while self.held_count().saturating_add(count) > self.policy.queue_count_max
            || self.held_bytes().saturating_add(bytes) > self.policy.queue_bytes_max
        {
            match self.pop_droppable(bytes) {
                Some(victim) => {
                    self.forget(&victim);
                    self.drop_event(victim.event, full());
                }
                None => return false,
            }
        }
        true
    }

    /// Nobody needs it any more.
    pub(super) fn forget(&mut self, held: &Held) {
        self.log.mark(Mark::Settled, held);
    }

    /// The event the overflow policy gives up for a new one; none if it is the new one itself.
    /// What is in flight may be delivered, so it is never given up; and where it leaves no room
    /// for the new one, nothing else is given up in vain.
    pub(super) fn pop_droppable(&mut self, bytes: usize) -> Option<Held> {
        let flying = self.batches.iter().filter(|batch| batch.request().is_some());
        let (count, taken) = flying.fold((0, bytes), |(count, taken): (usize, usize), batch| {
            (count.saturating_add(batch.events().len()), taken.saturating_add(batch.bytes()))
        });
        if self.policy.overflow == Overflow::DropNewest
            || count >= self.policy.queue_count_max
            || taken > self.policy.queue_bytes_max
        {
            return None;
        }
        let queued = self.queue.oldest(ALL_LANES).map(|held| held.sequence);
        let waiting = self.batches.iter_mut().filter(|batch| batch.request().is_none());
        let victim = match waiting.min_by_key(|batch| batch.oldest()) {
            Some(batch) if queued.is_none_or(|queued| batch.oldest() < Some(queued)) => {
                batch.pop_oldest()
            }
            _ => self.queue.pop_oldest(ALL_LANES),
        };
        self.batches.retain(|batch| !batch.events().is_empty());
        victim
    }

    pub(super) fn drop_event(&mut self, event: Event, error: Error) {
        self.counts.dropped = self.counts.dropped.saturating_add(u64::from(!event.control));
        self.dead_letter(error, vec![event]);
    }

    /// Drops what waits.
    pub(super) fn discard(&mut self) {
        let mut gone = Vec::new();
        self.batches.retain_mut(|batch| {
            let waits = batch.request().is_none();
            while waits && let Some(held) = batch.pop_oldest() {
                gone.push(held);
            }
            !waits
        });
        while let Some(held) = self.queue.pop_oldest(ALL_LANES) {
            gone.push(held);
        }
        for held in gone {
            self.forget(&held);
            self.drop_event(held.event, Error::new(Code::ConsentRefused, "consent was refused"));
        }
    }

    /// Tells that events will not be delivered; equal reasons in a row become one output. What is
    /// not the user's is told by its reason alone.
    pub(super) fn dead_letter(&mut self, error: Error, mut events: Vec<Event>) {
        events.retain(|event| !event.control);
        if let Some(Output::DeadLetter(last, list)) = self.outputs.last_mut()
            && *last == error
        {
            return list.append(&mut events);
        }
        self.outputs.push(Output::DeadLetter(error, events));
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
