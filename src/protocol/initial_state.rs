//! Initial State's events API, client side. Events and bodies are made in `initial_state.js`. Sources:
//! the Events API blueprint and the official client ISStreamer 2.0.0.

use super::json;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::io::Answer;
use crate::core::wire::{Verdict, Wire, judge_by_status};

/// A request has one bucket's events. A stream is a bucket; the event that makes it is a control event
/// and travels by itself.
#[derive(Debug, Default)]
pub struct EventsWire;

impl Wire for EventsWire {
    fn may_share(&self, first: &Event, next: &Event) -> bool {
        first.stream == next.stream && !first.control && !next.control
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        match answer.status {
            // Not the events are wrong but their bucket: halving them would find nothing.
            400 if json::contains(&answer.body, "BUCKET_REMOVED") => {
                Verdict::RefusedAll(Code::Rejected)
            }
            _ => judge_by_status(answer),
        }
    }
}
