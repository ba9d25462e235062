use crate::script::Step::*;
use crate::script::{check, check_with, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;

#[test]
fn flush_sends_at_once_and_is_resolved_when_all_is_settled() {
    check(&[
        Offer("a"),
        Offer("b"),
        Flush(1, 10_000),
        Sends("a,b"),
        Reply(200),
        Flushed(1),
        ledger([2, 2, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn flush_of_nothing_is_resolved_at_once() {
    check(&[Flush(1, 10_000), Flushed(1), SleepsForever]);
}

#[test]
fn flush_waits_for_what_is_in_flight() {
    check(&[
        Offer("a"),
        WakesUp,
        Sends("a"),
        Flush(1, 10_000),
        SleepsUntil(5_500, Why::Timeout),
        Reply(200),
        Flushed(1),
    ]);
}

#[test]
fn flush_waits_for_retries() {
    check(&[
        Offer("a"),
        Flush(1, 10_000),
        Sends("a"),
        Reply(503),
        SleepsWithin(0, 250, Why::Backoff),
        WakesUp,
        Sends("a"),
        Reply(200),
        Flushed(1),
    ]);
}

#[test]
fn flush_does_not_wait_for_what_came_after_it() {
    check(&[
        Offer("a"),
        Flush(1, 10_000),
        Sends("a"),
        Offer("b"),
        Reply(200),
        Flushed(1),
        ledger([2, 1, 0, 0, 0, 1]),
        SleepsUntil(500, Why::FlushInterval),
    ]);
}

#[test]
fn flush_is_resolved_although_new_events_keep_coming() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Offer("c"),
            Flush(1, 10_000),
            Offer("d"),
            Offer("e"),
            Reply(200),
            Sends("c,d"),
            Offer("f"),
            Reply(200),
            Sends("e,f"),
            Flushed(1),
        ],
    );
}

#[test]
fn what_was_refused_or_given_up_is_settled() {
    check_with(
        policy(|p| p.attempts_max = Some(1)),
        &[
            Offer("bad"),
            Flush(1, 10_000),
            Sends("bad"),
            Reply(400),
            DeadLetters(Code::Rejected, "bad"),
            Flushed(1),
            Offer("b"),
            Flush(2, 10_000),
            Sends("b"),
            Fail,
            DeadLetters(Code::Expired, "b"),
            Flushed(2),
        ],
    );
}

#[test]
fn flush_is_resolved_at_its_timeout_and_delivery_goes_on() {
    check(&[
        Offer("a"),
        Flush(1, 1_000),
        Sends("a"),
        SleepsUntil(1_000, Why::FlushTimeout),
        At(999),
        At(1_000),
        Flushed(1),
        ledger([1, 0, 0, 0, 0, 1]),
        SleepsUntil(5_000, Why::Timeout),
        Reply(200),
        SleepsForever,
    ]);
}

#[test]
fn several_flushes_are_each_resolved_when_theirs_is_settled() {
    check_with(
        policy(|p| p.batch_count_max = 1),
        &[
            Offer("a"),
            Sends("a"),
            Flush(1, 10_000),
            Offer("b"),
            Flush(2, 300),
            Offer("c"),
            Flush(3, 10_000),
            Reply(200),
            Sends("b"),
            Flushed(1),
            At(300),
            Flushed(2),
            Reply(200),
            Sends("c"),
            Reply(200),
            Flushed(3),
            SleepsForever,
        ],
    );
}

#[test]
fn flush_does_not_send_before_the_server_permits() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 5_000),
        Flush(1, 10_000),
        SleepsUntil(5_500, Why::Backoff),
        WakesUp,
        Sends("a"),
        Reply(200),
        Flushed(1),
    ]);
}

#[test]
fn close_drains_and_then_nothing_is_sent() {
    check(&[
        Offer("a"),
        Close(1, 10_000),
        Sends("a"),
        Reply(200),
        Flushed(1),
        Offer("b"),
        At(60_000),
        ledger([2, 1, 0, 0, 0, 1]),
        // A timer of days would keep a process alive.
        SleepsForever,
    ]);
}

#[test]
fn close_does_not_wait_for_the_jitter() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Fail,
        Close(1, 10_000),
        Sends("a"),
        Reply(200),
        Flushed(1),
    ]);
}

#[test]
fn close_waits_as_long_as_the_server_asked() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(503, 3_000),
        Close(1, 10_000),
        SleepsUntil(3_500, Why::Backoff),
    ]);
}

#[test]
fn after_close_the_rest_is_held_and_start_goes_on() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(503, 20_000),
        Close(1, 1_000),
        SleepsUntil(1_500, Why::FlushTimeout),
        WakesUp,
        Flushed(1),
        Offer("b"),
        At(40_000),
        Online,
        ledger([2, 0, 0, 0, 0, 2]),
        Start,
        Sends("a"),
        Reply(200),
        Sends("b"),
        Reply(200),
        SleepsForever,
    ]);
}

#[test]
fn what_flies_when_a_close_times_out_may_still_arrive() {
    check(&[
        Offer("a"),
        Close(1, 1_000),
        Sends("a"),
        WakesUp,
        Flushed(1),
        SleepsUntil(5_000, Why::Timeout),
        Reply(200),
        ledger([1, 1, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn what_fails_after_a_close_waits_for_the_start() {
    check(&[
        Offer("a"),
        Close(1, 0),
        Sends("a"),
        Flushed(1),
        Fail,
        At(60_000),
        Start,
        Sends("a"),
        Reply(200),
    ]);
}

#[test]
fn a_close_without_time_still_sends_once() {
    check(&[Offer("a"), OfferTo("y", "b"), Close(1, 0), Sends("a,b"), Flushed(1), Reply(200)]);
}

#[test]
fn start_of_an_open_client_changes_nothing() {
    check(&[Start, SleepsForever, Offer("a"), Start, SleepsUntil(500, Why::FlushInterval)]);
}

#[test]
fn while_stopped_nothing_is_sent_whatever_happens() {
    check(&[
        Close(1, 0),
        Flushed(1),
        Offer("a"),
        Hide,
        Show,
        Online,
        At(10_000),
        Flush(2, 500),
        Flushed(2),
        SleepsForever,
        ledger([1, 0, 0, 0, 0, 1]),
    ]);
}

#[test]
fn a_start_before_a_close_is_resolved_keeps_the_client_open() {
    check(&[
        Offer("a"),
        Close(1, 10_000),
        Sends("a"),
        Start,
        Reply(200),
        Flushed(1),
        Offer("b"),
        SleepsUntil(500, Why::FlushInterval),
        WakesUp,
        Sends("b"),
    ]);
}

#[test]
fn a_flush_of_a_stopped_client_waits_for_nothing() {
    check(&[
        Close(1, 0),
        Flushed(1),
        Offer("a"),
        Flush(2, 10_000),
        Flushed(2),
        Close(3, 10_000),
        Flushed(3),
        ledger([1, 0, 0, 0, 0, 1]),
        SleepsForever,
    ]);
}
