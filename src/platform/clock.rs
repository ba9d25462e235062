//! The one clock: milliseconds since 1970 that never run backwards while the page lives.

use crate::core::time::Timestamp;
use std::cell::Cell;

thread_local! {
    /// What to add to the monotonic clock. Set at the first call, never at import: edge runtimes
    /// refuse a module that reads a clock while it loads.
    static OFFSET: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Behind the wall clock by more than this, the offset is taken anew: some systems stop the
/// monotonic clock while they sleep.
const RESYNC_MS: f64 = 60_000.0;

/// The moment now.
pub fn now() -> Timestamp {
    let (monotonic, wall) = (super::host::monotonic_now(), super::host::wall_now());
    let offset = match OFFSET.get() {
        Some(offset) if wall - (monotonic + offset) < RESYNC_MS => offset,
        _ => {
            OFFSET.set(Some(wall - monotonic));
            wall - monotonic
        }
    };
    Timestamp::from_millis((monotonic + offset) as u64)
}
