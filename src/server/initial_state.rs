//! Initial State's events API, server side: versions, buckets, events. Sources: the Events API
//! blueprint and what ISStreamer 2.0.0 makes of each answer. A 400 is plain text, because official
//! clients take any JSON but one for trouble with the network; `Retry-After` is a whole number,
//! because without it they lose the events.
//!
//! Improved on it: a bad event does not take its neighbours with it, and the answer says which it
//! was and why. A bucket fills the stream of its name, so its events can be followed and asked for.

use super::auth::{Denied, Right};
use super::bucket_event::{self, Given};
use super::http::{Body, Request, Response};
use super::object::{Object, elements, is_json};
use super::plan::{Context, FAILED, Plan, Then};
use super::rate::Quota;
use super::store::{Batch, Bucket, Command, Outcome};
use super::{latest, version_range};
use crate::protocol::json;

/// Largest body, unpacked: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1_048_576;
/// Longest bucket key and bucket name, in characters.
pub const BUCKET_CHARS_MAX: usize = 250;
/// Most refused events an answer names.
pub const NAMED_MAX: usize = 100;

const VERSIONS: [[u64; 3]; 4] = [[0, 0, 1], [0, 0, 2], [0, 0, 3], [0, 0, 4]];
const FULL: &str = "the store is full: nothing was stored";

/// Reads a request below `/api` or `/data/v1`.
pub fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    if let Some(range) = request.accept_version {
        match version_range::matches(range, &VERSIONS) {
            Some(true) => {}
            Some(false) => return bad("Accept-Version: this server speaks 0.0.1 to 0.0.4").into(),
            None => return bad("Accept-Version is not a range of versions").into(),
        }
    }
    match (request.method, request.path.trim_end_matches('/')) {
        ("GET" | "HEAD", "/api/versions") => {
            Response::json(200, r#"["0.0.1","0.0.2","0.0.3","0.0.4"]"#).into()
        }
        ("POST", "/api/buckets") => guarded(context, request, Right::Write, make_bucket),
        ("GET" | "POST", "/api/events") => guarded(context, request, Right::Write, store_events),
        ("GET", "/data/v1/events/latest") => guarded(context, request, Right::Read, latest::plan),
        (_, "/api/versions" | "/api/buckets" | "/api/events" | "/data/v1/events/latest") => {
            message(405, "the method is not allowed for this path").into()
        }
        _ => message(404, "no such path").into(),
    }
}

/// Who calls, and what is left of its calls.
#[derive(Debug)]
pub struct Caller {
    /// A hash of the access key: the key itself is not kept anywhere.
    pub owner: String,
    /// Whether it can have buckets of its own.
    pub may_write: bool,
    quota: Option<Quota>,
}

type Handler = for<'a> fn(&mut Context, &'a Request<'a>, &Caller) -> Result<Plan<'a>, Response>;

/// Lets in who has the right and calls left, and tells each how many are left.
fn guarded<'a>(
    context: &mut Context,
    request: &'a Request<'a>,
    right: Right,
    handler: Handler,
) -> Plan<'a> {
    let key = request.access_key.map(str::to_owned).or_else(|| request.query_value("accessKey"));
    let key = key.or_else(|| request.key()).filter(|key| !key.is_empty());
    let Some(key) = key else { return message(401, "Unauthorized").into() };
    match context.check(Some(&key), right) {
        Err(Denied::Unknown | Denied::Missing) if !request.path.starts_with("/api/buckets") => {
            return message(401, "Unauthorized").into();
        }
        Err(_) => return access_denied().into(),
        Ok(()) => {}
    }
    let quota = match right {
        // Devices that pace themselves by these headers get them from the original always.
        Right::Write => Some(context.count(Some(&key)).unwrap_or_else(|| context.unlimited())),
        _ => None,
    };
    if let Some(quota) = quota.filter(Quota::is_exceeded) {
        let refusal = quota.retry_after(message(429, "Request limit exceeded"));
        return with_quota(refusal, Some(&quota)).into();
    }
    let owner = format!("{:x}", md5::compute(["access key ", &key].concat()));
    let may_write = context.check(Some(&key), Right::Write).is_ok();
    let caller = Caller { owner, may_write, quota };
    match handler(context, request, &caller) {
        Ok(Plan::Answer(response)) => with_quota(response, quota.as_ref()).into(),
        Ok(plan) => plan,
        Err(response) => with_quota(response, quota.as_ref()).into(),
    }
}

