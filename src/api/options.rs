//! Options, read member by member: a struct through serde would cost more bytes than all faces.

use super::error;
use crate::core::error::{Code, Error};
use crate::core::policy::{Overflow, Policy};
use crate::platform::fetch::Transport;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

/// A member of an object; undefined for anything that has none, null counts as left out.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    match Reflect::get(object, &name.into()) {
        Ok(value) if !value.is_null() => value,
        _ => JsValue::UNDEFINED,
    }
}

/// The error for one bad argument.
pub fn invalid(parts: &[&str]) -> JsValue {
    error::to_js(&Error::new(Code::InvalidArgument, parts.concat()))
}

/// A text that must be there and not be empty.
pub fn required_text(value: &JsValue, name: &str) -> Result<String, JsValue> {
    let text = value.as_string().filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid(&["\"", name, "\" must be a non-empty string"]))
}

/// An API key: Basic authentication and HTTP headers take printable ASCII.
pub fn key(value: &JsValue, name: &str) -> Result<String, JsValue> {
    let key = required_text(value, name)?;
    match key.bytes().all(|byte| byte.is_ascii_graphic()) && !key.contains(':') {
        true => Ok(key),
        false => Err(invalid(&["\"", name, "\" must be printable ASCII without \":\" or spaces"])),
    }
}

/// A base URL, without a slash at its end.
pub fn url(value: &JsValue, name: &str) -> Result<String, JsValue> {
    let text = value.as_string().unwrap_or_default();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains([' ', '?', '#']) => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(invalid(&["\"", name, "\" must be a URL that starts with http:// or https://"])),
    }
}

/// A whole number of at least `least`.
fn number(object: &JsValue, name: &str, least: f64) -> Result<Option<f64>, JsValue> {
    let value = get(object, name);
    if value.is_undefined() {
        return Ok(None);
    }
    match value.as_f64() {
        // The upper bound is Number.MAX_SAFE_INTEGER.
        Some(number) if number >= least && number <= 9_007_199_254_740_991.0 => Ok(Some(number)),
        _ => {
            let least = if least > 0.0 { "1" } else { "0" };
            Err(invalid(&["\"", name, "\" must be a number of at least ", least]))
        }
    }
}

/// Whole milliseconds; 0 is allowed.
pub fn millis(object: &JsValue, name: &str) -> Result<Option<u64>, JsValue> {
    Ok(number(object, name, 0.0)?.map(|value| value as u64))
}

fn count(object: &JsValue, name: &str, slot: &mut usize) -> Result<(), JsValue> {
    if let Some(value) = number(object, name, 1.0)? {
        *slot = value as usize;
    }
    Ok(())
}

fn span(object: &JsValue, name: &str, slot: &mut u64) -> Result<(), JsValue> {
    if let Some(value) = number(object, name, if name == "flushInterval" { 0.0 } else { 1.0 })? {
        *slot = value as u64;
    }
    Ok(())
}

/// A function, if there is one.
pub fn function(object: &JsValue, name: &str) -> Result<Option<Function>, JsValue> {
    let value = get(object, name);
    if value.is_undefined() {
        return Ok(None);
    }
    value.dyn_into().map(Some).map_err(|_| invalid(&["\"", name, "\" must be a function"]))
}

/// `true`, `false`, or left out.
pub fn flag(object: &JsValue, name: &str, default: bool) -> Result<bool, JsValue> {
    let value = get(object, name);
    match value.is_undefined() {
        true => Ok(default),
        false => value.as_bool().ok_or_else(|| invalid(&["\"", name, "\" must be a boolean"])),
    }
}

/// One of two words.
fn word(object: &JsValue, name: &str, words: [&str; 2]) -> Result<Option<bool>, JsValue> {
    let value = get(object, name);
    if value.is_undefined() {
        return Ok(None);
    }
    let [first, second] = words;
    match value.as_string() {
        Some(text) if text == first => Ok(Some(true)),
        Some(text) if text == second => Ok(Some(false)),
        _ => Err(invalid(&["\"", name, "\" must be \"", first, "\" or \"", second, "\""])),
    }
}

/// `DeliveryOptions` over a client's own defaults.
pub fn policy(options: &JsValue, mut policy: Policy) -> Result<Policy, JsValue> {
    if !options.is_undefined() && !options.is_object() {
        return Err(invalid(&["\"options\" must be an object"]));
    }
    span(options, "flushInterval", &mut policy.flush_interval_ms)?;
    count(options, "batchSize", &mut policy.batch_count_max)?;
    count(options, "batchBytes", &mut policy.batch_bytes_max)?;
    count(options, "queueSize", &mut policy.queue_count_max)?;
    count(options, "queueBytes", &mut policy.queue_bytes_max)?;
    count(options, "concurrency", &mut policy.concurrency_max)?;
    span(options, "timeout", &mut policy.timeout_ms)?;
    span(options, "maxAge", &mut policy.age_max_ms)?;
    if let Some(most) = number(options, "maxAttempts", 1.0)? {
        // Infinity is beyond what `number` takes; so many attempts are as good as no limit.
        policy.attempts_max = Some(most.min(f64::from(u32::MAX)) as u32);
    }
    if let Some(oldest) = word(options, "overflow", ["drop-oldest", "drop-newest"])? {
        policy.overflow = if oldest { Overflow::DropOldest } else { Overflow::DropNewest };
    }
    if let Some(gzip) = word(options, "compression", ["gzip", "none"])? {
        policy.gzip = gzip;
    }
    // Memory is the most durable store there is so far, and it writes nothing.
    word(options, "storage", ["auto", "none"])?;
    Ok(policy)
}

/// Where and how to send, with Basic authentication: the key as user, no password.
pub fn transport(
    options: &JsValue,
    endpoint: String,
    key: Option<&str>,
) -> Result<Transport, JsValue> {
    let mut headers = vec![("content-type", String::from("application/json"))];
    headers.push(("accept", String::from("application/json")));
    if let Some(key) = key {
        let user = [key, ":"].concat();
        headers.push(("authorization", ["Basic ", &base64(user.as_bytes())].concat()));
    }
    Ok(Transport { endpoint, headers, fetch: function(options, "fetch")? })
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |word, index| {
            (word << 8) | u32::from(chunk.get(index).copied().unwrap_or(0))
        });
        for place in 0..4_usize {
            let shift = [18, 12, 6, 0].get(place).copied().unwrap_or(0);
            let digit = ALPHABET.get((word >> shift) as usize & 63).copied().unwrap_or(b'=');
            out.push(char::from(if place > chunk.len() { b'=' } else { digit }));
        }
    }
    out
}
