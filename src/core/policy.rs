//! Every limit and interval of delivery. Units are in the names.

use super::time::Millis;

/// Which event gives way when the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// The one that waits longest and is not in flight: what is new is worth more.
    DropOldest,
    /// The one that just came.
    DropNewest,
}

/// The options of one buffered client.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Longest time an event waits before it is sent.
    pub flush_interval_ms: Millis,
    /// Most events in one request; at least 1.
    pub batch_count_max: usize,
    /// Most bytes of events in one request before compression. One larger event goes alone.
    pub batch_bytes_max: usize,
    /// Most events held.
    pub queue_count_max: usize,
    /// Most bytes of events held.
    pub queue_bytes_max: usize,
    /// Who gives way when a queue bound is reached.
    pub overflow: Overflow,
    /// Requests in flight at once; at least 1.
    pub concurrency_max: usize,
    /// A request without an answer has failed after this.
    pub timeout_ms: Millis,
    /// Attempts for one batch; `None`: until `age_max_ms`.
    pub attempts_max: Option<u32>,
    /// An undelivered event is given up at this age.
    pub age_max_ms: Millis,
    /// Whether bodies are compressed where the protocol allows it.
    pub gzip: bool,
    /// Whether what a page hands over within a second of its first request, before it heard anything
    /// of the server, is taken as delivered unless a later visit finds the server in trouble. For
    /// browsers that finish such a request, preflight included, when its page is gone.
    pub trusts_unheard: bool,
}

impl Policy {
    /// First backoff ceiling; it doubles with each failure in a row.
    pub const RETRY_BASE_MS: u32 = 250;
    /// In the first seconds of an outage the ceiling stays here, so that a short one is over
    /// soon after it ends …
    pub const RETRY_EARLY_CAP_MS: u32 = 2_000;
    /// … and this is the ceiling of a long one.
    pub const RETRY_CAP_MS: u32 = 60_000;
    /// Longest `Retry-After` that is obeyed: a mistaken one must not cost the events.
    pub const RETRY_AFTER_MAX_MS: Millis = 3_600_000;
    /// How long nothing needs to be heard of a server, see `trusts_unheard`.
    pub const UNHEARD_MAX_MS: Millis = 1_000;
    /// Bytes of one request that must outlive its page. All such requests of a page share
    /// 64 KiB (Fetch standard, "inflight keepalive bytes"); the rest is left to headers and others.
    pub const KEEPALIVE_BYTES: usize = 60 * 1024;
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            flush_interval_ms: 500,
            batch_count_max: 100,
            batch_bytes_max: 500_000,
            queue_count_max: 10_000,
            queue_bytes_max: 16 * 1024 * 1024,
            overflow: Overflow::DropOldest,
            concurrency_max: 2,
            timeout_ms: 5_000,
            attempts_max: None,
            age_max_ms: 7 * 24 * 3_600_000,
            gzip: true,
            trusts_unheard: false,
        }
    }
}
