//! `Analytics`: what users do, in the form of RudderStack.

use super::options::{self, invalid};
use super::{delivery, error};
use crate::core::error::{Code, Error};
use crate::core::event::{Event, Stream};
use crate::core::policy::Policy;
use crate::core::rng::Rng;
use crate::core::time::iso8601;
use crate::platform::driver::Driver;
use crate::platform::{clock, host};
use crate::protocol::rudderstack::{BatchWire, Call, Kind};
use js_sys::{Date, JsString, Promise};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The context of an event that has nothing more to say, and the library's part of any other.
const CONTEXT: &str = concat!(
    "{\"library\":{\"name\":\"sluicebox\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"}}"
);

/// The event client.
#[wasm_bindgen]
pub struct Analytics {
    driver: Driver,
    rng: RefCell<Rng>,
    anonymous_id: String,
    /// Order is kept for each user; the last call's is mostly the next one's too.
    last: RefCell<Stream>,
    closed: Cell<bool>,
}

#[wasm_bindgen]
impl Analytics {
    /// Checks the options; does no I/O.
    #[wasm_bindgen(constructor)]
    pub fn new(given: &JsValue) -> Result<Analytics, JsValue> {
        if !given.is_object() {
            return Err(invalid(&["\"options\" must be an object with writeKey and dataPlaneUrl"]));
        }
        let key = options::key(&options::get(given, "writeKey"), "writeKey")?;
        let url = options::url(&options::get(given, "dataPlaneUrl"), "dataPlaneUrl")?;
        // An option that must keep data back is never ignored.
        for name in ["before", "trackPages", "session"] {
            let value = options::get(given, name);
            if !value.is_undefined() && value != JsValue::FALSE {
                return Err(invalid(&["\"", name, "\" is not supported by this version"]));
            }
        }
        let consent = options::get(given, "consent");
        if !consent.is_undefined() && consent.as_string().as_deref() != Some("granted") {
            return Err(invalid(&["\"consent\" must be \"granted\" in this version"]));
        }
        let transport = options::transport(given, url, Some(&key))?;
        let driver = delivery::driver(given, Policy::default(), Box::new(BatchWire), transport)?;
        let mut rng = host::rng();
        let anonymous_id = rng.uuid();
        Ok(Analytics {
            driver,
            last: RefCell::new(Stream::new(&anonymous_id)),
            anonymous_id,
            rng: RefCell::new(rng),
            closed: Cell::new(false),
        })
    }

    /// What a user did.
    pub fn track(
        &self,
        event: &JsValue,
        properties: &JsValue,
        given: &JsValue,
    ) -> Result<(), JsValue> {
        let event = options::required_text(event, "event")?;
        self.accept(Kind::Track, Some(&event), None, properties, given)
    }

    /// A page was seen: `page([category,] name?, properties?, options?)`.
    pub fn page(&self, a: &JsValue, b: &JsValue, c: &JsValue, d: &JsValue) -> Result<(), JsValue> {
        self.seen(Kind::Page, [a, b, c, d])
    }

    /// A screen was seen: `screen([category,] name, properties?, options?)`.
    pub fn screen(
        &self,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
        d: &JsValue,
    ) -> Result<(), JsValue> {
        if a.as_string().is_none_or(|name| name.is_empty()) {
            return Err(invalid(&["\"name\" must be a non-empty string"]));
        }
        self.seen(Kind::Screen, [a, b, c, d])
    }

    /// The user, where known.
    #[wasm_bindgen(getter, js_name = userId)]
    pub fn user_id(&self) -> JsValue {
        JsValue::NULL
    }

    /// The id of a user who is not known.
    #[wasm_bindgen(getter, js_name = anonymousId)]
    pub fn anonymous_id(&self) -> String {
        self.anonymous_id.clone()
    }

    /// Sends everything held now.
    pub fn flush(&self, given: &JsValue) -> Result<Promise, JsValue> {
        delivery::flush(&self.driver, given, false)
    }

    /// Delivers what is held, then stops.
    pub fn close(&self, given: &JsValue) -> Result<Promise, JsValue> {
        let done = delivery::flush(&self.driver, given, true)?;
        self.closed.set(true);
        Ok(done)
    }

    /// The counts now.
    pub fn ledger(&self) -> JsValue {
        self.driver.ledger_object()
    }

