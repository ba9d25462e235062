//! The delivery engine as a specification: each case is a script of what happens and of what must
//! come out, and nothing else may. `script.rs` says how to read one.

#[path = "../support/mod.rs"]
mod support;

mod player;
mod script;

/// What earlier visits and other pages left.
mod adoption;
/// What the server's answers mean for events and their neighbours.
mod answers;
/// The delays of the backoff, drawn many times.
mod backoff;
/// How many events travel together, and when they leave.
mod batching;
/// What is sent like an event and is none, and what is discarded.
mod control;
/// What grows too old, or fails too often, is given up.
mod expiry;
/// Flush, close, start.
mod flush;
/// A page that stands still, and one whose events another has taken over.
mod freeze;
/// Packed by us, unpacked by others.
mod gzip;
/// What a page hands over that goes away.
mod leave;
/// What those who store events learn.
mod marks;
/// What runs at once, and what never overtakes.
mod order;
/// Who gives way when the queue is full.
mod overflow;
/// A page that hides, shows, and comes back online.
mod page;
/// What is put together and packed while the request before it is on its way.
mod prepare;
/// Failures, waiting, trying again.
mod retry;
/// What pages tell each other about the server.
mod tell;
/// When the engine wants to be woken, and why.
mod time;
/// Dates, ids, lanes, counts.
mod values;
