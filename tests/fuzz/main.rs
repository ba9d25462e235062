//! Functions that take any bytes and must hold whatever these are. Here each replays its corpus and
//! many seeded changes of it; `cargo fuzz` looks further (CONTRIBUTING.md).
//!
//! - `SEED=n cargo test --all-features --test fuzz <target>` replays one change.
//! - `CHANGES=n` plays that many of each target instead of the usual ones.

mod answers;
mod bytes;
mod mutate;
mod requests;

use sluicebox::core::rng::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

fn variable(name: &str) -> Option<u32> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

fn replay(target: &str, run: fn(&[u8]), changes: u32) {
    let seeds = mutate::corpus(target);
    let one = |name: &str, bytes: &[u8]| {
        catch_unwind(AssertUnwindSafe(|| run(bytes))).unwrap_or_else(|failure| {
            eprintln!("{target}, {name}: {}", bytes.escape_ascii());
            resume_unwind(failure)
        });
    };
    let only = variable("SEED");
    if only.is_none() {
        seeds.iter().for_each(|(name, bytes)| one(name, bytes));
    }
    let changes = 0..variable("CHANGES").unwrap_or(changes);
    for seed in only.map_or(changes, |seed| seed..seed + 1) {
        let bytes = mutate::mutated(&seeds, &mut Rng::new([seed, 5, 6, 7]));
        one(&format!("SEED={seed}"), &bytes);
    }
}

#[test]
fn answers() {
    replay("answers", answers::run, 30_000);
}

#[test]
fn requests() {
    replay("requests", requests::run, 30_000);
}
