//! What the engine asks of a protocol. A wire says what may travel together and judges an answer; the
//! engine alone decides what follows. A wrong verdict costs events: `Delivered` for what the server did
//! not take loses them, `Retry` for what it will never take keeps them until `maxAge`.

use super::error::Code;
use super::event::Event;
use super::io::Answer;
use super::time::{Millis, Timestamp};

/// One protocol's side of delivery.
pub trait Wire {
    /// Whether an event may travel in a request that begins with `first`.
    fn may_share(&self, first: &Event, next: &Event) -> bool {
        let _ = (first, next);
        true
    }

    /// What the answer means for the events of its request.
    fn judge(&self, answer: &Answer) -> Verdict {
        judge_by_status(answer)
    }
}

/// About so many bytes a body has around its events; `batchBytes` in `delivery.js` is less by as many.
pub const AROUND_BYTES: usize = 48;

/// Who has the texts of the events, and makes bodies of them; events are named by sequence, oldest first.
pub trait Bodies {
    /// Their body in the form that may be compressed, without its end; empty where the far end takes none.
    fn to_pack(&self, events: &[u64]) -> String;

    /// The end of every such body, written when it is sent: it may tell the time.
    fn end(&self) -> String;
}

/// Which attempt a request is, for protocols that say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempt {
    /// Attempts of the same events that failed.
    pub failures: u32,
    /// When they were first sent. Meaningless without a failure, as are the next two.
    pub first: Timestamp,
    /// When they were last sent.
    pub last: Timestamp,
    /// What became of that.
    pub trouble: Trouble,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trouble {
    /// The request did not reach the server, or its answer did not reach us.
    #[default]
    Network,
    /// No answer in time.
    Timeout,
    /// An answer with this status.
    Status(u16),
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All events are the server's now.
    Delivered,
    /// Not now; not before the span is over.
    Retry(Option<Millis>),
    /// Some event of the batch is refused for good. Halves are tried until it is found.
    RefusedSome(Code),
    /// All are refused for good, each for the same reason.
    RefusedAll(Code),
}

/// The HTTP meaning, for protocols that add nothing to it: 2xx delivered; 408, 425, 429, 5xx and
/// anything that is no final answer retried; 413 split; 400, 409, 422 and other 4xx are final for
/// the event that caused them, and the answers about key and address are final for all.
pub fn judge_by_status(answer: &Answer) -> Verdict {
    match answer.status {
        200..=299 => Verdict::Delivered,
        408 | 425 | 429 => Verdict::Retry(answer.retry_after),
        401 | 403 => Verdict::RefusedAll(Code::Unauthorized),
        402 | 404 | 405 | 410 => Verdict::RefusedAll(Code::Rejected),
        413 => Verdict::RefusedSome(Code::PayloadTooLarge),
        400..=499 => Verdict::RefusedSome(Code::Rejected),
        _ => Verdict::Retry(answer.retry_after),
    }
}
