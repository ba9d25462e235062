//! A script alternates what happens with what must come out of it.
//!
//! After each thing that happens the engine is drained. The outputs must then be named, in order
//! and all of them, before the next thing happens; `SleepsUntil` and its kin may follow and look at
//! how it sleeps. After each step the ledger balances, the bounds hold and a second poll changes
//! nothing, without being asked.
//!
//! Marks settle each event exactly once: also in scripts that do not look at them.
//!
//! The time is 0 at the start, and moves with `At`. Replies go to the oldest request that is still
//! waited for, unless they name another by its body.

use crate::player::Player;
use sluicebox::core::error::Code;
use sluicebox::core::io::{Mark, Token, Why};
use sluicebox::core::ledger::Ledger;
use sluicebox::core::policy::{Overflow, Policy};
use sluicebox::core::time::Millis;

/// One line of a script.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    // ── what happens ──
    /// An event of stream "x" is accepted.
    Offer(&'static str),
    /// An event of another stream is accepted: stream, text.
    OfferTo(&'static str, &'static str),
    /// Something that must be done before the events that follow in stream "x".
    OfferControl(&'static str),
    /// The time is this, and the engine is told so.
    At(Millis),
    /// The time is this, and the engine will see it with the next input.
    ClockShows(Millis),
    /// The time is that of the last sleep, and the engine is told so.
    WakesUp,
    /// The oldest request is answered with this status.
    Reply(u16),
    /// As `Reply`, with `Retry-After`.
    ReplyAfter(u16, Millis),
    /// The last request with this body is answered, whether or not anybody waits for it.
    ReplyTo(&'static str, u16),
    /// The oldest request fails on its way.
    Fail,
    Flush(Token, Millis),
    Close(Token, Millis),
    Start,
    Online,
    Hide,
    /// As `Hide`; all bodies that outlive the page may have so many bytes.
    HideWith(usize),
    Show,
    Discard,
    /// The request that was last sent with this body was not handed over; the engine is not drained.
    Unsent(&'static str),
    /// The request that was last sent with this body outlives the page.
    Kept(&'static str),
    Load,
    /// An event of stream "x" is found, which was accepted then. What is found together comes
    /// oldest first; `Adopted` ends it.
    Adopt(Millis, &'static str),
    /// As `Adopt`, of another stream: stream, text.
    AdoptTo(&'static str, &'static str),
    /// As `Adopt`; its page handed it over as it went away.
    AdoptLeft(Millis, &'static str),
    Adopted,
    Freeze,
    Thaw,
    Forget,
    /// Another page learned that the server is in trouble until then.
    Told(Millis),
    /// Another page learned that the server is well.
    ToldWell,

    // ── what must come out ──
    /// A request with this body, which need not outlive the page.
    Sends(&'static str),
    /// A request with this body, which outlives the page.
    SendsKeepalive(&'static str),
    /// The request that was last sent with this body is aborted.
    Aborts(&'static str),
    /// These events will not be delivered.
    DeadLetters(Code, &'static str),
    Flushed(Token),
    /// These events are marked. A script that names one mark names them all, in order.
    Marks(Mark, &'static str),
    /// A body is made of these and packed, now or as the next thing comes out. A script that names one such
    /// body names them all, in order.
    Packs(&'static str),
    /// Other pages are told that the server is in trouble until a moment between these. A script
    /// that names one word to others names them all, in order.
    Tells(Millis, Millis),
    TellsWell,

    // ── what must be so ──
    /// After what happened last, a poll may say something new.
    NeedsPoll,
    /// A poll would have said nothing new, and might have been left out.
    NeedsNoPoll,
    SleepsUntil(Millis, Why),
    /// The jitter's part: the wake-up is from the first moment to the second, both included.
    SleepsWithin(Millis, Millis, Why),
    SleepsForever,
    Ledger(Ledger),
}

/// Plays a script under the default policy, with concurrency as it is and no gzip.
pub fn check(steps: &[Step]) {
    check_with(Policy::default(), steps);
}

/// Plays a script under this policy.
pub fn check_with(policy: Policy, steps: &[Step]) {
    play(policy, 1, steps);
}

/// Plays a script and gives back the wake-up times it saw.
pub fn play(policy: Policy, seed: u32, steps: &[Step]) -> Vec<Option<u64>> {
    Player::new(policy, seed).play(steps)
}

/// Counts with every member named by its place: accepted, delivered, rejected, expired, dropped,
/// pending.
pub const fn ledger(counts: [u64; 6]) -> Step {
    let [accepted, delivered, rejected, expired, dropped, pending] = counts;
    Step::Ledger(Ledger { accepted, delivered, rejected, expired, dropped, pending })
}

/// The default policy, but …
pub fn policy(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    change(&mut policy);
    policy
}

/// At most this many events held; `overflow` decides who gives way.
pub fn holding(queue_count_max: usize, overflow: Overflow) -> Policy {
    policy(|policy| (policy.queue_count_max, policy.overflow) = (queue_count_max, overflow))
}
