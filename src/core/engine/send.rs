//! Sending: what may go now, and the making of batches.

use super::*;
use crate::core::gzip::{Gzip, gzip};

impl Engine {
    pub(super) fn next(&self) -> Next {
        let in_flight = self.batches.iter().filter(|batch| batch.request().is_some()).count();
        // After a failure one request at a time finds out whether the server is back.
        let allowed = if self.backoff.is_open() { 1 } else { self.policy.concurrency_max.max(1) };
        let waits = self.stopped || self.frozen || (self.loading && !self.hidden);
        if waits || in_flight >= allowed || (self.hidden && self.crowded) {
            return Next::Blocked;
        }
        let mut taken: LaneSet = 0;
        let mut retry: Option<(u32, usize)> = None;
        for (index, batch) in self.batches.iter().enumerate() {
            if batch.state == State::Left {
                continue;
            }
            // The one that failed least: a batch that always fails does not keep others waiting.
            if batch.state == State::Waiting
                && batch.lanes & taken == 0
                && retry.is_none_or(|(failures, _)| batch.failures < failures)
            {
                retry = Some((batch.failures, index));
            }
            taken |= batch.lanes;
        }
        let next = match (retry, self.next_from_queue(!taken)) {
            // What failed that often may be what the server cannot take.
            (Some((3.., _)), Next::Take(lanes)) if self.backoff.is_open() => Next::Take(lanes),
            (Some((_, index)), _) => Next::Retry(index),
            (None, next) => next,
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
        let due = oldest.at.plus(self.policy.flush_interval_ms);
        if flushing || self.is_full(free) || self.hidden || due <= self.now {
            Next::Take(free)
        } else {
            Next::NotBefore(due, Why::FlushInterval)
        }
    }

    /// Whether what waits in these lanes makes a whole batch.
    pub(super) fn is_full(&self, lanes: LaneSet) -> bool {
        let (count, bytes) = self.queue.held_in(lanes);
        count >= self.policy.batch_count_max || bytes >= self.policy.batch_bytes_max
    }

    /// Lanes of what is in flight, or waits to be sent again.
    pub(super) fn taken_lanes(&self) -> LaneSet {
        let batches = self.batches.iter().filter(|batch| batch.state != State::Left);
        batches.fold(0, |lanes, batch| lanes | batch.lanes)
    }

    /// The lanes of the only batch there is, if it is in flight, and behind it, and only there, another whole
    /// batch waits.
    pub(super) fn follows(&self) -> Option<LaneSet> {
        let [flying] = self.batches.as_slice() else { return None };
        let occupied = self.queue.occupied();
        let is_behind = occupied != 0 && occupied & !flying.lanes == 0;
        let follows =
            self.policy.gzip && is_behind && flying.request().is_some() && self.is_full(occupied);
        follows.then_some(occupied)
    }

    /// While a request is on its way, what follows it is put together; whether there was any.
    pub(super) fn prepare(&mut self) -> bool {
        let Some(lanes) = self.follows() else { return false };
        self.batch(lanes);
        if let Some(batch) = self.batches.last_mut() {
            batch.body = pack(&*self.bodies, batch);
        }
        true
    }

    /// The body, compressed; empty where it goes as it is.
    pub(super) fn packed(&mut self, index: usize) -> Vec<u8> {
        let Some(batch) = self.batches.get_mut(index).filter(|_| self.policy.gzip) else {
            return Vec::new();
        };
        if batch.body.is_none() {
            batch.body = pack(&*self.bodies, batch);
        }
        let Some(body) = batch.body.take() else { return Vec::new() };
        body.end(self.bodies.end().as_bytes())
    }

    /// Makes a batch of the oldest events of these lanes and sends it.
    pub(super) fn take(&mut self, lanes: LaneSet) {
        self.batch(lanes);
        self.resend(self.batches.len().saturating_sub(1));
    }

    /// Makes a batch of the oldest events of these lanes.
    pub(super) fn batch(&mut self, lanes: LaneSet) {
        let mut events: Vec<Held> = Vec::new();
        let mut bytes: usize = 0;
        while let Some(next) = self.queue.oldest(lanes) {
            if !self.fits(&events, bytes, &next.event) {
                break;
            }
            bytes = bytes.saturating_add(next.event.bytes);
            events.extend(self.queue.pop_oldest(lanes));
        }
        self.batches.push(Batch::new(events));
    }

    /// Whether the event may join these, which have so many bytes.
    pub(super) fn fits(&self, events: &[Held], bytes: usize, event: &Event) -> bool {
        events.first().is_none_or(|first| {
            // One byte between two.
            let bytes = bytes.saturating_add(events.len()).saturating_add(event.bytes);
            events.len() < self.policy.batch_count_max.max(1)
                && bytes < self.policy.batch_bytes_max
                && self.wire.may_share(&first.event, event)
        })
    }

    pub(super) fn resend(&mut self, index: usize) {
        let form = if self.hidden { self.leaving_form(index) } else { None };
        let keepalive = form.is_some();
        // Where nothing else takes room, it never fits.
        if self.hidden && !keepalive && self.leaving_bytes() > 0 {
            self.crowded = true;
            return;
        }
        let (size, mut packed) = form.unwrap_or_default();
        if !keepalive {
            packed = self.packed(index);
        }
        let Some(batch) = self.batches.get_mut(index) else { return };
        let id = self.next_request;
        self.next_request = id.wrapping_add(1);
        self.first_sent = self.first_sent.min(self.now);
        batch.keepalive_bytes = size;
        batch.state = State::InFlight(id, self.now.plus(self.policy.timeout_ms));
        self.outputs.push(Output::Send(Request {
            id,
            events: batch.sequences(),
            attempt: batch.attempt(self.now),
            packed,
            keepalive,
        }));
        if keepalive {
            self.kept(id);
        }
    }
}

fn pack(bodies: &dyn Bodies, batch: &Batch) -> Option<Gzip> {
    let text = bodies.to_pack(&batch.sequences());
    (!text.is_empty()).then(|| gzip(text.as_bytes()))
}
