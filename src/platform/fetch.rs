//! One HTTP exchange. The global `fetch` is called as a global function, so it exists in windows,
//! workers and edge runtimes alike.

use crate::core::error::{Code, Error};
use crate::core::io::Answer;
use crate::core::time::Millis;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, Response};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// How to reach one server: the user's `fetch` or the global one, and headers for each request.
#[derive(Clone)]
pub struct Transport {
    /// Without a slash at its end.
    pub endpoint: String,
    /// Name and value.
    pub headers: Vec<(&'static str, String)>,
    /// The user's own `fetch`.
    pub fetch: Option<Function>,
}

/// One request.
pub struct Outgoing<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// What follows the endpoint.
    pub path: &'a str,
    /// Text or bytes.
    pub body: Option<JsValue>,
    /// Headers of this request only.
    pub headers: &'a [(&'static str, &'a str)],
    /// Must outlive the page.
    pub keepalive: bool,
}

impl Transport {
    /// Starts the request; the promise gives a `Response`.
    pub fn start(&self, out: &Outgoing, signal: Option<&AbortSignal>) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method(out.method);
        let headers = Headers::new()?;
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        for (name, value) in out.headers {
            headers.set(name, value)?;
        }
        init.set_headers(&headers);
        if let Some(body) = &out.body {
            init.set_body(body);
        }
        // Edge runtimes throw on members they do not know, so it is set only where it means
        // something.
        if out.keepalive {
            js_sys::Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
        }
        init.set_signal(signal);
        let url = [self.endpoint.as_str(), out.path].concat();
        match &self.fetch {
            Some(fetch) => {
                let answer = fetch.call2(&JsValue::UNDEFINED, &url.into(), &init)?;
                Ok(Promise::resolve(&answer))
            }
            None => global_fetch(&url, &init),
        }
    }

    /// The whole exchange. The body is always read: edge runtimes count unread ones as open.
    pub async fn exchange(
        &self,
        out: Outgoing<'_>,
        signal: Option<AbortSignal>,
    ) -> Result<Answer, JsValue> {
        let started = self.start(&out, signal.as_ref())?;
        let response: Response = JsFuture::from(started).await?.unchecked_into();
        let body = JsFuture::from(response.text()?).await?;
        Ok(Answer {
            status: response.status(),
            retry_after: retry_after(&response),
            body: body.as_string().unwrap_or_default(),
        })
    }
}

/// `Retry-After` as a span: seconds, or an HTTP date (RFC 9110 §10.2.3).
pub fn retry_after(response: &Response) -> Option<Millis> {
    let text = response.headers().get("retry-after").ok()??;
    // `+text` of JavaScript: NaN unless it is a number.
    let seconds = JsValue::from_str(&text).unchecked_into_f64();
    let millis = match seconds.is_nan() {
        true => js_sys::Date::parse(&text) - js_sys::Date::now(),
        false => seconds * 1000.0,
    };
    (millis > 0.0).then_some(millis as Millis)
}

/// A deadline for one exchange: aborts it, and knows afterwards whether it did.
pub struct Deadline {
    controller: Option<AbortController>,
    timer: Option<gloo_timers::callback::Timeout>,
    late: std::rc::Rc<std::cell::Cell<bool>>,
}

impl Deadline {
    /// Aborts `timeout` milliseconds from now unless dropped before; 0 never does.
    pub fn new(timeout: u32) -> Self {
        let controller = AbortController::new().ok();
        let late = std::rc::Rc::new(std::cell::Cell::new(false));
        let timer = (timeout > 0).then(|| {
            let (controller, late) = (controller.clone(), late.clone());
            gloo_timers::callback::Timeout::new(timeout, move || {
                late.set(true);
                if let Some(controller) = controller {
                    controller.abort();
                }
            })
        });
        Deadline { controller, timer, late }
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

    /// The deadline is met; what follows may take its time.
    pub fn met(&mut self) {
        self.timer = None;
    }

    /// Why the exchange failed, in our words.
    pub fn error(&self, endpoint: &str) -> Error {
        if self.late.get() {
            let message = ["no answer from ", endpoint, " within the timeout"].concat();
            return Error::new(Code::Timeout, message);
        }
        Error::new(Code::Network, ["could not reach ", endpoint].concat())
    }
}
