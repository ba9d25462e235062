//! The delays are random, so these look at many of them.

use sluicebox::core::policy::Policy;
use sluicebox::core::retry::Backoff;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::{Millis, Timestamp};

const DRAWS: u32 = 2_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// The delay after the failure at the last of these moments, for many seeds.
fn delays(failures_at: &[u64], retry_after: Option<Millis>) -> Vec<Millis> {
    let last = failures_at.last().copied().unwrap_or_default();
    (1..=DRAWS)
        .map(|seed| {
            let mut rng = Rng::new([seed, 0x9e37_79b9, 1, seed.wrapping_mul(77)]);
            for _ in 0..16 {
                rng.next_u32();
            }
            let mut backoff = Backoff::default();
            for moment in failures_at {
                let span = retry_after.filter(|_| *moment == last);
                backoff.failed(at(*moment), span, &mut rng);
            }
            backoff.until().since(at(last))
        })
        .collect()
}

/// Full jitter: from 0 to the ceiling, all of it used, half of it on average.
fn spread_up_to(delays: &[Millis], ceiling: Millis) {
    let (least, most) = (delays.iter().min().copied(), delays.iter().max().copied());
    assert!(most <= Some(ceiling), "{most:?} is above {ceiling}");
    assert!(most >= Some(ceiling * 98 / 100), "{most:?} never comes near {ceiling}");
    assert!(least <= Some(ceiling / 50), "{least:?} is no full jitter");
    let mean = delays.iter().sum::<Millis>() / delays.len() as Millis;
    assert!((ceiling * 45 / 100..=ceiling * 55 / 100).contains(&mean), "mean {mean} of {ceiling}");
}

#[test]
fn the_ceiling_doubles_with_each_failure_up_to_the_early_cap() {
    for (failures, ceiling) in [(1, 250), (2, 500), (3, 1_000), (4, 2_000), (5, 2_000), (9, 2_000)]
    {
        spread_up_to(&delays(&vec![1_000; failures], None), ceiling);
    }
}

#[test]
fn in_a_long_outage_the_ceiling_is_half_of_it_and_a_minute_at_most() {
    for (outage, ceiling) in [
        (4_000, 2_000),
        (10_000, 5_000),
        (60_000, 30_000),
        (120_000, 60_000),
        (3_600_000, 60_000),
        (1 << 40, 60_000),
    ] {
        let mut failures_at = vec![0; 12];
        failures_at.push(outage);
        spread_up_to(&delays(&failures_at, None), ceiling);
    }
}

#[test]
fn after_many_failures_nothing_overflows() {
    let mut failures_at = vec![0; 100];
    failures_at.push(1_000_000);
    spread_up_to(&delays(&failures_at, None), Millis::from(Policy::RETRY_CAP_MS));
}

#[test]
fn retry_after_is_the_floor_of_the_delay() {
    assert!(delays(&[0, 0, 0], Some(10_000)).iter().all(|delay| *delay == 10_000));
    assert!(delays(&[0, 0, 0, 0], Some(1_000)).iter().all(|d| (1_000..=2_000).contains(d)));
    // A mistaken one must not cost the events.
    assert!(delays(&[5], Some(u64::MAX)).iter().all(|delay| *delay == 3_600_000));
}

#[test]
fn success_starts_anew_but_keeps_the_floor() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let mut backoff = Backoff::default();
    assert!(!backoff.is_open());
    backoff.failed(at(0), Some(5_000), &mut rng);
    assert!(backoff.is_open());
    backoff.succeeded();
    assert!(!backoff.is_open());
    assert_eq!(backoff.until(), at(5_000));
    backoff.failed(at(100_000), None, &mut rng);
    assert!(backoff.until() <= at(100_250), "the outage before does not count any more");
}

#[test]
fn forgiving_ends_the_guess_but_not_the_floor_and_not_the_caution() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let mut backoff = Backoff::default();
    for moment in [0, 10, 20, 30] {
        backoff.failed(at(moment), Some(40), &mut rng);
    }
    backoff.forgive();
    assert_eq!(backoff.until(), at(70));
    assert!(backoff.is_open());
}

#[test]
fn the_outage_before_a_success_does_not_lengthen_the_next() {
    let longest = (1..=DRAWS).map(|seed| {
        let mut rng = Rng::new([seed.wrapping_mul(0x9e37_79b9), seed, 3, 4]);
        let mut backoff = Backoff::default();
        backoff.failed(at(0), None, &mut rng);
        backoff.succeeded();
        for _ in 0..10 {
            backoff.failed(at(1_000_000), None, &mut rng);
        }
        backoff.until()
    });
    assert!(longest.max() <= Some(at(1_002_000)));
}
