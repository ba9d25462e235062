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
        let now = self.now;
        let limit = self.policy.age_max_ms;
        let is_old = |held: &Held| held.at.plus(limit) <= now;
        let mut old = Vec::new();
        for batch in self.batches.iter_mut().filter(|batch| batch.request().is_none()) {
            while batch.events().first().is_some_and(is_old) {
                old.extend(batch.pop_oldest());
            }
        }
        self.batches.retain(|batch| !batch.events().is_empty());
        while self.queue.oldest(ALL_LANES).is_some_and(is_old) {
            old.extend(self.queue.pop_oldest(ALL_LANES));
        }
        let error = Error::new(Code::Expired, "the event was not delivered within maxAge");
        self.give_up(old, error);
    }

    /// Whether some flush was resolved; more may follow from it.
    pub(super) fn resolve_flushes(&mut self) -> bool {
        let oldest = self.oldest_held();
        let now = self.now;
        // Stopped, with nothing in flight, waiting longer would change nothing.
        let idle = self.stopped && self.batches.iter().all(|batch| batch.request().is_none());
        let done = self.flushes.iter().position(|flush| {
            idle || flush.deadline <= now || oldest.is_none_or(|sequence| flush.through <= sequence)
        });
        let Some(index) = done else { return false };
        let flush = self.flushes.remove(index);
        self.stopped |= flush.closes;
        self.outputs.push(Output::Flushed(flush.token));
        true
    }

    pub(super) fn oldest_held(&self) -> Option<u64> {
        // Whoever flushes does not wait for what was handed over: nothing is sent for it.
        let mine = self.batches.iter().filter(|batch| batch.state != State::Left);
        mine.filter_map(Batch::oldest)
            .chain(self.queue.oldest(ALL_LANES).map(|held| held.sequence))
            .min()
    }

    /// Every reason to be woken, in one place.
    pub(super) fn sleep(&mut self, next: Next) -> Output {
        let mut reasons: Vec<(Timestamp, Why)> = Vec::new();
        if let Next::NotBefore(at, why) = next {
            reasons.push((at, why));
        }
        for batch in &self.batches {
            match (batch.state, batch.events().first()) {
                (State::InFlight(_, deadline), _) => reasons.push((deadline, Why::Timeout)),
                (State::Waiting | State::Left, Some(held)) if !self.stopped => {
                    reasons.push((held.at.plus(self.policy.age_max_ms), Why::MaxAge));
                }
                _ => {}
            }
        }
        reasons.extend(self.flushes.iter().map(|flush| (flush.deadline, Why::FlushTimeout)));
        // Stopped, nobody is woken for age alone: a timer of days would hold a process open.
        if let Some(held) = self.queue.oldest(ALL_LANES).filter(|_| !self.stopped) {
            reasons.push((held.at.plus(self.policy.age_max_ms), Why::MaxAge));
        }
        let nearest = reasons.into_iter().min_by_key(|(at, _)| *at);
        self.wake = nearest.map_or(Timestamp::from_millis(Millis::MAX), |(at, _)| at);
        match nearest {
            Some((at, why)) => Output::Sleep(Some(at), why),
            None => Output::Sleep(None, Why::Nothing),
        }
    }
}
