use crate::script::Step::*;
use crate::script::{check_with, ledger, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::{Overflow, Policy};

/// Two events make a batch.
fn pairs() -> Policy {
    policy(|p| p.batch_count_max = 2)
}

#[test]
fn a_whole_batch_behind_the_one_in_flight_is_packed_once_and_sent_next() {
    check_with(
        pairs(),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Packs("a,b"),
            Offer("c"),
            NeedsNoPoll,
            Offer("d"),
            NeedsPoll,
            Packs("c,d"),
            Offer("e"),
            NeedsNoPoll,
            Offer("f"),
            NeedsNoPoll,
            SleepsUntil(5_000, Why::Timeout),
            Reply(200),
            Sends("c,d"),
            Packs("e,f"),
            Reply(200),
            Sends("e,f"),
            Reply(200),
            SleepsForever,
            ledger([6, 6, 0, 0, 0, 0]),
        ],
    );
}

#[test]
fn less_than_a_batch_is_not_put_together_and_may_still_grow() {
    check_with(
        policy(|p| p.batch_count_max = 3),
        &[
            Offer("a"),
            Flush(1, 60_000),
            Sends("a"),
            Packs("a"),
            Offer("b"),
            Offer("c"),
            NeedsNoPoll,
            Reply(200),
            Flushed(1),
            Offer("d"),
            Sends("b,c,d"),
            Packs("b,c,d"),
        ],
    );
}

#[test]
fn what_fails_is_sent_again_before_what_was_put_together() {
    check_with(
        pairs(),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Packs("a,b"),
            Offer("c"),
            Offer("d"),
            Packs("c,d"),
            Reply(503),
            WakesUp,
            Sends("a,b"),
            Packs("a,b"),
            Reply(200),
            Sends("c,d"),
            Reply(200),
            SleepsForever,
        ],
    );
}

#[test]
fn what_need_not_wait_is_sent_at_once_and_nothing_is_put_together_with_it() {
    check_with(
        pairs(),
        &[
            OfferTo("x", "a"),
            OfferTo("x", "b"),
            Sends("a,b"),
            OfferTo("y", "c"),
            OfferTo("x", "d"),
            OfferTo("x", "e"),
            OfferTo("y", "f"),
            Sends("c,f"),
            ReplyTo("a,b", 200),
            Sends("d,e"),
        ],
    );
}

#[test]
fn without_compression_nothing_is_put_together_early() {
    check_with(
        policy(|p| (p.batch_count_max, p.gzip) = (2, false)),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            OfferTo("x", "c"),
            OfferTo("x", "d"),
            OfferTo("y", "e"),
            OfferTo("y", "f"),
            Sends("e,f"),
            Reply(200),
            Sends("c,d"),
        ],
    );
}

#[test]
fn what_was_put_together_gives_way_like_any_other_and_is_packed_anew() {
    check_with(
        policy(|p| {
            (p.batch_count_max, p.queue_count_max) = (2, 4);
            p.overflow = Overflow::DropOldest;
        }),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Packs("a,b"),
            Offer("c"),
            Offer("d"),
            Packs("c,d"),
            Offer("e"),
            DeadLetters(Code::QueueFull, "c"),
            Reply(200),
            Sends("d"),
            Packs("d"),
            ledger([5, 2, 0, 0, 1, 2]),
        ],
    );
}

#[test]
fn what_was_put_together_grows_too_old_like_any_other() {
    check_with(
        policy(|p| (p.batch_count_max, p.age_max_ms) = (2, 3_000)),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Offer("c"),
            Offer("d"),
            At(3_000),
            DeadLetters(Code::Expired, "c,d"),
            Reply(200),
            SleepsForever,
        ],
    );
}

#[test]
fn a_page_that_goes_away_hands_over_what_was_put_together() {
    check_with(
        pairs(),
        &[
            Offer("a"),
            Offer("b"),
            Sends("a,b"),
            Offer("c"),
            Offer("d"),
            Offer("e"),
            Hide,
            SendsKeepalive("c,d"),
            SendsKeepalive("e"),
        ],
    );
}
