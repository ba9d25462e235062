//! The only place that touches the world: clock, entropy, fetch, timers, compression, the page.

/// A smaller allocator than the default one.
#[cfg(all(feature = "client", target_arch = "wasm32"))]
mod alloc;
/// The loop: engine outputs become requests, timers and callbacks.
#[cfg(feature = "client")]
pub mod driver;
/// What costs fewer bytes in JavaScript.
#[cfg(feature = "client")]
pub mod host;
/// Room for the server's events.
#[cfg(feature = "server")]
pub mod memory;
/// Traps for tests.
#[cfg(feature = "trap")]
mod trap;
