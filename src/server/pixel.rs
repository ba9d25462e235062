//! RudderStack's pixels: the whole event stands in the query of an image.

use super::auth::Right;
use super::http::{Request, Response};
use super::object::Object;
use super::plan::{Context, Plan, Then};
use super::rudderstack::{Sender, push_event};
use super::store::{Batch, Command};
use super::when;
use serde_json::{Map, Value};

/// The 43 bytes of a transparent GIF89a.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// The answer is a picture whatever happens.
pub fn plan<'a>(context: &mut Context, request: &Request, kind: &str) -> Plan<'a> {
    let mut batch = Batch::default();
    let key = request.query_value("writeKey").filter(|key| !key.trim().is_empty());
    let key = key.filter(|key| context.check(Some(key), Right::Write).is_ok());
    let key = key.filter(|key| !context.count(Some(key)).is_some_and(|it| it.is_exceeded()));
    let is_complete =
        kind != "track" || request.query_value("event").is_some_and(|e| !e.is_empty());
    if let Some(key) = key.filter(|_| is_complete) {
        let text = event(context, request, kind);
        let sender =
            Sender { key: &key, kind: Some(kind), sent_at: None, remote_ip: request.remote_ip };
        // An event that is refused is dropped.
        let _ = Object::parse(&text).map(|object| push_event(context, &mut batch, &sender, object));
    }
    Plan::Ask(Command::Insert(batch), Then::new("", |_, _| image()))
}

fn image() -> Response {
    let headers = vec![("cache-control", String::from("no-store"))];
    Response { status: 200, content_type: Some("image/gif"), headers, body: PIXEL.to_vec() }
}

fn event(context: &Context, request: &Request, kind: &str) -> String {
    let now = when::text(context.now());
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
