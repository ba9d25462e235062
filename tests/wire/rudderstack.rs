//! RudderStack's gateway: the dossier's vectors, byte by byte.

use crate::support::{Ask, Host, basic, is, parts};
use serde_json::Value;
use sluicebox::server::auth::Role;
use sluicebox::server::http::Body;

fn host() -> Host {
    Host::with(&["type", "event"], &[("wk", Role::Write), ("root", Role::Admin)], usize::MAX)
}

/// All that is stored, newest first.
fn stored(host: &mut Host) -> Vec<Value> {
    let body = r#"{"method":"items","args":[0,100]}"#;
    let (_, body) = host.post_as("root", "/", body);
    let body: Value = serde_json::from_str(&body).unwrap();
    body["result"].as_array().unwrap().clone()
}

fn sent(host: &mut Host, method: &str, target: &str, body: &str) -> (u16, String) {
    let body = Some(Body::Bytes(body.as_bytes()));
    parts(host.ask(method, target, Ask { body, ..Ask::default() }))
}

#[test]
fn a_call_is_completed_as_the_gateway_does() {
    let mut host = host();
    let answer = host.post_as("wk", "/v1/track", r#"{"userId":"u1","event":"E", "z":[1]}"#);
    assert_eq!(answer, is(200, "ok"));
    let event = &stored(&mut host)[0];
    assert_eq!(event["type"], "track");
    assert_eq!(event["rudderId"], "5eff0fc3-0944-48fa-9c04-38f62e3890ca");
    assert_eq!(event["messageId"].as_str().unwrap().len(), 36);
    assert_eq!(event["receivedAt"], "2026-11-21T12:00:06.000Z");
    assert_eq!(event["timestamp"], "2026-11-21T12:00:06.000Z");
    assert_eq!(event["request_ip"], "203.0.113.9");
}

#[test]
fn the_senders_members_stay_as_they_are() {
    let mut host = host();
    let body =
        "{\"userId\" : \"u\\u0031\", \"z\": 1.0, \"messageId\":\"m\",\n \"a\":{\"q\": [1 ]}}";
    host.post_as("wk", "/v1/track", body);
    let live = Ask { last_event_id: Some("unknown"), ..Ask::default() };
    let authorization = basic("root");
    let live = Ask { authorization: Some(&authorization), ..live };
    let live = host.follow("/subscribe", live);
    let frame = host.take(live);
    let start = "{\"userId\" : \"u\\u0031\", \"z\": 1.0, \"messageId\":\"m\",  \"a\":{\"q\": [1 ]},\"type\":\"track\"";
    assert!(frame.starts_with(start), "{frame}");
}

#[test]
fn an_event_without_identity_is_refused() {
    let mut host = host();
    let refusal = is(400, "request neither has anonymousId nor userId\n");
    for body in [
        r#"{"event":"E"}"#,
        r#"{"event":"E","userId":"  ","anonymousId":""}"#,
        r#"{"event":"E","userId":null}"#,
        r#"{"event":"E","userId":{}}"#,
    ] {
        assert_eq!(host.post_as("wk", "/v1/track", body), refusal, "{body}");
    }
    assert_eq!(host.post_as("wk", "/v1/track", r#"{"userId":7,"event":"E"}"#), is(200, "ok"));
}

#[test]
fn write_keys_are_checked_in_the_gateways_words() {
    let mut host = host();
    let event = r#"{"userId":"u","event":"E"}"#;
    let missing = is(401, "failed to read writekey from header\n");
    assert_eq!(host.post("/v1/track", event), missing);
    assert_eq!(host.post_as("", "/v1/track", event), missing);
    assert_eq!(host.post_as("xx", "/v1/track", event), is(401, "invalid write key\n"));
    assert_eq!(host.post_as("wk", "/v1/nothing", event), is(404, "404 page not found\n"));
    let authorization = basic("wk");
    let ask = Ask { authorization: Some(&authorization), ..Ask::default() };
    assert_eq!(parts(host.ask("GET", "/v1/track", ask)), is(405, ""));
    // Without any API keys, any write key will do, but there must be one.
    let mut open = Host::new(&[]);
    assert_eq!(open.post("/v1/track", event), missing);
    assert_eq!(open.post_as("anything", "/v1/track", event), is(200, "ok"));
}

#[test]
fn bodies_that_are_no_events_are_refused_in_its_words() {
    let mut host = host();
    for (path, body, status, text) in [
        ("/v1/track", "", 400, "request body is nil\n"),
        ("/v1/track", "{", 400, "invalid json\n"),
        ("/v1/track", "{\"userId\":\"u\"}}", 400, "invalid json\n"),
        ("/v1/track", "[]", 400, "event is not a valid rudder event\n"),
        ("/v1/batch", "{}", 400, "empty batch payload\n"),
        ("/v1/batch", "{\"batch\":[]}", 400, "empty batch payload\n"),
        ("/v1/batch", "{\"batch\":null}", 400, "empty batch payload\n"),
        ("/v1/import", "{\"batch\":[]}", 200, "ok"),
        ("/v1/batch", "{\"batch\":[\"x\"]}", 400, "event is not a valid rudder event\n"),
        ("/v1/batch", "{\"batch\":{\"userId\":\"u\",\"type\":\"track\"}}", 200, "ok"),
    ] {
        assert_eq!(host.post_as("wk", path, body), is(status, text), "{path} {body}");
    }
    assert_eq!(stored(&mut host).len(), 1);
}

#[test]
fn one_bad_event_fails_the_batch() {
    let mut host = host();
    let body = r#"{"batch":[{"userId":"u","type":"track"},{"type":"track"}]}"#;
    for path in ["/v1/batch", "/v1/import"] {
        let answer = host.post_as("wk", path, body);
        assert_eq!(answer, is(400, "request neither has anonymousId nor userId\n"));
    }
    assert_eq!(stored(&mut host), Vec::<Value>::new());
}

#[test]
fn a_body_that_did_not_arrive_or_is_too_large_is_refused() {
    let mut host = host();
    let authorization = basic("wk");
    let event = |length: usize| {
        let start = r#"{"userId":"u","event":""#;
        format!("{start}{}\"}}", "x".repeat(length - start.len() - 2))
    };
    let (above, below) = (event(4_096_001), event(3_900_000));
    let mut with = |body| {
        let ask = Ask { authorization: Some(&authorization), body: Some(body), ..Ask::default() };
        parts(host.ask("POST", "/v1/track", ask))
    };
    let too_large = is(413, "request size exceeds max limit\n");
    assert_eq!(with(Body::Broken), is(500, "failed to read body from request\n"));
    assert_eq!(with(Body::TooLarge), too_large);
    assert_eq!(with(Body::Bytes(above.as_bytes())), too_large);
    assert_eq!(with(Body::Bytes(below.as_bytes())), is(200, "ok"));
}

#[test]
fn the_path_tells_the_type_and_it_can_be_asked_by() {
    let mut host = host();
    for kind in ["identify", "track", "page", "screen", "group", "alias", "merge"] {
        let path = format!("/v1/{kind}");
        assert_eq!(host.post_as("wk", &path, r#"{"userId":"u","type":"x"}"#), is(200, "ok"));
    }
    let types: Vec<Value> = stored(&mut host).into_iter().map(|e| e["type"].clone()).collect();
    assert_eq!(types, ["merge", "alias", "group", "screen", "page", "track", "identify"]);
    let call = r#"{"method":"items","kwargs":{"type":"page","$stream":"wk"}}"#;
    let (_, body) = host.post_as("root", "/", call);
    assert_eq!(body.matches("\"type\":\"page\"").count(), 1);
    assert_eq!(body.matches("rudderId").count(), 1);
}

#[test]
fn a_clock_that_is_off_is_corrected_by_the_gateways_formula() {
    let mut host = host();
    host.post_as(
        "wk",
        "/v1/batch",
        r#"{"sentAt":"2026-11-21T10:00:05.000Z","batch":[
            {"userId":"u","originalTimestamp":"2026-11-21T10:00:00.000Z","sentAt":"2026-11-21T10:00:05.000Z"},
            {"userId":"u","timestamp":"2026-11-21T11:11:11.123456+00:00"},
            {"userId":"u","originalTimestamp":"2026-11-21T10:00:00.000Z"},
            {"userId":"u","originalTimestamp":"never"}]}"#,
    );
    let mut times: Vec<Value> =
        stored(&mut host).into_iter().map(|e| e["timestamp"].clone()).collect();
    times.sort_by_key(|time| time.as_str().unwrap().to_owned());
    assert_eq!(
        times,
        [
            "2026-11-21T11:11:11.123456+00:00",
            "2026-11-21T12:00:01.000Z",
            "2026-11-21T12:00:01.000Z",
            "2026-11-21T14:00:07.000Z",
        ]
    );
}

#[test]
fn message_ids_are_kept_trimmed_or_made_and_count_once() {
    let mut host = host();
    for body in [
        r#"{"userId":"u","messageId":"m1","n":1}"#,
        r#"{"userId":"u","messageId":" m1 ","n":2}"#,
        r#"{"userId":"u","messageId":"  ","n":3}"#,
        r#"{"userId":"u","messageId":7,"n":4}"#,
    ] {
        assert_eq!(host.post_as("wk", "/v1/track", body), is(200, "ok"));
    }
    // Another write key is another sender.
    host.post_as("root", "/v1/track", r#"{"userId":"u","messageId":"m1","n":5}"#);
    let events = stored(&mut host);
    let numbers: Vec<u64> = events.iter().map(|e| e["n"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [5, 4, 3, 1]);
    assert_eq!(events[1]["messageId"].as_str().unwrap().len(), 36);
    assert_eq!(events[3]["messageId"], "m1");
}

#[test]
fn a_beacon_has_its_key_in_the_query() {
    let mut host = host();
    let body = r#"{"batch":[{"userId":"u","type":"track"}],"sentAt":"2026-11-21T10:00:05.000Z"}"#;
    assert_eq!(host.post("/beacon/v1/batch?writeKey=wk", body), is(200, "ok"));
    let missing = is(401, "failed to read writekey from query params\n");
    assert_eq!(host.post("/beacon/v1/batch", body), missing);
    assert_eq!(host.post("/beacon/v1/batch?writeKey=", body), missing);
    assert_eq!(host.post("/beacon/v1/batch?writeKey=no", body), is(401, "invalid write key\n"));
    assert_eq!(sent(&mut host, "GET", "/beacon/v1/batch", ""), is(405, ""));
    assert_eq!(stored(&mut host).len(), 1);
}

#[test]
fn a_pixel_is_answered_whatever_it_says() {
    let mut host = host();
    let target =
        "/pixel/v1/page?writeKey=wk&anonymousId=%22a%22&name=&context.page.url=http%3A%2F%2Fx%2F";
    for (target, count) in [
        (target, 1),
        ("/pixel/v1/page?anonymousId=a", 1),
        ("/pixel/v1/page?writeKey=no&anonymousId=a", 1),
        ("/pixel/v1/track?writeKey=wk&anonymousId=a", 1),
        ("/pixel/v1/track?writeKey=wk&event=E", 1),
        ("/pixel/v1/track?writeKey=wk&anonymousId=a&event=E", 2),
        ("/pixel/v1/page?writeKey=wk&userId=u&a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", 3),
    ] {
        let response = host.ask("GET", target, Ask::default());
        assert_eq!(response.status, 200);
        assert_eq!(response.content_type, Some("image/gif"));
        assert_eq!((response.body.len(), &response.body[..6]), (43, b"GIF89a".as_slice()));
        assert_eq!(stored(&mut host).len(), count, "{target}");
    }
    let first = stored(&mut host).pop().unwrap();
    assert_eq!(first["name"], "Unknown Page");
    assert_eq!(first["anonymousId"], "a");
    assert_eq!(first["context"]["page"]["url"], "http://x/");
    assert_eq!((&first["type"], &first["channel"]), (&"page".into(), &"web".into()));
    assert_eq!(first["integrations"], serde_json::json!({ "All": true }));
}

#[test]
fn health_and_version_need_no_key() {
    let mut host = host();
    for path in ["/health", "/"] {
        let (status, body) = host.get(path);
        assert_eq!(status, 200);
        assert!(body.starts_with(r#"{"appType":"EMBEDDED","server":"UP","db":"UP","#));
    }
    assert_eq!(host.get("/version").0, 200);
    assert_eq!(host.get("/healthz"), is(200, "ok\n"));
    assert_eq!(host.get("/robots.txt"), is(200, "User-agent: * \nDisallow: / \n"));
}
