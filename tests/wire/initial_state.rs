//! Initial State's buckets and keys: the vectors of the original, and our answers where it is not
//! known what it did.

use super::{Host, Request, get, post, request, text};
use sluicebox::server::auth::Role;
use sluicebox::server::http::Response;
use sluicebox::server::rate::Limit;

pub fn of<'a>(access: &'a str, bucket: &'a str, request: Request<'a>) -> Request<'a> {
    Request { access_key: Some(access), bucket_key: Some(bucket), ..request }
}

/// Sends events to the bucket `bk` of `ak`.
pub fn events(host: &mut Host, body: &str) -> Response {
    host.send(&of("ak", "bk", post("/api/events", body)))
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn the_versions_are_told_to_everybody() {
    let mut host = Host::guarded(&[]);
    let versions = (200, String::from(r#"["0.0.1","0.0.2","0.0.3","0.0.4"]"#));
    assert_eq!(host.answers(&get("/api/versions")), versions);
}

#[test]
fn a_version_is_asked_for_by_a_range() {
    let mut host = Host::new(&[]);
    let mut with = |range| {
        let request = Request { accept_version: Some(range), ..get("/api/versions") };
        let response = host.send(&request);
        assert_ne!(
            response.content_type,
            Some("application/json").filter(|_| response.status == 400)
        );
        response.status
    };
    for range in [
        "",
        "*",
        "~0",
        "^0",
        "0",
        "0.0",
        "0.x",
        "0.0.x",
        "0.0.1",
        "v0.0.4",
        "=0.0.2",
        "<=0.0.4",
        "<= 0.0.4",
        ">0.0.3",
        ">=0.0.1 <0.0.2",
        "~0.0.2",
        "^0.0.4",
        "0.0.1 - 0.0.3",
        "1 || 0.0.1",
        "<1",
        "0.0.4-beta",
    ] {
        assert_eq!(with(range), 200, "{range}");
    }
    for range in
        ["1", "0.0.5", ">0.0.4", "<0.0.1", "^1", "~0.1", ">=0.0.2 <0.0.2", "1.0.0 - 2.0.0", "> 0"]
    {
        assert_eq!(with(range), 400, "{range}");
    }
    for range in ["soon", "0.0.0.1", "<>1", ">", "1..2", "-1", "99999999999"] {
        assert_eq!(with(range), 400, "{range}");
    }
}

#[test]
fn a_bucket_is_made_once_for_each_access_key() {
    let mut host = Host::new(&[]);
    let body = r#"{"bucketKey":"bk","bucketName":"B N"}"#;
    let made = (201, String::from(body));
    assert_eq!(host.answers(&of("ak", "bk", post("/api/buckets", body))), made);
    assert_eq!(host.answers(&of("ak", "bk", post("/api/buckets", body))), (204, String::new()));
    assert_eq!(host.send(&of("ak2", "bk", post("/api/buckets", body))).status, 201);
    assert_eq!(host.send(&of("ak2", "bk", post("/api/buckets", body))).status, 204);
}

#[test]
fn a_bucket_can_be_made_by_the_query_alone() {
    let mut host = Host::new(&[]);
    let target = "/api/buckets?accessKey=ak&bucketKey=c%20b&bucketName=My%20B";
    let made = (201, String::from(r#"{"bucketKey":"c b","bucketName":"My B"}"#));
    assert_eq!(host.answers(&post(target, "")), made);
    let named = (201, String::from(r#"{"bucketKey":"x","bucketName":"x"}"#));
    assert_eq!(
        host.answers(&post("/api/buckets?accessKey=ak&bucketKey=x", "")),
        named,
        "key as name"
    );
}

#[test]
fn a_bucket_that_cannot_be_is_refused_in_plain_text() {
    let mut host = Host::new(&[]);
    let long = "k".repeat(251);
    for (body, words) in [
        (r#"{"bucketKey":"a:b"}"#, "\"bucketKey\" must not have : \" ' or control characters\n"),
        (r#"{"bucketKey":"a\"b"}"#, "\"bucketKey\" must not have : \" ' or control characters\n"),
        (r#"{"bucketKey":"a'b"}"#, "\"bucketKey\" must not have : \" ' or control characters\n"),
        (
            r#"{"bucketKey":"a\u0000b"}"#,
            "\"bucketKey\" must not have : \" ' or control characters\n",
        ),
        ("{}", "\"bucketKey\" is needed: a text of 1 to 250 characters\n"),
        (r#"{"bucketKey":""}"#, "\"bucketKey\" is needed: a text of 1 to 250 characters\n"),
        (r#"{"bucketKey":7}"#, "\"bucketKey\" must be a text\n"),
        (r#"{"bucketKey":"b","bucketName":[]}"#, "\"bucketName\" must be a text\n"),
        (&format!("{{\"bucketKey\":\"{long}\"}}"), "\"bucketKey\" is longer than 250 characters\n"),
        (
            &format!("{{\"bucketKey\":\"b\",\"bucketName\":\"{long}\"}}"),
            "\"bucketName\" is longer than 250 characters\n",
        ),
        ("[]", "the body must be a JSON object with a \"bucketKey\"\n"),
        ("{", "the body is not valid JSON\n"),
    ] {
        let response = host.send(&of("ak", "bk", post("/api/buckets", body)));
        assert_eq!((response.status, text(&response).as_str()), (400, words), "{body}");
        assert_eq!(response.content_type, Some("text/plain; charset=utf-8"));
    }
    let short = format!("{{\"bucketKey\":\"{}\"}}", "é".repeat(250));
    assert_eq!(host.send(&of("ak", "bk", post("/api/buckets", &short))).status, 201);
}

#[test]
fn the_same_bucket_key_of_another_access_key_is_another_stream() {
    let mut host = Host::new(&[]);
    events(&mut host, r#"{"key":"t","value":1}"#);
    host.send(&of("ak2", "bk", post("/api/events", r#"{"key":"t","value":2}"#)));
    assert!(host.items(r#"{"$stream":"bk"}"#).starts_with(r#"[{"key":"t","value":1,"#));
    assert_eq!(host.items(r#"{"$stream":"bk"}"#).matches("key").count(), 1);
    let mut latest = |key| host.answers(&of(key, "bk", get("/data/v1/events/latest"))).1;
    assert_eq!(latest("ak"), r#"[{"key":"t","value":1,"epoch":1795176000}]"#);
    assert_eq!(latest("ak2"), r#"[{"key":"t","value":2,"epoch":1795176000}]"#);
    // Whoever drops the first does not touch the second, and the name is free again.
    assert_eq!(host.send(&request("DELETE", "/v1/collect/bk")).status, 200);
    host.send(&of("ak3", "bk", post("/api/events", r#"{"key":"t","value":3}"#)));
    assert_eq!(host.items(r#"{"$stream":"bk"}"#), r#"[{"key":"t","value":3,"epoch":1795176000}]"#);
    assert_eq!(host.items("{}").matches("\"key\"").count(), 2);
}

#[test]
fn an_access_key_is_nowhere_in_the_store() {
    let mut host = Host::new(&["key"]);
    host.send(&of("secret-key", "bk", post("/api/events", r#"{"key":"t","value":1}"#)));
    host.send(&of("secret-two", "bk", post("/api/events", r#"{"key":"t","value":1}"#)));
    assert!(!format!("{:?}", host.server).contains("secret-"));
}

#[test]
fn a_bucket_key_is_needed_and_an_access_key_too() {
    let mut host = Host::new(&[]);
    let event = r#"{"key":"k","value":1}"#;
    let without = Request { bucket_key: None, ..of("ak", "", post("/api/events", event)) };
    let words = "\"bucketKey\" is needed: a text of 1 to 250 characters\n";
    assert_eq!(host.answers(&without), (400, words.into()));
    let colon = "\"bucketKey\" must not have : \" ' or control characters\n";
    assert_eq!(host.answers(&of("ak", "a:b", post("/api/events", event))), (400, colon.into()));
    for path in ["/api/events", "/api/buckets"] {
        let anonymous = Request { bucket_key: Some("bk"), ..post(path, event) };
        assert_eq!(host.answers(&anonymous), (401, r#"{"message":"Unauthorized"}"#.into()));
    }
    assert_eq!(host.items("{}"), "[]");
}

#[test]
fn keys_do_what_their_role_says() {
    let mut host = Host::guarded(&[("w", Role::Write), ("r", Role::Read), ("a", Role::Admin)]);
    let event = r#"{"key":"k","value":1}"#;
    let bucket = r#"{"bucketKey":"bk"}"#;
    let denied = (403, String::from("\"ACCESS_DENIED_KEY\""));
    assert_eq!(host.answers(&of("nobody", "bk", post("/api/buckets", bucket))), denied);
    assert_eq!(host.answers(&of("r", "bk", post("/api/buckets", bucket))), denied);
    assert_eq!(host.answers(&of("r", "bk", post("/api/events", event))), denied);
    let unknown = host.answers(&of("nobody", "bk", post("/api/events", event)));
    assert_eq!(unknown, (401, r#"{"message":"Unauthorized"}"#.into()));
    assert_eq!(host.send(&of("w", "bk", post("/api/events", event))).status, 204);
    let latest = "/data/v1/events/latest";
    assert_eq!(host.answers(&of("w", "bk", get(latest))), denied, "it only collects");
    assert_eq!(host.send(&of("a", "bk", get(latest))).status, 404, "it has no such bucket");
    let seen = host.answers(&of("r", "bk", get(latest)));
    assert_eq!(
        seen,
        (200, r#"[{"key":"k","value":1,"epoch":1795176000}]"#.into()),
        "streams are its own"
    );
}

#[test]
fn paths_and_methods_that_are_none_are_refused() {
    let mut host = Host::new(&[]);
    for (method, path, status) in [
        ("PUT", "/api/events", 405),
        ("DELETE", "/api/buckets", 405),
        ("GET", "/api/buckets", 405),
        ("POST", "/api/versions", 405),
        ("POST", "/data/v1/events/latest", 405),
        ("GET", "/data/v1/events", 404),
        ("POST", "/api/events/more", 404),
    ] {
        let response = host.send(&of("ak", "bk", request(method, path)));
        assert_eq!(response.status, status, "{method} {path}");
    }
}

#[test]
fn who_reads_the_headers_of_the_limit_finds_them_where_there_is_none() {
    let mut host = Host::new(&[]);
    for _ in 0..2 {
        let response = events(&mut host, r#"{"key":"k","value":1}"#);
        assert_eq!(response.status, 204);
        assert_eq!(header(&response, "x-ratelimit-limit"), Some("1000000000"));
        assert_eq!(header(&response, "x-ratelimit-remaining"), Some("1000000000"));
        assert_eq!(header(&response, "x-ratelimit-reset"), Some("1795176010"));
    }
}

#[test]
fn calls_beyond_the_limit_are_told_when_to_come_back() {
    let mut host = Host::limited(Limit { calls: 10, seconds: 10 });
    host.now += 3_500;
    let call = |host: &mut Host| events(host, r#"{"key":"k","value":1}"#);
    for left in (0..10).rev() {
        let response = call(&mut host);
        assert_eq!(response.status, 204);
        assert_eq!(header(&response, "x-ratelimit-limit"), Some("10"));
        assert_eq!(header(&response, "x-ratelimit-remaining"), Some(left.to_string().as_str()));
        assert_eq!(header(&response, "x-ratelimit-reset"), Some("1795176010"));
        assert_eq!(header(&response, "retry-after"), None);
    }
    let refused = call(&mut host);
    assert_eq!(
        (refused.status, text(&refused).as_str()),
        (429, r#"{"message":"Request limit exceeded"}"#)
    );
    assert_eq!(header(&refused, "retry-after"), Some("7"));
    assert_eq!(header(&refused, "x-ratelimit-remaining"), Some("0"));
    let bucket = post("/api/buckets", r#"{"bucketKey":"bk"}"#);
    assert_eq!(host.send(&of("ak", "bk", bucket.clone())).status, 429, "buckets count too");
    let other = host.send(&of("ak2", "bk", bucket));
    assert_eq!((other.status, header(&other, "x-ratelimit-remaining")), (201, Some("9")));
    assert_eq!(host.items("{}").matches("epoch").count(), 10);
    host.now += 6_500;
    let next = call(&mut host);
    assert_eq!((next.status, header(&next, "x-ratelimit-remaining")), (204, Some("9")));
}

#[test]
fn a_full_store_says_so() {
    let mut host = Host::small(2000);
    let mut statuses = Vec::new();
    for number in 0..20 {
        statuses.push(events(&mut host, &format!(r#"{{"key":"k","value":{number}}}"#)).status);
    }
    let stored = statuses.iter().filter(|status| **status == 204).count();
    assert!(
        (3..15).contains(&stored) && statuses[stored..].iter().all(|status| *status == 507),
        "{statuses:?}"
    );
    let bucket = format!(r#"{{"bucketKey":"{}"}}"#, "b".repeat(250));
    assert_eq!(host.send(&of("ak", "bk", post("/api/buckets", &bucket))).status, 507);
    // Dropping gives back what stream and bucket took.
    assert_eq!(host.send(&request("DELETE", "/v1/collect/bk")).status, 200);
    assert_eq!(host.items("{}"), "[]");
    assert_eq!(events(&mut host, r#"{"key":"k","value":1}"#).status, 204);
}
