use crate::script::Step::*;
use crate::script::{check, check_with, policy};
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
