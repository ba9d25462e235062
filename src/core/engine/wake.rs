//! Time: what is due, and when to be woken.

use super::*;

impl Engine {
    pub(super) fn time_out_requests(&mut self) {
        while let Some(request) = self.batches.iter().find_map(|batch| match batch.state {
            State::InFlight(request, deadline) if deadline <= self.now => Some(request),
            _ => None,
        }) {
            self.failed(request, true);
        }
    }

    /// Gives up what is older than `maxAge` and not in flight.
    pub(super) fn expire(&mut self) {
        // Another page may have adopted what is held, and speaks for it.
        if self.frozen {
            return;
        }
        let (now, limit) = (self.now, self.policy.age_max_ms);
        let is_old = |held: &Held| held.at.plus(limit) <= now;
        let mut old = Vec::new();
        for batch in &mut self.batches {
            while batch.request().is_none() && batch.events().first().is_some_and(is_old) {
                old.extend(batch.pop_oldest());
            }
        }
        while self.queue.oldest(ALL_LANES).is_some_and(is_old) {
            old.extend(self.queue.pop_oldest(ALL_LANES));
        }
        self.drop_empty_batches();
        let error = Error::new(Code::Expired, "the event was not delivered within maxAge");
        self.lose(old, Fate::Expired, error);
    }

    /// Whether some flush was resolved; more may follow from it.
    pub(super) fn resolve_flushes(&mut self) -> bool {
        let oldest = self.oldest_held();
        let now = self.now;
        // Stopped, with nothing in flight, waiting longer would change nothing.
        let idle = self.stopped && self.batches.iter().all(|batch| batch.request().is_none());
        let done = self.flushes.iter().position(|flush| {
            flush.deadline <= now || (!self.loading && (idle || flush.through <= oldest))
        });
        let Some(index) = done else { return false };
        let flush = self.flushes.remove(index);
        self.stopped |= flush.closes;
        self.outputs.push(Output::Flushed(flush.token));
        true
    }

    pub(super) fn oldest_held(&self) -> u64 {
        // Whoever flushes does not wait for what was handed over: nothing is sent for it.
        let mut oldest = self.queue.oldest(ALL_LANES).map_or(u64::MAX, |held| held.sequence);
        for batch in self.batches.iter().filter(|batch| batch.state != State::Left) {
            oldest = oldest.min(batch.oldest().unwrap_or(oldest));
        }
        oldest
    }

    /// Every reason to be woken, in one place.
    pub(super) fn sleep(&mut self, next: Next) -> Output {
        self.taken = match next {
            Next::Blocked | Next::NotBefore(_, Why::Backoff) => ALL_LANES,
            _ => self.taken_lanes(),
        };
        let mut nearest = (Timestamp::from_millis(Millis::MAX), Why::Nothing);
        let mut wake = |at: Timestamp, why| {
            if at < nearest.0 {
                nearest = (at, why);
            }
        };
        if let Next::NotBefore(at, why) = next {
            wake(at, why);
        }
        // Stopped, nobody is woken for age alone: a timer of days would hold a process open.
        let age_max =
            if self.stopped || self.frozen { Millis::MAX } else { self.policy.age_max_ms };
        for batch in &self.batches {
            match (batch.state, batch.events().first()) {
                (State::InFlight(_, deadline), _) => wake(deadline, Why::Timeout),
                (_, Some(held)) => wake(held.at.plus(age_max), Why::MaxAge),
                _ => {}
            }
        }
        for flush in &self.flushes {
            wake(flush.deadline, Why::FlushTimeout);
        }
        if let Some(held) = self.queue.oldest(ALL_LANES) {
            wake(held.at.plus(age_max), Why::MaxAge);
        }
        let (at, why) = nearest;
        self.wake = at;
        Output::Sleep((why != Why::Nothing).then_some(at), why)
    }
}
