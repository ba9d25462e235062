use crate::script::Step::*;
use crate::script::{check, check_with, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;

#[test]
fn an_engine_that_holds_nothing_sleeps_for_ever() {
    check(&[SleepsForever, At(1_000), SleepsForever, Online, Hide, Show, Start, SleepsForever]);
}

#[test]
fn the_nearest_reason_wakes_it() {
    check_with(
        policy(|p| (p.flush_interval_ms, p.timeout_ms, p.age_max_ms) = (700, 5_000, 9_000)),
        &[
            OfferTo("x", "a"),
            SleepsUntil(700, Why::FlushInterval),
            WakesUp,
            Sends("a"),
            SleepsUntil(5_700, Why::Timeout),
            OfferTo("y", "b"),
            SleepsUntil(1_400, Why::FlushInterval),
            Flush(1, 300),
            Sends("b"),
            SleepsUntil(1_000, Why::FlushTimeout),
            WakesUp,
            Flushed(1),
            SleepsUntil(5_700, Why::Timeout),
            ReplyAfter(503, 8_100),
            SleepsUntil(5_700, Why::Timeout),
            ReplyTo("b", 200),
            SleepsUntil(9_000, Why::MaxAge),
        ],
    );
}

#[test]
fn an_early_tick_changes_nothing() {
    check(&[
        Offer("a"),
        At(499),
        SleepsUntil(500, Why::FlushInterval),
        At(500),
        Sends("a"),
        At(501),
        At(5_499),
        SleepsUntil(5_500, Why::Timeout),
        Reply(429),
        ClockShows(5_499),
        SleepsWithin(5_499, 5_749, Why::Backoff),
    ]);
}

#[test]
fn a_late_tick_does_all_that_is_due() {
    check(&[
        Offer("a"),
        Flush(1, 1_000),
        Sends("a"),
        At(3_600_000),
        Aborts("a"),
        Flushed(1),
        SleepsWithin(3_600_000, 3_600_250, Why::Backoff),
        WakesUp,
        Sends("a"),
    ]);
}

#[test]
fn time_that_runs_backwards_is_held_still() {
    check(&[
        At(10_000),
        Offer("a"),
        ClockShows(2_000),
        Offer("b"),
        SleepsUntil(10_500, Why::FlushInterval),
        At(3_000),
        SleepsUntil(10_500, Why::FlushInterval),
        At(10_500),
        Sends("a,b"),
        At(0),
        SleepsUntil(15_500, Why::Timeout),
        Reply(200),
        Offer("c"),
        SleepsUntil(11_000, Why::FlushInterval),
    ]);
}

#[test]
fn what_is_offered_while_all_requests_fly_needs_no_look() {
    check_with(
        policy(|p| (p.batch_count_max, p.concurrency_max) = (2, 1)),
        &[
            Offer("a"),
            NeedsPoll,
            WakesUp,
            Sends("a"),
            Offer("b"),
            NeedsNoPoll,
            OfferTo("y", "c"),
            NeedsNoPoll,
            SleepsUntil(5_500, Why::Timeout),
            Reply(200),
            Sends("b,c"),
        ],
    );
}

#[test]
fn what_is_offered_while_another_request_may_go_needs_a_look_when_it_is_due() {
    check_with(
        policy(|p| (p.batch_count_max, p.concurrency_max) = (2, 2)),
        &[
            OfferTo("x", "a"),
            WakesUp,
            Sends("a"),
            OfferTo("y", "b"),
            NeedsPoll,
            SleepsUntil(1_000, Why::FlushInterval),
            OfferTo("y", "c"),
            NeedsPoll,
            Sends("b,c"),
            OfferTo("z", "d"),
            NeedsNoPoll,
            SleepsUntil(5_500, Why::Timeout),
        ],
    );
}

#[test]
fn what_is_offered_during_the_backoff_needs_no_look() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            OfferTo("x", "a"),
            WakesUp,
            Sends("a"),
            ReplyAfter(503, 2_000),
            OfferTo("x", "b"),
            NeedsNoPoll,
            OfferTo("y", "c"),
            NeedsNoPoll,
            OfferTo("y", "d"),
            NeedsNoPoll,
            SleepsWithin(2_500, 3_000, Why::Backoff),
            Online,
            SleepsUntil(2_500, Why::Backoff),
            WakesUp,
            Sends("a"),
            Reply(200),
            Sends("b,c"),
        ],
    );
}

#[test]
fn what_is_too_old_before_the_next_wake_needs_a_look() {
    check_with(
        policy(|p| (p.concurrency_max, p.age_max_ms) = (1, 1_000)),
        &[
            Offer("a"),
            WakesUp,
            Sends("a"),
            SleepsUntil(5_500, Why::Timeout),
            ClockShows(600),
            Offer("b"),
            NeedsPoll,
            SleepsUntil(1_600, Why::MaxAge),
            ClockShows(700),
            Offer("c"),
            NeedsNoPoll,
            WakesUp,
            DeadLetters(Code::Expired, "b"),
            SleepsUntil(1_700, Why::MaxAge),
        ],
    );
}

#[test]
fn what_is_too_old_before_it_is_due_needs_a_look() {
    for concurrency in [1, 2] {
        check_with(
            policy(|p| {
                (p.concurrency_max, p.flush_interval_ms) = (concurrency, 10_000);
                p.age_max_ms = 1_000;
            }),
            &[
                OfferTo("x", "a"),
                Flush(1, 60_000),
                Sends("a"),
                SleepsUntil(5_000, Why::Timeout),
                ClockShows(100),
                OfferTo("y", "b"),
                NeedsPoll,
                SleepsUntil(1_100, Why::MaxAge),
            ],
        );
    }
}

#[test]
fn what_makes_another_give_way_needs_a_look_although_nothing_may_be_sent() {
    check_with(
        policy(|p| (p.concurrency_max, p.queue_count_max) = (1, 2)),
        &[
            Offer("a"),
            WakesUp,
            Sends("a"),
            Offer("b"),
            NeedsNoPoll,
            Offer("c"),
            NeedsPoll,
            DeadLetters(Code::QueueFull, "b"),
        ],
    );
}
