use crate::script::Step::*;
use crate::script::{check, check_with, ledger, policy};
use sluicebox::core::io::Why;

#[test]
fn events_wait_for_company_and_leave_together() {
    check(&[
        Offer("a"),
        SleepsUntil(500, Why::FlushInterval),
        ClockShows(200),
        Offer("b"),
        SleepsUntil(500, Why::FlushInterval),
        At(499),
        At(500),
        Sends("a,b"),
        SleepsUntil(5_500, Why::Timeout),
        Reply(200),
        ledger([2, 2, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn the_oldest_event_decides_when_a_batch_leaves() {
    check(&[
        At(1_000),
        Offer("a"),
        ClockShows(1_499),
        Offer("b"),
        SleepsUntil(1_500, Why::FlushInterval),
        WakesUp,
        Sends("a,b"),
        Reply(204),
        ClockShows(1_700),
        Offer("c"),
        SleepsUntil(2_200, Why::FlushInterval),
    ]);
}

#[test]
fn without_linger_each_event_leaves_at_once() {
    let policy = policy(|p| (p.flush_interval_ms, p.gzip) = (0, false));
    check_with(policy, &[Offer("a"), Sends("a"), Reply(200), Offer("b"), Sends("b"), Reply(200)]);
}

#[test]
fn a_full_batch_leaves_without_waiting() {
    check_with(
        policy(|p| p.batch_count_max = 3),
        &[
            Offer("a"),
            Offer("b"),
            Offer("c"),
            Sends("a,b,c"),
            Offer("d"),
            SleepsUntil(5_000, Why::Timeout),
            Reply(200),
            SleepsUntil(500, Why::FlushInterval),
        ],
    );
}

#[test]
fn no_batch_has_more_events_than_it_may() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Offer("c"),
            Offer("d"),
            Offer("e"),
            Reply(200),
            Sends("c,d"),
            Reply(200),
            SleepsUntil(500, Why::FlushInterval),
            WakesUp,
            Sends("e"),
        ],
    );
}

#[test]
fn a_batch_of_zero_events_is_a_batch_of_one() {
    check_with(policy(|p| p.batch_count_max = 0), &[Offer("a"), Sends("a"), Reply(200)]);
}

#[test]
fn enough_bytes_leave_without_waiting() {
    check_with(
        policy(|p| p.batch_bytes_max = 10),
        &[Offer("aaaa"), Offer("bbbb"), Offer("cc"), Sends("aaaa,bbbb"), Reply(200)],
    );
}

#[test]
fn no_batch_has_more_bytes_than_it_may_separators_included() {
    check_with(
        policy(|p| p.batch_bytes_max = 12),
        &[
            Offer("aaa"),
            Offer("bbb"),
            Offer("ccc"),
            SleepsUntil(500, Why::FlushInterval),
            Offer("ddd"),
            Sends("aaa,bbb,ccc"),
            Reply(200),
            SleepsUntil(500, Why::FlushInterval),
            WakesUp,
            Sends("ddd"),
        ],
    );
}

#[test]
fn an_event_larger_than_a_batch_goes_alone() {
    check_with(
        policy(|p| p.batch_bytes_max = 8),
        &[
            Offer("a"),
            Offer("oversized-event"),
            Sends("a"),
            Offer("b"),
            Reply(200),
            Sends("oversized-event"),
            Reply(200),
            SleepsUntil(500, Why::FlushInterval),
            WakesUp,
            Sends("b"),
        ],
    );
}

#[test]
fn streams_travel_together() {
    check(&[
        OfferTo("x", "a"),
        OfferTo("y", "b"),
        OfferTo("z", "c"),
        WakesUp,
        Sends("a,b,c"),
        Reply(200),
        SleepsForever,
    ]);
}

#[test]
fn the_count_of_a_stream_that_must_wait_does_not_hurry_another() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Offer("c"),
            Offer("d"),
            OfferTo("y", "e"),
            SleepsUntil(500, Why::FlushInterval),
            OfferTo("y", "f"),
            Sends("e,f"),
        ],
    );
}

#[test]
fn the_bytes_of_a_stream_that_must_wait_do_not_hurry_another() {
    check_with(
        policy(|p| p.batch_bytes_max = 8),
        &[
            Offer("aaaaaaaa"),
            Sends("aaaaaaaa"),
            Offer("bbbbbbbb"),
            OfferTo("y", "c"),
            SleepsUntil(500, Why::FlushInterval),
            WakesUp,
            Sends("c"),
        ],
    );
}
