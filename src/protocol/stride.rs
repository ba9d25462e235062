//! Stride, client side. Sources: the Stride HTTP API and its official clients `pystride` 0.1.6,
//! `gostride` 0.1 and `stride.js` 1.2.3.

use super::json;
use crate::core::event::{Event, Stream};
use crate::core::text;
use crate::core::wire::{Attempt, Encoded, Wire};

/// The Collector's wire: `POST /collect/<stream>` with an array when a batch has one stream (as
/// `pystride`), `POST /collect` with an object of arrays when it has several (as `gostride`), so
/// that a flush is one request.
#[derive(Debug, Default)]
pub struct CollectWire;

impl Wire for CollectWire {
    fn encode(&self, events: &[&Event], _attempt: &Attempt) -> Encoded {
        let mut streams: Vec<&Stream> = Vec::new();
        for event in events {
            if !streams.contains(&&event.stream) {
                streams.push(&event.stream);
            }
        }
        let mut body = json::body_of(events);
        let path = match streams.as_slice() {
            [only] => {
                json::push_events(&mut body, events, None);
                text::concat(&["/collect/", only.name()])
            }
            _ => {
                for stream in streams {
                    body.push(if body.is_empty() { '{' } else { ',' });
                    json::push_string(&mut body, stream.name());
                    body.push(':');
                    json::push_events(&mut body, events, Some(stream));
                }
                body.push('}');
                String::from("/collect")
            }
        };
        // All three official clients compress writes to /collect.
        Encoded { path, body, may_gzip: true, ..Encoded::default() }
    }
}
