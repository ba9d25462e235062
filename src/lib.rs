//! sluicebox: events from where they happen to where they belong, without losing any.
//!
//! The map. Arrows point one way: `core` knows nothing; `protocol` → core;
//! `server` → core, protocol; `platform` → core; `api` → all; nothing → api.
//! `tests/architecture.rs` reads the imports and holds us to it.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::iter_over_hash_type,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![warn(missing_docs)]

/// Pure: queue, batches, retry, dead letters, ledger. Time and randomness are arguments.
pub mod core;
/// Pure: one file per wire protocol, and the framing of streamed answers.
pub mod protocol;
/// Pure: the stream server; a request value goes in, a response value comes out.
#[cfg(feature = "server")]
pub mod server;

/// The wasm-bindgen faces: conversions only.
#[cfg(target_arch = "wasm32")]
pub mod api;
/// The only place that knows fetch, timers, the clock, entropy and the page.
#[cfg(target_arch = "wasm32")]
pub mod platform;
