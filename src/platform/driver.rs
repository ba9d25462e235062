//! The loop: inputs go into the engine, and its outputs to the host, who knows timers, requests and
//! callbacks by their numbers. The engine is borrowed only inside `handle` and `poll`, so that the host
//! may call back in.

use super::host::{self, Host};
use crate::core::engine::Engine;
use crate::core::error::Error;
use crate::core::io::{Input, Output};
use crate::core::time::Timestamp;
use crate::core::wire::Trouble;
use std::cell::RefCell;
use std::rc::Rc;

/// Delivery for one client.
pub struct Driver {
    engine: RefCell<Engine>,
    host: Rc<Host>,
}

impl Driver {
    /// A driver that has done nothing yet.
    pub fn new(engine: Engine, host: Rc<Host>) -> Self {
        Driver { engine: RefCell::new(engine), host }
    }

    /// Tells the host the counts.
    pub fn count(&self) {
        let ledger = self.engine.borrow().ledger();
        self.host.counts(
            ledger.accepted as f64,
            ledger.delivered as f64,
            ledger.rejected as f64,
            ledger.expired as f64,
            ledger.dropped as f64,
            ledger.pending as f64,
        );
    }

    /// Hands it on; whether something follows.
    pub fn tell(&self, now: f64, input: Input) -> bool {
        self.engine.borrow_mut().handle(Timestamp::from_millis(now as u64), input)
    }

    /// Hands it on, and does what follows.
    pub fn handle(&self, now: f64, input: Input) {
        #[cfg(feature = "trap")]
        super::trap::where_told(&input);
        let mut follows = self.tell(now, input);
        while follows {
            let output = self.engine.borrow_mut().poll();
            match output {
                Output::Send(request) => {
                    let attempt = request.attempt;
                    self.host.send(
                        request.id,
                        &host::numbers(&request.events),
                        attempt.failures,
                        millis(attempt.first),
                        millis(attempt.last),
                        match attempt.trouble {
                            Trouble::Network => 0,
                            Trouble::Timeout => 1,
                            Trouble::Status(status) => status,
                        },
                        &request.packed,
                        request.keepalive,
                    );
                }
                Output::Abort(request) => self.host.abort(request),
                Output::DeadLetter(error, events) => self.dead_letter(&error, &events),
                Output::Mark(mark, first, count) => {
                    self.host.mark(mark as u8, first as f64, count as f64);
                }
                Output::Tell(until) => self.host.tell(until.map_or(0.0, millis)),
                Output::Flushed(token) => self.host.flushed(token),
                Output::Sleep(until, _why) => {
                    self.host.sleep(until.map_or(f64::INFINITY, millis));
                    follows = false;
                }
            }
        }
    }

    fn dead_letter(&self, error: &Error, events: &[u64]) {
        let (code, fault) = (error.code.name(), error.code.fault().name());
        let status = error.status.unwrap_or(0);
        self.host.dead(code, fault, &error.message, status, &host::numbers(events));
    }
}

fn millis(moment: Timestamp) -> f64 {
    moment.as_millis() as f64
}
