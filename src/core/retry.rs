//! When to try again: full jitter under a growing ceiling, `Retry-After` as the floor. One
//! backoff serves the whole endpoint, so that a server in trouble gets one request at a time.

use super::policy::Policy;
use super::rng::Rng;
use super::time::{Millis, Timestamp};

/// The state of one endpoint.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
    since: Timestamp,
    until: Timestamp,
    floor: Timestamp,
    /// Whether the last that was heard is good; none before anything was.
    heard: Option<bool>,
}

impl Backoff {
    /// Nothing may be sent before this moment.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether the last answer was a failure; then only one request may be in flight.
    pub fn is_open(&self) -> bool {
        self.failures > 0
    }

    /// Whether the last that was heard of the server is good; none before anything was.
    pub fn heard(&self) -> Option<bool> {
        self.heard
    }

    /// The server answered as it should.
    pub fn succeeded(&mut self) {
        self.heard = Some(true);
        self.failures = 0;
        self.until = self.floor;
    }

    /// An attempt failed. Draws the delay from 0 to the ceiling: `250 ms × 2^failures`, at most
    /// 2 s or half the outage so far, whichever is longer, at most 60 s.
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<Millis>, rng: &mut Rng) {
        self.heard = Some(false);
        if self.failures == 0 {
            self.since = now;
        }
        let outage = u32::try_from(now.since(self.since)).unwrap_or(u32::MAX);
        let ceiling = Policy::RETRY_BASE_MS
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX))
            .min((outage / 2).max(Policy::RETRY_EARLY_CAP_MS))
            .min(Policy::RETRY_CAP_MS);
        self.failures = self.failures.saturating_add(1);
        if let Some(span) = retry_after {
            self.floor = self.floor.max(now.plus(span.min(Policy::RETRY_AFTER_MAX_MS)));
        }
        self.until = now.plus(Millis::from(rng.up_to(ceiling))).max(self.floor);
    }

    /// Another page met the trouble, and waits until then. Not all shall come back at once.
    pub fn told(&mut self, now: Timestamp, until: Timestamp, rng: &mut Rng) {
        self.heard = Some(false);
        if self.failures == 0 {
            self.failures = 1;
            self.since = now;
        }
        let spread = Millis::from(rng.up_to(Policy::RETRY_EARLY_CAP_MS));
        let until = until.min(now.plus(Policy::RETRY_AFTER_MAX_MS)).plus(spread);
        self.until = self.until.max(until);
    }

    /// The guess about the outage is void; what the server asked for is not.
    pub fn forgive(&mut self) {
        self.until = self.floor;
    }
}
