//! RudderStack's gateway, server side. Source: rudder-server's gateway and its HTTP API
//! specification; statuses and texts are the gateway's, byte by byte. Improved on it: ids are
//! de-duplicated for each write key, `sentAt` of a batch counts for its events, and `import`
//! answers 400 where the gateway joins texts into an unknown one and answers 500.

use super::auth::{Denied, Right};
use super::http::{Body, Request, Response};
use super::object::{Object, elements, is_json, push_spliced};
use super::plan::{Context, FAILED, Plan, Then};
use super::rate::Quota;
use super::store::{Batch, Command, NewEvent, Outcome};
use super::{pages, pixel, when};
use crate::protocol::json;
use std::borrow::Cow;

/// Largest body, unpacked (the gateway's 4000 KiB).
pub const BODY_BYTES_MAX: usize = 4_096_000;

const NO_IDENTITY: &str = "request neither has anonymousId nor userId";
const NOT_AN_EVENT: &str = "event is not a valid rudder event";
pub(super) const NO_KEY_IN_HEADER: &str = "failed to read writekey from header";
const NO_KEY_IN_QUERY: &str = "failed to read writekey from query params";

const INVALID_KEY: &str = "invalid write key";
const FULL: &str = "Service Unavailable";

/// Reads a request of the gateway's paths.
pub fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    match (request.method, request.path.trim_end_matches('/')) {
        ("GET" | "HEAD", "/health") => pages::health(),
        ("GET" | "HEAD", "/version") => pages::version().into(),
        ("GET" | "HEAD", "/robots.txt") => plain("User-agent: * \nDisallow: / \n").into(),
        ("GET" | "HEAD", "/docs") => pages::docs().into(),
        ("GET" | "HEAD", "/sourceConfig") => pages::source_config(context, request),
        ("GET" | "POST", "/v1/webhook") => webhook(context, request).into(),
        ("GET", "/pixel/v1/track") => pixel::plan(context, request, "track"),
        ("GET", "/pixel/v1/page") => pixel::plan(context, request, "page"),
        ("POST", "/beacon/v1/batch") => {
            accept(context, request, request.query_value("writeKey"), NO_KEY_IN_QUERY, "batch")
        }
        (method, path) => {
            let kind = path.strip_prefix("/v1/").unwrap_or_default();
            let known = KINDS.contains(&kind) || OTHERS.contains(&path);
            match (method, known) {
                (_, false) => Response::text(404, "404 page not found").into(),
                ("POST", true) if !kind.is_empty() => {
                    accept(context, request, request.key(), NO_KEY_IN_HEADER, kind)
                }
                _ => Response::empty(405).into(),
            }
        }
    }
}

const KINDS: [&str; 10] = [
    "identify",
    "track",
    "page",
    "screen",
    "group",
    "alias",
    "merge",
    "batch",
    "import",
    "audiencelist",
];
const OTHERS: [&str; 5] =
    ["/beacon/v1/batch", "/pixel/v1/track", "/pixel/v1/page", "/v1/webhook", "/sourceConfig"];

/// Sources of webhooks are made in a control plane, which there is none of: a key is never one's.
fn webhook(context: &Context, request: &Request) -> Response {
    let key = request.query_value("writeKey").or_else(|| request.key());
    let Some(key) = key.filter(|key| !key.trim().is_empty()) else {
        return Response::text(401, NO_KEY_IN_QUERY);
    };
    match context.check(Some(&key), Right::Write) {
        Err(_) => Response::text(401, INVALID_KEY),
        Ok(()) => Response::text(404, "source does not accept webhook events"),
    }
}

fn plain(body: &str) -> Response {
    let content_type = Some("text/plain; charset=utf-8");
    Response { content_type, body: body.as_bytes().to_vec(), ..Response::empty(200) }
}

/// The write key, when it is one.
pub(super) fn admitted(
    context: &Context,
    key: Option<String>,
    no_key: &str,
) -> Result<String, Response> {
    let Some(key) = key.filter(|key| !key.trim().is_empty()) else {
        return Err(Response::text(401, no_key));
    };
    match context.check(Some(&key), Right::Write) {
        Err(Denied::Forbidden) => Err(Response::text(403, "write key may not write")),
        Err(_) => Err(Response::text(401, INVALID_KEY)),
        Ok(()) => Ok(key),
    }
}

fn accept<'a>(
    context: &mut Context,
    request: &'a Request<'a>,
    key: Option<String>,
    no_key: &str,
    kind: &'a str,
) -> Plan<'a> {
    let key = match admitted(context, key, no_key) {
        Ok(key) => key,
        Err(refusal) => return refusal.into(),
    };
    if let Some(quota) = context.count(Some(&key)).filter(Quota::is_exceeded) {
        // The gateway has no Retry-After; its Node client waits as long as it says.
        return quota.retry_after(Response::text(429, "max requests limit reached")).into();
    }
    match events(context, request, &key, kind) {
        Ok(batch) => Plan::Ask(Command::Insert(batch), Then::new("", stored)),
        Err((status, text)) => Response::text(status, text).into(),
    }
}

fn stored(outcome: Outcome, _: &str) -> Response {
    match outcome {
        Outcome::Stored => plain("ok"),
        Outcome::Full => Response::text(503, FULL),
        Outcome::TooLarge => Response::text(413, "request size exceeds max limit"),
        _ => Response::text(503, FAILED),
    }
}

