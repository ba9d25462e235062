//! Which protocol a request speaks: its path tells.

use super::http::Request;
use super::operation::Protocol;
use super::plan::{Context, Plan};
use super::{awesomestream, initial_state, operation, pages, rudderstack, stride};

/// Which protocol a path belongs to.
pub fn protocol(path: &str) -> Protocol {
    let mut parts = path.trim_end_matches('/').split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("v1"), Some("collect" | "process" | "analyze")) => Protocol::Stride,
        (Some("v1" | "beacon" | "pixel"), _) => Protocol::RudderStack,
        (Some("health" | "version" | "docs" | "robots.txt" | "sourceConfig"), None) => {
            Protocol::RudderStack
        }
        (Some("healthz" | "metrics"), None) => Protocol::Other,
        (Some("api"), Some("versions" | "buckets" | "events")) | (Some("data"), Some("v1")) => {
            Protocol::InitialState
        }
        _ => Protocol::AwesomeStream,
    }
}

/// What its protocol makes of a request.
pub fn plan<'a>(context: &mut Context, request: &'a Request<'a>) -> Plan<'a> {
    let is = |path| request.path.trim_end_matches('/') == path;
    match protocol(request.path) {
        Protocol::Stride => stride::plan(context, request),
        Protocol::RudderStack => rudderstack::plan(context, request),
        Protocol::InitialState => initial_state::plan(context, request),
        Protocol::Other if is("/metrics") => operation::metrics(context, request).into(),
        Protocol::Other => operation::health(),
        Protocol::AwesomeStream if is("/subscribe") => awesomestream::subscribe(context, request),
        // The gateway's other name for /health.
        Protocol::AwesomeStream if is("") && matches!(request.method, "GET" | "HEAD") => {
            pages::health()
        }
        Protocol::AwesomeStream => awesomestream::plan(context, request),
    }
}
