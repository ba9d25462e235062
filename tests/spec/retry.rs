use crate::script::Step::*;
use crate::script::{check, check_with, ledger, play, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::Policy;

#[test]
fn a_batch_that_fails_is_tried_again() {
    check(&[
        Offer("a"),
        Offer("b"),
        At(500),
        Sends("a,b"),
        Reply(503),
        SleepsWithin(500, 750, Why::Backoff),
        WakesUp,
        Sends("a,b"),
        Reply(200),
        ledger([2, 2, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn a_request_that_never_reached_the_server_is_tried_again() {
    check(&[Offer("a"), WakesUp, Sends("a"), Fail, WakesUp, Sends("a"), Reply(200), SleepsForever]);
}

#[test]
fn the_same_seed_gives_the_same_delays() {
    let script =
        [Offer("a"), At(500), Sends("a"), Fail, WakesUp, Sends("a"), Fail, WakesUp, Sends("a")];
    let of_seed = |seed| play(Policy::default(), seed, &script);
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(3));
}

#[test]
fn retry_after_is_the_floor() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 30_000),
        SleepsUntil(30_500, Why::Backoff),
        At(30_499),
        At(30_500),
        Sends("a"),
        Reply(200),
    ]);
}

#[test]
fn retry_after_counts_with_a_503_too() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(503, 10_000),
        SleepsUntil(10_500, Why::Backoff),
    ]);
}

#[test]
fn what_comes_later_waits_for_retry_after_too() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 30_000),
        OfferTo("y", "b"),
        At(1_000),
        SleepsUntil(30_500, Why::Backoff),
        At(30_500),
        Sends("a"),
        Reply(200),
        Sends("b"),
    ]);
}

#[test]
fn retry_after_holds_although_another_request_succeeds() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            ReplyAfter(429, 30_000),
            OfferTo("z", "c"),
            ReplyTo("b", 200),
            SleepsUntil(30_000, Why::Backoff),
            At(30_000),
            Sends("a"),
            Sends("c"),
        ],
    );
}

#[test]
fn a_shorter_retry_after_does_not_shorten_a_longer_one() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            ReplyAfter(429, 30_000),
            ReplyAfter(429, 1_000),
            SleepsUntil(30_000, Why::Backoff),
        ],
    );
}

#[test]
fn one_probe_at_a_time_while_backing_off() {
    check_with(
        policy(|p| (p.flush_interval_ms, p.concurrency_max) = (0, 3)),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            OfferTo("z", "c"),
            Sends("c"),
            Fail,
            Fail,
            Fail,
            SleepsWithin(0, 1_000, Why::Backoff),
            WakesUp,
            Sends("a"),
            At(2_000),
            Reply(200),
            Sends("b"),
            Sends("c"),
        ],
    );
}

#[test]
fn while_something_flies_a_failure_starts_no_probe() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            ClockShows(3_000),
            OfferTo("y", "b"),
            Sends("b"),
            Fail,
            SleepsUntil(8_000, Why::Timeout),
            At(7_000),
            ReplyTo("b", 200),
            Sends("a"),
        ],
    );
}

#[test]
fn a_request_without_an_answer_is_aborted_and_tried_again() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        SleepsUntil(5_500, Why::Timeout),
        At(5_499),
        At(5_500),
        Aborts("a"),
        SleepsWithin(5_500, 5_750, Why::Backoff),
        WakesUp,
        Sends("a"),
        Reply(200),
        ledger([1, 1, 0, 0, 0, 0]),
    ]);
}

#[test]
fn a_late_answer_changes_nothing() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        At(5_500),
        Aborts("a"),
        ReplyTo("a", 200),
        ledger([1, 0, 0, 0, 0, 1]),
        ReplyTo("a", 400),
        ledger([1, 0, 0, 0, 0, 1]),
        WakesUp,
        Sends("a"),
        Reply(200),
        ReplyTo("a", 200),
        ReplyTo("a", 503),
        ledger([1, 1, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn attempts_are_unlimited_by_default() {
    let mut steps = vec![Offer("a"), At(500), Sends("a")];
    for _ in 0..60 {
        steps.extend([Reply(500), WakesUp, Sends("a")]);
    }
    steps.extend([Reply(200), ledger([1, 1, 0, 0, 0, 0]), SleepsForever]);
    check(&steps);
}

#[test]
fn the_last_of_max_attempts_gives_the_batch_up() {
    check_with(
        policy(|p| (p.attempts_max, p.batch_count_max) = (Some(2), 2)),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Reply(503),
            WakesUp,
            Sends("a,b"),
            Reply(503),
            DeadLetters(Code::Expired, "a,b"),
            ledger([2, 0, 0, 2, 0, 0]),
            SleepsForever,
        ],
    );
}

#[test]
fn a_timeout_counts_as_an_attempt() {
    check_with(
        policy(|p| p.attempts_max = Some(1)),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            WakesUp,
            Aborts("a"),
            DeadLetters(Code::Expired, "a"),
            SleepsForever,
        ],
    );
}

#[test]
fn what_follows_a_batch_given_up_still_waits_for_the_backoff() {
    check_with(
        policy(|p| (p.attempts_max, p.flush_interval_ms) = (Some(1), 0)),
        &[
            Offer("a"),
            Sends("a"),
            Offer("b"),
            ReplyAfter(503, 2_000),
            DeadLetters(Code::Expired, "a"),
            SleepsUntil(2_000, Why::Backoff),
            WakesUp,
            Sends("b"),
        ],
    );
}

#[test]
fn finding_a_culprit_uses_up_no_attempts_of_its_neighbours() {
    check_with(
        policy(|p| (p.attempts_max, p.batch_count_max) = (Some(2), 2)),
        &[
            Offer("a"),
            Offer("bad"),
            Sends("a,bad"),
            Reply(400),
            Sends("a"),
            Reply(503),
            WakesUp,
            Sends("a"),
            Reply(200),
            Sends("bad"),
            Reply(400),
            DeadLetters(Code::Rejected, "bad"),
            ledger([2, 1, 1, 0, 0, 0]),
        ],
    );
}

#[test]
fn an_offer_after_the_time_is_over_times_the_request_out_too() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ClockShows(6_000),
        Offer("b"),
        Aborts("a"),
        SleepsWithin(6_000, 6_250, Why::Backoff),
    ]);
}
