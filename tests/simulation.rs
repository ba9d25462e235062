//! Thousands of worlds in which everything goes wrong, each made from a number.
//!
//! - `SEED=n cargo test --test simulation everything -- --nocapture` replays one of one engine, and
//!   tells every step; `path` instead of `everything`, one of the whole path.
//! - `SCHEDULES=n cargo test --test simulation` plays that many of each instead of 10,000;
//!   `FROM=n` begins with this one.
//!
//! Of one engine: `world.rs` is what happens, `network.rs` what goes wrong, `model.rs`, `judge.rs` and
//! `rest.rs` what must be so. Of the whole path, with the same model of each engine: `path/life.rs` and
//! `path/log.rs` are what pages do, `path/book.rs` and `path/disk.rs` what outlives them, and
//! `path/story.rs` what must be so of each event in the end.

mod support;

#[path = "simulation/dice.rs"]
mod dice;
#[path = "simulation/judge.rs"]
mod judge;
#[path = "simulation/model.rs"]
mod model;
#[path = "simulation/network.rs"]
mod network;
#[path = "simulation/path.rs"]
mod path;
#[path = "simulation/rest.rs"]
mod rest;
#[path = "simulation/world.rs"]
mod world;

use sluicebox::core::ledger::Ledger;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use world::{Summary, Voice, World};

const SCHEDULES: u64 = 10_000;

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

fn seeds(schedules: u64) -> core::ops::Range<u64> {
    let first = variable("FROM").unwrap_or_default();
    first..first + schedules
}

/// Plays one; a failure names its seed.
fn play(seed: u64, voice: Voice) -> Summary {
    catch_unwind(AssertUnwindSafe(|| World::new(seed, voice).play())).unwrap_or_else(|failure| {
        eprintln!("replay it: SEED={seed} cargo test --test simulation everything -- --nocapture");
        resume_unwind(failure)
    })
}

#[test]
fn everything_holds_in_every_world() {
    if let Some(seed) = variable("SEED") {
        println!("{:?}", play(seed, Voice::Loud));
        return;
    }
    let schedules = variable("SCHEDULES").unwrap_or(SCHEDULES);
    let (mut steps, mut faults, mut fates) = (0, 0, [0; 4]);
    for seed in seeds(schedules) {
        let summary = play(seed, Voice::Quiet);
        (steps, faults) = (steps + summary.steps, faults + summary.faults);
        let Ledger { delivered, rejected, expired, dropped, .. } = summary.ledger;
        for (sum, count) in fates.iter_mut().zip([delivered, rejected, expired, dropped]) {
            *sum += count;
        }
    }
    let [delivered, rejected, expired, dropped] = fates;
    // Not `println!`: the harness would keep it to itself.
    let _ = writeln!(
        std::io::stdout(),
        "simulation: {schedules} schedules, {steps} steps, {faults} faults injected; events: \
         {delivered} delivered, {rejected} rejected, {expired} expired, {dropped} dropped"
    );
    let rare = fates.iter().min().copied().unwrap_or_default();
    assert!(schedules < 1_000 || rare > 1_000, "some fate hardly ever happens: {fates:?}");
}

#[test]
fn the_same_seed_gives_the_same_outputs() {
    let mut digests = std::collections::BTreeSet::new();
    for seed in 0..100 {
        let first = play(seed, Voice::Digest);
        assert_eq!(first, play(seed, Voice::Digest), "seed {seed}");
        digests.insert(first.digest);
    }
    assert!(digests.len() > 95, "worlds differ from each other");
}

/// Plays a world of pages; a failure names its seed.
fn play_path(seed: u64, voice: Voice) -> path::story::Summary {
    let play = AssertUnwindSafe(|| path::world::Path::new(seed, voice).play());
    catch_unwind(play).unwrap_or_else(|failure| {
        eprintln!("replay it: SEED={seed} cargo test --test simulation path -- --nocapture");
        resume_unwind(failure)
    })
}

#[test]
fn the_whole_path_holds_in_every_world() {
    if let Some(seed) = variable("SEED") {
        println!("{:?}", play_path(seed, Voice::Loud));
        return;
    }
    let schedules = variable("SCHEDULES").unwrap_or(SCHEDULES);
    let mut sum = path::story::Summary::default();
    for seed in seeds(schedules) {
        sum.add(&play_path(seed, Voice::Quiet));
    }
    let _ = writeln!(std::io::stdout(), "whole path: {schedules} schedules, {sum}");
    let rare = [sum.received, sum.reported, sum.calm, sum.kills, sum.freezes, sum.adopted];
    let rare = rare.iter().chain(&sum.lost).min().copied().unwrap_or_default();
    assert!(schedules < SCHEDULES || rare > 20, "something hardly ever happens: {sum:?}");
}

#[test]
fn the_same_seed_gives_the_same_path() {
    for seed in 0..50 {
        assert_eq!(play_path(seed, Voice::Digest), play_path(seed, Voice::Digest), "seed {seed}");
    }
}