    /// Two leading texts are category and name, one is the name.
    fn seen(&self, kind: Kind, arguments: [&JsValue; 4]) -> Result<(), JsValue> {
        let [first, second, third, fourth] = arguments;
        match (first.as_string(), second.as_string()) {
            (Some(category), Some(name)) => {
                self.accept(kind, Some(&name), Some(&category), third, fourth)
            }
            (Some(name), None) => self.accept(kind, Some(&name), None, second, third),
            (None, _) if first.is_undefined() || first.is_null() => {
                self.accept(kind, None, None, second, third)
            }
            (None, _) if first.is_object() => self.accept(kind, None, None, first, second),
            (None, _) => Err(invalid(&["\"name\" must be a string"])),
        }
    }

    fn accept(
        &self,
        kind: Kind,
        name: Option<&str>,
        category: Option<&str>,
        properties: &JsValue,
        given: &JsValue,
    ) -> Result<(), JsValue> {
        if self.closed.get() {
            let message = "the client is closed";
            return Err(error::to_js(&Error::new(Code::NotRunning, message)));
        }
        let options = given.is_object().then_some(given);
        if options.is_none() && !given.is_undefined() && !given.is_null() {
            return Err(invalid(&["\"options\" must be an object"]));
        }
        let option = |name: &str| options.map_or(JsValue::UNDEFINED, |o| options::get(o, name));
        let id = |name: &str| id_text(&option(name), name);
        let user_id = id("userId")?;
        let anonymous_id = id("anonymousId")?.unwrap_or_else(|| self.anonymous_id.clone());
        let message_id = id("messageId")?.unwrap_or_else(|| self.rng.borrow_mut().uuid());
        let timestamp = timestamp_text(&option("timestamp"))?;
        let properties = match kind {
            Kind::Track => object_text(properties, "properties")?,
            _ => {
                object(properties, "properties")?;
                host::page_properties(properties, name, category, kind == Kind::Page)
            }
        };
        let context = option("context");
        object(&context, "context")?;
        let context = match context.is_undefined() && kind != Kind::Page {
            true => CONTEXT.to_owned(),
            false => host::context(CONTEXT, &context, kind == Kind::Page),
        };
        let integrations = option("integrations");
        let integrations = match integrations.is_undefined() {
            true => None,
            false => Some(object_text(&integrations, "integrations")?),
        };
        let original = iso8601(clock::now().as_millis());
        let text = Call {
            kind,
            message_id: &message_id,
            channel: if host::has_page() { "web" } else { "server" },
            anonymous_id: &anonymous_id,
            user_id: user_id.as_deref(),
            name,
            category,
            properties_json: &properties,
            context_json: &context,
            integrations_json: integrations.as_deref(),
            original_timestamp: timestamp.as_deref().unwrap_or(&original),
            timestamp: timestamp.as_deref(),
        }
        .to_text();
        let user = user_id.as_deref().unwrap_or(&anonymous_id);
        if user != self.last.borrow().name() {
            *self.last.borrow_mut() = Stream::new(user);
        }
        let stream = self.last.borrow().clone();
        self.driver.offer(Event::new(stream, text));
        Ok(())
    }
}

/// Left out, or an object.
fn object(value: &JsValue, name: &str) -> Result<(), JsValue> {
    match value.is_undefined() || value.is_null() || value.is_object() {
        true => Ok(()),
        false => Err(invalid(&["\"", name, "\" must be an object"])),
    }
}

fn object_text(value: &JsValue, name: &str) -> Result<String, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(String::from("{}"));
    }
    let text = host::stringify(value);
    match text.starts_with('{') {
        true => Ok(text),
        false => Err(invalid(&["\"", name, "\" must be an object"])),
    }
}

/// Ids are texts on the wire; numbers are taken too.
fn id_text(value: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    let text = match value.as_f64() {
        Some(number) if number.is_finite() => Some(String::from(JsString::from(value.clone()))),
        _ => value.as_string(),
    };
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(Some(text)),
        None => Err(invalid(&["\"", name, "\" must be a non-empty string or a number"])),
    }
}

/// A `Date`, or a text that `Date` can read.
fn timestamp_text(value: &JsValue) -> Result<Option<String>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    let millis = match (value.dyn_ref::<Date>(), value.as_string()) {
        (Some(date), _) => date.get_time(),
        (None, Some(text)) => Date::parse(&text),
        (None, None) => f64::NAN,
    };
    match millis >= 0.0 {
        true => Ok(Some(iso8601(millis as u64))),
        false => Err(invalid(&["\"timestamp\" must be a Date or an ISO 8601 text from 1970 on"])),
    }
}
