//! Imports of `host.js`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/platform/host.js")]
extern "C" {
    #[wasm_bindgen(js_name = monotonicNow)]
    pub fn monotonic_now() -> f64;
    pub fn entropy() -> Vec<u32>;
    pub fn stringify(value: &JsValue) -> String;
    pub fn parse(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = parseFrames)]
    pub fn parse_frames(bytes: &[u8]) -> js_sys::Array;
    pub fn gzip(text: &str) -> Option<js_sys::Promise>;
    pub fn ledger(
        accepted: f64,
        delivered: f64,
        rejected: f64,
        expired: f64,
        dropped: f64,
        pending: f64,
    ) -> JsValue;
    pub fn response(status_code: u16, data: &JsValue) -> JsValue;
    pub fn result(value: &JsValue, done: bool) -> JsValue;
    #[wasm_bindgen(js_name = watchPage)]
    pub fn watch_page(callback: &Closure<dyn FnMut(String)>);
    #[wasm_bindgen(js_name = hasPage)]
    pub fn has_page() -> bool;
    #[wasm_bindgen(js_name = pageProperties)]
    pub fn page_properties(
        properties: &JsValue,
        name: Option<&str>,
        category: Option<&str>,
        is_page: bool,
    ) -> String;
    pub fn context(base: &str, given: &JsValue, is_page: bool) -> String;
    #[wasm_bindgen(js_name = callQuietly)]
    pub fn call_quietly(callback: &js_sys::Function, error: &JsValue, events: &JsValue);
    #[wasm_bindgen(js_name = callQuietly)]
    pub fn call_quietly_1(callback: &js_sys::Function, value: &JsValue);
}

/// A generator seeded by the host's entropy.
pub fn rng() -> crate::core::rng::Rng {
    let mut seed = [0; 4];
    for (slot, word) in seed.iter_mut().zip(entropy()) {
        *slot = word;
    }
    crate::core::rng::Rng::new(seed)
}

/// A promise and the function that resolves it.
pub fn deferred() -> (js_sys::Promise, js_sys::Function) {
    let mut resolve = None;
    let promise = js_sys::Promise::new(&mut |accept, _| resolve = Some(accept));
    (promise, resolve.unwrap_or_default())
}
