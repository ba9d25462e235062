//! AwesomeStream's JSON-RPC, server side, and live events of all streams. Source: AwesomeStream 0.1
//! and its later repository state. Only `insert` and `items` can be called: the original ran any
//! method of its backend, `__init__` too.

use super::auth::{Denied, Right};
use super::coerce::filter_texts;
use super::http::{Body, Request, Response};
use super::live::Wanted;
use super::object::{Object, elements};
use super::plan::{Context, FAILED, Plan, Then};
use super::rate::Quota;
use super::store::{Batch, Command, NewEvent, Outcome, Query, unknown_key};
use super::{stride, when};
use crate::protocol::json;
use std::borrow::Cow;

/// Where `insert` puts events.
pub const DEFAULT_STREAM: &str = "default";

/// Reads a POST to any path that is no other protocol's.
pub fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    if request.method != "POST" {
        // A page that is not there, for who only looks; a POST would be taken at any path.
        let looks = matches!(request.method, "GET" | "HEAD") && request.path != "/";
        let status = if looks { 404 } else { 405 };
        return failure(status, "null", "NotFound: POST a JSON-RPC call").into();
    }
    let bytes = match request.body {
        Body::Bytes(bytes) => bytes,
        Body::TooLarge(most) => {
            let error = format!("ValueError: the body is larger than {most} bytes (maxBodyBytes)");
            return failure(413, "null", &error).into();
        }
        Body::Broken => b"",
    };
    let call = std::str::from_utf8(bytes).ok().and_then(Object::parse);
    let method = call.as_ref().and_then(|call| call.string("method"));
    let (Some(call), Some(method)) = (call, method) else {
        let error = "ValueError: the body must be a JSON object with a \"method\"";
        return failure(400, "null", error).into();
    };
    let id = call.raw("id").unwrap_or("null");
    let right = if method == "insert" { Right::Write } else { Right::Read };
    if let Err(denied) = context.check(request.key().as_deref(), right) {
        let (status, error) = match denied {
            Denied::Missing => (401, "PermissionError: an API key is needed"),
            Denied::Unknown => (401, "PermissionError: invalid API key"),
            Denied::Forbidden => (403, "PermissionError: this API key may not do that"),
        };
        return failure(status, id, error).into();
    }
    if right == Right::Write {
        let quota = context.count(request.key().as_deref()).filter(Quota::is_exceeded);
        if let Some(quota) = quota {
            let error = "PermissionError: too many calls with this API key";
            return quota.retry_after(failure(429, id, error)).into();
        }
    }
    let args = call.given("args").map_or(Some(Vec::new()), elements);
    let kwargs = call.given("kwargs").map_or(Some(Object::default()), Object::parse);
    let (Some(args), Some(kwargs)) = (args, kwargs) else {
        return failure(200, id, "TypeError: args must be a list and kwargs an object").into();
    };
    let command = match method.as_ref() {
        "insert" => insert(context, &args, &kwargs),
        "items" => items(&args, &kwargs),
        other => Err(["NotFound: there is no method \"", other, "\""].concat()),
    };
    match command {
        Ok((command, note)) => Plan::Ask(command, Then::new([id, "\n", &note].concat(), answer)),
        Err(error) => failure(200, id, &error).into(),
    }
}

/// The note is the call's id and the result of an insert, a line each.
fn answer(outcome: Outcome, note: &str) -> Response {
    // An id may be an object that was sent on several lines.
    let (id, result) = note.rsplit_once('\n').unwrap_or((note, "null"));
    match outcome {
        Outcome::Page(page) => success(id, &page),
        Outcome::UnknownKey(sentence) => failure(200, id, &sentence),
        Outcome::Full => failure(200, id, "MemoryError: the store is full: nothing was stored"),
        Outcome::TooLarge => failure(200, id, "ValueError: data is larger than the store takes"),
        Outcome::Stored => success(id, result),
        _ => failure(503, id, &["OperationalError: ", FAILED].concat()),
    }
}

/// Both members are always there, one of them null.
fn success(id: &str, result: &str) -> Response {
    Response::json(200, ["{\"id\":", id, ",\"result\":", result, ",\"error\":null}"].concat())
}

fn failure(status: u16, id: &str, error: &str) -> Response {
    let mut body = ["{\"id\":", id, ",\"result\":null"].concat();
    json::push_text_member(&mut body, "error", error);
    body.push('}');
    Response::json(status, body)
}

