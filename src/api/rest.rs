//! One REST call. The classes `Stride` and `StreamClient` stand on this.

use crate::platform::fetch::{Deadline, Outgoing, Transport};
use crate::platform::host;
use crate::protocol::stride;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

/// A server that is spoken to.
#[wasm_bindgen]
pub struct Rest(Transport);

#[wasm_bindgen]
impl Rest {
    /// With Basic authentication where there is a key.
    #[wasm_bindgen(constructor)]
    pub fn new(endpoint: String, key: Option<String>, fetch: Option<Function>) -> Rest {
        Rest(Transport::new(endpoint, key.as_deref(), fetch))
    }

    /// Resolves to `[status, body]`, or to the error's code.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        gzip: bool,
        timeout: u32,
    ) -> Promise {
        let (promise, resolve) = host::deferred();
        let deadline = Deadline::new(timeout);
        let outgoing =
            Outgoing { method, path, body, gzip, keepalive: false, signal: deadline.signal() };
        self.0.exchange(outgoing, move |answer| {
            let (status, body) = answer.map_or((0, String::new()), |a| (a.status, a.body));
            host::answered(&resolve, status, &body, deadline.is_late());
        });
        promise
    }

    /// Starts a request whose answer never ends; resolves to the `Response`.
    pub fn open(&self, path: &str, signal: Option<web_sys::AbortSignal>) -> Promise {
        let outgoing =
            Outgoing { method: "GET", path, body: None, gzip: false, keepalive: false, signal };
        self.0.start(&outgoing, None).unwrap_or_else(|error| Promise::reject(&error))
    }
}

/// Undefined, or why the path is not one of Stride's for this method.
#[wasm_bindgen(js_name = checkPath)]
pub fn check_path(method: &str, path: &str) -> Option<String> {
    stride::check_path(method, path).err()
}

/// Whether it is the name of a stream.
#[wasm_bindgen(js_name = isName)]
pub fn is_name(name: &str) -> bool {
    stride::is_name(name)
}
