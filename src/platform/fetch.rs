//! One request of the driver. The global `fetch` is called as a global function, so it exists in
//! windows, workers and edge runtimes alike.

use super::host;
use crate::core::io::{Answer, Request};
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, RequestInit};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// How to reach one server.
pub struct Transport {
    /// Without a slash at its end.
    pub endpoint: String,
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// The user's own `fetch`.
    pub fetch: Option<Function>,
}

impl Transport {
    /// Sends, and calls back once: with the answer, or with nothing when there was none.
    pub fn send(
        &self,
        request: &Request,
        abort: Option<&AbortController>,
        mut done: impl FnMut(Option<Answer>) + 'static,
    ) {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_signal(abort.map(AbortController::signal).as_ref());
        // Status 0 stands for no answer.
        let done = Closure::once_into_js(move |status: u16, retry_after: f64, body: String| {
            let retry_after = (retry_after > 0.0).then_some(retry_after as u64);
            done((status > 0).then_some(Answer { status, retry_after, body }));
        });
        let url = [&self.endpoint, request.path.as_str()].concat();
        let fetch = self.fetch.clone();
        let start = Closure::once_into_js(move |init: RequestInit| match &fetch {
            Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &JsValue::from_str(&url), &init),
            None => global_fetch(&url, &init).map(JsValue::from),
        });
        host::exchange(
            &start,
            &init,
            &self.authorization,
            &request.body,
            request.gzip && !request.keepalive,
            request.keepalive,
            &done,
        );
    }
}
