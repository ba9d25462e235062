use crate::script::Step::*;
use crate::script::{check, check_with, holding, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::policy::Overflow::{DropNewest, DropOldest};

#[test]
fn the_oldest_gives_way_for_the_newest() {
    check_with(
        holding(2, DropOldest),
        &[
            Offer("a"),
            Offer("b"),
            Offer("c"),
            DeadLetters(Code::QueueFull, "a"),
            ledger([3, 0, 0, 0, 1, 2]),
            WakesUp,
            Sends("b,c"),
            Reply(200),
            ledger([3, 2, 0, 0, 1, 0]),
        ],
    );
}

#[test]
fn the_newest_gives_way() {
    check_with(
        holding(2, DropNewest),
        &[
            Offer("a"),
            Offer("b"),
            Offer("c"),
            DeadLetters(Code::QueueFull, "c"),
            WakesUp,
            Sends("a,b"),
            Reply(200),
            ledger([3, 2, 0, 0, 1, 0]),
        ],
    );
}

#[test]
fn as_many_old_ones_give_way_as_the_new_one_needs_bytes() {
    check_with(
        policy(|p| p.queue_bytes_max = 9),
        &[
            Offer("aaa"),
            Offer("bbb"),
            Offer("ccc"),
            Offer("ddddd"),
            DeadLetters(Code::QueueFull, "aaa,bbb"),
            ledger([4, 0, 0, 0, 2, 2]),
            WakesUp,
            Sends("ccc,ddddd"),
        ],
    );
}

#[test]
fn the_newest_gives_way_when_its_bytes_do_not_fit() {
    check_with(
        policy(|p| (p.queue_bytes_max, p.overflow) = (9, DropNewest)),
        &[
            Offer("aaaa"),
            Offer("bbbbbb"),
            DeadLetters(Code::QueueFull, "bbbbbb"),
            Offer("ccccc"),
            WakesUp,
            Sends("aaaa,ccccc"),
        ],
    );
}

#[test]
fn an_event_larger_than_the_queue_is_dropped_and_nothing_gives_way() {
    for overflow in [DropOldest, DropNewest] {
        check_with(
            policy(|p| (p.queue_bytes_max, p.overflow) = (5, overflow)),
            &[
                Offer("aaaaa"),
                Offer("bbbbbb"),
                DeadLetters(Code::QueueFull, "bbbbbb"),
                ledger([2, 0, 0, 0, 1, 1]),
                WakesUp,
                Sends("aaaaa"),
                Reply(200),
            ],
        );
    }
}

#[test]
fn a_queue_for_nothing_holds_nothing() {
    check_with(
        holding(0, DropOldest),
        &[Offer("a"), DeadLetters(Code::QueueFull, "a"), ledger([1, 0, 0, 0, 1, 0]), SleepsForever],
    );
}

#[test]
fn what_is_in_flight_never_gives_way() {
    check_with(
        holding(2, DropOldest),
        &[
            Offer("a"),
            Offer("b"),
            WakesUp,
            Sends("a,b"),
            Offer("c"),
            DeadLetters(Code::QueueFull, "c"),
            Reply(200),
            ledger([3, 2, 0, 0, 1, 0]),
        ],
    );
}

#[test]
fn what_waits_for_a_retry_gives_way_and_the_rest_is_sent() {
    check_with(
        holding(2, DropOldest),
        &[
            Offer("a"),
            Offer("b"),
            WakesUp,
            Sends("a,b"),
            Reply(503),
            Offer("c"),
            DeadLetters(Code::QueueFull, "a"),
            WakesUp,
            Sends("b"),
            Reply(200),
            WakesUp,
            Sends("c"),
            Reply(200),
            ledger([3, 2, 0, 0, 1, 0]),
        ],
    );
}

#[test]
fn ten_thousand_events_fit_by_default() {
    let mut steps = vec![Close(1, 0), Flushed(1)];
    steps.extend([Offer("a"); 10_000]);
    steps.extend([ledger([10_000, 0, 0, 0, 0, 10_000]), Offer("b")]);
    steps.extend([DeadLetters(Code::QueueFull, "a"), ledger([10_001, 0, 0, 0, 1, 10_000])]);
    check(&steps);
}

#[test]
fn the_one_that_waits_longest_gives_way_wherever_it_waits() {
    // "b" waits behind "a" in its stream; "c" came later, was sent and waits for its retry.
    check_with(
        policy(|p| (p.queue_count_max, p.flush_interval_ms) = (3, 0)),
        &[
            OfferTo("x", "a"),
            Sends("a"),
            OfferTo("x", "b"),
            OfferTo("y", "c"),
            Sends("c"),
            ReplyTo("c", 503),
            OfferTo("z", "d"),
            DeadLetters(Code::QueueFull, "b"),
        ],
    );
}

#[test]
fn nothing_gives_way_in_vain() {
    // With "aaaaaa" in flight there is no room for five bytes, whatever gives way.
    check_with(
        policy(|p| (p.queue_bytes_max, p.flush_interval_ms) = (10, 0)),
        &[
            Offer("aaaaaa"),
            Sends("aaaaaa"),
            Offer("bb"),
            Offer("ccccc"),
            DeadLetters(Code::QueueFull, "ccccc"),
            ledger([3, 0, 0, 0, 1, 2]),
            Reply(200),
            Sends("bb"),
        ],
    );
}
