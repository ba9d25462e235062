//! RudderStack's event API, client side: the batch. The events' shape is in `rudderstack.js`.
//! Sources: the RudderStack HTTP API and event specification, and the official SDKs (Python
//! 2.1.9, Node 3.0.13, browser 3.34.1).

use super::json;
use crate::core::event::Event;
use crate::core::text;
use crate::core::time::{Timestamp, iso8601};
use crate::core::wire::{Attempt, Encoded, Trouble, Wire};

/// `POST /v1/batch`, `{"batch":[…],"sentAt":"…"}`. A page that goes away has no time for a preflight, so
/// it takes the beacon endpoint, which wants no header; the host appends the write key. `sentAt` stands beside the batch only, as in
/// the Python SDK: inside an event it would make the gateway move the event's time by the
/// request's travel time, which reorders events of one user.
#[derive(Debug, Default)]
pub struct BatchWire;

/// A body below this many bytes is not worth compressing.
const GZIP_FROM: usize = 1024;

impl Wire for BatchWire {
    fn encode(&self, events: &[&Event], attempt: &Attempt) -> Encoded {
        let mut body = json::body_of(events);
        body.push_str("{\"batch\":");
        json::push_events(&mut body, events, None);
        json::push_text_member(&mut body, "sentAt", &iso8601(attempt.now.as_millis()));
        body.push('}');
        if attempt.leaving {
            let path = String::from("/beacon/v1/batch?writeKey=");
            let headers = String::from("content-type: text/plain\n");
            return Encoded { path, headers, body, may_gzip: false };
        }
        let may_gzip = body.len() >= GZIP_FROM;
        Encoded { path: String::from("/v1/batch"), headers: retry_headers(attempt), body, may_gzip }
    }
}

/// What the browser SDK says about a retry, spans in milliseconds. Its own reason is always
/// `client-network`, by a bug.
fn retry_headers(attempt: &Attempt) -> String {
    let mut lines = String::new();
    if attempt.failures == 0 {
        return lines;
    }
    let mut line = |name: &str, value: &str| {
        lines.push_str(&text::concat(&["Rsa-", name, ": ", value, "\n"]));
    };
    let since = |then: Timestamp| json::decimal(attempt.now.since(then));
    line("Retry-Attempt", &json::decimal(attempt.failures.into()));
    line("Since-First-Attempt", &since(attempt.first));
    line("Since-Last-Attempt", &since(attempt.last));
    match attempt.trouble {
        Trouble::Network => line("Retry-Reason", "client-network"),
        Trouble::Timeout => line("Retry-Reason", "client-timeout"),
        Trouble::Status(status) => {
            line("Retry-Reason", &text::concat(&["server-", &json::decimal(status.into())]));
        }
    }
    lines
}
