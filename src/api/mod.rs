//! What JavaScript sees. Each public class is a small JavaScript file beside these (`stride.js`,
//! `collector.js`, …): argument checks and overloads cost a third of the bytes there, and a
//! bundler leaves out what an app does not use. They stand on the few exports below.

/// One buffered client.
#[cfg(feature = "client")]
mod delivery;
/// Errors with their class.
#[cfg(feature = "server")]
mod error;
/// Frames of a streamed answer.
#[cfg(feature = "client")]
mod framing;
/// One REST call.
#[cfg(feature = "client")]
mod rest;
