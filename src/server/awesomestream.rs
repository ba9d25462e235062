//! AwesomeStream's JSON-RPC, server side, and live events of all streams. Source: AwesomeStream 0.1
//! and its later repository state. Only `insert` and `items` can be called: the original ran any
//! method of its backend, `__init__` too.

use super::auth::{Denied, Right};
use super::coerce::index_text;
use super::http::{Body, Reply, Request, Response};
use super::live::Wanted;
use super::object::{Object, elements, one_line};
use super::route::Server;
use super::store::{NewEvent, Query};
use super::{stride, when};
use crate::protocol::json;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where `insert` puts events.
pub const DEFAULT_STREAM: &str = "default";

/// Answers a POST to any path that is no other protocol's.
pub fn handle(server: &mut Server, now_ms: u64, request: &Request) -> Response {
    if request.method != "POST" {
        let status = if request.path == "/" { 405 } else { 404 };
        return envelope(status, "null", Err("NotFound: POST a JSON-RPC call".into()));
    }
    let bytes = match request.body {
        Body::Bytes(bytes) => bytes,
        Body::TooLarge => {
            return envelope(
                413,
                "null",
                Err("ValueError: the body is larger than maxBodyBytes".into()),
            );
        }
        Body::Broken => b"",
    };
    let call = std::str::from_utf8(bytes).ok().and_then(Object::parse);
    let method = call.as_ref().and_then(|call| call.value("method"));
    let (Some(call), Some(Value::String(method))) = (call, method) else {
        let error = "ValueError: the body must be a JSON object with a \"method\"";
        return envelope(400, "null", Err(error.into()));
    };
    let id = call.raw("id").unwrap_or("null");
    let right = if method == "insert" { Right::Write } else { Right::Read };
    if let Err(denied) = server.may(request, right) {
        let status = if denied == Denied::Forbidden { 403 } else { 401 };
        return envelope(status, id, Err("PermissionError: the API key may not do that".into()));
    }
    let args = match call.raw("args") {
        None | Some("null") => Some(Vec::new()),
        Some(text) => elements(text),
    };
    let kwargs = match call.raw("kwargs") {
        None | Some("null") => Object::parse("{}"),
        Some(text) => Object::parse(text),
    };
    let (Some(args), Some(kwargs)) = (args, kwargs) else {
        return envelope(
            200,
            id,
            Err("TypeError: args must be a list and kwargs an object".into()),
        );
    };
    let args: Vec<&str> = args.iter().map(|raw| raw.get()).collect();
    let result = match method.as_str() {
        "insert" => insert(server, now_ms, &args, &kwargs),
        "items" => items(server, &args, &kwargs),
        other => Err(["NotFound: there is no method \"", other, "\""].concat()),
    };
    envelope(200, id, result)
}

/// Both members are always there, one of them null.
fn envelope(status: u16, id: &str, result: Result<String, String>) -> Response {
    let mut body = ["{\"id\":", id].concat();
    match result {
        Ok(result) => {
            json::push_member(&mut body, "result", &result);
            json::push_member(&mut body, "error", "null");
        }
        Err(error) => {
            json::push_member(&mut body, "result", "null");
            json::push_text_member(&mut body, "error", &error);
        }
    }
    body.push('}');
    Response::json(status, body)
}

/// `insert(data[, date])`: seconds since 1970 or a text; null means now. The id comes back.
fn insert(
    server: &mut Server,
    now_ms: u64,
    args: &[&str],
    kwargs: &Object,
) -> Result<String, String> {
    let data = args.first().copied().or_else(|| kwargs.raw("data"));
    let object = data.and_then(Object::parse).ok_or("TypeError: data must be an object")?;
    let date = args.get(1).copied().or_else(|| kwargs.raw("date")).unwrap_or("null");
    let date = match serde_json::from_str(date).unwrap_or(Value::Null) {
        Value::Null => i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_mul(1000),
        value => when::parse_seconds(&value)
            .ok_or("ValueError: date must be seconds since 1970 or an ISO 8601 text")?,
    };
    let id = insert_object(server, now_ms, DEFAULT_STREAM, &object, date, None);
    let mut text = String::new();
    json::push_string(&mut text, &id);
    Ok(text)
}

