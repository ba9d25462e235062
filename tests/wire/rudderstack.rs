//! RudderStack's gateway: statuses and texts are its own.

use super::{Body, Host, NOON, Request, get, post, request, text, with_key};
use sluicebox::server::auth::Role;

fn send(host: &mut Host, path: &str, body: &str) -> (u16, String) {
    host.answers(&with_key("wk", post(path, body)))
}

#[test]
fn a_call_is_stored_with_what_the_gateway_adds() {
    let mut host = Host::new(&["event"]);
    let body = r#"{"userId":"u1","event":"E"}"#;
    let request = Request { remote_ip: Some("1.2.3.4"), ..with_key("wk", post("/v1/track", body)) };
    let response = host.send(&request);
    assert_eq!((response.status, text(&response)), (200, "ok".into()));
    assert_eq!(response.content_type, Some("text/plain; charset=utf-8"));
    let items = host.items(r#"{"event":"E"}"#);
    assert!(items.starts_with(r#"[{"userId":"u1","event":"E","type":"track","messageId":""#));
    for member in [
        r#""rudderId":"5eff0fc3-0944-48fa-9c04-38f62e3890ca""#,
        r#""receivedAt":"2026-11-20T12:00:00.000Z""#,
        r#""request_ip":"1.2.3.4""#,
        r#""timestamp":"2026-11-20T12:00:00.000Z""#,
    ] {
        assert!(items.contains(member), "{member} in {items}");
    }
}

#[test]
fn the_type_of_the_path_wins() {
    let mut host = Host::new(&["type"]);
    assert_eq!(send(&mut host, "/v1/identify", r#"{"userId":"u","type":"track"}"#).0, 200);
    let items = host.items(r#"{"type":"identify"}"#);
    assert_eq!(items.matches("\"type\":").count(), 1, "{items}");
    assert_eq!(host.items(r#"{"type":"track"}"#), "[]");
}

#[test]
fn refusals_have_the_gateways_own_words() {
    let mut host = Host::new(&[]);
    const NOBODY: &str = "request neither has anonymousId nor userId\n";
    for (path, body, status, words) in [
        ("/v1/track", "", 400, "request body is nil\n"),
        ("/v1/track", "{", 400, "invalid json\n"),
        ("/v1/track", r#"{"event":"E"}"#, 400, NOBODY),
        ("/v1/track", r#"{"event":"E","userId":"  ","anonymousId":" "}"#, 400, NOBODY),
        ("/v1/track", "[1]", 400, "event is not a valid rudder event\n"),
        ("/v1/batch", "{}", 400, "empty batch payload\n"),
        ("/v1/batch", r#"{"batch":[]}"#, 400, "empty batch payload\n"),
        ("/v1/batch", r#"{"batch":["x"]}"#, 400, "event is not a valid rudder event\n"),
        ("/v1/batch", r#"{"batch":[{"userId":"u","type":"track"},{"type":"track"}]}"#, 400, NOBODY),
        ("/v1/import", r#"{"batch":[]}"#, 200, "ok"),
        ("/v1/webhook", "{}", 404, "source does not accept webhook events\n"),
        ("/v1/nothing", "{}", 404, "404 page not found\n"),
    ] {
        assert_eq!(send(&mut host, path, body), (status, words.into()), "{path} {body}");
    }
    assert_eq!(host.items("{}"), "[]", "one bad event fails its batch");
    let no_key = post("/v1/track", r#"{"userId":"u"}"#);
    assert_eq!(host.answers(&no_key), (401, "failed to read writekey from header\n".into()));
    let broken = with_key("wk", Request { body: Body::Broken, ..request("POST", "/v1/batch") });
    assert_eq!(host.answers(&broken), (500, "failed to read body from request\n".into()));
    assert_eq!(host.send(&with_key("wk", get("/v1/track"))).status, 405);
}

#[test]
fn a_single_object_counts_as_a_batch_of_one() {
    let mut host = Host::new(&[]);
    let body = r#"{"batch":{"userId":"u","type":"track"}}"#;
    assert_eq!(send(&mut host, "/v1/batch", body), (200, "ok".into()));
    assert_eq!(host.items("{}").matches("userId").count(), 1);
}

#[test]
fn the_size_limit_is_the_gateways() {
    let mut host = Host::new(&[]);
    let of = |bytes: usize| {
        let start = r#"{"userId":"u","event":""#;
        format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2))
    };
    assert_eq!(send(&mut host, "/v1/track", &of(4_096_000)).0, 200);
    let too_large = send(&mut host, "/v1/track", &of(4_096_001));
    assert_eq!(too_large, (413, "request size exceeds max limit\n".into()));
}

#[test]
fn the_time_is_corrected_by_the_senders_clock_and_order_is_that_of_arrival() {
    let mut host = Host::new(&[]);
    host.now = NOON + 6_000;
    let body = r#"{"userId":"u","n":1,"originalTimestamp":"2026-11-20T10:00:00.000Z","sentAt":"2026-11-20T10:00:05.000Z"}"#;
    send(&mut host, "/v1/track", body);
    assert!(host.items("{}").contains(r#""timestamp":"2026-11-20T12:00:01.000Z""#));
    let in_batch = r#"{"batch":[{"userId":"u","n":2,"originalTimestamp":"2026-11-20T09:00:00.000Z"}],"sentAt":"2026-11-20T09:00:06.000Z"}"#;
    send(&mut host, "/v1/batch", in_batch);
    let items = host.items("{}");
    assert!(items.contains(r#""timestamp":"2026-11-20T12:00:00.000Z""#), "{items}");
    assert!(items.find("\"n\":2").unwrap() < items.find("\"n\":1").unwrap());
    let given = r#"{"userId":"u","n":3,"timestamp":"2020-01-01T00:00:00.000Z"}"#;
    send(&mut host, "/v1/track", given);
    let items = host.items("{}");
    assert!(items.contains(r#""n":3,"timestamp":"2020-01-01T00:00:00.000Z""#), "as it is: {items}");
    assert!(items.find("\"n\":3").unwrap() > items.find("\"n\":1").unwrap());
}

#[test]
fn a_time_of_arrival_that_an_event_has_already_is_the_one_it_is_corrected_by() {
    let mut host = Host::new(&[]);
    let body = r#"{"userId":"u","originalTimestamp":"2026-01-01T10:00:00.000Z","sentAt":"2026-01-01T10:00:05.000Z","receivedAt":"2026-01-01T12:00:06.000Z"}"#;
    assert_eq!(send(&mut host, "/v1/track", body).0, 200);
    let items = host.items("{}");
    assert!(items.contains(r#""receivedAt":"2026-01-01T12:00:06.000Z""#), "{items}");
    assert!(items.contains(r#""timestamp":"2026-01-01T12:00:01.000Z""#), "{items}");
}

#[test]
fn a_message_sent_twice_is_stored_once_for_each_write_key() {
    let mut host = Host::new(&[]);
    let body = r#"{"userId":"u","event":"E","messageId":"m1"}"#;
    assert_eq!(send(&mut host, "/v1/track", body).0, 200);
    assert_eq!(send(&mut host, "/v1/track", body).0, 200);
    assert_eq!(host.items("{}").matches("m1").count(), 1);
    host.send(&with_key("xx", post("/v1/track", body)));
    assert_eq!(host.items("{}").matches("m1").count(), 2);
    let blank = r#"{"userId":"u","messageId":"  "}"#;
    send(&mut host, "/v1/track", blank);
    send(&mut host, "/v1/track", blank);
    assert_eq!(host.items("{}").matches("rudderId").count(), 4, "a blank id is no id");
}

#[test]
fn a_beacon_names_its_key_in_the_query() {
    let mut host = Host::new(&[]);
    let body = r#"{"batch":[{"anonymousId":"a","type":"page"}],"sentAt":"2026-11-20T12:00:00Z"}"#;
    assert_eq!(host.answers(&post("/beacon/v1/batch?writeKey=wk", body)), (200, "ok".into()));
    let without = host.answers(&post("/beacon/v1/batch", body));
    assert_eq!(without, (401, "failed to read writekey from query params\n".into()));
    assert_eq!(host.items(r#"{"$stream":"wk"}"#).matches("anonymousId").count(), 1);
}

#[test]
fn a_pixel_is_a_picture_whatever_happens() {
    let mut host = Host::new(&[]);
    let page =
        "/pixel/v1/page?writeKey=wk&anonymousId=%22a%22&name=&context.page.url=http%3A%2F%2Fx";
    for target in
        [page, "/pixel/v1/page?anonymousId=a", "/pixel/v1/track?writeKey=wk&userId=u&event="]
    {
        let response = host.send(&get(target));
        assert_eq!((response.status, response.content_type), (200, Some("image/gif")));
        assert_eq!(response.body.len(), 43);
        assert!(response.body.starts_with(b"GIF89a"));
    }
    let items = host.items("{}");
    assert_eq!(items.matches("messageId").count(), 1, "{items}");
    for member in [
        r#""name":"Unknown Page""#,
        r#""anonymousId":"a""#,
        r#""page":{"url":"http://x"}"#,
        r#""channel":"web""#,
    ] {
        assert!(items.contains(member), "{member} in {items}");
    }
    let deep = format!("/pixel/v1/page?writeKey=wk&userId=u&{}=1", "a.".repeat(4000));
    assert_eq!(host.send(&get(&deep)).status, 200);
}

#[test]
fn an_unknown_write_key_is_refused() {
    let mut host = Host::guarded(&[("wk", Role::Write), ("key", Role::Read)]);
    let body = r#"{"userId":"u"}"#;
    assert_eq!(send(&mut host, "/v1/track", body).0, 200);
    let unknown = host.answers(&with_key("xx", post("/v1/track", body)));
    assert_eq!(unknown, (401, "invalid write key\n".into()));
    assert_eq!(host.send(&with_key("key", post("/v1/track", body))).status, 403);
}

/// The numbers `n` of the events, oldest first.
fn order(host: &mut Host) -> Vec<u32> {
    let items = host.items("{\"end\":null}");
    let number = |rest: &str| rest.split([',', '}']).next().unwrap().parse().unwrap();
    let mut numbers: Vec<u32> = items.split("\"n\":").skip(1).map(number).collect();
    numbers.reverse();
    numbers
}

#[test]
fn a_batch_keeps_its_order_whatever_its_clock_says() {
    let of = |n: u32, seconds: u32| {
        format!(
            r#"{{"userId":"u","n":{n},"originalTimestamp":"2026-11-20T11:59:{seconds:02}.000Z"}}"#
        )
    };
    let batch = |events: &[String], sent: &str| {
        format!(r#"{{"batch":[{}],"sentAt":"2026-11-20T11:59:{sent}.000Z"}}"#, events.join(","))
    };
    let mut host = Host::new(&[]);
    // Ties, a clock that is set back in the middle, and one event of which nothing is known.
    let mut events = vec![of(0, 30), of(1, 30), of(2, 10), of(3, 40), of(4, 9)];
    events.push(String::from(r#"{"userId":"u","n":5}"#));
    events.push(of(6, 8));
    assert_eq!(send(&mut host, "/v1/batch", &batch(&events, "50")).0, 200);
    assert_eq!(order(&mut host), [0, 1, 2, 3, 4, 5, 6]);
    assert!(host.items("{}").contains(r#""n":2,"originalTimestamp":"2026-11-20T11:59:10.000Z""#));
    // The next batch took its way in no time, and the one before had taken long: corrected, its
    // events are older. It comes at the same millisecond.
    let late = [of(7, 31), of(8, 29)];
    assert_eq!(send(&mut host, "/v1/batch", &batch(&late, "59")).0, 200);
    assert_eq!(order(&mut host), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn times_that_tie_keep_the_order_in_which_they_were_given() {
    let mut host = Host::new(&[]);
    let of = |n: u32| format!(r#"{{"userId":"u","n":{n},"timestamp":"2026-11-20T11:00:00.000Z"}}"#);
    let events: Vec<String> = (0..50).map(of).collect();
    assert_eq!(
        send(&mut host, "/v1/batch", &format!(r#"{{"batch":[{}]}}"#, events.join(","))).0,
        200
    );
    assert_eq!(order(&mut host), (0..50).collect::<Vec<_>>());
}

#[test]
fn an_event_of_its_own_sent_time_does_not_take_that_of_the_batch() {
    let mut host = Host::new(&[]);
    let body = r#"{"batch":[{"userId":"u","originalTimestamp":"2026-11-20T10:00:00.000Z","sentAt":"2026-11-20T10:00:02.000Z"}],"sentAt":"2026-11-20T10:00:09.000Z"}"#;
    send(&mut host, "/v1/batch", body);
    assert!(host.items("{}").contains(r#""timestamp":"2026-11-20T11:59:58.000Z""#));
}

#[test]
fn a_bot_that_says_so_is_flagged() {
    for (agent, is_bot) in [
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", true),
        ("a Web CRAWLER", true),
        ("Baiduspider+", true),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0", false),
    ] {
        let mut host = Host::new(&[]);
        let body = format!(r#"{{"userId":"u","context":{{"userAgent":"{agent}"}}}}"#);
        send(&mut host, "/v1/track", &body);
        let flagged = format!(r#""context":{{"userAgent":"{agent}","isBot":true}}"#);
        assert_eq!(host.items("{}").contains(&flagged), is_bot, "{agent}");
        assert_eq!(host.items("{}").matches("\"context\"").count(), 1);
    }
}

#[test]
fn an_audience_list_is_one_event_of_any_size() {
    let mut host = Host::new(&[]);
    let body = format!(r#"{{"userId":"u","x":"{}"}}"#, "x".repeat(4_096_001));
    assert_eq!(send(&mut host, "/v1/audiencelist", &body), (200, "ok".into()));
    assert!(host.items("{}").contains(r#""type":"audiencelist""#));
}

#[test]
fn a_key_that_only_reads_is_told_that_it_may_not_write() {
    let mut host = Host::guarded(&[("wk", Role::Read)]);
    let body = r#"{"userId":"u","batch":[{"userId":"u"}]}"#;
    for path in ["/v1/track", "/v1/batch", "/beacon/v1/batch?writeKey=wk"] {
        let (status, words) = send(&mut host, path, body);
        assert_eq!((status, words.as_str()), (403, "write key may not write\n"), "{path}");
    }
}

#[test]
fn a_webhook_needs_a_key_too() {
    let mut host = Host::guarded(&[("wk", Role::Write)]);
    let no_key = "failed to read writekey from query params\n";
    assert_eq!(host.answers(&get("/v1/webhook")), (401, no_key.into()));
    assert_eq!(host.answers(&get("/v1/webhook?writeKey=xx")), (401, "invalid write key\n".into()));
    let no_webhooks = "source does not accept webhook events\n";
    assert_eq!(host.answers(&post("/v1/webhook?writeKey=wk", "{}")), (404, no_webhooks.into()));
}

#[test]
fn the_browser_sdk_is_told_of_a_source_without_destinations() {
    let mut host = Host::guarded(&[("wk", Role::Write), ("key", Role::Read)]);
    let target = "/sourceConfig/?p=npm&v=3.34.1&build=modern&writeKey=wk";
    let response = host.send(&with_key("wk", get(target)));
    assert_eq!((response.status, response.content_type), (200, Some("application/json")));
    let text = text(&response);
    for member in [
        r#"{"source":{"id":""#,
        r#""config":{}"#,
        r#""destinations":[]"#,
        r#""enabled":true"#,
        r#""writeKey":"wk""#,
    ] {
        assert!(text.contains(member), "{member} in {text}");
    }
    let no_key = "failed to read writekey from header\n";
    assert_eq!(host.answers(&get(target)), (401, no_key.into()));
    for key in ["xx", "key"] {
        let (status, _) = host.answers(&with_key(key, get("/sourceConfig")));
        assert_eq!(status, if key == "xx" { 401 } else { 403 });
    }
    assert_eq!(host.answers(&post("/sourceConfig", "{}")), (405, String::new()));
}

#[test]
fn what_is_no_event_path_answers_too() {
    let mut host = Host::guarded(&[]);
    let version = host.send(&get("/version"));
    assert_eq!((version.status, version.content_type), (200, Some("application/json")));
    let docs = host.send(&get("/docs"));
    assert_eq!((docs.status, docs.content_type), (200, Some("text/html; charset=utf-8")));
    for path in ["/pixel/v1/track", "/pixel/v1/page", "/beacon/v1/batch", "/v1/batch"] {
        assert_eq!(host.answers(&request("PUT", path)), (405, String::new()), "{path}");
    }
}
