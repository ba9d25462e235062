use crate::script::Step::*;
use crate::script::{check_with, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::{Answer, Why};
use sluicebox::core::policy::Policy;
use sluicebox::core::wire::{Verdict, judge_by_status};

/// A batch leaves when it has four events.
fn by_four() -> Policy {
    policy(|p| p.batch_count_max = 4)
}

#[test]
fn success_delivers_all() {
    for status in [200, 201, 202, 204, 299] {
        check_with(
            by_four(),
            &[Offer("a"), WakesUp, Sends("a"), Reply(status), ledger([1, 1, 0, 0, 0, 0])],
        );
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in [0, 100, 304, 408, 425, 429, 500, 502, 503, 504, 599, 600] {
        check_with(
            by_four(),
            &[
                Offer("a"),
                At(500),
                Sends("a"),
                Reply(status),
                ledger([1, 0, 0, 0, 0, 1]),
                SleepsWithin(500, 750, Why::Backoff),
                WakesUp,
                Sends("a"),
            ],
        );
    }
}

#[test]
fn a_wrong_key_or_address_is_final_for_all() {
    for (status, code) in [
        (401, Code::Unauthorized),
        (403, Code::Unauthorized),
        (402, Code::Rejected),
        (404, Code::Rejected),
        (405, Code::Rejected),
        (410, Code::Rejected),
    ] {
        check_with(
            by_four(),
            &[
                Offer("a"),
                Offer("b"),
                WakesUp,
                Sends("a,b"),
                Reply(status),
                DeadLetters(code, "a,b"),
                ledger([2, 0, 2, 0, 0, 0]),
                SleepsForever,
            ],
        );
    }
}

#[test]
fn a_refusal_is_no_outage() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            Offer("a"),
            Sends("a"),
            Offer("b"),
            Reply(404),
            DeadLetters(Code::Rejected, "a"),
            Sends("b"),
        ],
    );
}

#[test]
fn the_culprit_is_found_by_halves_and_its_neighbours_are_delivered_in_order() {
    for status in [400, 409, 422] {
        check_with(
            by_four(),
            &[
                Offer("a"),
                Offer("b"),
                Offer("bad"),
                Offer("d"),
                Sends("a,b,bad,d"),
                Reply(status),
                Sends("a,b"),
                Reply(200),
                Sends("bad,d"),
                Reply(status),
                Sends("bad"),
                Reply(status),
                DeadLetters(Code::Rejected, "bad"),
                Sends("d"),
                Reply(200),
                ledger([4, 3, 1, 0, 0, 0]),
                SleepsForever,
            ],
        );
    }
}

#[test]
fn the_older_half_is_the_larger_one() {
    check_with(
        policy(|p| p.batch_count_max = 3),
        &[Offer("a"), Offer("b"), Offer("c"), Sends("a,b,c"), Reply(400), Sends("a,b")],
    );
}

#[test]
fn two_culprits_are_both_found() {
    check_with(
        by_four(),
        &[
            Offer("bad"),
            Offer("b"),
            Offer("worse"),
            Offer("d"),
            Sends("bad,b,worse,d"),
            Reply(400),
            Sends("bad,b"),
            Reply(400),
            Sends("bad"),
            Reply(400),
            DeadLetters(Code::Rejected, "bad"),
            Sends("b"),
            Reply(200),
            Sends("worse,d"),
            Reply(422),
            Sends("worse"),
            Reply(422),
            DeadLetters(Code::Rejected, "worse"),
            Sends("d"),
            Reply(200),
            ledger([4, 2, 2, 0, 0, 0]),
        ],
    );
}

#[test]
fn what_comes_later_waits_until_the_culprit_is_found() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("bad"),
            Offer("b"),
            Sends("bad,b"),
            Offer("c"),
            Offer("d"),
            Reply(400),
            Sends("bad"),
            Reply(400),
            DeadLetters(Code::Rejected, "bad"),
            Sends("b"),
            Reply(200),
            Sends("c,d"),
        ],
    );
}

#[test]
fn a_half_may_fail_and_is_tried_again_in_its_place() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Reply(413),
            Sends("a"),
            Reply(503),
            SleepsWithin(0, 250, Why::Backoff),
            WakesUp,
            Sends("a"),
            Reply(200),
            Sends("b"),
            Reply(200),
        ],
    );
}

#[test]
fn a_batch_too_large_for_the_server_is_split_until_one_event_is_too_large() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Offer("a"),
            Offer("huge"),
            Sends("a,huge"),
            Reply(413),
            Sends("a"),
            Reply(200),
            Sends("huge"),
            Reply(413),
            DeadLetters(Code::PayloadTooLarge, "huge"),
            ledger([2, 1, 1, 0, 0, 0]),
        ],
    );
}

#[test]
fn every_status_has_a_verdict_and_only_success_delivers() {
    for status in 0..=999 {
        let answer = Answer { retry_after: Some(1_000), ..Answer::status(status) };
        let verdict = judge_by_status(&answer);
        let delivered = verdict == Verdict::Delivered;
        assert_eq!(delivered, (200..300).contains(&status), "{status}");
        if let Verdict::Retry(span) = verdict {
            assert_eq!(span, Some(1_000), "{status}");
        }
        let client_error = (400..500).contains(&status) && ![408, 425, 429].contains(&status);
        let refused = matches!(verdict, Verdict::RefusedAll(_) | Verdict::RefusedSome(_));
        assert_eq!(refused, client_error, "{status}");
    }
}
