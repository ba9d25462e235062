//! One buffered client: the engine with a protocol, driven. The classes `Collector` and
//! `Analytics` check their arguments and stand on this.

use crate::core::engine::Engine;
use crate::core::event::{Event, Stream};
use crate::core::policy::{Overflow, Policy};
use crate::core::rng::Rng;
use crate::core::time::iso8601;
use crate::core::wire::Wire;
use crate::platform::driver::{Driver, Hooks};
use crate::platform::fetch::Transport;
use crate::platform::{clock, host};
use crate::protocol::rudderstack::{BatchWire, CONTEXT, Call, Kind};
use crate::protocol::stride::{self, CollectWire};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Delivery for one client object.
#[wasm_bindgen]
pub struct Delivery {
    driver: Driver,
    rng: RefCell<Rng>,
    /// The stream of the last call: mostly the next one's too.
    last: RefCell<Stream>,
    /// `web` or `server`, as RudderStack calls them.
    channel: &'static str,
}

#[wasm_bindgen]
impl Delivery {
    /// `policy` is the numbers of `delivery.js`, in its order.
    #[wasm_bindgen(constructor)]
    pub fn new(
        protocol: u8,
        endpoint: String,
        authorization: String,
        policy: &[f64],
        fetch: Option<Function>,
        on_error: Option<Function>,
        wait_until: Option<Function>,
    ) -> Delivery {
        let wire: Box<dyn Wire> = match protocol {
            0 => Box::new(CollectWire),
            _ => Box::new(BatchWire),
        };
        let transport = Transport { endpoint, authorization, fetch };
        let engine = Engine::new(wire, to_policy(policy), host::rng());
        Delivery {
            driver: Driver::new(engine, Hooks { transport, on_error, wait_until }),
            rng: RefCell::new(host::rng()),
            last: RefCell::new(Stream::new("")),
            channel: if host::has_page() { "web" } else { "server" },
        }
    }

    /// A random id.
    pub fn uuid(&self) -> String {
        self.rng.borrow_mut().uuid()
    }

    /// Takes an event of a Stride stream; the text is that of an object.
    pub fn collect(&self, stream: &str, text: String) {
        let event = stride::event(self.stream(stream), text, &mut self.rng.borrow_mut());
        self.driver.offer(event);
    }

    /// Takes a RudderStack call; see `protocol::rudderstack::Call` for the arguments.
    #[allow(clippy::too_many_arguments, reason = "one crossing for one event")]
    pub fn call(
        &self,
        kind: u8,
        name: Option<String>,
        category: Option<String>,
        properties: &str,
        anonymous_id: &str,
        user_id: Option<String>,
        message_id: Option<String>,
        timestamp: Option<f64>,
        context: Option<String>,
        integrations: Option<String>,
    ) {
        let message_id = message_id.unwrap_or_else(|| self.uuid());
        let given = timestamp.map(|millis| iso8601(millis as u64));
        let now;
        let original_timestamp = match &given {
            Some(given) => given,
            None => {
                now = iso8601(clock::now().as_millis());
                &now
            }
        };
        let text = Call {
            kind: match kind {
                0 => Kind::Track,
                1 => Kind::Page,
                _ => Kind::Screen,
            },
            message_id: &message_id,
            channel: self.channel,
            anonymous_id,
            user_id: user_id.as_deref(),
            name: name.as_deref(),
            category: category.as_deref(),
            properties_json: properties,
            context_json: context.as_deref().unwrap_or(CONTEXT),
            integrations_json: integrations.as_deref(),
            original_timestamp,
            timestamp: given.as_deref(),
        }
        .to_text();
        let stream = self.stream(user_id.as_deref().unwrap_or(anonymous_id));
        self.driver.offer(Event::new(stream, text));
    }

    /// Sending may begin again.
    pub fn start(&self) {
        self.driver.start();
    }

    /// Resolves when what is held now is settled, or after `timeout` milliseconds.
    pub fn flush(&self, timeout: f64, close: bool) -> Promise {
        self.driver.flush(timeout as u64, close)
    }

    /// Calls back with the six counts.
    pub fn ledger(&self) -> JsValue {
        self.driver.ledger()
    }

    fn stream(&self, name: &str) -> Stream {
        let mut last = self.last.borrow_mut();
        if last.name() != name {
            *last = Stream::new(name);
        }
        last.clone()
    }
}

fn to_policy(numbers: &[f64]) -> Policy {
    let at = |index: usize| numbers.get(index).copied().unwrap_or(0.0);
    Policy {
        flush_interval_ms: at(0) as u64,
        batch_count_max: at(1) as usize,
        batch_bytes_max: at(2) as usize,
        queue_count_max: at(3) as usize,
        queue_bytes_max: at(4) as usize,
        concurrency_max: at(5) as usize,
        timeout_ms: at(6) as u64,
        age_max_ms: at(7) as u64,
        attempts_max: Some(at(8) as u32).filter(|most| *most > 0),
        overflow: if at(9) > 0.0 { Overflow::DropNewest } else { Overflow::DropOldest },
        gzip: at(10) > 0.0,
    }
}
