//! One buffered client: the engine with a protocol, driven. The classes `Collector`, `Analytics`
//! and `Streamer` check their arguments and stand on this.

use crate::core::engine::Engine;
use crate::core::event::{Event, Stream};
use crate::core::io::Input;
use crate::core::policy::{Overflow, Policy};
use crate::core::time::Timestamp;
use crate::core::wire::Wire;
use crate::platform::driver::{Driver, Hooks};
use crate::platform::fetch::Transport;
use crate::platform::host::{self, Function, Log};
use crate::protocol::initial_state::EventsWire;
use crate::protocol::rudderstack::BatchWire;
use crate::protocol::stride::CollectWire;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// Delivery for one client object.
#[wasm_bindgen]
pub struct Delivery {
    driver: Driver,
    /// The stream of the last call: mostly the next one's too.
    last: RefCell<Stream>,
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
            last: RefCell::new(Stream::new("")),
        }
    }

    /// Takes an event. It is what must be done before the events that follow in its stream (flag 1),
    /// was accepted by an earlier visit or another page (2) at that time, and handed over by it (4).
    /// `spliced` bytes of the text after its first are our own.
    pub fn offer(
        &self,
        stream: &str,
        text: String,
        sequence: f64,
        spliced: u32,
        flags: u8,
        at: f64,
    ) {
        let sequence = sequence as u64;
        let stream = self.stream(stream);
        let event = Event { stream, text, spliced, control: flags & 1 > 0 };
        if flags & 2 > 0 {
            let at = Timestamp::from_millis(at as u64);
            self.driver.handle(Input::Adopt(sequence, event, at, flags & 4 > 0));
        } else {
            self.driver.offer(sequence, event);
        }
    }

    /// Tells what happened: the page is seen (0), hides, with a budget in bytes for what outlives it
    /// (1), is online (2), stands still (3), goes on (4); a log is being read (5), and was read (6);
    /// another page learned until when the server is in trouble (7), or that it is not (8); sending
    /// may begin again (9); another page has adopted what is held (10); what waits is to be dropped (11).
    pub fn happens(&self, what: u8, number: f64) {
        self.driver.handle(match what {
            0 => Input::Show,
            1 => return self.driver.hide(number as usize),
            2 => Input::Online,
            3 => Input::Freeze,
            4 => Input::Thaw,
            5 => Input::Load,
            6 => Input::Adopted,
            7 => Input::Told(Some(Timestamp::from_millis(number as u64))),
            8 => Input::Told(None),
            9 => Input::Start,
            10 => Input::Forget,
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
