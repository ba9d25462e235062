//! What whoever runs the server asks: whether it works, and what it has done.

use super::auth::Right;
use super::http::{Request, Response};
use super::plan::{Context, Plan, Then};
use super::store::{Command, Outcome};
use super::stride;

/// Which protocol a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// None: health, metrics.
    Other = 0,
    /// Stride.
    Stride = 1,
    /// Initial State.
    InitialState = 2,
    /// RudderStack.
    RudderStack = 3,
    /// AwesomeStream.
    AwesomeStream = 4,
}

/// Events that requests brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Kept, or kept before.
    pub stored: u32,
    /// Read, but not kept: the store failed or was full.
    pub refused: u32,
    /// Pages that were given.
    pub pages: u32,
}

impl Tally {
    /// The outcome of an insertion of so many.
    pub fn count(&mut self, events: u32, outcome: &Outcome) {
        match outcome {
            Outcome::Stored => self.stored = self.stored.saturating_add(events),
            Outcome::Page(_) => self.pages = self.pages.saturating_add(1),
            _ => self.refused = self.refused.saturating_add(events),
        }
    }
}

/// Whether the store answers. A host gives it less time than others.
pub fn health() -> Plan<'static> {
    let command = Command::Locate { after: None, stream: None };
    let then = Then::new("", |outcome, _| match outcome {
        Outcome::At { .. } => Response::text(200, "ok"),
        _ => Response::text(503, "the store does not answer"),
    });
    Plan::Ask(command, then)
}

/// Who may see the numbers, which are the host's. A scraper names its key as it can.
pub fn metrics(context: &Context, request: &Request) -> Response {
    if !matches!(request.method, "GET" | "HEAD") {
        return stride::error(405, "the method is not allowed for this path");
    }
    match stride::admitted(context, request.key().as_deref(), Right::Read) {
        Ok(()) => Response {
            content_type: Some("text/plain; version=0.0.4; charset=utf-8"),
            ..Response::empty(200)
        },
        Err(refusal) => refusal,
    }
}

/// One subscription more than the server was made for.
pub fn too_many() -> Response {
    let mut response = stride::error(429, "the server has its most live subscriptions");
    response.headers.push(("retry-after", String::from("10")));
    response
}
