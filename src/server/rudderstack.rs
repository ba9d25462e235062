//! RudderStack's gateway, server side. Source: rudder-server's gateway and its HTTP API
//! specification; statuses and texts are the gateway's, byte by byte. Improved on it: ids are
//! de-duplicated for each write key, `sentAt` of a batch counts for its events, and `import`
//! answers 400 where the gateway joins texts into an unknown one and answers 500.

use super::auth::{Denied, Right};
use super::coerce::index_text;
use super::http::{Body, Request, Response};
use super::object::{Object, elements};
use super::route::Server;
use super::store::NewEvent;
use super::when;
use crate::protocol::json;
use serde_json::{Map, Value};

/// Largest body, unpacked (the gateway's 4000 KiB).
pub const BODY_BYTES_MAX: usize = 4_096_000;

const NO_IDENTITY: &str = "request neither has anonymousId nor userId";
const NOT_AN_EVENT: &str = "event is not a valid rudder event";
const NO_KEY_IN_HEADER: &str = "failed to read writekey from header";
const NO_KEY_IN_QUERY: &str = "failed to read writekey from query params";

/// The 43 bytes of a transparent GIF89a.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Answers a request of the gateway's paths.
pub fn handle(server: &mut Server, now_ms: u64, request: &Request) -> Response {
    match (request.method, request.path.trim_end_matches('/')) {
        ("GET" | "HEAD", "/health") => Response::json(
            200,
            "{\"appType\":\"EMBEDDED\",\"server\":\"UP\",\"db\":\"UP\",\"acceptingEvents\":\"TRUE\",\"routingEvents\":\"TRUE\",\"mode\":\"NORMAL\"}",
        ),
        ("GET" | "HEAD", "/version") => Response::json(
            200,
            concat!("{\"Version\":\"sluicebox ", env!("CARGO_PKG_VERSION"), "\"}"),
        ),
        ("GET" | "HEAD", "/robots.txt") => {
            let body = b"User-agent: * \nDisallow: / \n".to_vec();
            Response { content_type: Some("text/plain"), body, ..Response::empty(200) }
        }
        ("GET", "/pixel/v1/track") => pixel(server, now_ms, request, "track"),
        ("GET", "/pixel/v1/page") => pixel(server, now_ms, request, "page"),
        (method, "/beacon/v1/batch") => {
            let key = request.query_value("writeKey").filter(|key| !key.trim().is_empty());
            accept(server, now_ms, request, method, key, NO_KEY_IN_QUERY, "batch")
        }
        (method, path) => {
            let kind = path.strip_prefix("/v1/").unwrap_or_default();
            let kinds = [
                "identify", "track", "page", "screen", "group", "alias", "merge", "batch", "import",
            ];
            if !kinds.contains(&kind) {
                return Response::text(404, "404 page not found");
            }
            let key = request.key().filter(|key| !key.trim().is_empty());
            accept(server, now_ms, request, method, key, NO_KEY_IN_HEADER, kind)
        }
    }
}

fn accept(
    server: &mut Server,
    now_ms: u64,
    request: &Request,
    method: &str,
    key: Option<String>,
    no_key: &str,
    kind: &str,
) -> Response {
    if method != "POST" {
        return Response::empty(405);
    }
    let Some(key) = key else { return Response::text(401, no_key) };
    if let Err(denied) = server.keys.check(Some(&key), Right::Write) {
        let text = if denied == Denied::Forbidden {
            "write key may not write"
        } else {
            "invalid write key"
        };
        return Response::text(401, text);
    }
    match events(server, now_ms, request, &key, kind) {
        Ok(events) => {
            server.insert_all(now_ms, events);
            let body = b"ok".to_vec();
            Response {
                content_type: Some("text/plain; charset=utf-8"),
                body,
                ..Response::empty(200)
            }
        }
        Err((status, text)) => Response::text(status, text),
    }
}

type Refusal = (u16, &'static str);

/// All events of the request, or none: one bad event fails the batch, as in the gateway.
fn events(
    server: &mut Server,
    now_ms: u64,
    request: &Request,
    key: &str,
    kind: &str,
) -> Result<Vec<NewEvent>, Refusal> {
    const TOO_LARGE: Refusal = (413, "request size exceeds max limit");
    let bytes = match request.body {
        Body::Bytes(b"") => return Err((400, "request body is nil")),
        Body::Bytes(bytes) => bytes,
        Body::TooLarge => return Err(TOO_LARGE),
        Body::Broken => return Err((500, "failed to read body from request")),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| (400, "invalid json"))?;
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if !is_json {
        return Err((400, "invalid json"));
    }
    let body = Object::parse(text);
    let many = kind == "batch" || kind == "import";
    let (list, sent_at) = match (&body, many) {
        (Some(body), true) => {
            let batch = body.raw("batch").unwrap_or("[]");
            // A single object counts as a batch of one.
            let list = elements(batch).map(|list| list.iter().map(|raw| raw.get()).collect());
            (list.unwrap_or_else(|| vec![batch]), body.value("sentAt"))
        }
        (Some(body), false) => (vec![body.text], None),
        (None, true) => (Vec::new(), None),
        (None, false) => return Err((400, NOT_AN_EVENT)),
    };
    if list.is_empty() && kind != "import" {
        return Err((400, "empty batch payload"));
    }
    let mut events = Vec::with_capacity(list.len());
    for text in list {
        let object = Object::parse(text).ok_or((400, NOT_AN_EVENT))?;
        let with = Context {
            now_ms,
            request,
            key,
            kind: (!many).then_some(kind),
            sent_at: sent_at.as_ref(),
        };
        events.push(event(server, &with, &object)?);
    }
    if bytes.len() > BODY_BYTES_MAX {
        return Err(TOO_LARGE);
    }
    Ok(events)
}

struct Context<'a> {
    now_ms: u64,
    request: &'a Request<'a>,
    key: &'a str,
    /// The path's type, for single calls.
    kind: Option<&'a str>,
    /// The batch's, where an event has none.
    sent_at: Option<&'a Value>,
}

