//! One HTTP exchange. The global `fetch` is called as a global function, so it exists in windows,
//! workers and edge runtimes alike.

use super::host;
use crate::core::io::Answer;
use js_sys::{Function, Promise};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, Headers, RequestInit};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// How to reach one server. Cloning shares what it holds.
#[derive(Clone)]
pub struct Transport {
    endpoint: Rc<str>,
    authorization: Option<Rc<str>>,
    /// The user's own `fetch`.
    fetch: Option<Function>,
}

/// One request.
pub struct Outgoing<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// What follows the endpoint.
    pub path: &'a str,
    /// JSON text.
    pub body: Option<String>,
    /// Compress the body, where the runtime can.
    pub gzip: bool,
    /// Must outlive the page.
    pub keepalive: bool,
    /// Stops it.
    pub signal: Option<AbortSignal>,
}

impl Transport {
    /// `endpoint` has no slash at its end; the key is the user of Basic authentication.
    pub fn new(endpoint: String, key: Option<&str>, fetch: Option<Function>) -> Self {
        let authorization = key.map(|key| host::basic(key).into());
        Transport { endpoint: endpoint.into(), authorization, fetch }
    }

    /// Starts the request; the promise gives a `Response`.
    pub fn start(&self, out: &Outgoing, gzipped: Option<JsValue>) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method(out.method);
        let headers = Headers::new()?;
        // Stride's clients send both with every request, GET included.
        headers.set("accept", "application/json")?;
        headers.set("content-type", "application/json")?;
        if let Some(authorization) = &self.authorization {
            headers.set("authorization", authorization)?;
        }
        if let Some(body) = &out.body {
            if gzipped.is_some() {
                headers.set("content-encoding", "gzip")?;
            }
            init.set_body(&gzipped.unwrap_or_else(|| JsValue::from_str(body)));
        }
        init.set_headers(&headers);
        if out.keepalive {
            host::set_keepalive(&init);
        }
        init.set_signal(out.signal.as_ref());
        let url = [&*self.endpoint, out.path].concat();
        match &self.fetch {
            Some(fetch) => Ok(host::call_fetch(fetch, &url, &init)),
            None => global_fetch(&url, &init),
        }
    }

    /// The whole exchange; `done` gets nothing when there was no answer.
    pub fn exchange(&self, out: Outgoing, done: impl FnOnce(Option<Answer>) + 'static) {
        let compressing = out.body.as_deref().filter(|_| out.gzip).and_then(host::gzip);
        let (method, path) = (out.method.to_owned(), out.path.to_owned());
        let Outgoing { body, gzip, keepalive, signal, .. } = out;
        let done: Box<dyn FnOnce(Option<Answer>)> = Box::new(done);
        let transport = self.clone();
        spawn_local(async move {
            let gzipped = match compressing {
                Some(promise) => JsFuture::from(promise).await.ok(),
                None => None,
            };
            let (method, path) = (&*method, &*path);
            let outgoing = Outgoing { method, path, body, gzip, keepalive, signal };
            let answer = match transport.start(&outgoing, gzipped) {
                Ok(promise) => JsFuture::from(host::read(&promise)).await.ok(),
                Err(_) => None,
            };
            done(answer.map(|read| Answer {
                status: host::read_status(&read),
                retry_after:
                    Some(host::read_retry_after(&read)).filter(|ms| *ms > 0.0).map(|ms| ms as u64),
                body: host::read_body(&read),
            }));
        });
    }
}

/// A deadline for one exchange: aborts it, and knows afterwards whether it did.
pub struct Deadline {
    controller: Option<AbortController>,
    _timer: Option<gloo_timers::callback::Timeout>,
    late: Rc<Cell<bool>>,
}

impl Deadline {
    /// Aborts `timeout` milliseconds from now unless dropped before; 0 never does.
    pub fn new(timeout: u32) -> Self {
        let controller = AbortController::new().ok();
        let late = Rc::new(Cell::new(false));
        let timer = (timeout > 0).then(|| {
            let (controller, late) = (controller.clone(), late.clone());
            gloo_timers::callback::Timeout::new(timeout, move || {
                late.set(true);
                if let Some(controller) = controller {
                    controller.abort();
                }
            })
        });
        Deadline { controller, _timer: timer, late }
    }

    /// What to hand to fetch.
    pub fn signal(&self) -> Option<AbortSignal> {
        self.controller.as_ref().map(AbortController::signal)
    }

    /// Stops the exchange now.
    pub fn abort(&self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }

    /// Whether the time was up.
    pub fn is_late(&self) -> bool {
        self.late.get()
    }
}
