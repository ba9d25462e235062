//! Stride, server side: collect in both forms, list, one, drop, subscribe. Source: the Stride HTTP
//! API and what its official clients do on the wire. Processes and saved queries are a query
//! language's business and not spoken here.

use super::auth::{Denied, Right};
use super::http::{Body, Reply, Request, Response};
use super::live::Wanted;
use super::object::{Object, elements, one_line};
use super::route::Server;
use super::store::NewEvent;
use super::{coerce, when};
use crate::protocol::json;

/// `[A-Za-z][A-Za-z0-9_]*`
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Answers a request below `/v1/collect`, `/v1/process` or `/v1/analyze`.
pub fn handle(server: &mut Server, now_ms: u64, request: &Request) -> Reply {
    let parts: Vec<&str> = request.path.trim_end_matches('/').split('/').skip(2).collect();
    let right = match (request.method, parts.as_slice()) {
        ("POST", ["collect", ..]) => Right::Write,
        ("GET" | "HEAD", _) => Right::Read,
        _ => Right::Admin,
    };
    // An EventSource cannot set a header, so its key may stand in the query, and only its.
    let sse = request.accept.is_some_and(|accept| accept.contains("text/event-stream"));
    let in_query = request.query_value("key").filter(|_| sse && request.key().is_none());
    if let Err(denied) = server.keys.check(in_query.or_else(|| request.key()).as_deref(), right) {
        return match denied {
            Denied::Missing => error(401, "an API key is needed"),
            Denied::Unknown => error(401, "invalid API key"),
            Denied::Forbidden => error(403, "this API key may not do that"),
        }
        .into();
    }
    match (request.method, parts.as_slice()) {
        ("GET", ["collect"]) => list(server).into(),
        ("GET", ["collect", name]) if is_name(name) => one(server, name).into(),
        ("POST", ["collect"]) => collect(server, now_ms, request, None).into(),
        ("POST", ["collect", name]) if is_name(name) => {
            collect(server, now_ms, request, Some(name)).into()
        }
        ("DELETE", ["collect", name]) if is_name(name) => match server.store.drop_stream(name) {
            true => Response::empty(200).into(),
            false => error(404, "no stream of that name").into(),
        },
        ("GET", ["collect", name, "subscribe"]) if is_name(name) => subscribe(
            server,
            request,
            Wanted { stream: Some((*name).to_owned()), ..Wanted::default() },
        ),
        (_, ["process" | "analyze", ..]) => {
            error(501, "this server keeps streams; it has no processes and no saved queries").into()
        }
        (_, ["collect"]) | (_, ["collect", _]) if parts.get(1).is_none_or(|name| is_name(name)) => {
            error(405, "the method is not allowed for this path").into()
        }
        _ => {
            error(404, "no such path: stream names are a letter, then letters, digits or _").into()
        }
    }
}

/// A JSON error with the text under both names that clients look for.
pub fn error(status: u16, text: &str) -> Response {
    let mut body = String::from("{\"error\":");
    json::push_string(&mut body, text);
    json::push_text_member(&mut body, "message", text);
    body.push('}');
    Response::json(status, body)
}

fn list(server: &Server) -> Response {
    let mut body = String::from("[");
    for (name, _) in server.store.streams().filter(|(name, _)| is_name(name)) {
        body.push_str(if body.len() > 1 { "," } else { "" });
        json::push_string(&mut body, name);
    }
    body.push(']');
    Response::json(200, body)
}

fn one(server: &Server, name: &str) -> Response {
    let found = server.store.streams().find(|(known, _)| *known == name);
    let (Some((_, count)), Some((first, last))) = (found, server.store.span(name)) else {
        return error(404, "no stream of that name");
    };
    let mut body = String::from("{\"name\":");
    json::push_string(&mut body, name);
    json::push_member(&mut body, "count", &count.to_string());
    json::push_text_member(&mut body, "first", &when::text(first));
    json::push_text_member(&mut body, "last", &when::text(last));
    body.push('}');
    Response::json(200, body)
}

/// All events of the request, or none: a bad one names its place.
fn collect(server: &mut Server, now_ms: u64, request: &Request, name: Option<&str>) -> Response {
    let bytes = match request.body {
        Body::Bytes(bytes) => bytes,
        Body::TooLarge => return error(413, "the body is larger than maxBodyBytes"),
        Body::Broken => return error(400, "the body could not be unpacked"),
    };
    let Ok(text) = std::str::from_utf8(bytes) else { return error(400, "the body is not UTF-8") };
    let parsed = match name {
        Some(name) => events_of(server, now_ms, name, text),
        None => streams_of(server, now_ms, text),
    };
    match parsed {
        Ok(events) => {
            server.insert_all(now_ms, events);
            Response::empty(200)
        }
        Err(text) => error(400, &text),
    }
}

fn streams_of(server: &mut Server, now_ms: u64, text: &str) -> Result<Vec<NewEvent>, String> {
    let Some(streams) = Object::parse(text) else {
        return Err(String::from("the body must be a JSON object of streams"));
    };
    let mut all = Vec::new();
    for (name, events) in &streams.members {
        if !is_name(name) {
            let rule = "\" is no stream name: a letter, then letters, digits or _";
            return Err(["\"", name, rule].concat());
        }
        all.append(&mut events_of(server, now_ms, name, events.get())?);
    }
    Ok(all)
}

fn events_of(
    server: &mut Server,
    now_ms: u64,
    stream: &str,
    text: &str,
) -> Result<Vec<NewEvent>, String> {
    let text = text.trim();
    if !text.starts_with('[') {
        let object =
            Object::parse(text).ok_or("the body must be a JSON object or an array of them");
        return Ok(vec![event(server, now_ms, stream, &object?)]);
    }
    let elements = elements(text).ok_or("the body is not valid JSON")?;
    let mut events = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let object = Object::parse(element.get())
            .ok_or_else(|| ["event ", &index.to_string(), " is not a JSON object"].concat())?;
        events.push(event(server, now_ms, stream, &object));
    }
    Ok(events)
}

fn event(server: &mut Server, now_ms: u64, stream: &str, object: &Object) -> NewEvent {
    let id = object.value("$id").and_then(|id| coerce::index_text(&id));
    let timestamp = object.value("$timestamp").and_then(|value| when::parse(&value));
    let now = i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_mul(1000);
    NewEvent {
        stream: stream.to_owned(),
        shows: (id.is_some(), timestamp.is_some()),
        id: id.unwrap_or_else(|| server.rng.uuid()),
        date: timestamp.unwrap_or(now),
        keys: object.index_texts(server.store.keys()),
        text: one_line(object.text.trim().to_owned()),
    }
}

/// Opens a live body with `sample` and `after` of the query.
pub fn subscribe(server: &mut Server, request: &Request, mut wanted: Wanted) -> Reply {
    if let Some(sample) = request.query_value("sample") {
        let Ok(rate) = sample.parse() else {
            return error(400, "\"sample\" must be a whole number of events a second").into();
        };
        wanted.sample = rate;
    }
    wanted.sse = request.accept.is_some_and(|accept| accept.contains("text/event-stream"));
    let after = request.last_event_id.map(str::to_owned).or_else(|| request.query_value("after"));
    let content_type = if wanted.sse { "text/event-stream" } else { "application/json" };
    let id = server.live.open(&server.store, wanted, after.as_deref());
    let headers = vec![("cache-control", String::from("no-store"))];
    let head = Response { content_type: Some(content_type), headers, ..Response::empty(200) };
    Reply::Live(head, id)
}