/// What the gateway and its processor add: type, messageId, rudderId, receivedAt, request_ip and
/// the corrected timestamp.
fn event(server: &mut Server, with: &Context, object: &Object) -> Result<NewEvent, Refusal> {
    let text = |name: &str| {
        let text = object.value(name).and_then(|value| index_text(&value)).unwrap_or_default();
        text.trim().to_owned()
    };
    let (user, anonymous, kind) = (text("userId"), text("anonymousId"), text("type"));
    if user.is_empty() && anonymous.is_empty() && !matches!(kind.as_str(), "extract" | "record") {
        return Err((400, NO_IDENTITY));
    }
    let received = i64::try_from(with.now_ms).unwrap_or(i64::MAX).saturating_mul(1000);
    let mut without = Vec::new();
    let mut added = String::new();
    if let Some(of_path) = with.kind.filter(|of_path| *of_path != kind) {
        without.push("type");
        json::push_text_member(&mut added, "type", of_path);
    }
    let id = match object.value("messageId") {
        Some(Value::String(id)) if id.trim() == id && !id.is_empty() => id,
        other => {
            without.push("messageId");
            let given = other.and_then(|id| Some(id.as_str()?.trim().to_owned()));
            let id = given.filter(|id| !id.is_empty()).unwrap_or_else(|| server.rng.uuid());
            json::push_text_member(&mut added, "messageId", &id);
            id
        }
    };
    json::push_text_member(&mut added, "rudderId", &rudder_id(&user, &anonymous));
    if object.raw("receivedAt").is_none() {
        json::push_text_member(&mut added, "receivedAt", &when::text(received));
    }
    if let Some(ip) = with.request.remote_ip.filter(|_| object.raw("request_ip").is_none()) {
        json::push_text_member(&mut added, "request_ip", ip);
    }
    let time = |name: &str| object.value(name).and_then(|value| when::parse(&value));
    let given = time("timestamp");
    if given.is_none() {
        without.push("timestamp");
        let sent =
            time("sentAt").or_else(|| with.sent_at.and_then(when::parse)).unwrap_or(received);
        let original = time("originalTimestamp").unwrap_or(received);
        let corrected = received.saturating_sub(sent.saturating_sub(original));
        json::push_text_member(&mut added, "timestamp", &when::text(corrected));
    }
    Ok(NewEvent {
        stream: with.key.to_owned(),
        id,
        // A clock that is off must not reorder a sender's events, so they are sorted by arrival
        // unless the sender asked for a time.
        date: given.unwrap_or(received),
        shows: (object.raw("$id").is_some(), object.raw("$timestamp").is_some()),
        keys: object.index_texts(server.store.keys()),
        text: object.rewrite(&without, &added),
    })
}

/// MD5 of `userId:anonymousId`, written as a UUID of version 4.
fn rudder_id(user: &str, anonymous: &str) -> String {
    let mut bytes = md5::compute([user, ":", anonymous].concat()).0;
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x40;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let mut out = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

/// Everything stands in the query; the answer is a picture whatever happens.
fn pixel(server: &mut Server, now_ms: u64, request: &Request, kind: &str) -> Response {
    let key = request.query_value("writeKey").filter(|key| !key.trim().is_empty());
    let allowed =
        key.as_deref().is_some_and(|key| server.keys.check(Some(key), Right::Write).is_ok());
    if let Some(key) = key.filter(|_| allowed) {
        let text = pixel_event(now_ms, request, kind);
        let with = Context { now_ms, request, key: &key, kind: Some(kind), sent_at: None };
        let complete =
            kind != "track" || request.query_value("event").is_some_and(|e| !e.is_empty());
        let object = Object::parse(&text).filter(|_| complete);
        if let Some(Ok(event)) = object.map(|object| event(server, &with, &object)) {
            server.insert_all(now_ms, vec![event]);
        }
    }
    let headers = vec![("cache-control", String::from("no-store"))];
    Response { status: 200, content_type: Some("image/gif"), headers, body: PIXEL.to_vec() }
}

fn pixel_event(now_ms: u64, request: &Request, kind: &str) -> String {
    let now = when::text(i64::try_from(now_ms).unwrap_or(0).saturating_mul(1000));
    let mut event = Map::new();
    event.insert("channel".into(), "web".into());
    event.insert("integrations".into(), serde_json::json!({ "All": true }));
    event.insert("originalTimestamp".into(), now.clone().into());
    event.insert("sentAt".into(), now.into());
    for (path, value) in request.query_pairs().filter(|(path, _)| path != "writeKey") {
        let value = if path == "anonymousId" { value.replace('"', "") } else { value };
        set_by_path(&mut event, &path, value);
    }
    if kind == "page" && event.get("name").is_none_or(|name| name == "") {
        event.insert("name".into(), "Unknown Page".into());
    }
    Value::Object(event).to_string()
}

/// `context.page.url` nests. A path through something that is no object replaces it.
fn set_by_path(event: &mut Map<String, Value>, path: &str, value: String) {
    const DEPTH_MAX: usize = 16;
    let nested = path.split_once('.').filter(|_| path.split('.').count() <= DEPTH_MAX);
    match nested {
        None => {
            event.insert(path.to_owned(), value.into());
        }
        Some((first, rest)) => {
            let inner = event.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                set_by_path(inner, rest, value);
            }
        }
    }
}
