//! One buffered client: the engine with a protocol, driven. The classes `Collector`, `Analytics`
//! and `Streamer` check their arguments and stand on this. Times are milliseconds since 1970 and
//! never run backwards.

use crate::core::engine::Engine;
use crate::core::event::{Event, Stream};
use crate::core::io::{Answer, Input};
use crate::core::policy::{Overflow, Policy};
use crate::core::time::Timestamp;
use crate::core::wire::Wire;
use crate::platform::driver::Driver;
use crate::platform::host::{self, Host};
use crate::protocol::initial_state::EventsWire;
use crate::protocol::rudderstack::BatchWire;
use crate::protocol::stride::CollectWire;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Delivery for one client object.
#[wasm_bindgen]
pub struct Delivery {
    driver: Driver,
    stream: RefCell<Stream>,
}

#[wasm_bindgen]
impl Delivery {
    /// `policy` is the numbers of `delivery.js`, in its order.
    #[wasm_bindgen(constructor)]
    pub fn new(protocol: u8, policy: &[f64], host: Host) -> Delivery {
        let wire: Box<dyn Wire> = match protocol {
            0 => Box::new(CollectWire),
            1 => Box::new(BatchWire),
            _ => Box::new(EventsWire),
        };
        let host = Rc::new(host);
        let engine = Engine::new(wire, Box::new(host.clone()), to_policy(policy), host::rng());
        Delivery { driver: Driver::new(engine, host), stream: RefCell::new(Stream::new("")) }
    }

    /// The stream of the events that are offered from now on.
    pub fn stream(&self, name: &str) {
        self.stream.replace(Stream::new(name));
    }

    /// Takes an event of so many bytes. It is what must be done before the events that follow in its
    /// stream (flag 1), was accepted by an earlier visit or another page (2) at that time, and handed over
    /// by it (4).
    pub fn offer(&self, now: f64, sequence: f64, bytes: usize, flags: u8, at: f64) {
        let sequence = sequence as u64;
        let stream = self.stream.borrow().clone();
        let event = Event { stream, bytes, control: flags & 1 > 0 };
        self.driver.handle(
            now,
            if flags & 2 > 0 {
                Input::Adopt(sequence, event, Timestamp::from_millis(at as u64), flags & 4 > 0)
            } else {
                Input::Offer(sequence, event)
            },
        );
    }

    /// A request was answered, with `Retry-After` in milliseconds or 0; status 0: there was no answer.
    pub fn answered(&self, now: f64, id: u32, status: u16, retry_after: f64, body: String) {
        let retry_after = (retry_after > 0.0).then_some(retry_after as u64);
        self.driver.handle(
            now,
            match status {
                0 => Input::Failed(id),
                _ => Input::Answered(id, Answer { status, retry_after, body }),
            },
        );
    }

    /// `Host::flushed` follows when what is held now is settled, or after `timeout` milliseconds. With
    /// `close`, nothing is sent after that.
    pub fn flush(&self, now: f64, token: u32, timeout: f64, close: bool) {
        let timeout = timeout as u64;
        self.driver.handle(
            now,
            if close { Input::Close(token, timeout) } else { Input::Flush(token, timeout) },
        );
    }

    /// `Host::counts` follows.
    pub fn ledger(&self) {
        self.driver.count();
    }

    /// Tells what happened: the page is seen (0), hides, with a budget in bytes for what outlives it
    /// (1), is online (2), stands still (3), goes on (4); stored events are being read (5), and were
    /// read (6); another page learned until when the server is in trouble (7), or that it is not (8);
    /// sending may begin again (9); another page has adopted what is held (10); what waits is to be
    /// dropped (11); time has passed (12); a request was not handed over (13), or outlives the page (14), as
    /// the page is about to hide.
    pub fn happens(&self, now: f64, what: u8, number: f64) {
        let input = match what {
            0 => Input::Show,
            1 => Input::Hide(number as usize),
            2 => Input::Online,
            3 => Input::Freeze,
            4 => Input::Thaw,
            5 => Input::Load,
            6 => Input::Adopted,
            7 => Input::Told(Some(Timestamp::from_millis(number as u64))),
            8 => Input::Told(None),
            9 => Input::Start,
            10 => Input::Forget,
            11 => Input::Discard,
            13 => Input::Unsent(number as u32),
            14 => Input::Kept(number as u32),
            _ => Input::Tick,
        };
        match what {
            13 | 14 => _ = self.driver.tell(now, input),
            _ => self.driver.handle(now, input),
        }
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
        trusts_unheard: at(11) > 0.0,
    }
}
