//! Live bodies: frames, sampling, going on after an id.

use crate::support::{Ask, Host, parts};
use sluicebox::server::auth::Role;

const TIME: &str = "2026-11-21T12:00:06.000Z";

fn posted(host: &mut Host, range: std::ops::Range<u32>) {
    for number in range {
        host.post("/v1/collect/s", &format!(r#"{{"$id":"e{number}","n":{number}}}"#));
    }
}

/// The numbers of the events in the frames.
fn numbers(frames: &str) -> Vec<u64> {
    let lines = frames.split_terminator("\r\n");
    lines
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["n"].as_u64().unwrap())
        .collect()
}

#[test]
fn frames_are_lines_with_id_and_time() {
    let mut host = Host::new(&[]);
    let live = host.follow("/v1/collect/s/subscribe", Ask::default());
    assert_eq!(host.take(live), "");
    host.post("/v1/collect/s", "{\"$id\": 1,\r\n \"n\" : 5\n}");
    host.post("/v1/collect/other", "{}");
    host.post("/v1/collect/s", r#"{"$id":"b","$timestamp":"2016-09-12 09:00:00"}"#);
    let first = format!("{{\"$id\": 1,   \"n\" : 5 ,\"$timestamp\":\"{TIME}\"}}\r\n");
    let second = "{\"$id\":\"b\",\"$timestamp\":\"2016-09-12 09:00:00\"}\r\n";
    assert_eq!(host.take(live), first + second);
    assert_eq!(host.take(live), "");
    host.server.close(live);
    host.post("/v1/collect/s", "{}");
    assert_eq!(host.take(live), "");
}

#[test]
fn an_id_that_says_nothing_gives_way_to_ours() {
    let mut host = Host::new(&[]);
    let live = host.follow("/v1/collect/s/subscribe", Ask::default());
    host.post("/v1/collect/s", r#"[{"$id":null,"$timestamp":"soon","a":1},{}]"#);
    for line in host.take(live).lines() {
        assert_eq!(line.matches("$id").count(), 1);
        assert_eq!(line.matches("$timestamp").count(), 1);
        let frame: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(frame["$id"].as_str().unwrap().len(), 36);
        assert_eq!(frame["$timestamp"], TIME);
    }
}

#[test]
fn event_source_gets_its_own_form_and_goes_on_by_header() {
    let mut host = Host::new(&[]);
    let sse = Ask { accept: Some("text/event-stream"), ..Ask::default() };
    let live = host.follow("/v1/collect/s/subscribe", sse.clone());
    posted(&mut host, 1..3);
    let frame =
        |n| format!("id: e{n}\ndata: {{\"$id\":\"e{n}\",\"n\":{n},\"$timestamp\":\"{TIME}\"}}\n\n");
    assert_eq!(host.take(live), frame(1) + &frame(2));
    let again = Ask { last_event_id: Some("e1"), ..sse };
    let live = host.follow("/v1/collect/s/subscribe", again);
    assert_eq!(host.take(live), frame(2));
}

#[test]
fn after_an_id_comes_everything_once_then_what_is_new() {
    let mut host = Host::new(&[]);
    posted(&mut host, 0..5);
    let live = host.follow("/v1/collect/s/subscribe?after=e2", Ask::default());
    posted(&mut host, 5..7);
    assert_eq!(numbers(&host.take(live)), [3, 4, 5, 6]);
    posted(&mut host, 7..8);
    assert_eq!(numbers(&host.take(live)), [7]);
    let live = host.follow("/subscribe?after=e6", Ask::default());
    assert_eq!(numbers(&host.take(live)), [7]);
}

#[test]
fn after_an_unknown_id_comes_everything() {
    let mut host = Host::new(&[]);
    posted(&mut host, 0..3);
    let live = host.follow("/v1/collect/s/subscribe?after=lost", Ask::default());
    assert_eq!(numbers(&host.take(live)), [0, 1, 2]);
    let live = host.follow("/v1/collect/s/subscribe?after=", Ask::default());
    assert_eq!(host.take(live), "");
}

#[test]
fn a_made_up_id_can_be_gone_on_from() {
    let mut host = Host::new(&[]);
    let live = host.follow("/subscribe", Ask::default());
    host.rpc("insert", r#"[{"n":1}]"#, "{}");
    host.rpc("insert", r#"[{"n":2}]"#, "{}");
    let frames = host.take(live);
    let first: serde_json::Value = serde_json::from_str(frames.lines().next().unwrap()).unwrap();
    let after = format!("/subscribe?after={}", first["$id"].as_str().unwrap());
    let live = host.follow(&after, Ask::default());
    assert_eq!(numbers(&host.take(live)), [2]);
}

#[test]
fn a_sample_is_the_first_of_each_second() {
    let mut host = Host::new(&[]);
    let live = host.follow("/v1/collect/s/subscribe?sample=2", Ask::default());
    let all = host.follow("/v1/collect/s/subscribe?sample=0", Ask::default());
    posted(&mut host, 0..4);
    assert_eq!(numbers(&host.take(live)), [0, 1]);
    posted(&mut host, 4..5);
    assert_eq!(host.take(live), "");
    host.now += 1000;
    posted(&mut host, 5..9);
    assert_eq!(numbers(&host.take(live)), [5, 6]);
    assert_eq!(numbers(&host.take(all)).len(), 9);
    for bad in ["-1", "x", "1.5", "", "99999999999"] {
        let target = format!("/v1/collect/s/subscribe?sample={bad}");
        assert_eq!(parts(host.ask("GET", &target, Ask::default())).0, 400, "{bad}");
    }
}

#[test]
fn all_streams_are_followed_with_a_filter() {
    let mut host = Host::new(&["n", "kind"]);
    let live = host.follow("/subscribe?where=%7B%22n%22%3A%5B1%2C3%5D%7D", Ask::default());
    posted(&mut host, 0..4);
    host.rpc("insert", r#"[{"n":3,"$id":"rpc"}]"#, "{}");
    host.post_as("wk", "/v1/track", r#"{"userId":"u","event":"E","n":1}"#);
    assert_eq!(numbers(&host.take(live)), [1, 3, 3, 1]);
    for bad in ["where=7", "where=%7B%22zzz%22%3A1%7D"] {
        assert_eq!(host.get(&format!("/subscribe?{bad}")).0, 400, "{bad}");
    }
}

#[test]
fn a_slow_reader_is_given_pieces_and_misses_nothing() {
    let mut host = Host::new(&[]);
    let live = host.follow("/v1/collect/s/subscribe", Ask::default());
    let filler = "x".repeat(1000);
    let body: Vec<String> =
        (0..500).map(|n| format!(r#"{{"n":{n},"filler":"{filler}"}}"#)).collect();
    host.post("/v1/collect/s", &format!("[{}]", body.join(",")));
    let mut seen = Vec::new();
    loop {
        let frames = host.take(live);
        if frames.is_empty() {
            break;
        }
        assert!(frames.len() < 50 * 1024 + 1200 && frames.ends_with("\r\n"));
        seen.extend(numbers(&frames));
    }
    assert_eq!(seen, (0..500).collect::<Vec<u64>>());
}

#[test]
fn a_stream_may_come_into_being_or_go_while_followed() {
    let mut host = Host::new(&[]);
    posted(&mut host, 0..1);
    let later = host.follow("/v1/collect/later/subscribe", Ask::default());
    let gone = host.follow("/v1/collect/s/subscribe", Ask::default());
    host.post("/v1/collect/later", r#"{"n":1}"#);
    assert_eq!(numbers(&host.take(later)), [1]);
    posted(&mut host, 1..3);
    host.ask("DELETE", "/v1/collect/s", Ask::default());
    assert_eq!(host.take(gone), "");
    posted(&mut host, 3..4);
    assert_eq!(numbers(&host.take(gone)), [3]);
}

#[test]
fn followers_need_a_key_that_reads_and_only_event_source_may_say_it_in_the_query() {
    let roles = [("open", Role::Write), ("look", Role::Read)];
    let mut host = Host::with(&[], &roles, usize::MAX);
    for path in ["/subscribe", "/v1/collect/s/subscribe"] {
        let in_query = format!("{path}?key=look");
        assert_eq!(host.ask("GET", &in_query, Ask::default()).status, 401);
        let sse = Ask { accept: Some("text/event-stream"), ..Ask::default() };
        host.follow(&in_query, sse.clone());
        assert_eq!(host.ask("GET", &format!("{path}?key=open"), sse).status, 403);
        let bearer = Ask { authorization: Some("Bearer look"), ..Ask::default() };
        host.follow(path, bearer);
    }
}
