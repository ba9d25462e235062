//! Stride, client side. Sources: the Stride HTTP API and its official clients `pystride` 0.1.6,
//! `gostride` 0.1 and `stride.js` 1.2.3.

use super::json;
use crate::core::event::Event;
use crate::core::text;
use crate::core::wire::{Attempt, Encoded, Wire};

/// The Collector's wire: `POST /collect/<stream>` with an array when a batch has one stream (as
/// `pystride`), `POST /collect` with an object of arrays when it has several (as `gostride`), so
/// that a flush is one request.
#[derive(Debug, Default)]
pub struct CollectWire;

impl Wire for CollectWire {
    fn encode(&self, events: &[&Event], _attempt: &Attempt) -> Encoded {
        let mut streams: Vec<&str> = Vec::new();
        for event in events {
            if !streams.contains(&event.stream.name()) {
                streams.push(event.stream.name());
            }
        }
        let size = events
            .iter()
            .fold(64, |sum: usize, event| sum.saturating_add(event.text.len()).saturating_add(1));
        let mut body = String::with_capacity(size);
        let texts_of = |stream: &str| {
            let stream = stream.to_owned();
            events.iter().filter(move |e| e.stream.name() == stream).map(|e| e.text.as_str())
        };
        let path = match streams.as_slice() {
            [only] => {
                body.push('[');
                json::push_joined(&mut body, events.iter().map(|event| event.text.as_str()));
                body.push(']');
                text::concat(&["/collect/", only])
            }
            _ => {
                for stream in &streams {
                    body.push(if body.is_empty() { '{' } else { ',' });
                    json::push_string(&mut body, stream);
                    body.push_str(":[");
                    json::push_joined(&mut body, texts_of(stream));
                    body.push(']');
                }
                body.push('}');
                String::from("/collect")
            }
        };
        // All three official clients compress writes to /collect.
        Encoded { path, body, may_gzip: true, ..Encoded::default() }
    }
}