fn with_quota(mut response: Response, quota: Option<&Quota>) -> Response {
    if let Some(quota) = quota {
        let Quota { limit, remaining, reset_s, .. } = quota;
        response.headers.push(("x-ratelimit-limit", limit.to_string()));
        response.headers.push(("x-ratelimit-remaining", remaining.to_string()));
        response.headers.push(("x-ratelimit-reset", reset_s.to_string()));
    }
    response
}

/// A 400, which must not be JSON.
pub fn bad(text: &str) -> Response {
    Response::text(400, text)
}

/// Any other refusal.
pub fn message(status: u16, text: &str) -> Response {
    let mut body = String::from("{\"message\":");
    json::push_string(&mut body, text);
    body.push('}');
    Response::json(status, body)
}

fn access_denied() -> Response {
    let content_type = Some("text/plain; charset=utf-8");
    Response { content_type, body: b"\"ACCESS_DENIED_KEY\"".to_vec(), ..Response::empty(403) }
}

/// The bucket key of the header or the query, checked.
pub fn bucket_key(request: &Request) -> Result<String, Response> {
    let given = request.bucket_key.map(str::to_owned).or_else(|| request.query_value("bucketKey"));
    checked_key(given)
}

fn checked_key(key: Option<String>) -> Result<String, Response> {
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Err(bad("\"bucketKey\" is needed: a text of 1 to 250 characters"));
    };
    if key.chars().count() > BUCKET_CHARS_MAX {
        return Err(bad("\"bucketKey\" is longer than 250 characters"));
    }
    // What no header can carry could never be used again.
    if key.contains(|c: char| matches!(c, ':' | '"' | '\'') || c.is_control()) {
        return Err(bad("\"bucketKey\" must not have : \" ' or control characters"));
    }
    Ok(key)
}

/// The body's text; empty when there is none.
fn body<'a>(request: &Request<'a>) -> Result<&'a str, Response> {
    let too_large = |most: usize| {
        message(413, &format!("the body is larger than {} bytes", most.min(BODY_BYTES_MAX)))
    };
    let bytes = match request.body {
        Body::Bytes(bytes) if bytes.len() <= BODY_BYTES_MAX => bytes,
        Body::Bytes(_) => return Err(too_large(BODY_BYTES_MAX)),
        Body::TooLarge(most) => return Err(too_large(most)),
        Body::Broken => return Err(bad("the body could not be unpacked")),
    };
    std::str::from_utf8(bytes).map(str::trim).map_err(|_| bad("the body is not UTF-8"))
}

fn make_bucket<'a>(
    _: &mut Context,
    request: &'a Request<'a>,
    caller: &Caller,
) -> Result<Plan<'a>, Response> {
    let text = body(request)?;
    let (key, name) = if text.is_empty() {
        (bucket_key(request)?, request.query_value("bucketName"))
    } else {
        let Some(object) = Object::parse(text) else {
            return Err(bad(match is_json(text) {
                true => "the body must be a JSON object with a \"bucketKey\"",
                false => "the body is not valid JSON",
            }));
        };
        for name in ["bucketKey", "bucketName"] {
            if object.given(name).is_some_and(|raw| !raw.starts_with('"')) {
                return Err(bad(&["\"", name, "\" must be a text"].concat()));
            }
        }
        let text = |name: &str| object.string(name).map(|text| text.into_owned());
        (checked_key(text("bucketKey"))?, text("bucketName"))
    };
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| key.clone());
    if name.chars().count() > BUCKET_CHARS_MAX {
        return Err(bad("\"bucketName\" is longer than 250 characters"));
    }
    let mut about = String::from("{\"bucketKey\":");
    json::push_string(&mut about, &key);
    json::push_text_member(&mut about, "bucketName", &name);
    about.push('}');
    let bucket = Bucket { owner: caller.owner.clone(), key, name: Some(name) };
    let then = Then::new(about, |outcome, about| match outcome {
        Outcome::Full => message(507, FULL),
        Outcome::Bucket { created: true, .. } => Response::json(201, about),
        Outcome::Bucket { .. } => Response::empty(204),
        _ => message(503, FAILED),
    });
    Ok(Plan::Ask(Command::Bucket(bucket), then.with_headers(quota_headers(caller))))
}

