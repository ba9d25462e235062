//! Imports of `host.js`: what costs fewer bytes, or is faster, in JavaScript.

use crate::core::rng::Rng;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/host.js")]
extern "C" {
    /// A JavaScript function.
    #[derive(Clone)]
    pub type Function;
    /// `performance.now()`, or the wall clock where there is none.
    #[wasm_bindgen(js_name = monotonicNow)]
    pub fn monotonic_now() -> f64;
    /// `Date.now()`.
    #[wasm_bindgen(js_name = wallNow)]
    pub fn wall_now() -> f64;
    fn entropy() -> u32;
    /// Compresses where asked, starts the request, reads the answer, calls `done` once. A body that is
    /// packed already goes instead of the text, whose size in bytes is told where it may go itself.
    pub fn exchange(
        fetch: Option<&Function>,
        url: &str,
        headers: &str,
        body: &str,
        packed: &[u8],
        size: usize,
        gzip: bool,
        done: &JsValue,
    ) -> JsValue;
    /// Whether an exchange is handed over in a form that outlives the page (1), in another (2), or is
    /// not handed over yet (0).
    pub fn fate(exchange: &JsValue) -> u8;
    /// Gives up an exchange; its `done` may come all the same.
    pub fn abort(exchange: &JsValue);
    /// Calls back after so many milliseconds; gives what `cancel` takes.
    pub fn later(callback: &JsValue, delay_ms: f64) -> JsValue;
    /// Ends a timer that has not called back.
    pub fn cancel(timer: &JsValue);
    /// The six counts as an object.
    pub fn ledger(
        accepted: f64,
        delivered: f64,
        rejected: f64,
        expired: f64,
        dropped: f64,
        pending: f64,
    ) -> JsValue;
    /// Calls back, and nothing it throws comes through.
    #[wasm_bindgen(js_name = callQuietly)]
    pub fn call_quietly(callback: &Function, value: &JsValue);
    /// Calls `onError` with the events of a JSON array and an array of their streams; nothing it throws comes through.
    #[wasm_bindgen(js_name = deadLetter)]
    pub fn dead_letter(
        on_error: &Function,
        code: &str,
        fault: &str,
        message: &str,
        status: u16,
        events: &str,
        streams: &str,
    );
    /// Calls `begin` a moment later, and hands `waitUntil` the promise of the resolver it gives.
    #[wasm_bindgen(js_name = waitFor)]
    pub fn wait_for(wait_until: &Function, begin: &JsValue);
    /// A function whose member `promise` is resolved when it is called.
    pub fn resolver() -> Function;
}

#[wasm_bindgen]
extern "C" {
    /// Whoever stores events; see `core/log.js`.
    pub type Log;
    /// Tells what happened to so many events from this sequence on: settled (0), left (1), returned (2).
    #[wasm_bindgen(method)]
    pub fn mark(this: &Log, mark: u8, first: f64, count: f64);
    /// Tells other pages until when the server is in trouble; 0: it is not.
    #[wasm_bindgen(method)]
    pub fn tell(this: &Log, until: f64);
}

/// A generator seeded by the host's entropy, at the first number.
pub fn rng() -> Rng {
    Rng::seeded_by(|| [entropy(), entropy(), entropy(), entropy()])
}

/// A function for the host to call. All have one form, and their arguments mean what each says:
/// every other form would be another shim in the module and in the glue.
pub fn function(callback: impl FnMut(f64, f64, String) -> JsValue + 'static) -> JsValue {
    let closure: Closure<dyn FnMut(f64, f64, String) -> JsValue> = Closure::new(callback);
    closure.into_js_value()
}
