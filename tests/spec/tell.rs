use crate::script::Step::*;
use crate::script::{Step, check, check_with, play, policy};
use sluicebox::core::error::Code;
use sluicebox::core::io::Why;
use sluicebox::core::policy::Policy;
use std::collections::BTreeSet;

#[test]
fn others_are_told_when_the_server_is_in_trouble_and_when_it_is_not_any_more() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Fail,
        Tells(500, 750),
        WakesUp,
        Sends("a"),
        Reply(503),
        Tells(500, 1_250),
        WakesUp,
        Sends("a"),
        Reply(200),
        TellsWell,
        Offer("b"),
        WakesUp,
        Sends("b"),
        Reply(200),
    ]);
}

#[test]
fn others_are_told_what_the_server_asked_for() {
    check(&[Offer("a"), At(500), Sends("a"), ReplyAfter(429, 30_000), Tells(30_500, 30_500)]);
}

#[test]
fn a_server_that_refuses_is_well() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        Fail,
        Tells(500, 750),
        WakesUp,
        Sends("a"),
        Reply(400),
        DeadLetters(Code::Rejected, "a"),
        TellsWell,
    ]);
}

#[test]
fn an_hour_is_the_longest_that_is_obeyed() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(503, 36_000_000),
        Tells(3_600_500, 3_600_500),
        SleepsUntil(3_600_500, Why::Backoff),
    ]);
    check(&[
        Told(36_000_000),
        Offer("a"),
        At(500),
        SleepsWithin(3_600_000, 3_602_000, Why::Backoff),
    ]);
}

#[test]
fn who_is_told_waits_too() {
    check(&[
        Told(10_000),
        Offer("a"),
        At(500),
        SleepsWithin(10_000, 12_000, Why::Backoff),
        WakesUp,
        Sends("a"),
    ]);
}

#[test]
fn who_is_told_waits_no_shorter_than_before() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 30_000),
        Told(1_000),
        SleepsUntil(30_500, Why::Backoff),
    ]);
}

#[test]
fn who_is_told_sends_one_probe() {
    check_with(
        policy(|p| p.flush_interval_ms = 0),
        &[
            Told(0),
            OfferTo("x", "a"),
            OfferTo("y", "b"),
            At(2_000),
            Sends("a,b"),
            OfferTo("z", "c"),
            Reply(200),
            Sends("c"),
        ],
    );
}

#[test]
fn who_is_told_that_all_is_well_goes_on() {
    check(&[Told(10_000), Offer("a"), At(500), ToldWell, Sends("a")]);
}

#[test]
fn that_all_is_well_does_not_end_what_the_server_asked_for() {
    check(&[
        Offer("a"),
        At(500),
        Sends("a"),
        ReplyAfter(429, 30_000),
        ToldWell,
        SleepsUntil(30_500, Why::Backoff),
    ]);
}

#[test]
fn not_all_come_back_at_once() {
    let script = [Told(10_000), Offer("a"), At(500)];
    let wakes = |seed| play(Policy::default(), seed, &script)[2].expect("a wake-up");
    let moments: BTreeSet<u64> = (1..100).map(wakes).collect();
    assert!(moments.len() > 80, "{} moments", moments.len());
    assert!(moments.first() < Some(&10_200) && moments.last() > Some(&11_800), "{moments:?}");
}

#[test]
fn an_outage_begins_for_who_is_told_when_it_is_told() {
    // A day after the page was opened.
    const NOW: u64 = 86_400_000;
    let mut script = vec![ClockShows(NOW), Told(NOW), Offer("a"), At(NOW + 2_000), Sends("a")];
    for _ in 0..9 {
        script.extend([Fail, WakesUp, Sends("a")]);
    }
    let is_fail = |(_, step): &(usize, &Step)| matches!(step, Fail);
    let fails: Vec<usize> = script.iter().enumerate().filter(is_fail).map(|(at, _)| at).collect();
    for seed in 1..30 {
        let sleeps = play(Policy::default(), seed, &script);
        let wakes: Vec<u64> = fails.iter().filter_map(|index| sleeps[*index]).collect();
        let longest = wakes.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert!(longest <= Some(15_000), "seed {seed}: waited {longest:?} ms in a short outage");
    }
}
