//! Stride, client side. Sources: the Stride HTTP API and its official clients `pystride` 0.1.6,
//! `gostride` 0.1 and `stride.js` 1.2.3.

use super::json;
use crate::core::error::{Code, Error};
use crate::core::event::{Event, Stream};
use crate::core::rng::Rng;
use crate::core::time::Timestamp;
use crate::core::wire::{Encoded, Wire};

/// Where the hosted service lived; the version is part of the endpoint.
pub const DEFAULT_ENDPOINT: &str = "https://api.stride.io/v1";

/// The verbs of the REST client. `Subscribe` is a `GET` whose answer never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `GET …/subscribe`
    Subscribe,
}

impl Method {
    /// The name the path error uses.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "get",
            Method::Post => "post",
            Method::Put => "put",
            Method::Delete => "delete",
            Method::Subscribe => "subscribe",
        }
    }

    /// The HTTP method.
    pub const fn http(self) -> &'static str {
        match self {
            Method::Get | Method::Subscribe => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// `[A-Za-z][A-Za-z0-9_]*`: streams, processes and queries.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Checks a path before any I/O, with the words of `pystride`. The path carries no version and,
/// for `Subscribe`, no `/subscribe`. A `GET` may carry a query string, as in `stride.js`.
pub fn check_path(method: Method, path: &str) -> Result<(), Error> {
    let bare = match (method, path.split_once('?')) {
        (Method::Get | Method::Subscribe, Some((bare, query))) if is_query(query) => bare,
        _ => path,
    };
    let mut parts = bare.split('/');
    let root = (parts.next(), parts.next());
    let (name, verb, more) = (parts.next(), parts.next(), parts.next());
    let named = name.is_none_or(is_name) && more.is_none();
    let allowed = match (root, name, verb) {
        ((Some(""), Some("collect")), None, None) => matches!(method, Method::Get | Method::Post),
        ((Some(""), Some("collect")), Some(_), None) => method != Method::Put,
        ((Some(""), Some("process")), None, None) => method == Method::Get,
        ((Some(""), Some("process")), Some(_), None) => true,
        ((Some(""), Some("process")), Some(_), Some("stats")) => method == Method::Get,
        ((Some(""), Some("analyze")), None, None) => matches!(method, Method::Get | Method::Post),
        ((Some(""), Some("analyze")), Some(_), None) => method != Method::Subscribe,
        ((Some(""), Some("analyze")), Some(_), Some("results")) => {
            matches!(method, Method::Get | Method::Post)
        }
        _ => false,
    };
    if allowed && named {
        return Ok(());
    }
    let message = ["path \"", path, "\" is not valid for method \"", method.name(), "\""].concat();
    Err(Error::new(Code::InvalidPath, message))
}

fn is_query(query: &str) -> bool {
    query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// An event of a stream. One without an `$id` gets a random one, so that a repeated delivery is
/// stored once; `onError` gives the event back without it.
pub fn event(stream: &Stream, text: String, rng: &mut Rng) -> Result<Event, Error> {
    if !text.starts_with('{') {
        let message = "events must be JSON objects, or an array of them";
        return Err(Error::new(Code::InvalidArgument, message));
    }
    if json::has_member(&text, "$id") {
        return Ok(Event::new(stream.clone(), text));
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
    Ok(Event { stream: stream.clone(), text: spliced, spliced: added })
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
