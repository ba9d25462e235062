//! Plain values: dates, ids, random numbers, lanes, counts, error codes.

use sluicebox::core::error::Code;
use sluicebox::core::event::{Event, LANES, Stream};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::queue::Held;
use sluicebox::core::rng::Rng;
use sluicebox::core::time::{Timestamp, iso8601};
use std::collections::BTreeSet;

#[test]
fn dates_are_right() {
    for (unix_ms, expected) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (86_399_999, "1970-01-01T23:59:59.999Z"),
        (86_400_000, "1970-01-02T00:00:00.000Z"),
        (5_097_600_000, "1970-03-01T00:00:00.000Z"),
        (68_169_600_000, "1972-02-29T00:00:00.000Z"),
        (94_694_399_999, "1972-12-31T23:59:59.999Z"),
        (946_684_799_999, "1999-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_000_000_000_000, "2001-09-09T01:46:40.000Z"),
        (1_234_567_890_123, "2009-02-13T23:31:30.123Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
        (1_772_323_200_000, "2026-03-01T00:00:00.000Z"),
        (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (13_574_563_200_000, "2400-02-29T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(iso8601(unix_ms), expected);
    }
}

#[test]
fn dates_beyond_the_year_9999_keep_their_form() {
    for unix_ms in [253_402_300_800_000, u64::MAX] {
        let date = iso8601(unix_ms);
        assert!(date.starts_with("9999-12-31T") && date.len() == 24, "{date}");
    }
}

#[test]
fn days_follow_each_other_through_four_centuries() {
    let length = |year: u64, month: u64| match month {
        2 if year.is_multiple_of(400) => 29,
        2 if year.is_multiple_of(4) && !year.is_multiple_of(100) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (mut year, mut month, mut day) = (1970, 1, 1);
    for days in 0..150_000 {
        let expected = format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z");
        assert_eq!(iso8601(days * 86_400_000), expected);
        day += 1;
        if day > length(year, month) {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
}

#[test]
fn ids_are_uuids_of_version_4_and_differ() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let ids: BTreeSet<String> = (0..10_000).map(|_| rng.uuid()).collect();
    assert_eq!(ids.len(), 10_000);
    for id in &ids {
        let parts: Vec<&str> = id.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert!(id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-')), "{id}");
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
    }
}

#[test]
fn every_digit_of_an_id_takes_every_value() {
    let mut rng = Rng::new([5, 6, 7, 8]);
    let mut seen = vec![BTreeSet::new(); 36];
    for _ in 0..2_000 {
        for (index, c) in rng.uuid().chars().enumerate() {
            seen[index].insert(c);
        }
    }
    let counts: Vec<usize> = seen.iter().map(BTreeSet::len).collect();
    for (index, count) in counts.into_iter().enumerate() {
        let expected = match index {
            8 | 13 | 14 | 18 | 23 => 1,
            19 => 4,
            _ => 16,
        };
        assert_eq!(count, expected, "place {index}");
    }
}

#[test]
fn a_seed_of_zeros_is_as_good_as_another() {
    let mut rng = Rng::new([0; 4]);
    assert!((0..8).any(|_| rng.next_u32() != 0));
    assert_ne!(rng.uuid(), rng.uuid());
}

#[test]
fn the_generator_is_xoshiro128_plus_plus() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let first: Vec<u32> = (0..5).map(|_| rng.next_u32()).collect();
    assert_eq!(first, [641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274]);
}

#[test]
fn random_numbers_reach_both_ends_and_no_further() {
    let mut rng = Rng::new([1, 2, 3, 4]);
    let seen: BTreeSet<u32> = (0..1_000).map(|_| rng.up_to(3)).collect();
    assert_eq!(seen, BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(rng.up_to(0), 0);
    assert!((0..100).any(|_| rng.up_to(u32::MAX) > u32::MAX / 2));
}

#[test]
fn streams_spread_over_the_lanes() {
    for pattern in ["stream-{}", "user{}", "{}", "bucket/{}/events", "0000-{}"] {
        let mut lanes = vec![0; LANES as usize];
        for number in 0..3_200 {
            let stream = Stream::new(&pattern.replace("{}", &number.to_string()));
            let held = |sequence| Held {
                sequence,
                at: Timestamp::default(),
                event: Event::new(stream.clone(), sequence as usize),
            };
            assert_eq!(held(1).lane(), held(2).lane(), "the name alone decides");
            assert_eq!(held(1).lane().count_ones(), 1);
            lanes[held(1).lane().trailing_zeros() as usize] += 1;
        }
        assert!(lanes.iter().all(|count| (40..=200).contains(count)), "{pattern}: {lanes:?}");
    }
}

#[test]
fn a_ledger_balances_only_if_each_event_is_in_one_place() {
    let ledger =
        Ledger { accepted: 15, delivered: 5, rejected: 4, expired: 3, dropped: 2, pending: 1 };
    assert!(ledger.balances());
    assert!(Ledger::default().balances());
    assert!(!Ledger { accepted: 16, ..ledger }.balances());
    assert!(!Ledger { pending: 0, ..ledger }.balances());
}

#[test]
fn error_codes_have_names_of_their_own() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for code in Code::ALL {
        assert!(code.name().chars().all(|c| c == '_' || c.is_ascii_lowercase()));
        assert!(["caller", "server", "transport"].contains(&code.fault().name()));
    }
}
