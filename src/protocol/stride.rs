//! Stride, client side. Sources: the Stride HTTP API and its official clients `pystride` 0.1.6,
//! `gostride` 0.1 and `stride.js` 1.2.3.

use super::json;
use crate::core::event::{Event, Stream};
use crate::core::rng::Rng;
use crate::core::time::Timestamp;
use crate::core::wire::{Encoded, Wire};

/// `[A-Za-z][A-Za-z0-9_]*`: streams, processes and queries.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Checks a path before any I/O; the error has the words of `pystride`. `method` is `get`, `post`,
/// `put`, `delete` or `subscribe`. The path carries no version and, for `subscribe`, no
/// `/subscribe`. A `GET` may carry a query string, as in `stride.js`.
pub fn check_path(method: &str, path: &str) -> Result<(), String> {
    let reads = method == "get" || method == "subscribe";
    let bare = match path.split_once('?') {
        Some((bare, query)) if reads && is_query(query) => bare,
        _ => path,
    };
    let mut parts = bare.split('/');
    let (empty, root) = (parts.next(), parts.next());
    let (name, verb, more) = (parts.next(), parts.next(), parts.next());
    let named = empty == Some("") && name.is_none_or(is_name) && more.is_none();
    let allowed = match (root, name.is_some(), verb) {
        (Some("collect"), false, None) | (Some("analyze"), false, None) => {
            method == "get" || method == "post"
        }
        (Some("process"), false, None) | (Some("process"), true, Some("stats")) => method == "get",
        (Some("collect"), true, None) => method != "put",
        (Some("process"), true, None) => true,
        (Some("analyze"), true, None) => method != "subscribe",
        (Some("analyze"), true, Some("results")) => method == "get" || method == "post",
        _ => false,
    };
    match allowed && named {
        true => Ok(()),
        false => Err(["path \"", path, "\" is not valid for method \"", method, "\""].concat()),
    }
}

fn is_query(query: &str) -> bool {
    query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// An event of a stream. One without an `$id` gets a random one, so that a repeated delivery is
/// stored once; `onError` gives the event back without it. The text is that of an object.
pub fn event(stream: Stream, text: String, rng: &mut Rng) -> Event {
    if json::has_member(&text, "$id") {
        return Event::new(stream, text);
    }
    let mut spliced = String::with_capacity(text.len().saturating_add(46));
    spliced.push_str("{\"$id\":\"");
    spliced.push_str(&rng.uuid());
    spliced.push('"');
    if !json::is_empty_object(&text) {
        spliced.push(',');
    }
    let added = u32::try_from(spliced.len()).unwrap_or(0).saturating_sub(1);
    spliced.push_str(text.get(1..).unwrap_or_default());
    Event { stream, text: spliced, spliced: added }
}

/// The Collector's wire: `POST /collect/<stream>` with an array when a batch has one stream (as
/// `pystride`), `POST /collect` with an object of arrays when it has several (as `gostride`), so
/// that a flush is one request.
#[derive(Debug, Default)]
pub struct CollectWire;

impl Wire for CollectWire {
    fn encode(&self, events: &[&Event], _now: Timestamp) -> Encoded {
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
                ["/collect/", only].concat()
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
        Encoded { path, body, may_gzip: true }
    }
}
