use crate::script::Step::*;
use crate::script::{check_with, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::Policy;

/// Events are given up after two seconds; requests time out after ten.
fn short_lived() -> Policy {
    policy(|p| (p.age_max_ms, p.timeout_ms) = (2_000, 10_000))
}

#[test]
fn an_event_that_waits_for_a_retry_is_given_up_at_max_age() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            ReplyAfter(503, 60_000),
            SleepsUntil(2_000, Why::MaxAge),
            At(1_999),
            At(2_000),
            DeadLetters(Code::Expired, "a"),
            ledger([1, 0, 0, 1, 0, 0]),
            SleepsForever,
        ],
    );
}

#[test]
fn a_stopped_client_gives_up_what_is_too_old_once_something_happens() {
    check_with(
        short_lived(),
        &[
            Close(1, 0),
            Flushed(1),
            Offer("a"),
            ClockShows(300),
            OfferTo("y", "b"),
            SleepsForever,
            At(2_000),
            DeadLetters(Code::Expired, "a"),
            SleepsForever,
            At(2_300),
            DeadLetters(Code::Expired, "b"),
            ledger([2, 0, 0, 2, 0, 0]),
            SleepsForever,
        ],
    );
}

#[test]
fn what_is_in_flight_is_never_given_up() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            SleepsUntil(10_500, Why::Timeout),
            At(9_000),
            Reply(200),
            ledger([1, 1, 0, 0, 0, 0]),
        ],
    );
}

#[test]
fn what_comes_back_from_its_flight_too_old_is_given_up() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            ClockShows(9_000),
            Reply(503),
            DeadLetters(Code::Expired, "a"),
            ledger([1, 0, 0, 1, 0, 0]),
        ],
    );
}

#[test]
fn what_times_out_too_old_is_aborted_and_given_up() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            At(10_500),
            Aborts("a"),
            DeadLetters(Code::Expired, "a"),
            SleepsForever,
        ],
    );
}

#[test]
fn only_the_old_part_of_a_batch_is_given_up() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            ClockShows(400),
            Offer("b"),
            At(500),
            Sends("a,b"),
            ReplyAfter(503, 1_800),
            SleepsUntil(2_000, Why::MaxAge),
            WakesUp,
            DeadLetters(Code::Expired, "a"),
            SleepsUntil(2_300, Why::Backoff),
            WakesUp,
            Sends("b"),
            Reply(200),
            ledger([2, 1, 0, 1, 0, 0]),
        ],
    );
}

#[test]
fn an_age_without_limit_expires_nothing() {
    check_with(
        policy(|p| p.age_max_ms = u64::MAX),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            ReplyAfter(503, 1_000),
            At(1 << 60),
            Sends("a"),
            Reply(200),
            SleepsForever,
        ],
    );
}

#[test]
fn what_is_too_old_is_not_sent_when_an_offer_brings_the_time() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            ReplyAfter(503, 1_000),
            ClockShows(2_500),
            OfferTo("y", "b"),
            DeadLetters(Code::Expired, "a"),
            SleepsUntil(3_000, Why::FlushInterval),
        ],
    );
}

#[test]
fn what_was_never_sent_is_given_up_too_while_the_server_asks_to_wait() {
    check_with(
        short_lived(),
        &[
            Offer("a"),
            At(500),
            Sends("a"),
            ReplyAfter(503, 60_000),
            ClockShows(800),
            OfferTo("y", "b"),
            WakesUp,
            DeadLetters(Code::Expired, "a"),
            SleepsUntil(2_800, Why::MaxAge),
            WakesUp,
            DeadLetters(Code::Expired, "b"),
            SleepsForever,
        ],
    );
}
