//! Initial State's events API, client side. Sources: the Events API blueprint and the official
//! client ISStreamer 2.0.0.

use super::json;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::io::Answer;
use crate::core::text;
use crate::core::wire::{Attempt, Encoded, Verdict, Wire, judge_by_status};

/// `POST /api/events` with an array, the bucket in a header. A stream is a bucket; the event that
/// makes it is a control event and goes to `POST /api/buckets` by itself.
#[derive(Debug, Default)]
pub struct EventsWire;

impl Wire for EventsWire {
    fn may_share(&self, first: &Event, next: &Event) -> bool {
        first.stream == next.stream && !first.control && !next.control
    }

    fn encode(&self, events: &[&Event], _attempt: &Attempt) -> Encoded {
        let mut encoded = Encoded::default();
        match events {
            [bucket] if bucket.control => {
                encoded.path.push_str("/api/buckets");
                encoded.body.push_str(&bucket.text);
            }
            _ => {
                encoded.path.push_str("/api/events");
                json::push_events(&mut encoded.body, events, None);
            }
        }
        if let Some(first) = events.first() {
            encoded.headers = text::concat(&["X-IS-BucketKey: ", first.stream.name(), "\n"]);
        }
        // No official client compresses, and whether the service takes it is not known.
        encoded
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
