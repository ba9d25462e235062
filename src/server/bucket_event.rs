//! Initial State's events: what they must be, and the form in which they are kept.
//!
//! An event is kept as it was sent, with all its members. `epoch` is always there: it is what was
//! sent, or else what counts instead, as seconds since 1970.

use super::object::Object;
use super::plan::Context;
use super::store::{Batch, NewEvent};
use super::when::{self, Micros};
use crate::protocol::json;
use std::borrow::Cow;

/// Longest `key`, in characters.
pub const KEY_CHARS_MAX: usize = 250;
/// Longest `value`, in characters; of a number, as it is written.
pub const VALUE_CHARS_MAX: usize = 2000;

/// A client time so far behind the server's clock, or farther, does not count: ten years.
const TOO_OLD_MICROS: Micros = 315_576_000 * 1_000_000;

/// An event that was checked.
#[derive(Debug)]
pub struct Given(String);

/// Of a JSON text, or what is wrong with it.
pub fn of_json(text: &str) -> Result<Given, String> {
    let object = Object::parse(text).ok_or("it is not a JSON object")?;
    let key = object.given("key").ok_or("\"key\" is missing")?;
    let key = super::object::string(key).ok_or("\"key\" must be a text")?;
    if key.is_empty() {
        return Err(String::from("\"key\" is empty"));
    }
    if key.chars().count() > KEY_CHARS_MAX {
        return Err(format!("\"key\" is longer than {KEY_CHARS_MAX} characters"));
    }
    let value = object.given("value").ok_or("\"value\" is missing")?;
    if value.starts_with(['{', '[']) {
        return Err(String::from("\"value\" must be a text, a number, true or false"));
    }
    let text = super::object::string(value).unwrap_or(Cow::Borrowed(value));
    if text.chars().count() > VALUE_CHARS_MAX {
        return Err(format!("\"value\" is longer than {VALUE_CHARS_MAX} characters"));
    }
    Ok(Given(object.one_line().into_owned()))
}

/// Of a parameter of the query.
pub fn of_query(key: &str, value: &str) -> Result<Given, String> {
    let mut text = String::from("{\"key\":");
    json::push_string(&mut text, key);
    json::push_text_member(&mut text, "value", value);
    text.push('}');
    of_json(&text)
}

/// Adds an event; of which stream is told later.
pub fn push(context: &mut Context, batch: &mut Batch<'static>, Given(text): Given) {
    let object = Object::parse(&text).unwrap_or_default();
    let (date, is_shown) = date(&object, context.now());
    let text = match is_shown {
        true => object.text.to_owned(),
        false => {
            let mut epoch = String::new();
            json::push_member(&mut epoch, "epoch", &seconds(date));
            object.rewritten(&["epoch"], &epoch)
        }
    };
    let kept = Object::parse(&text).unwrap_or_default();
    let event = NewEvent {
        stream: Cow::Borrowed(""),
        id: Cow::Owned(context.rng.uuid()),
        date,
        // Nobody could go on after an `$id` that the event is not kept under.
        shows_id: false,
        shows_timestamp: kept.raw("$timestamp").is_some(),
        text: Cow::Owned(text.clone()),
    };
    batch.push_owned(event, context.indexed, &kept);
}

/// The time of an event, and whether its `epoch` says it: a usable `epoch`, else a usable
/// `iso8601`, else now.
fn date(object: &Object, now: Micros) -> (Micros, bool) {
    let epoch = object.given("epoch").and_then(|raw| match super::object::string(raw) {
        // Some clients send the number as a text.
        Some(text) => when::parse_seconds(text.trim()).filter(|_| !text.contains('"')),
        None => when::parse_seconds(raw),
    });
    let iso = || object.string("iso8601").and_then(|text| when::parse_text(&text));
    let is_shown = epoch.is_some();
    match epoch.or_else(iso).filter(|given| now.saturating_sub(*given) < TOO_OLD_MICROS) {
        Some(given) => (given, is_shown),
        None => (now, false),
    }
}

/// As a JSON number of seconds, to the microsecond.
fn seconds(micros: Micros) -> String {
    let micros = micros.max(0);
    let text = format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
