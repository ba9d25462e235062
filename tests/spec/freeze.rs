use crate::script::Step::*;
use crate::script::{check, check_with, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::{Mark, Why};

#[test]
fn a_page_that_stands_still_sends_nothing() {
    check(&[Freeze, Offer("a"), At(10_000), Thaw, Sends("a"), Reply(200), SleepsForever]);
}

#[test]
fn answers_count_while_it_stands_still() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Freeze,
        Offer("b"),
        Reply(200),
        ledger([2, 1, 0, 0, 0, 1]),
        At(5_000),
        Thaw,
        Sends("b"),
    ]);
}

#[test]
fn a_request_times_out_although_the_page_stood_still() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Freeze,
        ClockShows(90_000),
        Thaw,
        Aborts("a"),
        SleepsWithin(90_000, 90_250, Why::Backoff),
        WakesUp,
        Sends("a"),
    ]);
}

#[test]
fn nothing_is_given_up_for_its_age_while_another_page_may_have_it() {
    let stands_still = [Offer("a"), Freeze, At(2_000), SleepsForever];
    let goes_on = [Thaw, DeadLetters(Code::Expired, "a"), ledger([1, 0, 0, 1, 0, 0])];
    let loses_it = [Forget, Thaw, ledger([0, 0, 0, 0, 0, 0])];
    let young = policy(|p| p.age_max_ms = 1_000);
    check_with(young.clone(), &[&stands_still[..], &goes_on].concat());
    check_with(young, &[&stands_still[..], &loses_it].concat());
}

#[test]
fn a_flush_of_a_page_that_stands_still_ends_in_time() {
    check(&[Freeze, Offer("a"), Flush(1, 1_000), WakesUp, Flushed(1)]);
}

#[test]
fn what_another_page_has_taken_over_is_counted_there() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Reply(200),
        Offer("b"),
        Offer("c"),
        Freeze,
        Forget,
        ledger([1, 1, 0, 0, 0, 0]),
        Thaw,
        SleepsForever,
        Offer("d"),
        WakesUp,
        Sends("d"),
        Reply(200),
        ledger([2, 2, 0, 0, 0, 0]),
    ]);
}

#[test]
fn what_another_page_has_taken_over_has_no_marks() {
    check(&[
        ToldWell,
        Offer("a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Mark::Left, "a"),
        Freeze,
        Forget,
        Reply(503),
        Thaw,
    ]);
}

#[test]
fn nobody_waits_for_an_answer_about_what_another_page_has_taken_over() {
    for status in [200, 400, 503] {
        check(&[
            Offer("a"),
            At(500),
            Sends("a"),
            Freeze,
            Forget,
            Reply(status),
            ledger([0, 0, 0, 0, 0, 0]),
            Thaw,
            SleepsForever,
        ]);
    }
}

#[test]
fn a_flush_does_not_wait_for_what_another_page_has_taken_over() {
    check(&[Offer("a"), Flush(1, 60_000), Sends("a"), Freeze, Forget, Flushed(1), Thaw]);
}

#[test]
fn what_an_earlier_visit_left_can_be_taken_over_too() {
    check(&[AdoptLeft(0, "a"), Adopted, Freeze, Forget, ledger([0, 0, 0, 0, 0, 0]), Thaw]);
}
