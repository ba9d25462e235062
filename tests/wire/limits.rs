//! What happens at the limits, and what must stay exactly as it was sent.

use super::{Host, get, post, request, text, with_key};

#[test]
fn a_full_store_says_so_in_every_protocol_and_forgets_nothing() {
    let mut host = Host::small(2000);
    let mut statuses = Vec::new();
    for number in 0..20 {
        let body = format!("{{\"k\":{number}}}");
        statuses.push(host.send(&post("/v1/collect/s", &body)).status);
    }
    let stored = statuses.iter().filter(|status| **status == 200).count();
    assert!((5..15).contains(&stored), "{statuses:?}");
    assert_eq!(statuses[stored], 507);
    assert_eq!(host.items(r#"{"start":-1,"end":null}"#), r#"[{"k":0}]"#);
    let (status, body) = host.answers(&post("/", r#"{"method":"insert","args":[{}]}"#));
    assert_eq!(status, 200);
    assert!(body.contains("MemoryError: the store is full: nothing was stored"));
    let call = with_key("wk", post("/v1/track", r#"{"userId":"u"}"#));
    assert_eq!(host.answers(&call), (503, "Service Unavailable\n".into()));
    assert_eq!(host.send(&request("DELETE", "/v1/collect/s")).status, 200);
    assert_eq!(host.send(&post("/v1/collect/s", "{}")).status, 200);
}

#[test]
fn a_reader_is_given_whole_frames_in_pieces() {
    let mut host = Host::new(&[]);
    let live = host.open(&get("/v1/collect/s/subscribe"));
    let filler = "x".repeat(1000);
    let events: Vec<String> =
        (0..500).map(|n| format!("{{\"n\":{n},\"filler\":\"{filler}\"}}")).collect();
    host.send(&post("/v1/collect/s", &format!("[{}]", events.join(","))));
    let mut seen = 0;
    loop {
        let frames = host.take(live);
        if frames.is_empty() {
            break;
        }
        assert!(frames.len() < 50 * 1024 + 1200 && frames.ends_with("\r\n"));
        for frame in frames.lines() {
            assert!(frame.starts_with(&format!("{{\"n\":{seen},")));
            seen += 1;
        }
    }
    assert_eq!(seen, 500);
}

#[test]
fn a_filter_that_matches_little_looks_at_a_part_at_a_time() {
    let mut host = Host::new(&["k"]);
    let events = vec!["{\"k\":1}"; 50_000].join(",");
    host.send(&post("/v1/collect/s", &format!("[{events},{{\"k\":2}}]")));
    let live = host.open(&get("/subscribe?after=begin&where=%7B%22k%22%3A2%7D"));
    let mut turns = 0;
    let frames = loop {
        turns += 1;
        let frames = host.take(live);
        if !frames.is_empty() || !host.server.is_behind(live) {
            break frames;
        }
    };
    assert_eq!((turns, frames.lines().count()), (3, 1));
    assert!(!host.server.is_behind(live));
}

#[test]
fn an_id_and_a_timestamp_that_say_nothing_give_way_to_ours() {
    let mut host = Host::new(&[]);
    let live = host.open(&get("/v1/collect/s/subscribe"));
    let body = r#"[{"$id":null,"$timestamp":"soon","a":1},{"$timestamp":null},{}]"#;
    assert_eq!(host.send(&post("/v1/collect/s", body)).status, 200);
    let frames = host.take(live);
    assert_eq!(frames.lines().count(), 3);
    for frame in frames.lines() {
        assert_eq!(frame.matches("$id").count(), 1, "{frame}");
        assert_eq!(frame.matches("$timestamp").count(), 1, "{frame}");
        assert!(frame.contains("\"$timestamp\":\"2026-11-20T12:00:00.000Z\""), "{frame}");
    }
    // The made-up id is good to go on from.
    let id = frames.split("\"$id\":\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
    let live = host.open(&get(&format!("/subscribe?after={id}")));
    assert_eq!(host.take(live).lines().count(), 1);
}

#[test]
fn an_id_may_be_any_value() {
    let mut host = Host::new(&[]);
    for _ in 0..2 {
        let body = r#"[{"$id":7},{"$id":"7"},{"$id":[7]},{"$id":{"a":7}},{"$id":true}]"#;
        assert_eq!(host.send(&post("/v1/collect/s", body)).status, 200);
    }
    let all = r#"[{"$id":true},{"$id":{"a":7}},{"$id":[7]},{"$id":7}]"#;
    assert_eq!(host.items("{}"), all);
}

#[test]
fn the_senders_members_stay_as_they_are_whatever_is_added() {
    let mut host = Host::new(&["type", "messageId"]);
    let body =
        "{\"userId\" : \"u\\u0031\", \"z\": 1.0, \"messageId\":\"m\",\n \"a\":{\"q\": [1 ]}}";
    let kept = "{\"userId\" : \"u\\u0031\", \"z\": 1.0, \"messageId\":\"m\",  \"a\":{\"q\": [1 ]},";
    host.send(&with_key("wk", post("/v1/track", body)));
    let page = host.items(r#"{"type":"track","messageId":"m"}"#);
    assert!(page.starts_with(&format!("[{kept}\"type\":\"track\"")), "{page}");
    let object = "{ \"big\": 123456789012345678901234567890, \"e\": 1E2 }";
    host.send(&post("/v1/collect/s", object));
    assert_eq!(host.items(r#"{"$stream":"s"}"#), format!("[{object}]"));
}

#[test]
fn values_have_one_text_however_they_are_written() {
    for (stored, asked) in [
        ("true", "\"True\""),
        ("23", "23.0"),
        ("23", "2.3e1"),
        ("1e20", "100000000000000000000"),
        ("-0", "0"),
        ("1.5", "\"1.5\""),
        ("0.00001", "\"1e-05\""),
        ("1e+300", "\"1e+300\""),
        ("\"h\\u00e9\"", "\"h\u{e9}\""),
        ("\"\\ud83e\\udd84\"", "\"\u{1f984}\""),
        ("\"\"", "\"\""),
    ] {
        let mut host = Host::new(&["k"]);
        let event = format!("{{\"k\":{stored}}}");
        host.send(&post("/v1/collect/s", &event));
        let found = host.items(&format!("{{\"k\":{asked}}}"));
        assert_eq!(found, format!("[{event}]"), "{stored} {asked}");
    }
}

#[test]
fn arguments_that_no_method_takes_are_an_error_text_and_store_nothing() {
    let mut host = Host::new(&[]);
    for call in [
        r#"{"method":"insert","args":[{},1,2]}"#,
        r#"{"method":"insert","args":[{}],"kwargs":{"when":1}}"#,
        r#"{"method":"insert","args":[{},"soon"]}"#,
        r#"{"method":"items","args":[1.5]}"#,
        r#"{"method":"items","args":["1"]}"#,
        r#"{"method":"items","args":[0,1,2]}"#,
        r#"{"method":"items","args":{}}"#,
        r#"{"method":"items","kwargs":[]}"#,
    ] {
        let (status, body) = host.answers(&post("/", call));
        assert_eq!(status, 200);
        assert!(
            body.contains("\"result\":null,\"error\":\"TypeError")
                || body.contains("\"result\":null,\"error\":\"ValueError"),
            "{call}: {body}"
        );
    }
    assert_eq!(host.items("{}"), "[]");
}

#[test]
fn health_needs_no_key_and_no_protocol() {
    let mut host = Host::guarded(&[]);
    for path in ["/health", "/"] {
        let response = host.send(&get(path));
        assert_eq!(response.status, 200);
        assert!(text(&response).starts_with(r#"{"appType":"EMBEDDED","server":"UP","db":"UP","#));
    }
    assert_eq!(host.answers(&get("/healthz")), (200, "ok\n".into()));
    let robots = "User-agent: * \nDisallow: / \n";
    assert_eq!(host.answers(&get("/robots.txt")), (200, robots.into()));
}
