//! What must be so whenever one engine sleeps.

use crate::model::{Model, Sequence};
use sluicebox::core::engine::Engine;
use sluicebox::core::io::Why;

impl Model {
    /// Everything balances, is within its bounds and done in time, and it sleeps as long as it may.
    pub fn rests(&mut self, engine: &Engine, sleep: (Option<u64>, Why)) {
        let ledger = engine.ledger();
        assert!(ledger.balances(), "{ledger:?}");
        assert_eq!(ledger, self.ledger(), "the engine's counts and the model's");
        assert_eq!(engine.held_bytes(), self.held_bytes(), "bytes held");
        // Also while requests are in flight: then the new event gives way.
        assert!(self.all_held.len() <= self.policy.queue_count_max, "{ledger:?}");
        let bytes = self.held_bytes();
        assert!(bytes <= self.policy.queue_bytes_max, "{bytes} bytes held");
        self.nothing_is_overdue();
        self.sleeps_well(sleep.0);
    }

    /// It sleeps until a moment to come, and no longer than the reasons it may have.
    fn sleeps_well(&self, until: Option<u64>) {
        let is_still = self.stopped || self.frozen || (self.loading && !self.hidden);
        let Some(until) = until else {
            let waits = self.all_held.iter().any(|event| !self.events[event].adopted);
            assert!(is_still || !waits, "sleeps for ever");
            return assert_eq!(self.next_deadline(), None, "sleeps for ever");
        };
        // Clocks of other pages may have gone differently, so that a younger one hid it.
        let is_old = |event: &Sequence| self.events[event].adopted && self.is_old(*event);
        let is_late = until > self.now || self.all_held.iter().any(is_old);
        assert!(is_late, "sleeps until {until}, now is {}", self.now);
        let deadline = self.next_deadline().unwrap_or(u64::MAX);
        assert!(until <= deadline, "sleeps until {until}, something is due at {deadline}");
        let Some(oldest) = self.all_held.iter().copied().find(|event| self.waits(*event)) else {
            return;
        };
        if is_still || !self.flights.is_empty() {
            return;
        }
        // Nothing flies and something waits: there is a reason not to send it yet.
        let mut latest = self.floor.max(self.trouble.map_or(0, |trouble| trouble.until));
        let event = &self.events[&oldest];
        if !self.may_leave(oldest) && !event.sent {
            latest = latest.max(event.at + self.policy.flush_interval_ms);
        }
        assert!(until <= latest, "sleeps until {until}, should send at {latest} at the latest");
    }
}
