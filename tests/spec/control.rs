use crate::script::Step::*;
use crate::script::{check, check_with, ledger};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::Policy;

#[test]
fn what_the_protocol_needs_done_is_sent_but_never_counted() {
    check(&[
        OfferControl("make"),
        SleepsUntil(500, Why::FlushInterval),
        ledger([0, 0, 0, 0, 0, 0]),
        Offer("a"),
        ledger([1, 0, 0, 0, 0, 1]),
        WakesUp,
        Sends("make,a"),
        ledger([1, 0, 0, 0, 0, 1]),
        Reply(200),
        ledger([1, 1, 0, 0, 0, 0]),
    ]);
}

#[test]
fn when_it_is_given_up_only_the_reason_is_told_and_the_events_go_on() {
    let policy = Policy { attempts_max: Some(1), batch_count_max: 1, ..Policy::default() };
    check_with(
        policy,
        &[
            OfferControl("make"),
            Sends("make"),
            Offer("a"),
            Reply(403),
            DeadLetters(Code::Unauthorized, ""),
            Sends("a"),
            Reply(200),
            ledger([1, 1, 0, 0, 0, 0]),
        ],
    );
}

#[test]
fn what_waits_can_be_discarded_and_what_flies_still_lands() {
    let policy = Policy { batch_count_max: 2, ..Policy::default() };
    check_with(
        policy,
        &[
            OfferControl("make"),
            Offer("a"),
            Sends("make,a"),
            Offer("b"),
            Discard,
            DeadLetters(Code::ConsentRefused, "b"),
            ledger([2, 0, 0, 0, 1, 1]),
            Reply(200),
            ledger([2, 1, 0, 0, 1, 0]),
            Offer("c"),
            ClockShows(600),
            WakesUp,
            Sends("c"),
            Fail,
            Discard,
            DeadLetters(Code::ConsentRefused, "c"),
            ledger([3, 1, 0, 0, 2, 0]),
        ],
    );
}
