//! `Collector`: batches events of streams and delivers them.

use super::options::{self, invalid};
use super::{delivery, error, stride};
use crate::core::error::{Code, Error};
use crate::core::event::Stream;
use crate::core::policy::Policy;
use crate::core::rng::Rng;
use crate::platform::driver::Driver;
use crate::platform::host;
use crate::protocol::stride::{CollectWire, event, is_name};
use js_sys::{Array, Promise};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The batching client of Stride's `/collect`.
#[wasm_bindgen]
pub struct Collector {
    driver: Driver,
    rng: RefCell<Rng>,
    running: Cell<bool>,
    /// The stream of the last call: mostly the next one's too.
    last: RefCell<Stream>,
}

#[wasm_bindgen]
impl Collector {
    /// Checks key and options; does no I/O.
    #[wasm_bindgen(constructor)]
    pub fn new(api_key: &JsValue, given: &JsValue) -> Result<Collector, JsValue> {
        let key = options::key(api_key, "apiKey")?;
        let transport = options::transport(given, stride::endpoint(given)?, Some(&key))?;
        // As `pystride`: 0.25 s, 1000 events, 2 requests, 5 s. Its queue held batches of calls;
        // ours holds enough for a burst.
        let defaults = Policy {
            flush_interval_ms: 250,
            batch_count_max: 1000,
            queue_count_max: 100_000,
            queue_bytes_max: 64 * 1024 * 1024,
            concurrency_max: 2,
            timeout_ms: 5_000,
            ..Policy::default()
        };
        Ok(Collector {
            driver: delivery::driver(given, defaults, Box::new(CollectWire), transport)?,
            rng: RefCell::new(host::rng()),
            running: Cell::new(false),
            last: RefCell::new(Stream::new("")),
        })
    }

    /// Events are taken from now on. A second start does nothing.
    pub fn start(&self) {
        self.running.set(true);
        self.driver.start();
    }

    /// Takes one event or an array of them.
    pub fn collect(&self, stream: &JsValue, events: &JsValue) -> Result<(), JsValue> {
        if !self.running.get() {
            let message = "the collector is not running: call start() first";
            return Err(error::to_js(&Error::new(Code::NotRunning, message)));
        }
        let name = options::required_text(stream, "stream")?;
        if name != self.last.borrow().name() {
            if !is_name(&name) {
                let rule = "\" is no stream name: a letter, then letters, digits or _";
                return Err(invalid(&["\"stream\" \"", &name, rule]));
            }
            *self.last.borrow_mut() = Stream::new(&name);
        }
        let stream = self.last.borrow().clone();
        // All are checked before one is taken, so a bad event never leaves half an array behind.
        let mut accepted = Vec::new();
        let mut add = |value: &JsValue| {
            let made = event(&stream, host::stringify(value), &mut self.rng.borrow_mut());
            accepted.push(made.map_err(|error| error::to_js(&error))?);
            Ok::<(), JsValue>(())
        };
        match Array::is_array(events) {
            true => Array::unchecked_from_js_ref(events).iter().try_for_each(|one| add(&one))?,
            false => add(events)?,
        }
        for event in accepted {
            self.driver.offer(event);
        }
        Ok(())
    }

    /// Sends everything held now.
    pub fn flush(&self, given: &JsValue) -> Result<Promise, JsValue> {
        delivery::flush(&self.driver, given, false)
    }

    /// Delivers what is held, then stops.
    pub fn stop(&self, given: &JsValue) -> Result<Promise, JsValue> {
        let done = delivery::flush(&self.driver, given, true)?;
        self.running.set(false);
        Ok(done)
    }

    /// The counts now.
    pub fn ledger(&self) -> JsValue {
        self.driver.ledger_object()
    }
}
