use crate::script::Step::*;
use crate::script::{check, check_with, ledger, policy};
use crate::support::{TextWire, Texts, drain};
use sluicebox::core::engine::Engine;
use sluicebox::core::event::Stream;
use sluicebox::core::io::{Input, Output, Request, Why};
use sluicebox::core::policy::Policy;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;

#[test]
fn a_page_that_hides_sends_at_once_what_outlives_it() {
    check(&[
        Offer("a"),
        ClockShows(10),
        Hide,
        SendsKeepalive("a"),
        Reply(200),
        ledger([1, 1, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn nothing_lingers_while_the_page_is_hidden() {
    check(&[
        Hide,
        Offer("a"),
        SendsKeepalive("a"),
        Reply(200),
        Offer("b"),
        SendsKeepalive("b"),
        Reply(200),
        Show,
        Offer("c"),
        SleepsUntil(500, Why::FlushInterval),
        WakesUp,
        Sends("c"),
    ]);
}

#[test]
fn a_retry_of_a_hidden_page_outlives_it_too() {
    check(&[Offer("a"), At(500), Sends("a"), Fail, Hide, WakesUp, SendsKeepalive("a"), Reply(200)]);
}

#[test]
fn hide_does_not_send_before_the_server_permits() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 5_000),
        Hide,
        SleepsUntil(5_500, Why::Backoff),
    ]);
}

#[test]
fn online_forgives_the_jitter() {
    check(&[Offer("a"), At(500), Sends("a"), Fail, Online, Sends("a"), Reply(200), SleepsForever]);
}

#[test]
fn online_does_not_forgive_what_the_server_asked_for() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(503, 5_000),
        Online,
        SleepsUntil(5_500, Why::Backoff),
    ]);
}

#[test]
fn online_still_sends_one_probe_only() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            Fail,
            Fail,
            Online,
            Sends("a"),
            Reply(200),
            Sends("b"),
        ],
    );
}

#[test]
fn online_when_nothing_failed_does_not_hurry() {
    check(&[Offer("a"), Online, SleepsUntil(500, Why::FlushInterval)]);
}

/// The requests of a page that hides while it holds these events (stream, bytes), and how many bytes
/// each has. Those of `before` are sent while it is seen, and still fly.
fn hide_with(before: &[(&str, usize)], held: &[(&str, usize)]) -> Vec<(Request, usize)> {
    let policy = policy(|p| {
        (p.batch_count_max, p.queue_count_max) = (100_000, 100_000);
        (p.concurrency_max, p.flush_interval_ms, p.gzip) = (8, 10_000, false);
    });
    let texts = Texts::new(true);
    let bodies = Box::new(texts.clone());
    let mut engine = Engine::new(Box::new(TextWire), bodies, policy, Rng::new([1, 2, 3, 4]));
    let now = Timestamp::from_millis(0);
    let mut sent = Vec::new();
    let mut give = |input| {
        engine.handle(now, input);
        for output in drain(&mut engine).0 {
            sent.extend(match output {
                Output::Send(request) => Some((request.clone(), texts.body(&request).len())),
                _ => None,
            });
        }
    };
    let offer = |(sequence, (stream, bytes)): (u64, &(&str, usize))| {
        Input::Offer(sequence, texts.event(sequence, Stream::new(stream), &"e".repeat(*bytes)))
    };
    (0..).zip(before).map(offer).for_each(&mut give);
    if !before.is_empty() {
        give(Input::Flush(1, 60_000));
    }
    (before.len() as u64..).zip(held).map(offer).for_each(&mut give);
    give(Input::Hide(60 * 1024));
    sent
}

fn keepalive_bytes(requests: &[(Request, usize)]) -> usize {
    requests.iter().filter(|(request, _)| request.keepalive).map(|(_, bytes)| bytes).sum()
}

#[test]
fn the_first_request_of_a_hidden_page_fits_the_budget_however_much_is_held() {
    let sent = hide_with(&[], &[("x", 20_000); 8]);
    let (request, bytes) = &sent[0];
    assert!(request.keepalive && *bytes <= Policy::KEEPALIVE_BYTES, "{bytes} bytes");
}

#[test]
fn all_requests_that_outlive_the_page_share_one_budget() {
    let held = [("x", 50_000), ("y", 5_000), ("z", 6_000), ("s", 50_000)];
    let sent = hide_with(&[], &held);
    // The last one waits until there is room again.
    let sizes: Vec<usize> = sent.iter().map(|(_, bytes)| *bytes).collect();
    assert_eq!(sizes, [55_001, 6_000]);
    assert!(sent.iter().all(|(request, _)| request.keepalive));
}

#[test]
fn the_budget_counts_bodies_not_events() {
    // Events of one byte: half of a body is separators.
    let held = [vec![("x", 1); 26_880], vec![("y", 1); 15_000]].concat();
    let sent = hide_with(&[], &held);
    assert!(sent.iter().all(|(request, _)| request.keepalive));
    assert!(keepalive_bytes(&sent) <= Policy::KEEPALIVE_BYTES, "{}", keepalive_bytes(&sent));
}

#[test]
fn a_large_request_already_on_its_way_does_not_use_up_the_budget() {
    let sent = hide_with(&[("x", 200_000)], &[("y", 1_000)]);
    let keepalive: Vec<bool> = sent.iter().map(|(request, _)| request.keepalive).collect();
    assert_eq!(keepalive, [false, true]);
}
