//! Errors on their way to JavaScript: the code survives, the class is one.

use crate::core::error::Error;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/core/error.js")]
extern "C" {
    /// `SluiceboxError` of the package.
    pub type SluiceboxError;
    #[wasm_bindgen(constructor)]
    fn new(code: &str, fault: &str, message: &str, status: Option<u16>) -> SluiceboxError;
}

/// The JavaScript value to throw or to hand to `onError`.
pub fn to_js(error: &Error) -> JsValue {
    SluiceboxError::new(error.code.name(), error.code.fault().name(), &error.message, error.status)
        .into()
}
