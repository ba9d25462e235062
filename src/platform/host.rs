//! The host: who does what the engine wants done. Timers, requests and callbacks stay there, and are
//! known here by numbers: a function that crosses costs more bytes than all that is done with it.

use crate::core::rng::Rng;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/host.js")]
extern "C" {
    fn entropy() -> u32;
}

#[wasm_bindgen]
extern "C" {
    /// The client that an engine works for; see `api/core.js`.
    pub type Host;
    /// Sends, and answers by `Delivery::answered`. A body that is packed already goes instead of the text,
    /// whose size in bytes is told; `gzip`: the text may be packed. What is `leaving` goes in a form that
    /// outlives the page, or is not sent: then `Input::Unsent` follows at once.
    #[wasm_bindgen(method)]
    pub fn send(
        this: &Host,
        id: u32,
        path: &str,
        headers: &str,
        body: &str,
        packed: &[u8],
        size: usize,
        gzip: bool,
        leaving: bool,
    );
    /// Nobody waits for this request any more.
    #[wasm_bindgen(method)]
    pub fn abort(this: &Host, id: u32);
    /// These events, a JSON array, of these streams, one a line, will not be delivered, and why.
    #[wasm_bindgen(method)]
    pub fn dead(
        this: &Host,
        code: &str,
        fault: &str,
        message: &str,
        status: u16,
        events: &str,
        streams: &str,
    );
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

/// A generator seeded by the host's entropy, at the first number.
pub fn rng() -> Rng {
    Rng::seeded_by(|| [entropy(), entropy(), entropy(), entropy()])
}
