//! Initial State's events: what they must be, whose time counts, and how they are kept.

use super::initial_state::{events, of};
use super::{Body, Host, NOON, Request, get, post, request, text};

/// 2016-01-01T00:00:00Z
const IN_2016: u64 = 1_451_606_400_000;
/// 2030-01-01T00:00:00Z
const IN_2030: u64 = 1_893_456_000_000;

#[test]
fn events_fill_the_stream_of_their_bucket_which_the_first_one_makes() {
    let mut host = Host::new(&["key"]);
    let response = events(
        &mut host,
        r#"[{"key":"t","value":1,"epoch":1795175000.25},{"key":"h","value":"x"}]"#,
    );
    assert_eq!((response.status, response.body.len(), response.content_type), (204, 0, None));
    assert_eq!(events(&mut host, r#"{"key":"on","value":true}"#).status, 204);
    let stream = concat!(
        r#"[{"key":"on","value":true,"epoch":1795176000},{"key":"h","value":"x","epoch":1795176000},"#,
        r#"{"key":"t","value":1,"epoch":1795175000.25}]"#
    );
    assert_eq!(host.items(r#"{"$stream":"bk"}"#), stream);
    assert_eq!(host.items(r#"{"key":"t"}"#), r#"[{"key":"t","value":1,"epoch":1795175000.25}]"#);
    let again = post("/api/buckets", r#"{"bucketKey":"bk"}"#);
    assert_eq!(host.send(&of("ak", "bk", again)).status, 204, "it exists");
}

/// The event as it is kept, at this time of the server.
fn kept(now: u64, event: &str) -> String {
    let mut host = Host::new(&[]);
    host.now = now;
    assert_eq!(events(&mut host, &format!("[{event}]")).status, 204, "{event}");
    let items = host.items("{}");
    items.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap().to_owned()
}

/// What a subscriber is told of its time.
fn timestamp(now: u64, event: &str) -> String {
    let mut host = Host::new(&[]);
    host.now = now;
    let live = host.open(&get("/subscribe"));
    events(&mut host, event);
    host.take(live).split("\"$timestamp\":\"").nth(1).unwrap()[..24].to_owned()
}

#[test]
fn the_time_is_that_of_epoch_then_of_iso8601_then_of_the_server() {
    for (now, event, time) in [
        (
            NOON,
            r#"{"key":"t","value":1,"epoch":1700000000.5,"iso8601":"2020-01-01T00:00:00Z"}"#,
            "2023-11-14T22:13:20.500Z",
        ),
        (
            IN_2016,
            r#"{"key":"t","value":1,"iso8601":"2015-10-08T07:54+06:00"}"#,
            "2015-10-08T01:54:00.000Z",
        ),
        (
            IN_2016,
            r#"{"key":"t","value":1,"epoch":"1420070400.250000001"}"#,
            "2015-01-01T00:00:00.250Z",
        ),
        (
            NOON,
            r#"{"key":"t","value":1,"epoch":"soon","iso8601":"2025-01-01"}"#,
            "2025-01-01T00:00:00.000Z",
        ),
        (
            NOON,
            r#"{"key":"t","value":1,"epoch":true,"iso8601":"soon"}"#,
            "2026-11-20T12:00:00.000Z",
        ),
        (NOON, r#"{"key":"t","value":1,"epoch":null}"#, "2026-11-20T12:00:00.000Z"),
        (NOON, r#"{"key":"t","value":1,"epoch":"NaN"}"#, "2026-11-20T12:00:00.000Z"),
        (NOON, r#"{"key":"t","value":1}"#, "2026-11-20T12:00:00.000Z"),
        // Ten years and more behind does not count; ahead does.
        (IN_2030, r#"{"key":"t","value":1,"epoch":1500000000}"#, "2030-01-01T00:00:00.000Z"),
        (IN_2030, r#"{"key":"t","value":1,"epoch":1600000000}"#, "2020-09-13T12:26:40.000Z"),
        (IN_2030, r#"{"key":"t","value":1,"iso8601":"2015-01-01"}"#, "2030-01-01T00:00:00.000Z"),
        (NOON, r#"{"key":"t","value":1,"epoch":4000000000}"#, "2096-10-02T07:06:40.000Z"),
    ] {
        assert_eq!(timestamp(now, event), time, "{event}");
    }
}

#[test]
fn an_event_is_kept_as_it_was_sent_and_always_says_its_time() {
    let sent = r#"{"key":"temperature","value":"1","epoch":1419876021.778477}"#;
    assert_eq!(kept(IN_2016, sent), sent);
    let text = r#"{"key":"t","value":1.50,"epoch":"1420070400.000000001","more":{"a":[1]}}"#;
    assert_eq!(kept(IN_2016, text), text, "a text, and members that nobody knows");
    let old = r#"{"key":"t","value":1,"epoch":5,"iso8601":"1970-01-01"}"#;
    let now = r#"{"key":"t","value":1,"iso8601":"1970-01-01","epoch":1795176000.125}"#;
    assert_eq!(kept(NOON + 125, old), now);
    let iso = r#"{"key":"t","value":1,"iso8601":"2026-01-01T00:00:00.000001Z"}"#;
    assert!(kept(NOON, iso).ends_with(r#","epoch":1767225600.000001}"#));
}

#[test]
fn every_other_parameter_of_the_query_is_an_event() {
    for method in ["GET", "POST"] {
        let mut host = Host::new(&[]);
        let target =
            "/api/events?accessKey=ak&bucketKey=bk&temp=20.5&room=living+room&room=h%C3%A9";
        assert_eq!(host.answers(&request(method, target)), (204, String::new()));
        let items = concat!(
            r#"[{"key":"room","value":"hé","epoch":1795176000},"#,
            r#"{"key":"room","value":"living room","epoch":1795176000},"#,
            r#"{"key":"temp","value":"20.5","epoch":1795176000}]"#
        );
        assert_eq!(host.items(r#"{"$stream":"bk"}"#), items);
        let nothing = host.send(&request(method, "/api/events?accessKey=ak&bucketKey=bk"));
        assert_eq!(nothing.status, 400);
    }
    let mut host = Host::new(&[]);
    let both = post("/api/events?accessKey=ak&bucketKey=bk&temp=1", r#"{"key":"t","value":1}"#);
    assert_eq!(host.send(&both).status, 204);
    assert_eq!(host.items("{}").matches("\"key\"").count(), 1, "a body is all there is");
}

#[test]
fn an_empty_list_is_taken_and_makes_no_bucket() {
    let mut host = Host::new(&[]);
    assert_eq!(events(&mut host, "[]").status, 204);
    assert_eq!(host.items("{}"), "[]");
    let make = post("/api/buckets", r#"{"bucketKey":"bk"}"#);
    assert_eq!(host.send(&of("ak", "bk", make)).status, 201);
}

#[test]
fn a_bad_event_is_named_and_the_others_are_kept() {
    let long_key = format!(r#"{{"key":"{}","value":1}}"#, "k".repeat(251));
    let long_value = format!(r#"{{"key":"k","value":"{}"}}"#, "v".repeat(2001));
    let long_number = format!(r#"{{"key":"k","value":{}}}"#, "1".repeat(2001));
    for (event, reason) in [
        (long_key.as_str(), "\"key\" is longer than 250 characters"),
        (&long_value, "\"value\" is longer than 2000 characters"),
        (&long_number, "\"value\" is longer than 2000 characters"),
        (r#"{"value":1}"#, "\"key\" is missing"),
        (r#"{"key":null,"value":1}"#, "\"key\" is missing"),
        (r#"{"key":"","value":1}"#, "\"key\" is empty"),
        (r#"{"key":5,"value":1}"#, "\"key\" must be a text"),
        (r#"{"key":"k"}"#, "\"value\" is missing"),
        (r#"{"key":"k","value":null}"#, "\"value\" is missing"),
        (r#"{"key":"k","value":{}}"#, "\"value\" must be a text, a number, true or false"),
        (r#"{"key":"k","value":[]}"#, "\"value\" must be a text, a number, true or false"),
        ("5", "it is not a JSON object"),
    ] {
        let mut host = Host::new(&[]);
        let response = events(&mut host, &format!("[{event}]"));
        assert_eq!((response.status, text(&response)), (400, format!("event 0: {reason}\n")));
        assert_eq!(response.content_type, Some("text/plain; charset=utf-8"));
        assert_eq!(host.items("{}"), "[]");
        let good = r#"{"key":"k","value":1}"#;
        let response = events(&mut host, &format!("[{good},{event},{good}]"));
        let reason = reason.replace('"', "\\\"");
        let body = format!(r#"{{"accepted":2,"rejected":[{{"index":1,"reason":"{reason}"}}]}}"#);
        assert_eq!((response.status, text(&response)), (207, body));
        assert_eq!(host.items("{}").matches("epoch").count(), 2);
    }
    let longest = format!(r#"{{"key":"{}","value":"{}"}}"#, "é".repeat(250), "v".repeat(2000));
    assert_eq!(events(&mut Host::new(&[]), &longest).status, 204);
}

#[test]
fn an_answer_names_a_hundred_bad_events_at_most() {
    let mut host = Host::new(&[]);
    let bad = vec!["0"; 5000].join(",");
    let response = events(&mut host, &format!("[{bad}]"));
    let words = "event 0: it is not a JSON object, and 4999 more\n";
    assert_eq!((response.status, text(&response).as_str()), (400, words));
    let response = events(&mut host, &format!(r#"[{bad},{{"key":"k","value":1}}]"#));
    assert_eq!((response.status, text(&response).matches("index").count()), (207, 100));
}

#[test]
fn a_body_that_cannot_be_read_is_refused_and_stores_nothing() {
    let mut host = Host::new(&[]);
    for (body, words) in [
        ("{", "the body is not valid JSON\n"),
        ("[{\"key\":\"k\",\"value\":1}", "the body is not valid JSON\n"),
        ("{\"key\":\"k\",\"value\":1}]", "the body is not valid JSON\n"),
        ("5", "the body must be an event or a list of events\n"),
        ("null", "the body must be an event or a list of events\n"),
    ] {
        let response = events(&mut host, body);
        assert_eq!((response.status, text(&response).as_str()), (400, words), "{body}");
        assert_eq!(response.content_type, Some("text/plain; charset=utf-8"));
    }
    for (body, status, words) in [
        (Body::Broken, 400, "the body could not be unpacked\n"),
        (Body::Bytes(b"\xff"), 400, "the body is not UTF-8\n"),
        (Body::TooLarge(500), 413, r#"{"message":"the body is larger than 500 bytes"}"#),
        (Body::TooLarge(4 << 20), 413, r#"{"message":"the body is larger than 1048576 bytes"}"#),
    ] {
        let request = Request { body, ..request("POST", "/api/events") };
        assert_eq!(host.answers(&of("ak", "bk", request)), (status, words.into()));
    }
    let sized = |bytes: usize| format!("{{\"key\":\"k\",\"value\":1}}{}", " ".repeat(bytes - 21));
    assert_eq!(events(&mut host, &sized(1_048_577)).status, 413);
    assert_eq!(host.items("{}"), "[]");
    assert_eq!(events(&mut host, &sized(1_048_576)).status, 204);
}

#[test]
fn the_latest_event_of_each_key_can_be_read() {
    for keys in [&["key"][..], &[]] {
        let mut host = Host::new(keys);
        let events_of = |n: u32| {
            format!(
                r#"{{"key":"{}","value":{n},"epoch":{}}}"#,
                ["a", "b", "c"][n as usize % 3],
                1_795_170_000 + n
            )
        };
        let all: Vec<String> = (0..9).map(events_of).collect();
        assert_eq!(events(&mut host, &format!("[{}]", all.join(","))).status, 204);
        let mut latest = |query: &str| {
            let target = format!("/data/v1/events/latest{query}");
            host.answers(&of("ak", "bk", get(&target)))
        };
        assert_eq!(latest(""), (200, format!("[{},{},{}]", all[8], all[7], all[6])));
        assert_eq!(latest("?key=b"), (200, format!("[{}]", all[7])));
        assert_eq!(latest("?key=a&key=c&key=a"), (200, format!("[{},{}]", all[8], all[6])));
        assert_eq!(latest("?key=zzz"), (200, "[]".into()));
        let other = host.answers(&of("ak", "none", get("/data/v1/events/latest")));
        assert_eq!(other, (404, r#"{"message":"no bucket of that key"}"#.into()));
    }
}
