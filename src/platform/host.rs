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
    pub fn watch_page(callback: &Closure<dyn FnMut(u8)>);
    pub fn basic(key: &str) -> String;
    pub fn gzip(text: &str) -> Option<Promise>;
    #[wasm_bindgen(js_name = callFetch)]
    pub fn call_fetch(fetch: &Function, url: &str, init: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = setKeepalive)]
    pub fn set_keepalive(init: &JsValue);
    pub fn read(response: &Promise) -> Promise;
    #[wasm_bindgen(js_name = readStatus)]
    pub fn read_status(read: &JsValue) -> u16;
    #[wasm_bindgen(js_name = readRetryAfter)]
    pub fn read_retry_after(read: &JsValue) -> f64;
    #[wasm_bindgen(js_name = readBody)]
    pub fn read_body(read: &JsValue) -> String;
    pub fn ledger(counts: &[f64]) -> JsValue;
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
        events: Vec<String>,
    );
    #[wasm_bindgen(js_name = answered)]
    pub fn answered(resolve: &Function, status: u16, body: &str, late: bool);
    #[wasm_bindgen(js_name = waitFor)]
    pub fn wait_for(wait_until: &Function, step: &Closure<dyn FnMut() -> JsValue>);
}

/// A generator seeded by the host's entropy.
pub fn rng() -> Rng {
    Rng::new([entropy(), entropy(), entropy(), entropy()])
}

/// A promise and the function that resolves it.
pub fn deferred() -> (Promise, Function) {
    let mut resolve = None;
    let promise = Promise::new(&mut |accept, _| resolve = Some(accept));
    (promise, resolve.unwrap_or_default())
}
