//! How many write calls a key may make, in each protocol's own words.

use super::{Host, Request, get, post, text, with_key};
use sluicebox::server::http::Response;
use sluicebox::server::rate::Limit;

fn once() -> Host {
    Host::limited(Limit { calls: 1, seconds: 60 })
}

fn retry_after(response: &Response) -> Option<&str> {
    let found = response.headers.iter().find(|(name, _)| *name == "retry-after");
    found.map(|(_, value)| value.as_str())
}

/// The answer to the second of two equal calls.
fn second(host: &mut Host, request: &Request) -> Response {
    let first = host.send(request);
    assert!(first.status < 300 && retry_after(&first).is_none(), "{first:?}");
    host.send(request)
}

#[test]
fn a_call_too_many_stores_nothing_and_says_when_to_come_back() {
    for (request, words) in [
        (
            post("/v1/collect/s", r#"{"a":1}"#),
            r#"{"error":"too many calls with this API key","message":"too many calls with this API key"}"#,
        ),
        (with_key("wk", post("/v1/track", r#"{"userId":"u"}"#)), "max requests limit reached\n"),
        (
            post("/beacon/v1/batch?writeKey=wk", r#"{"batch":[{"userId":"u"}]}"#),
            "max requests limit reached\n",
        ),
        (
            post("/", r#"{"id":7,"method":"insert","args":[{}]}"#),
            r#"{"id":7,"result":null,"error":"PermissionError: too many calls with this API key"}"#,
        ),
        (
            get("/api/events?accessKey=ak&bucketKey=bk&t=1"),
            r#"{"message":"Request limit exceeded"}"#,
        ),
    ] {
        let mut host = once();
        host.now += 1_200;
        let refused = second(&mut host, &request);
        assert_eq!((refused.status, text(&refused).as_str()), (429, words));
        assert_eq!(retry_after(&refused), Some("59"));
        let stored = host.items("{}");
        host.now += 59_000;
        assert!(host.send(&request).status < 300, "the next window");
        assert_ne!(host.items("{}"), stored);
    }
}

#[test]
fn a_pixel_too_many_is_a_picture_and_no_event() {
    let mut host = once();
    let pixel = get("/pixel/v1/page?writeKey=wk&userId=u");
    let refused = second(&mut host, &pixel);
    assert_eq!((refused.status, refused.content_type), (200, Some("image/gif")));
    assert_eq!(host.items("{}").matches("messageId").count(), 1);
}

#[test]
fn each_key_has_a_window_of_its_own_for_all_protocols_together() {
    let mut host = once();
    let track = post("/v1/track", r#"{"userId":"u"}"#);
    assert_eq!(host.send(&with_key("wk", track.clone())).status, 200);
    assert_eq!(host.send(&with_key("wk", post("/v1/collect/s", "{}"))).status, 429);
    assert_eq!(host.send(&with_key("xx", track)).status, 200);
}

#[test]
fn reading_is_not_limited() {
    let mut host = once();
    for _ in 0..5 {
        assert_eq!(host.send(&with_key("key", get("/v1/collect"))).status, 200);
        assert_eq!(host.items("{}"), "[]");
    }
    let latest = Request { access_key: Some("ak"), ..get("/data/v1/events/latest?bucketKey=bk") };
    assert_eq!([host.send(&latest).status, host.send(&latest).status], [404, 404]);
}

#[test]
fn who_names_ever_new_keys_is_limited_all_the_same() {
    let mut host = once();
    let mut taken = 0;
    for number in 0..20_000 {
        let target = format!("/api/events?accessKey=k{number}&bucketKey=bk&t=1");
        taken += u32::from(host.send(&get(&target)).status == 204);
    }
    assert_eq!(taken, 10_001);
}
