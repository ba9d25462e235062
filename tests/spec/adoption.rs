use crate::script::Step::*;
use crate::script::{check, check_with, holding, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::Overflow;

#[test]
fn what_was_found_goes_before_what_is_new() {
    check(&[
        Load,
        Offer("c"),
        At(600),
        Adopt(0, "a"),
        Adopt(0, "b"),
        Adopted,
        Sends("a,b"),
        ledger([3, 0, 0, 0, 0, 3]),
        Reply(200),
        Sends("c"),
        Reply(200),
        ledger([3, 3, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn what_was_found_waits_for_no_company() {
    check(&[Adopt(0, "a"), Adopted, Sends("a"), Reply(200), SleepsForever]);
}

#[test]
fn nothing_is_sent_while_a_log_is_read() {
    check(&[
        Load,
        Offer("a"),
        At(10_000),
        Flush(1, 60_000),
        SleepsUntil(70_000, Why::FlushTimeout),
        Adopted,
        Sends("a"),
        Reply(200),
        Flushed(1),
    ]);
}

#[test]
fn a_page_that_hides_does_not_wait_for_its_log() {
    check(&[Load, Offer("a"), Hide, SendsKeepalive("a"), Show, Offer("b"), At(1_000), Reply(200)]);
}

#[test]
fn streams_that_found_nothing_do_not_wait_for_those_that_did() {
    check(&[
        OfferTo("x", "b"),
        At(400),
        AdoptTo("y", "a"),
        Adopted,
        Sends("a"),
        WakesUp,
        Sends("b"),
    ]);
}

#[test]
fn what_is_found_travels_in_batches_as_large_as_all_others() {
    check_with(
        policy(|p| p.batch_count_max = 2),
        &[
            Adopt(0, "a"),
            Adopt(0, "b"),
            Adopt(0, "c"),
            Adopted,
            Sends("a,b"),
            Reply(200),
            Sends("c"),
        ],
    );
    let both = [Adopt(0, "aa"), Adopt(0, "bb"), Adopted];
    let together = [&both[..], &[Sends("aa,bb")]].concat();
    check_with(policy(|p| p.batch_bytes_max = 6), &together);
    let alone = [&both[..], &[Sends("aa"), Reply(200), Sends("bb")]].concat();
    check_with(policy(|p| p.batch_bytes_max = 5), &alone);
}

#[test]
fn what_was_found_later_was_there_before() {
    check(&[
        Told(10_000),
        Adopt(0, "b"),
        Adopted,
        Adopt(0, "a"),
        Adopted,
        ToldWell,
        Sends("a"),
        Reply(200),
        Sends("b"),
    ]);
}

#[test]
fn what_was_found_does_not_wait_for_newer_ones_in_flight() {
    check(&[Offer("b"), At(500), Sends("b"), Adopt(0, "a"), Adopted, Sends("a")]);
}

#[test]
fn a_flush_waits_for_what_was_found_before() {
    check(&[Load, Flush(1, 60_000), Adopted, Flushed(1)]);
    check(&[Load, Flush(1, 60_000), Adopt(0, "a"), Adopted, Sends("a"), Reply(200), Flushed(1)]);
    check(&[Load, Flush(1, 1_000), SleepsUntil(1_000, Why::FlushTimeout), At(1_000), Flushed(1)]);
    check(&[Load, Adopt(0, "a"), Adopted, Sends("a"), Flush(1, 60_000), Reply(200), Flushed(1)]);
}

#[test]
fn where_too_much_was_found_the_oldest_of_it_gives_way() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        check_with(
            holding(2, overflow),
            &[
                Offer("c"),
                Adopt(0, "a"),
                Adopt(0, "b"),
                Adopted,
                DeadLetters(Code::QueueFull, "a"),
                Sends("b"),
                ledger([3, 0, 0, 0, 1, 2]),
            ],
        );
    }
}

#[test]
fn where_too_many_bytes_were_found_the_oldest_of_them_give_way() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        check_with(
            policy(|p| (p.queue_bytes_max, p.overflow) = (5, overflow)),
            &[
                Offer("ccc"),
                Adopt(0, "aa"),
                Adopt(0, "bb"),
                Adopted,
                DeadLetters(Code::QueueFull, "aa"),
                Sends("bb"),
                ledger([3, 0, 0, 0, 1, 2]),
            ],
        );
    }
}

#[test]
fn what_is_in_flight_does_not_give_way_to_what_was_found() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        check_with(
            holding(1, overflow),
            &[
                Offer("b"),
                At(500),
                Sends("b"),
                Adopt(0, "a"),
                Adopted,
                DeadLetters(Code::QueueFull, "a"),
                Reply(200),
                ledger([2, 1, 0, 0, 1, 0]),
            ],
        );
    }
}

#[test]
fn what_was_found_is_as_old_as_it_is() {
    check_with(
        policy(|p| p.age_max_ms = 1_000),
        &[
            ClockShows(5_000),
            Adopt(3_000, "old"),
            Adopt(4_500, "young"),
            Adopted,
            DeadLetters(Code::Expired, "old"),
            Sends("young"),
            Fail,
            SleepsWithin(5_000, 5_250, Why::Backoff),
            At(5_500),
            DeadLetters(Code::Expired, "young"),
            ledger([2, 0, 0, 2, 0, 0]),
        ],
    );
}

#[test]
fn nothing_that_was_found_is_younger_than_now() {
    check_with(
        policy(|p| p.age_max_ms = 1_000),
        &[
            ClockShows(5_000),
            AdoptLeft(9_000_000, "a"),
            Adopted,
            SleepsUntil(6_000, Why::MaxAge),
            WakesUp,
            DeadLetters(Code::Expired, "a"),
        ],
    );
}

#[test]
fn the_next_answer_speaks_for_what_was_left() {
    check(&[
        AdoptLeft(0, "a"),
        Adopted,
        Offer("b"),
        At(500),
        Sends("b"),
        Reply(200),
        ledger([2, 2, 0, 0, 0, 0]),
        SleepsForever,
    ]);
}

#[test]
fn what_was_left_is_sent_where_the_server_is_in_trouble() {
    check(&[
        AdoptLeft(0, "a"),
        Adopted,
        Offer("b"),
        At(500),
        Sends("b"),
        Fail,
        WakesUp,
        Sends("a"),
        Reply(200),
        Sends("b"),
        Reply(200),
        ledger([2, 2, 0, 0, 0, 0]),
    ]);
}

#[test]
fn a_refusal_does_not_speak_for_what_was_left() {
    for status in [400, 401] {
        let code = if status == 400 { Code::Rejected } else { Code::Unauthorized };
        check(&[
            AdoptLeft(0, "a"),
            Adopted,
            Offer("b"),
            At(500),
            Sends("b"),
            Reply(status),
            DeadLetters(code, "b"),
            ledger([2, 0, 1, 0, 0, 1]),
        ]);
    }
}

#[test]
fn what_was_left_stops_nothing() {
    check(&[
        Adopt(0, "a"),
        AdoptLeft(0, "b"),
        Adopt(0, "c"),
        Adopted,
        Sends("a"),
        Reply(200),
        ledger([3, 2, 0, 0, 0, 1]),
        Sends("c"),
    ]);
}

#[test]
fn a_flush_does_not_wait_for_what_was_left() {
    check(&[AdoptLeft(0, "a"), Adopted, Flush(1, 60_000), Flushed(1), ledger([1, 0, 0, 0, 0, 1])]);
}

#[test]
fn what_was_left_is_discarded_too() {
    check(&[AdoptLeft(0, "a"), Adopted, Discard, DeadLetters(Code::ConsentRefused, "a")]);
}
