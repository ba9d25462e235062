//! `Stride`: REST and subscribe. `setId` and `setTimestamp`: the two reserved members.

use super::error;
use super::options::{self, invalid};
use super::subscription::{Subscription, source};
use crate::core::error::Error;
use crate::core::time::iso8601;
use crate::platform::fetch::{Deadline, Outgoing, Transport};
use crate::platform::host;
use crate::platform::subscription::{Feed, Opened};
use crate::protocol::stride::{DEFAULT_ENDPOINT, Method, check_path};
use js_sys::{Date, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// As `pystride`.
const TIMEOUT_MS: u32 = 30_000;

/// The REST client.
#[wasm_bindgen]
pub struct Stride {
    transport: Transport,
    timeout: u32,
}

#[wasm_bindgen]
impl Stride {
    /// Checks key and options; does no I/O.
    #[wasm_bindgen(constructor)]
    pub fn new(api_key: &JsValue, given: &JsValue) -> Result<Stride, JsValue> {
        let key = options::key(api_key, "apiKey")?;
        let transport = options::transport(given, endpoint(given)?, Some(&key))?;
        Ok(Stride { transport, timeout: timeout(given)? })
    }

    /// `GET`.
    pub fn get(&self, path: &JsValue) -> Promise {
        self.request(Method::Get, path, None)
    }

    /// `POST` of a JSON value.
    pub fn post(&self, path: &JsValue, json: &JsValue) -> Promise {
        self.request(Method::Post, path, Some(json))
    }

    /// `PUT` of a JSON value.
    pub fn put(&self, path: &JsValue, json: &JsValue) -> Promise {
        self.request(Method::Put, path, Some(json))
    }

    /// `DELETE`.
    pub fn delete(&self, path: &JsValue) -> Promise {
        self.request(Method::Delete, path, None)
    }

    /// `GET …/subscribe`: a live stream.
    pub fn subscribe(&self, path: &JsValue, given: &JsValue) -> Promise {
        match self.subscription(path, given) {
            Ok(promise) => promise,
            Err(error) => Promise::reject(&error),
        }
    }

    fn subscription(&self, path: &JsValue, given: &JsValue) -> Result<Promise, JsValue> {
        let path = checked(Method::Subscribe, path)?;
        let (bare, query) = path.split_once('?').unwrap_or((&path, ""));
        let path = [bare, "/subscribe?", query].concat();
        let (source, signal) = source(self.transport.clone(), &path, self.timeout, given)?;
        Ok(future_to_promise(async move {
            Ok(match Feed::open(source, signal).await? {
                Opened::Feed(feed) => host::response(200, &Subscription::from(feed).into()),
                Opened::Refused(status, body) => host::response(status, &data(&body)),
            })
        }))
    }

    fn request(&self, method: Method, path: &JsValue, json: Option<&JsValue>) -> Promise {
        let prepared = checked(method, path).and_then(|path| {
            let body = match json {
                Some(value) => Some(body(value)?),
                None => None,
            };
            Ok((path, body))
        });
        let (path, body) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Promise::reject(&error),
        };
        let (transport, timeout) = (self.transport.clone(), self.timeout);
        future_to_promise(async move {
            // The official clients compress writes to /collect, and only those.
            let gzip = method == Method::Post && path.starts_with("/collect");
            let (status, body) =
                exchange(&transport, timeout, method.http(), &path, body, gzip).await?;
            Ok(host::response(status, &data(&body)))
        })
    }
}

/// One request with a deadline, in our own error words.
pub async fn exchange(
    transport: &Transport,
    timeout: u32,
    method: &str,
    path: &str,
    body: Option<String>,
    gzip: bool,
) -> Result<(u16, String), JsValue> {
    let deadline = Deadline::new(timeout);
    let compressing = body.as_deref().filter(|_| gzip).and_then(host::gzip);
    let compressed = match compressing {
        Some(promise) => Some(wasm_bindgen_futures::JsFuture::from(promise).await?),
        None => None,
    };
    let gzip_header = [("content-encoding", "gzip")];
    let outgoing = Outgoing {
        method,
        path,
        headers: if compressed.is_some() { &gzip_header } else { &[] },
        body: compressed.or(body.map(JsValue::from)),
        keepalive: false,
    };
    let answer = transport.exchange(outgoing, deadline.signal()).await;
    let answer = answer.map_err(|_| error::to_js(&deadline.error(&transport.endpoint)))?;
    Ok((answer.status, answer.body))
}

/// `"timeout"` of a REST client: 30 s unless given, 0 for none.
pub fn timeout(given: &JsValue) -> Result<u32, JsValue> {
    let millis = options::millis(given, "timeout")?;
    Ok(millis.map_or(TIMEOUT_MS, |millis| u32::try_from(millis).unwrap_or(u32::MAX >> 1)))
}

/// `"endpoint"`, or the hosted service's.
pub fn endpoint(given: &JsValue) -> Result<String, JsValue> {
    let value = options::get(given, "endpoint");
    match value.is_undefined() {
        true => Ok(DEFAULT_ENDPOINT.to_owned()),
        false => options::url(&value, "endpoint"),
    }
}

/// A value as the JSON text of a request.
pub fn body(value: &JsValue) -> Result<String, JsValue> {
    let text = host::stringify(value);
    match text.is_empty() {
        true => Err(invalid(&["\"json\" must be a value that JSON can say"])),
        false => Ok(text),
    }
}

fn checked(method: Method, path: &JsValue) -> Result<String, JsValue> {
    let path = options::required_text(path, "path")?;
    check_path(method, &path).map_err(|error: Error| error::to_js(&error))?;
    Ok(path)
}

/// The answer's JSON; null when empty; the error of `pystride` when malformed.
fn data(body: &str) -> JsValue {
    if body.trim().is_empty() {
        return JsValue::NULL;
    }
    let value = host::parse(body);
    match value.is_undefined() {
        true => host::parse("{\"error\":\"response contained malformed json\"}"),
        false => value,
    }
}

/// Sets the event's `$id`; the server stores an id once.
#[wasm_bindgen(js_name = setId)]
pub fn set_id(event: &JsValue, id: &JsValue) -> Result<(), JsValue> {
    if id.as_string().is_none() && id.as_f64().is_none() {
        return Err(invalid(&["\"id\" must not be null: a string or a number"]));
    }
    set_member(event, "$id", id)
}

/// Sets the event's `$timestamp`: now unless given, RFC 3339 in UTC.
#[wasm_bindgen(js_name = setTimestamp)]
pub fn set_timestamp(event: &JsValue, timestamp: &JsValue) -> Result<(), JsValue> {
    let millis = match timestamp.dyn_ref::<Date>() {
        Some(date) => date.get_time(),
        None if timestamp.is_undefined() => Date::now(),
        None => f64::NAN,
    };
    // A date before 1970 or an invalid one has no place in our text form.
    if millis.is_nan() || millis < 0.0 {
        return Err(invalid(&["\"timestamp\" must be a valid Date from 1970 on"]));
    }
    set_member(event, "$timestamp", &iso8601(millis as u64).into())
}

fn set_member(event: &JsValue, name: &str, value: &JsValue) -> Result<(), JsValue> {
    if !event.is_object() {
        return Err(invalid(&["\"event\" must be an object"]));
    }
    Reflect::set(event, &name.into(), value).map(drop)
}
