//! What our clients send, byte by byte.

use sluicebox::core::error::Code;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::Answer;
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::{Attempt, Encoded, Trouble, Verdict, Wire};
use sluicebox::protocol::initial_state::EventsWire;
use sluicebox::protocol::rudderstack::BatchWire;
use sluicebox::protocol::stride::CollectWire;

fn event(stream: &str, text: &str) -> Event {
    Event::new(Stream::new(stream), text.to_owned())
}

fn encode(wire: &dyn Wire, events: &[Event], attempt: &Attempt) -> Encoded {
    wire.encode(&events.iter().collect::<Vec<_>>(), attempt)
}

fn noon() -> Attempt {
    Attempt { now: Timestamp::from_millis(super::NOON), ..Attempt::default() }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { body: body.to_owned(), ..Answer::status(status) }
}

#[test]
fn stride_one_stream_is_an_array_as_pystride_sends_it() {
    let sent = encode(&CollectWire, &[event("s1", "{\"a\":1}"), event("s1", "{}")], &noon());
    assert_eq!((sent.path.as_str(), sent.headers.as_str()), ("/collect/s1", ""));
    assert_eq!(sent.body, r#"[{"a":1},{}]"#);
    assert!(sent.may_gzip);
}

#[test]
fn stride_several_streams_are_one_object_as_gostride_sends_it() {
    let events = [event("s1", "1"), event("s2", "2"), event("s1", "3")];
    let sent = encode(&CollectWire, &events, &noon());
    assert_eq!(sent.path, "/collect");
    assert_eq!(sent.body, r#"{"s1":[1,3],"s2":[2]}"#);
}

#[test]
fn rudderstack_a_batch_has_its_sent_time_beside_it() {
    let sent = encode(&BatchWire, &[event("u", "{\"a\":1}"), event("u", "{}")], &noon());
    assert_eq!((sent.path.as_str(), sent.headers.as_str()), ("/v1/batch", ""));
    assert_eq!(sent.body, r#"{"batch":[{"a":1},{}],"sentAt":"2026-11-20T12:00:00.000Z"}"#);
    assert!(!sent.may_gzip, "too small to gain");
    let large = event("u", &format!("{{\"a\":\"{}\"}}", "x".repeat(2000)));
    assert!(encode(&BatchWire, &[large], &noon()).may_gzip);
}

#[test]
fn rudderstack_a_page_that_goes_away_needs_no_header_that_the_browser_must_ask_for_first() {
    let leaving = Attempt { leaving: true, failures: 2, ..noon() };
    let sent = encode(&BatchWire, &[event("u", "{}")], &leaving);
    assert_eq!(sent.path, "/beacon/v1/batch?writeKey=", "the host appends the key");
    assert_eq!(sent.headers, "content-type: text/plain\n");
    assert!(!sent.may_gzip, "content-encoding would be such a header");
}

#[test]
fn rudderstack_a_retry_says_which_it_is_and_why() {
    let at = |offset| Timestamp::from_millis(super::NOON - offset);
    let retry =
        |trouble| Attempt { failures: 2, first: at(2250), last: at(1000), trouble, ..noon() };
    let reason = |attempt: &Attempt| encode(&BatchWire, &[event("u", "{}")], attempt).headers;
    assert_eq!(
        reason(&retry(Trouble::Status(500))),
        "Rsa-Retry-Attempt: 2\nRsa-Since-First-Attempt: 2250\nRsa-Since-Last-Attempt: 1000\nRsa-Retry-Reason: server-500\n",
    );
    assert!(reason(&retry(Trouble::Network)).ends_with("Rsa-Retry-Reason: client-network\n"));
    assert!(reason(&retry(Trouble::Timeout)).ends_with("Rsa-Retry-Reason: client-timeout\n"));
}

#[test]
fn initial_state_the_bucket_goes_alone_and_before_its_events() {
    let text = r#"{"bucketKey":"bk","bucketName":"B N"}"#;
    let bucket = Event { control: true, ..event("bk", text) };
    let temperature = event("bk", r#"{"key":"t","value":1,"epoch":5}"#);
    assert!(!EventsWire.may_share(&bucket, &temperature));
    assert!(!EventsWire.may_share(&temperature, &bucket));
    assert!(!EventsWire.may_share(&temperature, &event("other", "{}")));
    assert!(EventsWire.may_share(&temperature, &temperature));

    let sent = encode(&EventsWire, &[bucket], &noon());
    let headers = "X-IS-BucketKey: bk\n";
    assert_eq!((sent.path.as_str(), sent.headers.as_str()), ("/api/buckets", headers));
    assert_eq!(sent.body, text);

    let sent = encode(&EventsWire, &[temperature.clone(), temperature], &noon());
    assert_eq!((sent.path.as_str(), sent.headers.as_str()), ("/api/events", headers));
    assert_eq!(sent.body, r#"[{"key":"t","value":1,"epoch":5},{"key":"t","value":1,"epoch":5}]"#);
    assert!(!sent.may_gzip);
}

#[test]
fn initial_state_a_removed_bucket_is_final_for_all_its_events() {
    let removed = r#"{"message":{"error":{"type":"BUCKET_REMOVED","message":"gone"}}}"#;
    let judge = |status, body| EventsWire.judge(&answer(status, body));
    assert_eq!(judge(400, removed), Verdict::RefusedAll(Code::Rejected));
    assert_eq!(judge(400, "event 0: no key"), Verdict::RefusedSome(Code::Rejected));
    for status in [200, 201, 204, 207] {
        assert_eq!(judge(status, ""), Verdict::Delivered);
    }
    assert_eq!(judge(402, "{}"), Verdict::RefusedAll(Code::Rejected));
    for status in [401, 403] {
        assert_eq!(judge(status, "\"ACCESS_DENIED_KEY\""), Verdict::RefusedAll(Code::Unauthorized));
    }
    assert_eq!(judge(429, ""), Verdict::Retry(None));
}
