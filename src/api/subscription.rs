//! `Subscription`: the async iterable that subscribe calls give.

use super::error;
use super::options::{self, invalid};
use crate::platform::fetch::Transport;
use crate::platform::host;
use crate::platform::subscription::{Feed, Source, State};
use crate::protocol::framing::Lines;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// Events as they come.
#[wasm_bindgen]
pub struct Subscription(Feed);

impl From<Feed> for Subscription {
    fn from(feed: Feed) -> Self {
        Subscription(feed)
    }
}

#[wasm_bindgen]
impl Subscription {
    /// `connecting`, `open`, `waiting` or `closed`.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        String::from(match self.0.state() {
            State::Connecting => "connecting",
            State::Open => "open",
            State::Waiting => "waiting",
            State::Closed => "closed",
        })
    }

    /// Id of the last event handed out.
    #[wasm_bindgen(getter, js_name = lastEventId)]
    pub fn last_event_id(&self) -> JsValue {
        match self.0.last_event_id() {
            id if id.is_undefined() => JsValue::NULL,
            id => id,
        }
    }

    /// The iterator's next.
    pub fn next(&self) -> Promise {
        self.0.next()
    }

    /// Called when a loop is left early.
    #[wasm_bindgen(js_name = "return")]
    pub fn return_(&self) -> Promise {
        self.0.close();
        Promise::resolve(&host::result(&JsValue::UNDEFINED, true))
    }

    /// Ends the request at once.
    pub fn close(&self) {
        self.0.close();
    }
}

/// `SubscribeOptions` for a path that ends in a query.
pub fn source(
    mut transport: Transport,
    path: &str,
    timeout: u32,
    given: &JsValue,
) -> Result<(Source, Option<AbortSignal>), JsValue> {
    // A GET has no body, and without this header a page's request needs no preflight for it.
    transport.headers.retain(|(name, _)| *name != "content-type");
    let mut path = String::from(path);
    let sample = options::get(given, "sample");
    if !sample.is_undefined() {
        let rate = sample.as_f64().filter(|rate| *rate >= 0.0 && *rate <= 1e9);
        let rate = rate.ok_or_else(|| invalid(&["\"sample\" must be a number from 0 on"]))?;
        path.push_str(if path.ends_with('?') { "sample=" } else { "&sample=" });
        path.push_str(&(rate as u32).to_string());
    }
    let via = options::get(given, "via");
    if !via.is_undefined() && via.as_string().as_deref() != Some("stream") {
        return Err(invalid(&["\"via\" must be \"stream\""]));
    }
    let signal = options::get(given, "signal");
    let signal = match signal.is_undefined() {
        true => None,
        false => Some(
            signal
                .dyn_into::<AbortSignal>()
                .map_err(|_| invalid(&["\"signal\" must be an AbortSignal"]))?,
        ),
    };
    let after = options::get(given, "after");
    let after = match after.is_undefined() {
        true => None,
        false => Some(options::required_text(&after, "after")?),
    };
    let source = Source {
        transport,
        path: path.trim_end_matches('?').to_owned(),
        after,
        reconnect: options::flag(given, "reconnect", true)?,
        timeout,
        framing: || Box::new(Lines::default()),
        to_js_error: error::to_js,
    };
    Ok((source, signal))
}
