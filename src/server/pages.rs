//! What RudderStack's gateway and control plane are asked besides taking events.

use super::http::{Request, Response};
use super::plan::{Context, Plan, Then};
use super::rudderstack::{NO_KEY_IN_HEADER, admitted};
use super::store::{Command, Outcome};
use crate::protocol::json;

/// Whether the server and its store are up, as the gateway says it.
pub fn health() -> Plan<'static> {
    let then = Then::new("", |outcome, _| {
        let (status, db, accepts) = match outcome {
            Outcome::At { .. } => (200, "UP", "TRUE"),
            _ => (503, "DOWN", "FALSE"),
        };
        let body = format!(
            r#"{{"appType":"EMBEDDED","server":"UP","db":"{db}","acceptingEvents":"{accepts}","routingEvents":"TRUE","mode":"NORMAL"}}"#
        );
        Response::json(status, body)
    });
    Plan::Ask(Command::Locate { after: None, stream: None }, then)
}

/// Which server this is.
pub fn version() -> Response {
    let body = concat!("{\"Version\":\"sluicebox ", env!("CARGO_PKG_VERSION"), "\"}");
    Response::json(200, body)
}

/// A page for people.
pub fn docs() -> Response {
    let content_type = Some("text/html; charset=utf-8");
    Response { content_type, body: DOCS.as_bytes().to_vec(), ..Response::empty(200) }
}

const DOCS: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>sluicebox</title>\
    <h1>sluicebox</h1><p>This server takes events at <code>POST /v1/batch</code>, as RudderStack's \
    HTTP API describes it, with a write key as the user of Basic authentication.</p></html>\n";

/// What the browser SDK fetches before it sends, as the control plane answers it: a source whose
/// events go nowhere but here.
pub fn source_config<'a>(context: &Context, request: &Request) -> Plan<'a> {
    let key = match admitted(context, request.key(), NO_KEY_IN_HEADER) {
        Ok(key) => key,
        Err(refusal) => return refusal.into(),
    };
    let mut body = String::from("{\"source\":{\"id\":\"sluicebox\"");
    json::push_text_member(&mut body, "writeKey", &key);
    body.push_str(",\"name\":\"sluicebox\",\"workspaceId\":\"sluicebox\",\"enabled\":true,");
    body.push_str("\"config\":{},\"connections\":[],\"destinations\":[]}}");
    Response::json(200, body).into()
}
