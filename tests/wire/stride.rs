//! Stride: collect, list, one, drop; statuses and bodies.

use crate::support::{Ask, Host, basic, is, parts};
use sluicebox::server::auth::Role;
use sluicebox::server::http::Body;

fn error(status: u16, text: &str) -> (u16, String) {
    let text = serde_json::to_string(text).unwrap();
    (status, format!(r#"{{"error":{text},"message":{text}}}"#))
}

#[test]
fn one_event_and_many_are_taken_in_order() {
    let mut host = Host::new(&[]);
    assert_eq!(host.post("/v1/collect/s1", r#"{"a": 1}"#), is(200, ""));
    assert_eq!(host.post("/v1/collect/s1", r#"[{"a":2},{"a":3}]"#), is(200, ""));
    assert_eq!(host.post("/v1/collect/s1", " [ ] "), is(200, ""));
    assert_eq!(host.items("[]", "{}"), r#"[{"a":3},{"a":2},{"a":1}]"#);
}

#[test]
fn several_streams_come_in_one_body() {
    let mut host = Host::new(&[]);
    let body = r#"{"s1":[{"a":1}],"s2":[{"b":2}], "s3": {"c":3}}"#;
    assert_eq!(host.post("/v1/collect", body), is(200, ""));
    assert_eq!(host.get("/v1/collect"), is(200, r#"["s1","s2","s3"]"#));
    assert_eq!(host.items("[]", r#"{"$stream":"s2"}"#), r#"[{"b":2}]"#);
}

#[test]
fn one_bad_event_keeps_all_out_and_is_named() {
    let mut host = Host::new(&[]);
    assert_eq!(
        host.post("/v1/collect/s", r#"[{"a":1},{"a":2},7]"#),
        error(400, "event 2 is not a JSON object")
    );
    let form = "the body must be a JSON object or an array of them";
    for body in ["7", "\"x\"", "null"] {
        assert_eq!(host.post("/v1/collect/s", body), error(400, form));
    }
    for body in ["", "{not json", "[{\"a\":1}", "[{\"a\":1},]", "{\"a\":1} x", "{\"a\":01}"] {
        assert_eq!(host.post("/v1/collect/s", body), error(400, "the body is not valid JSON"));
    }
    let names = "is no stream name: a letter, then letters, digits or _";
    assert_eq!(
        host.post("/v1/collect", r#"{"ok":[{}],"1bad":[{}]}"#),
        error(400, &format!("\"1bad\" {names}"))
    );
    assert_eq!(
        host.post("/v1/collect", r#"{"__proto__":[{}]}"#),
        error(400, &format!("\"__proto__\" {names}"))
    );
    assert_eq!(host.get("/v1/collect"), is(200, "[]"));
}

#[test]
fn bodies_that_did_not_arrive_are_refused() {
    let mut host = Host::new(&[]);
    let mut with = |body| {
        let ask = Ask { body: Some(body), ..Ask::default() };
        parts(host.ask("POST", "/v1/collect/s", ask))
    };
    assert_eq!(with(Body::TooLarge), error(413, "the body is larger than maxBodyBytes"));
    assert_eq!(with(Body::Broken), error(400, "the body could not be unpacked"));
    assert_eq!(with(Body::Bytes(b"\xff\xfe{}")), error(400, "the body is not UTF-8"));
}

#[test]
fn a_stream_is_described_and_dropped() {
    let mut host = Host::new(&["k"]);
    host.post("/v1/collect/s", r#"{"k":1,"$timestamp":"2020-01-02T03:04:05Z"}"#);
    host.post("/v1/collect/s", r#"{"k":2}"#);
    assert_eq!(
        host.get("/v1/collect/s"),
        is(
            200,
            r#"{"name":"s","count":2,"first":"2020-01-02T03:04:05.000Z","last":"2026-11-21T12:00:06.000Z"}"#
        )
    );
    let drop = |host: &mut Host| {
        let ask = Ask { body: Some(Body::Bytes(b"null")), ..Ask::default() };
        parts(host.ask("DELETE", "/v1/collect/s", ask))
    };
    assert_eq!(drop(&mut host), is(200, ""));
    assert_eq!(drop(&mut host), error(404, "no stream of that name"));
    assert_eq!(host.get("/v1/collect/s"), error(404, "no stream of that name"));
    assert_eq!(host.get("/v1/collect"), is(200, "[]"));
    assert_eq!(host.items("[]", r#"{"k":1}"#), "[]");
    host.post("/v1/collect/s", r#"{"k":3}"#);
    assert_eq!(host.items("[]", "{}"), r#"[{"k":3}]"#);
}

#[test]
fn an_event_with_the_same_id_is_stored_once_within_the_window() {
    let mut host = Host::new(&[]);
    for body in [r#"{"$id":"x","n":1}"#, r#"[{"$id":"x","n":2},{"$id":7},{"$id":"7"}]"#] {
        assert_eq!(host.post("/v1/collect/s", body), is(200, ""));
    }
    host.post("/v1/collect/other", r#"{"$id":"x","n":3}"#);
    let all = r#"[{"$id":"x","n":3},{"$id":7},{"$id":"x","n":1}]"#;
    assert_eq!(host.items("[]", "{}"), all);
    host.now += 3_600_001;
    host.post("/v1/collect/s", r#"{"$id":"x","n":4}"#);
    assert_eq!(host.items("[0,1]", "{}"), r#"[{"$id":"x","n":4}]"#);
}

#[test]
fn timestamps_are_read_in_every_form_and_sort() {
    let mut host = Host::new(&[]);
    let forms = [
        r#""2020-01-01 00:00:00""#,
        r#""2020-01-01T00:00:01Z""#,
        r#""2020-01-01T02:00:02.5+02:00""#,
        "1577836803",
        "1577836804000",
        "1577836805.25",
        r#""2020-01-01T00:00:06.123456789Z""#,
    ];
    for (number, form) in forms.iter().enumerate().rev() {
        let body = format!(r#"{{"n":{number},"$timestamp":{form}}}"#);
        assert_eq!(host.post("/v1/collect/s", &body), is(200, ""));
    }
    let page: Vec<serde_json::Value> = serde_json::from_str(&host.items("[]", "{}")).unwrap();
    let order: Vec<u64> = page.iter().map(|event| event["n"].as_u64().unwrap()).collect();
    assert_eq!(order, [6, 5, 4, 3, 2, 1, 0]);
}

#[test]
fn keys_may_do_what_their_role_says() {
    let roles = [("open", Role::Write), ("look", Role::Read), ("root", Role::Admin)];
    let mut host = Host::with(&[], &roles, usize::MAX);
    let mut status = |key: &str, method: &str, path: &str| {
        let authorization = basic(key);
        let ask = Ask {
            authorization: (!key.is_empty()).then_some(authorization.as_str()),
            body: Some(Body::Bytes(b"{}")),
            ..Ask::default()
        };
        host.ask(method, path, ask).status
    };
    for (method, path, statuses) in [
        ("POST", "/v1/collect/s", [401, 401, 200, 403, 200]),
        ("POST", "/v1/collect", [401, 401, 200, 403, 200]),
        ("GET", "/v1/collect", [401, 401, 403, 200, 200]),
        ("GET", "/v1/collect/s", [401, 401, 403, 200, 200]),
        ("DELETE", "/v1/collect/s", [401, 401, 403, 403, 200]),
        ("GET", "/v1/collect?key=root", [401, 401, 403, 200, 200]),
    ] {
        for (key, wanted) in ["", "no", "open", "look", "root"].into_iter().zip(statuses) {
            assert_eq!(status(key, method, path), wanted, "{key} {method} {path}");
        }
    }
}

#[test]
fn what_is_not_there_is_said_in_json() {
    let mut host = Host::new(&[]);
    let nothing = error(404, "no such path: stream names are a letter, then letters, digits or _");
    for name in ["1bad", "a-b", "a%20b", "..", "a/b/c", "\u{e9}"] {
        assert_eq!(host.post(&format!("/v1/collect/{name}"), "{}"), nothing, "{name}");
    }
    let unsupported =
        error(501, "not supported by this server: it keeps streams, no processes or queries");
    assert_eq!(host.get("/v1/process"), unsupported);
    assert_eq!(host.post("/v1/analyze/q/results", ""), unsupported);
    let not_allowed = error(405, "the method is not allowed for this path");
    for (method, path) in
        [("PUT", "/v1/collect/s"), ("DELETE", "/v1/collect"), ("POST", "/v1/collect/s/subscribe")]
    {
        assert_eq!(parts(host.ask(method, path, Ask::default())), not_allowed, "{method} {path}");
    }
}

#[test]
fn a_full_store_says_so_and_forgets_nothing() {
    let mut host = Host::with(&["k"], &[], 2000);
    let mut statuses = Vec::new();
    for number in 0..20 {
        statuses.push(host.post("/v1/collect/s", &format!(r#"{{"k":{number}}}"#)).0);
    }
    let stored = statuses.iter().filter(|status| **status == 200).count();
    assert!((5..15).contains(&stored), "{statuses:?}");
    assert_eq!(statuses[stored], 507);
    assert_eq!(host.items("[-1,null]", "{}"), r#"[{"k":0}]"#);
    let (_, body) = host.rpc("insert", "[{}]", "{}");
    assert_eq!(body["error"], "MemoryError: the store is full: nothing was stored");
    let answer = host.post_as("wk", "/v1/track", r#"{"userId":"u","event":"E"}"#);
    assert_eq!(answer, is(503, "Service Unavailable\n"));
    assert_eq!(host.ask("DELETE", "/v1/collect/s", Ask::default()).status, 200);
    assert_eq!(host.post("/v1/collect/s", "{}").0, 200);
}
