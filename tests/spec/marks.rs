use crate::script::Step::*;
use crate::script::{check, check_with, holding, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Mark::{Left, Returned, Settled};
use sluicebox::core::policy::Overflow;

#[test]
fn what_is_delivered_is_settled_in_one_mark() {
    check(&[
        OfferTo("x", "a"),
        OfferTo("y", "b"),
        Offer("c"),
        At(500),
        Sends("a,b,c"),
        Reply(200),
        Marks(Settled, "a,b,c"),
    ]);
}

#[test]
fn what_waits_is_not_marked() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Fail,
        Offer("b"),
        WakesUp,
        Sends("a"),
        Reply(200),
        Marks(Settled, "a"),
    ]);
}

#[test]
fn what_is_given_up_is_settled() {
    check_with(
        holding(1, Overflow::DropOldest),
        &[
            Offer("a"),
            Offer("b"),
            DeadLetters(Code::QueueFull, "a"),
            Marks(Settled, "a"),
            WakesUp,
            Sends("b"),
            Reply(400),
            DeadLetters(Code::Rejected, "b"),
            Marks(Settled, "b"),
            Offer("c"),
            Discard,
            DeadLetters(Code::ConsentRefused, "c"),
            Marks(Settled, "c"),
        ],
    );
    check_with(
        policy(|p| (p.age_max_ms, p.flush_interval_ms) = (100, 1_000)),
        &[Offer("a"), At(100), DeadLetters(Code::Expired, "a"), Marks(Settled, "a")],
    );
}

#[test]
fn what_is_not_the_users_is_settled_too() {
    check(&[
        OfferControl("c"),
        Offer("a"),
        At(500),
        Sends("c,a"),
        Reply(200),
        Marks(Settled, "c,a"),
    ]);
}

#[test]
fn what_a_page_hands_over_as_it_hides_is_left_until_there_is_an_answer() {
    check(&[
        ToldWell,
        Offer("a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Left, "a"),
        Reply(200),
        Marks(Settled, "a"),
    ]);
}

#[test]
fn what_was_not_taken_comes_back() {
    let hides = [ToldWell, Offer("a"), Hide, SendsKeepalive("a"), Marks(Left, "a")];
    let again = [Marks(Returned, "a"), WakesUp, SendsKeepalive("a")];
    check(&[&hides[..], &[Fail], &again].concat());
    check(&[&hides[..], &[Reply(503)], &again].concat());
    check(&[&hides[..], &[WakesUp, Aborts("a")], &again].concat());
}

#[test]
fn what_was_refused_in_part_comes_back() {
    check(&[
        ToldWell,
        Offer("a"),
        Offer("bad"),
        Hide,
        SendsKeepalive("a,bad"),
        Marks(Left, "a,bad"),
        Show,
        Reply(400),
        Sends("a"),
        Marks(Returned, "a,bad"),
        Reply(200),
        Marks(Settled, "a"),
        Sends("bad"),
        Reply(400),
        DeadLetters(Code::Rejected, "bad"),
        Marks(Settled, "bad"),
    ]);
}

#[test]
fn what_was_refused_for_good_does_not_come_back() {
    check(&[
        ToldWell,
        Offer("a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Left, "a"),
        Reply(401),
        DeadLetters(Code::Unauthorized, "a"),
        Marks(Settled, "a"),
    ]);
}

#[test]
fn a_request_that_outlives_the_page_is_left_once() {
    check(&[
        ToldWell,
        Offer("a"),
        At(500),
        Sends("a"),
        Kept("a"),
        Marks(Left, "a"),
        Hide,
        Show,
        Kept("a"),
        Hide,
        Fail,
        Marks(Returned, "a"),
    ]);
}

#[test]
fn what_was_not_handed_over_is_not_marked_before_it_is() {
    check(&[
        ToldWell,
        Offer("a"),
        At(500),
        Sends("a"),
        Unsent("a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Left, "a"),
    ]);
}

#[test]
fn what_the_host_finds_no_room_for_comes_back_and_is_left_when_it_goes() {
    check(&[
        ToldWell,
        Offer("a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Left, "a"),
        Unsent("a"),
        At(1_000),
        Marks(Returned, "a"),
        Hide,
        SendsKeepalive("a"),
        Marks(Left, "a"),
        Reply(200),
        Marks(Settled, "a"),
    ]);
}

#[test]
fn what_an_earlier_page_left_is_settled_by_the_answer_that_speaks_for_it() {
    check(&[
        AdoptLeft(0, "a"),
        AdoptLeft(0, "b"),
        Adopted,
        Offer("c"),
        At(500),
        Sends("c"),
        Reply(200),
        Marks(Settled, "c"),
        Marks(Settled, "a,b"),
    ]);
}

#[test]
fn what_an_earlier_page_left_comes_back_with_the_next_failure() {
    check(&[
        AdoptLeft(0, "a"),
        AdoptLeft(0, "b"),
        Adopted,
        Offer("c"),
        At(500),
        Sends("c"),
        Reply(503),
        Marks(Returned, "a,b"),
        WakesUp,
        Sends("a,b"),
        Reply(200),
        Marks(Settled, "a,b"),
        Sends("c"),
    ]);
}

#[test]
fn what_was_found_is_settled_where_it_gives_way() {
    check_with(
        holding(1, Overflow::DropNewest),
        &[
            Adopt(0, "a"),
            Adopt(0, "b"),
            Adopted,
            DeadLetters(Code::QueueFull, "a"),
            Marks(Settled, "a"),
            Sends("b"),
        ],
    );
}

#[test]
fn what_is_handed_over_to_a_server_that_was_never_heard_is_not_left() {
    check(&[Offer("a"), Hide, SendsKeepalive("a"), Reply(200), Marks(Settled, "a")]);
}

#[test]
fn what_is_handed_over_after_a_failure_is_not_left() {
    check(&[
        ToldWell,
        Offer("a"),
        At(500),
        Sends("a"),
        Fail,
        Hide,
        WakesUp,
        SendsKeepalive("a"),
        Reply(200),
        Marks(Settled, "a"),
    ]);
}

#[test]
fn what_a_page_hands_over_at_once_is_left_where_the_browser_is_known_to_finish_it() {
    let trusting = || policy(|p| p.trusts_unheard = true);
    check_with(
        trusting(),
        &[Offer("a"), Hide, SendsKeepalive("a"), Marks(Left, "a"), Reply(200), Marks(Settled, "a")],
    );
    // A second is long enough for an answer.
    let late = |at| [Offer("a"), At(500), Sends("a"), At(at), Hide, OfferTo("y", "b")];
    let sends = [SendsKeepalive("b")];
    check_with(trusting(), &[&late(1_499)[..], &sends, &[Marks(Left, "b")]].concat());
    check_with(trusting(), &[&late(1_500)[..], &sends].concat());
}