/// Status and text.
pub type Refusal = (u16, &'static str);

/// All events of the request, or none: one bad event fails the batch, as in the gateway.
fn events<'a>(
    context: &mut Context,
    request: &'a Request<'a>,
    key: &str,
    kind: &'a str,
) -> Result<Batch<'a>, Refusal> {
    const TOO_LARGE: Refusal = (413, "request size exceeds max limit");
    let bytes = match request.body {
        Body::Bytes(b"") => return Err((400, "request body is nil")),
        Body::Bytes(bytes) => bytes,
        Body::TooLarge(_) => return Err(TOO_LARGE),
        Body::Broken => return Err((500, "failed to read body from request")),
    };
    let text = std::str::from_utf8(bytes).map_err(|_| (400, "invalid json"))?;
    if !is_json(text) {
        return Err((400, "invalid json"));
    }
    let body = Object::parse(text);
    let many = kind == "batch" || kind == "import";
    let (list, sent_at) = match (&body, many) {
        (Some(body), true) => {
            let batch = body.given("batch").unwrap_or("[]");
            // A single object counts as a batch of one.
            (elements(batch).unwrap_or_else(|| vec![batch]), body.raw("sentAt"))
        }
        (Some(body), false) => (vec![body.text], None),
        (None, true) => (Vec::new(), None),
        (None, false) => return Err((400, NOT_AN_EVENT)),
    };
    if list.is_empty() && kind != "import" {
        return Err((400, "empty batch payload"));
    }
    let mut batch = Batch::default();
    let kind = (!many).then_some(kind);
    let sender = Sender { key, kind, sent_at, remote_ip: request.remote_ip };
    for text in list {
        push_event(context, &mut batch, &sender, Object::parse(text).ok_or((400, NOT_AN_EVENT))?)?;
    }
    if bytes.len() > BODY_BYTES_MAX && kind != Some("audiencelist") {
        return Err(TOO_LARGE);
    }
    Ok(batch)
}

/// What is known of an event from around it.
#[derive(Debug)]
pub struct Sender<'a> {
    /// The write key, which names the stream.
    pub key: &'a str,
    /// The path's type, for single calls.
    pub kind: Option<&'a str>,
    /// JSON text; the batch's, where an event has none.
    pub sent_at: Option<&'a str>,
    /// Address of the client.
    pub remote_ip: Option<&'a str>,
}

/// What the gateway and its processor add: type, messageId, rudderId, receivedAt, request_ip and
/// the corrected timestamp.
pub fn push_event(
    context: &mut Context,
    batch: &mut Batch,
    sender: &Sender,
    object: Object,
) -> Result<(), Refusal> {
    let text = |name: &str| {
        let text = object.plain_text(name).unwrap_or_default();
        text.trim().to_owned()
    };
    let (user, anonymous, kind) = (text("userId"), text("anonymousId"), text("type"));
    if user.is_empty() && anonymous.is_empty() && !matches!(kind.as_str(), "extract" | "record") {
        return Err((400, NO_IDENTITY));
    }
    let received = context.now();
    let mut without = Vec::new();
    let mut added = String::new();
    if let Some(of_path) = sender.kind.filter(|of_path| *of_path != kind) {
        without.push("type");
        json::push_text_member(&mut added, "type", of_path);
    }
    let given_id = object.string("messageId");
    let id = match given_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => context.rng.uuid(),
    };
    if given_id.is_none_or(|given| given != id) {
        without.push("messageId");
        json::push_text_member(&mut added, "messageId", &id);
    }
    without.push("rudderId");
    json::push_text_member(&mut added, "rudderId", &rudder_id(&user, &anonymous));
    if object.raw("receivedAt").is_none() {
        json::push_text_member(&mut added, "receivedAt", &when::text(received));
    }
    if let Some(ip) = sender.remote_ip.filter(|_| object.raw("request_ip").is_none()) {
        json::push_text_member(&mut added, "request_ip", ip);
    }
    if let Some(flagged) = object.given("context").and_then(flagged_bot) {
        without.push("context");
        json::push_member(&mut added, "context", &flagged);
    }
    let time = |name: &str| object.given(name).and_then(when::parse);
    let given = time("timestamp");
    if given.is_none() {
        without.push("timestamp");
        // An event that another server took before has its time of arrival already.
        let arrived = time("receivedAt").unwrap_or(received);
        let sent = time("sentAt").or_else(|| sender.sent_at.and_then(when::parse));
        let original = time("originalTimestamp").unwrap_or(arrived);
        let ahead = sent.unwrap_or(arrived).saturating_sub(original);
        let corrected = arrived.saturating_sub(ahead);
        json::push_text_member(&mut added, "timestamp", &when::text(corrected));
    }
    let text = object.rewritten(&without, &added);
    // What we added can be asked by, too.
    let stored = Object::parse(&text).unwrap_or_default();
    let event = NewEvent {
        stream: Cow::Owned(sender.key.to_owned()),
        id: Cow::Owned(id),
        // A clock that is off must not reorder a sender's events, so they are sorted by arrival
        // unless the sender asked for a time.
        date: given.unwrap_or(received),
        shows_id: stored.raw("$id").is_some(),
        shows_timestamp: stored.raw("$timestamp").is_some(),
        text: Cow::Owned(text.clone()),
    };
    batch.push_owned(event, context.indexed, &stored);
    Ok(())
}

/// The context with `isBot`, when its user agent calls itself one.
fn flagged_bot(context: &str) -> Option<String> {
    let context = Object::parse(context)?;
    let agent = context.string("userAgent")?.to_ascii_lowercase();
    let is_bot = ["bot", "crawler", "spider"].iter().any(|word| agent.contains(word));
    if !is_bot || context.raw("isBot").is_some() {
        return None;
    }
    let mut flagged = String::new();
    push_spliced(&mut flagged, &context.one_line(), ",\"isBot\":true");
    Some(flagged)
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
