//! What each kind of key may do.

use super::{Host, Reply, Step, get, post, request, with_key};
use sluicebox::server::auth::Role;

fn status(role: Role, key: &str, method: &str, target: &str) -> u16 {
    let mut host = Host::guarded(&[("key", role)]);
    let body = if target == "/" { r#"{"method":"items"}"# } else { "{}" };
    let request = super::Request { body: post("/", body).body, ..request(method, target) };
    let request = if key.is_empty() { request } else { with_key(key, request) };
    match host.server.handle(super::NOON, &request) {
        Step::Done(Reply::Whole(response)) => response.status,
        Step::Done(Reply::Live(response, _)) => response.status,
        step => panic!("{step:?}"),
    }
}

#[test]
fn an_open_key_only_collects_and_a_secret_key_does_everything() {
    for (role, expected) in [
        (Role::Write, [200, 403, 403, 403, 403, 403]),
        (Role::Read, [403, 200, 200, 403, 200, 200]),
        (Role::Admin, [200, 200, 200, 404, 200, 200]),
    ] {
        let found = [
            status(role, "key", "POST", "/v1/collect/s"),
            status(role, "key", "GET", "/v1/collect"),
            status(role, "key", "GET", "/v1/collect/s/subscribe"),
            status(role, "key", "DELETE", "/v1/collect/s"),
            status(role, "key", "POST", "/"),
            status(role, "key", "GET", "/subscribe"),
        ];
        assert_eq!(found, expected, "{role:?}");
    }
}

#[test]
fn a_method_that_is_not_allowed_is_answered_with_those_that_are() {
    for (method, path, allowed) in [
        ("PUT", "/v1/collect", "GET, HEAD, POST"),
        ("PATCH", "/v1/collect/s", "GET, HEAD, POST, DELETE"),
        ("POST", "/v1/collect/s/subscribe", "GET"),
        ("GET", "/v1/track", "POST"),
        ("PUT", "/beacon/v1/batch", "POST"),
        ("POST", "/pixel/v1/page", "GET"),
        ("PUT", "/v1/webhook", "GET, POST"),
        ("DELETE", "/sourceConfig/", "GET, HEAD"),
        ("PUT", "/api/events", "GET, POST"),
        ("GET", "/api/buckets", "POST"),
        ("POST", "/api/versions", "GET, HEAD"),
        ("POST", "/data/v1/events/latest", "GET"),
        ("POST", "/metrics", "GET, HEAD"),
        ("POST", "/subscribe", "GET"),
        ("PUT", "/", "GET, HEAD, POST"),
        ("DELETE", "/any/path", "POST"),
    ] {
        let response = Host::new(&[]).send(&request(method, path));
        assert_eq!(response.status, 405, "{method} {path}");
        let found = response.headers.iter().find(|(name, _)| *name == "allow");
        assert_eq!(found.map(|(_, value)| value.as_str()), Some(allowed), "{method} {path}");
    }
}

#[test]
fn no_key_and_a_wrong_key_are_unauthorized() {
    for target in ["/v1/collect", "/subscribe"] {
        assert_eq!(status(Role::Admin, "", "GET", target), 401, "{target}");
        assert_eq!(status(Role::Admin, "xx", "GET", target), 401, "{target}");
    }
}

#[test]
fn an_event_source_names_its_key_in_the_query_and_nobody_else_may() {
    let mut host = Host::guarded(&[("key", Role::Read)]);
    let plain = get("/v1/collect/s/subscribe?key=key");
    assert_eq!(host.send(&plain).status, 401);
    let sse = super::Request { accept: Some("text/event-stream"), ..plain };
    host.open(&sse);
}

#[test]
fn a_bearer_token_is_a_key_too() {
    let mut host = Host::guarded(&[("key", Role::Read)]);
    let request = super::Request { authorization: Some("Bearer key"), ..get("/v1/collect") };
    assert_eq!(host.send(&request).status, 200);
    for broken in ["Basic", "Basic !!!", "Digest key", "Basic /w==", ""] {
        let request = super::Request { authorization: Some(broken), ..get("/v1/collect") };
        assert_eq!(host.send(&request).status, 401, "{broken}");
    }
}