/// `insert(data[, date])`: seconds since 1970 or a text; null means now. The id comes back.
fn insert<'a>(
    context: &mut Context,
    args: &[&'a str],
    kwargs: &Object<'a>,
) -> Result<(Command<'a>, String), String> {
    if args.len() > 2 {
        return Err(String::from("TypeError: insert() takes data and date"));
    }
    for member in &kwargs.members {
        if !matches!(member.name.as_ref(), "data" | "date") {
            let name = &member.name;
            return Err(["TypeError: insert() has no argument \"", name, "\""].concat());
        }
    }
    given_once(args, kwargs, ["data", "date"])?;
    let data = args.first().copied().or_else(|| kwargs.raw("data"));
    let object = data.and_then(Object::parse).ok_or("TypeError: data must be an object")?;
    let date = match args.get(1).copied().or_else(|| kwargs.raw("date")) {
        None | Some("null") => context.now(),
        Some(raw) => when::parse_seconds(raw)
            .ok_or("ValueError: date must be seconds since 1970 or an ISO 8601 text")?,
    };
    let id = context.rng.uuid();
    let mut result = String::new();
    json::push_string(&mut result, &id);
    let batch = one(context, DEFAULT_STREAM.into(), &object, date, id.into());
    Ok((Command::Insert(batch), result))
}

/// An argument by place and by name at once: nobody could tell which of them counts.
fn given_once(args: &[&str], kwargs: &Object, names: [&str; 2]) -> Result<(), String> {
    let both = names.iter().take(args.len()).find(|name| kwargs.raw(name).is_some());
    both.map_or(Ok(()), |name| Err(["TypeError: ", name, " is given twice"].concat()))
}

/// A batch of one object.
pub fn one<'a>(
    context: &Context,
    stream: Cow<'a, str>,
    object: &Object<'a>,
    date: when::Micros,
    id: Cow<'a, str>,
) -> Batch<'a> {
    let mut batch = Batch::default();
    let event = NewEvent {
        stream,
        id,
        date,
        shows_id: object.raw("$id").is_some(),
        shows_timestamp: object.raw("$timestamp").is_some(),
        text: object.one_line(),
    };
    batch.push(event, context.indexed, object);
    batch
}

/// `items(start=0, end=20, **filters)`. `$stream` selects one stream; without it all are read.
fn items<'a>(args: &[&str], kwargs: &Object) -> Result<(Command<'a>, String), String> {
    if args.len() > 2 {
        return Err(String::from("TypeError: items() takes start, end and filters by name"));
    }
    given_once(args, kwargs, ["start", "end"])?;
    let whole = |place: usize, name: &str, default: i64| -> Result<Option<i64>, String> {
        match args.get(place).copied().or_else(|| kwargs.raw(name)) {
            None => Ok(Some(default)),
            Some("null") => Ok(None),
            Some(raw) => match raw.parse() {
                Ok(value) => Ok(Some(value)),
                Err(_) => Err(["TypeError: ", name, " must be a whole number"].concat()),
            },
        }
    };
    let (start, end) = (whole(0, "start", 0)?.unwrap_or(0), whole(1, "end", 20)?);
    let mut query = Query { start, end, ..Query::default() };
    for member in &kwargs.members {
        match member.name.as_ref() {
            "start" | "end" => {}
            "$stream" => {
                let name = kwargs.string("$stream").ok_or("TypeError: $stream must be a text")?;
                query.stream = Some(name.into());
            }
            name => {
                query.filters.insert(name.to_owned(), filter_texts(member.value));
            }
        }
    }
    Ok((Command::Items(query), String::new()))
}

/// `GET /subscribe[?where={…}][&stream=name][&sample=n][&after=id]`: live events of all streams.
pub fn subscribe<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    if request.method != "GET" {
        return stride::error(405, "the method is not allowed for this path").into();
    }
    let key = request.follower_key();
    if let Err(refusal) = stride::admitted(context, key.as_deref(), Right::Read) {
        return refusal.into();
    }
    let mut wanted = Wanted { stream: request.query_value("stream"), ..Wanted::default() };
    if let Some(text) = request.query_value("where") {
        let Some(object) = Object::parse(&text) else {
            return stride::error(400, "\"where\" must be a JSON object of keys and values").into();
        };
        for member in &object.members {
            if !context.indexed.iter().any(|key| *key == member.name) {
                return stride::error(400, &unknown_key(&member.name, context.indexed)).into();
            }
            wanted.filters.insert(member.name.clone().into_owned(), filter_texts(member.value));
        }
    }
    stride::follow(request, wanted)
}
