//! What JavaScript sees. Each public class is a small JavaScript file beside these (`collector.js`,
//! `analytics.js`, …): argument checks and overloads cost a third of the bytes there, and a bundler
//! leaves out what an app does not use. The buffered ones stand on `Delivery`.

/// One buffered client.
#[cfg(feature = "client")]
pub mod delivery;
/// The stream server.
#[cfg(feature = "server")]
mod server;
