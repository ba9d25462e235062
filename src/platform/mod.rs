//! The only place that touches the world: clock, entropy, fetch, timers, compression, the page.

/// The one clock.
pub mod clock;
/// The loop: engine outputs become requests, timers and callbacks.
#[cfg(feature = "client")]
pub mod driver;
/// One HTTP exchange.
#[cfg(feature = "client")]
pub mod fetch;
/// What JavaScript does better itself.
#[cfg(feature = "client")]
pub mod host;
/// A live stream of events that reconnects.
#[cfg(feature = "client")]
pub mod subscription;
