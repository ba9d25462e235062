//! How many write calls an API key may make. Windows are those of the clock, so that the answers
//! can say when the next one begins, and what is known of the last one is forgotten at once.

use super::http::Response;
use std::collections::BTreeMap;

/// Keys that are counted one by one in a window; what comes beyond shares one count. Only a server
/// without API keys can see so many.
const KEYS_MAX: usize = 10_000;

/// At most so many calls of a key in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Write calls, of any protocol; a call counts once however many events it has.
    pub calls: u32,
    /// The window.
    pub seconds: u32,
}

/// What is left of a key's window after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Calls in a window.
    pub limit: u32,
    /// Calls left in this one.
    pub remaining: u32,
    /// When the next window begins, in seconds since 1970.
    pub reset_s: u64,
    /// Whole seconds until then, when this call was one too many.
    pub retry_after_s: Option<u64>,
}

impl Quota {
    /// Of who may call as often as he likes: more than anybody does, in Initial State's window.
    pub fn unlimited(now_ms: u64) -> Self {
        const CALLS: u32 = 1_000_000_000;
        const WINDOW_S: u64 = 10;
        let window = now_ms.checked_div(1000 * WINDOW_S).unwrap_or_default();
        let reset_s = window.saturating_add(1).saturating_mul(WINDOW_S);
        Quota { limit: CALLS, remaining: CALLS, reset_s, retry_after_s: None }
    }

    /// Whether the call was one too many.
    pub fn is_exceeded(&self) -> bool {
        self.retry_after_s.is_some()
    }

    /// Puts `Retry-After` on a refusal.
    pub fn retry_after(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after_s {
            response.headers.push(("retry-after", seconds.to_string()));
        }
        response
    }
}

/// The counts of one server.
#[derive(Debug, Default)]
pub struct Rate {
    limit: Option<Limit>,
    window: u64,
    calls: BTreeMap<String, u32>,
}

impl Rate {
    /// With this limit; none: nothing is counted.
    pub fn new(limit: Option<Limit>) -> Self {
        Rate { limit, ..Rate::default() }
    }

    /// Counts a call of this key; none when there is no limit.
    pub fn count(&mut self, now_ms: u64, key: &str) -> Option<Quota> {
        let Limit { calls: limit, seconds } = self.limit?;
        let window_s = u64::from(seconds.max(1));
        let now_s = now_ms / 1000;
        let window = now_s.checked_div(window_s).unwrap_or_default();
        if window != self.window {
            self.window = window;
            self.calls.clear();
        }
        let is_known = self.calls.len() < KEYS_MAX || self.calls.contains_key(key);
        let calls =
            self.calls.entry(if is_known { key.to_owned() } else { String::new() }).or_default();
        let exceeded = *calls >= limit;
        *calls = calls.saturating_add(u32::from(!exceeded));
        let reset_s = window.saturating_add(1).saturating_mul(window_s);
        // At least 1: the rest of a second counts as a whole one.
        let wait = reset_s.saturating_sub(now_s);
        Some(Quota {
            limit,
            remaining: limit.saturating_sub(*calls),
            reset_s,
            retry_after_s: exceeded.then_some(wait),
        })
    }
}
