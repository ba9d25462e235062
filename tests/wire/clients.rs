//! What may share a request of our clients, and what answers to it mean. Bodies are made in JavaScript.

use sluicebox::core::error::Code;
use sluicebox::core::event::{Event, Stream};
use sluicebox::core::io::Answer;
use sluicebox::core::wire::{Verdict, Wire};
use sluicebox::protocol::initial_state::EventsWire;
use sluicebox::protocol::rudderstack::BatchWire;
use sluicebox::protocol::stride::CollectWire;

fn event(stream: &str) -> Event {
    Event::new(Stream::new(stream), 10)
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { body: body.to_owned(), ..Answer::status(status) }
}

#[test]
fn stride_and_rudderstack_take_events_of_all_streams_in_one_request() {
    assert!(CollectWire.may_share(&event("s1"), &event("s2")));
    assert!(BatchWire.may_share(&event("one user"), &event("another")));
}

#[test]
fn initial_state_the_bucket_goes_alone_and_before_its_events() {
    let bucket = Event { control: true, ..event("bk") };
    let temperature = event("bk");
    assert!(!EventsWire.may_share(&bucket, &temperature));
    assert!(!EventsWire.may_share(&temperature, &bucket));
    assert!(!EventsWire.may_share(&temperature, &event("other")));
    assert!(EventsWire.may_share(&temperature, &temperature));
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