/// Stores an object; its id, which is made up unless given.
pub fn insert_object(
    server: &mut Server,
    now_ms: u64,
    stream: &str,
    object: &Object,
    date: when::Micros,
    id: Option<String>,
) -> String {
    let id = id.unwrap_or_else(|| server.rng.uuid());
    let event = NewEvent {
        stream: stream.to_owned(),
        id: id.clone(),
        date,
        shows: (object.raw("$id").is_some(), object.raw("$timestamp").is_some()),
        keys: object.index_texts(server.store.keys()),
        text: one_line(object.text.trim().to_owned()),
    };
    server.store.insert(now_ms, event);
    id
}

/// `items(start=0, end=20, **filters)`. `$stream` selects one stream; without it all are read.
fn items(server: &Server, args: &[&str], kwargs: &Object) -> Result<String, String> {
    let whole = |place: usize, name: &str, default: i64| -> Result<Option<i64>, String> {
        let text = args.get(place).copied().or_else(|| kwargs.raw(name));
        match text.map(|text| serde_json::from_str(text).unwrap_or(Value::Null)) {
            None => Ok(Some(default)),
            Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64() {
                Some(value) => Ok(Some(value)),
                None => Err(["TypeError: ", name, " must be a whole number"].concat()),
            },
        }
    };
    let mut query = Query {
        start: whole(0, "start", 0)?.unwrap_or(0),
        end: whole(1, "end", 20)?,
        ..Query::default()
    };
    for (name, raw) in &kwargs.members {
        let value: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
        match (name.as_ref(), value) {
            ("start" | "end", _) => {}
            ("$stream", Value::String(stream)) => query.stream = Some(stream),
            (name, value) => {
                query.filters.insert(name.to_owned(), filter_texts(&value));
            }
        }
    }
    page(server, &query)
}

/// A page as a JSON array.
pub fn page(server: &Server, query: &Query) -> Result<String, String> {
    let texts = server.store.items(query).map_err(|unknown| {
        let keys = server.store.keys().join(", ");
        ["KeyError: \"", &unknown.0, "\" is not indexed (keys: ", &keys, ")"].concat()
    })?;
    let mut body = String::from("[");
    json::push_joined(&mut body, texts.into_iter());
    body.push(']');
    Ok(body)
}

/// A value, or a list any of which matches. What no index has matches nothing.
pub fn filter_texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(index_text).collect(),
        value => index_text(value).into_iter().collect(),
    }
}

/// `GET /subscribe[?where={…}][&sample=n][&after=id]`: live events of all streams.
pub fn subscribe(server: &mut Server, request: &Request) -> Reply {
    if request.method != "GET" {
        return stride::error(405, "the method is not allowed for this path").into();
    }
    let sse = request.accept.is_some_and(|accept| accept.contains("text/event-stream"));
    let in_query = request.query_value("key").filter(|_| sse && request.key().is_none());
    if let Err(denied) =
        server.keys.check(in_query.or_else(|| request.key()).as_deref(), Right::Read)
    {
        let status = if denied == Denied::Forbidden { 403 } else { 401 };
        return stride::error(status, "the API key may not read").into();
    }
    let mut filters = BTreeMap::new();
    if let Some(text) = request.query_value("where") {
        let Some(object) = Object::parse(&text) else {
            return stride::error(400, "\"where\" must be a JSON object of keys and values").into();
        };
        for (name, raw) in &object.members {
            if !server.store.keys().iter().any(|key| key == name) {
                return stride::error(400, &["\"", name, "\" is not an indexed key"].concat())
                    .into();
            }
            let value: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
            filters.insert(name.clone().into_owned(), filter_texts(&value));
        }
    }
    let stream = request.query_value("stream");
    stride::subscribe(server, request, Wanted { stream, filters, ..Wanted::default() })
}
