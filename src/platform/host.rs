//! The host: who does what the engine wants done. Timers, requests and callbacks stay there, and are
//! known here by numbers: a function that crosses costs more bytes than all that is done with it.

use crate::core::rng::Rng;
use crate::core::wire::Bodies;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/entropy.js")]
extern "C" {
    fn entropy() -> u32;
}

#[wasm_bindgen]
extern "C" {
    /// The client that an engine works for; see `api/core.js`.
    pub type Host;
    /// Sends the events of these sequences, and answers by `Delivery::answered`. So many attempts failed,
    /// the first and the last at these moments, the last with this status (0: the network, 1: no answer
    /// in time). A body that is `packed` goes as it is. What is `leaving` goes in a form that outlives the page, or is not sent: then `Input::Unsent` follows at once.
    #[wasm_bindgen(method)]
    pub fn send(
        this: &Host,
        id: u32,
        events: &[f64],
        failures: u32,
        first: f64,
        last: f64,
        trouble: u16,
        packed: &[u8],
        leaving: bool,
    );
    /// The body in the form that may be packed, its tails marked as `gzip` wants it, without its end; empty
    /// where there is none.
    #[wasm_bindgen(method, js_name = toPack)]
    fn to_pack(this: &Host, events: &[f64]) -> String;
    /// The end of every such body, if it is sent now.
    #[wasm_bindgen(method)]
    fn end(this: &Host) -> String;
    /// Nobody waits for this request any more.
    #[wasm_bindgen(method)]
    pub fn abort(this: &Host, id: u32);
    /// The events of these sequences will not be delivered, and why.
    #[wasm_bindgen(method)]
    pub fn dead(this: &Host, code: &str, fault: &str, message: &str, status: u16, events: &[f64]);
    /// What happened to so many events from this sequence on: settled (0), left (1), returned (2).
    #[wasm_bindgen(method)]
    pub fn mark(this: &Host, mark: u8, first: f64, count: f64);
    /// For other pages: until when the server is in trouble; 0: it is not.
    #[wasm_bindgen(method)]
    pub fn tell(this: &Host, until: f64);
    /// A flush is resolved.
    #[wasm_bindgen(method)]
    pub fn flushed(this: &Host, token: u32);
    /// Nothing is to be done before that moment, if ever.
    #[wasm_bindgen(method)]
    pub fn sleep(this: &Host, until: f64);
    /// The ledger.
    #[wasm_bindgen(method)]
    pub fn counts(
        this: &Host,
        accepted: f64,
        delivered: f64,
        rejected: f64,
        expired: f64,
        dropped: f64,
        pending: f64,
    );
}

impl Bodies for Rc<Host> {
    fn to_pack(&self, events: &[u64]) -> String {
        Host::to_pack(self, &numbers(events))
    }

    fn end(&self) -> String {
        Host::end(self)
    }
}

/// Sequences, as the host knows them.
pub fn numbers(events: &[u64]) -> Vec<f64> {
    events.iter().map(|sequence| *sequence as f64).collect()
}

/// A generator seeded by the host's entropy, at the first number.
pub fn rng() -> Rng {
    Rng::seeded_by(|| [entropy(), entropy(), entropy(), entropy()])
}
