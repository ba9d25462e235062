//! Stride's collect.

use super::{Body, Host, Request, get, post, request, text, with_key};
use sluicebox::server::auth::Role;

#[test]
fn one_event_many_events_and_several_streams_are_taken() {
    let mut host = Host::new(&[]);
    assert_eq!(host.answers(&post("/v1/collect/s1", r#"{"a": 1}"#)), (200, String::new()));
    assert_eq!(host.answers(&post("/v1/collect/s1", r#"[{"a":1},{"a":2}]"#)), (200, String::new()));
    let several = r#"{"s1":[{"a":3}],"s2":[{"b":2}],"s3":{"c":1}}"#;
    assert_eq!(host.answers(&post("/v1/collect", several)), (200, String::new()));
    assert_eq!(host.answers(&post("/v1/collect/s1", "[]")), (200, String::new()));
    assert_eq!(host.items(r#"{"$stream":"s1"}"#), r#"[{"a":3},{"a":2},{"a":1},{"a": 1}]"#);
    assert_eq!(host.answers(&get("/v1/collect")), (200, r#"["s1","s2","s3"]"#.into()));
    let (status, one) = host.answers(&get("/v1/collect/s1"));
    assert_eq!((status, one.contains("\"count\":4")), (200, true));
}

#[test]
fn a_dropped_stream_is_gone_and_the_others_are_not() {
    let mut host = Host::new(&["a"]);
    host.send(&post("/v1/collect", r#"{"s1":[{"a":1}],"s2":[{"a":1}]}"#));
    // Old clients send a body with a DELETE.
    let drop = Request { body: Body::Bytes(b"null"), ..request("DELETE", "/v1/collect/s1") };
    assert_eq!(host.answers(&drop), (200, String::new()));
    assert_eq!(host.send(&drop).status, 404);
    assert_eq!(host.answers(&get("/v1/collect")), (200, r#"["s2"]"#.into()));
    assert_eq!(host.items(r#"{"a":1}"#), r#"[{"a":1}]"#);
    assert_eq!(host.send(&get("/v1/collect/s1")).status, 404);
}

#[test]
fn a_bad_body_is_a_json_error_and_stores_nothing() {
    let mut host = Host::new(&[]);
    for (path, body) in [
        ("/v1/collect/s", "{not json"),
        ("/v1/collect/s", "[{\"a\":1},2]"),
        ("/v1/collect/s", "[{\"a\":1}"),
        ("/v1/collect/s", "5"),
        ("/v1/collect/s", ""),
        ("/v1/collect", "[]"),
        ("/v1/collect", r#"{"1bad":[{}]}"#),
        ("/v1/collect", r#"{"good":[{}],"bad":[1]}"#),
    ] {
        let response = host.send(&post(path, body));
        assert_eq!(response.status, 400, "{path} {body}");
        assert_eq!(response.content_type, Some("application/json"));
        let text = text(&response);
        assert!(text.starts_with("{\"error\":\"") && text.contains("\"message\":\""), "{text}");
    }
    for (body, status, words) in [
        (Body::Broken, 400, "the body could not be unpacked"),
        (Body::TooLarge(500), 413, "the body is larger than 500 bytes (maxBodyBytes)"),
        (Body::Bytes(b"\xff"), 400, "the body is not UTF-8"),
    ] {
        let post = Request { body, ..request("POST", "/v1/collect/s") };
        let (answered, text) = host.answers(&post);
        assert_eq!(answered, status);
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(host.answers(&get("/v1/collect")), (200, "[]".into()));
}

#[test]
fn wrong_paths_and_methods_are_json_errors() {
    let mut host = Host::new(&[]);
    for (method, path, status) in [
        ("POST", "/v1/collect/1bad", 404),
        ("GET", "/v1/collect/a/b", 404),
        ("GET", "/v1/collect/__proto__/subscribe", 404),
        ("PUT", "/v1/collect/s", 405),
        ("DELETE", "/v1/collect", 405),
        ("GET", "/v1/process", 501),
        ("POST", "/v1/analyze", 501),
    ] {
        let response = host.send(&request(method, path));
        assert_eq!(response.status, status, "{method} {path}");
        assert!(text(&response).starts_with("{\"error\":\""));
    }
}

#[test]
fn a_timestamp_of_any_client_sorts_the_event() {
    let mut host = Host::new(&[]);
    for (index, timestamp) in [
        "\"2016-09-12 09:00:00\"",
        "\"2016-09-12T09:00:01.500000123+00:00\"",
        "\"2016-09-12T11:00:02+02:00\"",
        "1473670803000",
        "1473670804",
        "1473670805.5",
        "\"2016-09-12T09:00:06Z\"",
    ]
    .iter()
    .enumerate()
    .rev()
    {
        let body = format!("{{\"i\":{index},\"$timestamp\":{timestamp}}}");
        assert_eq!(host.send(&post("/v1/collect/s", &body)).status, 200);
    }
    let items = host.items("{}");
    let order: Vec<usize> = (0..7).map(|i| items.find(&format!("\"i\":{i},")).unwrap()).collect();
    assert!(order.is_sorted_by(|a, b| a > b), "{items}");
}

#[test]
fn processes_and_queries_are_refused_as_json_whatever_is_asked() {
    let mut host = Host::guarded(&[("key", Role::Write), ("wk", Role::Admin)]);
    for (method, path) in [
        ("GET", "/v1/process"),
        ("GET", "/v1/process/p"),
        ("GET", "/v1/process/p/stats"),
        ("POST", "/v1/process/p"),
        ("PUT", "/v1/process/p"),
        ("DELETE", "/v1/process/p"),
        ("GET", "/v1/process/p/subscribe"),
        ("GET", "/v1/analyze"),
        ("GET", "/v1/analyze/q"),
        ("GET", "/v1/analyze/q/results?start_date=2016-01-01"),
        ("POST", "/v1/analyze"),
        ("POST", "/v1/analyze/q"),
        ("POST", "/v1/analyze/q/results"),
        ("PUT", "/v1/analyze/q"),
        ("DELETE", "/v1/analyze/q"),
    ] {
        let asked = request(method, path);
        let response = host.send(&with_key("wk", asked.clone()));
        assert_eq!((response.status, response.content_type), (501, Some("application/json")));
        assert!(text(&response).contains("it keeps streams, no processes or queries"), "{path}");
        assert_eq!(host.send(&with_key("key", asked)).status, 403, "an open key only collects");
    }
}

#[test]
fn a_frame_is_one_whole_event_however_large() {
    let mut host = Host::new(&[]);
    let large = format!(r#"{{"$id":"1","$timestamp":1,"x":"{}"}}"#, "x".repeat(100_000));
    let live = host.open(&get("/v1/collect/s/subscribe"));
    assert_eq!(host.answers(&post("/v1/collect/s", &large)), (200, String::new()));
    assert_eq!(host.take(live), format!("{large}\r\n"));
}

#[test]
fn a_sample_must_be_a_number_and_zero_means_all() {
    let mut host = Host::new(&[]);
    for sample in ["-1", "1.5", "many", ""] {
        let target = format!("/v1/collect/s/subscribe?sample={sample}");
        let response = host.send(&get(&target));
        assert_eq!(response.status, 400, "{sample}");
        assert!(text(&response).contains("\\\"sample\\\" must be a whole number"));
    }
    let all = host.open(&get("/v1/collect/s/subscribe?sample=0"));
    let some = host.open(&get("/v1/collect/s/subscribe?sample=100"));
    let events = vec!["{}"; 1000].join(",");
    host.send(&post("/v1/collect/s", &format!("[{events}]")));
    let mut seen = 0;
    while seen < 1000 {
        let frames = host.take(all);
        assert!(!frames.is_empty(), "{seen} of 1000");
        seen += frames.lines().count();
    }
    assert_eq!(seen, 1000);
    assert_eq!(host.take(some).lines().count(), 100, "the first of each second");
    host.now += 1000;
    host.send(&post("/v1/collect/s", &format!("[{events}]")));
    assert_eq!(host.take(some).lines().count(), 100);
}
