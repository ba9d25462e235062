//! Golden requests and their answers, a module for each protocol.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "server")]

mod awesomestream;
mod live;
mod rudderstack;
mod scan;
mod store;
mod stride;
mod support;
