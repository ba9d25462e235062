//! Stride, server side: collect in both forms, list, one, drop, subscribe. Source: the Stride HTTP
//! API and what its official clients do on the wire. Processes and saved queries are a query
//! language's business and not spoken here.

use super::auth::{Denied, Right};
use super::http::{Body, Request, Response};
use super::live::Wanted;
use super::object::{Object, is_json};
use super::plan::{Context, FAILED, Plan, Then};
use super::rate::Quota;
use super::scan::Scanner;
use super::store::{Batch, Command, NewEvent, Outcome};
use super::{coerce, when};
use crate::protocol::json;
use std::borrow::Cow;

const NOT_JSON: &str = "the body is not valid JSON";
const FORM: &str = "the body must be a JSON object or an array of them";
const NAMES: &str = "a letter, then letters, digits or _";
const FULL: &str = "the store is full: nothing was stored";

/// `[A-Za-z][A-Za-z0-9_]*`
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Reads a request below `/v1/collect`, `/v1/process` or `/v1/analyze`.
pub fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    let parts: Vec<&str> = request.path.trim_end_matches('/').split('/').skip(2).collect();
    let right = match (request.method, parts.as_slice()) {
        ("POST", ["collect", ..]) => Right::Write,
        ("GET" | "HEAD", _) => Right::Read,
        _ => Right::Admin,
    };
    let key = match parts.as_slice() {
        ["collect", _, "subscribe"] => request.follower_key(),
        _ => request.key(),
    };
    if let Err(refusal) = admitted(context, key.as_deref(), right) {
        return refusal.into();
    }
    if right == Right::Write {
        let quota = context.count(key.as_deref()).filter(Quota::is_exceeded);
        if let Some(quota) = quota {
            return quota.retry_after(error(429, "too many calls with this API key")).into();
        }
    }
    match (request.method, parts.as_slice()) {
        ("GET" | "HEAD", ["collect"]) => Plan::Ask(Command::Streams, Then::new("", names)),
        ("GET" | "HEAD", ["collect", name]) if is_name(name) => {
            Plan::Ask(Command::Stream(name), Then::new(*name, one))
        }
        ("POST", ["collect"]) => collect(context, request, None),
        ("POST", ["collect", name]) if is_name(name) => collect(context, request, Some(name)),
        ("DELETE", ["collect", name]) if is_name(name) => {
            Plan::Ask(Command::Drop(name), Then::new("", dropped))
        }
        ("GET", ["collect", name, "subscribe"]) if is_name(name) => {
            follow(request, Wanted { stream: Some((*name).to_owned()), ..Wanted::default() })
        }
        (_, ["process" | "analyze", ..]) => {
            error(501, "not supported by this server: it keeps streams, no processes or queries")
                .into()
        }
        (_, ["collect"]) => error(405, "the method is not allowed for this path").into(),
        (_, ["collect", name] | ["collect", name, "subscribe"]) if is_name(name) => {
            error(405, "the method is not allowed for this path").into()
        }
        _ => error(404, &["no such path: stream names are ", NAMES].concat()).into(),
    }
}

/// The refusal of a key that lacks the right.
pub fn admitted(context: &Context, key: Option<&str>, right: Right) -> Result<(), Response> {
    context.check(key, right).map_err(|denied| match denied {
        Denied::Missing => error(401, "an API key is needed"),
        Denied::Unknown => error(401, "invalid API key"),
        Denied::Forbidden => error(403, "this API key may not do that"),
    })
}

/// A JSON error with the text under both names that clients look for.
pub fn error(status: u16, text: &str) -> Response {
    let mut body = String::from("{\"error\":");
    json::push_string(&mut body, text);
    json::push_text_member(&mut body, "message", text);
    body.push('}');
    Response::json(status, body)
}

fn names(outcome: Outcome, _: &str) -> Response {
    let mut body = String::from("[");
    let Outcome::Streams(names) = outcome else { return error(503, FAILED) };
    // Streams of other protocols may have names that no path can say.
    for name in names.iter().filter(|name| is_name(name)) {
        body.push_str(if body.len() > 1 { "," } else { "" });
        json::push_string(&mut body, name);
    }
    body.push(']');
    Response::json(200, body)
}

fn one(outcome: Outcome, name: &str) -> Response {
    let summary = match outcome {
        Outcome::Stream(Some(summary)) => summary,
        Outcome::Stream(None) => return error(404, "no stream of that name"),
        _ => return error(503, FAILED),
    };
    let mut body = String::from("{\"name\":");
    json::push_string(&mut body, name);
    json::push_member(&mut body, "count", &summary.count.to_string());
    json::push_text_member(&mut body, "first", &when::text(summary.first));
    json::push_text_member(&mut body, "last", &when::text(summary.last));
    body.push('}');
    Response::json(200, body)
}

fn dropped(outcome: Outcome, _: &str) -> Response {
    match outcome {
        Outcome::Dropped(true) => Response::empty(200),
        Outcome::Dropped(false) => error(404, "no stream of that name"),
        _ => error(503, FAILED),
    }
}

