//! Thousands of worlds in which everything goes wrong, each made from a number.
//!
//! - `SEED=n cargo test --test simulation -- --nocapture` replays one, and tells every step.
//! - `SCHEDULES=n cargo test --test simulation` plays that many instead of 10,000.
//!
//! `world.rs` is what happens, `network.rs` what goes wrong, `model.rs` what must be so.

mod support;

#[path = "simulation/dice.rs"]
mod dice;
#[path = "simulation/model.rs"]
mod model;
#[path = "simulation/network.rs"]
mod network;
#[path = "simulation/world.rs"]
mod world;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use world::{Summary, Voice, World};

const SCHEDULES: u64 = 10_000;

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

/// Plays one; a failure names its seed.
fn play(seed: u64, voice: Voice) -> Summary {
    catch_unwind(AssertUnwindSafe(|| World::new(seed, voice).play())).unwrap_or_else(|failure| {
        eprintln!("replay it: SEED={seed} cargo test --test simulation -- --nocapture");
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
    let mut sum = Summary::default();
    for seed in 0..schedules {
        let summary = play(seed, Voice::Quiet);
        sum.steps += summary.steps;
        sum.faults += summary.faults;
        sum.delivered += summary.delivered;
    }
    // Not `println!`: the harness would keep it to itself.
    let _ = writeln!(
        std::io::stdout(),
        "simulation: {schedules} schedules, {} steps, {} faults injected, {} events delivered",
        sum.steps,
        sum.faults,
        sum.delivered
    );
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
