//! Imports of `host.js`: what costs fewer bytes, or is faster, in JavaScript.

use crate::core::rng::Rng;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = monotonicNow)]
    pub fn monotonic_now() -> f64;
    #[wasm_bindgen(js_name = wallNow)]
    pub fn wall_now() -> f64;
    fn entropy() -> u32;
    #[wasm_bindgen(js_name = hasPage)]
    pub fn has_page() -> bool;
    #[wasm_bindgen(js_name = watchPage)]
    pub fn watch_page(callback: JsValue);
    pub fn exchange(
        start: &JsValue,
        init: &JsValue,
        authorization: &str,
        body: &str,
        gzip: bool,
        keepalive: bool,
        done: &JsValue,
    );
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
    #[wasm_bindgen(js_name = deadLetter)]
    pub fn dead_letter(
        on_error: &Function,
        code: &str,
        fault: &str,
        message: &str,
        status: u16,
        events: &str,
    );
    #[wasm_bindgen(js_name = waitFor)]
    pub fn wait_for(wait_until: &Function, step: JsValue);
}

/// A generator seeded by the host's entropy.
pub fn rng() -> Rng {
    Rng::new([entropy(), entropy(), entropy(), entropy()])
}

/// A promise, and the function that resolves it handed to `keep`.
pub fn deferred(mut keep: impl FnMut(Function)) -> Promise {
    Promise::new(&mut |resolve, _| keep(resolve))
}
