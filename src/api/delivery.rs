//! One buffered client: the engine with a protocol, driven. The classes `Collector`, `Analytics`
//! and `Streamer` check their arguments and stand on this.

use crate::core::engine::Engine;
use crate::core::event::{Event, Stream};
use crate::core::io::Input;
use crate::core::policy::{Overflow, Policy};
use crate::core::rng::Rng;
use crate::core::time::Timestamp;
use crate::core::wire::Wire;
use crate::platform::driver::{Driver, Hooks};
use crate::platform::fetch::Transport;
use crate::platform::host::Log;
use crate::platform::{clock, host};
use crate::protocol::initial_state::EventsWire;
use crate::protocol::rudderstack::{self, BatchWire};
use crate::protocol::stride::{self, CollectWire};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// Delivery for one client object.
#[wasm_bindgen]
pub struct Delivery {
    driver: Driver,
    /// Taken while it is used, so that a call from within a callback finds none and makes another,
    /// and so does a call after one that the host refused entropy.
    rng: Cell<Option<Rng>>,
    /// The stream of the last call: mostly the next one's too.
    last: RefCell<Stream>,
    protocol: u8,
}

#[wasm_bindgen]
impl Delivery {
    /// `headers` are lines, each `name: value\n`; `policy` is the numbers of `delivery.js`, in its
    /// order.
    #[expect(clippy::too_many_arguments, reason = "an object's members would cost more bytes")]
    #[wasm_bindgen(constructor)]
    pub fn new(
        protocol: u8,
        endpoint: String,
        headers: String,
        policy: &[f64],
        fetch: Option<Function>,
        on_error: Option<Function>,
        wait_until: Option<Function>,
        log: Log,
    ) -> Delivery {
        let wire: Box<dyn Wire> = match protocol {
            0 => Box::new(CollectWire),
            1 => Box::new(BatchWire),
            _ => Box::new(EventsWire),
        };
        let transport = Transport { endpoint, headers, fetch };
        let engine = Engine::new(wire, to_policy(policy), host::rng());
        Delivery {
            driver: Driver::new(engine, Hooks { transport, on_error, wait_until, log }),
            rng: Cell::default(),
            last: RefCell::new(Stream::new("")),
            protocol,
        }
    }

    /// Takes an event. Its text is whole (0), or has no id yet and gets what its protocol puts in
    /// front (1; see `stride::event`, `rudderstack::event`), or is what must be done before the
    /// events that follow in its stream (2).
    pub fn offer(&self, stream: &str, text: String, form: u8) {
        let stream = self.stream(stream);
        let event = self.with_rng(|rng| match (form, self.protocol) {
            (1, 0) => stride::event(stream, &text, rng),
            (1, _) => rudderstack::event(stream, &text, rng, clock::now()),
            _ => Event { control: form == 2, ..Event::new(stream, text) },
        });
        self.driver.offer(event);
    }

    /// Takes over records of others: each after its length (u32, little endian).
    pub fn adopt(&self, records: Vec<u8>) {
        self.driver.handle(Input::Adopt(records));
    }

    /// Tells what happened: the page is seen (0), hides, with a budget in bytes for what outlives it
    /// (1), is online (2), stands still (3), goes on (4); a log is being read (5); what is new is to be
    /// stored (6); a record was stored (7) or not (8); another page learned until when the server is
    /// in trouble (9), or that it is not (10); sending may begin again (11); what waits is to be
    /// dropped (12).
    pub fn happens(&self, what: u8, number: f64) {
        self.driver.handle(match what {
            0 => Input::Show,
            1 => return self.driver.hide(number as usize),
            2 => Input::Online,
            3 => Input::Freeze,
            4 => Input::Thaw,
            5 => Input::Load,
            6 => Input::Persist,
            7 => Input::Stored(true),
            8 => Input::Stored(false),
            9 => Input::Told(Some(Timestamp::from_millis(number as u64))),
            10 => Input::Told(None),
            11 => Input::Start,
            _ => Input::Discard,
        });
    }

    /// Calls `done` with the ledger when what is held now is settled, or after `timeout`
    /// milliseconds.
    pub fn flush(&self, timeout: f64, close: bool, done: Function) {
        self.driver.flush(timeout as u64, close, done);
    }

    /// Calls back with the six counts.
    pub fn ledger(&self) -> JsValue {
        self.driver.ledger()
    }

    fn with_rng<T>(&self, act: impl FnOnce(&mut Rng) -> T) -> T {
        let mut rng = self.rng.take().unwrap_or_else(host::rng);
        let made = act(&mut rng);
        self.rng.set(Some(rng));
        made
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
