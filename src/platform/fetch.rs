//! One request of the driver.

use super::host::{self, Function};
use crate::core::io::{Answer, Request};
use crate::core::text;
use wasm_bindgen::prelude::*;

/// How to reach one server.
pub struct Transport {
    /// Without a slash at its end.
    pub endpoint: String,
    /// Header lines of every request, each `name: value\n`.
    pub headers: String,
    /// The user's own `fetch`.
    pub fetch: Option<Function>,
}

impl Transport {
    /// Sends, and calls back once: with the answer, or with nothing when there was none. Gives what
    /// `host::abort` takes.
    pub fn send(
        &self,
        request: &Request,
        mut done: impl FnMut(Option<Answer>) + 'static,
    ) -> JsValue {
        // Status 0 stands for no answer.
        let done = host::function(move |status, retry_after, body| {
            let status = status as u16;
            let retry_after = (retry_after > 0.0).then_some(retry_after as u64);
            done((status > 0).then_some(Answer { status, retry_after, body }));
            JsValue::UNDEFINED
        });
        host::exchange(
            self.fetch.as_ref(),
            &text::concat(&[&self.endpoint, &request.path]),
            &text::concat(&[&self.headers, &request.headers]),
            &request.body,
            &request.packed,
            request.body.len(),
            request.gzip && !request.keepalive,
            &done,
        )
    }
}
