//! `StreamClient`: AwesomeStream's insert and items, and our server's live subscribe.

use super::error;
use super::options::{self, invalid};
use super::stride::{body, exchange, timeout};
use super::subscription::{Subscription, source};
use crate::core::error::{Code, Error};
use crate::core::rng::Rng;
use crate::platform::fetch::Transport;
use crate::platform::host;
use crate::platform::subscription::{Feed, Opened};
use crate::protocol::awesomestream;
use js_sys::{Array, Date, Object, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// The client of a stream server.
#[wasm_bindgen]
pub struct StreamClient {
    transport: Transport,
    timeout: u32,
    rng: RefCell<Rng>,
}

#[wasm_bindgen]
impl StreamClient {
    /// Checks URL and options; does no I/O.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &JsValue, given: &JsValue) -> Result<StreamClient, JsValue> {
        let url = options::url(url, "url")?;
        let key = options::get(given, "apiKey");
        let key = match key.is_undefined() {
            true => None,
            false => Some(options::key(&key, "apiKey")?),
        };
        Ok(StreamClient {
            transport: options::transport(given, url, key.as_deref())?,
            timeout: timeout(given)?,
            rng: RefCell::new(host::rng()),
        })
    }

    /// Stores an event; resolves to its id, or null where the server gives none.
    pub fn insert(&self, event: &JsValue, given: &JsValue) -> Promise {
        let prepared = (|| {
            let event = body(event)?;
            if !event.starts_with('{') {
                return Err(invalid(&["\"event\" must be an object"]));
            }
            let date = options::get(given, "date");
            // Seconds since 1970, as the protocol has it.
            let kwargs = match date.dyn_ref::<Date>().map(Date::get_time) {
                Some(millis) if !millis.is_nan() => {
                    let seconds = host::stringify(&(millis / 1000.0).into());
                    ["{\"date\":", &seconds, "}"].concat()
                }
                None if date.is_undefined() => String::from("{}"),
                _ => return Err(invalid(&["\"date\" must be a valid Date"])),
            };
            Ok((event, kwargs))
        })();
        match prepared {
            Ok((event, kwargs)) => self.call("insert", &event, &kwargs),
            Err(error) => Promise::reject(&error),
        }
    }

    /// A slice of the newest-first list of events.
    pub fn items(&self, query: &JsValue) -> Promise {
        match kwargs(query) {
            Ok(kwargs) => self.call("items", "", &kwargs),
            Err(error) => Promise::reject(&error),
        }
    }

    /// Events of all streams as they come.
    pub fn subscribe(&self, query: &JsValue) -> Promise {
        match self.subscription(query) {
            Ok(promise) => promise,
            Err(error) => Promise::reject(&error),
        }
    }

    fn subscription(&self, query: &JsValue) -> Result<Promise, JsValue> {
        let filter = options::get(query, "where");
        let mut path = String::from("/subscribe?");
        if !filter.is_undefined() {
            let filter = filter_text(&filter)?;
            path.push_str("where=");
            path.push_str(&String::from(js_sys::encode_uri_component(&filter)));
        }
        let (source, signal) = source(self.transport.clone(), &path, self.timeout, query)?;
        Ok(future_to_promise(async move {
            match Feed::open(source, signal).await? {
                Opened::Feed(feed) => Ok(Subscription::from(feed).into()),
                Opened::Refused(status, body) => Err(refused(status, &body)),
            }
        }))
    }

    fn call(&self, method: &'static str, args: &str, kwargs: &str) -> Promise {
        let id = self.rng.borrow_mut().uuid();
        let body = awesomestream::request(&id, method, args, kwargs);
        let (transport, timeout) = (self.transport.clone(), self.timeout);
        future_to_promise(async move {
            let (status, text) =
                exchange(&transport, timeout, "POST", "/", Some(body), false).await?;
            let answer = host::parse(&text);
            let error = options::get(&answer, "error");
            if status != 200 || !answer.is_object() || !error.is_undefined() {
                return Err(refused(status, &error.as_string().unwrap_or(text)));
            }
            match options::get(&answer, "result") {
                result if result.is_undefined() => Ok(JsValue::NULL),
                result => Ok(result),
            }
        })
    }
}

/// The server's own words are the message.
fn refused(status: u16, words: &str) -> JsValue {
    let code = match status {
        401 | 403 => Code::Unauthorized,
        413 => Code::PayloadTooLarge,
        429 => Code::RateLimited,
        _ => Code::Rejected,
    };
    let words = if words.is_empty() { "no reason given" } else { words };
    let mut error = Error::new(code, ["the server refused the request: ", words].concat());
    error.status = Some(status);
    error::to_js(&error)
}

/// `{ start, end, where }` as the arguments of `items`. The keys of `where` stand beside `start`
/// and `end` in the protocol, so those two names cannot be filtered by.
fn kwargs(query: &JsValue) -> Result<String, JsValue> {
    if !query.is_undefined() && !query.is_object() {
        return Err(invalid(&["\"query\" must be an object"]));
    }
    let filter = options::get(query, "where");
    let mut text = match filter.is_undefined() {
        true => String::from("{}"),
        false => filter_text(&filter)?,
    };
    for name in ["start", "end"] {
        let value = options::get(query, name);
        if value.is_undefined() {
            continue;
        }
        let whole = value
            .as_f64()
            .filter(|number| number.is_finite() && *number == f64::from(*number as i32));
        let whole = whole.ok_or_else(|| invalid(&["\"", name, "\" must be a whole number"]))?;
        text.pop();
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&["\"", name, "\":", &(whole as i32).to_string(), "}"].concat());
    }
    Ok(text)
}

fn filter_text(filter: &JsValue) -> Result<String, JsValue> {
    let plain = |value: &JsValue| {
        value.as_string().is_some() || value.as_f64().is_some() || value.as_bool().is_some()
    };
    let Some(members) = filter.dyn_ref::<Object>().filter(|_| !Array::is_array(filter)) else {
        return Err(invalid(&["\"where\" must be an object of keys and values"]));
    };
    for entry in Object::entries(members).iter() {
        let entry: Array = Array::unchecked_from_js(entry);
        let (key, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
        if key == "start" || key == "end" {
            return Err(invalid(&["\"where\" cannot filter by \"", &key, "\""]));
        }
        let good = match Array::is_array(&value) {
            true => Array::<JsValue>::unchecked_from_js(value).iter().all(|value| plain(&value)),
            false => plain(&value),
        };
        if !good {
            let rule = "\" must be a string, number or boolean, or a list of them";
            return Err(invalid(&["\"where.", &key, rule]));
        }
    }
    Ok(host::stringify(filter))
}
