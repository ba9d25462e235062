//! Live subscriptions: whole frames, nothing lost, nothing twice.

use super::{Host, Reply, Request, Step, get, post};

fn put(host: &mut Host, stream: &str, body: &str) {
    assert_eq!(host.send(&post(&format!("/v1/collect/{stream}"), body)).status, 200);
}

#[test]
fn a_frame_is_a_line_with_id_and_timestamp() {
    let mut host = Host::new(&[]);
    let live = host.open(&get("/v1/collect/s/subscribe"));
    assert_eq!(host.take(live), "");
    put(&mut host, "s", r#"{"$id":1,"$timestamp":"2026-01-01","a":1}"#);
    assert_eq!(host.take(live), "{\"$id\":1,\"$timestamp\":\"2026-01-01\",\"a\":1}\r\n");
    put(&mut host, "s", "{\n  \"a\": \"x\"\n}");
    let frame = host.take(live);
    assert!(frame.starts_with("{   \"a\": \"x\" ,\"$id\":\""), "{frame}");
    assert!(frame.ends_with(",\"$timestamp\":\"2026-11-20T12:00:00.000Z\"}\r\n"), "{frame}");
    assert_eq!(frame.matches('\n').count(), 1, "a frame is one line, however it was sent");
    put(&mut host, "s", "{}");
    assert!(host.take(live).starts_with("{\"$id\":\""));
    put(&mut host, "other", "{}");
    assert_eq!(host.take(live), "");
}

#[test]
fn a_stream_may_come_into_being_later() {
    let mut host = Host::new(&[]);
    put(&mut host, "other", "{}");
    let live = host.open(&get("/v1/collect/later/subscribe"));
    assert_eq!(host.take(live), "");
    put(&mut host, "later", r#"{"$id":"1","$timestamp":1}"#);
    assert_eq!(host.take(live), "{\"$id\":\"1\",\"$timestamp\":1}\r\n");
}

#[test]
fn it_goes_on_after_an_id_without_gap_or_repeat() {
    let mut host = Host::new(&[]);
    for i in 0..1000 {
        put(&mut host, "s", &format!("{{\"$id\":\"i{i}\",\"$timestamp\":1}}"));
    }
    let live = host.open(&get("/v1/collect/s/subscribe?after=i499"));
    put(&mut host, "s", "{\"$id\":\"i1000\",\"$timestamp\":1}");
    let mut all = String::new();
    loop {
        let frames = host.take(live);
        assert!(frames.is_empty() || frames.ends_with("}\r\n"), "whole frames only");
        assert!(frames.len() < 64 * 1024);
        if frames.is_empty() {
            break;
        }
        all.push_str(&frames);
    }
    let expected: String =
        (500..=1000).map(|i| format!("{{\"$id\":\"i{i}\",\"$timestamp\":1}}\r\n")).collect();
    assert_eq!(all, expected);
}

#[test]
fn an_id_nobody_knows_begins_at_the_start_because_a_gap_is_worse() {
    let mut host = Host::new(&[]);
    put(&mut host, "s", r#"{"$id":"a"}"#);
    let live = host.open(&get("/v1/collect/s/subscribe?after=gone"));
    assert!(host.take(live).contains("\"a\""));
}

#[test]
fn who_has_seen_no_event_goes_on_where_it_began() {
    let mut host = Host::new(&[]);
    let position = |host: &mut Host, target: &str| {
        let Step::Done(Reply::Live(head, _)) = host.server.handle(host.now, &get(target)) else {
            panic!()
        };
        let (_, position) = head.headers.into_iter().find(|it| it.0 == "last-event-id").unwrap();
        position
    };
    let empty = position(&mut host, "/v1/collect/s/subscribe");
    put(&mut host, "s", r#"[{"$id":"1"},{"$id":"2"}]"#);
    put(&mut host, "t", r#"{"$id":"3"}"#);
    let filled = position(&mut host, "/subscribe");
    put(&mut host, "s", r#"{"$id":"4"}"#);
    let mut ids = |target: String| {
        let live = host.open(&get(&target));
        let frames = host.take(live);
        let ids: Vec<String> = frames.lines().map(|line| line[8..9].to_owned()).collect();
        ids.concat()
    };
    assert_eq!(ids(format!("/v1/collect/s/subscribe?after={empty}")), "124");
    assert_eq!(ids(format!("/subscribe?after={filled}")), "4");
    assert_eq!(ids(format!("/subscribe?after=x{filled}")), "1234", "of another store");
    let resumed = position(&mut host, &format!("/subscribe?after={filled}"));
    assert_eq!(resumed, filled);
}

#[test]
fn an_id_that_stands_in_several_streams_leaves_no_gap() {
    let mut host = Host::new(&[]);
    put(&mut host, "s", r#"{"$id":"1"}"#);
    put(&mut host, "s", r#"{"$id":"2"}"#);
    put(&mut host, "t", r#"{"$id":"1"}"#);
    let live = host.open(&get("/subscribe?after=1"));
    assert!(host.take(live).starts_with("{\"$id\":\"2\""));
}

#[test]
fn a_sample_keeps_the_first_of_each_second() {
    let mut host = Host::new(&[]);
    let live = host.open(&get("/v1/collect/s/subscribe?sample=100"));
    for second in 0..3 {
        host.now = super::NOON + second * 1000;
        for i in 0..1000 {
            put(&mut host, "s", &format!("{{\"i\":{i}}}"));
        }
        let frames = host.take(live);
        assert_eq!(frames.matches("\r\n").count(), 100);
        assert!(frames.contains("\"i\":99,") && !frames.contains("\"i\":100,"));
    }
    let all = host.open(&get("/v1/collect/s/subscribe?sample=0"));
    for _ in 0..200 {
        put(&mut host, "s", "{}");
    }
    assert_eq!(host.take(all).matches("\r\n").count(), 200);
    assert_eq!(host.send(&get("/v1/collect/s/subscribe?sample=x")).status, 400);
}

#[test]
fn all_streams_are_followed_by_key() {
    let mut host = Host::new(&["kind"]);
    let live = host.open(&get("/subscribe?where=%7B%22kind%22%3A%5B%22a%22%2C%22b%22%5D%7D"));
    put(&mut host, "s", r#"[{"kind":"a","$id":"1"},{"kind":"c","$id":"2"}]"#);
    put(&mut host, "t", r#"{"kind":"b","$id":"3"}"#);
    let frames = host.take(live);
    assert_eq!(frames.matches("\r\n").count(), 2, "{frames}");
    assert_eq!(host.send(&get("/subscribe?where=%7B%22zzz%22%3A1%7D")).status, 400);
    assert_eq!(host.send(&get("/subscribe?where=nonsense")).status, 400);
}

#[test]
fn an_event_source_gets_its_own_framing_and_resumes_by_its_own_header() {
    let mut host = Host::new(&[]);
    put(&mut host, "s", r#"[{"$id":"1","$timestamp":1},{"$id":"2","$timestamp":1}]"#);
    let request = Request {
        accept: Some("text/event-stream"),
        last_event_id: Some("1"),
        ..get("/v1/collect/s/subscribe")
    };
    let live = host.open(&request);
    assert_eq!(host.take(live), "id: 2\ndata: {\"$id\":\"2\",\"$timestamp\":1}\n\n");
}

#[test]
fn an_event_source_resumes_after_any_id_although_a_header_cannot_carry_it() {
    for id in [
        "",
        " ",
        " a ",
        "a\\nevent: x\\ndata: {}",
        "a\\rb",
        "\\u0000",
        "é😀",
        "100%",
        "%id:x",
        "a b",
    ] {
        let mut host = Host::new(&[]);
        put(&mut host, "s", &format!(r#"[{{"$id":"0"}},{{"$id":"{id}"}},{{"$id":"next"}}]"#));
        let sse = |last_event_id| Request {
            accept: Some("text/event-stream"),
            last_event_id: Some(last_event_id),
            ..get("/v1/collect/s/subscribe")
        };
        let live = host.open(&sse("0"));
        let frames = host.take(live);
        let sent = frames.strip_prefix("id: ").and_then(|rest| rest.split('\n').next()).unwrap();
        assert!(frames.starts_with(&format!("id: {sent}\ndata: {{")), "{frames}");
        assert!(!sent.is_empty() && sent.trim() == sent, "{id}: {sent}");
        assert!(sent.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{id}: {sent}");
        let live = host.open(&sse(sent));
        let rest = host.take(live);
        assert!(rest.starts_with("id: next\n"), "{id} sent as {sent}: {rest}");
    }
}

#[test]
fn the_id_that_a_frame_shows_is_the_one_to_go_on_after_whatever_the_event_calls_its_own() {
    let mut host = Host::new(&[]);
    let insert = |host: &mut Host, event: &str| {
        let body = format!("{{\"method\":\"insert\",\"args\":[{event}]}}");
        host.answers(&post("/", &body)).1
    };
    assert!(insert(&mut host, r#"{"$id":"mine","n":0}"#).contains("\"result\":\"mine\""));
    assert!(insert(&mut host, r#"{"$id":"mine","n":9}"#).contains("\"result\":\"mine\""));
    insert(&mut host, r#"{"$id":null,"n":1}"#);
    let track = r#"{"userId":"u","$id":"other","messageId":"m","n":2}"#;
    host.send(&super::with_key("wk", post("/v1/track", track)));
    let bucket = r#"{"key":"k","value":1,"$id":"of a device","n":3}"#;
    host.send(&post("/api/events?accessKey=ak&bucketKey=bk", bucket));
    insert(&mut host, r#"{"n":4}"#);
    let live = host.open(&get("/subscribe?after=nobody"));
    let frames = host.take(live);
    // Of two members with one name readers take the last.
    let id = |frame: &str| {
        let rest = frame.rsplit_once("\"$id\":\"").expect(frame).1;
        rest.split('"').next().unwrap().to_owned()
    };
    let all: Vec<&str> = frames.split_terminator("\r\n").collect();
    assert_eq!(all.len(), 5, "an id counts once: {frames}");
    for (number, frame) in all.iter().enumerate() {
        assert!(frame.contains(&format!("\"n\":{number}")), "{frame}");
        let live = host.open(&get(&format!("/subscribe?after={}", id(frame))));
        let rest = host.take(live);
        assert_eq!(rest.matches("\r\n").count(), 4 - number, "after {frame}: {rest}");
    }
    assert_eq!((id(all[0]), id(all[2])), ("mine".into(), "m".into()));
}

#[test]
fn a_dropped_stream_disturbs_no_subscriber() {
    let mut host = Host::new(&[]);
    let live = host.open(&get("/v1/collect/s/subscribe"));
    put(&mut host, "s", "{}");
    host.send(&super::request("DELETE", "/v1/collect/s"));
    put(&mut host, "s", r#"{"$id":"new","$timestamp":1}"#);
    assert_eq!(host.take(live), "{\"$id\":\"new\",\"$timestamp\":1}\r\n");
    host.server.close(live);
    assert_eq!(host.take(live), "");
}
