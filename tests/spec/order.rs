use crate::script::Step::*;
use crate::script::{check_with, ledger, policy};
use sluicebox::core::io::Why;
use sluicebox::core::policy::Policy;

/// Nothing lingers, so each event is a batch; this many requests at once.
fn at_once(concurrency_max: usize) -> Policy {
    policy(|p| (p.flush_interval_ms, p.concurrency_max) = (0, concurrency_max))
}

#[test]
fn two_streams_may_fly_at_once() {
    check_with(
        at_once(2),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            ReplyTo("b", 200),
            ReplyTo("a", 200),
            SleepsForever,
        ],
    );
}

#[test]
fn one_stream_never_flies_twice() {
    check_with(
        at_once(8),
        &[
            Offer("a"),
            Sends("a"),
            Offer("b"),
            Offer("c"),
            SleepsUntil(5_000, Why::Timeout),
            Reply(200),
            Sends("b,c"),
        ],
    );
}

#[test]
fn no_more_requests_fly_than_may() {
    check_with(
        at_once(2),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            OfferTo("z", "c"),
            ReplyTo("b", 200),
            Sends("c"),
        ],
    );
}

#[test]
fn a_concurrency_of_zero_is_one() {
    check_with(
        at_once(0),
        &[OfferTo("x", "a"), Sends("a"), OfferTo("y", "b"), Reply(200), Sends("b"), Reply(200)],
    );
}

#[test]
fn a_batch_that_waits_is_not_overtaken_by_its_stream() {
    check_with(
        at_once(2),
        &[
            Offer("a"),
            Sends("a"),
            Fail,
            Offer("b"),
            SleepsWithin(0, 250, Why::Backoff),
            WakesUp,
            Sends("a"),
            Reply(200),
            Sends("b"),
            Reply(200),
            SleepsForever,
        ],
    );
}

#[test]
fn a_batch_keeps_its_composition_over_its_retries() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            OfferTo("y", "b"),
            Sends("a,b"),
            Reply(503),
            Offer("c"),
            OfferTo("y", "d"),
            WakesUp,
            Sends("a,b"),
            Reply(200),
            Sends("c,d"),
            Reply(200),
            ledger([4, 4, 0, 0, 0, 0]),
        ],
    );
}

#[test]
fn other_streams_go_on_once_the_server_is_back() {
    check_with(
        at_once(2),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("y", "b"),
            Sends("b"),
            OfferTo("y", "c"),
            ReplyTo("a", 500),
            ReplyTo("b", 200),
            Sends("a"),
            Sends("c"),
        ],
    );
}

#[test]
fn halves_of_one_stream_go_one_after_the_other() {
    check_with(
        policy(|p| p.batch_count_max = 4),
        &[
            Offer("a"),
            Offer("b"),
            Offer("c"),
            Offer("d"),
            Sends("a,b,c,d"),
            Reply(413),
            Sends("a,b"),
            Reply(200),
            Sends("c,d"),
            Reply(200),
            SleepsForever,
        ],
    );
}

#[test]
fn halves_of_different_streams_fly_at_once() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            OfferTo("x", "a"),
            OfferTo("y", "b"),
            Sends("a,b"),
            Reply(413),
            Sends("a"),
            Sends("b"),
            ReplyTo("b", 200),
            ReplyTo("a", 200),
        ],
    );
}

#[test]
fn a_batch_of_two_streams_stops_both_and_no_other() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            OfferTo("x", "a"),
            OfferTo("y", "b"),
            Sends("a,b"),
            OfferTo("y", "c"),
            OfferTo("x", "d"),
            OfferTo("z", "e"),
            OfferTo("z", "f"),
            Sends("e,f"),
            ReplyTo("a,b", 200),
            Sends("c,d"),
        ],
    );
}