/// All events of the request, or none: a bad one names its place.
fn collect<'a>(context: &mut Context, request: &'a Request<'a>, name: Option<&'a str>) -> Plan<'a> {
    let bytes = match request.body {
        Body::Bytes(bytes) => bytes,
        Body::TooLarge(most) => {
            let sentence = format!("the body is larger than {most} bytes (maxBodyBytes)");
            return error(413, &sentence).into();
        }
        Body::Broken => return error(400, "the body could not be unpacked").into(),
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return error(400, "the body is not UTF-8").into();
    };
    let mut batch = Batch::default();
    let read = match name {
        Some(name) => read_events(context, &mut batch, Cow::Borrowed(name), text),
        None => read_streams(context, &mut batch, text),
    };
    match read {
        Ok(()) => Plan::Ask(Command::Insert(batch), Then::new("", stored)),
        Err(sentence) => error(400, &sentence).into(),
    }
}

fn stored(outcome: Outcome, _: &str) -> Response {
    match outcome {
        Outcome::Stored => Response::empty(200),
        Outcome::Full => error(507, FULL),
        Outcome::TooLarge => error(413, "an event is larger than the store takes"),
        _ => error(503, FAILED),
    }
}

fn read_streams<'a>(
    context: &mut Context,
    batch: &mut Batch<'a>,
    text: &'a str,
) -> Result<(), String> {
    let Some(streams) = Object::parse(text) else {
        return Err(String::from("the body must be a JSON object of streams"));
    };
    for member in streams.members {
        if !is_name(&member.name) {
            return Err(["\"", &member.name, "\" is no stream name: ", NAMES].concat());
        }
        read_events(context, batch, member.name, member.value)?;
    }
    Ok(())
}

/// An object, or an array of objects: one pass, no tree.
fn read_events<'a>(
    context: &mut Context,
    batch: &mut Batch<'a>,
    stream: Cow<'a, str>,
    text: &'a str,
) -> Result<(), String> {
    let mut scanner = Scanner::new(text);
    let mut object = Object::default();
    let before = batch.len();
    let many = scanner.take(b'[');
    if !(many && scanner.take(b']')) {
        loop {
            if !object.read(&mut scanner) {
                let number = batch.len().saturating_sub(before).to_string();
                return Err(match is_json(text) {
                    false => String::from(NOT_JSON),
                    true if many => ["event ", &number, " is not a JSON object"].concat(),
                    true => String::from(FORM),
                });
            }
            push_event(context, batch, stream.clone(), &object);
            if !many || scanner.take(b']') {
                break;
            }
            if !scanner.take(b',') {
                return Err(String::from(NOT_JSON));
            }
        }
    }
    match scanner.is_at_end() {
        true => Ok(()),
        false => Err(String::from(NOT_JSON)),
    }
}

/// `$id` may be any value but null. A `$id` or `$timestamp` that says nothing gives way to ours.
fn push_event<'a>(
    context: &mut Context,
    batch: &mut Batch<'a>,
    stream: Cow<'a, str>,
    object: &Object<'a>,
) {
    let id = object.given("$id").map(|raw| coerce::index_text(raw).unwrap_or(Cow::Borrowed(raw)));
    let timestamp = object.given("$timestamp").and_then(when::parse);
    let mut without = Vec::new();
    if id.is_none() && object.raw("$id").is_some() {
        without.push("$id");
    }
    if timestamp.is_none() && object.raw("$timestamp").is_some() {
        without.push("$timestamp");
    }
    let event = NewEvent {
        stream,
        shows_id: id.is_some(),
        shows_timestamp: timestamp.is_some(),
        id: id.unwrap_or_else(|| Cow::Owned(context.rng.uuid())),
        date: timestamp.unwrap_or_else(|| context.now()),
        text: match without.is_empty() {
            true => object.one_line(),
            false => Cow::Owned(object.rewritten(&without, "")),
        },
    };
    batch.push(event, context.indexed, object);
}

/// A live body with `sample` and `after` of the query.
pub fn follow<'a>(request: &Request, mut wanted: Wanted) -> Plan<'a> {
    if let Some(sample) = request.query_value("sample") {
        let Ok(rate) = sample.parse() else {
            return error(400, "\"sample\" must be a whole number of events a second").into();
        };
        wanted.sample = rate;
    }
    wanted.sse = request.wants_sse();
    let after = request.last_event_id.map(str::to_owned).or_else(|| request.query_value("after"));
    let after = after.filter(|id| !id.is_empty());
    let content_type = if wanted.sse { "text/event-stream" } else { "application/json" };
    // What compresses on the way would hold events back until a block of them is full.
    let headers = vec![("cache-control", String::from("no-store, no-transform"))];
    let head = Response { content_type: Some(content_type), headers, ..Response::empty(200) };
    Plan::Follow(head, wanted, after)
}
