//! The engine's whole language: one `Input` for each thing that can happen, one `Output` for
//! each thing it wants done.

use super::error::Error;
use super::event::Event;
use super::time::{Millis, Timestamp};
use super::wire::Attempt;

/// Names one request, until its answer or failure came in.
pub type RequestId = u32;
/// Names one call of flush or close, until it is resolved.
pub type Token = u32;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A face accepted an event. Sequences count up.
    Offer(u64, Event),
    /// A request was answered, with whatever status.
    Answered(RequestId, Answer),
    /// A request did not reach the server, or its answer did not reach us.
    Failed(RequestId),
    /// Time has passed.
    Tick,
    /// Send everything held now; `Flushed` follows when it is settled, or after `timeout`.
    Flush(Token, Millis),
    /// As `Flush`; after that nothing is sent until `Start`.
    Close(Token, Millis),
    /// Sending may begin. A new engine has started already.
    Start,
    /// The network is said to be back: waiting that only guessed at it ends.
    Online,
    /// The page may go away: send now, in a form that outlives it. All such bodies together may
    /// have so many bytes.
    Hide(usize),
    /// The page is seen again.
    Show,
    /// Nothing of what waits may be sent any more: it is dropped. What is in flight stays.
    Discard,
    /// This request was not handed over, not yet when the page hid or for want of room: its batch waits
    /// again.
    Unsent(RequestId),
    /// This request outlives the page.
    Kept(RequestId),
    /// A log is being read: nothing is sent before `Adopted`, unless the page hides.
    Load,
    /// An event of an earlier visit or of another page, when it was accepted, and whether that page
    /// handed it over as it went away. The oldest comes first; their sequences are lower than all there were.
    Adopt(u64, Event, Timestamp, bool),
    /// All that was found is adopted.
    Adopted,
    /// The page stands still. Another one may adopt what is stored.
    Freeze,
    /// The page goes on. As `Adopted` for what was adopted since `Forget`.
    Thaw,
    /// Another page has adopted what is held here: it is its own now, and is counted there.
    Forget,
    /// Another page learned that the server is in trouble until then, or that it is not.
    Told(Option<Timestamp>),
}

/// Something is to be done.
#[derive(Debug, Clone)]
pub enum Output {
    /// Send this, and report `Answered` or `Failed` for its id.
    Send(Request),
    /// Nobody waits for this request any more; stop it.
    Abort(RequestId),
    /// The events of these sequences will not be delivered, and why.
    DeadLetter(Error, Vec<u64>),
    /// What happened to so many events from this sequence on, for whoever stores them.
    Mark(Mark, u64, u64),
    /// For other pages: the server is in trouble until then, or is not any more.
    Tell(Option<Timestamp>),
    /// The call of flush or close is resolved.
    Flushed(Token),
    /// Nothing more to do until then, or ever, unless something happens. Always the last.
    Sleep(Option<Timestamp>, Why),
}

/// What happened to an event that may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nobody needs it any more: it is delivered, or was given up.
    Settled,
    /// A page that goes away handed it to the browser, and may never hear what became of it.
    Left,
    /// It was not taken after all.
    Returned,
}

/// Why the engine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The oldest event will have waited long enough.
    FlushInterval,
    /// The server, or our own caution, asked to wait before trying again.
    Backoff,
    /// A request will have had its time.
    Timeout,
    /// A flush or close will have had its time.
    FlushTimeout,
    /// The oldest event will be too old.
    MaxAge,
    /// Nothing to wait for.
    Nothing,
}

/// One HTTP request. Whoever has the texts makes its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Names it in `Answered` and `Failed`.
    pub id: RequestId,
    /// The sequences of its events, oldest first.
    pub events: Vec<u64>,
    /// Which attempt of these events it is.
    pub attempt: Attempt,
    /// The body, compressed with gzip; empty where it is not.
    pub packed: Vec<u8>,
    /// Whether it must outlive the page.
    pub keepalive: bool,
}

/// One HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, as a span.
    pub retry_after: Option<Millis>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// An answer with an empty body.
    pub fn status(status: u16) -> Self {
        Answer { status, retry_after: None, body: String::new() }
    }
}
