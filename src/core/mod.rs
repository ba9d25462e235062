//! The sans-IO engine: values go in with the time, values come out. It never reads a clock,
//! draws entropy or touches the network, so every behaviour can be written as a script.

/// Events that travel together, and how far they have come.
pub mod batch;
/// The machine: `handle` takes from the world, `poll` gives to it.
pub mod engine;
/// Error values: code, fault, sentence.
pub mod error;
/// What goes into the queue.
pub mod event;
/// Compression that needs no waiting.
pub mod gzip;
/// `Input` and `Output`, the only language the engine speaks.
pub mod io;
/// The counts that always balance.
pub mod ledger;
/// Every limit and interval, with its default.
pub mod policy;
/// What is accepted and not yet in a batch.
pub mod queue;
/// When to try again.
pub mod retry;
/// Seeded randomness, and ids made from it.
pub mod rng;
/// Milliseconds of a clock that somebody else reads.
pub mod time;
/// What a protocol must know to be carried by the engine.
pub mod wire;
