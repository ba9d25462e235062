use crate::script::Step::*;
use crate::script::{Step, check, check_with, ledger, policy};
use crate::support::{END, TextWire, Texts, drain, unpacked};
use sluicebox::core::engine::Engine;
use sluicebox::core::event::Stream;
use sluicebox::core::io::{Input, Output, Request, Why};
use sluicebox::core::policy::Policy;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::Timestamp;
use sluicebox::core::wire::AROUND_BYTES;

/// Each event is a request.
fn alone() -> Policy {
    policy(|p| (p.batch_count_max, p.gzip) = (1, false))
}

/// What a body of one event of four bytes takes.
const ROOM: usize = 4 + 1 + AROUND_BYTES;

/// A hidden page with room for one of its two events.
const CROWDED: [Step; 5] =
    [OfferTo("x", "aaaa"), Sends("aaaa"), Unsent("aaaa"), HideWith(ROOM), SendsKeepalive("aaaa")];

fn check_crowded(steps: &[Step]) {
    check_with(alone(), &[&CROWDED[..], &[OfferTo("y", "bbbb")], steps].concat());
}

#[test]
fn a_page_that_leaves_waits_for_no_stream_and_for_nobody_in_flight() {
    check_with(
        policy(|p| p.concurrency_max = 1),
        &[
            OfferTo("x", "a"),
            At(500),
            Sends("a"),
            OfferTo("x", "b"),
            OfferTo("y", "c"),
            Hide,
            SendsKeepalive("b,c"),
            Reply(200),
            Reply(200),
            ledger([3, 3, 0, 0, 0, 0]),
        ],
    );
}

#[test]
fn all_that_waits_leaves_in_as_many_requests_as_it_takes() {
    check_with(
        policy(|p| (p.batch_count_max, p.concurrency_max) = (2, 1)),
        &[
            Told(0),
            Offer("a"),
            Offer("b"),
            Offer("c"),
            Offer("d"),
            Offer("e"),
            ClockShows(2_000),
            Hide,
            SendsKeepalive("a,b"),
            SendsKeepalive("c,d"),
            SendsKeepalive("e"),
        ],
    );
}

#[test]
fn what_was_not_handed_over_goes_in_a_form_that_outlives_the_page() {
    check(&[Offer("a"), At(500), Sends("a"), Unsent("a"), Hide, SendsKeepalive("a"), Reply(200)]);
}

#[test]
fn a_page_that_leaves_respects_what_stops_it() {
    check(&[Close(1, 0), Flushed(1), Offer("a"), Hide]);
    check(&[Freeze, Offer("a"), Hide, Thaw, SendsKeepalive("a")]);
    check(&[Told(9_000), Offer("a"), Hide, SleepsWithin(9_000, 11_000, Why::Backoff)]);
}

#[test]
fn what_finds_no_room_waits_for_the_next_answer() {
    check_crowded(&[
        At(4_000),
        SleepsUntil(5_000, Why::Timeout),
        Reply(200),
        SendsKeepalive("bbbb"),
        Reply(200),
        SleepsForever,
    ]);
}

#[test]
fn what_finds_no_room_waits_no_longer_than_for_a_failure() {
    check_crowded(&[Fail, WakesUp, SendsKeepalive("bbbb"), Reply(200), SendsKeepalive("aaaa")]);
}

#[test]
fn what_finds_no_room_waits_until_the_page_is_seen() {
    check_crowded(&[Show, Sends("bbbb")]);
}

#[test]
fn a_page_that_hides_again_has_all_the_room_it_is_given() {
    check_crowded(&[HideWith(ROOM - 1), HideWith(ROOM), SendsKeepalive("bbbb")]);
}

#[test]
fn there_is_room_when_another_page_has_taken_over() {
    check_crowded(&[Freeze, Forget, Thaw, Offer("c"), SendsKeepalive("c")]);
}

#[test]
fn what_the_host_finds_no_room_for_is_not_tried_again_while_the_page_hides() {
    let hides =
        [OfferTo("x", "aaaa"), Sends("aaaa"), Reply(200), Hide, Offer("b"), SendsKeepalive("b")];
    let unsent = [Unsent("b"), At(1_000), OfferTo("y", "c")];
    let check = |steps: &[Step]| check_with(alone(), &[&hides[..], &unsent, steps].concat());
    check(&[ledger([3, 1, 0, 0, 0, 2])]);
    check(&[Hide, SendsKeepalive("b"), SendsKeepalive("c")]);
    check(&[Show, Sends("b"), Sends("c")]);
}

#[test]
fn what_never_fits_goes_as_usual() {
    check_with(alone(), &[HideWith(ROOM - 1), Offer("aaaa"), Sends("aaaa"), Reply(200)]);
}

/// What a page with room for so many bytes hands over of so many events of 2 kB, each with its body.
fn hide(room: usize, count: u64, gzip: bool) -> Vec<(Request, String)> {
    hide_from(&Texts::new(true), room, count, gzip)
}

fn hide_from(texts: &Texts, room: usize, count: u64, gzip: bool) -> Vec<(Request, String)> {
    let policy = policy(|p| (p.flush_interval_ms, p.gzip) = (10_000, gzip));
    let bodies = Box::new(texts.clone());
    let mut engine = Engine::new(Box::new(TextWire), bodies, policy, Rng::new([1, 2, 3, 4]));
    let now = Timestamp::from_millis(0);
    for sequence in 0..count {
        let text = format!("{sequence} {}", "e".repeat(2_000));
        let event = texts.event(sequence, Stream::new("x"), &text);
        engine.handle(now, Input::Offer(sequence, event));
    }
    engine.handle(now, Input::Hide(room));
    let requests = drain(&mut engine).0.into_iter().filter_map(|output| match output {
        Output::Send(request) => Some((request.clone(), texts.body(&request))),
        _ => None,
    });
    requests.collect()
}

#[test]
fn what_does_not_fit_is_packed_at_once() {
    let sent = hide(60_000, 90, true);
    let [(request, body)] = &sent[..] else { panic!("{} requests", sent.len()) };
    assert!(request.keepalive && body.len() > 180_000);
    assert!((1..60_000).contains(&request.packed.len()), "{} bytes", request.packed.len());
    assert_eq!(unpacked(request), format!("{body}{END}"));
}

#[test]
fn what_fits_is_not_packed() {
    let sent = hide(60_000, 20, true);
    let [(request, _)] = &sent[..] else { panic!("{} requests", sent.len()) };
    assert!(request.keepalive && request.packed.is_empty());
}

#[test]
fn what_does_not_fit_is_halved_until_a_part_does() {
    let takes_none_packed = Texts::new(false);
    for sent in [hide(60_000, 90, false), hide_from(&takes_none_packed, 60_000, 90, true)] {
        let sizes: Vec<usize> = sent.iter().map(|(_, body)| body.len()).collect();
        let room = 60_000 - sizes.iter().sum::<usize>();
        assert!(sent.iter().all(|(request, _)| request.keepalive && request.packed.is_empty()));
        assert!(room < 4_096 + 2_010, "{sizes:?} leave {room} bytes");
        assert!(sent[0].1.starts_with("0 e"), "the oldest go first");
    }
}

#[test]
fn for_a_small_rest_nothing_is_halved() {
    assert_eq!(hide(4_096, 4, false).len(), 1, "and where nothing fits, all goes as usual");
    assert!(!hide(4_096, 4, false)[0].0.keepalive);
    assert!(hide(4_097, 4, false)[0].0.keepalive);
}