fn quota_headers(caller: &Caller) -> Vec<(&'static str, String)> {
    with_quota(Response::empty(200), caller.quota.as_ref()).headers
}

/// Each event by itself: what is wrong with one is no matter of the others.
fn store_events<'a>(
    context: &mut Context,
    request: &'a Request<'a>,
    caller: &Caller,
) -> Result<Plan<'a>, Response> {
    let key = bucket_key(request)?;
    let text = if request.method == "GET" { "" } else { body(request)? };
    let mut batch = Batch::default();
    let mut refused = Vec::new();
    let mut count = 0_usize;
    let mut add = |given: Result<Given, String>| {
        match given {
            Ok(given) => bucket_event::push(context, &mut batch, given),
            Err(reason) => refused.push((count, reason)),
        }
        count = count.saturating_add(1);
    };
    if text.is_empty() {
        // Every other parameter is an event.
        let is_event = |name: &String| !matches!(name.as_str(), "accessKey" | "bucketKey");
        for (name, value) in request.query_pairs().filter(|(name, _)| is_event(name)) {
            add(bucket_event::of_query(&name, &value));
        }
        if count == 0 {
            return Err(bad("there is no event: neither a body nor a parameter of the query"));
        }
    } else if let Some(list) = elements(text) {
        list.into_iter().for_each(|event| add(bucket_event::of_json(event)));
    } else if text.starts_with('{') && is_json(text) {
        add(bucket_event::of_json(text));
    } else {
        return Err(bad(match is_json(text) {
            true => "the body must be an event or a list of events",
            false => "the body is not valid JSON",
        }));
    }
    let answer = answer_about(batch.len(), &refused)?;
    if batch.is_empty() {
        return Ok(Response::empty(204).into());
    }
    let name = Some(key.clone());
    let bucket = Bucket { owner: caller.owner.clone(), key, name };
    let then = Then::plan(answer, batch, |outcome, answer, mut batch| match outcome {
        Outcome::Bucket { stream: Some(stream), .. } => {
            batch.move_to(&stream);
            Plan::Ask(Command::Insert(batch), Then::new(answer, stored))
        }
        Outcome::Full => message(507, FULL).into(),
        _ => message(503, FAILED).into(),
    });
    Ok(Plan::Ask(Command::Bucket(bucket), then.with_headers(quota_headers(caller))))
}

/// What the answer says of events that were refused: nothing when there are none. Nothing but bad
/// ones is a refusal of the call.
fn answer_about(accepted: usize, refused: &[(usize, String)]) -> Result<String, Response> {
    let Some((index, reason)) = refused.first() else { return Ok(String::new()) };
    if accepted == 0 {
        let more = match refused.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        return Err(bad(&format!("event {index}: {reason}{more}")));
    }
    let mut body = format!("{{\"accepted\":{accepted},\"rejected\":[");
    for (place, (index, reason)) in refused.iter().take(NAMED_MAX).enumerate() {
        body.push_str(if place > 0 { "," } else { "" });
        body.push_str(&format!("{{\"index\":{index}"));
        json::push_text_member(&mut body, "reason", reason);
        body.push('}');
    }
    body.push_str("]}");
    Ok(body)
}

fn stored(outcome: Outcome, answer: &str) -> Response {
    match outcome {
        Outcome::Stored if answer.is_empty() => Response::empty(204),
        Outcome::Stored => Response::json(207, answer),
        Outcome::Full => message(507, FULL),
        Outcome::TooLarge => message(413, "an event is larger than the store takes"),
        _ => message(503, FAILED),
    }
}
