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
    /// Calls back with 0 (seen), 1 (hidden) and 2 (online).
    #[wasm_bindgen(js_name = watchPage)]
    pub fn watch_page(callback: &JsValue);
    /// Compresses where asked, starts the request, reads the answer, calls `done` once.
    pub fn exchange(
        fetch: Option<&Function>,
        url: &str,
        headers: &str,
        body: &str,
        gzip: bool,
        keepalive: bool,
        done: &JsValue,
    ) -> JsValue;
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
