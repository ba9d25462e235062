//! Sending: what may go now, and the making of batches.

use super::*;

impl Engine {
    pub(super) fn next(&self) -> Next {
        let in_flight = self.batches.iter().filter(|batch| batch.request().is_some()).count();
        // After a failure one request at a time finds out whether the server is back.
        let allowed = if self.backoff.is_open() { 1 } else { self.policy.concurrency_max.max(1) };
        if self.stopped || in_flight >= allowed {
            return Next::Nothing;
        }
        let mut taken: LaneSet = 0;
        let mut retry = None;
        for (index, batch) in self.batches.iter().enumerate() {
            if retry.is_none() && batch.state == State::Waiting && batch.lanes & taken == 0 {
                retry = Some(index);
            }
            taken |= batch.lanes;
        }
        let next = match retry {
            Some(index) => Next::Retry(index),
            None => self.next_from_queue(!taken),
        };
        let until = self.backoff.until();
        match next {
            Next::Retry(_) | Next::Take(_) if self.now < until => {
                Next::NotBefore(until, Why::Backoff)
            }
            Next::NotBefore(at, _) if at < until => Next::NotBefore(until, Why::Backoff),
            next => next,
        }
    }

    pub(super) fn next_from_queue(&self, free: LaneSet) -> Next {
        let Some(oldest) = self.queue.oldest(free) else { return Next::Nothing };
        let flushing = self.flushes.iter().any(|flush| oldest.sequence < flush.through);
        let full = self.queue.count_in(free) >= self.policy.batch_count_max
            || self.queue.bytes_in(free) >= self.policy.batch_bytes_max;
        let due = oldest.at.plus(self.policy.flush_interval_ms);
        if flushing || full || self.hidden || due <= self.now {
            Next::Take(free)
        } else {
            Next::NotBefore(due, Why::FlushInterval)
        }
    }

    /// Makes a batch of the oldest events of these lanes and sends it.
    pub(super) fn take(&mut self, lanes: LaneSet) {
        let limit = match self.hidden {
            true => self.policy.batch_bytes_max.min(Policy::KEEPALIVE_BYTES / 8 * 7),
            false => self.policy.batch_bytes_max,
        };
        let mut events: Vec<Held> = Vec::new();
        let mut bytes: usize = 0;
        while let Some(next) = self.queue.oldest(lanes) {
            bytes = bytes.saturating_add(next.event.text.len()).saturating_add(1);
            if let Some(first) = events.first()
                && (events.len() >= self.policy.batch_count_max.max(1)
                    || bytes > limit
                    || !self.wire.may_share(&first.event, &next.event))
            {
                break;
            }
            events.extend(self.queue.pop_oldest(lanes));
        }
        self.batches.push(Batch::new(events));
        self.resend(self.batches.len().saturating_sub(1));
    }

    pub(super) fn resend(&mut self, index: usize) {
        let flying = self.batches.iter().filter(|batch| batch.request().is_some());
        let spent = flying.fold(0, |sum: usize, batch| sum.saturating_add(batch.keepalive_bytes));
        let Some(batch) = self.batches.get_mut(index) else { return };
        let attempt = batch.attempt(self.now, self.hidden);
        let events: Vec<&Event> = batch.events().iter().map(|held| &held.event).collect();
        let encoded = self.wire.encode(&events, &attempt);
        let id = self.next_request;
        self.next_request = id.wrapping_add(1);
        let budget = Policy::KEEPALIVE_BYTES.saturating_sub(spent);
        let keepalive = self.hidden && encoded.body.len() <= budget;
        batch.keepalive_bytes = if keepalive { encoded.body.len() } else { 0 };
        batch.state = State::InFlight(id, self.now.plus(self.policy.timeout_ms));
        self.outputs.push(Output::Send(Request {
            id,
            keepalive,
            path: encoded.path,
            headers: encoded.headers,
            gzip: encoded.may_gzip && self.policy.gzip,
            body: encoded.body,
        }));
    }
}
