//! The faces. One file per class; conversions and argument checks only.

mod error;

#[cfg(feature = "client")]
mod analytics;
#[cfg(feature = "client")]
mod collector;
#[cfg(feature = "client")]
mod delivery;
#[cfg(feature = "client")]
mod options;
#[cfg(feature = "client")]
mod stream_client;
#[cfg(feature = "client")]
mod stride;
#[cfg(feature = "client")]
mod subscription;
